//! Engines with a planted mistake: it is found, and made small.

use std::sync::Arc;

use pol::batch::{Answered, EngineKind};
use pol::ir::Op;
use pol::value::Rounding;
use pol::value::ops::CompareOp;

use super::engines::{Run, engine};
use super::population::Batches;
use super::sets::Set;
use super::{Seed, with_room};

/// The interpreter on a core of which some operations are others.
fn wrong(mistake: fn(&mut Op)) -> impl Fn(&Run<'_>, &[Batches]) -> Result<Vec<Answered>, String> {
    let right = engine(EngineKind::Interpreter);
    move |run, tables| {
        let mut plans = (*run.set.plans).clone();
        let nodes = plans.records.iter_mut().flat_map(|plan| &mut plan.graph.nodes);
        nodes.for_each(|node| mistake(&mut node.op));
        let set = Set { program: run.set.program.clone(), plans: Arc::new(plans) };
        right(&Run { set: &set, ..*run }, tables)
    }
}

/// The report about the first of a hundred seeds that shows a mistake.
fn found(mistake: fn(&mut Op)) -> String {
    let (right, wrong) = (engine(EngineKind::Interpreter), wrong(mistake));
    let report = (0..100).find_map(|seed| Seed(seed).run((&right, &wrong))?.err());
    report.expect("the mistake is found")
}

/// The policy of a report, without its cases.
fn policy(report: &str) -> Vec<&str> {
    let text = report.split_once("// allow").map_or("", |(_, case)| case);
    text.lines().skip(1).take_while(|line| !line.starts_with("case ")).collect()
}

#[test]
fn a_bound_that_is_left_out_comes_down_to_one_condition() {
    with_room(|| {
        let report = found(|op| {
            if let Op::Compare(sign @ CompareOp::AtMost, ..) = op {
                *sign = CompareOp::Less;
            }
        });
        let policy = policy(&report);
        assert!(policy.len() <= 16, "{report}");
        let given = report.lines().filter(|line| line.trim_start().starts_with("given")).count();
        assert_eq!(given, 1, "{report}");
    });
}

#[test]
fn a_rounding_the_other_way_comes_down_to_one_amount() {
    with_room(|| {
        let report = found(|op| {
            if let Op::Round(_, rounding @ Rounding::Up, _) = op {
                *rounding = Rounding::Down;
            }
        });
        let policy = policy(&report);
        assert!(policy.len() <= 14 && policy.iter().any(|line| line.contains("up")), "{report}");
    });
}
