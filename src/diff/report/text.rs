//! A comparison for a terminal.

use std::fmt::Write;

use super::lines::{self, Table};
use super::meaning;
use crate::check::show::{Language, digits};
use crate::diff::Comparison;
use crate::diff::effect::ABSENT;
use crate::diff::effect::outcome::{Example, MeasureOutcome, Outcome, Reasons, SpreadView};
use crate::explain::Explanation;
use crate::value::Number;

/// Cells of the widest bar of a histogram.
const BAR: u64 = 30;

pub fn render(comparison: &Comparison) -> String {
    let language = comparison.language;
    let mut out = format!("{}\n", meaning::heading(&comparison.meaning.changes, language));
    for item in meaning::items(&comparison.meaning.changes, language) {
        let _ = writeln!(out, "{} {}", item.sign, item.title);
        for line in item.lines {
            let _ = writeln!(out, "    {line}");
        }
    }
    for outcome in &comparison.outcomes {
        one(&mut out, outcome, language);
    }
    if let Some(as_of) = &comparison.as_of {
        let _ = writeln!(out, "\n{} {as_of}", language.pick("as of", "评估日"));
    }
    out
}

fn one(out: &mut String, outcome: &Outcome, language: Language) {
    let _ = writeln!(out, "\n{}", lines::rows(outcome, language));
    for note in lines::notes(outcome, language) {
        let _ = writeln!(out, "  {note}");
    }
    let _ = writeln!(out, "  {}", lines::total(outcome, language));
    for cost in &outcome.cost {
        let _ = writeln!(out, "  {}", lines::cost(cost, language));
    }
    for line in lines::alone(outcome, language) {
        let _ = writeln!(out, "  {line}");
    }
    for money in &outcome.total.money {
        let _ = writeln!(out, "  {}", lines::money_spread(money, language));
        histogram(out, &money.spread, &|amount| lines::change(amount, &money.currency, language), "    ");
    }
    let measures = lines::measures(outcome, language);
    if !measures.rows.is_empty() {
        out.push('\n');
        table(out, &measures);
    }
    for own in lines::touched(outcome) {
        measure(out, own, language);
    }
    for grouping in &outcome.groups {
        out.push('\n');
        table(out, &lines::groups(grouping, language));
    }
    if !outcome.losers.is_empty() {
        let _ = writeln!(out, "\n  {}", language.pick("the biggest losers", "受损最大的记录"));
    }
    for loser in &outcome.losers {
        example(out, loser, language);
    }
}

fn measure(out: &mut String, own: &MeasureOutcome, language: Language) {
    let _ = writeln!(out, "  {}: {}", own.label, lines::effect(&own.effect, language));
    if let Some(moves) = lines::moves(own, language) {
        let _ = writeln!(out, "    {moves}");
    }
    for money in &own.effect.money {
        let _ = writeln!(out, "    {}", lines::money_spread(money, language));
        histogram(out, &money.spread, &|amount| lines::change(amount, &money.currency, language), "      ");
    }
    for own in &own.quantities {
        let show = |amount: &Number| lines::quantity(amount, &own.unit, language);
        let _ = writeln!(out, "    {}: {}", own.benefit, lines::quantiles(&own.spread, &show, language));
        histogram(out, &own.spread, &show, "      ");
    }
    if let Some(worst) = &own.worst {
        let _ =
            writeln!(out, "    {}: {}", language.pick("biggest loser", "受损最大"), title(worst, language));
    }
}

/// A record and what it loses.
pub fn title(example: &Example, language: Language) -> String {
    let change: Vec<String> =
        example.change.iter().map(|own| lines::change(&own.amount.0, &own.currency, language)).collect();
    let change = if change.is_empty() { String::new() } else { format!(": {}", change.join(", ")) };
    format!("{} ({}:{}){change}", example.key, example.file, example.line)
}

fn example(out: &mut String, example: &Example, language: Language) {
    let _ = writeln!(out, "  • {}", title(example, language));
    for own in &example.measures {
        for line in both(own, language) {
            let _ = writeln!(out, "    {line}");
        }
    }
}

/// The explanations before and after in one: `-` before, `+` after, the other lines in both.
pub fn both(own: &Reasons, language: Language) -> Vec<String> {
    let absent = || format!("{}: {}", own.label, lines::status(ABSENT, language));
    let [before, after] =
        [&own.before, &own.after].map(|own| own.as_ref().map_or_else(absent, Explanation::text));
    merged(&before.lines().collect::<Vec<_>>(), &after.lines().collect::<Vec<_>>())
}

fn merged(old: &[&str], new: &[&str]) -> Vec<String> {
    // For each pair of places the length of the longest common run of lines from there on.
    let mut common = vec![vec![0u32; new.len() + 1]; old.len() + 1];
    for (at, line) in old.iter().enumerate().rev() {
        for (to, other) in new.iter().enumerate().rev() {
            common[at][to] = match line == other {
                true => common[at + 1][to + 1] + 1,
                false => common[at + 1][to].max(common[at][to + 1]),
            };
        }
    }
    let (mut at, mut to, mut lines) = (0, 0, Vec::new());
    while at < old.len() || to < new.len() {
        if at < old.len() && to < new.len() && old[at] == new[to] {
            lines.push(format!("  {}", old[at]));
            (at, to) = (at + 1, to + 1);
        } else if at < old.len() && (to == new.len() || common[at + 1][to] >= common[at][to + 1]) {
            lines.push(format!("- {}", old[at]));
            at += 1;
        } else {
            lines.push(format!("+ {}", new[to]));
            to += 1;
        }
    }
    lines
}

fn histogram(out: &mut String, spread: &SpreadView, show: &dyn Fn(&Number) -> String, indent: &str) {
    let most = spread.histogram.iter().map(|bar| bar.records).max().unwrap_or(1).max(1);
    if spread.histogram.len() < 2 {
        return;
    }
    let labels: Vec<String> = spread.histogram.iter().map(|bar| lines::ends(bar, show)).collect();
    let widest = labels.iter().map(|label| width(label)).max().unwrap_or(0);
    for (label, bar) in labels.iter().zip(&spread.histogram) {
        let cells = (u128::from(bar.records) * u128::from(BAR)).div_ceil(most.into());
        let pad = " ".repeat(widest - width(label));
        let bars = "█".repeat(usize::try_from(cells).unwrap_or(0));
        let _ = writeln!(
            out,
            "{indent}{pad}{label}  {bars} {}",
            digits(&Number::from_scaled(bar.records.into(), 0))
        );
    }
}

/// Columns of a terminal that a text takes: Chinese characters take two.
fn width(text: &str) -> usize {
    text.chars()
        .map(|c| if c as u32 >= 0x1100 && !('\u{2000}'..='\u{2BFF}').contains(&c) { 2 } else { 1 })
        .sum()
}

fn table(out: &mut String, table: &Table) {
    let rows: Vec<&Vec<String>> = std::iter::once(&table.head).chain(&table.rows).collect();
    let last = table.head.len() - 1;
    let widths: Vec<usize> =
        (0..=last).map(|at| rows.iter().map(|row| width(&row[at])).max().unwrap_or(0)).collect();
    for row in rows {
        let mut line = String::new();
        for (at, cell) in row.iter().enumerate() {
            let pad = " ".repeat(widths[at] - width(cell));
            let _ = if at == 0 || at == last {
                write!(line, "  {cell}{pad}")
            } else {
                write!(line, "  {pad}{cell}")
            };
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
}
