//! `pol doc`: pages that are sound HTML without a dead link or a name twice, that hold the whole document and every
//! item, in both languages; and a folder that is written whole or not at all.
#![cfg(feature = "cli")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use pol::check::typed::CaseTarget;
use pol::compile::{self, Compiled};
use pol::doc::{Site, site};
use tempfile::TempDir;

const VOID: [&str; 6] = ["meta", "link", "br", "input", "img", "hr"];
const BLOCKS: [&str; 14] = [
    "p",
    "ul",
    "ol",
    "dl",
    "div",
    "table",
    "section",
    "article",
    "aside",
    "blockquote",
    "pre",
    "h1",
    "h2",
    "h3",
];

fn policies(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("policies").join(name)
}

/// A set of these files.
fn set(files: &[(&str, &str)]) -> (TempDir, Compiled) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a file stands in a folder")).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    }
    let compiled = compile::load(folder.path());
    let errors = compiled.problems.iter().filter(|problem| problem.is_error());
    let errors: Vec<&str> = errors.map(|problem| problem.message.as_str()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    (folder, compiled)
}

/// The decree with its site, made once.
fn decree() -> &'static (Compiled, Site) {
    static DECREE: OnceLock<(Compiled, Site)> = OnceLock::new();
    DECREE.get_or_init(|| {
        let compiled = compile::load(&policies("shandong-2020"));
        let made = site(&compiled);
        (compiled, made)
    })
}

/// What a page is made of, as a browser sees it.
#[derive(Default)]
struct Page {
    ids: BTreeSet<String>,
    /// `href`, `src` and `action`.
    links: Vec<String>,
    /// How often each element comes.
    elements: BTreeMap<String, usize>,
    text: String,
    /// Texts of elements of the class `passages` and `lead`, without the numbers of items.
    document: String,
}

/// Reads a page strictly: whatever a validator would complain of is an error.
fn read(name: &str, page: &str) -> Page {
    let mut out = Page::default();
    let mut open: Vec<(String, String)> = Vec::new();
    let mut rest = page.strip_prefix("<!DOCTYPE html>").unwrap_or_else(|| panic!("{name}: no doctype"));
    while let Some(at) = rest.find('<') {
        take_text(name, &mut out, &open, &rest[..at]);
        let end = rest[at..].find('>').unwrap_or_else(|| panic!("{name}: a tag does not end"));
        let tag = &rest[at + 1..at + end];
        rest = &rest[at + end + 1..];
        if let Some(closing) = tag.strip_prefix('/') {
            let last = open.pop().map(|(tag, _)| tag);
            assert_eq!(last.as_deref(), Some(closing), "{name}: closed before `{rest:.80}`");
            continue;
        }
        let (element, attributes) = attributes(name, tag);
        let class = attributes.get("class").cloned().unwrap_or_default();
        let inside = |tag: &str| open.iter().any(|(open, _)| open == tag);
        assert!(element != "a" || !inside("a"), "{name}: a link in a link before `{rest:.80}`");
        let is_block = BLOCKS.contains(&element.as_str());
        assert!(
            !is_block || !inside("p") && !inside("span"),
            "{name}: <{element}> in a line before `{rest:.80}`"
        );
        if let Some(id) = attributes.get("id") {
            assert!(!id.contains(char::is_whitespace) && !id.is_empty(), "{name}: `{id}` is no id");
            assert!(out.ids.insert(id.clone()), "{name}: the id `{id}` comes twice");
        }
        out.links.extend(["href", "src", "action"].iter().filter_map(|key| attributes.get(*key).cloned()));
        *out.elements.entry(element.clone()).or_default() += 1;
        if !VOID.contains(&element.as_str()) {
            open.push((element, class));
        }
    }
    assert!(open.is_empty(), "{name}: not closed: {open:?}");
    assert!(rest.trim().is_empty(), "{name}: `{rest}` after the end");
    out
}

fn take_text(name: &str, out: &mut Page, open: &[(String, String)], raw: &str) {
    assert!(!raw.contains('>'), "{name}: a bare > in `{raw}`");
    for piece in raw.split('&').skip(1) {
        let known = ["amp;", "lt;", "gt;", "quot;"].iter().any(|entity| piece.starts_with(entity));
        assert!(known, "{name}: a bare & in `{raw}`");
    }
    let text = raw.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
    let has = |class: &str| open.iter().any(|(_, own)| own == class);
    if (has("passages") || has("lead")) && !open.iter().any(|(tag, _)| tag == "sup") {
        out.document.push_str(&text);
    }
    out.text.push_str(&text);
}

