//! Syntax errors in words: what was found, what was expected, what to write instead.

use pest::error::{Error, ErrorVariant, InputLocation};

use super::items::Chunk;
use super::parse::Rule;
use super::token::Token;
use super::words;
use crate::diag::{Diagnostic, closest, codes};
use crate::source::{FileId, Span};

/// A syntax error of one item.
pub fn unexpected(
    file: FileId,
    text: &str,
    item: Span,
    chunk: &Chunk<'_>,
    error: &Error<Rule>,
) -> Diagnostic {
    let at = item.start as usize
        + match error.location {
            InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
        };
    let expected = match &error.variant {
        ErrorVariant::ParsingError { positives, .. } => phrases(positives),
        ErrorVariant::CustomError { .. } => Vec::new(),
    };
    let significant = |l: &&super::scan::Lexeme| !matches!(l.token, Some(Token::Space | Token::Comment));
    let next = chunk.lexemes.iter().filter(significant).find(|l| l.end > at);
    let before = chunk.lexemes.iter().filter(significant).rfind(|l| l.end <= at);
    let (span, found) = match next {
        Some(lexeme) => {
            let start = lexeme.start.max(at);
            (Span::new(file, start, lexeme.end), text[start..lexeme.end].to_owned())
        }
        None => (Span::new(file, item.end as usize, item.end as usize), String::new()),
    };
    let what =
        if found.is_empty() { "the end of the item".to_owned() } else { format!("`{}`", shorten(&found)) };
    let in_chinese = text[item.range()].starts_with(|c: char| !c.is_ascii());
    let shown: Vec<String> =
        expected.iter().map(|words| if in_chinese { chinese(words) } else { words.clone() }).collect();
    let message = match shown.as_slice() {
        [] => format!("{what} was not expected here"),
        list => format!("expected {}, found {what}", join(list)),
    };
    let mut diagnostic = Diagnostic::new(&codes::UNEXPECTED, span, message).at("found this");
    if let (Some(before), Some(_)) = (before, next) {
        let place = Span::new(file, before.start, before.end);
        diagnostic = diagnostic.also(place, "after this");
    }
    let word = |lexeme: Option<&super::scan::Lexeme>| lexeme.map_or("", |l| &text[l.start..l.end]);
    let after = chunk.lexemes.iter().filter(significant).find(|l| l.start >= span.end as usize);
    let earlier = before.and_then(|b| chunk.lexemes.iter().filter(significant).rfind(|l| l.end <= b.start));
    let around = Around { earlier: word(earlier), before: word(before), found: &found, after: word(after) };
    for hint in hints(&around, &expected, chunk.keyword) {
        diagnostic = diagnostic.note(hint);
    }
    diagnostic
}

/// At most 40 characters of a text, on one line.
pub fn shorten(text: &str) -> String {
    let mut short: String = text.chars().take(40).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(40).is_some() {
        short.push('…');
    }
    short
}

fn join(list: &[String]) -> String {
    match list {
        [] => String::new(),
        [one] => one.clone(),
        [init @ .., last] => format!("{} or {last}", init.join(", ")),
    }
}

/// The words at the place of an error.
struct Around<'t> {
    earlier: &'t str,
    before: &'t str,
    found: &'t str,
    after: &'t str,
}

