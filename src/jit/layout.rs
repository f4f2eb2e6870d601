//! Where the columns of a chunk stand in its scratch memory.

use std::collections::BTreeSet;

use crate::ir::{NodeId, Op};
use crate::jit::schedule::{CHUNK, Schedule, picks};
use crate::jit::shape::{Form, Lane, Rep, Setting, Shape};

/// Bytes of a fraction.
pub const FRACTION: usize = 32;

/// Columns that start at the same place of a page share the sets of the cache; this much apart they do not.
const STAGGER: usize = 320;

/// An offset in the scratch memory.
pub type Offset = usize;

/// Where the facts of a node are kept. Masks and variants take a byte for each record; a mask is 0 or 255.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    /// Truth: where it is true. Enum: variants. Otherwise the numbers.
    pub values: Offset,
    /// Truth: where it is false, if that is not simply where it is not true.
    pub falses: Option<Offset>,
    /// Not for truths: where it is missing.
    pub missing: Option<Offset>,
    pub errors: Option<Offset>,
    /// For an enum that may be missing: sets of the variants that are left, eight to a byte.
    pub sets: Vec<Offset>,
    /// Where it is missing because of an input.
    pub causes: Vec<(u16, Offset)>,
    /// For a fraction that is chosen: which operand to take.
    pub pick: Option<Offset>,
    /// For a table: where a column's absence leaves the answer open, for each column and the enum last.
    pub open: Vec<Offset>,
}

/// Where one input stands for a chunk.
#[derive(Debug, Clone, Default)]
pub struct Bound {
    /// The pointer to its cells, by position in the table of pointers; absent inputs have none.
    pub slot: Option<usize>,
    /// Where it is missing: a mask in scratch, if it may be.
    pub missing: Option<Offset>,
    /// Truth values are spread here from bits.
    pub spread: Option<Offset>,
}

#[derive(Debug, Clone, Default)]
pub struct Layout {
    pub inputs: Vec<Bound>,
    pub nodes: Vec<Kept>,
    /// Bytes of scratch memory.
    pub size: usize,
    /// Pointers to cells.
    pub slots: usize,
}

impl Layout {
    pub fn new(setting: &Setting, forms: &[Form], schedule: &Schedule) -> Layout {
        let mut layout = Layout::default();
        layout.inputs(setting, schedule);
        for (at, kept) in schedule.kept.iter().enumerate() {
            let node = NodeId(at as u32);
            let own = if *kept { layout.node(setting, forms, schedule, node) } else { Kept::default() };
            layout.nodes.push(own);
        }
        layout
    }

    fn take(&mut self, bytes: usize) -> Offset {
        let at = self.size;
        self.size += CHUNK * bytes + STAGGER;
        at
    }

    fn inputs(&mut self, setting: &Setting, schedule: &Schedule) {
        let mut used = vec![false; setting.shapes.len()];
        for (at, node) in setting.plan.graph.nodes.iter().enumerate() {
            if let (Op::Input(input), true) = (&node.op, schedule.needed[at]) {
                used[usize::from(*input)] = true;
            }
        }
        for (at, shape) in setting.shapes.iter().enumerate() {
            let mut bound = Bound::default();
            if used[at] && *shape != Shape::Absent {
                if *shape == Shape::Bool {
                    bound.spread = Some(self.take(1));
                } else {
                    bound.slot = Some(self.slots);
                    self.slots += 1;
                }
                bound.missing = setting.nulls.then(|| self.take(1));
            }
            self.inputs.push(bound);
        }
    }

    fn node(&mut self, setting: &Setting, forms: &[Form], schedule: &Schedule, node: NodeId) -> Kept {
        let form = forms[node.index()];
        let width = match form.rep {
            Rep::Truth | Rep::Enum { .. } => 1,
            Rep::Int(int) if int.lane == Lane::I32 => 4,
            Rep::Int(_) => 8,
            Rep::Fraction => FRACTION,
        };
        let mut kept = Kept { values: self.take(width), ..Kept::default() };
        if form.rep == Rep::Truth {
            kept.falses = (form.missing || form.error).then(|| self.take(1));
        } else {
            kept.missing = form.missing.then(|| self.take(1));
        }
        kept.errors = form.error.then(|| self.take(1));
        if let (Rep::Enum { variants }, true) = (form.rep, form.missing) {
            kept.sets = (0..variants.div_ceil(8)).map(|_| self.take(1)).collect();
        }
        kept.pick = picks(setting, forms, node).then(|| self.take(1));
        if let (Some(table), true) = (crate::jit::table::table(setting, forms, node), form.missing) {
            let operands = table.columns.len() + usize::from(table.on.is_some());
            kept.open = (0..operands).map(|_| self.take(1)).collect();
        }
        // Those of a call are told from its operands.
        if form.missing && !form.simple && (!schedule.called[node.index()] || kept.pick.is_some()) {
            kept.causes =
                support(setting, forms, node).into_iter().map(|input| (input, self.take(1))).collect();
        }
        kept
    }
}

/// The inputs that may leave a node missing, in ascending order.
pub fn support(setting: &Setting, forms: &[Form], root: NodeId) -> Vec<u16> {
    let (mut seen, mut inputs) = (BTreeSet::from([root]), BTreeSet::new());
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        match &setting.node(node).op {
            Op::Input(input) => drop(inputs.insert(*input)),
            op => op.each_operand(|operand| {
                // What is never missing leaves nothing open, whatever is below it.
                if forms[operand.index()].missing && seen.insert(operand) {
                    open.push(operand);
                }
            }),
        }
    }
    inputs.into_iter().collect()
}
