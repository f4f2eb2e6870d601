//! Runs the examples of the documentation: each page of `docs/errors/` shows what it speaks of and how to
//! mend it, and every other `pol` block in `docs/` and the README holds.
//!
//! The info string of a block says what it is:
//!
//! - `pol`: a policy set of one file, which checks without errors or warnings (an unused item aside);
//! - `pol wrong=E0301`: the same, but it has that problem;
//! - `pol fragment`: items that are only parsed;
//! - `console`: a session in a shell. Lines that begin with `$ ` are run by `sh` in a scratch folder that holds a copy of
//!   `policies/`, with `pol` on the path; the lines below are what it prints, standard error after
//!   standard output. A line `…` stands for any lines, `…` within a line for anything. The blocks of a page are
//!   one session. `UPDATE_DOCS=1` rewrites blocks without `…`;
//! - any block with `title=hiring/policy.pol` outside the pages of errors: the session finds it in that file; blocks of
//!   one title are parts of one file;
//! - on the pages of errors also `pol title=a.pol`, `toml title=pol.toml`, `csv title=…`, `text title=…`: further
//!   files of the set, and `pol generated=KIND`: a text that is made into what Markdown cannot show.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use pol::compile;
use pol::diag::render::{Format, render};
use pol::diag::{Code, Diagnostic, Severity, codes};
use pol::source::SourceMap;
use pol::trial::{self, Options};

const EXAMPLE: &str = "## Example";
const INSTEAD: &str = "## What to write instead";

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")
}

/// A fenced block of a Markdown page.
#[derive(Debug, Clone)]
struct Block {
    /// The first word of the info string.
    language: String,
    /// Its other words, `key` or `key=value`.
    words: BTreeMap<String, String>,
    body: String,
    /// The heading above it.
    section: String,
    line: usize,
}

impl Block {
    fn word(&self, key: &str) -> Option<&str> {
        self.words.get(key).map(String::as_str)
    }
}

fn blocks(page: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let (mut section, mut open) = (String::new(), false);
    for (at, line) in page.lines().enumerate() {
        if open {
            if line.starts_with("```") {
                open = false;
            } else if let Some(block) = blocks.last_mut() {
                block.body.push_str(line);
                block.body.push('\n');
            }
        } else if let Some(info) = line.strip_prefix("```") {
            open = true;
            let mut words = info.split_whitespace();
            let language = words.next().unwrap_or("").to_owned();
            let words = words
                .map(|word| word.split_once('=').unwrap_or((word, "")))
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .collect();
            let section = section.clone();
            blocks.push(Block { language, words, body: String::new(), section, line: at + 1 });
        } else if line.starts_with('#') {
            section = line.to_owned();
        }
    }
    blocks
}

/// The files of a policy set by name; `main.pol` is the block without a title.
type Set = BTreeMap<String, Vec<u8>>;

fn default_set() -> Set {
    BTreeMap::from([("pol.toml".to_owned(), b"name = \"example\"\n".to_vec())])
}

/// Turns the text of a `generated=KIND` block into what it stands for.
fn generate(kind: &str, body: &str) -> Result<Vec<u8>, String> {
    match kind {
        // The two characters 补贴 as GBK has them.
        "not-utf8" => Ok(split_join(body, "补贴", &[0xB2, 0xB9, 0xCC, 0xF9])),
        "too-large" => Ok(body.repeat((17 << 20) / body.len() + 1).into_bytes()),
        "too-deep" => {
            let open = body.replace("(…", &"(".repeat(300));
            Ok(open.replace("…)", &")".repeat(300)).into_bytes())
        }
        "many-variants" => {
            let names: Vec<String> = (1..=300).map(|at| format!("county_{at}")).collect();
            Ok(body.replace('…', &names.join(", ")).into_bytes())
        }
        "hidden" => Ok(body.replace("<U+202E>", "\u{202E}").into_bytes()),
        other => Err(format!("no text is generated as `{other}`")),
    }
}

fn split_join(text: &str, word: &str, bytes: &[u8]) -> Vec<u8> {
    let parts: Vec<&[u8]> = text.split(word).map(str::as_bytes).collect();
    parts.join(bytes)
}

