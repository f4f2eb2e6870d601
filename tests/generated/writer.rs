//! Writes policies at random: what has been declared so far, and the simple expressions over it.

use super::kinds::Kind;
use super::measures::Head;
use super::random::Random;
use super::sorts::{self, Sort, Unit};
use super::tree::{List, Node};
use crate::node;

/// A field, param, define or `let` that an expression may name.
#[derive(Debug, Clone)]
pub struct Name {
    pub text: String,
    pub sort: Sort,
    /// Known to have no fraction.
    pub whole: bool,
    pub of: NameOf,
    /// The kind of record on which it has a value; `None` for all of them.
    pub on: Option<usize>,
    /// Looks at other records, itself or through another.
    pub across: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameOf {
    Field,
    Param,
    Define,
    Let,
    /// What the record that one belongs to has.
    Related,
}

/// A decision table that was declared.
#[derive(Debug, Clone)]
pub struct TableHead {
    pub name: String,
    pub inputs: Vec<Sort>,
    pub output: Sort,
}

/// What expressions may use, and the stream that decides.
pub struct Writer<'r> {
    pub random: &'r mut Random,
    /// How many variants each enum has.
    pub enums: Vec<usize>,
    pub kinds: Vec<Kind>,
    /// The kind of record that expressions are on.
    pub at: usize,
    pub names: Vec<Name>,
    pub tables: Vec<TableHead>,
    pub lists: Vec<String>,
    pub calendars: Vec<String>,
    pub heads: Vec<Head>,
    /// Whether an expression may look at other records here.
    pub across: bool,
    /// What was just written looks at other records.
    pub looked: bool,
    /// Inside a value across records, where no `let` is known.
    pub inside: bool,
    /// Whether amounts are such as a budget can give.
    pub exact: bool,
    /// Whether the header says what amounts are rounded to.
    pub rounding: bool,
    /// Whether the header says what 31 January + 1 month is.
    pub day_rule: bool,
}

