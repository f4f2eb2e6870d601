//! Finds the policy sets of a workspace.

use std::fs;
use std::path::{Path, PathBuf};

/// How deep folders are searched.
const DEPTH: usize = 6;
/// The most folders that are looked into.
const FOLDERS: usize = 5_000;
/// The most sets that are kept checked.
const SETS: usize = 200;

/// The folders with a `pol.toml` below a folder, itself included; hidden ones are passed over.
pub fn below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![(folder.to_owned(), 0)];
    let mut seen = 0;
    while let Some((folder, depth)) = waiting.pop() {
        seen += 1;
        if seen > FOLDERS || found.len() >= SETS {
            break;
        }
        if folder.join("pol.toml").is_file() {
            found.push(folder.clone());
        }
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let passed_over = name.starts_with('.') || matches!(&*name, "target" | "node_modules");
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder && !passed_over && depth < DEPTH {
                waiting.push((entry.path(), depth + 1));
            }
        }
    }
    found.sort();
    found
}

/// The set that a file belongs to: the nearest folder above it with a `pol.toml`.
pub fn home(path: &Path) -> Option<PathBuf> {
    let mut above = path.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty());
    above.find(|folder| folder.join("pol.toml").is_file()).map(Path::to_owned)
}
