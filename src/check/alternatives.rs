//! Looks at conditions that stand beside each other: alternatives that overlap or leave a gap, conditions that
//! always or never hold, rows of a decision table.

use std::collections::BTreeMap;

use super::checker::Checker;
use super::logic::{self, Alternatives, Conjunction, Constraint, Reader};
use super::typed::*;
use crate::diag::{Diagnostic, codes};
use crate::value::{Value, VariantSet};

/// Alternatives of one choice beyond this are left to the run.
const MAX_BRANCHES: usize = 200;
/// Steps of the search for a gap in a table, after which it is left to the run.
const GAP_BUDGET: usize = 200_000;

impl Checker<'_> {
    /// Proves that alternatives exclude each other, or reports that they overlap or leave a gap.
    pub(super) fn choice_logic(&mut self, lets: &[Let], choice: &mut Choice) {
        if choice.branches.len() > MAX_BRANCHES {
            return;
        }
        let mut reader = Reader::new(&self.program, self.sources, lets);
        let tests: Vec<Alternatives> = choice
            .branches
            .iter()
            .filter_map(|branch| branch.when.as_ref())
            .map(|test| reader.read(test, true))
            .collect();
        let mut problems = Vec::new();
        if choice.kind == ChoiceKind::OneOf {
            choice.exclusive = true;
            for (at, first) in tests.iter().enumerate() {
                for (offset, second) in tests[at + 1..].iter().enumerate() {
                    if reader.exclude(first, second) {
                        continue;
                    }
                    choice.exclusive = false;
                    let (a, b) = (&choice.branches[at], &choice.branches[at + 1 + offset]);
                    let mut given = Reader::new(&self.program, self.sources, lets);
                    given.params_as_given = true;
                    let read = |given: &mut Reader<'_>, branch: &Branch| {
                        branch.when.as_ref().and_then(|test| given.read(test, true))
                    };
                    let (first, second) = (read(&mut given, a), read(&mut given, b));
                    if let Some(both) = given.overlap(&first, &second) {
                        problems.push(overlap(a, b, &given.describe(&both)));
                    }
                }
            }
        }
        let closed = choice.branches.iter().any(|branch| branch.when.is_none() || branch.refuse);
        if !closed {
            let misses = choice
                .branches
                .iter()
                .filter_map(|branch| branch.when.as_ref())
                .map(|test| reader.read(test, false));
            let gap = misses.fold(Some(vec![Conjunction::default()]), product_of);
            let certain = gap.iter().flatten().find(|conjunction| reader.certain(conjunction));
            if let Some(conjunction) = certain {
                problems.push(gap_note(choice, &reader.describe(conjunction)));
            }
        }
        self.problems.extend(problems);
    }

    /// Conditions that always or never hold, one by one and all together.
    pub(super) fn constant_conditions(&mut self, measure: &Measure) {
        let mut reader = Reader::new(&self.program, self.sources, &measure.lets);
        let mut problems = Vec::new();
        // The alternatives of a duty or target are made of its checks.
        let choice = measure.choice.iter().filter(|_| measure.kind == MeasureKind::Measure);
        let branches = choice.flat_map(|choice| &choice.branches).filter_map(|branch| branch.when.as_ref());
        let conditions = measure.requires.iter().chain(&measure.excepts).chain(&measure.checks);
        let conditions = conditions.map(|condition| &condition.test);
        for test in conditions.chain(branches) {
            constant_parts(&mut reader, test, &mut problems);
        }
        if problems.is_empty() && measure.requires.len() > 1 {
            let start = Some(vec![Conjunction::default()]);
            let all = measure.requires.iter().fold(start, |so_far, condition| {
                let next = reader.read(&condition.test, true);
                product_of(so_far, next)
            });
            if reader.impossible(&all) {
                problems.push(
                    Diagnostic::new(
                        &codes::NEVER_TRUE,
                        measure.head.span,
                        format!(
                            "nobody can ever get `{}`: its conditions contradict each other",
                            measure.head.name
                        ),
                    )
                    .at("its conditions cannot hold together")
                    .also(measure.requires[0].span, "the first of them")
                    .note("a bound may be the wrong way round, or some of them are alternatives: join those by `or`"),
                );
            }
        }
        self.problems.extend(problems);
    }

    /// What can be proved of a decision table, and what is wrong with its rows.
    pub(super) fn table_logic(&mut self, table: &mut Table) {
        let pairs = Buckets::new(table);
        let mut problems = Vec::new();
        table.exclusive = true;
        pairs.each_pair(table.rows.len(), |first, second| {
            let (a, b) = (&table.rows[first], &table.rows[second]);
            match table.hit {
                Hit::Unique if rows_meet(table, a, b) => {
                    table_overlap(&mut problems, a, b);
                    false
                }
                Hit::First if row_covers(a, b) => {
                    problems.push(
                        Diagnostic::new(&codes::ROW_UNREACHABLE, b.span, "this row never decides")
                            .at("never reached")
                            .also(a.span, "this row fits whenever it would")
                            .note("put the narrower row first, or delete one of the two"),
                    );
                    false
                }
                _ => true,
            }
        });
        let overlapping = problems.iter().any(|problem| problem.code == &codes::ROWS_OVERLAP);
        table.exclusive = table.hit == Hit::Unique && !overlapping;
        let mut search = GapSearch { table, program: &self.program, budget: GAP_BUDGET, path: Vec::new() };
        let all: Vec<usize> = (0..table.rows.len()).collect();
        match search.gap(&all, 0) {
            Some(false) => table.complete = true,
            Some(true) => {
                let path = search.path.join(", ");
                problems.push(
                    Diagnostic::new(
                        &codes::ROWS_GAP,
                        table.head.span,
                        format!("no row of `{}` fits {path}", table.head.name),
                    )
                    .at("the table leaves this out")
                    .note("add a row for it; a last row of `-` cells with `hit first` takes all the rest"),
                );
            }
            None => {}
        }
        self.problems.extend(problems);
    }
}

