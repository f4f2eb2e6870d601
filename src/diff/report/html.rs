//! A comparison as a page that stands alone: charts in the page itself, no script, no links, ready for paper.

use std::fmt::Write;

use super::chart::{self, Bar};
use super::lines::{self, Table};
use super::{meaning, text};
use crate::check::show::{Language, escape};
use crate::diff::Comparison;
use crate::diff::effect::outcome::{Cost, Example, Grouping, MeasureOutcome, Outcome, SpreadView};
use crate::value::{Number, Rounding};

const STYLE: &str = "\
:root{color-scheme:light dark;--loss:#c4432b;--gain:#2b8a4b;--plain:#5a6b8c}\
body{font:1rem/1.6 system-ui,'Noto Sans CJK SC','Microsoft YaHei',sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\
h1{font-size:1.5rem}h2{font-size:1.25rem;border-top:2px solid;padding-top:.5rem;margin-top:2rem}h3{font-size:1.05rem}\
table{border-collapse:collapse;width:100%;margin:.8rem 0;font-size:.92rem}\
th,td{text-align:right;padding:.2rem .5rem;border-bottom:1px solid #8886;vertical-align:top}\
th:first-child,td:first-child{text-align:left}\
ul{padding-left:1.2rem}ins{text-decoration:none;color:var(--gain)}del{text-decoration:none;color:var(--loss)}\
svg.chart{width:100%;height:auto;margin:.4rem 0}svg.chart text{font-size:13px;fill:currentColor}\
rect.loss{fill:var(--loss)}rect.gain{fill:var(--gain)}rect.plain{fill:var(--plain)}\
.sides{display:grid;grid-template-columns:1fr 1fr;gap:1rem}\
pre{white-space:pre-wrap;overflow-wrap:anywhere;font:.85rem/1.5 ui-monospace,'Noto Sans Mono CJK SC',monospace;margin:.2rem 0}\
.example{break-inside:avoid;border-left:3px solid var(--loss);padding-left:.8rem;margin:1rem 0}\
footer{margin-top:2rem;font-size:.85rem}\
@media(max-width:40rem){.sides{grid-template-columns:1fr}}\
@media print{body{margin:0;max-width:none;color:#000;background:#fff}table,svg,.example{break-inside:avoid}\
rect{-webkit-print-color-adjust:exact;print-color-adjust:exact}}";

pub fn render(comparison: &Comparison) -> String {
    let language = comparison.language;
    let title = format!("{} → {}", comparison.old.set, comparison.new.set);
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n",
        language.tag(),
        title = escape(&title),
    );
    if let Some((heading, lines)) = lines::failures(&comparison.failed, language) {
        let items: String =
            lines.iter().map(|line| format!("<li><del>{}</del></li>\n", escape(line))).collect();
        let _ = writeln!(out, "<p><strong>{}</strong></p>\n<ul>\n{items}</ul>", escape(&heading));
    }
    let changes = &comparison.meaning.changes;
    let _ = writeln!(out, "<h2>{}</h2>\n<ul>", escape(&meaning::heading(changes, language)));
    for item in meaning::items(changes, language) {
        let tag = match item.sign {
            '+' => "ins",
            '−' => "del",
            _ => "strong",
        };
        let _ = writeln!(out, "<li><{tag}>{}</{tag}>\n<ul>", escape(&item.title));
        for line in item.lines {
            let _ = writeln!(out, "<li>{}</li>", escape(&line));
        }
        out.push_str("</ul></li>\n");
    }
    out.push_str("</ul>\n");
    for outcome in &comparison.outcomes {
        one(&mut out, outcome, language);
    }
    let as_of = comparison.as_of.as_ref();
    let as_of = as_of.map_or(String::new(), |day| format!("{} {day}. ", language.pick("As of", "评估日")));
    let digests = format!("{} → {}", comparison.old.digest, comparison.new.digest);
    let _ = write!(
        out,
        "</main>\n<footer>{as_of}pol {}, {}</footer>\n</body>\n</html>\n",
        env!("CARGO_PKG_VERSION"),
        escape(&digests)
    );
    out
}

fn one(out: &mut String, outcome: &Outcome, language: Language) {
    let _ = writeln!(out, "<section>\n<h2>{}</h2>", escape(&lines::rows(outcome, language)));
    let _ = writeln!(out, "<p><strong>{}</strong></p>", escape(&lines::total(outcome, language)));
    let notes = lines::notes(outcome, language);
    if !notes.is_empty() {
        let items: Vec<String> = notes.iter().map(|note| format!("<li>{}</li>", escape(note))).collect();
        let _ = writeln!(out, "<ul>\n{}\n</ul>", items.join("\n"));
    }
    verdicts(out, outcome, language);
    outcome.cost.iter().for_each(|own| cost(out, own, language));
    for line in lines::alone(outcome, language) {
        let _ = writeln!(out, "<p>{}</p>", escape(&line));
    }
    for money in &outcome.total.money {
        let show = |amount: &Number| lines::change(amount, &money.currency, language);
        let title = lines::money_spread(money, language);
        spread(out, &title, &money.spread, &show);
    }
    let measures = lines::measures(outcome, language);
    if !measures.rows.is_empty() {
        table(out, &measures);
    }
    lines::touched(outcome).for_each(|own| measure(out, own, language));
    outcome.groups.iter().for_each(|own| grouping(out, own, language));
    if !outcome.losers.is_empty() {
        let _ = writeln!(out, "<h3>{}</h3>", language.pick("The biggest losers", "受损最大的记录"));
    }
    outcome.losers.iter().for_each(|loser| example(out, loser, language));
    out.push_str("</section>\n");
}

