//! Generated policies against two engines: the interpreter is the meaning, machine code must give its answers.
//!
//! `POL_GENERATED_SEED` begins elsewhere, `POL_GENERATED_SECONDS` goes on for longer, `POL_GENERATED_FAILURES`
//! looks for more than one difference. Where the process itself dies, its seed stands in
//! `target/tmp/generated-seed`.

mod amounts;
mod case_file;
mod columns;
mod compare;
mod conditions;
mod coverage;
mod measures;
mod planted;
mod policies;
mod random;
mod records;
mod replay;
mod sets;
mod shrink;
mod sorts;
mod tables;
mod tree;
mod writer;

use std::path::Path;
use std::time::{Duration, Instant};

use arrow_array::RecordBatch;
use pol::batch::EngineKind;
use pol::value::Date;

use compare::{Answer, Difference, Run, engine};
use random::Random;
use records::Marks;
use sets::Set;
use shrink::{Failing, Known, Records, Shrinker};

/// Stack for checking expressions, which descends once for each level of them.
const STACK_BYTES: usize = 256 << 20;

/// A number from the environment.
fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var_os(name).and_then(|text| text.to_str()?.parse().ok()).unwrap_or(otherwise)
}

/// The records of a run as values, and as a batch.
fn some_records(random: &mut Random, set: &Set, rows: usize) -> (Vec<Known>, RecordBatch) {
    let marks = Marks::of(&set.plans, &set.plans.records[0]);
    let values = records::columns(random, &set.program, 0, &marks, rows);
    let fields = &set.program.records[0].fields;
    let known = |row: usize| {
        let cells = fields.iter().zip(&values);
        cells.filter_map(|(field, column)| Some((field.name.clone(), column[row].clone()?))).collect()
    };
    let batch = columns::batch(random, &set.program, 0, &values, rows);
    ((0..rows).map(known).collect(), batch)
}

/// What is written about a difference: the smallest policy and records that show it, as a case.
fn report(
    failing: Failing,
    known: Vec<Known>,
    difference: &Difference,
    engines: (&Answer, &Answer),
) -> String {
    let kind = difference.kind().to_owned();
    let mut shrinker = Shrinker { meant: engines.0, found: engines.1, attempts: 6000, kind };
    let small = shrinker.shrink(failing, known, difference.row);
    shrinker.attempts = 1;
    let left = shrinker.differ(&small).map_or_else(String::new, |left| left.to_string());
    let policy = small.tree.to_string();
    let set = sets::read(&policy).expect("only sets that check are kept");
    let case = match &small.records {
        Records::Known(rows) => case_file::write(&policy, &set, &small, rows),
        Records::Raw(batch) => {
            format!("{policy}// as of {}, only with columns of these types:\n{batch:?}", small.as_of)
        }
    };
    format!("{left}\nPut this into tests/cases/agreement/ when it is mended:\n\n{case}")
}

/// How many rows a batch has: around the sizes at which loops change, mostly few.
fn rows(random: &mut Random) -> usize {
    match random.below(12) {
        0 => *random.pick(&[0, 1023, 1024, 1025]),
        1 => *random.pick(&[1, 15, 16, 17]),
        _ => 40 + random.below(160),
    }
}

/// A seed, of which come a set, records, and how they are run.
struct Seed(u64);

impl Seed {
    /// `Err` with a report where the engines differ, `None` where the set does not check.
    fn run(&self, engines: (&Answer, &Answer)) -> Option<Result<(), String>> {
        let mut random = Random::new(self.0);
        let tree = policies::policy(&mut random);
        let set = sets::read(&tree.to_string()).ok()?;
        for _ in 0..1 + random.below(2) {
            let rows = rows(&mut random);
            let (known, batch) = some_records(&mut random, &set, rows);
            let as_of = Date(sorts::day(&mut random).0 + random.between(-1, 1) as i32);
            let threads = if random.chance(10) { 2 } else { 1 };
            let reasons = random.chance(85);
            let params = records::params(&mut random, &set);
            let run = Run { set: &set, record: 0, as_of, threads, reasons, params: &params };
            if let Some(difference) = compare::compare(&run, &batch, engines.0, engines.1) {
                println!("seed {}: {difference}", self.0);
                let failing = Failing { tree, records: Records::Raw(batch), as_of, threads, reasons, params };
                let small = report(failing, known, &difference, engines);
                return Some(Err(format!("seed {}: {difference}\nIn short: {small}", self.0)));
            }
        }
        Some(Ok(()))
    }
}

/// Runs on a stack that is large enough for the deepest expressions.
fn with_room(test: impl FnOnce() + Send + 'static) {
    let worker = std::thread::Builder::new().stack_size(STACK_BYTES);
    let done = worker.spawn(test).expect("a thread").join();
    done.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
}

#[test]
fn engines_agree_on_generated_policies() {
    with_room(agree);
}

#[allow(clippy::disallowed_methods)] // how long to go on is a matter of the clock
fn agree() {
    let first = setting("POL_GENERATED_SEED", 0);
    let end = Instant::now() + Duration::from_secs(setting("POL_GENERATED_SECONDS", 60));
    let most = setting("POL_GENERATED_FAILURES", 1) as usize;
    let (meant, found) = (engine(EngineKind::Interpreter), engine(EngineKind::Jit));
    // Where the process itself ends, this is the seed to look at.
    let mark = Path::new(env!("CARGO_TARGET_TMPDIR")).join("generated-seed");
    let (mut written, mut sound) = (0u64, 0u64);
    let mut reports: Vec<String> = Vec::new();
    while Instant::now() < end && reports.len() < most {
        let seed = first + written;
        std::fs::write(&mark, seed.to_string()).expect("the seed is noted");
        written += 1;
        let Some(done) = Seed(seed).run((&meant, &found)) else { continue };
        sound += 1;
        reports.extend(done.err());
    }
    println!("{written} sets from seed {first}, {sound} of them sound");
    assert!(reports.is_empty(), "{}", reports.join("\n\n"));
    assert!(sound * 100 >= written * 80, "only {sound} of {written} generated sets check");
}
