//! A compiled kernel: a plan for one shape of inputs, run chunk by chunk.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::check::typed::ParamId;
use crate::ir::{NodeId, Op, ParamPlan, RecordPlan};
use crate::jit::calls::{Across, Call};
use crate::jit::chunk::{Answers, Cells, Input, Scratch};
use crate::jit::code::{self, Code, CompileError, Library};
use crate::jit::emit::Design;
use crate::jit::layout::Layout;
use crate::jit::lookup::Lookup;
use crate::jit::outputs::Outputs;
use crate::jit::schedule::{CHUNK, Schedule, Step, Unit};
use crate::jit::shape::{Form, Forms, Setting, Shape, forms};
use crate::jit::table::{self, Bounds, Table};
use crate::value::{Date, Fact, Number, Value};

/// What a kernel is compiled for.
#[derive(Debug, Clone)]
pub struct Request {
    pub shapes: Vec<Shape>,
    /// Whether cells may be null.
    pub nulls: bool,
    /// Whether the tests that decide against a record are written.
    pub reasons: bool,
    pub as_of: Date,
    /// The value of each parameter.
    pub values: Vec<Fact>,
    /// Numbers that parameters may have later: the code is to hold for them too.
    pub room: Vec<(ParamId, Number)>,
    /// Threads that compile.
    pub threads: usize,
}

/// A plan as machine code. It may be run by several threads at once, each with a [`Worker`].
pub struct Kernel {
    request: Request,
    plan: Arc<Plans>,
    forms: Vec<Form>,
    limits: Vec<Option<(i64, i64)>>,
    schedule: Schedule,
    layout: Layout,
    outputs: Outputs,
    tables: BTreeMap<NodeId, Table>,
    texts: BTreeMap<NodeId, usize>,
    constants: Vec<Arc<str>>,
    code: Vec<Run>,
    /// Keeps the memory of the code.
    _libraries: Vec<Library>,
}

/// A step that is ready to run.
enum Run {
    Code(Code),
    Call(NodeId),
}

/// The plan of a record, with the parameters that it refers to.
#[derive(Debug)]
pub struct Plans {
    pub plan: RecordPlan,
    pub params: Vec<ParamPlan>,
}

impl Kernel {
    /// # Errors
    /// Where the machine is not one that code can be made for.
    pub fn compile(plan: Arc<Plans>, request: Request) -> Result<Kernel, CompileError> {
        let setting = setting(&plan, &request);
        let Forms { forms, limits } = forms(&setting);
        let schedule = Schedule::new(&setting, &forms);
        let layout = Layout::new(&setting, &forms, &schedule);
        let outputs = Outputs::new(&setting, &forms, &schedule, request.reasons);
        let called = (0..forms.len() as u32).map(NodeId).filter(|node| schedule.called[node.index()]);
        let tables = called.filter_map(|node| {
            let table = table::table(&setting, &forms, node)?;
            let bounds = Bounds::new(&table.rows, table.columns.len());
            Some((node, Table { lookup: Lookup::new(&table), bounds, ..table }))
        });
        let tables = tables.collect();
        let (texts, constants) = texts(&plan.plan);
        let limits =
            limits.into_iter().enumerate().map(|(at, limit)| narrower(&setting, at, limit)).collect();
        let mut kernel = Kernel {
            request: request.clone(),
            plan: plan.clone(),
            forms,
            limits,
            schedule,
            layout,
            outputs,
            tables,
            texts,
            constants,
            code: Vec::new(),
            _libraries: Vec::new(),
        };
        (kernel.code, kernel._libraries) = kernel.make_code()?;
        Ok(kernel)
    }

