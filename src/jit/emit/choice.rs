//! Enums: a variant for each record and, where it may be missing, the set of those that are left.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::I8X16;
use cranelift_codegen::ir::{InstBuilder, Value as V};

use super::truth::set_byte;
use super::{Emitter, Gap};
use crate::ir::{NodeId, Op};
use crate::jit::shape::{Rep, Shape};
use crate::value::Value;

#[derive(Debug, Clone)]
pub struct Choice {
    /// Variants by number.
    pub code: V,
    /// Eight variants to a byte; empty where none is ever missing.
    pub sets: Vec<V>,
    pub gap: Gap,
}

impl Emitter<'_, '_> {
    pub fn choice(&mut self, node: NodeId) -> Choice {
        if let Some(choice) = self.choices.get(&node) {
            return choice.clone();
        }
        let choice = match self.stored(node) {
            Some(kept) => {
                let code = self.load(kept.values, I8X16, 0);
                let sets: Vec<V> = kept.sets.iter().map(|at| self.load(*at, I8X16, 0)).collect();
                let gap = self.load_gap(kept);
                let sets = match (self.design.table(node), gap.missing) {
                    // A table says what is left only where it is missing.
                    (Some(_), Some(missing)) => self.left_where(node, code, sets, missing),
                    _ => sets,
                };
                Choice { code, sets, gap }
            }
            None => self.compute_choice(node),
        };
        self.choices.insert(node, choice.clone());
        choice
    }

    fn compute_choice(&mut self, node: NodeId) -> Choice {
        let code = match self.op(node) {
            Op::Const(Value::Enum(variant)) => self.bytes(*variant),
            Op::Param(param) => self.param(param.index() + 1, I8X16),
            Op::Input(input) => self.enum_input(*input),
            Op::Cases { .. } | Op::Match(..) | Op::Otherwise(..) => {
                let walk = self.walk(node);
                return self.walk_choice(node, &walk);
            }
            op => unreachable!("{op:?} gives no enum"),
        };
        if !self.form(node).missing {
            let error = self.form(node).error.then(|| self.every());
            return Choice { code, sets: Vec::new(), gap: Gap { missing: None, error } };
        }
        let gap = self.leaf_gap(node);
        let mut sets = self.one_hot(node, code);
        if let (Some(null), Op::Input(input)) = (gap.missing, self.op(node)) {
            let all = self.design.setting.plan.inputs[usize::from(*input)].variants;
            for (at, set) in sets.iter_mut().enumerate() {
                let left = self.bytes(set_byte(all, at));
                *set = self.select(null, left, *set);
            }
        }
        Choice { code, sets, gap }
    }

    fn left_where(&mut self, node: NodeId, code: V, sets: Vec<V>, missing: V) -> Vec<V> {
        let alone = self.one_hot(node, code);
        sets.into_iter().zip(alone).map(|(set, alone)| self.select(missing, set, alone)).collect()
    }

    fn enum_input(&mut self, input: u16) -> V {
        let at = usize::from(input);
        if let Some(only) = self.design.setting.plan.inputs[at].variants.single() {
            return self.bytes(only);
        }
        if self.design.setting.shapes[at] == Shape::Absent {
            return self.none();
        }
        let slot = self.design.layout.inputs[at].slot.expect("cells have a slot");
        let base = self.slot(slot);
        self.load_from(base, 0, I8X16, 0)
    }

    /// The set of the variants that are left to a node.
    pub fn sets(&mut self, node: NodeId) -> Vec<V> {
        let choice = self.choice(node);
        if choice.sets.is_empty() { self.one_hot(node, choice.code) } else { choice.sets }
    }

    /// Each variant as the set of itself alone.
    fn one_hot(&mut self, node: NodeId, code: V) -> Vec<V> {
        let Rep::Enum { variants } = self.form(node).rep else { unreachable!("only enums have variants") };
        let bits = self.constant(I8X16, std::array::from_fn(|at| if at < 8 { 1 << at } else { 0 }));
        let planes = 0..variants.div_ceil(8);
        planes
            .map(|plane| {
                let first = self.bytes((8 * plane) as u8);
                let at = self.b.ins().isub(code, first);
                self.b.ins().swizzle(bits, at)
            })
            .collect()
    }

    /// Where more than one variant is left.
    pub fn several(&mut self, sets: &[V]) -> V {
        let none = self.none();
        let one = self.bytes(1);
        let (mut seen, mut several) = (None, none);
        for set in sets {
            let less = self.b.ins().isub(*set, one);
            let rest = self.and(*set, less);
            let single = self.b.ins().icmp(IntCC::Equal, rest, none);
            let many = self.not(single);
            several = self.or(several, many);
            let empty = self.b.ins().icmp(IntCC::Equal, *set, none);
            let any = self.not(empty);
            if let Some(seen) = seen {
                let both = self.and(seen, any);
                several = self.or(several, both);
            }
            seen = self.either(seen, Some(any));
        }
        several
    }
}