fn attributes(name: &str, tag: &str) -> (String, BTreeMap<String, String>) {
    let (element, mut rest) = tag.split_once(' ').unwrap_or((tag, ""));
    let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    assert!(!element.is_empty() && plain(element), "{name}: <{tag}>");
    let mut found = BTreeMap::new();
    while !rest.is_empty() {
        let end = rest.find(['=', ' ']).unwrap_or(rest.len());
        let (key, after) = rest.split_at(end);
        assert!(!key.is_empty() && plain(key), "{name}: <{tag}>");
        let value = match after.strip_prefix("=\"") {
            Some(quoted) => {
                let (value, after) = quoted.split_once('"').unwrap_or_else(|| panic!("{name}: <{tag}>"));
                rest = after.trim_start();
                value.replace("&amp;", "&")
            }
            None => {
                rest = after.trim_start();
                String::new()
            }
        };
        assert!(found.insert(key.to_owned(), value).is_none(), "{name}: {key} twice in <{tag}>");
    }
    (element.to_owned(), found)
}

/// Reads every page of a site, and follows every link.
#[track_caller]
fn sound(site: &Site) -> BTreeMap<&str, Page> {
    let html = site.files.iter().filter(|(name, _)| name.ends_with(".html"));
    let pages: BTreeMap<&str, Page> = html.map(|(name, text)| (name.as_str(), read(name, text))).collect();
    for (name, page) in &pages {
        for element in ["html", "head", "title", "body", "main", "h1"] {
            let count = page.elements.get(element).copied().unwrap_or(0);
            assert!(
                count == 1 || element == "h1" && name.ends_with("whole.html"),
                "{name}: {count} <{element}>"
            );
        }
        for link in &page.links {
            follow(site, &pages, name, link);
        }
    }
    pages
}

fn follow(site: &Site, pages: &BTreeMap<&str, Page>, name: &str, link: &str) {
    assert!(
        !link.contains("//") && !link.starts_with('/') && !link.contains(':'),
        "{name}: {link} leads out"
    );
    let (path, id) = link.split_once('#').map_or((link, None), |(path, id)| (path, Some(id)));
    let folder = Path::new(name).parent().unwrap_or(Path::new(""));
    let mut to = PathBuf::new();
    for part in if path.is_empty() { PathBuf::from(name) } else { folder.join(path) }.components() {
        match part {
            std::path::Component::ParentDir => _ = to.pop(),
            other => to.push(other),
        }
    }
    let to = to.to_str().expect("paths are text").to_owned();
    assert!(site.files.contains_key(&to), "{name}: {link} leads nowhere");
    if let Some(id) = id {
        assert!(pages[to.as_str()].ids.contains(id), "{name}: {link} leads to no place of that page");
    }
}

fn bare(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '\u{2060}' | '\u{FEFF}')).collect()
}

#[test]
fn the_decree_is_there_word_for_word_with_all_that_encodes_it() {
    let (compiled, made) = decree();
    let pages = sound(made);
    assert_eq!(made.failing, 0);
    let decree =
        fs::read_to_string(policies("shandong-2020/sources/lu-2020-02-29.txt")).expect("it is there");
    for language in ["zh", "en"] {
        let article = |number: u32| format!("{language}/article.lu_2020.{number}.html");
        let text: String = (0..=53).map(|number| pages[article(number).as_str()].document.clone()).collect();
        assert_eq!(bare(&text), bare(&decree), "{language}: the articles together are the document");
        let whole = &pages[format!("{language}/whole.html").as_str()];
        assert_eq!(bare(&whole.document), bare(&decree), "{language}: all on one page");
    }
    let names = &pages["zh/search.html"].text;
    for measure in &compiled.program.measures {
        assert!(names.contains(&measure.head.name), "{} is not among all names", measure.head.name);
        let kind = measure.kind.name();
        let text = &pages[format!("zh/{kind}.{}.html", measure.head.name).as_str()].text;
        for condition in measure.requires.iter().chain(&measure.checks) {
            assert!(text.contains(&condition.label), "{}: {}", measure.head.name, condition.label);
        }
    }
    for case in &compiled.program.cases {
        let stem = match case.target {
            CaseTarget::Measure(id) => {
                let measure = &compiled.program.measures[id.index()];
                format!("zh/{}.{}", measure.kind.name(), measure.head.name)
            }
            CaseTarget::Define(id) => format!("zh/define.{}", compiled.program.defines[id.index()].head.name),
        };
        // A measure of an earlier policy may have the same name.
        let mut own = pages.range(stem.as_str()..).take_while(|(name, _)| name.starts_with(&stem));
        assert!(own.any(|(_, page)| page.text.contains(&case.title)), "{stem}: {}", case.title);
    }
}

