//! The site's own words, in both languages, in one table.

use crate::check::index::ThingKind;
use crate::check::show::Language;
use crate::check::typed::BenefitKind;

macro_rules! words {
    ($($name:ident: $english:literal, $chinese:literal;)*) => {
        /// What the pages are made of.
        #[derive(Debug)]
        pub(super) struct Words {
            $(pub $name: &'static str,)*
        }

        const ENGLISH: Words = Words { $($name: $english,)* };
        const CHINESE: Words = Words { $($name: $chinese,)* };
    };
}

words! {
    // Around the pages.
    skip: "Skip to the text", "跳到正文";
    menu: "Pages", "页面";
    overview: "Document", "文件";
    measures: "Measures", "措施";
    params: "Figures", "数值";
    open: "Left to others", "留待另定";
    glossary: "Glossary", "名词";
    all_names: "All names", "全部名称";
    whole: "All on one page", "全文一页";
    search: "Search", "检索";
    search_for: "Words to look for", "要找的词";
    footer: "Made by pol doc from the policy set. The document itself is what counts.", "由 pol doc 从政策集生成，以正式文件为准。";
    contents: "Contents", "目录";
    previous: "Previous", "上一条";
    next: "Next", "下一条";

    // The document.
    the_program: "The program", "程序";
    issued_by: "Issued by", "发文机关";
    issued_on: "Issued on", "发文日期";
    in_force: "In force", "施行";
    since: "from ", "自";
    since_end: "", "起";
    until: "until ", "至";
    until_end: " (that day excluded)", "前（不含当日）";
    always: "always", "一直";
    rounding: "Amounts are", "金额";
    rounding_to: " to ", "到";
    document_other: "Documents of the sets that are used", "所引用的其他文件";
    no_document: "The policy set has no source document: its items stand under “All names”.", "本政策集没有来源文件：各项列在“全部名称”里。";
    preamble: "Preamble", "前言";
    closing: "closing", "结尾";
    whole_text: "Text", "全文";
    coverage: "How the text is accounted for", "编制情况";
    computed: "computed", "可计算";
    open_how: "left open to others", "留待另定";
    principle_how: "not computable", "不可计算";
    left_how: "not accounted for", "未编制";
    counts: "In numbers", "数目";
    number_refers: "A number after a passage leads to what encodes it; a quotation leads back to its passage.", "文字后的编号指向编制它的一项；引文指回它在文件里的位置。";
    nothing_cites: "Nothing quotes this article.", "没有条目引用本条。";

    // Items.
    name: "Name", "名称";
    module: "file", "文件";
    for_record: "For", "适用于";
    quotes: "Rests on", "依据";
    notes: "How it was read", "编制说明";
    conditions: "Conditions: all must hold", "条件（须全部满足）";
    exceptions: "Exceptions: none may hold", "除外情形（均不得符合）";
    to_do: "What is to be done", "应当做到";
    goal: "The goal", "目标";
    one_of: "Alternatives: one of them at most holds", "分类情形（互不重叠）";
    first_of: "Alternatives: the first that holds is taken", "分类情形（依次取首个符合的）";
    benefits: "What is given", "给予内容";
    on_breach: "What follows from a breach", "违反的后果";
    lacking: "What is lacking", "差额";
    lets: "Values on the way", "中间数值";
    condition: "Condition", "条件";
    test: "Exactly", "判定";
    quotation: "Quotation", "原文";
    due: "Due", "期限";
    otherwise: "otherwise", "其他情形";
    refuse: "refused", "不予";
    flag: "given or not, without an amount", "给予或不给予，没有数额";
    between: "between ", "介于 ";
    and_up_to: " and ", " 至 ";
    at_least: "at least ", "最少 ";
    at_most: "at most ", "最多 ";
    per_month: "each month, for at most ", "每月，最多 ";
    out_of: "out of ", "出自 ";
    rounded: "; ", "；";
    from_day: "from ", "自 ";
    from_day_end: "", " 起";
    before_day: "before ", "此前（";
    before_day_end: "", " 前）";
    no_rule: "no such rule", "无此规定";
    amended: "amended", "有修改";

    // Figures.
    value: "Value", "数值";
    time_line: "Time line", "时间线";
    who_decides: "Who decides", "由谁决定";
    bounds: "Within", "范围";
    any_value: "no bounds given", "没有写明范围";
    not_filled: "Not decided yet: what needs it stays open.", "尚未确定：用到它的答案是一个范围，或者待定。";
    filled: "Decided:", "已确定：";
    others: "not named", "未写明";
    nothing_open: "Nothing is left to others.", "没有留待另定的内容。";
    to_decide: "Yes or no, or a value, to be spelled out", "待写明的认定标准";

    // Definitions, tables, lists, budgets.
    formula: "Is", "等于";
    needs: "Uses", "用到";
    used_by: "Used by", "被用于";
    unused: "Nothing in this set uses it.", "本集中没有条目用到它。";
    hit_first: "The first row that fits, from above, decides.", "从上往下取首个相符的行。";
    hit_unique: "At most one row fits.", "至多一行相符。";
    any_input: "any", "任意";
    in_file: "The rows stand in the file ", "各行取自文件 ";
    result: "Result", "结果";
    members: "Members", "成员";
    member_count: "Number of members", "成员数";
    dated: "As of", "截止日期";
    more_members: "The file has all of them; here are the first.", "文件里有全部成员，这里只列开头的。";
    pool: "Pool", "资金池";
    draws: "Who draws on it", "支出";
    order: "Order", "顺序";
    pro_rata: "To each the same share of its claim, where the pool is too small for all.", "不够全部满足时，各按相同比例给予。";
    ascending: "ascending", "升序";
    descending: "descending", "降序";
    ties_by: "ties by", "并列按";
    ties_by_key: "equal ones by key", "相同的按键";
    last_cut: "The first claim that does not fit gets what is left.", "首个不够的，余下多少给多少。";
    last_refused: "The first claim that does not fit gets nothing.", "首个不够的，不予。";
    known_only: "Claims that are not known are passed over.", "数额不明的申请不计。";
    contenders: "The highest of these is given", "取其中最高的一项";
    reason: "Why it is not computable", "为什么不可计算";
    workdays: "Monday to Friday, but for the days that its file names", "周一至周五，文件列出的日子除外";
    covers: "Covers", "涵盖";

    // Words of the data.
    fields: "Fields", "字段";
    field: "Field", "字段";
    ty: "Type", "类型";
    meaning: "Meaning", "说明";
    key: "key", "键";
    optional: "often blank", "可留空";
    belongs_to: "Belongs to", "隶属";
    via: "by", "经由";
    variants: "Values", "取值";
    measures_for: "Measures for it", "适用于它的措施";
    yes_no: "yes or no", "是或否";
    text: "text", "文字";
    date: "date", "日期";
    time: "date and time", "日期和时刻";
    number: "number", "数值";
    whole_number: "whole number", "整数";
    rate: "rate", "比率";
    points: "percentage points", "百分点";
    money: "money", "金额";
    unit: "unit", "单位";
    units: "Units", "单位";
    equals: "is", "等于";
    base_unit: "a unit of its own", "独立单位";
    records_and_fields: "What the program knows of whom", "数据里有什么";
    words_of_the_site: "Words of these pages", "本站用语";

    // Examples and program text.
    examples: "Examples", "算例";
    example: "Example", "算例";
    given: "Given", "已知";
    answer: "Answer", "答案";
    as_of: "As of", "评估日";
    trying: "Trying", "假设";
    others_given: "Beside", "另有";
    nothing_given: "nothing", "无";
    fails: "This example does not come out as its author expects.", "本例的答案与编者预期的不同。";
    all_pass: "all come out as expected", "全部通过";
    some_fail: "do not come out as expected", "个没有通过";
    program_text: "In the language Pol", "程序原文";
    full_entry: "Full entry", "详细";
    uses_note: "See also", "另见";

    // Search.
    filter_note: "Type to narrow the list; without JavaScript, use your browser's search on this page.", "输入文字即可筛选；没有 JavaScript 时，请用浏览器的页内查找。";
    found: " found", " 项";
    none_found: "Nothing has these words.", "没有找到。";
    articles: "Articles", "条文";
}

/// The words of a language.
pub(super) fn words(language: Language) -> &'static Words {
    match language {
        Language::English => &ENGLISH,
        Language::Chinese => &CHINESE,
    }
}

