//! The `pol` command from end to end: its exit statuses, what it writes where, and that awkward input is told of in
//! words and leaves nothing behind.
#![cfg(feature = "cli")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

const FINE: i32 = 0;
const FOUND: i32 = 1;
const USAGE: i32 = 2;

const HEADER: &str = "id,kind,hired_on,new_hires,contract\n";
const AS_OF: [&str; 2] = ["--as-of", "2024-06-30"];

fn shipped(path: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/shandong-2020").join(path).display().to_string()
}

/// A folder in which the command runs.
struct Desk(TempDir);

impl Desk {
    fn new() -> Desk {
        Desk(tempfile::tempdir().expect("a folder can be made"))
    }

    /// With a policy set `set`, made by `pol init`.
    fn with_set() -> Desk {
        let desk = Desk::new();
        desk.pol(&["init", "set"]).is(FINE);
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> &Desk {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a file stands in a folder")).expect("a folder can be made");
        fs::write(path, bytes).expect("a file can be written");
        self
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The names of what stands in a folder, hidden ones too.
    fn list(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).expect("the folder can be read");
        let name = |entry: std::io::Result<fs::DirEntry>| {
            entry.expect("an entry can be read").file_name().to_string_lossy().into_owned()
        };
        let mut names: Vec<String> = entries.map(name).collect();
        names.sort();
        names
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pol"));
        command.args(arguments).current_dir(self.0.path());
        command
    }

    fn pol(&self, arguments: &[&str]) -> Ran {
        Ran::of(arguments, self.command(arguments).stdin(Stdio::null()).output())
    }

    fn pol_reading(&self, arguments: &[&str], input: &str) -> Ran {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("pol can be started");
        let mut stdin = child.stdin.take().expect("its input is a pipe");
        stdin.write_all(input.as_bytes()).expect("its input can be written");
        drop(stdin);
        Ran::of(arguments, child.wait_with_output())
    }

    /// Evaluates `in.csv` with the policy set `set` to `out.csv`.
    fn eval(&self, more: &[&str]) -> Ran {
        let all = [&["eval", "set", "--input", "in.csv", "--output", "out.csv"], &AS_OF[..], more].concat();
        self.pol(&all)
    }
}

/// What a command did.
struct Ran {
    arguments: String,
    status: Option<i32>,
    out: String,
    err: String,
}

impl Ran {
    fn of(arguments: &[&str], output: std::io::Result<Output>) -> Ran {
        let output = output.expect("pol can be run");
        Ran {
            arguments: arguments.join(" "),
            status: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    #[track_caller]
    fn is(self, status: i32) -> Ran {
        let Ran { arguments, out, err, .. } = &self;
        assert_eq!(self.status, Some(status), "pol {arguments}\n-- out\n{out}\n-- err\n{err}");
        self
    }

    #[track_caller]
    fn says(self, words: &str) -> Ran {
        assert!(self.err.contains(words), "pol {}: no `{words}` in\n{}", self.arguments, self.err);
        self
    }

    #[track_caller]
    fn shows(self, words: &str) -> Ran {
        assert!(self.out.contains(words), "pol {}: no `{words}` in\n{}", self.arguments, self.out);
        self
    }
}

// Policy sets.

#[test]
fn a_new_set_checks_tests_and_runs_in_both_languages() {
    for (language, outcome) in
        [("en", "5 cases: 5 passed, 0 failed\n"), ("zh", "5 个算例：5 个通过，0 个未通过\n")]
    {
        let desk = Desk::new();
        desk.pol(&["init", "set", "--language", language]).is(FINE).shows("pol check set");
        desk.pol(&["check", "set"]).is(FINE).shows("no problems in 1 measure and 5 cases");
        desk.pol(&["test", "set"]).is(FINE).shows(outcome);
        let input = "set/samples/firms.csv";
        desk.pol(&["eval", "set", "--input", input, "--output", "out.csv", AS_OF[0], AS_OF[1]]).is(FINE);
        assert_eq!(desk.list("."), ["out.csv", "set"], "no rejects, no file of them");
        let answers = desk.read("out.csv");
        let statuses: Vec<&str> =
            answers.lines().skip(1).map(|line| line.split(',').nth(1).unwrap()).collect();
        assert_eq!(statuses, ["granted", "refused", "refused", "granted", "undetermined"]);
    }
}

#[test]
fn init_leaves_a_folder_with_files_alone() {
    let desk = Desk::new();
    desk.write("full/mine.txt", "mine");
    desk.pol(&["init", "full"]).is(USAGE).says("not empty");
    assert_eq!(desk.list("full"), ["mine.txt"]);
    desk.write("file", "mine").pol(&["init", "file"]).is(USAGE).says("cannot be made");
    assert_eq!(desk.read("file"), "mine");
}

#[test]
fn a_folder_that_is_no_policy_set_is_wrong_usage() {
    let desk = Desk::new();
    desk.write("plain/a.pol", "");
    for command in ["check", "test", "schema"] {
        desk.pol(&[command, "nowhere"]).is(USAGE).says("there is no folder nowhere");
        desk.pol(&[command, "plain/a.pol"]).is(USAGE).says("is not a folder");
        desk.pol(&[command, "plain"]).is(USAGE).says("has no pol.toml");
        desk.pol(&[command]).is(USAGE).says("has no pol.toml");
    }
}

#[cfg(unix)]
#[test]
fn a_file_without_rights_is_an_error_of_the_set() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::with_set();
    let closed = desk.path("set/cases.pol");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).expect("rights can be taken");
    if fs::read(&closed).is_ok() {
        return; // whoever runs this may read everything
    }
    desk.pol(&["check", "set"]).is(FOUND).shows("cannot be read");
}

#[test]
fn texts_that_are_no_policy_are_told_of() {
    let brackets = format!("param p = {}1{}", "(".repeat(100_000), ")".repeat(100_000));
    // A fixed run of bytes without any pattern.
    let noise: Vec<u8> = (0u32..20_000)
        .scan(1u32, |x, _| {
            Some({
                *x = x.wrapping_mul(48_271) % 0x7fff_ffff;
                (*x >> 8) as u8
            })
        })
        .collect();
    let texts: [(&[u8], &str); 6] = [
        (brackets.as_bytes(), "E0108"),
        (&noise, "error["),
        (b"\0", "U+0000"),
        (b"// \xb2\xb9\xcc\xf9", "E0109"),
        ("use nothing.*".as_bytes(), "error["),
        ("table t { from \"t.csv\" }".as_bytes(), "t.csv"),
    ];
    for (bytes, words) in texts {
        let desk = Desk::new();
        desk.write("pol.toml", "name = \"x\"\n").write("a.pol", bytes);
        desk.pol(&["check"]).is(FOUND).shows(words);
        desk.pol(&["test"]).is(FOUND).says("the policy set has errors");
        desk.pol(&["schema"]).is(FOUND).says("the policy set has errors");
    }
}

#[test]
fn an_empty_file_is_an_empty_module() {
    let desk = Desk::new();
    desk.write("pol.toml", "name = \"x\"\n").write("a.pol", "");
    desk.pol(&["check"]).is(FINE);
    desk.write("in.csv", "id\n1\n");
    desk.pol(&["eval", ".", "--input", "in.csv", "--output", "out.csv"]).is(USAGE).says("no record");
}

#[test]
fn a_missing_source_and_a_broken_manifest_are_errors_of_the_set() {
    let desk = Desk::with_set();
    fs::remove_file(desk.path("set/sources/notice.txt")).expect("the source can be removed");
    desk.pol(&["check", "set"]).is(FOUND).shows("notice.txt");
    desk.write("in.csv", HEADER);
    desk.eval(&[]).is(FOUND).says("notice.txt");
    assert_eq!(desk.list("."), ["in.csv", "set"]);
    desk.write("set/pol.toml", b"\xff\xfe\0");
    desk.pol(&["check", "set"]).is(FOUND).shows("pol.toml");
}

#[test]
fn problems_come_in_the_format_that_is_asked_for() {
    let desk = Desk::with_set();
    desk.write("set/more.pol", "param p \"P\" = 1元 + 1人\n");
    let json = desk.pol(&["check", "set", "--format", "json"]).is(FOUND);
    let json: serde_json::Value = serde_json::from_str(&json.out).expect("the report is JSON");
    assert!(json["summary"]["errors"].as_u64() >= Some(1), "{json}");
    let sarif = desk.pol(&["check", "set", "--format", "sarif"]).is(FOUND);
    let sarif: serde_json::Value = serde_json::from_str(&sarif.out).expect("the report is JSON");
    assert_eq!(sarif["version"], "2.1.0");
    desk.pol(&["check", "set", "--format", "github"]).is(FOUND).shows("::error file=");
    let plain = desk.pol(&["check", "set"]).is(FOUND);
    assert!(!plain.out.contains('\x1b'), "no colours in a pipe");
    desk.pol(&["check", "set", "--color", "always"]).is(FOUND).shows("\x1b[");
    desk.pol(&["check", "set", "--format", "xml"]).is(USAGE).says("human, json, sarif, github");
}

#[test]
fn a_case_that_fails_is_shown_with_what_came() {
    let desk = Desk::with_set();
    let cases = desk.read("set/cases.pol").replace("3000元", "4000元");
    desk.write("set/cases.pol", cases);
    desk.pol(&["test", "set"]).is(FOUND).shows("5 cases: 4 passed, 1 failed").shows("E0703").shows("3,000元");
    let json = desk.pol(&["test", "set", "--format", "json"]).is(FOUND);
    let json: serde_json::Value = serde_json::from_str(&json.out).expect("the report is JSON");
    assert_eq!(json["summary"], serde_json::json!({ "cases": 5, "passed": 4, "failed": 1 }));
    desk.pol(&["test", "set", "--filter", "a day late"]).is(FINE).shows("1 case: 1 passed");
    desk.pol(&["test", "set", "--filter", "no such"]).is(USAGE).says("no case");
}

// Records in.

#[test]
fn rows_that_cannot_be_read_are_rejected_one_by_one() {
    let desk = Desk::with_set();
    let digits = "9".repeat(60);
    desk.write(
        "in.csv",
        format!(
            "{HEADER}A,firm,2020-02-30,1,12\nB,firm,2024-03-01,-3,12\nC,firm,2024-03-01,{digits},12\n\
             D,firm,2024-03-01,1e400,12\nE,firm,2024-03-01,NaN,12\nF,firm,2024-03-01,3,12\n\
             F,firm,2024-03-01,4,12\n,firm,2024-03-01,3,12\nG,bank,2024-03-01,3,12\nH,firm\n\
             I,firm,2024-03-01,2,12,too,many\nJ,firm,2024-03-01,1.5,12\nK,firm,2024-03-01,3,12\n"
        ),
    );
    desk.eval(&["--summary", "sum.json"]).is(FINE).says("13 rows in, 2 answered, 11 rejected");
    let keys: Vec<String> = desk.read("out.csv").lines().skip(1).map(|line| line[..1].to_owned()).collect();
    assert_eq!(keys, ["F", "K"], "the first of two with one key counts");
    let rejects = desk.read("out.rejects.csv");
    let lines: Vec<&str> = rejects.lines().skip(1).map(|line| line.split(',').nth(1).unwrap()).collect();
    assert_eq!(lines, ["2", "3", "4", "5", "6", "8", "9", "10", "11", "12", "13"]);
    assert!(rejects.contains("repeats the key of line 7"), "{rejects}");
    let summary: serde_json::Value = serde_json::from_str(&desk.read("sum.json")).expect("JSON");
    let record = &summary["records"][0];
    assert_eq!(record["rows_in"], 13);
    assert_eq!(record["summary"]["records"], 2);
    assert_eq!(record["summary"]["rejected"], 11);
    assert_eq!(record["summary"]["totals"]["pay"], "6000");
    for key in ["pol.version", "pol.policy_digest", "pol.as_of", "pol.input_digest"] {
        assert!(record["receipt"][key].is_string(), "{key}: {record}");
    }
    assert_eq!(desk.list("."), ["in.csv", "out.csv", "out.rejects.csv", "set", "sum.json"]);

    desk.write("in.csv", format!("{HEADER}A,firm,2024-03-01,3,12\n"));
    desk.eval(&[]).is(FINE);
    assert!(!desk.path("out.rejects.csv").exists(), "rejects of an earlier run would mislead");
    desk.eval(&["--rejects", "bad.csv"]).is(FINE);
    assert_eq!(desk.read("bad.csv").lines().count(), 1, "a place that was named is written");
}

#[test]
fn strict_stops_at_the_first_and_writes_nothing() {
    let desk = Desk::with_set();
    desk.write("in.csv", format!("{HEADER}A,firm,2024-03-01,3,12\nB,firm,soon,3,12\n"));
    desk.eval(&["--strict", "--summary", "sum.json"]).is(FOUND).says("in.csv:3: hired_on").says("--strict");
    assert_eq!(desk.list("."), ["in.csv", "set"]);
}

#[test]
fn rejects_without_a_file_are_told_one_by_one() {
    let desk = Desk::with_set();
    let bad: String = (1..=9).map(|at| format!("R{at},firm,soon,3,12\n")).collect();
    desk.write("in.csv", format!("{HEADER}{bad}"));
    let ran = desk.pol(&["eval", "set", "--input", "in.csv", "--output", "-", "--quiet"]).is(FINE);
    assert_eq!(ran.err.lines().count(), 9, "{}", ran.err);
    assert_eq!(ran.out.lines().count(), 1);
}

#[test]
fn csv_as_offices_save_it_is_read() {
    let row = "A,firm,2024-03-01,3,12\n";
    let semicolons = format!("{HEADER}{row}").replace(',', ";");
    let texts = [
        format!("\u{feff}{HEADER}{row}"),
        format!("{HEADER}{row}").replace('\n', "\r\n"),
        semicolons,
        format!("Registration number,Kind of body,Hired on,People hired(人),Length of contract(年)\n{row}")
            .replace(",12\n", ",1\n"),
        format!("{HEADER}{row}").replace("2024-03-01", "2024年3月1日"),
    ];
    for text in texts {
        let desk = Desk::with_set();
        desk.write("in.csv", &text).eval(&[]).is(FINE);
        assert!(desk.read("out.csv").contains("A,granted,3000.00"), "{text}: {}", desk.read("out.csv"));
    }
}

#[test]
fn gb18030_is_read_and_records_are_told_by_their_columns() {
    let desk = Desk::new();
    let (counties, cities) = (shipped("samples/counties.csv"), shipped("samples/cities.csv"));
    let set = shipped("");
    let arguments =
        ["eval", &set, "--as-of", "2020-03-31", "--input", &counties, &cities, "--output", "out/"];
    desk.pol(&arguments).is(FINE).says("137").says("16");
    assert_eq!(desk.list("out"), ["City.csv", "County.csv"]);
    assert!(desk.read("out/County.csv").lines().any(|line| line.starts_with("济南市历下区,")));
    assert_eq!(desk.read("out/City.csv").lines().count(), 17);
    let first: Vec<String> = desk.read("out/City.csv").lines().skip(1).take(2).map(str::to_owned).collect();
    assert!(first[0].starts_with("济南市,") && first[1].starts_with("青岛市,"), "rows keep their order");

    let mut one_file = arguments;
    one_file[8] = "out.csv";
    desk.pol(&one_file).is(USAGE).says("several kinds of record").says("folder");
    assert_eq!(desk.list("."), ["out"]);
}

#[test]
fn a_run_over_several_records_writes_all_files_or_none() {
    let desk = Desk::new();
    let (cities, set) = (shipped("samples/cities.csv"), shipped(""));
    desk.write("loans.csv", "贷款编号,到期日\nA,2020-05-01\nB,\"2020-05-01\n");
    let input = ["--input", &cities, "Loan=loans.csv"];
    desk.pol(&[&["eval", &set], &input[..], &["--output", "new/out/"]].concat())
        .is(USAGE)
        .says("loans.csv:3");
    assert_eq!(desk.list("."), ["loans.csv"]);
}

#[test]
fn tables_that_do_not_fit_are_unreadable_input() {
    let texts: [(&str, &str); 8] = [
        ("", "is empty"),
        ("\n\n", "no column names"),
        ("id,id,kind\nA,A,firm\n", "both named `id`"),
        ("id,Registration number\nA,A\n", "are all the field `id`"),
        ("a,b\n1,2\n", "its columns are not those of a record of the policy (`Firm`)"),
        ("id,new_hires(元)\nA,3\n", "new_hires"),
        ("id,kind\nA,\"firm\n", "never closed"),
        ("PAR1\0\0\0\0", "starts like Parquet"),
    ];
    for (text, words) in texts {
        let desk = Desk::with_set();
        desk.write("in.csv", text).eval(&["--summary", "sum.json"]).is(USAGE).says(words);
        assert_eq!(desk.list("."), ["in.csv", "set"], "{words}: nothing is left behind");
    }
    let desk = Desk::with_set();
    desk.write("in.csv", b"id,kind\n\xff\xff,firm\n").eval(&[]).is(USAGE).says("neither UTF-8");
    desk.pol(&["eval", "set", "--input", "none.csv", "--output", "out.csv"]).is(USAGE).says("none.csv");
    desk.pol(&["eval", "set", "--input", "none*.csv", "--output", "out.csv"]).is(USAGE).says("none*.csv");
    desk.pol(&["eval", "set", "--input", "set", "--output", "out.csv"]).is(USAGE).says("is a folder");
    desk.pol(&["eval", "set", "--input", "Frm=in.csv", "--output", "out.csv"])
        .is(USAGE)
        .says("did you mean `Firm`?");
}

#[test]
fn a_header_without_rows_gives_answers_without_rows() {
    let desk = Desk::with_set();
    desk.write("in.csv", HEADER).eval(&[]).is(FINE).says("0 rows in, 0 answered");
    assert_eq!(desk.read("out.csv").lines().count(), 1);
}

#[test]
fn a_parquet_file_that_was_cut_is_told_of() {
    let desk = Desk::with_set();
    let input = "set/samples/firms.csv";
    desk.pol(&["eval", "set", "--input", input, "--output", "a.parquet"]).is(FINE);
    let mut bytes = fs::read(desk.path("a.parquet")).expect("the answers are there");
    bytes.truncate(bytes.len() / 2);
    desk.write("cut.parquet", &bytes);
    desk.pol(&["eval", "set", "--input", "cut.parquet", "--output", "b.csv"])
        .is(USAGE)
        .says("not whole Parquet");
    assert_eq!(desk.list("."), ["a.parquet", "cut.parquet", "set"]);
}

#[test]
fn a_missing_column_makes_its_field_missing_and_an_unknown_one_is_kept_on_demand() {
    let desk = Desk::with_set();
    desk.write("in.csv", "id,note,kind,hired_on,new_hires\nA,hello,firm,2024-03-01,3\n");
    desk.eval(&[]).is(FINE).says("no column for: contract").says("columns that are no field: note");
    assert!(desk.read("out.csv").contains("A,undetermined,,,contract"));
    desk.eval(&["--keep", "--no-reasons"]).is(FINE);
    assert_eq!(desk.read("out.csv").lines().nth(1), Some("A,hello,undetermined,,0.00"));
}

// Answers out.

#[test]
fn standard_input_and_output_work_in_every_format() {
    let desk = Desk::with_set();
    let text = format!("{HEADER}A,firm,2024-03-01,3,12\n");
    let base = ["eval", "set", "--input", "-", "--output", "-"];
    desk.pol_reading(&base, &text).is(USAGE).says("--input-format");
    let run = |more: &[&str]| {
        let arguments = [&base[..], &AS_OF[..], &["--input-format", "csv", "--quiet"], more].concat();
        let ran = desk.pol_reading(&arguments, &text).is(FINE);
        assert_eq!(ran.err, "", "--quiet");
        ran.out
    };
    assert!(run(&[]).contains("A,granted,3000.00"));
    desk.pol(&["eval", "set", "--input", "set/samples/firms.csv", "--output", "out.tsv"]).is(FINE);
    assert!(desk.read("out.tsv").starts_with("id\thiring_subsidy.status\t"));
    assert!(run(&["--output-format", "ndjson"]).contains("\"hiring_subsidy.subsidy\":3000.00"));
    assert!(run(&["--output-format", "parquet"]).starts_with("PAR1"));
    assert!(run(&["--output-format", "xlsx"]).starts_with("PK"));
    assert!(!run(&["--output-format", "arrow"]).is_empty());
    assert!(
        run(&["--layout", "long"])
            .lines()
            .nth(1)
            .is_some_and(|line| line.starts_with("A,hiring_subsidy,granted"))
    );
    assert!(run(&["--layout", "list", "--headers", "label"]).starts_with("Registration number,"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_and_a_closed_pipe_are_no_panics() {
    let desk = Desk::with_set();
    let input = "set/samples/firms.csv";
    for format in ["csv", "ndjson", "arrow", "parquet", "xlsx"] {
        let base = ["eval", "set", "--input", input, "--quiet", "--output-format", format, "--output"];
        desk.pol(&[&base[..], &["/dev/full"]].concat()).is(USAGE).says("No space left");
        let mut command = desk.command(&[&base[..], &["-"]].concat());
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("pol can be started");
        drop(child.stdout.take());
        Ran::of(&[format], child.wait_with_output()).is(FINE);
    }
    let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("/dev/full is there");
    for arguments in [&["check", "set"][..], &["test", "set"], &["schema", "set"], &["help", "E0101"]] {
        let full = full.try_clone().expect("a handle can be copied");
        Ran::of(arguments, desk.command(arguments).stdout(full).output()).is(USAGE).says("No space left");
    }
    assert_eq!(desk.list("."), ["set"]);
}

#[test]
fn places_that_cannot_be_written_are_told_of_before_anything_is() {
    let desk = Desk::with_set();
    desk.write("in.csv", HEADER).write("folder/keep", "");
    desk.eval(&["--summary", "no/sum.json"]).is(USAGE).says("there is no folder no");
    desk.eval(&["--rejects", "no/bad.csv"]).is(USAGE).says("there is no folder no");
    desk.eval(&["--rejects", "out.csv"]).is(USAGE).says("is also the place of the answers");
    desk.eval(&["--rejects", "in.csv"]).is(USAGE).says("is also read as --input");
    let to = |output: &str| desk.pol(&["eval", "set", "--input", "in.csv", "--output", output]);
    to("no/out.csv").is(USAGE).says("there is no folder no");
    to("in.csv").is(USAGE).says("also read as --input");
    to("folder/../in.csv").is(USAGE).says("also read as --input");
    to("in.csv/").is(USAGE).says("cannot be made");
    to("out.pdf").is(USAGE).says("format cannot be told");
    assert_eq!(desk.list("."), ["folder", "in.csv", "set"]);
    assert_eq!(desk.read("in.csv"), HEADER);
}

#[test]
fn a_failed_run_leaves_the_answers_of_an_earlier_one() {
    let desk = Desk::with_set();
    desk.write("out.csv", "earlier").write("in.csv", "id\n\"A\n");
    desk.eval(&[]).is(USAGE);
    assert_eq!(desk.read("out.csv"), "earlier");
}

#[test]
fn rows_keep_their_order_whatever_the_threads() {
    let desk = Desk::with_set();
    let row = |at: usize| format!("R{},firm,2024-03-{:02},{},12\n", at * 7919 % 3001, at % 31 + 1, at % 50);
    let rows: String = (0..3001).map(row).collect();
    desk.write("in.csv", format!("{HEADER}{rows}"));
    desk.eval(&["--threads", "1"]).is(FINE);
    let one = desk.read("out.csv");
    desk.eval(&["--threads", "5"]).is(FINE);
    assert!(one == desk.read("out.csv"), "the same answers");
    let keys: Vec<&str> = one.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    let wanted: Vec<String> = (0..3001).map(|at| format!("R{}", at * 7919 % 3001)).collect();
    assert_eq!(keys, wanted);
}

#[test]
fn options_are_read_with_care() {
    let desk = Desk::with_set();
    desk.write("in.csv", format!("{HEADER}A,firm,2024-03-01,3,12\n"));
    desk.eval(&["--set", "per_hire=500元/人"]).is(FINE).says("per_hire=500元/人").says("pay 1,500元");
    desk.eval(&["--set", "per_hir=500元/人"]).is(USAGE).says("did you mean `per_hire`?");
    desk.eval(&["--set", "per_hire=500元"]).is(USAGE).says("another unit");
    desk.eval(&["--set", "per_hire"]).is(USAGE).says("param=value");
    desk.eval(&["--threads", "0"]).is(USAGE);
    desk.eval(&["--memory-limit", "1KB"]).is(USAGE).says("--memory-limit");
    desk.eval(&["--memory-limit", "lots"]).is(USAGE);
    desk.eval(&["--layout", "tall"]).is(USAGE);
    let eval =
        |date: &str| desk.pol(&["eval", "set", "--input", "in.csv", "--output", "out.csv", "--as-of", date]);
    eval("2024-02-30").is(USAGE).says("no such date");
    eval("2024-01-31").is(FINE);
    assert!(desk.read("out.csv").contains("A,not_in_force"));
    desk.pol(&["eval", "set", "--input", "in.csv", "--output", "out.csv"]).is(FINE).says("(today in UTC)");
    desk.pol(&["eval", "set"]).is(USAGE).says("--input");
    desk.pol(&["fly"]).is(USAGE);
    desk.pol(&[]).is(USAGE);
}

// Explanations, forms, help.

#[test]
fn a_record_is_explained_by_its_key() {
    let desk = Desk::with_set();
    let base = ["explain", "set", "--input", "set/samples/firms.csv", AS_OF[0], AS_OF[1], "--key"];
    let explain = |more: &[&str]| desk.pol(&[&base[..], more].concat());
    explain(&["F-002"]).is(FINE).shows("Hired between the dates");
    explain(&["F-002", "--language", "zh"]).is(FINE).shows("不");
    let json = explain(&["F-001", "--format", "json", "--measure", "hiring_subsidy"]).is(FINE);
    let json: serde_json::Value = serde_json::from_str(&json.out).expect("the explanation is JSON");
    assert_eq!(json[0]["status"], "granted");
    explain(&["F-001", "--format", "html", "--output", "a.html"]).is(FINE);
    assert!(
        desk.read("a.html").starts_with("<!DOCTYPE html>")
            || desk.read("a.html").starts_with("<!doctype html>")
    );
    explain(&["F-001", "--output", "no/a.html"]).is(USAGE).says("there is no folder no");
    explain(&["F-01"]).is(USAGE).says("no record has the key `F-01`; did you mean `F-001`?");
    explain(&["F-001", "--measure", "hiring_subsidi"]).is(USAGE).says("did you mean `hiring_subsidy`?");
    explain(&["F-001", "--record", "Frm"]).is(USAGE).says("did you mean `Firm`?");
    explain(&["F-001", "--record", "Firm"]).is(FINE);
    desk.write("bad.csv", format!("{HEADER}A,firm,soon,3,12\n"));
    desk.pol(&["explain", "set", "--input", "bad.csv", "--key", "A"]).is(USAGE).says("line 2, hired_on");
}

#[test]
fn ranks_in_explanations_see_what_runs_see() {
    let desk = Desk::new();
    let header = "市名,上半年实际使用外资(万美元),外资增幅(%)\n";
    let rows = "甲市,500,1\n乙市,400,1\n丙市,300,1\n甲市,900,1\n丁市,200,1\n";
    desk.write("in.csv", format!("{header}{rows}"));
    let set = shipped("");
    let as_of = ["--as-of", "2020-07-31"];
    desk.pol(&[&["eval", &set, "--input", "in.csv", "--output", "out.csv"], &as_of[..]].concat()).is(FINE);
    let answers = desk.read("out.csv");
    let third = answers.lines().find(|line| line.starts_with("丙市,")).expect("丙市 is answered");
    assert!(third.contains(",granted,3000000.00,top,"), "{third}: 甲市 stands there twice and counts once");
    let explain = ["explain", &set, "--input", "in.csv", "--key", "丙市"];
    desk.pol(&[&explain[..], &as_of].concat()).is(FINE).shows("全省位次 = 3").shows("发放 300万元");
}

#[test]
fn forms_come_in_every_format() {
    let desk = Desk::with_set();
    let schema = |more: &[&str]| desk.pol(&[&["schema", "set"], more].concat());
    let json: serde_json::Value = serde_json::from_str(&schema(&[]).is(FINE).out).expect("JSON");
    assert_eq!(json["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(json["properties"]["new_hires"]["maximum"], 100_000);
    assert_eq!(json["required"], serde_json::json!(["id"]));
    schema(&["--format", "csv"]).is(FINE).shows("Registration number,Kind of body,");
    schema(&["--format", "arrow"]).is(FINE).shows("date32");
    schema(&["--format", "xlsx"]).is(USAGE).says("--output");
    schema(&["--format", "xlsx", "--output", "form.xlsx"]).is(FINE);
    schema(&["--format", "csv", "--output", "no/form.csv"]).is(USAGE).says("there is no folder no");
    assert_eq!(desk.list("."), ["form.xlsx", "set"]);
    schema(&["--record", "Frm"]).is(USAGE).says("did you mean `Firm`?");
    desk.pol(&["schema", &shipped(""), "--format", "csv"]).is(USAGE).says("--record").says("Enterprise");
}

#[test]
fn help_knows_codes_and_commands() {
    let desk = Desk::new();
    desk.pol(&["help", "E0101"]).is(FINE).shows("# E0101");
    desk.pol(&["help", "e0101"]).is(FINE).shows("# E0101");
    desk.pol(&["help", "check"]).is(FINE).shows("Example: pol check");
    desk.pol(&["help"]).is(FINE).shows("Exit status");
    desk.pol(&["--version"]).is(FINE).shows(env!("CARGO_PKG_VERSION"));
    desk.pol(&["help", "E9999"]).is(USAGE).says("no code or command `E9999`").says("E0101  ");
    desk.pol(&["help", "chek"]).is(USAGE).says("did you mean `check`?");
    for command in ["check", "test", "eval", "explain", "schema", "init", "help"] {
        desk.pol(&[command, "--help"]).is(FINE).shows("Example");
    }
}

#[test]
fn coverage_tells_what_nothing_speaks_of() {
    let desk = Desk::new();
    fs::create_dir_all(desk.path("set")).expect("a folder can be made");
    let write = |name: &str, text: &str| {
        fs::write(desk.path(&format!("set/{name}")), text).expect("it can be written")
    };
    write("pol.toml", "name = \"set\"\nlanguage = \"zh\"\n");
    write(
        "decree.txt",
        "若干意见\n\n1.补贴。对企业给予补贴。标准由市定。\n2.宣传。加强宣传。\n各地遵照执行。\n",
    );
    write(
        "a.pol",
        "policy p \"若干意见\" { issued 2020-02-29  source d = \"decree.txt\" closing \"各地遵照执行\"  rounding half_up to 1分 }\n\
         record R { key id: text }\n\
         open param rate \"标准\": money { cite d art 1 \"标准由市定\" by \"市\" }\n\
         measure m \"补贴\" for R { cite d art 1 \"对企业给予补贴\"  pay x = rate }\n\
         principle q \"宣传\" { cite d art 2 \"加强宣传\" reason \"没有标准\" }\n",
    );
    let shown = desk.pol(&["coverage", "set"]).is(FOUND);
    shown.shows("没有编制 第3条: 各地遵照执行").shows("共 4 条");
    write("b.pol", "principle r { cite d art 3 \"各地遵照执行。\" reason \"没有标准\" }\n");
    desk.pol(&["coverage", "set"]).is(FINE).shows("未编制 0.0%");
    let page = desk.pol(&["coverage", "set", "--format", "html"]).is(FINE);
    page.shows("<span class=\"open\" title=\"留待参数 标准 (市)\">标准由市定</span>");
    desk.pol(&["coverage", "set", "--format", "markdown", "--output", "c.md"]).is(FINE);
    let table = fs::read_to_string(desk.path("c.md")).expect("the table is written");
    assert!(table.contains("| 1 | 补贴 | 措施 `m` 补贴 | `rate` 标准(市) |"), "{table}");
}

#[test]
fn duties_and_targets_are_counted_by_what_became_of_them() {
    let desk = Desk::new();
    fs::create_dir_all(desk.path("set")).expect("a folder can be made");
    let write = |name: &str, text: &str| fs::write(desk.path(name), text).expect("it can be written");
    write("set/pol.toml", "name = \"set\"\n");
    write(
        "set/a.pol",
        "record Site { key id: text  drill: bool  tons: number 吨 in 0吨..1000吨 }\n\
         duty drilled for Site { in force from 2020-01-01  comply drill  on breach penalize fine = 100元 }\n\
         target enough for Site { in force from 2020-01-01  reach goal: tons >= 10吨 }\n",
    );
    write("sites.csv", "id,drill,tons\na,yes,10\nb,no,9.5\nc,,11\n");
    let run = [
        "eval",
        "set",
        "--input",
        "sites.csv",
        "--as-of",
        "2020-03-01",
        "--output",
        "o.csv",
        "--summary",
        "s.json",
    ];
    desk.pol(&run).is(FINE).says("breached").says("attained");
    let answers = fs::read_to_string(desk.path("o.csv")).expect("answers are written");
    assert!(answers.contains("b,breached,100.00,drill,,missed,0.500000,goal,,100.00"), "{answers}");
    let summary = fs::read_to_string(desk.path("s.json")).expect("a summary is written");
    assert!(summary.contains("\"kind\": \"duty\"") && summary.contains("\"met\": 1"), "{summary}");
}

#[test]
fn the_list_of_each_applicant_is_told() {
    let desk = Desk::new();
    desk.write("set/pol.toml", "name = \"s\"\n").write(
        "set/rules.pol",
        "policy p \"p\" { issued 2024-01-01  rounding half_up to 1分 }
record Firm { key id: text  n: count 人 in 0人..100人 }
open param more: money at least 0元
measure hiring \"Hiring\" for Firm { require some: n > 0人  pay subsidy \"Subsidy\" = 1000元/人 * n }
measure help \"Help\" for Firm {
  one of {
    few \"Few\": n <= 2人 => pay aid \"Aid\" between 5元 and 9元
    many \"Many\": n > 2人 => pay aid \"Aid\" = more
  }
}
",
    );
    desk.write("firms.csv", "id,n\na,2\nb,0\nc,3\nd,1\n");
    let ran = desk.pol(&[
        "eval",
        "set",
        "--input",
        "firms.csv",
        "--as-of",
        "2024-06-30",
        "--layout",
        "list",
        "--headers",
        "label",
        "--output",
        "list.csv",
    ]);
    let ran = ran.is(FINE);
    for line in ["a gets", "Hiring · Subsidy 2000元", "Help · Aid 5元 to 9元", "b gets"] {
        assert!(ran.err.contains(line), "{line} in {}", ran.err);
    }
    assert!(!ran.err.contains("c gets"), "two applicants are enough: {}", ran.err);
    let list = desk.read("list.csv");
    assert!(list.contains("c,Help,pay,Aid,0.00,0元..,"), "only the floor is known: {list}");
    assert!(list.contains("a,Help,pay,Aid,5.00,5元..9元,"), "{list}");
}
