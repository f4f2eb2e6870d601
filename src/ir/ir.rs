//! The core that every engine reads: for each kind of record one graph of small operations, and for each
//! measure the nodes that decide it.
//!
//! Nodes stand in topological order and are hash-consed: equal expressions are one node, so what measures
//! share is computed once. Parameters and the as-of date are inputs, not constants. A node's value is a
//! [`Fact`](crate::value::Fact); what each operation makes of missing and erroneous inputs is said in
//! [`value::ops`](crate::value::ops).

use std::sync::Arc;

use indexmap::IndexSet;

use crate::check::typed::{
    BenefitKind, EnumId, Force, Interval, MeasureKind, OpenItem, ParamId, RecordId, Type,
};
use crate::value::ops::{ArithOp, CompareOp, DatePart, Hit, Proved};
use crate::value::{Calendar, DayRule, Number, Rounding, Value, VariantSet};

/// A whole policy set, lowered.
#[derive(Debug, Clone, Default)]
pub struct Program {
    /// One for each record of the checked program, in its order.
    pub records: Vec<RecordPlan>,
    pub params: Vec<ParamPlan>,
}

/// A parameter: its values over time, in base units.
#[derive(Debug, Clone)]
pub struct ParamPlan {
    pub name: String,
    pub ty: Type,
    pub steps: Vec<(Force, Value)>,
    /// On days that no step holds: a value, or the error `no_value`.
    pub otherwise: Option<Value>,
    /// It follows another one, which is left open to others.
    pub follows: Option<(ParamId, Follows)>,
}

/// What is known of a parameter that is left open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Follows {
    /// Whether it has a value.
    Filled,
    /// The value, or else a bound of it.
    Value,
}

/// All that is decided for one kind of record.
#[derive(Debug, Clone)]
pub struct RecordPlan {
    pub record: RecordId,
    pub name: String,
    pub inputs: Vec<Input>,
    pub graph: Graph,
    pub aggregates: Vec<AggregatePlan>,
    pub measures: Vec<MeasurePlan>,
    /// Each `define` for this record, by name.
    pub defines: Vec<(String, NodeId)>,
}

/// What the answers for a record depend on. Its position is the cause that a missing value reports.
#[derive(Debug, Clone)]
pub struct Input {
    pub name: String,
    pub source: Source,
    pub ty: Type,
    /// For an enum: all of its variants.
    pub variants: VariantSet,
}

