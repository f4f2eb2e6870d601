//! A file as it stands in the editor: its text, and the edits through which places of an earlier text are found.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use crate::diag::Diagnostic;
use crate::source::{FileId, SourceFile};
use crate::syntax::ast::Item;
use crate::syntax::scan::{self, Lexeme};
use crate::syntax::{self, Class, items};

/// The file of trees that are parsed from a buffer alone.
pub const OWN: FileId = FileId(0);

/// What the grammar makes of an item, its places counted from where the item begins.
#[derive(Debug)]
pub struct Parsed {
    text: String,
    /// `None` where it is broken.
    pub item: Option<Item>,
    /// Its terminals with what each of them is, in order.
    pub classes: Vec<(Range<usize>, Class)>,
}

impl Parsed {
    fn new(text: String) -> Parsed {
        let item = syntax::parse(OWN, &text).0.items.pop();
        let classes = syntax::classes(OWN, &text).into_iter();
        let classes = classes.map(|(place, class)| (place.range(), class)).collect();
        Parsed { text, item, classes }
    }
}

/// One replacement, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Edit {
    start: usize,
    removed: usize,
    added: usize,
}

/// A file as it stands in the editor.
#[derive(Debug)]
pub struct Buffer {
    file: SourceFile,
    /// Edits with the revision that each made, oldest first.
    edits: Vec<(u64, Edit)>,
    lexemes: OnceLock<Vec<Lexeme>>,
    parts: OnceLock<Vec<(usize, Arc<Parsed>)>>,
    /// The items of the text before: those whose words are the same need not be parsed again.
    before: Vec<Arc<Parsed>>,
    problems: OnceLock<Vec<Diagnostic>>,
}

impl Buffer {
    pub fn new(path: PathBuf, text: String) -> Buffer {
        Buffer {
            file: SourceFile::new(path, text),
            edits: Vec::new(),
            lexemes: OnceLock::new(),
            parts: OnceLock::new(),
            before: Vec::new(),
            problems: OnceLock::new(),
        }
    }

    pub fn file(&self) -> &SourceFile {
        &self.file
    }

    pub fn text(&self) -> &str {
        &self.file.text
    }

    /// Replaces a part of the text; the ends of `range` are boundaries of characters.
    pub fn replace(&mut self, range: Range<usize>, with: &str, revision: u64) {
        let mut text = std::mem::take(&mut self.file.text);
        let edit = Edit { start: range.start, removed: range.len(), added: with.len() };
        text.replace_range(range, with);
        self.edits.push((revision, edit));
        self.become_text(text);
    }

    /// Puts another text in place of the whole: as one edit of the part in which the two differ.
    pub fn replace_all(&mut self, text: String, revision: u64) {
        let range = changed_part(&self.file.text, &text);
        let added = text.len() - (self.file.text.len() - range.len());
        let edit = Edit { start: range.start, removed: range.len(), added };
        self.edits.push((revision, edit));
        self.become_text(text);
    }

    fn become_text(&mut self, text: String) {
        let path = std::mem::take(&mut self.file.path);
        let edits = std::mem::take(&mut self.edits);
        let before = match self.parts.take() {
            Some(parts) => parts.into_iter().map(|(_, parsed)| parsed).collect(),
            None => std::mem::take(&mut self.before),
        };
        *self = Buffer { edits, before, ..Buffer::new(path, text) };
    }

    /// Drops what is known of edits up to a revision: nobody asks for places of a text before it.
    pub fn forget(&mut self, revision: u64) {
        self.edits.retain(|(made, _)| *made > revision);
    }

    /// Where a part of the text as it was at a revision stands now; edits inside it stretch it. `None` where an
    /// edit cuts across one of its ends.
    pub fn now(&self, since: u64, mut range: Range<usize>) -> Option<Range<usize>> {
        for (_, edit) in self.edits.iter().filter(|(made, _)| *made > since) {
            let end = edit.start + edit.removed;
            if end <= range.start {
                range = range.start - edit.removed + edit.added..range.end - edit.removed + edit.added;
            } else if edit.start >= range.end {
            } else if range.start <= edit.start && end <= range.end {
                range.end = range.end - edit.removed + edit.added;
            } else {
                return None;
            }
        }
        Some(range)
    }

    /// Where a byte of the text stood at a revision; `None` where it was not there.
    pub fn before(&self, since: u64, mut offset: usize) -> Option<usize> {
        for (_, edit) in self.edits.iter().rev().filter(|(made, _)| *made > since) {
            if offset >= edit.start + edit.added {
                offset = offset - edit.added + edit.removed;
            } else if offset > edit.start {
                return None;
            }
        }
        Some(offset)
    }

    /// Whether the text is still that of a revision.
    pub fn unchanged(&self, since: u64) -> bool {
        self.edits.iter().all(|(made, _)| *made <= since)
    }

