//! The words for units: built-in ones, currencies with their 万 and 亿, composites such as `元/人`, and
//! those that a policy set declares. Literals and column headers are read with the same table.

use crate::check::typed::{DAY, HOUR, MONTH, NamedUnit, NumberKind};
use crate::value::{CURRENCIES, Dimension, Number, Unit};

/// Base symbol of a number of years, which stands for 12 months where months are wanted.
pub const YEAR: &str = "年";

/// Months in a year.
pub const MONTHS_A_YEAR: i64 = 12;

/// A base unit or a multiple of one: its words, the numerator and denominator of its factor, its base.
type Row = (&'static [&'static str], i128, i128, &'static str);

/// 亩 is the base of areas: a hectare and a square metre both have ends of decimals in it.
const UNITS: &[Row] = &[
    (&["人", "名", "people", "person", "persons"], 1, 1, "人"),
    (&["户", "household", "households"], 1, 1, "户"),
    (&["家"], 1, 1, "家"),
    (&["个"], 1, 1, "个"),
    (&["头"], 1, 1, "头"),
    (&["例"], 1, 1, "例"),
    (&["件"], 1, 1, "件"),
    (&["次"], 1, 1, "次"),
    (&["项"], 1, 1, "项"),
    (&["台"], 1, 1, "台"),
    (&["辆"], 1, 1, "辆"),
    (&["吨", "t", "tonne", "tonnes"], 1, 1, "吨"),
    (&["公斤", "千克", "kg"], 1, 1_000, "吨"),
    (&["克", "g"], 1, 1_000_000, "吨"),
    (&["亩"], 1, 1, "亩"),
    (&["公顷", "ha", "hectare", "hectares"], 15, 1, "亩"),
    (&["平方米", "㎡", "m²"], 3, 2_000, "亩"),
    (&["平方公里", "平方千米", "km²"], 1_500, 1, "亩"),
    (&["千瓦时", "kWh"], 1, 1, "千瓦时"),
    (&["天", "日", "day", "days"], 1, 1, DAY),
    (&["周", "星期", "week", "weeks"], 7, 1, DAY),
    (&["月", "个月", "month", "months"], 1, 1, MONTH),
    (&["年", "year", "years"], 1, 1, YEAR),
    (&["小时", "个小时", "hour", "hours"], 1, 1, HOUR),
];

/// Other words for currencies and their parts.
const MONEY: &[Row] = &[
    (&["元人民币", "人民币元", "¥", "￥"], 1, 1, "CNY"),
    (&["角"], 1, 10, "CNY"),
    (&["分"], 1, 100, "CNY"),
    (&["美分"], 1, 100, "USD"),
    (&["港币"], 1, 1, "HKD"),
];

/// Words that stand before a unit, longest first.
const PREFIXES: &[(&str, i128)] = &[
    ("千亿", 100_000_000_000),
    ("百亿", 10_000_000_000),
    ("十亿", 1_000_000_000),
    ("万亿", 1_000_000_000_000),
    ("千万", 10_000_000),
    ("百万", 1_000_000),
    ("十万", 100_000),
    ("亿", 100_000_000),
    ("万", 10_000),
    ("千", 1_000),
    ("百", 100),
];

/// Units that no prefix goes before: 百分 is not 1元, 千个月 is not a duration anybody writes.
const WITHOUT_PREFIX: &[&str] =
    &["角", "分", "美分", "¥", "￥", "天", "日", "周", "星期", "月", "个月", "年", "小时", "个小时"];

/// The unit that `text` names, or `None` where it names none.
///
/// Factors lead to base units: 元 (`CNY`), 人, 吨, 亩, 天, 月, 小时, and 1 for `%`, `‰`, points and the
/// bare prefixes (`万`). `declared` are the units of the policy set; they come before the built-in ones.
/// `a/b` and `a·b` are quotients and products, read from left to right.
pub fn parse_unit(text: &str, declared: &[NamedUnit]) -> Option<Unit> {
    let text = text.trim();
    let mut product: Option<Unit> = None;
    let mut divide = false;
    let mut rest = text;
    loop {
        let end = rest.find(['/', '／', '·']).unwrap_or(rest.len());
        let factor = word(rest[..end].trim(), declared)?;
        product = Some(match product {
            None => factor,
            Some(left) => combine(left, factor, divide)?,
        });
        let Some(mark) = rest[end..].chars().next() else { return product };
        divide = mark != '·';
        rest = &rest[end + mark.len_utf8()..];
    }
}

/// Every built-in unit word, for suggestions.
pub fn words() -> impl Iterator<Item = &'static str> {
    let rows = UNITS.iter().chain(MONEY).flat_map(|(words, ..)| words.iter().copied());
    rows.chain(CURRENCIES.iter().flat_map(|(_, words)| words.iter().copied()))
}

/// Whether a unit word makes a rate (`%`, `‰`), points (`个百分点`, `pp`) or a plain number of its unit.
pub fn number_kind(text: &str) -> NumberKind {
    match text.trim() {
        "%" | "％" | "‰" => NumberKind::Rate,
        "个百分点" | "百分点" | "pp" => NumberKind::Points,
        _ => NumberKind::Plain,
    }
}

