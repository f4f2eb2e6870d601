//! The value of a param that meets a target on real records: sums, counts and shares over records that are read and
//! decoded once, decided again for each value that is tried.

mod scale;
mod search;
mod target;
mod text;
mod weights;

use crate::batch::EngineError;
use crate::check::typed::{MeasureId, ParamId, Program};
use crate::ir::{self, Slice, Wanted};
use crate::value::{Date, Number, Value};

pub use scale::Limits;
use scale::Scale;
pub use search::Course;
use search::{Found, Probes, Search};
pub use target::{Quantity, Relation, Target, parse};
use weights::Weight;
pub use weights::{Source, Weights};

/// What is asked.
pub struct Question<'a> {
    pub program: &'a Program,
    pub as_of: Date,
    pub param: ParamId,
    pub target: Target,
    pub limits: Limits,
}

/// A value that was tried, and what the quantity comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    pub value: Value,
    pub reached: Number,
    pub meets: bool,
    /// Records that the quantity lacks because a measure is undetermined, or in error.
    pub undetermined: u64,
    pub errors: u64,
    /// Some measure that is counted is not in force on the day.
    pub not_in_force: bool,
}

/// Where the target is met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The first value meets it, the second, a step further, does not.
    Edge(Tried, Tried),
    /// Every value that was tried meets it; this one is the closest.
    Everywhere(Tried),
    /// An exact value that no step of the param reaches: it lies between these two.
    Between(Tried, Tried),
    /// No value that was tried meets it; this one is the closest.
    Nowhere(Tried),
}

/// The answer.
pub struct Tuned {
    pub outcome: Outcome,
    pub course: Course,
    /// All that was tried, from the lowest.
    pub tried: Vec<Tried>,
    /// What the param is on the day, where it has a value.
    pub now: Option<Tried>,
    pub step: Number,
    /// Where the quantity goes the other way: three of the values that were tried.
    pub turn: Option<[Tried; 3]>,
}

/// The part of a core that a target needs: the measures that it is about.
pub fn needed(program: &Program, core: &ir::Program, target: &Target) -> ir::Program {
    let mut wanted = Wanted::default();
    let mut counts = vec![0; program.records.len()];
    for (at, measure) in program.measures.iter().enumerate() {
        let record = measure.record.index();
        if target.concerns(program, MeasureId(at as u32)) {
            wanted.measures.push((record, counts[record]));
        }
        counts[record] += 1;
    }
    Slice::of(core, &wanted).program
}

/// Whether anything in a core reads a param.
pub fn reads(core: &ir::Program, param: ParamId) -> bool {
    let own = |own: ParamId| core.params[own.index()].follows.map_or(own, |(of, _)| of);
    let nodes = core.records.iter().flat_map(|plan| &plan.graph.nodes);
    nodes.into_iter().any(|node| matches!(node.op, ir::Op::Param(read) if own(read) == param))
}

/// Why nothing was found.
#[derive(Debug)]
pub enum TuneError {
    /// The question cannot be asked like this.
    Question(String),
    Engine(EngineError),
}

impl From<EngineError> for TuneError {
    fn from(error: EngineError) -> TuneError {
        TuneError::Engine(error)
    }
}

