//! The words of the language, in English and Chinese: the one table of them. The grammar says where each may
//! stand; `tests/agreement.rs` holds the two together.

use std::sync::LazyLock;

/// A language that keywords are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tongue {
    English,
    Chinese,
}

/// What a word does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WordKind {
    /// Opens an item.
    Item,
    /// Opens or joins parts of an item.
    Part,
    /// A type, or a value that has a word of its own.
    Type,
    /// Stands between, before or behind values.
    Operator,
    /// Is called, or names a rounding.
    Function,
}

/// A word in its two languages. A sign (`>=`) is the English form where the sign and a Chinese word say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keyword {
    /// The rule of the grammar that reads it; several words of one rule are told apart by their text.
    pub rule: &'static str,
    pub english: &'static str,
    pub chinese: &'static str,
    pub kind: WordKind,
}

impl Keyword {
    pub fn form(&self, tongue: Tongue) -> &'static str {
        match tongue {
            Tongue::English => self.english,
            Tongue::Chinese => self.chinese,
        }
    }
}

const fn item(rule: &'static str, english: &'static str, chinese: &'static str) -> Keyword {
    Keyword { rule, english, chinese, kind: WordKind::Item }
}

const fn part(rule: &'static str, english: &'static str, chinese: &'static str) -> Keyword {
    Keyword { rule, english, chinese, kind: WordKind::Part }
}

const fn ty(rule: &'static str, english: &'static str, chinese: &'static str) -> Keyword {
    Keyword { rule, english, chinese, kind: WordKind::Type }
}

const fn op(rule: &'static str, english: &'static str, chinese: &'static str) -> Keyword {
    Keyword { rule, english, chinese, kind: WordKind::Operator }
}

const fn call(rule: &'static str, english: &'static str, chinese: &'static str) -> Keyword {
    Keyword { rule, english, chinese, kind: WordKind::Function }
}

