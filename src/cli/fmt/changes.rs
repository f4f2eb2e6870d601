//! What formatting would change in a file, in a few lines.

use std::fmt::Write;

use similar::{ChangeTag, TextDiff};

/// Lines that are shown of one file, at most.
const SHOWN: usize = 10;
/// Lines that are compared, from the first difference on.
const COMPARED: usize = 100;

/// The first lines that would change, with their numbers: those that are there behind `-`, those that would be
/// behind `+`.
pub fn short(before: &str, after: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let same = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let part = |lines: &[&str]| {
        lines[same..].iter().take(COMPARED).map(|line| format!("{line}\n")).collect::<String>()
    };
    let (ours, theirs) = (part(&old), part(&new));
    let diff = TextDiff::from_lines(&ours, &theirs);
    let mut out = String::new();
    let mut changes = diff.iter_all_changes().filter(|change| change.tag() != ChangeTag::Equal).peekable();
    if changes.peek().is_none() {
        return "  the line breaks\n".to_owned();
    }
    for change in changes.by_ref().take(SHOWN) {
        let (sign, at) = match change.tag() {
            ChangeTag::Delete => ('-', change.old_index()),
            _ => ('+', change.new_index()),
        };
        let line = same + at.unwrap_or(0) + 1;
        // Writing to a string cannot fail.
        let _ = writeln!(out, "  {line:>5} {sign} {}", change.value().trim_end_matches('\n'));
    }
    if changes.next().is_some() || old.len().max(new.len()) > same + COMPARED {
        out.push_str("        …\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn the_first_changes_are_shown_with_their_lines() {
        assert_eq!(short("a\nb\nc\n", "a\nB\nc\n"), "      2 - b\n      2 + B\n");
        assert_eq!(short("a\r\n", "a\n"), "  the line breaks\n");
        assert_eq!(short("a", "a\n"), "  the line breaks\n");
        assert_eq!(short("", "a\n"), "      1 + a\n");
        let long = (0..1000).map(|at| format!("{at}\n")).collect::<String>();
        let shown = short(&long, "");
        assert_eq!(shown.lines().count(), 11);
        assert!(shown.ends_with("…\n"));
    }
}
