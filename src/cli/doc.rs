//! `pol doc`: the document and its program side by side, as a site.

use std::path::PathBuf;

use super::folder::replace_folder;
use super::{Outcome, complain, print, set};
use crate::doc::site;

/// Make a site: the document on the left, the program on the right, linked passage by passage
///
/// Every measure is told as a sentence and as a table, with its quotations, its examples and what it uses; figures with
/// their history, what is left to others, a glossary, all names to search in; in English and in Chinese. The pages need
/// no server, no network and no script: open index.html. The folder is written whole or not at all; an earlier site in
/// it is replaced, but other files never are.
#[derive(clap::Args)]
#[command(after_help = "Example: pol doc policies/shandong-2020 --output site")]
pub struct Arguments {
    /// The folder of the policy set
    #[arg(default_value = ".")]
    set: PathBuf,
    /// The folder to write: a new one, an empty one, or an earlier site
    #[arg(long, value_name = "DIR")]
    output: PathBuf,
}

pub fn run(arguments: &Arguments) -> Outcome {
    let set = set::load(&arguments.set)?;
    let site = site(&set.compiled);
    replace_folder(&arguments.output, &site.files)?;
    if site.failing > 0 {
        complain(&format!(
            "{} of {} examples do not come out as expected; `pol test {}` shows them",
            site.failing,
            site.examples,
            arguments.set.display()
        ));
    }
    let first = arguments.output.join("index.html");
    print(&format!("wrote {}; open {}\n", arguments.output.display(), first.display()))
}
