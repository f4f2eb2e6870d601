//! Which files `pol fmt` formats, by the set that each belongs to.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::super::Stop;

/// The files of one set, or those of none.
pub struct Group {
    /// The folder with the set's `pol.toml`.
    pub set: Option<PathBuf>,
    pub files: Vec<PathBuf>,
}

/// The `.pol` files that paths name, folders with all below them, each once, by their sets.
pub fn groups(paths: &[String]) -> Result<Vec<Group>, Stop> {
    let (mut known, mut groups) = (BTreeSet::new(), BTreeMap::<_, Vec<PathBuf>>::new());
    for path in paths.iter().map(Path::new) {
        let files = if path.is_dir() { below(path)? } else { vec![one(path)?] };
        for file in files {
            let real = fs::canonicalize(&file).unwrap_or_else(|_| file.clone());
            let set = set_of(&file, &real);
            if known.insert(real) {
                groups.entry(set).or_default().push(file);
            }
        }
    }
    Ok(groups.into_iter().map(|(set, files)| Group { set, files }).collect())
}

fn one(path: &Path) -> Result<PathBuf, Stop> {
    let shown = path.display();
    if !path.exists() {
        return Err(Stop::Usage(format!("{shown}: there is no such file or folder")));
    }
    if path.extension().is_none_or(|extension| extension != "pol") {
        return Err(Stop::Usage(format!("{shown} is not a policy; the files of policies end in .pol")));
    }
    Ok(path.to_owned())
}

/// The `.pol` files below a folder; what begins with a dot is not looked at.
fn below(folder: &Path) -> Result<Vec<PathBuf>, Stop> {
    let (mut found, mut waiting) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = waiting.pop() {
        let entries = fs::read_dir(&folder)
            .map_err(|error| Stop::Usage(format!("{} cannot be read: {error}", folder.display())))?;
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let Ok(kind) = entry.file_type() else { continue };
            match (name.starts_with('.'), kind.is_dir()) {
                (true, _) => {}
                (false, true) => waiting.push(entry.path()),
                (false, false) if name.ends_with(".pol") => found.push(plain(entry.path())),
                (false, false) => {}
            }
        }
    }
    if found.is_empty() {
        return Err(Stop::Usage(format!("there is no .pol file in {}", folder.display())));
    }
    found.sort();
    Ok(found)
}

/// Without the `./` of the folder where the command runs.
fn plain(path: PathBuf) -> PathBuf {
    path.strip_prefix(".").map(Path::to_owned).unwrap_or(path)
}

/// The nearest folder above a file that has a `pol.toml`, written as the file is where that can be.
fn set_of(file: &Path, real: &Path) -> Option<PathBuf> {
    let is_set = |folder: &&Path| folder.join("pol.toml").is_file();
    let here =
        |folder: &Path| if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_owned() };
    let near = file.ancestors().skip(1).find(is_set).map(here);
    near.or_else(|| real.ancestors().skip(1).find(is_set).map(Path::to_owned))
}
