//! The facts behind an explanation: every expression of the checked program with its node in the core.

use indexmap::IndexMap;

use crate::check::show::{Language, Names, show_expr, show_value, show_variants};
use crate::check::typed::{
    Cite, DefineId, Expr, ExprKind, Force, Head, Measure, MeasureId, MeasureKind, NumberKind, Open, Program,
    RecordId, TableId, Type,
};
use crate::explain::words::{self, Words, words};
use crate::explain::{Citation, Derived, Detail, Explanation, Mark, Named};
use crate::interp::{Evaluator, FinishedAggregates, Inputs, Status, Trace};
use crate::ir::{Lowering, MeasurePlan, NodeId, RecordPlan, Scope, Source};
use crate::value::{Fact, Value};

/// Explains the answers of a checked program's measures.
#[derive(Debug)]
pub struct Explainer<'a> {
    program: &'a Program,
    plans: Vec<RecordPlan>,
    nodes: Nodes,
    /// By measure: its position in its record's plan.
    positions: Vec<usize>,
}

/// Where expressions stand in the plans, by their address in the checked program. Only looked up.
#[derive(Debug, Default)]
struct Nodes {
    exprs: IndexMap<(*const Expr, MeasureScope), NodeId>,
    /// The tests of the rows of each table call.
    rows: IndexMap<(*const Expr, MeasureScope), Vec<NodeId>>,
}

/// Expressions of defines belong to no measure.
type MeasureScope = Option<MeasureId>;

impl<'a> Explainer<'a> {
    pub fn new(program: &'a Program) -> Explainer<'a> {
        let mut lowering = Lowering::new(program);
        let mut nodes = Nodes::default();
        for define in &program.defines {
            let scope = Scope { record: define.record, measure: None };
            nodes.note(&mut lowering, scope, &define.body);
        }
        let mut positions = Vec::with_capacity(program.measures.len());
        let mut counts = vec![0; program.records.len()];
        for (at, measure) in program.measures.iter().enumerate() {
            let scope = Scope { record: measure.record, measure: Some(MeasureId(at as u32)) };
            measure.each_expr(&mut |expr| nodes.note(&mut lowering, scope, expr));
            let drawn = measure.all_benefits().filter_map(|benefit| benefit.draws);
            for (budget, _) in drawn {
                nodes.note(&mut lowering, scope, &program.budgets[budget.index()].pool);
            }
            positions.push(counts[measure.record.index()]);
            counts[measure.record.index()] += 1;
        }
        let plans = (0..program.records.len()).map(|at| lowering.plan(RecordId(at as u32))).collect();
        Explainer { program, plans, nodes, positions }
    }

    /// The plans that explanations are made from, one for each kind of record.
    pub fn plans(&self) -> &[RecordPlan] {
        &self.plans
    }

    /// The plan that explanations of a kind of record are made from. Its inputs and aggregates are those of
    /// the lowered program, so finished aggregates of either serve both.
    pub fn plan(&self, record: RecordId) -> &RecordPlan {
        &self.plans[record.index()]
    }

    /// Why a measure answers as it does for the record with these fields.
    pub fn explain(
        &self,
        measure: MeasureId,
        inputs: &Inputs,
        aggregates: Option<&FinishedAggregates>,
        fields: &[Fact],
        language: Language,
    ) -> Explanation {
        let source = &self.program.measures[measure.index()];
        let mut evaluator = Evaluator::new(self.plan(source.record), inputs, aggregates, fields);
        let trace = Trace::of(&mut evaluator, self.positions[measure.index()]);
        let facts = (0..self.plan(source.record).graph.nodes.len() as u32)
            .map(|at| evaluator.fact(NodeId(at)))
            .collect();
        let view = View { explainer: self, measure, source, inputs, fields, facts, language };
        view.explanation(&trace)
    }
}

impl<'a> Explainer<'a> {
    /// How a define came to its value for the record with these fields: itself first, then what it rests on.
    pub fn explain_define(
        &self,
        define: DefineId,
        inputs: &Inputs,
        aggregates: Option<&FinishedAggregates>,
        fields: &[Fact],
        language: Language,
    ) -> Vec<Derived> {
        let source = &self.program.defines[define.index()];
        let plan = self.plan(source.record);
        let mut evaluator = Evaluator::new(plan, inputs, aggregates, fields);
        let facts = (0..plan.graph.nodes.len() as u32).map(|at| evaluator.fact(NodeId(at))).collect();
        // A define belongs to no measure: this one has nothing in it.
        let measure = MeasureId(u32::MAX);
        let empty = Measure {
            kind: MeasureKind::Measure,
            head: source.head.clone(),
            record: source.record,
            force: Force::default(),
            lets: Vec::new(),
            checks: Vec::new(),
            due: None,
            requires: Vec::new(),
            excepts: Vec::new(),
            choice: None,
            benefits: Vec::new(),
        };
        let view = View { explainer: self, measure, source: &empty, inputs, fields, facts, language };
        view.derived_of(define)
    }
}

impl Nodes {
    fn note(&mut self, lowering: &mut Lowering<'_>, scope: Scope, expr: &Expr) {
        expr.walk_on(scope.record, &mut |part| {
            let key = (std::ptr::from_ref(part), scope.measure);
            self.exprs.insert(key, lowering.node(scope, part));
            if let ExprKind::Table { table, inputs } = &part.kind {
                self.rows.insert(key, lowering.row_tests(scope, *table, inputs));
            }
        });
    }
}

/// One measure on one record.
pub(super) struct View<'a> {
    explainer: &'a Explainer<'a>,
    pub measure: MeasureId,
    pub source: &'a Measure,
    pub inputs: &'a Inputs,
    fields: &'a [Fact],
    facts: Vec<Fact>,
    pub language: Language,
}

