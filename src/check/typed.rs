//! The checked policy set: every name resolved, every expression typed, every range known.

use std::path::PathBuf;
use std::sync::Arc;

use indexmap::IndexSet;

use crate::source::{FileId, Span};
pub use crate::syntax::ast::MeasureKind;
pub use crate::value::ops::{ArithOp, CompareOp, DatePart, Hit};
use crate::value::{Calendar, Date, DayRule, Dimension, Number, Rounding, RunError, Unit, Value, VariantSet};

macro_rules! ids {
    ($($name:ident),*) => {$(
        /// A position in the list of the same name of [`Program`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl $name {
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

ids!(EnumId, RecordId, FieldId, ParamId, DefineId, TableId, RegisterId, CalendarId, MeasureId);

/// A checked policy set with all that it uses.
#[derive(Debug, Clone, Default)]
pub struct Program {
    pub policy: Option<Policy>,
    pub sources: Vec<SourceDocument>,
    pub enums: Vec<Enum>,
    pub records: Vec<Record>,
    pub params: Vec<Param>,
    pub defines: Vec<Define>,
    pub tables: Vec<Table>,
    pub registers: Vec<Register>,
    pub calendars: Vec<Head>,
    pub measures: Vec<Measure>,
    pub principles: Vec<Principle>,
    pub cases: Vec<Case>,
    /// Units that the policy set declares.
    pub units: Vec<NamedUnit>,
}

/// A param or define that is left to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OpenItem {
    Param(ParamId),
    Define(DefineId),
}

impl Program {
    /// What is left to others, filled in or not: open params, then open defines.
    pub fn open_items(&self) -> impl Iterator<Item = (&Head, &Type, &Open, OpenItem)> {
        let params = self.params.iter().enumerate().filter_map(|(at, param)| {
            Some((&param.head, &param.ty, param.open.as_ref()?, OpenItem::Param(ParamId(at as u32))))
        });
        let defines = self.defines.iter().enumerate().filter_map(|(at, define)| {
            let id = OpenItem::Define(DefineId(at as u32));
            Some((&define.head, &define.body.ty, define.open.as_ref()?, id))
        });
        params.chain(defines)
    }
}

/// What every named thing has.
#[derive(Debug, Clone)]
pub struct Head {
    /// The name in files and outputs.
    pub name: String,
    /// The words for people; the name where none is given.
    pub label: String,
    /// The text of the `///` lines above it.
    pub docs: String,
    /// The module it stands in, such as `measures` or `common.enterprise`.
    pub module: String,
    /// The place of its name.
    pub span: Span,
    pub cites: Vec<Cite>,
}

/// Authority for an item: a source, perhaps an article of it, perhaps its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cite {
    pub source: String,
    pub article: Option<u32>,
    pub quote: Option<String>,
    pub span: Span,
    pub places: CitePlaces,
}

/// Where the parts of a citation stand; the whole citation for a part that it does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CitePlaces {
    pub source: Span,
    pub article: Span,
    pub quote: Span,
}

/// A source document that citations name.
#[derive(Debug, Clone)]
pub struct SourceDocument {
    pub name: String,
    pub path: PathBuf,
    pub file: FileId,
    /// The words that begin its closing, which counts as the article after the last.
    pub closing: Option<String>,
    /// It is one of the set itself, not of a set that it uses.
    pub own: bool,
}

/// The header of a policy set.
#[derive(Debug, Clone)]
pub struct Policy {
    pub head: Head,
    pub issuer: Option<String>,
    pub issued: Option<Date>,
    pub force: Force,
    pub rounding: Option<(Rounding, Number)>,
    pub day_rule: Option<DayRule>,
}

/// When something is in force: from a day (inclusive) until a day (exclusive); open where none is given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Force {
    pub from: Option<Date>,
    pub until: Option<Date>,
}

impl Force {
    pub fn holds_at(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day < until)
    }
}

#[derive(Debug, Clone)]
pub struct Enum {
    pub head: Head,
    pub variants: Vec<Variant>,
}

impl Enum {
    pub fn all(&self) -> VariantSet {
        VariantSet::all(self.variants.len())
    }
}

