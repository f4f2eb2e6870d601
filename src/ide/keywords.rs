//! The words that completion offers, in both languages, and the snippets for whole items.

/// An English word with its Chinese form.
pub type Pair = (&'static str, &'static str);

pub const BENEFITS: &[Pair] = &[
    ("pay", "发放"),
    ("waive", "减免"),
    ("defer", "缓缴"),
    ("extend", "延长"),
    ("rate", "调整费率"),
    ("entitle", "享受"),
    ("list", "列入"),
    ("penalize", "处罚"),
];

pub const TYPES: &[Pair] = &[
    ("bool", "是非"),
    ("text", "文本"),
    ("number", "数值"),
    ("count", "数量"),
    ("rate", "比率"),
    ("points", "百分点"),
    ("money", "金额"),
    ("date", "日期"),
    ("time", "时刻"),
    ("days", "天数"),
    ("months", "月数"),
    ("hours", "小时数"),
];

pub const TRUTHS: &[Pair] = &[("true", "真"), ("false", "假")];

/// Functions with what stands in their brackets, as a snippet.
pub const FUNCTIONS: &[(&str, &str, &str)] = &[
    ("round", "舍入", "(${1:x}, ${2:half_up}, to: ${3:1元})"),
    ("min", "最小", "(${1:a}, ${2:b})"),
    ("max", "最大", "(${1:a}, ${2:b})"),
    ("abs", "绝对值", "(${1:x})"),
    ("year", "年份", "(${1:date})"),
    ("month", "月份", "(${1:date})"),
    ("day", "日", "(${1:date})"),
    ("date", "日期", "(${1:time})"),
];

/// What else an expression may begin with.
pub const OPENERS: &[Pair] = &[
    ("not", "非"),
    ("known", "已知"),
    ("as_of", "评估日"),
    ("if ${1:condition} then ${2:value} else ${3:value}", "如果 ${1:条件} 则 ${2:值} 否则 ${3:值}"),
    ("match ${1:value} {\n  $0\n}", "区分 ${1:值} {\n  $0\n}"),
    ("sum of ${1:field} over ${2:Record}", "合计 ${1:字段} 全体 ${2:记录}"),
    ("average of ${1:field} over ${2:Record}", "平均 ${1:字段} 全体 ${2:记录}"),
    ("count of ${1:Record}", "计数 ${1:记录}"),
    ("rank by ${1:field} descending, ties share", "排名 按 ${1:字段} 降序, 并列 同名"),
];

/// What follows a value.
pub const JOINERS: &[Pair] =
    &[("and", "且"), ("or", "或"), ("in", "属于"), ("not in", "不属于"), ("otherwise", "缺则")];

const CITE: Pair = ("cite ${1:source} art ${2:1} \"${3:words}\"", "依据 ${1:来源} 第${2:1}条 “${3:原文}”");
const IN_FORCE: Pair = ("in force from ${1:2020-01-01}", "施行 自 ${1:2020年1月1日}");
const LET: Pair = ("let ${1:name} = $0", "令 ${1:名称} = $0");
const REQUIRE: Pair = ("require {\n  ${1:name} \"${2:label}\": $0\n}", "条件 {\n  ${1:名称}: $0\n}");
const EXCEPT: Pair = ("except ${1:name} \"${2:label}\": $0", "除外 ${1:名称}: $0");
const ONE_OF: Pair = ("one of {\n  ${1:name} \"${2:label}\": $0\n}", "择一 {\n  ${1:名称}: $0\n}");
const FIRST_OF: Pair = ("first of {\n  ${1:name} \"${2:label}\": $0\n}", "依次 {\n  ${1:名称}: $0\n}");
const DUE: Pair = ("due $0", "期限 $0");

