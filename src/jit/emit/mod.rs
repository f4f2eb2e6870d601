//! Vector code for one function: sixteen records at a time, from the columns of a chunk into others.
//!
//! A mask is a vector of sixteen bytes, each 0 or 255. Whole numbers are computed four records at a time,
//! in one vector of 32-bit or two of 64-bit lanes, so that few registers are alive at once. What is missing
//! and what is in error are masks beside the values; where the forms say that neither can be, there are none.

mod choice;
mod measure;
mod number;
mod truth;
mod walk;

use std::collections::{BTreeMap, BTreeSet};

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{I8X16, I16X8, I32X4, I64, I64X2};
use cranelift_codegen::ir::{ConstantData, Endianness, InstBuilder, MemFlagsData, Type, Value as V};
use cranelift_codegen::isa::TargetFrontendConfig;
use cranelift_frontend::FunctionBuilder;

use crate::ir::{NodeId, Op};
use crate::jit::layout::{Kept, Layout, Offset, support};
use crate::jit::outputs::{Outputs, Written};
use crate::jit::schedule::{Schedule, Unit, is_leaf};
use crate::jit::shape::{Form, Rep, Setting, Shape};
use crate::jit::table::Table;
use choice::Choice;
use truth::Truth;
use walk::Walk;

pub use truth::set_byte;
pub use walk::{NOTHING, picked};

/// Records that are computed together.
const BLOCK: i64 = 16;

/// All that is settled before the first function is written.
#[derive(Clone, Copy)]
pub struct Design<'a> {
    pub setting: Setting<'a>,
    pub forms: &'a [Form],
    pub schedule: &'a Schedule,
    pub layout: &'a Layout,
    pub outputs: &'a Outputs,
    pub tables: &'a BTreeMap<NodeId, Table>,
    /// Constant texts by node: their position among the texts, after the parameters.
    pub texts: &'a BTreeMap<NodeId, usize>,
}

impl<'a> Design<'a> {
    pub fn table(&self, node: NodeId) -> Option<&'a Table> {
        self.tables.get(&node)
    }

    /// Where the code of a constant text stands among the parameters; before them stands the date.
    fn text(&self, node: NodeId) -> usize {
        1 + self.setting.params.len() + self.texts[&node]
    }
}

/// Where a value is missing, and where it is in error. Where neither is said, it is known.
#[derive(Debug, Clone, Copy, Default)]
struct Gap {
    missing: Option<V>,
    error: Option<V>,
}

/// Masks of the records in which an input leaves something open.
type Causes = Vec<(u16, V)>;

/// Writes `fn(scratch, slots, params, rows)`: `rows` a multiple of sixteen.
pub fn function(design: &Design, builder: FunctionBuilder, target: TargetFrontendConfig, units: &[Unit]) {
    let mut builder = builder;
    let entry = builder.create_block();
    builder.append_block_params_for_function_params(entry);
    builder.switch_to_block(entry);
    let arguments: Vec<V> = builder.block_params(entry).to_vec();
    let (head, exit) = (builder.create_block(), builder.create_block());
    let row = builder.append_block_param(head, I64);
    let zero = builder.ins().iconst(I64, 0);
    builder.ins().jump(head, &[zero.into()]);
    builder.switch_to_block(head);
    let keeps = |unit: &Unit| match unit {
        Unit::Keep(node) => Some(*node),
        _ => None,
    };
    let own = units.iter().filter_map(keeps).collect();
    let mut emitter = Emitter {
        design: *design,
        b: builder,
        scratch: arguments[0],
        slots: arguments[1],
        params: arguments[2],
        row,
        truths: BTreeMap::new(),
        choices: BTreeMap::new(),
        walks: BTreeMap::new(),
        own,
    };
    units.iter().for_each(|unit| emitter.unit(*unit));
    let mut builder = emitter.b;
    let next = builder.ins().iadd_imm_s(row, BLOCK);
    let more = builder.ins().icmp(IntCC::UnsignedLessThan, next, arguments[3]);
    builder.ins().brif(more, head, &[next.into()], exit, &[]);
    builder.switch_to_block(exit);
    builder.ins().return_(&[]);
    builder.seal_all_blocks();
    builder.finalize(target);
}

struct Emitter<'a, 'f> {
    design: Design<'a>,
    b: FunctionBuilder<'f>,
    scratch: V,
    slots: V,
    params: V,
    row: V,
    /// What was computed or loaded in this function already.
    truths: BTreeMap<NodeId, Truth>,
    choices: BTreeMap<NodeId, Choice>,
    walks: BTreeMap<NodeId, Walk>,
    /// Nodes that this function is still to put into their columns.
    own: BTreeSet<NodeId>,
}

