//! The language server, asked by a client in the same process.
#![cfg(feature = "lsp")]

mod lsp_client;

use std::path::{Path, PathBuf};

use lsp_client::{Client, byte, position, uri, words};
use serde_json::{Value, json};

const MANIFEST: &str = "name = \"hiring\"\nlanguage = \"en\"\n";
const SOURCE: &str =
    "一、总则。\n二、对新吸纳就业的🐖企业，每人补贴1000元，从业人员500人以下的另给50万元。\n";
const RECORDS: &str = r#"policy hiring "Hiring" {
  issued 2020-02-29
  source doc = "source.txt"
  rounding half_up to 1分
}
enum Size "规模" { large "大型", medium "中型", small "小型" }
/// An employer.
record Firm "企业" {
  key id "编号": text
  size "企业规模": Size
  hires "新吸纳就业人数": count 人 in 0人..1000人
  employees "从业人员": count 人 in 0人..20_000人
  insured "参保": bool
}
param per_head "标准" = 1000元/人 { cite doc art 2 "每人补贴1000元" }
"#;
const MEASURE: &str = r#"use records.*

// 🐖🐖 公司
measure subsidy "就业补贴" for Firm {
  cite doc art 2 "对新吸纳就业的🐖企业，每人补贴1000元"
  let doubled = per_head * hires * 2
  require {
    some "🐖新吸纳就业": hires > 0人 and employees < 500人
    insured
  }
  one of {
    small "小企业": size in {medium, small} => pay amount "金额" = per_head * hires at most 50万元
    large "大企业": size == large => pay amount "金额" = doubled
  }
}
"#;
const CASES: &str = r#"use records.*
use measure.*

case "两人" for subsidy as of 2020-03-01 {
  given { hires: 2人, employees: 10人, insured: true, size: small }
  expect granted small { amount: 2000元 }
}
case "无人" for subsidy as of 2020-03-01 {
  given { 新吸纳就业人数: 0人, employees: 10人, insured: true, size: small }
  expect refused some
}
"#;

/// A policy set of its own, in a folder with a name that needs care in addresses.
struct Set {
    folder: tempfile::TempDir,
}

impl Set {
    fn new() -> Set {
        let set = Set { folder: tempfile::tempdir().unwrap() };
        std::fs::create_dir(set.path("")).unwrap();
        for (name, text) in [
            ("pol.toml", MANIFEST),
            ("source.txt", SOURCE),
            ("records.pol", RECORDS),
            ("measure.pol", MEASURE),
            ("cases.pol", CASES),
        ] {
            std::fs::write(set.path(name), text).unwrap();
        }
        set
    }

    fn path(&self, name: &str) -> PathBuf {
        std::fs::canonicalize(self.folder.path()).unwrap().join("政策 100%").join(name)
    }

    /// A client that has the measure open and was told that nothing is wrong.
    fn client(&self) -> Client {
        let mut client = Client::start(&self.path(""));
        client.open_file(&self.path("measure.pol"));
        client.until_problems(&self.path("measure.pol"), "the first check", <[Value]>::is_empty);
        client
    }

    /// The errors of the set as it is on disk.
    fn errors(&self) -> Vec<String> {
        let compiled = pol::compile::load(&self.path(""));
        let errors = compiled.problems.iter().filter(|problem| problem.is_error());
        errors.map(|problem| format!("{} {}", problem.code.id, problem.message)).collect()
    }
}

fn codes(problems: &[Value]) -> Vec<&str> {
    problems.iter().map(|problem| problem["code"].as_str().unwrap()).collect()
}

fn has(problems: &[Value], code: &str) -> bool {
    codes(problems).contains(&code)
}

#[test]
fn problems_come_while_typing_and_go_again() {
    let set = Set::new();
    let mut client = set.client();
    let path = set.path("measure.pol");
    client.replace(&path, "hires > 0人", "hire > 0人");
    let told = client.until_problems(&path, "the slip", |told| has(told, "E0301"));
    let slip = &told[codes(&told).iter().position(|code| *code == "E0301").unwrap()];
    assert_eq!(words(client.text(&path), &slip["range"]), "hire", "in UTF-16 units behind 🐖");
    assert!(slip["message"].as_str().unwrap().contains("did you mean `hires`?"), "{slip}");
    client.replace(&path, "hire > 0人", "hires > 0人");
    client.until_problems(&path, "the mended text", <[Value]>::is_empty);
    client.stop();
}

