//! Nothing that the core can do is left out by the generator.

use std::collections::BTreeSet;

use pol::check::typed::{Expr, ExprKind, OpenItem};
use pol::interp::{Answer, AwardValue};
use pol::ir::{AggregateOp, AggregatePlan, DrawRule, MeasurePlan, NodeId, Op, RecordPlan, Source};

use super::engines::{How, Run};
use super::meaning::{Meaning, Those};
use super::population::{Rows, Table};
use super::{Drawn, Seed, oracle, with_room};

/// Sets that are looked at: enough for what is rare.
const SETS: u64 = 300;

/// Records of each kind that are.
const ROWS: usize = 30;

/// A word for each operation that a plan has.
fn operations(plan: &RecordPlan, seen: &mut BTreeSet<String>) {
    for node in &plan.graph.nodes {
        let word = match &node.op {
            Op::Arith(op, ..) => format!("{op:?}"),
            Op::Compare(op, ..) => {
                format!("{op:?} {}", kind(&format!("{:?}", plan.graph.nodes[operand(&node.op)].kind)))
            }
            Op::Round(_, rounding, _) => format!("{rounding:?}"),
            Op::AddMonths(_, _, rule) => format!("AddMonths {rule:?}"),
            Op::Part(part, _) => format!("{part:?}"),
            Op::Cases { hit, proved, default, .. } => {
                format!("Cases {hit:?} {proved:?} {}", if default.is_some() { "default" } else { "open" })
            }
            other => kind(&format!("{other:?}")),
        };
        seen.insert(word);
    }
}

fn operand(op: &Op) -> usize {
    match op {
        Op::Compare(_, left, _) => left.index(),
        _ => 0,
    }
}

/// The first word of a debug form.
fn kind(text: &str) -> String {
    text.chars().take_while(|letter| letter.is_alphanumeric()).collect()
}

fn aggregate(plan: &AggregatePlan, seen: &mut BTreeSet<String>) {
    let word = kind(&format!("{:?}", plan.kind));
    for (has, what) in [
        (true, ""),
        (plan.filter.is_some(), " where"),
        (plan.group.is_some(), " by"),
        (plan.known_only, " known"),
        (plan.tie.is_some(), " ties"),
    ] {
        seen.extend(has.then(|| format!("across {word}{what}")));
    }
}

fn measure(plan: &MeasurePlan, seen: &mut BTreeSet<String>) {
    let words = [
        (!plan.requires.is_empty(), "require"),
        (!plan.excepts.is_empty(), "except"),
        (plan.choice.as_ref().is_some_and(|choice| choice.first), "first of"),
        (plan.choice.as_ref().is_some_and(|choice| !choice.first && choice.exclusive), "one of, proved"),
        (plan.choice.as_ref().is_some_and(|choice| !choice.first && !choice.exclusive), "one of, open"),
        (plan.choice.iter().flat_map(|choice| &choice.branches).any(|branch| branch.refuse), "refuse"),
        (plan.columns.iter().any(|column| column.ranged), "a range"),
        (plan.columns.iter().any(|column| column.periodic), "per month"),
        (plan.columns.iter().any(|column| column.ty.is_none()), "no amount"),
    ];
    seen.extend(words.into_iter().filter(|(has, _)| *has).map(|(_, word)| word.to_owned()));
    seen.extend(plan.columns.iter().map(|column| format!("{:?}", column.kind)));
}

/// What in a set is decided by more than the fields of one record, and where it is said.
const BEYOND: [&str; 8] =
    ["budget", "looked up", "members", "another kind", "list", "open define", "calendar", "gives way"];

/// Which of those decide a measure.
fn beyond(plan: &RecordPlan, measure: &MeasurePlan) -> BTreeSet<&'static str> {
    let mut words = BTreeSet::new();
    words.extend(measure.excepts.iter().any(|test| test.name.starts_with(['m', 'h'])).then_some("gives way"));
    for node in reached(plan, measure) {
        words.extend(match &plan.graph.nodes[node.index()].op {
            Op::AddWorkdays(..) => Some("calendar"),
            Op::Input(at) => match plan.inputs[usize::from(*at)].source {
                Source::Member { .. } => Some("list"),
                Source::Open(OpenItem::Define(_)) => Some("open define"),
                _ => None,
            },
            Op::Aggregate(at) => {
                let own = &plan.aggregates[usize::from(*at)];
                match (&own.draw, own.kind, &own.foreign, &own.group) {
                    (Some(_), ..) => Some("budget"),
                    (_, AggregateOp::One, ..) => Some("looked up"),
                    (_, _, Some(_), Some(_)) => Some("members"),
                    (_, _, Some(_), None) => Some("another kind"),
                    _ => None,
                }
            }
            _ => None,
        });
    }
    words
}

