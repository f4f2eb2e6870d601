//! The files of editors that are made from the language itself: the TextMate grammar from the keywords of
//! `grammar/policy.pest`, the snippets from those that completion offers. `UPDATE_EDITORS=1` writes them anew.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use pol::ide::keywords;
use pol::syntax::words;
use serde_json::{Map, Value, json};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Holds a file against what it should be, or writes it.
fn is_up_to_date(path: &PathBuf, wanted: &Value) {
    let wanted = format!("{wanted:#}\n");
    if std::env::var_os("UPDATE_EDITORS").is_some() {
        std::fs::write(path, &wanted).expect("the file can be written");
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert!(found == wanted, "{} is out of date: UPDATE_EDITORS=1 cargo test --test editors", path.display());
}

/// The words of each rule of the grammar that is one of keywords or operators.
fn rules() -> BTreeMap<String, BTreeSet<String>> {
    let grammar = std::fs::read_to_string(root().join("grammar/policy.pest")).expect("the grammar");
    let mut rules: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut name = String::new();
    for line in grammar.lines() {
        let begins = line.split_once(" = ").map(|(name, _)| name.trim()).filter(|name| !name.contains(' '));
        if let Some(begins) = begins {
            name = begins.to_owned();
        }
        let wanted = ["kw_", "op_", "bound_", "reserved_", "rounding_name", "duration_word"];
        if !wanted.iter().any(|start| name.starts_with(start)) {
            continue;
        }
        let literals = line.split('"').skip(1).step_by(2);
        let words =
            literals.filter(|text| text.chars().all(|c| c.is_alphabetic() || c == '_') && !text.is_empty());
        rules.entry(name.clone()).or_default().extend(words.map(str::to_owned));
    }
    rules.retain(|_, words| !words.is_empty());
    rules
}

/// What the words of a rule are to the eye: the scope, and whether they count only behind a colon.
fn scope(rule: &str) -> (&'static str, bool) {
    const TYPES: &[&str] = &[
        "kw_number",
        "kw_count",
        "kw_money",
        "kw_bool",
        "kw_text",
        "kw_rate_type",
        "kw_points",
        "kw_date",
        "kw_time",
        "kw_days",
        "kw_months",
        "kw_hours",
    ];
    const BENEFITS: &[&str] =
        &["kw_pay", "kw_waive", "kw_defer", "kw_extend", "kw_rate", "kw_entitle", "kw_list", "kw_penalize"];
    const ANSWERS: &[&str] = &[
        "kw_granted",
        "kw_refused",
        "kw_undetermined",
        "kw_conflict",
        "kw_not_in_force",
        "kw_met",
        "kw_breached",
        "kw_not_yet_due",
        "kw_not_bound",
        "kw_attained",
        "kw_missed",
        "kw_error",
        "kw_refuse",
    ];
    match rule {
        _ if TYPES.contains(&rule) => ("storage.type.pol", true),
        _ if BENEFITS.contains(&rule) => ("keyword.other.benefit.pol", false),
        _ if ANSWERS.contains(&rule) => ("support.constant.answer.pol", false),
        "kw_true" | "kw_false" | "kw_as_of_day" => ("constant.language.pol", false),
        "duration_word" => ("keyword.other.unit.pol", false),
        _ if rule.starts_with("op_") || rule.starts_with("bound_") => ("keyword.operator.word.pol", false),
        _ => ("keyword.other.pol", false),
    }
}

/// A pattern for any of some words, longest first, that stands alone among letters of any script.
fn any_of(words: &BTreeSet<String>) -> String {
    let mut words: Vec<&String> = words.iter().collect();
    words.sort_by_key(|word| (std::cmp::Reverse(word.chars().count()), *word));
    let list: Vec<&str> = words.into_iter().map(String::as_str).collect();
    format!("(?<![\\p{{L}}\\p{{N}}_])(?:{})(?![\\p{{L}}\\p{{N}}_])", list.join("|"))
}

fn grammar() -> Value {
    let items: BTreeSet<String> =
        words::ITEMS.iter().flat_map(|(english, chinese)| [*english, *chinese]).map(str::to_owned).collect();
    let mut scopes: BTreeMap<(&str, bool), BTreeSet<String>> = BTreeMap::new();
    let mut seen: BTreeSet<String> = items.clone();
    // What is particular comes before what is a keyword like any other.
    let rules = rules();
    let (other, particular): (Vec<_>, Vec<_>) =
        rules.iter().partition(|(rule, _)| scope(rule).0 == "keyword.other.pol");
    for (rule, words) in particular.into_iter().chain(other) {
        let (name, behind_colon) = scope(rule);
        for word in words {
            if behind_colon || seen.insert(word.clone()) {
                scopes.entry((name, behind_colon)).or_default().insert(word.clone());
            }
        }
    }
    let mut patterns = vec![
        json!({ "name": "comment.block.documentation.pol", "match": "///.*$" }),
        json!({ "name": "comment.line.double-slash.pol", "match": "//.*$" }),
        json!({ "include": "#straight" }),
        json!({ "include": "#curly" }),
        json!({ "name": "constant.other.article.pol", "match": "第\\s*[0-9零〇一二三四五六七八九十百]+\\s*条" }),
        json!({
            "name": "constant.other.date.pol",
            "match": "\\d{4}-\\d{2}-\\d{2}(?:T\\d{2}:\\d{2}(?::\\d{2})?)?|\\d{4}年\\d{1,2}月\\d{1,2}日(?:\\d{1,2}时(?:\\d{1,2}分)?)?",
        }),
        json!({
            "match": "(?<![\\p{L}\\p{N}_])(\\d[\\d_]*(?:\\.\\d+)?)([%％‰]|\\p{L}[\\p{L}\\p{N}_]*(?:/\\p{L}[\\p{L}\\p{N}_]*)*)?",
            "captures": {
                "1": { "name": "constant.numeric.pol" },
                "2": { "name": "keyword.other.unit.pol" },
            },
        }),
        json!({
            "comment": "an item begins where its word is the first of a line",
            "match": format!("^\\s*({})", any_of(&items)),
            "captures": { "1": { "name": "keyword.declaration.pol" } },
        }),
    ];
    let types = scopes.remove(&("storage.type.pol", true)).expect("types");
    patterns.push(json!({
        "match": format!("(?<=[:：])\\s*({})", any_of(&types)),
        "captures": { "1": { "name": "storage.type.pol" } },
    }));
    patterns.push(json!({
        "comment": "a name in front of its colon, whatever word it is",
        "name": "variable.other.pol",
        "match": "(?<![\\p{L}\\p{N}_])\\p{L}[\\p{L}\\p{N}_]*(?=\\s*(?:\"[^\"]*\"|“[^”]*”)?\\s*[:：])",
    }));
    for ((name, _), words) in &scopes {
        patterns.push(json!({ "name": name, "match": any_of(words) }));
    }
    patterns
        .push(json!({ "name": "keyword.operator.pol", "match": "=>|⇒|[=!<>]=|\\.\\.<?|[-+*/×÷−=<>≤≥≠?]" }));
    json!({
        "comment": "Made from grammar/policy.pest by `UPDATE_EDITORS=1 cargo test --test editors`.",
        "$schema": "https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json",
        "name": "Pol",
        "scopeName": "source.pol",
        "fileTypes": ["pol"],
        "patterns": patterns,
        "repository": {
            "straight": {
                "name": "string.quoted.double.pol",
                "begin": "\"",
                "end": "\"|$",
                "patterns": [{ "name": "constant.character.escape.pol", "match": "\\\\." }],
            },
            "curly": {
                "name": "string.quoted.other.pol",
                "begin": "“",
                "end": "”|$",
                "patterns": [
                    { "name": "constant.character.escape.pol", "match": "\\\\." },
                    { "include": "#curly" },
                ],
            },
        },
    })
}

#[test]
fn the_textmate_grammar_knows_every_keyword() {
    is_up_to_date(&root().join("editors/vscode/syntaxes/pol.tmLanguage.json"), &grammar());
    let written = grammar().to_string();
    let rules = rules();
    assert!(rules.len() > 150, "the grammar is read");
    for word in rules.values().flatten() {
        let stands = ["|", "(?:"]
            .iter()
            .any(|before| ["|", ")"].iter().any(|after| written.contains(&format!("{before}{word}{after}"))));
        assert!(stands, "`{word}` is coloured by nothing");
    }
}

#[test]
fn the_snippets_are_those_of_completion() {
    let mut snippets = Map::new();
    for item in keywords::ITEMS {
        for (word, body) in [(item.words.0, item.body.0), (item.words.1, item.body.1)] {
            let lines: Vec<&str> = body.lines().collect();
            let snippet = json!({ "prefix": word, "body": lines, "description": format!("{} {}", item.words.0, item.words.1) });
            snippets.insert(word.to_owned(), snippet);
        }
    }
    is_up_to_date(&root().join("editors/vscode/snippets/pol.json"), &Value::Object(snippets));
}

#[test]
fn the_extension_names_the_command_and_files_that_there_are() {
    let folder = root().join("editors/vscode");
    let package: Value =
        serde_json::from_str(&std::fs::read_to_string(folder.join("package.json")).expect("package.json"))
            .expect("JSON");
    let named = [
        &package["main"],
        &package["contributes"]["languages"][0]["configuration"],
        &package["contributes"]["grammars"][0]["path"],
        &package["contributes"]["snippets"][0]["path"],
    ];
    for file in named {
        assert!(folder.join(file.as_str().expect("a path")).is_file(), "{file}");
    }
    let extension = std::fs::read_to_string(folder.join("extension.js")).expect("extension.js");
    assert!(extension.contains("args: [\"lsp\"]") && extension.contains("\"pol.runCase\""));
    assert_eq!(package["version"], env!("CARGO_PKG_VERSION"));
}