#[test]
fn a_broken_item_leaves_the_others_alive() {
    let set = Set::new();
    let mut client = set.client();
    let (path, records) = (set.path("measure.pol"), set.path("records.pol"));
    client.open_file(&records);
    // The measure loses a bracket: what stands in other items, and in it, is still known.
    client.replace(&path, "for Firm {", "for Firm ");
    client.until_problems(&path, "the broken item", |told| has(told, "E0103") || has(told, "E0101"));
    assert!(client.hover(&records, "per_head", 1).contains("1,000元/人"));
    assert!(client.hover(&path, "hires > 0", 1).contains("`count 人`"), "by its words");
    assert!(client.hover(&path, "doubled =", 1).contains("**let**"), "from when it had its form");
    let outline = client.about("textDocument/documentSymbol", &path);
    assert_eq!(outline[0]["name"], "subsidy", "{outline}");
    let told = client.problems.get(&set.path("cases.pol")).cloned().unwrap_or_default();
    assert!(told.is_empty(), "who uses what is broken is not to blame: {told:?}");
    client.stop();
}

#[test]
fn hovers_tell_what_is_known() {
    let set = Set::new();
    let mut client = set.client();
    let path = set.path("measure.pol");
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<String>>();
    let field = client.hover(&path, "hires > 0", 1);
    assert_eq!(
        lines(&field),
        ["**field** `hires` 新吸纳就业人数 · `Firm` 企业", "", "`count 人` · 0人..1,000人"]
    );
    let param = client.hover(&path, "per_head * hires * 2", 0);
    assert!(param.contains("- `1,000元/人`") && param.contains("“每人补贴1000元” — doc art 2"), "{param}");
    let local = client.hover(&path, "doubled =", 1);
    assert!(local.contains("`money 元`") && local.contains("`= 标准 × 新吸纳就业人数 × 2`"), "{local}");
    let citation = client.hover(&path, "每人补贴", 0);
    assert!(citation.contains("**对新吸纳就业的🐖企业，每人补贴1000元**，从业人员"), "{citation}");
    // The cases run behind the first check.
    let given = || client.hover(&path, "subsidy \"", 1);
    let last = std::iter::repeat_with(given).take(1000).find(|text| text.contains("2 of 2 cases pass"));
    assert!(last.expect("the cases have run").contains("✓ “"));
    client.stop();
}

#[test]
fn definitions_and_references_go_over_files() {
    let set = Set::new();
    let mut client = set.client();
    let (path, records, cases) = (set.path("measure.pol"), set.path("records.pol"), set.path("cases.pol"));
    let target = client.at("textDocument/definition", &path, "hires > 0", 1);
    assert_eq!(target[0]["uri"], uri(&records));
    assert_eq!(words(RECORDS, &target[0]["range"]), "hires");
    let target = client.at("textDocument/definition", &path, "对新吸纳就业的🐖企业", 3);
    assert_eq!(target[0]["uri"], uri(&set.path("source.txt")), "{target}");
    assert_eq!(words(SOURCE, &target[0]["range"]), "对新吸纳就业的🐖企业，每人补贴1000元");
    let target = client.at("textDocument/definition", &path, "records.*", 2);
    assert_eq!(target[0]["uri"], uri(&records));

    let found = client.at("textDocument/references", &path, "hires > 0", 1);
    let found: Vec<(PathBuf, String)> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|place| {
            let name = ["measure.pol", "records.pol", "cases.pol"].map(|name| set.path(name));
            let file = name.into_iter().find(|file| place["uri"] == uri(file)).unwrap();
            let text = std::fs::read_to_string(&file).unwrap();
            (file, words(&text, &place["range"]).to_owned())
        })
        .collect();
    let of =
        |file: &Path| found.iter().filter(|(own, _)| own == file).map(|(_, words)| words.as_str()).collect();
    let (in_measure, in_records, in_cases): (Vec<&str>, Vec<&str>, Vec<&str>) =
        (of(&path), of(&records), of(&cases));
    assert_eq!(in_measure, ["hires", "hires", "hires"]);
    assert_eq!(in_records, ["hires"]);
    assert_eq!(in_cases, ["hires", "新吸纳就业人数"]);
    client.stop();
}

