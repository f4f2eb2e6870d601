//! What a run tells at its end: the summary for people, the same as JSON, and the receipt.

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::Plan;
use super::run::RecordReport;
use crate::batch::{Amount, MeasureSummary};
use crate::check::typed::RecordId;
use crate::cli::Stop;
use crate::explain::Language;
use crate::tables::{Aside, TableError};

pub struct Report<'p> {
    plan: &'p Plan,
    records: Vec<RecordReport>,
    /// Kinds of record that no input holds, each after the kind whose measures look at it.
    unseen: Vec<(RecordId, RecordId)>,
    elapsed: Duration,
}

/// What identifies a run: the same receipt, the same answers.
pub fn receipt(plan: &Plan, input_digest: &str) -> Vec<(String, String)> {
    let mut list = vec![
        ("pol.version".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
        ("pol.policy".to_owned(), plan.set.compiled.name.clone()),
        ("pol.policy_digest".to_owned(), plan.set.digest()),
        ("pol.as_of".to_owned(), plan.as_of.to_string()),
        ("pol.input_digest".to_owned(), input_digest.to_owned()),
    ];
    list.extend(settings(plan).map(|settings| ("pol.set".to_owned(), settings)));
    list
}

/// The params that have another value in this run, as `name=value`.
fn settings(plan: &Plan) -> Option<String> {
    let program = &plan.set.program;
    let shown = plan.options.set.iter().map(|(id, value)| {
        let param = &program.params[id.index()];
        let value = crate::check::show::show_value(program, &param.ty, value, Language::English);
        format!("{}={value}", param.head.name)
    });
    let all: Vec<String> = shown.collect();
    (!all.is_empty()).then(|| all.join(" "))
}

impl<'p> Report<'p> {
    pub fn new(
        plan: &'p Plan,
        records: Vec<RecordReport>,
        unseen: Vec<(RecordId, RecordId)>,
        elapsed: Duration,
    ) -> Report<'p> {
        Report { plan, records, unseen, elapsed }
    }

    fn rows_per_second(&self) -> u64 {
        let rows: u128 = self.records.iter().map(|record| u128::from(record.rows_in)).sum();
        let micros = self.elapsed.as_micros().max(1);
        u64::try_from(rows * 1_000_000 / micros).unwrap_or(u64::MAX)
    }

    /// Writes the summary as JSON.
    pub fn save(&self, mut file: Aside) -> Result<(), Stop> {
        let records: Vec<Json> = self.records.iter().map(|record| self.record_json(record)).collect();
        let json = json!({
            "policy": self.plan.set.compiled.name,
            "as_of": self.plan.as_of.to_string(),
            "rows_per_second": self.rows_per_second(),
            "seconds": format!("{}.{:03}", self.elapsed.as_secs(), self.elapsed.subsec_millis()),
            "records": records,
        });
        let written = file.write_all(format!("{json:#}\n").as_bytes());
        written.map_err(|error| TableError::io(file.name(), "cannot be written", &error))?;
        Ok(file.finish()?)
    }

    fn record_json(&self, record: &RecordReport) -> Json {
        let receipt: serde_json::Map<String, Json> = receipt(self.plan, &record.input_digest)
            .into_iter()
            .map(|(key, value)| (key, Json::String(value)))
            .collect();
        json!({
            "record": record.record, "label": record.label,
            "inputs": record.inputs, "output": record.output,
            "rejects": record.rejects,
            "rows_in": record.rows_in,
            "unknown_columns": record.unknown, "missing_columns": record.missing,
            "summary": record.summary,
            "receipt": receipt,
        })
    }

    /// The summary for people.
    pub fn text(&self, language: Language) -> String {
        let mut text = String::new();
        for record in &self.records {
            self.record_text(record, language, &mut text);
        }
        if self.records.len() > 1 {
            let all = self.records.iter().flat_map(|record| {
                let measures = record.summary.measures.iter();
                measures.map(|own| (self.article(record, &own.name), own))
            });
            text.push_str(&super::articles::text(all, language));
        }
        for (asking, record) in &self.unseen {
            let [asking, record] = [asking, record].map(|id| &self.plan.set.program.records[id.index()].head);
            let (asking, record) = (named(&asking.label, &asking.name), named(&record.label, &record.name));
            let _ = match language {
                Language::English => writeln!(
                    text,
                    "no --input holds {record}, which measures for {asking} look at: what depends on it is undetermined"
                ),
                Language::Chinese => {
                    writeln!(text, "没有输入{record}，{asking}的措施要用到它：有关的结果待定")
                }
            };
        }
        if let Some(settings) = settings(self.plan) {
            let _ =
                writeln!(text, "{}: {settings}", language.pick("params set for this run", "本次改设的参数"));
        }
        let today = if self.plan.today { language.pick(" (today in UTC)", "(今日，UTC)") } else { "" };
        let _ = writeln!(
            text,
            "{} {}{today}  {} {}  pol {}  {} {}.{:03} s, {}/s",
            language.pick("as of", "评估日"),
            self.plan.as_of,
            language.pick("policy", "政策"),
            short(&self.plan.set.digest()),
            env!("CARGO_PKG_VERSION"),
            language.pick("time", "用时"),
            self.elapsed.as_secs(),
            self.elapsed.subsec_millis(),
            language.pick("rows ", "行 ").to_owned() + &grouped(&self.rows_per_second().to_string()),
        );
        text
    }

    fn record_text(&self, record: &RecordReport, language: Language, text: &mut String) {
        let summary = &record.summary;
        let _ = writeln!(
            text,
            "{}: {} {}, {} {}, {} {}  ({} {})",
            named(&record.label, &record.record),
            grouped(&record.rows_in.to_string()),
            language.pick("rows in", "行输入"),
            grouped(&summary.records.to_string()),
            language.pick("answered", "行已答"),
            grouped(&summary.rejected.to_string()),
            language.pick("rejected", "行退回"),
            language.pick("input", "输入"),
            short(&record.input_digest),
        );
        for (kind, head, statuses) in TABLES {
            let own = summary.measures.iter().filter(|own| own.kind == kind);
            let mut own: Vec<(Option<u32>, &MeasureSummary)> =
                own.map(|own| (self.article(record, &own.name), own)).collect();
            own.sort_by_key(|(article, _)| article.unwrap_or(u32::MAX));
            if !own.is_empty() {
                table(&own, head, statuses, language, text);
            }
        }
        let totals: Vec<String> =
            summary.totals.iter().map(|(name, amount)| format!("{name} {}", money(name, amount))).collect();
        if !totals.is_empty() {
            let _ = writeln!(text, "  {}: {}", language.pick("total", "合计"), totals.join(", "));
        }
        let listed = |names: &[String]| names.join(", ");
        if !record.missing.is_empty() {
            let _ = writeln!(
                text,
                "  {}: {}",
                language.pick("no column for", "缺少的列"),
                listed(&record.missing)
            );
        }
        if !record.unknown.is_empty() {
            let _ = writeln!(
                text,
                "  {}: {}",
                language.pick("columns that are no field", "不是字段的列"),
                listed(&record.unknown)
            );
        }
        let blank: Vec<String> = summary
            .blank
            .iter()
            .filter(|(name, _)| !record.missing.contains(name))
            .map(|(name, count)| format!("{name} {}", grouped(&count.to_string())))
            .collect();
        if !blank.is_empty() {
            let _ = writeln!(
                text,
                "  {}: {}",
                language.pick("blank though expected", "不应空而空的格"),
                blank.join(", ")
            );
        }
        text.push_str(&record.lists.text(language));
        for example in &record.examples {
            let _ = writeln!(text, "  {}: {example}", language.pick("rejected", "退回"));
        }
        if let (Some(path), true) = (&record.rejects, summary.rejected > 0) {
            let _ = writeln!(text, "  {}: {path}", language.pick("all rejects", "全部退回的行"));
        }
        let output = match record.output.as_str() {
            "-" => language.pick("standard output", "标准输出"),
            path => path,
        };
        let _ = writeln!(text, "  → {output}");
    }
}

