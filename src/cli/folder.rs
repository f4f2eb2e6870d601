//! A folder of files that appears whole or not at all, and takes the place of an earlier one that pol wrote.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::{Outcome, Stop};

/// The list of files that pol wrote, a path in each line: what stands in it may be replaced, nothing else.
const LIST: &str = ".pol-doc";

/// Writes files, by their paths from the folder (with `/`), beside it and moves them into its place.
///
/// # Errors
/// Where the folder holds files that pol did not write, or cannot be written; it is then as it was before.
pub fn replace_folder(folder: &Path, files: &BTreeMap<String, String>) -> Outcome {
    // A link stays a link: what it leads to is replaced.
    let to = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let cannot = |error: io::Error| cannot(folder, &error);
    let taken = may_be_replaced(&to, folder)?;
    let above = to.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(above).map_err(cannot)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".pol-").suffix(".part");
    #[cfg(unix)]
    builder.permissions(permissions(&to));
    let aside = builder.tempdir_in(above).map_err(cannot)?;
    let new = aside.path().join("new");
    fs::create_dir(&new).map_err(cannot)?;
    write_all(&new, files).map_err(cannot)?;
    let old = aside.path().join("old");
    if taken {
        fs::rename(&to, &old).map_err(cannot)?;
    }
    if let Err(error) = fs::rename(&new, &to) {
        // What was there comes back.
        let back = if taken { fs::rename(&old, &to) } else { Ok(()) };
        return Err(cannot(back.err().unwrap_or(error)));
    }
    Ok(())
}

fn cannot(folder: &Path, error: &io::Error) -> Stop {
    Stop::Usage(format!("{}: cannot be written: {error}", folder.display()))
}

fn write_all(folder: &Path, files: &BTreeMap<String, String>) -> io::Result<()> {
    let mut list = String::new();
    for (path, text) in files {
        let to = folder.join(path);
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&to, text)?;
        list.push_str(path);
        list.push('\n');
    }
    fs::write(folder.join(LIST), list)
}

/// Whether there is a folder already; refuses one that holds what pol did not write.
fn may_be_replaced(folder: &Path, shown: &Path) -> Result<bool, Stop> {
    match fs::symlink_metadata(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(cannot(shown, &error)),
        Ok(meta) if !meta.is_dir() => {
            let shown = shown.display();
            return Err(Stop::Usage(format!("{shown} is not a folder; name a folder for the site")));
        }
        Ok(_) => {}
    }
    let list = match fs::read_to_string(folder.join(LIST)) {
        Ok(list) => list,
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        Err(error) => return Err(cannot(shown, &error)),
    };
    let mut own: Vec<&str> = list.lines().collect();
    own.push(LIST);
    own.sort_unstable();
    let foreign = foreign(folder, Path::new(""), &own).map_err(|error| cannot(shown, &error))?;
    match foreign {
        None => Ok(true),
        Some(file) => Err(Stop::Usage(format!(
            "{} holds {}, which `pol doc` did not write; nothing was changed. Name a new or an empty folder",
            shown.display(),
            file.display()
        ))),
    }
}

/// The first file or empty folder below a folder that is not in the list.
fn foreign(folder: &Path, inner: &Path, own: &[&str]) -> io::Result<Option<PathBuf>> {
    let mut entries = fs::read_dir(folder.join(inner))?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = inner.join(entry.file_name());
        let below = own.iter().any(|own| Path::new(own).starts_with(&path) && Path::new(own) != path);
        let found = match entry.file_type()?.is_dir() {
            true if below => foreign(folder, &path, own)?,
            false if own.iter().any(|own| Path::new(own) == path) => None,
            _ => Some(path),
        };
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// Those of the folder that is replaced, or those of any new folder.
#[cfg(unix)]
fn permissions(to: &Path) -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(to).map_or_else(|_| PermissionsExt::from_mode(0o777), |meta| meta.permissions())
}
