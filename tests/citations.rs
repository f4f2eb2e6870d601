//! Citations of whole policy sets, from their folders.

use std::fs;

use pol::compile;

const RULE: &str = r#"
record Enterprise "企业" { key code "代码": text, hires "新吸纳就业人数": count 人 }
measure subsidy "补贴" for Enterprise {
  cite decree art 1 "每人1000元"
  pay amount "金额" = 1000元/人 * hires
}
"#;

/// The problems of a set, as `CODE file:line: message`; the set that was asked for is `set`.
fn problems(files: &[(&str, &str)]) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder can be made");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a file stands in a folder")).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    }
    let compiled = compile::load(&folder.path().join("set"));
    let show = |problem: &pol::diag::Diagnostic| {
        let file = compiled.sources.file(problem.span().file);
        let path = file.path.strip_prefix(folder.path()).expect("it stands below").display().to_string();
        let (line, _) = file.line_column(problem.span().start as usize);
        format!("{} {path}:{line}: {}", problem.code.id, problem.message)
    };
    compiled.problems.iter().map(show).collect()
}

#[test]
fn a_source_that_cannot_be_read_is_told_once() {
    let found = problems(&[
        ("set/pol.toml", "name = \"set\"\n[sources]\ndecree = \"decree.txt\"\n"),
        ("set/rules.pol", RULE),
    ]);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].starts_with("E0206 set/pol.toml:3:"), "{found:#?}");
}

#[test]
fn a_source_is_declared_once() {
    let found = problems(&[
        ("set/pol.toml", "name = \"set\"\n[sources]\ndecree = \"a.txt\"\n"),
        ("set/policy.pol", "policy p \"P\" {\n  source decree = \"b.txt\"\n}\n"),
        ("set/rules.pol", RULE),
        ("set/a.txt", "1.每人1000元\n"),
        ("set/b.txt", "1.每人1000元\n"),
    ]);
    assert_eq!(found, ["E0302 set/policy.pol:2: the source `decree` is declared twice"]);
}

#[test]
fn the_only_number_of_a_param_is_the_quoted_one() {
    let told = |value: &str| {
        let policy = format!(
            "policy p {{ issued 2020-01-01  source s = \"s.txt\"  rounding half_up to 1分 }}\n\
             param x = {value}\n\
             record R {{ key id: text }}\nmeasure m for R {{ cite s art 1  pay y = x * 1人  defer z = 1个月 }}\n"
        );
        let text = "第一条 满1年的，每人最高50万元，3个月内办结。\n第二条 完。\n";
        problems(&[("set/pol.toml", "name = \"x\"\n"), ("set/s.txt", text), ("set/a.pol", &policy)])
    };
    let slip = |value: &str, quote: &str| {
        let of_param = format!("{value} {{ cite s art 1 \"{quote}\" }}");
        told(&of_param).into_iter().filter(|problem| problem.contains("W0604")).count()
    };
    assert_eq!(slip("50万元/人", "每人最高50万元"), 0);
    assert_eq!(slip("500000元/人", "每人最高50万元"), 0, "the same number");
    assert_eq!(slip("40万元/人", "每人最高50万元"), 1, "the cap has moved");
    assert_eq!(slip("40万元/人", "3个月内办结"), 0, "months are no money");
    assert_eq!(
        slip("5万元/人 + 45万元/人", "每人最高50万元"),
        1,
        "only what is a power of ten off, where there are two"
    );
    assert_eq!(slip("20万元/人 + 30万元/人", "每人最高50万元"), 0, "two numbers may make one");
}

#[test]
fn each_set_reads_its_own_source() {
    let used = r#"
enum Size "规模" { large "大型", small "小型" }
table size_by_hires "按人数划分规模" {
  cite decree art 1 "不满十人为小型"
  hit unique
  given hires "人数": count 人
  gives size "规模": Size
  row < 10人 => small
  row >= 10人 => large
}
"#;
    let rules = format!("use common.sizes.{{size_by_hires, Size}}\n{RULE}")
        + "define size \"规模\" for Enterprise = size_by_hires(hires)\n";
    let set = |words: &str| {
        problems(&[
            (
                "set/pol.toml",
                "name = \"set\"\n[uses]\ncommon = \"../common\"\n[sources]\ndecree = \"d.txt\"\n",
            ),
            ("set/rules.pol", &rules),
            ("set/d.txt", &format!("1.{words}\n")),
            ("common/pol.toml", "name = \"common\"\n[sources]\ndecree = \"standard.txt\"\n"),
            ("common/sizes.pol", used),
            ("common/standard.txt", "1.不满十人为小型\n"),
        ])
    };
    let errors =
        |found: Vec<String>| found.into_iter().filter(|one| one.starts_with('E')).collect::<Vec<_>>();
    assert_eq!(errors(set("每人1000元")), Vec::<String>::new());
    let found = errors(set("不满十人为小型"));
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].starts_with("E0603 set/rules.pol:"), "{found:#?}");
}
