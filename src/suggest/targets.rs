//! What a measure or define still lacks, one thing after another, and the case that is proposed for it.

use std::collections::{BTreeMap, BTreeSet};

use super::candidates::Candidates;
use super::paths::{follows_the_day, paths};
use super::search::{Focus, Found, Goal, Search, Why, below};
use super::seen::{Known, Seen, Side, Way};
use super::words::Words;
use super::world::{Var, World};
use super::write::Writer;
use super::{Suggestion, Suggestions, Unsolved};
use crate::boundary::{Comparison, Reach, comparisons, position, solve, value_at};
use crate::check::show::Language;
use crate::check::typed::{CaseTarget, Field, Force, Head, Program, RecordId};
use crate::interp::{Answer, Evaluator, Inputs, Status, facts};
use crate::ir::{MeasurePlan, NodeId, Op, RecordPlan, Test};
use crate::source::FileId;
use crate::trial;
use crate::value::{Date, Fact, Number, Value};

/// Days that are tried for one thing.
const DAYS: usize = 6;
/// Records of the same kind beside one, at most.
const MOST_BESIDE: usize = 12;

pub struct Proposer<'a> {
    known: &'a Known<'a>,
    candidates: &'a Candidates,
    days: &'a BTreeSet<Date>,
    seen: Seen,
    words: Words<'a>,
    writer: Writer<'a>,
    titles: BTreeMap<String, usize>,
    pub found: Suggestions,
}

/// What is proposed for: a measure or define with its record.
struct Subject<'a> {
    target: CaseTarget,
    head: &'a Head,
    record: RecordId,
    plan: &'a RecordPlan,
    reach: &'a Reach,
    fields: &'a [Field],
    /// The days for which it can be asked, the usual one first.
    days: Vec<Date>,
}

