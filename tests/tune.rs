//! `pol tune` end to end: what it finds is what every value tried one by one gives.

use std::fs;
use std::process::Command;
use std::sync::Arc;

use arrow_array::{Int64Array, RecordBatch, StringArray};
use pol::Policy;
use pol::batch::{EngineKind, EngineOptions};
use pol::check::typed::ParamId;
use pol::value::{Date, Number, Value};

const POLICY: &str = r#"policy p "The notice" { issued 2020-01-01  rounding half_up to 1分 }
record Firm "firm" {
  key id: text
  hires "hires": count 人 in 0人..1000人
  term "term": months
  share "share": rate in 0%..100%
  county: text
  belongs to County via county
}
record County "county" { key county: text  cases: count 例 }
param per_head "per head" = 100元/人
param longest "longest" = 12 months
param quota "quota" = 20 months
param since "since" = 2020-01-10
open param part "part": rate between 10% and 60%
define low for County = cases <= 5例
measure subsidy "hiring subsidy" for Firm {
  require some: hires > 0人
  pay amount "amount" = per_head * hires
}
measure short "short contracts" for Firm {
  require brief: term <= longest
  entitle help
}
measure band "a band" for Firm {
  require within: term in longest - 6 months .. longest
  entitle help
}
measure shared "shared" for Firm { pay aid = 1000元 * part }
measure crowd "crowd" for Firm {
  require many: (count of Firm where term >= quota) >= 2
  entitle help
}
measure local "local" for Firm { require near: County.low  pay bonus = per_head * 1人 }
measure opened "opened" for Firm { in force from 2021-01-01  pay late = per_head * 1人 }
measure dated "dated" for County { require begun: as_of >= since  entitle help }
"#;

const FIRMS: &str = "id,hires,term,share,county
a,3,6,10%,x
b,40,12,20%,x
c,0,18,30%,y
d,25,24,40%,z
e,,9,50%,x
f,31,30,60%,x
g,zwölf,1,1%,x
";

struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Desk {
        let desk = Desk { folder: tempfile::tempdir().expect("a temporary folder") };
        fs::create_dir(desk.folder.path().join("set")).expect("a folder is made");
        desk.write("set/pol.toml", "name = \"small\"\nlanguage = \"en\"\n");
        desk.write("set/main.pol", POLICY);
        desk.write("firms.csv", FIRMS);
        desk.write("counties.csv", "county,cases\nx,3\ny,9\n");
        desk
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).expect("a file is written");
    }

    /// Status, standard output and standard error.
    fn pol(&self, arguments: &[&str]) -> (i32, String, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_pol"))
            .args(arguments)
            .current_dir(self.folder.path())
            .output()
            .expect("pol runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
    }

    fn tune(&self, param: &str, target: &str, more: &[&str]) -> (i32, String, String) {
        let mut arguments = vec!["tune", "set", "--input", "Firm=firms.csv", "County=counties.csv"];
        arguments.extend(["--as-of", "2020-03-31", "--param", param, "--target", target]);
        arguments.extend(more);
        self.pol(&arguments)
    }

    fn json(&self, param: &str, target: &str, more: &[&str]) -> serde_json::Value {
        let (_, out, err) = self.tune(param, target, &[more, &["--format", "json"]].concat());
        serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"))
    }
}

#[test]
fn the_greatest_value_within_a_budget() {
    let desk = Desk::new();
    let (status, shown, told) = desk.tune("per_head", "sum of subsidy.amount <= 1.2万元", &[]);
    assert_eq!(status, 0);
    insta::assert_snapshot!("budget", shown);
    assert!(told.contains("firms.csv:8: hires"), "{told}");
    // What `pol eval` makes of the two values.
    for (value, sum) in [("121.21", "11,999.79元"), ("121.22", "12,000.78元")] {
        let set = format!("per_head={value}元/人");
        let arguments =
            ["eval", "set", "--input", "Firm=firms.csv", "County=counties.csv", "--output", "out/"];
        let (status, _, told) =
            desk.pol(&[&arguments[..], &["--as-of", "2020-03-31", "--set", &set]].concat());
        assert_eq!((status, told.contains(sum)), (0, true), "{told}");
    }
    let json = desk.json("per_head", "sum of subsidy.amount <= 1.2万元", &[]);
    assert_eq!((&json["at"]["value"], &json["beyond"]["value"]), (&"121.21".into(), &"121.22".into()));
    assert_eq!(
        (&json["side"], &json["course"], &json["met"]),
        (&"greatest".into(), &"rising".into(), &true.into())
    );
    assert_eq!(json["compiled"], 1, "one kernel serves every value");
    assert_eq!(json["records"], 6);
    assert_eq!(json["at"]["undetermined"], 1);
}

