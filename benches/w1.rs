//! How fast machine code decides the benchmark's records, from columns in memory to answers in memory.
//!
//! `cargo bench --bench w1 -- FILE.parquet [NULLS.parquet]` prints one JSON line for each measurement;
//! `benches/w1/run.py` makes the files, runs this and its peers, and prints the table. With
//! `--baseline FILE.parquet ANSWERS.parquet` it measures what is left where nothing is decided: reading the one file
//! and writing constant columns of the types of the other.

#![allow(clippy::disallowed_methods)] // it measures time
#![allow(clippy::float_arithmetic)] // and divides it

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use arrow_array::{RecordBatch, UInt32Array};
use arrow_select::take::take;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use pol::batch::{BindOptions, Binding, Cells, RawBatch, Records};
use pol::check::typed::{Program, RecordId};
use pol::jit::{self, Answers, Bits, CHUNK, Input, Kernel, Outside, Plans, Request, Shape, Worker};
use pol::value::Date;
use pol::{compile, ir, tables};

const RUNS: usize = 7;

/// The columns of one file.
struct Data {
    shapes: Vec<Shape>,
    batches: Vec<Records>,
    rows: usize,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [flag, file, answers] = &arguments[..]
        && flag == "--baseline"
    {
        return baseline(file, answers);
    }
    let files = arguments;
    let compiled = compile::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/w1"));
    assert!(!compiled.has_errors(), "{:?}", compiled.problems);
    let (program, core) = (&compiled.program, compile::lower(&compiled.program));
    if files.is_empty() {
        println!("a file of records is needed: benches/w1/run.py makes one");
    }
    for file in &files {
        let data = read(program, file);
        for reasons in [true, false] {
            measure(&core, &data, reasons);
        }
    }
}

fn read(program: &Program, file: &str) -> Data {
    let inputs = tables::expand(file, None).expect("a file of records");
    let table = inputs[0].open().expect("a file that can be read");
    let binding = Binding::new(program, RecordId(0), &table.schema, &BindOptions::default());
    let binding = binding.unwrap_or_else(|problems| panic!("{problems:?}"));
    let shapes = binding.shapes(&table.schema);
    let read = |batch: RecordBatch| Records::read(&binding, &shapes, &RawBatch::numbered(batch));
    let batches: Vec<Records> =
        table.map(|chunk| read(chunk.expect("rows that can be read").batch)).collect();
    let rows = batches.iter().map(|batch| batch.len).sum();
    assert!(batches.iter().all(|batch| batch.rejects.is_empty()), "every row is a record");
    Data { shapes, batches, rows }
}

fn measure(core: &ir::Program, data: &Data, reasons: bool) {
    let nulls = data.batches.iter().any(Records::has_nulls);
    let plans = Arc::new(Plans { plan: core.records[0].clone(), params: core.params.clone() });
    let as_of = Date::new(2020, 3, 31).expect("a date");
    let request = Request {
        shapes: data.shapes.clone(),
        nulls,
        reasons,
        as_of,
        values: Vec::new(),
        room: Vec::new(),
        threads: 1,
    };
    let kernel = Kernel::compile(plans, request).expect("machine code");
    let variant = match (nulls, reasons) {
        (false, true) => "",
        (false, false) => " without reasons",
        (true, true) => " with nulls",
        (true, false) => " with nulls, without reasons",
    };
    for threads in [1, 2] {
        let mut runs = workers(&kernel, data, threads);
        let seconds = best(|| parallel(&mut runs, |run| run.all(&kernel, data)));
        let sums = if threads == 1 {
            format!(",\"sums\":{}", sums(core, &kernel, &runs[0].answers))
        } else {
            String::new()
        };
        println!(
            "{{\"peer\":\"pol\",\"mode\":\"K memory{variant}\",\"threads\":{threads},\"rows\":{},\"seconds\":{seconds}{sums}}}",
            data.rows
        );
    }
    let mut runs = workers(&kernel, data, 1);
    let rounds = (data.rows / (4 * CHUNK)).max(1);
    let seconds = best(|| runs[0].cached(&kernel, data, rounds));
    println!(
        "{{\"peer\":\"pol\",\"mode\":\"K cache{variant}\",\"threads\":1,\"rows\":{},\"seconds\":{seconds}}}",
        rounds * 4 * CHUNK
    );
}

/// Reads a file on one thread and writes as many constant rows on the other, or both on one.
fn baseline(file: &str, answers: &str) {
    let open = |file: &str| {
        let file = std::fs::File::open(file).expect("a file that can be read");
        ParquetRecordBatchReaderBuilder::try_new(file).expect("a Parquet file").with_batch_size(65_536)
    };
    let one = open(answers).build().expect("answers").next().expect("a row").expect("a row").slice(0, 1);
    let constant = |rows: usize| {
        let columns = one.columns().iter();
        let columns =
            columns.map(|column| take(column, &UInt32Array::from(vec![0; rows]), None).expect("rows"));
        RecordBatch::try_new(one.schema(), columns.collect()).expect("columns of one length")
    };
    let whole = constant(65_536);
    let out = Path::new(answers).with_extension("baseline");
    let writer = || {
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
        let out = std::fs::File::create(&out).expect("a file that can be written");
        ArrowWriter::try_new(out, one.schema(), Some(properties)).expect("a writer")
    };
    for threads in [1, 2] {
        let start = Instant::now();
        let mut rows = 0;
        let mut writer = writer();
        let mut write = |batch: RecordBatch| {
            rows += batch.num_rows();
            writer.write(&whole.slice(0, batch.num_rows())).expect("room for it");
        };
        let batches = open(file).build().expect("a reader").map(|batch| batch.expect("rows"));
        if threads == 1 {
            batches.for_each(&mut write);
        } else {
            let (sender, receiver) = std::sync::mpsc::sync_channel(3);
            std::thread::scope(|scope| {
                scope.spawn(move || batches.for_each(|batch| sender.send(batch).expect("a writer")));
                receiver.iter().for_each(&mut write);
            });
        }
        writer.close().expect("room for it");
        let seconds = start.elapsed().as_secs_f64();
        println!(
            "{{\"peer\":\"constants\",\"mode\":\"E parquet\",\"threads\":{threads},\"rows\":{rows},\"seconds\":{seconds}}}"
        );
    }
    std::fs::remove_file(out).expect("it was written");
}

