//! How long `pol check` takes: for the shipped policies, and for synthetic sets of growing size, so that a
//! step that is worse than linear shows. `cargo bench --bench check [-- --quick]`.

#![allow(clippy::disallowed_methods)] // it measures time

use std::path::Path;
use std::time::{Duration, Instant};

use pol::compile;

mod synthetic;

use synthetic::synthetic;

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let runs = if quick { 1 } else { 5 };
    println!("{:<24} {:>10} {:>14}", "set", "best", "per measure");
    for folder in ["policies/common", "policies/shandong-2020"] {
        let count = compile::load(Path::new(folder)).program.measures.len();
        report(folder, count.max(1), best(runs, Path::new(folder)));
    }
    let sizes: &[usize] = if quick { &[100, 1_000] } else { &[100, 1_000, 10_000] };
    for &measures in sizes {
        let folder = tempfile::tempdir().expect("a temporary folder");
        synthetic(folder.path(), measures);
        let time = best(runs, folder.path());
        report(&format!("{measures} measures"), measures, time);
    }
}

fn best(runs: usize, folder: &Path) -> Duration {
    let once = || {
        let start = Instant::now();
        let compiled = compile::load(folder);
        let errors: Vec<_> = compiled.problems.iter().filter(|problem| problem.is_error()).collect();
        assert!(errors.is_empty(), "{}: {:?}", folder.display(), errors[0].message);
        let core = compile::lower(&compiled.program);
        assert!(!core.records.is_empty() || compiled.program.records.is_empty());
        start.elapsed()
    };
    (0..runs).map(|_| once()).min().expect("at least one run")
}

fn report(name: &str, measures: usize, time: Duration) {
    println!(
        "{name:<24} {:>7.1} ms {:>11.1} µs",
        time.as_secs_f64() * 1e3,
        time.as_secs_f64() * 1e6 / measures as f64
    );
}