#[test]
fn renames_names_and_labels_wherever_they_are_used() {
    let set = Set::new();
    let mut client = set.client();
    let (path, records) = (set.path("measure.pol"), set.path("records.pol"));
    client.open_file(&records);
    client.open_file(&set.path("cases.pol"));
    let rename = |client: &mut Client, path: &Path, words: &str, behind: usize, new: &str| {
        let mut params = client.place(path, words, behind);
        params["newName"] = json!(new);
        client.try_ask("textDocument/rename", params)
    };
    let range = client.at("textDocument/prepareRename", &path, "hires > 0", 1);
    assert_eq!(range["placeholder"], "hires");
    let edit = rename(&mut client, &path, "hires > 0", 1, "招用人数").unwrap();
    client.apply(&edit);
    let edit = rename(&mut client, &records, "\"新吸纳就业人数\"", 4, "新招").unwrap();
    client.apply(&edit);
    // At once, before anything is checked again: by words.
    let edit = rename(&mut client, &path, "doubled =", 1, "twice").unwrap();
    client.apply(&edit);
    let edit = rename(&mut client, &path, "medium, small}", 1, "middle").unwrap();
    client.apply(&edit);
    for name in ["measure.pol", "records.pol", "cases.pol"] {
        std::fs::write(set.path(name), client.text(&set.path(name))).unwrap();
    }
    assert_eq!(set.errors(), Vec::<String>::new());
    assert!(client.text(&records).contains("招用人数 \"新招\""));
    assert!(client.text(&set.path("cases.pol")).contains("{ 新招: 0人"));
    assert!(client.text(&path).contains("=> pay amount \"金额\" = twice"));

    // The new name is known once it is checked.
    let ready =
        |client: &mut Client| !client.at("textDocument/prepareRename", &path, "招用人数 > 0", 3).is_null();
    assert!((0..10_000).any(|_| ready(&mut client)));
    for (new, why) in [
        ("employees", "already"),
        ("两 个", "cannot be a name"),
        ("1人", "cannot be a name"),
        ("and", "cannot be a name"),
        ("", "cannot be a name"),
    ] {
        let error = rename(&mut client, &path, "招用人数 > 0", 3, new).unwrap_err();
        assert!(error.contains(why), "{new}: {error}");
    }
    assert!(rename(&mut client, &path, "one of", 1, "x").unwrap_err().contains("no name here"));
    client.stop();
}

#[test]
fn completion_knows_where_it_is() {
    let set = Set::new();
    let mut client = set.client();
    let path = set.path("measure.pol");
    let head = |own: Vec<String>| own.into_iter().take(6).collect::<Vec<_>>();
    let mut typed = |text: &str| {
        let end = client.text(&path).len();
        client.edit(&path, 0..end, &format!("use records.*\n{text}"));
        let whole = format!("use records.*\n{text}");
        client.complete(&path, &whole)
    };
    assert_eq!(typed("measure m for Firm { cite "), ["doc"]);
    assert_eq!(typed("measure m for "), ["Firm"]);
    assert!(typed("measure m for Firm { cite doc art 2 \"每人").is_empty(), "nothing inside a quotation");
    assert!(typed("// hires ").is_empty(), "nothing inside a comment");
    assert!(typed("measure m for Firm { pay x = 10").is_empty(), "nothing inside a number");
    let values = typed("measure m for Firm {\n  let twice = hires * 2\n  require { a: ");
    assert_eq!(head(values.clone()), ["twice", "id", "size", "hires", "employees", "insured"]);
    assert!(values.contains(&"per_head".to_owned()) && values.contains(&"round".to_owned()));
    assert_eq!(typed("measure m for Firm {\n  require { a: size == "), ["large", "medium", "small"]);
    assert_eq!(typed("measure m for Firm {\n  require { a: size in {large, "), ["medium", "small"]);
    assert_eq!(
        typed("measure m for Firm {\n  pay x = match size { large => 1元, "),
        ["medium", "small", "else"]
    );
    assert_eq!(typed("measure m for Firm {\n  require { "), ["insured", "cite"]);
    assert_eq!(typed("measure m for Firm {\n  require { a: Size."), ["large", "medium", "small"]);
    let members = typed("measure m for Firm {\n  cite doc art 2\n  ");
    assert!(
        ["require", "pay", "one of", "in force from"]
            .iter()
            .all(|word| members.contains(&(*word).to_owned()))
    );
    let types = typed("record R { a: ");
    assert!(types.contains(&"money".to_owned()) && types.contains(&"Size".to_owned()), "{types:?}");
    let items = typed("");
    assert!(items.contains(&"measure".to_owned()) && items.contains(&"case".to_owned()), "{items:?}");
    assert_eq!(typed("measure m for Firm { require { a: hires > 0人 } }\nme").first().unwrap(), "use");
    client.stop();
}

#[test]
fn what_can_be_compared_comes_first() {
    let set = Set::new();
    let mut client = set.client();
    let path = set.path("measure.pol");
    client.replace(&path, "employees < 500人", "employees < ");
    let offers = client.at("textDocument/completion", &path, "employees < ", "employees < ".len());
    let offers = offers["items"].as_array().unwrap();
    let place = |name: &str| {
        let offer = offers.iter().find(|own| own["label"] == name).unwrap_or_else(|| panic!("no {name}"));
        offer["sortText"].as_str().unwrap().to_owned()
    };
    assert!(place("hires") < place("size"), "an enum is no number of people");
    assert!(place("employees") < place("id") && place("employees") < place("per_head"));
    client.stop();
}