    fn design(&self) -> Design<'_> {
        Design {
            setting: setting(&self.plan, &self.request),
            forms: &self.forms,
            schedule: &self.schedule,
            layout: &self.layout,
            outputs: &self.outputs,
            tables: &self.tables,
            texts: &self.texts,
        }
    }

    /// Compiles the functions, shared out over the threads.
    fn make_code(&self) -> Result<(Vec<Run>, Vec<Library>), CompileError> {
        let functions: Vec<&[Unit]> = self.schedule.steps.iter().filter_map(units).collect();
        let design = self.design();
        let isa = code::machine()?;
        let share = functions.len().div_ceil(self.request.threads.max(1)).max(1);
        let libraries: Vec<Library> = std::thread::scope(|scope| {
            let compile = |part: &'_ [&'_ [Unit]]| code::compile(&design, isa.clone(), part);
            let mut parts = functions.chunks(share);
            let first = parts.next();
            let others: Vec<_> = parts.map(|part| scope.spawn(move || compile(part))).collect();
            let mut libraries = first.map(compile).into_iter().collect::<Result<Vec<_>, _>>()?;
            for other in others {
                libraries.push(other.join().map_err(|_| CompileError::stopped())??);
            }
            Ok::<_, CompileError>(libraries)
        })?;
        let mut next = 0;
        let step = |step: &Step| match step {
            Step::Call(node) => Run::Call(*node),
            Step::Code(_) => {
                let at = next;
                next += 1;
                Run::Code(libraries[at / share].function(at % share))
            }
        };
        Ok((self.schedule.steps.iter().map(step).collect(), libraries))
    }

    pub fn outputs(&self) -> &Outputs {
        &self.outputs
    }

    /// Whether the code reads an input.
    pub fn reads(&self, input: usize) -> bool {
        let bound = &self.layout.inputs[input];
        bound.slot.is_some() || bound.spread.is_some() || bound.missing.is_some()
    }

    /// Texts that the code compares with; the codes of [`Shape::Text`] inputs must give equal texts equal
    /// numbers, these included.
    pub fn constants(&self) -> &[Arc<str>] {
        &self.constants
    }

    /// Whether the code also holds for other values of the parameters.
    pub fn holds_for(&self, values: &[Fact]) -> bool {
        let same = |(at, (own, other)): (usize, (&Fact, &Fact))| match (own, other) {
            (Fact::Known(Value::Number(_)), Fact::Known(Value::Number(number))) => self.holds(at, number),
            (Fact::Known(_), Fact::Known(_)) => true,
            _ => own == other,
        };
        values.len() == self.request.values.len()
            && self.request.values.iter().zip(values).enumerate().all(same)
    }

    fn holds(&self, param: usize, number: &Number) -> bool {
        let nodes = self.plan.plan.graph.nodes.iter();
        let is = |op: &Op| matches!(op, Op::Param(id) if id.index() == param);
        let mut forms = nodes.zip(&self.forms).filter(|(node, _)| is(&node.op)).map(|(_, form)| form.rep);
        forms.all(|rep| match rep {
            crate::jit::shape::Rep::Int(int) => {
                let scaled = number.mul(&Number::ratio(int.denominator, 1)).to_scaled(0);
                scaled.is_some_and(|scaled| int.low <= scaled && scaled <= int.high)
            }
            _ => number.parts().is_some(),
        })
    }

    /// Gives the parameters other values, for which the code must hold.
    pub fn set(&mut self, values: Vec<Fact>) {
        debug_assert!(self.holds_for(&values));
        self.request.values = values;
    }

    /// The as-of date, the parameters and the constant texts as the code reads them.
    fn params(&self, texts: &[Arc<str>]) -> Vec<i64> {
        let nodes = self.plan.plan.graph.nodes.iter().zip(&self.forms);
        let mut denominators = vec![1i128; self.request.values.len()];
        for (node, form) in nodes {
            if let (Op::Param(param), crate::jit::shape::Rep::Int(int)) = (&node.op, form.rep) {
                denominators[param.index()] = int.denominator;
            }
        }
        let code = |text: &Arc<str>| texts.iter().position(|own| own == text).map_or(-1, |at| at as i64);
        let value = |(value, denominator): (&Fact, &i128)| match value.known() {
            Some(Value::Number(number)) => {
                let scaled = number.mul(&Number::ratio(*denominator, 1)).to_scaled(0);
                scaled.and_then(|scaled| i64::try_from(scaled).ok()).unwrap_or(0)
            }
            Some(Value::Bool(truth)) => -i64::from(*truth),
            Some(Value::Date(date)) => date.0.into(),
            Some(Value::Time(time)) => time.0,
            Some(Value::Enum(variant)) => i64::from(*variant),
            Some(Value::Text(text)) => code(text),
            None => 0,
        };
        let values = self.request.values.iter().zip(&denominators).map(value);
        let date = i64::from(self.request.as_of.0);
        [date].into_iter().chain(values).chain(self.constants.iter().map(code)).collect()
    }
}