fn product_of(a: Alternatives, b: Alternatives) -> Alternatives {
    let (a, b) = (a?, b?);
    let list: Vec<Conjunction> = a
        .iter()
        .flat_map(|left| b.iter().map(move |right| logic::both(left, right)))
        .filter(|conjunction| !conjunction.constraints.values().any(logic::empty))
        .collect();
    (list.len() <= 4096).then_some(list)
}

fn overlap(a: &Branch, b: &Branch, both: &str) -> Diagnostic {
    Diagnostic::new(&codes::OVERLAP, b.span, format!("`{}` and `{}` can hold at once", a.name, b.name))
        .at(format!("holds where {both}"))
        .also(a.span, "and so does this one")
        .note("alternatives of `one of` exclude each other: move a bound so that they do not meet, or use `first of` if the first is to win")
}

fn gap_note(choice: &Choice, left: &str) -> Diagnostic {
    let (first, last) = (&choice.branches[0], &choice.branches[choice.branches.len() - 1]);
    Diagnostic::new(&codes::GAP, first.span.to(last.span), format!("no alternative holds where {left}"))
        .at("a record that fits none is refused")
        .note("if that is meant, say so: `rest \"…\": else => refuse`")
}

fn constant_parts(reader: &mut Reader<'_>, test: &Expr, problems: &mut Vec<Diagnostic>) {
    let (holds, fails) = (reader.read(test, true), reader.read(test, false));
    if reader.impossible(&holds) {
        problems.push(constant(reader, test, &codes::NEVER_TRUE, "can never hold"));
    } else if reader.impossible(&fails) {
        problems.push(constant(reader, test, &codes::ALWAYS_TRUE, "always holds"));
    } else {
        match &test.kind {
            ExprKind::All(parts) | ExprKind::Any(parts) => {
                parts.iter().for_each(|part| constant_parts(reader, part, problems))
            }
            ExprKind::Not(inner) => constant_parts(reader, inner, problems),
            _ => {}
        }
    }
}

