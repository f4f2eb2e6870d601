//! The readable form of a plan, the same each time: for snapshots and for people.

use std::fmt::Write;

use crate::check::typed::{Force, Type};
use crate::ir::{AggregateOp, AggregatePlan, Award, Kind, MeasurePlan, Node, NodeId, Op, RecordPlan, Test};
use crate::value::ops::{ArithOp, DatePart, Hit};
use crate::value::{DayRule, Value, VariantSet};

/// A record's plan as text: inputs, nodes one to a line, aggregates, defines, measures.
pub fn print(plan: &RecordPlan) -> String {
    let mut out = format!("record {}\n", plan.name);
    for (at, input) in plan.inputs.iter().enumerate() {
        line(&mut out, 1, format_args!("input {at} {}: {}", input.name, type_name(&input.ty)));
    }
    for (at, node) in plan.graph.nodes.iter().enumerate() {
        line(&mut out, 1, format_args!("%{at} = {}", node_text(plan, node)));
    }
    for (at, aggregate) in plan.aggregates.iter().enumerate() {
        line(&mut out, 1, format_args!("aggregate {at} {}", aggregate_text(aggregate)));
    }
    for (name, node) in &plan.defines {
        line(&mut out, 1, format_args!("define {name} = %{}", node.0));
    }
    plan.measures.iter().for_each(|measure| print_measure(&mut out, measure));
    out
}

fn line(out: &mut String, depth: usize, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{}{text}", "  ".repeat(depth));
}

fn type_name(ty: &Type) -> String {
    match ty {
        Type::Bool => "bool".into(),
        Type::Text => "text".into(),
        Type::Enum(id) => format!("enum {}", id.0),
        Type::Number(number) if number.dimension.is_none() => "number".into(),
        Type::Number(number) => format!("number {}", number.dimension),
        Type::Date => "date".into(),
        Type::Time => "time".into(),
    }
}

fn kind_name(kind: Kind) -> String {
    match kind {
        Kind::Bool => "bool".into(),
        Kind::Number => "number".into(),
        Kind::Date => "date".into(),
        Kind::Time => "time".into(),
        Kind::Enum(id) => format!("enum {}", id.0),
        Kind::Text => "text".into(),
    }
}

fn node_text(plan: &RecordPlan, node: &Node) -> String {
    let mut text = format!("{} : {}", op_text(plan, &node.op), kind_name(node.kind));
    let bound =
        |bound: &Option<crate::value::Number>| bound.as_ref().map_or(String::new(), |n| n.to_string());
    let (low, high) = (bound(&node.range.low), bound(&node.range.high));
    let is_constant = matches!(node.op, Op::Const(_));
    let bounded = !low.is_empty() || !high.is_empty();
    if bounded && !is_constant {
        let _ = write!(text, " in {low}..{high}");
    }
    if let (false, Some(decimals)) = (is_constant, node.decimals) {
        let _ = write!(text, " decimals {decimals}");
    }
    text
}

fn list(nodes: &[NodeId]) -> String {
    nodes.iter().map(|node| format!("%{}", node.0)).collect::<Vec<_>>().join(" ")
}

fn set_text(set: VariantSet) -> String {
    let variants: Vec<String> = set.iter().map(|variant| variant.to_string()).collect();
    format!("{{{}}}", variants.join(","))
}

/// A constant as dumps show it.
fn value_text(value: &Value) -> String {
    match value {
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Date(date) => date.to_string(),
        Value::Time(time) => time.to_string(),
        Value::Enum(variant) => format!("#{variant}"),
        Value::Text(text) => format!("{text:?}"),
    }
}

fn rule_name(rule: DayRule) -> &'static str {
    match rule {
        DayRule::Down => "down",
        DayRule::Up => "up",
    }
}

fn op_text(plan: &RecordPlan, op: &Op) -> String {
    match op {
        Op::Const(value) => value_text(value),
        Op::Input(at) => format!("input {}", plan.inputs[usize::from(*at)].name),
        Op::Param(param) => format!("param {}", param.0),
        Op::AsOf => "as_of".into(),
        Op::Aggregate(at) => format!("aggregate {at}"),
        Op::Compare(op, a, b) => format!("%{} {} %{}", a.0, op.symbol(), b.0),
        Op::Variants(a, set) => format!("%{} in {}", a.0, set_text(*set)),
        Op::Round(a, rounding, step) => format!("round {} %{} to {step}", rounding.name(), a.0),
        Op::Fit { value, digits, decimals } => format!("fit %{} decimal({digits}, {decimals})", value.0),
        Op::AddMonths(a, b, rule) => format!("add_months {} %{} %{}", rule_name(*rule), a.0, b.0),
        Op::Match(on, arms) => {
            let arms: Vec<String> =
                arms.iter().map(|(set, value)| format!("{} => %{}", set_text(*set), value.0)).collect();
            format!("match %{} {}", on.0, arms.join(", "))
        }
        Op::Cases { hit, rows, default, proved } => {
            let mut parts: Vec<String> =
                rows.iter().map(|(test, value)| format!("%{} => %{}", test.0, value.0)).collect();
            parts.extend(default.map(|value| format!("else => %{}", value.0)));
            let hit = if *hit == Hit::First { "first" } else { "unique" };
            let exclusive = if proved.exclusive { " exclusive" } else { "" };
            let complete = if proved.complete { " complete" } else { "" };
            format!("cases {hit}{exclusive}{complete} {}", parts.join(", "))
        }
        plain => format!("{} {}", op_name(plain), list(&plain.operands())),
    }
}

