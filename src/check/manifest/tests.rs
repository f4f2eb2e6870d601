use super::*;
use crate::source::SourceMap;

fn problems(text: &str) -> Vec<String> {
    let mut sources = SourceMap::default();
    let file = sources.add("pol.toml", text);
    let (_, problems) = read(file, text);
    let show = |problem: &Diagnostic| {
        assert_eq!(problem.code.id, "E0202");
        let (line, column) = sources.file(file).line_column(problem.span().start as usize);
        format!("{line}:{column} {} [{}]", problem.message, sources.text(problem.span()))
    };
    problems.iter().map(show).collect()
}

fn manifest(text: &str) -> Manifest {
    let (manifest, problems) = read(FileId(0), text);
    assert!(problems.is_empty(), "{problems:?}");
    manifest
}

#[test]
fn everything_it_may_say() {
    let text = "\
name = \"relief-2020\"
language = \"zh\"
rounding = \"half_up to 1分\"
[uses]
common = \"../common\"
[sources]
lu_2020 = \"sources/lu.txt\"
\"决定\" = 'sources/决定.txt'
[lints]
unused = \"allow\"
gap = \"error\"
";
    let manifest = manifest(text);
    assert_eq!(manifest.name, "relief-2020");
    assert_eq!(manifest.language.as_deref(), Some("zh"));
    let (rounding, span) = manifest.rounding.unwrap();
    assert_eq!((rounding.as_str(), &text[span.range()]), ("half_up to 1分", "\"half_up to 1分\""));
    assert_eq!(manifest.uses["common"].0, "../common");
    assert_eq!(manifest.sources.keys().collect::<Vec<_>>(), ["lu_2020", "决定"]);
    let (path, span) = &manifest.sources["决定"];
    assert_eq!((path.as_str(), &text[span.range()]), ("sources/决定.txt", "'sources/决定.txt'"));
    assert_eq!(manifest.lints.0["gap"], Level::Error);
    assert_eq!(super::tests::manifest("name = 'x'").language, None);
}

#[test]
fn each_problem_at_its_place() {
    assert_eq!(
        problems(
            "nmae = \"x\"\nname = 3\nlanguage = \"fr\"\nuses = \"common\"\n[lints]\nunusde = \"allow\"\ngap = \"off\"\ncycle = \"allow\"\n"
        ),
        [
            "1:1 pol.toml has no key `nmae` [nmae]",
            "2:8 `name` needs a text in quotation marks, not a number [3]",
            "3:12 `fr` is not a language of Pol [\"fr\"]",
            "4:8 `uses` needs a table: a line `[uses]` with the entries below it, not a text [\"common\"]",
            "6:1 there is no lint `unusde` [unusde]",
            "7:7 `off` is not a level of a lint [\"off\"]",
            "8:1 there is no lint `cycle` [cycle]",
        ]
    );
    assert_eq!(
        problems("name = ''\n[sources]\na = ['x']\nb = ''\n[other]\n"),
        [
            "1:8 the name of the policy set is empty ['']",
            "3:5 `a` needs a text in quotation marks, not a list [['x']]",
            "4:5 `b` has an empty path ['']",
            "5:2 pol.toml has no key `other` [other]",
        ]
    );
}

#[test]
fn a_name_is_needed() {
    assert_eq!(problems(""), ["1:1 pol.toml does not name the policy set []"]);
    assert_eq!(
        problems("language = \"zh\"\n[lints]\n"),
        ["1:1 pol.toml does not name the policy set [language = \"zh\"]"]
    );
}

#[test]
fn what_is_not_toml_hides_nothing_else() {
    let found = problems("name = \"x\nlanguage = \"fr\"\nnaem = 1\nname = 'y'\n");
    assert!(found.iter().any(|problem| problem.starts_with("1:")), "{found:#?}");
    assert!(found.iter().any(|problem| problem.contains("`fr`")), "{found:#?}");
    assert!(found.iter().any(|problem| problem.contains("`naem`")), "{found:#?}");
    for text in
        ["[", "=", "\u{0}", "name = \"x\"\nname = \"y\"", "a.b.c = 1\na.b = 2", "[[uses]]", "\"", "名"]
    {
        assert!(!problems(text).is_empty(), "{text:?}");
    }
}

#[test]
fn slips_are_corrected() {
    let (_, problems) =
        read(FileId(0), "name = 'x'\nlanguge = 'zh'\n[lints]\nunuse = 'allow'\ngap = 'alow'\n");
    let fixes: Vec<_> = problems
        .iter()
        .filter_map(|problem| problem.fix.as_ref())
        .map(|fix| fix.replacement.as_str())
        .collect();
    assert_eq!(fixes, ["language", "unused", "\"allow\""]);
}

#[test]
fn chinese_keys_are_quoted() {
    let text = "name = 'x'\n[sources]\n决定 = 'a.txt'\n";
    let (_, problems) = read(FileId(0), text);
    let fix = problems[0].fix.as_ref().unwrap();
    assert_eq!((&text[fix.span.range()], fix.replacement.as_str()), ("决定", "\"决定\""));
}

#[test]
fn what_is_sound_is_kept() {
    let (manifest, problems) = read(FileId(0), "name = 'x'\nlanguage = 1\n[sources]\na = 'a.txt'\nb = 2\n");
    assert_eq!(problems.len(), 2);
    assert_eq!((manifest.name.as_str(), manifest.sources.len()), ("x", 1));
}

#[test]
fn lints_change_how_much_matters() {
    let lints = manifest("name = 'x'\n[lints]\nunused = 'error'\ngap = 'warn'\nno_citation = 'allow'\nalways_true = 'note'\nmay_overflow = 'warn'").lints;
    let span = Span::new(FileId(0), 0, 0);
    let all = [
        &codes::UNUSED,
        &codes::GAP,
        &codes::NO_CITATION,
        &codes::ALWAYS_TRUE,
        &codes::MAY_OVERFLOW,
        &codes::CYCLE,
    ];
    let after = |lints: &Lints| -> Vec<_> {
        let mut problems = all.map(|code| Diagnostic::new(code, span, "")).to_vec();
        problems = problems.into_iter().filter_map(|problem| lints.applied(problem)).collect();
        problems.iter().map(|problem| (problem.code.name, problem.severity.name())).collect()
    };
    assert_eq!(
        after(&lints),
        [
            ("UNUSED", "error"),
            ("GAP", "warning"),
            ("ALWAYS_TRUE", "note"),
            ("MAY_OVERFLOW", "warning"),
            ("CYCLE", "error")
        ]
    );
    let plain = after(&Lints::default());
    assert_eq!(plain.len(), 5);
    assert!(!plain.iter().any(|(name, _)| *name == "MAY_OVERFLOW"));
}
