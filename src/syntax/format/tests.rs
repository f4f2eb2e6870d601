//! The layout, member by member, and the words of the language against the grammar.

use std::collections::BTreeSet;

use pest::Parser;

use super::super::parse::{Grammar, Rule};
use super::super::words::{self, KEYWORDS, Tongue, WordKind};
use super::{Formatted, Options, Why, format};

fn formatted(text: &str, keywords: Option<Tongue>) -> Formatted {
    format(&[text], &Options { keywords, ..Options::default() }).remove(0)
}

/// The layout of a text is another, and nothing is left to do then.
fn is_laid_out(before: &str, after: &str) {
    let found = formatted(before, None);
    assert_eq!(found.text, after, "of\n{before}");
    assert_eq!(found.left, [], "{before}");
    assert_eq!(formatted(after, None).text, after, "once more");
}

#[test]
fn a_block_of_several_lines_has_one_member_a_line() {
    is_laid_out(
        "record  R{key id:text\n n \"人数\" : count 人 in 0人 .. 5人 ,  long_name\"名\":text?}",
        "record R {\n  key id: text\n  n         \"人数\": count 人 in 0人..5人,\n  long_name \"名\": text?\n}\n",
    );
    is_laid_out("enum E {a,b   c}", "enum E { a, b c }\n");
    is_laid_out("enum E {\n\n a \"甲\" bb \"乙\"}", "enum E {\n  a  \"甲\"\n  bb \"乙\"\n}\n");
    is_laid_out(
        "policy p{issued 2020-01-01 rounding half_up to 1分\n\n\n\n dates round down}",
        "policy p {\n  issued 2020-01-01\n  rounding half_up to 1分\n\n  dates round down\n}\n",
    );
    is_laid_out(
        "policy p { issued 2020-01-01 dates round up }",
        "policy p { issued 2020-01-01  dates round up }\n",
    );
}

#[test]
fn the_parts_of_neighbours_stand_below_each_other() {
    is_laid_out(
        "measure m for R {\nrequire {\na \"一个月内复工\": x > 1\nlonger: y\nc \"保险\": z\n}\none of {\nsmall: n < 1 => pay a = 1元\nlarge \"大\": n >= 10 => refuse\n}\n}",
        "measure m for R {\n  require {\n    a \"一个月内复工\": x > 1\n    longer:           y\n    c \"保险\":         z\n  }\n  one of {\n    small:      n < 1   => pay a = 1元\n    large \"大\": n >= 10 => refuse\n  }\n}\n",
    );
    is_laid_out(
        "duty d for R { comply {\n insured cite a art 1 \"x\"\n resumed_on cite a art 2 \"y\"\n covered \"c\": x\n cite a \"z\"\n\n b cite a\n} }",
        "duty d for R {\n  comply {\n    insured    cite a art 1 \"x\"\n    resumed_on cite a art 2 \"y\"\n    covered \"c\": x\n      cite a \"z\"\n\n    b cite a\n  }\n}\n",
    );
    is_laid_out(
        "table t {\nhit first\ngiven a \"x\": bool,\nlonger \"y\": bool\ngives c: bool\nrow -, >= 14天 => true\nrow {a, b}, - => false }",
        "table t {\n  hit first\n  given a      \"x\": bool,\n        longer \"y\": bool\n  gives c: bool\n  row -,      >= 14天 => true\n  row {a, b}, -       => false\n}\n",
    );
    // One that is much longer than the others stands out.
    is_laid_out(
        "enum E {\na \"甲\"\nbb \"乙\"\na_name_that_is_much_longer_than_those \"丙\"\n}",
        "enum E {\n  a  \"甲\"\n  bb \"乙\"\n  a_name_that_is_much_longer_than_those \"丙\"\n}\n",
    );
    is_laid_out(
        "define d for R = match x {\na, b => 1\nlonger => 2\nelse => 3 }",
        "define d for R = match x {\n  a, b   => 1\n  longer => 2\n  else   => 3\n}\n",
    );
}

#[test]
fn values_keep_the_lines_of_their_author() {
    is_laid_out(
        "case \"c\" for m {\ngiven { a: 1,\nb: 2 ,c:3 } expect granted{x:1元 ..2元}\ngiven{\na: 1, b: 2,\nc: 3 }\nexpect refused a,b }",
        "case \"c\" for m {\n  given { a: 1,\n          b: 2, c: 3 } expect granted { x: 1元..2元 }\n  given {\n    a: 1, b: 2,\n    c: 3\n  }\n  expect refused a, b\n}\n",
    );
    is_laid_out(
        "case \"c\" for m { given{} expect granted given { a: 1 } expect refused }",
        "case \"c\" for m { given { } expect granted  given { a: 1 } expect refused }\n",
    );
    is_laid_out("use a . b .{c ,d}\nuse x.*", "use a.b.{c, d}\nuse x.*\n");
}

