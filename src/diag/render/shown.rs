//! What people see of a text: nothing that cannot be seen, nothing endless.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::source::SourceFile;

/// Lines longer than this many bytes are cut around the places on them.
const LONG_LINE: usize = 600;
/// What is kept of a long line before a place, and from it on, in bytes.
const BEFORE: usize = 60;
const AFTER: usize = 120;
/// The longest message or note, in characters.
const LONG_MESSAGE: usize = 800;
/// How many lines are shown from the start of a place that covers several.
const FIRST_LINES: usize = 4;
/// So many empty lines between lines that do not follow each other keep them apart.
const GAP: usize = 3;

/// Writes a character so that it can be seen and does nothing to a terminal.
pub(super) fn push_visible(text: &mut String, c: char) {
    match c {
        '\0'..='\u{1F}' => text.push(char::from_u32(0x2400 + c as u32).unwrap_or('\u{FFFD}')),
        '\u{7F}' => text.push('\u{2421}'),
        _ if c.is_control() || is_invisible(c) => text.push_str(&format!("<U+{:04X}>", c as u32)),
        _ => text.push(c),
    }
}

fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
        | '\u{E0000}'..='\u{E0FFF}'
    )
}

/// A message without what cannot be seen, cut where it is very long. Line breaks stay.
pub(super) fn clipped(message: &str) -> String {
    let mut text = String::new();
    for (at, c) in message.chars().enumerate() {
        if at == LONG_MESSAGE {
            text.push('…');
            break;
        }
        match c {
            '\n' => text.push('\n'),
            '\t' => text.push(' '),
            _ => push_visible(&mut text, c),
        }
    }
    text
}

/// The lines of a file that some places stand on, ready to be printed.
pub(super) struct Excerpt {
    pub(super) name: String,
    pub(super) text: String,
    /// Start of each line in `text`, and its number in the file.
    lines: Vec<(usize, usize)>,
    /// The true column of the places, by their start in `text`.
    columns: BTreeMap<usize, usize>,
}

impl Excerpt {
    /// The excerpt for places given in bytes of the file, and where they stand in its text.
    pub(super) fn new(file: &SourceFile, places: &[Range<usize>]) -> (Excerpt, Vec<Range<usize>>) {
        let places: Vec<Range<usize>> = places.iter().map(|place| within(file, place)).collect();
        let points = places.iter().flat_map(|place| [place.start, place.end]).collect();
        let mut writer = Writer { file, places: &places, points, ..Writer::default_for(file) };
        let mut before = None;
        for line in shown_lines(file, &places) {
            if before.is_some_and(|before| before + 1 < line) {
                (0..GAP).for_each(|_| writer.empty_line());
            }
            writer.line(line);
            before = Some(line);
        }
        writer.rest();
        let Writer { mut excerpt, mapped, .. } = writer;
        let at = |point: usize| mapped.get(&point).copied().unwrap_or(excerpt.text.len());
        let shown: Vec<Range<usize>> =
            places.iter().map(|place| at(place.start)..at(place.end).max(at(place.start))).collect();
        for (place, shown) in places.iter().zip(&shown) {
            excerpt.columns.insert(shown.start, file.line_column(place.start).1);
        }
        (excerpt, shown)
    }

    pub(super) fn line_index(&self, offset: usize) -> usize {
        self.lines.partition_point(|(start, _)| *start <= offset).saturating_sub(1)
    }

    /// The line's number in the file.
    pub(super) fn line_number(&self, index: usize) -> usize {
        self.lines.get(index).map_or(1, |(_, number)| *number)
    }

    /// The true column of a place, where one starts there.
    pub(super) fn column(&self, offset: usize) -> Option<usize> {
        self.columns.get(&offset).copied()
    }

    pub(super) fn line_range(&self, index: usize) -> Range<usize> {
        let end = self.text.len();
        let start = self.lines.get(index).map_or(end, |(start, _)| *start);
        start..self.lines.get(index + 1).map_or(end, |(next, _)| *next)
    }
}