#[derive(Debug, Clone)]
pub struct Variant {
    pub name: String,
    pub label: String,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub struct Record {
    pub head: Head,
    pub fields: Vec<Field>,
}

#[derive(Debug, Clone)]
pub struct Field {
    pub name: String,
    pub label: String,
    pub docs: String,
    pub span: Span,
    pub ty: Type,
    /// Part of the record's key: identifies it, never missing.
    pub key: bool,
    /// `?`: often blank in good data.
    pub optional: bool,
    /// The unit of plain numbers in data: one of them is `factor` base units (万元: 10,000).
    pub data_unit: Number,
    /// The word for that unit, such as `万元`; empty where the type has none.
    pub data_unit_word: String,
    /// For numbers (in base units) and dates (in days): what values may be. What is outside is rejected.
    pub range: Interval,
    /// For numbers: how many decimals, in base units, a value may have. What is finer is rejected.
    pub decimals: u32,
}

/// The type of an expression. Whether it may be missing is not part of it: every field may.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Type {
    Bool,
    Text,
    Enum(EnumId),
    Number(NumberType),
    Date,
    Time,
}

/// The type of a number: its unit, and whether a unitless one is a rate.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NumberType {
    pub dimension: Dimension,
    pub kind: NumberKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NumberKind {
    Plain,
    /// A share, written with `%` or `‰`; has no unit.
    Rate,
    /// A difference of rates, written `个百分点` or `pp`; has no unit.
    Points,
}

/// Base symbol of the type `days`.
pub const DAY: &str = "天";
/// Base symbol of the type `months`; a year is 12 of them.
pub const MONTH: &str = "月";
/// Base symbol of the type `hours`.
pub const HOUR: &str = "小时";

impl Type {
    pub fn plain() -> Type {
        Type::unit(Dimension::none())
    }

    pub fn unit(dimension: Dimension) -> Type {
        Type::Number(NumberType { dimension, kind: NumberKind::Plain })
    }

    pub fn money(currency: &str) -> Type {
        Type::unit(Dimension::base(currency))
    }

    pub fn rate() -> Type {
        Type::Number(NumberType { dimension: Dimension::none(), kind: NumberKind::Rate })
    }

    pub fn points() -> Type {
        Type::Number(NumberType { dimension: Dimension::none(), kind: NumberKind::Points })
    }

    pub fn days() -> Type {
        Type::unit(Dimension::base(DAY))
    }

    pub fn months() -> Type {
        Type::unit(Dimension::base(MONTH))
    }

    pub fn hours() -> Type {
        Type::unit(Dimension::base(HOUR))
    }

    pub fn number(&self) -> Option<&NumberType> {
        match self {
            Type::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The ISO code of a money type.
    pub fn currency(&self) -> Option<&'static str> {
        self.number()?.dimension.currency()
    }
}

/// Bounds of a number in base units, or of a date in days from 1970-01-01; both inclusive, `None` where open.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Interval {
    pub low: Option<Number>,
    pub high: Option<Number>,
}

/// A number with a time line.
#[derive(Debug, Clone)]
pub struct Param {
    pub head: Head,
    pub ty: Type,
    /// In ascending order of `force.from`; the first may be open towards the past. Of a param that is left open
    /// to others: what they filled in.
    pub steps: Vec<ParamStep>,
    pub open: Option<Open>,
}

/// What a text leaves to others.
#[derive(Debug, Clone)]
pub struct Open {
    /// Who fills it in.
    pub by: Option<String>,
    /// For numbers and dates: within which bounds, both inclusive.
    pub least: Option<Value>,
    pub most: Option<Value>,
    /// For numbers: how many decimals, in base units, what is filled in may have.
    pub decimals: u32,
}

impl Param {
    /// The step in force on a day.
    pub fn step_at(&self, day: Date) -> Option<&ParamStep> {
        self.steps.iter().rev().find(|step| step.force.holds_at(day))
    }
}

#[derive(Debug, Clone)]
pub struct ParamStep {
    pub force: Force,
    pub value: Value,
    pub cites: Vec<Cite>,
    pub span: Span,
}

