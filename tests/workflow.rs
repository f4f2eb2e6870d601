//! The workflow for repositories of policies: its steps are run in a scratch repository with a real edit of the
//! decree, as a pull request would.
#![cfg(feature = "cli")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const SET: &str = "policies/shandong-2020";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The shell text of a step of the workflow.
fn step(name: &str) -> String {
    let workflow = fs::read_to_string(root().join(".github/workflows/policy.yml")).expect("it can be read");
    let mut lines = workflow.lines().skip_while(|line| line.trim() != format!("- name: {name}"));
    lines.next().unwrap_or_else(|| panic!("the workflow has a step `{name}`"));
    let own: Vec<&str> = lines.take_while(|line| !line.trim_start().starts_with("- ")).collect();
    let at = own.iter().position(|line| line.trim_start().starts_with("run:")).expect("it runs something");
    match own[at].trim().strip_prefix("run: ") {
        Some("|") => {
            let body =
                own[at + 1..].iter().take_while(|line| line.starts_with("          ") || line.is_empty());
            body.map(|line| line.trim_start()).collect::<Vec<_>>().join("\n")
        }
        Some(command) => command.to_owned(),
        None => panic!("`{name}` runs nothing"),
    }
}

/// A repository with the shipped policies in it.
struct Repository(tempfile::TempDir);

impl Repository {
    fn new() -> Repository {
        let repository = Repository(tempfile::tempdir().expect("a folder can be made"));
        let policies = root().join("policies").display().to_string();
        repository.shell(&format!("cp -r '{policies}' . && git init -q -b main && git add -A"), &[]);
        repository.commit("the policies");
        repository
    }

    fn commit(&self, message: &str) {
        let author = "-c user.name=Drafter -c user.email=drafter@example.org";
        let done = self.shell(&format!("git add -A && git {author} commit -q -m '{message}'"), &[]);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }

    fn head(&self) -> String {
        let head = self.shell("git rev-parse HEAD", &[]).stdout;
        String::from_utf8(head).expect("a revision is text").trim().to_owned()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Replaces words of a file.
    fn edit(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert!(text.contains(from), "`{from}` stands in {name}");
        fs::write(self.path(name), text.replace(from, to)).expect("it can be written");
    }

    fn shell(&self, text: &str, variables: &[(&str, &str)]) -> Output {
        let pol = Path::new(env!("CARGO_BIN_EXE_pol")).parent().expect("the binary stands in a folder");
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut command = Command::new("bash");
        command.args(["-e", "-c", text]).current_dir(self.0.path());
        command.env("PATH", format!("{}:{}", pol.display(), path.display())).env("SET", SET);
        command.envs(variables.iter().copied()).output().expect("bash can be run")
    }

    /// Runs a step of the workflow; whether it passed, and what it said.
    fn run(&self, name: &str, variables: &[(&str, &str)]) -> (bool, String) {
        let output = self.shell(&step(name), variables);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.success(), text(&output.stdout) + &text(&output.stderr))
    }

    fn passes(&self, name: &str) -> String {
        let (passed, said) = self.run(name, &[]);
        assert!(passed, "`{name}` fails: {said}");
        said
    }
}

#[test]
fn the_shipped_policies_pass_every_step() {
    let repository = Repository::new();
    for name in
        ["Layout", "Check", "Cases", "Coverage of the conditions by the cases", "Coverage of the documents"]
    {
        repository.passes(name);
    }
    assert!(repository.read("policy.sarif").contains("\"version\": \"2.1.0\""));
    assert!(repository.read("policy-cases.xml").contains("<testsuite"));
}

#[test]
fn an_edit_is_told_on_the_pull_request() {
    let repository = Repository::new();
    let base = repository.head();
    let measure = format!("{SET}/poverty.pol");
    // The cap of a subsidy slips from 500,000 to 400,000 yuan.
    repository.edit(&measure, "\"一次性生产补贴上限\" = 50万元", "\"一次性生产补贴上限\" = 40万元");
    repository.commit("a lower cap");
    let input = format!("Enterprise={SET}/samples/qiye.csv");
    let compare = [("BASE", base.as_str()), ("INPUT", &input), ("AS_OF", "2020-03-31"), ("FAIL_ON", "")];
    let (passed, said) = repository.run("What the change means", &compare);
    assert!(passed, "{said}");
    let comment = repository.read("policy-diff.md");
    for words in ["一次性生产补贴上限", "50万元 → 40万元", "条受损"] {
        assert!(comment.contains(words), "{words} in {comment}");
    }
    let failing =
        [("BASE", base.as_str()), ("INPUT", &input), ("AS_OF", "2020-03-31"), ("FAIL_ON", "losers")];
    let (passed, said) = repository.run("What the change means", &failing);
    assert!(!passed, "losers fail the run: {said}");
    assert!(repository.read("policy-diff.md").contains("未通过：1项条件"), "the comment says so");
    let (passed, _) = repository.run("Cases", &[]);
    assert!(!passed, "the cases at the cap notice it");
    assert!(repository.read("policy-cases.xml").contains("<failure"));
}