#[test]
fn a_broken_measure_still_knows_its_record() {
    let set = Set::new();
    std::fs::write(set.path("a.pol"), "record Aardvark \"食蚁兽\" { key burrow: text }\n").unwrap();
    let mut client = set.client();
    let path = set.path("measure.pol");
    client.replace(&path, "hires > 0人 and employees", "hire > 0人 and employees");
    client.until_problems(&path, "the slip", |told| has(told, "E0301"));
    let offers = client.at("textDocument/completion", &path, "0人 and ", "0人 and ".len());
    let names: Vec<&str> =
        offers["items"].as_array().unwrap().iter().map(|own| own["label"].as_str().unwrap()).collect();
    assert!(names.contains(&"employees") && !names.contains(&"burrow"), "{names:?}");
    client.stop();
}

#[test]
fn measures_of_a_set_have_names_of_their_own() {
    let set = Set::new();
    let other = "use records.*\nmeasure bonus for Firm { require insured  pay more = 1元 }\n";
    std::fs::write(set.path("other.pol"), other).unwrap();
    let mut client = set.client();
    let path = set.path("measure.pol");
    let at = json!({ "textDocument": { "uri": uri(&path) }, "position": position(MEASURE, MEASURE.find("subsidy").unwrap()), "newName": "bonus" });
    let told = client.try_ask("textDocument/rename", at).unwrap_err();
    assert!(told.contains("called `bonus` already"), "{told}");
    client.stop();
}

#[test]
fn completion_in_cases() {
    let set = Set::new();
    let mut client = set.client();
    let path = set.path("cases.pol");
    client.open_file(&path);
    let mut typed = |text: &str| {
        let end = client.text(&path).len();
        let whole = format!("use records.*\nuse measure.*\n{text}");
        client.edit(&path, 0..end, &whole);
        client.complete(&path, &whole)
    };
    assert!(typed("case \"a\" for ").contains(&"subsidy".to_owned()));
    let fields = typed("case \"a\" for subsidy {\n  given { hires: 2人, ");
    assert_eq!(fields, ["size", "employees", "insured", "id"], "what the measure reads, then the rest");
    assert_eq!(typed("case \"a\" for subsidy {\n  given { size: "), ["large", "medium", "small"]);
    assert_eq!(typed("case \"a\" for subsidy {\n  given { insured: "), ["true", "false"]);
    let answers = typed("case \"a\" for subsidy {\n  given { }\n  expect ");
    assert_eq!(answers[..3], ["granted", "refused", "conflict"]);
    assert_eq!(typed("case \"a\" for subsidy {\n  given { }\n  expect granted "), ["small", "large"]);
    assert_eq!(typed("case \"a\" for subsidy {\n  given { }\n  expect granted { "), ["amount"]);
    assert_eq!(typed("case \"a\" for subsidy {\n  given { }\n  expect granted small { "), ["amount"]);
    let conditions = typed("case \"a\" for subsidy {\n  given { }\n  expect refused ");
    assert_eq!(conditions[..3], ["some", "small", "large"]);
    assert!(typed("case \"a\" for subsidy {\n  set ").contains(&"per_head".to_owned()));
    // In Chinese words: the labels that are names come first, and snippets are Chinese.
    let fields = typed("算例 “一” 适用 subsidy {\n  已知 { 新吸纳就业人数: 2人, ");
    assert_eq!(fields, ["企业规模", "从业人员", "参保", "编号"]);
    let items = typed(
        "算例 “一” 适用 subsidy {\n  已知 { }\n  预期 给予\n}\n算例 “二” 适用 subsidy {\n}\n引用 x.*\n\n",
    );
    assert!(items.contains(&"措施".to_owned()), "{items:?}");
    client.stop();
}

/// Applies the action with this title and returns whether its problem is gone.
fn mends(client: &mut Client, path: &Path, at: &str, code: &str, title: &str) {
    client.until_problems(path, code, |told| has(told, code));
    let actions = client.actions(path, at);
    let titles: Vec<&str> = actions.iter().map(|action| action["title"].as_str().unwrap()).collect();
    let chosen = actions.iter().find(|action| action["title"] == title);
    let chosen = chosen.unwrap_or_else(|| panic!("no `{title}` among {titles:?}"));
    client.apply(&chosen["edit"]);
    client.until_problems(path, "the mended text", |told| !has(told, code));
}

#[test]
fn quick_fixes_mend() {
    let set = Set::new();
    let mut client = set.client();
    let path = set.path("measure.pol");
    client.replace(&path, "hires > 0人", "hirse > 0人");
    mends(&mut client, &path, "hirse", "E0301", "Write `hires`");
    client.replace(&path, "hires > 0人", "hires > 0");
    mends(&mut client, &path, "0 and", "E0402", "Write `0人`");
    client.replace(&path, "每人补贴1000元\"", "每个人补贴1000元\"");
    mends(&mut client, &path, "\"对新", "E0603", "Write `\"对新吸纳就业的🐖企业，每人补贴1000元\"`");
    client.replace(&path, "art 2", "art 1");
    mends(&mut client, &path, "\"对新", "E0603", "Write `art 2`");
    client.replace(&path, "= doubled", "= match size { large => 7元 }");
    mends(&mut client, &path, "match", "E0507", "Add `, medium => ?, small => ?`");
    client.replace(&path, ", medium => ?, small => ?", ", else => 8元");
    client.until_problems(&path, "a whole match", <[Value]>::is_empty);
    client.replace(&path, "size == large", "size == large and hires < 5人");
    mends(&mut client, &path, "small \"", "N0510", "Add `rest: else => refuse`");
    client.replace(&path, "use records.*", "use records.{Firm, Size}");
    mends(&mut client, &path, "per_head * hires * 2", "E0301", "Add `use records.{per_head}`");
    let end = client.text(&path).len();
    client.edit(&path, end..end, "\u{200B}");
    mends(&mut client, &path, "\u{200B}", "E0107", "Delete it");
    client.stop();
}