/// Words that the pages use in a meaning of their own, with it.
pub(super) const TERMS: &[(&str, &str, &str, &str)] = &[
    ("measure", "措施", "conditions and what is given, for one kind of record", "对一类对象的条件和给予内容"),
    ("duty", "义务", "who must do what, by when", "谁应当做什么、何时做到"),
    ("target", "目标", "what is to be reached", "应当达到什么"),
    ("figure", "数值", "a number of the policy, with its history", "政策里的数，连同它的沿革"),
    (
        "left to others",
        "留待另定",
        "what the text leaves to somebody else to decide",
        "文件留给其他机关决定的内容",
    ),
    ("principle", "原则", "a passage that is no rule, with the reason", "不是规则的文字，附理由"),
    ("granted, refused", "给予、不予", "the conditions hold, or they do not", "条件满足，或不满足"),
    ("undetermined", "待定", "something is not known that could decide", "缺少可能起决定作用的信息"),
    ("as-of date", "评估日", "the day for which the question is asked", "就哪一天作答"),
];

/// A kind of thing, as its tag says it.
pub(super) fn kind(kind: ThingKind, language: Language) -> &'static str {
    let (english, chinese) = match kind {
        ThingKind::Policy => ("policy", "文件"),
        ThingKind::Source => ("source", "来源"),
        ThingKind::Enum => ("list of values", "取值表"),
        ThingKind::Variant => ("value", "取值"),
        ThingKind::Unit => ("unit", "单位"),
        ThingKind::Record => ("kind of record", "对象"),
        ThingKind::Field => ("field", "字段"),
        ThingKind::Param => ("figure", "数值"),
        ThingKind::Define => ("definition", "定义"),
        ThingKind::Table => ("decision table", "决策表"),
        ThingKind::Input => ("input", "输入"),
        ThingKind::Register => ("register", "名录"),
        ThingKind::Calendar => ("calendar", "日历"),
        ThingKind::Measure => ("measure", "措施"),
        ThingKind::Duty => ("duty", "义务"),
        ThingKind::Target => ("target", "目标"),
        ThingKind::Let => ("value on the way", "中间数值"),
        ThingKind::Condition => ("condition", "条件"),
        ThingKind::Branch => ("alternative", "情形"),
        ThingKind::Benefit => ("benefit", "给予内容"),
        ThingKind::Budget => ("budget", "预算"),
        ThingKind::BestOf => ("best of several", "就高"),
        ThingKind::Principle => ("principle", "原则"),
    };
    language.pick(english, chinese)
}

