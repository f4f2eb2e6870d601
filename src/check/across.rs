//! Types what looks at other records: values over all records of a kind or over those that belong to the
//! record, and values of the one that the record belongs to.

use std::collections::BTreeSet;

use indexmap::IndexSet;

use super::checker::{Checker, Entry, Items};
use super::expr::Env;
use super::scope::Symbol;
use super::typed::*;
use crate::diag::{Diagnostic, codes};
use crate::source::Span;
use crate::syntax::ast::{self, Word};
use crate::value::Number;

impl Checker<'_> {
    /// What each kind of record belongs to; their fields are known.
    pub(super) fn relations(&mut self, items: &Items<'_>) {
        for (at, entry) in items.records.iter().enumerate() {
            for item in &entry.item.belongs {
                let found = self.relation(entry, RecordId(at as u32), item);
                self.program.records[at].belongs.extend(found);
            }
        }
    }

    fn relation(
        &mut self,
        entry: &Entry<'_, ast::Record>,
        own: RecordId,
        item: &ast::Belongs,
    ) -> Option<Belonging> {
        let record = self.record_named(entry.module, &item.record)?;
        let Some(&via) = self.fields[own.index()].get(&item.via.text) else {
            if !self.broken_names.contains(&item.via.text) {
                self.unknown_field(own, &item.via);
            }
            return None;
        };
        self.refer(item.via.span, self.program.records[own.index()].fields[via.index()].span);
        let (owner, member) = (&self.program.records[record.index()], &self.program.records[own.index()]);
        let name = &owner.head.name;
        let problem = match owner.only_key().map(|key| &owner.fields[key.index()]) {
            None => Some(format!("`{name}` has not one key field, so no single field can name one of them")),
            Some(key) if key.ty != member.fields[via.index()].ty => Some(format!(
                "the key `{}` of `{name}` is of another type than `{}`",
                key.name, item.via.text
            )),
            Some(_) if member.belongs.iter().any(|other| other.record == record) => {
                Some(format!("it belongs to `{name}` already; a second tie has no name of its own"))
            }
            Some(_) => None,
        };
        let Some(problem) = problem else { return Some(Belonging { record, via }) };
        let span = item.record.span.to(item.via.span);
        let problem = Diagnostic::new(&codes::BAD_RELATION, span, "a record cannot belong to another so")
            .at("no such tie")
            .also(owner.head.span, "this is what it would belong to")
            .note(problem);
        self.report(problem);
        None
    }

    /// `County.tier`: a field or define of the one that the record belongs to.
    pub(super) fn related(
        &mut self,
        env: &Env,
        owner: RecordId,
        [record, member]: &[Word; 2],
    ) -> Option<Expr> {
        let span = record.span.to(member.span);
        self.used.insert(Symbol::Record(owner));
        self.refer_symbol(record.span, Symbol::Record(owner));
        let own = env.record.filter(|_| !env.in_aggregate);
        let tie = own.and_then(|own| {
            let belongs = &self.program.records[own.index()].belongs;
            Some((own, *belongs.iter().find(|tie| tie.record == owner)?))
        });
        let Some((own, tie)) = tie else {
            let problem = match env.record {
                None => "a constant cannot look at records".to_owned(),
                Some(_) if env.in_aggregate => {
                    "what is looked at across records cannot look further; a value of its own record is needed"
                        .to_owned()
                }
                Some(own) => {
                    let own = &self.program.records[own.index()].head.name;
                    format!("`{own}` does not say what it belongs to: write `belongs to {} via …` in it", record.text)
                }
            };
            self.report(bad_aggregate(span, &problem));
            return None;
        };
        let of = self.member_of(env, owner, member)?;
        let key = self.program.records[owner.index()].only_key()?;
        let (ty, range, decimals) = (of.ty.clone(), of.range.clone(), of.decimals);
        let aggregate = Aggregate {
            kind: AggregateKind::One,
            over: owner,
            of: Some(of),
            filter: None,
            group: Some(self.field_expr(owner, key, span)),
            mine: Some(self.field_expr(own, tie.via, span)),
            known_only: false,
        };
        Some(Expr::number(ExprKind::Aggregate(Box::new(aggregate)), ty, span, range, decimals))
    }

    /// A field or define of a record, perhaps of another module.
    fn member_of(&mut self, env: &Env, owner: RecordId, member: &Word) -> Option<Expr> {
        let inner = Env { record: Some(owner), lets: Vec::new(), in_aggregate: true, module: env.module };
        if self.fields[owner.index()].contains_key(&member.text) {
            return self.field_of(&inner, member);
        }
        let named = |define: &Define| define.head.name == member.text || define.head.label == member.text;
        let mut defines = self.defines.iter().enumerate();
        let found = defines.find_map(|(at, define)| {
            let define = define.as_ref().filter(|define| define.record == owner && named(define))?;
            Some((DefineId(at as u32), define.body.clone()))
        });
        let Some((id, body)) = found else {
            if !self.broken_names.contains(&member.text) {
                self.unknown_field(owner, member);
            }
            return None;
        };
        self.used.insert(Symbol::Define(id));
        self.refer_symbol(member.span, Symbol::Define(id));
        if self.across.contains(&id) {
            self.report(bad_aggregate(
                member.span,
                "it looks at other records itself, and what is looked at cannot look further",
            ));
            return None;
        }
        Some(Expr::number(ExprKind::Define(id), body.ty, member.span, body.range, body.decimals))
    }

    fn field_expr(&self, record: RecordId, field: FieldId, span: Span) -> Expr {
        let declared = &self.program.records[record.index()].fields[field.index()];
        let (ty, range) = (declared.ty.clone(), declared.range.clone());
        Expr::number(ExprKind::Field(field), ty, span, range, Some(declared.decimals))
    }

    pub(super) fn aggregate(&mut self, env: &Env, item: &ast::Aggregate, span: Span) -> Option<Expr> {
        let over = self.aggregate_record(env, item, span)?;
        let inner = Env { record: Some(over), lets: Vec::new(), in_aggregate: true, module: env.module };
        let tests = matches!(item.kind, ast::AggregateKind::Any | ast::AggregateKind::All);
        let of = match (&item.kind, &item.of) {
            (ast::AggregateKind::Count, _) => None,
            (_, Some(of)) if tests => Some(self.aggregate_test(&inner, of)?),
            (_, Some(of)) => Some(self.aggregate_value(&inner, env, of)?),
            (_, None) => {
                self.report(bad_aggregate(span, "it must say of what: `sum of revenue over Enterprise`"));
                return None;
            }
        };
        let filter = match &item.filter {
            Some(filter) => Some(self.aggregate_test(&inner, filter)?),
            None => None,
        };
        let (group, mine) = self.aggregate_group(env, &inner, item, over)?;
        let adds = matches!(item.kind, ast::AggregateKind::Sum | ast::AggregateKind::Average);
        if let Some(dates) = of.as_ref().filter(|of| adds && of.ty == Type::Date) {
            self.report(bad_aggregate(
                dates.span,
                "dates cannot be added; `min of` and `max of` work with them",
            ));
            return None;
        }
        let number = |value: &Expr| (value.ty.clone(), value.range.clone(), value.decimals);
        let truth = || (Type::Bool, Interval::any(), None);
        let (kind, (ty, range, decimals)) = match &item.kind {
            ast::AggregateKind::Rank { descending, ties } => {
                let ties = match ties {
                    Some(field) => Ties::By(Box::new(self.field_of(&inner, field)?)),
                    None => Ties::Share,
                };
                let shape = (Type::plain(), Interval::at_least(Number::ONE), Some(0));
                (AggregateKind::Rank { descending: *descending, ties }, shape)
            }
            ast::AggregateKind::Count => {
                (AggregateKind::Count, (Type::plain(), Interval::at_least(Number::ZERO), Some(0)))
            }
            ast::AggregateKind::Sum => {
                let (ty, _, decimals) = number(of.as_ref()?);
                (AggregateKind::Sum, (ty, Interval::any(), decimals))
            }
            ast::AggregateKind::Average => {
                let (ty, range, _) = number(of.as_ref()?);
                (AggregateKind::Average, (ty, range, None))
            }
            ast::AggregateKind::Min => (AggregateKind::Least, number(of.as_ref()?)),
            ast::AggregateKind::Max => (AggregateKind::Greatest, number(of.as_ref()?)),
            ast::AggregateKind::Any => (AggregateKind::Any, truth()),
            ast::AggregateKind::All => (AggregateKind::All, truth()),
        };
        let aggregate = Aggregate { kind, over, of, filter, group, mine, known_only: item.known_only };
        Some(Expr::number(ExprKind::Aggregate(Box::new(aggregate)), ty, span, range, decimals))
    }

    /// The kind of record that is looked over.
    fn aggregate_record(&mut self, env: &Env, item: &ast::Aggregate, span: Span) -> Option<RecordId> {
        let Some(own) = env.record else {
            self.report(bad_aggregate(span, "a constant cannot look at records"));
            return None;
        };
        if env.in_aggregate {
            self.report(bad_aggregate(span, "it stands inside another one; give the inner one a name with `define` on the record's own field instead"));
            return None;
        }
        let named = match (&item.over, &item.kind, &item.of) {
            (Some(over), ..) => Some(over.clone()),
            (None, ast::AggregateKind::Count, Some(ast::Expr { kind: ast::ExprKind::Path(path), .. }))
                if path.len() == 1 =>
            {
                Some(path[0].clone())
            }
            (None, ast::AggregateKind::Count, _) => {
                self.report(bad_aggregate(span, "say what is counted: `count of City where …`"));
                return None;
            }
            _ => None,
        };
        let Some(word) = named else { return Some(own) };
        let record = self.record_named(env.module, &word)?;
        let ranks = matches!(item.kind, ast::AggregateKind::Rank { .. });
        if record != own && ranks {
            let name = self.program.records[own.index()].head.name.clone();
            self.report(bad_aggregate(
                word.span,
                &format!("a record has its place among those of its own kind: `over {name}`"),
            ));
            return None;
        }
        Some(record)
    }

    /// By what records are told apart: the field after `by`, or what they belong to. First on the records that
    /// are looked over; then on the one that asks, where that is something else.
    fn aggregate_group(
        &mut self,
        env: &Env,
        inner: &Env,
        item: &ast::Aggregate,
        over: RecordId,
    ) -> Option<(Option<Expr>, Option<Expr>)> {
        let own = env.record?;
        if item.members {
            let word = item.over.as_ref()?;
            let belongs = &self.program.records[over.index()].belongs;
            let tie = belongs.iter().find(|tie| tie.record == own).copied();
            let problem = match (tie, &item.by) {
                (None, _) => {
                    let own = &self.program.records[own.index()].head.name;
                    Some(format!(
                        "`{}` does not belong to `{own}`: write `belongs to {own} via …` in it",
                        word.text
                    ))
                }
                (_, Some(_)) => Some("those that belong to the record are one group already".to_owned()),
                _ => None,
            };
            if let Some(problem) = problem {
                self.report(bad_aggregate(word.span, &problem));
                return None;
            }
            let key = self.program.records[own.index()].only_key()?;
            let group = self.field_expr(over, tie?.via, word.span);
            return Some((Some(group), Some(self.field_expr(own, key, word.span))));
        }
        let Some(by) = &item.by else { return Some((None, None)) };
        if over != own {
            self.report(bad_aggregate(
                by.span,
                "records of another kind have no group in common with this one; `over its …` takes those that belong to it",
            ));
            return None;
        }
        Some((Some(self.field_of(inner, by)?), None))
    }

    /// A condition on one of the records that are looked over.
    fn aggregate_test(&mut self, inner: &Env, test: &ast::Expr) -> Option<Expr> {
        let typed = self.condition(inner, test)?;
        if self.looks_across(&typed) {
            self.report(bad_aggregate(typed.span, "its condition looks across records itself"));
            return None;
        }
        Some(typed)
    }

    /// What is added or ranked: a number or date that itself looks at no other records.
    fn aggregate_value(&mut self, inner: &Env, outer: &Env, of: &ast::Expr) -> Option<Expr> {
        if let ast::ExprKind::Path(path) = &of.kind {
            let is_let =
                path.len() == 1 && outer.lets.iter().any(|item| item.spellings.contains(&path[0].text));
            if is_let && self.resolve(inner, &path[0].text, None).is_none() {
                self.report(bad_aggregate(
                    of.span,
                    "a `let` belongs to one record; make it a `define` to look at it across records",
                ));
                return None;
            }
        }
        let value = self.infer(inner, of, None)?;
        if value.ty.number().is_none() && value.ty != Type::Date {
            let found = self.type_name(&value.ty);
            self.report(bad_aggregate(of.span, &format!("it needs numbers, this is {found}")));
            return None;
        }
        if self.looks_across(&value) {
            self.report(bad_aggregate(of.span, "what it looks at looks across records itself"));
            return None;
        }
        Some(value)
    }

    pub(super) fn field_of(&mut self, env: &Env, word: &Word) -> Option<Expr> {
        let expr = ast::Expr { span: word.span, kind: ast::ExprKind::Path(vec![word.clone()]) };
        self.infer(env, &expr, None)
    }

    /// Whether an expression, through its defines, is decided by other records too.
    pub(super) fn looks_across(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Aggregate(_) => true,
            ExprKind::Define(id) => self.across.contains(id),
            _ => {
                let mut found = false;
                expr.each_part(&mut |part| found |= self.looks_across(part));
                found
            }
        }
    }

    pub(super) fn note_across(&mut self, id: DefineId, body: &Expr) {
        if self.looks_across(body) {
            self.across.insert(id);
        }
    }
}

