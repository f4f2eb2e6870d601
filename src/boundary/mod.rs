//! Where the answers of a policy turn: for each field of a record the values that it is compared with, on every day
//! on which a param changes, and what stands one step to either side of them.

mod reach;
mod solve;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use reach::Reach;
pub use solve::solve;

use crate::check::typed::{Field, Force, Program, RecordId, Type};
use crate::interp::{Evaluator, Inputs, facts};
use crate::ir::{self, Graph, Kind, NodeId, Op, RecordPlan, Source};
use crate::value::{Date, Number, Rounding, Time, Value};

/// Two numbers, dates or times of a record's plan that are held against each other: by a comparison, or because the
/// lesser or greater of them counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comparison {
    pub node: NodeId,
    pub left: NodeId,
    pub right: NodeId,
}

/// Every comparison of a graph on a line of values.
pub fn comparisons(graph: &Graph) -> impl Iterator<Item = Comparison> + '_ {
    let on_a_line =
        |node: NodeId| matches!(graph.nodes[node.index()].kind, Kind::Number | Kind::Date | Kind::Time);
    graph.nodes.iter().enumerate().flat_map(move |(at, node)| {
        let pairs: Vec<(NodeId, NodeId)> = match &node.op {
            Op::Compare(_, left, right) if on_a_line(*left) => vec![(*left, *right)],
            Op::Least(of) | Op::Greatest(of) => of.iter().skip(1).map(|other| (of[0], *other)).collect(),
            _ => Vec::new(),
        };
        let node = NodeId(at as u32);
        pairs.into_iter().map(move |(left, right)| Comparison { node, left, right })
    })
}

pub type Texts = BTreeSet<Arc<str>>;

/// Where the values of a record's fields turn something.
#[derive(Debug, Clone, Default)]
pub struct Boundaries {
    /// By field: the positions of numbers, dates and times, ascending.
    pub fields: Vec<Vec<Number>>,
    /// By field: the texts that it is compared with.
    pub texts: Vec<Texts>,
    /// By field: the members of lists that it is looked up in.
    pub members: Vec<Texts>,
    /// Comparisons of fields with each other.
    pub between: Vec<Between>,
}

/// A comparison whose boundary for one field depends on others of the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Between {
    /// The last of its numbers, dates and times, by position.
    pub field: u16,
    /// The others, by position.
    pub others: Vec<u16>,
    /// The side that has the field, and the other one.
    pub side: NodeId,
    pub other_side: NodeId,
}

/// The days on which something begins or ends (params, measures, amendments), and one before all of them.
pub fn days(core: &ir::Program) -> BTreeSet<Date> {
    let mut days = BTreeSet::new();
    let mut add = |force: &Force| days.extend(force.from.into_iter().chain(force.until));
    core.params.iter().flat_map(|param| &param.steps).for_each(|(force, _)| add(force));
    core.records.iter().flat_map(|plan| &plan.measures).for_each(|measure| add(&measure.force));
    for plan in &core.records {
        for comparison in comparisons(&plan.graph) {
            let op = |node: NodeId| &plan.graph.nodes[node.index()].op;
            if let (Op::AsOf, Op::Const(Value::Date(day))) | (Op::Const(Value::Date(day)), Op::AsOf) =
                (op(comparison.left), op(comparison.right))
            {
                // What ends with a day has ended on the next.
                days.extend([Some(*day), day.add_days(1)].into_iter().flatten());
            }
        }
    }
    let before = days.first().and_then(|first| first.add_days(-1)).or(Date::new(2020, 1, 1));
    days.extend(before);
    days
}

/// The day about which a policy speaks: on which it comes into force or was issued, else the last on which something
/// changes.
pub fn usual_day(program: &Program, days: &BTreeSet<Date>) -> Date {
    let policy = program.policy.as_ref().and_then(|policy| policy.force.from.or(policy.issued));
    policy.or(days.last().copied()).unwrap_or(Date(0))
}

/// Whether values of a field stand on a line, with something below and above each of them.
pub fn is_line(field: &Field) -> bool {
    matches!(field.ty, Type::Number(_) | Type::Date | Type::Time)
}

/// The boundaries of a record's fields on these days.
pub fn boundaries(
    program: &Program,
    core: &ir::Program,
    record: RecordId,
    days: &BTreeSet<Date>,
) -> Boundaries {
    let plan = &core.records[record.index()];
    let fields = &program.records[record.index()].fields;
    let reach = Reach::new(plan);
    let mut found: Vec<BTreeSet<Number>> = fields.iter().map(own_ends).collect();
    for day in days {
        let inputs = Inputs::new(core, *day);
        let mut evaluator = Evaluator::new(plan, &inputs, None, &facts(plan, &[]));
        for comparison in comparisons(&plan.graph) {
            let Some((field, side, other_side)) = reach.only_field(comparison, fields) else { continue };
            let Some(wanted) = evaluator.fact(other_side).known().and_then(position) else { continue };
            found[usize::from(field)].extend(solve(&mut evaluator, &reach, side, field, &wanted));
        }
    }
    let (texts, members) = names(plan, fields.len());
    let between =
        comparisons(&plan.graph).filter_map(|comparison| reach.between(comparison, fields)).collect();
    let fields = found.into_iter().map(|set| set.into_iter().collect()).collect();
    Boundaries { fields, texts, members, between }
}

