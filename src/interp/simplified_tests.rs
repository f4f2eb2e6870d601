//! Simplified graphs evaluated lazily, against every operation applied to every operand as it stands.

use proptest::prelude::*;

use crate::check::typed::{EnumId, Force, Interval, ParamId, RecordId, Type};
use crate::interp::{Evaluator, Inputs, facts};
use crate::ir::{Builder, Input, Kind, NodeId, Op, ParamPlan, Program, RecordPlan, apply};
use crate::value::ops::{ArithOp, CompareOp, Hit, Proved};
use crate::value::{Date, Fact, Number, Rounding, Value, VariantSet};

/// Operands with their facts, and the operation on them.
type Step = (Vec<(NodeId, Fact)>, Box<dyn Fn(&[NodeId]) -> Op>);

/// Graphs under construction with what their nodes must come to.
struct Twin {
    builder: Builder,
    /// By kind: truth values, numbers, enums; each node with its fact.
    pools: [Vec<(NodeId, Fact)>; 3],
}

const KINDS: [Kind; 3] = [Kind::Bool, Kind::Number, Kind::Enum(EnumId(0))];

impl Twin {
    fn push(&mut self, pool: usize, op: Op, fact: Fact) {
        let node = self.builder.add(op, KINDS[pool], Interval::default(), None);
        self.pools[pool].push((node, fact));
    }

    fn pick(&self, pool: usize, at: u8) -> (NodeId, Fact) {
        self.pools[pool][usize::from(at) % self.pools[pool].len()].clone()
    }

    /// Adds an operation chosen by the bytes.
    fn step(&mut self, [kind, a, b, c, d]: [u8; 5]) {
        let pool = usize::from(kind) % 3;
        let test = |at| self.pick(0, at);
        let number = |at| self.pick(1, at);
        let variant = |at| self.pick(2, at);
        let own = |at| self.pick(pool, at);
        let set = |bits: u8| (0..3).filter(|at| bits >> at & 1 == 1).collect::<VariantSet>();
        let compare = [CompareOp::Equal, CompareOp::NotEqual, CompareOp::Less, CompareOp::AtLeast];
        let arith = [ArithOp::Add, ArithOp::Subtract, ArithOp::Multiply, ArithOp::Divide];
        let choose = |of: &[u8]| of[usize::from(kind / 3) % of.len()];
        // The operands first, then the operation on their positions.
        let (operands, op): Step = match (pool, kind / 3 % 8) {
            (_, 0) => (
                vec![test(a), own(b), test(c), own(d)],
                Box::new(move |n| Op::Cases {
                    hit: if d % 2 == 0 { Hit::First } else { Hit::Unique },
                    rows: vec![(n[0], n[1]), (n[2], n[3])],
                    default: (c % 2 == 0).then_some(n[1]),
                    proved: Proved::default(),
                }),
            ),
            (_, 1) => {
                let arms =
                    move |n: &[NodeId]| vec![(set(1 << (c % 3)), n[1]), (set(7 & !(1 << (c % 3))), n[2])];
                (vec![variant(a), own(b), own(d)], Box::new(move |n| Op::Match(n[0], arms(n))))
            }
            (_, 2) => (vec![own(a), own(b)], Box::new(|n| Op::Otherwise(n[0], n[1]))),
            (0, 3) => (vec![test(a), test(b), test(c)], Box::new(|n| Op::All(n.to_vec()))),
            (0, 4) => (vec![test(a), test(b), test(c)], Box::new(|n| Op::Any(n.to_vec()))),
            (0, 5) => (vec![test(a)], Box::new(|n| Op::Not(n[0]))),
            (0, 6) => {
                let pool = usize::from(c) % 3;
                let op = compare[usize::from(d) % 4];
                (vec![self.pick(pool, a), self.pick(pool, b)], Box::new(move |n| Op::Compare(op, n[0], n[1])))
            }
            (0, _) if c % 2 == 0 => (vec![variant(a)], Box::new(move |n| Op::Variants(n[0], set(b)))),
            (0, _) => (vec![self.pick(usize::from(b) % 3, a)], Box::new(|n| Op::Known(n[0]))),
            (1, 3) => (vec![number(a), number(b), number(c)], Box::new(|n| Op::Least(n.to_vec()))),
            (1, 4) => (vec![number(a)], Box::new(|n| Op::Negate(n[0]))),
            (1, 5) => (vec![number(a)], Box::new(|n| Op::Round(n[0], Rounding::HalfUp, Number::ONE))),
            (1, 6) => (vec![number(a)], Box::new(|n| Op::Abs(n[0]))),
            (1, _) => {
                let op = arith[usize::from(c) % 4];
                (vec![number(a), number(b)], Box::new(move |n| Op::Arith(op, n[0], n[1])))
            }
            _ => (vec![variant(choose(&[a, b]))], Box::new(|n| Op::Otherwise(n[0], n[0]))),
        };
        // Positions in place of nodes, so that operands that became one node keep their own facts.
        let places: Vec<NodeId> = (0..operands.len() as u32).map(NodeId).collect();
        let fact = apply(&op(&places), |place| &operands[place.index()].1).expect("no input");
        let nodes: Vec<NodeId> = operands.iter().map(|(node, _)| *node).collect();
        self.push(pool, op(&nodes), fact);
    }
}

