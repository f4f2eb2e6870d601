//! How long the layout of 100,000 lines takes: of the shipped policies over and over, as they are, with all their
//! white space changed, and turned into the other language. `cargo bench --no-default-features --bench fmt`.

#![allow(clippy::disallowed_methods)] // it measures time

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use pol::syntax::format::{Options, format};
use pol::syntax::words::Tongue;

const LINES: usize = 100_000;
const RUNS: usize = 5;

fn main() {
    let texts = policies();
    let lines: usize = texts.iter().map(|text| text.lines().count()).sum();
    println!("{lines} lines in {} files", texts.len());
    let untidy: Vec<String> =
        texts.iter().map(|text| text.replace("  ", "   ").replace(": ", " :")).collect();
    let chinese = Options { keywords: Some(Tongue::Chinese), ..Options::default() };
    report("in the layout", &texts, &Options::default());
    report("every line changes", &untidy, &Options::default());
    report("every keyword changes", &texts, &chinese);
    report("in one file", &[texts.concat()], &Options::default());
}

/// The shipped policies, as often as makes enough lines.
fn policies() -> Vec<String> {
    let (mut found, mut waiting) = (Vec::new(), vec![Path::new("policies").to_owned()]);
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).expect("the folder can be read").flatten() {
            match entry.path() {
                path if path.is_dir() => waiting.push(path),
                path if path.extension().is_some_and(|end| end == "pol") => {
                    found.push(fs::read_to_string(path).expect("a policy is text"));
                }
                _ => {}
            }
        }
    }
    let lines: usize = found.iter().map(|text| text.lines().count()).sum();
    let times = LINES.div_ceil(lines.max(1));
    (0..times).flat_map(|_| found.clone()).collect()
}

fn report(what: &str, texts: &[String], options: &Options) {
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let once = || {
        let start = Instant::now();
        let found = format(&texts, options);
        assert!(found.iter().all(|one| one.left.is_empty()), "everything is formatted");
        start.elapsed()
    };
    let best: Duration = (0..RUNS).map(|_| once()).min().expect("at least one run");
    println!("{what:<24} {:>7.0} ms", best.as_secs_f64() * 1e3);
}
