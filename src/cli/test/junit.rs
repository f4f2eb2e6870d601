//! The results of `pol test` as JUnit XML, which CI services read: a suite for each module, a test for each case.

use std::io;

use indexmap::IndexMap;
use quick_xml::events::{BytesDecl, BytesText, Event};
use quick_xml::writer::Writer;

use super::Results;
use crate::cli::Stop;
use crate::trial::{CaseResult, CaseTrace};

/// A case with the reasoning behind what failed.
type Told<'r> = (&'r CaseResult, Vec<CaseTrace>);

impl Results {
    pub fn junit(&self) -> Result<String, Stop> {
        let mut suites: IndexMap<&str, Vec<Told<'_>>> = IndexMap::new();
        for told in self.report.results.iter().zip(self.traces()) {
            suites.entry(&told.0.module).or_default().push(told);
        }
        let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let (all, failed) = (self.report.results.len().to_string(), self.report.failed().to_string());
        let root = writer.create_element("testsuites").with_attributes([
            ("name", plain(&self.set.compiled.name).as_str()),
            ("tests", &all),
            ("failures", &failed),
        ]);
        root.write_inner_content(|writer| {
            suites.iter().try_for_each(|(module, cases)| self.suite(writer, module, cases))
        })?;
        let mut text = String::from_utf8_lossy(&writer.into_inner()).into_owned();
        text.push('\n');
        Ok(text)
    }

    fn suite(&self, writer: &mut Writer<Vec<u8>>, module: &str, cases: &[Told<'_>]) -> io::Result<()> {
        let failed = cases.iter().filter(|(result, _)| !result.passed()).count();
        let suite = writer.create_element("testsuite").with_attributes([
            ("name", plain(module).as_str()),
            ("tests", &cases.len().to_string()),
            ("failures", &failed.to_string()),
        ]);
        suite.write_inner_content(|writer| cases.iter().try_for_each(|told| self.test(writer, told)))?;
        Ok(())
    }

    fn test(&self, writer: &mut Writer<Vec<u8>>, (result, traces): &Told<'_>) -> io::Result<()> {
        let file = self.set.compiled.sources.file(result.span.file);
        let line = file.line_column(result.span.start as usize).0;
        let case = writer.create_element("testcase").with_attributes([
            ("name", plain(&result.title).as_str()),
            ("classname", &plain(&format!("{}.{}", result.module, result.target))),
            ("file", &plain(&file.path.display().to_string())),
            ("line", &line.to_string()),
        ]);
        if result.passed() {
            case.write_empty()?;
            return Ok(());
        }
        case.write_inner_content(|writer| {
            for (problem, trace) in result.problems().zip(traces) {
                let text =
                    format!("{}\n\n{}", problem.notes.join("\n"), trace.text(self.set.compiled.language));
                let failure = writer.create_element("failure").with_attributes([
                    ("message", plain(&problem.message).as_str()),
                    ("type", problem.code.id),
                ]);
                failure.write_text_content(BytesText::new(&plain(&text)))?;
            }
            Ok(())
        })?;
        Ok(())
    }
}

/// A text without the control characters that XML cannot hold.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}
