//! What can be done about the problems at a place, and what can be written for the drafter.

use std::ops::Range;
use std::path::Path;

use super::desk::{Desk, Place};
use super::problems::{self, Problem};
use super::rename::Change;
use super::snapshot::Snapshot;
use crate::check::show::Language;
use crate::check::typed::Head;
use crate::diag::{Fix, codes};
use crate::source::Span;
use crate::syntax::ast::{self, ItemKind};

/// Something that can be done with one click.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    pub title: String,
    pub changes: Vec<Change>,
    /// The measure or define that a case is to be found and written for: that takes longer than an answer may.
    pub case_of: Option<String>,
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
        case_of: None,
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
        case_of: None,
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

/// The writing of a case that is missing for the measure or define that a byte of a file declares.
fn case_for(desk: &Desk, set: &Snapshot, path: &Path, offset: usize) -> Option<Action> {
    let (file, before) = desk.before(set, path, offset)?;
    let program = &set.compiled.program;
    let measures = program.measures.iter().map(|own| &own.head);
    let mut heads = measures.chain(program.defines.iter().map(|own| &own.head));
    let declared = |head: &&Head| {
        let (start, end) = (head.span.start as usize, head.span.end as usize);
        head.span.file == file && start <= before && before <= end
    };
    let head = heads.find(declared).filter(|_| !set.compiled.has_errors())?;
    let title = set.compiled.language.pick("Write a case that is missing for", "补写一个算例：");
    Some(Action {
        title: format!("{title} `{}`", head.name),
        changes: Vec::new(),
        case_of: Some(head.name.clone()),
        mends: None,
        preferred: false,
    })
}

/// The change that puts a case behind the measure or define of a name.
pub fn add_case(desk: &Desk, set: &Snapshot, name: &str, case: &str) -> Option<Change> {
    let program = &set.compiled.program;
    let measures = program.measures.iter().map(|own| &own.head);
    let head = measures.chain(program.defines.iter().map(|own| &own.head)).find(|head| head.name == name)?;
    let modules = set.compiled.input.sets.iter().flat_map(|set| &set.modules);
    let mut items =
        modules.filter(|module| module.file.id == head.span.file).flat_map(|module| &module.file.items);
    let place = desk.place(set, items.find(|item| item.span.contains(head.span))?.span)?;
    let text = format!("\n\n{}", case.trim_end());
    Some(Change { place: Place { start: place.end, ..place }, text })
}