/// What the drafter may have meant.
fn hints(around: &Around<'_>, expected: &[String], keyword: Option<&str>) -> Vec<String> {
    let Around { before, found, .. } = *around;
    let mut hints: Vec<String> = foreign_words(around).into_iter().collect();
    let wants = |what: &str| expected.iter().any(|e| e.contains(what));
    if matches!(found, "=" | "\u{FF1D}") && wants("operator") {
        hints.push("to compare two values write `==` (等于)".to_owned());
    }
    if wants("`else`") {
        hints.push("every `if … then …` needs an `else …`: say what holds otherwise".to_owned());
    }
    if let Some(operator) =
        words::CHINESE_OPERATORS.iter().find(|word| found.starts_with(**word) && found.len() > word.len())
    {
        hints.push(format!("put a space after `{operator}`: `{operator} {}`", &found[operator.len()..]));
    }
    if found == "%" || found == "‰" {
        hints.push(format!("write the sign directly after the digits: `{before}{found}`"));
    }
    if wants("operator") && keyword == Some("measure") && BENEFIT_WORDS.contains(&found)
        || wants("`=>`") && matches!(found, ":" | "=" | "{")
    {
        hints.push("a condition and what follows from it are joined by `=>`".to_owned());
    }
    if matches!(keyword, Some("measure" | "duty" | "target" | "amend" | "case"))
        && let Some(word) = closest(found, MEASURE_WORDS.iter().copied())
    {
        hints.push(format!("did you mean `{word}`?"));
    }
    if before.ends_with(|c: char| c.is_ascii_digit())
        && found.chars().all(char::is_alphanumeric)
        && wants("operator")
    {
        hints.push(format!("a unit stands directly after its digits: `{before}{found}`"));
    }
    if matches!(found, ";" | "\u{FF1B}" | "," | "\u{FF0C}") && around.after.is_empty() {
        hints.push("an item needs no sign at its end; delete it".to_owned());
    }
    hints.extend(other_word(around, keyword));
    hints.extend(missing_sign(around, expected, keyword));
    if found.is_empty() && hints.is_empty() {
        hints.push("the item stops too early".to_owned());
    }
    hints
}

/// The sign that would make sense of what was found.
fn missing_sign(around: &Around<'_>, expected: &[String], keyword: Option<&str>) -> Option<String> {
    let Around { before, found, .. } = *around;
    let wants = |what: &str| expected.iter().any(|e| e.contains(what));
    let equals = |word: &str| matches!(word, "=" | "＝");
    if equals(found) && wants("`:`") && keyword == Some("case") {
        return Some(format!("a field and its value are joined by `:`, as in `{before}: …`"));
    }
    if words::item_keyword(found).is_some() && expected.is_empty() {
        return Some("an item begins on a line of its own".to_owned());
    }
    if found == "{" && wants("`for`") {
        return Some("say for which kind of record it is: `for Enterprise`".to_owned());
    }
    let is_word = |word: &str| word.starts_with(|c: char| c.is_alphabetic());
    if keyword == Some("record") && is_word(before) && is_word(found) && wants("quotation") {
        return Some(format!("a field and its type are joined by `:`, as in `{before}: {found}`"));
    }
    if wants("`until`") && keyword == Some("param") {
        return Some("after the date of a step stands `:`, and then its value".to_owned());
    }
    if keyword == Some("measure") && wants("quotation") && wants("`cite`") && is_comparison(found) {
        return Some(format!(
            "a condition has a name of its own before it, as in `scale: {before} {found} …`"
        ));
    }
    if found.starts_with(|c: char| c.is_ascii_digit()) && wants("a benefit") {
        return Some("an amount follows `=`: `pay x = 1000元`".to_owned());
    }
    None
}

/// A word of documents that is another in the language.
fn other_word(around: &Around<'_>, keyword: Option<&str>) -> Option<String> {
    let amount = around.after.starts_with(|c: char| c.is_ascii_digit());
    let ours = match (keyword?, around.found, around.before) {
        ("case", "不予", _) => "拒绝",
        ("measure" | "duty" | "amend", "支付" | "给付" | "支给" | "补助", _) => "发放",
        ("measure" | "duty" | "amend", "最高", _) if amount => "最多",
        ("measure" | "duty" | "amend", "最低", _) if amount => "最少",
        ("open", _, "不低于" | "不少于" | "至少") => {
            return Some(format!("for `{}` write `最少`", around.before));
        }
        ("open", _, "不超过" | "不高于" | "至多") => {
            return Some(format!("for `{}` write `最多`", around.before));
        }
        _ => return None,
    };
    Some(format!("for `{}` write `{ours}`", around.found))
}