/// Every node that an answer may depend on.
fn reached(plan: &RecordPlan, measure: &MeasurePlan) -> BTreeSet<NodeId> {
    let branches = || measure.choice.iter().flat_map(|choice| &choice.branches);
    let tests = measure.requires.iter().chain(&measure.excepts).chain(&measure.checks);
    let tests = tests.chain(branches().map(|branch| &branch.test)).map(|test| test.node);
    let awards = measure.awards.iter().chain(branches().flat_map(|branch| &branch.awards));
    let mut waiting: Vec<NodeId> = tests.chain(awards.map(|award| award.least)).collect();
    let mut found = BTreeSet::new();
    while let Some(node) = waiting.pop() {
        if !found.insert(node) {
            continue;
        }
        let op = &plan.graph.nodes[node.index()].op;
        op.each_operand(|operand| waiting.push(operand));
        if let Op::Aggregate(at) = op {
            waiting.extend(plan.aggregates[usize::from(*at)].asked());
        }
    }
    found
}

fn budget(plan: &AggregatePlan, keys: usize, seen: &mut BTreeSet<String>) {
    let Some(draw) = &plan.draw else { return };
    let words = match &draw.rule {
        DrawRule::InOrder { descending, cut } => [
            ("in order", true),
            ("descending", *descending),
            ("last cut", *cut),
            ("last refused", !cut),
            ("ties by a field", draw.order.len() > keys + 1),
        ],
        DrawRule::ProRata { .. } => [("pro rata", true); 5],
    };
    let more = [("known only", plan.known_only), ("several claims", draw.claims.len() > 1)];
    let words = words.into_iter().chain(more).filter(|(_, has)| *has);
    seen.extend(words.map(|(word, _)| format!("budget {word}")));
}

/// What later texts change, and whether the day of the run is before or after.
fn amendments(drawn: &Drawn, seen: &mut BTreeSet<String>) {
    let mut look = |expr: &Expr| {
        expr.walk(&mut |part| {
            if let ExprKind::Amended { from, .. } = &part.kind {
                let side = if drawn.as_of < *from { "before" } else { "after" };
                seen.insert(format!("amended, {side}"));
            }
        });
    };
    drawn.set.program.defines.iter().for_each(|define| look(&define.body));
    drawn.set.program.measures.iter().for_each(|measure| measure.each_expr(&mut look));
    let text = drawn.tree.to_string();
    let words = ["amend k", "amend d", "amend m", "  drop ", "a90:", "in force until 2022-12-15", "fill d"];
    seen.extend(words.into_iter().filter(|word| text.contains(word)).map(str::to_owned));
}

/// How records come: in several batches and types, over threads.
fn batches(drawn: &Drawn, seen: &mut BTreeSet<String>) {
    let long = |table: &Table| drawn.how.batch > 0 && table.len() > drawn.how.batch;
    let cut = drawn.raw.iter().any(long);
    let all = || drawn.set.plans.records.iter().flat_map(|plan| &plan.aggregates);
    let typed = drawn.raw.iter().any(|table| matches!(&table.rows, Rows::Raw(parts) if parts.len() > 1));
    let words = [
        ("several batches", cut),
        ("columns of two types", typed),
        ("threads", drawn.how.threads > 1),
        ("a budget over batches", cut && all().any(|own| own.draw.is_some())),
        ("a group over batches", cut && all().any(|own| own.group.is_some())),
        ("a kind that no input holds", drawn.raw.len() < drawn.set.program.records.len()),
    ];
    seen.extend(words.into_iter().filter(|(_, has)| *has).map(|(word, _)| word.to_owned()));
}