/// The texts that fields are compared with, and the members of the lists that they are looked up in.
fn names(plan: &RecordPlan, count: usize) -> (Vec<Texts>, Vec<Texts>) {
    let (mut texts, mut members) = (vec![BTreeSet::new(); count], vec![BTreeSet::new(); count]);
    let nodes = &plan.graph.nodes;
    for node in nodes {
        let Op::Compare(_, left, right) = node.op else { continue };
        let (left, right) = (&nodes[left.index()].op, &nodes[right.index()].op);
        if let (Op::Input(field), Op::Const(Value::Text(text)))
        | (Op::Const(Value::Text(text)), Op::Input(field)) = (left, right)
            && let Some(texts) = texts.get_mut(usize::from(*field))
        {
            texts.insert(text.clone());
        }
    }
    for input in &plan.inputs {
        if let Source::Member { field, members: of } = &input.source {
            members[*field].extend(of.iter().map(|name| Arc::from(name.as_str())));
        }
    }
    (texts, members)
}

/// The ends of a field's declared range. Those that its type has by itself are no boundaries of the policy, except
/// zero.
fn own_ends(field: &Field) -> BTreeSet<Number> {
    let digits = match &field.ty {
        Type::Number(_) if field.decimals == 8 => 10,
        Type::Number(_) if field.decimals == 2 => 16,
        Type::Number(_) if field.decimals == 0 => 15,
        _ => 12,
    };
    let limit = Number::from_scaled(10i128.pow(digits), 0);
    let days = [Date::MIN, Date::MAX].map(|day| Number::from_int(day.0.into()));
    let ends = [&field.range.low, &field.range.high].into_iter().flatten();
    ends.filter(|end| match field.ty {
        Type::Date => !days.contains(end),
        _ => end.abs() < limit,
    })
    .cloned()
    .collect()
}

/// The least difference of two values of a field: by its decimals, a day, a minute.
pub fn step(field: &Field) -> Number {
    match field.ty {
        Type::Time => Number::from_int(60),
        _ => Number::from_scaled(1, field.decimals),
    }
}

/// What a field can be around a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    pub below: Option<Number>,
    /// Where the field can have the value itself.
    pub exact: Option<Number>,
    pub above: Option<Number>,
}

/// The values of a field at a position and one step to either side, where the field can have them.
pub fn beside(field: &Field, at: &Number) -> Beside {
    let step = step(field);
    let lower = at.round_to(&step, Rounding::Down);
    let lower = if lower > *at { lower.sub(&step) } else { lower };
    let possible = |value: Number| {
        let fits = field.range.contains(&value) && value_at(&field.ty, &value).is_some();
        fits.then_some(value)
    };
    if lower == *at {
        Beside { below: possible(at.sub(&step)), exact: possible(at.clone()), above: possible(at.add(&step)) }
    } else {
        Beside { below: possible(lower.clone()), exact: None, above: possible(lower.add(&step)) }
    }
}

impl Beside {
    /// Those that there are, ascending.
    pub fn all(self) -> impl Iterator<Item = Number> {
        [self.below, self.exact, self.above].into_iter().flatten()
    }
}

/// Where a number, date (in days) or time (in seconds) stands on its line.
pub fn position(value: &Value) -> Option<Number> {
    match value {
        Value::Number(number) => Some(number.clone()),
        Value::Date(date) => Some(Number::from_int(date.0.into())),
        Value::Time(time) => Some(Number::from_int(time.0)),
        _ => None,
    }
}

/// The value of a type at a position.
pub fn value_at(ty: &Type, at: &Number) -> Option<Value> {
    let whole = || i64::try_from(at.to_scaled(0)?).ok();
    match ty {
        Type::Number(_) => at.in_limits().then(|| Value::Number(at.clone())),
        Type::Date => Date::from_days(whole()?).map(Value::Date),
        Type::Time => Time::from_seconds(whole()?).map(Value::Time),
        _ => None,
    }
}

/// By field the comparisons of it with others, in the order of the plan, each once.
pub fn by_field(between: &[Between]) -> BTreeMap<u16, Vec<&Between>> {
    let mut of: BTreeMap<u16, Vec<&Between>> = BTreeMap::new();
    for own in between {
        let list = of.entry(own.field).or_default();
        if !list.contains(&own) {
            list.push(own);
        }
    }
    of
}
