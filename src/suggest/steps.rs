//! Steps of params that no answer to a case has read, in the set's own params and in those of other sets that it fills.

use std::collections::BTreeSet;

use super::search::{Found, Goal, Why, below, nodes};
use super::targets::{Proposer, context};
use crate::check::typed::{CaseTarget, MeasureId, Param, ParamId};
use crate::ir::{NodeId, Op};
use crate::source::FileId;
use crate::trial;

impl Proposer<'_> {
    pub fn steps(&mut self, files: &BTreeSet<FileId>, filter: Option<&str>) {
        let program = self.known.program;
        for (at, param) in program.params.iter().enumerate() {
            for (step, own) in param.steps.iter().enumerate() {
                let id = ParamId(at as u32);
                if files.contains(&own.span.file) && !self.seen.steps.contains(&(id, step)) {
                    self.step(id, param, step, filter);
                }
            }
        }
    }

    /// Proposes a case for the first measure that can be answered with a step.
    fn step(&mut self, id: ParamId, param: &Param, step: usize, filter: Option<&str>) {
        let program = self.known.program;
        let readers: Vec<MeasureId> = (0..program.measures.len() as u32)
            .map(MeasureId)
            .filter(|measure| self.reads(*measure, id))
            .collect();
        let named = |text: &str| {
            let heads = readers.iter().map(|measure| &program.measures[measure.index()].head);
            heads.chain([&param.head]).any(|head| trial::named(head, text))
        };
        if filter.is_some_and(|text| !named(text)) {
            return;
        }
        let value = self.words.of_type(&param.ty, &param.steps[step].value);
        let what = self.words.step(param, &value);
        let mut why = Why::Impossible;
        for reader in &readers {
            let subject = self.subject(CaseTarget::Measure(*reader));
            let position = self.known.positions[reader.index()];
            let plan = &subject.plan.measures[position];
            let favour = context(plan, &BTreeSet::new());
            let mut reads = |found: &Found| {
                found.world.look(self.known.core, |evaluator| {
                    evaluator.answer(position);
                    evaluator.params_read().any(|read| self.known.followed(read) == id)
                })
            };
            let days = subject.days.iter().filter(|day| self.known.step_on(id, **day) == Some(step));
            let attempts = days.flat_map(|day| [(day, favour.clone()), (day, Vec::new())]);
            for (day, mut goals) in attempts {
                goals.push(Goal::Answered(position));
                match self.search(&subject, *day, goals, None, None, &mut reads) {
                    Ok(found) => {
                        let title = self.words.at_step(subject.head, param, &value);
                        self.take(&subject, Ok(found.world), &title, &what, &[]);
                        return;
                    }
                    Err(Why::TooMany) => why = Why::TooMany,
                    Err(_) => {}
                }
            }
        }
        let Some(reader) = readers.first() else { return };
        let subject = self.subject(CaseTarget::Measure(*reader));
        let asked = nodes(subject.plan, Goal::Answered(self.known.positions[reader.index()]));
        self.take(&subject, Err(why), "", &what, &asked);
    }

    fn reads(&self, measure: MeasureId, param: ParamId) -> bool {
        let record = self.known.program.measures[measure.index()].record.index();
        let plan = self.known.plan(record);
        let roots: Vec<NodeId> = nodes(plan, Goal::Answered(self.known.positions[measure.index()]));
        below(plan, &roots, &BTreeSet::new()).into_iter().any(|node| {
            match plan.graph.nodes[node.index()].op {
                Op::Param(own) => self.known.followed(own) == param,
                _ => false,
            }
        })
    }
}
