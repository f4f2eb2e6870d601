//! Runs kernels over the records of a batch.

use std::sync::{Arc, OnceLock};

use crate::check::typed::{Field, Type};
use crate::interp::{FinishedAggregates, Inputs};
use crate::ir::{self, RecordPlan};
use crate::jit::{Across, Bits, Cells, CompileError, Input, Kernel, Plans, Request, Shape};
use crate::value::{Fact, Value};

/// The kernels of one plan: without nulls and with them, each compiled when it is first needed.
pub struct Machine {
    plans: Arc<Plans>,
    request: Request,
    kernels: [OnceLock<Kernel>; 2],
}

impl Machine {
    pub fn new(
        program: &ir::Program,
        plan: &RecordPlan,
        inputs: &Inputs,
        shapes: Vec<Shape>,
        reasons: bool,
        threads: usize,
    ) -> Machine {
        let plans = Plans { plan: plan.clone(), params: program.params.clone() };
        let values = (0..program.params.len() as u32).map(|at| inputs.param(crate::check::typed::ParamId(at)).clone());
        let request =
            Request { shapes, nulls: false, reasons, as_of: inputs.as_of(), values: values.collect(), threads };
        Machine { plans: Arc::new(plans), request, kernels: [OnceLock::new(), OnceLock::new()] }
    }

    /// The kernel for records with or without nulls.
    ///
    /// # Errors
    /// Where no code can be made for this machine.
    pub fn kernel(&self, nulls: bool) -> Result<&Kernel, CompileError> {
        let slot = &self.kernels[usize::from(nulls)];
        if let Some(kernel) = slot.get() {
            return Ok(kernel);
        }
        let kernel = Kernel::compile(self.plans.clone(), Request { nulls, ..self.request.clone() })?;
        Ok(slot.get_or_init(|| kernel))
    }

    pub fn shapes(&self) -> &[Shape] {
        &self.request.shapes
    }
}

impl Across for FinishedAggregates {
    fn fact(&self, at: usize, group: Option<&Fact>, mine: Option<(&Fact, Option<&Fact>)>) -> Fact {
        FinishedAggregates::fact(self, at, group, mine)
    }
}

/// The shape of a field's cells, whatever column they come from.
pub fn shape(field: &Field) -> Shape {
    match &field.ty {
        Type::Bool => Shape::Bool,
        Type::Text => Shape::Text,
        Type::Enum(_) => Shape::Enum,
        Type::Date => Shape::Int32 { denominator: 1 },
        Type::Time => Shape::Int64 { denominator: 1 },
        Type::Number(_) => Shape::Int64 { denominator: 10i64.pow(field.decimals) },
    }
}

/// Columns of cells made from values, for some records.
#[derive(Default)]
pub struct Loaded {
    columns: Vec<LoadedColumn>,
    pub nulls: bool,
    /// Records with a number that no cell holds.
    pub beyond: Vec<u32>,
}

#[derive(Default)]
struct LoadedColumn {
    valid: Vec<u8>,
    bits: Vec<u8>,
    bytes: Vec<u8>,
    ints32: Vec<i32>,
    ints64: Vec<i64>,
    texts: Vec<u32>,
}

impl Loaded {
    pub fn new<'v>(
        shapes: &[Shape],
        records: impl Iterator<Item = Vec<Option<&'v Value>>>,
        texts: &mut Vec<Arc<str>>,
    ) -> Loaded {
        let mut loaded = Loaded { columns: shapes.iter().map(|_| LoadedColumn::default()).collect(), ..Loaded::default() };
        for (row, values) in records.enumerate() {
            for ((column, shape), value) in loaded.columns.iter_mut().zip(shapes).zip(values) {
                loaded.nulls |= value.is_none() && *shape != Shape::Absent;
                if !column.push(row, *shape, value, texts) {
                    loaded.beyond.push(row as u32);
                }
            }
        }
        loaded.beyond.dedup();
        loaded
    }

    pub fn inputs(&self, shapes: &[Shape]) -> Vec<Input<'_>> {
        self.columns.iter().zip(shapes).map(|(column, shape)| column.input(*shape)).collect()
    }
}

impl LoadedColumn {
    fn input(&self, shape: Shape) -> Input<'_> {
        let column = self;
        Input {
            cells: match shape {
                Shape::Absent => Cells::Absent,
                Shape::Bool => Cells::Bool(Bits { bytes: &column.bits, offset: 0 }),
                Shape::Enum => Cells::Enum(&column.bytes),
                Shape::Int32 { .. } => Cells::Int32(&column.ints32),
                Shape::Int64 { .. } => Cells::Int64(&column.ints64),
                Shape::Text => Cells::Text(&column.texts),
            },
            valid: Some(Bits { bytes: &column.valid, offset: 0 }),
        }
    }
}

fn set_bit(bits: &mut Vec<u8>, at: usize, set: bool) {
    bits.resize(at / 8 + 1, 0);
    bits[at / 8] |= u8::from(set) << (at % 8);
}

impl LoadedColumn {
    /// Adds a value; whether it could be held.
    fn push(&mut self, row: usize, shape: Shape, value: Option<&Value>, texts: &mut Vec<Arc<str>>) -> bool {
        set_bit(&mut self.valid, row, value.is_some());
        let scaled = |denominator: i64| match value {
            Some(Value::Number(number)) => {
                let scaled = number.mul(&crate::value::Number::from_int(denominator)).to_scaled(0);
                scaled.and_then(|scaled| i64::try_from(scaled).ok())
            }
            Some(Value::Time(time)) => Some(time.0),
            Some(Value::Date(date)) => Some(date.0.into()),
            _ => Some(0),
        };
        match shape {
            Shape::Absent => true,
            Shape::Bool => {
                set_bit(&mut self.bits, row, value == Some(&Value::Bool(true)));
                true
            }
            Shape::Enum => {
                self.bytes.push(match value {
                    Some(Value::Enum(variant)) => *variant,
                    _ => 0,
                });
                true
            }
            Shape::Int32 { denominator } => {
                let cell = scaled(denominator).and_then(|cell| i32::try_from(cell).ok());
                self.ints32.push(cell.unwrap_or(0));
                cell.is_some()
            }
            Shape::Int64 { denominator } => {
                let cell = scaled(denominator);
                self.ints64.push(cell.unwrap_or(0));
                cell.is_some()
            }
            Shape::Text => {
                self.texts.push(match value {
                    Some(Value::Text(text)) => code(texts, text),
                    _ => 0,
                });
                true
            }
        }
    }
}

fn code(texts: &mut Vec<Arc<str>>, text: &Arc<str>) -> u32 {
    match texts.iter().position(|own| own == text) {
        Some(at) => at as u32,
        None => {
            texts.push(text.clone());
            texts.len() as u32 - 1
        }
    }
}
