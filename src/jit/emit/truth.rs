//! Truth values as masks.

use cranelift_codegen::ir::InstBuilder;
use cranelift_codegen::ir::Value as V;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::I8X16;

use super::number::Quad;
use super::{Emitter, Gap};
use crate::ir::{NodeId, Op};
use crate::jit::outputs::Written;
use crate::jit::shape::{Rep, Shape};
use crate::value::ops::CompareOp;
use crate::value::{Value, VariantSet};

/// Where a condition is true, where it is false (`None`: wherever it is not true), and where it is in error.
/// Elsewhere it is missing.
#[derive(Debug, Clone, Copy)]
pub struct Truth {
    pub yes: V,
    pub no: Option<V>,
    pub error: Option<V>,
}

impl Truth {
    fn plain(yes: V) -> Truth {
        Truth { yes, no: None, error: None }
    }
}

impl Emitter<'_, '_> {
    pub fn truth(&mut self, node: NodeId) -> Truth {
        if let Some(truth) = self.truths.get(&node) {
            return *truth;
        }
        let truth = match self.stored(node) {
            Some(kept) => Truth {
                yes: self.load(kept.values, I8X16, 0),
                no: kept.falses.map(|at| self.load(at, I8X16, 0)),
                error: kept.errors.map(|at| self.load(at, I8X16, 0)),
            },
            None => self.compute_truth(node),
        };
        self.truths.insert(node, truth);
        truth
    }

    pub fn no(&mut self, truth: Truth) -> V {
        truth.no.unwrap_or_else(|| self.not(truth.yes))
    }

    pub fn missing(&mut self, truth: Truth) -> Option<V> {
        let no = truth.no?;
        let mut settled = self.or(truth.yes, no);
        if let Some(error) = truth.error {
            settled = self.or(settled, error);
        }
        Some(self.not(settled))
    }

    fn compute_truth(&mut self, node: NodeId) -> Truth {
        match self.op(node) {
            Op::Const(Value::Bool(true)) => Truth::plain(self.every()),
            Op::Const(_) => Truth::plain(self.none()),
            Op::Input(input) => self.truth_input(node, *input),
            Op::Param(param) => {
                let yes = self.param(param.index() + 1, I8X16);
                let gap = self.leaf_gap(node);
                self.with_gap(yes, gap)
            }
            Op::Not(a) => {
                let truth = self.truth(*a);
                let no = self.no(truth);
                let yes = truth.no.map(|_| truth.yes);
                Truth { yes: no, no: yes, error: truth.error }
            }
            Op::All(of) => self.logic(of, true),
            Op::Any(of) => self.logic(of, false),
            Op::Compare(op, a, b) => self.compare(*op, *a, *b),
            Op::Variants(a, set) => self.among(*a, *set),
            Op::Known(a) => {
                let gap = self.gap(*a);
                let no = gap.missing.unwrap_or_else(|| self.none());
                match gap.error {
                    None => Truth::plain(self.not(no)),
                    Some(error) => {
                        let open = self.or(no, error);
                        Truth { yes: self.not(open), no: Some(no), error: Some(error) }
                    }
                }
            }
            Op::Cases { .. } | Op::Match(..) | Op::Otherwise(..) => {
                let walk = self.walk(node);
                self.walk_truth(&walk)
            }
            op => unreachable!("{op:?} gives no truth"),
        }
    }

    fn truth_input(&mut self, node: NodeId, input: u16) -> Truth {
        let at = usize::from(input);
        if self.design.setting.shapes[at] == Shape::Absent {
            let none = self.none();
            return Truth { yes: none, no: Some(none), error: None };
        }
        let spread = self.design.layout.inputs[at].spread.expect("truth values are spread");
        let yes = self.load(spread, I8X16, 0);
        let gap = self.leaf_gap(node);
        self.with_gap(yes, gap)
    }

