//! What is told of the name, the citation or the case under the pointer, as Markdown.

use std::ops::Range;
use std::path::Path;

use super::describe::{self, Checked};
use super::desk::Desk;
use super::keywords;
use super::lookup::{Found, thing_at};
use super::outcome::Outcome;
use super::quotation::{citation_at, passage};
use super::snapshot::Snapshot;
use super::words;
use crate::check::index::{Thing, ThingKind};
use crate::check::show::{Language, Names, show_expr, show_value};
use crate::check::typed::*;

/// The most variants, fields or rows that are listed.
const LISTED: usize = 12;

/// What is told of a part of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hover {
    pub range: Range<usize>,
    pub markdown: String,
}

/// What is told of a byte of a file.
pub fn hover(desk: &Desk, path: &Path, offset: usize) -> Option<Hover> {
    case_title(desk, path, offset)
        .or_else(|| name(desk, path, offset))
        .or_else(|| citation(desk, path, offset))
}

fn name(desk: &Desk, path: &Path, offset: usize) -> Option<Hover> {
    let found = thing_at(desk, path, offset)?;
    let teller = Teller { desk, set: found.set, language: found.set.compiled.language };
    Some(Hover { range: found.range.clone(), markdown: teller.thing(&found) })
}

/// The article that a citation names, with the quoted words in it.
fn citation(desk: &Desk, path: &Path, offset: usize) -> Option<Hover> {
    let (set, buffer) = (desk.home_of(path)?, desk.buffer(path)?);
    let item = words::item_at(buffer.text(), buffer.lexemes(), offset)?;
    let citation = citation_at(&item, offset)?;
    let passage = passage(set, &citation)?;
    let language = set.compiled.language;
    let article = match (citation.article, language) {
        (Some(number), Language::English) => format!(" article {number}"),
        (Some(number), Language::Chinese) => format!(" 第{number}条"),
        (None, _) => String::new(),
    };
    let strong = match passage.quoted.trim() {
        "" => String::new(),
        quoted => format!("**{}**", plain(quoted)),
    };
    let text = format!("{}{strong}{}", plain(&passage.before), plain(&passage.after));
    let markdown = format!("`{}`{article}\n\n{}", citation.source.text, quote(&text));
    Some(Hover { range: citation.range, markdown })
}

/// What the case gave whose title is pointed at.
fn case_title(desk: &Desk, path: &Path, offset: usize) -> Option<Hover> {
    let set = desk.home_of(path)?;
    let case = super::cases::case_at(desk, path, offset)?;
    let outcome = desk.outcomes.get(&set.root)?.of(path, &case.title)?;
    let mut lines = vec![outcome_line(outcome)];
    lines.extend(
        outcome.problems.iter().flat_map(|problem| &problem.notes).map(|note| format!("- {}", plain(note))),
    );
    Some(Hover { range: case.title_range, markdown: lines.join("\n") })
}

/// `✓ “title”: granted { … }`.
fn outcome_line(outcome: &Outcome) -> String {
    let mark = if outcome.passed() { "✓" } else { "✗" };
    format!("{mark} “{}”: {}", plain(&outcome.title), code(&outcome.gave.join("; ")))
}

struct Teller<'d> {
    desk: &'d Desk,
    set: &'d Snapshot,
    language: Language,
}