impl<'r> Writer<'r> {
    pub fn new(random: &'r mut Random, kinds: Vec<Kind>) -> Writer<'r> {
        let rounding = random.chance(85);
        let day_rule = random.chance(85);
        let enums = random.below(4);
        let enums = (0..enums).map(|_| *random.pick(&[1, 2, 2, 5, 5, 5, 20, 20, 70, 70, 200])).collect();
        Writer {
            random,
            enums,
            kinds,
            at: 0,
            names: Vec::new(),
            tables: Vec::new(),
            lists: Vec::new(),
            calendars: Vec::new(),
            heads: Vec::new(),
            across: false,
            looked: false,
            inside: false,
            exact: false,
            rounding,
            day_rule,
        }
    }

    /// Declares a name.
    pub fn declare(&mut self, text: &str, sort: Sort, of: NameOf) -> &mut Name {
        let on = if of == NameOf::Param { None } else { Some(self.at) };
        self.names.push(Name { text: text.to_owned(), sort, whole: false, of, on, across: false });
        self.names.last_mut().expect("it was just declared")
    }

    pub fn any_sort(&mut self) -> Sort {
        match self.random.below(12) {
            0 | 1 => Sort::Bool,
            2 => Sort::Text,
            3 => Sort::Date,
            4 => Sort::Time,
            5 | 6 if !self.enums.is_empty() => Sort::Enum(self.random.below(self.enums.len())),
            _ => Sort::Number(*self.random.pick(&sorts::UNITS)),
        }
    }

    pub fn ordered_sort(&mut self) -> Sort {
        match self.random.below(8) {
            0 => Sort::Date,
            1 => Sort::Time,
            _ => Sort::Number(*self.random.pick(&sorts::UNITS)),
        }
    }

    /// Names of a sort that may stand here.
    fn usable(&self, fits: impl Fn(&Name) -> bool) -> Vec<Name> {
        let here = |name: &&Name| {
            let known = name.on.is_none_or(|on| on == self.at) && !(self.inside && name.of == NameOf::Let);
            fits(name) && known && (self.across || !name.across)
        };
        self.names.iter().filter(here).cloned().collect()
    }

    /// Some name, or `None` where there is none that fits.
    pub fn name(&mut self, fits: impl Fn(&Name) -> bool) -> Option<Node> {
        let list = self.usable(fits);
        let name = self.random.maybe(&list)?;
        self.looked |= name.across;
        Some(node!(name.sort; name.text.as_str()))
    }

    /// A sort that some field or param has, so that expressions are about something.
    pub fn sort_in_use(&mut self, fits: impl Fn(Sort) -> bool) -> Option<Sort> {
        let list = self.usable(|name| fits(name.sort));
        self.random.maybe(&list).map(|name| name.sort)
    }

    pub fn literal(&mut self, sort: Sort) -> Node {
        node!(sort; sorts::literal(self.random, sort, &self.enums))
    }

    /// A name where there is one, mostly; a literal otherwise.
    pub fn leaf(&mut self, sort: Sort) -> Node {
        let named = if self.random.chance(80) { self.name(|name| name.sort == sort) } else { None };
        named.unwrap_or_else(|| self.literal(sort))
    }

    /// What is not known before a record is: a name, or something made of one where there is none.
    pub fn open(&mut self, sort: Sort, depth: usize) -> Node {
        match self.name(|name| name.sort == sort) {
            Some(name) if depth == 0 || self.random.chance(70) => name,
            _ => self.expr(sort, depth),
        }
    }

    pub fn expr(&mut self, sort: Sort, depth: usize) -> Node {
        if depth == 0 || self.random.chance(20) {
            return self.leaf(sort);
        }
        if self.random.chance(22) {
            return self.choice(sort, depth - 1);
        }
        match sort {
            Sort::Bool => self.condition(depth),
            Sort::Number(unit) => self.number(unit, depth),
            Sort::Date => self.date(depth),
            Sort::Time => self.time(depth),
            Sort::Text | Sort::Enum(_) | Sort::Piece | Sort::Pattern => self.leaf(sort),
        }
    }

    /// One of several values of a sort, whatever the sort.
    fn choice(&mut self, sort: Sort, depth: usize) -> Node {
        let tables: Vec<TableHead> =
            self.tables.iter().filter(|table| table.output == sort).cloned().collect();
        if let Some(table) = self.random.maybe(&tables).cloned()
            && self.random.chance(60)
        {
            return self.call(&table, depth);
        }
        match self.random.below(4) {
            0 if !self.enums.is_empty() => self.matching(sort, depth),
            1 => {
                let value = self.open(sort, depth);
                node!(sort; "(", value, " otherwise ", self.expr(sort, depth), ")")
            }
            _ => {
                let when = self.expr(Sort::Bool, depth);
                let (then, other) = (self.expr(sort, depth), self.expr(sort, depth));
                node!(sort; "(if ", when, " then ", then, " else ", other, ")")
            }
        }
    }

    pub fn call(&mut self, table: &TableHead, depth: usize) -> Node {
        let mut parts: Vec<super::tree::Part> = vec![format!("{}(", table.name).into()];
        for (at, input) in table.inputs.iter().enumerate() {
            parts.extend((at > 0).then(|| ", ".into()));
            parts.push(self.open(*input, depth.min(1)).into());
        }
        parts.push(")".into());
        Node { sort: table.output, parts }
    }

    fn matching(&mut self, sort: Sort, depth: usize) -> Node {
        let on = self.enum_in_use();
        let count = self.enums[on];
        let mut variants: Vec<usize> = (0..count).collect();
        self.random.shuffle(&mut variants);
        let arms = self.random.below(count.min(5)) + 1;
        let subject = self.open(Sort::Enum(on), depth);
        let mut all = Vec::with_capacity(arms);
        for arm in 0..arms {
            let last = arm + 1 == arms;
            let spare = variants.len() - (arms - arm - 1);
            let taken = if last { variants.len() } else { 1 + self.random.below(spare) };
            let named: Vec<Node> =
                variants.drain(..taken).map(|at| node!(Sort::Piece; format!("e{on}v{at}"))).collect();
            let rest = last && (named.len() > 6 || self.random.chance(50));
            let pattern = match rest {
                true => node!(Sort::Piece; "else"),
                false => node!(Sort::Pattern; List::new(named, 1, ", ")),
            };
            all.push(node!(Sort::Piece; pattern, " => ", self.expr(sort, depth.min(1))));
        }
        node!(sort; "(match ", subject, " { ", List::new(all, 1, " "), " })")
    }

    /// An enum that a field has, where one does.
    pub fn enum_in_use(&mut self) -> usize {
        match self.sort_in_use(|sort| matches!(sort, Sort::Enum(_))) {
            Some(Sort::Enum(at)) => at,
            _ => self.random.below(self.enums.len()),
        }
    }

    /// A number without a fraction, as dates and periods take it.
    pub fn whole(&mut self, unit: Unit, depth: usize) -> Node {
        let sort = Sort::Number(unit);
        match self.random.below(if depth == 0 { 5 } else { 10 }) {
            0..=3 => {
                let named = self.name(|name| name.sort == sort && name.whole);
                named.unwrap_or_else(|| self.small(unit))
            }
            4 => self.small(unit),
            5 => {
                let (a, b) = (self.whole(unit, depth - 1), self.whole(unit, depth - 1));
                let name = *self.random.pick(&["min", "max"]);
                node!(sort; name, "(", a, ", ", b, ")")
            }
            6 => {
                let (a, b) = (self.whole(unit, depth - 1), self.whole(unit, depth - 1));
                node!(sort; "(", a, *self.random.pick(&[" + ", " - "]), b, ")")
            }
            7 if unit == Unit::Days => {
                let (a, b) = (self.expr(Sort::Date, depth - 1), self.expr(Sort::Date, depth - 1));
                node!(sort; "(", a, " - ", b, ")")
            }
            _ => {
                let value = self.expr(sort, depth - 1);
                let step = format!("{}{}", self.random.pick(&[1, 1, 2, 30]), unit.words()[0]);
                self.rounded(value, &step)
            }
        }
    }

    /// A whole literal of few digits.
    pub fn small(&mut self, unit: Unit) -> Node {
        let digits = self.random.below(40);
        node!(Sort::Number(unit); format!("{digits}{}", unit.words()[0]))
    }

    pub fn rounded(&mut self, value: Node, step: &str) -> Node {
        let mode = *self.random.pick(&["half_up", "half_even", "up", "down", "四舍五入"]);
        node!(value.sort; "round(", value, format!(", {mode}, to: {step})"))
    }

    /// A step that numbers of a unit may be rounded to.
    pub fn step(&mut self, unit: Unit) -> &'static str {
        let steps: &[&str] = match unit {
            Unit::Plain => &["1", "0.1", "10", "0.25", "7"],
            Unit::People => &["1人", "10人"],
            Unit::PerHead => &["1元/人", "0.01元/人"],
            Unit::Money => &["1分", "1元", "100元", "0.05元", "1万元", "3元"],
            Unit::Dollars => &["0.01美元", "1美元", "1000美元"],
            Unit::Rate => &["0.01%", "1%", "5%", "1‰"],
            Unit::Points => &["0.01pp", "1pp"],
            Unit::Days => &["1天", "7天"],
            Unit::Months => &["1个月", "12个月"],
            Unit::Hours => &["1小时", "0.5小时"],
            Unit::Tons => &["1吨", "0.001吨", "5公斤"],
        };
        let at = self.random.below(steps.len());
        steps[at]
    }
}