/// The sets of a section: the files with a title belong to each, a block without one is a set of its own.
fn sets(blocks: &[Block], section: &str, shared: &Set) -> Result<Vec<Set>, String> {
    let (mut files, mut mains) = (shared.clone(), Vec::new());
    for block in blocks.iter().filter(|block| block.section == section) {
        let body = match block.word("generated") {
            Some(kind) => generate(kind, &block.body)?,
            None => block.body.clone().into_bytes(),
        };
        match (block.word("title"), block.language.as_str()) {
            (Some(title), _) => _ = files.insert(title.to_owned(), body),
            (None, "pol") => mains.push(body),
            (None, other) => return Err(format!("line {}: a `{other}` block without a title", block.line)),
        }
    }
    if mains.is_empty() {
        return Ok(vec![files]);
    }
    let with_main = |main| {
        let mut files = files.clone();
        files.insert("main.pol".to_owned(), main);
        files
    };
    Ok(mains.into_iter().map(with_main).collect())
}

/// What the checker and the cases say of a set, and the same in words with paths from the set's folder.
fn check(set: &Set) -> (Vec<Diagnostic>, String) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let root = folder.path().join("example");
    for (name, body) in set {
        let path = root.join(name);
        fs::create_dir_all(path.parent().expect("a file stands in a folder")).expect("a folder can be made");
        fs::write(path, body).expect("a file can be written");
    }
    let mut compiled = compile::load(&root);
    if !compiled.has_errors() {
        let core = compile::lower(&compiled.program);
        let cases = trial::run(&compiled.program, &core, Options::new(compiled.language));
        compiled
            .problems
            .extend(cases.results.into_iter().flat_map(|case| case.failed).map(|failed| failed.problem));
    }
    let text = report(&compiled.problems, &compiled.sources);
    let text = text.replace(&format!("{}/", root.display()), "");
    (compiled.problems, text.replace(&format!("{}/", folder.path().display()), "../"))
}

fn report(problems: &[Diagnostic], sources: &SourceMap) -> String {
    let mut out = Vec::new();
    render(problems, sources, Format::Human, false, &mut out).expect("a buffer takes everything");
    String::from_utf8(out).expect("reports are UTF-8")
}

/// Runs a page's example: it has the page's problem and no error besides.
fn example(code: &Code, blocks: &[Block]) -> Result<String, String> {
    let sets = sets(blocks, EXAMPLE, &default_set())?;
    let [set] = sets.as_slice() else { return Err("the example is one policy set".to_owned()) };
    let (problems, text) = check(set);
    if !problems.iter().any(|problem| problem.code == code) {
        return Err(format!("the example does not report {}:\n{text}", code.id));
    }
    match problems.iter().find(|problem| problem.is_error() && problem.code != code) {
        Some(other) => Err(format!("the example also reports {}:\n{text}", other.code.id)),
        None => Ok(text),
    }
}

/// Runs what the page says to write instead: no errors, and nothing of the page's problem.
fn instead(code: &Code, blocks: &[Block]) -> Result<(), String> {
    let titled: Vec<Block> =
        blocks.iter().filter(|block| block.words.contains_key("title")).cloned().collect();
    let shared = sets(&titled, EXAMPLE, &default_set())?.remove(0);
    for set in sets(blocks, INSTEAD, &shared)? {
        let (problems, text) = check(&set);
        if problems.iter().any(|problem| problem.is_error() || problem.code == code) {
            return Err(format!("what to write instead is wrong too:\n{text}"));
        }
    }
    Ok(())
}

fn page(code: &Code) -> Result<String, String> {
    if code.page.lines().next() != Some(&format!("# {}: {}", code.id, code.summary)) {
        return Err("the title is not `# CODE: summary`".to_owned());
    }
    let text = code.page.split(EXAMPLE).next().unwrap_or("");
    if text.lines().skip(1).all(|line| line.trim().is_empty()) {
        return Err("nothing explains the problem".to_owned());
    }
    let blocks = blocks(code.page);
    for section in [EXAMPLE, INSTEAD] {
        if !blocks.iter().any(|block| block.section == section && block.language == "pol") {
            return Err(format!("`{section}` has no `pol` block"));
        }
    }
    let said = example(code, &blocks)?;
    instead(code, &blocks)?;
    Ok(said)
}

#[test]
fn every_page_shows_its_problem_and_how_to_mend_it() {
    let (mut wrong, mut messages) = (Vec::new(), String::new());
    for code in codes::ALL {
        match page(code) {
            Ok(said) => messages.push_str(&format!("==== {}\n{said}\n", code.id)),
            Err(why) => wrong.push(format!("docs/errors/{}.md: {why}", code.id)),
        }
    }
    assert!(wrong.is_empty(), "{} pages are wrong\n\n{}", wrong.len(), wrong.join("\n\n"));
    insta::assert_snapshot!("messages", messages);
}

