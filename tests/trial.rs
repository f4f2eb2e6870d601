//! `pol test` end to end: failing cases with their reasoning, coverage in its forms, and mutants against the same change
//! written into the text.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use pol::compile::{self, Compiled};
use pol::source::FileId;
use pol::trial::{self, Mutants, Options};

/// A small set whose cases leave known gaps.
const POLICY: &str = r#"policy p "The notice" { issued 2020-01-01  rounding half_up to 1分 }
enum Size { small, large }
record Firm "firm" {
  key id: text
  hires "hires": count 人 in 0人..1000人
  term "contract": months
  size "size": Size
  insured "insured": bool
  closed "closed": bool
}
param per_head "per head" {
  from 2020-01-01: 1000元/人
  from 2020-07-01: 1200元/人
}
define large_firm "large firm" for Firm = size == large and hires >= 100人
measure subsidy "hiring subsidy" for Firm {
  require {
    hired    "hired somebody": hires > 0人
    contract "a year or more": term >= 12 months
    within   "not too many":   hires < 2000人
    covered  "covered":        insured or size == small
  }
  except closed
  one of {
    few  "up to ten": hires <= 10人 => pay amount "amount" = per_head * hires
    many "more":      else          => pay amount "amount" = per_head * 10人 + 500元/人 * (hires - 10人)
  }
}
"#;

const CASES: &str = r#"use main.*
case "three" for subsidy {
  given { hires: 3人, term: 12 months, insured: true, size: large, closed: false } expect granted { amount: 3000元 }
  given { hires: 12人, term: 24 months, insured: true, size: large, closed: false } expect granted many
  given { hires: 0人, term: 12 months, insured: true, closed: false } expect refused hired
  given { hires: 3人, term: 10 months, insured: true, closed: false } expect refused contract
  given { hires: 3人, term: 12 months, insured: false, size: large, closed: false } expect refused covered
  given { hires: 3人, term: 12 months, insured: true } expect undetermined missing closed
}
case "large" for large_firm {
  given { size: large, hires: 100人 } expect = true
}
"#;

/// A policy set in a folder of its own.
struct Set {
    folder: tempfile::TempDir,
}

