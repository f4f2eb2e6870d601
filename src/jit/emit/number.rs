//! Whole numbers in vectors. Where each operation is written, the function of `value::ops` that it equals
//! within the bounds of the forms is `arith`, `round` or `fit`.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{I8X16, I32X4, I64X2};
use cranelift_codegen::ir::{InstBuilder, Type, Value as V};

use super::{Emitter, Gap};
use crate::ir::{NodeId, Op};
use crate::jit::layout::Offset;
use crate::jit::outputs::Written;
use crate::jit::schedule::is_leaf;
use crate::jit::shape::{Int, Lane, Rep, Shape, Steps, column_limit, common, product, scaled};
use crate::value::ops::ArithOp;
use crate::value::{Number, Rounding, Value};

/// A number to be computed four records at a time.
#[derive(Debug, Clone)]
pub enum Tree {
    Scratch(Offset, Lane),
    Slot(usize, Lane),
    Const(i64),
    Param(usize),
    Add(Box<Tree>, Box<Tree>),
    Subtract(Box<Tree>, Box<Tree>),
    Multiply(Box<Tree>, Box<Tree>),
    Abs(Box<Tree>),
    Least(Box<Tree>, Box<Tree>),
    Greatest(Box<Tree>, Box<Tree>),
    /// By a mask of the block.
    Select(V, Box<Tree>, Box<Tree>),
    /// The number where the mask holds, else zero.
    Where(V, Box<Tree>),
    Round {
        value: Box<Tree>,
        steps: Division,
        rounding: Rounding,
    },
}

/// `x × times / of`, rounded, times `each`.
#[derive(Debug, Clone, Copy)]
pub struct Division {
    times: i64,
    of: i64,
    each: i64,
    /// `x` is never below zero.
    unsigned: bool,
}

pub struct Counted {
    pub tree: Tree,
    pub gap: Gap,
}

/// Four records: one vector of 32-bit lanes, or two of 64-bit ones.
#[derive(Debug, Clone, Copy)]
pub enum Quad {
    Narrow(V),
    Wide([V; 2]),
}

impl Emitter<'_, '_> {
    pub fn number(&mut self, node: NodeId) -> Counted {
        let gap = self.gap(node);
        Counted { tree: self.tree(node), gap }
    }

    pub fn number_gap(&mut self, node: NodeId) -> Gap {
        if let Some(kept) = self.stored(node) {
            return self.load_gap(kept);
        }
        match self.op(node) {
            op if is_leaf(op) => self.leaf_gap(node),
            Op::Cases { .. } | Op::Match(..) | Op::Otherwise(..) => {
                let walk = self.walk(node);
                self.walk_gap(&walk)
            }
            Op::Fit { value, digits, decimals } => {
                let mut gap = self.strict_gap(&[*value]);
                if let Some(over) = self.overflow(*value, *digits, *decimals) {
                    let over = match gap.missing {
                        Some(missing) => self.but_not(over, missing),
                        None => over,
                    };
                    gap.error = self.either(gap.error, Some(over));
                }
                gap
            }
            op => self.strict_gap(&op.operands()),
        }
    }

    fn int(&self, node: NodeId) -> Int {
        match self.form(node).rep {
            Rep::Int(int) => int,
            rep => unreachable!("{rep:?} is no whole number"),
        }
    }

    pub fn tree(&mut self, node: NodeId) -> Tree {
        if let Some(kept) = self.stored(node) {
            return Tree::Scratch(kept.values, self.int(node).lane);
        }
        match self.op(node) {
            Op::Const(value) => self.constant_tree(node, value),
            Op::AsOf => Tree::Param(0),
            Op::Param(param) => Tree::Param(param.index() + 1),
            Op::Input(input) => self.input_tree(usize::from(*input)),
            Op::Arith(op, a, b) => self.arith(node, *op, *a, *b),
            Op::Negate(a) => Tree::Subtract(Box::new(Tree::Const(0)), Box::new(self.tree(*a))),
            Op::Abs(a) => Tree::Abs(Box::new(self.tree(*a))),
            Op::DaysBetween(a, b) | Op::HoursBetween(a, b) => {
                Tree::Subtract(Box::new(self.tree(*a)), Box::new(self.tree(*b)))
            }
            Op::Least(of) => self.extreme(node, of, Tree::Least),
            Op::Greatest(of) => self.extreme(node, of, Tree::Greatest),
            Op::Round(a, rounding, step) => self.round(*a, *rounding, step),
            Op::Fit { value, .. } => self.tree(*value),
            Op::Cases { .. } | Op::Match(..) | Op::Otherwise(..) => {
                let walk = self.walk(node);
                self.walk_tree(node, &walk)
            }
            op => unreachable!("{op:?} gives no number in vectors"),
        }
    }

