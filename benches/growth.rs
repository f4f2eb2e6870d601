//! From the text of a policy to machine code, and how the time of a record grows with the number of measures: for
//! the shipped decree on its own samples, and for synthetic sets. `cargo bench --bench growth [-- --quick]`.

#![allow(clippy::disallowed_methods)] // it measures time
#![allow(clippy::float_arithmetic)] // and divides it

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Int32Array, Int64Array, RecordBatch, StringArray, UInt32Array,
};
use arrow_select::take::take_record_batch;
use pol::batch::{BindOptions, Engine, EngineError, EngineOptions, Job, RawBatch, find_record};
use pol::check::typed::RecordId;
use pol::compile::{self, Compiled};
use pol::tables;
use pol::value::Date;

mod synthetic;

use synthetic::synthetic;

const THREADS: usize = 2;
const BATCH_ROWS: usize = 8_192;

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    println!("{:<28} {:>12} {:>14} {:>16}", "set", "to code, ms", "records/s", "ns a measure");
    shipped(if quick { 2_000 } else { 200_000 });
    let sizes: &[usize] = if quick { &[10, 100] } else { &[1, 10, 100, 1_000] };
    for measures in sizes {
        let folder = tempfile::tempdir().expect("a temporary folder");
        synthetic(folder.path(), *measures);
        let records = if quick { 10_000 } else { (20_000_000 / measures).clamp(50_000, 1_000_000) };
        let firms = firms(records);
        let (engine, milliseconds) =
            ready(folder.path(), RecordId(0), &firms.slice(0, 1), if quick { 1 } else { 5 });
        tell(&format!("{measures} measures"), milliseconds, &engine, &firms, *measures);
    }
}

/// Every kind of record of the decree, its samples over and over.
fn shipped(records: usize) {
    let folder = Path::new("policies/shandong-2020");
    let compiled = load(folder);
    let mut samples: Vec<_> = std::fs::read_dir(folder.join("samples")).expect("samples").flatten().collect();
    samples.sort_by_key(|entry| entry.path());
    samples.retain(|sample| sample.path().extension().is_some_and(|end| end == "csv"));
    for sample in samples {
        let path = sample.path();
        let inputs = tables::expand(path.to_str().expect("a name"), None).expect("a sample");
        let table = inputs[0].open().expect("a table");
        let record = find_record(&compiled.program, &table.schema).expect("a record");
        let chunk = table.map(|chunk| chunk.expect("rows")).next().expect("rows").batch;
        let rows: UInt32Array = (0..records).map(|at| Some((at % chunk.num_rows()) as u32)).collect();
        let mut batch = take_record_batch(&chunk, &rows).expect("rows");
        // Each record has a key of its own.
        let key =
            &compiled.program.records[record.index()].fields.iter().find(|field| field.key).expect("a key");
        let at = batch
            .schema()
            .index_of(&key.name)
            .or_else(|_| batch.schema().index_of(&key.label))
            .expect("a column");
        let mut columns = batch.columns().to_vec();
        columns[at] = Arc::new(StringArray::from_iter_values((0..records).map(|at| at.to_string())));
        batch = RecordBatch::try_new(batch.schema(), columns).expect("columns");
        let (engine, milliseconds) = ready(folder, record, &batch.slice(0, 1), 3);
        let program = &compiled.program;
        let measures = program.measures.iter().filter(|measure| measure.record == record).count();
        tell(&program.records[record.index()].head.name, milliseconds, &engine, &batch, measures);
    }
}

fn load(folder: &Path) -> Compiled {
    let compiled = compile::load(folder);
    assert!(!compiled.has_errors(), "{:?}", compiled.problems);
    compiled
}