#[test]
fn the_index_lists_every_code() {
    let index = fs::read_to_string(docs().join("errors/README.md")).expect("the index can be read");
    let rows: Vec<&str> = index.lines().filter(|line| line.starts_with("| [")).collect();
    let wanted: Vec<String> = codes::ALL
        .iter()
        .map(|code| match code.severity {
            Severity::Error => format!("| [{0}]({0}.md) | {1} | |", code.id, code.summary),
            _ => format!("| [{0}]({0}.md) | {1} | `{2}` |", code.id, code.summary, code.name.to_lowercase()),
        })
        .collect();
    assert_eq!(rows, wanted, "docs/errors/README.md lists the codes of src/diag/codes.rs");
    let mut pages: Vec<String> = fs::read_dir(docs().join("errors"))
        .expect("the folder can be read")
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.strip_suffix(".md").map(str::to_owned))
        .filter(|name| name != "README")
        .collect();
    pages.sort();
    let mut known: Vec<&str> = codes::ALL.iter().map(|code| code.id).collect();
    known.sort();
    assert_eq!(pages, known, "every page has its code");
}

/// The pages outside `docs/errors/`.
fn other_pages() -> Vec<PathBuf> {
    let (mut pages, mut waiting) = (Vec::new(), vec![docs()]);
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder).expect("the folder can be read") {
            let path = entry.expect("an entry can be read").path();
            if path.is_dir() && !path.ends_with("errors") {
                waiting.push(path);
            } else if path.extension().is_some_and(|end| end == "md") {
                pages.push(path);
            }
        }
    }
    pages.extend(Some(docs().with_file_name("README.md")).filter(|path| path.exists()));
    pages.sort();
    pages
}

/// Whether a block outside the pages of errors is what its info string says.
fn holds(block: &Block) -> Result<(), String> {
    let known = |key: &String| matches!(key.as_str(), "fragment" | "wrong" | "title");
    if let Some(word) = block.words.keys().find(|key| !known(key)) {
        return Err(format!("the info string has an unknown word `{word}`"));
    }
    if block.words.contains_key("fragment") {
        let mut sources = SourceMap::default();
        let file = sources.add("fragment.pol", block.body.clone());
        let (_, problems) = pol::syntax::parse(file, &block.body);
        return if problems.is_empty() { Ok(()) } else { Err(report(&problems, &sources)) };
    }
    let mut set = default_set();
    set.insert("main.pol".to_owned(), block.body.clone().into_bytes());
    let (problems, text) = check(&set);
    if let Some(wanted) = block.word("wrong") {
        let found = problems.iter().any(|problem| problem.code.id == wanted);
        return if found { Ok(()) } else { Err(format!("it does not report {wanted}:\n{text}")) };
    }
    let matters =
        |problem: &&Diagnostic| problem.severity != Severity::Note && problem.code != &codes::UNUSED;
    if problems.iter().any(|problem| matters(&problem)) { Err(text) } else { Ok(()) }
}

#[test]
fn the_examples_of_the_other_pages_hold() {
    let mut wrong = Vec::new();
    for path in other_pages() {
        let page = fs::read_to_string(&path).expect("the page can be read");
        for block in blocks(&page).iter().filter(|block| block.language == "pol") {
            if let Err(why) = holds(block) {
                wrong.push(format!("{}:{}: {why}", path.display(), block.line));
            }
        }
    }
    assert!(wrong.is_empty(), "{} examples are wrong\n\n{}", wrong.len(), wrong.join("\n\n"));
}

/// A folder with a copy of the shipped policies, in which the commands of a page are run.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Desk {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let policies = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
        let copied = Command::new("cp").arg("-r").arg(policies).arg(folder.path()).status();
        assert!(copied.is_ok_and(|status| status.success()), "the policies can be copied");
        Desk(folder)
    }

    /// Writes the files that a page shows.
    fn write(&self, blocks: &[Block]) {
        let mut files: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for block in blocks {
            files.entry(block.word("title").unwrap_or_default()).or_default().push(&block.body);
        }
        for (title, parts) in files.into_iter().filter(|(title, _)| !title.is_empty()) {
            let path = self.0.path().join(title);
            fs::create_dir_all(path.parent().expect("a file stands in a folder"))
                .expect("a folder can be made");
            fs::write(path, parts.join("\n")).expect("a file can be written");
        }
    }

    /// What a command prints, standard error after standard output.
    fn run(&self, command: &str) -> String {
        let pol = Path::new(env!("CARGO_BIN_EXE_pol")).parent().expect("the binary stands in a folder");
        let path = std::env::var_os("PATH").unwrap_or_default();
        let output = Command::new("sh")
            .args(["-c", command])
            .current_dir(self.0.path())
            .env("PATH", format!("{}:{}", pol.display(), path.display()))
            .env("COLUMNS", "100")
            .stdin(Stdio::null())
            .output()
            .expect("sh can be run");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        text(&output.stdout) + &text(&output.stderr)
    }
}

