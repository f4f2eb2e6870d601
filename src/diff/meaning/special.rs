//! Parts of which old and new side by side would tell too little or too much: rows of tables, lists, documents, the
//! time line of a param.

use std::collections::BTreeSet;

use super::item::{Aspect, Item, Part};
use super::names::Kind;
use super::{PartChange, Version};
use crate::check::show::Language;

/// Names and lines that are shown, at most.
const SHOWN: usize = 5;
/// Characters of a line that are shown, at most.
const WIDTH: usize = 200;

/// An item that is new or gone: how many rows it has, not each.
pub fn rows_counted(item: &Item) -> Vec<PartChange> {
    let rows = item.parts.iter().filter(|part| part.key.starts_with("row ")).count();
    let text = Some(rows.to_string());
    vec![PartChange {
        aspect: Aspect::Definition,
        part: "rows".to_owned(),
        old: None,
        new: text,
        renamed: false,
    }]
}

/// The rows of a table that are new, gone or others.
pub fn rows(old: &Item, new: &Item, language: Language) -> Vec<PartChange> {
    let rows = |item: &Item| -> Vec<Part> {
        item.parts.iter().filter(|part| part.key.starts_with("row ")).cloned().collect()
    };
    let (old_rows, new_rows) = (rows(old), rows(new));
    let change = |old: Option<&Part>, new: Option<&Part>| PartChange {
        aspect: Aspect::Definition,
        part: new.or(old).map_or_else(String::new, |row| row.label.clone()),
        old: old.map(|row| row.text.clone()),
        new: new.map(|row| row.text.clone()),
        renamed: false,
    };
    let has = |rows: &[Part], row: &Part| rows.iter().any(|own| own.meant == row.meant);
    let gone: Vec<&Part> = old_rows.iter().filter(|row| !has(&new_rows, row)).collect();
    let fresh: Vec<&Part> = new_rows.iter().filter(|row| !has(&old_rows, row)).collect();
    if old_rows.len() == new_rows.len()
        && gone.iter().map(|row| &row.key).eq(fresh.iter().map(|row| &row.key))
    {
        let changed: Vec<PartChange> =
            gone.iter().zip(&fresh).map(|(old, new)| change(Some(old), Some(new))).collect();
        if !changed.is_empty() {
            return changed;
        }
    }
    let mut changes: Vec<PartChange> = gone.iter().map(|row| change(Some(row), None)).collect();
    changes.extend(fresh.iter().map(|row| change(None, Some(row))));
    // Where the first row that fits decides, their order matters.
    let first = |item: &Item| item.parts.iter().find(|part| part.key == "hit").map(|part| part.text.clone());
    let order = |rows: &[Part], other: &[Part]| -> Vec<super::form::Form> {
        rows.iter().filter(|row| has(other, row)).map(|row| row.meant).collect()
    };
    let by_order = first(new).is_some_and(|hit| hit == language.pick("the first row that fits", "首行"));
    if by_order && order(&old_rows, &new_rows) != order(&new_rows, &old_rows) {
        let labels = |rows: &[Part]| -> String {
            let labels: Vec<&str> = rows.iter().map(|row| row.text.as_str()).collect();
            labels.join(" | ")
        };
        changes.push(PartChange {
            aspect: Aspect::Definition,
            part: language.pick("order of the rows", "各行的顺序").to_owned(),
            old: Some(labels(&old_rows)),
            new: Some(labels(&new_rows)),
            renamed: false,
        });
    }
    changes
}

type Pair<'i> = (Option<&'i Part>, Option<&'i Part>);

