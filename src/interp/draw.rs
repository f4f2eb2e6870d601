//! Handing out a budget: claims in their order, and what each gets.

use std::cmp::Ordering;

use crate::ir::{DrawPlan, DrawRule};
use crate::value::ops::limited;
use crate::value::{Fact, Missing, Number, Rounding, RunError, Value};

/// What orders claims: the values of the order, the key last.
type Place = Vec<Value>;

/// The claims on a budget.
#[derive(Debug, Clone, Default)]
pub(super) struct Draws {
    /// Of each record that claims something: its claims, and, once all are seen, the sum of those before it.
    claims: Vec<Claims>,
    /// Records with a claim that is not known, and why.
    open: Vec<(Place, Fact)>,
    total: Number,
}

#[derive(Debug, Clone)]
struct Claims {
    place: Place,
    own: Vec<Number>,
    before: Number,
}

/// What a record asks of a budget.
pub(super) struct Asked<'f> {
    pub order: &'f [Fact],
    pub claims: &'f [Fact],
    pub pool: &'f Fact,
    /// The claim that is asked for.
    pub draw: usize,
}

/// Why a record's place or claim, or what stands before it, is not known.
pub(super) type Open = Fact;

impl Draws {
    /// Sees the claims of a record; what concerns everyone, that a claimant's place is not known, is returned.
    pub fn see(&mut self, order: &[Fact], claims: &[Fact], known_only: bool) -> Option<Open> {
        let missing = |fact: &Fact| matches!(fact, Fact::Missing(_));
        let own: Vec<Number> = claims.iter().map(|claim| number(claim).unwrap_or_default()).collect();
        let open = claims.iter().filter(|claim| claim.known().is_none());
        let open: Vec<&Fact> = open.filter(|claim| !(known_only && missing(claim))).collect();
        if open.is_empty() && own.iter().all(Number::is_zero) {
            return None;
        }
        let Some(place) = order.iter().map(|fact| fact.known().cloned()).collect::<Option<Place>>() else {
            let unknown = order.iter().filter(|fact| fact.known().is_none());
            return unknown
                .filter(|fact| !(known_only && missing(fact)))
                .min_by_key(|fact| missing(fact))
                .cloned();
        };
        self.open.extend(open.into_iter().map(|fact| (place.clone(), fact.clone())));
        self.claims.push(Claims { place, own, before: Number::ZERO });
        None
    }

    pub fn merge(&mut self, other: Draws) {
        self.claims.extend(other.claims);
        self.open.extend(other.open);
    }

    /// After the last record.
    pub fn finish(&mut self, rule: &DrawRule) {
        let descending = descending(rule);
        self.claims.sort_by(|a, b| in_order(descending, &a.place, &b.place));
        self.open.sort_by(|a, b| in_order(descending, &a.0, &b.0));
        let mut total = Number::ZERO;
        for claims in &mut self.claims {
            claims.before = total.clone();
            total = claims.own.iter().fold(total, |sum, own| sum.add(own));
        }
        self.total = total;
    }

    /// What the budget gives on a claim.
    pub fn given(&self, plan: &DrawPlan, asked: &Asked<'_>) -> Fact {
        let claim = match &asked.claims[asked.draw] {
            Fact::Known(Value::Number(claim)) => claim,
            unknown => return unknown.clone(),
        };
        if claim.is_zero() {
            return Fact::Known(Value::Number(Number::ZERO));
        }
        let unknown = asked.order.iter().chain([asked.pool]).filter(|fact| fact.known().is_none());
        if let Some(unknown) = unknown.min_by_key(|fact| matches!(fact, Fact::Missing(_))) {
            return unknown.clone();
        }
        let place: Place = asked.order.iter().filter_map(|fact| fact.known().cloned()).collect();
        let pool = number(asked.pool).unwrap_or_default();
        let before = self.before(plan, &place, asked);
        let open = match &plan.rule {
            // What is spent on those before is spent, whatever else they claim.
            DrawRule::InOrder { .. } if before.cmp(&pool).is_ge() => None,
            DrawRule::InOrder { descending, .. } => self.open_before(*descending, &place),
            DrawRule::ProRata { .. } => self.open_before(false, &[]),
        };
        if let Some(open) = open {
            return open;
        }
        let given = match &plan.rule {
            DrawRule::InOrder { cut, .. } => in_turn(&pool, &before, claim, *cut),
            DrawRule::ProRata { step } => self.share(&pool, &before, claim, step),
        };
        given.map_or_else(Fact::Error, |given| Fact::Known(Value::Number(given)))
    }

