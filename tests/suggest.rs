//! Suggested cases: put into the set they check and pass, and then nothing more is suggested. On the shipped policies
//! with and without their own cases, on every text case, and through the command.
#![cfg(feature = "cli")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use pol::check::show::Language;
use pol::compile::{self, Compiled};
use pol::diag::Severity;
use pol::suggest::{Suggestions, suggest};
use pol::trial;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A policy set in a folder of its own, which may be changed.
struct Copy {
    folder: tempfile::TempDir,
    /// Where the set stands in it.
    set: PathBuf,
}

impl Copy {
    /// Of a shipped set, with the others that it uses.
    fn of(set: &str) -> Copy {
        let folder = tempfile::tempdir().expect("a folder can be made");
        copy(&root().join("policies"), folder.path());
        Copy { set: folder.path().join(set), folder }
    }

    fn new(policy: &str, language: &str) -> Copy {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let manifest = format!("name = \"set\"\nlanguage = \"{language}\"\n");
        fs::write(folder.path().join("pol.toml"), manifest).expect("a file is written");
        fs::write(folder.path().join("policy.pol"), policy).expect("a file is written");
        Copy { set: folder.path().to_owned(), folder }
    }

    fn suggest(&self, filter: Option<&str>) -> (Compiled, Suggestions) {
        let compiled = compile::load(&self.set);
        assert!(!compiled.has_errors(), "{:?}", compiled.problems);
        let core = compile::lower(&compiled.program);
        let found = suggest(&compiled.program, &core, &compiled.input, filter, compiled.language);
        (compiled, found)
    }

    /// Accepts all suggestions: they check without a word and pass; then none is left.
    fn assert_accepted(&self) -> Suggestions {
        let (compiled, found) = self.suggest(None);
        let text = found.text(usize::MAX, compiled.language);
        fs::write(self.set.join("suggested.pol"), &text).expect("a file is written");
        let (accepted, again) = self.suggest(None);
        let before: Vec<&str> = compiled.problems.iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(in_layout(&text), text, "`pol fmt --check` has something to say");
        let loud = |problem: &&pol::diag::Diagnostic| {
            problem.severity != Severity::Note && !before.contains(&problem.message.as_str())
        };
        let new: Vec<&str> =
            accepted.problems.iter().filter(loud).map(|problem| problem.message.as_str()).collect();
        assert!(new.is_empty(), "{}: {new:?}\n{text}", self.set.display());
        assert_eq!(accepted.program.cases.len(), compiled.program.cases.len() + found.cases.len(), "{text}");
        let core = compile::lower(&accepted.program);
        let report = trial::run(&accepted.program, &core, trial::Options::new(accepted.language));
        let failed = report.results.iter().filter(|case| !case.passed() && case.module == "suggested");
        let failed: Vec<String> =
            failed.map(|case| format!("{}: {:?}", case.title, case.failed[0].problem.notes)).collect();
        assert!(failed.is_empty(), "{failed:?}\n{text}");
        assert!(
            again.cases.is_empty(),
            "{}: still suggested:\n{}",
            self.set.display(),
            again.text(5, compiled.language)
        );
        assert_eq!(again.unsolved, found.unsolved);
        drop(compiled);
        assert!(self.folder.path().exists());
        found
    }
}

fn in_layout(text: &str) -> String {
    pol::syntax::format::format(&[text], &Default::default()).remove(0).text
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() {
            copy(&path, &to.join(name));
        } else {
            fs::copy(&path, to.join(name)).expect("a file is copied");
        }
    }
}

#[test]
fn what_the_decree_lacks_checks_and_passes() {
    let copy = Copy::of("shandong-2020");
    let found = copy.assert_accepted();
    assert!(found.cases.iter().all(|case| case.text.starts_with("算例 ")), "in the language of the set");
    // Its cases notice every change of the text: next to nothing is left to ask for.
    assert!(found.cases.len() < 10, "{} cases:\n{}", found.cases.len(), found.text(9, Language::Chinese));
}