#[test]
fn a_day_without_records_and_a_new_set_are_told_and_do_not_fail() {
    let repository = Repository::new();
    let (base, step) = (repository.head(), "What the change means");
    let day = [("BASE", base.as_str()), ("INPUT", ""), ("AS_OF", "2020-03-31"), ("FAIL_ON", "")];
    let (passed, said) = repository.run(step, &day);
    assert!(passed && said.contains("含义没有变化"), "{said}");
    repository.shell(&format!("cp -r {SET} policies/new"), &[]);
    repository.commit("another set");
    let new = [&day[..], &[("SET", "policies/new")]].concat();
    let (passed, said) = repository.run(step, &new);
    assert!(passed && said.is_empty(), "{said}");
    assert!(repository.read("policy-diff.md").contains("policies/new is new"));
    let unknown = [&day[1..], &[("BASE", "0123456789012345678901234567890123456789")]].concat();
    assert!(!repository.run(step, &unknown).0, "a base that is not there is no new set");
}

/// Stands for `gh`: notes how it is called, and knows one comment, of the set `SET` alone.
const GH: &str = r#"#!/bin/bash
echo "$@" >> gh.log
case "$*" in *--paginate*"pol diff $KNOWN "*) echo 17 ;; esac
"#;

#[test]
fn each_set_has_a_comment_of_its_own() {
    let repository = Repository::new();
    fs::create_dir(repository.path("bin")).expect("a folder can be made");
    fs::write(repository.path("bin/gh"), GH).expect("it can be written");
    repository.shell("chmod +x bin/gh", &[]);
    let name = |set: &str| {
        let out = repository.path("out").display().to_string();
        let (passed, said) =
            repository.run("A name for the set", &[("SET", set), ("GITHUB_OUTPUT", out.as_str())]);
        assert!(passed, "{said}");
        let name = repository
            .read("out")
            .lines()
            .last()
            .and_then(|line| line.strip_prefix("name="))
            .map(str::to_owned);
        name.expect("the step gives a name")
    };
    let names = ["policies/a", "policies-a", "政策/甲", "政策/乙"].map(name);
    for (at, own) in names.iter().enumerate() {
        assert!(own.chars().all(|c| c.is_ascii_alphanumeric() || "-.".contains(c)), "{own}");
        assert!(!names[..at].contains(own), "{own}");
    }
    let comment = |name: &str| {
        let text = format!("PATH=$PWD/bin:$PATH\n{}", step("Comment"));
        let variables =
            [("COMMENTS", "repos/o/r/issues"), ("NUMBER", "5"), ("NAME", name), ("KNOWN", &names[0])];
        let output = repository.shell(&text, &variables);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let log = fs::read_to_string(repository.path("gh.log")).unwrap_or_default();
        let _ = fs::remove_file(repository.path("gh.log"));
        log
    };
    fs::write(repository.path("policy-diff.md"), "").expect("it can be written");
    assert!(comment(&names[0]).is_empty(), "nothing is no comment");
    fs::write(repository.path("policy-diff.md"), "## words\n").expect("it can be written");
    assert!(comment(&names[0]).contains("PATCH repos/o/r/issues/comments/17"));
    assert!(comment(&names[1]).contains("POST repos/o/r/issues/5/comments"));
    let body = repository.read("policy-comment.md");
    assert_eq!(body, format!("<!-- pol diff {} -->\n## words\n", names[1]));
}

#[test]
fn a_wrong_quotation_fails_the_check_with_its_place() {
    let repository = Repository::new();
    repository.edit(
        &format!("{SET}/poverty.pol"),
        "不超过50万元的一次性生产补贴",
        "不超过60万元的一次性生产补贴",
    );
    let (passed, said) = repository.run("Check", &[]);
    assert!(!passed);
    assert!(said.contains("policies/shandong-2020/poverty.pol"), "{said}");
    let sarif = repository.read("policy.sarif");
    assert!(sarif.contains("E0603") && sarif.contains("policies/shandong-2020/poverty.pol"), "{sarif}");
}