impl<'a> Emitter<'a, '_> {
    fn op(&self, node: NodeId) -> &'a Op {
        &self.design.setting.plan.graph.nodes[node.index()].op
    }

    fn form(&self, node: NodeId) -> Form {
        self.design.forms[node.index()]
    }

    /// The columns of a node, where they hold it by now.
    fn stored(&self, node: NodeId) -> Option<&'a Kept> {
        let stored = self.design.schedule.kept[node.index()] && !self.own.contains(&node);
        stored.then(|| &self.design.layout.nodes[node.index()])
    }

    fn unit(&mut self, unit: Unit) {
        match unit {
            Unit::Keep(node) => self.keep(node),
            Unit::Decide(measure) => self.decide(measure),
            Unit::Call(_) => unreachable!("calls are steps of their own"),
        }
    }

    /// Computes a node and puts it into its columns.
    fn keep(&mut self, node: NodeId) {
        let kept = &self.design.layout.nodes[node.index()];
        match self.form(node).rep {
            Rep::Truth => {
                let truth = self.truth(node);
                self.store(kept.values, 0, truth.yes);
                if let Some(at) = kept.falses {
                    let no = self.no(truth);
                    self.store(at, 0, no);
                }
                self.store_mask(kept.errors, truth.error);
            }
            Rep::Enum { .. } => {
                let choice = self.choice(node);
                self.store(kept.values, 0, choice.code);
                for (at, set) in kept.sets.iter().zip(&choice.sets) {
                    self.store(*at, 0, *set);
                }
                self.store_gap(kept, choice.gap);
            }
            Rep::Int(int) => {
                let number = self.number(node);
                self.store_number(kept.values, &number.tree, int.lane);
                self.store_gap(kept, number.gap);
            }
            Rep::Fraction => {
                let walk = self.walk(node);
                let (pick, gap) = (self.pick(&walk), self.walk_gap(&walk));
                self.store(kept.pick.expect("a fraction in vectors is one that is picked"), 0, pick);
                self.store_gap(kept, gap);
            }
        }
        if !kept.causes.is_empty() {
            let causes = self.causes(node);
            for (input, at) in &kept.causes {
                let none = self.none();
                let mask = causes.iter().find(|(own, _)| own == input).map_or(none, |(_, mask)| *mask);
                self.store(*at, 0, mask);
            }
        }
        self.own.remove(&node);
    }

    fn store_gap(&mut self, kept: &Kept, gap: Gap) {
        self.store_mask(kept.missing, gap.missing);
        self.store_mask(kept.errors, gap.error);
    }

    fn store_mask(&mut self, at: Option<Offset>, mask: Option<V>) {
        if let Some(at) = at {
            let mask = mask.unwrap_or_else(|| self.none());
            self.store(at, 0, mask);
        }
    }

    // Memory. `part` counts vectors of the block: one of masks, four of 32-bit, eight of 64-bit numbers.

    /// The address of the block's first record in a column with elements of so many bytes.
    fn address(&mut self, base: V, width: usize) -> V {
        let bytes = match width {
            1 => self.row,
            _ => self.b.ins().ishl_imm_u(self.row, i64::from(width.trailing_zeros())),
        };
        self.b.ins().iadd(base, bytes)
    }

    fn flags() -> MemFlagsData {
        MemFlagsData::new().with_notrap()
    }

    fn load_from(&mut self, base: V, offset: usize, ty: Type, part: usize) -> V {
        let address = self.address(base, ty.lane_bits() as usize / 8);
        self.b.ins().load(ty, Emitter::flags(), address, (offset + 16 * part) as i32)
    }

    fn load(&mut self, at: Offset, ty: Type, part: usize) -> V {
        self.load_from(self.scratch, at, ty, part)
    }

    fn store(&mut self, at: Offset, part: usize, value: V) {
        let width = self.b.func.dfg.value_type(value).lane_bits() as usize / 8;
        let address = self.address(self.scratch, width);
        self.b.ins().store(Emitter::flags(), value, address, (at + 16 * part) as i32);
    }

    fn slot(&mut self, slot: usize) -> V {
        self.b.ins().load(I64, Emitter::flags().with_readonly(), self.slots, (8 * slot) as i32)
    }

    fn write(&mut self, to: Written, part: usize, value: V) {
        let base = self.slot(self.design.layout.slots + to.at);
        let width = self.b.func.dfg.value_type(value).lane_bits() as usize / 8;
        let address = self.address(base, width);
        self.b.ins().store(Emitter::flags(), value, address, (16 * part) as i32);
    }

    /// A parameter in every lane.
    fn param(&mut self, at: usize, ty: Type) -> V {
        let value =
            self.b.ins().load(ty.lane_type(), Emitter::flags().with_readonly(), self.params, (8 * at) as i32);
        self.b.ins().splat(ty, value)
    }

    // Masks.

    fn constant(&mut self, ty: Type, bytes: [u8; 16]) -> V {
        let handle = self.b.func.dfg.constants.insert(ConstantData::from(bytes.as_slice()));
        self.b.ins().vconst(ty, handle)
    }

    fn none(&mut self) -> V {
        self.constant(I8X16, [0; 16])
    }

    fn every(&mut self) -> V {
        self.constant(I8X16, [255; 16])
    }

    fn bytes(&mut self, byte: u8) -> V {
        self.constant(I8X16, [byte; 16])
    }

    fn and(&mut self, a: V, b: V) -> V {
        self.b.ins().band(a, b)
    }

    fn or(&mut self, a: V, b: V) -> V {
        self.b.ins().bor(a, b)
    }

    /// Where the first holds and the second does not.
    fn but_not(&mut self, a: V, b: V) -> V {
        self.b.ins().band_not(a, b)
    }

    fn not(&mut self, a: V) -> V {
        self.b.ins().bnot(a)
    }

    fn select(&mut self, mask: V, yes: V, no: V) -> V {
        self.b.ins().bitselect(mask, yes, no)
    }

    fn either(&mut self, a: Option<V>, b: Option<V>) -> Option<V> {
        match (a, b) {
            (Some(a), Some(b)) => Some(self.or(a, b)),
            (a, b) => a.or(b),
        }
    }

    fn and_maybe(&mut self, mask: V, other: Option<V>) -> Option<V> {
        other.map(|other| self.and(mask, other))
    }

    fn cast(&mut self, ty: Type, value: V) -> V {
        if self.b.func.dfg.value_type(value) == ty {
            return value;
        }
        self.b.ins().bitcast(ty, MemFlagsData::new().with_endianness(Endianness::Little), value)
    }

    fn shuffle(&mut self, a: V, b: V, lanes: [u8; 16]) -> V {
        let (a, b) = (self.cast(I8X16, a), self.cast(I8X16, b));
        let lanes = self.b.func.dfg.immediates.push(ConstantData::from(lanes.as_slice()));
        self.b.ins().shuffle(a, b, lanes)
    }

    /// The mask of four records as one vector of 32-bit lanes.
    fn spread(&mut self, mask: V, quad: usize) -> V {
        let lanes = std::array::from_fn(|at| (4 * quad + at / 4) as u8);
        let spread = self.shuffle(mask, mask, lanes);
        self.cast(I32X4, spread)
    }

    /// The mask of two of the four records as a vector of 64-bit lanes.
    fn spread_wide(&mut self, mask: V, quad: usize, half: usize) -> V {
        let lanes = std::array::from_fn(|at| (4 * quad + 2 * half + at / 8) as u8);
        let spread = self.shuffle(mask, mask, lanes);
        self.cast(I64X2, spread)
    }

    /// Two vectors of 64-bit lanes, each all ones or zeros, as one of 32-bit lanes.
    fn narrow_wide(&mut self, low: V, high: V) -> V {
        let lanes = [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27];
        let narrow = self.shuffle(low, high, lanes);
        self.cast(I32X4, narrow)
    }

    /// The mask of sixteen records from those of four times four.
    fn narrow(&mut self, quads: [V; 4]) -> V {
        let low = self.b.ins().snarrow(quads[0], quads[1]);
        let high = self.b.ins().snarrow(quads[2], quads[3]);
        debug_assert_eq!(self.b.func.dfg.value_type(low), I16X8);
        self.b.ins().snarrow(low, high)
    }

    // Gaps and causes of any node.

    fn gap(&mut self, node: NodeId) -> Gap {
        let form = self.form(node);
        if !form.missing && !form.error {
            return Gap::default();
        }
        match form.rep {
            Rep::Truth => {
                let truth = self.truth(node);
                Gap { missing: self.missing(truth), error: truth.error }
            }
            Rep::Enum { .. } => self.choice(node).gap,
            Rep::Int(_) => self.number_gap(node),
            Rep::Fraction => match self.stored(node) {
                Some(kept) => self.load_gap(kept),
                None if is_leaf(self.op(node)) => self.leaf_gap(node),
                None => {
                    let walk = self.walk(node);
                    self.walk_gap(&walk)
                }
            },
        }
    }

    fn load_gap(&mut self, kept: &Kept) -> Gap {
        Gap {
            missing: kept.missing.map(|at| self.load(at, I8X16, 0)),
            error: kept.errors.map(|at| self.load(at, I8X16, 0)),
        }
    }

    /// The gap of an input, a parameter or a constant.
    fn leaf_gap(&mut self, node: NodeId) -> Gap {
        let error = self.form(node).error.then(|| self.every());
        let missing = match self.op(node) {
            Op::Input(input) => self.null(*input),
            _ => None,
        };
        Gap { missing, error }
    }

    /// Where an input is null.
    fn null(&mut self, input: u16) -> Option<V> {
        let at = usize::from(input);
        if self.design.setting.shapes[at] == Shape::Absent {
            return Some(self.every());
        }
        self.design.layout.inputs[at].missing.map(|at| self.load(at, I8X16, 0))
    }

    /// The gap of an operation that needs all of its operands.
    fn strict_gap(&mut self, operands: &[NodeId]) -> Gap {
        let mut gap = Gap::default();
        for operand in operands {
            let own = self.gap(*operand);
            gap.missing = self.either(gap.missing, own.missing);
            gap.error = self.either(gap.error, own.error);
        }
        gap.missing = match (gap.missing, gap.error) {
            (Some(missing), Some(error)) => Some(self.but_not(missing, error)),
            (missing, _) => missing,
        };
        gap
    }

    /// For each input the records in which it leaves the node missing.
    fn causes(&mut self, node: NodeId) -> Causes {
        let form = self.form(node);
        if !form.missing {
            return Causes::new();
        }
        if form.simple {
            return self.causes_below(node);
        }
        if self.design.schedule.called[node.index()]
            && !matches!(form.rep, Rep::Fraction if self.is_pick(node))
        {
            return self.call_causes(node);
        }
        if let Some(kept) = self.stored(node) {
            return kept.causes.iter().map(|(input, at)| (*input, self.load(*at, I8X16, 0))).collect();
        }
        let Some(missing) = self.gap(node).missing else { return Causes::new() };
        let mut causes = match self.op(node) {
            Op::Cases { .. } | Op::Match(..) | Op::Otherwise(..) => {
                let walk = self.walk(node);
                self.walk_causes(&walk)
            }
            op => self.merged_causes(&op.operands()),
        };
        for (_, mask) in &mut causes {
            *mask = self.and(*mask, missing);
        }
        causes
    }

    fn is_pick(&self, node: NodeId) -> bool {
        self.design.layout.nodes[node.index()].pick.is_some()
    }

    fn call_causes(&mut self, node: NodeId) -> Causes {
        let mut causes = Causes::new();
        match self.design.tables.get(&node) {
            Some(table) => {
                let Some(missing) = self.gap(node).missing else { return causes };
                let open = &self.design.layout.nodes[node.index()].open;
                for (column, at) in table.columns.iter().chain(&table.on).zip(open) {
                    let open = self.load(*at, I8X16, 0);
                    let open = self.and(open, missing);
                    let own = self.causes(*column);
                    self.add_causes_where(&mut causes, open, own);
                }
            }
            None => {
                let Some(missing) = self.gap(node).missing else { return causes };
                let own = self.merged_causes(&self.op(node).operands());
                self.add_causes_where(&mut causes, missing, own);
            }
        }
        causes
    }

    fn causes_below(&mut self, node: NodeId) -> Causes {
        let Some(missing) = self.gap(node).missing else { return Causes::new() };
        let inputs = support(&self.design.setting, self.design.forms, node);
        if let [only] = inputs[..] {
            return vec![(only, missing)];
        }
        let mut causes = Causes::new();
        for input in inputs {
            if let Some(null) = self.null(input) {
                causes.push((input, self.and(missing, null)));
            }
        }
        causes
    }

    fn merged_causes(&mut self, nodes: &[NodeId]) -> Causes {
        let mut merged = Causes::new();
        for node in nodes {
            let own = self.causes(*node);
            self.add_causes(&mut merged, own);
        }
        merged
    }

    fn add_causes(&mut self, to: &mut Causes, more: Causes) {
        for (input, mask) in more {
            match to.iter().position(|(own, _)| *own == input) {
                Some(at) => to[at].1 = self.or(to[at].1, mask),
                None => to.push((input, mask)),
            }
        }
    }

    /// Adds causes where a mask holds.
    fn add_causes_where(&mut self, to: &mut Causes, mask: V, more: Causes) {
        let masked = more.into_iter().map(|(input, own)| (input, self.and(own, mask))).collect();
        self.add_causes(to, masked);
    }
}
