//! What a measure or define still lacks, one thing after another, and the case that is proposed for it.

use std::collections::{BTreeMap, BTreeSet};

use super::candidates::Candidates;
use super::search::{Focus, Found, Goal, Search, Why};
use super::seen::{Known, Seen, Way};
use super::words::Words;
use super::world::{Var, World};
use super::write::Writer;
use super::{Suggestion, Suggestions, Unsolved};
use crate::boundary::{Reach, comparisons, position, value_at};
use crate::check::show::Language;
use crate::check::typed::{CaseTarget, Field, Force, Head, Program, RecordId};
use crate::interp::{Evaluator, Status};
use crate::ir::{MeasurePlan, NodeId, Op, RecordPlan, Test};
use crate::source::FileId;
use crate::trial;
use crate::value::{Date, Fact, Number, Value};

/// Days that are tried for one thing.
pub(super) const DAYS: usize = 6;
/// Records of the same kind beside one, at most.
const MOST_BESIDE: usize = 12;

pub struct Proposer<'a> {
    pub(super) known: &'a Known<'a>,
    candidates: &'a Candidates,
    days: &'a BTreeSet<Date>,
    pub(super) seen: Seen,
    pub(super) words: Words<'a>,
    writer: Writer<'a>,
    titles: BTreeMap<String, usize>,
    pub found: Suggestions,
}

/// What is proposed for: a measure or define with its record.
pub(super) struct Subject<'a> {
    pub target: CaseTarget,
    pub head: &'a Head,
    pub record: RecordId,
    pub plan: &'a RecordPlan,
    pub reach: &'a Reach,
    pub fields: &'a [Field],
    /// The days for which it can be asked, the usual one first.
    pub days: Vec<Date>,
}