/// A boundary of a field.
struct Turn {
    comparison: Comparison,
    focus: Focus,
    /// The days on which it stands there.
    days: Vec<Date>,
    /// Where it stands, if neither other fields nor the date of evaluation decide it.
    at: Option<Number>,
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
        let writer = Writer { program, core: known.core, modules, language };
        let titles = program.cases.iter().map(|case| (case.title.clone(), 1)).collect();
        Proposer { known, candidates, days, seen, words, writer, titles, found: Suggestions::default() }
    }

    pub fn propose(&mut self, target: CaseTarget) {
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
        let subject = Subject {
            target,
            head,
            record,
            plan: self.known.plan(record.index()),
            reach: &self.known.reaches[record.index()],
            fields: &program.records[record.index()].fields,
            days: self.days_of(force),
        };
        if let CaseTarget::Measure(id) = target {
            self.conditions(&subject, id.index());
            self.branches(&subject, id.index());
        }
        self.boundaries(&subject);
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
        for (at, (part, test)) in trial::tests(plan).into_iter().enumerate() {
            if matches!(subject.plan.graph.nodes[test.node.index()].op, Op::Const(_)) {
                continue;
            }
            for way in [Way::True, Way::False, Way::Missing] {
                if self.seen.ways.contains(&(measure, at, way)) {
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

    // ------------------------------------------------------------ boundaries

    fn boundaries(&mut self, subject: &Subject<'_>) {
        let (_, roots) = self.known.roots(subject.target);
        let roots = match subject.target {
            CaseTarget::Measure(id) => {
                own_roots(self.known.program, subject.plan, id.index(), self.known.positions[id.index()])
            }
            CaseTarget::Define(_) => roots,
        };
        let defines = subject.plan.defines.iter().map(|(_, node)| *node);
        let stop: BTreeSet<NodeId> = match subject.target {
            CaseTarget::Measure(_) => defines.collect(),
            CaseTarget::Define(_) => defines.filter(|node| !roots.contains(node)).collect(),
        };
        let cone = below(subject.plan, &roots, &stop);
        let own = comparisons(&subject.plan.graph).filter(|own| cone.contains(&own.node));
        for comparison in own.collect::<Vec<_>>() {
            for turn in self.turns(subject, comparison) {
                self.boundary(subject, &turn);
            }
        }
    }

    /// Where a comparison turns, on each day on which that is somewhere else.
    fn turns(&self, subject: &Subject<'_>, comparison: Comparison) -> Vec<Turn> {
        let days = || subject.days.iter().copied().take(DAYS).collect();
        if let Some((field, side, other_side)) = subject.reach.only_field(comparison, subject.fields) {
            let focus = Focus { field, side, other_side };
            if follows_the_day(subject.plan, comparison.node) {
                return vec![Turn { comparison, focus, days: days(), at: None }];
            }
            let mut found: BTreeMap<Number, Vec<Date>> = BTreeMap::new();
            for day in &subject.days {
                if let Some(at) = self.turns_at(subject, focus, *day) {
                    found.entry(at).or_default().push(*day);
                }
            }
            let turn = |(at, mut days): (Number, Vec<Date>)| {
                days.truncate(DAYS);
                Turn { comparison, focus, days, at: Some(at) }
            };
            return found.into_iter().map(turn).collect();
        }
        let between = subject.reach.between(comparison, subject.fields);
        let turn = |own: crate::boundary::Between| Turn {
            comparison,
            focus: Focus { field: own.field, side: own.side, other_side: own.other_side },
            days: days(),
            at: None,
        };
        between.map(turn).into_iter().collect()
    }

    fn turns_at(&self, subject: &Subject<'_>, focus: Focus, day: Date) -> Option<Number> {
        let inputs = Inputs::new(self.known.core, day);
        let mut evaluator = Evaluator::new(subject.plan, &inputs, None, &facts(subject.plan, &[]));
        let wanted = evaluator.fact(focus.other_side).known().and_then(position)?;
        solve(&mut evaluator, subject.reach, focus.side, focus.field, &wanted)
    }

    fn boundary(&mut self, subject: &Subject<'_>, turn: &Turn) {
        let record = subject.record.index();
        let (node, field) = (turn.comparison.node, turn.focus.field);
        let side = |point| Side { record, node, field, at: turn.at.clone(), point };
        if (0..3).all(|point| self.seen.sides.contains(&side(point))) {
            return;
        }
        let what = self.words.boundary(subject.fields, turn.focus.field, turn.at.as_ref());
        match self.beside(subject, turn) {
            Ok(found) => {
                for point in 0..3 {
                    if self.seen.sides.contains(&side(point)) {
                        continue;
                    }
                    let Some(world) = found.at(point) else { continue };
                    let title = self.words.beside(
                        subject.head,
                        &subject.fields[usize::from(field)],
                        &found.points,
                        point,
                    );
                    self.take(subject, Ok(world), &title, &what, &[node]);
                    self.seen.sides.insert(side(point));
                }
            }
            Err(why) => {
                let nodes = self.known.roots(subject.target).1;
                self.take(subject, Err(why), "", &what, &nodes);
            }
        }
    }

    /// A record in which the comparison makes the difference: what it answers below, at and above the boundary is not
    /// all the same. First on each way on which it decides by itself, then on any.
    fn beside(&self, subject: &Subject<'_>, turn: &Turn) -> Result<Found, Why> {
        let node = turn.comparison.node;
        let (context, last, roots) = match subject.target {
            CaseTarget::Measure(id) => {
                let position = self.known.positions[id.index()];
                let plan = &subject.plan.measures[position];
                let context = context(plan, &touched(subject.plan, plan, node));
                let roots = own_roots(self.known.program, subject.plan, id.index(), position);
                (context, Goal::Answered(position), roots)
            }
            CaseTarget::Define(_) => {
                let (_, roots) = self.known.roots(subject.target);
                (Vec::new(), roots.first().map_or(Goal::Is(node, true), |root| Goal::Known(*root)), roots)
            }
        };
        let core = self.known.core;
        let told = |world: World| {
            world.look(core, |evaluator| match last {
                Goal::Answered(position) => Told::Answer(evaluator.answer(position)),
                Goal::Known(node) => Told::Value(evaluator.fact(node)),
                _ => Told::Value(Fact::FALSE),
            })
        };
        let mut differs = |found: &Found| {
            let mut all = found.worlds().into_iter().map(told);
            let first = all.next();
            all.any(|other| Some(&other) != first.as_ref())
        };
        let ways = roots.iter().flat_map(|root| paths(subject.plan, *root, node));
        let ways: Vec<Vec<Goal>> = ways.chain([Vec::new()]).collect();
        let mut why = Why::Indifferent;
        for day in &turn.days {
            for way in &ways {
                let goals: Vec<Goal> = context.iter().chain(way).chain([&last]).copied().collect();
                match self.search(subject, *day, goals, Some(turn.focus), None, &mut differs) {
                    Err(Why::TooMany) => why = Why::TooMany,
                    Err(_) => {}
                    found => return found,
                }
            }
        }
        Err(why)
    }

    // ------------------------------------------------------------ both

    fn search(
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
    fn take(
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

#[derive(Debug, PartialEq)]
enum Told {
    Answer(Answer),
    Value(Fact),
}

/// That all conditions but these are in favour.
fn context(plan: &MeasurePlan, but: &BTreeSet<NodeId>) -> Vec<Goal> {
    let others = |tests: &[Test], wanted: bool| {
        let others = tests.iter().map(|test| test.node).filter(|node| !but.contains(node));
        others.map(|node| Goal::Is(node, wanted)).collect::<Vec<_>>()
    };
    others(&plan.requires, true).into_iter().chain(others(&plan.excepts, false)).collect()
}

/// The conditions that a node stands in.
fn touched(plan: &RecordPlan, measure: &MeasurePlan, node: NodeId) -> BTreeSet<NodeId> {
    let tests = measure.requires.iter().chain(&measure.excepts).map(|test| test.node);
    tests.filter(|test| below(plan, &[*test], &BTreeSet::new()).contains(&node)).collect()
}

/// What a measure asks in its own text, without the conditions of others that it gives way to.
fn own_roots(program: &Program, plan: &RecordPlan, measure: usize, position: usize) -> Vec<NodeId> {
    let own: BTreeSet<&str> =
        program.measures[measure].own_excepts().map(|condition| condition.name.as_str()).collect();
    let others: BTreeSet<NodeId> = (plan.measures[position].excepts.iter())
        .filter(|test| !own.contains(test.name.as_str()))
        .map(|test| test.node)
        .collect();
    let all = super::search::nodes(plan, Goal::Answered(position));
    all.into_iter().filter(|node| !others.contains(node)).collect()
}

/// The value of a field at a position, in the words of people.
pub fn shown(words: &Words<'_>, field: &Field, at: &Number) -> String {
    value_at(&field.ty, at).map_or_else(|| at.to_string(), |value: Value| words.value(field, &value))
}
