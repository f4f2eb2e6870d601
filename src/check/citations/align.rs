//! Two texts side by side: where one fits best into another, and in which words they differ.

use std::ops::Range;

use super::normal::plain;
use super::numerals;

/// The most characters that are compared one by one with as many others.
const MOST_COMPARED: usize = 1_500;
/// More differences than this are not told one by one.
const MOST_DIFFERENCES: usize = 3;
/// How many characters after a difference are shown with it.
const SHOWN_AFTER: usize = 3;
/// How many before, where nothing else would be left of one side.
const SHOWN_BEFORE: usize = 2;

/// Where a quotation fits into a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fit {
    /// How many characters must be put in, left out or changed.
    pub distance: usize,
    pub place: Range<usize>,
}

/// The part of `text` that is nearest to `quote`; of several the one whose length is nearest.
pub(super) fn fit(quote: &[char], text: &[char]) -> Fit {
    // For each end in the text: the least distance of what has been read of the quotation, and the start.
    let mut row: Vec<(u32, u32)> = (0..=text.len() as u32).map(|start| (0, start)).collect();
    for (read, c) in quote.iter().enumerate() {
        let mut before = row[0];
        row[0] = (read as u32 + 1, 0);
        for (at, other) in text.iter().enumerate() {
            let changed = (before.0 + u32::from(c != other), before.1);
            let left_out = (row[at + 1].0 + 1, row[at + 1].1);
            let put_in = (row[at].0 + 1, row[at].1);
            before = row[at + 1];
            let least = if left_out.0 < changed.0 { left_out } else { changed };
            row[at + 1] = if put_in.0 < least.0 { put_in } else { least };
        }
    }
    let best = row
        .iter()
        .enumerate()
        .min_by_key(|(end, (distance, start))| (*distance, (end - *start as usize).abs_diff(quote.len())));
    best.map_or(Fit { distance: quote.len(), place: 0..0 }, |(end, (distance, start))| Fit {
        distance: *distance as usize,
        place: *start as usize..end,
    })
}

/// One place where a quotation and its source differ.
#[derive(Debug, PartialEq, Eq)]
pub struct Difference {
    pub quotation: String,
    pub source: String,
}

/// The differences with the words around them; empty where there are none or too many to be told.
pub fn differences(quote: &str, passage: &str) -> Vec<Difference> {
    let (quote, passage) = (visible(quote), visible(passage));
    let Some(hunks) = hunks(&quote, &passage) else { return Vec::new() };
    if hunks.len() > MOST_DIFFERENCES {
        return Vec::new();
    }
    (0..hunks.len())
        .map(|at| {
            let before = at.checked_sub(1).map_or(0, |last| hunks[last].0.end);
            let after = hunks.get(at + 1).map_or(quote.len(), |next| next.0.start);
            let hunk = &hunks[at];
            let (left, right) = context(&quote, &passage, hunk, hunk.0.start - before, after - hunk.0.end);
            let wide = |range: &Range<usize>| range.start - left..range.end + right;
            Difference { quotation: cut(&quote, wide(&hunk.0)), source: cut(&passage, wide(&hunk.1)) }
        })
        .collect()
}

/// A character as it is written and as it counts, and whether white space stands before it.
struct Visible {
    written: char,
    plain: char,
    spaced: bool,
}

fn visible(text: &str) -> Vec<Visible> {
    let mut spaced = false;
    let mut seen = Vec::new();
    for written in text.chars() {
        match plain(written) {
            Some(plain) => seen.push(Visible { written, plain, spaced: std::mem::take(&mut spaced) }),
            None => spaced = true,
        }
    }
    seen
}

/// Some characters as they are written, with the spaces between Latin words.
fn cut(text: &[Visible], range: Range<usize>) -> String {
    let mut words = String::new();
    for c in &text[range] {
        if c.spaced && c.written.is_ascii() && words.ends_with(|last: char| last.is_ascii()) {
            words.push(' ');
        }
        words.push(c.written);
    }
    words
}

/// A run of the quotation and the run of the passage that stands in its place.
type Hunk = (Range<usize>, Range<usize>);

/// Where two texts differ; `None` where that is too much to compare.
fn hunks(a: &[Visible], b: &[Visible]) -> Option<Vec<Hunk>> {
    let same = |x: usize, y: usize| a[x].plain == b[y].plain;
    let shorter = a.len().min(b.len());
    let front = (0..shorter).take_while(|at| same(*at, *at)).count();
    let back = (1..=shorter - front).take_while(|at| same(a.len() - at, b.len() - at)).count();
    let (middle_a, middle_b) = (front..a.len() - back, front..b.len() - back);
    if middle_a.len() > MOST_COMPARED || middle_b.len() > MOST_COMPARED {
        return None;
    }
    let kept = kept(&a[middle_a.clone()], &b[middle_b.clone()]);
    let mut hunks: Vec<Hunk> = Vec::new();
    let (mut x, mut y) = (front, front);
    let ends = [(middle_a.end, middle_b.end)];
    for (next_x, next_y) in kept.into_iter().map(|(i, j)| (front + i, front + j)).chain(ends) {
        if next_x > x || next_y > y {
            match hunks.last_mut() {
                // A single character between two differences is chance.
                Some(last) if x - last.0.end < 2 => *last = (last.0.start..next_x, last.1.start..next_y),
                _ => hunks.push((x..next_x, y..next_y)),
            }
        }
        (x, y) = (next_x + 1, next_y + 1);
    }
    Some(hunks)
}

