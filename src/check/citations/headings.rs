//! Cuts a document into its articles.

use std::ops::Range;

use super::numerals;

/// Number and bytes of each article in order; article 0 is what stands before the first.
///
/// Headings stand at the start of lines: `第N条`, else `Article N`, else `N.`, else `一、`. One counts only where its number
/// follows the one before, so that a year or a list inside an article is not taken for one.
pub(super) fn articles(text: &str) -> Vec<(u32, Range<usize>)> {
    let styles: [fn(&str) -> Option<u32>; 4] =
        [numbered_article, english_article, numbered_point, numbered_section];
    let found = styles.map(|style| headings(text, style));
    // A single `第一条` may be a line that speaks of another law.
    let starts = found.iter().find(|starts| starts.len() > 1);
    let starts = starts.or_else(|| found.iter().find(|starts| !starts.is_empty()));
    let starts = starts.map_or(&[][..], Vec::as_slice);
    let first = starts.first().map_or(text.len(), |(_, at)| *at);
    let mut articles = vec![(0, 0..first)];
    for (index, (number, at)) in starts.iter().enumerate() {
        let end = starts.get(index + 1).map_or(text.len(), |(_, next)| *next);
        articles.push((*number, *at..end));
    }
    articles
}

fn headings(text: &str, number: fn(&str) -> Option<u32>) -> Vec<(u32, usize)> {
    let mut starts: Vec<(u32, usize)> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}');
        let next = starts.last().map_or(1, |(last, _)| last + 1);
        if number(trimmed) == Some(next) {
            starts.push((next, at));
        }
        at += line.len();
    }
    starts
}

/// `第24条` or `第二十四条`.
fn numbered_article(line: &str) -> Option<u32> {
    let rest = line.strip_prefix('第')?;
    let end = rest.find('条')?;
    let number = rest[..end].trim();
    arabic(number).or_else(|| numerals::whole(number))
}

/// `Article 24` or `Art. 24`, with or without a sign behind it.
fn english_article(line: &str) -> Option<u32> {
    let rest = ["Article", "ARTICLE", "Art."].iter().find_map(|word| line.strip_prefix(word))?;
    let rest = rest.strip_prefix([' ', '\u{A0}', '\t'])?.trim_start();
    let end = rest.find(|c: char| digit(c).is_none()).unwrap_or(rest.len());
    if rest[end..].starts_with(char::is_alphanumeric) {
        return None;
    }
    arabic(&rest[..end])
}

/// `24.` or `24、`, but not the `2.5` of a figure.
fn numbered_point(line: &str) -> Option<u32> {
    let end = line.find(|c: char| digit(c).is_none())?;
    let rest = line[end..].strip_prefix(['.', '\u{FF0E}', '、'])?;
    if rest.starts_with(|c| digit(c).is_some()) {
        return None;
    }
    arabic(&line[..end])
}

/// `一、`
fn numbered_section(line: &str) -> Option<u32> {
    let end = line.find('、')?;
    numerals::whole(&line[..end])
}

/// A whole number in digits of either width.
fn arabic(text: &str) -> Option<u32> {
    let mut number = text.chars().next().map(|_| 0u32)?;
    for c in text.chars() {
        number = number.checked_mul(10)?.checked_add(digit(c)?)?;
    }
    Some(number)
}

fn digit(c: char) -> Option<u32> {
    match c {
        '\u{FF10}'..='\u{FF19}' => Some(c as u32 - 0xFF10),
        c => c.to_digit(10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(text: &str) -> Vec<u32> {
        articles(text).into_iter().map(|(number, _)| number).collect()
    }

    #[test]
    fn styles_of_headings() {
        assert_eq!(numbers("总则\n第一条 甲\n第二条 乙\n第二条之一 丙\n第 3 条 丁\n"), [0, 1, 2, 3]);
        assert_eq!(numbers("\u{FEFF}1.甲\r\n  ２．乙\r\n3、丙"), [0, 1, 2, 3]);
        assert_eq!(numbers("前言\n一、甲\n1.5亿元\n二、乙\n十一、不是\n三、丙"), [0, 1, 2, 3]);
        assert_eq!(numbers("Act\nArticle 1. One\n  ARTICLE 2\nArticle 3a no\nArt. 3: Three\n"), [0, 1, 2, 3]);
        assert_eq!(numbers("Article 1 One\nArticle 7 of the Act is none\nArticle 2 Two\n"), [0, 1, 2]);
        assert_eq!(numbers("没有条款"), [0]);
        assert_eq!(numbers(""), [0]);
    }

    #[test]
    fn only_what_follows_counts() {
        assert_eq!(numbers("1.甲\n2020.不是\n2.5%不是\n2.乙\n1.不是\n3.丙\n5.缺四\n"), [0, 1, 2, 3]);
        assert_eq!(numbers("99999999999.不是\n第99999999999条\n第条\n.\n、"), [0]);
    }

    #[test]
    fn a_line_that_speaks_of_another_law_is_no_heading() {
        assert_eq!(numbers("1.甲\n第一条规定的情形除外\n2.乙\n3.丙"), [0, 1, 2, 3]);
    }

    #[test]
    fn numbers_of_a_long_law() {
        let text: String = (1..=1260).map(|n| format!("第{}条 内容\n", chinese(n))).collect();
        let found = articles(&text);
        assert_eq!(found.len(), 1261);
        assert!(text[found[1259].1.clone()].starts_with("第一千二百五十九条"));
    }

    fn chinese(number: u32) -> String {
        const DIGITS: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
        let mut text = String::new();
        let mut gap = false;
        for (power, word) in [(1000, "千"), (100, "百"), (10, "十"), (1, "")] {
            let digit = number / power % 10;
            if digit == 0 {
                gap = !text.is_empty();
                continue;
            }
            if gap {
                text.push('零');
                gap = false;
            }
            text.push_str(DIGITS[digit as usize]);
            text.push_str(word);
        }
        if (10..20).contains(&number) { text.replacen("一十", "十", 1) } else { text }
    }
}
