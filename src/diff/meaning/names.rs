//! What things are called, before and after.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::check::show::Language;
use crate::check::typed::MeasureKind;

/// The kinds of things that a policy set is made of, in the order in which changes are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Policy,
    Source,
    Measure,
    Duty,
    Target,
    Budget,
    Param,
    Define,
    Table,
    Register,
    Calendar,
    Record,
    Field,
    Enum,
    Unit,
    Principle,
}

impl Kind {
    pub fn of(measure: MeasureKind) -> Kind {
        match measure {
            MeasureKind::Measure => Kind::Measure,
            MeasureKind::Duty => Kind::Duty,
            MeasureKind::Target => Kind::Target,
        }
    }

    /// It decides something for records.
    pub fn decides(self) -> bool {
        matches!(self, Kind::Measure | Kind::Duty | Kind::Target)
    }

    /// The keyword.
    pub fn word(self) -> &'static str {
        self.words(Language::English)
    }

    pub fn words(self, language: Language) -> &'static str {
        let (english, chinese) = match self {
            Kind::Policy => ("policy", "政策"),
            Kind::Source => ("source", "来源"),
            Kind::Measure => ("measure", "措施"),
            Kind::Duty => ("duty", "义务"),
            Kind::Target => ("target", "目标"),
            Kind::Budget => ("budget", "预算"),
            Kind::Param => ("param", "参数"),
            Kind::Define => ("define", "定义"),
            Kind::Table => ("table", "决策表"),
            Kind::Register => ("register", "名录"),
            Kind::Calendar => ("calendar", "日历"),
            Kind::Record => ("record", "记录"),
            Kind::Field => ("field", "字段"),
            Kind::Enum => ("enum", "枚举"),
            Kind::Unit => ("unit", "单位"),
            Kind::Principle => ("principle", "原则"),
        };
        language.pick(english, chinese)
    }
}

/// Something by its kind and name. Measures, duties and targets share their names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub kind: Kind,
    pub name: String,
}

impl Key {
    pub fn new(kind: Kind, name: &str) -> Key {
        let kind = if kind.decides() { Kind::Measure } else { kind };
        Key { kind, name: name.to_owned() }
    }

    /// The name of a field among those of all records.
    pub fn member(record: &str, field: &str) -> String {
        format!("{record}.{field}")
    }
}

/// What things are called after, by what they were called before.
#[derive(Debug, Clone, Default)]
pub struct Renames {
    items: BTreeMap<Key, String>,
    /// Parts of items (`require contract`), by the item's name before.
    parts: BTreeMap<(Key, String), String>,
}

impl Renames {
    pub fn item(&mut self, key: Key, after: &str) {
        self.items.insert(key, after.to_owned());
    }

    pub fn item_part(&mut self, key: Key, part: &str, after: &str) {
        self.parts.insert((key, part.to_owned()), after.to_owned());
    }

    pub fn has(&self, key: &Key) -> bool {
        self.items.contains_key(key)
    }

    /// The key after.
    pub fn of(&self, key: &Key) -> Key {
        match self.items.get(key) {
            Some(name) => Key { kind: key.kind, name: name.clone() },
            None => key.clone(),
        }
    }

    /// The key after of a part of an item.
    pub fn part(&self, item: &Key, part: &str) -> String {
        let renamed = self.parts.get(&(item.clone(), part.to_owned()));
        renamed.map_or_else(|| part.to_owned(), Clone::clone)
    }
}
