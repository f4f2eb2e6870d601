//! Slips that drafters make, and what they are told: the snapshot is read like a reviewer reads messages.

use std::fs;

use pol::compile;
use pol::diag::Diagnostic;
use pol::diag::render::{Format, render};

const VOCABULARY: &str = r#"
enum Size "企业规模" { large "大型", medium "中型", small "小型" }
record Enterprise "企业" {
  key code "统一社会信用代码": text
  employees "从业人员": count 人
  contract "劳动合同期限": months
  started "开工日期": date
  size "规模": Size
  revenue "营业收入": money
  growth "增幅": rate
  insured "参保": bool
}
param per_head "标准" = 1000元/人
"#;

/// One slip a line. `…` stands for `for Enterprise {` and the line's end closes it.
const SLIPS: &[&str] = &[
    "measure m … require { a: 从业人员超过10人 } pay x = 1元",
    "measure m … require { a: employees > 10 人 } pay x = 1元",
    "measure m … require { employees > 10人 } pay x = 1元",
    "measure m … require { a: 从业人员 大于 10人 } pay x = 1元",
    "measure m … require { a: size == large 或者 size == small } pay x = 1元",
    "measure m … require { a: insured && employees > 1人 } pay x = 1元",
    "measure m … require { a: !insured } pay x = 1元",
    "measure m … require { a: insured = true } pay x = 1元",
    "measure m … require { a: 1人 <= employees <= 300人 } pay x = 1元",
    "measure m … require { a: size == \"大型\" } pay x = 1元",
    "measure m … require { a: size in {larg, medium} } pay x = 1元",
    "measure m … require { a \"甲\" insured } pay x = 1元",
    "measure m … require { a: insured or } pay x = 1元",
    "measure m … requires { a: insured } pay x = 1元",
    "measure m … require { a: contract >= 12 } pay x = 1元",
    "measure m … require { a: revenue > 50万 } pay x = 1元",
    "measure m … require { a: growth > 0.05 } pay x = 1元",
    "measure m … require { a: growth > 5 % } pay x = 1元",
    "measure m … require { a: started - 2020-01-01 >= 1个月 } pay x = 1元",
    "measure m … one of { a: insured pay x = 1元 }",
    "measure m … one of { a: insured -> pay x = 1元 }",
    "measure m … pay x 1元",
    "measure m … pay = 1元",
    "measure m … pay x = 1000 * employees",
    "measure m … pay x = 1000元每人 * employees",
    "measure m … pay x = if insured then 1元",
    "measure m … pay x = 5%",
    "measure m { pay x = 1元 }",
    "measure m … let due = revenu + 1元  pay x = due * 2 at most due",
    "record City { key code: string  people: int }",
    "record City { key code text }",
    "record City { key code: text  gdp: money 万元 }",
    "record City { key code: text  people: count 人 in 0人..most }  param most = 1人",
    "record City { key code: text  people: count 人 in 0人..most }\nparam most = 1人",
    "param most = later * 2\nparam later = 1人",
    "param line { from 2019-01-01 5000人 }",
    "param rate = 50％０",
    "case \"x\" for m { given { employees = 3人 } expect granted }",
    "enum Tier { high, 、low \nrecord County { key code: text  tier: Tier }\nmeasure n for County { require { a: tier == high } entitle x }",
];

fn problems(slip: &str) -> (Vec<Diagnostic>, String) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let root = folder.path();
    let line = match slip.split_once('…') {
        Some((before, after)) => format!("{before}for Enterprise {{{after} }}"),
        None => slip.to_owned(),
    };
    fs::write(root.join("pol.toml"), "name = \"slips\"\n[lints]\nunused = \"allow\"\n")
        .expect("it can be written");
    fs::write(root.join("words.pol"), VOCABULARY).expect("a file can be written");
    fs::write(root.join("slip.pol"), format!("use words.*\n{line}\n")).expect("a file can be written");
    let compiled = compile::load(root);
    let mut out = Vec::new();
    render(&compiled.problems, &compiled.sources, Format::Human, false, &mut out)
        .expect("a buffer takes all");
    let text = String::from_utf8(out).expect("reports are UTF-8");
    (compiled.problems, text.replace(&format!("{}/", root.display()), ""))
}

#[test]
fn every_slip_is_told_in_words_that_help() {
    let mut told = String::new();
    for slip in SLIPS {
        let (problems, text) = problems(slip);
        assert!(problems.iter().any(Diagnostic::is_error), "nothing is said of: {slip}");
        told.push_str(&format!("==== {slip}\n{text}\n"));
    }
    insta::assert_snapshot!(told);
}
