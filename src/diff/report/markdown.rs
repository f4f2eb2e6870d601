//! A comparison for a pull request.

use std::fmt::Write;

use super::lines::{self, Table};
use super::{meaning, text};
use crate::check::show::Language;
use crate::diff::Comparison;
use crate::diff::effect::outcome::{Example, MeasureOutcome, Outcome};
use crate::value::Number;

pub fn render(comparison: &Comparison) -> String {
    let language = comparison.language;
    let changes = &comparison.meaning.changes;
    let (old, new) = (plain(&comparison.old.set), plain(&comparison.new.set));
    let mut out = format!("## {old} → {new}\n\n**{}**\n", plain(&meaning::heading(changes, language)));
    for item in meaning::items(changes, language) {
        let _ = writeln!(out, "\n- `{}` {}", item.sign, plain(&item.title));
        for line in item.lines {
            let _ = writeln!(out, "  - {}", plain(&line));
        }
    }
    if let Some((heading, lines)) = lines::failures(&comparison.failed, language) {
        let _ = writeln!(out, "\n**{heading}**\n");
        for line in lines {
            let _ = writeln!(out, "- {}", plain(line));
        }
    }
    for outcome in &comparison.outcomes {
        one(&mut out, outcome, language);
    }
    if let Some(as_of) = &comparison.as_of {
        let _ = writeln!(out, "\n{} {as_of}", language.pick("As of", "评估日"));
    }
    out
}

fn one(out: &mut String, outcome: &Outcome, language: Language) {
    let _ = writeln!(out, "\n### {}\n", plain(&lines::rows(outcome, language)));
    let _ = writeln!(out, "**{}**\n", lines::total(outcome, language));
    for note in lines::notes(outcome, language) {
        let _ = writeln!(out, "- {}", plain(&note));
    }
    for cost in &outcome.cost {
        let _ = writeln!(out, "- {}", lines::cost(cost, language));
    }
    for line in lines::alone(outcome, language) {
        let _ = writeln!(out, "- {line}");
    }
    for money in &outcome.total.money {
        let _ = writeln!(out, "- {}", lines::money_spread(money, language));
    }
    let measures = lines::measures(outcome, language);
    if !measures.rows.is_empty() {
        table(out, &measures);
    }
    for own in lines::touched(outcome) {
        measure(out, own, language);
    }
    for grouping in &outcome.groups {
        table(out, &lines::groups(grouping, language));
    }
    if !outcome.losers.is_empty() {
        let _ = writeln!(out, "\n#### {}", language.pick("The biggest losers", "受损最大的记录"));
    }
    for loser in &outcome.losers {
        example(out, loser, language);
    }
}

fn measure(out: &mut String, own: &MeasureOutcome, language: Language) {
    let _ = writeln!(out, "\n**{}**: {}\n", plain(&own.label), lines::effect(&own.effect, language));
    if let Some(moves) = lines::moves(own, language) {
        let _ = writeln!(out, "- {moves}");
    }
    for money in &own.effect.money {
        let show = |amount: &Number| lines::change(amount, &money.currency, language);
        let _ = writeln!(out, "- {}", lines::money_spread(money, language));
        histogram(out, &money.spread, &show, language);
    }
    for own in &own.quantities {
        let show = |amount: &Number| lines::quantity(amount, &own.unit, language);
        let words = lines::quantiles(&own.spread, &show, language);
        let _ = writeln!(out, "- {}: {words}", plain(&own.benefit));
        histogram(out, &own.spread, &show, language);
    }
    if let Some(worst) = &own.worst {
        let word = language.pick("biggest loser", "受损最大");
        let _ = writeln!(out, "- {word}: {}", plain(&text::title(worst, language)));
    }
}

fn histogram(
    out: &mut String,
    spread: &crate::diff::effect::outcome::SpreadView,
    show: &dyn Fn(&Number) -> String,
    language: Language,
) {
    if spread.histogram.len() < 2 {
        return;
    }
    let rows = spread.histogram.iter().map(|bar| vec![lines::ends(bar, show), lines::count(bar.records)]);
    let rows = rows.collect();
    let head = [("change", "变化"), ("records", "记录")];
    let head = head.map(|(english, chinese)| language.pick(english, chinese).to_owned()).to_vec();
    table(out, &Table { head, rows });
}

fn example(out: &mut String, example: &Example, language: Language) {
    let title = plain(&text::title(example, language));
    let _ = writeln!(out, "\n<details><summary>{title}</summary>\n");
    for own in &example.measures {
        // Every line is marked, so that none can close the fence.
        let _ = writeln!(out, "```diff\n{}\n```\n", text::both(own, language).join("\n"));
    }
    out.push_str("</details>\n");
}

fn table(out: &mut String, table: &Table) {
    let line = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| plain(cell)).collect();
        format!("| {} |", cells.join(" | "))
    };
    let rules: Vec<&str> =
        table.head.iter().enumerate().map(|(at, _)| if at == 0 { "---" } else { "---:" }).collect();
    let _ = writeln!(out, "\n{}\n|{}|", line(&table.head), rules.join("|"));
    for row in &table.rows {
        let _ = writeln!(out, "{}", line(row));
    }
    out.push('\n');
}

/// A text in which nothing is markup.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\n' => out.push(' '),
            '|' | '*' | '_' | '`' | '[' | ']' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}