#[test]
fn an_amount_without_unit_is_offered_each_that_may_be_meant() {
    let set = Set::new();
    let mut client = set.client();
    let path = set.path("measure.pol");
    client.replace(&path, "at most 50万元", "at most 500000");
    client.until_problems(&path, "the bare number", |told| has(told, "E0402"));
    let titles: Vec<String> =
        client.actions(&path, "500000").iter().map(|own| own["title"].as_str().unwrap().to_owned()).collect();
    assert_eq!(titles, ["Write `500000元`", "Write `500000万元`"]);
    client.stop();
}

#[test]
fn a_case_is_written_that_is_missing() {
    let set = Set::new();
    std::fs::write(set.path("cases.pol"), "").unwrap();
    let mut client = set.client();
    let path = set.path("measure.pol");
    let actions = client.actions(&path, "subsidy \"");
    let title = "Write a case that is missing for `subsidy`";
    let write = actions.iter().find(|own| own["title"] == title).expect("an action");
    let command = &write["command"];
    let params = json!({ "command": command["command"], "arguments": command["arguments"] });
    // This client makes no changes itself, and is told what to put in.
    let case = client.ask("workspace/executeCommand", params.clone());
    let case = case.as_str().unwrap_or_else(|| panic!("no case: {case}"));
    let text = format!("{}{case}\n", client.text(&path));
    std::fs::write(&path, text).unwrap();
    let compiled = pol::compile::load(&set.path(""));
    assert!(!compiled.has_errors(), "{:?}", set.errors());
    let core = pol::compile::lower(&compiled.program);
    let options = pol::trial::Options::new(compiled.language);
    let told = pol::trial::run(&compiled.program, &core, options);
    assert_eq!((told.results.len(), told.failed()), (1, 0), "{case}");
    client.stop();
}

