//! Engines with a planted mistake: it is found, and made small.

use std::sync::Arc;

use pol::batch::{Answered, EngineKind};
use pol::check::typed::Program;
use pol::ir::{DrawRule, Op, RecordPlan, Source};
use pol::value::Rounding;
use pol::value::ops::CompareOp;

use super::engines::{Run, answers, engine};
use super::population::Batches;
use super::sets::Set;
use super::{Seed, with_room};

/// What an engine is.
type Engine = dyn Fn(&Run<'_>, &[Batches]) -> Result<Vec<Answered>, String>;

/// The interpreter on a core of which some plans are others.
fn wrong(mistake: fn(&mut RecordPlan)) -> impl Fn(&Run<'_>, &[Batches]) -> Result<Vec<Answered>, String> {
    let right = engine(EngineKind::Interpreter);
    move |run, tables| {
        let mut plans = (*run.set.plans).clone();
        plans.records.iter_mut().for_each(mistake);
        let set = Set { program: run.set.program.clone(), plans: Arc::new(plans) };
        right(&Run { set: &set, ..*run }, tables)
    }
}

/// The interpreter where not all records are seen by what looks across them.
fn blind(
    seen: fn(&Run<'_>, &Batches) -> Batches,
) -> impl Fn(&Run<'_>, &[Batches]) -> Result<Vec<Answered>, String> {
    move |run, tables| {
        let seen: Vec<Batches> = tables.iter().map(|table| seen(run, table)).collect();
        answers(run, tables, EngineKind::Interpreter, &seen).map_err(|error| error.to_string())
    }
}

/// The report about the first of some hundred seeds that shows a mistake.
fn found(wrong: &Engine) -> String {
    let right = engine(EngineKind::Interpreter);
    let report = (0..400).find_map(|seed| Seed(seed).run((&right, wrong))?.err());
    report.expect("the mistake is found")
}

/// The policy of a report, without its cases.
fn policy(report: &str) -> Vec<&str> {
    let text = report.split_once("// allow").map_or("", |(_, case)| case);
    text.lines().skip(1).take_while(|line| !line.starts_with("case ")).collect()
}

/// How many records a report gives in its first case.
fn given(report: &str) -> usize {
    let case = report.split("\ncase ").nth(1).unwrap_or_default();
    case.lines().filter(|line| line.trim_start().starts_with("given")).count()
}

/// A mistake in the operations of a plan.
fn each_op(plan: &mut RecordPlan, mistake: fn(&mut Op)) {
    plan.graph.nodes.iter_mut().for_each(|node| mistake(&mut node.op));
}

/// Holds a report to a policy of a few lines that says something, and to a few records.
fn assert_small(report: &str, lines: usize, word: &str, records: usize) {
    let policy = policy(report);
    assert!(policy.len() <= lines && policy.iter().any(|line| line.contains(word)), "{report}");
    assert!((1..=records).contains(&given(report)), "{report}");
}

#[test]
fn a_bound_that_is_left_out_comes_down_to_one_condition() {
    with_room(|| {
        let report = found(&wrong(|plan| {
            each_op(plan, |op| {
                if let Op::Compare(sign @ CompareOp::AtMost, ..) = op {
                    *sign = CompareOp::Less;
                }
            });
        }));
        assert_small(&report, 16, "", 1);
    });
}

#[test]
fn a_rounding_the_other_way_comes_down_to_one_amount() {
    with_room(|| {
        let report = found(&wrong(|plan| {
            each_op(plan, |op| {
                if let Op::Round(_, rounding @ Rounding::Up, _) = op {
                    *rounding = Rounding::Down;
                }
            });
        }));
        assert_small(&report, 14, "up", 1);
    });
}

#[test]
fn a_day_too_late_comes_down_to_what_changes_on_the_day() {
    with_room(|| {
        let report = found(&wrong(|plan| {
            let is_day = plan.graph.nodes.iter().map(|node| node.op == Op::AsOf).collect::<Vec<bool>>();
            for node in &mut plan.graph.nodes {
                if let Op::Compare(sign @ CompareOp::AtLeast, left, _) = &mut node.op
                    && is_day[left.index()]
                {
                    *sign = CompareOp::Greater;
                }
            }
        }));
        assert_small(&report, 20, "", 2);
    });
}

#[test]
fn a_last_claim_that_is_cut_or_not_comes_down_to_a_budget() {
    with_room(|| {
        let report = found(&wrong(|plan| {
            for draw in plan.aggregates.iter_mut().filter_map(|own| own.draw.as_mut()) {
                if let DrawRule::InOrder { cut, .. } = &mut draw.rule {
                    *cut = !*cut;
                }
            }
        }));
        assert_small(&report, 20, "budget", 3);
    });
}

#[test]
fn a_budget_in_the_wrong_order_comes_down_to_a_few_claims() {
    with_room(|| {
        let report = found(&wrong(|plan| {
            for draw in plan.aggregates.iter_mut().filter_map(|own| own.draw.as_mut()) {
                if let DrawRule::InOrder { descending, .. } = &mut draw.rule {
                    *descending = !*descending;
                }
            }
        }));
        assert_small(&report, 20, "order by", 3);
    });
}

#[test]
fn a_list_that_is_empty_comes_down_to_one_name() {
    with_room(|| {
        let report = found(&wrong(|plan| {
            for input in &mut plan.inputs {
                if let Source::Member { members, .. } = &mut input.source {
                    *members = Arc::default();
                }
            }
        }));
        assert_small(&report, 14, "register", 1);
    });
}

/// Whether others belong to a kind of record.
fn is_owner(program: &Program, record: usize) -> bool {
    program.records.iter().flat_map(|own| &own.belongs).any(|tie| tie.record.index() == record)
}

#[test]
fn an_owner_whom_nobody_sees_comes_down_to_a_lookup() {
    with_room(|| {
        let report = found(&blind(|run, (record, batches)| {
            let lost = is_owner(&run.set.program, *record);
            let part = |batch: &arrow_array::RecordBatch| {
                batch.slice(0, batch.num_rows() - usize::from(lost && batch.num_rows() > 0))
            };
            (*record, batches.iter().map(part).collect())
        }));
        assert_small(&report, 20, "belongs to", 4);
    });
}

#[test]
fn batches_after_the_first_that_are_not_seen_come_down_to_a_run_in_batches() {
    with_room(|| {
        let report = found(&blind(|run, (record, batches)| {
            let most = if run.how.batch == 0 { usize::MAX } else { run.how.batch };
            let part = |batch: &arrow_array::RecordBatch| batch.slice(0, batch.num_rows().min(most));
            (*record, batches.iter().map(part).collect())
        }));
        let runs = report.lines().last().unwrap_or_default();
        assert!(runs.contains("batch: ") && !runs.contains("batch: 0"), "{report}");
        assert!(policy(&report).len() <= 20, "{report}");
    });
}