impl Set {
    fn new(policy: &str, cases: &str) -> Set {
        let set = Set { folder: tempfile::tempdir().expect("a temporary folder") };
        set.write("pol.toml", "name = \"small\"\nlanguage = \"en\"\n");
        set.write("main.pol", policy);
        set.write("cases.pol", cases);
        set
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).expect("a file is written");
    }

    fn compiled(&self) -> Compiled {
        let compiled = compile::load(self.folder.path());
        assert!(!compiled.has_errors(), "{:?}", compiled.problems);
        compiled
    }

    /// Status, standard output and standard error, with the folder cut out of paths.
    fn pol(&self, arguments: &[&str]) -> (i32, String, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_pol"))
            .args(["test", "."])
            .args(arguments)
            .current_dir(self.folder.path())
            .output()
            .expect("pol runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace("./", "");
        (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
    }
}

fn own(compiled: &Compiled) -> BTreeSet<FileId> {
    compiled.input.sets[0].modules.iter().map(|module| module.file.id).collect()
}

fn mutants(compiled: &Compiled, filter: Option<&str>) -> Mutants {
    let options = Options { filter, language: compiled.language, threads: 2 };
    trial::mutate(&compiled.program, &compiled.sources, &own(compiled), options)
}

fn passed(compiled: &Compiled) -> usize {
    let core = compile::lower(&compiled.program);
    trial::run(&compiled.program, &core, Options::new(compiled.language)).passed()
}

#[test]
fn survivors_are_the_known_gaps() {
    let set = Set::new(POLICY, CASES);
    let (status, shown, _) = set.pol(&["--mutate"]);
    assert_eq!(status, 1);
    insta::assert_snapshot!("survivors", shown);
    let (_, json, _) = set.pol(&["--mutate", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    let mutants = &json["mutants"];
    let list = mutants["survivors"].as_array().expect("a list");
    assert_eq!(list.len() as u64, mutants["total"].as_u64().unwrap() - mutants["noticed"].as_u64().unwrap());
    assert!(
        list.iter().all(|own| own["file"].is_string() && own["line"].is_u64() && own["before"].is_string())
    );
}

/// What a patch of the compiled form gives is what the changed text gives.
#[test]
fn a_mutant_is_the_text_with_one_change() {
    let changes = [
        ("hires > 0人", "hires > -1人", "0人", "-1人"),
        ("hires > 0人", "hires > 1人", "0人", "1人"),
        ("hires > 0人", "hires >= 0人", "hires > 0人", "hires ≥ 0人"),
        ("term >= 12 months", "term >= 11 months", "12 months", "11 months"),
        ("term >= 12 months", "term >= 13 months", "12 months", "13 months"),
        ("term >= 12 months", "term > 12 months", "contract ≥ 12 months", "contract > 12 months"),
        ("insured or size", "insured and size", "insured or size = small", "insured and size = small"),
        ("hires <= 10人", "hires <= 9人", "10人", "9人"),
        ("hires <= 10人", "hires <= 11人", "10人", "11人"),
        ("hires <= 10人", "hires < 10人", "hires ≤ 10人", "hires < 10人"),
        ("from 2020-01-01: 1000元/人", "from 2020-01-01: 1001元/人", "1,000元/人", "1,001元/人"),
        ("from 2020-07-01: 1200元/人", "from 2020-07-01: 1199元/人", "1,200元/人", "1,199元/人"),
        ("500元/人", "501元/人", "500元/人", "501元/人"),
        ("hires >= 100人", "hires >= 99人", "100人", "99人"),
        ("hires >= 100人", "hires > 100人", "hires ≥ 100人", "hires > 100人"),
        (
            "size == large and",
            "size == large or",
            "size = large and hires ≥ 100人",
            "size = large or hires ≥ 100人",
        ),
    ];
    let set = Set::new(POLICY, CASES);
    let compiled = set.compiled();
    let all = passed(&compiled);
    let found = mutants(&compiled, None);
    assert_eq!(found.cases, all, "every case is there to notice");
    for (text, instead, before, after) in changes {
        assert_eq!(POLICY.matches(text).count(), 1, "{text}");
        let changed = Set::new(&POLICY.replace(text, instead), CASES);
        let survives = passed(&changed.compiled()) == all;
        let listed = |own: &trial::Survivor| own.mutant.before == before && own.mutant.after == after;
        assert_eq!(found.survivors.iter().any(listed), survives, "{text} → {instead}");
    }
}

/// Written apart, place by place, a program gives the answers that it gives otherwise.
#[test]
fn a_program_apart_means_the_same() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut waiting: Vec<PathBuf> = vec![cases];
    let mut seen = 0;
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).expect("cases can be read").flatten() {
            let path = entry.path();
            if path.is_dir() && !path.join("pol.toml").exists() {
                waiting.push(path);
                continue;
            }
            let compiled = match path.is_dir() {
                true => compile::load(&path),
                false => {
                    let set = Set::new(&fs::read_to_string(&path).expect("a case is text"), "");
                    compile::load(set.folder.path())
                }
            };
            if !compiled.has_errors() {
                let found = mutants(&compiled, None);
                assert_eq!(found.cases, passed(&compiled), "{}", path.display());
                seen += found.cases;
            }
        }
    }
    assert!(seen > 50, "{seen} cases were run");
}

