//! What stands between items: comments where they are, and at most one empty line.

use super::super::scan::Lexeme;
use super::super::token::Token;
use super::Done;

/// Adds what stands between two items, or before the first, or behind the last.
pub fn between(out: &mut String, text: &str, trivia: &[Lexeme], before: Option<&Done>, after: Option<&Done>) {
    if before.is_some_and(Done::is_broken) {
        return as_it_stands(out, text, trivia, after);
    }
    let (mut newlines, mut indent) = (0, "");
    for lexeme in trivia {
        let slice = &text[lexeme.start..lexeme.end];
        if lexeme.token == Some(Token::Space) {
            newlines += slice.matches('\n').count();
            indent = slice.rfind('\n').map_or(slice, |at| &slice[at + 1..]);
            continue;
        }
        let comment = slice.trim_end();
        if newlines == 0 && before.is_some() && !out.ends_with('\n') {
            out.push_str("  ");
        } else {
            new_line(out, newlines > 1);
        }
        out.push_str(comment);
        newlines = 0;
    }
    match after {
        None if out.is_empty() => {}
        None => out.push('\n'),
        Some(after) => {
            new_line(out, newlines > 1);
            if after.is_broken() {
                out.push_str(indent);
            }
        }
    }
}

fn new_line(out: &mut String, empty_line: bool) {
    if !out.is_empty() {
        out.push_str(if empty_line { "\n\n" } else { "\n" });
    }
}

/// Behind an item that is left as it stands so is what follows it; a sound item begins at the margin.
fn as_it_stands(out: &mut String, text: &str, trivia: &[Lexeme], after: Option<&Done>) {
    let from = trivia.first().map_or(text.len(), |lexeme| lexeme.start);
    let to = trivia.last().map_or(text.len(), |lexeme| lexeme.end);
    let slice = &text[from..to];
    match after {
        None => {
            out.push_str(slice.trim_end());
            out.push('\n');
        }
        Some(after) if after.is_broken() => out.push_str(slice),
        Some(_) => out.push_str(slice.trim_end_matches([' ', '\t', '\u{3000}', '\u{A0}', '\u{FEFF}'])),
    }
}
