//! Samples: what is made is read back as it was meant, nothing is rejected, conditions are seen to hold and to fail,
//! and the same seed gives the same rows. On the shipped policies, on every text case, and through the command.
#![cfg(feature = "cli")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, LazyLock};

use pol::batch::{BindOptions, Binding, RawBatch, Records};
use pol::boundary::{Reach, beside, boundaries, days, value_at};
use pol::check::show::Language;
use pol::check::typed::RecordId;
use pol::compile::{self, Compiled};
use pol::interp::{Evaluator, Inputs, facts};
use pol::ir::{self, Source};
use pol::sample::{Profile, Request, Sample, Words};
use pol::trial;
use pol::value::{Date, Fact, Value};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn shandong() -> &'static Compiled {
    static LOADED: LazyLock<Compiled> =
        LazyLock::new(|| compile::load(&root().join("policies/shandong-2020")));
    &LOADED
}

fn request(compiled: &Compiled, rows: u64) -> Request {
    let ids = (0..compiled.program.records.len()).map(|at| (RecordId(at as u32), rows));
    Request { seed: 7, rows: ids.collect(), as_of: None }
}

fn sample(compiled: &Compiled, profile: &Profile, request: &Request) -> Result<Sample, String> {
    let core = Arc::new(compile::lower(&compiled.program));
    Sample::new(&Arc::new(compiled.program.clone()), &core, profile, request)
}

/// Reads every record of a sample back, as `pol eval` does, and holds it against what was meant.
fn assert_read_as_meant(compiled: &Compiled, sample: &Sample, words: Words) {
    for (at, record) in sample.records.iter().enumerate() {
        let laid = sample.lay_out(at, words).expect("it can be laid out");
        let name = record.name();
        let bound = Binding::new(&compiled.program, record.record, laid.schema(), &BindOptions::default());
        let binding = bound.unwrap_or_else(|problems| panic!("{name}: {problems:?}"));
        assert!(binding.unknown.is_empty() && binding.missing.is_empty(), "{name}: {binding:?}");
        let batch = laid.batch(0, record.rows as usize).expect("a batch");
        assert_eq!(batch.num_rows() as u64, record.rows);
        let shapes = binding.shapes(laid.schema());
        let read = Records::read(&binding, &shapes, &RawBatch::numbered(batch));
        assert!(read.rejects.is_empty(), "{name}: {:?}", read.rejects);
        let keys: Vec<usize> = (0..binding.fields.len()).filter(|at| binding.fields[*at].key).collect();
        let mut seen = BTreeSet::new();
        for row in 0..record.rows {
            let meant = laid.row(row);
            assert_eq!(read.row(&shapes, row as usize), meant, "{name} row {row}");
            let key: Vec<Option<Value>> = keys.iter().map(|at| meant[*at].clone()).collect();
            assert!(key.iter().all(Option::is_some), "{name} row {row} has no key");
            assert!(keys.is_empty() || seen.insert(key), "{name} row {row} has the key of another");
        }
    }
}

#[test]
fn shipped_records_are_read_as_meant() {
    let compiled = shandong();
    let sample = sample(compiled, &Profile::default(), &request(compiled, 300)).expect("a sample");
    for words in [Words::Names, Words::Labels(Language::Chinese), Words::Labels(Language::English)] {
        assert_read_as_meant(compiled, &sample, words);
    }
}

/// The sets of `tests/cases/`, each loaded; single files have a manifest made for them.
fn text_cases() -> Vec<(PathBuf, Compiled)> {
    let (mut found, mut waiting) = (Vec::new(), vec![root().join("tests/cases")]);
    while let Some(folder) = waiting.pop() {
        for path in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            if path.join("pol.toml").exists() {
                found.push((path.clone(), compile::load(&path)));
            } else if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|end| end == "pol") {
                let set = tempfile::tempdir().expect("a folder can be made");
                fs::write(set.path().join("pol.toml"), "name = \"case\"\n").expect("a file is written");
                fs::copy(&path, set.path().join("case.pol")).expect("the case is copied");
                found.push((path, compile::load(set.path())));
            }
        }
    }
    found.retain(|(_, compiled)| !compiled.has_errors());
    assert!(found.len() > 40, "the text cases are not found any more");
    found
}

