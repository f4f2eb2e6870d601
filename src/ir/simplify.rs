//! Making one operation simpler as it enters the graph.
//!
//! Only what keeps the fact for every record is done: the value, and also what is missing (with its
//! causes) and what is in error. So `x × 0` stays, for `x` may be missing, and `x and false` goes, for
//! false decides whatever `x` is.

use crate::ir::{Graph, NodeId, Op, apply};
use crate::value::ops::{ArithOp, CompareOp, Hit, Proved};
use crate::value::{Fact, Number, Value};

/// What an operation comes to.
pub enum Simpler {
    Op(Op),
    Value(Value),
    Node(NodeId),
}

/// The simplest form of an operation whose operands are simple already.
pub fn step(graph: &Graph, op: Op) -> Simpler {
    let simpler = match op {
        Op::All(of) => logic(graph, of, true),
        Op::Any(of) => logic(graph, of, false),
        Op::Cases { hit: Hit::First, rows, default, proved } => first_row(graph, rows, default, proved),
        Op::Least(of) => choice(of, Op::Least),
        Op::Greatest(of) => choice(of, Op::Greatest),
        other => neutral(graph, &other).map_or(Simpler::Op(other), Simpler::Node),
    };
    match simpler {
        Simpler::Op(op) => fold(graph, &op).map_or(Simpler::Op(op), Simpler::Value),
        done => done,
    }
}

fn constant(graph: &Graph, node: NodeId) -> Option<&Value> {
    match &graph.nodes[node.index()].op {
        Op::Const(value) => Some(value),
        _ => None,
    }
}

fn truth(graph: &Graph, node: NodeId) -> Option<bool> {
    match constant(graph, node)? {
        Value::Bool(truth) => Some(*truth),
        _ => None,
    }
}

/// `all` (neutral: true) or `any` (neutral: false).
fn logic(graph: &Graph, of: Vec<NodeId>, neutral: bool) -> Simpler {
    let mut kept: Vec<NodeId> = Vec::with_capacity(of.len());
    for node in of {
        match truth(graph, node) {
            Some(value) if value == neutral => {}
            Some(_) => return Simpler::Node(node),
            None => kept.push(node),
        }
    }
    match without_repeats(kept) {
        kept if kept.is_empty() => Simpler::Value(Value::Bool(neutral)),
        kept if kept.len() == 1 => Simpler::Node(kept[0]),
        kept if neutral => Simpler::Op(Op::All(kept)),
        kept => Simpler::Op(Op::Any(kept)),
    }
}

fn choice(of: Vec<NodeId>, op: fn(Vec<NodeId>) -> Op) -> Simpler {
    match without_repeats(of) {
        of if of.len() == 1 => Simpler::Node(of[0]),
        of => Simpler::Op(op(of)),
    }
}

/// The nodes without later copies of earlier ones, in their order.
fn without_repeats(nodes: Vec<NodeId>) -> Vec<NodeId> {
    let mut seen = std::collections::BTreeSet::new();
    nodes.into_iter().filter(|node| seen.insert(*node)).collect()
}

/// Rows that never fit go; a row that always fits ends the table.
fn first_row(
    graph: &Graph,
    rows: Vec<(NodeId, NodeId)>,
    mut default: Option<NodeId>,
    proved: Proved,
) -> Simpler {
    let mut kept = Vec::with_capacity(rows.len());
    for (test, value) in rows {
        match truth(graph, test) {
            Some(false) => {}
            Some(true) => {
                default = Some(value);
                break;
            }
            None => kept.push((test, value)),
        }
    }
    match default {
        Some(value) if kept.is_empty() => Simpler::Node(value),
        _ => Simpler::Op(Op::Cases { hit: Hit::First, rows: kept, default, proved }),
    }
}

/// The operand that an operation merely hands on.
fn neutral(graph: &Graph, op: &Op) -> Option<NodeId> {
    let is = |node: NodeId, number: &Number| constant(graph, node) == Some(&Value::Number(number.clone()));
    match op {
        Op::Not(a) => match graph.nodes[a.index()].op {
            Op::Not(inner) => Some(inner),
            _ => None,
        },
        Op::Negate(a) => match graph.nodes[a.index()].op {
            Op::Negate(inner) => Some(inner),
            _ => None,
        },
        Op::Abs(a) if matches!(graph.nodes[a.index()].op, Op::Abs(_)) => Some(*a),
        Op::Arith(ArithOp::Add, a, b) if is(*b, &Number::ZERO) => Some(*a),
        Op::Arith(ArithOp::Add, a, b) if is(*a, &Number::ZERO) => Some(*b),
        Op::Arith(ArithOp::Subtract, a, b) if is(*b, &Number::ZERO) => Some(*a),
        Op::Arith(ArithOp::Multiply | ArithOp::Divide, a, b) if is(*b, &Number::ONE) => Some(*a),
        Op::Arith(ArithOp::Multiply, a, b) if is(*a, &Number::ONE) => Some(*b),
        Op::Compare(CompareOp::Equal, a, b) if truth(graph, *b) == Some(true) => Some(*a),
        Op::Compare(CompareOp::Equal, a, b) if truth(graph, *a) == Some(true) => Some(*b),
        Op::Compare(CompareOp::NotEqual, a, b) if truth(graph, *b) == Some(false) => Some(*a),
        Op::Compare(CompareOp::NotEqual, a, b) if truth(graph, *a) == Some(false) => Some(*b),
        Op::Otherwise(a, b) if a == b || constant(graph, *a).is_some() => Some(*a),
        Op::Match(on, arms) => match constant(graph, *on) {
            Some(Value::Enum(variant)) => {
                arms.iter().find(|(set, _)| set.contains(*variant)).map(|(_, value)| *value)
            }
            _ => None,
        },
        _ => None,
    }
}

/// The value of an operation on constants; an error is left for the run, which says which record has it.
fn fold(graph: &Graph, op: &Op) -> Option<Value> {
    let mut facts = std::collections::BTreeMap::new();
    let mut constants = true;
    op.each_operand(|operand| match constant(graph, operand) {
        Some(value) if constants => drop(facts.insert(operand, Fact::Known(value.clone()))),
        _ => constants = false,
    });
    if !constants {
        return None;
    }
    match apply(op, |node| &facts[&node])? {
        Fact::Known(value) => Some(value),
        _ => None,
    }
}