/// What the answers to some records are.
fn answers(drawn: &Drawn, seen: &mut BTreeSet<String>) {
    let run = Run { set: &drawn.set, as_of: drawn.as_of, how: How::PLAIN, params: &[] };
    let records = &drawn.set.program.records;
    let mut good: Vec<Those> = Vec::new();
    for table in &drawn.known {
        let Some(at) = records.iter().position(|record| record.head.name == table.kind) else { continue };
        let rows = &table.known()[..table.len().min(ROWS)];
        let bad = oracle::bad_rows(&records[at].fields, rows);
        seen.extend((!bad.is_empty()).then(|| "rejects".to_owned()));
        let rows = rows.iter().enumerate().filter(|(row, _)| !bad.contains(row));
        good.push((at, rows.map(|(_, known)| known).collect()));
    }
    let meaning = Meaning::of(&run, &good);
    for (record, rows) in &good {
        let plan = &drawn.set.plans.records[*record];
        let words: Vec<_> = plan.measures.iter().map(|measure| beyond(plan, measure)).collect();
        for row in rows {
            for (at, answer) in meaning.answers(*record, row).iter().enumerate() {
                let status = answer.status.name();
                seen.extend(words[at].iter().map(|word| format!("{word} {status}")));
                told(&plan.measures[at], answer, seen);
            }
        }
    }
}

/// What one answer says.
fn told(measure: &MeasurePlan, answer: &Answer, seen: &mut BTreeSet<String>) {
    seen.insert(answer.status.name_for(measure, answer.branch).to_owned());
    seen.extend(answer.error.map(|error| error.name().to_owned()));
    for failure in &answer.failed {
        seen.extend(match &failure.name(measure)[..1] {
            "u" => Some("refused by a budget".to_owned()),
            "m" | "h" => Some("refused for another measure".to_owned()),
            _ => None,
        });
    }
    for (award, column) in answer.awards.iter().zip(&measure.columns) {
        let less = |award: &AwardValue| award.most.as_ref().is_some_and(|claimed| award.least < *claimed);
        let cut = column.drawn && award.as_ref().is_some_and(less);
        seen.extend(cut.then(|| "cut by a budget".to_owned()));
    }
}

/// What must have been seen, word by word.
const WANTED: &str = "Const Input Param AsOf Aggregate Not All Any Variants Negate Abs Least Greatest Fit AddDays \
    AddWorkdays DaysBetween AddHours HoursBetween DateOf Known Otherwise Match Add Subtract Multiply Divide HalfUp \
    HalfEven Up Down Year Month Day require except refuse Pay Waive Defer Extend Rate Entitle List Penalize granted \
    refused undetermined conflict error not_in_force met breached not_yet_due not_bound attained missed Shortfall \
    overflow division_by_zero no_row no_value rejects threads";

const PHRASES: [&str; 43] = [
    "first of",
    "one of, proved",
    "one of, open",
    "a range",
    "per month",
    "no amount",
    "across Rank",
    "across Rank by",
    "across Rank ties",
    "across Sum",
    "across Sum where",
    "across Sum by",
    "across Sum known",
    "across Average",
    "across Least",
    "across Greatest",
    "across Count",
    "across Any",
    "across All",
    "across One",
    "budget in order",
    "budget descending",
    "budget last cut",
    "budget last refused",
    "budget ties by a field",
    "budget pro rata",
    "budget known only",
    "budget several claims",
    "refused by a budget",
    "cut by a budget",
    "refused for another measure",
    "amended, before",
    "amended, after",
    "amend k",
    "amend d",
    "amend m",
    "  drop ",
    "a90:",
    "in force until 2022-12-15",
    "fill d",
    "several batches",
    "columns of two types",
    "a kind that no input holds",
];

#[test]
fn every_construct_is_generated() {
    with_room(|| {
        let mut seen = BTreeSet::new();
        for seed in 0..SETS {
            let Some(drawn) = Seed(seed).draw().next() else { continue };
            for plan in &drawn.set.plans.records {
                let keys = drawn.set.program.records[plan.record.index()].fields.iter();
                let keys = keys.filter(|field| field.key).count();
                operations(plan, &mut seen);
                plan.aggregates.iter().for_each(|plan| aggregate(plan, &mut seen));
                plan.aggregates.iter().for_each(|plan| budget(plan, keys, &mut seen));
                plan.measures.iter().for_each(|plan| measure(plan, &mut seen));
            }
            amendments(&drawn, &mut seen);
            batches(&drawn, &mut seen);
            answers(&drawn, &mut seen);
        }
        let beyond = BEYOND
            .iter()
            .flat_map(|word| ["granted", "refused", "undetermined"].map(|status| format!("{word} {status}")));
        let over = ["a budget over batches", "a group over batches"];
        let wanted = WANTED.split_whitespace().chain(PHRASES).chain(over).map(str::to_owned).chain(beyond);
        let missing: Vec<String> = wanted.filter(|word| !seen.contains(word)).collect();
        assert!(missing.is_empty(), "never generated: {missing:?}\nseen: {seen:?}");
        println!("{seen:?}");
    });
}
