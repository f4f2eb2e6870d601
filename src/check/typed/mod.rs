//! The checked policy set: every name resolved, every expression typed, every range known.

mod cases;
mod expr;
mod measure;

pub use cases::*;
pub use expr::*;
pub use measure::*;

use std::path::PathBuf;
use std::sync::Arc;

use indexmap::IndexSet;

use crate::source::{FileId, Span};
pub use crate::value::ops::Hit;
use crate::value::{Date, DayRule, Dimension, Number, Rounding, Unit, Value, VariantSet};

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

ids!(EnumId, RecordId, FieldId, ParamId, DefineId, TableId, RegisterId, CalendarId, BudgetId, MeasureId);

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
    pub budgets: Vec<Budget>,
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
    /// What it belongs to; no kind of record twice.
    pub belongs: Vec<Belonging>,
}

impl Record {
    /// The field that is the whole key.
    pub fn only_key(&self) -> Option<FieldId> {
        let mut keys = self.fields.iter().enumerate().filter(|(_, field)| field.key);
        let (at, _) = keys.next()?;
        keys.next().is_none().then_some(FieldId(at as u32))
    }
}

/// A record belongs to the one of another kind whose key a field of it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Belonging {
    pub record: RecordId,
    pub via: FieldId,
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

/// A unit that a policy set declares or the language knows.
#[derive(Debug, Clone)]
pub struct NamedUnit {
    pub words: Vec<String>,
    pub unit: Unit,
}
