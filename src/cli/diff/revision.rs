//! Versions of a policy set: a folder, or a folder in a git revision, which is read with `git` into a temporary one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::cli::Stop;
use crate::cli::set::{self, PolicySet};
use crate::compile::{self, Compiled};
use crate::syntax::ast::ItemKind;

/// Reads a version: a folder, or `REVISION:FOLDER`.
pub fn load(argument: &str) -> Result<PolicySet, Stop> {
    match argument.split_once(':') {
        Some((revision, folder)) if !Path::new(argument).exists() => at_revision(argument, revision, folder),
        _ if Path::new(argument).exists() => set::load(Path::new(argument)),
        _ => Err(Stop::Usage(format!(
            "{argument} is neither a folder nor REVISION:FOLDER, such as main:policies/x"
        ))),
    }
}

fn at_revision(argument: &str, revision: &str, folder: &str) -> Result<PolicySet, Stop> {
    let tree = Tree::find(argument, revision)?;
    let inner = tree.inner(folder)?;
    let copy = TempDir::new()
        .map_err(|error| Stop::Usage(format!("{argument}: no temporary folder can be made: {error}")))?;
    let manifest = if inner.is_empty() { "pol.toml".to_owned() } else { format!("{inner}/pol.toml") };
    if !tree.copy(std::slice::from_ref(&inner), copy.path())? {
        return Err(Stop::Usage(format!("{argument}: there is no such folder in this revision")));
    }
    if !copy.path().join(&manifest).is_file() {
        return Err(Stop::Usage(format!(
            "{argument}: the folder has no pol.toml, so it is not a policy set"
        )));
    }
    let mut known: BTreeSet<String> = BTreeSet::new();
    loop {
        let mut compiled = compile::load(&copy.path().join(&inner));
        // What the set uses stands beside it, and may use more.
        let wanted: Vec<String> = outside(&compiled, &inner)
            .into_iter()
            .filter(|path| !copy.path().join(path).exists() && known.insert(path.clone()))
            .collect();
        if wanted.is_empty() || !tree.copy(&wanted, copy.path())? {
            compiled.sources.show_as(copy.path(), &format!("{revision}:"));
            return set::sound(compiled, &format!("the policy set has errors at {argument}"));
        }
    }
}

/// The folders and files that sets name, by their paths in the repository.
fn outside(compiled: &Compiled, folder: &str) -> Vec<String> {
    let sets = &compiled.input.sets;
    let mut folders: BTreeMap<usize, String> = BTreeMap::from([(0, folder.to_owned())]);
    let (mut waiting, mut found) = (vec![0], Vec::new());
    while let Some(at) = waiting.pop() {
        let (Some(set), Some(folder)) = (sets.get(at), folders.get(&at).cloned()) else { continue };
        for (name, (path, _)) in &set.manifest.uses {
            let Some(path) = joined(&folder, path) else { continue };
            if let Some(used) = set.uses.get(name).filter(|used| !folders.contains_key(used)) {
                folders.insert(*used, path.clone());
                waiting.push(*used);
            }
            found.push(path);
        }
        let mut files: Vec<&str> = set.manifest.sources.values().map(|(path, _)| path.as_str()).collect();
        for item in set.modules.iter().flat_map(|module| &module.file.items) {
            match &item.kind {
                ItemKind::Policy(policy) => {
                    files.extend(policy.sources.iter().map(|source| source.path.text.as_str()));
                }
                ItemKind::Table(table) => files.extend(table.file.as_ref().map(|file| file.text.as_str())),
                ItemKind::Register(register) => files.push(&register.file.text),
                ItemKind::Calendar(calendar) => files.push(&calendar.file.text),
                _ => {}
            }
        }
        found.extend(files.into_iter().filter_map(|file| joined(&folder, file)));
    }
    found
}

