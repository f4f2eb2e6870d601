//! Checks decision tables, written as rows or read from a CSV file.

use std::collections::BTreeMap;

use super::checker::{Checker, Entry, Items, label_of};
use super::expr::Env;
use super::scope;
use super::typed::*;
use crate::diag::{Diagnostic, codes};
use crate::source::{FileId, Span};
use crate::syntax::ast::{self, BinaryOp, CellKind};
use crate::value::{Number, Value, VariantSet};

/// The names of a table's output and its type.
type Output = (Vec<String>, Type);

impl Checker<'_> {
    pub(super) fn check_tables(&mut self, items: &Items<'_>) {
        for (at, entry) in items.tables.iter().enumerate() {
            let table = self.table(entry);
            self.tables[at] = table;
        }
        let empty = |entry: &Entry<'_, ast::Table>, head: Head| Table {
            head,
            hit: Hit::First,
            inputs: Vec::new(),
            output: Type::Bool,
            rows: vec![TableRow {
                cells: Vec::new(),
                output: Value::Bool(false),
                span: entry.item.named.name.span,
            }],
            exclusive: true,
            complete: true,
        };
        // A broken table keeps its number; nothing sound refers to it.
        self.program.tables = (0..self.tables.len())
            .map(|at| {
                let entry = &items.tables[at];
                let head = self.head(entry.module, entry.docs, &entry.item.named, &entry.item.cites);
                self.tables[at].clone().unwrap_or_else(|| empty(entry, head))
            })
            .collect();
    }

    fn table(&mut self, entry: &Entry<'_, ast::Table>) -> Option<Table> {
        let item = entry.item;
        let name = item.named.name.span;
        let Some(unique) = item.unique else {
            self.report(
                Diagnostic::new(&codes::BAD_TABLE, name, "the table does not say which row decides")
                    .at("no hit rule")
                    .note("add `hit unique` (at most one row fits) or `hit first` (the first that fits decides)"),
            );
            return None;
        };
        let (inputs, output) = self.table_columns(entry)?;
        let env = Env::constant(entry.module);
        let rows = match (&item.file, item.rows.is_empty()) {
            (Some(file), true) => {
                let id = *self.input.sets[entry.module.set].tables.get(&file.span)?;
                self.table_file(&env, entry, id, &inputs, &output)?
            }
            (None, false) => {
                let rows: Vec<Option<TableRow>> =
                    item.rows.iter().map(|row| self.table_row(&env, row, &inputs, &output.1)).collect();
                rows.into_iter().collect::<Option<Vec<TableRow>>>()?
            }
            _ => {
                self.report(
                    Diagnostic::new(
                        &codes::BAD_TABLE,
                        name,
                        "a table has rows of its own or a file, one of the two",
                    )
                    .at("neither or both")
                    .note("write `row …` lines, or `from \"file.csv\"`"),
                );
                return None;
            }
        };
        let head = self.head(entry.module, entry.docs, &item.named, &item.cites);
        let hit = if unique { Hit::Unique } else { Hit::First };
        let mut table =
            Table { head, hit, inputs, output: output.1, rows, exclusive: false, complete: false };
        self.table_logic(&mut table);
        Some(table)
    }

    fn table_columns(&mut self, entry: &Entry<'_, ast::Table>) -> Option<(Vec<TableInput>, Output)> {
        let item = entry.item;
        let name = item.named.name.span;
        let mut inputs: Vec<TableInput> = Vec::new();
        let mut sound = true;
        for (named, ty) in &item.inputs {
            if let Some(first) = inputs.iter().find(|input| input.name == named.name.text) {
                self.problems.push(scope::duplicate(&named.name.text, named.name.span, first.span, false));
            }
            match self.shape(entry.module, ty) {
                Some(shape) => inputs.push(TableInput {
                    name: named.name.text.clone(),
                    label: label_of(named),
                    low: shape.range.low,
                    whole: matches!(shape.ty, Type::Number(_) | Type::Date) && shape.decimals == 0,
                    ty: shape.ty,
                    span: named.name.span,
                }),
                None => sound = false,
            }
        }
        let Some((output_name, output_type)) = item.output.as_ref().filter(|_| !item.inputs.is_empty())
        else {
            self.report(
                Diagnostic::new(&codes::BAD_TABLE, name, "a table has inputs and an output")
                    .at("`given` or `gives` is missing")
                    .note("write `given industry: Industry, employees: count 人` and `gives Size`"),
            );
            return None;
        };
        let output = self.shape(entry.module, output_type)?;
        let names = match output_name {
            Some(named) => scope::spellings(named).into_iter().map(|(name, _)| name.to_owned()).collect(),
            None => Vec::new(),
        };
        sound.then_some((inputs, (names, output.ty)))
    }

    fn table_row(
        &mut self,
        env: &Env,
        row: &ast::Row,
        inputs: &[TableInput],
        output: &Type,
    ) -> Option<TableRow> {
        if row.cells.len() != inputs.len() {
            let message = format!("the row has {} cells, the table {} inputs", row.cells.len(), inputs.len());
            self.report(
                Diagnostic::new(&codes::BAD_TABLE, row.span, message)
                    .at("one cell for each input, then `=>` and the output")
                    .note("write `-` where any value will do"),
            );
            return None;
        }
        let cells: Vec<Option<Cell>> =
            row.cells.iter().zip(inputs).map(|(cell, input)| self.cell(env, cell, &input.ty)).collect();
        let value = self.expect(env, &row.output, output, "the table gives values of this kind")?;
        let output = self.constant_value(&value)?;
        Some(TableRow { cells: cells.into_iter().collect::<Option<_>>()?, output, span: row.span })
    }

    fn cell(&mut self, env: &Env, cell: &ast::Cell, ty: &Type) -> Option<Cell> {
        const WHY: &str = "the cell is of the kind of its input";
        match &cell.kind {
            CellKind::Any => Some(Cell::Any),
            CellKind::Compare(op, expr) => {
                let value = self.expect(env, expr, ty, WHY)?;
                let value = self.constant_value(&value)?;
                if !ordered(ty) && *op != CompareOp::Equal {
                    let name = self.type_name(ty);
                    self.report(
                        Diagnostic::new(
                            &codes::NOT_ORDERED,
                            cell.span,
                            format!("`{}` needs values with an order; {name} has none", op.symbol()),
                        )
                        .at("cannot compare by order")
                        .note("list the values that count: `{a, b}`"),
                    );
                    return None;
                }
                self.compared(*op, value, cell.span)
            }
            CellKind::Is(expr) => match &expr.kind {
                ast::ExprKind::Set(members) => {
                    let values: Vec<Option<Value>> = members
                        .iter()
                        .map(|member| {
                            let typed = self.expect(env, member, ty, WHY)?;
                            self.constant_value(&typed)
                        })
                        .collect();
                    Some(among(values.into_iter().collect::<Option<Vec<Value>>>()?))
                }
                ast::ExprKind::Binary {
                    op: op @ (BinaryOp::Range | BinaryOp::RangeOpen),
                    left,
                    right,
                    ..
                } if ordered(ty) => {
                    let (low, high) = (self.expect(env, left, ty, WHY)?, self.expect(env, right, ty, WHY)?);
                    let (low, high) = (self.constant_value(&low)?, self.constant_value(&high)?);
                    self.bounds(low, high, *op == BinaryOp::Range, cell.span)
                }
                _ => {
                    let value = self.expect(env, expr, ty, WHY)?;
                    Some(among(vec![self.constant_value(&value)?]))
                }
            },
        }
    }

    fn compared(&mut self, op: CompareOp, value: Value, span: Span) -> Option<Cell> {
        Some(match op {
            CompareOp::Equal => among(vec![value]),
            CompareOp::Less => Cell::Range { low: None, high: Some((value, false)) },
            CompareOp::AtMost => Cell::Range { low: None, high: Some((value, true)) },
            CompareOp::Greater => Cell::Range { low: Some((value, false)), high: None },
            CompareOp::AtLeast => Cell::Range { low: Some((value, true)), high: None },
            CompareOp::NotEqual => {
                self.report(
                    Diagnostic::new(&codes::BAD_TABLE, span, "a cell cannot say `!=`")
                        .at("not a test of a cell")
                        .note("list what is meant, or put a row for the excluded value above and use `hit first`"),
                );
                return None;
            }
        })
    }

    fn bounds(&mut self, low: Value, high: Value, included: bool, span: Span) -> Option<Cell> {
        if high < low || (!included && low == high) {
            self.report(
                Diagnostic::new(&codes::EMPTY_RANGE, span, "the range is empty").at("nothing lies in it"),
            );
            return None;
        }
        Some(Cell::Range { low: Some((low, true)), high: Some((high, included)) })
    }

    /// Reads the rows of a table from its CSV file.
    fn table_file(
        &mut self,
        env: &Env,
        entry: &Entry<'_, ast::Table>,
        file: FileId,
        inputs: &[TableInput],
        output: &Output,
    ) -> Option<Vec<TableRow>> {
        let text = &self.sources.file(file).text;
        let mut lines = csv_records(file, text);
        let header = match lines.next() {
            Some(Ok(header)) => header,
            Some(Err(span)) => {
                self.report(
                    Diagnostic::new(&codes::BAD_TABLE, span, "a quotation mark is not closed")
                        .at("in this record"),
                );
                return None;
            }
            None => {
                let span = Span::new(file, 0, text.len().min(1));
                self.report(
                    Diagnostic::new(&codes::BAD_TABLE, span, "the file of the table is empty")
                        .at("no header row"),
                );
                return None;
            }
        };
        let columns = self.file_columns(entry, &header, inputs, output)?;
        let mut rows = Vec::new();
        let mut sound = true;
        for record in lines {
            let row = match record {
                Ok(cells) => self.file_row(env, &cells, &columns, inputs, &output.1),
                Err(span) => {
                    self.report(
                        Diagnostic::new(&codes::BAD_TABLE, span, "a quotation mark is not closed")
                            .at("in this record"),
                    );
                    None
                }
            };
            sound &= row.is_some();
            rows.extend(row);
        }
        if rows.is_empty() && sound {
            let span = header[0].1;
            self.report(
                Diagnostic::new(&codes::BAD_TABLE, span, "the file of the table has no rows")
                    .at("only a header"),
            );
            return None;
        }
        sound.then_some(rows)
    }

    /// For each input and then the output: the column it stands in, and the unit its header names.
    fn file_columns(
        &mut self,
        entry: &Entry<'_, ast::Table>,
        header: &[(String, Span)],
        inputs: &[TableInput],
        output: &Output,
    ) -> Option<Vec<(usize, String)>> {
        let mut found: BTreeMap<usize, (usize, String)> = BTreeMap::new();
        for (column, (title, span)) in header.iter().enumerate() {
            let (name, unit) = split_unit(title);
            let input = inputs.iter().position(|input| input.name == name || input.label == name);
            let target = input.or_else(|| output.0.contains(&name.to_owned()).then_some(inputs.len()));
            let Some(target) = target else {
                let names: Vec<&str> = inputs.iter().map(|input| input.name.as_str()).collect();
                let problem = Diagnostic::new(
                    &codes::BAD_TABLE,
                    *span,
                    format!("no input of the table is called `{name}`"),
                )
                .at("an unknown column")
                .suggest(name, names)
                .also(entry.item.named.name.span, "the table is declared here");
                self.report(problem);
                return None;
            };
            if let (Some(input), Some(place)) = (inputs.get(target), self.part_of_cell(*span, 0, name)) {
                self.refer(place, input.span);
            }
            if found.insert(target, (column, unit.to_owned())).is_some() {
                self.report(
                    Diagnostic::new(&codes::BAD_TABLE, *span, format!("the column `{name}` stands twice"))
                        .at("again here"),
                );
                return None;
            }
        }
        let wanted = inputs.iter().map(|input| input.name.as_str()).chain(std::iter::once("the output"));
        let mut columns = Vec::new();
        for (at, name) in wanted.enumerate() {
            match found.remove(&at) {
                Some(column) => columns.push(column),
                None => {
                    let message = format!("the file has no column for {name}");
                    let problem = Diagnostic::new(&codes::BAD_TABLE, header[0].1, message)
                        .at("the header")
                        .also(entry.item.named.name.span, "the table is declared here")
                        .note("name the output in the table: `gives size: Size`");
                    self.report(problem);
                    return None;
                }
            }
        }
        Some(columns)
    }

    fn file_row(
        &mut self,
        env: &Env,
        cells: &[(String, Span)],
        columns: &[(usize, String)],
        inputs: &[TableInput],
        output: &Type,
    ) -> Option<TableRow> {
        let span = cells[0].1.to(cells[cells.len() - 1].1);
        if cells.len() <= columns.iter().map(|(column, _)| *column).max().unwrap_or(0) {
            self.report(
                Diagnostic::new(&codes::BAD_TABLE, span, "the row has fewer cells than the header")
                    .at("cut short"),
            );
            return None;
        }
        let mut tests = Vec::new();
        for ((column, unit), input) in columns.iter().zip(inputs) {
            let (text, place) = &cells[*column];
            tests.push(self.file_cell(env, text, *place, unit, &input.ty));
        }
        let (column, unit) = &columns[inputs.len()];
        let (text, place) = &cells[*column];
        let place = self.part_of_cell(*place, 0, text.trim()).unwrap_or(*place);
        let value = self.file_value(env, text, place, unit, output);
        Some(TableRow { cells: tests.into_iter().collect::<Option<_>>()?, output: value?, span })
    }

    /// A cell: empty or `-`, a comparison, a range, values joined by `|`, or one value.
    fn file_cell(&mut self, env: &Env, text: &str, span: Span, unit: &str, ty: &Type) -> Option<Cell> {
        let text = text.trim();
        if text.is_empty() || text == "-" {
            return Some(Cell::Any);
        }
        const SIGNS: [(&str, CompareOp); 8] = [
            (">=", CompareOp::AtLeast),
            ("≥", CompareOp::AtLeast),
            ("<=", CompareOp::AtMost),
            ("≤", CompareOp::AtMost),
            (">", CompareOp::Greater),
            ("<", CompareOp::Less),
            ("=", CompareOp::Equal),
            ("!=", CompareOp::NotEqual),
        ];
        if ordered(ty) {
            if let Some((sign, op)) = SIGNS.iter().find(|(sign, _)| text.starts_with(sign)) {
                let value = self.file_value(env, &text[sign.len()..], span, unit, ty)?;
                return self.compared(*op, value, span);
            }
            for (mark, included) in [("..<", false), ("..", true)] {
                if let Some((low, high)) = text.split_once(mark) {
                    let low = self.file_value(env, low, span, unit, ty)?;
                    let high = self.file_value(env, high, span, unit, ty)?;
                    return self.bounds(low, high, included, span);
                }
            }
        }
        let mut values = Vec::new();
        let mut from = 0;
        for part in text.split('|') {
            let place = self.part_of_cell(span, from, part.trim());
            from = place.map_or(from, |place| (place.end - span.start) as usize);
            values.push(self.file_value(env, part, place.unwrap_or(span), unit, ty)?);
        }
        Some(among(values))
    }

    /// Where some words stand in a cell, at or after a byte of it; they may not, where quotation marks are doubled.
    fn part_of_cell(&self, cell: Span, from: usize, words: &str) -> Option<Span> {
        let start = cell.start as usize + from + self.sources.text(cell).get(from..)?.find(words)?;
        Some(Span::new(cell.file, start, start + words.len()))
    }

    /// A value of a file: a number in the header's unit or its own, a date, a name or label of a variant.
    fn file_value(&mut self, env: &Env, text: &str, span: Span, unit: &str, ty: &Type) -> Option<Value> {
        let text = text.trim();
        let value = match ty {
            Type::Bool => match text {
                "true" | "是" | "真" => Some(Value::Bool(true)),
                "false" | "否" | "假" => Some(Value::Bool(false)),
                _ => None,
            },
            Type::Text => Some(Value::Text(text.into())),
            Type::Enum(id) => {
                let word = ast::Word { text: text.to_owned(), span };
                return self.variant(*id, &word).and_then(|expr| expr.constant().cloned());
            }
            Type::Date => return self.date(text, span).map(Value::Date),
            Type::Time => return self.time(text, span).map(Value::Time),
            Type::Number(_) => {
                let digits =
                    text.find(|c: char| !c.is_ascii_digit() && !"+-._".contains(c)).unwrap_or(text.len());
                let own = text[digits..].trim();
                let unit = if own.is_empty() { unit } else { own };
                let number = text[..digits].parse::<Number>().ok();
                return self.file_number(env, number, unit, span, ty);
            }
        };
        if value.is_none() {
            let name = self.type_name(ty);
            self.report(
                Diagnostic::new(&codes::BAD_TABLE, span, format!("`{text}` is not {name}"))
                    .at(format!("{name} is needed")),
            );
        }
        value
    }

    fn file_number(
        &mut self,
        env: &Env,
        number: Option<Number>,
        unit: &str,
        span: Span,
        ty: &Type,
    ) -> Option<Value> {
        let Some(number) = number else {
            self.report(
                Diagnostic::new(&codes::BAD_TABLE, span, "this is not a number").at("a number is needed"),
            );
            return None;
        };
        let (factor, found) = if unit.is_empty() {
            (Number::ONE, Type::plain())
        } else {
            let word = ast::Word { text: unit.to_owned(), span };
            let (unit_found, kind) = self.unit(env, &word)?;
            (unit_found.factor, Type::Number(NumberType { dimension: unit_found.dimension, kind }))
        };
        let value = number.mul(&factor);
        let expr = Expr::value(Value::Number(value.clone()), found, span);
        self.fits(&expr, ty, "name the unit in the header, `revenue(万元)`, or in the cell")
            .then_some(Value::Number(value))
    }
}