fn input(name: &str, ty: Type) -> Input {
    let variants = if ty == Type::Enum(EnumId(0)) { VariantSet::all(3) } else { VariantSet::EMPTY };
    Input { name: name.into(), source: crate::ir::Source::Field, ty, variants }
}

fn twin(values: &[Option<Value>]) -> (Twin, RecordPlan, Program) {
    let enumeration = || Type::Enum(EnumId(0));
    let inputs = vec![
        input("t", Type::Bool),
        input("u", Type::Bool),
        input("n", Type::plain()),
        input("m", Type::plain()),
        input("e", enumeration()),
        input("f", enumeration()),
    ];
    let plan = RecordPlan {
        record: RecordId(0),
        name: "r".into(),
        inputs,
        graph: crate::ir::Graph::default(),
        aggregates: vec![],
        measures: vec![],
        defines: vec![],
    };
    let unset = ParamPlan {
        name: "p".into(),
        ty: Type::plain(),
        steps: vec![(Force { from: Some(Date::MAX), until: None }, Value::Bool(true))],
        otherwise: None,
        follows: None,
    };
    let program = Program { records: vec![], params: vec![unset] };
    let mut twin = Twin { builder: Builder::default(), pools: Default::default() };
    for (at, fact) in facts(&plan, values).into_iter().enumerate() {
        twin.push(at / 2, Op::Input(at as u16), fact);
    }
    twin.push(1, Op::Param(ParamId(0)), Fact::Error(crate::value::RunError::NoValue));
    let mut constant = |pool, value: Value| twin.push(pool, Op::Const(value.clone()), Fact::Known(value));
    constant(0, Value::Bool(true));
    constant(0, Value::Bool(false));
    constant(1, Value::Number(Number::ZERO));
    constant(1, Value::Number(Number::ONE));
    constant(2, Value::Enum(1));
    (twin, plan, program)
}

fn values() -> impl Strategy<Value = Vec<Option<Value>>> {
    let truth = || prop::option::of(any::<bool>().prop_map(Value::Bool));
    let number = || prop::option::of((-3i64..4).prop_map(|n| Value::Number(Number::from_int(n))));
    let variant = || prop::option::of((0u8..3).prop_map(Value::Enum));
    (truth(), truth(), number(), number(), variant(), variant())
        .prop_map(|(a, b, c, d, e, f)| vec![a, b, c, d, e, f])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn simpler_graphs_have_the_same_facts(
        values in values(),
        steps in prop::collection::vec(any::<[u8; 5]>(), 1..25),
    ) {
        let (mut twin, mut plan, program) = twin(&values);
        steps.into_iter().for_each(|step| twin.step(step));
        plan.graph = twin.builder.into_graph();
        let inputs = Inputs::new(&program, Date(0));
        let fields = facts(&plan, &values);
        let mut evaluator = Evaluator::new(&plan, &inputs, None, &fields);
        for (node, fact) in twin.pools.iter().flatten() {
            prop_assert_eq!(&evaluator.fact(*node), fact, "%{}\n{}", node.0, crate::ir::print(&plan));
        }
    }
}