/// What the answers for a kind of record depend on in records of other kinds, and in the one that it belongs to:
/// a kind of record as such (`None`), and fields of it.
pub fn foreign_inputs(program: &Program, record: RecordId) -> IndexSet<(RecordId, Option<FieldId>)> {
    let mut found = IndexSet::new();
    let mut look = |expr: &Expr| {
        expr.walk(&mut |part| {
            let ExprKind::Aggregate(aggregate) = &part.kind else { return };
            // One of the same kind is another record too.
            if aggregate.over != record || matches!(aggregate.kind, AggregateKind::One) {
                found.insert((aggregate.over, None));
                let fields = fields_seen(program, aggregate).into_iter();
                found.extend(fields.map(|field| (aggregate.over, Some(field))));
            }
        });
    };
    let own = program.defines.iter().filter(|define| define.record == record);
    own.for_each(|define| look(&define.body));
    let own = program.measures.iter().filter(|measure| measure.record == record);
    own.for_each(|measure| measure.each_expr(&mut look));
    found
}

/// The fields that an aggregate reads of the records that it looks over.
fn fields_seen(program: &Program, aggregate: &Aggregate) -> BTreeSet<FieldId> {
    let (mut fields, mut defines) = (BTreeSet::new(), BTreeSet::new());
    let mut waiting: Vec<&Expr> =
        [&aggregate.of, &aggregate.filter, &aggregate.group].into_iter().flatten().collect();
    while let Some(expr) = waiting.pop() {
        expr.walk(&mut |part| match &part.kind {
            ExprKind::Field(field) | ExprKind::Member { field, .. } => {
                fields.insert(*field);
            }
            ExprKind::Define(id) if defines.insert(*id) => {
                waiting.extend(program.defines.get(id.index()).map(|define| &define.body));
            }
            _ => {}
        });
    }
    fields
}

fn bad_aggregate(span: Span, note: &str) -> Diagnostic {
    Diagnostic::new(&codes::BAD_AGGREGATE, span, "this value across records cannot stand here")
        .at("cannot look at records here")
        .note(note)
}
