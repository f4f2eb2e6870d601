//! Makes a policy and its records smaller while two engines still differ on them: without measures, conditions,
//! rows and parts of expressions, and with fewer records of fewer fields.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::{RecordBatch, UInt32Array};
use arrow_select::take::take_record_batch;
use pol::value::{Date, Number, Value};

use super::columns;
use super::compare::{self, Answer, Difference, How, Run};
use super::sets::{self, Set};
use super::sorts;
use super::tree::{Node, Part, Path};

/// A record: its fields that are known, by name.
pub type Known = BTreeMap<String, Value>;

/// The records of a run.
#[derive(Clone)]
pub enum Records {
    /// As they came, where it matters in which types.
    Raw(RecordBatch),
    Known(Vec<Known>),
}

/// A policy and records on which engines differ.
#[derive(Clone)]
pub struct Failing {
    pub tree: Node,
    pub records: Records,
    pub as_of: Date,
    pub how: How,
    pub params: Vec<(String, Value)>,
}

impl Records {
    pub fn batch(&self, set: &Set) -> RecordBatch {
        match self {
            Records::Raw(batch) => batch.clone(),
            Records::Known(rows) => columns::plain(&set.program, 0, rows),
        }
    }

    fn len(&self) -> usize {
        match self {
            Records::Raw(batch) => batch.num_rows(),
            Records::Known(rows) => rows.len(),
        }
    }

    /// Some of the records.
    fn only(&self, rows: &[usize]) -> Records {
        match self {
            Records::Known(all) => Records::Known(rows.iter().map(|row| all[*row].clone()).collect()),
            Records::Raw(batch) => {
                let places: UInt32Array = rows.iter().map(|row| *row as u32).collect();
                Records::Raw(take_record_batch(batch, &places).unwrap_or_else(|_| batch.clone()))
            }
        }
    }
}

/// The engines that are compared, and how many more times they may be.
pub struct Shrinker<'e> {
    pub meant: &'e Answer,
    pub found: &'e Answer,
    pub attempts: usize,
    /// The kind of difference that must stay, so that one mistake does not become another on the way.
    pub kind: String,
}

impl Shrinker<'_> {
    /// How the engines differ; `None` also where the set does not check.
    pub fn differ(&mut self, failing: &Failing) -> Option<Difference> {
        self.attempts = self.attempts.checked_sub(1)?;
        let set = sets::read(&failing.tree.to_string()).ok()?;
        let batch = failing.records.batch(&set);
        let Failing { as_of, how, .. } = *failing;
        let run = Run { set: &set, record: 0, as_of, how, params: &failing.params };
        let difference = compare::compare(&run, &batch, self.meant, self.found);
        difference.filter(|difference| difference.kind() == self.kind)
    }

    /// Takes a candidate if the engines still differ.
    fn take(&mut self, failing: &mut Failing, candidate: Failing) -> bool {
        let stays = self.differ(&candidate).is_some();
        if stays {
            *failing = candidate;
        }
        stays
    }

    /// The smallest that is found. `known` are the records as values, `row` one that is answered differently.
    pub fn shrink(&mut self, mut failing: Failing, known: Vec<Known>, row: Option<usize>) -> Failing {
        let plain = Failing { how: How::PLAIN, ..failing.clone() };
        self.take(&mut failing, plain);
        let plain = Failing { records: Records::Known(known), ..failing.clone() };
        self.take(&mut failing, plain);
        if let Some(row) = row.filter(|row| *row < failing.records.len()) {
            let alone = Failing { records: failing.records.only(&[row]), ..failing.clone() };
            self.take(&mut failing, alone);
        }
        for at in (0..failing.params.len()).rev() {
            let mut fewer = failing.clone();
            fewer.params.remove(at);
            self.take(&mut failing, fewer);
        }
        loop {
            let rows = self.fewer_records(&mut failing);
            let parts = self.smaller_tree(&mut failing);
            let values = self.plainer_values(&mut failing);
            if !(rows || parts || values) || self.attempts == 0 {
                return failing;
            }
        }
    }

    fn fewer_records(&mut self, failing: &mut Failing) -> bool {
        let mut any = false;
        let mut size = failing.records.len() / 2;
        while size > 0 {
            let mut start = 0;
            while start < failing.records.len() && failing.records.len() > 1 {
                let rows: Vec<usize> =
                    (0..failing.records.len()).filter(|row| *row < start || *row >= start + size).collect();
                let fewer = Failing { records: failing.records.only(&rows), ..failing.clone() };
                if self.take(failing, fewer) {
                    any = true;
                } else {
                    start += size;
                }
            }
            size /= 2;
        }
        any
    }

    fn smaller_tree(&mut self, failing: &mut Failing) -> bool {
        let mut any = false;
        let mut at = 0;
        let mut edits = edits(&failing.tree);
        while at < edits.len() && self.attempts > 0 {
            let candidate = edits[at].apply(&failing.tree).map(|tree| Failing { tree, ..failing.clone() });
            if candidate.is_some_and(|candidate| self.take(failing, candidate)) {
                any = true;
                edits = self::edits(&failing.tree);
            } else {
                at += 1;
            }
        }
        any
    }

    fn plainer_values(&mut self, failing: &mut Failing) -> bool {
        let mut any = false;
        let Records::Known(rows) = &failing.records else { return false };
        let places: Vec<(usize, String)> = rows
            .iter()
            .enumerate()
            .flat_map(|(row, known)| known.keys().map(move |name| (row, name.clone())))
            .collect();
        for (row, name) in places {
            let Records::Known(rows) = failing.records.clone() else { return any };
            let value = rows[row].get(&name).cloned();
            for plainer in value.iter().flat_map(plainer) {
                let mut rows = rows.clone();
                match plainer {
                    Some(value) => rows[row].insert(name.clone(), value),
                    None => rows[row].remove(&name),
                };
                let candidate = Failing { records: Records::Known(rows), ..failing.clone() };
                if self.take(failing, candidate) {
                    any = true;
                    break;
                }
            }
        }
        any
    }
}