fn ordered(ty: &Type) -> bool {
    matches!(ty, Type::Number(_) | Type::Date | Type::Time)
}

fn among(values: Vec<Value>) -> Cell {
    let variants = values.iter().map(|value| match value {
        Value::Enum(at) => Some(*at),
        _ => None,
    });
    match variants.collect::<Option<VariantSet>>() {
        Some(set) if !set.is_empty() => Cell::Variants(set),
        _ => Cell::Values(values),
    }
}

/// A header's name and the unit in brackets after it: `营业收入(万元)`.
fn split_unit(title: &str) -> (&str, &str) {
    let title = title.trim().trim_start_matches('\u{FEFF}');
    let open = title.find(['(', '\u{FF08}']);
    let close = title.ends_with([')', '\u{FF09}']);
    match open {
        Some(open) if close => {
            let inner = &title[open..];
            let inner = inner.trim_start_matches(['(', '\u{FF08}']).trim_end_matches([')', '\u{FF09}']);
            (title[..open].trim(), inner.trim())
        }
        _ => (title, ""),
    }
}

/// The records of a CSV text (RFC 4180), each cell with its place; empty lines are passed over.
/// An error is the place of a quotation that is not closed. A table's file is part of the program, so its
/// cells need places that the reader of data files does not keep.
pub(super) fn csv_records(
    file: FileId,
    text: &str,
) -> impl Iterator<Item = Result<Vec<(String, Span)>, Span>> + use<> {
    let text = text.to_owned();
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = &text[at..];
        at += rest.len() - rest.trim_start_matches(['\r', '\n']).len();
        (at < text.len()).then(|| csv_record(file, &text, &mut at))
    })
}