/// What the body of an item may hold, by its keyword.
const BODIES: &[(&str, &[Pair])] = &[
    (
        "policy",
        &[
            ("issuer \"${1:issuer}\"", "发文机关 “${1:机关}”"),
            ("issued ${1:2020-01-01}", "发文日期 ${1:2020年1月1日}"),
            ("source ${1:name} = \"${2:sources/file.txt}\"", "来源 ${1:名称} = “${2:sources/file.txt}”"),
            ("rounding half_up to 1分", "舍入 四舍五入 到 1分"),
            ("dates round down", "日期 舍入 向下"),
            IN_FORCE,
            ("prevails over ${1:policy}", "优先于 ${1:政策}"),
        ],
    ),
    (
        "record",
        &[
            ("key ${1:name} \"${2:label}\": text", "键 ${1:名称}: 文本"),
            ("belongs to ${1:Record} via ${2:field}", "隶属 ${1:记录} 经由 ${2:字段}"),
        ],
    ),
    ("param", &[("from ${1:2020-01-01}: $0", "自 ${1:2020年1月1日}: $0"), CITE]),
    ("fill", &[("from ${1:2020-01-01}: $0", "自 ${1:2020年1月1日}: $0"), CITE]),
    ("open", &[("by \"${1:authority}\"", "由 “${1:机关}”"), CITE]),
    (
        "table",
        &[
            ("hit unique", "命中 唯一"),
            ("hit first", "命中 首行"),
            ("given ${1:input}: $0", "输入 ${1:名称}: $0"),
            ("gives ${1:output}: $0", "输出 ${1:名称}: $0"),
            ("row $1 => $0", "行 $1 => $0"),
            ("from \"${1:table.csv}\"", "取自 “${1:table.csv}”"),
            CITE,
        ],
    ),
    ("register", &[("dated ${1:2020-01-01}", "截止日期 ${1:2020年1月1日}"), CITE]),
    (
        "calendar",
        &[("covers ${1:2020-01-01}..${2:2020-12-31}", "涵盖 ${1:2020-01-01}..${2:2020-12-31}"), CITE],
    ),
    (
        "measure",
        &[
            CITE,
            IN_FORCE,
            LET,
            REQUIRE,
            EXCEPT,
            ONE_OF,
            FIRST_OF,
            ("excludes ${1:measure}", "排斥 ${1:措施}"),
            ("prevails over ${1:measure}", "优先于 ${1:措施}"),
        ],
    ),
    (
        "duty",
        &[
            CITE,
            IN_FORCE,
            LET,
            REQUIRE,
            EXCEPT,
            DUE,
            ("comply ${1:name} \"${2:label}\": $0", "履行 ${1:名称}: $0"),
            ("on breach penalize ${1:fine} = $0", "违反 处罚 ${1:罚款} = $0"),
        ],
    ),
    (
        "target",
        &[
            CITE,
            IN_FORCE,
            LET,
            REQUIRE,
            EXCEPT,
            DUE,
            ("reach ${1:name} \"${2:label}\": $0", "达到 ${1:名称}: $0"),
        ],
    ),
    (
        "amend",
        &[
            CITE,
            ("drop ${1:name}", "删去 ${1:名称}"),
            ("in force until ${1:2021-01-01}", "施行 至 ${1:2021年1月1日}"),
            REQUIRE,
            EXCEPT,
            ONE_OF,
            FIRST_OF,
        ],
    ),
    (
        "budget",
        &[
            ("draws ${1:measure.benefit}", "支出 ${1:措施.给予}"),
            ("order by ${1:field}", "顺序 按 ${1:字段}"),
            ("pro rata", "按比例"),
            ("last cut", "末位 削减"),
            ("last refused", "末位 拒绝"),
            ("known only", "仅计已知"),
            CITE,
        ],
    ),
    ("principle", &[CITE, ("reason \"${1:why}\"", "理由 “${1:原因}”")]),
    (
        "case",
        &[
            ("given { $0 }", "已知 { $0 }"),
            ("expect $0", "预期 $0"),
            ("set ${1:param} = $0", "设 ${1:参数} = $0"),
        ],
    ),
    ("define", &[CITE]),
    ("best", &[CITE]),
];

/// What the body of an item may hold, by its keyword: the word itself, or a snippet that begins with it.
pub fn members(keyword: &str) -> Vec<Pair> {
    let own = BODIES.iter().filter(|(item, _)| *item == keyword).flat_map(|(_, body)| *body);
    let benefits: &[Pair] = if matches!(keyword, "measure" | "amend") { BENEFITS } else { &[] };
    own.chain(benefits).copied().collect()
}