impl Report<'_> {
    /// The first article of the set's own documents that a measure cites.
    fn article(&self, record: &RecordReport, measure: &str) -> Option<u32> {
        let program = &self.plan.set.program;
        let own = |id: RecordId| program.records[id.index()].head.name == record.record;
        let found = program.measures.iter().find(|found| found.head.name == measure && own(found.record))?;
        // Articles of documents of other sets would be taken for the set's own.
        let documents = || program.sources.iter().filter(|source| source.own);
        let mut own = found.head.cites.iter().filter(|cite| documents().any(|own| own.name == cite.source));
        own.find_map(|cite| cite.article)
    }
}

/// An English word and a Chinese one.
type Pair = (&'static str, &'static str);

/// For each kind of what is decided: its heading, and its statuses, of which the first three are always shown.
const TABLES: [(&str, Pair, &[Pair]); 3] = [
    (
        "measure",
        ("measure", "措施"),
        &[
            ("granted", "给予"),
            ("refused", "不予"),
            ("undetermined", "待定"),
            ("conflict", "冲突"),
            ("not_in_force", "未施行"),
            ("error", "错误"),
        ],
    ),
    (
        "duty",
        ("duty", "义务"),
        &[
            ("met", "已履行"),
            ("breached", "已违反"),
            ("undetermined", "待定"),
            ("not_yet_due", "未到期"),
            ("not_bound", "不受约束"),
            ("not_in_force", "未施行"),
            ("error", "错误"),
        ],
    ),
    (
        "target",
        ("target", "目标"),
        &[
            ("attained", "已达到"),
            ("missed", "未达到"),
            ("undetermined", "待定"),
            ("not_yet_due", "未到期"),
            ("not_bound", "不受约束"),
            ("not_in_force", "未施行"),
            ("error", "错误"),
        ],
    ),
];