#[test]
fn outline_folds_hints_and_colours() {
    let set = Set::new();
    let mut client = set.client();
    let path = set.path("measure.pol");
    let outline = client.about("textDocument/documentSymbol", &path);
    let parts: Vec<&str> =
        outline[0]["children"].as_array().unwrap().iter().map(|own| own["name"].as_str().unwrap()).collect();
    assert_eq!(parts, ["doubled", "some", "insured", "small", "large"]);
    assert_eq!(words(MEASURE, &outline[0]["selectionRange"]), "subsidy");
    assert_eq!(outline[0]["children"][3]["children"][0]["name"], "amount");

    let folds = client.about("textDocument/foldingRange", &path);
    let folds: Vec<(u64, u64)> = folds
        .as_array()
        .unwrap()
        .iter()
        .map(|own| (own["startLine"].as_u64().unwrap(), own["endLine"].as_u64().unwrap()))
        .collect();
    assert_eq!(folds, [(3, 13), (6, 8), (10, 12)]);

    let whole = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 99, "character": 0 } });
    let params = json!({ "textDocument": { "uri": uri(&path) }, "range": whole });
    let hints = client.ask("textDocument/inlayHint", params);
    let hints: Vec<(&str, &str)> = hints
        .as_array()
        .unwrap()
        .iter()
        .map(|own| {
            let at = lsp_client::byte(MEASURE, &own["position"]);
            (MEASURE[..at].rsplit(' ').next().unwrap(), own["label"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        hints,
        [("doubled", ": money 元"), ("\"金额\"", ": money 元, ≤ 500,000元"), ("\"金额\"", ": money 元")]
    );

    let tokens = colours(&mut client, &path, MEASURE);
    let kind_of = |words: &str| tokens.iter().find(|(own, _)| own == words).map(|(_, kind)| kind.as_str());
    for (words, kind) in [
        ("use", "keyword"),
        ("measure", "keyword"),
        ("subsidy", "class"),
        ("\"就业补贴\"", "string"),
        ("Firm", "struct"),
        ("doubled", "variable"),
        ("per_head", "parameter"),
        ("hires", "property"),
        ("0", "number"),
        ("人", "type"),
        ("one", "keyword"),
        ("medium", "enumMember"),
        ("// 🐖🐖 公司", "comment"),
        ("\"🐖新吸纳就业\"", "string"),
    ] {
        assert_eq!(kind_of(words), Some(kind), "{words}");
    }
    client.stop();
}

/// The semantic tokens of a file, each with its words.
fn colours(client: &mut Client, path: &Path, text: &str) -> Vec<(String, String)> {
    const TYPES: &[&str] = &[
        "comment",
        "keyword",
        "number",
        "string",
        "operator",
        "type",
        "variable",
        "namespace",
        "enum",
        "enumMember",
        "struct",
        "property",
        "parameter",
        "function",
        "class",
    ];
    let tokens = client.about("textDocument/semanticTokens/full", path);
    let data: Vec<u64> = tokens["data"].as_array().unwrap().iter().map(|own| own.as_u64().unwrap()).collect();
    let (mut line, mut column) = (0, 0);
    let mut found = Vec::new();
    for own in data.chunks(5) {
        column = if own[0] == 0 { column + own[1] } else { own[1] };
        line += own[0];
        let place = |character: u64| json!({ "line": line, "character": character });
        let range = json!({ "start": place(column), "end": place(column + own[2]) });
        found.push((words(text, &range).to_owned(), TYPES[own[3] as usize].to_owned()));
    }
    found
}

/// Has a file laid out, as an editor does it.
fn lay_out(client: &mut Client, path: &Path) -> usize {
    let params =
        json!({ "textDocument": { "uri": uri(path) }, "options": { "tabSize": 4, "insertSpaces": true } });
    let edits = client.ask("textDocument/formatting", params);
    let edits = edits.as_array().unwrap();
    for edit in edits {
        let text = client.text(path);
        let range = byte(text, &edit["range"]["start"])..byte(text, &edit["range"]["end"]);
        client.edit(path, range, edit["newText"].as_str().unwrap());
    }
    edits.len()
}

#[test]
fn a_file_is_laid_out() {
    let set = Set::new();
    let mut client = set.client();
    let path = set.path("measure.pol");
    lay_out(&mut client, &path);
    let tidy = client.text(&path).to_owned();
    assert_eq!(lay_out(&mut client, &path), 0, "nothing is left to do");
    client.replace(&path, "\"🐖新吸纳就业\":", "   \"🐖新吸纳就业\" ：");
    client.replace(&path, "// 🐖🐖 公司", "// 🐖🐖 公司   ");
    assert_eq!(lay_out(&mut client, &path), 1);
    assert_eq!(client.text(&path), tidy);
    client.replace(&path, "require {", "require { ((");
    client.replace(&path, "// 🐖🐖 公司", "// 🐖🐖 公司  ");
    let broken = tidy.replace("require {", "require { ((");
    lay_out(&mut client, &path);
    assert_eq!(client.text(&path), broken, "what is broken stays as it stands");
    client.stop();
}

#[test]
fn a_lens_runs_a_case() {
    let set = Set::new();
    let mut client = set.client();
    let path = set.path("cases.pol");
    client.open_file(&path);
    let lenses = client.about("textDocument/codeLens", &path);
    assert_eq!(lenses.as_array().unwrap().len(), 2);
    let command = lenses[0]["command"].clone();
    assert!(command["title"].as_str().unwrap().starts_with("▶ Run"), "{command}");
    assert_eq!(lenses[0]["range"]["start"]["line"], 3);
    let run = |client: &mut Client| {
        let params = json!({ "command": command["command"], "arguments": command["arguments"] });
        client.try_ask("workspace/executeCommand", params)
    };
    let result = run(&mut client).unwrap();
    assert_eq!(result["passed"], true, "{result}");
    assert_eq!(result["gave"], json!(["granted small { amount: 2,000元 }"]));
    assert!(
        client.messages.iter().any(|own| own.starts_with("✓ “两人”: granted small")),
        "{:?}",
        client.messages
    );
    let hover = client.hover(&path, "subsidy as of", 1);
    assert!(hover.ends_with("✓ “两人”: `granted small { amount: 2,000元 }`"), "{hover}");

    // What was typed a moment ago counts: the case runs on the text as it is.
    client.replace(&path, "amount: 2000元", "amount: 3000元");
    let result = run(&mut client).unwrap();
    assert_eq!(result["passed"], false, "{result}");
    let told = client.until_problems(&path, "the failing case", |told| has(told, "E0703"));
    assert!(told[0]["message"].as_str().unwrap().contains("amount: 3,000元"), "{told:?}");
    let lenses = client.about("textDocument/codeLens", &path);
    assert_eq!(lenses[0]["command"]["title"], "▶ Run  ✗ granted small { amount: 2,000元 }");

    client.replace(&path, "granted small", "granted smal");
    let error = run(&mut client).unwrap_err();
    assert!(error.contains("cannot be run"), "{error}");
    client.stop();
}

#[test]
fn answers_come_at_once_and_fit_the_text_as_it_is() {
    let set = Set::new();
    let mut client = set.client();
    let path = set.path("measure.pol");
    // Nothing waits for a check here: every edit is followed by a question.
    for at in 0..20 {
        client.edit(&path, 0..0, "// 🐖 一行\n");
        let text = client.text(&path).to_owned();
        let target = client.at("textDocument/definition", &path, "= doubled", 3);
        assert_eq!(words(&text, &target[0]["range"]), "doubled", "after {at} edits");
        let hover = client.at("textDocument/hover", &path, "hires > 0", 2);
        assert_eq!(words(&text, &hover["range"]), "hires");
    }
    // A name that was typed just now is known by its words.
    client.replace(&path, "insured\n", "insured\n    more: employees > 3人\n");
    assert!(client.hover(&path, "employees > 3", 1).contains("`count 人`"));
    client.stop();
}

#[test]
fn sets_that_use_each_other_are_renamed_together() {
    let set = Set::new();
    let city = set.path("").join("../城市");
    std::fs::create_dir(&city).unwrap();
    let city = std::fs::canonicalize(city).unwrap();
    std::fs::write(
        city.join("pol.toml"),
        "name = \"city\"\nlanguage = \"zh\"\n[uses]\nbase = \"../政策 100%\"\n",
    )
    .unwrap();
    let text = "use base.records.*\n定义 大户 适用 Firm: 是非 = 从业人员 超过 300人\n\n算例 “大” 适用 大户 截至 2020-03-01 { 已知 { employees: 301人 } 预期 = 真 }\n";
    std::fs::write(city.join("city.pol"), text).unwrap();
    let mut client = Client::start(city.parent().unwrap());
    let records = set.path("records.pol");
    client.open_file(&records);
    client.open_file(&city.join("city.pol"));
    client.until("both sets", |client| client.knows(&records) && client.knows(&city));
    let mut params = client.place(&records, "\"从业人员\"", 4);
    params["newName"] = json!("职工人数");
    let edit = client.ask("textDocument/rename", params);
    client.apply(&edit);
    for path in [&records, &city.join("city.pol")] {
        std::fs::write(path, client.text(path)).unwrap();
    }
    assert_eq!(set.errors(), Vec::<String>::new());
    let compiled = pol::compile::load(&city);
    assert!(!compiled.has_errors(), "{:?}", compiled.problems);
    assert!(std::fs::read_to_string(city.join("city.pol")).unwrap().contains("职工人数 超过"));
    client.stop();
}

#[test]
fn files_on_their_own_and_files_not_saved_yet() {
    let set = Set::new();
    let mut client = set.client();
    let lone = set.folder.path().join("lone.pol");
    client.open(&lone, "measure \"x\n");
    let told = client.until_problems(&lone, "what the grammar says", |told| !told.is_empty());
    assert!(has(&told[..1], "E0104"), "{told:?}");
    assert!(told[1]["message"].as_str().unwrap().contains("belongs to no policy set"), "{told:?}");
    // A new file that is not on disk is a module already.
    let fresh = set.path("fresh.pol");
    client.open(&fresh, "use records.*\nparam extra = 1元\n");
    client.until_problems(&fresh, "the new module", |told| has(told, "W0307"));
    client.open_file(&set.path("cases.pol"));
    client.edit(&set.path("cases.pol"), 0..0, "use fresh.{extra}\n");
    client.edit(&set.path("cases.pol"), 0..0, "use fresh.{extr}\n");
    client.until_problems(&set.path("cases.pol"), "a slip", |told| codes(told) == ["E0204"]);
    client.close(&fresh);
    client.until_problems(&set.path("cases.pol"), "the module is gone", |told| has(told, "E0203"));
    client.stop();
}

#[test]
fn changes_on_disk_are_seen() {
    let set = Set::new();
    let mut client = set.client();
    let records = set.path("records.pol");
    std::fs::write(&records, RECORDS.replace("hires \"", "hired \"")).unwrap();
    let changes = json!({ "changes": [{ "uri": uri(&records), "type": 2 }] });
    client.notify("workspace/didChangeWatchedFiles", changes);
    client.until_problems(&set.path("measure.pol"), "the missing field", |told| has(told, "E0301"));
    client.stop();
}

#[test]
fn nonsense_is_answered_with_an_error() {
    let set = Set::new();
    let mut client = set.client();
    assert!(client.try_ask("textDocument/hover", json!({ "nonsense": true })).is_err());
    assert!(client.try_ask("textDocument/nonsense", json!({})).is_err());
    let elsewhere = json!({ "textDocument": { "uri": "file:///nowhere.pol" }, "position": { "line": 9, "character": 9 } });
    for method in ["hover", "definition", "completion", "prepareRename", "documentHighlight"] {
        assert_eq!(client.ask(&format!("textDocument/{method}"), elsewhere.clone()), Value::Null);
    }
    client.notify("textDocument/didChange", json!({ "textDocument": 3 }));
    client.notify("$/nonsense", Value::Null);
    let params = json!({ "command": "rm", "arguments": [] });
    assert!(client.try_ask("workspace/executeCommand", params).is_err());
    client.stop();
}

/// A small generator of numbers that is the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit.max(1)
    }
}