/// What a case may expect of a measure, a duty or a target.
pub fn expectations(kind: &str) -> Vec<Pair> {
    let own: &[Pair] = match kind {
        "duty" => {
            &[("met", "已履行"), ("breached", "已违反"), ("not_yet_due", "未到期"), ("not_bound", "不受约束")]
        }
        "target" => &[
            ("attained", "已达到"),
            ("missed", "未达到"),
            ("not_yet_due", "未到期"),
            ("not_bound", "不受约束"),
        ],
        "define" => &[("= $0", "= $0")],
        _ => &[("granted", "给予"), ("refused", "拒绝"), ("conflict", "冲突")],
    };
    let all: &[Pair] = match kind {
        "define" => &[("undetermined missing $0", "待定 缺 $0"), ("error", "错误")],
        _ => &[("undetermined missing $0", "待定 缺 $0"), ("not_in_force", "未施行"), ("error", "错误")],
    };
    own.iter().chain(all).copied().collect()
}

/// A whole item: its keyword in both languages, and the item in each as a snippet.
pub struct ItemSnippet {
    pub words: Pair,
    pub body: Pair,
}

macro_rules! snippets {
    ($($english:literal / $chinese:literal: $english_body:literal / $chinese_body:literal;)*) => {
        /// The snippets for items, in the order in which a policy is written.
        pub const ITEMS: &[ItemSnippet] = &[$(ItemSnippet {
            words: ($english, $chinese),
            body: ($english_body, $chinese_body),
        }),*];
    };
}

snippets! {
    "use" / "引用": "use ${1:module}.*" / "引用 ${1:模块}.*";
    "policy" / "政策":
        "policy ${1:name} \"${2:title}\" {\n  issuer \"${3:issuer}\"\n  issued ${4:2020-01-01}\n  source ${5:source} = \"${6:sources/file.txt}\"\n  rounding half_up to 1分\n}" /
        "政策 ${1:名称} “${2:标题}” {\n  发文机关 “${3:机关}”\n  发文日期 ${4:2020年1月1日}\n  来源 ${5:来源} = “${6:sources/file.txt}”\n  舍入 四舍五入 到 1分\n}";
    "enum" / "枚举": "enum ${1:Name} \"${2:label}\" { ${3:first}, ${4:second} }" / "枚举 ${1:名称} { ${2:甲}, ${3:乙} }";
    "unit" / "单位": "unit ${1:箱} \"${2:crate}\"" / "单位 ${1:箱}";
    "record" / "记录":
        "record ${1:Name} \"${2:label}\" {\n  key ${3:id}: text\n  $0\n}" /
        "记录 ${1:名称} {\n  键 ${2:编号}: 文本\n  $0\n}";
    "param" / "参数": "param ${1:name} \"${2:label}\" = ${3:1000元}" / "参数 ${1:名称} = ${2:1000元}";
    "define" / "定义": "define ${1:name} \"${2:label}\" for ${3:Record} = $0" / "定义 ${1:名称} 适用 ${2:记录} = $0";
    "open" / "留待":
        "open param ${1:name} \"${2:label}\": ${3:rate} between ${4:50%} and ${5:60%} { by \"${6:authority}\" }" /
        "留待 参数 ${1:名称}: ${2:比率} 介于 ${3:50%} 至 ${4:60%} { 由 “${5:机关}” }";
    "fill" / "落实": "fill ${1:name} = $0" / "落实 ${1:名称} = $0";
    "table" / "决策表":
        "table ${1:name} \"${2:label}\" {\n  hit first\n  given ${3:input}: ${4:count 人}\n  gives ${5:output}: ${6:rate}\n  row - => $0\n}" /
        "决策表 ${1:名称} {\n  命中 首行\n  输入 ${2:输入}: ${3:数量 人}\n  输出 ${4:结果}: ${5:比率}\n  行 - => $0\n}";
    "register" / "名录":
        "register ${1:name} \"${2:label}\" from \"${3:lists/file.csv}\" key ${4:column}" /
        "名录 ${1:名称} 取自 “${2:lists/file.csv}” 键 ${3:列名}";
    "calendar" / "日历":
        "calendar ${1:workdays} \"${2:label}\" from \"${3:calendars/file.csv}\" { covers ${4:2020-01-01}..${5:2020-12-31} }" /
        "日历 ${1:工作日} 取自 “${2:calendars/file.csv}” { 涵盖 ${3:2020-01-01}..${4:2020-12-31} }";
    "measure" / "措施":
        "measure ${1:name} \"${2:label}\" for ${3:Record} {\n  cite ${4:source} art ${5:1} \"${6:words}\"\n  require {\n    ${7:condition} \"${8:label}\": $0\n  }\n  pay ${9:amount} = ${10:1000元}\n}" /
        "措施 ${1:名称} 适用 ${2:记录} {\n  依据 ${3:来源} 第${4:1}条 “${5:原文}”\n  条件 {\n    ${6:条件名}: $0\n  }\n  发放 ${7:补贴} = ${8:1000元}\n}";
    "duty" / "义务":
        "duty ${1:name} \"${2:label}\" for ${3:Record} {\n  cite ${4:source} art ${5:1} \"${6:words}\"\n  due ${7:day} + 2 days\n  comply ${8:done}: $0\n}" /
        "义务 ${1:名称} 适用 ${2:记录} {\n  依据 ${3:来源} 第${4:1}条 “${5:原文}”\n  期限 ${6:日期} + 2天\n  履行 ${7:已办}: $0\n}";
    "target" / "目标":
        "target ${1:name} \"${2:label}\" for ${3:Record} {\n  cite ${4:source} art ${5:1} \"${6:words}\"\n  reach ${7:goal}: $0\n}" /
        "目标 ${1:名称} 适用 ${2:记录} {\n  依据 ${3:来源} 第${4:1}条 “${5:原文}”\n  达到 ${6:目标值}: $0\n}";
    "best of" / "就高": "best of ${1:name} \"${2:label}\" { ${3:a.x}  ${4:b.y} }" / "就高 ${1:名称} { ${2:甲.补贴}  ${3:乙.补贴} }";
    "budget" / "预算":
        "budget ${1:name} \"${2:label}\" = ${3:100万元} {\n  draws ${4:measure.benefit}\n  order by ${5:field}\n  last cut\n}" /
        "预算 ${1:名称} = ${2:100万元} {\n  支出 ${3:措施.补贴}\n  顺序 按 ${4:字段}\n  末位 削减\n}";
    "amend" / "修改": "amend ${1:name} from ${2:2020-01-01} = $0" / "修改 ${1:名称} 自 ${2:2020年1月1日} = $0";
    "principle" / "原则":
        "principle ${1:name} \"${2:label}\" {\n  cite ${3:source} art ${4:1} \"${5:words}\"\n  reason \"${6:why}\"\n}" /
        "原则 ${1:名称} {\n  依据 ${2:来源} 第${3:1}条 “${4:原文}”\n  理由 “${5:原因}”\n}";
    "case" / "算例":
        "case \"${1:title}\" for ${2:measure} {\n  given { $0 }\n  expect ${3:granted}\n}" /
        "算例 “${1:标题}” 适用 ${2:措施} {\n  已知 { $0 }\n  预期 ${3:给予}\n}";
}