#[test]
fn lines_go_on_where_their_author_broke_them() {
    is_laid_out(
        "define d for R =\n(a\nor b)\nand x in {1 ,\n2} {\ncite s\nart 1\n}",
        "define d for R =\n  (a\n  or b)\n  and x in {1,\n            2} {\n  cite s art 1\n}\n",
    );
    is_laid_out(
        "measure m for R {\nfirst of {\na: b\n=> pay\nx = 1元\nat most 2元\ncite s\n}\nrequire c: d and\ne\n}",
        "measure m for R {\n  first of {\n    a: b\n      => pay x = 1元\n      at most 2元\n      cite s\n  }\n  require c: d and\n    e\n}\n",
    );
}

#[test]
fn full_width_signs_become_ascii_and_those_of_mathematics_stay() {
    is_laid_out(
        "case “c” for m ｛ given ｛ a：1，b：5％； ｝ expect refused x、y ｝",
        "case “c” for m { given { a: 1, b: 5%; } expect refused x, y }\n",
    );
    is_laid_out(
        "define d for R＝（a＋1）＊2－-3÷b ≥ 4 and x ＞＝5",
        "define d for R = (a + 1) * 2 - -3 ÷ b ≥ 4 and x >= 5\n",
    );
    is_laid_out(
        "define d for R = round ( x,half_up,to :1元 ) .. max(1 , 2)..<3",
        "define d for R = round(x, half_up, to: 1元) .. max(1, 2) ..< 3\n",
    );
    is_laid_out(
        "define d for R = x in -1%..5% or not  in_force",
        "define d for R = x in -1%..5% or not in_force\n",
    );
}

#[test]
fn comments_stay_where_they_are() {
    is_laid_out(
        "  // first\n\n\n/// of r\nrecord R { // the record\n\n // a field\nid: text   // its key\n\n\n// last\n}   // behind\n\n// end",
        "// first\n\n/// of r\nrecord R {  // the record\n  // a field\n  id: text  // its key\n\n  // last\n}  // behind\n\n// end\n",
    );
    is_laid_out(
        "measure m for R {\nrequire a: b // why\n  and c\n// before the authority\ncite s\nentitle x\n}",
        "measure m for R {\n  require a: b  // why\n    and c\n    // before the authority\n    cite s\n  entitle x\n}\n",
    );
    is_laid_out("enum E { a, // one\nb\n}", "enum E { a,  // one\n         b }\n");
    is_laid_out("// only this\r\n\r\n", "// only this\n");
    is_laid_out("define d for R = // why\n1", "define d for R =  // why\n  1\n");
    is_laid_out("unit // a\n // b\n箱", "unit  // a\n  // b\n  箱\n");
}

#[test]
fn nothing_comes_of_nothing() {
    is_laid_out("", "");
    is_laid_out("\u{FEFF}\n \n", "");
}

#[test]
fn an_item_with_an_error_is_left_as_it_stands() {
    let text = "enum  A{a}\n\nmesure  m  for R {  }  // why\n\tx\n\n  enum  B{b}\ndefine  c  for = \n\n";
    let found = formatted(text, None);
    assert_eq!(
        found.text,
        "enum A { a }\n\nmesure  m  for R {  }  // why\n\tx\n\nenum B { b }\ndefine  c  for =\n"
    );
    let left: Vec<(Why, &str)> =
        found.left.iter().map(|left| (left.why, &text[left.start..left.end])).collect();
    assert!(left.iter().all(|(why, _)| *why == Why::Broken), "{left:?}");
    assert_eq!(left.last().map(|(_, text)| *text), Some("define  c  for ="));
    assert_eq!(formatted(&found.text, None).text, found.text);
}

#[test]
fn keywords_turn_and_come_back() {
    let english = "measure m for R {\n  in force from 2020-01-01 until 2020-02-01\n  cite s art 24 \"words\"\n  require {\n    a: n >= 10 and not x not in {1, 2} or r is_in 5 or_more\n    b: round(n, up, to: 1) == sum of known n over its R where y by z\n  }\n  pay x: money = 1元 at most 2元 per month at most 6个月\n}\n";
    let chinese = "措施 m 适用 R {\n  施行 自 2020-01-01 至 2020-02-01\n  依据 s 第24条 \"words\"\n  条件 {\n    a: n 不低于 10 且 非 x 不属于 {1, 2} 或 r 在 5 以上\n    b: 舍入(n, 进位, 到: 1) 等于 合计 仅知 n 全体 所属 R 其中 y 分组 z\n  }\n  发放 x: 金额 = 1元 最多 2元 每月 最多 6个月\n}\n";
    assert_eq!(formatted(english, Some(Tongue::Chinese)).text, chinese);
    assert_eq!(formatted(chinese, Some(Tongue::English)).text, english);
    assert_eq!(formatted(english, Some(Tongue::English)).text, english);
    assert_eq!(formatted(chinese, Some(Tongue::Chinese)).text, chinese);
}

