//! From pieces to lines: where lines begin, how far they are indented, what stands between two pieces.

use unicode_width::UnicodeWidthStr;

use super::pieces::{Block, Kind, Piece, Sort, Start, Stop};

const INDENT: usize = 2;

/// A line in the making.
pub struct Line<'p> {
    pub indent: usize,
    pub blank_before: bool,
    pub parts: Vec<Part<'p>>,
    /// What the line's member is, where the line begins with one.
    pub kind: Option<Kind>,
    /// Members of a block with neither a comment nor an empty line between them have the same.
    pub group: usize,
    /// So have those members of a group between which none takes several lines.
    pub run: usize,
    /// The line's member goes on below.
    pub goes_on: bool,
    /// The comment at its end, or all of it.
    pub comment: Option<&'p str>,
}

pub struct Part<'p> {
    pub spaces: usize,
    pub text: &'p str,
    pub stop: Option<Stop>,
}

/// Braces that are open.
struct Frame {
    block: Block,
    /// Its members have lines of their own.
    broken: bool,
    /// So has its closing brace.
    closes_below: bool,
    /// Something stands in it already.
    filled: bool,
    inner: usize,
    close: usize,
    group: usize,
    run: usize,
    /// The line where its last member began.
    member: Option<usize>,
}

/// The lines of an item.
pub fn lines<'p>(pieces: &'p [Piece<'_>]) -> Vec<Line<'p>> {
    let mut layout = Layout {
        pieces,
        partners: partners(pieces),
        lines: vec![Line::new(0)],
        frames: Vec::new(),
        column: 0,
        inputs: 0,
        ids: 0,
    };
    (0..pieces.len()).for_each(|at| layout.piece(at));
    layout.lines
}

impl Line<'_> {
    fn new<'p>(indent: usize) -> Line<'p> {
        Line {
            indent,
            blank_before: false,
            parts: Vec::new(),
            kind: None,
            group: 0,
            run: 0,
            goes_on: false,
            comment: None,
        }
    }
}

/// For each opening brace its closing one.
fn partners(pieces: &[Piece<'_>]) -> Vec<usize> {
    let mut partners = vec![0; pieces.len()];
    let mut open = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        match piece.sort {
            Sort::Open(_) => open.push(at),
            Sort::Close => {
                if let Some(opening) = open.pop() {
                    partners[opening] = at;
                }
            }
            _ => {}
        }
    }
    partners
}

struct Layout<'p, 't> {
    pieces: &'p [Piece<'t>],
    partners: Vec<usize>,
    lines: Vec<Line<'p>>,
    frames: Vec<Frame>,
    /// Where the line ends so far.
    column: usize,
    /// Where the first input of the table stands.
    inputs: usize,
    ids: usize,
}