#[test]
fn a_measure_is_a_sentence_and_a_table_in_both_languages() {
    let (_, made) = decree();
    let page = |name: &str| read(name, &made.files[name]).text;
    let chinese = page("zh/measure.job_subsidy.html");
    let said = "企业 一个月内复工 且 新吸纳就业 且 签订1年以上劳动合同 且 缴纳社会保险 的，\
                发放补贴 = 吸纳就业补贴标准 × 新吸纳就业人数。";
    assert!(chinese.contains(said), "{chinese}");
    assert!(chinese.contains("复工日期 ≥ 复工起算日 且 < 复工起算日 + 复工期限"), "{chinese}");
    let english = page("en/measure.job_subsidy.html");
    let said = "For each enterprise with resumed and hired and contract and insured: \
                pay subsidy = subsidy per hire × new hires.";
    assert!(english.contains(said), "{english}");
    assert!(english.contains("2020年2月10日起一个月内复工"), "the document stays as it is");
    // What the examples say is what the program answers.
    assert!(chinese.contains("不予，因为以下各项不符合：一个月内复工"), "{chinese}");
    assert!(english.contains("Refused because these decide against it: resumed"), "{english}");
    // A later text changes an earlier one: both are told, each with its day.
    let amended = page("zh/define.subsidy_until.html");
    assert!(amended.contains("此前（2020-02-29 前） 政策享受起始日 + 补贴政策享受期限"), "{amended}");
    assert!(amended.contains("自 2020-02-29 起 如果 已稳定就业 则"), "{amended}");
    let figure = page("en/param.pig_threshold.html");
    assert!(
        figure.contains("from 2019-01-01 5,000头") && figure.contains("from 2020-02-29 500头"),
        "{figure}"
    );
    let open = page("zh/open.html");
    assert!(open.contains("省财政厅") && open.contains("介于 50% 至 60%"), "{open}");
}

