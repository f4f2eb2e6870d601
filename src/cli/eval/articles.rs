//! The summary of a whole run by article of the document, over all kinds of record.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::report::{align, grouped, money};
use crate::batch::{Amount, MeasureSummary};
use crate::explain::Language;

/// What became of the measures, duties and targets of one article.
#[derive(Debug, Default)]
struct Row {
    items: u64,
    /// Answers: in favour, against, undetermined, others.
    answers: [u64; 4],
    amounts: BTreeMap<String, Amount>,
}

/// Where a status is counted.
fn column(status: &str) -> usize {
    match status {
        "granted" | "met" | "attained" => 0,
        "refused" | "breached" | "missed" => 1,
        "undetermined" => 2,
        _ => 3,
    }
}

/// A row for each article, from measures with their articles; nothing where none has one.
pub fn text<'m>(
    measures: impl Iterator<Item = (Option<u32>, &'m MeasureSummary)>,
    language: Language,
) -> String {
    let mut articles: BTreeMap<u32, Row> = BTreeMap::new();
    for (article, measure) in measures {
        let Some(article) = article else { continue };
        let row = articles.entry(article).or_default();
        row.items += 1;
        for (status, count) in &measure.statuses {
            row.answers[column(status)] += count;
        }
        for (purse, amount) in &measure.amounts {
            let sum = row.amounts.entry(purse.clone()).or_default();
            *sum = Amount(sum.0.add(&amount.0));
        }
    }
    let mut rows = vec![
        [
            ("art.", "条"),
            ("items", "项"),
            ("granted, met, attained", "给予、已履行、已达到"),
            ("refused, breached, missed", "不予、已违反、未达到"),
            ("undetermined", "待定"),
            ("other", "其他"),
            ("amount", "金额"),
        ]
        .map(|(en, zh)| language.pick(en, zh).to_owned())
        .to_vec(),
    ];
    for (article, row) in &articles {
        let known = row.amounts.iter().filter(|(_, amount)| !amount.0.is_zero());
        let amounts: Vec<String> = known.map(|(name, sum)| format!("{name} {}", money(name, sum))).collect();
        let counts = [row.items].into_iter().chain(row.answers).map(|count| grouped(&count.to_string()));
        let cells = std::iter::once(article.to_string()).chain(counts).chain([amounts.join(", ")]);
        rows.push(cells.collect());
    }
    let mut text = String::new();
    if !articles.is_empty() {
        let _ = writeln!(text, "{}", language.pick("by article, over all records", "按条汇总（全部记录）"));
        text.push_str(&align(&rows));
    }
    text
}