/// A place inside the text, on character boundaries, without the line break that it may end with.
fn within(file: &SourceFile, place: &Range<usize>) -> Range<usize> {
    let start = floor(&file.text, place.start);
    let mut end = floor(&file.text, place.end).max(start);
    while end > start && file.text[..end].ends_with(['\n', '\r']) {
        end -= 1;
    }
    start..end
}

/// The last character boundary at or before an offset.
fn floor(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

fn shown_lines(file: &SourceFile, places: &[Range<usize>]) -> BTreeSet<usize> {
    let mut lines = BTreeSet::new();
    for place in places {
        let (first, last) = (file.line_column(place.start).0, file.line_column(place.end).0);
        lines.extend(first..=last.min(first + FIRST_LINES - 1));
        lines.extend(last.saturating_sub(1).max(first)..=last);
    }
    lines
}

struct Writer<'f> {
    file: &'f SourceFile,
    places: &'f [Range<usize>],
    /// Starts and ends of places that wait for their offset in the excerpt.
    points: BTreeSet<usize>,
    mapped: BTreeMap<usize, usize>,
    excerpt: Excerpt,
}

impl<'f> Writer<'f> {
    fn default_for(file: &'f SourceFile) -> Writer<'f> {
        let name = clipped(&file.path.display().to_string());
        Writer {
            file,
            places: &[],
            points: BTreeSet::new(),
            mapped: BTreeMap::new(),
            excerpt: Excerpt { name, text: String::new(), lines: Vec::new(), columns: BTreeMap::new() },
        }
    }

    fn empty_line(&mut self) {
        self.excerpt.lines.push((self.excerpt.text.len(), 1));
        self.excerpt.text.push('\n');
    }

    fn line(&mut self, number: usize) {
        self.excerpt.lines.push((self.excerpt.text.len(), number));
        let start = self.file.line_start(number);
        let end = start + self.file.line(number).len();
        let mut shown_to = start;
        for window in self.windows(start..end) {
            if window.start > shown_to {
                self.excerpt.text.push_str(" … ");
            }
            for (at, c) in self.file.text[window.clone()].char_indices() {
                self.reach(window.start + at);
                if c == '\t' {
                    self.excerpt.text.push(c);
                } else {
                    push_visible(&mut self.excerpt.text, c);
                }
            }
            shown_to = window.end;
        }
        if shown_to < end {
            self.excerpt.text.push_str(" …");
        }
        self.reach(end);
        self.excerpt.text.push('\n');
    }

    /// Notes the place in the excerpt of every point up to an offset of the file.
    fn reach(&mut self, offset: usize) {
        while let Some(point) = self.points.first().copied().filter(|point| *point <= offset) {
            self.points.remove(&point);
            self.mapped.insert(point, self.excerpt.text.len());
        }
    }

    fn rest(&mut self) {
        if self.excerpt.text.ends_with('\n') {
            self.excerpt.text.pop();
        }
        self.reach(usize::MAX);
    }

    /// The parts of a line that are shown: all of it, or what stands around the places.
    fn windows(&self, line: Range<usize>) -> Vec<Range<usize>> {
        if line.len() <= LONG_LINE {
            return vec![line];
        }
        let on_line = |offset: &usize| line.start <= *offset && *offset <= line.end;
        let around = |offset: usize| {
            let start = floor(&self.file.text, offset.saturating_sub(BEFORE)).max(line.start);
            start..floor(&self.file.text, offset + AFTER).min(line.end)
        };
        let starts = self.places.iter().map(|place| place.start);
        let ends = self.places.iter().map(|place| place.end);
        let mut wanted: Vec<_> = starts.chain(ends).filter(on_line).map(around).collect();
        if wanted.is_empty() {
            wanted.push(around(line.start));
        }
        wanted.sort_by_key(|window| (window.start, window.end));
        let mut windows: Vec<Range<usize>> = Vec::new();
        for window in wanted {
            match windows.last_mut() {
                Some(last) if window.start <= last.end => last.end = last.end.max(window.end),
                _ => windows.push(window),
            }
        }
        windows
    }
}