impl<'a> View<'a> {
    pub fn program(&self) -> &'a Program {
        self.explainer.program
    }

    fn plan(&self) -> &'a MeasurePlan {
        &self.explainer.plan(self.source.record).measures[self.explainer.positions[self.measure.index()]]
    }

    pub fn words(&self) -> &'static Words {
        words(self.language)
    }

    pub fn names(&self) -> Names<'a> {
        Names {
            program: self.program(),
            record: self.source.record,
            lets: &self.source.lets,
            language: self.language,
        }
    }

    /// The fact of an expression of the measure, or of a define.
    pub fn fact(&self, expr: &Expr) -> &Fact {
        let nodes = &self.explainer.nodes.exprs;
        let address = std::ptr::from_ref(expr);
        let node = nodes.get(&(address, Some(self.measure))).or_else(|| nodes.get(&(address, None)));
        node.map_or(&Fact::FALSE, |node| &self.facts[node.index()])
    }

    /// The facts of the tests of a called table's rows.
    pub fn row_facts(&self, call: &Expr) -> Vec<&Fact> {
        let rows = &self.explainer.nodes.rows;
        let address = std::ptr::from_ref(call);
        let nodes = rows.get(&(address, Some(self.measure))).or_else(|| rows.get(&(address, None)));
        nodes.into_iter().flatten().map(|node| &self.facts[node.index()]).collect()
    }

    pub fn value(&self, ty: &Type, value: &Value) -> String {
        show_value(self.program(), ty, value, self.language)
    }

    /// A fact in words: its value, or why there is none.
    pub fn fact_words(&self, ty: &Type, fact: &Fact) -> String {
        let words = self.words();
        match fact {
            Fact::Known(value) => self.value(ty, value),
            Fact::Missing(missing) if missing.possible.is_empty() => words.absent.into(),
            Fact::Missing(missing) => {
                let left = show_variants(self.program(), ty, missing.possible, self.language);
                format!("{}{left}{}", words.may_be, words.may_be_end)
            }
            Fact::Error(error) => format!("{}{}", words.failure, words::error(*error, self.language)),
        }
    }

    pub fn expr(&self, expr: &Expr) -> String {
        show_expr(self.names(), expr)
    }

    /// An expression with every name replaced by its value.
    pub fn expr_with_values(&self, expr: &Expr) -> String {
        crate::check::show::show_expr_with(self.names(), expr, &|part| {
            let named = matches!(
                part.kind,
                ExprKind::Field(_)
                    | ExprKind::Param(_)
                    | ExprKind::Bound { .. }
                    | ExprKind::Member { .. }
                    | ExprKind::Granted { .. }
                    | ExprKind::Award { .. }
                    | ExprKind::Claimed { .. }
                    | ExprKind::Drawn { .. }
                    | ExprKind::Define(_)
                    | ExprKind::Let(_)
                    | ExprKind::AsOf
                    | ExprKind::Table { .. }
                    | ExprKind::Aggregate(_)
            );
            named.then(|| self.fact_words(&part.ty, self.fact(part)))
        })
    }

    pub fn cites(&self, cites: &[Cite]) -> Vec<Citation> {
        let title = |cite: &Cite| {
            let policy = self.program().policy.as_ref();
            let only = self.program().sources.len() == 1;
            policy.filter(|_| only).map_or_else(|| cite.source.clone(), |policy| policy.head.label.clone())
        };
        let citation =
            |cite: &Cite| Citation { source: title(cite), article: cite.article, quote: cite.quote.clone() };
        cites.iter().map(citation).collect()
    }

    pub fn table(&self, id: TableId) -> &'a crate::check::typed::Table {
        &self.program().tables[id.index()]
    }

    fn explanation(&self, trace: &Trace) -> Explanation {
        let program = self.program();
        let record = &program.records[self.source.record.index()];
        let answer = &trace.answer;
        Explanation {
            language: self.language,
            policy: program.policy.as_ref().map(|policy| policy.head.label.clone()),
            measure: named(&self.source.head),
            record: named(&record.head),
            keys: self
                .details(record.fields.iter().enumerate().filter(|(_, field)| field.key).map(|(at, _)| at)),
            as_of: self.inputs.as_of().to_string(),
            status: answer.status.name_for(self.plan(), answer.branch).to_owned(),
            kind: self.source.kind.name(),
            summary: self.summary(trace),
            cites: self.cites(&self.source.head.cites),
            requires: self.requires(trace),
            excepts: self.excepts(trace),
            checks: self.checks(trace),
            due: self.source.due.as_ref().map(|due| self.fact_words(&due.ty, self.fact(due))),
            branches: self.branches(trace),
            benefits: self.benefits(trace),
            derived: self.derived(),
            missing: self.missing(trace),
        }
    }

    /// Fields by position, with their values.
    fn details(&self, fields: impl Iterator<Item = usize>) -> Vec<Detail> {
        let record = &self.program().records[self.source.record.index()];
        let detail = |at: usize| {
            let field = &record.fields[at];
            let value = self.fact_words(&field.ty, &self.fields[at]);
            Detail { name: field.name.clone(), label: field.label.clone(), value }
        };
        fields.map(detail).collect()
    }

    /// The fields that could decide, with what may be filled in.
    fn missing(&self, trace: &Trace) -> Vec<Detail> {
        let record = &self.program().records[self.source.record.index()];
        let field = |at: usize| {
            let field = &record.fields[at];
            let value = self.wanted(&field.ty, &self.fields[at]);
            Detail { name: field.name.clone(), label: field.label.clone(), value }
        };
        let inputs = &self.explainer.plan(self.source.record).inputs;
        let detail = |at: usize| match &inputs[at].source {
            Source::Field => field(at),
            Source::Member { field: own, .. } => field(*own),
            Source::Open(_) => self.waits_for(at - record.fields.len()),
            Source::Foreign { record, field } => self.foreign(&inputs[at].name, *record, *field),
        };
        let mut missing: Vec<Detail> = trace.answer.missing.iter().map(usize::from).map(detail).collect();
        missing.dedup();
        missing
    }

    /// What a related record lacks, or that there is none.
    fn foreign(&self, name: &str, record: RecordId, field: Option<usize>) -> Detail {
        let owner = &self.program().records[record.index()];
        let (name, mut label) = (name.to_owned(), owner.head.label.clone());
        let Some(field) = field.map(|at| &owner.fields[at]) else {
            return Detail { name, label, value: self.words().no_such_record.into() };
        };
        label = format!("{label}.{}", field.label);
        Detail { name, label, value: self.wanted(&field.ty, &Fact::FALSE) }
    }

    /// What others have yet to fill in, by position among what is open.
    fn waits_for(&self, at: usize) -> Detail {
        let (head, ty, open, _) =
            self.program().open_items().nth(at).expect("beyond fields stands what is open");
        Detail { name: head.name.clone(), label: head.label.clone(), value: self.open_words(ty, open) }
    }

    /// Who decides something, and within which bounds.
    pub(super) fn open_words(&self, ty: &Type, open: &Open) -> String {
        let words = self.words();
        let mut value = match &open.by {
            Some(by) => format!("{}{by}", words.waits_for),
            None => words.waits.to_owned(),
        };
        let bounds: Vec<String> = [(words.floor, &open.least), (words.cap, &open.most)]
            .into_iter()
            .filter_map(|(word, bound)| Some(format!("{word}{}", self.value(ty, bound.as_ref()?))))
            .collect();
        if !bounds.is_empty() {
            value = format!("{value}{}{}", words.comma, bounds.join(words.comma));
        }
        value
    }

    /// What may be filled in for a missing field.
    fn wanted(&self, ty: &Type, fact: &Fact) -> String {
        let words = self.words();
        match (ty, fact) {
            (Type::Enum(_), Fact::Missing(missing)) => {
                let variants = show_variants(self.program(), ty, missing.possible, self.language);
                format!("{}{variants}", words.among)
            }
            (Type::Bool, _) => words.want_truth.into(),
            (Type::Date, _) => words.want_date.into(),
            (Type::Time, _) => words.want_time.into(),
            (Type::Number(number), _) if number.kind != NumberKind::Plain => words.want_rate.into(),
            (Type::Number(number), _) if number.dimension.is_none() => words.want_number.into(),
            (Type::Number(number), _) => {
                format!("{}{}{}", words.want_number, words.want_in, number.dimension)
            }
            (Type::Text | Type::Enum(_), _) => words.want_text.into(),
        }
    }

    fn summary(&self, trace: &Trace) -> String {
        let (words, answer) = (self.words(), &trace.answer);
        let plan = self.plan();
        let failed = answer.failed.iter().map(|failure| label(failure.test(plan)));
        let outcome = words::outcome(answer.status.name_for(plan, answer.branch), self.language);
        let names: Vec<String> = match answer.status {
            Status::Refused | Status::Conflict => failed.collect(),
            Status::Granted if outcome.is_some() => failed.collect(),
            Status::Undetermined => self.missing(trace).into_iter().map(|detail| detail.label).collect(),
            Status::Error => {
                answer.error.iter().map(|e| words::error(*e, self.language).to_owned()).collect()
            }
            Status::Granted | Status::NotInForce => Vec::new(),
        };
        let usual =
            || (words::status(answer.status, self.language), words::ground(answer.status, self.language));
        let (status, ground) = outcome.unwrap_or_else(usual);
        let names = names.join(words.list);
        format!("{}{}{status}{}{ground}{names}", self.source.head.label, words.colon, words.because)
    }
}

fn label(test: &crate::ir::Test) -> String {
    if test.label.is_empty() { test.name.clone() } else { test.label.clone() }
}

fn named(head: &Head) -> Named {
    Named { name: head.name.clone(), label: head.label.clone() }
}

pub(super) fn mark(fact: &Fact) -> Mark {
    match fact {
        Fact::Known(Value::Bool(true)) => Mark::Holds,
        Fact::Known(_) => Mark::Fails,
        Fact::Missing(_) => Mark::Open,
        Fact::Error(_) => Mark::Error,
    }
}