    fn constant_tree(&mut self, node: NodeId, value: &Value) -> Tree {
        match value {
            Value::Number(_) => Tree::Const(self.int(node).low as i64),
            Value::Date(date) => Tree::Const(date.0.into()),
            Value::Time(time) => Tree::Const(time.0),
            _ => Tree::Param(self.design.text(node)),
        }
    }

    fn input_tree(&mut self, input: usize) -> Tree {
        let lane = match self.design.setting.shapes[input] {
            Shape::Int64 { .. } => Lane::I64,
            Shape::Absent => return Tree::Const(0),
            _ => Lane::I32,
        };
        Tree::Slot(self.design.layout.inputs[input].slot.expect("cells have a slot"), lane)
    }

    /// The tree of a node in another denominator.
    pub fn tree_in(&mut self, node: NodeId, denominator: i128) -> Tree {
        let factor = denominator / self.int(node).denominator;
        let tree = self.tree(node);
        times(tree, factor as i64)
    }

    fn arith(&mut self, node: NodeId, op: ArithOp, a: NodeId, b: NodeId) -> Tree {
        let denominator = self.int(node).denominator;
        match op {
            ArithOp::Add => {
                Tree::Add(Box::new(self.tree_in(a, denominator)), Box::new(self.tree_in(b, denominator)))
            }
            ArithOp::Subtract => {
                Tree::Subtract(Box::new(self.tree_in(a, denominator)), Box::new(self.tree_in(b, denominator)))
            }
            ArithOp::Multiply => match (self.constant_number(a), self.constant_number(b)) {
                (None, None) => Tree::Multiply(Box::new(self.tree(a)), Box::new(self.tree(b))),
                (x, y) => {
                    let ((_, factor), _) =
                        product(x.as_ref(), y.as_ref(), self.int(a), self.int(b)).expect("it has a form");
                    let other = if y.is_some() { a } else { b };
                    times(self.tree(other), factor.0 as i64)
                }
            },
            ArithOp::Divide => {
                let divisor = self.constant_number(b).expect("only constants divide in vectors");
                let inverse = Number::ONE.div(&divisor).expect("zero has no form");
                let one = Int { lane: Lane::I32, denominator: 1, low: 0, high: 0 };
                let ((_, factor), _) =
                    product(None, Some(&inverse), self.int(a), one).expect("it has a form");
                times(self.tree(a), factor.0 as i64)
            }
        }
    }

    fn constant_number(&self, node: NodeId) -> Option<Number> {
        match self.op(node) {
            Op::Const(Value::Number(number)) => Some(number.clone()),
            _ => None,
        }
    }

    fn extreme(&mut self, node: NodeId, of: &[NodeId], join: fn(Box<Tree>, Box<Tree>) -> Tree) -> Tree {
        let denominator = self.int(node).denominator;
        let trees: Vec<Tree> = of.iter().map(|part| self.tree_in(*part, denominator)).collect();
        let joined = trees.into_iter().reduce(|a, b| join(Box::new(a), Box::new(b)));
        joined.expect("a choice has something to choose from")
    }

    fn round(&mut self, a: NodeId, rounding: Rounding, step: &Number) -> Tree {
        let int = self.int(a);
        let steps = Steps::new(int, step).expect("it has a form");
        let tree = self.tree(a);
        if steps.of == 1 {
            return times(tree, (steps.times * steps.each) as i64);
        }
        let division = Division {
            times: steps.times as i64,
            of: steps.of as i64,
            each: steps.each as i64,
            unsigned: int.low >= 0,
        };
        Tree::Round { value: Box::new(tree), steps: division, rounding }
    }

    /// Where a value is beyond its column; `None` where it never is.
    fn overflow(&mut self, value: NodeId, digits: u32, decimals: u32) -> Option<V> {
        let int = self.int(value);
        let factor = 10i128.pow(decimals) / int.denominator;
        let most = (column_limit(digits) - 1) / factor;
        if int.low >= -most && int.high <= most {
            return None;
        }
        let tree = self.tree(value);
        let most = most as i64;
        let lane = int.lane;
        let quads = std::array::from_fn(|quad| {
            let over = |emitter: &mut Self, value: V, ty: Type| {
                let (top, bottom) = (emitter.splat(ty, most), emitter.splat(ty, -most));
                let above = emitter.b.ins().icmp(IntCC::SignedGreaterThan, value, top);
                let below = emitter.b.ins().icmp(IntCC::SignedLessThan, value, bottom);
                emitter.or(above, below)
            };
            match self.quad(&tree, lane, quad) {
                Quad::Narrow(value) => over(self, value, I32X4),
                Quad::Wide([low, high]) => {
                    let (low, high) = (over(self, low, I64X2), over(self, high, I64X2));
                    self.narrow_wide(low, high)
                }
            }
        });
        Some(self.narrow(quads))
    }

