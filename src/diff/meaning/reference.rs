//! What stands for something else: fields, params, defines, tables, lists, other measures, budgets.

use super::form::{Depth, Form, Reader, Scope};
use super::names::{Key, Kind};
use crate::check::typed::{
    BudgetId, BudgetRule, Cell, DefineId, Expr, ExprKind, MeasureId, ParamId, RecordId, RegisterId, TableId,
    TableRow,
};
use crate::value::Value;
use crate::value::ops::Hit;

impl<'a> Reader<'a> {
    /// What stands for something else: a field, param, define, another measure.
    pub(super) fn reference(&mut self, scope: Scope<'a>, depth: Depth, expr: &'a Expr) -> Option<Form> {
        Some(match &expr.kind {
            ExprKind::Field(field) => self.field(scope.record, field.index()),
            ExprKind::Param(id) => self.param(depth, *id),
            ExprKind::Bound { param, most } => {
                let param = self.param(depth, *param);
                self.forms.node(if *most { "most" } else { "least" }, vec![param])
            }
            ExprKind::Define(id) => self.define(depth, *id),
            ExprKind::Unfilled(id) => self.forms.text(format!("left open {}", self.define_name(*id))),
            ExprKind::Let(at) => match (scope.lets.get(*at), depth) {
                (Some(own), Depth::Whole) => self.expr(scope, depth, &own.value),
                (Some(own), Depth::Named) => self.forms.text(format!("let {}", own.name)),
                (None, _) => self.forms.text(format!("let {at}")),
            },
            ExprKind::Member { field, register } => {
                let parts = vec![self.field(scope.record, field.index()), self.register(depth, *register)];
                self.forms.node("listed", parts)
            }
            ExprKind::Granted { measure, applies } => {
                let parts = vec![self.measure(depth, *measure)];
                self.forms.node(if *applies { "applies" } else { "granted" }, parts)
            }
            ExprKind::Award { measure, benefit } => {
                let parts = vec![self.measure(depth, *measure), self.award(depth, *measure, benefit)];
                self.forms.node("award", parts)
            }
            ExprKind::Claimed { budget, draw } | ExprKind::Drawn { budget, draw } => {
                let claimed = matches!(expr.kind, ExprKind::Claimed { .. });
                let parts = vec![self.budget(depth, *budget), self.draw(*budget, *draw)];
                self.forms.node(if claimed { "claimed" } else { "drawn" }, parts)
            }
            _ => return None,
        })
    }

    fn known(&mut self, kind: Kind, at: u32, make: impl FnOnce(&mut Self) -> Form) -> Form {
        if let Some(form) = self.known.get(&(kind, at)) {
            return *form;
        }
        let form = make(self);
        self.known.insert((kind, at), form);
        form
    }

    pub(super) fn name(&mut self, kind: Kind, name: &str) -> Form {
        let key = self.renames.of(&Key::new(kind, name));
        self.named.push(key.clone());
        self.forms.text(format!("{} {}", kind.word(), key.name))
    }

    pub fn record(&mut self, id: RecordId) -> Form {
        let record = &self.program.records[id.index()];
        self.name(Kind::Record, &record.head.name)
    }

    pub fn field(&mut self, record: RecordId, field: usize) -> Form {
        let record = &self.program.records[record.index()];
        let name = Key::member(&record.head.name, &record.fields[field].name);
        self.name(Kind::Field, &name)
    }

    pub fn param(&mut self, depth: Depth, id: ParamId) -> Form {
        let param = &self.program.params[id.index()];
        let name = self.name(Kind::Param, &param.head.name);
        if depth == Depth::Named {
            return name;
        }
        self.known(Kind::Param, id.0, |reader| reader.timeline(id))
    }

    /// A param by its values; one value that always holds is that value.
    fn timeline(&mut self, id: ParamId) -> Form {
        let param = &self.program.params[id.index()];
        let mut steps = Vec::new();
        for step in &param.steps {
            let value = self.value(&param.ty, &step.value);
            if step.force == Default::default() && param.steps.len() == 1 && param.open.is_none() {
                return value;
            }
            steps.push(self.forms.node(format!("{:?}", step.force), vec![value]));
        }
        if let Some(open) = &param.open {
            let name = self.renames.of(&Key::new(Kind::Param, &param.head.name)).name;
            let bounds = format!("open {name} {:?} {:?} {}", open.least, open.most, open.decimals);
            steps.push(self.forms.text(bounds));
        }
        self.forms.node("param", steps)
    }

    fn define_name(&self, id: DefineId) -> String {
        let name = &self.program.defines[id.index()].head.name;
        self.renames.of(&Key::new(Kind::Define, name)).name
    }

    fn define(&mut self, depth: Depth, id: DefineId) -> Form {
        let define = &self.program.defines[id.index()];
        let name = self.name(Kind::Define, &define.head.name);
        if depth == Depth::Named {
            return name;
        }
        let scope = Scope { record: define.record, lets: &[] };
        self.known(Kind::Define, id.0, |reader| {
            let before = reader.named.len();
            let form = reader.expr(scope, depth, &define.body);
            reader.named.truncate(before);
            form
        })
    }

    fn register(&mut self, depth: Depth, id: RegisterId) -> Form {
        let register = &self.program.registers[id.index()];
        let name = self.name(Kind::Register, &register.head.name);
        if depth == Depth::Named {
            return name;
        }
        self.known(Kind::Register, id.0, |reader| {
            let mut members: Vec<&str> = register.members.iter().map(String::as_str).collect();
            members.sort_unstable();
            reader.forms.text(members.join("\n"))
        })
    }

