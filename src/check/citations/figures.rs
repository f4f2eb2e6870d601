//! The figures that a quotation names: 50万元, 1.2亿元, 500头, 50%, 一个月.

use super::normal::plain;
use super::numerals;
use crate::check::units;
use crate::value::Number;

/// The longest unit word without Latin letters, in characters.
const LONGEST_UNIT: usize = 6;
/// Words for counting, before which 一 is an article rather than a figure.
const COUNTERS: &[&str] =
    &["人", "名", "户", "家", "个", "头", "例", "件", "次", "项", "台", "辆", "百", "千", "万"];

/// A number that a quotation names, with the unit after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    pub text: String,
    pub number: Number,
    /// The word as in a literal; `None` where no unit follows.
    pub unit: Option<String>,
}

/// The figures of a quotation, in its order.
///
/// Left out is what only looks like one: ordinals (第3位), dates and years (2020年2月10日), 一 before a counter
/// (一次性), and what is not exact (数十万元).
pub fn figures(text: &str) -> Vec<Figure> {
    let text: Vec<char> =
        text.chars().filter_map(|c| if c.is_whitespace() { Some(' ') } else { plain(c) }).collect();
    let mut found: Vec<Figure> = Vec::new();
    let (mut at, mut last_end) = (0, 0);
    while at < text.len() {
        if let Some(length) = date(&text[at..]) {
            at += length;
            continue;
        }
        let Some(read) = share(&text[at..]).or_else(|| quantity(&text[at..])) else {
            // What hangs on a Latin word is part of a name.
            at += run(&text[at..], char::is_ascii_alphanumeric).max(1);
            continue;
        };
        let vague = at > 0 && matches!(text[at - 1], '第' | '数' | '几');
        if !vague
            && !read.is_article()
            && let Some(number) = read.number
        {
            let written: String = text[at..at + read.length].iter().collect();
            if let Some(last) = found.last_mut().filter(|last| last.unit.is_none())
                && matches!(text[last_end..at], ['-' | '–' | '—' | '~' | '〜' | '至' | '到'])
            {
                last.unit.clone_from(&read.unit);
            }
            found.push(Figure { text: written.replace(' ', ""), number, unit: read.unit });
        }
        at += read.length;
        last_end = at;
    }
    found
}

/// A number at the start of a text; how many characters it and its unit take.
struct Read {
    /// `None` where it is no exact number.
    number: Option<Number>,
    /// Written 一 and nothing else.
    one: bool,
    unit: Option<String>,
    length: usize,
}

impl Read {
    fn is_article(&self) -> bool {
        self.one && self.unit.as_deref().is_some_and(|unit| COUNTERS.contains(&unit))
    }
}

fn quantity(text: &[char]) -> Option<Read> {
    let (number, digits) = number(text)?;
    let (unit, length) = unit(&text[digits..]);
    Some(Read { number, one: text[..digits] == ['一'], unit, length: digits + length })
}

/// `百分之五十`, `千分之3`
fn share(text: &[char]) -> Option<Read> {
    let unit = match text {
        ['百', '分', '之', ..] => "%",
        ['千', '分', '之', ..] => "‰",
        _ => return None,
    };
    let (number, digits) = number(&text[3..])?;
    Some(Read { number, one: false, unit: Some(unit.to_owned()), length: 3 + digits })
}

/// A number in either kind of digits, and how long it is.
fn number(text: &[char]) -> Option<(Option<Number>, usize)> {
    let numerals = run(text, |c| numerals::is_numeral(*c));
    if numerals > 0 {
        let written: String = text[..numerals].iter().collect();
        return Some((numerals::whole(&written).map(|number| Number::from_int(number.into())), numerals));
    }
    let mut length = digits(text);
    if length == 0 {
        return None;
    }
    while text.get(length) == Some(&',') && digits(&text[length + 1..]) == 3 {
        length += 4;
    }
    if text.get(length) == Some(&'.') && digits(&text[length + 1..]) > 0 {
        length += 1 + digits(&text[length + 1..]);
    }
    let written: String = text[..length].iter().filter(|c| **c != ',').collect();
    Some((written.parse().ok(), length))
}

