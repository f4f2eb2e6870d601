//! What an edit does to records, as tables and sentences that every form of the report shows.

use crate::check::show::{Language, digits, show_value};
use crate::check::typed::{Program, Type};
use crate::diff::effect::ABSENT;
use crate::diff::effect::outcome::{
    Bar, Cost, Effect, Grouping, MeasureOutcome, MoneyEffect, Outcome, SpreadView, Sum, Waiting,
};
use crate::diff::fail::percent;
use crate::value::{CURRENCIES, Number, Value};

/// A table: cells after the first are numbers.
pub struct Table {
    pub head: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// An amount of money as a person writes it.
pub fn money(amount: &Number, currency: &str, language: Language) -> String {
    let known = CURRENCIES.iter().any(|(code, _)| *code == currency);
    let ty = if known { Type::money(currency) } else { Type::plain() };
    show_value(&Program::default(), &ty, &Value::Number(amount.clone()), language)
}

/// With its sign.
pub fn change(amount: &Number, currency: &str, language: Language) -> String {
    signed(&money(amount, currency, language))
}

fn signed(text: &str) -> String {
    match text.strip_prefix('-') {
        Some(text) => format!("−{text}"),
        None if text.starts_with('0') && !text.contains(|c: char| ('1'..='9').contains(&c)) => {
            text.to_owned()
        }
        None => format!("+{text}"),
    }
}

pub fn count(records: u64) -> String {
    digits(&Number::from_scaled(records.into(), 0))
}

/// `1 row`, `2 rows`.
pub fn counted(things: u64, word: &str) -> String {
    format!("{} {word}{}", count(things), if things == 1 { "" } else { "s" })
}

/// The label, and the name where it is another word.
pub fn named(label: &str, name: &str) -> String {
    if label == name { name.to_owned() } else { format!("{label} {name}") }
}

pub fn status(word: &str, language: Language) -> String {
    let chinese = match word {
        "granted" => "给予",
        "refused" => "不予",
        "undetermined" => "待定",
        "conflict" => "冲突",
        "not_in_force" => "未施行",
        "error" => "错误",
        "met" => "已履行",
        "breached" => "已违反",
        "not_yet_due" => "未到期",
        "not_bound" => "不受约束",
        "attained" => "已达到",
        "missed" => "未达到",
        word if word == ABSENT => "没有此项",
        other => other,
    };
    let english = if word == ABSENT { "no such measure" } else { word };
    language.pick(english, chinese).replace('_', " ")
}

/// Which rows were read and compared.
pub fn rows(outcome: &Outcome, language: Language) -> String {
    let mut parts = match language {
        Language::English => {
            vec![counted(outcome.rows, "row"), format!("{} compared", count(outcome.compared))]
        }
        Language::Chinese => {
            vec![format!("{}行", count(outcome.rows)), format!("比较{}行", count(outcome.compared))]
        }
    };
    let rest = [
        (outcome.rejected, ("rejected by both", "两版都读不出")),
        (outcome.only_before, ("read before, but not after", "原版能读、新版读不出")),
        (outcome.only_after, ("read after, but not before", "新版能读、原版读不出")),
    ];
    for (records, (english, chinese)) in rest.into_iter().filter(|(records, _)| *records > 0) {
        parts.push(match language {
            Language::English => format!("{} {english}", count(records)),
            Language::Chinese => format!("{chinese}{}行", count(records)),
        });
    }
    format!("{}: {}", named(&outcome.label, &outcome.record), parts.join(language.pick(", ", "，")))
}

/// Names that a note lists, at most; JSON has them all.
const NAMES: usize = 8;

/// What is to be known of the input: rows that are not compared, fields without a column, kinds that are not there.
pub fn notes(outcome: &Outcome, language: Language) -> Vec<String> {
    let mut notes: Vec<String> = outcome
        .reject_examples
        .iter()
        .map(|example| format!("{}: {example}", language.pick("rejected", "退回")))
        .collect();
    let (new, missing) = (&outcome.new_without_column, &outcome.missing_columns);
    let old: Vec<String> = missing.iter().filter(|name| !new.contains(name)).cloned().collect();
    let lists = [
        (new, ("new fields that the input has no column for", "新增的字段，数据中没有")),
        (&old, ("no column for", "缺少的列")),
        (&outcome.unseen, ("looked at by measures, but no --input holds it", "措施要用到而没有输入的记录")),
    ];
    for (names, (english, chinese)) in lists.into_iter().filter(|(names, _)| !names.is_empty()) {
        let more = names.len().saturating_sub(NAMES);
        let more = match (more, language) {
            (0, _) => String::new(),
            (more, Language::English) => format!(" and {more} more"),
            (more, Language::Chinese) => format!(" 等，另{more}项"),
        };
        let shown = names[..names.len().min(NAMES)].join(", ");
        notes.push(format!("{}: {shown}{more}", language.pick(english, chinese)));
    }
    notes.extend(blind(outcome, language));
    notes
}

/// The measures that are undetermined for half of the records or more: there the comparison sees no money.
fn blind(outcome: &Outcome, language: Language) -> Option<String> {
    let mostly = outcome.waiting.iter().filter(|own| own.records.saturating_mul(2) >= outcome.compared);
    let one = |own: &Waiting| {
        let (label, records) = (&own.label, count(own.records));
        match (&own.missing, language) {
            (Some(field), Language::English) => format!("{label} {records} (waits for {field})"),
            (Some(field), Language::Chinese) => format!("{label}{records}条（缺{field}）"),
            (None, Language::English) => format!("{label} {records}"),
            (None, Language::Chinese) => format!("{label}{records}条"),
        }
    };
    let all: Vec<String> = mostly.take(NAMES).map(one).collect();
    let words = language.pick(
        "undetermined for most records, so that their money is not compared: ",
        "多数记录待定，其金额无从比较：",
    );
    (!all.is_empty()).then(|| format!("{words}{}", all.join(language.pick(", ", "、"))))
}

/// The rows that only one version reads, each with what it grants them.
pub fn alone(outcome: &Outcome, language: Language) -> Vec<String> {
    let sides = [
        (outcome.only_before, &outcome.cost_only_before, ("old", "原版")),
        (outcome.only_after, &outcome.cost_only_after, ("new", "新版")),
    ];
    let line = |(rows, sums, (english, chinese)): (u64, &Vec<Sum>, (&str, &str))| {
        let sums: Vec<String> = sums.iter().map(|own| sum(own, language)).collect();
        let sums = match sums.is_empty() {
            true => language.pick("no money", "没有金额").to_owned(),
            false => sums.join(language.pick(", ", "，")),
        };
        match language {
            Language::English => {
                format!(
                    "not compared: {}, which only the {english} version reads: {sums}",
                    counted(rows, "row")
                )
            }
            Language::Chinese => format!("未比较：只有{chinese}能读的{}行：{sums}", count(rows)),
        }
    };
    sides.into_iter().filter(|(rows, ..)| *rows > 0).map(line).collect()
}

fn sum(sum: &Sum, language: Language) -> String {
    let (kind, currency) = sum.kind.split_once('.').unwrap_or((&sum.kind, "CNY"));
    format!("{} {}", kind_of_money(kind, language), money(&sum.amount.0, currency, language))
}

/// How many gain, lose and change of all that are compared.
pub fn total(outcome: &Outcome, language: Language) -> String {
    if outcome.total.touched == 0 && outcome.only_before + outcome.only_after > 0 {
        let words = language
            .pick("nothing changes for the records that both versions read", "两版都能读的记录没有变化");
        return words.to_owned();
    }
    effect(&outcome.total, language)
}

/// How many gain, lose and change.
pub fn effect(effect: &Effect, language: Language) -> String {
    if effect.touched == 0 {
        return language.pick("nothing changes for any record", "对所有记录都没有变化").to_owned();
    }
    let parts = [
        (effect.loses, (["loses", "lose"], "受损")),
        (effect.gains, (["gains", "gain"], "受益")),
        (
            effect.touched - effect.loses - effect.gains,
            (["changes otherwise", "change otherwise"], "有其他变化"),
        ),
        (effect.status, (["changes status", "change status"], "结果改变")),
        (effect.reason, (["changes only its reasons", "change only their reasons"], "仅理由改变")),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .enumerate()
        .filter(|(at, (records, _))| *at < 2 || *records > 0)
        .map(|(_, (records, (english, chinese)))| match language {
            Language::English => format!("{} {}", count(records), english[usize::from(records != 1)]),
            Language::Chinese => format!("{}条{chinese}", count(records)),
        })
        .collect();
    parts.join(language.pick(", ", "，"))
}

/// `, +5.2%`; nothing where there was nothing before.
pub fn share(before: &Number, after: &Number) -> String {
    let by = after.sub(before).mul(&Number::from_int(100)).div(before);
    by.map_or_else(String::new, |by| format!(", {}", signed(&percent(&by))))
}

fn kind_of_money(kind: &str, language: Language) -> &str {
    match kind {
        "pay" => language.pick("pay", "发放"),
        "waive" => language.pick("waive", "减免"),
        "penalize" => language.pick("penalize", "处罚"),
        other => other,
    }
}

/// `pay 1,000元 → 900元 (−100元, −10%)`.
pub fn cost(cost: &Cost, language: Language) -> String {
    let (kind, currency) = cost.kind.split_once('.').unwrap_or((&cost.kind, "CNY"));
    let kind = kind_of_money(kind, language);
    let (before, after) = (&cost.before.0, &cost.after.0);
    let show = |amount: &Number| money(amount, currency, language);
    if before == after {
        return format!("{kind} {} ({})", show(after), language.pick("unchanged", "不变"));
    }
    let by = change(&after.sub(before), currency, language);
    let share = share(before, after);
    format!("{kind} {} → {} ({by}{share})", show(before), show(after))
}

/// The measures that something changes for; each with its counts and its cost.
pub fn measures(outcome: &Outcome, language: Language) -> Table {
    let head = [
        ("measure", "措施"),
        ("lose", "受损"),
        ("gain", "受益"),
        ("status", "结果改变"),
        ("reason", "理由改变"),
        ("cost before → after", "费用"),
    ];
    let head = head.map(|(english, chinese)| language.pick(english, chinese).to_owned());
    let row = |own: &&MeasureOutcome| {
        let costs: Vec<String> = own.cost.iter().map(|own| cost(own, language)).collect();
        let effect = &own.effect;
        let mut cells = vec![named(&own.label, &own.name)];
        cells.extend([effect.loses, effect.gains, effect.status, effect.reason].map(count));
        cells.push(costs.join("; "));
        cells
    };
    let touched: Vec<&MeasureOutcome> = touched(outcome).collect();
    Table { head: head.to_vec(), rows: touched.iter().map(row).collect() }
}

/// The measures that something changes for.
pub fn touched(outcome: &Outcome) -> impl Iterator<Item = &MeasureOutcome> {
    outcome
        .measures
        .iter()
        .filter(|own| own.effect.touched > 0 || own.cost.iter().any(|cost| cost.before != cost.after))
}

/// `granted → refused: 12 records`.
pub fn moves(own: &MeasureOutcome, language: Language) -> Option<String> {
    let moves: Vec<String> = own
        .moves
        .iter()
        .map(|own| {
            let [before, after] = [&own.before, &own.after].map(|word| status(word, language));
            format!("{before} → {after}: {}", count(own.records))
        })
        .collect();
    (!moves.is_empty()).then(|| moves.join(language.pick("; ", "；")))
}

/// How the changes of money are distributed, in a sentence.
pub fn money_spread(effect: &MoneyEffect, language: Language) -> String {
    let show = |amount: &Number| change(amount, &effect.currency, language);
    let sums = [(&effect.less.0, ("less", "共减")), (&effect.more.0, ("more", "共增"))];
    let sums = sums.into_iter().filter(|(sum, _)| !sum.is_zero()).map(|(sum, (english, chinese))| {
        let sum = money(&sum.abs(), &effect.currency, language);
        match language {
            Language::English => format!("{sum} {english} in all"),
            Language::Chinese => format!("{chinese}{sum}"),
        }
    });
    let sums = sums.collect::<Vec<_>>().join(language.pick(", ", "，"));
    format!("{sums}{}{}", language.pick("; ", "；"), quantiles(&effect.spread, &show, language))
}

/// From where to where a bar of a histogram goes.
pub fn ends(bar: &Bar, show: &dyn Fn(&Number) -> String) -> String {
    let [low, high] = [&bar.low.0, &bar.high.0].map(show);
    if low == high { low } else { format!("{low} .. {high}") }
}

/// The quantiles of changes.
pub fn quantiles(spread: &SpreadView, show: &dyn Fn(&Number) -> String, language: Language) -> String {
    let word = |percent: u64| match percent {
        0 => language.pick("least", "最小").to_owned(),
        50 => language.pick("median", "中位").to_owned(),
        100 => language.pick("greatest", "最大").to_owned(),
        other => format!("{other}%"),
    };
    let all: Vec<String> =
        spread.quantiles.iter().map(|own| format!("{} {}", word(own.percent), show(&own.change.0))).collect();
    let note = if spread.to_three_digits {
        language.pick(" (to three significant digits)", "（保留三位有效数字）")
    } else {
        ""
    };
    format!("{}{note}", all.join(language.pick(", ", "，")))
}

/// A change of a quantity with its unit.
pub fn quantity(amount: &Number, unit: &str, language: Language) -> String {
    if let Some((code, _)) = CURRENCIES.iter().find(|(_, words)| words.contains(&unit)) {
        return change(amount, code, language);
    }
    signed(&format!("{}{unit}", digits(amount)))
}

/// What the comparison fails by: a heading and a line for each.
pub fn failures(failures: &[String], language: Language) -> Option<(String, &[String])> {
    let count = failures.len();
    let heading = match language {
        Language::English => format!("fails by {}", counted(count as u64, "condition")),
        Language::Chinese => format!("未通过：{count}项条件"),
    };
    (count > 0).then_some((heading, failures))
}

/// Groups by a column: records, losers, gainers, others, sums and cost.
pub fn groups(grouping: &Grouping, language: Language) -> Table {
    let words = [
        ("records", "记录"),
        ("lose", "受损"),
        ("gain", "受益"),
        ("status", "结果改变"),
        ("reason", "理由改变"),
        ("median change", "变化中位数"),
        ("cost before → after", "费用"),
    ];
    let mut head = vec![language.pick(&grouping.column, &grouping.label).to_owned()];
    head.extend(words.map(|(english, chinese)| language.pick(english, chinese).to_owned()));
    let rows = grouping.groups.iter().map(|group| {
        let effect = &group.effect;
        let mut cells = vec![match group.value.as_deref() {
            None => language.pick("(all others)", "（其余）").to_owned(),
            Some("") => language.pick("(blank)", "（空）").to_owned(),
            Some(word) => word.to_owned(),
        }];
        cells.extend([group.records, effect.loses, effect.gains, effect.status, effect.reason].map(count));
        let median = |own: &MoneyEffect| {
            let median = own.spread.quantiles.iter().find(|own| own.percent == 50)?;
            Some(change(&median.change.0, &own.currency, language))
        };
        let medians: Vec<String> = effect.money.iter().filter_map(median).collect();
        cells.push(medians.join("; "));
        let changed = group.cost.iter().filter(|cost| cost.before != cost.after);
        cells.push(changed.map(|own| cost(own, language)).collect::<Vec<_>>().join("; "));
        cells
    });
    let rows = rows.collect();
    Table { head, rows }
}
