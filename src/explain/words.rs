//! The explanation's own words, in both languages, in one table.

use crate::check::show::Language;
use crate::check::typed::BenefitKind;
use crate::interp::Status;
use crate::value::RunError;

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident: $english:literal, $chinese:literal;)*) => {
        /// What explanations are made of.
        #[derive(Debug)]
        pub struct Words {
            $($(#[$doc])* pub $name: &'static str,)*
            /// Around a day: before it; from it on.
            pub before_day: (&'static str, &'static str),
            pub from_day: (&'static str, &'static str),
        }

        const ENGLISH: Words =
            Words { $($name: $english,)* before_day: ("before ", ""), from_day: ("from ", "") };
        const CHINESE: Words = Words { $($name: $chinese,)* before_day: ("", "前"), from_day: ("", "起") };
    };
}

words! {
    title: "Explanation", "结果说明";
    as_of: "as of", "评估日";
    because: " because ", "，因为";
    conditions: "Conditions (all must hold)", "条件（须全部满足）";
    exceptions: "Exceptions (none may hold)", "除外情形（须均不符合）";
    branches: "Alternatives", "分类情形";
    binding: "Whom it binds (all must hold)", "约束对象（须全部符合）";
    about: "What it is about (all must hold)", "适用范围（须全部符合）";
    to_do: "To be done", "应当做到";
    goal: "Goal", "目标";
    due: "due: ", "期限：";
    consequence: "What follows", "后果";
    lacking: "How much is lacking", "差额";
    benefits: "Benefits", "给予内容";
    benefits_if: "Benefits, once the rest is known to hold", "其余符合时给予";
    derived: "How values were found", "取值过程";
    missing: "Still needed", "尚需填报";
    basis: "Basis", "依据";
    quoted: "quoted from", "引自";
    article_before: "article ", "第";
    article_after: "", "条";
    open_quote: "“", "“";
    close_quote: "”", "”";
    colon: ": ", "：";
    comma: ", ", "，";
    list: "; ", "；";
    needed: "needed: ", "要求：";
    excluded: "excluded where: ", "除外：";
    and: " and ", " 且 ";
    every: "all of these hold", "以下各项同时满足";
    some: "one of these holds", "以下至少一项满足";
    negated: "this does not hold", "以下不成立";
    among: "one of ", "属于 ";
    not_among: "none of ", "不属于 ";
    yes: "yes", "是";
    no: "no", "否";
    absent: "missing", "缺失";
    may_be: "missing (possible: ", "缺失（可能为：";
    may_be_end: ")", "）";
    failure: "error: ", "出错：";
    holds: "holds", "符合";
    fails: "does not hold", "不符合";
    open: "cannot be decided yet", "尚不能判定";
    broken: "cannot be computed", "无法计算";
    excludes: "applies", "属于除外情形";
    spared: "does not apply", "不属于除外情形";
    taken: "this one applies", "适用本项";
    formula: "computed as ", "算式：";
    with_values: "with values: ", "代入：";
    result: "result: ", "结果：";
    cap: "at most ", "最多 ";
    floor: "at least ", "最少 ";
    capped: "applied", "已按此计";
    not_capped: "not reached", "未触及";
    rounding: "to ", "到 ";
    between: "between ", "介于 ";
    up_to: " and ", " 至 ";
    per_month: " per month for ", "每月，共 ";
    row: "row ", "第";
    row_after: " applies", "行命中";
    rows_open: "rows that may apply: ", "可能命中的行：";
    no_row: "no row applies", "没有命中的行";
    otherwise_row: "otherwise", "其他情形";
    waits: "not decided by others yet", "另行规定，尚未确定";
    waits_for: "to be decided by ", "待确定：";
    no_rule: "no such rule", "无此规定";
    at_first: "at first", "最初";
    in_budget: "enough for all of it", "足以全额";
    no_such_record: "no such record", "没有这条记录";
    want_truth: "yes or no", "是或否";
    want_text: "text", "文字";
    want_date: "a date", "日期";
    want_time: "a date and time", "日期和时刻";
    want_number: "a number", "数值";
    want_rate: "a percentage", "百分比";
    want_in: " in ", "，单位：";
    page_note: "Made from the policy text; the document itself is what counts.", "本说明由政策文本推算得出，以正式文件为准。";
}

/// The words of a language.
pub fn words(language: Language) -> &'static Words {
    match language {
        Language::English => &ENGLISH,
        Language::Chinese => &CHINESE,
    }
}

