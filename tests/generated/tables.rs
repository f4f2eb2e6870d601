//! Decision tables: rows at random with a last one for the rest, or a grid without gaps.

use super::sorts::{self, Sort, UNITS};
use super::tree::{List, Node, Part};
use super::writer::{TableHead, Writer};
use crate::node;

impl Writer<'_> {
    pub fn table(&mut self, at: usize) -> Node {
        let name = format!("t{at}");
        let output = match self.random.below(3) {
            0 => self.any_sort(),
            1 => Sort::Bool,
            _ => Sort::Number(*self.random.pick(&UNITS)),
        };
        let grid = self.random.chance(45);
        let count = 1 + self.random.below(3);
        let inputs: Vec<Sort> = (0..count).map(|_| self.table_input()).collect();
        let hidden = self.random.chance(7);
        let inputs = if hidden { vec![self.line_sort(), self.line_sort(), self.line_sort()] } else { inputs };
        let (unique, rows) = match (hidden, grid) {
            (true, _) => (false, self.rows_with_a_hidden_gap(&inputs, output)),
            (false, true) => self.grid(&inputs, output),
            (false, false) => (false, self.loose_rows(&inputs, output)),
        };
        let hit = if unique { "unique" } else { "first" };
        let given: Vec<String> =
            inputs.iter().enumerate().map(|(at, sort)| format!("i{at}: {}", self.type_of(*sort))).collect();
        let head = format!(
            "table {name} {{\n  hit {hit}\n  given {}\n  gives {}\n",
            given.join(", "),
            self.type_of(output)
        );
        self.tables.push(TableHead { name, inputs, output });
        node!(Sort::Piece; head, List::new(rows, 1, ""), "}\n")
    }

    fn table_input(&mut self) -> Sort {
        match self.sort_in_use(|_| true) {
            Some(sort) if self.random.chance(80) => sort,
            _ => self.any_sort(),
        }
    }

    /// The plain type of a sort; numbers may be below zero and have fractions.
    pub fn type_of(&self, sort: Sort) -> String {
        use super::sorts::Unit;
        match sort {
            Sort::Enum(at) => format!("E{at}"),
            Sort::Number(unit) => match unit {
                Unit::Plain => "number",
                Unit::People => "number 人",
                Unit::PerHead => "number 元/人",
                Unit::Money => "money",
                Unit::Dollars => "money USD",
                Unit::Rate => "rate",
                Unit::Points => "points",
                Unit::Days => "days",
                Unit::Months => "months",
                Unit::Hours => "hours",
                Unit::Tons => "number 吨",
            }
            .to_owned(),
            Sort::Bool | Sort::Piece | Sort::Pattern => "bool".to_owned(),
            Sort::Text => "text".to_owned(),
            Sort::Date => "date".to_owned(),
            Sort::Time => "time".to_owned(),
        }
    }

    fn row(&mut self, cells: &[String], output: Sort) -> Node {
        let value = sorts::literal(self.random, output, &self.enums);
        let cells: Vec<Part> =
            cells.iter().flat_map(|cell| [", ".into(), self.cell_node(cell)]).skip(1).collect();
        let mut parts: Vec<Part> = vec!["  row ".into()];
        parts.extend(cells);
        parts.extend([" => ".into(), node!(output; value).into(), "\n".into()]);
        Node { sort: Sort::Piece, parts }
    }

    fn cell_node(&self, cell: &str) -> Part {
        Part::Node(node!(Sort::Piece; cell))
    }

    /// Rows of which the first that fits decides, and mostly one for the rest.
    fn loose_rows(&mut self, inputs: &[Sort], output: Sort) -> Vec<Node> {
        let count = match self.random.below(10) {
            0 => 30 + self.random.below(51),
            1..=3 => 8 + self.random.below(12),
            _ => self.random.below(8),
        };
        let mut rows = Vec::with_capacity(count + 1);
        for _ in 0..count {
            let cells: Vec<String> = inputs.iter().map(|sort| self.cell(*sort)).collect();
            rows.push(self.row(&cells, output));
        }
        let rest: Vec<String> = inputs.iter().map(|_| "-".to_owned()).collect();
        rows.push(self.row(&rest, output));
        rows
    }

    /// Rows that fit all but a corner, which the checker does not come to before its search ends.
    fn rows_with_a_hidden_gap(&mut self, inputs: &[Sort], output: Sort) -> Vec<Node> {
        let mut rows = Vec::new();
        for _ in 0..75 {
            let mut cells: Vec<String> = inputs[..2]
                .iter()
                .map(|sort| match sorts::line(self.random, *sort, 2, false, false).as_slice() {
                    [low, high] => format!("{low}..{high}"),
                    _ => "-".to_owned(),
                })
                .collect();
            cells.push(self.cell(inputs[2]));
            rows.push(self.row(&cells, output));
        }
        let cut = |writer: &mut Self, sort| sorts::line(writer.random, sort, 1, false, false).concat();
        let (late, middle) = (sorts::latest(inputs[0]), cut(self, inputs[2]));
        rows.push(self.row(&["-".to_owned(), "-".to_owned(), format!("<= {middle}")], output));
        rows.push(self.row(&[format!("< {late}"), "-".to_owned(), format!("> {middle}")], output));
        rows
    }

    /// A cell of any form.
    fn cell(&mut self, sort: Sort) -> String {
        if self.random.chance(25) {
            return self.random.pick(&["-", "_"]).to_string();
        }
        let ordered = matches!(sort, Sort::Number(_) | Sort::Date | Sort::Time);
        match self.random.below(6) {
            0 | 1 if ordered => {
                let sign = *self.random.pick(&["<", "<=", ">", ">=", "==", "≥", "超过"]);
                format!("{sign} {}", sorts::literal(self.random, sort, &self.enums))
            }
            2 | 3 if ordered => match sorts::line(self.random, sort, 2, false, true).as_slice() {
                [low, high] => format!("{low}{}{high}", self.random.pick(&["..", " ..< "])),
                _ => "-".to_owned(),
            },
            4 => {
                let count = 1 + self.random.below(4);
                let members: Vec<String> =
                    (0..count).map(|_| sorts::literal(self.random, sort, &self.enums)).collect();
                format!("{{{}}}", members.join(", "))
            }
            _ => sorts::literal(self.random, sort, &self.enums),
        }
    }

    /// Rows that leave no gap and never meet: each input is cut into pieces, and each box of pieces is a row.
    fn grid(&mut self, inputs: &[Sort], output: Sort) -> (bool, Vec<Node>) {
        let mut boxes: Vec<Vec<String>> = vec![Vec::new()];
        for sort in inputs {
            let pieces = if self.random.chance(80) { self.pieces(*sort) } else { vec!["-".to_owned()] };
            let room = boxes.len() * pieces.len() <= 84;
            let pieces = if room { pieces } else { vec!["-".to_owned()] };
            boxes = boxes
                .iter()
                .flat_map(|row| {
                    pieces.iter().map(|piece| [row.as_slice(), std::slice::from_ref(piece)].concat())
                })
                .collect();
        }
        self.random.shuffle(&mut boxes);
        let unique = self.random.chance(70);
        (unique, boxes.iter().map(|cells| self.row(cells, output)).collect())
    }

    /// Cells that cover a sort and do not meet.
    pub fn pieces(&mut self, sort: Sort) -> Vec<String> {
        match sort {
            Sort::Bool => vec!["true".to_owned(), "false".to_owned()],
            Sort::Enum(at) => {
                let mut variants: Vec<usize> = (0..self.enums[at]).collect();
                self.random.shuffle(&mut variants);
                let groups = 1 + self.random.below(variants.len().min(20));
                let mut cells: Vec<Vec<String>> = vec![Vec::new(); groups];
                for (place, variant) in variants.into_iter().enumerate() {
                    cells[place % groups].push(format!("e{at}v{variant}"));
                }
                cells.into_iter().map(|group| format!("{{{}}}", group.join(", "))).collect()
            }
            Sort::Number(_) | Sort::Date | Sort::Time => {
                let count = *self.random.pick(&[1, 2, 3, 5, 12, 40]);
                let cuts = sorts::line(self.random, sort, count, false, false);
                let above = self.random.chance(50);
                let mut cells = vec![format!("{} {}", if above { "<" } else { "<=" }, cuts[0])];
                if above {
                    cells.extend(cuts.windows(2).map(|pair| format!("{} ..< {}", pair[0], pair[1])));
                    cells.push(format!(">= {}", cuts[cuts.len() - 1]));
                } else {
                    cells.truncate(1);
                    cells.push(format!("> {}", cuts[0]));
                }
                cells
            }
            Sort::Text | Sort::Piece | Sort::Pattern => vec!["-".to_owned()],
        }
    }
}