#[test]
fn the_least_value_and_the_other_relations() {
    let desk = Desk::new();
    let at = |param: &str, target: &str, more: &[&str]| {
        let json = desk.json(param, target, more);
        (json["outcome"].as_str().unwrap().to_owned(), json["at"]["value"].as_str().unwrap().to_owned())
    };
    let edge = |value: &str| ("edge".to_owned(), value.to_owned());
    assert_eq!(at("longest", "count of short granted >= 4", &[]), edge("18"));
    assert_eq!(at("longest", "share of short granted <= 50%", &[]), edge("17"));
    assert_eq!(at("longest", "计数 “short contracts” 给予 >= 4", &[]).0, "edge");
    assert_eq!(at("per_head", "sum of subsidy = 9900元", &[]), edge("100"));
    assert_eq!(at("per_head", "sum of subsidy = 9900.50元", &[]).0, "between");
    assert_eq!(at("per_head", "合计 发放 不超过 1.2万元", &[]).0, "edge");
    // Within the bounds that the policy sets, at its own step of a percent.
    assert_eq!(at("part", "sum of shared.aid <= 2500元", &[]), edge("0.41"));
    assert_eq!(at("part", "sum of shared.aid >= 1元", &[]), ("everywhere".to_owned(), "0.1".to_owned()));
    assert_eq!(at("part", "sum of shared.aid >= 9999元", &[]).0, "nowhere");
    // At a step that is asked for, between ends that are.
    assert_eq!(
        at("per_head", "sum of subsidy <= 1.2万元", &["--step", "50元/人", "--high", "500元/人"]),
        edge("100")
    );
    // A date.
    assert_eq!(
        at("since", "count of dated granted >= 2", &["--low", "2020-01-01", "--high", "2020-12-31"]),
        edge("2020-03-31")
    );
    let weekly = ["--low", "2020-01-01", "--high", "2020-12-31", "--step", "7天"];
    assert_eq!(at("since", "count of dated granted >= 2", &weekly), edge("2020-03-25"));
    // A related record, and what looks across records with the param itself.
    assert_eq!(at("per_head", "sum of local.bonus <= 1000元", &[]), edge("250"));
    assert_eq!(at("quota", "count of crowd granted >= 1", &["--set", "per_head=1元/人"]), edge("24"));
}

#[test]
fn what_is_not_monotone_is_said() {
    let desk = Desk::new();
    let (status, shown, _) = desk.tune("longest", "count of band granted <= 1", &["--high", "40 months"]);
    assert_eq!(status, 0);
    insta::assert_snapshot!("not_monotone", shown);
    let json = desk.json("longest", "count of band granted <= 1", &["--high", "40 months"]);
    assert_eq!((&json["monotone"], &json["course"]), (&false.into(), &"turning".into()));
}

#[test]
fn what_cannot_be_met_is_said_with_what_the_ends_give() {
    let desk = Desk::new();
    let (status, shown, _) = desk.tune("part", "sum of shared.aid >= 9999元", &[]);
    assert_eq!(status, 1);
    insta::assert_snapshot!("cannot_be_met", shown);
    let (status, shown, _) = desk.tune("per_head", "sum of opened.late <= 1元", &[]);
    assert_eq!(status, 0);
    assert!(shown.contains("not in force on 2020-03-31"), "{shown}");
}

