//! Syntax trees. They know no types: a literal is its text with a span until `check` gives it a unit.

use crate::source::{FileId, Span};
pub use crate::value::ops::{ArithOp, CompareOp};

/// A parsed module: its sound items, in the order of the text.
#[derive(Debug, Clone)]
pub struct File {
    pub id: FileId,
    pub items: Vec<Item>,
    /// Names that items with a syntax error would declare: who uses them is not to blame.
    pub broken: Vec<String>,
}

#[derive(Debug, Clone)]
pub struct Item {
    /// The text of the `///` lines above.
    pub docs: String,
    pub span: Span,
    pub kind: ItemKind,
}

#[derive(Debug, Clone)]
pub enum ItemKind {
    Use(Use),
    Policy(Policy),
    Enum(Enum),
    Unit(Unit),
    Record(Record),
    Param(Param),
    Define(Define),
    Fill(Fill),
    Table(Table),
    Measure(Measure),
    Register(Register),
    Calendar(Calendar),
    BestOf(BestOf),
    Budget(Budget),
    Amend(Amend),
    Principle(Principle),
    Case(Case),
}

/// A piece of the text: a name, a number, the words of a string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    pub text: String,
    pub span: Span,
}

/// A name and the label that people read.
#[derive(Debug, Clone)]
pub struct Named {
    pub name: Word,
    pub label: Option<Word>,
}

