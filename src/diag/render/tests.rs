use super::*;
use crate::diag::codes;

const TEXT: &str = "\
measure job_subsidy \"一次性吸纳就业补贴\" for Enterprise {
  cite lu_2020 art 24 \"每新吸纳1人\"
  require {
    已复工 \"一个月内复工\": 复工日朝 in 2020-02-10 ..< 2020-03-10
  }
  pay subsidy = subsidy_per_hire * 新吸纳就业人数
}
";

struct Sample {
    sources: SourceMap,
    file: crate::source::FileId,
}

impl Sample {
    fn new(text: &str) -> Sample {
        let mut sources = SourceMap::default();
        let file = sources.add("policies/relief, part 1.pol", text);
        Sample { sources, file }
    }

    fn span(&self, part: &str) -> Span {
        let start = self.sources.file(self.file).text.find(part).expect("the part stands in the text");
        Span::new(self.file, start, start + part.len())
    }

    fn show(&self, problems: &[Diagnostic], format: Format) -> String {
        let mut out = Vec::new();
        render(problems, &self.sources, format, false, &mut out).expect("a buffer takes everything");
        String::from_utf8(out).expect("reports are UTF-8")
    }
}

fn problems(sample: &Sample) -> Vec<Diagnostic> {
    let name = sample.span("复工日朝");
    vec![
        Diagnostic::new(&codes::UNKNOWN_NAME, name, "nothing is named `复工日朝` here")
            .at("not declared")
            .also(sample.span("Enterprise"), "the fields are looked up in this record")
            .suggest("复工日朝", ["复工日期"])
            .note("100% of names\nare declared")
            .article(Some("lu_2020 art 24".to_owned())),
        Diagnostic::new(&codes::NO_CITATION, sample.span("require {\n    已复工"), "two lines").at("here"),
    ]
}

#[test]
fn human() {
    let sample = Sample::new(TEXT);
    insta::assert_snapshot!(sample.show(&problems(&sample), Format::Human));
}

#[test]
fn json() {
    let sample = Sample::new(TEXT);
    insta::assert_snapshot!(sample.show(&problems(&sample), Format::Json));
}

#[test]
fn github() {
    let sample = Sample::new(TEXT);
    insta::assert_snapshot!(sample.show(&problems(&sample), Format::Github));
}

#[test]
fn sarif() {
    let sample = Sample::new(TEXT);
    let text = sample.show(&problems(&sample), Format::Sarif);
    let mut report: serde_json::Value = serde_json::from_str(&text).expect("SARIF is JSON");
    let driver = &mut report["runs"][0]["tool"]["driver"];
    let rules = driver["rules"].take();
    driver["version"] = "0.0.0".into();
    assert_eq!(rules.as_array().map(Vec::len), Some(codes::ALL.len()));
    let index = report["runs"][0]["results"][0]["ruleIndex"].as_u64().expect("an index");
    assert_eq!(rules[index as usize]["id"], "E0301");
    insta::assert_snapshot!(serde_json::to_string_pretty(&report).expect("JSON prints"));
}

#[test]
fn nothing_to_say() {
    let sample = Sample::new(TEXT);
    assert_eq!(sample.show(&[], Format::Human), "");
    assert_eq!(sample.show(&[], Format::Github), "");
    assert!(sample.show(&[], Format::Json).contains("\"errors\": 0"));
}

#[test]
fn a_long_line_is_cut_around_its_places() {
    let filler = "从业人员 + ".repeat(40_000);
    let sample = Sample::new(&format!("let due = {filler}wrong_one + {filler}wrong_two + {filler}1\n"));
    let problem = Diagnostic::new(&codes::UNKNOWN_NAME, sample.span("wrong_one"), "x".repeat(1_000_000))
        .at("first")
        .also(sample.span("wrong_two"), "second");
    let shown = sample.show(&[problem], Format::Human);
    assert!(shown.len() < 6_000, "{} bytes", shown.len());
    insta::assert_snapshot!(shown.replace(&"x".repeat(800), "(800 times x)"));
}

#[test]
fn what_cannot_be_seen_is_shown_and_tabs_keep_their_width() {
    let sample = Sample::new("let\ta = \u{1B}[31m企业\u{202E}规模\u{200B}名 + b\r\nlet c = 1\r\n");
    let problem =
        Diagnostic::new(&codes::HIDDEN_CHARACTER, sample.span("\u{202E}"), "\u{202E} and \u{7} \t.")
            .at("here")
            .also(sample.span("名"), "and this");
    insta::assert_snapshot!(sample.show(&[problem], Format::Human));
}

#[test]
fn places_far_apart_and_over_many_lines() {
    let text = format!("first {{\n{}  last\n}}\nafter\n", "  middle line\n".repeat(50));
    let sample = Sample::new(&text);
    let whole = sample.span(text.trim_end_matches("after\n"));
    let problem = Diagnostic::new(&codes::UNEXPECTED, whole, "a place over many lines").at("all of this");
    let apart = Diagnostic::new(&codes::DUPLICATE_NAME, sample.span("last"), "two places far apart")
        .at("again")
        .also(sample.span("first"), "first declared here");
    insta::assert_snapshot!(sample.show(&[problem, apart], Format::Human));
}

#[test]
fn places_in_an_empty_file_and_behind_the_end() {
    for text in ["", "a", "企业", "a\n", "\n\n"] {
        let sample = Sample::new(text);
        for (start, end) in [(0, 0), (0, 9), (1, 2), (9, 9), (5, 3)] {
            let problem =
                Diagnostic::new(&codes::UNREADABLE, Span::new(sample.file, start, end), "m").at("t");
            for format in Format::ALL {
                assert!(sample.show(std::slice::from_ref(&problem), format).contains("E0201"));
            }
        }
    }
    let sample = Sample::new("");
    let problem = Diagnostic::new(&codes::UNREADABLE, Span::new(sample.file, 0, 0), "no such file")
        .at("cannot be read")
        .note("check the rights");
    insta::assert_snapshot!(sample.show(&[problem], Format::Human));
}

#[test]
fn colours_only_when_asked_for() {
    let sample = Sample::new(TEXT);
    let problems = problems(&sample);
    let mut coloured = Vec::new();
    render(&problems, &sample.sources, Format::Human, true, &mut coloured)
        .expect("a buffer takes everything");
    assert!(String::from_utf8_lossy(&coloured).contains("\u{1B}["));
    assert!(!sample.show(&problems, Format::Human).contains('\u{1B}'));
}

#[test]
fn formats_are_found_by_their_names() {
    for format in Format::ALL {
        assert_eq!(format.name().parse(), Ok(format));
    }
    assert_eq!(
        "xml".parse::<Format>().unwrap_err(),
        "`xml` is not a format of reports; they are: human, json, sarif, github"
    );
}
