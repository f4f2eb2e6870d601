//! Generated policies against two engines: the interpreter is the meaning, machine code must give its answers.
//!
//! `POL_GENERATED_SEED` begins elsewhere, `POL_GENERATED_SECONDS` goes on for longer, `POL_GENERATED_FAILURES`
//! looks for more than one difference. Where the process itself dies, its seed stands in
//! `target/tmp/generated-seed-*`.

#![cfg(feature = "batch")]

mod across;
mod amends;
mod amounts;
mod benefits;
mod between;
mod case_file;
mod columns;
mod compare;
mod conditions;
mod coverage;
mod engines;
mod givens;
mod kinds;
mod layout;
mod meaning;
mod measures;
mod oracle;
mod planted;
mod policies;
mod population;
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
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use pol::batch::EngineKind;
use pol::value::{Date, Value};

use compare::Difference;
use engines::{Answer, How, Run, engine};
use population::{Rows, Table};
use random::Random;
use sets::Set;
use shrink::{Failing, Shrinker};
use tree::Node;

/// Stack for checking expressions, which descends once for each level of them.
const STACK_BYTES: usize = 256 << 20;

/// A number from the environment.
fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var_os(name).and_then(|text| text.to_str()?.parse().ok()).unwrap_or(otherwise)
}

/// What is written about a difference: the smallest policy and records that show it, as a case.
fn report(
    failing: Failing,
    known: Vec<Table>,
    difference: &Difference,
    engines: (&Answer, &Answer),
) -> String {
    let kind = difference.kind().to_owned();
    let mut shrinker = Shrinker { meant: engines.0, found: engines.1, attempts: 6000, kind };
    let set = sets::read(&failing.tree.to_string()).expect("only sets that check are kept");
    let name = difference.record.map(|record| &set.program.records[record].head.name);
    let place = known.iter().position(|table| Some(&table.kind) == name).zip(difference.row);
    let small = shrinker.shrink(failing, known, place);
    shrinker.attempts = 1;
    let left = shrinker.differ(&small).map_or_else(String::new, |left| left.to_string());
    let policy = small.tree.to_string();
    let set = sets::read(&policy).expect("only sets that check are kept");
    let run = Run { set: &set, as_of: small.as_of, how: small.how, params: &small.params };
    let mut text = format!("{left}\nPut this into tests/cases/agreement/ when it is mended:\n\n");
    if small.tables.iter().all(|table| matches!(table.rows, Rows::Known(_))) {
        text.push_str(&case_file::write(&policy, &run, &small.tables));
    } else {
        let (as_of, batches) = (small.as_of, population::batches(&set.program, &small.tables));
        text.push_str(&format!("{policy}// as of {as_of}, only with columns of these types:\n{batches:?}"));
    }
    text.push_str(&format!("// run so: {:?}\n", small.how));
    text
}

/// How many rows a batch has: around the sizes at which loops change, mostly few.
fn rows(random: &mut Random) -> usize {
    match random.below(12) {
        0 => *random.pick(&[0, 1023, 1024, 1025, 2049]),
        1 => *random.pick(&[1, 15, 16, 17]),
        _ => 40 + random.below(160),
    }
}

/// A seed, of which come a set, records, and how they are run.
struct Seed(u64);

/// A policy and records, and how they are run.
struct Drawn {
    tree: Node,
    set: Set,
    /// The records as values, and as they come.
    known: Vec<Table>,
    raw: Vec<Table>,
    as_of: Date,
    how: How,
    params: Vec<(String, Value)>,
}

impl Seed {
    /// Some runs of one set; none where the set does not check.
    fn draw(&self) -> impl Iterator<Item = Drawn> {
        let mut random = Random::new(self.0);
        let tree = policies::policy(&mut random);
        let set = sets::read(&tree.to_string()).ok();
        let runs = if set.is_some() { 1 + random.below(2) } else { 0 };
        (0..runs).filter_map(move |_| {
            let (tree, set) = (tree.clone(), set.clone()?);
            let rows = rows(&mut random);
            let (known, raw) = population::some(&mut random, &set, rows);
            let as_of = records::as_of(&mut random, &set);
            let how = How::any(&mut random);
            let params = records::params(&mut random, &set);
            Some(Drawn { tree, set, known, raw, as_of, how, params })
        })
    }

