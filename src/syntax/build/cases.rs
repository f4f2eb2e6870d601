//! From the grammar's pairs to cases.

use pest::iterators::Pair;

use crate::syntax::ast::*;
use crate::syntax::parse::{Cursor, Rule};

impl Cursor {
    pub(super) fn case(&self, pair: Pair<'_, Rule>) -> Case {
        let mut case = Case {
            title: self.string_in(pair.clone()).expect("the grammar gives a title"),
            target: self.ident_in(pair.clone()).expect("the grammar gives a target"),
            as_of: self.one(&pair, Rule::as_of_date, |as_of| self.date_in(as_of)).flatten(),
            set: self.all(&pair, Rule::case_set, |set| {
                let name = self.ident_in(set.clone()).expect("the grammar gives a name");
                (name, self.first_expr(set))
            }),
            records: Vec::new(),
        };
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::given => case.records.push(Given {
                    span: self.span(&part),
                    record: self.ident_in(part.clone()),
                    values: self.values(&part).unwrap_or_default(),
                    expects: Vec::new(),
                }),
                Rule::expect => {
                    let expect = self.expect(part);
                    match case.records.last_mut() {
                        Some(given) => given.expects.push(expect),
                        None => {
                            let span = expect.span;
                            let given =
                                Given { record: None, values: Vec::new(), expects: vec![expect], span };
                            case.records.push(given);
                        }
                    }
                }
                _ => {}
            }
        }
        case
    }

    fn values(&self, pair: &Pair<'_, Rule>) -> Option<Vec<(Word, Expr)>> {
        self.one(pair, Rule::values, |values| {
            self.all(&values, Rule::field_value, |value| {
                let name = self.ident_in(value.clone()).expect("the grammar gives a name");
                (name, self.first_expr(value))
            })
        })
    }

    fn expect(&self, pair: Pair<'_, Rule>) -> Expect {
        let span = self.span(&pair);
        let inner = pair.into_inner().find(|part| part.as_rule() != Rule::kw_expect);
        let inner = inner.expect("the grammar gives an answer");
        let names = || {
            self.one(&inner, Rule::names, |names| self.all(&names, Rule::ident, |n| self.word(&n)))
                .unwrap_or_default()
        };
        let kind = match inner.as_rule() {
            Rule::granted => ExpectKind::Granted {
                branch: self.ident_in(inner.clone()),
                values: self.values(&inner).unwrap_or_default(),
            },
            Rule::refused => ExpectKind::Refused(names()),
            Rule::undetermined => {
                let inputs = self.one(&inner, Rule::inputs, |inputs| {
                    self.all(&inputs, Rule::input, |input| self.word(&input))
                });
                ExpectKind::Undetermined(inputs.unwrap_or_default())
            }
            Rule::conflict => ExpectKind::Conflict(names()),
            Rule::not_in_force => ExpectKind::NotInForce,
            Rule::run_error => ExpectKind::Error(self.ident_in(inner)),
            Rule::answer_name => ExpectKind::Outcome {
                name: self.one(&inner, Rule::outcome_name, outcome_name).unwrap_or("met"),
                reasons: names(),
                values: self.values(&inner).unwrap_or_default(),
            },
            _ => ExpectKind::Value(self.first_expr(inner)),
        };
        Expect { kind, span }
    }
}

/// The answer of a duty or target, by its name in outputs.
fn outcome_name(pair: Pair<'_, Rule>) -> &'static str {
    match pair.into_inner().next().map(|word| word.as_rule()) {
        Some(Rule::kw_breached) => "breached",
        Some(Rule::kw_not_yet_due) => "not_yet_due",
        Some(Rule::kw_not_bound) => "not_bound",
        Some(Rule::kw_attained) => "attained",
        Some(Rule::kw_missed) => "missed",
        _ => "met",
    }
}