#[test]
fn the_decree_is_covered_and_its_cases_notice_what_they_can() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/shandong-2020");
    let compiled = compile::load(&folder);
    let core = compile::lower(&compiled.program);
    let options = Options { filter: None, language: compiled.language, threads: 2 };
    let coverage = trial::coverage(&compiled.program, &core, &own(&compiled), options);
    let lacking: Vec<String> =
        coverage.lacking().map(|goal| format!("{} {}", goal.subject, goal.what)).collect();
    assert!(lacking.is_empty(), "{lacking:#?}");
    let found = mutants(&compiled, None);
    assert_eq!(found.cases, compiled.program.cases.len());
    assert!(found.total() > 800, "{}", found.total());
    let left: Vec<String> =
        found.survivors.iter().map(|own| format!("{} {}", own.mutant.item, own.mutant.part)).collect();
    assert!(left.is_empty(), "{left:#?}");
}

#[test]
fn steps_that_a_set_fills_in_another_are_its_own() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/city-sample");
    let compiled = compile::load(&folder);
    let core = compile::lower(&compiled.program);
    let options = Options { filter: None, language: compiled.language, threads: 2 };
    let coverage = trial::coverage(&compiled.program, &core, &own(&compiled), options);
    assert_eq!(coverage.steps.len(), 8, "{:?}", coverage.steps);
    assert!(coverage.lacking().next().is_none());
    let options = Options { filter: Some("客流"), ..options };
    let few = trial::coverage(&compiled.program, &core, &own(&compiled), options);
    assert!(few.lacking().any(|goal| goal.what == "used"), "not all cases, not all steps");
}