/// A named derived fact of a record.
#[derive(Debug, Clone)]
pub struct Define {
    pub head: Head,
    pub record: RecordId,
    pub body: Expr,
    /// It is left to others; its body is [`ExprKind::Unfilled`] until they fill it in.
    pub open: Option<Open>,
    /// Of an open one that is filled in: on whose authority.
    pub filled: Vec<Cite>,
}

/// A decision table, called like a function.
#[derive(Debug, Clone)]
pub struct Table {
    pub head: Head,
    pub hit: Hit,
    pub inputs: Vec<TableInput>,
    pub output: Type,
    pub rows: Vec<TableRow>,
    /// Proved: no two rows of a `unique` table can fit at once.
    pub exclusive: bool,
    /// Proved: some row fits whatever the inputs.
    pub complete: bool,
}

/// A list of names, such as the key enterprises by their numbers.
#[derive(Debug, Clone)]
pub struct Register {
    pub head: Head,
    /// The day as of which it was drawn up.
    pub dated: Option<Date>,
    /// Only looked up, never walked.
    pub members: Arc<IndexSet<String>>,
}

#[derive(Debug, Clone)]
pub struct TableInput {
    pub name: String,
    pub label: String,
    pub ty: Type,
    /// What its type lets a number be at least, in base units.
    pub low: Option<Number>,
    /// Only whole numbers.
    pub whole: bool,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub struct TableRow {
    /// One for each input.
    pub cells: Vec<Cell>,
    pub output: Value,
    pub span: Span,
}

/// The test of one cell on one input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    Any,
    /// Enum membership.
    Variants(VariantSet),
    /// Equal to one of these (texts, booleans, numbers, dates).
    Values(Vec<Value>),
    /// Bounds on a number, date or time; each with whether the bound itself is included.
    Range {
        low: Option<(Value, bool)>,
        high: Option<(Value, bool)>,
    },
}

/// Conditions and benefits for one kind of record.
///
/// A duty and a target are measures whose alternatives are made by the checker, see [`Measure::outcomes`]: whom
/// the duty binds (or what the target is about) stands in `requires` and `excepts`, what is to be done in
/// `checks`.
#[derive(Debug, Clone)]
pub struct Measure {
    pub kind: MeasureKind,
    pub head: Head,
    pub record: RecordId,
    pub force: Force,
    pub lets: Vec<Let>,
    /// Of a duty or target: what is to be done or reached.
    pub checks: Vec<Condition>,
    /// Of a duty or target: the last day (or moment) for it.
    pub due: Option<Expr>,
    /// All must hold.
    pub requires: Vec<Condition>,
    /// None may hold.
    pub excepts: Vec<Condition>,
    pub choice: Option<Choice>,
    /// Given whichever branch is taken.
    pub benefits: Vec<Benefit>,
}

/// The alternatives of a duty or target: it may still be done; it is done; it is not.
pub const NOT_YET_DUE: &str = "not_yet_due";
/// The answer of a duty or target to a record that it is not about.
pub const NOT_BOUND: &str = "not_bound";

impl MeasureKind {
    /// The names of what is done and of what is not; `None` for a measure.
    pub fn outcomes(self) -> Option<[&'static str; 2]> {
        match self {
            MeasureKind::Measure => None,
            MeasureKind::Duty => Some(["met", "breached"]),
            MeasureKind::Target => Some(["attained", "missed"]),
        }
    }

    /// The kind in words, with its article.
    pub fn words(self) -> &'static str {
        match self {
            MeasureKind::Measure => "a measure",
            MeasureKind::Duty => "a duty",
            MeasureKind::Target => "a target",
        }
    }
}

impl Measure {
    /// The exceptions of the measure's own text, without those by which it gives way to others.
    pub fn own_excepts(&self) -> impl Iterator<Item = &Condition> {
        let between = |condition: &&Condition| {
            let mut found = false;
            condition.test.walk(&mut |part| found |= matches!(part.kind, ExprKind::Granted { .. }));
            !found
        };
        self.excepts.iter().filter(between)
    }