fn setting<'a>(plans: &'a Plans, request: &'a Request) -> Setting<'a> {
    Setting {
        plan: &plans.plan,
        params: &plans.params,
        values: &request.values,
        room: &request.room,
        shapes: &request.shapes,
        nulls: request.nulls,
        as_of: request.as_of,
    }
}

fn units(step: &Step) -> Option<&[Unit]> {
    match step {
        Step::Code(units) => Some(units),
        Step::Call(_) => None,
    }
}

/// Constant texts by node, and each once; texts of parameters come by their values.
fn texts(plan: &RecordPlan) -> (BTreeMap<NodeId, usize>, Vec<Arc<str>>) {
    let mut texts = BTreeMap::new();
    let mut constants: Vec<Arc<str>> = Vec::new();
    for (at, node) in plan.graph.nodes.iter().enumerate() {
        if let Op::Const(Value::Text(text)) = &node.op {
            texts.insert(NodeId(at as u32), constants.len());
            constants.push(text.clone());
        }
    }
    (texts, constants)
}

/// A limit that the field's own range does not keep already.
fn narrower(setting: &Setting, at: usize, limit: Option<(i64, i64)>) -> Option<(i64, i64)> {
    let (low, high) = limit?;
    let nodes = &setting.plan.graph.nodes;
    let range = &nodes.iter().find(|node| node.op == Op::Input(at as u16))?.range;
    let denominator = match setting.shapes[at] {
        Shape::Int64 { denominator } => denominator,
        // 32 bits hold what 32 bits can hold.
        _ => return None,
    };
    let scale = Number::ratio(denominator.into(), 1);
    let kept_low = range.low.as_ref().is_some_and(|own| own.mul(&scale) >= Number::from_int(low));
    let kept_high = range.high.as_ref().is_some_and(|own| own.mul(&scale) <= Number::from_int(high));
    (!kept_low || !kept_high).then_some((low, high))
}

/// Bytes of one input in the tail.
const TAIL: usize = 8 * CHUNK + 320;

/// One thread's memory for running a kernel.
pub struct Worker {
    scratch: Scratch,
    /// Copies of the cells of a last, shorter chunk.
    tail: Scratch,
    params: Vec<i64>,
    slots: Vec<*mut u8>,
    constants: Vec<Arc<str>>,
}

// SAFETY: the pointers are scratch of `run`, which fills them anew at each call; between calls none is read.
unsafe impl Send for Worker {}

/// What stands beyond the inputs of a chunk.
#[derive(Clone, Copy, Default)]
pub struct Outside<'a> {
    /// Texts by the numbers that stand for them in cells.
    pub texts: &'a [Arc<str>],
    pub across: Option<&'a dyn Across>,
}

impl Worker {
    /// `texts` are those that stand in cells by their numbers.
    pub fn new(kernel: &Kernel, texts: &[Arc<str>]) -> Worker {
        Worker {
            scratch: Scratch::new(kernel.layout.size + 64),
            tail: Scratch::new(kernel.layout.slots * TAIL),
            params: kernel.params(texts),
            slots: Vec::new(),
            constants: kernel.constants.clone(),
        }
    }

    /// Takes other texts for the cells to come.
    pub fn set_texts(&mut self, kernel: &Kernel, texts: &[Arc<str>]) {
        self.params = kernel.params(texts);
    }

