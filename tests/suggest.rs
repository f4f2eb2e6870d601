//! Suggested cases: put into the set they check and pass, and then nothing more is suggested. On the shipped policies
//! with and without their own cases, on every text case, and through the command.
#![cfg(feature = "cli")]

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
        let loud = |problem: &&pol::diag::Diagnostic| {
            problem.severity != Severity::Note && !before.contains(&problem.message.as_str())
        };
        let new: Vec<&str> =
            accepted.problems.iter().filter(loud).map(|problem| problem.message.as_str()).collect();
        assert!(new.is_empty(), "{}: {new:?}\n{text}", self.set.display());
        assert_eq!(accepted.program.cases.len(), compiled.program.cases.len() + found.cases.len(), "{text}");
        let core = compile::lower(&accepted.program);
        let report = trial::run(&accepted.program, &core, None, accepted.language);
        let failed = report.results.iter().filter(|case| !case.passed() && case.module == "suggested");
        let failed: Vec<String> =
            failed.map(|case| format!("{}: {:?}", case.title, case.problems[0].notes)).collect();
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
}

#[test]
fn without_cases_nearly_everything_is_suggested() {
    let copy = Copy::of("shandong-2020");
    fs::remove_dir_all(copy.set.join("cases")).expect("the cases can be removed");
    let found = copy.assert_accepted();
    assert!(found.cases.len() > 1_000, "only {} cases", found.cases.len());
    let (compiled, _) = copy.suggest(Some("no such name"));
    let core = compile::lower(&compiled.program);
    let tried = trial::tried(&compiled.program, &core, compiled.language);
    let one_way: Vec<String> = (tried.iter().filter(|tried| !tried.both_ways()))
        .map(|tried| format!("{}.{}", tried.measure, tried.condition))
        .collect();
    // A budget that others spend; a list of 274 projects, whose file is still empty.
    let known = [
        "guidance_award.guidance_fund",
        "white_list_under_way.all_under_way",
        "white_list_project.listed",
        "differentiated_terms.listed",
        "special_bond_guidance.listed",
    ];
    // The earlier policy has cases of its own.
    let elsewhere = |name: &str| name == "farmer_interest_subsidy.prevailed";
    let surprising: Vec<&String> =
        one_way.iter().filter(|name| !known.contains(&name.as_str()) && !elsewhere(name)).collect();
    assert!(surprising.is_empty(), "{surprising:?}");
    for name in known {
        let (measure, condition) = name.split_once('.').expect("a dot");
        let said = found.unsolved.iter().any(|own| own.target == measure && own.what.contains(condition));
        assert!(said, "nothing says why {name} is not found");
    }
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
    assert!(count > 300, "only {count} cases");
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
measure m for R { require { waits: hard  far: n < 20人  filled: known n } entitle x }
";
    let found = Copy::new(policy, "en").suggest(None).1;
    let why = |what: &str| {
        let own = found.unsolved.iter().find(|own| own.what.contains(what));
        own.unwrap_or_else(|| panic!("nothing is said of {what}: {:?}", found.unsolved)).why.clone()
    };
    assert_eq!(why("waits: never true"), "it waits for `hard`, which is left open to others");
    assert_eq!(why("far: never false"), "no value that the fields can have does it");
    assert_eq!(why("filled: never missing"), "it is known whatever is missing");
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
    assert!(few.contains("--suggest=all"), "{few}");
    let (status, one) = pol(&["--suggest=all", "--filter", "answer"]);
    assert_eq!(status, Some(0));
    assert!(one.contains("适用 answer") && !one.contains("适用 help"), "{one}");
    for (arguments, part) in [
        (&["--suggest", "--filter", "nobody"][..], "no measure, define or module"),
        (&["--suggest=many"][..], "how many cases, or all"),
        (&["--suggest", "--coverage"][..], "cannot be used with"),
    ] {
        let (status, told) = pol(arguments);
        assert!(status == Some(2) && told.contains(part), "{arguments:?}: {told}");
    }
}
