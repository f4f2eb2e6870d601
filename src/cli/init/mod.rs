//! `pol init`: a new policy set that checks, tests and runs.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Outcome, Stop};

/// Make a new policy set: a small policy with its source text, cases and sample records
#[derive(clap::Args)]
#[command(after_help = "Example: pol init my-policy && pol test my-policy")]
pub struct Arguments {
    /// The folder to make
    folder: PathBuf,
    /// The language of the keywords and labels: en or zh
    #[arg(long, default_value = "en", value_parser = ["en", "zh"])]
    language: String,
}

const ENGLISH: &[(&str, &str)] = &[
    ("policy.pol", include_str!("en/policy.pol")),
    ("cases.pol", include_str!("en/cases.pol")),
    ("sources/notice.txt", include_str!("en/notice.txt")),
    ("samples/firms.csv", include_str!("en/firms.csv")),
    ("README.md", include_str!("en/README.md")),
];

const CHINESE: &[(&str, &str)] = &[
    ("policy.pol", include_str!("zh/policy.pol")),
    ("cases.pol", include_str!("zh/cases.pol")),
    ("sources/notice.txt", include_str!("zh/notice.txt")),
    ("samples/firms.csv", include_str!("zh/firms.csv")),
    ("README.md", include_str!("zh/README.md")),
];

pub fn run(arguments: &Arguments) -> Outcome {
    let folder = &arguments.folder;
    let cannot = |path: &Path, error: std::io::Error| {
        Stop::Usage(format!("{}: cannot be made: {error}", path.display()))
    };
    match fs::read_dir(folder).map(|entries| entries.count()) {
        Ok(count) if count > 0 => {
            return Err(Stop::Usage(format!("{} is not empty; nothing was changed", folder.display())));
        }
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(cannot(folder, error)),
    }
    let name = set_name(folder);
    let manifest = format!("name = \"{name}\"\nlanguage = \"{}\"\n", arguments.language);
    let files = if arguments.language == "zh" { CHINESE } else { ENGLISH };
    let all = std::iter::once(("pol.toml", manifest.as_str())).chain(files.iter().copied());
    for (file, text) in all {
        let path = folder.join(file);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|error| cannot(parent, error))?;
        }
        fs::write(&path, text).map_err(|error| cannot(&path, error))?;
    }
    let shown = folder.display();
    super::print(&format!(
        "made {shown}\n\nnext:\n  pol check {shown}\n  pol test {shown}\n  pol eval {shown} --input {shown}/samples/firms.csv --as-of 2024-06-30 --output answers.csv\n"
    ))
}

/// The folder's name, made of letters, digits and `-`.
fn set_name(folder: &Path) -> String {
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let plain: String = name.chars().map(|c| if c.is_alphanumeric() || c == '_' { c } else { '-' }).collect();
    if plain.trim_matches('-').is_empty() { "policy".to_owned() } else { plain }
}