#[test]
fn a_table_that_is_called_like_a_function_keeps_its_name() {
    let options = Options { keywords: Some(Tongue::Chinese), declared: BTreeSet::from(["max".to_owned()]) };
    let found = format(&["define d for R = max(1) + min(2)"], &options).remove(0);
    assert_eq!(found.text, "定义 d 适用 R = max(1) + 最小(2)\n");
}

#[test]
fn keywords_stay_where_the_others_would_be_read_otherwise() {
    // A list named `force`: in English `in force` would be another keyword.
    let text = "定义 d 适用 R = x 属于 force\n定义 e 适用 R = x 属于 forced\n";
    let found = formatted(text, Some(Tongue::English));
    assert_eq!(found.text, "定义 d 适用 R = x 属于 force\ndefine e for R = x in forced\n");
    assert_eq!(found.left.iter().map(|left| left.why).collect::<Vec<_>>(), [Why::Keywords]);
}

#[test]
fn every_keyword_is_read_by_its_rule_in_both_languages() {
    for keyword in KEYWORDS.iter().filter(|keyword| !matches!(keyword.rule, "call" | "article")) {
        let rule = Rule::all_rules().iter().find(|rule| format!("{rule:?}") == keyword.rule);
        let rule = *rule.unwrap_or_else(|| panic!("the grammar has no rule `{}`", keyword.rule));
        for word in [keyword.english, keyword.chinese] {
            let read = Grammar::parse(rule, word).unwrap_or_else(|error| panic!("{word}: {error}"));
            assert_eq!(read.as_str(), word, "{}", keyword.rule);
        }
    }
}

#[test]
fn every_operator_and_keyword_of_values_is_looked_for() {
    let reads = |text: String| {
        let read = Grammar::parse(Rule::expr, &text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(read.as_str(), text);
    };
    for keyword in KEYWORDS {
        for word in [keyword.english, keyword.chinese] {
            match keyword.rule {
                "op_not" | "op_known" => reads(format!("{word} x")),
                rule if rule.starts_with("op_") => reads(format!("x {word} y")),
                rule if rule.starts_with("bound_") => reads(format!("3人 {word}")),
                "kw_true" | "kw_false" | "kw_as_of_day" => reads(word.to_owned()),
                "kw_if" if word == "if" => reads("if x then y else z".to_owned()),
                "kw_if" => reads("如果 x 则 y 否则 z".to_owned()),
                "kw_match" => reads(format!("{word} x {{ a => 1 }}")),
                "kw_any_of" | "kw_all_of" | "kw_count_of" | "kw_sum_of" | "kw_min_of" | "kw_max_of"
                | "kw_average_of" => reads(format!("{word} its y")),
                _ => {}
            }
        }
    }
    let signs =
        ["+", "-", "*", "/", "×", "÷", "−", "≤", "≥", "≠", "<", ">", "<=", ">=", "==", "!=", "..", "..<"];
    let wide = ["＋", "－", "＊", "／", "＜", "＞", "＜＝", "＞＝", "＝＝", "！＝", "..＜"];
    signs.iter().chain(&wide).for_each(|sign| reads(format!("x {sign} y")));
    ["-", "+", "−", "－", "＋"].iter().for_each(|sign| reads(format!("{sign}x")));
    reads("排名 按 x 升序".to_owned());
    reads("rank by x ascending".to_owned());
}

#[test]
fn every_keyword_of_the_grammar_is_in_the_table() {
    // What the second word of a keyword is read by, and what has no words.
    let part = |name: &str| name.ends_with("_zh") || name.ends_with("_en");
    let parts = [
        "kw_of",
        "kw_art",
        "kw_force",
        "kw_full",
        "kw_most",
        "kw_least",
        "kw_month",
        "kw_not",
        "kw_not_in",
        "kw_after_type",
    ];
    let signs = ["op_range", "op_range_open", "op_add", "op_sub", "op_mul", "op_div", "op_minus", "op_plus"];
    for rule in Rule::all_rules() {
        let name = format!("{rule:?}");
        let keyword = ["kw_", "op_", "bound_"].iter().any(|start| name.starts_with(start));
        if keyword && !part(&name) && !parts.contains(&name.as_str()) && !signs.contains(&name.as_str()) {
            assert!(words::of_rule(&name).next().is_some(), "{name} has no row in the table of words");
        }
    }
    let opening = KEYWORDS.iter().filter(|keyword| keyword.kind == WordKind::Item).count();
    assert_eq!(opening, words::ITEMS.len());
}