    /// `Err` with a report where the engines differ, `None` where the set does not check.
    fn run(&self, engines: (&Answer, &Answer)) -> Option<Result<(), String>> {
        let mut any = None;
        for drawn in self.draw() {
            any = Some(Ok(()));
            let Drawn { tree, set, known, raw, as_of, how, params } = drawn;
            let run = Run { set: &set, as_of, how, params: &params };
            let batches = population::batches(&set.program, &raw);
            let meant = (engines.0)(&run, &batches).ok();
            let by_hand = meant.and_then(|meant| oracle::differ(&run, &known, &meant));
            if let Some(difference) = by_hand {
                let words = format!("seed {}, read otherwise: {difference}\n{tree}", self.0);
                return Some(Err(format!("{words}\n{how:?} as of {as_of}\n{batches:?}")));
            }
            if let Some(difference) = compare::compare(&run, &batches, engines.0, engines.1) {
                println!("seed {}: {difference}", self.0);
                let failing = Failing { tree, tables: raw, as_of, how, params: params.clone() };
                let small = report(failing, known, &difference, engines);
                return Some(Err(format!("seed {}: {difference}\nIn short: {small}", self.0)));
            }
        }
        any
    }
}

/// Begins something on a stack that is large enough for the deepest expressions.
fn on_a_deep_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    std::thread::Builder::new().stack_size(STACK_BYTES).spawn(work).expect("a thread")
}

/// Runs a test on a deep stack.
fn with_room(test: impl FnOnce() + Send + 'static) {
    on_a_deep_stack(test).join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
}

/// How many sets were written, how many of them check, and what differs.
#[derive(Default)]
struct Tally {
    written: u64,
    sound: u64,
    reports: Vec<String>,
}

/// Goes through every `step`th seed from `first` until the time is over or enough was found.
#[allow(clippy::disallowed_methods)] // how long to go on is a matter of the clock
fn some_seeds(first: u64, step: u64, end: Instant, most: usize) -> Tally {
    let (meant, found) = (engine(EngineKind::Interpreter), engine(EngineKind::Jit));
    // Where the process itself ends, this is the seed to look at.
    let mark = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("generated-seed-{}", first % step));
    let mut tally = Tally::default();
    while Instant::now() < end && tally.reports.len() < most {
        let seed = first + tally.written * step;
        std::fs::write(&mark, seed.to_string()).expect("the seed is noted");
        tally.written += 1;
        let Some(done) = Seed(seed).run((&meant, &found)) else { continue };
        tally.sound += 1;
        tally.reports.extend(done.err());
    }
    tally
}

#[test]
#[allow(clippy::disallowed_methods)]
fn engines_agree_on_generated_policies() {
    let first = setting("POL_GENERATED_SEED", 0);
    let end = Instant::now() + Duration::from_secs(setting("POL_GENERATED_SECONDS", 60));
    let most = setting("POL_GENERATED_FAILURES", 1) as usize;
    let workers = std::thread::available_parallelism().map_or(1, |count| count.get().min(8)) as u64;
    let seeds = |worker| move || some_seeds(first + worker, workers, end, most);
    let running: Vec<_> = (0..workers).map(|worker| on_a_deep_stack(seeds(worker))).collect();
    let mut all = Tally::default();
    for worker in running {
        let tally = worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        all.written += tally.written;
        all.sound += tally.sound;
        all.reports.extend(tally.reports);
    }
    println!("{} sets from seed {first}, {} of them sound", all.written, all.sound);
    assert!(all.reports.is_empty(), "{}", all.reports.join("\n\n"));
    assert!(all.sound * 100 >= all.written * 80, "only {} of {} sets check", all.sound, all.written);
}