fn csv_record(file: FileId, text: &str, at: &mut usize) -> Result<Vec<(String, Span)>, Span> {
    let mut cells = Vec::new();
    loop {
        let start = *at;
        let (cell, end) = if text[start..].starts_with('"') {
            quoted_cell(text, start).ok_or_else(|| {
                *at = text.len();
                Span::new(file, start, text.len().min(start + 1))
            })?
        } else {
            let length = text[start..].find([',', '\n']).unwrap_or(text.len() - start);
            (text[start..start + length].trim_end_matches('\r').to_owned(), start + length)
        };
        cells.push((cell, Span::new(file, start, end)));
        *at = end;
        match text[end..].bytes().next() {
            Some(b',') => *at += 1,
            Some(b'\r') if text[end..].starts_with("\r\n") => *at += 2,
            Some(b'\n') => *at += 1,
            _ => {}
        }
        if !text[end..].starts_with(',') {
            return Ok(cells);
        }
    }
}

/// A cell in quotation marks from `start`, and where it ends.
fn quoted_cell(text: &str, start: usize) -> Option<(String, usize)> {
    let mut cell = String::new();
    let mut at = start + 1;
    loop {
        let close = at + text[at..].find('"')?;
        cell.push_str(&text[at..close]);
        if text[close + 1..].starts_with('"') {
            cell.push('"');
            at = close + 2;
        } else {
            let after = close + 1;
            let end = after + text[after..].find([',', '\n', '\r']).unwrap_or(text.len() - after);
            return Some((cell, end));
        }
    }
}