    /// Both sides of a comparison in one denominator and one width.
    pub fn common(&mut self, a: NodeId, b: NodeId) -> (Tree, Tree, Lane) {
        let (left, right) = (self.int(a), self.int(b));
        let denominator = common(left.denominator, right.denominator).expect("the sides are comparable");
        let wide = |int: Int| scaled(int, denominator).map_or(Lane::I64, |int| int.lane);
        let lane = wide(left).max(wide(right)).max(left.lane).max(right.lane);
        (self.tree_in(a, denominator), self.tree_in(b, denominator), lane)
    }

    // Computing.

    pub fn store_number(&mut self, at: Offset, tree: &Tree, lane: Lane) {
        for quad in 0..4 {
            match self.quad(tree, lane, quad) {
                Quad::Narrow(value) => self.store(at, quad, value),
                Quad::Wide([low, high]) => {
                    self.store(at, 2 * quad, low);
                    self.store(at, 2 * quad + 1, high);
                }
            }
        }
    }

    pub fn write_number(&mut self, to: Written, tree: &Tree) {
        let lane = if to.width == 4 { Lane::I32 } else { Lane::I64 };
        for quad in 0..4 {
            match self.quad(tree, lane, quad) {
                Quad::Narrow(value) => self.write(to, quad, value),
                Quad::Wide([low, high]) => {
                    self.write(to, 2 * quad, low);
                    self.write(to, 2 * quad + 1, high);
                }
            }
        }
    }

    fn splat(&mut self, ty: Type, value: i64) -> V {
        let bytes = value.to_le_bytes();
        let width = ty.lane_bits() as usize / 8;
        self.constant(ty, std::array::from_fn(|at| bytes[at % width]))
    }

    /// Four records of a tree.
    pub fn quad(&mut self, tree: &Tree, lane: Lane, quad: usize) -> Quad {
        match lane {
            Lane::I32 => Quad::Narrow(self.lanes(tree, I32X4, quad)),
            Lane::I64 => {
                Quad::Wide([self.lanes(tree, I64X2, 2 * quad), self.lanes(tree, I64X2, 2 * quad + 1)])
            }
        }
    }

    /// One vector of a tree: `part` counts vectors of this type.
    fn lanes(&mut self, tree: &Tree, ty: Type, part: usize) -> V {
        let two =
            |emitter: &mut Self, a: &Tree, b: &Tree| (emitter.lanes(a, ty, part), emitter.lanes(b, ty, part));
        match tree {
            Tree::Scratch(at, lane) => self.column(self.scratch, *at, *lane, ty, part),
            Tree::Slot(slot, lane) => {
                let base = self.slot(*slot);
                self.column(base, 0, *lane, ty, part)
            }
            Tree::Const(value) => self.splat(ty, *value),
            Tree::Param(at) => self.param(*at, ty),
            Tree::Add(a, b) => {
                let (a, b) = two(self, a, b);
                self.b.ins().iadd(a, b)
            }
            Tree::Subtract(a, b) => {
                let (a, b) = two(self, a, b);
                self.b.ins().isub(a, b)
            }
            Tree::Multiply(a, b) => {
                let (a, b) = two(self, a, b);
                self.b.ins().imul(a, b)
            }
            Tree::Abs(a) => {
                let a = self.lanes(a, ty, part);
                self.b.ins().iabs(a)
            }
            Tree::Least(a, b) => {
                let (a, b) = two(self, a, b);
                let less = self.b.ins().icmp(IntCC::SignedLessThan, a, b);
                self.select(less, a, b)
            }
            Tree::Greatest(a, b) => {
                let (a, b) = two(self, a, b);
                let more = self.b.ins().icmp(IntCC::SignedGreaterThan, a, b);
                self.select(more, a, b)
            }
            Tree::Select(mask, a, b) => {
                let mask = self.lane_mask(*mask, ty, part);
                let (a, b) = two(self, a, b);
                self.select(mask, a, b)
            }
            Tree::Where(mask, a) => {
                let mask = self.lane_mask(*mask, ty, part);
                let a = self.lanes(a, ty, part);
                self.and(mask, a)
            }
            Tree::Round { value, steps, rounding } => {
                let value = self.lanes(value, ty, part);
                self.divide(value, ty, *steps, *rounding)
            }
        }
    }

