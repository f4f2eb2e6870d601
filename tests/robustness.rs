//! Any bytes as a policy: a problem with its place, never a panic, never a hang. Bounded in time: the same
//! seeds in every run, so that a failure can be repeated.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use pol::compile::{self, Compiled};
use pol::diag::render::{Format, render};
use proptest::prelude::*;

const MANIFEST: &str = "name = \"fuzz\"\n";

/// Checks one file as a set, renders what is found in every format, and lowers and runs what is sound.
fn survive(policy: &[u8], manifest: &[u8]) -> Compiled {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("pol.toml"), manifest).expect("written");
    fs::write(folder.path().join("p.pol"), policy).expect("written");
    fs::write(folder.path().join("source.txt"), "1.第一条每人1000元。\n2.第二条。\n").expect("written");
    let compiled = compile::load(folder.path());
    for format in Format::ALL {
        let mut out = Vec::new();
        render(&compiled.problems, &compiled.sources, format, false, &mut out)
            .expect("a problem can be shown");
    }
    if !compiled.has_errors() {
        let core = compile::lower(&compiled.program);
        assert!(pol::ir::verify(&core).is_empty());
        pol::trial::run(&compiled.program, &core, pol::trial::Options::new(compiled.language));
    }
    compiled
}

fn shipped() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let names = [
        "policies/shandong-2020/employment.pol",
        "policies/shandong-2020/trade.pol",
        "tests/cases/across/rank.pol",
        "tests/cases/amounts/rounding.pol",
        "tests/cases/tables/rows.pol",
    ];
    names.map(|name| fs::read_to_string(root.join(name)).expect("a policy is text")).to_vec()
}

/// A small generator of numbers (xorshift), so that mutations need no crate and repeat.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides.max(1) as u64) as usize
    }
}

/// Deletes, doubles, swaps or replaces tokens.
fn mutate(text: &str, dice: &mut Dice) -> String {
    let lexemes = pol::syntax::scan::lex(text);
    let mut tokens: Vec<&str> = lexemes.iter().map(|lexeme| &text[lexeme.start..lexeme.end]).collect();
    const STRANGE: [&str; 14] = [
        "{",
        "}",
        "(",
        ")",
        "\"",
        "“",
        "=>",
        "..",
        "99999999999999999999999999999999999999999",
        "2020-02-30",
        "else",
        "\u{202E}",
        "\u{0}",
        "0",
    ];
    for _ in 0..1 + dice.roll(4) {
        if tokens.is_empty() {
            break;
        }
        let at = dice.roll(tokens.len());
        match dice.roll(6) {
            0 => drop(tokens.remove(at)),
            1 => tokens.insert(at, tokens[at]),
            2 => {
                let other = dice.roll(tokens.len());
                tokens.swap(at, other);
            }
            3 => tokens[at] = STRANGE[dice.roll(STRANGE.len())],
            4 => tokens.truncate(at),
            _ => tokens[at] = tokens[dice.roll(tokens.len())],
        }
    }
    tokens.concat()
}

#[test]
#[allow(clippy::disallowed_methods)] // bounds the time of the test
fn mutated_policies_survive() {
    let texts = shipped();
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let start = Instant::now();
    let mut runs = 0;
    while start.elapsed() < Duration::from_secs(8) {
        let text = &texts[runs % texts.len()];
        survive(mutate(text, &mut dice).as_bytes(), MANIFEST.as_bytes());
        runs += 1;
    }
    assert!(runs > 50, "only {runs} mutations were tried");
}

#[test]
fn nothing_too_deep_too_long_or_too_strange() {
    let many = |part: &str, count: usize| part.repeat(count);
    let texts = [
        many("(", 100_000),
        format!("define a for b = {}", many("(", 100_000)),
        format!("define a for b = {}", many("{", 100_000)),
        format!("define a for b = {}x", many("not ", 100_000)),
        format!("define a for b = {}x", many("- ", 100_000)),
        format!("define a for b = {}x", many("known ", 100_000)),
        format!("define a for b = {}x", many("x + ", 20_000)),
        format!("define a for b = {}x", many("if x then y else ", 900)),
        format!("define a for b = {}x", many("sum of ", 900)),
        many("“", 100_000),
        many("”", 100_000),
        format!("principle x {}a{} {{ reason \"r\" }}", many("“", 200_000), many("”", 200_000)),
        format!("define a for b = {}x{}", many("(", 200_000), many(")", 200_000)),
        many("\"", 99_999),
        many("x", 1_000_000),
        many("measure ", 50_000),
        many("\0", 10_000),
        many("\u{202E}", 10_000),
        many("///\n", 50_000),
        String::new(),
    ];
    for text in texts {
        survive(text.as_bytes(), MANIFEST.as_bytes());
        // What the formatter reads goes the same way, and what editors do, on a stack like that of their server.
        pol::syntax::format::format(&[&text], &Default::default());
        let server = std::thread::Builder::new().stack_size(pol::load::STACK_BYTES);
        let colours = server.spawn(move || pol::syntax::terminals(pol::source::FileId(0), &text).len());
        colours.expect("a thread").join().expect("colours");
    }
}

#[test]
fn every_single_byte_is_answered() {
    for byte in 0..=255u8 {
        let compiled = survive(&[byte], MANIFEST.as_bytes());
        let blank = byte == b'\n' || byte == b'\r' || byte == b' ' || byte == b'\t';
        assert_eq!(compiled.has_errors(), !blank, "byte {byte}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_as_a_policy(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        survive(&bytes, MANIFEST.as_bytes());
    }

    #[test]
    fn any_text_as_a_policy(text in "\\PC{0,200}") {
        survive(text.as_bytes(), MANIFEST.as_bytes());
    }

    #[test]
    fn any_bytes_as_a_manifest(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        survive(b"enum E { a }", &bytes);
    }

    #[test]
    fn any_words_as_a_manifest(text in "(name|uses|lints|rounding|sources|language|=|\"a\"|\\[|\\]|\n| |1|\\{|\\}){0,30}") {
        survive(b"enum E { a }", text.as_bytes());
    }
}
