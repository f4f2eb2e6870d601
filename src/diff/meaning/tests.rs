//! What is told of edits, and what is not.

use std::fs;

use super::{Version, compare};
use crate::check::show::Language;
use crate::compile::{self, Compiled};
use crate::diff::report::meaning::items;

const HEAD: &str = "policy p \"意见\" { issued 2020-02-29  rounding half_up to 1分  dates round down }\n";

fn set(files: &[(&str, &str)]) -> Compiled {
    let folder = tempfile::tempdir().expect("a folder can be made");
    fs::write(folder.path().join("pol.toml"), "name = \"x\"\n").expect("a file can be written");
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("a file can be written");
    }
    let compiled = compile::load(folder.path());
    let errors: Vec<_> = compiled.problems.iter().filter(|problem| problem.is_error()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    compiled
}

fn between(old: &Compiled, new: &Compiled) -> Vec<String> {
    let [old, new] = [old, new].map(|set| Version { program: &set.program, sources: &set.sources });
    let meaning = compare(old, new, Language::English);
    let mut lines = Vec::new();
    for item in items(&meaning.changes, Language::English) {
        lines.push(format!("{} {}", item.sign, item.title));
        lines.extend(item.lines.into_iter().map(|line| format!("  {line}")));
    }
    lines
}

/// The lines that are told of an edit of a set of one file.
fn told(old: &str, new: &str) -> Vec<String> {
    between(&set(&[("a.pol", &format!("{HEAD}{old}"))]), &set(&[("a.pol", &format!("{HEAD}{new}"))]))
}