/// Takes out the steps of a param that hold from another day, and tells of them.
pub fn moved_steps<'i>(pairs: Vec<Pair<'i>>, changes: &mut Vec<PartChange>) -> Vec<Pair<'i>> {
    let step = |part: &Part| part.key == "value" || part.key.starts_with("value ");
    let alone = |pair: &Pair<'i>, side: usize| {
        let (own, other) = if side == 0 { (pair.0, pair.1) } else { (pair.1, pair.0) };
        own.filter(|part| other.is_none() && step(part))
    };
    let gone: Vec<&Part> = pairs.iter().filter_map(|pair| alone(pair, 0)).collect();
    let fresh: Vec<&Part> = pairs.iter().filter_map(|pair| alone(pair, 1)).collect();
    let mut taken: BTreeSet<&str> = BTreeSet::new();
    for old in &gone {
        let same: Vec<&&Part> = fresh.iter().filter(|new| new.meant == old.meant).collect();
        let rivals = gone.iter().filter(|other| other.meant == old.meant).count();
        let ([new], 1) = (&same[..], rivals) else { continue };
        taken.extend([old.key.as_str(), new.key.as_str()]);
        changes.push(PartChange {
            aspect: Aspect::Date,
            part: new.text.clone(),
            old: Some(old.label.clone()),
            new: Some(new.label.clone()),
            renamed: false,
        });
    }
    let stays = |pair: &Pair<'i>| pair.0.or(pair.1).is_some_and(|part| !taken.contains(part.key.as_str()));
    pairs.into_iter().filter(stays).collect()
}

/// What is told of lists and documents: what has come and gone, where the first difference is.
pub fn words(
    items: [&Item; 2],
    before: &Part,
    after: &Part,
    versions: [Version<'_>; 2],
    language: Language,
) -> Option<(Option<String>, Option<String>)> {
    match (items[1].kind, after.key.as_str()) {
        (Kind::Register, "members") => {
            let [old, new] = [0, 1].map(|side| &versions[side].program.registers[items[side].at].members);
            let gone = old.iter().filter(|name| !new.contains(*name)).map(String::as_str);
            let fresh = new.iter().filter(|name| !old.contains(*name)).map(String::as_str);
            let told = [
                listed(&before.text, gone, language.pick("gone", "删去"), language),
                listed(&after.text, fresh, language.pick("new", "新增"), language),
            ];
            let [old, new] = told.map(Some);
            Some((old, new))
        }
        (Kind::Source, "text") => {
            let [old, new] = [0, 1].map(|side| {
                let version = versions[side];
                version.sources.file(version.program.sources[items[side].at].file).text.as_str()
            });
            Some(first_difference(old, new, language))
        }
        (Kind::Calendar, "days") if before.text == after.text => {
            let text = language.pick("other working days", "工作日有变动").to_owned();
            Some((Some(before.text.clone()), Some(format!("{} ({text})", after.text))))
        }
        _ => None,
    }
}

fn listed<'n>(count: &str, names: impl Iterator<Item = &'n str>, word: &str, language: Language) -> String {
    let names: Vec<&str> = names.collect();
    if names.is_empty() {
        return count.to_owned();
    }
    let more = if names.len() > SHOWN { "…" } else { "" };
    let shown = names[..names.len().min(SHOWN)].join(language.pick(", ", "、"));
    format!("{count} ({} {word}: {shown}{more})", names.len())
}

fn first_difference(old: &str, new: &str, language: Language) -> (Option<String>, Option<String>) {
    let [old, new] = [old, new].map(|text| text.lines().map(str::trim_end).collect::<Vec<_>>());
    let at = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    // Long lines are whole articles: from a little before the difference.
    let shared = match (old.get(at), new.get(at)) {
        (Some(old), Some(new)) => old.chars().zip(new.chars()).take_while(|(old, new)| old == new).count(),
        _ => 0,
    };
    let from = shared.saturating_sub(20);
    let line = |lines: &[&str]| {
        let text = lines.get(at)?;
        let cut: String = text.chars().skip(from).take(WIDTH).collect();
        let dots = if from > 0 { "…" } else { "" };
        let place = match language {
            Language::English => format!("line {}", at + 1),
            Language::Chinese => format!("第{}行", at + 1),
        };
        Some(format!("{place}: {dots}{cut}"))
    };
    (line(&old), line(&new))
}