/// A status in a word or two.
pub fn status(status: Status, language: Language) -> &'static str {
    match status {
        Status::Granted => language.pick("granted", "给予"),
        Status::Refused => language.pick("refused", "不予"),
        Status::Undetermined => language.pick("not decided yet", "待定"),
        Status::Conflict => language.pick("in conflict", "情形冲突"),
        Status::NotInForce => language.pick("not in force", "未施行"),
        Status::Error => language.pick("could not be computed", "无法计算"),
    }
}

/// The answer of a duty or target, by its name in outputs, and why; names of conditions or fields follow where
/// there are some. `None`: said as for a measure.
pub fn outcome(name: &str, language: Language) -> Option<(&'static str, &'static str)> {
    let (status, ground) = match name {
        "met" => (("met", "已履行"), ("all that is to be done is done", "各项均已做到")),
        "breached" => (("breached", "已违反"), ("these are not done: ", "以下各项未做到：")),
        "attained" => (("attained", "已达到"), ("the goal is reached", "目标已达到")),
        "missed" => (("missed", "未达到"), ("the goal is not reached: ", "目标未达到：")),
        "not_yet_due" => (("not yet due", "未到期"), ("its last day has not passed", "期限未过")),
        "not_bound" => {
            (("not bound", "不受约束"), ("these say that it is not meant: ", "以下各项表明不适用："))
        }
        _ => return None,
    };
    Some((language.pick(status.0, status.1), language.pick(ground.0, ground.1)))
}

/// Why a status is what it is; names of conditions or fields follow where there are some.
pub fn ground(status: Status, language: Language) -> &'static str {
    match status {
        Status::Granted => language.pick("all conditions hold", "条件均满足"),
        Status::Refused => language.pick("these decide against it: ", "以下各项不符合："),
        Status::Undetermined => language.pick("these are missing: ", "缺少以下信息："),
        Status::Conflict => {
            language.pick("alternatives that exclude each other both hold: ", "互斥的情形同时成立：")
        }
        Status::NotInForce => {
            language.pick("the measure is not in force on that day", "该日措施不在施行期内")
        }
        Status::Error => language.pick("a value cannot be computed: ", "有数值无法计算："),
    }
}

/// What went wrong, for people.
pub fn error(error: RunError, language: Language) -> &'static str {
    match error {
        RunError::Overflow => language.pick("a number or a date is too large", "数值或日期超出范围"),
        RunError::DivisionByZero => language.pick("division by zero", "除数为零"),
        RunError::NoRow => language.pick("no row of the table fits", "决策表没有适用的行"),
        RunError::TwoRows => language.pick("two rows of the table fit", "决策表有两行同时适用"),
        RunError::NoValue => language.pick("a parameter has no value on that day", "参数在该日没有取值"),
    }
}

/// The verb of a kind of benefit.
pub fn benefit(kind: BenefitKind, language: Language) -> &'static str {
    match kind {
        BenefitKind::Pay => language.pick("pay", "发放"),
        BenefitKind::Waive => language.pick("waive", "减免"),
        BenefitKind::Defer => language.pick("defer", "缓缴"),
        BenefitKind::Extend => language.pick("extend", "延长"),
        BenefitKind::Rate => language.pick("change of rate", "调整费率"),
        BenefitKind::Entitle => language.pick("entitle", "享受"),
        BenefitKind::List => language.pick("list", "列入"),
        BenefitKind::Penalize => language.pick("penalize", "处罚"),
        BenefitKind::Shortfall => language.pick("lacking", "尚差"),
    }
}