fn constant(reader: &Reader<'_>, test: &Expr, code: &'static crate::diag::Code, what: &str) -> Diagnostic {
    let words: String = reader.sources.text(test.span).split_whitespace().collect::<Vec<_>>().join(" ");
    let mut problem =
        Diagnostic::new(code, test.span, format!("`{}` {what}", shortened(&words))).at(what.to_owned());
    if let ExprKind::Compare(_, left, _) | ExprKind::Between { value: left, .. } = &test.kind {
        let show = |bound: &Option<crate::value::Number>| {
            let value = match left.ty {
                Type::Date => {
                    Value::Date(crate::value::Date::from_days(bound.as_ref()?.to_scaled(0)? as i64)?)
                }
                _ => Value::Number(bound.clone()?),
            };
            Some(super::show::show_value(reader.program, &left.ty, &value, super::show::Language::English))
        };
        if let (Some(low), Some(high)) = (show(&left.range.low), show(&left.range.high)) {
            problem = problem.note(format!("the value before it is between {low} and {high}"));
        }
    }
    if matches!(test.kind, ExprKind::All(_)) && code == &codes::NEVER_TRUE {
        return problem
            .note("its parts contradict each other; is `or` meant, or a bound the other way round?");
    }
    problem.note("if the document says so, the range of the field may be wrong; if not, the condition is")
}

fn shortened(words: &str) -> String {
    if words.chars().count() <= 60 {
        words.to_owned()
    } else {
        format!("{}…", words.chars().take(59).collect::<String>())
    }
}

/// Rows by the values of their most telling column, so that only rows that may meet are compared.
struct Buckets {
    by_value: BTreeMap<Value, Vec<usize>>,
    loose: Vec<usize>,
}

impl Buckets {
    fn new(table: &Table) -> Buckets {
        let listed = |cell: &Cell| matches!(cell, Cell::Variants(_) | Cell::Values(_));
        let column = (0..table.inputs.len())
            .max_by_key(|column| table.rows.iter().filter(|row| listed(&row.cells[*column])).count());
        let mut buckets = Buckets { by_value: BTreeMap::new(), loose: Vec::new() };
        for (at, row) in table.rows.iter().enumerate() {
            match column.map(|column| &row.cells[column]) {
                Some(Cell::Variants(set)) => {
                    set.iter().for_each(|variant| {
                        buckets.by_value.entry(Value::Enum(variant)).or_default().push(at)
                    });
                }
                Some(Cell::Values(values)) => {
                    values
                        .iter()
                        .for_each(|value| buckets.by_value.entry(value.clone()).or_default().push(at));
                }
                _ => buckets.loose.push(at),
            }
        }
        buckets
    }

    /// Calls `look(earlier, later)` for rows that may meet, until it answers `false` for a later row.
    fn each_pair(&self, rows: usize, mut look: impl FnMut(usize, usize) -> bool) {
        let mut done = vec![false; rows];
        let mut visit = |list: &[usize], others: &[usize]| {
            for (at, &first) in list.iter().enumerate() {
                for &second in list[at + 1..].iter().chain(others) {
                    let (a, b) = (first.min(second), first.max(second));
                    if a != b && !done[b] && !look(a, b) {
                        done[b] = true;
                    }
                }
            }
        };
        visit(&self.loose, &[]);
        self.by_value.values().for_each(|bucket| visit(bucket, &self.loose));
    }
}

fn constraint(cell: &Cell) -> Option<Constraint> {
    let edge = |edge: &Option<(Value, bool)>| {
        edge.as_ref().and_then(|(value, included)| Some((logic::position(value)?, *included)))
    };
    match cell {
        Cell::Any => None,
        Cell::Variants(set) => Some(Constraint::Variants(*set)),
        Cell::Values(_) => None,
        Cell::Range { low, high } => Some(Constraint::Between { low: edge(low), high: edge(high) }),
    }
}

fn rows_meet(table: &Table, a: &TableRow, b: &TableRow) -> bool {
    a.cells.iter().zip(&b.cells).zip(&table.inputs).all(|((x, y), input)| cells_meet(x, y, input.whole))
}