#[test]
fn coverage_lists_what_no_case_has_shown() {
    let set = Set::new(POLICY, CASES);
    let (status, shown, _) = set.pol(&["--coverage"]);
    assert_eq!(status, 1);
    insta::assert_snapshot!("coverage", shown);
    let (status, lcov, told) = set.pol(&["--coverage", "--format", "lcov"]);
    assert_eq!(status, 1);
    insta::assert_snapshot!("lcov", lcov);
    assert!(told.contains("2 cases: 2 passed, 0 failed"), "{told}");
    let (_, json, _) = set.pol(&["--coverage", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    let lacking = json["lacking"].as_array().expect("a list");
    assert!(lacking.iter().any(|own| own["subject"] == "per_head from 2020-07-01" && own["never"] == "used"));
    assert_eq!(json["branches"].as_array().expect("a list").len(), 2);
}

#[test]
fn a_filter_may_name_a_measure_without_cases_by_its_label() {
    let measure = "measure lonely \"all alone\" for Firm { require large: large_firm  entitle x }\n";
    let set = Set::new(&format!("{POLICY}{measure}"), CASES);
    let (status, shown, _) = set.pol(&["--coverage", "--filter", "all alone"]);
    assert_eq!(status, 1, "{shown}");
    assert!(shown.contains("lonely.large") && !shown.contains("subsidy"), "{shown}");
    let (status, shown, _) = set.pol(&["--mutate", "--filter", "all alone"]);
    assert!(status == 1 && shown.contains("lonely large") && !shown.contains("subsidy"), "{shown}");
    let (status, shown, _) = set.pol(&["--suggest", "--filter", "all alone"]);
    assert!(status == 0 && shown.contains("for lonely"), "{shown}");
    let (status, _, told) = set.pol(&["--filter", "all alone"]);
    assert!(status == 2 && told.contains("--suggest --filter all alone"), "{told}");
}

#[test]
fn with_a_filter_only_what_its_cases_are_about_counts() {
    let set = Set::new(POLICY, CASES);
    // Of a define nothing but the params that it reads.
    let (status, shown, _) = set.pol(&["--coverage", "--filter", "large_firm"]);
    assert_eq!(status, 0, "{shown}");
    assert!(shown.contains("0 conditions"), "{shown}");
    let (status, shown, _) = set.pol(&["--mutate", "--filter", "large_firm"]);
    assert_eq!(status, 1);
    assert!(shown.contains("large_firm") && !shown.contains("subsidy"), "{shown}");
}

/// An `else` need not fail, and what is known to be known is never missing.
#[test]
fn what_cannot_happen_is_no_lack() {
    let policy = r#"policy p "p" { issued 2020-01-01 }
record R { key id: text  n: count 人  d: date }
measure m for R {
  require { dated: known d and d >= 2020-01-01  keyed: id != "x" }
  first of { some: n > 0人 => entitle x  none: else => refuse }
}
"#;
    let cases = r#"use main.*
case "all" for m {
  given { id: "a", n: 1人, d: 2020-01-01 } expect granted some
  given { id: "a", n: 0人, d: 2020-01-01 } expect refused none
  given { id: "a", d: 2020-01-01 } expect undetermined missing n
  given { id: "a", n: 1人, d: 2019-12-31 } expect refused dated
  given { id: "x", n: 1人, d: 2020-01-01 } expect refused keyed
}
"#;
    let (status, shown, _) = Set::new(policy, cases).pol(&["--coverage"]);
    assert_eq!(status, 0, "{shown}");
    let without = cases.replace("  given { id: \"a\", n: 0人, d: 2020-01-01 } expect refused none\n", "");
    let (status, shown, _) = Set::new(policy, &without).pol(&["--coverage"]);
    assert_eq!(status, 1);
    assert!(shown.contains("m.none was never taken") && !shown.contains("m.none was never false"), "{shown}");
}

#[test]
fn a_failing_case_shows_the_trace_that_led_there() {
    let cases = CASES
        .replace("term: 10 months", "term: 12 months")
        .replace("{ size: large, hires: 100人 } expect = true", "{ size: large, hires: 99人 } expect = true");
    let set = Set::new(POLICY, &cases);
    let (status, shown, _) = set.pol(&[]);
    assert_eq!(status, 1);
    insta::assert_snapshot!("failing", shown);
    let (status, xml, _) = set.pol(&["--format", "junit"]);
    assert_eq!(status, 1);
    insta::assert_snapshot!("junit", xml);
    let (_, json, _) = set.pol(&["--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    let problem = &json["cases"][0]["problems"][0];
    assert_eq!(problem["explanation"]["status"], "granted");
    assert!(problem["trace"].as_str().is_some_and(|trace| trace.contains("a year or more")));
    let (_, github, _) = set.pol(&["--format", "github"]);
    assert!(github.contains("expected: ") && !github.contains("%0Aexpected refused"), "said twice: {github}");
    // Mutants are not tried on cases that fail as they are.
    let (status, shown, told) = set.pol(&["--mutate"]);
    assert_eq!(status, 1);
    assert!(!shown.contains("mutants") && told.contains("mend it first"), "{shown}{told}");
}

#[test]
fn results_are_the_same_whatever_the_threads() {
    let set = Set::new(POLICY, CASES);
    let one = set.pol(&["--mutate", "--coverage", "--threads", "1"]);
    for threads in ["2", "7"] {
        assert_eq!(set.pol(&["--mutate", "--coverage", "--threads", threads]), one);
    }
}

#[test]
fn what_does_not_go_together_is_told() {
    let set = Set::new(POLICY, CASES);
    for (arguments, words) in [
        (&["--format", "lcov"][..], "add --coverage"),
        (&["--coverage", "--format", "junit"], "human, json or lcov"),
        (&["--mutate", "--format", "sarif"], "human or json"),
        (&["--threads", "0"], "at least one thread"),
        (&["--output", "no/such/folder/x.xml"], "no/such/folder"),
    ] {
        let (status, _, told) = set.pol(arguments);
        assert_eq!((status, told.contains(words)), (2, true), "{arguments:?}: {told}");
    }
    let empty = Set::new("", "");
    let (status, shown, _) = empty.pol(&["--coverage", "--mutate"]);
    assert_eq!(status, 0);
    assert!(shown.contains("0 cases") && shown.contains("0 mutants"), "{shown}");
}
