//! Machine code gives the answers of the interpreter, to the last reason.

#![cfg(feature = "batch")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_schema::{DataType, Field as ArrowField, Schema};
use pol::batch::{Answered, BindOptions, Engine, EngineError, EngineKind, EngineOptions, Job, RawBatch};
use pol::check::typed::{Field, Program, RecordId, Type};
use pol::compile;
use pol::interp::FinishedAggregates;
use pol::ir::{self, Op};
use pol::value::{Date, Number, Value};

/// What texts are.
const TEXTS: [&str; 4] = ["a", "b", "山东", "c"];

/// A seeded stream of numbers (SplitMix64, Steele et al. 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }
}

/// Numbers and days that a plan compares with, and one step to each side.
fn landmarks(plans: &ir::Program, plan: &ir::RecordPlan) -> (Vec<Number>, Vec<i32>) {
    let (mut numbers, mut days) = (vec![Number::ZERO, Number::ONE], Vec::new());
    let mut see = |value: &Value| match value {
        Value::Number(number) => numbers.push(number.clone()),
        Value::Date(date) => days.extend([date.0 - 1, date.0, date.0 + 1]),
        _ => {}
    };
    for node in &plan.graph.nodes {
        if let Op::Const(value) = &node.op {
            see(value);
        }
    }
    plans.params.iter().flat_map(|param| &param.steps).for_each(|(_, value)| see(value));
    (numbers, days)
}

fn cell(
    random: &mut Random,
    program: &Program,
    field: &Field,
    marks: &(Vec<Number>, Vec<i32>),
) -> Option<String> {
    if random.below(8) == 0 {
        return None;
    }
    Some(match &field.ty {
        Type::Bool => (if random.below(2) == 0 { "true" } else { "false" }).to_owned(),
        Type::Text => TEXTS[random.below(TEXTS.len())].to_owned(),
        Type::Enum(id) => {
            let variants = &program.enums[id.index()].variants;
            variants[random.below(variants.len())].name.clone()
        }
        Type::Date => {
            let day = match random.below(4) {
                0 => 18_000 + random.below(600) as i32,
                _ if marks.1.is_empty() => 18_300,
                _ => marks.1[random.below(marks.1.len())],
            };
            Date(day.clamp(Date::MIN.0, Date::MAX.0)).to_string()
        }
        Type::Time => format!("{}T{:02}:00", Date(18_000 + random.below(600) as i32), random.below(24)),
        Type::Number(_) => number(random, field, &marks.0)?,
    })
}

/// A number at a landmark or a step beside it, in the range of the field and with its decimals.
fn number(random: &mut Random, field: &Field, marks: &[Number]) -> Option<String> {
    let step = Number::from_scaled(1, field.decimals);
    let mut value = match random.below(12) {
        0 => Number::from_int(random.next() as i64 >> 1),
        1 | 2 => Number::from_int(random.below(100_000) as i64),
        3 => field.range.high.clone()?,
        4 => field.range.low.clone()?,
        _ => marks[random.below(marks.len())].clone(),
    };
    value = match random.below(3) {
        0 => value.add(&step),
        1 => value.sub(&step),
        _ => value,
    };
    value = value.round_to(&step, pol::value::Rounding::Down);
    let low = field.range.low.clone().unwrap_or_else(|| value.clone());
    let high = field.range.high.clone().unwrap_or_else(|| value.clone());
    Some(value.max(low).min(high).to_string())
}