/// The unit at the start of a text and how long it is, a space before it included.
fn unit(text: &[char]) -> (Option<String>, usize) {
    let space = run(text, |c| *c == ' ');
    let text = &text[space..];
    let latin = run(text, char::is_ascii_alphabetic);
    let lengths = if latin > 0 { latin..=latin } else { 1..=LONGEST_UNIT.min(text.len()) };
    for length in lengths.rev() {
        let word: String = text[..length].iter().collect();
        if units::parse_unit(&word, &[]).is_some() {
            return (Some(word), space + length);
        }
    }
    (None, 0)
}

/// How long the date or the year at the start of a text is. A month without 个 is one of the calendar.
fn date(text: &[char]) -> Option<usize> {
    let part = |at: usize, ends: &[char]| -> Option<usize> {
        let (_, length) = number(&text[at..])?;
        text.get(at + length).filter(|c| ends.contains(c)).map(|_| at + length + 1)
    };
    let year = part(0, &['年']).filter(|end| {
        let written: String = text[..end - 1].iter().collect();
        let year = written.parse().ok().or_else(|| numerals::whole(&written));
        year.is_some_and(|year| (1900..2100).contains(&year))
    });
    let month = part(year.unwrap_or(0), &['月']);
    let day = month.and_then(|month| part(month, &['日', '号']));
    day.or(month).or(year)
}

fn digits(text: &[char]) -> usize {
    run(text, char::is_ascii_digit)
}

fn run(text: &[char], wanted: impl Fn(&char) -> bool) -> usize {
    text.iter().take_while(|c| wanted(c)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let show = |figure: Figure| format!("{} {}", figure.number, figure.unit.unwrap_or_default());
        figures(text).into_iter().map(|figure| show(figure).trim().to_owned()).collect()
    }

    #[test]
    fn with_units() {
        assert_eq!(
            read("不超过50万元,1.2亿元的,由5000头调整为500头"),
            ["50 万元", "1.2 亿元", "5000 头", "500 头"]
        );
        assert_eq!(read("提高1个百分点,不低于50%,２年,3‰"), ["1 个百分点", "50 %", "2 年", "3 ‰"]);
        assert_eq!(read("每人1,000,000元/人,运送 2500 吨"), ["1000000 元/人", "2500 吨"]);
        assert_eq!(read("1268家,1万名干部"), ["1268 家", "1 万名"]);
        assert_eq!(read("5 months, 1,000 yuan or 3 tonnes"), ["5 months", "1000 yuan", "3 tonnes"]);
        assert_eq!(figures("每人 50 万元")[0].text, "50万元");
    }

    #[test]
    fn numerals_and_shares() {
        assert_eq!(read("一个月内,十二个月,两年,五十万元"), ["1 个月", "12 个月", "2 年", "50 万元"]);
        assert_eq!(read("百分之五十,千分之3,百分之12.5"), ["50 %", "3 ‰", "12.5 %"]);
    }

    #[test]
    fn ranges_share_a_unit() {
        assert_eq!(read("50-60%"), ["50 %", "60 %"]);
        assert_eq!(read("5至6个月,3家,4人"), ["5 个月", "6 个月", "3 家", "4 人"]);
        assert_eq!(read("3、4人"), ["3", "4 人"]);
    }

    #[test]
    fn what_is_no_figure() {
        assert_eq!(read("2020年2月10日起一个月内"), ["1 个月"]);
        assert_eq!(read("二〇二〇年度,2月底前,12月31日,5月"), Vec::<String>::new());
        assert_eq!(read("一次性,第3位,第4-7位,数十万元,每一户"), ["7"]);
        assert_eq!(read("COVID19, H1N1元, 统一"), ["1"]);
        assert_eq!(read("99999999999999999999999999999999999999999元"), Vec::<String>::new());
        assert_eq!(read(""), Vec::<String>::new());
        assert_eq!(read("1,000.5."), ["1000.5"]);
    }
}
