//! An explanation as a tree of lines: one telling of it, for every form that people read.

use crate::explain::reasons::symbol;
use crate::explain::words::{Words, words};
use crate::explain::{BenefitReason, Citation, Derived, Detail, Explanation, Language, Mark, Part, Reason};

/// A line with what stands below it.
#[derive(Debug, Default)]
pub struct Line {
    /// How a test came out, with the words for it.
    pub mark: Option<(Mark, &'static str)>,
    pub kind: Kind,
    pub text: String,
    pub below: Vec<Line>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Title,
    Section,
    #[default]
    Plain,
    Quote,
}

impl Line {
    fn new(kind: Kind, text: impl Into<String>) -> Line {
        Line { kind, text: text.into(), ..Line::default() }
    }

    /// The sign before the line.
    pub fn symbol(&self) -> Option<&'static str> {
        self.mark.map(|(mark, _)| symbol(mark))
    }
}

/// The whole explanation under its summary.
pub fn outline(explanation: &Explanation) -> Line {
    let words = words(explanation.language);
    let mut title = Line::new(Kind::Title, &explanation.summary);
    let keys = explanation.keys.iter().map(|key| format!("{} {}", key.label, key.value));
    let mut facts: Vec<String> = vec![explanation.record.label.clone()];
    facts.extend(keys);
    facts.push(format!("{} {}", words.as_of, explanation.as_of));
    title.below.push(Line::new(Kind::Plain, facts.join(words.comma)));
    title.below.extend(explanation.cites.iter().map(|cite| quote(cite, words)));
    let heading = match (explanation.kind, explanation.status.as_str()) {
        ("duty", _) => words.consequence,
        ("target", _) => words.lacking,
        (_, "granted") => words.benefits,
        _ => words.benefits_if,
    };
    let (who, what) = match explanation.kind {
        "duty" => (words.binding, words.to_do),
        "target" => (words.about, words.goal),
        _ => (words.conditions, words.to_do),
    };
    let due = explanation.due.iter().map(|due| Line::new(Kind::Plain, format!("{}{due}", words.due)));
    let to_do = explanation.checks.iter().map(|reason| reason_line(reason, words)).chain(due);
    let sections = [
        section(who, explanation.requires.iter().map(|reason| reason_line(reason, words))),
        section(words.exceptions, explanation.excepts.iter().map(|reason| except_line(reason, words))),
        section(what, to_do),
        section(words.branches, explanation.branches.iter().map(|reason| branch_line(reason, words))),
        section(heading, explanation.benefits.iter().map(|benefit| benefit_line(benefit, words))),
        section(words.missing, explanation.missing.iter().map(|detail| detail_line(detail, words))),
        section(words.derived, explanation.derived.iter().map(|derived| derived_line(derived, words))),
    ];
    title.below.extend(sections.into_iter().flatten());
    title
}

/// A derived value with those it rests on.
pub fn derivation(derived: &[Derived], language: Language) -> Option<Line> {
    let words = words(language);
    let (first, others) = derived.split_first()?;
    let mut line = derived_line(first, words);
    line.below.extend(section(words.derived, others.iter().map(|derived| derived_line(derived, words))));
    Some(line)
}

fn section(title: &str, lines: impl Iterator<Item = Line>) -> Option<Line> {
    let below: Vec<Line> = lines.collect();
    (!below.is_empty()).then(|| Line { below, ..Line::new(Kind::Section, title) })
}

fn outcome(mark: Mark, words: &'static Words) -> Option<(Mark, &'static str)> {
    let word = match mark {
        Mark::Holds => words.holds,
        Mark::Fails => words.fails,
        Mark::Open => words.open,
        Mark::Error => words.broken,
    };
    Some((mark, word))
}

fn reason_line(reason: &Reason, words: &'static Words) -> Line {
    let mut line = Line::new(Kind::Plain, &reason.label);
    line.mark = outcome(reason.outcome, words);
    line.below = reason.parts.iter().map(|part| part_line(part, words)).collect();
    // A condition that is one comparison is told on one line.
    if let [only] = &mut line.below[..]
        && only.below.is_empty()
    {
        line.text = format!("{}{}{}", line.text, words.colon, only.text);
        line.below.clear();
    }
    line.below.extend(reason.cites.iter().map(|cite| quote(cite, words)));
    line
}

/// An exception that does not apply speaks for the record, so it is ticked.
fn except_line(reason: &Reason, words: &'static Words) -> Line {
    let mut line = reason_line(reason, words);
    line.mark = match reason.outcome {
        Mark::Holds => Some((Mark::Fails, words.excludes)),
        Mark::Fails => Some((Mark::Holds, words.spared)),
        open => outcome(open, words),
    };
    line
}

fn branch_line(reason: &Reason, words: &'static Words) -> Line {
    let mut line = reason_line(reason, words);
    if reason.decisive && reason.favourable {
        line.text = format!("{} — {}", line.text, words.taken);
    }
    line
}

fn part_line(part: &Part, words: &'static Words) -> Line {
    Line {
        mark: outcome(part.outcome, words),
        below: part.parts.iter().map(|part| part_line(part, words)).collect(),
        ..Line::new(Kind::Plain, &part.text)
    }
}

fn benefit_line(benefit: &BenefitReason, words: &'static Words) -> Line {
    let mut line = Line::new(Kind::Plain, format!("{}{}{}", benefit.label, words.colon, benefit.amount));
    line.below = benefit.steps.iter().map(|step| Line::new(Kind::Plain, step)).collect();
    line.below.extend(benefit.cites.iter().map(|cite| quote(cite, words)));
    line
}

fn detail_line(detail: &Detail, words: &'static Words) -> Line {
    let mut line = Line::new(Kind::Plain, format!("{}{}{}", detail.label, words.colon, detail.value));
    line.mark = outcome(Mark::Open, words);
    line
}

fn derived_line(derived: &Derived, words: &'static Words) -> Line {
    let mut line = Line::new(Kind::Plain, format!("{} = {}", derived.label, derived.value));
    line.below = derived.steps.iter().map(|step| Line::new(Kind::Plain, step)).collect();
    line.below.extend(derived.cites.iter().map(|cite| quote(cite, words)));
    line
}

fn quote(cite: &Citation, words: &'static Words) -> Line {
    let article = cite.article.map_or(String::new(), |article| {
        format!(" {}{article}{}", words.article_before, words.article_after)
    });
    let place = format!("{}{article}", cite.source);
    let text = match &cite.quote {
        Some(quote) => {
            format!("{}{quote}{} — {} {place}", words.open_quote, words.close_quote, words.quoted)
        }
        None => format!("{}{}{place}", words.basis, words.colon),
    };
    Line::new(Kind::Quote, text)
}