fn cells_meet(x: &Cell, y: &Cell, whole: bool) -> bool {
    match (x, y) {
        (Cell::Any, _) | (_, Cell::Any) => true,
        (Cell::Values(a), Cell::Values(b)) => a.iter().any(|value| b.contains(value)),
        (Cell::Values(values), other) | (other, Cell::Values(values)) => {
            values.iter().any(|value| fits(other, value))
        }
        _ => match (constraint(x), constraint(y)) {
            (Some(a), Some(b)) => !logic::empty(&logic::whole_edges(logic::meet(&a, &b), whole)),
            _ => true,
        },
    }
}

/// Whether a cell takes a value.
pub(super) fn fits(cell: &Cell, value: &Value) -> bool {
    match (cell, value) {
        (Cell::Any, _) => true,
        (Cell::Variants(set), Value::Enum(at)) => set.contains(*at),
        (Cell::Values(values), value) => values.contains(value),
        (Cell::Range { low, high }, value) => {
            low.as_ref().is_none_or(|(low, included)| low < value || (*included && low == value))
                && high.as_ref().is_none_or(|(high, included)| value < high || (*included && value == high))
        }
        _ => false,
    }
}

/// Whether the first row fits whatever the second fits.
fn row_covers(a: &TableRow, b: &TableRow) -> bool {
    a.cells.iter().zip(&b.cells).all(|(wide, narrow)| match (wide, narrow) {
        (Cell::Any, _) => true,
        (_, Cell::Values(values)) => values.iter().all(|value| fits(wide, value)),
        (Cell::Variants(a), Cell::Variants(b)) => b.is_subset(*a),
        (Cell::Range { low: a, high: b }, Cell::Range { low: c, high: d }) => {
            let low = match (a, c) {
                (None, _) => true,
                (Some(_), None) => false,
                (Some((wide, included)), Some((narrow, inner))) => {
                    wide < narrow || (wide == narrow && (*included || !*inner))
                }
            };
            let high = match (b, d) {
                (None, _) => true,
                (Some(_), None) => false,
                (Some((wide, included)), Some((narrow, inner))) => {
                    narrow < wide || (wide == narrow && (*included || !*inner))
                }
            };
            low && high
        }
        _ => false,
    })
}

fn table_overlap(problems: &mut Vec<Diagnostic>, a: &TableRow, b: &TableRow) {
    problems.push(
        Diagnostic::new(&codes::ROWS_OVERLAP, b.span, "two rows of the table can fit at once")
            .at("fits together with the other row")
            .also(a.span, "the other row")
            .note("narrow one of them, or use `hit first` if the upper one is to win"),
    );
}

/// Looks for inputs that no row fits, column by column over the regions that the cells cut.
struct GapSearch<'a> {
    table: &'a Table,
    program: &'a Program,
    budget: usize,
    path: Vec<String>,
}

