//! Files that appear whole or not at all.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::tables::error::TableError;

/// A file in the making: written beside its place and moved there at the end. Standard output (`-`) and what
/// is no regular file (`/dev/stdout`, a pipe) are written to directly.
pub struct Aside {
    name: String,
    target: Target,
}

enum Target {
    Direct(BufWriter<Box<dyn Write + Send>>),
    Moved { file: BufWriter<NamedTempFile>, to: PathBuf },
}

impl Aside {
    /// # Errors
    /// Where the folder cannot be written to.
    pub fn create(path: &str) -> Result<Aside, TableError> {
        let cannot = |error: io::Error| TableError::io(path, "cannot be written", &error);
        let name = path.to_owned();
        if path == "-" {
            let out: Box<dyn Write + Send> = Box::new(io::stdout());
            return Ok(Aside {
                name: "standard output".to_owned(),
                target: Target::Direct(BufWriter::new(out)),
            });
        }
        if is_device(Path::new(path)) {
            let file = OpenOptions::new().write(true).open(path).map_err(cannot)?;
            let out: Box<dyn Write + Send> = Box::new(file);
            return Ok(Aside { name, target: Target::Direct(BufWriter::new(out)) });
        }
        // A link stays a link: what it leads to is replaced.
        let to = std::fs::canonicalize(path).unwrap_or_else(|_| PathBuf::from(path));
        if to.is_dir() {
            return Err(TableError::new(path, "cannot be written: it is a folder"));
        }
        let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if !folder.is_dir() {
            let message = format!("cannot be written: there is no folder {}", folder.display());
            return Err(TableError::new(path, message));
        }
        let mut builder = tempfile::Builder::new();
        builder.prefix(".pol-").suffix(".part");
        #[cfg(unix)]
        builder.permissions(permissions(&to));
        let file = builder.tempfile_in(folder).map_err(cannot)?;
        Ok(Aside { name, target: Target::Moved { file: BufWriter::with_capacity(1 << 16, file), to } })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Writes what is left and puts the file in its place.
    ///
    /// # Errors
    /// Where the disk is full, or the place cannot be taken; nothing is left behind then.
    pub fn finish(self) -> Result<(), TableError> {
        let name = self.name;
        let cannot = |error: io::Error| TableError::io(&name, "cannot be written", &error);
        match self.target {
            Target::Direct(mut out) => out.flush().map_err(cannot),
            Target::Moved { file, to } => {
                let file = file.into_inner().map_err(|error| cannot(error.into_error()))?;
                file.persist(&to).map(|_: File| ()).map_err(|error| cannot(error.error))
            }
        }
    }
}

impl Write for Aside {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.target {
            Target::Direct(out) => out.write(bytes),
            Target::Moved { file, .. } => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.target {
            Target::Direct(out) => out.flush(),
            Target::Moved { file, .. } => file.flush(),
        }
    }
}

/// Whether a path is no regular file, or leads out of the file system's ordinary part.
fn is_device(path: &Path) -> bool {
    let special = path.starts_with("/dev") || path.starts_with("/proc");
    std::fs::metadata(path).is_ok_and(|meta| !meta.is_dir() && (special || !meta.is_file()))
}

/// Those of the file that is replaced, or those of any new file.
#[cfg(unix)]
fn permissions(to: &Path) -> std::fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(to).map_or_else(|_| PermissionsExt::from_mode(0o666), |meta| meta.permissions())
}
