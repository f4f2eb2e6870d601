//! `pol fmt`: one layout for policies, and from one language to the other.

mod changes;
mod files;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};

use super::{Colour, Outcome, Stop, complain, print, save, stderr_is_terminal};
use crate::check::index::ThingKind;
use crate::check::manifest;
use crate::check::show::Language;
use crate::compile::{self, Compiled};
use crate::diag::render::{Format, render};
use crate::naming::{self, Kept};
use crate::source::{FileId, SourceMap};
use crate::syntax;
use crate::syntax::ast::ItemKind;
use crate::syntax::format::{self, Formatted, Options, Why};
use crate::syntax::words::Tongue;
use files::Group;

/// Bring policies into one layout, or from one language into the other
///
/// Files are written in place, each only if it changes, whole or not at all. Comments stay where they are, and what a
/// policy means stays too: its tree is compared before and after. An item with a syntax error is left as it stands,
/// and so said; the exit status is 1 then.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  pol fmt                                        the policies in this folder\n  pol fmt --check policies                       which are not in the layout\n  pol fmt --keywords en --names en my-policy     from Chinese to English\n  pol fmt - < draft.pol                          from standard input to standard output"
)]
pub struct Arguments {
    /// Files and folders; `-` is standard input, to standard output
    #[arg(default_value = ".")]
    paths: Vec<String>,
    /// Write nothing; list the files that would change, and how. The exit status is 1 where there are any
    #[arg(long)]
    check: bool,
    /// Turn the keywords into this language
    #[arg(long, value_enum)]
    keywords: Option<To>,
    /// Turn the names that are used into this language, where a thing has a name and a label in the two; where they
    /// are declared they stay
    #[arg(long, value_enum)]
    names: Option<To>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum To {
    /// English
    En,
    /// Chinese
    Zh,
}

impl To {
    fn tongue(self) -> Tongue {
        match self {
            To::En => Tongue::English,
            To::Zh => Tongue::Chinese,
        }
    }
}

/// What came of all files.
#[derive(Default)]
struct Tally {
    files: usize,
    changed: usize,
    /// Something could not be formatted.
    found: bool,
    /// Something could not be read.
    unreadable: bool,
}

pub fn run(arguments: &Arguments) -> Outcome {
    if arguments.paths.iter().any(|path| path == "-") {
        return standard_input(arguments);
    }
    let groups = files::groups(&arguments.paths)?;
    let mut tally = Tally::default();
    for group in &groups {
        one_set(arguments, group, &mut tally)?;
    }
    let language = groups.first().map_or(Language::English, |group| language(group.set.as_deref()));
    print(&summary(arguments.check, &tally, language))?;
    if tally.unreadable {
        return Err(Stop::Usage(
            language.pick("not every file could be read", "有的文件读不出来").to_owned(),
        ));
    }
    if tally.found || arguments.check && tally.changed > 0 { Err(Stop::Found) } else { Ok(()) }
}

fn summary(check: bool, tally: &Tally, language: Language) -> String {
    let Tally { files, changed, .. } = tally;
    let (all, some) = (if *files == 1 { "file" } else { "files" }, changed);
    match (language, check) {
        (Language::English, true) => format!("{some} of {files} {all} would change\n"),
        (Language::English, false) => format!("{some} of {files} {all} changed\n"),
        (Language::Chinese, true) => format!("{files}个文件，{some}个会改动\n"),
        (Language::Chinese, false) => format!("{files}个文件，改动了{some}个\n"),
    }
}

/// The language in which the people of a set are spoken to.
fn language(set: Option<&Path>) -> Language {
    let text = set.and_then(|folder| fs::read_to_string(folder.join("pol.toml")).ok()).unwrap_or_default();
    let (manifest, _) = manifest::read(FileId(0), &text);
    manifest.language.as_deref().and_then(Language::from_tag).unwrap_or_default()
}

fn standard_input(arguments: &Arguments) -> Outcome {
    if arguments.paths.len() > 1 {
        return Err(Stop::Usage("`-` is standard input and stands alone".to_owned()));
    }
    if arguments.names.is_some() {
        let why = "--names needs the whole policy set, since names are declared in other files; give a folder or files";
        return Err(Stop::Usage(why.to_owned()));
    }
    let mut bytes = Vec::new();
    let name = Path::new("standard input");
    io::stdin().lock().read_to_end(&mut bytes).map_err(|error| unreadable(name, &error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|error| unreadable(name, &not_utf8(&error)))?;
    let keywords = arguments.keywords.map(To::tongue);
    let declared = keywords.map(|_| called_in(&text)).unwrap_or_default();
    let options = Options { keywords, declared };
    let formatted = format::format(&[&text], &options).remove(0);
    let language = Language::English;
    let sound = report(name, &text, &formatted, language)?;
    let changed = formatted.text != text;
    match arguments.check {
        false => print(&formatted.text)?,
        true if changed => print(&format!("{}\n{}", name.display(), changes::short(&text, &formatted.text)))?,
        true => {}
    }
    if sound && !(arguments.check && changed) { Ok(()) } else { Err(Stop::Found) }
}

fn unreadable(path: &Path, why: &str) -> Stop {
    Stop::Usage(format!("{} cannot be read: {why}", path.display()))
}

fn not_utf8(error: &std::string::FromUtf8Error) -> String {
    let at = error.utf8_error().valid_up_to();
    format!("byte {at} is no part of UTF-8 text; save it as UTF-8 in your editor, it may be GBK now")
}

/// Formats the files of one set.
fn one_set(arguments: &Arguments, group: &Group, tally: &mut Tally) -> Outcome {
    let language = language(group.set.as_deref());
    let texts = read_all(group, tally);
    let turns = arguments.names.is_some() || arguments.keywords.is_some();
    let compiled = group.set.as_deref().filter(|_| turns).map(compile::load);
    let Some(named) = named(arguments.names, group, compiled.as_ref(), language)? else {
        tally.found = true;
        return Ok(());
    };
    let declared = match &compiled {
        Some(compiled) => called(compiled),
        None if turns => texts.iter().flat_map(|(_, text)| called_in(text)).collect(),
        None => BTreeSet::new(),
    };
    let options = Options { keywords: arguments.keywords.map(To::tongue), declared };
    let now: Vec<&str> = texts.iter().map(|(path, text)| named.get(*path).unwrap_or(text).as_str()).collect();
    let formatted = format::format(&now, &options);
    for (((path, before), now), formatted) in texts.iter().zip(&now).zip(&formatted) {
        tally.found |= !report(path, now, formatted, language)?;
        if formatted.text != *before {
            tally.changed += 1;
            change(path, before, &formatted.text, arguments.check)?;
        }
    }
    Ok(())
}

/// The texts of the files that can be read.
fn read_all<'g>(group: &'g Group, tally: &mut Tally) -> Vec<(&'g Path, String)> {
    let mut texts = Vec::new();
    for path in &group.files {
        match read(path) {
            Ok(text) => texts.push((path.as_path(), text)),
            Err(why) => {
                complain(&format!("{}: {why}", path.display()));
                tally.unreadable = true;
            }
        }
    }
    tally.files += texts.len();
    texts
}

fn read(path: &Path) -> Result<String, String> {
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|error| not_utf8(&error))
}