fn combine(left: Unit, right: Unit, divide: bool) -> Option<Unit> {
    Some(if divide {
        Unit { factor: left.factor.div(&right.factor)?, dimension: left.dimension.div(&right.dimension) }
    } else {
        Unit { factor: left.factor.mul(&right.factor), dimension: left.dimension.mul(&right.dimension) }
    })
}

/// One unit word, perhaps after a prefix.
fn word(text: &str, declared: &[NamedUnit]) -> Option<Unit> {
    if let Some(unit) = plain_word(text, declared).or_else(|| share(text)) {
        return Some(unit);
    }
    let (prefix, power) = PREFIXES.iter().find(|(prefix, _)| text.starts_with(prefix))?;
    let rest = text[prefix.len()..].trim_start();
    let power = Number::ratio(*power, 1);
    if rest.is_empty() {
        return Some(Unit { factor: power, dimension: Dimension::none() });
    }
    if WITHOUT_PREFIX.contains(&rest) {
        return None;
    }
    let unit = plain_word(rest, declared)?;
    Some(Unit { factor: unit.factor.mul(&power), dimension: unit.dimension })
}

fn plain_word(text: &str, declared: &[NamedUnit]) -> Option<Unit> {
    if let Some(named) = declared.iter().find(|named| named.words.iter().any(|word| word == text)) {
        return Some(named.unit.clone());
    }
    if let Some((code, _)) = CURRENCIES.iter().find(|(_, words)| words.iter().any(|word| same(word, text))) {
        return Some(Unit { factor: Number::ONE, dimension: Dimension::base(code) });
    }
    let (_, above, below, base) =
        UNITS.iter().chain(MONEY).find(|(words, ..)| words.iter().any(|word| same(word, text)))?;
    Some(Unit { factor: Number::ratio(*above, *below), dimension: Dimension::base(base) })
}

fn share(text: &str) -> Option<Unit> {
    let parts = match text {
        "%" | "％" | "个百分点" | "百分点" | "pp" => 100,
        "‰" => 1_000,
        _ => return None,
    };
    Some(Unit { factor: Number::ratio(1, parts), dimension: Dimension::none() })
}

/// English words of two letters and more in any case; single letters as they are (`T` is not a tonne).
fn same(word: &str, text: &str) -> bool {
    word == text || (word.len() > 1 && word.eq_ignore_ascii_case(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(text: &str) -> Option<(String, String)> {
        parse_unit(text, &[]).map(|unit| (unit.factor.to_string(), unit.dimension.to_string()))
    }

    fn is(text: &str, factor: &str, dimension: &str) {
        assert_eq!(unit(text), Some((factor.to_owned(), dimension.to_owned())), "{text}");
    }

    #[test]
    fn money() {
        is("元", "1", "元");
        is("万元", "10000", "元");
        is("亿元", "100000000", "元");
        is("百万元", "1000000", "元");
        is("千元", "1000", "元");
        is("万亿元", "1000000000000", "元");
        is("千亿美元", "100000000000", "美元");
        is("角", "0.1", "元");
        is("分", "0.01", "元");
        is("CNY", "1", "元");
        is("万 USD", "10000", "美元");
        assert_eq!(unit("百分"), None);
        assert_eq!(unit("元元"), None);
    }

    #[test]
    fn counts_masses_areas_durations() {
        is("千人", "1000", "人");
        is("公斤", "0.001", "吨");
        is("千克", "0.001", "吨");
        is("KG", "0.001", "吨");
        is("公顷", "15", "亩");
        is("万平方米", "15", "亩");
        is("千瓦时", "1", "千瓦时");
        is("个月", "1", "月");
        is("months", "1", "月");
        is("year", "1", "年");
        is("日", "1", "天");
        is("hours", "1", "小时");
    }

    #[test]
    fn shares_composites_and_bare_prefixes() {
        is("%", "0.01", "");
        is("‰", "0.001", "");
        is("个百分点", "0.01", "");
        is("万", "10000", "");
        is("元/人", "1", "元/人");
        is("万元/亩", "10000", "元/亩");
        is("元／人·天", "1", "元·天/人");
        is("元/公斤", "1000", "元/吨");
        for text in ["", "/", "元/", "/人", "·", "尺", "T", "万万", "百个月"] {
            assert_eq!(unit(text), None, "{text}");
        }
    }

    #[test]
    fn declared_words_come_first() {
        let unit = Unit { factor: Number::ratio(1, 40), dimension: Dimension::base("吨") };
        let declared = [NamedUnit { words: vec!["箱".into(), "crate".into()], unit: unit.clone() }];
        assert_eq!(parse_unit("箱", &declared), Some(unit));
        assert_eq!(parse_unit("万crate", &declared).map(|unit| unit.factor), Some(Number::from_int(250)));
        assert_eq!(parse_unit("箱", &[]), None);
    }
}