    /// Every citation of the measure, those of its parts and of what later texts changed included.
    pub fn all_cites(&self) -> Vec<&Cite> {
        let conditions = self.requires.iter().chain(&self.excepts).chain(&self.checks);
        let branches = self.choice.iter().flat_map(|choice| &choice.branches);
        let mut cites: Vec<&Cite> = self.head.cites.iter().collect();
        cites.extend(conditions.flat_map(|condition| &condition.cites));
        cites.extend(branches.flat_map(|branch| &branch.cites));
        cites.extend(self.all_benefits().flat_map(|benefit| &benefit.cites));
        self.each_expr(&mut |expr| {
            expr.walk(&mut |part| {
                if let ExprKind::Amended { cites: own, .. } = &part.kind {
                    cites.extend(own);
                }
            });
        });
        cites
    }

    /// Calls `visit` with every whole expression of the measure.
    pub fn each_expr<'m>(&'m self, visit: &mut dyn FnMut(&'m Expr)) {
        self.lets.iter().for_each(|item| visit(&item.value));
        let conditions = self.requires.iter().chain(&self.excepts).chain(&self.checks);
        conditions.for_each(|condition| visit(&condition.test));
        self.due.iter().for_each(&mut *visit);
        let branches = self.choice.iter().flat_map(|choice| &choice.branches);
        branches.filter_map(|branch| branch.when.as_ref()).for_each(&mut *visit);
        self.all_benefits().for_each(|benefit| benefit.exprs().for_each(&mut *visit));
    }

    /// Every benefit, branches included, in the order of the text.
    pub fn all_benefits(&self) -> impl Iterator<Item = &Benefit> {
        let branches = self.choice.iter().flat_map(|choice| &choice.branches);
        self.benefits.iter().chain(branches.flat_map(|branch| &branch.benefits))
    }
}

#[derive(Debug, Clone)]
pub struct Let {
    pub name: String,
    pub label: String,
    pub value: Expr,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub struct Condition {
    pub name: String,
    pub label: String,
    pub test: Expr,
    pub cites: Vec<Cite>,
    /// The place of its name.
    pub span: Span,
}

#[derive(Debug, Clone)]
pub struct Choice {
    pub kind: ChoiceKind,
    pub branches: Vec<Branch>,
    /// Proved: no two branches can hold at once.
    pub exclusive: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChoiceKind {
    /// Branches exclude each other; two that hold are a conflict.
    OneOf,
    /// The first branch that holds is taken.
    FirstOf,
}

#[derive(Debug, Clone)]
pub struct Branch {
    pub name: String,
    pub label: String,
    /// `None` for `else`: none of the other branches holds.
    pub when: Option<Expr>,
    pub benefits: Vec<Benefit>,
    /// `=> refuse`: the branch is an explicit refusal.
    pub refuse: bool,
    pub cites: Vec<Cite>,
    pub span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BenefitKind {
    Pay,
    Waive,
    Defer,
    Extend,
    Rate,
    Entitle,
    List,
    Penalize,
    /// How much a target lacks; nothing that is given.
    Shortfall,
}

impl BenefitKind {
    /// Those that are given.
    pub const ALL: [BenefitKind; 8] = [
        BenefitKind::Pay,
        BenefitKind::Waive,
        BenefitKind::Defer,
        BenefitKind::Extend,
        BenefitKind::Rate,
        BenefitKind::Entitle,
        BenefitKind::List,
        BenefitKind::Penalize,
    ];