impl GapSearch<'_> {
    /// `None`: the budget ran out.
    fn gap(&mut self, rows: &[usize], column: usize) -> Option<bool> {
        if rows.is_empty() {
            return Some(true);
        }
        let any = |row: &usize| self.table.rows[*row].cells[column..].iter().all(|cell| *cell == Cell::Any);
        if rows.iter().any(any) {
            return Some(false);
        }
        for (sample, words) in self.regions(rows, column) {
            self.budget = self.budget.checked_sub(rows.len() + 1)?;
            let left: Vec<usize> = rows
                .iter()
                .copied()
                .filter(|row| match &sample {
                    Some(value) => fits(&self.table.rows[*row].cells[column], value),
                    None => self.table.rows[*row].cells[column] == Cell::Any,
                })
                .collect();
            self.path.push(words);
            if self.gap(&left, column + 1)? {
                return Some(true);
            }
            self.path.pop();
        }
        Some(false)
    }

    /// A value of each region into which the cells cut the column, in words; `None` for a value that no cell names.
    fn regions(&self, rows: &[usize], column: usize) -> Vec<(Option<Value>, String)> {
        let input = &self.table.inputs[column];
        let words = |value: &Value, program: &Program| {
            format!(
                "{} = {}",
                input.name,
                super::show::show_value(program, &input.ty, value, super::show::Language::English)
            )
        };
        let program = self.program;
        match &input.ty {
            Type::Enum(id) => {
                let all: VariantSet = program.enums[id.index()].all();
                all.iter().map(|at| (Some(Value::Enum(at)), words(&Value::Enum(at), program))).collect()
            }
            Type::Bool => [true, false]
                .map(|value| (Some(Value::Bool(value)), words(&Value::Bool(value), program)))
                .to_vec(),
            Type::Text => {
                let mut values: Vec<Value> = rows
                    .iter()
                    .flat_map(|row| match &self.table.rows[*row].cells[column] {
                        Cell::Values(values) => values.clone(),
                        _ => Vec::new(),
                    })
                    .collect();
                values.sort();
                values.dedup();
                let named = values.into_iter().map(|value| {
                    let words = words(&value, program);
                    (Some(value), words)
                });
                named.chain(std::iter::once((None, format!("{} = anything else", input.name)))).collect()
            }
            Type::Number(_) | Type::Date | Type::Time => self.line_regions(rows, column, program),
        }
    }

    /// Each named point of a line, and a point between each two and beyond the ends.
    fn line_regions(&self, rows: &[usize], column: usize, program: &Program) -> Vec<(Option<Value>, String)> {
        let input = &self.table.inputs[column];
        let mut points: Vec<Value> = Vec::new();
        for row in rows {
            match &self.table.rows[*row].cells[column] {
                Cell::Values(values) => points.extend(values.iter().cloned()),
                Cell::Range { low, high } => {
                    points.extend(low.iter().chain(high).map(|(value, _)| value.clone()))
                }
                _ => {}
            }
        }
        points.sort();
        points.dedup();
        let mut samples: Vec<Value> = Vec::new();
        for (at, point) in points.iter().enumerate() {
            if at == 0 {
                samples.extend(neighbour(point, None, input.low.as_ref()));
            }
            samples.push(point.clone());
            samples.extend(
                neighbour(point, Some(points.get(at + 1)), None)
                    .filter(|value| !input.whole || is_whole(value)),
            );
        }
        if samples.is_empty() {
            return vec![(None, format!("{} = anything", input.name))];
        }
        let words = |value: &Value| {
            format!(
                "{} = {}",
                input.name,
                super::show::show_value(program, &input.ty, value, super::show::Language::English)
            )
        };
        samples.into_iter().map(|value| (Some(value.clone()), words(&value))).collect()
    }
}

fn is_whole(value: &Value) -> bool {
    !matches!(value, Value::Number(number) if !number.is_integer())
}

/// A value below `point` (`next` is `None`, not below `least`), or above it and below the next one.
fn neighbour(
    point: &Value,
    next: Option<Option<&Value>>,
    least: Option<&crate::value::Number>,
) -> Option<Value> {
    use crate::value::{Date, Number, Time};
    match point {
        Value::Number(at) => match next {
            None => {
                let below = at.sub(&Number::ONE);
                least.is_none_or(|least| *least <= below).then_some(Value::Number(below))
            }
            Some(None) => Some(Value::Number(at.add(&Number::ONE))),
            Some(Some(Value::Number(next))) => Some(Value::Number(at.add(next).mul(&Number::ratio(1, 2)))),
            _ => None,
        },
        Value::Date(at) => match next {
            None => at.add_days(-1).map(Value::Date),
            Some(None) => at.add_days(1).map(Value::Date),
            Some(Some(Value::Date(next))) if next.0 > at.0 + 1 => {
                Date::from_days((at.0 + 1).into()).map(Value::Date)
            }
            _ => None,
        },
        Value::Time(at) => match next {
            None => at.add_seconds(-1).map(Value::Time),
            Some(None) => at.add_seconds(1).map(Value::Time),
            Some(Some(Value::Time(next))) if next.0 > at.0 + 1 => {
                Time::from_seconds(at.0 + 1).map(Value::Time)
            }
            _ => None,
        },
        _ => None,
    }
}