/// The texts that `--names` changes; `None` where the names of the set cannot be turned, which is said.
fn named(
    to: Option<To>,
    group: &Group,
    compiled: Option<&Compiled>,
    language: Language,
) -> Result<Option<BTreeMap<PathBuf, String>>, Stop> {
    match (to, compiled) {
        (None, _) => Ok(Some(BTreeMap::new())),
        (Some(to), Some(compiled)) => Ok(turn(compiled, &group.files, to.tongue(), language)),
        (Some(_), None) => {
            let path = group.files.first().map_or(Path::new("."), PathBuf::as_path).display();
            Err(Stop::Usage(format!(
                "{path} belongs to no policy set (a folder with a pol.toml), and --names needs to know all of it"
            )))
        }
    }
}

/// Writes a file, or shows how it would change.
fn change(path: &Path, before: &str, after: &str, check: bool) -> Outcome {
    if check {
        return print(&format!("{}\n{}", path.display(), changes::short(before, after)));
    }
    let name = path.to_str().ok_or_else(|| unreadable(path, "its name is not UTF-8"))?;
    save(after, Some(name))?;
    print(&format!("{}\n", path.display()))
}

/// Says what was left as it stands; whether there was nothing.
fn report(path: &Path, text: &str, formatted: &Formatted, language: Language) -> Result<bool, Stop> {
    if formatted.left.is_empty() {
        return Ok(true);
    }
    let mut sources = SourceMap::default();
    let file = sources.add(path, text);
    let mut problems = Vec::new();
    if formatted.left.iter().any(|left| left.why == Why::Broken) {
        problems = syntax::parse(file, text).1;
        let broken = |offset: usize| {
            let own = formatted.left.iter().filter(|left| left.why == Why::Broken);
            own.into_iter().any(|left| left.start <= offset && offset <= left.end)
        };
        problems.retain(|problem| problem.is_error() && broken(problem.span().start as usize));
    }
    let mut err = io::stderr().lock();
    render(&problems, &sources, Format::Human, Colour::Auto.on(stderr_is_terminal()), &mut err)?;
    for left in &formatted.left {
        let (line, _) = sources.file(file).line_column(left.start);
        let what = match left.why {
            Why::Broken => {
                language.pick("left as it stands, since it has a syntax error", "有语法错误，保持原样")
            }
            Why::Keywords => language.pick(
                "keeps its keywords, since with the others it would be read otherwise",
                "保留原来的关键词：换成另一种语言会读成别的意思",
            ),
            Why::Layout => language.pick(
                "left as it stands, since in the layout it would be read otherwise",
                "保持原样：换成统一的排版会读成别的意思",
            ),
        };
        writeln!(err, "{}:{line}: {what}", path.display())?;
    }
    Ok(false)
}