    pub fn lexemes(&self) -> &[Lexeme] {
        self.lexemes.get_or_init(|| scan::lex(&self.file.text))
    }

    /// The items of the text in order, each with the byte at which it begins.
    pub fn parts(&self) -> &[(usize, Arc<Parsed>)] {
        self.parts.get_or_init(|| {
            let known: BTreeMap<&str, &Arc<Parsed>> =
                self.before.iter().map(|own| (own.text.as_str(), own)).collect();
            let chunks = items::cut(&self.file.text, self.lexemes());
            let part = |chunk: &items::Chunk<'_>| {
                let (first, last) = (chunk.lexemes.first()?, chunk.lexemes.last()?);
                let text = &self.file.text[first.start..last.end];
                let parsed = match known.get(text) {
                    Some(parsed) => Arc::clone(parsed),
                    None => Arc::new(Parsed::new(text.to_owned())),
                };
                Some((first.start, parsed))
            };
            chunks.iter().filter(|chunk| chunk.keyword.is_some()).filter_map(part).collect()
        })
    }

    /// The sound items, each with the byte from which its places are counted.
    pub fn sound(&self) -> impl Iterator<Item = (usize, &Item)> {
        self.parts().iter().filter_map(|(start, parsed)| Some((*start, parsed.item.as_ref()?)))
    }

    /// What the grammar itself says is wrong with the text.
    pub fn syntax_problems(&self) -> &[Diagnostic] {
        self.problems.get_or_init(|| syntax::parse(OWN, &self.file.text).1)
    }
}

/// The part of `old` that another text has otherwise: what is left without the common start and end.
pub fn changed_part(old: &str, new: &str) -> Range<usize> {
    let mut start = old.bytes().zip(new.bytes()).take_while(|(a, b)| a == b).count();
    while !(old.is_char_boundary(start) && new.is_char_boundary(start)) {
        start -= 1;
    }
    let (left, right) = (&old[start..], &new[start..]);
    let mut same = left.bytes().rev().zip(right.bytes().rev()).take_while(|(a, b)| a == b).count();
    while !(left.is_char_boundary(left.len() - same) && right.is_char_boundary(right.len() - same)) {
        same -= 1;
    }
    start..old.len() - same
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn buffer(text: &str) -> Buffer {
        Buffer::new(PathBuf::from("a.pol"), text.to_owned())
    }

    #[test]
    fn places_move_with_the_edits_before_them() {
        let mut own = buffer("措施 a 适用 企业");
        let name = "措施 ".len().."措施 a".len();
        own.replace(0..0, "// 注\n", 1);
        own.replace(own.text().len()..own.text().len(), " {", 2);
        let now = own.now(0, name.clone()).expect("nothing touched it");
        assert_eq!(&own.text()[now.clone()], "a");
        assert_eq!(own.before(0, now.start), Some(name.start));
        assert_eq!(own.before(0, 2), None, "this was not there");
        assert_eq!(own.now(2, name.clone()), Some(name));
    }

    #[test]
    fn an_edit_inside_stretches_and_one_across_an_end_cuts() {
        let mut own = buffer("abcdef");
        own.replace(2..3, "XYZ", 1);
        assert_eq!(own.now(0, 1..5), Some(1..7));
        assert_eq!(own.now(0, 0..2), Some(0..2));
        let mut own = buffer("abcdef");
        own.replace(1..3, "", 1);
        assert_eq!(own.now(0, 2..5), None);
    }

    proptest! {
        #[test]
        fn the_changed_part_makes_the_new_text(old in "[a办理]{0,8}", new in "[a办理]{0,8}") {
            let range = changed_part(&old, &new);
            let added = new.len() - (old.len() - range.len());
            let mut made = old.clone();
            made.replace_range(range.clone(), &new[range.start..range.start + added]);
            prop_assert_eq!(made, new);
        }

        #[test]
        fn what_is_still_there_is_found(
            text in "[ab办]{1,12}",
            edits in proptest::collection::vec((0usize..12, 0usize..4, "[c理]{0,3}"), 0..5),
        ) {
            let mut own = buffer(&text);
            // Each character with the byte at which it stood, if it stood there from the start.
            let mut model: Vec<(char, Option<usize>)> =
                text.char_indices().map(|(at, c)| (c, Some(at))).collect();
            for (revision, (from, count, with)) in edits.iter().enumerate() {
                let from = *from % (model.len() + 1);
                let to = (from + count).min(model.len());
                let byte = |at: usize| model[..at].iter().map(|(c, _)| c.len_utf8()).sum::<usize>();
                own.replace(byte(from)..byte(to), with, revision as u64 + 1);
                model.splice(from..to, with.chars().map(|c| (c, None)));
            }
            let mut at = 0;
            for (c, was) in &model {
                let end = at + c.len_utf8();
                if let Some(was) = was {
                    prop_assert_eq!(own.now(0, *was..*was + c.len_utf8()), Some(at..end));
                }
                at = end;
            }
        }
    }
}
