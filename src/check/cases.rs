//! Checks cases and principles: what is given fits the record, what is expected names what the measure has.

use std::collections::BTreeMap;

use super::checker::{Checker, Entry, Items};
use super::expr::Env;
use super::scope::Symbol;
use super::typed::*;
use crate::diag::{Diagnostic, codes};
use crate::source::Span;
use crate::syntax::ast::{self, BinaryOp, Word};
use crate::value::{Date, Number, RunError, Value};

/// Something that a case may name.
struct Spelled {
    name: String,
    label: String,
    /// Where it is declared.
    span: Span,
    /// Of a field of another kind of record, `County.tier`: where that is declared.
    owner: Option<Span>,
}

impl Spelled {
    fn new(name: &str, label: &str, span: Span) -> Spelled {
        Spelled { name: name.to_owned(), label: label.to_owned(), span, owner: None }
    }

    fn condition(own: &Condition) -> Spelled {
        Spelled::new(&own.name, &own.label, own.span)
    }
}

impl Checker<'_> {
    pub(super) fn principles(&mut self, items: &Items<'_>) {
        for entry in &items.principles {
            let head = self.head(entry.module, entry.docs, &entry.item.named, &entry.item.cites);
            let reason = entry.item.reason.as_ref().map(|reason| reason.text.clone());
            if reason.as_ref().is_none_or(|reason| reason.trim().is_empty()) {
                self.report(
                    Diagnostic::new(
                        &codes::EMPTY_MEASURE,
                        head.span,
                        "a principle says why it is not computable",
                    )
                    .at("no reason")
                    .note("add `reason \"…\"`"),
                );
            }
            self.program.principles.push(Principle { head, reason: reason.unwrap_or_default() });
        }
    }

    pub(super) fn cases(&mut self, items: &Items<'_>) {
        let mut places = BTreeMap::new();
        // The cases of other sets are theirs: what is filled in here may change them.
        for entry in items.cases.iter().filter(|entry| entry.module.set == 0) {
            let title = &entry.item.title;
            if let Some(first) = places.insert((entry.module, title.text.as_str()), title.span) {
                self.problems.push(super::scope::duplicate(&title.text, title.span, first, false));
            }
            if let Some(case) = self.case(entry) {
                self.program.cases.push(case);
            }
        }
    }

    fn case(&mut self, entry: &Entry<'_, ast::Case>) -> Option<Case> {
        let item = entry.item;
        let (target, record, force) = self.case_target(entry)?;
        let as_of = match &item.as_of {
            Some(word) => self.date(&word.text, word.span)?,
            None => self.case_date(entry, force)?,
        };
        let mut set = Vec::new();
        let mut assumed = Vec::new();
        for (name, value) in &item.set {
            match self.case_set(entry, name, value)? {
                (OpenItem::Param(id), value) => set.push((id, value)),
                (OpenItem::Define(id), value) => assumed.push((id, value)),
            }
        }
        let env = Env::constant(entry.module);
        let mut records = Vec::new();
        let mut others = Vec::new();
        for given in &item.records {
            match self.given_kind(entry, given, record) {
                Some(kind) if kind != record => others.push(self.given_other(&env, given, kind)),
                Some(_) => records.push(self.given(&env, given, target, record)),
                None => records.push(None),
            }
        }
        let expected = item.records.iter().any(|given| !given.expects.is_empty());
        if !expected {
            self.report(
                Diagnostic::new(&codes::BAD_EXPECTATION, item.title.span, "the case expects nothing")
                    .at("no `expect`")
                    .note("say what the answer is: `expect granted { … }`, `expect refused …`"),
            );
            return None;
        }
        Some(Case {
            title: item.title.text.clone(),
            module: self.module_path(entry.module),
            span: item.title.span,
            target,
            as_of,
            set,
            assumed,
            records: records.into_iter().collect::<Option<_>>()?,
            others: others.into_iter().collect::<Option<_>>()?,
        })
    }

    /// The kind of a record that is given: the measure's own where none is named.
    fn given_kind(
        &mut self,
        entry: &Entry<'_, ast::Case>,
        given: &ast::Given,
        own: RecordId,
    ) -> Option<RecordId> {
        match &given.record {
            Some(word) => self.record_named(entry.module, word),
            None => Some(own),
        }
    }

    /// A record of another kind than the measure is for.
    fn given_other(
        &mut self,
        env: &Env,
        item: &ast::Given,
        record: RecordId,
    ) -> Option<(RecordId, Vec<Option<Value>>)> {
        if let Some(expect) = item.expects.first() {
            let name = &self.program.records[record.index()].head.name;
            let note =
                format!("`{name}` is only looked at; expect something of a record of the measure's kind");
            self.report(
                Diagnostic::new(&codes::BAD_EXPECTATION, expect.span, "this record has no answer here")
                    .at("an expectation")
                    .note(note),
            );
            return None;
        }
        Some((record, self.given_fields(env, item, record)?))
    }

    fn case_target(&mut self, entry: &Entry<'_, ast::Case>) -> Option<(CaseTarget, RecordId, Force)> {
        let word = &entry.item.target;
        match self.symbol(entry.module, word, "a measure or define")? {
            Symbol::Measure(id) => {
                let measure = &self.program.measures[id.index()];
                // A broken measure is reported where it stands.
                let sound = !measure.benefits.is_empty() || measure.choice.is_some();
                sound.then_some((CaseTarget::Measure(id), measure.record, measure.force))
            }
            Symbol::Define(id) => {
                self.used.insert(Symbol::Define(id));
                let define = self.defines[id.index()].as_ref()?;
                Some((CaseTarget::Define(id), define.record, Force::default()))
            }
            other => {
                self.wrong_kind(word, other, "a measure or define");
                None
            }
        }
    }

    /// The first day on which the measure is in force.
    fn case_date(&mut self, entry: &Entry<'_, ast::Case>, force: Force) -> Option<Date> {
        let policy = self.policies[entry.module.set].as_ref().and_then(|policy| policy.force.from);
        let date = force.from.or(policy);
        if date.is_none() {
            self.report(
                Diagnostic::new(&codes::BAD_EXPECTATION, entry.item.target.span, "the case needs a date")
                    .at("nothing says from when this is in force")
                    .note("add the date of evaluation: `as of 2020-03-15`"),
            );
        }
        date
    }

    /// A param with another value, or what is assumed of a define that is still open.
    fn case_set(
        &mut self,
        entry: &Entry<'_, ast::Case>,
        name: &Word,
        value: &ast::Expr,
    ) -> Option<(OpenItem, Value)> {
        let wanted = "a param or an open define";
        let (item, ty, why) = match self.symbol(entry.module, name, wanted)? {
            Symbol::Param(id) => {
                let Param { ty, open, head, .. } = self.program.params[id.index()].clone();
                if let Some(open) = open {
                    let env = Env::constant(entry.module);
                    let value = self.filled_value(&env, value, &ty, &open, head.span)?;
                    return Some((OpenItem::Param(id), value));
                }
                (OpenItem::Param(id), ty, "the value is of the kind of the param")
            }
            Symbol::Define(id) if self.defines[id.index()].as_ref().is_some_and(|own| own.open.is_some()) => {
                let ty = self.program.defines[id.index()].body.ty.clone();
                (OpenItem::Define(id), ty, "the value is of the kind of the define")
            }
            other => {
                self.wrong_kind(name, other, wanted);
                return None;
            }
        };
        if let OpenItem::Define(id) = item {
            self.used.insert(Symbol::Define(id));
            if !self.program.defines[id.index()].body.is_unfilled() {
                self.report(
                    Diagnostic::new(&codes::BAD_EXPECTATION, name.span, format!("`{}` is filled in", name.text))
                        .at("not open any more")
                        .note("only what nobody has filled in can be assumed; give the record fields with which it comes out so"),
                );
                return None;
            }
        }
        let typed = self.expect(&Env::constant(entry.module), value, &ty, why)?;
        Some((item, self.constant_value(&typed)?))
    }

    fn given_fields(&mut self, env: &Env, item: &ast::Given, record: RecordId) -> Option<Vec<Option<Value>>> {
        let count = self.program.records[record.index()].fields.len();
        let mut fields: Vec<Option<Value>> = vec![None; count];
        let mut sound = true;
        let mut places = BTreeMap::new();
        for (name, value) in &item.values {
            let Some(&field) = self.fields[record.index()].get(&name.text) else {
                self.unknown_field(record, name);
                sound = false;
                continue;
            };
            if let Some(first) = places.insert(field, name.span) {
                self.problems.push(super::scope::duplicate(&name.text, name.span, first, false));
            }
            self.refer(name.span, self.program.records[record.index()].fields[field.index()].span);
            let given = self.given_value(env, record, field, value);
            sound &= given.is_some();
            fields[field.index()] = given;
        }
        sound.then_some(fields)
    }

    fn given(&mut self, env: &Env, item: &ast::Given, target: CaseTarget, record: RecordId) -> Option<Given> {
        let fields = self.given_fields(env, item, record);
        if let Some(second) = item.expects.get(1) {
            self.report(
                Diagnostic::new(&codes::BAD_EXPECTATION, second.span, "one record has one answer")
                    .at("a second expectation")
                    .also(item.expects[0].span, "the first one"),
            );
        }
        let expect = match item.expects.first() {
            Some(expect) => Some(self.expectation(env, expect, target)?),
            None => None,
        };
        Some(Given { fields: fields?, expect, span: item.span })
    }

    pub(super) fn unknown_field(&mut self, record: RecordId, name: &Word) {
        let head = &self.program.records[record.index()].head;
        let names: Vec<String> = self.fields[record.index()].keys().cloned().collect();
        let problem = Diagnostic::new(
            &codes::UNKNOWN_NAME,
            name.span,
            format!("{} `{}` has no field `{}`", head.label, head.name, name.text),
        )
        .at("no such field")
        .suggest(&name.text, names.iter().map(String::as_str))
        .also(head.span, "the record is declared here");
        self.report(problem);
    }

    fn given_value(
        &mut self,
        env: &Env,
        record: RecordId,
        field: FieldId,
        value: &ast::Expr,
    ) -> Option<Value> {
        let declared = self.program.records[record.index()].fields[field.index()].clone();
        let typed = self.expect(env, value, &declared.ty, "the value is of the kind of the field")?;
        let found = self.constant_value(&typed)?;
        let number = match &found {
            Value::Number(number) => Some(number.clone()),
            Value::Date(date) => Some(Number::from_int(date.0.into())),
            _ => None,
        };
        let Some(number) = number else { return Some(found) };
        let fine =
            matches!(declared.ty, Type::Number(_)) && number.decimals().is_none_or(|d| d > declared.decimals);
        if !declared.range.contains(&number) || fine {
            let why = if fine { "finer than the field can hold" } else { "outside the range of the field" };
            self.report(
                Diagnostic::new(
                    &codes::BAD_GIVEN,
                    value.span,
                    format!("`{}` cannot have this value", declared.name),
                )
                .at(why)
                .also(declared.span, "the field is declared here")
                .note("a record with such a value would be rejected when it is read"),
            );
            return None;
        }
        Some(found)
    }

    fn expectation(&mut self, env: &Env, item: &ast::Expect, target: CaseTarget) -> Option<Expect> {
        use ast::ExpectKind as Ast;
        let CaseTarget::Measure(id) = target else {
            let CaseTarget::Define(define) = target else { return None };
            return self.define_expectation(env, item, define);
        };
        let measure = self.program.measures[id.index()].clone();
        self.fitting_words(&measure, item)?;
        let branches: Vec<Spelled> = measure
            .choice
            .iter()
            .flat_map(|choice| &choice.branches)
            .map(|own| Spelled::new(&own.name, &own.label, own.span))
            .collect();
        let kind = match &item.kind {
            Ast::Granted { branch, values } => {
                let branch = match branch {
                    Some(word) => Some(self.named_among(word, &branches, "alternative")?),
                    None => None,
                };
                let amounts: Vec<Option<(String, ExpectedAmount)>> = values
                    .iter()
                    .map(|(name, value)| self.expected_amount(env, &measure, name, value))
                    .collect();
                ExpectKind::Granted { branch, benefits: amounts.into_iter().collect::<Option<_>>()? }
            }
            Ast::Refused(names) => {
                let conditions = measure.requires.iter().chain(&measure.excepts).map(Spelled::condition);
                let known: Vec<Spelled> = conditions.chain(branches).collect();
                ExpectKind::Refused { failed: self.all_named(names, &known, "condition")? }
            }
            Ast::Undetermined(names) => {
                let known = self.inputs_of(measure.record);
                ExpectKind::Undetermined { missing: self.all_named(names, &known, "field")? }
            }
            Ast::Conflict(names) => {
                ExpectKind::Conflict { branches: self.all_named(names, &branches, "alternative")? }
            }
            Ast::NotInForce => ExpectKind::NotInForce,
            Ast::Outcome { name, reasons, values } => {
                self.outcome(env, &measure, item.span, name, reasons, values)?
            }
            Ast::Error(name) => ExpectKind::Error { error: self.error_named(name.as_ref())? },
            Ast::Value(value) => {
                self.report(
                    Diagnostic::new(
                        &codes::BAD_EXPECTATION,
                        value.span,
                        "a measure has an answer, not a value",
                    )
                    .at("a value")
                    .note("write `expect granted { … }`, `expect refused …` or the like"),
                );
                return None;
            }
        };
        Some(Expect { kind, span: item.span })
    }

    /// What is expected of a duty or target, in its own words.
    fn outcome(
        &mut self,
        env: &Env,
        measure: &Measure,
        span: Span,
        name: &str,
        reasons: &[Word],
        values: &[(Word, ast::Expr)],
    ) -> Option<ExpectKind> {
        if name == NOT_BOUND {
            let conditions = measure.requires.iter().chain(&measure.excepts);
            let known: Vec<Spelled> = conditions.map(Spelled::condition).collect();
            return Some(ExpectKind::Refused { failed: self.all_named(reasons, &known, "condition")? });
        }
        let checks: Vec<Spelled> = measure.checks.iter().map(Spelled::condition).collect();
        let failed = self.all_named(reasons, &checks, "condition")?;
        let benefits = values.iter().map(|(name, value)| self.expected_amount(env, measure, name, value));
        let benefits = benefits.collect::<Option<_>>()?;
        let branches = measure.choice.iter().flat_map(|choice| &choice.branches);
        let Some(branch) = branches.clone().position(|branch| branch.name == name) else {
            let mut names: Vec<&str> = branches.map(|branch| branch.name.as_str()).collect();
            names.push(NOT_BOUND);
            let known = names.join(", ");
            self.report(
                Diagnostic::new(
                    &codes::BAD_EXPECTATION,
                    span,
                    format!("`{}` is never `{name}`", measure.head.name),
                )
                .at("no such answer")
                .note(format!(
                    "{} is one of: {known}, undetermined, not_in_force, error",
                    measure.kind.words()
                )),
            );
            return None;
        };
        Some(ExpectKind::Outcome { branch, failed, benefits })
    }

    /// Measures are granted or refused; duties are met, targets attained.
    fn fitting_words(&mut self, measure: &Measure, item: &ast::Expect) -> Option<()> {
        use ast::ExpectKind as Ast;
        let of_measure = matches!(item.kind, Ast::Granted { .. } | Ast::Refused(_) | Ast::Conflict(_));
        let of_other = matches!(item.kind, Ast::Outcome { .. });
        let fits = match measure.kind {
            MeasureKind::Measure => !of_other,
            MeasureKind::Duty | MeasureKind::Target => !of_measure,
        };
        if fits {
            return Some(());
        }
        let wanted = match measure.kind.outcomes() {
            None => "granted, refused, undetermined, conflict".to_owned(),
            Some([done, undone]) => format!("{done}, {undone}, {NOT_YET_DUE}, {NOT_BOUND}, undetermined"),
        };
        let kind = measure.kind.words();
        self.report(
            Diagnostic::new(&codes::BAD_EXPECTATION, item.span, format!("this is no answer of {kind}"))
                .at(format!("`{}` is {kind}", measure.head.name))
                .note(format!("{kind} is one of: {wanted}")),
        );
        None
    }

    fn define_expectation(&mut self, env: &Env, item: &ast::Expect, id: DefineId) -> Option<Expect> {
        let define = self.defines[id.index()].clone()?;
        let kind = match &item.kind {
            ast::ExpectKind::Value(value) => {
                let typed =
                    self.expect(env, value, &define.body.ty, "the value is of the kind of the define")?;
                ExpectKind::Value(self.constant_value(&typed)?)
            }
            ast::ExpectKind::Undetermined(names) => {
                let known = self.inputs_of(define.record);
                ExpectKind::Undetermined { missing: self.all_named(names, &known, "field")? }
            }
            ast::ExpectKind::Error(name) => ExpectKind::Error { error: self.error_named(name.as_ref())? },
            _ => {
                self.report(
                    Diagnostic::new(
                        &codes::BAD_EXPECTATION,
                        item.span,
                        "a define has a value, not an answer",
                    )
                    .at("an answer of a measure")
                    .note("write `expect = value`, or `expect undetermined missing field`"),
                );
                return None;
            }
        };
        Some(Expect { kind, span: item.span })
    }

    /// What the answers for a kind of record may lack.
    fn inputs_of(&self, record: RecordId) -> Vec<Spelled> {
        let program = &self.program;
        let fields = program.records[record.index()].fields.iter();
        let fields = fields.map(|field| Spelled::new(&field.name, &field.label, field.span));
        let open = program.open_items().map(|(head, ..)| Spelled::new(&head.name, &head.label, head.span));
        let foreign = super::across::foreign_inputs(program, record).into_iter().map(|(record, field)| {
            let record = &program.records[record.index()];
            let (mut name, mut label) = (record.head.name.clone(), record.head.label.clone());
            let (mut span, mut owner) = (record.head.span, None);
            if let Some(field) = field.map(|field| &record.fields[field.index()]) {
                name = format!("{name}.{}", field.name);
                label = format!("{label}.{}", field.label);
                (span, owner) = (field.span, Some(span));
            }
            Spelled { name, label, span, owner }
        });
        fields.chain(open).chain(foreign).collect()
    }

    fn named_among(&mut self, word: &Word, known: &[Spelled], what: &str) -> Option<usize> {
        let found = known.iter().position(|own| own.name == word.text || own.label == word.text);
        if let Some(at) = found {
            self.refer_spelled(word, &known[at]);
        }
        if found.is_none() {
            let (message, label) = match word.text.contains('.') {
                true => (format!("no answer waits for `{}`", word.text), "nothing looks at it".to_owned()),
                false => (format!("there is no {what} `{}`", word.text), format!("no such {what}")),
            };
            let mut problem = Diagnostic::new(&codes::BAD_EXPECTATION, word.span, message)
                .at(label)
                .suggest(&word.text, known.iter().flat_map(|own| [own.name.as_str(), own.label.as_str()]));
            if !known.is_empty() && known.len() <= 12 {
                problem = problem.note(format!(
                    "it has: {}",
                    known.iter().map(|own| own.name.as_str()).collect::<Vec<_>>().join(", ")
                ));
            }
            self.report(problem);
        }
        found
    }

    fn refer_spelled(&mut self, word: &Word, own: &Spelled) {
        let dot = word.text.find('.').map_or(0, |dot| dot as u32);
        match own.owner {
            Some(owner) => {
                self.refer(Span { end: word.span.start + dot, ..word.span }, owner);
                self.refer(Span { start: word.span.start + dot + 1, ..word.span }, own.span);
            }
            None => self.refer(word.span, own.span),
        }
    }

    fn all_named(&mut self, words: &[Word], known: &[Spelled], what: &str) -> Option<Vec<String>> {
        let found: Vec<Option<usize>> =
            words.iter().map(|word| self.named_among(word, known, what)).collect();
        let found = found.into_iter().collect::<Option<Vec<usize>>>()?;
        Some(found.into_iter().map(|at| known[at].name.clone()).collect())
    }

    /// `Some(None)`: any error.
    fn error_named(&mut self, word: Option<&Word>) -> Option<Option<RunError>> {
        let Some(word) = word else { return Some(None) };
        let names: Vec<Spelled> =
            RunError::ALL.iter().map(|error| Spelled::new(error.name(), error.name(), word.span)).collect();
        let at = self.named_among(word, &names, "error")?;
        Some(Some(RunError::ALL[at]))
    }

    fn expected_amount(
        &mut self,
        env: &Env,
        measure: &Measure,
        name: &Word,
        value: &ast::Expr,
    ) -> Option<(String, ExpectedAmount)> {
        let names: Vec<Spelled> =
            measure.all_benefits().map(|own| Spelled::new(&own.name, &own.label, own.span)).collect();
        let at = self.named_among(name, &names, "benefit")?;
        let benefit = measure.all_benefits().nth(at)?;
        let ty = benefit.ty.clone().unwrap_or(Type::Bool);
        let why = "the amount is of the kind of the benefit";
        let mut take = |expr: &ast::Expr| {
            let typed = self.expect(env, expr, &ty, why)?;
            self.constant_value(&typed)
        };
        let amount = match &value.kind {
            ast::ExprKind::Binary { op: BinaryOp::Range, left, right, .. } => {
                ExpectedAmount::Range { least: take(left)?, most: Some(take(right)?) }
            }
            _ => ExpectedAmount::Exact(take(value)?),
        };
        Some((benefit.name.clone(), amount))
    }
}