#[test]
fn records_of_every_text_case_are_read_as_meant() {
    for (path, compiled) in text_cases() {
        let mut request = request(&compiled, 60);
        let made = sample(&compiled, &Profile::default(), &request).or_else(|message| {
            // Keys of few values: as many rows as the message says.
            assert!(message.contains("different keys"), "{}: {message}", path.display());
            request.rows.values_mut().for_each(|rows| *rows = 2);
            sample(&compiled, &Profile::default(), &request)
        });
        let made = made.unwrap_or_else(|message| panic!("{}: {message}", path.display()));
        for words in [Words::Names, Words::Labels(Language::English)] {
            assert_read_as_meant(&compiled, &made, words);
        }
    }
}

#[test]
fn conditions_are_seen_to_hold_and_to_fail() {
    let compiled = shandong();
    let core = compile::lower(&compiled.program);
    let sample = sample(compiled, &Profile::default(), &request(compiled, 10_000)).expect("a sample");
    // Some conditions were others before the decree.
    let days =
        [(2020, 2, 28), (2020, 3, 31)].map(|(year, month, day)| Date::new(year, month, day).expect("a day"));
    let inputs = days.map(|day| Inputs::new(&core, day));
    let left: Vec<String> =
        (0..sample.records.len()).flat_map(|at| unseen(&core, &sample, at, &inputs)).collect();
    assert!(left.is_empty(), "never true or never false: {left:?}");
}

/// The conditions of a record that its sample does not show both ways, where the fields of the record decide them.
fn unseen(core: &ir::Program, sample: &Sample, at: usize, inputs: &[Inputs]) -> Vec<String> {
    let record = &sample.records[at];
    let plan = &core.records[record.record.index()];
    let reach = Reach::new(plan);
    let own =
        |input: u16| matches!(plan.inputs[usize::from(input)].source, Source::Field | Source::Member { .. });
    let mut waiting = Vec::new();
    for measure in &plan.measures {
        for (_, test) in trial::tests(measure) {
            let decided = !reach.looks_across(test.node) && reach.inputs(test.node).all(own);
            if decided && reach.inputs(test.node).next().is_some() {
                waiting.push((format!("{}.{}", measure.name, test.name), test.node, [false; 2]));
            }
        }
    }
    let laid = sample.lay_out(at, Words::Names).expect("it can be laid out");
    let start = facts(plan, &[]);
    let mut evaluators: Vec<Evaluator<'_>> =
        inputs.iter().map(|inputs| Evaluator::new(plan, inputs, None, &start)).collect();
    for row in 0..record.rows {
        if waiting.is_empty() {
            break;
        }
        let facts = facts(plan, &laid.row(row));
        for evaluator in &mut evaluators {
            evaluator.load(&facts);
            for (_, node, seen) in &mut waiting {
                if let Fact::Known(Value::Bool(truth)) = evaluator.fact(*node) {
                    seen[usize::from(truth)] = true;
                }
            }
        }
        waiting.retain(|(_, _, seen)| *seen != [true, true]);
    }
    waiting.into_iter().map(|(name, _, seen)| format!("{name} {seen:?}")).collect()
}

#[test]
fn every_boundary_and_its_neighbours_are_there() {
    let compiled = shandong();
    let (program, core) = (&compiled.program, compile::lower(&compiled.program));
    let sample = sample(compiled, &Profile::default(), &request(compiled, 6_000)).expect("a sample");
    let days = days(&core);
    let mut count = 0;
    for (at, record) in sample.records.iter().enumerate() {
        let found = boundaries(program, &core, record.record, &days);
        let fields = &program.records[record.record.index()].fields;
        let laid = sample.lay_out(at, Words::Names).expect("it can be laid out");
        // Fields with many boundaries would need more rows.
        let few = |at: &usize| !fields[*at].key && (1..=12).contains(&found.fields[*at].len());
        let watched: Vec<usize> = (0..fields.len()).filter(few).collect();
        let mut seen: BTreeMap<usize, BTreeSet<Value>> = BTreeMap::new();
        for row in 0..record.rows {
            let values = laid.row(row);
            watched.iter().for_each(|at| seen.entry(*at).or_default().extend(values[*at].clone()));
        }
        for at in watched {
            let field = &fields[at];
            let around = found.fields[at].iter().flat_map(|own| beside(field, own).all());
            for value in around.filter_map(|at| value_at(&field.ty, &at)) {
                count += 1;
                assert!(seen[&at].contains(&value), "{}.{} is never {value:?}", record.name(), field.name);
            }
        }
    }
    assert!(count > 300, "only {count} values beside boundaries were looked for");
}