fn is_comparison(word: &str) -> bool {
    word.starts_with(['<', '>', '=', '!', '≥', '≤', '≠', '＜', '＞', '＝'])
        || word == "in"
        || words::CHINESE_OPERATORS.contains(&word) && !matches!(word, "且" | "或" | "非" | "缺则")
}

/// Words and signs of other notations.
fn foreign_words(around: &Around<'_>) -> Option<String> {
    let is = |word: &str| [around.found, around.before, around.earlier].contains(&word);
    let (theirs, ours) = [
        ("大于", "`超过` (>)"),
        ("小于", "`低于` (<)"),
        ("大于等于", "`不低于` (>=)"),
        ("小于等于", "`不超过` (<=)"),
        ("不大于", "`不超过` (<=)"),
        ("不小于", "`不低于` (>=)"),
        ("在", "`属于` (in)"),
        ("并且", "`且`"),
        ("或者", "`或`"),
        ("!", "`not` (非)"),
        ("！", "`not` (非)"),
    ]
    .into_iter()
    .find(|(theirs, _)| is(theirs))
    .or_else(|| (around.before == "-" && around.found == ">").then_some(("->", "`=>`")))?;
    Some(format!("for `{theirs}` write {ours}"))
}

/// Kinds of benefits, as they begin one.
const BENEFIT_WORDS: &[&str] = &[
    "pay",
    "waive",
    "defer",
    "extend",
    "rate",
    "entitle",
    "list",
    "penalize",
    "refuse",
    "发放",
    "减免",
    "缓缴",
    "延长",
    "调整费率",
    "享受",
    "列入",
    "处罚",
    "不予",
];

const MEASURE_WORDS: &[&str] = &[
    "require",
    "except",
    "let",
    "one of",
    "first of",
    "comply",
    "due",
    "on breach",
    "reach",
    "pay",
    "waive",
    "defer",
    "extend",
    "rate",
    "entitle",
    "list",
    "penalize",
    "cite",
    "in force",
    "given",
    "expect",
    "granted",
    "refused",
    "undetermined",
    "条件",
    "除外",
    "依据",
    "择一",
    "依次",
    "发放",
    "减免",
    "缓缴",
    "延长",
    "享受",
    "列入",
    "处罚",
    "施行",
    "已知",
    "预期",
];

/// The expected things, most telling first, each once, at most eight.
fn phrases(rules: &[Rule]) -> Vec<String> {
    let mut list: Vec<String> = Vec::new();
    for words in rules.iter().filter_map(|rule| phrase(*rule)) {
        if !list.contains(&words) {
            list.push(words);
        }
    }
    // What a value may begin with says no more than that one was expected.
    if list.iter().any(|words| words == "a value") {
        list.retain(|words| !VALUE_STARTS.contains(&words.as_str()));
    }
    // After a value anything may follow; the operators say little then.
    if let Some(at) = list.iter().position(|words| words == "an operator") {
        let operator = list.remove(at);
        list.push(operator);
    }
    if list.len() > 8 {
        list.truncate(7);
        list.push("the like".to_owned());
    }
    list
}

const VALUE_STARTS: &[&str] = &[
    "a number",
    "a date such as 2020-02-10",
    "text in quotation marks",
    "a name",
    "a unit",
    "`{`",
    "`if`",
    "`match`",
];

/// What begins or is a value.
const VALUES: &[Rule] = &[
    Rule::expr,
    Rule::arith,
    Rule::primary,
    Rule::if_expr,
    Rule::match_expr,
    Rule::rank,
    Rule::aggregate,
    Rule::aggregate_kind,
    Rule::time,
    Rule::quantity,
    Rule::set,
    Rule::group,
    Rule::truth,
    Rule::as_of,
    Rule::call,
    Rule::argument,
    Rule::op_not,
    Rule::op_known,
    Rule::op_minus,
    Rule::op_plus,
];