    pub fn table(&mut self, depth: Depth, id: TableId) -> Form {
        let table = &self.program.tables[id.index()];
        let name = self.name(Kind::Table, &table.head.name);
        if depth == Depth::Named {
            return name;
        }
        self.known(Kind::Table, id.0, |reader| {
            let rows: Vec<Form> = table.rows.iter().map(|row| reader.row(id, row)).collect();
            match table.hit {
                Hit::First => reader.forms.node("first row", rows),
                Hit::Unique => reader.forms.set("only row", rows),
            }
        })
    }

    /// A row of a table.
    pub fn row(&mut self, id: TableId, row: &TableRow) -> Form {
        let table = &self.program.tables[id.index()];
        let mut parts = Vec::new();
        for (input, cell) in table.inputs.iter().zip(&row.cells) {
            parts.push(match cell {
                Cell::Any => self.forms.text("-"),
                Cell::Variants(set) => self.variants(&input.ty, *set),
                Cell::Values(values) => {
                    let values = values.iter().map(|value| self.value(&input.ty, value)).collect();
                    self.forms.set("values", values)
                }
                Cell::Range { low, high } => {
                    let mut end = |bound: &Option<(Value, bool)>| match bound {
                        None => self.forms.text("open"),
                        Some((value, included)) => {
                            let value = self.value(&input.ty, value);
                            self.forms.node(if *included { "included" } else { "excluded" }, vec![value])
                        }
                    };
                    let ends = vec![end(low), end(high)];
                    self.forms.node("range", ends)
                }
            });
        }
        parts.push(self.value(&table.output, &row.output));
        self.forms.node("row", parts)
    }

    /// Another measure by the conditions that it is asked by.
    fn measure(&mut self, depth: Depth, id: MeasureId) -> Form {
        let measure = &self.program.measures[id.index()];
        let name = self.name(Kind::Measure, &measure.head.name);
        if depth == Depth::Named {
            return name;
        }
        self.known(Kind::Measure, id.0, |reader| {
            let before = reader.named.len();
            let scope = Scope { record: measure.record, lets: &measure.lets };
            let mut parts = vec![reader.forms.text(format!("{:?}", measure.force))];
            for condition in measure.requires.iter() {
                parts.push(reader.expr(scope, depth, &condition.test));
            }
            for condition in measure.own_excepts() {
                let test = reader.expr(scope, depth, &condition.test);
                parts.push(reader.forms.node("not", vec![test]));
            }
            for branch in measure.choice.iter().flat_map(|choice| &choice.branches) {
                let when = branch.when.as_ref().map(|when| reader.expr(scope, depth, when));
                parts
                    .push(reader.forms.node(format!("branch {}", branch.refuse), when.into_iter().collect()));
            }
            reader.named.truncate(before);
            reader.forms.node("asked", parts)
        })
    }

    /// What another measure gives of a benefit.
    fn award(&mut self, depth: Depth, id: MeasureId, benefit: &str) -> Form {
        let measure = &self.program.measures[id.index()];
        let part = format!("benefit {benefit}");
        let name = self.renames.part(&Key::new(Kind::Measure, &measure.head.name), &part);
        if depth == Depth::Named {
            return self.forms.text(name);
        }
        let scope = Scope { record: measure.record, lets: &measure.lets };
        let drawn = |expr: &Expr| {
            let mut found = false;
            expr.walk(&mut |part| {
                found |= matches!(part.kind, ExprKind::Drawn { .. } | ExprKind::Award { .. });
            });
            found
        };
        let own = measure.all_benefits().filter(|own| own.name == benefit);
        let amounts: Vec<&Expr> = own.flat_map(|own| own.exprs()).filter(|amount| !drawn(amount)).collect();
        let before = self.named.len();
        let parts = amounts.into_iter().map(|amount| self.expr(scope, depth, amount)).collect();
        self.named.truncate(before);
        self.forms.node(name, parts)
    }

    fn budget(&mut self, depth: Depth, id: BudgetId) -> Form {
        let budget = &self.program.budgets[id.index()];
        let name = self.name(Kind::Budget, &budget.head.name);
        if depth == Depth::Named {
            return name;
        }
        self.known(Kind::Budget, id.0, |reader| {
            let scope = Scope { record: budget.record, lets: &[] };
            let pool = reader.expr(scope, depth, &budget.pool);
            let draws = (0..budget.draws.len()).map(|draw| reader.draw(id, draw)).collect();
            let draws = reader.forms.node("draws", draws);
            let rule = reader.rule(id);
            reader.forms.node(format!("budget {}", budget.known_only), vec![pool, draws, rule])
        })
    }

    pub fn draw(&mut self, budget: BudgetId, draw: usize) -> Form {
        let (measure, benefit) = &self.program.budgets[budget.index()].draws[draw];
        let key = Key::new(Kind::Measure, &self.program.measures[measure.index()].head.name);
        let benefit = self.renames.part(&key, &format!("benefit {benefit}"));
        let measure = self.renames.of(&key).name;
        self.forms.text(format!("{measure}.{benefit}"))
    }

    /// How a budget is handed out.
    pub fn rule(&mut self, id: BudgetId) -> Form {
        let budget = &self.program.budgets[id.index()];
        let scope = Scope { record: budget.record, lets: &[] };
        match &budget.rule {
            BudgetRule::ProRata => self.forms.text("pro rata"),
            BudgetRule::InOrder { by, descending, ties, cut } => {
                let mut parts = vec![self.expr(scope, Depth::Named, by)];
                parts.extend(ties.as_ref().map(|ties| self.expr(scope, Depth::Named, ties)));
                self.forms.node(format!("in order {descending} {cut}"), parts)
            }
        }
    }
}
