//! Building a graph: equal operations become one node, and what can be said at once is.

use indexmap::IndexMap;

use crate::check::typed::Interval;
use crate::ir::{Graph, Kind, Node, NodeId, Op, simplify};
use crate::value::{Number, Value};

/// A graph under construction.
#[derive(Debug, Clone, Default)]
pub struct Builder {
    graph: Graph,
    /// Only looked up, never walked.
    seen: IndexMap<(Op, Kind), NodeId>,
}

impl Builder {
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    pub fn into_graph(self) -> Graph {
        self.graph
    }

    /// The node of an operation: simplified, and the one that is there already where it is.
    pub fn add(&mut self, op: Op, kind: Kind, range: Interval, decimals: Option<u32>) -> NodeId {
        match simplify::step(&self.graph, op) {
            simplify::Simpler::Node(node) => node,
            simplify::Simpler::Value(value) => self.constant(value, kind),
            simplify::Simpler::Op(op) => self.intern(Node { op, kind, range, decimals }),
        }
    }

    /// The node of a truth value.
    pub fn test(&mut self, op: Op) -> NodeId {
        self.add(op, Kind::Bool, Interval::default(), None)
    }

    pub fn constant(&mut self, value: Value, kind: Kind) -> NodeId {
        let (point, decimals) = match &value {
            Value::Number(number) => (Some(number.clone()), number.decimals()),
            Value::Date(date) => (Some(Number::from_int(date.0.into())), None),
            _ => (None, None),
        };
        let range = Interval { low: point.clone(), high: point };
        self.intern(Node { op: Op::Const(value), kind, range, decimals })
    }

    pub fn truth(&mut self, truth: bool) -> NodeId {
        self.constant(Value::Bool(truth), Kind::Bool)
    }

    pub fn node(&self, id: NodeId) -> &Node {
        &self.graph.nodes[id.index()]
    }

    fn intern(&mut self, node: Node) -> NodeId {
        let next = NodeId(self.graph.nodes.len() as u32);
        let key = (node.op.clone(), node.kind);
        let id = *self.seen.entry(key).or_insert(next);
        if id == next {
            self.graph.nodes.push(node);
        }
        id
    }
}

impl Op {
    /// Calls `f` with each operand in the order in which it is asked for.
    pub fn each_operand(&self, mut f: impl FnMut(NodeId)) {
        match self {
            Op::Const(_) | Op::Input(_) | Op::Param(_) | Op::AsOf | Op::Aggregate(_) => {}
            Op::Not(a)
            | Op::Variants(a, _)
            | Op::Negate(a)
            | Op::Abs(a)
            | Op::Round(a, ..)
            | Op::Fit { value: a, .. }
            | Op::Part(_, a)
            | Op::DateOf(a)
            | Op::Known(a) => f(*a),
            Op::Compare(_, a, b)
            | Op::Arith(_, a, b)
            | Op::AddMonths(a, b, _)
            | Op::AddDays(a, b)
            | Op::AddWorkdays(a, b, _)
            | Op::DaysBetween(a, b)
            | Op::AddHours(a, b)
            | Op::HoursBetween(a, b)
            | Op::Otherwise(a, b) => {
                f(*a);
                f(*b);
            }
            Op::All(of) | Op::Any(of) | Op::Least(of) | Op::Greatest(of) => of.iter().copied().for_each(f),
            Op::Match(on, arms) => {
                f(*on);
                arms.iter().for_each(|(_, value)| f(*value));
            }
            Op::Cases { rows, default, .. } => {
                for (test, value) in rows {
                    f(*test);
                    f(*value);
                }
                default.iter().copied().for_each(f);
            }
        }
    }

    pub fn operands(&self) -> Vec<NodeId> {
        let mut operands = Vec::new();
        self.each_operand(|operand| operands.push(operand));
        operands
    }

    /// Replaces each operand by what `f` gives for it.
    pub fn map_operands(&mut self, f: impl Fn(NodeId) -> NodeId) {
        match self {
            Op::Const(_) | Op::Input(_) | Op::Param(_) | Op::AsOf | Op::Aggregate(_) => {}
            Op::Not(a)
            | Op::Variants(a, _)
            | Op::Negate(a)
            | Op::Abs(a)
            | Op::Round(a, ..)
            | Op::Fit { value: a, .. }
            | Op::Part(_, a)
            | Op::DateOf(a)
            | Op::Known(a) => *a = f(*a),
            Op::Compare(_, a, b)
            | Op::Arith(_, a, b)
            | Op::AddMonths(a, b, _)
            | Op::AddDays(a, b)
            | Op::AddWorkdays(a, b, _)
            | Op::DaysBetween(a, b)
            | Op::AddHours(a, b)
            | Op::HoursBetween(a, b)
            | Op::Otherwise(a, b) => {
                *a = f(*a);
                *b = f(*b);
            }
            Op::All(of) | Op::Any(of) | Op::Least(of) | Op::Greatest(of) => {
                of.iter_mut().for_each(|a| *a = f(*a));
            }
            Op::Match(on, arms) => {
                *on = f(*on);
                arms.iter_mut().for_each(|(_, value)| *value = f(*value));
            }
            Op::Cases { rows, default, .. } => {
                for (test, value) in rows {
                    *test = f(*test);
                    *value = f(*value);
                }
                default.iter_mut().for_each(|value| *value = f(*value));
            }
        }
    }
}
