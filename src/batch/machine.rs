//! Runs kernels over records.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use arrow_array::Array;
use arrow_buffer::BooleanBuffer;

use super::answers::Overrides;
use super::decode::Decoder;
use super::engine::{EngineKind, EngineOptions};
use super::records::{Cells, Records};
use crate::check::typed::ParamId;
use crate::interp::{FinishedAggregates, Inputs};
use crate::ir::{self, RecordPlan, Source};
use crate::jit::{
    self, Across, Answers, Bits, CHUNK, CompileError, Input, Kernel, Outside, Plans, Request, Shape, Worker,
};
use crate::value::{Fact, Number, Value};

/// The kernels of an engine by the shapes of their inputs.
pub struct Machines {
    /// What every kernel is made for.
    made: Option<(Arc<Plans>, Request)>,
    by_shape: Mutex<Vec<Arc<Machine>>>,
    /// How many kernels were compiled.
    compiled: Arc<AtomicUsize>,
}

/// The kernels for one shape of inputs: without nulls and with them, each compiled when it is first needed.
pub struct Machine {
    plans: Arc<Plans>,
    request: Request,
    kernels: [OnceLock<Arc<Kernel>>; 2],
    compiled: Arc<AtomicUsize>,
}

impl Machines {
    pub fn new(
        program: &ir::Program,
        plan: &RecordPlan,
        inputs: &Inputs,
        options: &EngineOptions,
    ) -> Machines {
        let made = (options.kind == EngineKind::Jit).then(|| {
            let plans = Arc::new(Plans { plan: plan.clone(), params: program.params.clone() });
            let values = values(program, inputs);
            let request = Request {
                shapes: Vec::new(),
                nulls: false,
                reasons: options.answers.reasons,
                as_of: inputs.as_of(),
                values,
                room: Vec::new(),
                threads: options.threads,
            };
            (plans, request)
        });
        Machines { made, by_shape: Mutex::default(), compiled: Arc::default() }
    }

    /// The kernels for inputs of these shapes.
    ///
    /// # Errors
    /// Where the engine is one without machine code.
    pub fn of(&self, shapes: Vec<Shape>) -> Result<Arc<Machine>, CompileError> {
        let mut known = self.by_shape.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(machine) = known.iter().find(|machine| machine.request.shapes == shapes) {
            return Ok(machine.clone());
        }
        let (plans, request) = self.made.as_ref().ok_or_else(CompileError::not_made)?;
        let machine = Arc::new(Machine {
            plans: plans.clone(),
            request: Request { shapes, ..request.clone() },
            kernels: [OnceLock::new(), OnceLock::new()],
            compiled: self.compiled.clone(),
        });
        known.push(machine.clone());
        Ok(machine)
    }

    /// Gives the parameters other values. Kernels that hold for them go on; others are compiled anew when they are
    /// needed.
    pub fn set(&mut self, program: &ir::Program, inputs: &Inputs) {
        let values = values(program, inputs);
        let Some((_, request)) = &mut self.made else { return };
        request.values.clone_from(&values);
        let known = self.by_shape.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
        // One that is in use elsewhere keeps its values.
        known.retain_mut(|machine| Arc::get_mut(machine).map(|machine| machine.set(&values)).is_some());
    }

    /// Makes room for numbers that parameters may have later: kernels hold for them without being compiled anew.
    pub fn make_room(&mut self, room: Vec<(ParamId, Number)>) {
        let Some((_, request)) = &mut self.made else { return };
        request.room = room;
        self.by_shape.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner).clear();
    }

    /// How many kernels were compiled so far.
    pub fn compiled(&self) -> usize {
        self.compiled.load(Ordering::Relaxed)
    }
}

fn values(program: &ir::Program, inputs: &Inputs) -> Vec<Fact> {
    (0..program.params.len() as u32).map(|at| inputs.param(ParamId(at)).clone()).collect()
}

/// The answers of machine code to some records.
pub struct Decided {
    pub kernel: Arc<Kernel>,
    answers: Answers,
    texts: Vec<Arc<str>>,
    /// Rows that the code could not decide.
    beyond: Vec<u32>,
    pub overrides: Overrides,
}

impl Machine {
    /// The kernel for records with or without nulls.
    fn kernel(&self, nulls: bool) -> Result<Arc<Kernel>, CompileError> {
        let slot = &self.kernels[usize::from(nulls)];
        if let Some(kernel) = slot.get() {
            return Ok(kernel.clone());
        }
        let kernel = Kernel::compile(self.plans.clone(), Request { nulls, ..self.request.clone() })?;
        let kernel = slot.get_or_init(|| {
            self.compiled.fetch_add(1, Ordering::Relaxed);
            Arc::new(kernel)
        });
        Ok(kernel.clone())
    }

    fn set(&mut self, values: &[Fact]) {
        self.request.values = values.to_vec();
        for slot in &mut self.kernels {
            let kernel = slot.get_mut().and_then(Arc::get_mut);
            match kernel.filter(|kernel| kernel.holds_for(values)) {
                Some(kernel) => kernel.set(values.to_vec()),
                None => drop(slot.take()),
            }
        }
    }

