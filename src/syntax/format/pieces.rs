//! From what the grammar makes of an item to its pieces: each with its text, the comments before it, and what
//! the layout must know of the place where it stands.

use std::borrow::Cow;

use pest::iterators::Pair;

use super::super::parse::Rule;
use super::super::scan::Lexeme;
use super::super::token::Token;
use super::spelling::{self, Options};

/// A word, a literal or a sign.
pub struct Piece<'t> {
    pub text: Cow<'t, str>,
    pub sort: Sort,
    pub start: Start,
    pub stop: Option<Stop>,
    /// A line may begin with it, where one did.
    pub may_break: bool,
    /// A line may begin after it, where one did.
    pub break_after: bool,
    pub comments: Vec<Comment<'t>>,
    /// Line breaks between it and what stands before it.
    pub newlines: usize,
}

pub struct Comment<'t> {
    pub text: &'t str,
    /// Line breaks before it; none where it stands behind something on its line.
    pub newlines: usize,
}

/// What the spaces around a piece depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    Word,
    Open(Block),
    Close,
    OpenParen {
        call: bool,
    },
    CloseParen,
    Comma,
    Colon,
    Dot,
    Question,
    /// A minus or plus before a value.
    Prefix,
    /// A range whose ends are plain values.
    Tight,
}

/// What stands between braces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// Members, one a line where the block has several lines; else values, in lines as they were broken.
    pub members: bool,
    /// No spaces inside: `{a, b}`.
    pub tight: bool,
    /// Stands in an expression, or follows from a condition: indented from its own line.
    pub inner: bool,
}

/// What begins with a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    None,
    /// A part of a block.
    Member(Kind),
    /// An input of a table; several lines of them begin below each other.
    Input,
}

/// Members whose parts stand below each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Field,
    Variant,
    Condition,
    Branch,
    Arm,
    Row,
    Input,
    /// What is expected of the values given before it.
    Expect,
    Other,
}

/// A place that stands below those of the same column in the members above and below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stop {
    pub kind: Kind,
    pub column: Column,
}

/// From left to right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    Label,
    Value,
    Cite,
    Cell(u16),
    Arrow,
}

/// The pieces of an item. `text` is the file, `lexemes` those of the item.
pub fn pieces<'t>(
    text: &'t str,
    lexemes: &[Lexeme],
    pair: Pair<'t, Rule>,
    options: &Options,
) -> Vec<Piece<'t>> {
    let base = lexemes.first().map_or(0, |lexeme| lexeme.start);
    let mut cut =
        Cut { text, lexemes, base, next: 0, pieces: Vec::with_capacity(lexemes.len() / 2), options };
    cut.node(pair);
    cut.pieces
}

struct Cut<'t, 'o> {
    text: &'t str,
    lexemes: &'o [Lexeme],
    base: usize,
    /// The next lexeme.
    next: usize,
    pieces: Vec<Piece<'t>>,
    options: &'o Options,
}

/// What was met of a pair so far.
#[derive(Default)]
struct Met {
    /// Its brace is open.
    inside: bool,
    colon: bool,
    label: bool,
    value: bool,
    cells: u16,
}