    /// The sum of the claims that are served before one.
    fn before(&self, plan: &DrawPlan, place: &[Value], asked: &Asked<'_>) -> Number {
        let descending = descending(&plan.rule);
        let at = self.claims.partition_point(|claims| in_order(descending, &claims.place, place).is_lt());
        let before = self.claims.get(at).map_or(&self.total, |claims| &claims.before);
        let own = asked.claims[..asked.draw].iter().filter_map(number);
        own.fold(before.clone(), |sum, own| sum.add(&own))
    }

    /// Why what is claimed by those up to a place is not known; with no place, by anybody. Errors first.
    fn open_before(&self, descending: bool, place: &[Value]) -> Option<Fact> {
        let ahead =
            |other: &&(Place, Fact)| place.is_empty() || in_order(descending, &other.0, place).is_le();
        let mut found: Option<Fact> = None;
        for (_, fact) in self.open.iter().take_while(ahead) {
            found = Some(match (found, fact) {
                (Some(Fact::Error(a)), Fact::Error(b)) => Fact::Error(a.min(*b)),
                (Some(Fact::Error(a)), _) => Fact::Error(a),
                (_, Fact::Error(b)) => Fact::Error(*b),
                (Some(Fact::Missing(mut own)), Fact::Missing(other)) => {
                    own.causes.add(&other.causes);
                    Fact::Missing(own)
                }
                (_, Fact::Missing(other)) => Fact::Missing(Missing { ..other.clone() }),
                (own, _) => own.unwrap_or(Fact::TRUE),
            });
        }
        found
    }

    /// The share of a claim where all are cut alike: the steps that its part of the row of claims covers. So
    /// shares differ from the exact ones by less than a step, and add up to the pool.
    fn share(
        &self,
        pool: &Number,
        before: &Number,
        claim: &Number,
        step: &Number,
    ) -> Result<Number, RunError> {
        let total = limited(self.total.clone())?;
        if total.cmp(pool).is_le() {
            return Ok(claim.clone());
        }
        let covered = |upto: &Number| {
            let exact = pool.mul(upto).div(&total).ok_or(RunError::DivisionByZero)?;
            Ok::<_, RunError>(exact.round_to(step, Rounding::Down))
        };
        Ok(covered(&before.add(claim))?.sub(&covered(before)?))
    }
}

/// What a claim gets when those before have been served.
fn in_turn(pool: &Number, before: &Number, claim: &Number, cut: bool) -> Result<Number, RunError> {
    let left = pool.sub(&limited(before.clone())?);
    if claim.cmp(&left).is_le() {
        return Ok(claim.clone());
    }
    let some = cut && !left.is_negative();
    Ok(if some { left } else { Number::ZERO })
}

fn number(fact: &Fact) -> Option<Number> {
    match fact {
        Fact::Known(Value::Number(number)) => Some(number.clone()),
        _ => None,
    }
}

fn descending(rule: &DrawRule) -> bool {
    matches!(rule, DrawRule::InOrder { descending: true, .. })
}

/// By the first value, perhaps descending, then by the others.
fn in_order(descending: bool, a: &[Value], b: &[Value]) -> Ordering {
    let (first, rest) = (a.first().cmp(&b.first()), a.get(1..).cmp(&b.get(1..)));
    if descending { first.reverse().then(rest) } else { first.then(rest) }
}