/// A longest common run of characters, as positions in both.
fn kept(a: &[Visible], b: &[Visible]) -> Vec<(usize, usize)> {
    let width = b.len() + 1;
    // The length of the longest common run of what starts at each pair of positions.
    let mut longest = vec![0u16; (a.len() + 1) * width];
    for x in (0..a.len()).rev() {
        for y in (0..b.len()).rev() {
            longest[x * width + y] = if a[x].plain == b[y].plain {
                longest[(x + 1) * width + y + 1] + 1
            } else {
                longest[(x + 1) * width + y].max(longest[x * width + y + 1])
            };
        }
    }
    let (mut x, mut y, mut kept) = (0, 0, Vec::new());
    while x < a.len() && y < b.len() {
        if a[x].plain == b[y].plain {
            kept.push((x, y));
            (x, y) = (x + 1, y + 1);
        } else if longest[(x + 1) * width + y] >= longest[x * width + y + 1] {
            x += 1;
        } else {
            y += 1;
        }
    }
    kept
}

/// How many shared characters before and after a difference make it a phrase: the whole of a number or a
/// Latin word, and a little of what follows, up to a punctuation mark.
fn context(a: &[Visible], b: &[Visible], hunk: &Hunk, room_left: usize, room_right: usize) -> (usize, usize) {
    let empty = hunk.0.is_empty() || hunk.1.is_empty();
    let one_word = |at_a: usize, at_b: usize| joined(a, at_a) || joined(b, at_b);
    let mut left = 0;
    while left < room_left {
        let (at_a, at_b) = (hunk.0.start - left, hunk.1.start - left);
        let wanted = empty && left < SHOWN_BEFORE && !is_mark(a[at_a - 1].plain);
        if !wanted && !one_word(at_a, at_b) {
            break;
        }
        left += 1;
    }
    let (mut right, mut after) = (0, 0);
    while right < room_right {
        let (at_a, at_b) = (hunk.0.end + right, hunk.1.end + right);
        if !one_word(at_a, at_b) {
            if after == SHOWN_AFTER || is_mark(a[at_a].plain) {
                break;
            }
            after += 1;
        }
        right += 1;
    }
    (left, right)
}

/// Whether a character and the one before it belong to one number or one Latin word.
fn joined(text: &[Visible], at: usize) -> bool {
    let Some((before, c)) = at.checked_sub(1).and_then(|before| text.get(before)).zip(text.get(at)) else {
        return false;
    };
    let latin = before.plain.is_ascii_alphabetic() && c.plain.is_ascii_alphabetic();
    latin && !c.spaced || in_figure(text, at - 1) && in_figure(text, at)
}

fn in_figure(text: &[Visible], at: usize) -> bool {
    let digit = |at: usize| text.get(at).is_some_and(|c| c.plain.is_ascii_digit());
    match text.get(at).map(|c| c.plain) {
        Some('.' | ',') => digit(at.wrapping_sub(1)) && digit(at + 1),
        Some(c) => c.is_ascii_digit() || numerals::is_numeral(c),
        None => false,
    }
}

fn is_mark(c: char) -> bool {
    c.is_ascii_punctuation() && !matches!(c, '%' | '.' | '-')
        || matches!(c, '。' | '、' | '《' | '》' | '…' | '—')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chars(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    fn fitted(quote: &str, text: &str) -> (usize, String) {
        let text = chars(text);
        let fit = fit(&chars(quote), &text);
        (fit.distance, text[fit.place].iter().collect())
    }

    fn told(quote: &str, passage: &str) -> Vec<String> {
        let list = differences(quote, passage);
        list.into_iter().map(|one| format!("{} | {}", one.quotation, one.source)).collect()
    }

    #[test]
    fn the_ends_of_a_fit() {
        assert_eq!(fitted("两个月内复工", "对一个月内复工的"), (1, "一个月内复工".into()));
        assert_eq!(fitted("每人1000圆", "按每人1000元标准"), (1, "每人1000元".into()));
        assert_eq!(fitted("甲乙丙丁", "子甲乙某丙丁丑"), (1, "甲乙某丙丁".into()));
        assert_eq!(fitted("", "甲"), (0, "".into()));
        assert_eq!(fitted("甲", ""), (1, "".into()));
    }

    #[test]
    fn differences_are_phrases() {
        assert_eq!(told("对两个月内复工的", "对一个月内复工的"), ["两个月内 | 一个月内"]);
        assert_eq!(told("每人2000元标准,给予", "每人1000元标准，给予"), ["2000元标准 | 1000元标准"]);
        assert_eq!(told("每人2,500元,给予", "每人1,500元,给予"), ["2,500元 | 1,500元"]);
        assert_eq!(told("补贴2500,给予", "补贴1500,给予"), ["2500 | 1500"]);
        assert_eq!(told("奖励10000元", "奖励1000元"), ["10000元 | 1000元"]);
        assert_eq!(told("不低于50%", "不低于 30％"), ["50% | 30％"]);
        assert_eq!(told("给予生产补贴", "给予一次性生产补贴"), ["给予生产补 | 给予一次性生产补"]);
        assert_eq!(
            told("within two months", "within one month"),
            ["two month | one month", "months | month"]
        );
    }

    #[test]
    fn several_differences_or_too_many() {
        assert_eq!(
            told("大型企业减免五个月,征收一半费用", "小型企业减免三个月,征收一成费用"),
            ["大型企业 | 小型企业", "五个月 | 三个月", "半费用 | 成费用"]
        );
        assert!(told("甲乙丙丁戊己庚辛壬癸子丑", "甲乙一丁戊二庚辛三癸子四").len() <= MOST_DIFFERENCES);
        assert_eq!(told("一样", "一 样"), Vec::<String>::new());
        assert_eq!(told("", "多"), [" | 多"]);
        assert!(told(&"甲".repeat(5_000), &"乙".repeat(5_000)).is_empty());
    }
}