/// A path from a folder of the repository as one from its root; `None` where it leaves the repository.
fn joined(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for component in Path::new(path).components() {
        match component {
            Component::Normal(part) => parts.push(part.to_str()?),
            Component::CurDir => {}
            Component::ParentDir => drop(parts.pop()?),
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(parts.join("/"))
}

/// The tree of a revision.
struct Tree {
    argument: String,
    id: String,
}

impl Tree {
    fn find(argument: &str, revision: &str) -> Result<Tree, Stop> {
        if revision.is_empty() || revision.starts_with('-') {
            return Err(Stop::Usage(format!("{argument}: write REVISION:FOLDER, such as main:policies/x")));
        }
        git(argument, &["rev-parse", "--git-dir"])?.map_err(|why| {
            Stop::Usage(format!("{argument}: there is no such folder, and no git repository is here: {why}"))
        })?;
        let tree = format!("{revision}^{{tree}}");
        let id = git(argument, &["rev-parse", "--verify", "--quiet", &tree])?.map_err(|_| {
            Stop::Usage(format!(
                "{argument}: git knows no revision `{revision}`, and there is no such folder"
            ))
        })?;
        Ok(Tree { argument: argument.to_owned(), id: text(&id) })
    }

    /// A folder as git names it: from the root of the repository, or, beginning with `./` or `../`, from here.
    fn inner(&self, folder: &str) -> Result<String, Stop> {
        let here = folder == "." || folder == ".." || folder.starts_with("./") || folder.starts_with("../");
        let prefix = match here {
            true => text(&git(&self.argument, &["rev-parse", "--show-prefix"])?.unwrap_or_default()),
            false => String::new(),
        };
        joined(&prefix, folder)
            .ok_or_else(|| Stop::Usage(format!("{}: the folder is outside of the repository", self.argument)))
    }

    /// Copies folders and files of the revision to the same places below a folder; whether there were any. Links are
    /// left out: what is missing by that is told when the set is read.
    fn copy(&self, paths: &[String], to: &Path) -> Result<bool, Stop> {
        let mut arguments = vec!["ls-tree", "-r", "-z", "--full-tree", self.id.as_str()];
        if paths.iter().all(|path| !path.is_empty()) {
            arguments.push("--");
            arguments.extend(paths.iter().map(String::as_str));
        }
        let list = git(&self.argument, &arguments)?.unwrap_or_default();
        let mut blobs: Vec<(String, PathBuf)> = Vec::new();
        for line in list.split(|byte| *byte == 0).filter(|line| !line.is_empty()) {
            let line = String::from_utf8_lossy(line);
            let Some((head, path)) = line.split_once('\t') else { continue };
            let head: Vec<&str> = head.split(' ').collect();
            let [mode, "blob", id] = head[..] else { continue };
            // Names from a repository must not lead out of the copy.
            if let (true, Some(path)) = (mode.starts_with("100"), joined("", path)) {
                blobs.push((id.to_owned(), to.join(path)));
            }
        }
        self.write(&blobs)?;
        Ok(!blobs.is_empty())
    }

    fn write(&self, blobs: &[(String, PathBuf)]) -> Result<(), Stop> {
        let failed = |what: &dyn std::fmt::Display| {
            Stop::Usage(format!("{}: the revision cannot be read: {what}", self.argument))
        };
        let mut child = Command::new("git")
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| no_git(&self.argument, &error))?;
        let (Some(mut stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(failed(&"git has no pipes"));
        };
        let ids: String = blobs.iter().map(|(id, _)| format!("{id}\n")).collect();
        std::thread::scope(|scope| {
            let asking = scope.spawn(move || stdin.write_all(ids.as_bytes()));
            let mut answers = BufReader::new(stdout);
            for (_, path) in blobs {
                let content = one_blob(&mut answers).map_err(|error| failed(&error))?;
                let folder = path.parent().unwrap_or(path);
                fs::create_dir_all(folder).map_err(|error| failed(&error))?;
                fs::write(path, content).map_err(|error| failed(&error))?;
            }
            drop(answers);
            let _ = asking.join();
            Ok::<(), Stop>(())
        })?;
        child.wait().map_err(|error| failed(&error))?;
        Ok(())
    }
}

/// An answer of `git cat-file --batch`: a line with the size, that many bytes, a line break.
fn one_blob(answers: &mut impl BufRead) -> std::io::Result<Vec<u8>> {
    let mut line = String::new();
    answers.read_line(&mut line)?;
    let size: Option<usize> = line.trim().rsplit(' ').next().and_then(|size| size.parse().ok());
    let size = size.ok_or_else(|| std::io::Error::other(format!("git says `{}`", line.trim())))?;
    let mut content = Vec::new();
    answers.by_ref().take(size as u64 + 1).read_to_end(&mut content)?;
    if content.len() != size + 1 {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    content.truncate(size);
    Ok(content)
}

fn text(output: &[u8]) -> String {
    String::from_utf8_lossy(output).trim_end_matches(['\n', '\r']).to_owned()
}

/// What a git command prints, or, where it fails, what it says of that.
fn git(argument: &str, arguments: &[&str]) -> Result<Result<Vec<u8>, String>, Stop> {
    let output = Command::new("git").args(arguments).stdin(Stdio::null()).output();
    let output = output.map_err(|error| no_git(argument, &error))?;
    let said = || text(&output.stderr).lines().next().unwrap_or_default().to_owned();
    Ok(if output.status.success() { Ok(output.stdout) } else { Err(said()) })
}

fn no_git(argument: &str, error: &std::io::Error) -> Stop {
    Stop::Usage(match error.kind() {
        ErrorKind::NotFound => {
            format!("{argument}: there is no such folder; to read a git revision, `git` must be installed")
        }
        _ => format!("{argument}: git cannot be run: {error}"),
    })
}
