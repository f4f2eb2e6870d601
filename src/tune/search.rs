//! Where along a line of values a target begins or ceases to hold: by probes from end to end, then by bisection.

use std::collections::BTreeMap;

use crate::value::Number;

/// Values that are looked at from end to end before any bisection, to see whether the quantity rises or falls.
const SPREAD: i128 = 9;

/// How the quantity goes with the value, as far as it was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Course {
    Constant,
    Rising,
    Falling,
    /// It turns: between the second of these places and the others it goes the other way.
    Turning([i128; 3]),
}

/// What a search along the places from 0 to the last has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// The target holds here and ceases to hold one step further.
    Edge { at: i128, beyond: i128 },
    /// It holds at both ends and wherever it was looked at; this end is the closest to what it allows.
    Everywhere { at: i128 },
    /// It holds nowhere where it was looked at.
    Nowhere,
}

/// The places that were looked at, with the quantity there.
pub type Probes = BTreeMap<i128, Number>;

/// A search for the edge of what a test of the quantity allows.
pub struct Search<'f, E> {
    last: i128,
    /// Whether the target asks for no more than something.
    at_most: bool,
    probe: &'f mut dyn FnMut(i128) -> Result<Number, E>,
    holds: &'f dyn Fn(&Number) -> bool,
    pub probes: Probes,
}

impl<'f, E> Search<'f, E> {
    /// Over the places from 0 to `last`; `probes` are those that are known already.
    pub fn new(
        last: i128,
        at_most: bool,
        probes: Probes,
        holds: &'f dyn Fn(&Number) -> bool,
        probe: &'f mut dyn FnMut(i128) -> Result<Number, E>,
    ) -> Search<'f, E> {
        Search { last, at_most, probe, holds, probes }
    }

    /// # Errors
    /// Those of a probe.
    pub fn run(&mut self) -> Result<Found, E> {
        for part in 0..SPREAD {
            self.look(self.last * part / (SPREAD - 1))?;
        }
        let Some((mut inside, mut outside)) = self.bracket() else {
            let all = self.probes.values().all(|value| (self.holds)(value));
            let end = if self.wants_last() { self.last } else { 0 };
            return Ok(if all { Found::Everywhere { at: end } } else { Found::Nowhere });
        };
        while (outside - inside).abs() > 1 {
            let middle = inside + (outside - inside) / 2;
            if self.look(middle)? { inside = middle } else { outside = middle }
        }
        Ok(Found::Edge { at: inside, beyond: outside })
    }

    fn look(&mut self, at: i128) -> Result<bool, E> {
        if !self.probes.contains_key(&at) {
            let value = (self.probe)(at)?;
            self.probes.insert(at, value);
        }
        Ok((self.holds)(&self.probes[&at]))
    }

    /// Whether the value that uses most of what the target allows is the greatest that does.
    fn wants_last(&self) -> bool {
        let rises = self.probes.get(&0) <= self.probes.get(&self.last);
        rises == self.at_most
    }

    /// Two neighbouring probes of which one holds and the other does not: the outermost on the side that is wanted.
    fn bracket(&self) -> Option<(i128, i128)> {
        let all: Vec<(i128, bool)> =
            self.probes.iter().map(|(at, value)| (*at, (self.holds)(value))).collect();
        let mut pairs = all.windows(2).filter(|pair| pair[0].1 != pair[1].1);
        let pair = if self.wants_last() { pairs.next_back() } else { pairs.next() }?;
        let [(a, first), (b, _)] = [pair[0], pair[1]];
        Some(if first { (a, b) } else { (b, a) })
    }
}

/// How the quantity goes with the value, over the places that were looked at.
pub fn course(probes: &Probes) -> Course {
    let steps: Vec<(&i128, &Number)> = probes.iter().collect();
    let mut course = Course::Constant;
    let mut turned = None;
    for pair in steps.windows(2) {
        let step = match pair[0].1.cmp(pair[1].1) {
            std::cmp::Ordering::Less => Course::Rising,
            std::cmp::Ordering::Greater => Course::Falling,
            std::cmp::Ordering::Equal => continue,
        };
        if course == Course::Constant {
            course = step;
        } else if course != step && turned.is_none() {
            turned = Some((*pair[0].0, *pair[1].0));
        }
    }
    match turned {
        Some((peak, after)) => {
            // The last place before the turn from where it went the one way.
            let before = probes.range(..peak).rev().find(|(_, value)| **value != probes[&peak]);
            Course::Turning([before.map_or(0, |(at, _)| *at), peak, after])
        }
        None => course,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn search(values: &[i64], at_most: bool, goal: i64) -> (Found, Probes) {
        let mut probe = |at: i128| Ok::<Number, ()>(Number::from_int(values[at as usize]));
        let goal = Number::from_int(goal);
        let holds = |value: &Number| if at_most { *value <= goal } else { *value >= goal };
        let mut search = Search::new(values.len() as i128 - 1, at_most, Probes::new(), &holds, &mut probe);
        let found = search.run().expect("the probe never fails");
        (found, search.probes)
    }

    proptest! {
        /// Of a monotone quantity the edge is exact, whichever way it goes and whichever side is asked for.
        #[test]
        fn the_edge_is_where_the_target_ceases_to_hold(
            mut values in prop::collection::vec(-1000i64..1000, 1..300),
            goal in -1100i64..1100,
            falling: bool,
            at_most: bool,
        ) {
            values.sort_unstable();
            if falling {
                values.reverse();
            }
            let holds = |at: i128| if at_most { values[at as usize] <= goal } else { values[at as usize] >= goal };
            let last = values.len() as i128 - 1;
            let (found, probes) = search(&values, at_most, goal);
            match found {
                Found::Edge { at, beyond } => {
                    prop_assert!(holds(at) && !holds(beyond) && (at - beyond).abs() == 1);
                }
                Found::Everywhere { at } => {
                    prop_assert!((0..=last).all(holds));
                    let closest = if at_most { values.iter().max() } else { values.iter().min() };
                    prop_assert_eq!(Some(&values[at as usize]), closest);
                }
                Found::Nowhere => prop_assert!(!(0..=last).any(holds)),
            }
            let turning = matches!(course(&probes), Course::Turning(_));
            prop_assert!(!turning);
        }
    }

    #[test]
    fn a_turn_is_seen() {
        let hill: Vec<i64> = (0..=100).map(|at: i64| 2500 - (at - 50) * (at - 50)).collect();
        let (found, probes) = search(&hill, true, 900);
        // The hill has two edges; the one further out is taken.
        assert_eq!(found, Found::Edge { at: 90, beyond: 89 });
        assert!(matches!(course(&probes), Course::Turning([_, _, _])));
        assert_eq!(search(&hill, true, -1).0, Found::Nowhere);
        assert_eq!(search(&[7], false, 7).0, Found::Everywhere { at: 0 });
    }
}