    /// The keyword, which is also the name in `total.<kind>`.
    pub fn name(self) -> &'static str {
        match self {
            BenefitKind::Pay => "pay",
            BenefitKind::Waive => "waive",
            BenefitKind::Defer => "defer",
            BenefitKind::Extend => "extend",
            BenefitKind::Rate => "rate",
            BenefitKind::Entitle => "entitle",
            BenefitKind::List => "list",
            BenefitKind::Penalize => "penalize",
            BenefitKind::Shortfall => "shortfall",
        }
    }
}

#[derive(Debug, Clone)]
pub struct Benefit {
    pub kind: BenefitKind,
    pub name: String,
    pub label: String,
    pub amount: Amount,
    /// `None` for a benefit without an amount.
    pub ty: Option<Type>,
    /// Applied to the amount (each period's amount) once, at the end; `None` where it is exact as it is.
    pub rounding: Option<(Rounding, Number)>,
    /// How many decimals the amount has at most after rounding, in base units.
    pub decimals: u32,
    /// Periodic: how many months the amount is given, at most.
    pub months: Option<Expr>,
    pub cites: Vec<Cite>,
    /// The place of its name.
    pub span: Span,
}

impl Benefit {
    /// Its amounts: one, or the ends of a range.
    pub fn amounts(&self) -> impl Iterator<Item = &Expr> {
        let (one, other) = match &self.amount {
            Amount::Flag => (None, None),
            Amount::Exact(value) => (Some(value), None),
            Amount::Range { least, most } => (Some(least), most.as_ref()),
        };
        one.into_iter().chain(other)
    }

