//! Whether two texts have the same tree: what the grammar makes of them, rule by rule and word by word. Keywords
//! are the same in both languages, signs in both widths.

use pest::iterators::Pair;

use super::super::parse::Rule;
use super::spelling;

/// Whether the grammar makes the same of two items.
pub fn same(one: Pair<'_, Rule>, other: Pair<'_, Rule>) -> bool {
    let mut waiting = vec![(one, other)];
    while let Some((one, other)) = waiting.pop() {
        let rule = one.as_rule();
        if rule != other.as_rule() {
            return false;
        }
        if spelling::is_whole(rule) {
            if spelling::neutral(rule, one.as_str()) != spelling::neutral(rule, other.as_str()) {
                return false;
            }
            continue;
        }
        let (mut ours, mut theirs) = (one.into_inner(), other.into_inner());
        let mut first = true;
        loop {
            match (ours.next(), theirs.next()) {
                (None, None) => break,
                // The name of a function is a word of the language.
                (Some(a), Some(b)) if first && rule == Rule::call => {
                    if spelling::neutral_call(a.as_str()) != spelling::neutral_call(b.as_str()) {
                        return false;
                    }
                }
                (Some(a), Some(b)) => waiting.push((a, b)),
                _ => return false,
            }
            first = false;
        }
    }
    true
}