#[test]
fn without_cases_nearly_everything_is_suggested() {
    let copy = Copy::of("shandong-2020");
    fs::remove_dir_all(copy.set.join("cases")).expect("the cases can be removed");
    let found = copy.assert_accepted();
    assert!(found.cases.len() > 1_000, "only {} cases", found.cases.len());
    let (compiled, _) = copy.suggest(Some("no such name"));
    let core = compile::lower(&compiled.program);
    let own = compiled.input.sets[0].modules.iter().map(|module| module.file.id).collect();
    let options = trial::Options::new(compiled.language);
    let tried = trial::coverage(&compiled.program, &core, &own, options);
    let one_way = tried.lacking().filter(|goal| matches!(goal.what, "true" | "false"));
    let mut one_way: Vec<String> = one_way.map(|goal| goal.subject).collect();
    one_way.dedup();
    // A budget that others spend; 274 projects at once.
    let known = ["guidance_award.guidance_fund", "white_list_under_way.all_under_way"];
    // The earlier policy has cases of its own.
    let elsewhere = |name: &str| name == "farmer_interest_subsidy.prevailed";
    let heads = compiled.program.measures.iter().map(|measure| &measure.head);
    let heads = heads.filter(|head| head.label != head.name && pol::check::is_name(&head.label));
    let names: BTreeSet<&str> = heads.map(|head| head.name.as_str()).collect();
    let mixed = found.cases.iter().filter(|case| names.contains(target_of(&case.text)));
    let mixed: Vec<&str> = mixed.map(|case| case.title.as_str()).collect();
    assert!(mixed.is_empty(), "labels, where they are names of the language: {mixed:?}");
    let survivors = trial::mutate(&compiled.program, &compiled.sources, &own, options).survivors;
    assert!(survivors.len() < 30, "{} changes go unnoticed", survivors.len());
    let surprising: Vec<&String> =
        one_way.iter().filter(|name| !known.contains(&name.as_str()) && !elsewhere(name)).collect();
    assert!(surprising.is_empty(), "{surprising:?}");
    for name in known {
        let (measure, condition) = name.split_once('.').expect("a dot");
        let said = found.unsolved.iter().any(|own| own.target == measure && own.what.contains(condition));
        assert!(said, "nothing says why {name} is not found");
    }
}

/// What a case says that it is for.
fn target_of(text: &str) -> &str {
    let after = text.split(" 适用 ").nth(1).unwrap_or_default();
    after.split([' ', '{']).next().unwrap_or_default()
}

#[test]
fn cases_for_every_text_case_check_and_pass() {
    let (mut count, mut waiting) = (0, vec![root().join("tests/cases")]);
    while let Some(folder) = waiting.pop() {
        for path in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            let copied = if path.join("pol.toml").exists() {
                let folder = tempfile::tempdir().expect("a folder can be made");
                copy(path.parent().expect("a folder"), folder.path());
                Copy { set: folder.path().join(path.file_name().expect("a name")), folder }
            } else if path.is_dir() {
                waiting.push(path);
                continue;
            } else {
                Copy::new(&fs::read_to_string(&path).expect("a text"), "en")
            };
            if !compile::load(&copied.set).has_errors() {
                count += copied.assert_accepted().cases.len();
            }
        }
    }
    assert!(count > 200, "only {count} cases");
}

const STEPS: &str = "policy p \"p\" { issued 2019-01-01  rounding half_up to 1分 }
record Farm { key id: text  pigs: count 头 in 0头..100_000头  reported: date  answered: date?  calm: bool }
param least {
  from 2019-01-01: 5000头
  from 2020-02-29: 500头
}
define large for Farm = pigs >= least
measure help for Farm {
  require { large  calm: calm and reported <= as_of }
  pay aid = 80元/头 * pigs at most 1_000_000元
}
duty answer for Farm { require calm  due reported + 2 days  comply told: answered <= reported + 2 days }
";

#[test]
fn boundaries_on_each_day_caps_and_deadlines() {
    let copy = Copy::new(STEPS, "en");
    let found = copy.assert_accepted();
    let text = found.text(usize::MAX, Language::English);
    for wanted in [
        // Before the step and from it on.
        "given { pigs: 4999头 }\n  expect = false",
        "as of 2020-02-29 {\n  given { pigs: 500头 }\n  expect = true",
        // Where the cap begins.
        "pigs: 12_501头, reported: 2019-01-01, calm: true }\n  expect granted { aid: 1_000_000元 }",
        // After the deadline, and still before the day on which it ends.
        "reported: 2018-12-29, answered: 2019-01-01, calm: true }\n  expect breached told",
        "reported: 2019-01-01, answered: 2019-01-04, calm: true }\n  expect not_yet_due",
    ] {
        assert!(text.contains(wanted), "{wanted}\n{text}");
    }
}

#[test]
fn what_cannot_be_solved_is_said_with_its_reason() {
    let policy = "policy p \"p\" { issued 2020-01-01 }
record R { key id: text  n: count 人 in 0人..10人 }
open define hard for R: bool { by \"others\" }
measure m for R { require { waits: hard  far: n < 20人  filled: known n  named: id != \"x\" } entitle x }
";
    let found = Copy::new(policy, "en").suggest(None).1;
    let why = |what: &str| {
        let own = found.unsolved.iter().find(|own| own.what.contains(what));
        own.unwrap_or_else(|| panic!("nothing is said of {what}: {:?}", found.unsolved)).why.clone()
    };
    assert_eq!(why("waits: never true"), "it waits for `hard`, which is left open to others");
    assert_eq!(why("far: never false"), "no value that the fields can have does it");
    // What `--coverage` does not ask for: a test whether something is known, and what rests on keys.
    for never in ["filled: never missing", "named: never missing"] {
        assert!(found.unsolved.iter().all(|own| !own.what.contains(never)), "{:?}", found.unsolved);
    }
    assert!(found.cases.iter().all(|case| !case.title.contains("“named” is not known")));
}

#[test]
fn the_command_prints_a_file_of_cases() {
    let copy = Copy::new(STEPS, "zh");
    let pol = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pol"));
        let output = command.arg("test").arg(&copy.set).args(arguments).output().expect("pol runs");
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr),
        )
    };
    let (status, few) = pol(&["--suggest=2"]);
    assert_eq!((status, few.matches("\n算例 ").count()), (Some(0), 2), "{few}");
    let last = few.lines().last().unwrap_or_default();
    assert!(last.starts_with("// 以上是") && last.contains("--suggest=all"), "{few}");
    let (status, one) = pol(&["--suggest=all", "--filter", "answer"]);
    assert_eq!(status, Some(0));
    assert!(one.contains("适用 answer") && !one.contains("适用 help"), "{one}");
    for (arguments, part) in [
        (&["--suggest", "--filter", "nobody"][..], "no measure, define or module"),
        (&["--suggest=many"][..], "how many cases, or all"),
        (&["--suggest", "--coverage"][..], "cannot be used with"),
        (&["--suggest", "--format", "json"][..], "leave --format out"),
        (&["--suggest", "--format", "lcov"][..], "leave --format out"),
    ] {
        let (status, told) = pol(arguments);
        assert!(status == Some(2) && told.contains(part), "{arguments:?}: {told}");
    }
}