/// One thread's share of the batches, and its memory.
struct Part {
    batches: Vec<usize>,
    worker: Worker,
    answers: Answers,
    beyond: Vec<u32>,
}

fn workers(kernel: &Kernel, data: &Data, threads: usize) -> Vec<Part> {
    let share = data.batches.len().div_ceil(threads);
    let part = |part: usize| {
        let batches: Vec<usize> = (part * share..((part + 1) * share).min(data.batches.len())).collect();
        let rows: usize = batches.iter().map(|at| data.batches[*at].len.next_multiple_of(CHUNK)).sum();
        Part {
            batches,
            worker: Worker::new(kernel, &[]),
            answers: Answers::new(kernel.outputs(), rows.max(4 * CHUNK)),
            beyond: Vec::new(),
        }
    };
    (0..threads).map(part).collect()
}

impl Part {
    fn all(&mut self, kernel: &Kernel, data: &Data) {
        self.answers.clear();
        for at in self.batches.clone() {
            let inputs = inputs(&data.batches[at]);
            self.chunks(kernel, &inputs, data.batches[at].len);
        }
        assert!(self.beyond.is_empty(), "every record is decided by the code");
    }

    fn cached(&mut self, kernel: &Kernel, data: &Data, rounds: usize) {
        let inputs = inputs(&data.batches[0]);
        let rows = data.batches[0].len.min(4 * CHUNK);
        for _ in 0..rounds {
            self.answers.clear();
            self.chunks(kernel, &inputs, rows);
        }
    }

    fn chunks(&mut self, kernel: &Kernel, inputs: &[Input], rows: usize) {
        for start in (0..rows).step_by(CHUNK) {
            let count = CHUNK.min(rows - start);
            let chunk: Vec<Input> = inputs.iter().map(|input| input.slice(start, count)).collect();
            let (answers, beyond) = (&mut self.answers, &mut self.beyond);
            self.worker.run(kernel, &chunk, count, Outside::default(), answers, beyond);
        }
    }
}

fn inputs(records: &Records) -> Vec<Input<'_>> {
    records.columns.iter().map(input_of).collect()
}

fn input_of(column: &pol::batch::FieldColumn) -> Input<'_> {
    let cells = match &column.cells {
        Cells::Absent | Cells::Text(_) => jit::Cells::Absent,
        Cells::Bool(bits) => jit::Cells::Bool(Bits { bytes: bits.values(), offset: bits.offset() }),
        Cells::Enum(cells) => jit::Cells::Enum(cells),
        Cells::Int32(cells) => jit::Cells::Int32(cells),
        Cells::Int64(cells) => jit::Cells::Int64(cells),
    };
    let valid = column.nulls.as_ref().map(|nulls| Bits { bytes: nulls.validity(), offset: nulls.offset() });
    Input { cells, valid }
}

fn parallel(runs: &mut [Part], work: impl Fn(&mut Part) + Sync) {
    if let [only] = runs {
        return work(only);
    }
    std::thread::scope(|scope| {
        for run in runs {
            let work = &work;
            scope.spawn(move || work(run));
        }
    });
}

fn best(mut run: impl FnMut()) -> f64 {
    let time = |_| {
        let start = Instant::now();
        run();
        start.elapsed().as_secs_f64()
    };
    (0..RUNS).map(time).fold(f64::MAX, f64::min)
}

/// The sum of each column of money and years, and how many records each measure grants.
fn sums(core: &ir::Program, kernel: &Kernel, answers: &Answers) -> String {
    let mut sums: Vec<String> = Vec::new();
    for (measure, outputs) in core.records[0].measures.iter().zip(&kernel.outputs().measures) {
        let Some(outputs) = outputs else { continue };
        for (column, written) in measure.columns.iter().zip(&outputs.columns) {
            if let Some(least) = written.least {
                let sum: i128 = (0..answers.len()).map(|row| i128::from(answers.int(least, row))).sum();
                sums.push(format!("\"{}.{}\":{sum}", measure.name, column.name));
            }
        }
        if let (Some(branch), Some(choice)) = (outputs.branch, &measure.choice) {
            for (at, own) in choice.branches.iter().enumerate() {
                let count = answers.bytes(branch).iter().filter(|taken| usize::from(**taken) == at).count();
                sums.push(format!("\"{}.{}\":{count}", measure.name, own.test.name));
            }
        }
    }
    format!("{{{}}}", sums.join(","))
}