/// Where an input comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The field of the record at the same position.
    Field,
    /// Others have yet to fill it in: missing in every record.
    Open(OpenItem),
    /// Whether the text field at a position stands in a list; missing where the field is.
    Member { field: usize, members: Arc<IndexSet<String>> },
    /// What a related record may lack: a field of its kind, or (`None`) the record itself. Nothing reads it; it
    /// is the cause that values across records report.
    Foreign { record: RecordId, field: Option<usize> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

impl NodeId {
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

#[derive(Debug, Clone, Default)]
pub struct Graph {
    pub nodes: Vec<Node>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Node {
    pub op: Op,
    pub kind: Kind,
    /// For numbers (base units) and dates (days): bounds of the known values.
    pub range: Interval,
    /// For numbers: the decimals needed at most; `None` where they may never end.
    pub decimals: Option<u32>,
}

/// The machine's view of a type: units are gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    Bool,
    Number,
    Date,
    Time,
    Enum(EnumId),
    Text,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Op {
    Const(Value),
    /// By position in [`RecordPlan::inputs`].
    Input(u16),
    Param(ParamId),
    AsOf,
    /// By position in [`RecordPlan::aggregates`].
    Aggregate(u16),
    Not(NodeId),
    All(Vec<NodeId>),
    Any(Vec<NodeId>),
    Compare(CompareOp, NodeId, NodeId),
    /// An enum among some of its variants.
    Variants(NodeId, VariantSet),
    Arith(ArithOp, NodeId, NodeId),
    Negate(NodeId),
    Abs(NodeId),
    Least(Vec<NodeId>),
    Greatest(Vec<NodeId>),
    Round(NodeId, Rounding, Number),
    /// The number itself where it fits a column of so many digits in all, `decimals` of them after the
    /// point; an overflow where it does not.
    Fit {
        value: NodeId,
        digits: u32,
        decimals: u32,
    },
    AddMonths(NodeId, NodeId, DayRule),
    AddDays(NodeId, NodeId),
    /// Beyond the calendar there is no value.
    AddWorkdays(NodeId, NodeId, Arc<Calendar>),
    DaysBetween(NodeId, NodeId),
    AddHours(NodeId, NodeId),
    HoursBetween(NodeId, NodeId),
    Part(DatePart, NodeId),
    DateOf(NodeId),
    Known(NodeId),
    Otherwise(NodeId, NodeId),
    /// Arms cover every variant and none twice.
    Match(NodeId, Vec<(VariantSet, NodeId)>),
    /// Rows of (test, value), and the value where none fits (`None`: the error `no_row`).
    Cases {
        hit: Hit,
        rows: Vec<(NodeId, NodeId)>,
        default: Option<NodeId>,
        proved: Proved,
    },
}

/// A value over all records of a kind; see `check::typed::Aggregate`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AggregatePlan {
    pub kind: AggregateOp,
    /// The position in [`Program::records`] of what it looks over.
    pub over: usize,
    /// Nodes of the graph of `over`.
    pub of: Option<NodeId>,
    pub filter: Option<NodeId>,
    /// The group of a record that is looked over (a node of `over`), and of the record that asks (a node of
    /// this plan).
    pub group: Option<(NodeId, NodeId)>,
    /// For a rank: the value of the record that asks (a node of this plan), and its tie-breaker.
    pub mine: Option<(NodeId, Option<NodeId>)>,
    /// For a rank by ties: the tie-breaker of a record that is looked over.
    pub tie: Option<NodeId>,
    pub known_only: bool,
    /// Of a budget; its nodes are of this plan's graph, which is also the one that is looked over.
    pub draw: Option<DrawPlan>,
    /// Where it looks over another kind of record: how the plan that asks numbers the inputs of the other one,
    /// each by its position there, and the input that is missing where no such record is.
    pub foreign: Option<Foreign>,
    /// For an enum: all of its variants, which it may have where it is missing.
    pub variants: VariantSet,
    /// How dumps call it, such as `rank of fdi_used`.
    pub name: String,
}

/// How what is missing in records of another kind is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    pub causes: Vec<u16>,
    pub absent: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AggregateOp {
    Rank {
        descending: bool,
    },
    Sum,
    Average,
    Least,
    Greatest,
    Count,
    /// Whether `of` is true of some record of the group, and of each.
    Any,
    All,
    /// `of` for the one record of the group.
    One,
    /// What a budget gives on the claim at a position.
    Draw(usize),
}

/// How a budget is handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrawPlan {
    /// What is claimed, in the order in which one record's claims are served; each may be zero.
    pub claims: Vec<NodeId>,
    /// By what records are served, ascending (the first perhaps descending); the key last, so that no two are
    /// level.
    pub order: Vec<NodeId>,
    pub pool: NodeId,
    pub rule: DrawRule,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DrawRule {
    /// The first claim that does not fit is cut to what is left, or gets nothing; those behind it get nothing.
    InOrder { descending: bool, cut: bool },
    /// Where the pool is too small for all, to each its share in whole steps, which add up to the pool.
    ProRata { step: Number },
}

impl AggregatePlan {
    /// The nodes of the asking plan whose facts it needs, in this order: its group; for a rank its value and
    /// tie-breaker; for a budget the order, the claims and the pool.
    pub fn asked(&self) -> Vec<NodeId> {
        let mut asked: Vec<NodeId> = self.group.iter().map(|(_, mine)| *mine).collect();
        if let Some((value, tie)) = self.mine {
            asked.push(value);
            asked.extend(tie);
        }
        if let Some(draw) = &self.draw {
            asked.extend(draw.order.iter().chain(&draw.claims));
            asked.push(draw.pool);
        }
        asked
    }
}

/// What decides one measure.
#[derive(Debug, Clone)]
pub struct MeasurePlan {
    pub kind: MeasureKind,
    pub name: String,
    pub label: String,
    pub force: Force,
    pub requires: Vec<Test>,
    pub excepts: Vec<Test>,
    pub choice: Option<ChoicePlan>,
    /// Of a duty or target, what is to be done: named where the last alternative, that it is not, is taken.
    pub checks: Vec<Test>,
    /// Given whichever branch is taken.
    pub awards: Vec<Award>,
    /// One for each benefit name, branches included, in the order of the text.
    pub columns: Vec<Column>,
}

impl MeasurePlan {
    /// How many conditions can fail: required ones, exceptions, those of alternatives, checks.
    pub fn tests(&self) -> usize {
        self.requires.len() + self.excepts.len() + self.branches() + self.checks.len()
    }

    pub fn branches(&self) -> usize {
        self.choice.as_ref().map_or(0, |choice| choice.branches.len())
    }

    /// Whether answers name the branch that is taken; that of a duty or target is its status.
    pub fn shows_branch(&self) -> bool {
        self.choice.is_some() && self.kind == MeasureKind::Measure
    }

    /// What is given where a branch is taken, or none.
    pub fn gives(&self, branch: Option<usize>) -> impl Iterator<Item = &Award> {
        let taken = self.choice.as_ref().zip(branch).and_then(|(choice, at)| choice.branches.get(at));
        self.awards.iter().chain(taken.into_iter().flat_map(|branch| &branch.awards))
    }

    /// The branch whose records have checks that fail.
    pub fn undone(&self) -> Option<usize> {
        self.branches().checked_sub(1).filter(|_| self.kind != MeasureKind::Measure)
    }
}

#[derive(Debug, Clone)]
pub struct Test {
    pub name: String,
    pub label: String,
    pub node: NodeId,
}

#[derive(Debug, Clone)]
pub struct ChoicePlan {
    /// `first of`: the first branch that holds is taken; otherwise two that hold are a conflict.
    pub first: bool,
    pub exclusive: bool,
    pub branches: Vec<BranchPlan>,
}

#[derive(Debug, Clone)]
pub struct BranchPlan {
    pub test: Test,
    pub refuse: bool,
    pub awards: Vec<Award>,
}

/// A benefit that is given, as nodes. For one without an amount `least` is the constant true.
#[derive(Debug, Clone)]
pub struct Award {
    /// By position in [`MeasurePlan::columns`].
    pub column: usize,
    /// The amount, or the floor of a range.
    pub least: NodeId,
    /// The ceiling of a range.
    pub most: Option<NodeId>,
    /// How many months a periodic amount is given.
    pub months: Option<NodeId>,
    /// `least` is a floor, and there is no ceiling.
    pub floor: bool,
}

/// A benefit of a measure as outputs show it.
#[derive(Debug, Clone)]
pub struct Column {
    pub name: String,
    pub label: String,
    pub kind: BenefitKind,
    /// `None` for a benefit without an amount.
    pub ty: Option<Type>,
    /// For numbers: decimals of the column.
    pub decimals: u32,
    /// Some award of it is a range: the column `<name>.most` holds its ceiling.
    pub ranged: bool,
    /// It is given out of a budget: the second column, `<name>.claimed`, holds what would be given without it.
    pub drawn: bool,
    /// Some award of it is periodic: the column `<name>.months` holds how many.
    pub periodic: bool,
}