fn is_operator(rule: Rule) -> bool {
    let name = format!("{rule:?}");
    rule == Rule::begins_operator || name.starts_with("op_") || name.starts_with("bound_")
}

/// What is expected where a rule is: its phrase, or the word that it begins with.
fn phrase(rule: Rule) -> Option<String> {
    if VALUES.contains(&rule) {
        return Some("a value".to_owned());
    }
    if is_operator(rule) {
        return Some("an operator".to_owned());
    }
    let words = match rule {
        Rule::ident | Rule::path | Rule::word => "a name",
        Rule::string => "text in quotation marks",
        Rule::date => "a date such as 2020-02-10",
        Rule::number => "a number",
        Rule::unit_name | Rule::type_unit | Rule::duration_word => "a unit",
        Rule::r#type | Rule::t_plain | Rule::t_number | Rule::t_count | Rule::t_money => "a type",
        Rule::rounding_name => "half_up, half_even, up or down",
        Rule::field | Rule::input | Rule::inputs => "a field",
        Rule::members => "`its`",
        Rule::variant => "a value of the enum",
        Rule::condition => "a condition",
        Rule::branch => "an alternative",
        Rule::benefit | Rule::benefit_kind => "a benefit (`pay`, `waive`, …)",
        Rule::cell | Rule::cell_any | Rule::cell_compare => "a cell (`-`, a value, a comparison)",
        Rule::table_input => "an input (`name: type`)",
        Rule::table_given => "`given`",
        Rule::table_file => "`from`",
        Rule::field_value => "`name: value`",
        Rule::step => "a step (`from DATE: VALUE`)",
        Rule::let_item => "`let`",
        Rule::open_param | Rule::open_define => "`param` or `define`",
        Rule::budget_order => "`order by`",
        Rule::budget_last => "`last cut` or `last refused`",
        Rule::contender => "a benefit of a measure (`m.b`)",
        Rule::answer_name | Rule::outcome_name => "`met`, `breached` or the like",
        Rule::article => "`art N`",
        Rule::as_of_date => "`as of DATE`",
        Rule::case_set => "`set`",
        Rule::values => "`{ name: value }`",
        Rule::arm => "a case of `match`",
        Rule::branch_else | Rule::arm_else => "`else`",
        Rule::sign_colon => "`:`",
        Rule::sign_assign => "`=`",
        Rule::sign_arrow => "`=>`",
        Rule::sign_lbrace => "`{`",
        _ => return keyword(rule).map(|word| format!("`{word}`")),
    };
    Some(words.to_owned())
}

/// A phrase with its keywords in Chinese.
fn chinese(phrase: &str) -> String {
    let part = |(at, part): (usize, &str)| {
        let known = words::KEYWORDS.iter().find(|word| at % 2 == 1 && word.english == part);
        known.map_or(part, |word| word.chinese).to_owned()
    };
    phrase.split('`').enumerate().map(part).collect::<Vec<_>>().join("`")
}

/// The English form of the keyword that a rule reads or begins with.
fn keyword(rule: Rule) -> Option<String> {
    if matches!(rule, Rule::kw_rate_type | Rule::kw_as_of_day | Rule::kw_only_known) {
        return None;
    }
    let name = format!("{rule:?}");
    let Some(part) = name.strip_prefix("kw_") else {
        return words::of_rule(&format!("kw_{name}")).next().map(|word| word.english.to_owned());
    };
    if let Some(word) = words::of_rule(&name).next() {
        return Some(word.english.to_owned());
    }
    // A part of a keyword of two words.
    let parts = ["by_en", "breach_en", "over_en", "to_en", "rata_en", "only_en"];
    (!part.ends_with("_zh") && !parts.contains(&part)).then(|| part.to_owned())
}