/// An engine with its code, and the milliseconds from the text to it.
fn ready(folder: &Path, record: RecordId, one: &RecordBatch, runs: usize) -> (Engine, f64) {
    let mut best: Option<(Engine, f64)> = None;
    for _ in 0..runs {
        let start = Instant::now();
        let compiled = load(folder);
        let core = compile::lower(&compiled.program);
        let options = EngineOptions { threads: THREADS, ..EngineOptions::default() };
        let as_of = Date::new(2020, 3, 31).expect("a date");
        let engine = Engine::new(Arc::new(compiled.program), Arc::new(core), record, as_of, options);
        let engine = engine.expect("an engine");
        let told = engine.run(one).expect("an answer").summary;
        assert_eq!(told.records + told.rejected, 1);
        let milliseconds = start.elapsed().as_secs_f64() * 1e3;
        if best.as_ref().is_none_or(|(_, least)| milliseconds < *least) {
            best = Some((engine, milliseconds));
        }
    }
    best.expect("a run")
}

fn tell(name: &str, milliseconds: f64, engine: &Engine, batch: &RecordBatch, measures: usize) {
    let binding = engine.bind(&batch.schema(), &BindOptions::default()).expect("a table of the record");
    let (binding, raw) = (Arc::new(binding), RawBatch::numbered(batch.clone()));
    let jobs = || {
        (0..batch.num_rows()).step_by(BATCH_ROWS).map(|start| {
            let rows = BATCH_ROWS.min(batch.num_rows() - start);
            let job = Job { binding: binding.clone(), raw: raw.slice(start, rows), tag: () };
            Ok::<_, EngineError>(|| Ok(job))
        })
    };
    let time = |_| {
        let start = Instant::now();
        // What looks across records has seen all of them before the first is answered.
        let seen = engine.looks_across().then(|| {
            let mut population = engine.population();
            population.observe(engine, jobs()).expect("records");
            population.finish()
        });
        let mut run = engine.start(Vec::new(), seen);
        let mut told = 0;
        run.answer(jobs(), |answered, ()| {
            told += answered.summary.records + answered.summary.rejected;
            Ok(true)
        })
        .expect("answers");
        assert_eq!(told, batch.num_rows() as u64);
        start.elapsed().as_secs_f64()
    };
    let seconds = (0..3).map(time).fold(f64::MAX, f64::min);
    let records = batch.num_rows() as f64;
    let each = seconds / records / measures.max(1) as f64 * 1e9;
    println!("{name:<28} {milliseconds:>12.1} {:>14.0} {each:>16.1}", records / seconds);
}

/// Firms like those of the synthetic sets' cases, around every threshold.
fn firms(count: usize) -> RecordBatch {
    let mut state = 20_200_229u64;
    let mut below = |most: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % most
    };
    let kinds = ["enterprise", "institution", "government"];
    let rows: Vec<[u64; 7]> =
        (0..count).map(|_| [3, 600, 10_000_000, 100_000, 60, 36, 2].map(&mut below)).collect();
    let texts = |texts: Vec<String>| Arc::new(StringArray::from(texts)) as ArrayRef;
    let columns: [(&str, ArrayRef); 8] = [
        ("id", texts((0..count).map(|at| format!("F{at}")).collect())),
        ("kind", texts(rows.iter().map(|row| kinds[row[0] as usize].to_owned()).collect())),
        ("employees", Arc::new(rows.iter().map(|row| Some(row[1] as i32)).collect::<Int32Array>())),
        ("revenue", Arc::new(rows.iter().map(|row| Some(row[2] as i64)).collect::<Int64Array>())),
        ("due", Arc::new(rows.iter().map(|row| Some(row[3] as i64)).collect::<Int64Array>())),
        ("resumed", Arc::new(rows.iter().map(|row| Some(18_280 + row[4] as i32)).collect::<Date32Array>())),
        ("term", Arc::new(rows.iter().map(|row| Some(row[5] as i32)).collect::<Int32Array>())),
        ("insured", Arc::new(rows.iter().map(|row| Some(row[6] == 1)).collect::<BooleanArray>())),
    ];
    RecordBatch::try_from_iter(columns).expect("columns of one length")
}