    /// Decides all records, good or bad, by the inputs of the plan.
    ///
    /// # Errors
    /// Where no code can be made for this machine.
    pub fn decide(
        &self,
        inputs: &[ir::Input],
        records: &Records,
        finished: Option<&FinishedAggregates>,
    ) -> Result<Decided, CompileError> {
        let fields = inputs.iter().map(|input| &input.source).take_while(|source| **source == Source::Field);
        let nulls = records.columns[..fields.count()].iter().any(|column| column.nulls.is_some());
        let kernel = self.kernel(nulls)?;
        let mut texts = Texts::default();
        for text in kernel.constants() {
            texts.code(text);
        }
        for value in &self.request.values {
            if let Fact::Known(Value::Text(text)) = value {
                texts.code(text);
            }
        }
        let read: Vec<Read> = (0..inputs.len())
            .map(|at| {
                if kernel.reads(at) { Read::new(&inputs[at], at, records, &mut texts) } else { Read::Absent }
            })
            .collect();
        let inputs: Vec<Input> = read.iter().map(|read| read.input(records)).collect();
        let mut worker = Worker::new(&kernel, &texts.all);
        let mut answers = Answers::new(kernel.outputs(), records.len);
        let mut beyond: Vec<u32> = records.beyond.keys().map(|(row, _)| *row).collect();
        let asking = finished.map(|finished| Asking { finished, plan: &self.plans.plan });
        let across = asking.as_ref().map(|asking| asking as &dyn Across);
        for start in (0..records.len).step_by(CHUNK) {
            let rows = CHUNK.min(records.len - start);
            let chunk: Vec<Input> = inputs.iter().map(|input| input.slice(start, rows)).collect();
            let outside = Outside { texts: &texts.all, across };
            worker.run(&kernel, &chunk, rows, outside, &mut answers, &mut beyond);
        }
        beyond.sort_unstable();
        beyond.dedup();
        Ok(Decided { kernel, answers, texts: texts.all, beyond, overrides: Overrides::new() })
    }
}

/// An input as the code reads it.
enum Read {
    Absent,
    /// A field, with the numbers of its texts.
    Field(usize, Vec<u32>),
    /// Whether the text of a field stands in a list.
    Member(usize, BooleanBuffer),
}

impl Read {
    fn new(input: &ir::Input, at: usize, records: &Records, texts: &mut Texts) -> Read {
        match &input.source {
            Source::Field => Read::Field(at, texts.codes(&records.columns[at].cells)),
            Source::Open(_) | Source::Foreign { .. } => Read::Absent,
            Source::Member { field, members } => match &records.columns[*field].cells {
                Cells::Text(texts) => {
                    let stands = |row: usize| members.contains(texts.value(row));
                    Read::Member(*field, BooleanBuffer::collect_bool(texts.len(), stands))
                }
                _ => Read::Absent,
            },
        }
    }

    fn input<'r>(&'r self, records: &'r Records) -> Input<'r> {
        let bits =
            |bits: &'r BooleanBuffer| jit::Cells::Bool(Bits { bytes: bits.values(), offset: bits.offset() });
        let (field, cells) = match self {
            Read::Absent => return Input { cells: jit::Cells::Absent, valid: None },
            Read::Member(field, members) => (*field, bits(members)),
            Read::Field(field, codes) => {
                let cells = match &records.columns[*field].cells {
                    Cells::Absent => jit::Cells::Absent,
                    Cells::Bool(cells) => bits(cells),
                    Cells::Enum(cells) => jit::Cells::Enum(cells),
                    Cells::Int32(cells) => jit::Cells::Int32(cells),
                    Cells::Int64(cells) => jit::Cells::Int64(cells),
                    Cells::Text(_) => jit::Cells::Text(codes),
                };
                (*field, cells)
            }
        };
        let nulls = records.columns[field].nulls.as_ref();
        let valid = nulls.map(|nulls| Bits { bytes: nulls.validity(), offset: nulls.offset() });
        Input { cells, valid }
    }
}

/// Texts by number, the same for equal ones.
#[derive(Default)]
struct Texts {
    all: Vec<Arc<str>>,
    numbers: BTreeMap<Arc<str>, u32>,
}

impl Texts {
    fn code(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = self.all.len() as u32;
        let text: Arc<str> = Arc::from(text);
        self.all.push(text.clone());
        self.numbers.insert(text, number);
        number
    }

    /// The numbers of a column of texts; nothing of other columns.
    fn codes(&mut self, cells: &Cells) -> Vec<u32> {
        match cells {
            Cells::Text(texts) => texts.iter().map(|text| text.map_or(0, |text| self.code(text))).collect(),
            _ => Vec::new(),
        }
    }
}

impl Decided {
    pub fn decoder<'d>(&'d self, plan: &'d RecordPlan) -> Decoder<'d> {
        Decoder { plan, answers: &self.answers, texts: &self.texts }
    }

    /// The rows and measures that are left to the interpreter, of those given, row by row.
    pub fn open(&self, rows: &[u32]) -> Vec<(u32, usize)> {
        let measures = &self.kernel.outputs().measures;
        let mut open: Vec<(u32, usize)> = Vec::new();
        for (measure, outputs) in measures.iter().enumerate() {
            let Some(outputs) = outputs else { continue };
            let statuses = self.answers.bytes(outputs.status);
            if !statuses.contains(&jit::status::OPEN) {
                continue;
            }
            let is_open = |row: &&u32| statuses[**row as usize] == jit::status::OPEN;
            open.extend(rows.iter().filter(is_open).map(|row| (*row, measure)));
        }
        for row in self.beyond.iter().filter(|row| rows.binary_search(row).is_ok()) {
            open.extend((0..measures.len()).map(|measure| (*row, measure)));
        }
        open.sort_unstable();
        open.dedup();
        open
    }
}

/// What looks across records, for one kind of them.
struct Asking<'f> {
    finished: &'f FinishedAggregates,
    plan: &'f RecordPlan,
}

impl Across for Asking<'_> {
    fn fact(&self, at: usize, asked: &[Fact]) -> Fact {
        self.finished.fact(self.plan, at, asked)
    }
}
