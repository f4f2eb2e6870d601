//! The columns that a kernel writes for the measures in force.

use crate::ir::{Award, Kind, MeasurePlan, NodeId};
use crate::jit::layout::support;
use crate::jit::schedule::{Schedule, roots};
use crate::jit::shape::{Form, Lane, Rep, Setting, scaled};

/// What the status column of a measure holds.
pub mod status {
    pub const GRANTED: u8 = 0;
    pub const REFUSED: u8 = 1;
    pub const UNDETERMINED: u8 = 2;
    pub const CONFLICT: u8 = 3;
    /// The interpreter decides: an error, or more than 64 bits.
    pub const OPEN: u8 = 4;
}

/// The branch of a record that takes none.
pub const NO_BRANCH: u8 = u8::MAX;

/// A column by position, of so many bytes for each record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    pub at: usize,
    pub width: usize,
}

#[derive(Debug, Clone, Default)]
pub struct Outputs {
    /// By measure of the plan; those not in force have none.
    pub measures: Vec<Option<MeasureOutputs>>,
    /// The width of each column.
    pub widths: Vec<usize>,
}

#[derive(Debug, Clone)]
pub struct MeasureOutputs {
    pub status: Written,
    /// The tests that decide against a record, eight to a byte: requires, then excepts, branches, checks.
    pub failed: Vec<Written>,
    /// Inputs that may leave it open, and where they do, eight to a byte.
    pub inputs: Vec<u16>,
    pub missing: Vec<Written>,
    pub branch: Option<Written>,
    /// One for each column of the measure.
    pub columns: Vec<ColumnOutputs>,
}

/// Numbers stand times the denominator of their column, dates as days, times as seconds, enums as variants,
/// truths as masks, texts as codes; zero where the column is not awarded. A benefit without an amount has
/// no column.
#[derive(Debug, Clone, Default)]
pub struct ColumnOutputs {
    pub least: Option<Written>,
    pub most: Option<Written>,
    pub months: Option<Written>,
}

impl Outputs {
    pub fn new(setting: &Setting, forms: &[Form], schedule: &Schedule, reasons: bool) -> Outputs {
        let mut outputs = Outputs::default();
        for (measure, in_force) in setting.plan.measures.iter().zip(&schedule.in_force) {
            let own = in_force.then(|| outputs.measure(setting, forms, measure, reasons));
            outputs.measures.push(own);
        }
        outputs
    }

    fn take(&mut self, width: usize) -> Written {
        self.widths.push(width);
        Written { at: self.widths.len() - 1, width }
    }

    fn bits(&mut self, count: usize) -> Vec<Written> {
        (0..count.div_ceil(8)).map(|_| self.take(1)).collect()
    }

    fn measure(
        &mut self,
        setting: &Setting,
        forms: &[Form],
        measure: &MeasurePlan,
        reasons: bool,
    ) -> MeasureOutputs {
        let open = roots(measure).into_iter().filter(|root| forms[root.index()].missing);
        let mut inputs: Vec<u16> = open.flat_map(|root| support(setting, forms, root)).collect();
        inputs.sort_unstable();
        inputs.dedup();
        MeasureOutputs {
            status: self.take(1),
            failed: if reasons { self.bits(measure.tests()) } else { Vec::new() },
            missing: self.bits(inputs.len()),
            inputs,
            branch: measure.choice.is_some().then(|| self.take(1)),
            columns: (0..measure.columns.len()).map(|at| self.column(setting, forms, measure, at)).collect(),
        }
    }

    fn column(
        &mut self,
        setting: &Setting,
        forms: &[Form],
        measure: &MeasurePlan,
        at: usize,
    ) -> ColumnOutputs {
        let column = &measure.columns[at];
        let branches = measure.choice.iter().flat_map(|choice| &choice.branches);
        let awards = measure.awards.iter().chain(branches.flat_map(|branch| &branch.awards));
        let awards: Vec<&Award> = awards.filter(|award| award.column == at && column.ty.is_some()).collect();
        let width = |part: fn(&Award) -> Option<NodeId>, denominator: i128| {
            let nodes = awards.iter().filter_map(|award| part(award));
            nodes.map(|node| width(setting, forms, node, denominator)).max()
        };
        let denominator = 10i128.pow(column.decimals);
        ColumnOutputs {
            least: width(|award| Some(award.least), denominator).map(|width| self.take(width)),
            most: width(|award| award.most, denominator).map(|width| self.take(width)),
            months: width(|award| award.months, 1).map(|width| self.take(width)),
        }
    }
}

/// Bytes of a value in a column of answers.
fn width(setting: &Setting, forms: &[Form], node: NodeId, denominator: i128) -> usize {
    match (setting.node(node).kind, forms[node.index()].rep) {
        (Kind::Bool | Kind::Enum(_), _) => 1,
        (Kind::Date | Kind::Text, _) => 4,
        (Kind::Number, Rep::Int(int))
            if scaled(int, denominator).is_some_and(|int| int.lane == Lane::I32) =>
        {
            4
        }
        (Kind::Number | Kind::Time, _) => 8,
    }
}