/// Every word of the language but for units and the words inside literals.
pub const KEYWORDS: &[Keyword] = &[
    item("kw_use", "use", "引用"),
    item("kw_policy", "policy", "政策"),
    item("kw_enum", "enum", "枚举"),
    item("kw_unit", "unit", "单位"),
    item("kw_record", "record", "记录"),
    item("kw_param", "param", "参数"),
    item("kw_define", "define", "定义"),
    item("kw_open", "open", "留待"),
    item("kw_fill", "fill", "落实"),
    item("kw_table", "table", "决策表"),
    item("kw_register", "register", "名录"),
    item("kw_calendar", "calendar", "日历"),
    item("kw_measure", "measure", "措施"),
    item("kw_duty", "duty", "义务"),
    item("kw_target", "target", "目标"),
    item("kw_best_of", "best of", "就高"),
    item("kw_budget", "budget", "预算"),
    item("kw_amend", "amend", "修改"),
    item("kw_principle", "principle", "原则"),
    item("kw_case", "case", "算例"),
    // Policies
    part("kw_issuer", "issuer", "发文机关"),
    part("kw_issued", "issued", "发文日期"),
    part("kw_source", "source", "来源"),
    part("kw_closing", "closing", "结尾"),
    part("kw_rounding", "rounding", "舍入"),
    part("kw_dates", "dates", "日期"),
    part("kw_round", "round", "舍入"),
    part("kw_down", "down", "向下"),
    part("kw_up", "up", "向上"),
    part("kw_to", "to", "到"),
    part("kw_in_force", "in force", "施行"),
    part("kw_from", "from", "自"),
    part("kw_until", "until", "至"),
    // Records, lists, tables
    part("kw_key", "key", "键"),
    part("kw_belongs", "belongs to", "隶属"),
    part("kw_via", "via", "经由"),
    part("kw_as", "as", "单位为"),
    part("kw_in", "in", "属于"),
    part("kw_from_file", "from", "取自"),
    part("kw_dated", "dated", "截止日期"),
    part("kw_covers", "covers", "涵盖"),
    part("kw_hit", "hit", "命中"),
    part("kw_unique", "unique", "唯一"),
    part("kw_first", "first", "首行"),
    part("kw_inputs", "given", "输入"),
    part("kw_gives", "gives", "输出"),
    part("kw_row", "row", "行"),
    // Authority
    part("kw_cite", "cite", "依据"),
    part("article", "art", "第…条"),
    part("kw_reason", "reason", "理由"),
    part("kw_decided_by", "by", "由"),
    // Measures
    part("kw_for", "for", "适用"),
    part("kw_let", "let", "令"),
    part("kw_require", "require", "条件"),
    part("kw_except", "except", "除外"),
    part("kw_excludes", "excludes", "排斥"),
    part("kw_prevails", "prevails over", "优先于"),
    part("kw_drop", "drop", "删去"),
    part("kw_one_of", "one of", "择一"),
    part("kw_first_of", "first of", "依次"),
    part("kw_refuse", "refuse", "不予"),
    part("kw_comply", "comply", "履行"),
    part("kw_due", "due", "期限"),
    part("kw_breach", "on breach", "违反"),
    part("kw_reach", "reach", "达到"),
    part("kw_pay", "pay", "发放"),
    part("kw_waive", "waive", "减免"),
    part("kw_defer", "defer", "缓缴"),
    part("kw_extend", "extend", "延长"),
    part("kw_rate", "rate", "调整费率"),
    part("kw_entitle", "entitle", "享受"),
    part("kw_list", "list", "列入"),
    part("kw_penalize", "penalize", "处罚"),
    part("kw_in_full", "in full", "全额"),
    part("kw_between", "between", "介于"),
    part("kw_between_to", "and", "至"),
    part("kw_at_most", "at most", "最多"),
    part("kw_at_least", "at least", "最少"),
    part("kw_per_month", "per month", "每月"),
    // Budgets
    part("kw_draws", "draws", "支出"),
    part("kw_order", "order", "顺序"),
    part("kw_pro_rata", "pro rata", "按比例"),
    part("kw_last", "last", "末位"),
    part("kw_cut", "cut", "削减"),
    part("kw_known_claims", "known only", "仅计已知"),
    // Cases
    part("kw_as_of", "as of", "截至"),
    part("kw_set", "set", "设"),
    part("kw_given", "given", "已知"),
    part("kw_expect", "expect", "预期"),
    part("kw_granted", "granted", "给予"),
    part("kw_refused", "refused", "拒绝"),
    part("kw_undetermined", "undetermined", "待定"),
    part("kw_missing", "missing", "缺"),
    part("kw_conflict", "conflict", "冲突"),
    part("kw_not_in_force", "not_in_force", "未施行"),
    part("kw_met", "met", "已履行"),
    part("kw_breached", "breached", "已违反"),
    part("kw_not_yet_due", "not_yet_due", "未到期"),
    part("kw_not_bound", "not_bound", "不受约束"),
    part("kw_attained", "attained", "已达到"),
    part("kw_missed", "missed", "未达到"),
    part("kw_error", "error", "错误"),
    // Types and values
    ty("kw_bool", "bool", "是非"),
    ty("kw_text", "text", "文本"),
    ty("kw_number", "number", "数值"),
    ty("kw_count", "count", "数量"),
    ty("kw_rate_type", "rate", "比率"),
    ty("kw_points", "points", "百分点"),
    ty("kw_money", "money", "金额"),
    ty("kw_date", "date", "日期"),
    ty("kw_time", "time", "时刻"),
    ty("kw_days", "days", "天数"),
    ty("kw_months", "months", "月数"),
    ty("kw_hours", "hours", "小时数"),
    ty("kw_true", "true", "真"),
    ty("kw_false", "false", "假"),
    ty("kw_as_of_day", "as_of", "评估日"),
    // Logic and comparison
    op("op_otherwise", "otherwise", "缺则"),
    op("op_or", "or", "或"),
    op("op_and", "and", "且"),
    op("op_not", "not", "非"),
    op("op_known", "known", "已知"),
    op("op_in", "in", "属于"),
    op("op_in", "is_in", "在"),
    op("op_not_in", "not in", "不属于"),
    op("op_eq", "==", "等于"),
    op("op_ne", "!=", "不等于"),
    op("op_lt", "<", "低于"),
    op("op_lt", "less_than", "不满"),
    op("op_lt", "short_of", "不足"),
    op("op_le", "<=", "不超过"),
    op("op_le", "not_higher_than", "不高于"),
    op("op_le", "at_most", "至多"),
    op("op_gt", ">", "超过"),
    op("op_gt", "higher_than", "高于"),
    op("op_gt", "more_than", "多于"),
    op("op_ge", ">=", "不低于"),
    op("op_ge", "not_less_than", "不少于"),
    op("op_ge", "at_least", "至少"),
    op("bound_at_least", "or_more", "以上"),
    op("bound_at_most", "or_less", "以下"),
    op("bound_at_most", "within_it", "以内"),
    op("bound_above", "beyond_it", "以外"),
    op("kw_if", "if", "如果"),
    op("kw_then", "then", "则"),
    op("kw_else", "else", "否则"),
    op("kw_match", "match", "区分"),
    // Across records
    op("kw_rank_by", "rank by", "排名 按"),
    op("kw_ascending", "ascending", "升序"),
    op("kw_descending", "descending", "降序"),
    op("kw_ties", "ties", "并列"),
    op("kw_share", "share", "同名"),
    op("kw_by", "by", "按"),
    op("kw_group_by", "by", "分组"),
    op("kw_average_of", "average of", "平均"),
    op("kw_sum_of", "sum of", "合计"),
    op("kw_min_of", "min of", "最低"),
    op("kw_max_of", "max of", "最高"),
    op("kw_count_of", "count of", "计数"),
    op("kw_any_of", "any of", "任一"),
    op("kw_all_of", "all of", "全都"),
    op("kw_only_known", "known", "仅知"),
    op("kw_its", "its", "所属"),
    op("kw_over", "over", "全体"),
    op("kw_where", "where", "其中"),
    // Functions and roundings
    call("call", "round", "舍入"),
    call("call", "min", "最小"),
    call("call", "max", "最大"),
    call("call", "abs", "绝对值"),
    call("call", "year", "年份"),
    call("call", "month", "月份"),
    call("call", "day", "日"),
    call("call", "date", "日期"),
    call("rounding_name", "half_up", "四舍五入"),
    call("rounding_name", "half_even", "四舍六入五成双"),
    call("rounding_name", "up", "进位"),
    call("rounding_name", "down", "舍去"),
];

/// The words of a rule of the grammar.
pub fn of_rule(rule: &str) -> impl Iterator<Item = &'static Keyword> {
    KEYWORDS.iter().filter(move |keyword| keyword.rule == rule)
}

/// A word that opens an item, with its Chinese form; of `best of` the first word.
pub static ITEMS: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
    let items = KEYWORDS.iter().filter(|keyword| keyword.kind == WordKind::Item);
    items.map(|item| (item.english.split(' ').next().unwrap_or(item.english), item.chinese)).collect()
});

/// The English form of a word that opens an item, in either language.
pub fn item_keyword(word: &str) -> Option<&'static str> {
    ITEMS.iter().find(|(en, zh)| *en == word || *zh == word).map(|(en, _)| *en)
}

/// The functions of the language.
pub fn functions() -> impl Iterator<Item = &'static Keyword> {
    of_rule("call")
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