impl<'p> Layout<'p, '_> {
    fn piece(&mut self, at: usize) {
        let piece = &self.pieces[at];
        if matches!(piece.start, Start::Member(_)) || piece.sort == Sort::Close {
            self.end_member();
        }
        self.comments(at);
        let after_comment = !piece.comments.is_empty();
        if at > 0 && (after_comment || self.breaks(at)) {
            self.new_line(self.indent(at));
            let first = self.frames.last().is_some_and(|frame| !frame.filled);
            let member = matches!(piece.start, Start::Member(_));
            if let Some(line) = self.lines.last_mut() {
                line.blank_before = piece.newlines > 1 && member && (!first || after_comment);
            }
        }
        self.begin_member(at);
        let spaces = self.spaces(at);
        if piece.start == Start::Input && self.pieces[at - 1].sort != Sort::Comma {
            self.inputs = self.column + spaces;
        }
        if piece.sort == Sort::Close {
            self.frames.pop();
        }
        if let Some(line) = self.lines.last_mut() {
            line.parts.push(Part { spaces, text: &piece.text, stop: piece.stop });
        }
        self.column += spaces + piece.text.width();
        if let Sort::Open(block) = piece.sort {
            self.open(at, block);
        }
    }

    /// The comments before a piece: the first may stand behind what was there, the others on lines of their own.
    fn comments(&mut self, at: usize) {
        let pieces = self.pieces;
        for comment in &pieces[at].comments {
            if comment.newlines == 0 && at > 0 && self.lines.last().is_some_and(|line| line.comment.is_none())
            {
                if let Some(line) = self.lines.last_mut() {
                    line.comment = Some(comment.text);
                }
                continue;
            }
            let closes = pieces[at].sort == Sort::Close;
            let indent = match self.frames.last() {
                Some(frame) if closes => frame.inner,
                _ => self.indent(at),
            };
            let filled = self.frames.last().is_none_or(|frame| frame.filled);
            self.new_line(indent);
            let group = self.fresh();
            if let Some(frame) = self.frames.last_mut() {
                (frame.group, frame.run, frame.filled) = (group, group, true);
            }
            if let Some(line) = self.lines.last_mut() {
                line.comment = Some(comment.text);
                line.blank_before = comment.newlines > 1 && filled;
            }
        }
    }

    /// Whether a piece begins a line.
    fn breaks(&self, at: usize) -> bool {
        let (before, piece) = (&self.pieces[at - 1], &self.pieces[at]);
        if let Some(frame) = self.frames.last() {
            if let Start::Member(kind) = piece.start {
                let beside = !frame.block.members || kind == Kind::Expect && frame.filled;
                return frame.broken && (piece.newlines > 0 || !beside);
            }
            if piece.sort == Sort::Close {
                // Braces with nothing between them stay together.
                return frame.closes_below && !matches!(before.sort, Sort::Open(_));
            }
        }
        let allowed = piece.may_break || before.break_after;
        let sign = matches!(piece.sort, Sort::Comma | Sort::CloseParen);
        piece.newlines > 0 && allowed && !sign
    }

    /// How far a line that begins with a piece is indented.
    fn indent(&self, at: usize) -> usize {
        let piece = &self.pieces[at];
        match (self.frames.last(), piece.start) {
            (_, Start::Input) => self.inputs,
            (Some(frame), _) if piece.sort == Sort::Close => frame.close,
            (Some(frame), Start::Member(_)) => frame.inner,
            (Some(frame), _) => frame.inner + INDENT,
            (None, _) => INDENT,
        }
    }

    fn new_line(&mut self, indent: usize) {
        self.lines.push(Line::new(indent));
        self.column = indent;
    }

    fn begin_member(&mut self, at: usize) {
        let pieces = self.pieces;
        let (number, starts_line) =
            (self.lines.len() - 1, self.lines.last().is_some_and(|l| l.parts.is_empty()));
        let Start::Member(kind) = pieces[at].start else {
            if let (Start::Input, Some(line), Some(frame)) =
                (pieces[at].start, self.lines.last_mut(), self.frames.last())
            {
                (line.kind, line.group) = (Some(Kind::Input), frame.group);
            }
            return;
        };
        let fresh = self.fresh();
        let blank = self.lines.last().is_some_and(|line| line.blank_before);
        let Some(frame) = self.frames.last_mut() else { return };
        frame.filled = true;
        if !starts_line {
            return;
        }
        if blank {
            (frame.group, frame.run) = (fresh, fresh);
        }
        frame.member = Some(number);
        if let Some(line) = self.lines.last_mut() {
            (line.kind, line.group, line.run) = (Some(kind), frame.group, frame.run);
        }
    }

    /// Looks back at the last member of the innermost block: did it take several lines?
    fn end_member(&mut self) {
        let last = self.lines.len() - 1;
        let fresh = self.fresh();
        let Some(frame) = self.frames.last_mut() else { return };
        if let Some(line) = frame.member.take()
            && line < last
        {
            self.lines[line].goes_on = true;
            frame.run = fresh;
        }
    }

    fn fresh(&mut self) -> usize {
        self.ids += 1;
        self.ids
    }

    fn open(&mut self, at: usize, block: Block) {
        let inside = &self.pieces[at + 1..=self.partners[at].max(at)];
        let new_line = |piece: &Piece<'_>| piece.newlines > 0 || !piece.comments.is_empty();
        let hanging = inside.first().is_some_and(new_line);
        // However long a line is, only its author breaks it: it must come back from the other language as it was.
        let broken = inside.iter().any(new_line);
        let line = self.lines.last().map_or(0, |line| line.indent);
        let base = if block.inner || !self.frames.is_empty() { line } else { 0 };
        let group = self.fresh();
        // Values that begin behind their brace go on below the first.
        let behind = !block.members && !hanging;
        self.frames.push(Frame {
            block,
            broken,
            closes_below: if block.members { broken } else { hanging },
            filled: false,
            inner: if behind { self.column + usize::from(!block.tight) } else { base + INDENT },
            close: base,
            group,
            run: group,
            member: None,
        });
    }

    /// The spaces between a piece and what stands before it on its line.
    fn spaces(&self, at: usize) -> usize {
        let starts_line = self.lines.last().is_none_or(|line| line.parts.is_empty());
        if starts_line {
            return 0;
        }
        let (before, piece) = (&self.pieces[at - 1], &self.pieces[at]);
        match (before.sort, piece.sort) {
            (Sort::Open(block), _) => usize::from(!block.tight),
            (_, Sort::Close) => usize::from(self.frames.last().is_none_or(|frame| !frame.block.tight)),
            (_, Sort::Comma | Sort::Colon | Sort::CloseParen | Sort::Dot | Sort::Question | Sort::Tight) => 0,
            (Sort::OpenParen { .. } | Sort::Dot | Sort::Prefix | Sort::Tight, _) => 0,
            (_, Sort::OpenParen { call: true }) => 0,
            (Sort::Comma, _) => 1,
            (Sort::Close, _) => 1,
            _ => match piece.start {
                Start::Member(Kind::Expect) => 1,
                Start::Member(_) if self.is_word(at - 1) && self.is_word(at) => 1,
                Start::Member(_) => 2,
                _ => 1,
            },
        }
    }

    /// Whether a name is all of its member: `{ large medium small }`.
    fn is_word(&self, at: usize) -> bool {
        let kind = |at: usize| match self.pieces.get(at).map(|piece| piece.start) {
            Some(Start::Member(kind)) => Some(kind),
            _ => None,
        };
        let closes = self.pieces.get(at + 1).is_some_and(|piece| piece.sort == Sort::Close);
        let name =
            matches!(kind(at), Some(Kind::Variant | Kind::Other)) && self.pieces[at].sort == Sort::Word;
        name && (kind(at + 1).is_some() || closes)
    }
}
