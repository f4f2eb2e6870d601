//! Building a graph: equal operations become one node, and what can be said at once is.

use indexmap::IndexMap;

use crate::check::typed::Interval;
use crate::ir::{Graph, Kind, Node, NodeId, Op, simplify};
use crate::source::Span;
use crate::value::{Number, Value};

/// A place of the text: what stands there, and which part of it.
pub type Place = (Span, usize);

/// A graph under construction.
#[derive(Debug, Clone, Default)]
pub struct Builder {
    graph: Graph,
    /// Only looked up, never walked.
    seen: IndexMap<(Op, Kind, Option<Place>), NodeId>,
    /// Operations of different places of the text stay apart, and nothing is simplified.
    apart: bool,
    /// What is added stands here, where places stay apart.
    place: Option<Place>,
}

impl Builder {
    /// A builder that leaves each operation as it stands, and equal ones of different places apart, so that one
    /// place can be changed without the others.
    pub fn apart() -> Builder {
        Builder { apart: true, ..Builder::default() }
    }

    /// What is added next stands at this place; where it stood before.
    pub fn stand(&mut self, place: Option<Place>) -> Option<Place> {
        std::mem::replace(&mut self.place, place)
    }

    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    pub fn into_graph(self) -> Graph {
        self.graph
    }

    /// The node of an operation: simplified, and the one that is there already where it is.
    pub fn add(&mut self, op: Op, kind: Kind, range: Interval, decimals: Option<u32>) -> NodeId {
        if self.apart {
            return self.intern(Node { op, kind, range, decimals });
        }
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
        let leaf = matches!(node.op, Op::Input(_) | Op::Param(_) | Op::AsOf | Op::Aggregate(_));
        let place = self.place.filter(|_| self.apart && !leaf);
        let key = (node.op.clone(), node.kind, place);
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
