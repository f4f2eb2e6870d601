//! Coverage as tables for a terminal.

use std::fmt::Write as _;

use super::{Coverage, Goal};
use crate::check::show::Language;
use crate::source::SourceMap;

/// Columns of numbers.
const WIDTH: usize = 7;

impl Coverage {
    /// A line for each condition, alternative and step, then what is lacking, each with its place.
    pub fn text(&self, sources: &SourceMap, language: Language) -> String {
        let words = |english, chinese| language.pick(english, chinese);
        let mut out = String::new();
        let conditions = self.conditions.iter().map(|tried| {
            let missing = if tried.may_be_missing { tried.missing.to_string() } else { "-".to_owned() };
            let counts = vec![tried.held.to_string(), tried.failed.to_string(), missing];
            let name = format!("{}.{}", tried.measure, tried.condition);
            (name, counts, format!("{} {}", tried.part, tried.label))
        });
        let heads = [words("true", "真"), words("false", "假"), words("missing", "缺")];
        table(&mut out, words("condition", "条件"), &heads, conditions.collect());
        let branches = self.branches.iter().map(|taken| {
            let name = format!("{}.{}", taken.measure, taken.branch);
            (name, vec![taken.taken.to_string()], taken.label.clone())
        });
        let heads = [words("taken", "适用")];
        table(&mut out, words("alternative", "情形"), &heads, branches.collect());
        let steps = self.steps.iter().map(|used| {
            let label = format!("{} = {}", used.label, used.value);
            (used.goal().subject, vec![used.used.to_string()], label)
        });
        table(&mut out, words("step of a param", "参数各段"), &[words("used", "用到")], steps.collect());
        out.push_str(&self.summary(language));
        for goal in self.lacking() {
            let file = sources.file(goal.span.file);
            let line = file.line_column(goal.span.start as usize).0;
            let label = if goal.label.is_empty() || goal.subject.ends_with(goal.label) {
                String::new()
            } else {
                format!(" “{}”", goal.label)
            };
            let never = never(goal.what, language);
            let _ = writeln!(out, "{}:{line}: {}{label} {never}", file.path.display(), goal.subject);
        }
        out
    }

    /// One line for each kind of goal: how many there are and how many were reached.
    fn summary(&self, language: Language) -> String {
        let of = |what: &str| {
            let goals: Vec<Goal<'_>> = self.goals().filter(|goal| goal.what == what).collect();
            (goals.iter().filter(|goal| goal.count > 0).count(), goals.len())
        };
        let [held, failed, missing, taken, used] = ["true", "false", "missing", "taken", "used"].map(of);
        let count = |(seen, all): (usize, usize)| format!("{seen}/{all}");
        let lacking = self.lacking().count();
        match language {
            Language::English => format!(
                "{} conditions: {} seen true, {} false, {} missing; {} alternatives taken; {} steps of params used; \
                 {lacking} lacking\n",
                self.conditions.len(),
                count(held),
                count(failed),
                count(missing),
                count(taken),
                count(used)
            ),
            Language::Chinese => format!(
                "{} 个条件：为真 {}，为假 {}，缺失 {}；适用过的情形 {}；用到的参数段 {}；尚缺 {lacking} 项\n",
                self.conditions.len(),
                count(held),
                count(failed),
                count(missing),
                count(taken),
                count(used)
            ),
        }
    }
}

/// What a goal that was not reached lacks, in words.
fn never(what: &str, language: Language) -> &'static str {
    match what {
        "true" => language.pick("was never true", "从未为真"),
        "false" => language.pick("was never false", "从未为假"),
        "missing" => language.pick("was never missing", "从未缺失"),
        "taken" => language.pick("was never taken", "从未适用"),
        _ => language.pick("was never used", "从未用到"),
    }
}

/// A name, its counts, and words for people.
type Row = (String, Vec<String>, String);

fn table(out: &mut String, title: &str, heads: &[&str], rows: Vec<Row>) {
    if rows.is_empty() {
        return;
    }
    let width = rows.iter().map(|(name, ..)| columns(name)).chain([columns(title)]).max().unwrap_or(0);
    let pad = |text: &str, width: usize| " ".repeat(width.saturating_sub(columns(text)));
    let mut line = |name: &str, counts: &mut dyn Iterator<Item = &str>, rest: &str| {
        let mut text = format!("{name}{}", pad(name, width));
        for count in counts {
            let _ = write!(text, " {}{count}", pad(count, WIDTH));
        }
        let _ = write!(text, "  {rest}");
        out.push_str(text.trim_end());
        out.push('\n');
    };
    line(title, &mut heads.iter().copied(), "");
    for (name, counts, rest) in &rows {
        line(name, &mut counts.iter().map(String::as_str), rest);
    }
}

/// How many columns of a terminal a text takes: Chinese characters take two.
fn columns(text: &str) -> usize {
    text.chars().map(|c| if c >= '\u{1100}' { 2 } else { 1 }).sum()
}