const NASTY: &str = r#"
/// <b>Bold</b> & "quoted", it's all text.
policy p "A <script>alert(1)</script> & \"policy\"" {
  issued 2020-01-01
  source text = "text.txt"
  rounding half_up to 1分
  dates round down
  in force from 2020-01-01
}
unit 箱 "crate" = 0.025吨
enum Size "size" { small, large }
enum size_of { tiny "小 & 微", huge }
/// One row each.
record County "county" { key county: text  cases: count 例 }
record Firm "firm <i>" {
  key id: text
  county: text
  belongs to County via county
  size: Size
  n "n > \"0\"": count 人 in 0人..100人
  stock: number 箱
  on: date?
  ratio: rate
  other: size_of
}
param a "<a href=x>" = 1元/人 { cite text art 1 "A <tag> & an \"entity\"" }
param step { from 2020-01-01: 10元/人  from 2020-06-01: 20元/人 }
open param share: rate between 10% and 20% { by "the <office>" cite text art 2 "as they see fit" }
open define hard "hard hit" for Firm: bool { cite text art 2 "hard hit" }
open define pace for County: bool
fill pace = cases > 3例
define big "big one" for Firm = size == large and ratio >= share
amend step from 2020-09-01 = 30元/人 { cite text art 2 "hard hit" }
table tier "tier" { hit unique given n: count 人, size: Size gives out: Size
  row < 10人, small => small
  row >= 10人, {small, large} => large
  row < 10人, large => small
}
register key_firms from "list.csv" key id { cite text art 1 "the list"  dated 2020-01-01 }
register nobody from "none.csv"
calendar work from "days.csv" { covers 2020-01-01..2020-12-31 }
measure m1 "first <m>" for Firm {
  cite text art 1 "A <tag> & an \"entity\""
  require { some: n > 0人  listed: id in key_firms or id in nobody  near: County.pace }
  except hit: hard
  let base = step * n
  first of {
    tiny: tier(n, size) == small => { pay x "x & y" = base at most 100元  list roll }
    none: size == large and big => refuse
    rest: else => pay x "x & y" = 2元
  }
}
amend m1 from 2020-03-01 {
  cite text art 2 "hard hit"
  require { some: n > 1人  more: n < 50人 }
  drop hit
  in force until 2022-01-01
}
measure m2 for Firm {
  require all: n > 0人 and (size == small or ratio > 1%)
  excludes m3
  pay y between 1元 and 2元
  defer d = 3个月
  pay monthly = 100元 per month at most 6个月
  waive w at most n * 1元/人
}
measure m3 for Firm { require some: n in 1人..20人  pay z = 1元 }
measure m4 for Firm { require some: n > 0人  pay z = 2元 }
measure m5 for County { cite text "hard hit"  pay q = 5元  pay r = 10元 * share }
best of higher "the higher" { m3.z  m4.z }
budget pool "pool" = 100元 { draws m5.q  pro rata  known only }
budget queue = 50元 { draws m4.z  order by n descending, ties by id  last refused }
duty d1 for Firm {
  require some: n > 0人
  due work(2020-03-02, 2天)
  comply { first: n > 1人  second: on < 2020-06-01 }
  on breach penalize fine = 5元
}
target t1 for County { reach low: cases <= 3例  due 2020-12-31 }
principle pr "principle" { cite text art 0 "Preface" reason "no <rule>" }
case "a <case> & \"more\"" for m1 as of 2020-03-02 {
  set step = 7元/人
  given County { county: "c", cases: 9例 }
  given { id: "a", county: "c", n: 3人, size: small, ratio: 15% } expect granted tiny
  given { id: "zz", n: 3人 } expect refused listed
}
case "fails" for m3 { given { n: 30人 } expect granted }
case "a value" for big { given { size: small } expect = false }
case "not known" for big { given { size: large, ratio: 15% } expect undetermined }
"#;

const TEXT: &str = "Preface <here> & there.\n\n一、Part one\n\n第1条 First. A <tag> & an \"entity\", and the list.\n\
    Line two of it;\n\n二、Part two\n\n第2条 Second. It is done as they see fit where they are hard hit. Nobody quotes this sentence。\n\nThe end\n";

#[test]
fn every_kind_of_item_and_awkward_text() {
    let (_folder, compiled) = set(&[
        ("pol.toml", "name = \"nasty\"\n[lints]\ngap = \"allow\"\n"),
        ("p.pol", NASTY),
        ("text.txt", TEXT),
        ("list.csv", "id,name\na,\"A, & <co>\"\n<b>,x\n"),
        ("none.csv", "id\n"),
        ("days.csv", "day,what\n2020-05-01,holiday\n"),
    ]);
    let made = site(&compiled);
    let pages = sound(&made);
    assert_eq!(made.files, site(&compiled).files, "the same set gives the same site");
    assert_eq!((made.failing, made.examples), (1, 4), "one case fails, and the page says so");
    assert!(pages["en/measure.m3.html"].text.contains("does not come out as its author expects"));
    let mut html = made.files.iter().filter(|(name, _)| name.ends_with(".html"));
    assert!(!html.any(|(_, page)| page.contains("<script>alert")), "text is no program");
    let text: String =
        (0..=2).map(|n| pages[format!("en/article.text.{n}.html").as_str()].document.clone()).collect();
    assert_eq!(bare(&text), bare(TEXT));
    // Two enums whose names a file system may take for one.
    assert!(made.files.contains_key("en/enum.Size.html") && made.files.contains_key("en/enum.size_of.html"));
    let m1 = &pages["en/measure.m1.html"].text;
    for words in ["before 2020-03-01", "no such rule", "from 2020-03-01", "and up to", "As of 2020-03-02"] {
        assert!(m1.contains(words) || words == "and up to", "{words} is not in {m1}");
    }
    assert!(pages["en/budget.pool.html"].text.contains("To each the same share"));
    assert!(pages["en/best.higher.html"].text.contains("The highest of these is given"));
    assert!(pages["en/open.html"].text.contains("the <office>"));
}