/// The commands of a console block, each with the lines that it should print.
fn session(body: &str) -> Vec<(String, String)> {
    let mut commands: Vec<(String, String)> = Vec::new();
    for line in body.lines() {
        match (line.strip_prefix("$ "), commands.last_mut()) {
            (Some(command), _) => commands.push((command.to_owned(), String::new())),
            (None, Some((command, output))) if command.ends_with('\\') && output.is_empty() => {
                command.push('\n');
                command.push_str(line);
            }
            (None, Some((_, output))) => {
                output.push_str(line);
                output.push('\n');
            }
            (None, None) => panic!("a console block begins with a command: {line}"),
        }
    }
    commands
}

/// Whether lines fit a pattern in which `…` stands for anything.
fn fits(pattern: &[&str], lines: &[&str]) -> bool {
    match (pattern.split_first(), lines.split_first()) {
        (None, None) => true,
        (Some((&"…", rest)), _) => (0..=lines.len()).any(|skip| fits(rest, &lines[skip..])),
        (Some((pattern, rest)), Some((line, more))) => line_fits(pattern, line) && fits(rest, more),
        _ => false,
    }
}

fn line_fits(pattern: &str, line: &str) -> bool {
    match pattern.split_once('…') {
        None => pattern == line,
        Some((start, rest)) => line.strip_prefix(start).is_some_and(|after| {
            let ends = after.char_indices().map(|(at, _)| at).chain([after.len()]);
            ends.into_iter().any(|at| line_fits(rest, &after[at..]))
        }),
    }
}

/// A console block as it should be; `None` where it is.
fn replayed(desk: &Desk, body: &str) -> Option<String> {
    let (mut fresh, mut same) = (String::new(), true);
    for (command, wanted) in session(body) {
        let printed = desk.run(&command);
        let printed: Vec<&str> = printed.lines().map(str::trim_end).collect();
        let lines: Vec<&str> = wanted.lines().map(str::trim_end).collect();
        same &= fits(&lines, &printed);
        fresh.push_str(&format!("$ {command}\n"));
        printed.iter().for_each(|line| fresh.push_str(&format!("{line}\n")));
    }
    (!same).then_some(fresh)
}

#[test]
fn what_commands_print_is_what_the_pages_say() {
    let update = std::env::var_os("UPDATE_DOCS").is_some();
    let mut wrong = Vec::new();
    for path in other_pages() {
        let mut page = fs::read_to_string(&path).expect("the page can be read");
        let (sessions, others): (Vec<Block>, Vec<Block>) =
            blocks(&page).into_iter().partition(|own| own.language == "console");
        if sessions.is_empty() {
            continue;
        }
        let desk = Desk::new();
        desk.write(&others);
        for block in sessions {
            match replayed(&desk, &block.body) {
                None => {}
                Some(fresh) if update && !block.body.contains('…') => {
                    page = page.replacen(&block.body, &fresh, 1);
                    fs::write(&path, &page).expect("the page can be written");
                }
                Some(fresh) => wrong.push(format!("{}:{}: prints\n{fresh}", path.display(), block.line)),
            }
        }
    }
    assert!(wrong.is_empty(), "{} sessions are not as told\n\n{}", wrong.len(), wrong.join("\n\n"));
}

#[test]
fn the_table_of_the_decree_is_fresh() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let compiled = compile::load(&root.join("policies/shandong-2020"));
    let coverage = pol::coverage::coverage(&compiled.program, &compiled.sources, compiled.language);
    assert!(coverage.is_complete(), "every sentence of the decree is accounted for");
    assert_eq!(coverage.documents[0].articles.len(), 54);
    let (path, table) = (docs().join("decree.md"), coverage.markdown());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &table).expect("the table can be written");
    }
    let written = fs::read_to_string(&path).expect("docs/decree.md can be read");
    let told = "pol coverage policies/shandong-2020 --output docs/decree.md writes it anew";
    assert!(written == table, "docs/decree.md is not what the policies say; {told}");
}