/// Values that are plainer than this one, the plainest (none at all) first.
fn plainer(value: &Value) -> Vec<Option<Value>> {
    let plain: Vec<Value> = match value {
        Value::Bool(_) => vec![Value::Bool(false)],
        Value::Number(_) => [0, 1].map(|digit| Value::Number(Number::from_int(digit))).to_vec(),
        Value::Date(_) => vec![Value::Date(Date(18_262))],
        Value::Time(_) => vec![Value::Time(Date(18_262).midnight())],
        Value::Enum(_) => vec![Value::Enum(0)],
        Value::Text(_) => vec![Value::Text(Arc::from("a"))],
    };
    let size = |value: &Value| (format!("{value:?}").len(), value.clone());
    let smaller = plain.into_iter().filter(|other| size(other) < size(value));
    std::iter::once(None).chain(smaller.map(Some)).collect()
}

/// A change that makes a tree smaller.
enum Edit {
    /// Leaves out items of a list: the position of the part, the first item, how many.
    Drop { node: Path, part: usize, first: usize, count: usize },
    /// Puts another node in a node's place.
    Become { node: Path, other: Node },
}

impl Edit {
    /// The changed tree; `None` where the tree has no such place any more.
    fn apply(&self, tree: &Node) -> Option<Node> {
        let mut tree = tree.clone();
        match self {
            Edit::Drop { node, part, first, count } => {
                let Some(Part::List(list)) = tree.at_mut(node)?.parts.get_mut(*part) else { return None };
                if first + count > list.items.len() {
                    return None;
                }
                list.items.drain(*first..first + count);
            }
            Edit::Become { node, other } => *tree.at_mut(node)? = other.clone(),
        }
        Some(tree)
    }
}

/// Every change of a tree, those that leave out most first.
fn edits(tree: &Node) -> Vec<Edit> {
    let (mut drops, mut others) = (Vec::new(), Vec::new());
    tree.walk(&mut Vec::new(), &mut |node, path| {
        for (part, list) in node.parts.iter().enumerate() {
            if let Part::List(list) = list {
                let mut count = list.items.len() - list.least.min(list.items.len());
                while count > 0 {
                    let firsts = (0..=list.items.len() - count).step_by(count);
                    drops.extend(firsts.map(|first| Edit::Drop { node: path.clone(), part, first, count }));
                    count /= 2;
                }
            }
        }
        others.extend(stand_ins(node).into_iter().map(|other| Edit::Become { node: path.clone(), other }));
    });
    drops.sort_by_key(|edit| match edit {
        Edit::Drop { node, count, .. } => (node.len(), usize::MAX - count),
        Edit::Become { .. } => (0, 0),
    });
    drops.into_iter().chain(others).collect()
}

/// Shorter expressions of the same sort: plain literals, then parts of the expression itself.
fn stand_ins(node: &Node) -> Vec<Node> {
    let own = node.to_string();
    let shorter = |text: &str| (text.chars().count(), text) < (own.chars().count(), own.as_str());
    let mut found: Vec<Node> = sorts::plainest(node.sort)
        .into_iter()
        .filter(|text| shorter(text))
        .map(|text| Node { sort: node.sort, parts: vec![Part::Text(text)] })
        .collect();
    if node.sort != sorts::Sort::Piece {
        node.walk(&mut Vec::new(), &mut |inner, path| {
            if !path.is_empty() && inner.sort == node.sort && shorter(&inner.to_string()) {
                found.push(inner.clone());
            }
        });
    }
    found
}