#[test]
fn random_edits_never_kill_the_server() {
    const PIECES: &[&str] = &[
        "{",
        "}",
        "(",
        ")",
        "\"",
        "“",
        "”",
        "\n",
        "🐖",
        "企业",
        " for ",
        "measure x",
        "case \"",
        " => ",
        ": ",
        ",",
        "0人",
        "..",
        "use records.{",
        "records.",
        "size == ",
        "match size {",
        "//",
        "///",
        "\\",
        "\u{200B}",
        "50%",
        "given { ",
        "expect ",
        "2020-02-30",
        "\r\n",
        "enum E {",
        "不超过",
        "art 2",
        "第2条",
        "=",
        "-",
        "amend subsidy from ",
    ];
    let set = Set::new();
    let mut client = set.client();
    let files = ["measure.pol", "records.pol", "cases.pol"].map(|name| set.path(name));
    client.open_file(&files[1]);
    client.open_file(&files[2]);
    let originals: Vec<String> = files.iter().map(|path| client.text(path).to_owned()).collect();
    let seed = std::env::var_os("POL_LSP_SEED").and_then(|seed| seed.to_str()?.parse().ok()).unwrap_or(7);
    let rounds =
        std::env::var_os("POL_LSP_ROUNDS").and_then(|rounds| rounds.to_str()?.parse().ok()).unwrap_or(120);
    let mut dice = Dice(seed);
    for round in 0..rounds {
        let path = files[dice.below(3)].clone();
        let text = client.text(&path).to_owned();
        let bounds: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let from = dice.below(bounds.len());
        let to = (from + dice.below(12)).min(bounds.len() - 1);
        client.edit(&path, bounds[from]..bounds[to], PIECES[dice.below(PIECES.len())]);
        if dice.below(12) == 0 {
            let at = files.iter().position(|own| *own == path).unwrap();
            let end = client.text(&path).len();
            client.edit(&path, 0..end, &originals[at]);
        }
        for _ in 0..4 {
            anything(&mut client, &path, &mut dice);
        }
        assert!(
            client.messages.iter().all(|own| !own.contains("bug")),
            "round {round}: {:?}",
            client.messages
        );
    }
    for (path, text) in files.iter().zip(&originals) {
        let end = client.text(path).len();
        client.edit(path, 0..end, text);
    }
    client.replace(&files[0], "hires > 0人", "hirs > 0人");
    client.until_problems(&files[0], "the one slip that is left", |told| codes(told) == ["E0301"]);
    assert!(client.messages.iter().all(|own| !own.contains("bug")), "{:?}", client.messages);
    client.stop();
}

