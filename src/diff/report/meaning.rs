//! What changed in meaning, as lines: the same words for the terminal, for Markdown and for a page.

use crate::check::show::Language;
use crate::diff::meaning::{How, ItemChange, PartChange};

/// An item that has changed, in words.
pub struct ItemLines {
    pub sign: char,
    pub title: String,
    pub lines: Vec<String>,
}

pub fn items(changes: &[ItemChange], language: Language) -> Vec<ItemLines> {
    changes.iter().map(|change| item(change, language)).collect()
}

fn item(change: &ItemChange, language: Language) -> ItemLines {
    let (sign, word) = match change.how {
        How::Added => ('+', language.pick("new", "新增")),
        How::Removed => ('−', language.pick("removed", "删去")),
        How::Renamed | How::Changed => ('~', ""),
    };
    let mut title = format!("{} {}", change.kind.words(language), change.name);
    if change.label != change.name {
        title += &format!(" {}", change.label);
    }
    if !word.is_empty() {
        title += &format!(" ({word})");
    }
    if let Some(was) = &change.was {
        title += &match (change.how, language) {
            (How::Renamed, Language::English) => format!(" (was {was}; means the same)"),
            (How::Renamed, Language::Chinese) => format!("（原名 {was}，含义不变）"),
            (_, Language::English) => format!(" (was {was})"),
            (_, Language::Chinese) => format!("（原名 {was}）"),
        };
    }
    let mut lines: Vec<String> = change.parts.iter().map(|own| part(own, change.how, language)).collect();
    if !change.moves.is_empty() {
        let moves = change.moves.join(language.pick(", ", "、"));
        lines.push(format!("{}{moves}", language.pick("moves: ", "影响：")));
    }
    ItemLines { sign, title, lines }
}

fn part(part: &PartChange, how: How, language: Language) -> String {
    let aspect = part.aspect.words(language);
    let whose = if part.part.is_empty() { String::new() } else { format!(" {}", part.part) };
    let colon = language.pick(": ", "：");
    let head = format!("{aspect}{whose}");
    match (&part.old, &part.new) {
        (Some(old), Some(new)) if part.renamed => match language {
            Language::English => format!("{head}: called {new}, was {old}; means the same"),
            Language::Chinese => format!("{head}：现名 {new}，原名 {old}，含义不变"),
        },
        (Some(old), Some(new)) => format!("{head}{colon}{old} → {new}"),
        (None, Some(new)) if how == How::Added => format!("{head}{colon}{new}"),
        (Some(old), None) if how == How::Removed => format!("{head}{colon}{old}"),
        (None, Some(new)) => format!("{head}{colon}{} {new}", language.pick("new:", "新增")),
        (Some(old), None) => format!("{head}{colon}{} {old}", language.pick("removed:", "删去")),
        (None, None) => head,
    }
}

/// How many items have changed, in a sentence.
pub fn heading(changes: &[ItemChange], language: Language) -> String {
    let count = |how: How| changes.iter().filter(|change| change.how == how).count();
    if changes.is_empty() {
        return language.pick("nothing has changed in meaning", "含义没有变化").to_owned();
    }
    let parts = [
        (How::Changed, ("changed", "变更")),
        (How::Added, ("new", "新增")),
        (How::Removed, ("removed", "删去")),
        (How::Renamed, ("renamed", "改名")),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(how, _)| count(*how) > 0)
        .map(|(how, (english, chinese))| format!("{} {}", count(how), language.pick(english, chinese)))
        .collect();
    match language {
        Language::English => format!("what changed in meaning: {}", parts.join(", ")),
        Language::Chinese => format!("含义的变化：{}", parts.join("、")),
    }
}