impl Teller<'_> {
    fn program(&self) -> &Program {
        &self.set.compiled.program
    }

    fn pick<'a>(&self, english: &'a str, chinese: &'a str) -> &'a str {
        self.language.pick(english, chinese)
    }

    fn thing(&self, found: &Found<'_>) -> String {
        let thing = found.thing();
        let mut parts = vec![self.title(thing)];
        let Some(checked) = describe::checked(self.program(), thing) else { return parts.concat() };
        parts.extend(self.docs(&checked));
        parts.extend(self.about(&checked));
        parts.extend(self.cites(cites(&checked)));
        if matches!(checked, Checked::Measure(_) | Checked::Define(_) | Checked::Benefit(..)) {
            parts.extend(self.cases(thing));
        }
        parts.join("\n\n")
    }

    /// `**measure** job_subsidy 一次性吸纳就业补贴`, and what it is part of.
    fn title(&self, thing: &Thing) -> String {
        let mut title = format!("**{}** {}", describe::kind_words(thing.kind, self.language), named(thing));
        if let Some(owner) = thing.within.map(|owner| &self.set.things()[owner]) {
            title.push_str(&format!(" · {}", named(owner)));
        }
        title
    }

    fn docs(&self, checked: &Checked<'_>) -> Option<String> {
        let docs = match checked {
            Checked::Policy(own) => &own.head.docs,
            Checked::Enum(own) => &own.head.docs,
            Checked::Record(own) => &own.head.docs,
            Checked::Param(own) => &own.head.docs,
            Checked::Define(own) => &own.head.docs,
            Checked::Table(own) => &own.head.docs,
            Checked::Register(own) => &own.head.docs,
            Checked::Calendar(own) => &own.docs,
            Checked::Measure(own) => &own.head.docs,
            Checked::Budget(own) => &own.head.docs,
            Checked::Principle(own) => &own.head.docs,
            Checked::Field(own) => &own.docs,
            _ => return None,
        };
        (!docs.is_empty()).then(|| plain(docs))
    }

    /// What is particular to a kind of thing.
    fn about(&self, checked: &Checked<'_>) -> Option<String> {
        Some(match checked {
            Checked::Policy(own) => self.policy(own)?,
            Checked::Source(own) => code(&own.path.display().to_string()),
            Checked::Enum(own) => self.variants(own),
            Checked::Variant(_) => return None,
            Checked::Unit(own) => format!("{} {}", code(&own.unit.factor.to_string()), own.unit.dimension),
            Checked::Record(own) => self.fields(own),
            Checked::Field(own) => self.field(own),
            Checked::Param(own) => self.param(own),
            Checked::Define(own) => self.define(own),
            Checked::Table(own) => self.table(own),
            Checked::Input(own) => {
                code(&describe::type_words(self.program(), &own.ty, own.whole, self.language))
            }
            Checked::Register(own) => self.register(own),
            Checked::Calendar(_) => return None,
            Checked::Measure(own) => self.measure(own),
            Checked::Let(measure, own) => self.value(self.names(measure.record, &measure.lets), &own.value),
            Checked::Condition(measure, own) => {
                code(&show_expr(self.names(measure.record, &measure.lets), &own.test))
            }
            Checked::Branch(measure, own) => self.branch(measure, own),
            Checked::Benefit(measure, own) => self.benefit(measure, own),
            Checked::Budget(own) => self.value(self.names(own.record, &[]), &own.pool),
            Checked::Principle(own) => plain(&own.reason),
        })
    }

    fn names<'n>(&'n self, record: RecordId, lets: &'n [Let]) -> Names<'n> {
        Names { program: self.program(), record, lets, language: self.language }
    }

    /// `money 元 · 0元..20元`.
    fn type_and_range(&self, ty: &Type, whole: bool, range: &Interval) -> String {
        let words = describe::type_words(self.program(), ty, whole, self.language);
        match describe::range_words(self.program(), ty, range, self.language) {
            Some(range) => format!("{} · {range}", code(&words)),
            None => code(&words),
        }
    }

    /// The type, range and formula of an expression.
    fn value(&self, names: Names<'_>, expr: &Expr) -> String {
        let ty = describe::expr_type(self.program(), expr, self.language);
        let range = describe::range_words(self.program(), &expr.ty, &expr.range, self.language);
        let range = range.map_or(String::new(), |range| format!(" · {range}"));
        format!("{}{range}\n\n{}", code(&ty), code(&format!("= {}", show_expr(names, expr))))
    }

    fn policy(&self, own: &Policy) -> Option<String> {
        let mut lines: Vec<String> = own.issuer.iter().map(|issuer| plain(issuer)).collect();
        lines.extend(own.issued.map(|day| format!("{} {day}", self.pick("issued", "发文日期"))));
        lines.extend(self.force(own.force));
        (!lines.is_empty()).then(|| lines.join("  \n"))
    }

    fn force(&self, force: Force) -> Option<String> {
        let words = describe::force_words(force, self.language)?;
        Some(format!("{} {words}", self.pick("in force", "施行")))
    }

    fn variants(&self, own: &Enum) -> String {
        let names = own.variants.iter().map(|variant| named_with(&variant.name, &variant.label));
        listed(names, own.variants.len())
    }

    fn fields(&self, own: &Record) -> String {
        let line = |field: &Field| {
            let ty = describe::type_words(self.program(), &field.ty, field.decimals == 0, self.language);
            format!("{} {}", named_with(&field.name, &field.label), code(&ty))
        };
        listed(own.fields.iter().map(line), own.fields.len())
    }

    fn field(&self, own: &Field) -> String {
        let mut words = self.type_and_range(&own.ty, own.decimals == 0, &own.range);
        if own.key {
            words.push_str(self.pick(" · key", " · 键"));
        }
        if own.optional {
            words.push_str(self.pick(" · often blank", " · 常缺"));
        }
        let base = own.ty.number().map(|number| number.dimension.to_string()).unwrap_or_default();
        if !own.data_unit_word.is_empty() && own.data_unit_word != base {
            words.push_str(&format!(" · {} {}", self.pick("data in", "数据单位"), own.data_unit_word));
        }
        if let Type::Enum(id) = &own.ty {
            words.push_str(&format!("\n\n{}", self.variants(&self.program().enums[id.index()])));
        }
        words
    }

    fn param(&self, own: &Param) -> String {
        let ty = describe::type_words(self.program(), &own.ty, false, self.language);
        let show = |value| show_value(self.program(), &own.ty, value, self.language);
        let mut lines = vec![code(&ty)];
        if let Some(open) = &own.open {
            lines.push(self.open(open, &own.ty));
        }
        for step in &own.steps {
            let force = describe::force_words(step.force, self.language);
            let force = force.map_or(String::new(), |force| format!(" {force}"));
            lines.push(format!("- {}{force}", code(&show(&step.value))));
            lines.extend(step.cites.iter().map(|cite| format!("  - {}", self.cite(cite))));
        }
        lines.join("\n")
    }

    fn open(&self, open: &Open, ty: &Type) -> String {
        let show = |value| show_value(self.program(), ty, value, self.language);
        let by = open.by.as_deref().unwrap_or(self.pick("others", "另行规定"));
        let bounds = match (&open.least, &open.most) {
            (Some(least), Some(most)) => format!(" {}..{}", show(least), show(most)),
            (Some(least), None) => format!(" ≥ {}", show(least)),
            (None, Some(most)) => format!(" ≤ {}", show(most)),
            (None, None) => String::new(),
        };
        format!("{} {}{bounds}", self.pick("left to", "留待"), plain(by))
    }

    fn define(&self, own: &Define) -> String {
        match &own.open {
            Some(open) if own.filled.is_empty() => {
                let ty = describe::expr_type(self.program(), &own.body, self.language);
                format!("{} · {}", code(&ty), self.open(open, &own.body.ty))
            }
            _ => self.value(self.names(own.record, &[]), &own.body),
        }
    }

    fn table(&self, own: &Table) -> String {
        let program = self.program();
        let input = |input: &TableInput| {
            let ty = describe::type_words(program, &input.ty, input.whole, self.language);
            format!("{}: {ty}", input.name)
        };
        let inputs: Vec<String> = own.inputs.iter().map(input).collect();
        let output = describe::type_words(program, &own.output, false, self.language);
        let hit = match own.hit {
            Hit::Unique => self.pick("hit unique", "命中 唯一"),
            Hit::First => self.pick("hit first", "命中 首行"),
        };
        let rows = format!("{} {}", own.rows.len(), self.pick("rows", "行"));
        format!("{} · {hit} · {rows}", code(&format!("({}) => {output}", inputs.join(", "))))
    }

    fn register(&self, own: &Register) -> String {
        let count = format!("{} {}", own.members.len(), self.pick("members", "个成员"));
        match own.dated {
            Some(day) => format!("{count} · {} {day}", self.pick("dated", "截止日期")),
            None => count,
        }
    }

    fn measure(&self, own: &Measure) -> String {
        let record = &self.program().records[own.record.index()].head;
        let mut lines =
            vec![format!("{} {}", self.pick("for", "适用"), named_with(&record.name, &record.label))];
        lines.extend(self.force(own.force));
        let mut text = lines.join(" · ");
        for benefit in own.all_benefits() {
            let what = named_with(&benefit.name, &benefit.label);
            let about = self.amounts(benefit).unwrap_or_default();
            text.push_str(&format!("\n- {} {what}{about}", self.benefit_kind(benefit.kind)));
        }
        text
    }

    fn benefit_kind(&self, kind: BenefitKind) -> &'static str {
        let known = keywords::BENEFITS.iter().find(|(english, _)| *english == kind.name());
        known.map_or(kind.name(), |(english, chinese)| self.language.pick(english, chinese))
    }

    /// ` · money 元 · 0元..20元`.
    fn amounts(&self, benefit: &Benefit) -> Option<String> {
        let first = benefit.amounts().next()?;
        let range =
            benefit.amounts().skip(1).fold(first.range.clone(), |range, next| range.hull(&next.range));
        let ty = describe::expr_type(self.program(), first, self.language);
        let range = describe::range_words(self.program(), &first.ty, &range, self.language);
        Some(format!(" · {}{}", code(&ty), range.map_or(String::new(), |range| format!(" · {range}"))))
    }

    fn benefit(&self, measure: &Measure, own: &Benefit) -> String {
        let names = self.names(measure.record, &measure.lets);
        let amounts: Vec<String> = own.amounts().map(|amount| show_expr(names, amount)).collect();
        let about = self.amounts(own).unwrap_or_default();
        let mut text = format!("{}{about}", self.benefit_kind(own.kind));
        if !amounts.is_empty() {
            text.push_str(&format!("\n\n{}", code(&format!("= {}", amounts.join(" .. ")))));
        }
        text
    }

    fn branch(&self, measure: &Measure, own: &Branch) -> String {
        let names = self.names(measure.record, &measure.lets);
        match &own.when {
            Some(when) => code(&show_expr(names, when)),
            None => self.pick("where no other alternative holds", "其他情形均不成立时").to_owned(),
        }
    }

    fn cites(&self, cites: &[Cite]) -> Option<String> {
        let quoted: Vec<String> = cites.iter().map(|cite| quote(&self.cite(cite))).collect();
        (!quoted.is_empty()).then(|| quoted.join("\n\n"))
    }

    /// `“the words” — lu_2020 art 24`.
    fn cite(&self, cite: &Cite) -> String {
        let article = plain(&describe::article_words(cite, self.language));
        match &cite.quote {
            Some(words) => format!("“{}” — {article}", plain(words)),
            None => format!("— {article}"),
        }
    }

    /// What the last case about a measure or define gave, and how many pass.
    fn cases(&self, thing: &Thing) -> Option<String> {
        let owner = match thing.kind {
            ThingKind::Benefit => &self.set.things()[thing.within?],
            _ => thing,
        };
        let outcomes = self.desk.outcomes.get(&self.set.root)?;
        let path = self.set.path(owner.name.span.file);
        let about: Vec<&Outcome> = outcomes.about(path, &owner.name.text).collect();
        let last = about.iter().max_by_key(|outcome| outcome.asked)?;
        let passed = about.iter().filter(|outcome| outcome.passed()).count();
        let count = match self.language {
            Language::English => format!("{passed} of {} cases pass; the last gave:", about.len()),
            Language::Chinese => format!("{} 个算例中 {passed} 个通过；最近一个得出：", about.len()),
        };
        Some(format!("{count}\n\n{}", outcome_line(last)))
    }
}