/// How many lose, gain and change.
fn verdicts(out: &mut String, outcome: &Outcome, language: Language) {
    let effect = &outcome.total;
    let other = effect.touched - effect.loses - effect.gains;
    let all = [
        (language.pick("lose", "受损"), effect.loses, "loss"),
        (language.pick("gain", "受益"), effect.gains, "gain"),
        (language.pick("change otherwise", "其他变化"), other, "plain"),
    ];
    if effect.touched == 0 {
        return;
    }
    let bars = all.map(|(label, records, class)| Bar {
        label: label.to_owned(),
        value: lines::count(records),
        size: records.into(),
        class,
    });
    out.push_str(&chart::bars(&lines::effect(effect, language), &bars));
}

fn cost(out: &mut String, cost: &Cost, language: Language) {
    let title = lines::cost(cost, language);
    let _ = writeln!(out, "<p>{}</p>", escape(&title));
    if cost.before == cost.after {
        return;
    }
    let currency = cost.kind.split_once('.').map_or("CNY", |(_, code)| code);
    let both =
        [(language.pick("before", "原版"), &cost.before.0), (language.pick("after", "新版"), &cost.after.0)];
    let bars = both.map(|(label, amount)| Bar {
        label: label.to_owned(),
        value: lines::money(amount, currency, language),
        size: amount.round_to(&Number::ONE, Rounding::Down).to_scaled(0).map_or(0, i128::unsigned_abs),
        class: "plain",
    });
    out.push_str(&chart::bars(&title, &bars));
}

fn spread(out: &mut String, title: &str, spread: &SpreadView, show: &dyn Fn(&Number) -> String) {
    let _ = writeln!(out, "<p>{}</p>", escape(title));
    let bars: Vec<Bar> = spread
        .histogram
        .iter()
        .map(|bar| Bar {
            label: lines::ends(bar, show),
            value: lines::count(bar.records),
            size: bar.records.into(),
            class: if bar.low.0.is_negative() { "loss" } else { "gain" },
        })
        .collect();
    out.push_str(&chart::bars(title, &bars));
}

fn measure(out: &mut String, own: &MeasureOutcome, language: Language) {
    let _ = writeln!(
        out,
        "<h3>{}</h3>\n<p>{}</p>",
        escape(&lines::named(&own.label, &own.name)),
        escape(&lines::effect(&own.effect, language))
    );
    if let Some(moves) = lines::moves(own, language) {
        let _ = writeln!(out, "<p>{}</p>", escape(&moves));
    }
    for money in &own.effect.money {
        let show = |amount: &Number| lines::change(amount, &money.currency, language);
        spread(out, &lines::money_spread(money, language), &money.spread, &show);
    }
    for own in &own.quantities {
        let show = |amount: &Number| lines::quantity(amount, &own.unit, language);
        let title = format!("{}: {}", own.benefit, lines::quantiles(&own.spread, &show, language));
        spread(out, &title, &own.spread, &show);
    }
    if let Some(worst) = &own.worst {
        let word = language.pick("biggest loser", "受损最大");
        let _ = writeln!(out, "<p>{word}: {}</p>", escape(&text::title(worst, language)));
    }
}

/// Groups that a chart shows, at most; the table has all.
const CHARTED: usize = 20;

fn grouping(out: &mut String, grouping: &Grouping, language: Language) {
    let title = format!("{} {}", language.pick("By", "按"), language.pick(&grouping.column, &grouping.label));
    let _ = writeln!(out, "<h3>{}</h3>", escape(&title));
    let shown = lines::groups(grouping, language);
    let mut bars = Vec::new();
    for (row, group) in shown.rows.iter().zip(&grouping.groups).take(CHARTED) {
        for (records, class) in [(group.effect.loses, "loss"), (group.effect.gains, "gain")] {
            if records > 0 {
                let (label, value) = (row[0].clone(), lines::count(records));
                bars.push(Bar { label, value, size: records.into(), class });
            }
        }
    }
    out.push_str(&chart::bars(&title, &bars));
    table(out, &shown);
}

fn table(out: &mut String, table: &Table) {
    let line = |out: &mut String, cells: &[String], tag: &str| {
        out.push_str("<tr>");
        for cell in cells {
            let _ = write!(out, "<{tag}>{}</{tag}>", escape(cell));
        }
        out.push_str("</tr>\n");
    };
    out.push_str("<table>\n<thead>");
    line(out, &table.head, "th");
    out.push_str("</thead>\n<tbody>\n");
    table.rows.iter().for_each(|row| line(out, row, "td"));
    out.push_str("</tbody>\n</table>\n");
}

fn example(out: &mut String, example: &Example, language: Language) {
    let _ = writeln!(out, "<div class=\"example\">\n<p>{}</p>", escape(&text::title(example, language)));
    for own in &example.measures {
        let _ = writeln!(out, "<h4>{}</h4>\n<div class=\"sides\">", escape(&own.label));
        for (explanation, word) in
            [(&own.before, language.pick("before", "原版")), (&own.after, language.pick("after", "新版"))]
        {
            let words = explanation.as_ref().map_or_else(
                || lines::status(crate::diff::effect::ABSENT, language),
                |explanation| explanation.text(),
            );
            let _ = writeln!(out, "<div><em>{word}</em><pre>{}</pre></div>", escape(words.trim_end()));
        }
        out.push_str("</div>\n");
    }
    out.push_str("</div>\n");
}