/// Measures with their counts, in columns that line up also under Chinese.
fn table(
    measures: &[(Option<u32>, &MeasureSummary)],
    head: Pair,
    statuses: &[Pair],
    language: Language,
    text: &mut String,
) {
    let shown = |(at, (name, _)): &(usize, &Pair)| {
        *at < 3 || measures.iter().any(|(_, measure)| measure.statuses.contains_key(*name))
    };
    let numbered = measures.iter().any(|(article, _)| article.is_some());
    let used: Vec<&Pair> = statuses.iter().enumerate().filter(shown).map(|(_, pair)| pair).collect();
    let mut rows: Vec<Vec<String>> = Vec::new();
    let what = language.pick(head.0, head.1);
    let mut head = vec![match numbered {
        true => format!("{} {what}", language.pick("art.", "  条")),
        false => what.to_owned(),
    }];
    head.extend(used.iter().map(|(en, zh)| language.pick(en, zh).to_owned()));
    head.push(language.pick("amount", "金额").to_owned());
    rows.push(head);
    for (article, measure) in measures {
        let name = named(&measure.label, &measure.name);
        let number = article.map_or(String::new(), |article| article.to_string());
        let mut row = vec![if numbered { format!("{number:>4} {name}") } else { name }];
        row.extend(
            used.iter()
                .map(|(status, _)| grouped(&measure.statuses.get(*status).copied().unwrap_or(0).to_string())),
        );
        let amounts: Vec<String> =
            measure.amounts.iter().map(|(name, amount)| format!("{name} {}", money(name, amount))).collect();
        row.push(amounts.join(", "));
        rows.push(row);
    }
    text.push_str(&align(&rows));
}

/// Rows in columns that line up also under Chinese: numbers to the right, the first and the last cell to the left.
pub fn align(rows: &[Vec<String>]) -> String {
    let widths: Vec<usize> =
        (0..rows[0].len()).map(|at| rows.iter().map(|row| width(&row[at])).max().unwrap_or(0)).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::from(" ");
        for (at, cell) in row.iter().enumerate() {
            let pad = " ".repeat(widths[at] - width(cell));
            let last = at + 1 == row.len();
            let _ =
                if at == 0 || last { write!(line, " {cell}{pad}") } else { write!(line, "  {pad}{cell}") };
            if last {
                line = line.trim_end().to_owned();
            }
        }
        let _ = writeln!(text, "{line}");
    }
    text
}

/// The label, and the name where it is another word.
fn named(label: &str, name: &str) -> String {
    if label == name { name.to_owned() } else { format!("{label} {name}") }
}

/// Columns of a terminal that a text takes: Chinese characters take two.
fn width(text: &str) -> usize {
    text.chars().map(|c| if c as u32 >= 0x1100 { 2 } else { 1 }).sum()
}

pub fn money(name: &str, amount: &Amount) -> String {
    let currency = name.split_once('.').map_or("元", |(_, code)| code);
    let digits = amount.0.to_string();
    let (whole, fraction) = digits
        .split_once('.')
        .map_or((digits.as_str(), String::new()), |(whole, fraction)| (whole, format!(".{fraction}")));
    format!("{}{fraction}{currency}", grouped(whole))
}

/// Digits in groups of three.
pub fn grouped(digits: &str) -> String {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |rest| ("-", rest));
    let mut out = String::new();
    for (at, c) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    format!("{sign}{out}")
}

/// The first digits of a digest.
fn short(digest: &str) -> &str {
    digest.get(..19).unwrap_or(digest)
}