#[test]
fn rows_are_the_same_whatever_else_is_made() {
    let compiled = shandong();
    let all = sample(compiled, &Profile::default(), &request(compiled, 500)).expect("a sample");
    let (at, enterprise) =
        all.records.iter().enumerate().find(|(_, own)| own.name() == "Enterprise").expect("it is there");
    let laid = all.lay_out(at, Words::Names).expect("it can be laid out");
    let whole = laid.batch(0, 500).expect("a batch");
    let (first, rest) = (laid.batch(0, 123).expect("a batch"), laid.batch(123, 1_000).expect("a batch"));
    assert_eq!(whole.slice(0, 123), first);
    assert_eq!(whole.slice(123, 377), rest);
    let mut alone = Request { seed: 7, ..Request::default() };
    alone.rows.insert(enterprise.record, 500);
    let alone = sample(compiled, &Profile::default(), &alone).expect("a sample");
    assert_eq!(
        alone.lay_out(0, Words::Names).expect("it can be laid out").batch(0, 500).expect("a batch"),
        whole
    );
    let mut other = request(compiled, 500);
    other.seed = 8;
    let other = sample(compiled, &Profile::default(), &other).expect("a sample");
    assert_ne!(
        other.lay_out(at, Words::Names).expect("it can be laid out").batch(0, 500).expect("a batch"),
        whole
    );
}

#[test]
fn keys_link_records() {
    let compiled = shandong();
    let all = sample(compiled, &Profile::default(), &request(compiled, 80)).expect("a sample");
    let place = |name: &str| all.records.iter().position(|own| own.name() == name).expect("it is there");
    let column = |record: &str, field: usize| -> BTreeSet<Value> {
        let laid = all.lay_out(place(record), Words::Names).expect("it can be laid out");
        (0..80).filter_map(|row| laid.row(row)[field].clone()).collect()
    };
    let borrowers = column("BusinessLoan", 1);
    assert!(borrowers.len() > 20 && borrowers.is_subset(&column("Enterprise", 0)), "{borrowers:?}");
    assert!(column("Person", 1).is_subset(&column("Household", 0)));
}

// ---------------------------------------------------------------- profiles

