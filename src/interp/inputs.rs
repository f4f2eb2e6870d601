//! What an evaluation is given from outside: the as-of date, the parameters, a record's fields.

use crate::check::typed::{DefineId, OpenItem, ParamId};
use crate::ir::{Follows, Input, Program, RecordPlan, Source};
use crate::value::{Date, Fact, RunError, Value};

/// The as-of date and the value of every parameter on it.
#[derive(Debug, Clone)]
pub struct Inputs {
    as_of: Date,
    params: Vec<Fact>,
    /// Parameters that follow another one.
    followers: Vec<(ParamId, usize, Follows)>,
}

impl Inputs {
    /// Parameters as their time lines have them on the day; one without a value yet is the error `no_value`.
    pub fn new(program: &Program, as_of: Date) -> Inputs {
        let params = program.params.iter().map(|param| {
            let step = param.steps.iter().rev().find(|(force, _)| force.holds_at(as_of));
            let value = step.map(|(_, value)| value).or(param.otherwise.as_ref());
            value.map_or(Fact::Error(RunError::NoValue), |value| Fact::Known(value.clone()))
        });
        let followers = program.params.iter().enumerate();
        let followers = followers.filter_map(|(at, param)| param.follows.map(|(of, how)| (of, at, how)));
        Inputs { as_of, params: params.collect(), followers: followers.collect() }
    }

    /// Gives a parameter another value, in the base unit of its type.
    pub fn set(&mut self, param: ParamId, value: Value) {
        for (_, follower, how) in self.followers.iter().filter(|(of, ..)| *of == param) {
            self.params[*follower] = Fact::Known(match how {
                Follows::Filled => Value::Bool(true),
                Follows::Value => value.clone(),
            });
        }
        self.params[param.index()] = Fact::Known(value);
    }

    /// Whether a parameter is left open to others who have not filled it in.
    pub fn is_open(&self, param: ParamId) -> bool {
        let mut own = self.followers.iter().filter(|(of, _, how)| *of == param && *how == Follows::Filled);
        own.any(|(_, at, _)| self.params[*at].is_false())
    }

    pub fn as_of(&self) -> Date {
        self.as_of
    }

    pub fn param(&self, param: ParamId) -> &Fact {
        &self.params[param.index()]
    }
}

impl Input {
    /// The value of the input at a position, from those of the record's fields.
    fn value(&self, at: usize, values: &[Option<Value>]) -> Option<Value> {
        match &self.source {
            Source::Field => values.get(at)?.clone(),
            Source::Open(_) | Source::Foreign { .. } => None,
            Source::Member { field, members } => match values.get(*field)? {
                Some(Value::Text(text)) => Some(Value::Bool(members.contains(&**text))),
                _ => None,
            },
        }
    }
}

/// [`facts`] where open defines are assumed to have values.
pub fn assuming(plan: &RecordPlan, values: &[Option<Value>], assumed: &[(DefineId, Value)]) -> Vec<Fact> {
    let mut facts = facts(plan, values);
    for (fact, input) in facts.iter_mut().zip(&plan.inputs) {
        let Source::Open(OpenItem::Define(id)) = input.source else { continue };
        if let Some((_, value)) = assumed.iter().find(|(own, _)| *own == id) {
            *fact = Fact::Known(value.clone());
        }
    }
    facts
}

/// What a record's plan asks for as facts, from the values of its fields; one that is `None`, or that `values`
/// does not reach, is missing.
pub fn facts(plan: &RecordPlan, values: &[Option<Value>]) -> Vec<Fact> {
    let fact = |(at, input): (usize, &Input)| match input.value(at, values) {
        Some(value) => Fact::Known(value),
        _ if input.variants.is_empty() => Fact::missing(at as u16),
        _ => Fact::missing_enum(at as u16, input.variants),
    };
    plan.inputs.iter().enumerate().map(fact).collect()
}