/// Asks something about some place of a file.
fn anything(client: &mut Client, path: &Path, dice: &mut Dice) {
    let text = client.text(path).to_owned();
    let line = dice.below(text.matches('\n').count() + 2);
    let at = json!({ "line": line, "character": dice.below(60) });
    let document = json!({ "uri": uri(path) });
    let place = json!({ "textDocument": document, "position": at });
    let range = json!({ "start": at, "end": { "line": line + dice.below(4), "character": dice.below(9) } });
    let with = |key: &str, value: Value| {
        let mut params = place.clone();
        params[key] = value;
        params
    };
    let (method, params) = match dice.below(15) {
        0 => ("textDocument/hover", place),
        1 => ("textDocument/definition", place),
        2 => ("textDocument/references", with("context", json!({ "includeDeclaration": true }))),
        3 => ("textDocument/rename", with("newName", json!("别的"))),
        4 => ("textDocument/prepareRename", place),
        5 => ("textDocument/documentSymbol", json!({ "textDocument": document })),
        6 => ("textDocument/foldingRange", json!({ "textDocument": document })),
        7 => ("textDocument/semanticTokens/full", json!({ "textDocument": document })),
        8 => ("textDocument/inlayHint", json!({ "textDocument": document, "range": range })),
        9 => ("textDocument/codeLens", json!({ "textDocument": document })),
        10 => {
            let context = json!({ "diagnostics": [] });
            (
                "textDocument/codeAction",
                json!({ "textDocument": document, "range": range, "context": context }),
            )
        }
        11 => ("workspace/symbol", json!({ "query": "s" })),
        12 => ("textDocument/documentHighlight", place),
        13 => ("textDocument/semanticTokens/range", json!({ "textDocument": document, "range": range })),
        _ => ("textDocument/completion", place),
    };
    if let Err(error) = client.try_ask(method, params) {
        assert!(!error.contains("inside pol"), "{method}: {error}");
    }
}
