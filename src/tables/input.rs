//! Where records come from: files, globs of them, sheets of workbooks, standard input.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use tempfile::NamedTempFile;

use super::error::TableError;
use super::format::Format;
use super::read::{self, Table, TextEncoding};

/// One file of records; it can be read as often as wanted.
#[derive(Debug, Clone)]
pub struct Input {
    name: String,
    path: PathBuf,
    /// The sheet of a workbook; the first one where none is named.
    sheet: Option<String>,
    format: Format,
    /// The encoding of a text file, once it is known.
    pub(super) encoding: Arc<OnceLock<TextEncoding>>,
    /// What could be read only once, kept aside.
    _spool: Option<Arc<NamedTempFile>>,
}

/// The files that an argument names: a path, `book.xlsx#Sheet`, a pattern (`data/*.parquet`, in the order of
/// their names), or `-` for standard input, whose format must be given.
///
/// # Errors
/// Where nothing is there, or the format can be told neither from the name nor from the first bytes, or the
/// first bytes are those of another format.
pub fn expand(argument: &str, format: Option<Format>) -> Result<Vec<Input>, TableError> {
    if argument == "-" {
        let Some(format) = format else {
            return Err(TableError::new("-", "the format of standard input must be given (--input-format)"));
        };
        return Ok(vec![Input::spooled("-", &mut io::stdin().lock(), None, Some(format))?]);
    }
    if !Path::new(argument).exists() && argument.contains(['*', '?', '[']) {
        return glob(argument, format);
    }
    let named_sheet = argument.rsplit_once('#').filter(|_| !Path::new(argument).exists());
    if let Some((path, sheet)) = named_sheet
        && Format::of_path(Path::new(path)) == Some(Format::Xlsx)
    {
        return Ok(vec![Input::new(path, Some(sheet.to_owned()), format)?]);
    }
    Ok(vec![Input::new(argument, None, format)?])
}

fn glob(pattern: &str, format: Option<Format>) -> Result<Vec<Input>, TableError> {
    let paths =
        glob::glob(pattern).map_err(|error| TableError::new(pattern, format!("is no pattern: {error}")))?;
    let mut inputs = Vec::new();
    for path in paths {
        let path = path.map_err(|error| TableError::io(pattern, "cannot be searched", error.error()))?;
        if path.is_file() {
            inputs.push(Input::new(&path.to_string_lossy(), None, format)?);
        }
    }
    if inputs.is_empty() {
        return Err(TableError::new(pattern, "no file has such a name"));
    }
    Ok(inputs)
}

impl Input {
    fn new(name: &str, sheet: Option<String>, format: Option<Format>) -> Result<Input, TableError> {
        let path = PathBuf::from(name);
        let cannot = |error: io::Error| TableError::io(name, "cannot be read", &error);
        let meta = std::fs::metadata(&path).map_err(cannot)?;
        if meta.is_dir() {
            return Err(TableError::new(name, "is a folder; name the files in it, such as `folder/*.csv`"));
        }
        let format = format.or_else(|| Format::of_path(&path));
        if !meta.is_file() {
            return Input::spooled(name, &mut File::open(&path).map_err(cannot)?, sheet, format);
        }
        Input::settled(name.to_owned(), path, sheet, format, None)
    }

    /// Copies what can be read only once (a pipe) to a temporary file, which goes when the input does.
    fn spooled(
        name: &str,
        from: &mut dyn Read,
        sheet: Option<String>,
        format: Option<Format>,
    ) -> Result<Input, TableError> {
        let name = if name == "-" { "standard input" } else { name };
        let cannot = |error: io::Error| TableError::io(name, "cannot be kept in a temporary file", &error);
        let mut spool = NamedTempFile::new().map_err(cannot)?;
        io::copy(from, &mut spool).map_err(cannot)?;
        let path = spool.path().to_owned();
        Input::settled(name.to_owned(), path, sheet, format, Some(Arc::new(spool)))
    }

    fn settled(
        name: String,
        path: PathBuf,
        sheet: Option<String>,
        format: Option<Format>,
        spool: Option<Arc<NamedTempFile>>,
    ) -> Result<Input, TableError> {
        let start = first_bytes(&path).map_err(|error| TableError::io(&name, "cannot be read", &error))?;
        if start.is_empty() {
            return Err(TableError::new(&name, "is empty"));
        }
        let Some(format) = format.or_else(|| Format::of_bytes(&start)) else {
            let message = "the format can be told neither from the name nor from the first bytes; give it";
            return Err(TableError::new(&name, message));
        };
        if let Some(objection) = format.objection(&start) {
            return Err(TableError::new(&name, objection));
        }
        Ok(Input { name, path, sheet, format, encoding: Arc::default(), _spool: spool })
    }

    /// The name for people: the path as it was given.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn format(&self) -> Format {
        self.format
    }

    /// About how many rows a text file has, told from its first megabyte; `None` for other formats.
    pub fn estimated_rows(&self) -> Option<u64> {
        if !matches!(self.format, Format::Csv | Format::Ndjson) {
            return None;
        }
        let length = std::fs::metadata(&self.path).ok()?.len();
        let mut start = Vec::new();
        File::open(&self.path).ok()?.take(1 << 20).read_to_end(&mut start).ok()?;
        let lines = start.iter().filter(|byte| **byte == b'\n').count() as u64;
        Some((lines * length / (start.len() as u64).max(1)).max(1))
    }

    /// Opens the file as a table.
    ///
    /// # Errors
    /// Where it is not in its format, or has no columns, or two of the same name.
    pub fn open(&self) -> Result<Table, TableError> {
        read::open(self)
    }

    pub(super) fn file(&self) -> Result<File, TableError> {
        File::open(&self.path).map_err(|error| TableError::io(&self.name, "cannot be read", &error))
    }

    pub(super) fn sheet(&self) -> Option<&str> {
        self.sheet.as_deref()
    }
}

fn first_bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    File::open(path)?.take(64).read_to_end(&mut start)?;
    Ok(start)
}
