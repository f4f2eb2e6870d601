//! Where the files of a run go: which output each kind of record has, and that none falls on another.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::Arguments;
use crate::cli::Stop;
use crate::cli::inputs::{self, RecordInput};
use crate::cli::set::PolicySet;
use crate::tables::Output;

/// One kind of record of a run, and where its answers and rejects go.
pub struct Job {
    pub input: RecordInput,
    pub output: Output,
    /// `None`: to no file, each is told on standard error.
    pub rejects: Option<String>,
    /// The place of the rejects was asked for.
    pub rejects_named: bool,
}

/// Pairs each kind of record with its output and rejects.
pub fn jobs(arguments: &Arguments, set: &PolicySet) -> Result<Vec<Job>, Stop> {
    let groups = inputs::resolve(set, &arguments.input, arguments.input_format, None)?;
    let names: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
    if groups.len() > 1 && !is_folder(&arguments.output) {
        return Err(Stop::Usage(format!(
            "the input holds several kinds of record ({}); give a folder as --output, such as `answers/`",
            names.join(", ")
        )));
    }
    if groups.len() > 1 && arguments.rejects.is_some() {
        return Err(Stop::Usage(
            "--rejects names one file, but there are several kinds of record; leave it out".to_owned(),
        ));
    }
    let jobs: Vec<Job> = groups.into_iter().map(|input| job(arguments, input)).collect::<Result<_, _>>()?;
    keep_apart(&jobs, arguments.summary.as_deref())?;
    Ok(jobs)
}

fn job(arguments: &Arguments, input: RecordInput) -> Result<Job, Stop> {
    let as_input = input.files.first().map(crate::tables::Input::format);
    let folder = is_folder(&arguments.output);
    let format = arguments.output_format.or(as_input.filter(|_| folder || arguments.output == "-"));
    let path = if folder {
        let extension = format.map_or("csv", |format| format.name());
        let file = format!("{}.{extension}", input.name);
        Path::new(&arguments.output).join(file).to_string_lossy().into_owned()
    } else {
        arguments.output.clone()
    };
    let output = Output::new(&path, format)?;
    let rejects = arguments.rejects.clone().or_else(|| beside(&path));
    Ok(Job { input, output, rejects, rejects_named: arguments.rejects.is_some() })
}

/// Whether an output is a folder, in which each kind of record gets a file.
pub fn is_folder(output: &str) -> bool {
    output != "-" && (output.ends_with('/') || Path::new(output).is_dir())
}

/// The default place of rejects: `answers.rejects.csv` beside `answers.parquet`.
fn beside(output: &str) -> Option<String> {
    let path = Path::new(output);
    if output == "-" || path.starts_with("/dev") {
        return None;
    }
    Some(path.with_extension("rejects.csv").to_string_lossy().into_owned())
}

/// No file is written twice in a run, and none is written that is being read.
fn keep_apart(jobs: &[Job], summary: Option<&str>) -> Result<(), Stop> {
    let mut taken: BTreeMap<PathBuf, &str> = BTreeMap::new();
    for file in jobs.iter().flat_map(|job| &job.input.files) {
        taken.insert(real(file.name()), "read as --input");
    }
    let written = jobs.iter().flat_map(|job| {
        let rejects = job.rejects.as_deref().map(|path| (path, "the place of the rejects"));
        [Some((job.output.path.as_str(), "the place of the answers")), rejects]
    });
    let summary = summary.map(|path| (path, "the place of the summary"));
    for (path, what) in written.chain([summary]).flatten() {
        if Path::new(path).starts_with("/dev") {
            continue;
        }
        if let Some(other) = taken.insert(real(path), what) {
            return Err(Stop::Usage(format!(
                "{path}: is {what}, but it is also {other}; nothing was written"
            )));
        }
    }
    Ok(())
}

/// A path without links and detours, also where nothing is there yet.
fn real(path: &str) -> PathBuf {
    let path = Path::new(path);
    fs::canonicalize(path).unwrap_or_else(|_| {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = fs::canonicalize(folder.unwrap_or(Path::new(".")));
        folder.ok().zip(path.file_name()).map_or_else(|| path.to_owned(), |(folder, name)| folder.join(name))
    })
}

/// Folders that were made for a run; they go again where it fails, unless something is in them.
pub struct Made {
    folders: Vec<PathBuf>,
    keep: bool,
}

impl Made {
    /// Makes the output folder where `output` names one.
    pub fn for_output(output: &str) -> Result<Made, Stop> {
        let mut made = Made { folders: Vec::new(), keep: false };
        if is_folder(output) {
            made.folder(Path::new(output))
                .map_err(|error| Stop::Usage(format!("{output}: the folder cannot be made: {error}")))?;
        }
        Ok(made)
    }

    fn folder(&mut self, folder: &Path) -> io::Result<()> {
        let missing: Vec<&Path> = folder
            .ancestors()
            .take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists())
            .collect();
        for folder in missing.into_iter().rev() {
            fs::create_dir(folder)?;
            self.folders.push(folder.to_owned());
        }
        Ok(())
    }

    pub fn keep(mut self) {
        self.keep = true;
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        if self.keep {
            return;
        }
        for folder in self.folders.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}