/// The texts of a set's files with the names of a language; `None` where they stay, which is said.
fn turn(
    compiled: &Compiled,
    files: &[PathBuf],
    tongue: Tongue,
    language: Language,
) -> Option<BTreeMap<PathBuf, String>> {
    let name = &compiled.name;
    if compiled.has_errors() {
        complain(&match language {
            Language::English => format!("{name} has errors, so its names stay; `pol check` shows them"),
            Language::Chinese => format!("{name}有错误，名称保持不变；用`pol check`查看"),
        });
        return None;
    }
    let wanted: BTreeMap<PathBuf, &PathBuf> =
        files.iter().filter_map(|path| Some((fs::canonicalize(path).ok()?, path))).collect();
    let asked = |path: &Path| fs::canonicalize(path).ok().and_then(|path| wanted.get(&path).copied());
    let known: BTreeMap<FileId, &PathBuf> =
        compiled.sources.iter().filter_map(|(id, file)| Some((id, asked(&file.path)?))).collect();
    let Some(turned) = naming::turn(compiled, &known.keys().copied().collect(), tongue) else {
        complain(&match language {
            Language::English => format!("{name} would not mean the same with the other names, so they stay"),
            Language::Chinese => format!("{name}换了名称意思就变了，名称保持不变"),
        });
        return None;
    };
    turned.kept.iter().for_each(|kept| complain(&why_kept(compiled, kept, language)));
    let named = turned.texts.into_iter();
    Some(named.filter_map(|(id, text)| Some(((*known.get(&id)?).clone(), text))).collect())
}

fn why_kept(compiled: &Compiled, kept: &Kept, language: Language) -> String {
    let file = compiled.sources.file(kept.place.file);
    let (line, column) = file.line_column(kept.place.start as usize);
    let (path, written, other) = (file.path.display(), compiled.sources.text(kept.place), &kept.wanted);
    match language {
        Language::English => {
            format!(
                "{path}:{line}:{column}: `{written}` keeps its name, since `{other}` would not be the same here"
            )
        }
        Language::Chinese => {
            format!("{path}:{line}:{column}: `{written}`保留原名：`{other}`在这里不是一回事")
        }
    }
}

/// What a set calls by a name of its own, as functions are called.
fn called(compiled: &Compiled) -> BTreeSet<String> {
    let things = compiled.index.things().iter();
    let called = things.filter(|thing| matches!(thing.kind, ThingKind::Table | ThingKind::Calendar));
    called
        .flat_map(|thing| std::iter::once(&thing.name).chain(&thing.label))
        .map(|word| word.text.clone())
        .collect()
}

/// The same of one text.
fn called_in(text: &str) -> BTreeSet<String> {
    let (file, _) = syntax::parse(FileId(0), text);
    let named = file.items.iter().filter_map(|item| match &item.kind {
        ItemKind::Table(item) => Some(&item.named),
        ItemKind::Calendar(item) => Some(&item.named),
        _ => None,
    });
    named
        .flat_map(|named| std::iter::once(&named.name).chain(&named.label))
        .map(|word| word.text.clone())
        .collect()
}