const FIRM: &str = "
    record Firm { key id: text  size \"规模\": count 人  hired: date  small: bool  due: money }
    param cap \"上限\" = 50万元
    param floor = 3人
    define worthy for Firm = size > floor
    measure aid \"补助\" for Firm {
      require { big \"规模大\": worthy  soon: hired in 2020-02-10 ..< 2020-02-10 + 1 month }
      except tiny: small
      pay sum \"补助\" = 100元/人 * size at most cap
    }";

/// The firm's set with some words replaced.
fn edited(words: &[(&str, &str)]) -> Vec<String> {
    let mut new = FIRM.to_owned();
    for (old, other) in words {
        assert!(new.contains(old), "{old}");
        new = new.replace(old, other);
    }
    told(FIRM, &new)
}

#[test]
fn layout_and_other_ways_to_say_the_same_are_silent() {
    assert!(edited(&[]).is_empty());
    assert!(edited(&[("\n", "\n\n  // why\n"), ("require {", "require {\n")]).is_empty());
    assert!(
        edited(&[(
            "big \"规模大\": worthy  soon: hired in 2020-02-10 ..< 2020-02-10 + 1 month",
            "soon: hired in 2020年2月10日 ..< 2020-02-10 + 1个月  big \"规模大\": worthy"
        )])
        .is_empty()
    );
    assert!(
        edited(&[(
            "soon: hired in 2020-02-10 ..< 2020-02-10 + 1 month",
            "soon: hired < 2020-02-10 + 1 month and 2020-02-10 <= hired"
        )])
        .is_empty()
    );
    assert!(edited(&[("size > floor", "not (floor >= size)")]).is_empty());
    assert!(edited(&[("100元/人 * size", "size * 100元/人")]).is_empty());
    assert!(edited(&[("50万元", "500_000元")]).is_empty());
    assert!(edited(&[("measure aid", "/// for people\nmeasure aid")]).is_empty());
    // A name for a part of an expression.
    assert!(
        edited(&[
            ("require {", "let all = 100元/人 * size\n require {"),
            ("= 100元/人 * size at", "= all at")
        ])
        .is_empty()
    );
    // A param that another one takes the place of changes no measure, but is new itself.
    let lines = edited(&[
        ("param floor", "param rate = 100元/人\n param floor"),
        ("= 100元/人 * size", "= rate * size"),
    ]);
    assert_eq!(lines, ["+ param rate (new)", "  definition type: 元/人", "  amount: 100元/人"]);
}

#[test]
fn moving_items_between_files_is_silent() {
    let (record, measure) =
        ("record R { key id: text  n: count }\n", "measure m for R { require some: n > 0  entitle e }\n");
    let old = set(&[("a.pol", &format!("{HEAD}{record}{measure}"))]);
    let new = set(&[("a.pol", &format!("{HEAD}{record}")), ("b.pol", &format!("use a.*\n{measure}"))]);
    assert!(between(&old, &new).is_empty());
}

#[test]
fn a_value_is_told_once_with_what_it_moves() {
    assert_eq!(
        edited(&[("50万元", "40万元")]),
        ["~ param cap 上限", "  amount: 500,000元 → 400,000元", "  moves: 补助"]
    );
    // Through a define.
    assert_eq!(
        edited(&[("floor = 3人", "floor = 4人")]),
        ["~ param floor", "  amount: 3人 → 4人", "  moves: 补助"]
    );
    assert_eq!(
        edited(&[("size > floor", "size >= floor")]),
        ["~ define worthy", "  definition: 规模 > floor → 规模 ≥ floor", "  moves: 补助"]
    );
}

#[test]
fn conditions_amounts_dates_and_citations_are_told_where_they_stand() {
    assert_eq!(
        edited(&[("big \"规模大\": worthy", "big \"规模大\": size >= 3人")]),
        ["~ measure aid 补助", "  condition 规模大: worthy → 规模 ≥ 3人"]
    );
    assert_eq!(
        edited(&[("except tiny: small", "")]),
        ["~ measure aid 补助", "  condition except tiny: removed: small"]
    );
    assert_eq!(
        edited(&[("pay sum", "in force until 2021-01-01  pay sum")]),
        ["~ measure aid 补助", "  date in force: from 2020-02-29 → from 2020-02-29 until 2021-01-01"]
    );
    assert_eq!(
        edited(&[("at most cap", "")]),
        ["~ measure aid 补助", "  amount 补助: pay min(100元/人 × 规模, 上限) → pay 100元/人 × 规模"]
    );
}

#[test]
fn citations_reasons_and_documents() {
    let set = |article: &str, reason: &str, document: &str| {
        let policy = "policy p { issued 2020-02-29  source law = \"law.txt\" }\n";
        let rest = format!(
            "param a = 1元 {{ cite law art {article} }}\nprinciple x {{ cite law art 2  reason \"{reason}\" }}"
        );
        set(&[("a.pol", &format!("{policy}{rest}")), ("law.txt", document)])
    };
    let law = "第一条 甲\n第二条 乙\n第三条 丙\n";
    assert_eq!(
        between(&set("1", "r", law), &set("3", "s", law)),
        ["~ param a", "  citation: law article 1 → law article 3", "~ principle x", "  text reason: r → s"]
    );
    assert!(between(&set("1", "r", law), &set("1", "r", &law.replace("甲\n", "甲  \r\n"))).is_empty());
    assert_eq!(
        between(&set("1", "r", law), &set("1", "r", &law.replace('乙', "丁"))),
        ["~ source law", "  text: line 2: 第二条 乙 → line 2: 第二条 丁"]
    );
}

#[test]
fn what_the_header_says_is_told_at_the_header() {
    let body = "record R { key id: text  n: count 人 }\nmeasure m \"甲\" for R { pay x = 1元/人 * n / 3 }";
    let old = set(&[("a.pol", &format!("{HEAD}{body}"))]);
    let new = set(&[("a.pol", &format!("{}{body}", HEAD.replace("1分", "1角").replace("02-29", "03-01")))]);
    assert_eq!(
        between(&old, &new),
        [
            "~ policy p 意见",
            "  date issued: 2020-02-29 → 2020-03-01",
            "  date in force: from 2020-02-29 → from 2020-03-01",
            "  rounding: rounded half up to 0.01元 → rounded half up to 0.10元",
            "  moves: 甲",
        ]
    );
}

#[test]
fn a_timeline_is_told_by_its_days() {
    let with = |steps: &str| {
        format!(
            "record R {{ key id: text  n: count 头 }}\nparam t {{ {steps} }}\nmeasure m for R {{ in force from 2020-03-01  require a: n > t  entitle e }}"
        )
    };
    assert_eq!(
        told(
            &with("from 2019-01-01: 5头  from 2020-02-29: 3头"),
            &with("from 2019-01-01: 5头  from 2020-02-01: 3头")
        ),
        ["~ param t", "  date 3头: from 2020-02-29 → from 2020-02-01", "  moves: m"]
    );
    assert_eq!(
        told(&with("from 2019-01-01: 5头"), &with("from 2019-01-01: 5头  from 2020-02-29: 3头")),
        ["~ param t", "  amount from 2020-02-29: new: 3头", "  moves: m"]
    );
}

#[test]
fn what_is_certainly_the_same_is_said_to_be_renamed() {
    assert_eq!(
        edited(&[("measure aid \"补助\"", "measure help \"补助\"")]),
        ["~ measure help 补助 (was aid; means the same)"]
    );
    assert_eq!(
        edited(&[("big \"规模大\"", "large \"规模大\"")]),
        ["~ measure aid 补助", "  condition 规模大: called large, was big; means the same"]
    );
    // Both at once; the heading counts what means the same apart.
    assert_eq!(
        edited(&[("measure aid \"补助\"", "measure help \"补助\""), ("big \"规模大\"", "large \"规模大\"")]),
        [
            "~ measure help 补助 (was aid; means the same)",
            "  condition 规模大: called large, was big; means the same"
        ]
    );
    // A param by its users; a define that is used stays what it is.
    assert_eq!(
        edited(&[("param floor", "param least"), ("> floor", "> least")]),
        ["~ param least (was floor; means the same)"]
    );
    assert_eq!(edited(&[("worthy", "deserving")]), ["~ define deserving (was worthy; means the same)"]);
    // A field by its label: its values are found as before.
    assert_eq!(
        edited(&[("size", "people")]),
        ["~ record Firm", "  definition 规模: called people, was size; means the same"]
    );
    // A value alone is no evidence.
    let (old, new) = ("param a = 1元\nparam b = 2元", "param c = 1元\nparam b = 2元");
    assert_eq!(
        told(old, new),
        [
            "+ param c (new)",
            "  definition type: 元",
            "  amount: 1元",
            "− param a (removed)",
            "  definition type: 元",
            "  amount: 1元",
        ]
    );
    // Two that could be the other one are not certain either.
    let one = |name: &str| format!("measure {name} for R {{ require a: n > 0  entitle e }}\n");
    let record = "record R { key id: text  n: count }\n";
    let lines = told(&format!("{record}{}", one("x")), &format!("{record}{}{}", one("y"), one("z")));
    assert!(lines.iter().all(|line| !line.contains("same")) && lines[0] == "+ measure y (new)", "{lines:?}");
}

#[test]
fn rows_fields_and_variants() {
    let with = |rows: &str, field: &str, small: &str| {
        format!(
            "enum S {{ {small} }}\nrecord R {{ key id: text  n: count 人  {field} }}\n\
             table t {{ hit first  given n: count 人  gives s: S  {rows} }}\n\
             measure m for R {{ require a: t(n) == small  entitle e }}"
        )
    };
    let old = with("row <= 5人 => small  row - => large", "x: bool", "small, large");
    let moved = with("row <= 6人 => small  row - => large", "x: bool", "large, small");
    assert_eq!(
        told(&old, &moved),
        ["~ table t", "  definition row 1: ≤ 5人 => small → ≤ 6人 => small", "  moves: m"]
    );
    let more = with(
        "row <= 5人 => small  row - => large",
        "x: bool?  y \"丙\": money in 0元..9元",
        "small, large, huge",
    );
    assert_eq!(
        told(&old, &more),
        [
            "~ record R",
            "  definition x: true or false → true or false, often blank",
            "  definition 丙: new: 元, as 元, 0元..9元, 2 decimals",
            "~ enum S",
            "  definition huge: new: huge",
            "  moves: m",
        ]
    );
}

#[test]
fn conditions_of_other_names_take_their_citations_along() {
    let with = |name: &str, quote: &str| {
        let text = format!(
            "policy p \"意见\" {{ issued 2020-02-29  source doc = \"doc.txt\" }}\n\
             record R {{ key id: text  n: count }}\n\
             measure m for R {{ require {name}: n > 3 cite doc art 1 \"{quote}\"  entitle e }}"
        );
        set(&[("a.pol", &text), ("doc.txt", "第一条 规模大的企业可以补助。\n")])
    };
    let old = with("big", "规模大的企业");
    let new = with("large", "规模大的企业");
    assert_eq!(
        between(&old, &new),
        ["~ measure m", "  condition large: called large, was big; means the same"]
    );
    let [before, after] = [&old, &new].map(|set| Version { program: &set.program, sources: &set.sources });
    assert_eq!(compare(before, after, Language::English).changes[0].how, super::How::Renamed);
    // White space does not count where quotations are looked up.
    assert!(between(&old, &with("big", "规模大 的\u{3000}企业")).is_empty());
}

#[test]
fn values_and_roundings_have_their_words() {
    let with = |day: &str, step: &str| {
        let text = format!(
            "policy p \"意见\" {{ issued 2020-02-29  rounding half_up to {step} }}\nparam day = {day}\n\
             record R {{ key id: text  n: money }}\nmeasure m for R {{ pay x = n / 3 }}"
        );
        set(&[("a.pol", &text)])
    };
    let old = with("2020-02-10", "1分");
    assert_eq!(
        between(&old, &with("2020-02-11", "1分")),
        ["~ param day", "  value: 2020-02-10 → 2020-02-11"]
    );
    assert_eq!(
        between(&old, &with("2020-02-10", "1元"))[..2],
        ["~ policy p 意见", "  rounding: rounded half up to 0.01元 → rounded half up to 1元"]
    );
}

#[test]
fn what_words_for_people_do_not_tell_is_told_in_full() {
    let with = |ties: &str| {
        format!(
            "record R {{ key id: text  n: count  o: count }}\n\
             measure m for R {{ require a: (rank by n descending, ties {ties}) <= 3  entitle e }}"
        )
    };
    let lines = told(&with("share"), &with("by o"));
    assert_eq!(lines[0], "~ measure m");
    assert!(lines[1].contains("ties share") && lines[1].contains("field R.o"), "{lines:?}");
}

#[test]
fn measures_that_give_way_and_budgets() {
    let with = |pool: &str, size: &str| {
        format!(
            "record R {{ key id: text  n: count  m: money }}\n\
             measure a \"甲\" for R {{ require big: n > {size}  excludes b  pay x = m }}\n\
             measure b \"乙\" for R {{ pay y = m * 2 }}\n\
             budget fund = {pool} {{ draws b.y  order by n  last cut }}"
        )
    };
    assert_eq!(
        told(&with("9元", "3"), &with("8元", "3")),
        ["~ budget fund", "  amount pool: 9元 → 8元", "  moves: 乙"]
    );
    assert_eq!(
        told(&with("9元", "3"), &with("9元", "4")),
        ["~ measure a 甲", "  condition big: n > 3 → n > 4", "  moves: 乙"]
    );
}

#[test]
fn empty_sets_and_everything_new() {
    assert!(between(&set(&[]), &set(&[("a.pol", "")])).is_empty());
    let lines = between(&set(&[]), &set(&[("a.pol", "unit 箱 = 0.025吨\nenum E { a, b }")]));
    assert_eq!(lines[..3], ["+ enum E (new)", "  definition a: a", "  definition b: b"]);
    assert_eq!(lines[3], "+ unit 箱 (new)");
}
