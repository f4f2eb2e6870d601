//! What the first applicants of a run get, for the summary: the list that is pushed to each of them.

use std::fmt::Write as _;

use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::ArrowError;

use crate::explain::Language;

/// Applicants whose lists are shown.
const APPLICANTS: usize = 2;

/// The lists of the first applicants of one kind of record.
#[derive(Debug, Default)]
pub struct Lists {
    /// By key, each with its lines.
    applicants: Vec<(String, Vec<String>)>,
    /// One applicant more was seen: the lists are whole.
    full: bool,
}

impl Lists {
    /// Looks at a batch of `--layout list`, whose first columns are the keys. What stands in another document than
    /// `document` is told with its name.
    pub fn look(
        &mut self,
        batch: &RecordBatch,
        keys: usize,
        document: &str,
        language: Language,
    ) -> Result<(), ArrowError> {
        let options = FormatOptions::default();
        let cells = batch.columns().iter().map(|column| ArrayFormatter::try_new(column, &options));
        let cells: Vec<ArrayFormatter> = cells.collect::<Result<_, _>>()?;
        for row in 0..batch.num_rows() {
            if self.full {
                break;
            }
            let key: Vec<String> = cells[..keys].iter().map(|cell| cell.value(row).to_string()).collect();
            let [measure, _, benefit, _, value, source, article] = &cells[keys..] else { break };
            let mut line = format!("{} · {}", measure.value(row), benefit.value(row));
            let present = |column: usize| -> bool {
                let column: &ArrayRef = &batch.columns()[keys + column];
                column.is_valid(row)
            };
            if present(4) {
                let _ = write!(line, " {}", in_words(&value.value(row).to_string(), language));
            }
            if present(6) {
                let (source, article) = (source.value(row).to_string(), article.value(row));
                let source = if source == document { String::new() } else { format!("{source} ") };
                let _ = match language {
                    Language::English => write!(line, " ({source}article {article})"),
                    Language::Chinese => write!(line, "（{source}第{article}条）"),
                };
            }
            self.add(key.join(", "), line);
        }
        Ok(())
    }

    fn add(&mut self, key: String, line: String) {
        let known = self.applicants.len();
        match self.applicants.last_mut() {
            Some((last, lines)) if *last == key => lines.push(line),
            _ if known == APPLICANTS => self.full = true,
            _ => self.applicants.push((key, vec![line])),
        }
    }

    /// Lines for the summary.
    pub fn text(&self, language: Language) -> String {
        let mut text = String::new();
        for (key, lines) in &self.applicants {
            let _ = writeln!(text, "  {key} {}", language.pick("gets", "得到"));
            lines.iter().for_each(|line| {
                let _ = writeln!(text, "    {line}");
            });
        }
        text
    }
}

/// Ranges as people say them.
fn in_words(value: &str, language: Language) -> String {
    match value.split_once("..") {
        None => value.to_owned(),
        Some((least, "")) => format!("{}{least}", language.pick("at least ", "不少于")),
        Some((least, most)) => format!("{least}{}{most}", language.pick(" to ", "至")),
    }
}