    /// A mask that counts only where nothing is in the way.
    fn with_gap(&mut self, yes: V, gap: Gap) -> Truth {
        match self.either(gap.missing, gap.error) {
            None => Truth::plain(yes),
            Some(open) => {
                let settled = self.or(yes, open);
                Truth { yes: self.but_not(yes, open), no: Some(self.not(settled)), error: gap.error }
            }
        }
    }

    /// `all` where `conjunction`, else `any`: false decides an `all` whatever the others are.
    fn logic(&mut self, of: &[NodeId], conjunction: bool) -> Truth {
        let mut parts: Vec<Truth> = of.iter().map(|node| self.truth(*node)).collect();
        if !conjunction {
            parts = parts.into_iter().map(|part| self.inverse(part)).collect();
        }
        let mut yes = self.every();
        let mut no = None;
        let mut error = None;
        let plain = parts.iter().all(|part| part.no.is_none());
        for (at, part) in parts.iter().enumerate() {
            yes = if at == 0 { part.yes } else { self.and(yes, part.yes) };
            if !plain {
                let own = self.no(*part);
                no = self.either(no, Some(own));
            }
            error = self.either(error, part.error);
        }
        if let (Some(no), Some(own)) = (no, error) {
            error = Some(self.but_not(own, no));
        }
        let all = Truth { yes, no, error };
        if conjunction { all } else { self.inverse(all) }
    }

    fn inverse(&mut self, truth: Truth) -> Truth {
        let no = self.no(truth);
        Truth { yes: no, no: truth.no.map(|_| truth.yes), error: truth.error }
    }

    fn compare(&mut self, op: CompareOp, a: NodeId, b: NodeId) -> Truth {
        match (self.form(a).rep, self.form(b).rep) {
            (Rep::Int(_), Rep::Int(_)) => {
                let yes = self.compare_numbers(op, a, b);
                let gap = self.strict_gap(&[a, b]);
                self.with_gap(yes, gap)
            }
            (Rep::Truth, Rep::Truth) => {
                let (left, right) = (self.truth(a), self.truth(b));
                let apart = self.b.ins().bxor(left.yes, right.yes);
                let yes = if op == CompareOp::NotEqual { apart } else { self.not(apart) };
                let gap = self.strict_gap(&[a, b]);
                self.with_gap(yes, gap)
            }
            _ => self.compare_choices(op, a, b),
        }
    }

    fn compare_numbers(&mut self, op: CompareOp, a: NodeId, b: NodeId) -> V {
        let (left, right, lane) = self.common(a, b);
        let condition = match op {
            CompareOp::Equal => IntCC::Equal,
            CompareOp::NotEqual => IntCC::NotEqual,
            CompareOp::Less => IntCC::SignedLessThan,
            CompareOp::AtMost => IntCC::SignedLessThanOrEqual,
            CompareOp::Greater => IntCC::SignedGreaterThan,
            CompareOp::AtLeast => IntCC::SignedGreaterThanOrEqual,
        };
        let quads = std::array::from_fn(|quad| {
            let (left, right) = (self.quad(&left, lane, quad), self.quad(&right, lane, quad));
            match (left, right) {
                (Quad::Narrow(left), Quad::Narrow(right)) => self.b.ins().icmp(condition, left, right),
                (Quad::Wide(left), Quad::Wide(right)) => {
                    let low = self.b.ins().icmp(condition, left[0], right[0]);
                    let high = self.b.ins().icmp(condition, left[1], right[1]);
                    self.narrow_wide(low, high)
                }
                _ => unreachable!("both sides have one width"),
            }
        });
        self.narrow(quads)
    }

    fn compare_choices(&mut self, op: CompareOp, a: NodeId, b: NodeId) -> Truth {
        let (left, right) = (self.choice(a), self.choice(b));
        let same = self.b.ins().icmp(IntCC::Equal, left.code, right.code);
        let equal = if left.gap.missing.is_none() && right.gap.missing.is_none() {
            let error = self.either(left.gap.error, right.gap.error);
            self.with_gap(same, Gap { missing: None, error })
        } else {
            self.compare_sets(a, b, same)
        };
        if op == CompareOp::NotEqual { self.inverse(equal) } else { equal }
    }

