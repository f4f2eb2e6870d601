//! Makes a policy and its records smaller while two engines still differ on them: without measures, conditions,
//! rows and parts of expressions, and with fewer records of fewer fields.

use std::sync::Arc;

use pol::value::{Date, Number, Value};

use super::compare::{self, Difference};
use super::engines::{Answer, How, Run};
use super::population::{self, Known, Rows, Table};
use super::sets;
use super::sorts;
use super::tree::{Node, Part, Path};

/// A policy and records on which engines differ.
#[derive(Clone)]
pub struct Failing {
    pub tree: Node,
    /// The records of each kind.
    pub tables: Vec<Table>,
    pub as_of: Date,
    pub how: How,
    pub params: Vec<(String, Value)>,
}

impl Failing {
    /// With other records of one kind.
    fn with(&self, at: usize, table: Table) -> Failing {
        let mut other = self.clone();
        other.tables[at] = table;
        other
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
        let tables = population::batches(&set.program, &failing.tables);
        let run = Run { set: &set, as_of: failing.as_of, how: failing.how, params: &failing.params };
        let difference = compare::compare(&run, &tables, self.meant, self.found);
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

    /// The smallest that is found. `known` are the records as values; `row` is one of those at a position that
    /// is answered differently.
    pub fn shrink(
        &mut self,
        mut failing: Failing,
        known: Vec<Table>,
        row: Option<(usize, usize)>,
    ) -> Failing {
        self.plainer_run(&mut failing);
        let plain = Failing { tables: known, ..failing.clone() };
        self.take(&mut failing, plain);
        if let Some((at, row)) = row.filter(|(at, row)| *row < failing.tables[*at].len()) {
            let alone = failing.with(at, failing.tables[at].only(&[row]));
            self.take(&mut failing, alone);
        }
        for at in (0..failing.params.len()).rev() {
            let mut fewer = failing.clone();
            fewer.params.remove(at);
            self.take(&mut failing, fewer);
        }
        loop {
            let rows = self.fewer_records(&mut failing);
            let run = self.plainer_run(&mut failing);
            let parts = self.smaller_tree(&mut failing);
            let values = self.plainer_values(&mut failing);
            if !(rows || run || parts || values) || self.attempts == 0 {
                return failing;
            }
        }
    }

    fn plainer_run(&mut self, failing: &mut Failing) -> bool {
        let plainer = failing.how.plainer().into_iter();
        plainer.filter(|how| self.take(failing, Failing { how: *how, ..failing.clone() })).count() > 0
    }

    fn fewer_records(&mut self, failing: &mut Failing) -> bool {
        let mut any = false;
        for at in (0..failing.tables.len()).rev() {
            let mut fewer = failing.clone();
            fewer.tables.remove(at);
            any |= failing.tables.len() > 1 && self.take(failing, fewer);
        }
        for at in 0..failing.tables.len() {
            let mut size = failing.tables[at].len().div_ceil(2);
            while size > 0 {
                any |= self.fewer_by(failing, at, size);
                size /= 2;
            }
        }
        any
    }

    /// Leaves out so many records of a kind at a time.
    fn fewer_by(&mut self, failing: &mut Failing, at: usize, size: usize) -> bool {
        let (mut any, mut start) = (false, 0);
        while start < failing.tables[at].len() && self.attempts > 0 {
            let all = 0..failing.tables[at].len();
            let rows: Vec<usize> = all.filter(|row| *row < start || *row >= start + size).collect();
            let fewer = failing.with(at, failing.tables[at].only(&rows));
            if self.take(failing, fewer) {
                any = true;
            } else {
                start += size;
            }
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
        for at in 0..failing.tables.len() {
            let rows = failing.tables[at].known().iter().enumerate();
            let places: Vec<(usize, String)> =
                rows.flat_map(|(row, known)| known.keys().map(move |name| (row, name.clone()))).collect();
            for (row, name) in places {
                any |= self.plainer_value(failing, at, row, &name);
            }
        }
        any
    }

    fn plainer_value(&mut self, failing: &mut Failing, at: usize, row: usize, name: &str) -> bool {
        let rows: Vec<Known> = failing.tables[at].known().to_vec();
        let Some(value) = rows[row].get(name) else { return false };
        plainer(value).into_iter().any(|plainer| {
            let mut rows = rows.clone();
            match plainer {
                Some(value) => rows[row].insert(name.to_owned(), value),
                None => rows[row].remove(name),
            };
            let kind = failing.tables[at].kind.clone();
            let candidate = failing.with(at, Table { kind, rows: Rows::Known(rows) });
            self.take(failing, candidate)
        })
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
