//! Keywords in their two languages. The grammar says where each may stand; `tests/agreement.rs` holds the
//! two together.

/// A word that opens an item, with its Chinese form.
pub const ITEMS: &[(&str, &str)] = &[
    ("use", "引用"),
    ("policy", "政策"),
    ("enum", "枚举"),
    ("unit", "单位"),
    ("record", "记录"),
    ("param", "参数"),
    ("define", "定义"),
    ("open", "留待"),
    ("fill", "落实"),
    ("table", "决策表"),
    ("register", "名录"),
    ("calendar", "日历"),
    ("measure", "措施"),
    ("duty", "义务"),
    ("target", "目标"),
    ("best", "就高"),
    ("budget", "预算"),
    ("amend", "修改"),
    ("principle", "原则"),
    ("case", "算例"),
];

/// The English form of a word that opens an item, in either language.
pub fn item_keyword(word: &str) -> Option<&'static str> {
    ITEMS.iter().find(|(en, zh)| *en == word || *zh == word).map(|(en, _)| *en)
}

/// Whether a word looks like a slip of one that opens an item: `mesure`. Chinese words are too short to tell a
/// slip from another word.
pub fn resembles_item(word: &str) -> bool {
    crate::diag::closest(word, ITEMS.iter().map(|(en, _)| *en).filter(|name| name.len() > 4)).is_some()
}

/// Chinese words that stand between operands and so need a space on each side.
pub const CHINESE_OPERATORS: &[&str] = &[
    "不属于",
    "属于",
    "不等于",
    "等于",
    "不低于",
    "不少于",
    "不超过",
    "不高于",
    "不满",
    "不足",
    "低于",
    "超过",
    "高于",
    "多于",
    "至少",
    "至多",
    "且",
    "或",
    "非",
    "缺则",
    "以上",
    "以下",
    "以内",
    "以外",
];
