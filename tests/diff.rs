//! `pol diff` from end to end: what it tells of edits, that what it counts is what `pol eval` answers, that two
//! versions seen the other way round are the same the other way round.
#![cfg(feature = "cli")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value as Json;
use tempfile::TempDir;

const FINE: i32 = 0;
const FOUND: i32 = 1;
const USAGE: i32 = 2;

struct Desk(TempDir);

struct Ran {
    status: Option<i32>,
    out: String,
    err: String,
}

impl Ran {
    fn of(output: Output) -> Ran {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ran { status: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    #[track_caller]
    fn is(self, status: i32) -> Ran {
        assert_eq!(self.status, Some(status), "-- out\n{}\n-- err\n{}", self.out, self.err);
        self
    }

    #[track_caller]
    fn says(self, words: &str) -> Ran {
        assert!(self.err.contains(words), "no `{words}` in\n{}", self.err);
        self
    }

    #[track_caller]
    fn shows(self, words: &str) -> Ran {
        assert!(self.out.contains(words), "no `{words}` in\n{}", self.out);
        self
    }
}

impl Desk {
    fn new() -> Desk {
        Desk(tempfile::tempdir().expect("a folder can be made"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> &Desk {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a file stands in a folder")).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
        self
    }

    /// A policy set of one file.
    fn set(&self, name: &str, text: &str) -> &Desk {
        self.write(&format!("{name}/pol.toml"), "name = \"x\"\n").write(&format!("{name}/a.pol"), text)
    }

    fn edit(&self, name: &str, words: &[(&str, &str)]) {
        let mut text = fs::read_to_string(self.path(name)).expect("the file is there");
        for (old, new) in words {
            assert!(text.contains(old), "{name}: {old}");
            text = text.replace(old, new);
        }
        fs::write(self.path(name), text).expect("a file can be written");
    }

    fn pol(&self, arguments: &[&str]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pol"));
        command.args(arguments).current_dir(self.0.path()).stdin(Stdio::null());
        Ran::of(command.output().expect("pol can be run"))
    }

    /// Compares `old` with `new` over `in.csv`.
    fn diff(&self, more: &[&str]) -> Ran {
        let all = ["diff", "old", "new", "--input", "in.csv", "--as-of", "2020-06-30"];
        self.pol(&[&all[..], more].concat())
    }

    fn json(&self, more: &[&str]) -> Json {
        let ran = self.diff(&[&["--format", "json"], more].concat()).is(FINE);
        serde_json::from_str(&ran.out).expect("JSON")
    }

    fn git(&self, arguments: &[&str]) {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=n", "-c", "user.email=e@x", "-c", "commit.gpgsign=false"]);
        let output = command.args(arguments).current_dir(self.0.path()).output().expect("git can be run");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

fn policies() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("policies")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("the folder can be read").flatten() {
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(&path, &to).expect("a file can be copied");
        }
    }
}

/// The edits of the decree: the cap of article 29, the contract of article 24, a citation, and layout.
fn edit_decree(desk: &Desk, folder: &str) {
    let cap = "param leader_subsidy_cap \"一次性生产补贴上限\" = ";
    desk.edit(&format!("{folder}/poverty.pol"), &[(&format!("{cap}50万元"), &format!("{cap}40万元"))]);
    desk.edit(
        &format!("{folder}/employment.pol"),
        &[
            ("劳动合同期限 不少于 劳动合同最短期限", "劳动合同期限 超过 劳动合同最短期限"),
            ("依据 lu_2020 第24条 “新吸纳就业”", "依据 lu_2020 第24条 “一个月内复工新吸纳就业”"),
            (
                "发放 subsidy “补贴” = 吸纳就业补贴标准 × 新吸纳就业人数",
                "// 每人\n  发放 subsidy “补贴” =\n    新吸纳就业人数 × 吸纳就业补贴标准",
            ),
        ],
    );
}

const DECREE: &str = "\
what changed in meaning: 2 changed
~ measure job_subsidy 一次性吸纳就业补贴
    citation 新吸纳就业: lu_2020 article 24 “新吸纳就业” → lu_2020 article 24 “一个月内复工新吸纳就业”
    condition 签订1年以上劳动合同: 劳动合同期限 ≥ 劳动合同最短期限 → 劳动合同期限 > 劳动合同最短期限
~ param leader_subsidy_cap 一次性生产补贴上限
    amount: 500,000元 → 400,000元
    moves: 扶贫龙头企业生产补贴
";

#[test]
fn the_decree_against_a_git_revision() {
    let desk = Desk::new();
    copy(&policies(), &desk.path("policies"));
    desk.git(&["init", "-q", "-b", "main"]);
    desk.git(&["add", "."]);
    desk.git(&["commit", "-q", "-m", "first"]);
    edit_decree(&desk, "policies/shandong-2020");
    // The sets that it uses come from the revision too: here they are gone.
    fs::rename(desk.path("policies/common"), desk.path("policies/other")).expect("a folder can be renamed");
    desk.edit("policies/shandong-2020/pol.toml", &[("../common", "../other")]);
    let sets = ["diff", "main:policies/shandong-2020", "policies/shandong-2020", "--language", "en"];
    let input = "policies/shandong-2020/samples/qiye.csv";
    let run = [&sets[..], &["--input", input, "--as-of", "2020-03-31", "--format"]].concat();
    let text =
        desk.pol(&[&run[..], &["text", "--by", "industry", "--fail-on", "losers of job_subsidy"]].concat());
    let text = text.is(FOUND).says("failed: losers of job_subsidy: 14 lose");
    assert!(text.out.starts_with(DECREE), "{}", text.out);
    let text = text
        .shows("企业 Enterprise: 408 rows, 400 compared, 8 rejected by both")
        .shows("33 lose, 0 gain, 32 change otherwise, 14 change status, 32 change only their reasons")
        .shows("granted → refused: 11; undetermined → refused: 3")
        .shows("2,128,999.96元 less in all")
        .shows("- │     └─ at most 一次性生产补贴上限 = 500,000元: applied: 671,400元 → 500,000元")
        .shows("+ │     └─ at most 一次性生产补贴上限 = 400,000元: applied: 671,400元 → 400,000元");
    let farms = text.out.lines().find(|line| line.trim_start().starts_with("农林牧渔业")).expect("a group");
    assert!(farms.split_whitespace().nth(1) == Some("92"), "{farms}");
    assert!(
        text.out.contains("• 123799004TK45YPL64 (policies/shandong-2020/samples/qiye.csv:350): −108,000元")
    );
}

#[test]
fn wrong_revisions_are_told_of() {
    let desk = Desk::new();
    desk.set("old", "");
    desk.pol(&["diff", "nowhere", "old"]).is(USAGE).says("neither a folder nor REVISION:FOLDER");
    desk.git(&["init", "-q", "-b", "main"]);
    desk.pol(&["diff", "main:old", "old"]).is(USAGE).says("git knows no revision `main`");
    desk.git(&["add", "."]);
    desk.git(&["commit", "-q", "-m", "first"]);
    desk.pol(&["diff", "main:old", "old"]).is(FINE).shows("nothing has changed in meaning");
    desk.pol(&["diff", "main:./old", "main:old"]).is(FINE);
    desk.pol(&["diff", "main:new", "old"]).is(USAGE).says("there is no such folder in this revision");
    desk.pol(&["diff", "main:", "old"]).is(USAGE).says("no pol.toml");
    desk.pol(&["diff", "main:../x", "old"]).is(USAGE).says("outside of the repository");
    desk.set("old", "measure");
    desk.git(&["commit", "-q", "-a", "-m", "broken"]);
    desk.pol(&["diff", "main:old", "main:old"])
        .is(FOUND)
        .says("main:old/a.pol:1")
        .says("has errors at main:old");
}

const FIRMS: &str = "
policy p { issued 2020-02-29  rounding half_up to 1分 }
enum Trade \"行业\" { farm \"农业\", shop \"商业\" }
record Firm \"企业\" { key id: text  trade \"行业\": Trade  hires: count 人  months: months  area: number 亩 }
measure jobs \"用工\" for Firm {
  require { hired: hires > 0人  long: months >= 12个月 }
  pay sum = 100元/人 * hires at most 500元
}
measure land \"用地\" for Firm { require some: hires > 0人  entitle plot = area  list listed }
measure late \"滞纳\" for Firm { require short: months < 6个月  penalize fine = 10元 }
measure dues for Firm {
  one of { few: hires < 5人 => waive part = 7元  many: hires >= 5人 => waive part = 9元 }
}
";

const ROWS: &str = "\
id,行业,hires,months,area,county
a,农业,3,12,2,x
b,农业,9,24,1,x
c,shop,2,3,0.5,y
d,,,13,1,y
e,shop,0,12,1,
f,shop,x,12,1,z
";

fn firms(edits: &[(&str, &str)]) -> Desk {
    let desk = Desk::new();
    desk.set("old", FIRMS).set("new", FIRMS).write("in.csv", ROWS);
    desk.edit("new/a.pol", edits);
    desk
}

fn measure<'j>(json: &'j Json, name: &str) -> &'j Json {
    let all = json["records"][0]["measures"].as_array().expect("a list");
    all.iter().find(|own| own["name"] == name).unwrap_or_else(|| panic!("no {name}"))
}

/// losers, gainers, changed status, changed reasons, all that change.
fn counts(effect: &Json) -> [u64; 5] {
    ["loses", "gains", "status", "reason", "touched"].map(|key| effect[key].as_u64().expect("a number"))
}

#[test]
fn who_gains_who_loses_and_by_how_much() {
    let desk = firms(&[
        ("at most 500元", "at most 800元"),
        ("months >= 12个月", "months > 12个月"),
        ("entitle plot = area", "entitle plot = area * 2"),
        ("fine = 10元", "fine = 4元"),
    ]);
    let json = desk.json(&["--by", "trade", "--by", "county"]);
    let firm = &json["records"][0];
    assert_eq!((&firm["rows"], &firm["compared"], &firm["rejected"]), (&6.into(), &5.into(), &1.into()));
    // a: 300 → refused, but more land; b: 500 → 800; c: fine 10 → 4 and more land; e: refused for one more reason.
    assert_eq!(counts(&firm["total"]), [1, 2, 1, 1, 4]);
    let money = &firm["total"]["money"][0];
    assert_eq!((&money["less"], &money["more"]), (&"-300".into(), &"306".into()));
    let quantiles: Vec<&str> = money["spread"]["quantiles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|own| own["change"].as_str().unwrap())
        .collect();
    assert_eq!(quantiles, ["-300", "-300", "-300", "6", "300", "300", "300"]);
    assert_eq!(counts(&measure(&json, "jobs")["effect"]), [1, 1, 1, 1, 3]);
    assert_eq!(
        measure(&json, "jobs")["moves"][0],
        serde_json::json!({"before": "granted", "after": "refused", "records": 1})
    );
    assert_eq!(counts(&measure(&json, "land")["effect"]), [0, 3, 0, 0, 3]);
    let plot = &measure(&json, "land")["quantities"][0];
    assert_eq!((&plot["unit"], &plot["spread"]["quantiles"][3]["change"]), (&"亩".into(), &"1".into()));
    // Who pays less as a penalty gains.
    assert_eq!(counts(&measure(&json, "late")["effect"]), [0, 1, 0, 0, 1]);
    assert_eq!(
        measure(&json, "late")["cost"][0],
        serde_json::json!({"kind": "penalize", "before": "10", "after": "4"})
    );
    assert_eq!(counts(&measure(&json, "dues")["effect"]), [0; 5]);
    let groups = |at: usize| -> Vec<(String, u64, [u64; 5])> {
        let groups = firm["groups"][at]["groups"].as_array().unwrap().iter();
        let mut groups: Vec<_> = groups
            .map(|own| {
                (
                    own["value"].as_str().unwrap().to_owned(),
                    own["records"].as_u64().unwrap(),
                    counts(&own["effect"]),
                )
            })
            .collect();
        groups.sort();
        groups
    };
    let of = |value: &str, records, counts| (value.to_owned(), records, counts);
    assert_eq!(
        groups(0),
        [of("", 1, [0; 5]), of("农业", 2, [1, 1, 1, 0, 2]), of("商业", 2, [0, 1, 0, 1, 2])]
    );
    assert_eq!(
        groups(1),
        [of("", 1, [0, 0, 0, 1, 1]), of("x", 2, [1, 1, 1, 0, 2]), of("y", 2, [0, 1, 0, 0, 1])]
    );
    assert_eq!(
        firm["groups"][1]["groups"][0]["cost"][0],
        serde_json::json!({"kind": "pay", "before": "800", "after": "800"})
    );
    assert_eq!(firm["losers"][0]["key"], "a");
    let reasons: Vec<&str> = firm["losers"][0]["measures"]
        .as_array()
        .unwrap()
        .iter()
        .map(|own| own["name"].as_str().unwrap())
        .collect();
    assert_eq!(reasons, ["jobs", "land"]);
    assert_eq!(firm["losers"][0]["measures"][0]["after"]["status"], "refused");
}

#[test]
fn statuses_reasons_and_ceilings_decide_where_money_does_not() {
    let desk = firms(&[
        // For d (no number of hires) this is now refused, and not open any more.
        ("hired: hires > 0人  long: months >= 12个月", "hired: hires > 0人  long: months >= 14个月"),
        ("list listed", ""),
        ("few: hires < 5人", "small: hires < 5人"),
    ]);
    let json = desk.json(&[]);
    assert_eq!(counts(&measure(&json, "jobs")["effect"]), [2, 0, 2, 1, 3]);
    assert_eq!(counts(&measure(&json, "land")["effect"]), [0, 0, 0, 0, 3], "a list that is left is a change");
    // A branch that is called otherwise is the same branch.
    assert_eq!(counts(&measure(&json, "dues")["effect"]), [0; 5]);
    let desk = firms(&[
        ("waive part = 7元", "waive part at most 7元"),
        ("waive part = 9元", "waive part at most 9元"),
    ]);
    assert_eq!(counts(&measure(&desk.json(&[]), "dues")["effect"]), [4, 0, 0, 0, 4]);
}

#[test]
fn the_other_way_round_is_the_same_the_other_way_round() {
    let desk = firms(&[
        ("at most 500元", "at most 800元"),
        ("months >= 12个月", "months > 12个月"),
        ("entitle plot = area", "entitle plot = area * 2"),
        (
            "measure late",
            "measure early \"早\" for Firm { require some: hires > 2人  pay x = 3元 }\nmeasure late",
        ),
    ]);
    let there = desk.json(&["--by", "county"]);
    fs::rename(desk.path("old"), desk.path("x"))
        .and_then(|()| fs::rename(desk.path("new"), desk.path("old")))
        .unwrap();
    fs::rename(desk.path("x"), desk.path("new")).unwrap();
    let back = desk.json(&["--by", "county"]);
    let swapped = |effect: &Json| {
        let [loses, gains, status, reason, touched] = counts(effect);
        [gains, loses, status, reason, touched]
    };
    for own in there["records"][0]["measures"].as_array().unwrap() {
        let name = own["name"].as_str().unwrap();
        let other = measure(&back, name);
        assert_eq!(counts(&own["effect"]), swapped(&other["effect"]), "{name}");
        for (cost, back) in own["cost"].as_array().unwrap().iter().zip(other["cost"].as_array().unwrap()) {
            assert_eq!((&cost["before"], &cost["after"]), (&back["after"], &back["before"]));
        }
    }
    assert_eq!(counts(&there["records"][0]["total"]), swapped(&back["records"][0]["total"]));
}

/// Answers of `pol eval`, row by row: by column name.
fn answers(desk: &Desk, set: &str, input: &str) -> Vec<BTreeMap<String, String>> {
    let run = ["eval", set, "--input", input, "--output", "out.csv", "--as-of", "2020-06-30", "--quiet"];
    desk.pol(&run).is(FINE);
    let mut reader = csv::Reader::from_path(desk.path("out.csv")).expect("the answers can be read");
    let head = reader.headers().expect("a header").clone();
    let row = |row: csv::Result<csv::StringRecord>| {
        head.iter().map(str::to_owned).zip(row.expect("a row").iter().map(str::to_owned)).collect()
    };
    reader.records().map(row).collect()
}

#[test]
fn what_is_counted_is_what_eval_answers() {
    let desk = Desk::new();
    copy(&policies(), &desk.path("policies"));
    copy(&policies().join("shandong-2020"), &desk.path("policies/edited"));
    edit_decree(&desk, "policies/edited");
    desk.edit("policies/edited/insurance.pol", &[("= 6个月", "= 5个月")]);
    let input = "policies/shandong-2020/samples/qiye.csv";
    let (old, new) = ("policies/shandong-2020", "policies/edited");
    let [before, after] = [old, new].map(|set| answers(&desk, set, input));
    let run = ["diff", old, new, "--input", input, "--as-of", "2020-06-30", "--format", "json"];
    let json: Json = serde_json::from_str(&desk.pol(&run).is(FINE).out).expect("JSON");
    let outcome = &json["records"][0];
    assert_eq!(outcome["compared"].as_u64(), Some(before.len() as u64));
    let mut touched = 0;
    for own in outcome["measures"].as_array().unwrap() {
        let name = own["name"].as_str().unwrap();
        let of = |row: &BTreeMap<String, String>, reasons: bool| -> Vec<(String, String)> {
            let own = row.iter().filter(|(column, _)| column.split('.').next() == Some(name));
            let is_reason =
                |column: &str| [".failed", ".missing", ".branch"].iter().any(|end| column.ends_with(end));
            let own = own.filter(|(column, _)| reasons || !is_reason(column));
            own.map(|(column, cell)| (column.clone(), cell.clone())).collect()
        };
        let rows = || before.iter().zip(&after);
        let differ = rows().filter(|(old, new)| of(old, true) != of(new, true)).count();
        let status = format!("{name}.status");
        let moved = rows().filter(|(old, new)| old[&status] != new[&status]).count();
        let [_, _, statuses, reasons, all] = counts(&own["effect"]);
        assert_eq!((all, statuses), (differ as u64, moved as u64), "{name}");
        let same_amounts =
            rows().filter(|(old, new)| of(old, true) != of(new, true) && of(old, false) == of(new, false));
        assert_eq!(reasons, same_amounts.count() as u64, "{name}");
        touched += all;
    }
    assert!(touched > 100, "the edit does something: {touched}");
    let total = |rows: &[BTreeMap<String, String>]| -> i64 {
        rows.iter().map(|row| row["total.pay"].replace('.', "").parse::<i64>().expect("a number")).sum()
    };
    let pay = outcome["cost"].as_array().unwrap().iter().find(|cost| cost["kind"] == "pay").unwrap();
    for (key, rows) in [("before", &before), ("after", &after)] {
        let text = pay[key].as_str().unwrap();
        let (whole, cents) = text.split_once('.').unwrap_or((text, ""));
        assert_eq!(format!("{whole}{cents:0<2}").parse::<i64>().unwrap(), total(rows), "{key}");
    }
}

#[test]
fn threads_change_nothing() {
    let desk = firms(&[("at most 500元", "at most 30元"), ("months >= 12个月", "months >= 18个月")]);
    let mut rows = "id,行业,hires,months,area,county\n".to_owned();
    for at in 0..150_000u64 {
        let (hires, months) = (at * 7919 % 13, at * 104_729 % 40);
        rows += &format!(
            "{at},{},{hires},{months},{}.5,c{}\n",
            ["农业", "商业"][at as usize % 2],
            at % 90,
            at % 1500
        );
    }
    desk.write("in.csv", &rows);
    let one = desk.json(&["--threads", "1", "--by", "county"]);
    assert_eq!(one, desk.json(&["--threads", "3", "--by", "county"]));
    let groups = one["records"][0]["groups"][0]["groups"].as_array().unwrap();
    assert_eq!(groups.len(), 1001, "a thousand groups, and the others together");
    let sum: u64 = groups.iter().map(|group| group["records"].as_u64().unwrap()).sum();
    assert_eq!(sum, 150_000);
}

#[test]
fn fields_that_come_and_go() {
    let desk = firms(&[
        ("area: number 亩", "area: number 亩  staff \"职工\": count 人?"),
        ("list listed", "list listed\n  excludes dues"),
        ("hires: count 人", "hires: count 人 in 0人..5人"),
    ]);
    let json = desk.json(&[]);
    let firm = &json["records"][0];
    assert_eq!(firm["new_without_column"], serde_json::json!(["staff"]));
    // b has nine hires, which the new version does not read.
    assert_eq!((&firm["compared"], &firm["only_before"]), (&4.into(), &1.into()));
    desk.diff(&["--fail-on", "losers"]).is(FOUND).says("of which 1 cannot be read any more");
    desk.diff(&[])
        .shows("1 read before, but not after")
        .shows("not compared: 1 row, which only the old version reads: pay 500元, waive 9元")
        .shows("new fields that the input has no column for: staff");
    // Nothing but that row: what it was paid is no change of cost.
    let desk = firms(&[("hires: count 人", "hires: count 人 in 0人..5人")]);
    let json = desk.json(&["--fail-on", "cost < -1%", "--fail-on", "cost > +1%"]);
    let firm = &json["records"][0];
    assert_eq!(
        (&firm["cost"][0], &firm["cost_only_before"][0]),
        (
            &serde_json::json!({"kind": "pay", "before": "300", "after": "300"}),
            &serde_json::json!({"kind": "pay", "amount": "500"})
        )
    );
    for format in ["text", "markdown", "html"] {
        desk.diff(&["--format", format])
            .shows("nothing changes for the records that both versions read")
            .shows("not compared: 1 row");
    }
    // A kind of record that only one of the two has.
    let desk = firms(&[("record Firm", "record Shop"), ("for Firm", "for Shop")]);
    let json = desk.json(&[]);
    assert_eq!(json["changes"][0]["how"], "renamed");
    assert_eq!(counts(&json["records"][0]["total"]), [0; 5]);
    let desk = firms(&[(
        "measure late",
        "record Other { key id: text  zzz: count }\nmeasure extra for Other { pay x = 1元 }\nmeasure late",
    )]);
    desk.write("in.csv", "id,zzz\nq,1\n");
    let json = desk.json(&[]);
    assert_eq!(counts(&json["records"][0]["total"]), [0, 1, 1, 0, 1]);
    assert_eq!(json["records"][0]["measures"][0]["moves"][0]["before"], "absent");
}

#[test]
fn ranks_and_budgets_are_seen_over_all_records() {
    let text = "
policy p { issued 2020-01-01  rounding half_up to 1分 }
record R { key id: text  n: count in 0..100 }
measure top for R { require first: (rank by n descending) <= 2  pay x = 5元 }
measure voucher for R { require some: n > 0  pay y = 1元 * n }
budget fund = 10元 { draws voucher.y  order by n  last cut }
";
    let desk = Desk::new();
    desk.set("old", text).set("new", text).write("in.csv", "id,n\na,6\nb,7\nc,3\n");
    desk.edit("new/a.pol", &[("<= 2", "<= 1"), ("fund = 10元", "fund = 5元")]);
    let json = desk.json(&[]);
    assert_eq!(counts(&measure(&json, "top")["effect"]), [1, 0, 1, 0, 1]);
    // Before: c 3, a 6, b 1; after: c 3, a 2, b nothing.
    assert_eq!(counts(&measure(&json, "voucher")["effect"]), [2, 0, 1, 0, 2]);
    assert_eq!(
        measure(&json, "voucher")["cost"][0],
        serde_json::json!({"kind": "pay", "before": "10", "after": "5"})
    );
}

#[test]
fn a_measure_that_is_not_there_is_no_change_for_whom_it_refuses() {
    let added = "\
measure early \"早\" for Firm { require some: hires > 5人  pay x = 3元 }
duty report for Firm { require many: hires > 5人  comply told: hires > 7人 }
measure later for Firm { in force from 2021-01-01  pay y = 2元 }
measure late";
    for swap in [false, true] {
        let desk = firms(&[("measure late", added)]);
        if swap {
            let [old, new] = ["old", "new"].map(|set| fs::read(desk.path(&format!("{set}/a.pol"))).unwrap());
            fs::write(desk.path("old/a.pol"), new)
                .and_then(|()| fs::write(desk.path("new/a.pol"), old))
                .unwrap();
        }
        let json = desk.json(&["--by", "county"]);
        // b alone is paid and bound; of d nobody knows. For a, c and e it is as if nothing were there.
        assert_eq!(json["records"][0]["total"]["touched"], 2, "{swap}");
        let touched = |name: &str| counts(&measure(&json, name)["effect"])[4];
        assert_eq!(["early", "report", "later"].map(touched), [2, 2, 0], "{swap}");
        let changed = desk.diff(&["--fail-on", "changed"]).is(FOUND);
        changed.says("changed: 2 change");
    }
}

#[test]
fn what_is_seen_across_kinds_of_record_is_seen_on_both_sides() {
    let text = "
policy p { issued 2020-01-01  rounding half_up to 1分 }
record City \"市\" { key name: text  score: count in 0..100 }
record Shop \"店\" { key id: text  city: text  n: count in 0..100  belongs to City via city }
record Stall \"摊\" { key id: text  n: count in 0..100 }
measure best for City { require first: (rank by score descending) <= 2  pay x = 5元 }
measure near for Shop { require good: City.score >= 50  pay y = 1元 * n }
measure other for Stall { require first: (rank by n descending) <= 1  pay z = 1元 }
";
    let desk = Desk::new();
    desk.set("old", text)
        .set("new", text)
        .edit("new/a.pol", &[("<= 2  pay x", "<= 1  pay x"), (">= 50", ">= 60")]);
    desk.write("cities.csv", "name,score\nA,70\nB,55\nC,40\n");
    desk.write("shops.csv", "id,city,n\na,A,1\nb,B,2\nc,C,3\n");
    let run = ["diff", "old", "new", "--as-of", "2020-06-30", "--format", "json", "--input"];
    let ran = desk.pol(&[&run[..], &["City=cities.csv", "Shop=shops.csv"]].concat()).is(FINE);
    let json: Json = serde_json::from_str(&ran.out).expect("JSON");
    let effects: Vec<[u64; 5]> = (0..2).map(|at| counts(&json["records"][at]["total"])).collect();
    assert_eq!(effects, [[1, 0, 1, 0, 1], [1, 0, 1, 0, 1]]);
    for (input, key, measure, status) in
        [("City=cities.csv", "B", "best", "granted"), ("Shop=shops.csv", "c", "near", "refused")]
    {
        let inputs = ["City=cities.csv", "Shop=shops.csv"];
        let run = ["explain", "old", "--as-of", "2020-06-30", "--key", key, "--measure", measure, "--input"];
        assert!(inputs.contains(&input));
        desk.pol(&[&run[..], &inputs].concat()).is(FINE).shows(status);
    }
}

#[test]
fn where_most_is_undetermined_no_money_is_compared_and_that_is_told() {
    let text = |most: &str| {
        format!(
            "policy p {{ issued 2020-01-01  rounding half_up to 1分 }}\n\
             record R {{ key id: text  wage: money in 0元..1万元 }}\n\
             open param least \"最低工资\": money at least 0元 {{ by \"省\" }}\n\
             measure m \"补贴\" for R {{ require enough: wage >= least  pay x = wage * 10 at most {most} }}\n"
        )
    };
    let desk = Desk::new();
    desk.set("old", &text("6万元")).set("new", &text("5万元")).write("in.csv", "id,wage\na,5500\nb,1000\n");
    let blind = desk.diff(&["--fail-on", "losers", "--language", "en"]).is(FINE);
    blind.shows(
        "undetermined for most records, so that their money is not compared: 补贴 2 (waits for least)",
    );
    let seen = desk.diff(&["--set", "least=2000元", "--fail-on", "losers", "--language", "en"]).is(FOUND);
    let seen = seen.shows("1 loses").out;
    assert!(!seen.contains("not compared"), "{seen}");
    assert!(seen.contains("needed: ≥ 2,000元 (最低工资)"), "the reasons are of the same value: {seen}");
    desk.diff(&["--set", "most=1元"]).is(USAGE).says("the policy has no param `most`");
    desk.pol(&["diff", "old", "new", "--set", "least=1元"]).is(USAGE).says("--input");
}

#[test]
fn conditions_to_fail_on() {
    let desk = firms(&[("months >= 12个月", "months > 12个月"), ("100元/人 * hires", "101元/人 * hires")]);
    for (condition, status, words) in [
        ("losers", FOUND, "losers: 1 loses"),
        ("losers > 1", FINE, ""),
        ("losers > 19%", FOUND, "(20% of 5)"),
        ("losers >= 21%", FINE, ""),
        ("losers of land", FINE, ""),
        ("losers of 用工", FOUND, "1 loses"),
        ("losers ＞ １９％", FOUND, "(20% of 5)"),
        ("losers≥1", FOUND, "1 loses"),
        ("winners", FINE, ""),
        ("changed", FOUND, "2 change"),
        ("meaning > 1", FINE, ""),
        ("meaning", FOUND, "1 item has changed in meaning"),
        ("cost < -35%", FOUND, "830元 → 530元 (−300元, −36.1%)"),
        ("cost > +5%", FINE, ""),
        ("pay < -299元", FOUND, "800元 → 500元"),
        ("pay < -300元", FINE, ""),
        ("pay >= 500", FOUND, "pay >= 500"),
        ("pay > 0.05万元", FINE, ""),
        ("waive > +0%", FINE, ""),
        ("pay < 600美元", FINE, ""),
    ] {
        let ran = desk.diff(&["--quiet", "--fail-on", condition]).is(status);
        assert!(ran.err.contains(words), "{condition}: {}", ran.err);
    }
    for (condition, words) in [
        ("cost", "needs a limit"),
        ("cost > 5%", "write `+5%` or `-5%`"),
        ("loosers", "nothing that can be failed on"),
        ("losers > x", "is no limit"),
        ("losers > 5元", "no unit of a number of records"),
        ("pay > 5吨", "is no money"),
        ("losers of jbos", "did you mean `jobs`?"),
        ("cost > +5% of jobs", "write `cost of jobs > +5%`"),
        ("cost = 5", "the signs are `>`, `>=`, `<` and `<=`"),
        ("cost > 1234567890123456789012345678901234567890", "is too large for a limit"),
    ] {
        desk.diff(&["--fail-on", condition]).is(USAGE).says(words);
    }
    for (format, words) in [
        ("markdown", "**fails by 2 conditions**\n\n- losers: 1 loses\n- meaning"),
        ("html", "fails by 2 conditions"),
        ("json", "\"losers: 1 loses\""),
    ] {
        desk.diff(&["--fail-on", "losers", "--fail-on", "meaning", "--format", format])
            .is(FOUND)
            .shows(words);
    }
    desk.pol(&["diff", "old", "new", "--fail-on", "losers"]).is(USAGE).says("give the records with --input");
}

#[test]
fn awkward_input() {
    let desk = firms(&[("12个月", "13个月")]);
    desk.diff(&["--by", "nothing"]).is(USAGE).says("--by nothing: no --input has a column");
    desk.pol(&["diff", "old", "new", "--by", "trade"]).is(USAGE).says("--input");
    desk.pol(&["diff", "old", "new", "--as-of", "2020-06-30"]).is(FINE).says("note: --as-of is for records");
    desk.diff(&["--by", "trade", "--language", "zh"]).is(FINE).shows("\n  行业");
    desk.diff(&["--threads", "0"]).is(USAGE);
    desk.write("in.csv", "id,hires\n")
        .diff(&[])
        .is(FINE)
        .shows("0 rows, 0 compared")
        .shows("nothing changes");
    desk.write("in.csv", "").diff(&[]).is(USAGE).says("is empty");
    desk.write("in.csv", "what\n1\n").diff(&[]).is(USAGE).says("not those of a record");
    desk.write("in.csv", "id\na\na\n").diff(&[]).is(FINE).shows("repeats the key of line 2");
    desk.pol(&["diff", "old", "new", "--input", "Frim=in.csv"]).is(USAGE).says("did you mean");
    desk.write("in.csv", "id,hires,months,area\n\"a<b>|`\",3,12,1\n");
    desk.diff(&["--format", "html", "--output", "x.html"]).is(FINE);
    let page = fs::read_to_string(desk.path("x.html")).unwrap();
    assert!(page.contains("a&lt;b&gt;|`") && !page.contains("a<b>"));
    desk.diff(&["--format", "markdown"]).is(FINE).shows("a&lt;b&gt;\\|\\`");
    let huge = FIRMS.replace("100元/人 * hires at most 500元", "9_000_000_000_000_000元");
    desk.set("new", &huge).diff(&["--format", "text"]).is(FINE).shows("+8,999,999,999,999,700元");
}

#[test]
fn pages_stand_alone_in_both_languages() {
    let desk = firms(&[("months >= 12个月", "months > 12个月"), ("hires at most 500元", "hires")]);
    for (language, words) in [("en", "The biggest losers"), ("zh", "受损最大的记录")] {
        let page = desk.diff(&["--format", "html", "--by", "county", "--language", language]).is(FINE).out;
        assert!(page.contains(words) && page.contains(&format!("<html lang=\"{language}\">")));
        for alien in ["<script", "http:", "https:", "<link", "src="] {
            assert!(!page.contains(alien), "{alien}");
        }
        let count = |text: &str| page.matches(text).count();
        assert!(count("<svg") >= 4 && count("<svg") == count("</svg>") && count("<rect") > 5);
        for tag in ["section", "table", "div", "ul", "li", "p", "pre", "h3"] {
            let open = count(&format!("<{tag}>")) + count(&format!("<{tag} "));
            assert_eq!(open, count(&format!("</{tag}>")), "{tag}");
        }
    }
    let markdown = desk.diff(&["--format", "markdown", "--by", "county"]).is(FINE);
    markdown.shows("## old → new").shows("```diff").shows("| county | records |").shows("<details>");
}