#[derive(Debug, Clone)]
pub struct Cite {
    pub source: Word,
    pub article: Option<(u32, Span)>,
    pub quote: Option<Word>,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub struct Use {
    pub path: Vec<Word>,
    pub names: UseNames,
}

#[derive(Debug, Clone)]
pub enum UseNames {
    /// The path's last word is the item.
    Path,
    Listed(Vec<Word>),
    All,
}

#[derive(Debug, Clone)]
pub struct Policy {
    pub named: Named,
    pub issuer: Option<Word>,
    pub issued: Option<Word>,
    pub sources: Vec<Source>,
    pub rounding: Option<(Word, Expr)>,
    /// `true`: up.
    pub dates_up: Option<bool>,
    pub force: Force,
    /// Earlier policies that give way.
    pub prevails: Vec<Word>,
    pub cites: Vec<Cite>,
}

/// A source document: its name, its file, and the words that begin its closing, which counts as an article.
#[derive(Debug, Clone)]
pub struct Source {
    pub name: Word,
    pub path: Word,
    pub closing: Option<Word>,
}

#[derive(Debug, Clone, Default)]
pub struct Force {
    pub from: Option<Word>,
    pub until: Option<Word>,
}

#[derive(Debug, Clone)]
pub struct Enum {
    pub named: Named,
    pub variants: Vec<Named>,
}

#[derive(Debug, Clone)]
pub struct Unit {
    pub named: Named,
    pub definition: Option<Expr>,
}

#[derive(Debug, Clone)]
pub struct Record {
    pub named: Named,
    pub fields: Vec<Field>,
    pub belongs: Vec<Belongs>,
}

/// `belongs to County via county`.
#[derive(Debug, Clone)]
pub struct Belongs {
    pub record: Word,
    pub via: Word,
}

#[derive(Debug, Clone)]
pub struct Field {
    pub named: Named,
    pub key: bool,
    pub ty: Type,
    pub range: Option<Expr>,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub struct Type {
    pub kind: TypeKind,
    pub optional: bool,
    pub data_unit: Option<Word>,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub enum TypeKind {
    Bool,
    Text,
    Rate,
    Points,
    Date,
    Time,
    Days,
    Months,
    Hours,
    Number(Option<Word>),
    Count(Option<Word>),
    Money(Option<Word>),
    Name(Word),
}

#[derive(Debug, Clone)]
pub struct Param {
    pub named: Named,
    pub ty: Option<Type>,
    pub value: Option<Expr>,
    pub steps: Vec<Step>,
    pub cites: Vec<Cite>,
    pub open: Option<Open>,
}

/// What the text leaves to others: within which bounds, and to whom.
#[derive(Debug, Clone)]
pub struct Open {
    pub at_least: Option<Expr>,
    pub at_most: Option<Expr>,
    pub by: Option<Word>,
}

impl Open {
    /// Whether a place is part of the bounds.
    pub fn bounds(&self, place: Span) -> bool {
        self.at_least.iter().chain(&self.at_most).any(|bound| bound.span.contains(place))
    }
}

/// The value of something that another text left open.
#[derive(Debug, Clone)]
pub struct Fill {
    pub target: Word,
    pub value: Option<Expr>,
    pub steps: Vec<Step>,
    pub cites: Vec<Cite>,
}

#[derive(Debug, Clone)]
pub struct Step {
    pub from: Word,
    pub until: Option<Word>,
    pub value: Expr,
    pub cites: Vec<Cite>,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub struct Define {
    pub named: Named,
    pub record: Word,
    pub ty: Option<Type>,
    /// `None` where it is left open.
    pub body: Option<Expr>,
    pub cites: Vec<Cite>,
    pub open: Option<Open>,
}

#[derive(Debug, Clone)]
pub struct Table {
    pub named: Named,
    pub cites: Vec<Cite>,
    /// `true`: unique; `false`: first.
    pub unique: Option<bool>,
    pub inputs: Vec<(Named, Type)>,
    pub output: Option<(Option<Named>, Type)>,
    pub file: Option<Word>,
    pub rows: Vec<Row>,
}

#[derive(Debug, Clone)]
pub struct Row {
    pub cells: Vec<Cell>,
    pub output: Expr,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub struct Cell {
    pub kind: CellKind,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub enum CellKind {
    Any,
    Compare(CompareOp, Expr),
    /// A value, a range or a set.
    Is(Expr),
}

#[derive(Debug, Clone)]
pub struct Principle {
    pub named: Named,
    pub cites: Vec<Cite>,
    pub reason: Option<Word>,
}

/// What is decided for each record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum MeasureKind {
    /// Who gets what.
    #[default]
    Measure,
    /// Who must do what, and whether it is done.
    Duty,
    /// What is to be reached, and whether it is.
    Target,
}

/// A measure, or what is like one: a duty or a target.
#[derive(Debug, Clone)]
pub struct Measure {
    pub kind: MeasureKind,
    pub named: Named,
    pub record: Word,
    pub cites: Vec<Cite>,
    pub force: Force,
    pub lets: Vec<Let>,
    pub requires: Vec<Condition>,
    pub excepts: Vec<Condition>,
    pub choices: Vec<Choice>,
    /// Of a duty: what follows from its breach.
    pub benefits: Vec<Benefit>,
    /// `comply` of a duty, `reach` of a target.
    pub checks: Vec<Condition>,
    pub due: Option<Expr>,
    /// Measures that are not given beside this one.
    pub excludes: Vec<Word>,
    /// Measures that give way where this one applies.
    pub prevails: Vec<Word>,
}

/// A list in a file: its column `key` (else the first) names the members.
#[derive(Debug, Clone)]
pub struct Register {
    pub named: Named,
    pub file: Word,
    pub key: Option<Word>,
    pub dated: Option<Word>,
    pub cites: Vec<Cite>,
}

/// Working days from a first day to a last one, with a file of holidays and days worked in their place.
#[derive(Debug, Clone)]
pub struct Calendar {
    pub named: Named,
    pub file: Word,
    pub first: Word,
    pub last: Word,
    pub cites: Vec<Cite>,
}

/// A pool that benefits draw on.
#[derive(Debug, Clone)]
pub struct Budget {
    pub named: Named,
    pub pool: Expr,
    pub draws: Vec<(Word, Word)>,
    /// The field, whether descending, and the field that decides between equal ones.
    pub orders: Vec<BudgetOrder>,
    /// The places of `pro rata`.
    pub pro_rata: Vec<Span>,
    /// Whether the last one is cut (else refused), and where it stands.
    pub lasts: Vec<(bool, Span)>,
    pub known_only: bool,
    pub cites: Vec<Cite>,
}

#[derive(Debug, Clone)]
pub struct BudgetOrder {
    pub by: Word,
    pub descending: bool,
    pub ties: Option<Word>,
    pub span: Span,
}

/// Of several benefits the highest is given.
#[derive(Debug, Clone)]
pub struct BestOf {
    pub named: Named,
    pub cites: Vec<Cite>,
    /// Measures and their benefits.
    pub contenders: Vec<(Word, Word)>,
}

/// What a later text changes in an earlier one, from a day on.
#[derive(Debug, Clone)]
pub struct Amend {
    pub target: Word,
    pub from: Word,
    /// Of a param or define.
    pub value: Option<Expr>,
    pub cites: Vec<Cite>,
    pub force: Option<Force>,
    pub drops: Vec<Word>,
    pub requires: Vec<Condition>,
    pub excepts: Vec<Condition>,
    pub choices: Vec<Choice>,
    pub benefits: Vec<Benefit>,
}

#[derive(Debug, Clone)]
pub struct Let {
    pub named: Named,
    pub ty: Option<Type>,
    pub value: Expr,
}

#[derive(Debug, Clone)]
pub struct Condition {
    pub named: Named,
    /// `None`: the name is that of a boolean field.
    pub test: Option<Expr>,
    pub cites: Vec<Cite>,
}

#[derive(Debug, Clone)]
pub struct Choice {
    pub first: bool,
    pub branches: Vec<Branch>,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub struct Branch {
    pub named: Named,
    /// `None`: `else`.
    pub when: Option<Expr>,
    pub refuse: bool,
    pub benefits: Vec<Benefit>,
    pub cites: Vec<Cite>,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub struct Benefit {
    pub kind: Word,
    pub named: Named,
    pub ty: Option<Type>,
    pub amount: Amount,
    pub at_most: Option<Expr>,
    pub at_least: Option<Expr>,
    pub months: Option<Expr>,
    pub cites: Vec<Cite>,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub enum Amount {
    None,
    InFull(Span),
    Is(Expr),
    Between(Expr, Expr),
}

#[derive(Debug, Clone)]
pub struct Case {
    pub title: Word,
    pub target: Word,
    pub as_of: Option<Word>,
    pub set: Vec<(Word, Expr)>,
    pub records: Vec<Given>,
}

#[derive(Debug, Clone)]
pub struct Given {
    /// The kind of record, where it is not that of the measure.
    pub record: Option<Word>,
    pub values: Vec<(Word, Expr)>,
    pub expects: Vec<Expect>,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub struct Expect {
    pub kind: ExpectKind,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub enum ExpectKind {
    Granted {
        branch: Option<Word>,
        values: Vec<(Word, Expr)>,
    },
    Refused(Vec<Word>),
    Undetermined(Vec<Word>),
    Conflict(Vec<Word>),
    NotInForce,
    Error(Option<Word>),
    /// An answer of a duty or target: its English name, reasons, amounts.
    Outcome {
        name: &'static str,
        reasons: Vec<Word>,
        values: Vec<(Word, Expr)>,
    },
    Value(Expr),
}

#[derive(Debug, Clone)]
pub struct Expr {
    pub kind: ExprKind,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub enum ExprKind {
    Path(Vec<Word>),
    /// The digits without `_`, and the unit word as written.
    Quantity {
        number: Word,
        unit: Option<Word>,
    },
    Date(String),
    Time(String),
    Text(String),
    Bool(bool),
    AsOf,
    Group(Box<Expr>),
    Unary(UnaryOp, Box<Expr>),
    Binary {
        op: BinaryOp,
        op_span: Span,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    Set(Vec<Expr>),
    /// `500头 以上`: all that compares so with the value.
    Bound(CompareOp, Box<Expr>),
    Call {
        name: Word,
        arguments: Vec<Argument>,
    },
    If {
        when: Box<Expr>,
        then: Box<Expr>,
        other: Box<Expr>,
    },
    Match {
        on: Box<Expr>,
        arms: Vec<Arm>,
    },
    Aggregate(Box<Aggregate>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnaryOp {
    Not,
    Known,
    Minus,
    Plus,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryOp {
    Otherwise,
    Or,
    And,
    Compare(CompareOp),
    In,
    NotIn,
    /// `..`, the end included.
    Range,
    /// `..<`, the end excluded.
    RangeOpen,
    Arith(ArithOp),
}

#[derive(Debug, Clone)]
pub struct Argument {
    /// `to:`
    pub to: bool,
    pub value: Expr,
}

#[derive(Debug, Clone)]
pub struct Arm {
    /// Empty: `else`.
    pub patterns: Vec<(Vec<Word>, Span)>,
    pub value: Expr,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub struct Aggregate {
    pub kind: AggregateKind,
    pub known_only: bool,
    pub of: Option<Expr>,
    pub over: Option<Word>,
    /// `its`: only those that belong to the record.
    pub members: bool,
    pub filter: Option<Expr>,
    pub by: Option<Word>,
}

#[derive(Debug, Clone)]
pub enum AggregateKind {
    /// `ties` is the tie-breaking field; `None`: equal values share a place.
    Rank {
        descending: bool,
        ties: Option<Word>,
    },
    Average,
    Sum,
    Min,
    Max,
    Count,
    Any,
    All,
}

impl Expr {
    /// Calls `visit` with each part of the expression, in the order of the text.
    pub fn each_part<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        match &self.kind {
            ExprKind::Path(_)
            | ExprKind::Quantity { .. }
            | ExprKind::Date(_)
            | ExprKind::Time(_)
            | ExprKind::Text(_)
            | ExprKind::Bool(_)
            | ExprKind::AsOf => {}
            ExprKind::Group(inner) | ExprKind::Unary(_, inner) | ExprKind::Bound(_, inner) => visit(inner),
            ExprKind::Binary { left, right, .. } => {
                visit(left);
                visit(right);
            }
            ExprKind::Set(members) => members.iter().for_each(visit),
            ExprKind::Call { arguments, .. } => arguments.iter().for_each(|argument| visit(&argument.value)),
            ExprKind::If { when, then, other } => [when, then, other].into_iter().for_each(|e| visit(e)),
            ExprKind::Match { on, arms } => {
                visit(on);
                arms.iter().for_each(|arm| visit(&arm.value));
            }
            ExprKind::Aggregate(aggregate) => {
                aggregate.of.iter().chain(&aggregate.filter).for_each(visit);
            }
        }
    }

    /// The names that stand in this expression itself, its parts aside.
    pub fn names(&self) -> impl Iterator<Item = &Word> {
        let (path, by): (&[Word], Option<&Word>) = match &self.kind {
            ExprKind::Path(path) => (path, None),
            ExprKind::Aggregate(aggregate) => (&[], aggregate.by.as_ref()),
            _ => (&[], None),
        };
        path.iter().take(1).chain(by)
    }
}
