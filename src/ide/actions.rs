//! What can be done about the problems at a place, and what can be written for the drafter.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;

use super::desk::{Desk, Place};
use super::problems::{self, Problem};
use super::rename::Change;
use super::snapshot::Snapshot;
use crate::check::show::Language;
use crate::check::typed::*;
use crate::diag::{Fix, codes};
use crate::source::Span;
use crate::syntax::ast::{self, ItemKind};

/// Something that can be done with one click.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    pub title: String,
    pub changes: Vec<Change>,
    /// The problem that it mends.
    pub mends: Option<Problem>,
    /// It is what is most likely meant.
    pub preferred: bool,
}

/// The longest text of a change that a title repeats, in characters.
const SHOWN: usize = 60;

/// What can be done at some bytes of a file.
pub fn actions(desk: &Desk, path: &Path, range: Range<usize>) -> Vec<Action> {
    let Some(set) = desk.home_of(path).filter(|set| set.file(path).is_some()) else {
        let here = problems::lone_problems(desk, path).into_iter();
        return here
            .filter(|own| meets(&own.place, &range))
            .flat_map(|own| quick(own, Language::English))
            .collect();
    };
    let language = set.compiled.language;
    let all = problems::problems(desk, &set.root).remove(path).unwrap_or_default();
    let here: Vec<Problem> = all.into_iter().filter(|own| meets(&own.place, &range)).collect();
    let mut actions: Vec<Action> = Vec::new();
    for problem in here {
        actions.extend(filled_in(desk, set, path, &problem));
        actions.extend(quick(problem, language));
    }
    actions.extend(case_for(desk, set, path, range.start));
    actions
}

fn meets(place: &Place, range: &Range<usize>) -> bool {
    place.start <= range.end && range.start <= place.end
}

/// The replacements that the problem itself names.
fn quick(problem: Problem, language: Language) -> Vec<Action> {
    let action = |(at, (place, text)): (usize, &(Place, String))| Action {
        title: title(place, text, language),
        changes: vec![Change { place: place.clone(), text: text.clone() }],
        mends: Some(problem.clone()),
        preferred: at == 0 && problem.fixes.len() == 1,
    };
    problem.fixes.iter().enumerate().map(action).collect()
}

fn title(place: &Place, text: &str, language: Language) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut shown: String = words.chars().take(SHOWN).collect();
    if shown.len() < words.len() {
        shown.push('…');
    }
    match (text.is_empty(), place.start == place.end) {
        (true, _) => language.pick("Delete it", "删除").to_owned(),
        (_, true) => format!("{} `{shown}`", language.pick("Add", "添加")),
        _ => format!("{} `{shown}`", language.pick("Write", "改为")),
    }
}

/// What completes an item that leaves something out: an alternative for the rest, a last row.
fn filled_in(desk: &Desk, set: &Snapshot, path: &Path, problem: &Problem) -> Vec<Action> {
    let language = set.compiled.language;
    let Some((file, offset)) = desk.before(set, path, problem.place.start) else { return Vec::new() };
    let modules = set.compiled.input.sets.iter().flat_map(|set| &set.modules);
    let items = modules.filter(|module| module.file.id == file).flat_map(|module| &module.file.items);
    let holds = |span: Span| span.start as usize <= offset && offset <= span.end as usize;
    let item = items.into_iter().find(|item| holds(item.span));
    let fix = match item.map(|item| (item.span, &item.kind)) {
        Some((_, ItemKind::Measure(own))) if problem.code == codes::GAP.id => {
            let choice = own.choices.iter().find(|choice| {
                choice.branches.iter().any(|branch| holds(branch.span) || holds(branch.named.name.span))
            });
            choice.map(|choice| {
                add(set, choice.span, language.pick("rest: else => refuse", "其余: 否则 => 不予"))
            })
        }
        Some((span, ItemKind::Table(own))) if problem.code == codes::ROWS_GAP.id => last_row(set, span, own),
        _ => None,
    };
    let changes = fix.and_then(|fix| {
        let place = desk.same_words(set, fix.span)?;
        Some(vec![Change { place, text: fix.replacement }])
    });
    let action = |changes: Vec<Change>| Action {
        title: title(&changes[0].place, &changes[0].text, language),
        changes,
        mends: Some(problem.clone()),
        preferred: false,
    };
    changes.map(action).into_iter().collect()
}

fn add(set: &Snapshot, block: Span, member: &str) -> Fix {
    Fix::add_to_block(block, set.compiled.sources.text(block), &[member.to_owned()])
}