    /// Two enums of which one may be missing differ for certain where no variant is left to both.
    fn compare_sets(&mut self, a: NodeId, b: NodeId, same: V) -> Truth {
        let gap = self.strict_gap(&[a, b]);
        let plain = self.with_gap(same, gap);
        let (left, right) = (self.sets(a), self.sets(b));
        let none = self.none();
        let mut shared = none;
        for (left, right) in left.iter().zip(&right) {
            let both = self.and(*left, *right);
            shared = self.or(shared, both);
        }
        let mut apart = self.b.ins().icmp(IntCC::Equal, shared, none);
        if let Some(error) = gap.error {
            apart = self.but_not(apart, error);
        }
        let no = self.no(plain);
        Truth { yes: plain.yes, no: Some(self.or(no, apart)), error: gap.error }
    }

    fn among(&mut self, a: NodeId, set: VariantSet) -> Truth {
        let choice = self.choice(a);
        if choice.gap.missing.is_none() {
            let yes = self.member(a, choice.code, set);
            return self.with_gap(yes, choice.gap);
        }
        if let Op::Input(input) = self.op(a) {
            let all = self.design.setting.plan.inputs[usize::from(*input)].variants;
            if all.is_subset(set) {
                return Truth::plain(self.every());
            }
            if all.intersection(set).is_empty() {
                return Truth::plain(self.none());
            }
            let yes = self.member(a, choice.code, set);
            return self.with_gap(yes, choice.gap);
        }
        let (mut inside, mut outside) = (self.none(), self.none());
        for (at, plane) in self.sets(a).into_iter().enumerate() {
            let byte = set_byte(set, at);
            let (own, rest) = (self.bytes(byte), self.bytes(!byte));
            let (own, rest) = (self.and(plane, own), self.and(plane, rest));
            (inside, outside) = (self.or(inside, own), self.or(outside, rest));
        }
        let none = self.none();
        let mut yes = self.b.ins().icmp(IntCC::Equal, outside, none);
        let mut no = self.b.ins().icmp(IntCC::Equal, inside, none);
        if let Some(error) = choice.gap.error {
            (yes, no) = (self.but_not(yes, error), self.but_not(no, error));
        }
        Truth { yes, no: Some(no), error: choice.gap.error }
    }

    /// Where a variant is one of a set.
    pub fn member(&mut self, of: NodeId, code: V, set: VariantSet) -> V {
        let Rep::Enum { variants } = self.form(of).rep else { unreachable!("only enums have variants") };
        let inside: Vec<u8> = set.iter().filter(|variant| usize::from(*variant) < variants).collect();
        if inside.len() == variants {
            return self.every();
        }
        if variants <= 16 && inside.len() > 1 {
            let table = std::array::from_fn(|at| if set.contains(at as u8) { 255 } else { 0 });
            let table = self.constant(I8X16, table);
            return self.b.ins().swizzle(table, code);
        }
        let mut yes = None;
        for variant in inside {
            let variant = self.bytes(variant);
            let same = self.b.ins().icmp(IntCC::Equal, code, variant);
            yes = self.either(yes, Some(same));
        }
        yes.unwrap_or_else(|| self.none())
    }

    /// Puts a mask into a column of answers.
    pub fn write_mask(&mut self, to: Written, mask: V) {
        self.write(to, 0, mask);
    }
}

/// Eight variants of a set, as the bits of a byte.
pub fn set_byte(set: VariantSet, plane: usize) -> u8 {
    let bit = |at: usize| u8::try_from(8 * plane + at).is_ok_and(|variant| set.contains(variant));
    (0..8).filter(|at| bit(*at)).fold(0, |byte, at| byte | 1 << at)
}
