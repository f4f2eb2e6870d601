//! What must be true of every plan, checked: for tests and debug builds.

use crate::ir::{AggregateOp, Award, Kind, MeasurePlan, NodeId, Op, Program, RecordPlan};
use crate::value::{Value, VariantSet};

/// Every broken promise of a program, in words; none in what `lower` gives.
pub fn verify(program: &Program) -> Vec<String> {
    let mut problems = Vec::new();
    for plan in &program.records {
        let mut check = Check { program, plan, problems: Vec::new() };
        check.nodes();
        check.aggregates();
        plan.measures.iter().for_each(|measure| check.measure(measure));
        for (name, node) in &plan.defines {
            check.exists(*node, name);
        }
        problems.extend(check.problems.into_iter().map(|problem| format!("{}: {problem}", plan.name)));
    }
    problems
}

struct Check<'a> {
    program: &'a Program,
    plan: &'a RecordPlan,
    problems: Vec<String>,
}

impl Check<'_> {
    fn expect(&mut self, holds: bool, problem: impl FnOnce() -> String) {
        if !holds {
            self.problems.push(problem());
        }
    }

    fn exists(&mut self, node: NodeId, what: &str) -> bool {
        let exists = node.index() < self.plan.graph.nodes.len();
        self.expect(exists, || format!("{what} is %{}, which does not exist", node.0));
        exists
    }

    fn kind(&self, node: NodeId) -> Kind {
        self.plan.graph.nodes[node.index()].kind
    }

    fn has_kind(&mut self, node: NodeId, kind: Kind, what: &str) {
        if self.exists(node, what) {
            let found = self.kind(node);
            self.expect(found == kind, || format!("{what} is %{} of kind {found:?}, not {kind:?}", node.0));
        }
    }

    fn nodes(&mut self) {
        for (at, node) in self.plan.graph.nodes.iter().enumerate() {
            let mut before = true;
            node.op.each_operand(|operand| before &= operand.index() < at);
            self.expect(before, || format!("%{at} uses a node that does not stand before it"));
            if before {
                self.op(&format!("%{at}"), &node.op, node.kind);
            }
        }
    }

    fn op(&mut self, name: &str, op: &Op, kind: Kind) {
        match op {
            Op::Const(value) => self.constant(name, value, kind),
            Op::Input(at) => {
                let known = self.plan.inputs.get(usize::from(*at)).is_some();
                self.expect(known, || format!("{name} reads the input {at}, which does not exist"));
            }
            Op::Param(param) => {
                let known = self.program.params.get(param.index()).is_some();
                self.expect(known, || {
                    format!("{name} reads the parameter {}, which does not exist", param.0)
                });
            }
            Op::Aggregate(at) => {
                let known = self.plan.aggregates.get(usize::from(*at)).is_some();
                self.expect(known, || format!("{name} reads the aggregate {at}, which does not exist"));
            }
            Op::AsOf => self.result(name, kind, Kind::Date),
            Op::All(of) | Op::Any(of) => {
                of.iter().for_each(|operand| self.operand(name, *operand, Kind::Bool));
                self.result(name, kind, Kind::Bool);
            }
            Op::Least(of) | Op::Greatest(of) => {
                self.expect(!of.is_empty(), || format!("{name} chooses among nothing"));
                of.iter().for_each(|operand| self.operand(name, *operand, kind));
            }
            Op::Compare(_, a, b) => {
                self.operand(name, *b, self.kind(*a));
                self.result(name, kind, Kind::Bool);
            }
            Op::Variants(a, _) => {
                self.is_enum(name, *a);
                self.result(name, kind, Kind::Bool);
            }
            Op::Known(_) => self.result(name, kind, Kind::Bool),
            Op::Otherwise(a, b) => [a, b].iter().for_each(|operand| self.operand(name, **operand, kind)),
            Op::Match(on, arms) => self.arms(name, *on, arms, kind),
            Op::Cases { rows, default, .. } => {
                for (test, value) in rows {
                    self.operand(name, *test, Kind::Bool);
                    self.operand(name, *value, kind);
                }
                default.iter().for_each(|value| self.operand(name, *value, kind));
            }
            _ => self.signature(name, op, kind),
        }
    }

    /// Operations whose operands and result each have one kind.
    fn signature(&mut self, name: &str, op: &Op, kind: Kind) {
        use Kind::{Bool, Date, Number, Time};
        let (operands, result): (&[Kind], Kind) = match op {
            Op::Not(_) => (&[Bool], Bool),
            Op::Arith(..) => (&[Number, Number], Number),
            Op::Negate(_) | Op::Abs(_) | Op::Round(..) | Op::Fit { .. } => (&[Number], Number),
            Op::AddMonths(..) | Op::AddDays(..) | Op::AddWorkdays(..) => (&[Date, Number], Date),
            Op::DaysBetween(..) => (&[Date, Date], Number),
            Op::AddHours(..) => (&[Time, Number], Time),
            Op::HoursBetween(..) => (&[Time, Time], Number),
            Op::DateOf(_) => (&[Time], Date),
            Op::Part(_, a) => {
                let of_time = self.kind(*a) == Time;
                (if of_time { &[Time] } else { &[Date] }, Number)
            }
            _ => return,
        };
        for (operand, kind) in op.operands().into_iter().zip(operands) {
            self.operand(name, operand, *kind);
        }
        self.result(name, kind, result);
    }

    fn constant(&mut self, name: &str, value: &Value, kind: Kind) {
        let agrees = matches!(
            (value, kind),
            (Value::Bool(_), Kind::Bool)
                | (Value::Number(_), Kind::Number)
                | (Value::Date(_), Kind::Date)
                | (Value::Time(_), Kind::Time)
                | (Value::Enum(_), Kind::Enum(_))
                | (Value::Text(_), Kind::Text)
        );
        self.expect(agrees, || format!("{name} is the constant {value:?} of kind {kind:?}"));
    }

    fn arms(&mut self, name: &str, on: NodeId, arms: &[(VariantSet, NodeId)], kind: Kind) {
        self.is_enum(name, on);
        let mut covered = VariantSet::EMPTY;
        for (variants, value) in arms {
            let apart = covered.intersection(*variants).is_empty();
            self.expect(apart, || format!("{name} has two arms for one variant"));
            covered = covered.union(*variants);
            self.operand(name, *value, kind);
        }
        let Kind::Enum(id) = self.kind(on) else { return };
        let inputs = self.plan.inputs.iter();
        let mut same = inputs.filter(|input| input.ty == crate::check::typed::Type::Enum(id));
        let all = match &self.plan.graph.nodes[on.index()].op {
            Op::Aggregate(at) => self.plan.aggregates[usize::from(*at)].variants,
            _ => same.next().map_or(VariantSet::EMPTY, |input| input.variants),
        };
        self.expect(all.is_subset(covered), || format!("{name} has no arm for some variant"));
    }

    fn is_enum(&mut self, name: &str, node: NodeId) {
        let is_enum = matches!(self.kind(node), Kind::Enum(_));
        self.expect(is_enum, || format!("{name} asks %{} for its variant", node.0));
    }

    fn operand(&mut self, name: &str, operand: NodeId, kind: Kind) {
        self.has_kind(operand, kind, &format!("an operand of {name}"));
    }

    fn result(&mut self, name: &str, found: Kind, kind: Kind) {
        self.expect(found == kind, || format!("{name} is of kind {found:?}, not {kind:?}"));
    }

    fn aggregates(&mut self) {
        for (at, aggregate) in self.plan.aggregates.iter().enumerate() {
            let name = format!("aggregate {at}");
            let known = aggregate.over < self.program.records.len();
            self.expect(known, || format!("{name} looks over a record that does not exist"));
            if !known {
                continue;
            }
            let seen = self.program.records[aggregate.over].graph.nodes.len();
            let theirs =
                [aggregate.of, aggregate.filter, aggregate.tie, aggregate.group.map(|(theirs, _)| theirs)];
            for node in theirs.into_iter().flatten() {
                self.expect(node.index() < seen, || format!("{name} uses %{}, which does not exist", node.0));
            }
            for node in aggregate.asked() {
                self.exists(node, &name);
            }
            let ranks = matches!(aggregate.kind, AggregateOp::Rank { .. });
            self.expect(ranks == aggregate.mine.is_some(), || {
                format!("{name}: a rank asks for a place, nothing else does")
            });
            let nothing = matches!(aggregate.kind, AggregateOp::Count | AggregateOp::Draw(_));
            self.expect(nothing || aggregate.of.is_some(), || format!("{name} has nothing to look at"));
        }
    }

    fn measure(&mut self, measure: &MeasurePlan) {
        let branches = measure.choice.iter().flat_map(|choice| &choice.branches);
        let tests = measure.requires.iter().chain(&measure.excepts).chain(branches.clone().map(|b| &b.test));
        for test in tests {
            self.has_kind(test.node, Kind::Bool, &format!("{}.{}", measure.name, test.name));
        }
        measure
            .awards
            .iter()
            .chain(branches.flat_map(|b| &b.awards))
            .for_each(|award| self.award(measure, award));
    }

    fn award(&mut self, measure: &MeasurePlan, award: &Award) {
        let Some(column) = measure.columns.get(award.column) else {
            return self.problems.push(format!("{} awards the column {}", measure.name, award.column));
        };
        let name = format!("{}.{}", measure.name, column.name);
        for node in [Some(award.least), award.most].into_iter().flatten() {
            self.exists(node, &name);
        }
        if let Some(months) = award.months {
            self.has_kind(months, Kind::Number, &format!("{name}.months"));
        }
        self.expect(award.most.is_none() || column.ranged, || {
            format!("{name} has a ceiling but no column for it")
        });
        self.expect(award.months.is_none() || column.periodic, || format!("{name} has months but no column"));
    }
}
