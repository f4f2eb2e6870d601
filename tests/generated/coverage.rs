//! Nothing that the core can do is left out by the generator.

use std::collections::BTreeSet;

use pol::batch::EngineKind;
use pol::ir::{AggregatePlan, MeasurePlan, Op, RecordPlan};

use super::engines::{How, Run, engine};
use super::{Drawn, Seed, population, with_room};

/// Sets that are looked at: enough for what is rare.
const SETS: u64 = 300;

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

/// The statuses and errors that the answers to some records have.
fn answers(drawn: &Drawn, seen: &mut BTreeSet<String>) {
    let Drawn { set, raw, as_of, .. } = drawn;
    let run = Run { set, as_of: *as_of, how: How::PLAIN, params: &[] };
    let batches = population::batches(&set.program, raw);
    let Ok(answered) = engine(EngineKind::Interpreter)(&run, &batches) else { return };
    for answered in answered {
        let statuses = answered.summary.measures.iter().flat_map(|measure| measure.statuses.keys().cloned());
        seen.extend(statuses);
        let shown = format!("{:?}", answered.batch.columns());
        let errors = ["overflow", "division_by_zero", "no_row", "no_value"];
        seen.extend(errors.into_iter().filter(|word| shown.contains(*word)).map(str::to_owned));
        seen.extend((!answered.rejects.is_empty()).then(|| "rejects".to_owned()));
    }
}

/// What must have been seen.
const WANTED: &str = "Const Input Param AsOf Aggregate Not All Any Variants Negate Abs Least Greatest Fit AddDays \
    DaysBetween AddHours HoursBetween DateOf Known Otherwise Match Add Subtract Multiply Divide HalfUp HalfEven Up \
    Down Year Month Day require except refuse Pay Waive Defer Extend Rate Entitle List Penalize granted refused \
    undetermined conflict error not_in_force met breached not_yet_due \
    not_bound attained missed Shortfall overflow division_by_zero no_row no_value rejects";

#[test]
fn every_construct_is_generated() {
    with_room(|| {
        let mut seen = BTreeSet::new();
        for seed in 0..SETS {
            let Some(drawn) = Seed(seed).draw().next() else { continue };
            for plan in &drawn.set.plans.records {
                operations(plan, &mut seen);
                plan.aggregates.iter().for_each(|plan| aggregate(plan, &mut seen));
                plan.measures.iter().for_each(|plan| measure(plan, &mut seen));
            }
            answers(&drawn, &mut seen);
        }
        let wanted = WANTED.split_whitespace().map(str::to_owned);
        let phrases = ["first of", "one of, proved", "one of, open", "a range", "per month", "no amount"];
        let wanted = wanted.chain(phrases.map(str::to_owned));
        let missing: Vec<String> = wanted.filter(|word| !seen.contains(word)).collect();
        assert!(missing.is_empty(), "never generated: {missing:?}\nseen: {seen:?}");
        println!("{seen:?}");
    });
}

#[test]
fn tmp_unsound() {
    with_room(|| {
        let mut count = 0;
        let mut codes: std::collections::BTreeMap<String, (usize, u64)> = Default::default();
        let n = super::setting("N", 300);
        for seed in 0..n {
            let mut random = super::Random::new(seed);
            let tree = super::policies::policy(&mut random);
            let text = tree.to_string();
            if let Err(problems) = super::sets::read(&text) {
                count += 1;
                let first = &problems[0];
                let span = first.span();
                let line: String = text[..span.start as usize].lines().count().to_string();
                let key = format!("{} {} {:?} {:?}", first.code.id, first.message, first.notes, text.lines().nth(line.parse::<usize>().unwrap().saturating_sub(1)));
                let entry = codes.entry(key).or_insert((0, seed));
                entry.0 += 1;
                if ["E0526", "E0524"].contains(&first.code.id) && entry.0 == 1 { println!("{text}"); }
            }
        }
        println!("{count} of {n} unsound");
        for (key, n) in codes { println!("{n:?} {key}"); }
    });
}