/// A kind of thing, several of them.
pub(super) fn kinds(kind: ThingKind, language: Language) -> &'static str {
    let (english, chinese) = match kind {
        ThingKind::Policy => ("policies", "文件"),
        ThingKind::Enum => ("lists of values", "取值表"),
        ThingKind::Unit => ("units", "单位"),
        ThingKind::Record => ("kinds of record", "对象"),
        ThingKind::Param => ("figures", "数值"),
        ThingKind::Define => ("definitions", "定义"),
        ThingKind::Table => ("decision tables", "决策表"),
        ThingKind::Register => ("registers", "名录"),
        ThingKind::Calendar => ("calendars", "日历"),
        ThingKind::Measure => ("measures", "措施"),
        ThingKind::Duty => ("duties", "义务"),
        ThingKind::Target => ("targets", "目标"),
        ThingKind::Budget => ("budgets", "预算"),
        ThingKind::BestOf => ("best of several", "就高"),
        ThingKind::Principle => ("principles", "原则"),
        other => return self::kind(other, language),
    };
    language.pick(english, chinese)
}

/// The verb of a kind of benefit before its label, which may say it already.
pub(super) fn verb(kind: BenefitKind, label: &str, language: Language) -> &'static str {
    let verb = match kind {
        BenefitKind::Pay => language.pick("pay ", "发放"),
        BenefitKind::Waive => language.pick("waive ", "减免"),
        BenefitKind::Defer => language.pick("defer ", "缓缴"),
        BenefitKind::Extend => language.pick("extend ", "延长"),
        BenefitKind::Rate => language.pick("change the rate: ", "调整费率："),
        BenefitKind::Entitle => language.pick("entitle to ", "享受"),
        BenefitKind::List => language.pick("list: ", "列入："),
        BenefitKind::Penalize => language.pick("penalize: ", "处罚："),
        BenefitKind::Shortfall => language.pick("lacking: ", "尚差："),
    };
    if label.starts_with(verb.trim_end_matches([':', '：', ' '])) { "" } else { verb }
}