const SHARED: &str = "policy p \"p\" { issued 2020-01-01  in force from 2020-01-01 }
record R { key id: text  share: rate in 0%..100%  n: count 人 in 0人..1000人 }
measure a for R { require much: share >= 80%  entitle x }
measure b for R { require { much: share >= 80%  some: n > 0人 } entitle y }
measure c for R { require top: n > 10人 and (sum of n) >= 1234人  entitle z }
";

/// What is suggested beside some cases for `a`: the measure, and what is given.
fn beside_shared(cases: &str) -> Vec<String> {
    let copy = Copy::new(&format!("{SHARED}{cases}"), "en");
    let (_, found) = copy.suggest(None);
    let given = |text: &str| text.lines().find(|line| line.contains("given")).unwrap_or_default().to_owned();
    found.cases.iter().map(|case| format!("{}{}", case.target, given(&case.text))).collect()
}

#[test]
fn a_boundary_is_asked_of_each_measure_on_it_and_just_across() {
    let count = |asked: &[String], target: &str, share: &str| {
        let share = format!("share: {share}%");
        asked.iter().filter(|case| case.starts_with(target) && case.contains(&share)).count()
    };
    let asked = beside_shared("");
    for target in ["a", "b"] {
        for share in ["80", "79"] {
            assert!(count(&asked, target, share) > 0, "{target} {share}: {asked:?}");
        }
    }
    assert_eq!(count(&asked, "", "81") + count(&asked, "", "79.9"), 0, "{asked:?}");
    // A finer neighbour will do; of another measure nothing is said.
    let given = |title: &str, share: &str, answer: &str| {
        format!("case \"{title}\" for a {{ given {{ share: {share} }} expect {answer} }}\n")
    };
    let asked = beside_shared(&(given("on", "80%", "granted") + &given("below", "79.99%", "refused")));
    assert_eq!(count(&asked, "a", "79") + count(&asked, "a", "80"), 0, "{asked:?}");
    assert!(count(&asked, "b", "79") > 0, "{asked:?}");
    // What is far from it is no neighbour.
    let asked = beside_shared(&(given("on", "80%", "granted") + &given("below", "50%", "refused")));
    assert_eq!(count(&asked, "a", "79"), 1, "{asked:?}");
}

#[test]
fn a_boundary_across_records_is_named_with_its_reason() {
    let (_, found) = Copy::new(SHARED, "en").suggest(Some("c"));
    let told = found.unsolved.iter().find(|own| own.what.starts_with("require top: boundary"));
    let told = told.unwrap_or_else(|| panic!("{:?}", found.unsolved));
    assert!(told.why.contains("a value across records"), "{told:?}");
}

#[test]
fn lists_are_told_apart_by_members_of_one_alone() {
    let copy = Copy::new(
        "policy p \"p\" { issued 2020-01-01  in force from 2020-01-01 }
record R { key id: text  name: text }
register first \"first\" from \"first.csv\" key name
register second \"second\" from \"second.csv\" key name
measure m for R { require { one: name in first  other: not (name in second) } entitle x }
",
        "en",
    );
    fs::write(copy.set.join("first.csv"), "name\na\nb\nc\nd\ne\n").expect("a file is written");
    fs::write(copy.set.join("second.csv"), "name\na\nb\nc\nd\n").expect("a file is written");
    let found = copy.assert_accepted();
    assert!(found.unsolved.is_empty(), "{:?}", found.unsolved);
    assert!(found.cases.iter().any(|case| case.text.contains("\"e\"")), "{found:?}");
}

#[test]
fn steps_that_a_set_fills_in_others_are_asked_for() {
    let copy = Copy::of("city-sample");
    fs::remove_dir_all(copy.set.join("cases")).expect("the cases can be removed");
    let found = copy.assert_accepted();
    let text = found.text(usize::MAX, Language::Chinese);
    assert!(found.cases.len() + found.unsolved.len() >= 8, "{text}");
    assert!(text.contains("客流上限占核定容纳人数的比例为75%"), "{text}");
}