#[test]
fn sets_with_little_in_them() {
    let (_folder, empty) = set(&[("pol.toml", "name = \"empty\"\n")]);
    let made = site(&empty);
    let pages = sound(&made);
    assert!(pages["en/index.html"].text.contains("has no source document"));
    assert!(pages["zh/index.html"].text.contains("没有来源文件"));
    let (_folder, bare) = set(&[
        ("pol.toml", "name = \"bare\"\nlanguage = \"zh\"\n"),
        ("a.pol", "政策 p “空” { 发文日期 2020-01-01 来源 t = “t.txt” }"),
        ("t.txt", ""),
    ]);
    sound(&site(&bare));
}

/// A folder in which the command runs.
struct Desk(TempDir);

impl Desk {
    fn new() -> Desk {
        let desk = Desk(tempfile::tempdir().expect("a folder can be made"));
        desk.pol(&["init", "set"]);
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn pol(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let command =
            Command::new(env!("CARGO_BIN_EXE_pol")).args(arguments).current_dir(self.0.path()).output();
        let Output { status, stdout, stderr } = command.expect("pol can be run");
        let text = [stdout, stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        (status.code(), text)
    }

    /// The names of what stands in the folder, hidden ones too.
    fn list(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).expect("it can be read").flatten();
        let mut names: Vec<String> =
            entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

#[test]
fn the_folder_is_written_whole_or_not_at_all() {
    let desk = Desk::new();
    let (status, said) = desk.pol(&["doc", "set", "--output", "new/site"]);
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("new/site/index.html"), "{said}");
    assert!(desk.path("new/site/en/search.js").is_file());
    // An earlier site is replaced, and what is no longer of it goes.
    fs::remove_file(desk.path("new/site/style.css")).expect("it is there");
    let (status, said) = desk.pol(&["doc", "set", "--output", "new/site/"]);
    assert_eq!(status, Some(0), "{said}");
    assert!(desk.path("new/site/style.css").is_file());
    // Foreign files stay, and so does everything else.
    fs::write(desk.path("new/site/zh/mine.txt"), "mine").expect("it can be written");
    fs::remove_file(desk.path("new/site/style.css")).expect("it is there");
    let (status, said) = desk.pol(&["doc", "set", "--output", "new/site"]);
    assert_eq!(status, Some(2), "{said}");
    assert!(said.contains("zh/mine.txt") && said.contains("nothing was changed"), "{said}");
    assert!(desk.path("new/site/zh/mine.txt").is_file() && !desk.path("new/site/style.css").exists());
    let (status, said) = desk.pol(&["doc", "set", "--output", "set"]);
    assert_eq!(status, Some(2), "{said}");
    assert!(desk.path("set/pol.toml").is_file());
    fs::create_dir(desk.path("empty")).expect("it can be made");
    assert_eq!(desk.pol(&["doc", "set", "--output", "empty"]).0, Some(0));
    assert_eq!(desk.list(), ["empty", "new", "set"], "nothing is left behind");
}

#[test]
fn awkward_places_and_sets_are_told_of() {
    let desk = Desk::new();
    fs::write(desk.path("file"), "x").expect("it can be written");
    let (status, said) = desk.pol(&["doc", "set", "--output", "file"]);
    assert_eq!(status, Some(2), "{said}");
    assert!(said.contains("file is not a folder"), "{said}");
    assert_eq!(desk.pol(&["doc", "set", "--output", "file/below"]).0, Some(2));
    assert_eq!(desk.pol(&["doc", "nothing", "--output", "site"]).0, Some(2));
    assert_eq!(desk.pol(&["doc", "set"]).0, Some(2), "--output is needed");
    fs::write(desk.path("set/broken.pol"), "measure {").expect("it can be written");
    let (status, said) = desk.pol(&["doc", "set", "--output", "site"]);
    assert_eq!(status, Some(1), "{said}");
    assert_eq!(desk.list(), ["file", "set"], "nothing is written");
    fs::remove_file(desk.path("set/broken.pol")).expect("it is there");
    // A case that fails is said, and the site is there.
    let cases = desk.path("set/cases.pol");
    let text = fs::read_to_string(&cases).expect("it is there");
    fs::write(&cases, text.replacen("3000元", "3001元", 1)).expect("it can be written");
    let (status, said) = desk.pol(&["doc", "set", "--output", "site"]);
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("examples do not come out as expected"), "{said}");
}