    /// A part of a column, widened where need be.
    fn column(&mut self, base: V, at: Offset, lane: Lane, ty: Type, part: usize) -> V {
        if lane == Lane::I64 || ty == I32X4 {
            return self.load_from(base, at, ty, part);
        }
        let address = self.address(base, 4);
        let offset = (at + 8 * part) as i32;
        self.b.ins().sload32x2(Emitter::flags(), address, offset)
    }

    fn lane_mask(&mut self, mask: V, ty: Type, part: usize) -> V {
        debug_assert_eq!(self.b.func.dfg.value_type(mask), I8X16);
        if ty == I32X4 { self.spread(mask, part) } else { self.spread_wide(mask, part / 2, part % 2) }
    }

    fn divide(&mut self, value: V, ty: Type, steps: Division, rounding: Rounding) -> V {
        let mut scaled = value;
        if steps.times != 1 {
            let times = self.splat(ty, steps.times);
            scaled = self.b.ins().imul(value, times);
        }
        let sign = (!steps.unsigned).then(|| {
            let zero = self.splat(ty, 0);
            self.b.ins().icmp(IntCC::SignedLessThan, scaled, zero)
        });
        let size = self.signed(scaled, sign);
        let even = rounding == Rounding::HalfEven;
        let count = if steps.of.count_ones() == 1 && !even {
            let half = self.splat(ty, added(steps.of, rounding));
            let more = self.b.ins().iadd(size, half);
            self.b.ins().ushr_imm_u(more, i64::from(steps.of.trailing_zeros()))
        } else {
            self.divide_lanes(size, ty, steps.of, rounding)
        };
        let count = self.signed(count, sign);
        if steps.each == 1 {
            return count;
        }
        let each = self.splat(ty, steps.each);
        self.b.ins().imul(count, each)
    }

    /// Negates the lanes where the sign is set.
    fn signed(&mut self, value: V, sign: Option<V>) -> V {
        let Some(sign) = sign else { return value };
        let flipped = self.b.ins().bxor(value, sign);
        self.b.ins().isub(flipped, sign)
    }

    /// Division by what is no power of two: lane by lane, by multiplication with the high half.
    fn divide_lanes(&mut self, value: V, ty: Type, of: i64, rounding: Rounding) -> V {
        let mut result = value;
        for lane in 0..ty.lane_count() as u8 {
            let own = self.b.ins().extractlane(value, lane);
            let divisor = self.b.ins().iconst(ty.lane_type(), of);
            let count = if rounding == Rounding::HalfEven {
                self.half_even(own, divisor, of)
            } else {
                let more = self.b.ins().iadd_imm_s(own, added(of, rounding));
                self.b.ins().udiv(more, divisor)
            };
            result = self.b.ins().insertlane(result, count, lane);
        }
        result
    }

    fn half_even(&mut self, value: V, divisor: V, of: i64) -> V {
        let down = self.b.ins().udiv(value, divisor);
        let whole = self.b.ins().imul(down, divisor);
        let rest = self.b.ins().isub(value, whole);
        let twice = self.b.ins().ishl_imm_u(rest, 1);
        let above = self.b.ins().icmp_imm_u(IntCC::UnsignedGreaterThan, twice, of);
        let tie = self.b.ins().icmp_imm_u(IntCC::Equal, twice, of);
        let odd = self.b.ins().band_imm_u(down, 1);
        let odd = self.b.ins().icmp_imm_u(IntCC::NotEqual, odd, 0);
        let tie = self.b.ins().band(tie, odd);
        let up = self.b.ins().bor(above, tie);
        let more = self.b.ins().iadd_imm_s(down, 1);
        self.b.ins().select(up, more, down)
    }
}

/// What is added before a division that drops the rest.
fn added(of: i64, rounding: Rounding) -> i64 {
    match rounding {
        Rounding::HalfUp => of / 2,
        Rounding::Up => of - 1,
        Rounding::Down | Rounding::HalfEven => 0,
    }
}

fn times(tree: Tree, factor: i64) -> Tree {
    match (tree, factor) {
        (tree, 1) => tree,
        // What overflows is in error, and its value is never looked at.
        (Tree::Const(value), factor) => Tree::Const(value.wrapping_mul(factor)),
        (tree, factor) => Tree::Multiply(Box::new(tree), Box::new(Tree::Const(factor))),
    }
}