    /// Answers up to [`CHUNK`] records and puts them after those that `answers` has; `rows` is how many.
    /// `beyond` gets the records that the code cannot decide, by their position in `answers`: those with an
    /// input beyond the limits of the code. Of the others, a status of [`status::OPEN`](super::status::OPEN)
    /// leaves one measure to the interpreter.
    ///
    /// # Panics
    /// Where an input that the code reads has not the cells of its shape for every row.
    pub fn run(
        &mut self,
        kernel: &Kernel,
        inputs: &[Input],
        rows: usize,
        outside: Outside,
        answers: &mut Answers,
        beyond: &mut Vec<u32>,
    ) {
        assert!(rows <= CHUNK && inputs.len() == kernel.layout.inputs.len());
        if rows == 0 {
            return;
        }
        debug_assert_eq!(self.constants, kernel.constants);
        for (at, (input, shape)) in inputs.iter().zip(&kernel.request.shapes).enumerate() {
            assert!(!kernel.reads(at) || input.has(*shape, rows), "every row has its cells");
        }
        let start = answers.len();
        self.check_limits(kernel, inputs, rows, start, beyond);
        self.bind(kernel, inputs, rows);
        for (at, width) in kernel.outputs.widths.iter().enumerate() {
            self.slots.push(answers.pointer(at, *width, start));
        }
        let padded = rows.next_multiple_of(16);
        assert!(start + padded <= answers.capacity() && start.is_multiple_of(16));
        for step in &kernel.code {
            match step {
                // SAFETY: the code reads and writes `padded` elements of the columns that the layout has in
                // scratch, of the inputs bound above (each has so many, or a copy in the tail that has), and
                // of the answers, which have room for them.
                Run::Code(code) => unsafe {
                    code(self.scratch.pointer(), self.slots.as_ptr(), self.params.as_ptr(), padded as i64);
                },
                Run::Call(node) => Call {
                    design: kernel.design(),
                    inputs,
                    scratch: &mut self.scratch,
                    texts: outside.texts,
                    across: outside.across,
                    rows,
                }
                .run(*node),
            }
        }
        answers.grow(rows);
    }

    fn check_limits(
        &self,
        kernel: &Kernel,
        inputs: &[Input],
        rows: usize,
        start: usize,
        beyond: &mut Vec<u32>,
    ) {
        let before = beyond.len();
        for (at, input) in inputs.iter().enumerate() {
            let Cells::Enum(cells) = input.cells else { continue };
            let all = kernel.plan.plan.inputs[at].variants;
            // Nulls are variant 0, be it one or not.
            let out = |cell: u8| cell != 0 && !all.contains(cell);
            let most = cells[..rows].iter().fold(0, |most, cell| most.max(*cell));
            if kernel.reads(at) && usize::from(most) >= all.len() {
                let out = cells[..rows].iter().enumerate().filter(|(_, cell)| out(**cell));
                beyond.extend(out.map(|(row, _)| (start + row) as u32));
            }
        }
        for (input, limit) in inputs.iter().zip(&kernel.limits) {
            let (Some((low, high)), Cells::Int64(cells)) = (limit, input.cells) else { continue };
            // A power of two bounds each side that the field does not.
            let size = cells[..rows].iter().fold(0, |all, cell| all | (cell ^ (cell >> 63)));
            if size < (*high).min(low.saturating_neg()).max(1) && *low < 0
                || within(&cells[..rows], *low, *high)
            {
                continue;
            }
            let out = cells[..rows].iter().enumerate().filter(|(_, cell)| !(*low..=*high).contains(*cell));
            beyond.extend(out.map(|(row, _)| (start + row) as u32));
        }
        if beyond.len() > before {
            beyond[before..].sort_unstable();
            beyond.dedup();
        }
    }

    /// Points at the cells of every input, and spreads bits into masks.
    fn bind(&mut self, kernel: &Kernel, inputs: &[Input], rows: usize) {
        let padded = rows.next_multiple_of(16);
        self.slots.clear();
        for (bound, input) in kernel.layout.inputs.iter().zip(inputs) {
            if let Some(at) = bound.missing {
                let mask = &mut self.scratch.bytes_mut(at)[..rows];
                match input.valid {
                    Some(valid) => valid.spread_nulls(mask),
                    None => mask.fill(0),
                }
            }
            if let (Some(at), Cells::Bool(bits)) = (bound.spread, input.cells) {
                bits.spread_truths(&mut self.scratch.bytes_mut(at)[..rows]);
            }
            if bound.slot.is_some() {
                let (from, width) = input.place().expect("an input has the cells of its shape");
                let mut cells = from.cast_mut();
                if rows < padded {
                    let to = self.tail.pointer().wrapping_add(self.slots.len() * TAIL);
                    // SAFETY: `from` is the start of at least `rows` cells of this width, and every slot has
                    // its own part of the tail with room for a chunk of the widest cells.
                    unsafe { std::ptr::copy_nonoverlapping(from, to, rows * width) };
                    cells = to;
                }
                self.slots.push(cells);
            }
        }
    }
}

fn within(cells: &[i64], low: i64, high: i64) -> bool {
    cells.iter().all(|cell| (low..=high).contains(cell))
}