impl<'t> Cut<'t, '_> {
    fn node(&mut self, pair: Pair<'t, Rule>) {
        let rule = pair.as_rule();
        let span = pair.as_span();
        if rule == Rule::EOI {
            return;
        }
        if spelling::is_whole(rule) {
            let text = spelling::written(rule, span.as_str(), self.options);
            let end = self.base + span.start() + span.as_str().trim_end().len();
            let sort = if matches!(rule, Rule::op_minus | Rule::op_plus) { Sort::Prefix } else { Sort::Word };
            return self.push(text, sort, end);
        }
        let tight = tight_ranges(&pair);
        let labelled = rule == Rule::enum_item && has_labels(&pair);
        let mut met = Met::default();
        for (at, child) in pair.into_inner().enumerate() {
            self.signs(self.base + child.as_span().start(), rule, labelled, &mut met);
            let (own, first) = (child.as_rule(), self.pieces.len());
            self.node(child);
            let Some(piece) = self.pieces.get_mut(first) else { continue };
            if rule == Rule::call && own == Rule::ident {
                piece.text = Cow::Owned(spelling::called(&piece.text, self.options).into_owned());
            }
            if tight.contains(&at) {
                piece.sort = Sort::Tight;
            }
            place(piece, rule, own, &mut met);
        }
        self.signs(self.base + span.start() + span.as_str().len(), rule, labelled, &mut met);
    }

    /// The signs that no rule of their own reads, up to a place.
    fn signs(&mut self, until: usize, rule: Rule, labelled: bool, met: &mut Met) {
        while let Some(lexeme) = self.significant().filter(|lexeme| lexeme.start < until) {
            let (text, end) = self.sign(lexeme);
            let sort = sort(lexeme.token, &text, rule, labelled);
            match sort {
                Sort::Open(_) => met.inside = true,
                Sort::Close => met.inside = false,
                Sort::Colon => met.colon = true,
                _ => {}
            }
            let arrow = text == "=>";
            let break_after = match sort {
                Sort::Comma => true,
                Sort::Colon => matches!(rule, Rule::condition | Rule::branch),
                _ => arrow || text == "=",
            };
            self.push(text, sort, end);
            if let Some(piece) = self.pieces.last_mut() {
                piece.break_after = break_after;
                piece.may_break = arrow;
                let kind = aligned(rule).filter(|_| arrow);
                piece.stop = kind.map(|kind| Stop { kind, column: Column::Arrow });
            }
        }
    }

    /// A sign and where it ends; that of an alternative is two lexemes.
    fn sign(&self, lexeme: Lexeme) -> (Cow<'t, str>, usize) {
        let (text, rest) = (spelling::sign(&self.text[lexeme.start..lexeme.end]), &self.text[lexeme.end..]);
        match rest.chars().next() {
            Some(next @ ('>' | '\u{FF1E}')) if text == "=" => ("=>".into(), lexeme.end + next.len_utf8()),
            _ => (text, lexeme.end),
        }
    }

    /// The next lexeme that is neither space nor comment, which are left for `push`.
    fn significant(&self) -> Option<Lexeme> {
        self.lexemes[self.next..].iter().find(|lexeme| !is_trivia(lexeme)).copied()
    }

    /// Adds a piece that ends at a place of the file, with the comments before it.
    fn push(&mut self, text: Cow<'t, str>, sort: Sort, end: usize) {
        let mut piece = Piece {
            text,
            sort,
            start: Start::None,
            stop: None,
            may_break: false,
            break_after: false,
            comments: Vec::new(),
            newlines: 0,
        };
        while let Some(lexeme) = self.lexemes.get(self.next) {
            let slice = &self.text[lexeme.start..lexeme.end];
            match lexeme.token {
                Some(Token::Space) => piece.newlines += slice.matches('\n').count(),
                Some(Token::Comment) => {
                    let newlines = std::mem::take(&mut piece.newlines);
                    piece.comments.push(Comment { text: slice.trim_end(), newlines });
                }
                _ => break,
            }
            self.next += 1;
        }
        while self.lexemes.get(self.next).is_some_and(|lexeme| lexeme.start < end) {
            self.next += 1;
        }
        self.pieces.push(piece);
    }
}

fn sort(token: Option<Token>, text: &str, rule: Rule, labelled: bool) -> Sort {
    match (token, text) {
        (Some(Token::OpenBrace), _) => Sort::Open(block(rule, labelled)),
        (Some(Token::CloseBrace), _) => Sort::Close,
        (Some(Token::OpenParen), _) => Sort::OpenParen { call: rule == Rule::call },
        (Some(Token::CloseParen), _) => Sort::CloseParen,
        (_, "," | ";") => Sort::Comma,
        (_, ":") => Sort::Colon,
        (_, ".") => Sort::Dot,
        (_, "?") => Sort::Question,
        _ => Sort::Word,
    }
}

fn is_trivia(lexeme: &Lexeme) -> bool {
    matches!(lexeme.token, Some(Token::Space | Token::Comment))
}

fn block(rule: Rule, labelled: bool) -> Block {
    Block {
        members: match rule {
            Rule::set | Rule::values | Rule::use_names | Rule::use_item => false,
            Rule::enum_item => labelled,
            _ => true,
        },
        tight: matches!(rule, Rule::set | Rule::use_names | Rule::use_item),
        inner: matches!(rule, Rule::match_expr | Rule::branch | Rule::breach | Rule::set | Rule::values),
    }
}

fn has_labels(pair: &Pair<'_, Rule>) -> bool {
    let variants = pair.clone().into_inner().filter(|part| part.as_rule() == Rule::variant);
    variants.into_iter().any(|variant| variant.into_inner().any(|part| part.as_rule() == Rule::string))
}