impl<'a> Proposer<'a> {
    pub fn new(
        known: &'a Known<'a>,
        candidates: &'a Candidates,
        days: &'a BTreeSet<Date>,
        modules: &'a BTreeMap<FileId, String>,
        seen: Seen,
        language: Language,
    ) -> Proposer<'a> {
        let program: &'a Program = known.program;
        let words = Words { program, language };
        let shared = super::write::shared(program);
        let writer = Writer { program, core: known.core, modules, shared, language };
        let titles = program.cases.iter().map(|case| (case.title.clone(), 1)).collect();
        Proposer { known, candidates, days, seen, words, writer, titles, found: Suggestions::default() }
    }

    pub fn propose(&mut self, target: CaseTarget) {
        let subject = self.subject(target);
        if let CaseTarget::Measure(id) = target {
            self.conditions(&subject, id.index());
            self.branches(&subject, id.index());
        }
        self.boundaries(&subject);
    }

    pub(super) fn subject(&self, target: CaseTarget) -> Subject<'a> {
        let program = self.known.program;
        let (head, record, force) = match target {
            CaseTarget::Measure(id) => {
                let measure = &program.measures[id.index()];
                (&measure.head, measure.record, measure.force)
            }
            CaseTarget::Define(id) => {
                let define = &program.defines[id.index()];
                (
                    &define.head,
                    define.record,
                    program.policy.as_ref().map_or(Force::default(), |own| own.force),
                )
            }
        };
        Subject {
            target,
            head,
            record,
            plan: self.known.plan(record.index()),
            reach: &self.known.reaches[record.index()],
            fields: &program.records[record.index()].fields,
            days: self.days_of(force),
        }
    }

    /// The first day of a time in force, then others on which something changes.
    fn days_of(&self, force: Force) -> Vec<Date> {
        let own = self.days.iter().copied().filter(|day| force.holds_at(*day));
        let mut days: Vec<Date> = force.from.into_iter().collect();
        // Without a beginning the latest change is the most usual day.
        days.extend(own.clone().next_back().filter(|_| force.from.is_none()));
        days.extend(own);
        let mut seen = BTreeSet::new();
        days.retain(|day| seen.insert(*day));
        days
    }

    // ------------------------------------------------------------ conditions

    fn conditions(&mut self, subject: &Subject<'_>, measure: usize) {
        let plan = &subject.plan.measures[self.known.positions[measure]];
        let open = trial::may_be_missing(&self.known.program.records[subject.record.index()], subject.plan);
        for (at, (part, test)) in trial::tests(plan).into_iter().enumerate() {
            if matches!(subject.plan.graph.nodes[test.node.index()].op, Op::Const(_)) {
                continue;
            }
            for way in [Way::True, Way::False, Way::Missing] {
                // What rests on keys is never missing, as `--coverage` counts it.
                let cannot = way == Way::Missing && !open[test.node.index()];
                if cannot || self.seen.ways.contains(&(measure, at, way)) {
                    continue;
                }
                let title = self.words.condition(subject.head, test, way);
                let search = self.condition(subject, measure, test, way);
                let what = format!("{part} {}: {}", test.name, self.words.way(way));
                self.take(subject, search, &title, &what, &[test.node]);
            }
        }
    }

    /// A record that makes a condition come out one way, best with all others in favour.
    fn condition(&self, subject: &Subject<'_>, measure: usize, test: &Test, way: Way) -> Result<World, Why> {
        let position = self.known.positions[measure];
        let plan = &subject.plan.measures[position];
        let wanted = |way| match way {
            Way::True => vec![Goal::Is(test.node, true), Goal::Answered(position)],
            Way::False => vec![Goal::Is(test.node, false), Goal::Answered(position)],
            Way::Missing => vec![Goal::Missing(test.node), Goal::Undetermined(position)],
        };
        let context = context(plan, &BTreeSet::from([test.node]));
        let with_context: Vec<Goal> = context.into_iter().chain(wanted(way)).collect();
        let alone: Vec<Goal> = wanted(way).into_iter().take(1).collect();
        // Of a duty that is not done it says more when it is due.
        let undone = plan
            .undone()
            .filter(|_| way == Way::False && plan.checks.iter().any(|check| check.node == test.node));
        let core = self.known.core;
        let told = |found: &Found| {
            undone.is_none()
                || found.world.look(core, |evaluator| evaluator.answer(position).branch) == undone
        };
        let any = |_: &Found| true;
        let attempts: [(Vec<Goal>, Taken<'_>); 4] =
            [(with_context.clone(), &told), (with_context, &any), (wanted(way), &any), (alone, &any)];
        let mut why = Why::Impossible;
        for (goals, accept) in attempts {
            for day in subject.days.iter().take(DAYS) {
                let frozen =
                    if way == Way::Missing { self.causes(subject, test.node, *day) } else { vec![None] };
                for frozen in frozen {
                    match self.search(subject, *day, goals.clone(), None, frozen, &mut |found| accept(found))
                    {
                        Ok(found) => return Ok(found.world),
                        Err(Why::TooMany) => why = Why::TooMany,
                        Err(_) => {}
                    }
                }
            }
        }
        let day = subject.days.first().copied().unwrap_or(Date(0));
        let known = way == Way::Missing && self.causes(subject, test.node, day) == [None];
        Err(if known { Why::AlwaysKnown } else { why })
    }

    /// The fields that leave a condition open where nothing is known: one of them is kept missing.
    fn causes(&self, subject: &Subject<'_>, node: NodeId, day: Date) -> Vec<Option<Var>> {
        let world = World::new(self.known.program, subject.record, day);
        match world.look(self.known.core, |evaluator| evaluator.fact(node)) {
            Fact::Missing(missing) => {
                missing.causes.iter().filter_map(|cause| World::var(subject.plan, cause)).map(Some).collect()
            }
            // It may be missing for what others make known.
            _ => vec![None],
        }
    }

    fn branches(&mut self, subject: &Subject<'_>, measure: usize) {
        let position = self.known.positions[measure];
        let plan = &subject.plan.measures[position];
        let Some(choice) = &plan.choice else { return };
        for (at, branch) in choice.branches.iter().enumerate() {
            if self.seen.branches.contains(&(measure, at)) {
                continue;
            }
            let mut goals = context(plan, &choice.branches.iter().map(|own| own.test.node).collect());
            goals.extend([Goal::Is(branch.test.node, true), Goal::Answered(position)]);
            let takes = |evaluator: &mut Evaluator<'_>| {
                let answer = evaluator.answer(position);
                answer.branch == Some(at) || branch.refuse && answer.status == Status::Refused
            };
            let core = self.known.core;
            let mut result = Err(Why::Impossible);
            for day in &subject.days {
                let mut accept = |found: &Found| found.world.look(core, takes);
                result = self
                    .search(subject, *day, goals.clone(), None, None, &mut accept)
                    .map(|found| found.world);
                if result.is_ok() {
                    break;
                }
            }
            let title = self.words.branch(subject.head, plan.kind, &branch.test);
            let what = format!("alternative {}: {}", branch.test.name, self.words.taken());
            let nodes = super::search::nodes(subject.plan, Goal::Answered(position));
            self.take(subject, result, &title, &what, &nodes);
        }
    }

    // ------------------------------------------------------------ both

    pub(super) fn search(
        &self,
        subject: &Subject<'_>,
        day: Date,
        goals: Vec<Goal>,
        focus: Option<Focus>,
        frozen: Option<Var>,
        accept: &mut dyn FnMut(&Found) -> bool,
    ) -> Result<Found, Why> {
        let Known { program, core, .. } = *self.known;
        let mut search = Search::new(program, core, subject.plan, subject.reach, self.candidates, goals);
        search.focus = focus;
        search.frozen.extend(frozen);
        let world = World::new(program, subject.record, day);
        let mut result = search.run(world.clone(), accept);
        if search.across {
            for beside in self.crowds(subject) {
                if result.is_ok() {
                    break;
                }
                result = search.run(World { beside, ..world.clone() }, accept);
            }
        }
        result
    }

    /// How many records of the same kind may stand beside one, so that places and counts can be on either side of what
    /// they are compared with; none where nothing looks over them.
    fn crowds(&self, subject: &Subject<'_>) -> BTreeSet<usize> {
        let own = subject.record.index();
        let over_own =
            subject.plan.aggregates.iter().any(|aggregate| aggregate.over == own && aggregate.draw.is_none());
        if !over_own {
            return BTreeSet::new();
        }
        let nodes = &subject.plan.graph.nodes;
        let compared =
            comparisons(&subject.plan.graph).flat_map(|own| [(own.left, own.right), (own.right, own.left)]);
        let count =
            compared.filter(|(across, _)| subject.reach.looks_across(*across)).filter_map(|(_, with)| {
                match &nodes[with.index()].op {
                    Op::Const(Value::Number(number)) => usize::try_from(number.to_scaled(0)?).ok(),
                    Op::Param(param) => {
                        let step = self.known.program.params[param.index()].steps.last()?;
                        usize::try_from(position(&step.value)?.to_scaled(0)?).ok()
                    }
                    _ => None,
                }
            });
        let near =
            count.filter(|count| (1..=MOST_BESIDE).contains(count)).flat_map(|count| [count - 1, count]);
        near.chain([1]).filter(|count| *count > 0).collect()
    }

    /// Writes the case down, or why there is none.
    pub(super) fn take(
        &mut self,
        subject: &Subject<'_>,
        result: Result<World, Why>,
        title: &str,
        what: &str,
        nodes: &[NodeId],
    ) {
        let target = subject.head.name.clone();
        let unsolved = |why: String| Unsolved { target: target.clone(), what: what.to_owned(), why };
        let world = match result {
            Ok(world) => world,
            Err(why) => {
                let why = self.words.why(why, subject.plan, subject.reach, nodes);
                let unsolved = unsolved(why);
                if !self.found.unsolved.contains(&unsolved) {
                    self.found.unsolved.push(unsolved);
                }
                return;
            }
        };
        let count = self.titles.entry(title.to_owned()).or_insert(0);
        *count += 1;
        let title = if *count > 1 { self.words.again(title, *count) } else { title.to_owned() };
        let position = match subject.target {
            CaseTarget::Measure(id) => Some(self.known.positions[id.index()]),
            CaseTarget::Define(_) => None,
        };
        let text = self.writer.case(&world, subject.target, position, &title);
        match text.zip(self.writer.uses(&world, subject.head)) {
            Some((text, uses)) => {
                self.seen.add(self.known, &world.case(&title, subject.target, subject.head.span));
                let module = subject.head.module.clone();
                self.found.cases.push(Suggestion { target, module, title, text, uses });
            }
            None => self.found.unsolved.push(unsolved(self.words.unwritten())),
        }
    }
}

/// Whether a record will do.
type Taken<'t> = &'t dyn Fn(&Found) -> bool;

/// That all conditions but these are in favour.
pub(super) fn context(plan: &MeasurePlan, but: &BTreeSet<NodeId>) -> Vec<Goal> {
    let others = |tests: &[Test], wanted: bool| {
        let others = tests.iter().map(|test| test.node).filter(|node| !but.contains(node));
        others.map(|node| Goal::Is(node, wanted)).collect::<Vec<_>>()
    };
    others(&plan.requires, true).into_iter().chain(others(&plan.excepts, false)).collect()
}

/// The value of a field at a position, in the words of people.
pub fn shown(words: &Words<'_>, field: &Field, at: &Number) -> String {
    value_at(&field.ty, at).map_or_else(|| at.to_string(), |value: Value| words.value(field, &value))
}