/// A row that takes what no other does, its value to be filled in.
fn last_row(set: &Snapshot, item: Span, own: &ast::Table) -> Option<Fix> {
    if own.unique != Some(false) || own.file.is_some() {
        return None;
    }
    let cells = vec!["-"; own.inputs.len()].join(", ");
    Some(add(set, item, &format!("{} {cells} => ?", set.compiled.language.pick("row", "行"))))
}

/// A case for the measure or define at a place, of which there is none: with a value for each field that it reads.
fn case_for(desk: &Desk, set: &Snapshot, path: &Path, offset: usize) -> Option<Action> {
    let (file, before) = desk.before(set, path, offset)?;
    let program = &set.compiled.program;
    let at = program.measures.iter().position(|own| {
        own.head.span.file == file
            && own.head.span.start as usize <= before
            && before <= own.head.span.end as usize
    })?;
    let own = &program.measures[at];
    let tested = |case: &Case| case.target == CaseTarget::Measure(MeasureId(at as u32));
    if program.cases.iter().any(tested) || own.benefits.is_empty() && own.choice.is_none() {
        return None;
    }
    let modules = set.compiled.input.sets.iter().flat_map(|set| &set.modules);
    let mut items = modules.filter(|module| module.file.id == file).flat_map(|module| &module.file.items);
    let item = items.find(|item| item.span.contains(own.head.span))?;
    let place = desk.place(set, item.span)?;
    let text = case_text(set, own);
    let language = set.compiled.language;
    Some(Action {
        title: format!("{} `{}`", language.pick("Write a case for", "写一个算例："), own.head.name),
        changes: vec![Change { place: Place { start: place.end, ..place }, text }],
        mends: None,
        preferred: false,
    })
}

fn case_text(set: &Snapshot, own: &Measure) -> String {
    let (program, language) = (&set.compiled.program, set.compiled.language);
    let mut fields = BTreeSet::new();
    own.each_expr(&mut |expr| fields_of(program, own.record, expr, &mut fields));
    let record = &program.records[own.record.index()];
    let line = |at: &FieldId| {
        let field = &record.fields[at.index()];
        format!("    {}: {}", field.name, sample(program, field, own.force, language))
    };
    let given: Vec<String> = fields.iter().map(line).collect();
    let head = &own.head;
    let [case, for_word, given_word, expect] = match language {
        Language::English => ["case", "for", "given", "expect"],
        Language::Chinese => ["算例", "适用", "已知", "预期"],
    };
    let answer = match own.kind {
        MeasureKind::Measure => language.pick("granted", "给予"),
        MeasureKind::Duty => language.pick("met", "已履行"),
        MeasureKind::Target => language.pick("attained", "已达到"),
    };
    format!(
        "\n\n{case} \"{}\" {for_word} {} {{\n  {given_word} {{\n{}\n  }}\n  {expect} {answer}\n}}",
        head.label.replace(['"', '\\'], ""),
        head.name,
        given.join(",\n")
    )
}

/// The fields of a record that an expression reads, through defines too.
fn fields_of(program: &Program, record: RecordId, expr: &Expr, fields: &mut BTreeSet<FieldId>) {
    expr.walk_on(record, &mut |part| match &part.kind {
        ExprKind::Field(field) | ExprKind::Member { field, .. } => {
            fields.insert(*field);
        }
        ExprKind::Define(id) => fields_of(program, record, &program.defines[id.index()].body, fields),
        _ => {}
    });
}

/// A value that a field may have, as it is written.
fn sample(program: &Program, field: &Field, force: Force, language: Language) -> String {
    match &field.ty {
        Type::Bool => language.pick("true", "真").to_owned(),
        Type::Text => "\"\"".to_owned(),
        Type::Enum(id) => {
            let first = program.enums[id.index()].variants.first();
            first.map_or_else(String::new, |first| first.name.clone())
        }
        Type::Date => force.from.map_or_else(|| "2020-01-01".to_owned(), |day| day.to_string()),
        Type::Time => {
            format!("{}T09:00", force.from.map_or_else(|| "2020-01-01".to_owned(), |day| day.to_string()))
        }
        Type::Number(number) => {
            let low = field.range.low.clone().filter(|low| !low.is_negative()).unwrap_or_default();
            match (number.kind, number.dimension.single()) {
                (NumberKind::Rate, _) => "0%".to_owned(),
                (NumberKind::Points, _) => "0个百分点".to_owned(),
                (_, Some(MONTH)) => format!("{low}个月"),
                (_, Some(DAY)) => format!("{low}天"),
                (_, Some(HOUR)) => format!("{low}小时"),
                _ => format!("{low}{}", number.dimension),
            }
        }
    }
}