/// A snippet without its places: `let name = ` of `let ${1:name} = $0`.
pub fn without_places(snippet: &str) -> String {
    let mut out = String::new();
    let mut rest = snippet;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(inner) = rest.strip_prefix('{') {
            let (place, after) = inner.split_once('}').unwrap_or((inner, ""));
            out.push_str(place.split_once(':').map_or("", |(_, text)| text));
            rest = after;
        } else {
            rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use crate::syntax;

    #[test]
    fn every_item_has_a_snippet_that_parses() {
        let named: Vec<&str> =
            ITEMS.iter().map(|item| item.words.0.split(' ').next().unwrap_or_default()).collect();
        let known: Vec<&str> = syntax::words::ITEMS.iter().map(|(english, _)| *english).collect();
        let sorted = |mut list: Vec<&'static str>| {
            list.sort_unstable();
            list
        };
        assert_eq!(sorted(named), sorted(known));
        for item in ITEMS {
            for (body, word) in [(item.body.0, item.words.0), (item.body.1, item.words.1)] {
                // Where an expression is to be written, one stands here.
                let text = without_places(&match item.words.0 {
                    "record" => body.replace("$0", ""),
                    "case" => body.replace("$0", ""),
                    _ => body.replace("$0", "1"),
                });
                let (file, problems) = syntax::parse(FileId(0), &text);
                assert!(text.starts_with(word), "{text}");
                assert_eq!(file.items.len(), 1, "{text}\n{:?}", problems.first());
            }
        }
    }

    #[test]
    fn places_are_taken_out() {
        assert_eq!(without_places("let ${1:name} = $0;"), "let name = ;");
        assert_eq!(without_places("无"), "无");
    }
}