fn cites<'p>(checked: &Checked<'p>) -> &'p [Cite] {
    match checked {
        Checked::Policy(own) => &own.head.cites,
        Checked::Param(own) => &own.head.cites,
        Checked::Define(own) => &own.head.cites,
        Checked::Table(own) => &own.head.cites,
        Checked::Register(own) => &own.head.cites,
        Checked::Calendar(own) => &own.cites,
        Checked::Measure(own) => &own.head.cites,
        Checked::Budget(own) => &own.head.cites,
        Checked::Principle(own) => &own.head.cites,
        Checked::Condition(_, own) => &own.cites,
        Checked::Branch(_, own) => &own.cites,
        Checked::Benefit(_, own) => &own.cites,
        _ => &[],
    }
}

fn named(thing: &Thing) -> String {
    named_with(&thing.name.text, thing.label.as_ref().map_or("", |label| &label.text))
}

fn named_with(name: &str, label: &str) -> String {
    if label.is_empty() || label == name { code(name) } else { format!("{} {}", code(name), plain(label)) }
}

fn listed(lines: impl Iterator<Item = String>, count: usize) -> String {
    let mut lines: Vec<String> = lines.take(LISTED).map(|line| format!("- {line}")).collect();
    if count > LISTED {
        lines.push("- …".to_owned());
    }
    lines.join("\n")
}

/// Text as code: nothing in it is Markdown.
fn code(text: &str) -> String {
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if one_line.contains('`') { format!("`` {one_line} ``") } else { format!("`{one_line}`") }
}

/// Text of people: nothing in it is Markdown.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '*' | '_' | '`' | '<' | '[' | ']' | '#' | '|' | '~' | '>') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Lines as a quotation.
fn quote(text: &str) -> String {
    text.lines().map(|line| format!("> {line}")).collect::<Vec<_>>().join("\n")
}