/// Which members have parts that stand below each other.
fn aligned(rule: Rule) -> Option<Kind> {
    Some(match rule {
        Rule::field => Kind::Field,
        Rule::variant => Kind::Variant,
        Rule::condition => Kind::Condition,
        Rule::branch => Kind::Branch,
        Rule::arm => Kind::Arm,
        Rule::row => Kind::Row,
        Rule::table_input => Kind::Input,
        _ => return None,
    })
}

/// Says of the first piece of a part, by the rules of the whole and of the part, what the layout must know.
fn place(piece: &mut Piece<'_>, whole: Rule, part: Rule, met: &mut Met) {
    if met.inside {
        let kind = if part == Rule::expect { Kind::Expect } else { aligned(part).unwrap_or(Kind::Other) };
        piece.start = Start::Member(kind);
    } else if part == Rule::table_input {
        piece.start = Start::Input;
    }
    if let (Some(kind), Some(column)) = (aligned(whole), column(whole, part, met)) {
        piece.stop = Some(Stop { kind, column });
    }
    let infix = whole == Rule::expr || whole == Rule::arith;
    let operator = infix && is_infix(part);
    piece.break_after |= operator;
    piece.may_break |= operator
        || !met.inside
            && matches!(
                part,
                Rule::cite
                    | Rule::at_most
                    | Rule::at_least
                    | Rule::per_month
                    | Rule::between
                    | Rule::closing
                    | Rule::field_range
                    | Rule::kw_then
                    | Rule::kw_else
                    | Rule::ties
                    | Rule::over
                    | Rule::filter
                    | Rule::by
            );
    match part {
        Rule::string => met.label = true,
        Rule::expr | Rule::branch_else => met.value = true,
        Rule::cell => met.cells += 1,
        _ => {}
    }
}

fn column(whole: Rule, part: Rule, met: &Met) -> Option<Column> {
    Some(match (whole, part) {
        (Rule::row, Rule::cell) if met.cells > 0 => Column::Cell(met.cells),
        (Rule::row | Rule::arm, _) => return None,
        (_, Rule::string) if !met.colon => Column::Label,
        (Rule::condition | Rule::branch, Rule::expr | Rule::branch_else) if !met.value => Column::Value,
        (Rule::condition, Rule::cite) if !met.colon && !met.label => Column::Cite,
        _ => return None,
    })
}

fn is_infix(rule: Rule) -> bool {
    is_arith(rule)
        || matches!(
            rule,
            Rule::op_otherwise
                | Rule::op_or
                | Rule::op_and
                | Rule::op_eq
                | Rule::op_ne
                | Rule::op_le
                | Rule::op_ge
                | Rule::op_lt
                | Rule::op_gt
                | Rule::op_in
                | Rule::op_not_in
        )
}

fn is_arith(rule: Rule) -> bool {
    matches!(rule, Rule::op_add | Rule::op_sub | Rule::op_mul | Rule::op_div)
}

/// Which parts of an expression are a `..` between two plain values: `1..5`, `-1%..5%`.
fn tight_ranges(pair: &Pair<'_, Rule>) -> Vec<usize> {
    if pair.as_rule() == Rule::covers {
        return vec![2];
    }
    if pair.as_rule() != Rule::expr {
        return Vec::new();
    }
    let range = |part: &Pair<'_, Rule>| part.as_rule() == Rule::op_range;
    if !pair.clone().into_inner().any(|part| range(&part)) {
        return Vec::new();
    }
    let rules: Vec<Rule> = pair.clone().into_inner().map(|part| part.as_rule()).collect();
    let plain = |rule: Option<&Rule>| {
        matches!(
            rule,
            Some(
                Rule::quantity
                    | Rule::date
                    | Rule::time
                    | Rule::path
                    | Rule::truth
                    | Rule::as_of
                    | Rule::string
            )
        )
    };
    let sign = |rule: &&Rule| matches!(rule, Rule::op_minus | Rule::op_plus);
    let ends = |rule: Option<&Rule>| rule.is_none_or(|rule| !is_arith(*rule));
    let tight = |at: &usize| {
        let before = rules[..*at].iter().rev();
        let after = rules[at + 1..].iter();
        let mut left = before.clone().skip(1).skip_while(sign);
        let mut right = after.clone().skip_while(sign);
        plain(before.clone().next()) && ends(left.next()) && plain(right.next()) && ends(right.next())
    };
    (0..rules.len()).filter(|at| rules[*at] == Rule::op_range).filter(tight).collect()
}