impl Question<'_> {
    /// The value that meets the target, by what the records weigh.
    ///
    /// # Errors
    /// Where the param has no steps, its ends make no line, or the engines fail.
    pub fn answer(&self, weights: &mut Weights) -> Result<Tuned, TuneError> {
        let param = &self.program.params[self.param.index()];
        let step = scale::step(param, &self.limits).map_err(TuneError::Question)?;
        let reach = scale::reach(param, &self.limits, &step);
        let mut gauge = Gauge { question: self, weights, weighed: Vec::new() };
        let scale = gauge.line(&reach, &step)?;
        let now = self.limits.now.clone().map(|now| gauge.weigh(now)).transpose()?;
        let known =
            gauge.weighed.iter().filter_map(|own| Some((scale.place(&own.value)?, own.reached.clone())));
        let known: Probes = known.collect();
        let holds = |value: &Number| self.bounded(value);
        let mut probe = |at: i128| gauge.weigh(scale.at(at)).map(|tried| tried.reached);
        let at_most = self.target.relation != Relation::AtLeast;
        let mut search = Search::new(scale.last, at_most, known, &holds, &mut probe);
        let found = search.run()?;
        let probes = std::mem::take(&mut search.probes);
        let course = search::course(&probes);
        let tried = |gauge: &Gauge<'_>, at: i128| gauge.known(&scale.at(at));
        let outcome = self.outcome(&gauge, &scale, &probes, found);
        let turn = match course {
            Course::Turning(places) => Some(places.map(|at| tried(&gauge, at))),
            _ => None,
        };
        let tried = probes.keys().map(|at| tried(&gauge, *at)).collect();
        Ok(Tuned { outcome, course, tried, now, step, turn })
    }

    /// Whether a quantity is within what the target allows; of an exact one, not above it.
    fn bounded(&self, value: &Number) -> bool {
        match self.target.relation {
            Relation::AtLeast => *value >= self.target.goal,
            Relation::AtMost | Relation::Equal => *value <= self.target.goal,
        }
    }

    fn outcome(&self, gauge: &Gauge<'_>, scale: &Scale, probes: &Probes, found: Found) -> Outcome {
        let known = |at: i128| gauge.known(&scale.at(at));
        // An exact value may stand anywhere, where the quantity turns.
        let exact = |tried: &Tried| self.target.holds(&tried.reached);
        let closest = || {
            let far = |(_, value): &(&i128, &Number)| value.sub(&self.target.goal).abs();
            let (at, _) = probes.iter().min_by_key(far).expect("both ends were looked at");
            known(*at)
        };
        match found {
            Found::Edge { at, beyond } => {
                let (inside, outside) = (known(at), known(beyond));
                match exact(&inside) {
                    true => Outcome::Edge(inside, outside),
                    false => Outcome::Between(inside, outside),
                }
            }
            Found::Everywhere { at } if exact(&known(at)) => Outcome::Everywhere(known(at)),
            Found::Everywhere { .. } | Found::Nowhere => match closest() {
                own if exact(&own) => Outcome::Everywhere(own),
                own => Outcome::Nowhere(own),
            },
        }
    }
}

/// Values and what they come to.
struct Gauge<'q> {
    question: &'q Question<'q>,
    weights: &'q mut Weights,
    weighed: Vec<Tried>,
}

impl Gauge<'_> {
    /// What the quantity comes to with a value.
    fn weigh(&mut self, value: Value) -> Result<Tried, TuneError> {
        if let Some(known) = self.weighed.iter().find(|own| own.value == value) {
            return Ok(known.clone());
        }
        let weight = self.weights.weigh(self.question, &value)?;
        let meets = self.question.target.holds(&weight.reached);
        let Weight { reached, undetermined, errors, not_in_force } = weight;
        let tried = Tried { value, reached, meets, undetermined, errors, not_in_force };
        self.weighed.push(tried.clone());
        Ok(tried)
    }

    fn known(&self, value: &Value) -> Tried {
        let known = self.weighed.iter().find(|own| own.value == *value);
        known.expect("only what was looked at is asked for").clone()
    }

    /// The line of values: the highest is the first power at which the target is no longer as at the lowest.
    fn line(&mut self, reach: &scale::Reach, step: &Number) -> Result<Scale, TuneError> {
        let Some((last, highs)) = reach.highs.split_last() else {
            return Err(TuneError::Question("no value lies above the lowest: give --high".to_owned()));
        };
        for high in highs {
            let scale = self.ready(&reach.low, high, step)?;
            let end = self.weigh(scale.at(scale.last))?;
            let low = self.weigh(reach.low.clone())?;
            if self.question.bounded(&end.reached) != self.question.bounded(&low.reached) {
                return Ok(scale);
            }
        }
        self.ready(&reach.low, last, step)
    }

    /// A line of values, with machine code that will hold for all of them: the greatest, and those with most digits.
    fn ready(&mut self, low: &Value, high: &Value, step: &Number) -> Result<Scale, TuneError> {
        let scale = Scale::new(low, high, step).map_err(TuneError::Question)?;
        let mut values =
            [0, 1, scale.last - 1, scale.last].map(|at| scale.at(at.clamp(0, scale.last))).to_vec();
        values.extend(self.question.limits.now.clone());
        self.weights.make_room(self.question.param, &values);
        Ok(scale)
    }
}
