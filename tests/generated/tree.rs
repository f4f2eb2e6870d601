//! The text of a policy as a tree, so that it can be made smaller without being read again.

use std::fmt::{self, Display};

use super::sorts::Sort;

/// A piece of text of one sort. Pieces of one sort may stand for each other.
#[derive(Debug, Clone)]
pub struct Node {
    pub sort: Sort,
    pub parts: Vec<Part>,
}

#[derive(Debug, Clone)]
pub enum Part {
    Text(String),
    Node(Node),
    List(List),
}

/// Pieces of which some may be left out.
#[derive(Debug, Clone)]
pub struct List {
    pub items: Vec<Node>,
    /// How many must stay.
    pub least: usize,
    pub between: &'static str,
}

/// Makes a node of a sort out of texts, nodes and lists.
#[macro_export]
macro_rules! node {
    ($sort:expr; $($part:expr),* $(,)?) => {
        $crate::tree::Node { sort: $sort, parts: vec![$($crate::tree::Part::from($part)),*] }
    };
}

impl List {
    pub fn new(items: Vec<Node>, least: usize, between: &'static str) -> List {
        List { items, least, between }
    }

    /// A piece that may be left out.
    pub fn maybe(item: Option<Node>) -> List {
        List::new(item.into_iter().collect(), 0, "")
    }
}

impl From<&str> for Part {
    fn from(text: &str) -> Part {
        Part::Text(text.to_owned())
    }
}

impl From<String> for Part {
    fn from(text: String) -> Part {
        Part::Text(text)
    }
}

impl From<Node> for Part {
    fn from(node: Node) -> Part {
        Part::Node(node)
    }
}

impl From<List> for Part {
    fn from(list: List) -> Part {
        Part::List(list)
    }
}

impl Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.parts {
            match part {
                Part::Text(text) => f.write_str(text)?,
                Part::Node(node) => node.fmt(f)?,
                Part::List(list) => {
                    for (at, item) in list.items.iter().enumerate() {
                        f.write_str(if at > 0 { list.between } else { "" })?;
                        item.fmt(f)?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// The way from a node to one below it: positions among the children of each.
pub type Path = Vec<usize>;

impl Node {
    pub fn children(&self) -> impl Iterator<Item = &Node> {
        self.parts.iter().flat_map(|part| match part {
            Part::Text(_) => &[],
            Part::Node(node) => std::slice::from_ref(node),
            Part::List(list) => list.items.as_slice(),
        })
    }

    fn children_mut(&mut self) -> impl Iterator<Item = &mut Node> {
        self.parts.iter_mut().flat_map(|part| match part {
            Part::Text(_) => &mut [],
            Part::Node(node) => std::slice::from_mut(node),
            Part::List(list) => list.items.as_mut_slice(),
        })
    }

    pub fn at_mut(&mut self, path: &[usize]) -> Option<&mut Node> {
        match path.split_first() {
            None => Some(self),
            Some((first, rest)) => self.children_mut().nth(*first)?.at_mut(rest),
        }
    }

    /// Calls `visit` with every node, outermost first, and the way to it.
    pub fn walk<'n>(&'n self, path: &mut Path, visit: &mut dyn FnMut(&'n Node, &Path)) {
        visit(self, path);
        for (at, child) in self.children().enumerate() {
            path.push(at);
            child.walk(path, visit);
            path.pop();
        }
    }
}
