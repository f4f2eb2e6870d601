//! What measures of one record say of each other: which gives way to which. Each relation becomes an exception
//! of the measure that gives way, on the conditions of the other one as they stand in the text.

use super::checker::{Checker, Entry, Items, cite, label_of};
use super::scope::{self, ModuleRef, Symbol};
use super::typed::*;
use crate::diag::{Diagnostic, codes};
use crate::source::Span;
use crate::syntax::ast;

impl Checker<'_> {
    pub(super) fn between(&mut self, items: &Items<'_>) {
        let mut found: Vec<(MeasureId, Condition)> = Vec::new();
        for (at, entry) in items.measures.iter().enumerate() {
            let own = MeasureId(at as u32);
            for (words, applies) in [(&entry.item.excludes, false), (&entry.item.prevails, true)] {
                for word in words {
                    let Some(other) = self.other_measure(entry.module, own, word) else { continue };
                    let measure = &self.program.measures[at];
                    let kind = ExprKind::Granted { measure: own, applies };
                    let condition = Condition {
                        name: measure.head.name.clone(),
                        label: measure.head.label.clone(),
                        test: Expr::bool(kind, word.span),
                        cites: Vec::new(),
                        span: word.span,
                    };
                    found.push((other, condition));
                }
            }
        }
        for entry in &items.bests {
            found.extend(self.best_of(entry).unwrap_or_default());
        }
        self.later_policies(items, &mut found);
        for (measure, condition) in found {
            let own = &mut self.program.measures[measure.index()];
            let taken = own.requires.iter().chain(&own.excepts).find(|other| other.name == condition.name);
            if let Some(first) = taken {
                let problem = scope::duplicate(&condition.name, condition.span, first.span, false);
                self.problems.push(problem.note(format!(
                    "an answer of `{}` names what it gives way to beside its own conditions",
                    own.head.name
                )));
                continue;
            }
            own.excepts.push(condition);
        }
    }

    /// A measure for the same kind of record.
    fn other_measure(&mut self, module: ModuleRef, own: MeasureId, word: &ast::Word) -> Option<MeasureId> {
        let other = match self.symbol(module, word, "a measure")? {
            Symbol::Measure(id) => id,
            other => {
                self.wrong_kind(word, other, "a measure");
                return None;
            }
        };
        let (mine, theirs) = (&self.program.measures[own.index()], &self.program.measures[other.index()]);
        let problem = if own == other {
            Some("a measure does not give way to itself".to_owned())
        } else if mine.record != theirs.record {
            Some(format!("`{}` is for another kind of record than `{}`", theirs.head.name, mine.head.name))
        } else if [mine, theirs].iter().any(|measure| measure.kind != MeasureKind::Measure) {
            Some("only measures give way to each other, not duties or targets".to_owned())
        } else {
            None
        };
        match problem {
            None => Some(other),
            Some(message) => {
                self.report(Diagnostic::new(&codes::WRONG_KIND, word.span, message).at("not this one"));
                None
            }
        }
    }

    /// Of several amounts the highest is given; of equal ones the first in the list.
    fn best_of(&mut self, entry: &Entry<'_, ast::BestOf>) -> Option<Vec<(MeasureId, Condition)>> {
        let item = entry.item;
        let mut contenders: Vec<(MeasureId, String, Type, Span)> = Vec::new();
        for (measure, benefit) in &item.contenders {
            let id = match contenders.first() {
                Some((first, ..)) => self.other_measure(entry.module, *first, measure)?,
                None => match self.symbol(entry.module, measure, "a measure")? {
                    Symbol::Measure(id) => id,
                    other => {
                        self.wrong_kind(measure, other, "a measure");
                        return None;
                    }
                },
            };
            let own = &self.program.measures[id.index()];
            let ty = own
                .all_benefits()
                .find(|own| own.name == benefit.text || own.label == benefit.text)
                .and_then(|own| {
                    let ty = own.ty.clone().filter(|ty| ty.number().is_some())?;
                    Some((own.name.clone(), ty, own.span))
                });
            let first = contenders.first().map(|(_, _, ty, _)| ty.clone());
            match ty {
                Some((name, ty, declared)) if first.as_ref().is_none_or(|first| *first == ty) => {
                    self.refer(benefit.span, declared);
                    contenders.push((id, name, ty, benefit.span));
                }
                _ => {
                    let message = format!(
                        "`{}` gives no amount `{}` that could be compared",
                        measure.text, benefit.text
                    );
                    self.report(
                        Diagnostic::new(&codes::WRONG_BENEFIT, benefit.span, message)
                            .at("amounts of one kind are compared")
                            .note("name a benefit with an amount: `job_subsidy.subsidy`"),
                    );
                    return None;
                }
            }
        }
        if contenders.len() < 2 {
            let message = format!("`{}` chooses among less than two benefits", item.named.name.text);
            self.report(
                Diagnostic::new(&codes::EMPTY_MEASURE, item.named.name.span, message)
                    .at("nothing to choose from")
                    .note("name at least two: `job_subsidy.subsidy, graduate_subsidy.subsidy`"),
            );
            return None;
        }
        let award = |(measure, benefit, ty, span): &(MeasureId, String, Type, Span)| {
            let kind = ExprKind::Award { measure: *measure, benefit: benefit.clone() };
            Expr::number(kind, ty.clone(), *span, Interval::any(), None)
        };
        let conditions = contenders.iter().enumerate().map(|(at, own)| {
            let better =
                contenders.iter().enumerate().filter(|(other, _)| *other != at).map(|(place, other)| {
                    // Of equal ones the first is given.
                    let op = if place < at { CompareOp::AtLeast } else { CompareOp::Greater };
                    let compare = ExprKind::Compare(op, Box::new(award(other)), Box::new(award(own)));
                    let granted = Expr::bool(ExprKind::Granted { measure: other.0, applies: false }, other.3);
                    Expr::bool(ExprKind::All(vec![granted, Expr::bool(compare, own.3)]), own.3)
                });
            let test = Expr::bool(ExprKind::Any(better.collect()), own.3);
            let condition = Condition {
                name: item.named.name.text.clone(),
                label: label_of(&item.named),
                test,
                cites: item.cites.iter().map(cite).collect(),
                span: item.named.name.span,
            };
            (own.0, condition)
        });
        Some(conditions.collect())
    }

    /// Where a policy prevails over another, its measures prevail over those of the same name.
    fn later_policies(&mut self, items: &Items<'_>, found: &mut Vec<(MeasureId, Condition)>) {
        for entry in &items.policies {
            for word in &entry.item.prevails {
                let named = |other: &&Entry<'_, ast::Policy>| {
                    let named = &other.item.named;
                    named.name.text == word.text
                        || named.label.as_ref().is_some_and(|label| label.text == word.text)
                };
                let Some(other) =
                    items.policies.iter().find(named).filter(|other| other.module.set != entry.module.set)
                else {
                    let names = items.policies.iter().map(|other| other.item.named.name.text.as_str());
                    let problem = Diagnostic::new(&codes::UNKNOWN_NAME, word.span, format!("there is no other policy `{}`", word.text))
                        .at("not a policy that is loaded with this one")
                        .suggest(&word.text, names)
                        .note("name the earlier policy as its own header does, and its folder under `[uses]` of pol.toml");
                    self.report(problem);
                    continue;
                };
                self.refer(word.span, other.item.named.name.span);
                self.same_names(items, entry.module.set, other.module.set, word.span, found);
            }
        }
    }

    fn same_names(
        &self,
        items: &Items<'_>,
        mine: usize,
        theirs: usize,
        span: Span,
        found: &mut Vec<(MeasureId, Condition)>,
    ) {
        let of =
            |set: usize| items.measures.iter().enumerate().filter(move |(_, entry)| entry.module.set == set);
        for (at, own) in of(mine) {
            for (other, _) in
                of(theirs).filter(|(_, other)| other.item.named.name.text == own.item.named.name.text)
            {
                let (later, earlier) = (&self.program.measures[at], &self.program.measures[other]);
                let both = later.record == earlier.record
                    && later.kind == MeasureKind::Measure
                    && earlier.kind == later.kind;
                if !both {
                    continue;
                }
                let kind = ExprKind::Granted { measure: MeasureId(at as u32), applies: true };
                let label = format!(
                    "{}: {}",
                    self.policies[mine].as_ref().map_or("", |policy| &policy.head.label),
                    later.head.label
                );
                let condition = Condition {
                    name: "prevailed".to_owned(),
                    label,
                    test: Expr::bool(kind, span),
                    cites: Vec::new(),
                    span,
                };
                found.push((MeasureId(other as u32), condition));
            }
        }
    }
}