#[test]
fn questions_that_cannot_be_asked_are_told() {
    let desk = Desk::new();
    for (param, target, more, words) in [
        ("per_heat", "sum of pay <= 1元", &[][..], "did you mean `per_head`"),
        ("per_head", "sum of pay", &[], "no comparison"),
        ("per_head", "sum of pay <=", &[], "nothing follows"),
        ("per_head", "sum of pay <= 3人", &[], "another unit"),
        ("per_head", "sum of pay.USD <= 3元", &[], "in USD"),
        ("per_head", "median of pay <= 1元", &[], "is no quantity"),
        ("per_head", "count of subsidy <= 1", &[], "say which answer is counted"),
        ("per_head", "count of subsidies granted <= 1", &[], "the policy has no measure"),
        ("per_head", "count of subsidy paid <= 1", &[], "is no answer of a measure"),
        ("per_head", "sum of short.help <= 1", &[], "no number that could be added up"),
        ("per_head", "sum of subsidy.amont <= 1元", &[], "say which benefit"),
        ("per_head", "count of subsidy granted <= 1.5", &[], "no number of records"),
        ("per_head", "sum of pay <= 1元", &["--low", "2元/人", "--high", "1元/人"], "above the highest"),
        ("per_head", "sum of pay <= 1元", &["--step", "0元/人"], "above zero"),
        ("per_head", "sum of pay <= 1元", &["--set", "per_head=1元/人"], "that --param varies"),
        ("part", "sum of shared.aid <= 1元", &["--low", "5%"], "within bounds"),
        ("longest", "sum of subsidy <= 1元", &[], "nothing that the target counts reads"),
        ("per_head", "sum of pay <= 1元", &["--high", "99999999999999999999999999元/人"], "beyond what"),
    ] {
        let (status, out, told) = desk.tune(param, target, more);
        assert_eq!((status, told.contains(words)), (2, true), "{param} {target} {more:?}: {out}{told}");
    }
    let (status, _, told) = desk.pol(&[
        "tune",
        "set",
        "--input",
        "counties.csv",
        "--param",
        "per_head",
        "--target",
        "sum of pay <= 1元",
    ]);
    assert_eq!((status, told.contains("for a record of the input (County)")), (2, true), "{told}");
}

/// Every edge against every value tried one by one on the reference interpreter.
#[test]
fn an_edge_is_what_the_interpreter_gives_value_by_value() {
    let desk = Desk::new();
    let policy =
        Policy::load(desk.folder.path().join("set")).map_err(|problems| problems.to_string()).unwrap();
    let param = policy.program().params.iter().position(|param| param.head.name == "longest").unwrap();
    let terms = [6i64, 12, 18, 24, 9, 30];
    let ids: Vec<String> = (0..terms.len()).map(|at| at.to_string()).collect();
    let columns: [(&str, arrow_array::ArrayRef); 2] =
        [("id", Arc::new(StringArray::from(ids))), ("term", Arc::new(Int64Array::from(terms.to_vec())))];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let granted = |months: i64| {
        let set = vec![(ParamId(param as u32), Value::Number(Number::from_int(months)))];
        let options = EngineOptions { kind: EngineKind::Interpreter, set, ..EngineOptions::default() };
        let engine = policy.engine("Firm", Date::new(2020, 3, 31).unwrap(), options).unwrap();
        let summary = engine.run(&batch).unwrap().summary;
        let short = summary.measures.iter().find(|own| own.name == "short").unwrap();
        short.statuses.get("granted").copied().unwrap_or(0)
    };
    let counts: Vec<u64> = (0..=40).map(granted).collect();
    for goal in 0..=7u64 {
        let json =
            desk.json("longest", &format!("count of short granted <= {goal}"), &["--high", "40 months"]);
        let greatest = counts.iter().rposition(|count| *count <= goal);
        let found = json["met"].as_bool().unwrap().then(|| json["at"]["value"].as_str().unwrap().to_owned());
        assert_eq!(found, greatest.map(|at| at.to_string()), "{goal}");
    }
}
