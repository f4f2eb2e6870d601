//! Typed expressions.

use std::sync::Arc;

use super::{
    BudgetId, Cite, DefineId, FieldId, Interval, MeasureId, ParamId, RecordId, RegisterId, TableId, Type,
};
use crate::source::Span;
pub use crate::value::ops::{ArithOp, CompareOp, DatePart};
use crate::value::{Calendar, Date, DayRule, Number, Rounding, Value, VariantSet};

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
    /// What a record claims of a budget, by the position among its draws: the amount, zero where it is not given.
    Claimed {
        budget: BudgetId,
        draw: usize,
    },
    /// What the budget gives on such a claim.
    Drawn {
        budget: BudgetId,
        draw: usize,
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

impl Expr {
    /// The body of a define that nobody has filled in.
    pub fn is_unfilled(&self) -> bool {
        matches!(self.kind, ExprKind::Unfilled(_))
    }
}

/// A value over all records of a kind, or a value of the one that the record belongs to.
#[derive(Debug, Clone)]
pub struct Aggregate {
    pub kind: AggregateKind,
    /// The records it looks over: `of`, `filter` and `group` are on one of them.
    pub over: RecordId,
    /// What is ranked, added, compared, tested or taken; absent for a count.
    pub of: Option<Expr>,
    /// Only records for which this is true are seen.
    pub filter: Option<Expr>,
    /// Only records where this has the value that `mine` has on the record that asks.
    pub group: Option<Expr>,
    /// On the record that asks; where it is absent, the same as `group`.
    pub mine: Option<Expr>,
    /// `of known`: records without a value are left out; otherwise one of them leaves the whole undetermined.
    pub known_only: bool,
}

#[derive(Debug, Clone)]
pub enum AggregateKind {
    Rank {
        descending: bool,
        ties: Ties,
    },
    Sum,
    Average,
    Least,
    Greatest,
    Count,
    /// Whether the condition holds for some of them.
    Any,
    /// Whether it holds for each of them.
    All,
    /// The value of the only one.
    One,
}

#[derive(Debug, Clone)]
pub enum Ties {
    /// Equal values share a place and the next place is skipped (1, 2, 2, 4).
    Share,
    /// Equal values are ordered by this field, ascending; still equal ones share.
    By(Box<Expr>),
}