    /// Its amounts, and for how many months.
    pub fn exprs(&self) -> impl Iterator<Item = &Expr> {
        self.amounts().chain(&self.months)
    }
}

#[derive(Debug, Clone)]
pub enum Amount {
    /// Given or not, without a number: an entitlement, an admission, a levy waived in full.
    Flag,
    Exact(Expr),
    /// Between two amounts, at the authority's discretion. `least` is 0 where only a ceiling is given;
    /// `most` is `None` where only a floor is.
    Range {
        least: Expr,
        most: Option<Expr>,
    },
}

/// A passage that is not computable, and why.
#[derive(Debug, Clone)]
pub struct Principle {
    pub head: Head,
    pub reason: String,
}

/// An example with its expected answers.
#[derive(Debug, Clone)]
pub struct Case {
    pub title: String,
    pub module: String,
    pub span: Span,
    pub target: CaseTarget,
    pub as_of: Date,
    pub set: Vec<(ParamId, Value)>,
    /// The records of the case, in order: all of them are seen by what looks across records.
    pub records: Vec<Given>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseTarget {
    Measure(MeasureId),
    Define(DefineId),
}

#[derive(Debug, Clone)]
pub struct Given {
    /// One for each field of the record; `None` is missing.
    pub fields: Vec<Option<Value>>,
    pub expect: Option<Expect>,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub struct Expect {
    pub kind: ExpectKind,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub enum ExpectKind {
    /// Branch by position, and benefits by name with their expected amounts.
    Granted {
        branch: Option<usize>,
        benefits: Vec<(String, ExpectedAmount)>,
    },
    /// With `failed` empty the reasons are not compared; likewise below.
    Refused {
        failed: Vec<String>,
    },
    Undetermined {
        missing: Vec<String>,
    },
    Conflict {
        branches: Vec<String>,
    },
    NotInForce,
    /// Of a duty or target: the alternative by position, the checks that fail, amounts.
    Outcome {
        branch: usize,
        failed: Vec<String>,
        benefits: Vec<(String, ExpectedAmount)>,
    },
    Error {
        error: Option<RunError>,
    },
    /// Of a define: its value.
    Value(Value),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpectedAmount {
    Exact(Value),
    Range { least: Value, most: Option<Value> },
}

/// A typed expression on one record.
#[derive(Debug, Clone)]
pub struct Expr {
    pub kind: ExprKind,
    pub ty: Type,
    pub span: Span,
    /// For numbers and dates: what the value, where known, can be.
    pub range: Interval,
    /// For numbers: how many decimals, in base units, it can need; `None` where they may never end.
    pub decimals: Option<u32>,
}

#[derive(Debug, Clone)]
pub enum ExprKind {
    Const(Value),
    /// A field of the record that the surrounding measure or define is for.
    Field(FieldId),
    Param(ParamId),
    /// One end of what an open param may be: the value itself where it is filled in.
    Bound {
        param: ParamId,
        most: bool,
    },
    Define(DefineId),
    /// A text field stands in a register.
    Member {
        field: FieldId,
        register: RegisterId,
    },
    /// A measure of the same record is given by its own conditions (with `applies`: its conditions hold,
    /// whatever its alternatives come to), whatever else it gives way to.
    Granted {
        measure: MeasureId,
        applies: bool,
    },
    /// What such a measure gives of a benefit, the floor of a range; zero where it does not.
    Award {
        measure: MeasureId,
        benefit: String,
    },
    /// What a later text says from a day on, and what was said before.
    Amended {
        from: Date,
        now: Box<Expr>,
        before: Box<Expr>,
        /// On whose authority the later text stands.
        cites: Vec<Cite>,
    },
    /// The body of an open define that nobody has filled in.
    Unfilled(DefineId),
    /// A `let` of the surrounding measure.
    Let(usize),
    /// The date of evaluation.
    AsOf,
    Not(Box<Expr>),
    All(Vec<Expr>),
    Any(Vec<Expr>),
    Compare(CompareOp, Box<Expr>, Box<Expr>),
    /// An enum among some of its variants.
    Variants(Box<Expr>, VariantSet),
    /// Equal to one of several values.
    Among(Box<Expr>, Vec<Expr>),
    /// `value in low..high` (inclusive) or `low ..< high`.
    Between {
        value: Box<Expr>,
        low: Box<Expr>,
        high: Box<Expr>,
        high_included: bool,
    },
    Negate(Box<Expr>),
    Abs(Box<Expr>),
    Arith(ArithOp, Box<Expr>, Box<Expr>),
    Least(Vec<Expr>),
    Greatest(Vec<Expr>),
    Round {
        value: Box<Expr>,
        rounding: Rounding,
        step: Number,
    },
    /// Months are whole; the day rule decides days that do not exist.
    AddMonths {
        date: Box<Expr>,
        months: Box<Expr>,
        rule: DayRule,
    },
    /// Days are whole.
    AddDays {
        date: Box<Expr>,
        days: Box<Expr>,
    },
    /// First minus second.
    DaysBetween(Box<Expr>, Box<Expr>),
    /// Days are whole; working days of a calendar, which is known by its name.
    AddWorkdays {
        date: Box<Expr>,
        days: Box<Expr>,
        calendar: Arc<Calendar>,
        name: String,
    },
    AddHours {
        time: Box<Expr>,
        hours: Box<Expr>,
    },
    /// First minus second.
    HoursBetween(Box<Expr>, Box<Expr>),
    Part(DatePart, Box<Expr>),
    /// The day of a moment.
    DateOf(Box<Expr>),
    Known(Box<Expr>),
    Otherwise(Box<Expr>, Box<Expr>),
    If {
        when: Box<Expr>,
        then: Box<Expr>,
        other: Box<Expr>,
    },
    /// Arms cover every variant and none twice.
    Match {
        on: Box<Expr>,
        arms: Vec<(VariantSet, Expr)>,
    },
    Table {
        table: TableId,
        inputs: Vec<Expr>,
    },
    Aggregate(Box<Aggregate>),
}

/// A value over all records of a kind.
#[derive(Debug, Clone)]
pub struct Aggregate {
    pub kind: AggregateKind,
    /// The records it looks over.
    pub over: RecordId,
    /// What is ranked, added or compared; absent for a count.
    pub of: Option<Expr>,
    /// Only records for which this is true are seen.
    pub filter: Option<Expr>,
    /// Only records with the same value as this one.
    pub group: Option<Expr>,
    /// `of known`: records without a value are left out; otherwise one of them leaves the whole undetermined.
    pub known_only: bool,
}

#[derive(Debug, Clone)]
pub enum AggregateKind {
    Rank { descending: bool, ties: Ties },
    Sum,
    Average,
    Least,
    Greatest,
    Count,
}

#[derive(Debug, Clone)]
pub enum Ties {
    /// Equal values share a place and the next place is skipped (1, 2, 2, 4).
    Share,
    /// Equal values are ordered by this field, ascending; still equal ones share.
    By(Box<Expr>),
}

/// A unit that a policy set declares or the language knows.
#[derive(Debug, Clone)]
pub struct NamedUnit {
    pub words: Vec<String>,
    pub unit: Unit,
}
