//! The names of the columns of answers: ids, or labels for people.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::typed::{BenefitKind, Field, Type};
use crate::ir::{Column, MeasurePlan};

/// How columns are named.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Headers {
    /// By the names of the policy set: `job_subsidy.status`.
    #[default]
    Ids,
    /// By its labels, with English words beside them: `一次性吸纳就业补贴.status`.
    EnglishLabels,
    /// By its labels, with Chinese words beside them: `一次性吸纳就业补贴.结果`.
    ChineseLabels,
}

/// English words of the columns, and their Chinese twins.
const WORDS: &[(&str, &str)] = &[
    ("status", "结果"),
    ("branch", "情形"),
    ("failed", "未满足"),
    ("missing", "缺少"),
    ("most", "上限"),
    ("claimed", "申请数额"),
    ("months", "月数"),
    ("total", "合计"),
    ("measure", "措施"),
    ("kind", "方式"),
    ("benefit", "项目"),
    ("benefits", "待遇"),
    ("amount", "金额"),
    ("value", "内容"),
    ("source", "文件"),
    ("article", "条"),
    ("pay", "发放"),
    ("waive", "减免"),
    ("defer", "缓缴"),
    ("extend", "延长"),
    ("rate", "调整费率"),
    ("entitle", "享受"),
    ("list", "列入"),
    ("penalize", "处罚"),
];

impl Headers {
    pub fn word(self, english: &'static str) -> &'static str {
        match self {
            Headers::ChineseLabels => {
                WORDS.iter().find(|(id, _)| *id == english).map_or(english, |(_, chinese)| chinese)
            }
            Headers::Ids | Headers::EnglishLabels => english,
        }
    }

    pub fn field(self, field: &Field) -> String {
        self.either(&field.name, &field.label)
    }

    pub fn measure(self, measure: &MeasurePlan, word: &'static str) -> String {
        format!("{}.{}", self.either(&measure.name, &measure.label), self.word(word))
    }

    pub fn benefit(self, measure: &MeasurePlan, column: &Column) -> String {
        let measure = self.either(&measure.name, &measure.label);
        format!("{measure}.{}", self.either(&column.name, &column.label))
    }

    /// What labels say of the unit in which the numbers are, yuan aside: `(亩)`.
    pub fn unit(self, column: &Column) -> String {
        let dimension = column.ty.as_ref().and_then(Type::number).map(|number| &number.dimension);
        let unit = dimension.filter(|unit| !unit.is_none() && unit.currency() != Some("CNY"));
        unit.filter(|_| self != Headers::Ids).map_or(String::new(), |unit| format!("({unit})"))
    }

    /// `total.pay`, `total.pay.USD`.
    pub fn total(self, kind: BenefitKind, currency: &str) -> String {
        let name = format!("{}.{}", self.word("total"), self.word(kind.name()));
        if currency == "CNY" { name } else { format!("{name}.{currency}") }
    }

    pub fn either(self, name: &str, label: &str) -> String {
        let text = if self == Headers::Ids { name } else { label };
        text.to_owned()
    }
}

/// Names made different from each other: the second of two equal ones gets ` (2)`.
pub fn distinct(names: Vec<String>) -> Vec<String> {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut times: BTreeMap<String, u32> = BTreeMap::new();
    let mut all: Vec<String> = Vec::with_capacity(names.len());
    for name in names {
        let mut unique = name.clone();
        while !taken.insert(unique.clone()) {
            let count = times.entry(name.clone()).or_insert(1);
            *count += 1;
            unique = format!("{name} ({count})");
        }
        all.push(unique);
    }
    all
}