const SHOP: &str = "policy p \"p\" { issued 2020-03-01  rounding half_up to 1分 }
enum Kind { food, books, toys }
record Shop {
  key shop: text
  kind: Kind
  opened: date
  sales: money as 万元 in 0元..1亿元
  growth: rate
  area: number 公顷?
  open_at: time
  city: text
  small: bool
}
measure m for Shop { require { a: sales > 500万元 and city == \"Jinan\" } pay x = sales * 1% }
";

fn shop() -> (tempfile::TempDir, Compiled) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    fs::write(folder.path().join("pol.toml"), "name = \"shop\"\n").expect("a file is written");
    fs::write(folder.path().join("shop.pol"), SHOP).expect("a file is written");
    let compiled = compile::load(folder.path());
    assert!(!compiled.has_errors(), "{:?}", compiled.problems);
    (folder, compiled)
}

#[test]
fn a_profile_says_what_fields_are_like() {
    let (_folder, compiled) = shop();
    let text = r#"
missing = "0%"
boundaries = 0
[Shop.kind]
weights = { food = 3, toys = 1 }
[Shop.sales]
distribution = "log-normal"
median = "300万元"
spread = 4
step = "100元"
[Shop.growth]
range = ["-10%", "10%"]
[Shop.area]
missing = "50%"
range = "1亩..15亩"
[Shop.city]
values = ["Jinan", "Qingdao"]
boundaries = "0%"
[Shop.small]
true = "90%"
[Shop.opened]
range = ["2019-01-01", "2019-12-31"]
[Shop.shop]
prefix = "S"
"#;
    let profile = Profile::read(&compiled.program, text).expect("a profile");
    let made = sample(&compiled, &profile, &request(&compiled, 4_000)).expect("a sample");
    assert_read_as_meant(&compiled, &made, Words::Labels(Language::English));
    let laid = made.lay_out(0, Words::Names).expect("it can be laid out");
    let rows: Vec<Vec<Option<Value>>> = (0..4_000).map(|row| laid.row(row)).collect();
    let count = |test: &dyn Fn(&[Option<Value>]) -> bool| rows.iter().filter(|row| test(row)).count();
    let number = |value: &Option<Value>| match value {
        Some(Value::Number(number)) => number.clone(),
        other => panic!("{other:?} is no number"),
    };
    let of = |text: &str| text.parse::<pol::value::Number>().expect("a number");
    assert_eq!(rows[0][0], Some(Value::Text("S00000001".into())));
    assert_eq!(count(&|row| row[1] == Some(Value::Enum(1))), 0);
    assert!((2_800..3_200).contains(&count(&|row| row[1] == Some(Value::Enum(0)))));
    assert!((1_850..2_150).contains(&count(&|row| number(&row[3]) < of("3000000"))));
    assert!(rows.iter().all(|row| number(&row[3]).div(&of("100")).expect("not by zero").is_integer()));
    assert!(rows.iter().all(|row| (of("-0.1")..=of("0.1")).contains(&number(&row[4]))));
    assert!((1_850..2_150).contains(&count(&|row| row[5].is_none())));
    assert!(
        rows.iter().filter(|row| row[5].is_some()).all(|row| (of("1")..=of("15")).contains(&number(&row[5])))
    );
    assert_eq!(rows.iter().map(|row| row[7].clone()).collect::<BTreeSet<_>>().len(), 2);
    assert!((3_500..3_700).contains(&count(&|row| row[8] == Some(Value::Bool(true)))));
}

#[test]
fn what_is_wrong_with_a_profile_is_said() {
    let (_folder, compiled) = shop();
    let told = |text: &str| match Profile::read(&compiled.program, text) {
        Err(message) => message,
        Ok(profile) => match sample(&compiled, &profile, &request(&compiled, 10)) {
            Err(message) => message,
            Ok(_) => panic!("nothing is wrong with {text}"),
        },
    };
    for (text, part) in [
        ("[Shp.kind]\nmissing = 0", "did you mean `Shop`?"),
        ("[Shop.knd]\nmissing = 0", "did you mean `kind`?"),
        ("[Shop.kind]\nmising = 0", "did you mean `missing`?"),
        ("boundarys = 1", "did you mean `boundaries`?"),
        ("missing = 2", "write \"5%\" or 0.05"),
        ("missing = \"much\"", "`much` is no number"),
        ("[Shop.kind]\nweights = { food = 0 }", "all weights are zero"),
        ("[Shop.kind]\nweights = { wine = 1 }", "one of food, books, toys"),
        ("[Shop.kind]\nmedian = \"1元\"", "is for a number; this field is none"),
        ("[Shop.kind]\nvalues = [\"food\"]\nweights = { food = 1 }", "either `values` or `weights`"),
        ("[Shop.shop]\nmissing = \"1%\"", "a key is never missing"),
        ("[Shop.sales]\nrange = [\"0元\"]", "write both ends"),
        ("[Shop.sales]\nrange = [\"5元\", \"1元\"]", "ends before it starts"),
        ("[Shop.sales]\nrange = [\"2亿元\", \"3亿元\"]", "outside the one that the policy declares"),
        ("[Shop.sales]\nrange = [\"5吨\", \"6吨\"]", "another unit"),
        ("[Shop.sales]\ndistribution = \"normal\"", "uniform, log-uniform or log-normal"),
        ("[Shop.sales]\ndistribution = \"log-normal\"", "needs its `median`"),
        ("[Shop.sales]\nstep = \"0.001元\"", "cannot have a `step` so fine"),
        ("[Shop.growth]\ndistribution = \"log-uniform\"", "may be negative"),
        ("[Shop.opened]\ndistribution = \"log-uniform\"", "dates are spread evenly"),
        ("[Shop]\nkind = 3", "as a table"),
        ("[Shop.kind", "expected"),
    ] {
        assert!(told(text).contains(part), "{text}: {}", told(text));
    }
}

// ---------------------------------------------------------------- the command

fn pol(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pol"));
    command.current_dir(folder).args(arguments).output().expect("pol runs")
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn every_format_is_read_by_eval_without_rejects() {
    let (folder, _) = shop();
    let here = folder.path();
    for format in ["csv", "ndjson", "parquet", "arrow", "xlsx"] {
        for headers in ["id", "label"] {
            let file = format!("out.{format}");
            let made = pol(here, &["sample", ".", "--rows", "200", "--output", &file, "--headers", headers]);
            assert_eq!(made.status.code(), Some(0), "{}", told(&made));
            let answered = pol(
                here,
                &["eval", ".", "--input", &file, "--output", "answers.csv", "--as-of", "2020-04-01"],
            );
            assert!(
                told(&answered).contains("200 rows in, 200 answered, 0 rejected"),
                "{file}: {}",
                told(&answered)
            );
        }
    }
}

#[test]
fn bytes_depend_on_the_seed_alone() {
    let (folder, _) = shop();
    let here = folder.path();
    let make = |file: &str, more: &[&str]| {
        let all: Vec<&str> =
            ["sample", ".", "--rows", "70_000", "--output", file].iter().chain(more).copied().collect();
        let made = pol(here, &all);
        assert_eq!(made.status.code(), Some(0), "{}", told(&made));
        fs::read(here.join(file)).expect("a file")
    };
    let one = make("one.parquet", &["--threads", "1"]);
    assert!(one == make("three.parquet", &["--threads", "3"]), "threads change the bytes");
    assert!(one != make("other.parquet", &["--seed", "2"]), "the seed does not matter");
    let csv = make("one.csv", &["--threads", "1"]);
    assert!(csv == make("three.csv", &["--threads", "3"]), "threads change the bytes");
}

#[test]
fn wrong_usage_is_told_and_leaves_nothing_behind() {
    let (folder, _) = shop();
    let here = folder.path();
    fs::write(here.join("bad.toml"), "[Shop.kid]\n").expect("a file is written");
    fs::write(here.join("bare.toml"), "[店铺.种类]\n").expect("a file is written");
    for (arguments, part) in [
        (&["--output", "x.doc"][..], "the format cannot be told"),
        (&["--output", "x.csv", "--record", "Shp"][..], "did you mean `Shop`?"),
        (&["--output", "x.csv", "--rows", "Shp=3"][..], "did you mean `Shop`?"),
        (&["--output", "x.csv", "--rows", "many"][..], "write a number of rows"),
        (&["--output", "x.csv", "--rows", "-3"][..], ""),
        (&["--output", "x.csv", "--profile", "none.toml"][..], "cannot be read"),
        (&["--output", "x.csv", "--profile", "bad.toml"][..], "did you mean `kind`?"),
        (&["--output", "x.csv", "--profile", "bare.toml"][..], "stands in quotation marks"),
        (&["--output", "x.csv", "--as-of", "soon"][..], "there is no such date"),
        (&["--output", "x.csv", "--threads", "0"][..], "at least one thread"),
        (&["--output", "x.xlsx", "--rows", "2000000"][..], "a sheet holds"),
        (&["--output", "no/such/x.csv"][..], ""),
    ] {
        let all: Vec<&str> = ["sample", "."].iter().chain(arguments).copied().collect();
        let made = pol(here, &all);
        assert_eq!(made.status.code(), Some(2), "{arguments:?}: {}", told(&made));
        assert!(told(&made).contains(part), "{arguments:?}: {}", told(&made));
    }
    let left: Vec<_> =
        fs::read_dir(here).expect("a folder").flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(left.len(), 4, "{left:?}");
    let none = pol(here, &["sample", ".", "--rows", "0", "--output", "none.csv"]);
    assert_eq!(
        (none.status.code(), fs::read_to_string(here.join("none.csv")).expect("a file").lines().count()),
        (Some(0), 1)
    );
}