fn batch(
    random: &mut Random,
    program: &Program,
    plans: &ir::Program,
    record: usize,
    rows: usize,
) -> RecordBatch {
    let marks = landmarks(plans, &plans.records[record]);
    let mut fields = Vec::new();
    let mut columns: Vec<ArrayRef> = Vec::new();
    for field in &program.records[record].fields {
        let cells: Vec<Option<String>> = (0..rows)
            .map(|row| match (field.key, TEXTS.get(row)) {
                // Keys that fields of other records name.
                (true, Some(text)) => Some((*text).to_owned()),
                (true, None) => Some(format!("{row}")),
                (false, _) => cell(random, program, field, &marks),
            })
            .collect();
        fields.push(ArrowField::new(&field.name, DataType::Utf8, true));
        columns.push(Arc::new(StringArray::from(cells)));
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
}

/// A table as the batches of a run.
fn jobs(
    engine: &Engine,
    batch: &RecordBatch,
) -> impl Iterator<Item = Result<impl FnOnce() -> Result<Job<()>, EngineError> + Send, EngineError>> + Send {
    let binding = engine.bind(&batch.schema(), &BindOptions::default()).map_err(EngineError::Unbound);
    let raw = RawBatch::numbered(batch.clone());
    std::iter::once(Ok(move || Ok(Job { binding: Arc::new(binding?), raw, tag: () })))
}

fn answers(
    engine: &Engine,
    batch: &RecordBatch,
    seen: Arc<FinishedAggregates>,
) -> Result<Answered, EngineError> {
    let mut all = None;
    engine.start(Vec::new(), Some(seen)).answer::<_, EngineError, _>(
        jobs(engine, batch),
        |answered, ()| {
            all = Some(answered);
            Ok(true)
        },
    )?;
    Ok(all.expect("one batch goes in"))
}

/// Compares the engines on every record of a set.
fn compare(set: &Path, seed: u64, rows: usize, day: Date) {
    let compiled = load(set);
    if compiled.has_errors() {
        return;
    }
    let program = compiled.program;
    let plans = Arc::new(compile::lower(&program));
    let program = Arc::new(program);
    let mut random = Random(seed);
    let kinds = 0..program.records.len();
    let batches: Vec<RecordBatch> =
        kinds.map(|record| batch(&mut random, &program, &plans, record, rows)).collect();
    let engines = |kind| {
        let engine = |record| {
            let options = EngineOptions { kind, ..EngineOptions::default() };
            Engine::new(program.clone(), plans.clone(), RecordId(record), day, options).unwrap()
        };
        (0..batches.len() as u32).map(engine).collect::<Vec<Engine>>()
    };
    let (interpreted, compiled) = (engines(EngineKind::Interpreter), engines(EngineKind::Jit));
    let Some(first) = interpreted.first() else { return };
    // Each kind of record sees the others.
    let mut population = first.population();
    for (engine, batch) in interpreted.iter().zip(&batches) {
        population.observe::<_, EngineError, _>(engine, jobs(engine, batch)).unwrap();
    }
    let seen = population.finish();
    for (record, batch) in batches.iter().enumerate() {
        let run = |engine: &Engine| answers(engine, batch, seen.clone());
        let (meant, found) = match (run(&interpreted[record]), run(&compiled[record])) {
            (Ok(meant), Ok(found)) => (meant, found),
            (Err(meant), Err(_)) => {
                println!("{}: {meant}", set.display());
                continue;
            }
            (meant, found) => panic!("{}: {:?} {:?}", set.display(), meant.err(), found.err()),
        };
        assert_eq!(meant.rejects.len(), found.rejects.len());
        for (at, field) in meant.batch.schema().fields().iter().enumerate() {
            let (a, b) = (meant.batch.column(at), found.batch.column(at));
            if a != b {
                let row = (0..a.len()).find(|row| a.slice(*row, 1) != b.slice(*row, 1)).unwrap();
                let names = batch.schema();
                let inputs: Vec<String> = names
                    .fields()
                    .iter()
                    .enumerate()
                    .map(|(at, field)| format!("{}={:?}", field.name(), batch.column(at).slice(row, 1)))
                    .collect();
                panic!(
                    "{} record {record} row {row} {}: meant {:?}, found {:?}\n{}",
                    set.display(),
                    field.name(),
                    a.slice(row, 1),
                    b.slice(row, 1),
                    inputs.join(" ").replace('\n', "").replace("StringArray", "")
                );
            }
        }
        assert_eq!(meant.summary, found.summary);
    }
}

fn load(set: &Path) -> compile::Compiled {
    if set.is_dir() {
        return compile::load(set);
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("pol.toml"), "name = \"case\"\nlanguage = \"en\"\n").unwrap();
    std::fs::copy(set, folder.path().join("case.pol")).unwrap();
    compile::load(folder.path())
}

/// Every set of cases in a folder.
fn sets(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.join("pol.toml").exists() || path.extension().is_some_and(|extension| extension == "pol") {
            found.push(path);
        } else if path.is_dir() {
            found.extend(sets(&path));
        }
    }
    found.sort();
    found
}

#[test]
fn on_every_case_set() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    for set in sets(&folder) {
        for (seed, (year, month, day)) in [(2018, 1, 1), (2020, 3, 31)].into_iter().enumerate() {
            compare(&set, seed as u64, 300, Date::new(year, month, day).unwrap());
        }
    }
}

#[test]
fn on_the_shipped_policies() {
    for (seed, (year, month, day)) in
        [(2019, 6, 1), (2020, 2, 10), (2020, 3, 31), (2021, 6, 1)].into_iter().enumerate()
    {
        compare(Path::new("policies/shandong-2020"), seed as u64, 1500, Date::new(year, month, day).unwrap());
    }
}
#[test]
fn on_the_benchmark() {
    compare(Path::new("benches/w1"), 1, 3000, Date::new(2020, 3, 31).unwrap());
}