/// The word for an operation that is nothing but its operands.
fn op_name(op: &Op) -> &'static str {
    match op {
        Op::Not(_) => "not",
        Op::All(_) => "all",
        Op::Any(_) => "any",
        Op::Arith(ArithOp::Add, ..) => "add",
        Op::Arith(ArithOp::Subtract, ..) => "subtract",
        Op::Arith(ArithOp::Multiply, ..) => "multiply",
        Op::Arith(ArithOp::Divide, ..) => "divide",
        Op::Negate(_) => "negate",
        Op::Abs(_) => "abs",
        Op::Least(_) => "least",
        Op::Greatest(_) => "greatest",
        Op::AddDays(..) => "add_days",
        Op::AddWorkdays(..) => "add_workdays",
        Op::DaysBetween(..) => "days_between",
        Op::AddHours(..) => "add_hours",
        Op::HoursBetween(..) => "hours_between",
        Op::Part(DatePart::Year, _) => "year",
        Op::Part(DatePart::Month, _) => "month",
        Op::Part(DatePart::Day, _) => "day",
        Op::DateOf(_) => "date_of",
        Op::Known(_) => "known",
        Op::Otherwise(..) => "otherwise",
        _ => "",
    }
}

fn aggregate_text(aggregate: &AggregatePlan) -> String {
    let name = match aggregate.kind {
        AggregateOp::Rank { descending: true } => "rank descending",
        AggregateOp::Rank { descending: false } => "rank ascending",
        AggregateOp::Sum => "sum",
        AggregateOp::Average => "average",
        AggregateOp::Least => "least",
        AggregateOp::Greatest => "greatest",
        AggregateOp::Count => "count",
        AggregateOp::Any => "any",
        AggregateOp::All => "all",
        AggregateOp::One => "one",
        AggregateOp::Draw(_) => "draw",
    };
    let mut text = format!("{name} over {}", aggregate.over);
    if aggregate.known_only {
        text.push_str(" known");
    }
    let parts = [("of", aggregate.of), ("where", aggregate.filter), ("tie", aggregate.tie)];
    for (word, node) in parts {
        if let Some(node) = node {
            let _ = write!(text, " {word} %{}", node.0);
        }
    }
    if let Some((theirs, mine)) = aggregate.group {
        let _ = write!(text, " by %{} mine %{}", theirs.0, mine.0);
    }
    if let Some(draw) = &aggregate.draw {
        let (order, claims) = (list(&draw.order), list(&draw.claims));
        let _ = write!(text, " {:?} order {order} claims {claims} pool %{}", draw.rule, draw.pool.0);
    }
    if let Some((value, tie)) = aggregate.mine {
        let _ = write!(text, " asks {}", list(&[Some(value), tie].into_iter().flatten().collect::<Vec<_>>()));
    }
    text
}

fn force_text(force: Force) -> String {
    let from = force.from.map_or(String::new(), |day| format!(" from {day}"));
    let until = force.until.map_or(String::new(), |day| format!(" until {day}"));
    from + &until
}

fn print_measure(out: &mut String, measure: &MeasurePlan) {
    line(out, 1, format_args!("measure {}{}", measure.name, force_text(measure.force)));
    let mut test =
        |word: &str, test: &Test| line(out, 2, format_args!("{word} {} %{}", test.name, test.node.0));
    measure.requires.iter().for_each(|require| test("require", require));
    measure.excepts.iter().for_each(|except| test("except", except));
    measure.awards.iter().for_each(|award| print_award(out, 2, measure, award));
    let Some(choice) = &measure.choice else { return };
    let word = if choice.first { "first of" } else { "one of" };
    line(out, 2, format_args!("{word}{}", if choice.exclusive { " exclusive" } else { "" }));
    for branch in &choice.branches {
        let refuse = if branch.refuse { " refuse" } else { "" };
        line(out, 3, format_args!("branch {} %{}{refuse}", branch.test.name, branch.test.node.0));
        branch.awards.iter().for_each(|award| print_award(out, 4, measure, award));
    }
}

fn print_award(out: &mut String, depth: usize, measure: &MeasurePlan, award: &Award) {
    let column = &measure.columns[award.column];
    let mut text = format!("{} {} = %{}", column.kind.name(), column.name, award.least.0);
    if let Some(most) = award.most {
        let _ = write!(text, " to %{}", most.0);
    }
    if let Some(months) = award.months {
        let _ = write!(text, " for %{} months", months.0);
    }
    line(out, depth, format_args!("{text}"));
}
