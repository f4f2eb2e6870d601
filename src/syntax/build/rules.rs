//! From the grammar's pairs to measures, duties, targets and amendments.

use pest::iterators::Pair;

use crate::syntax::ast::*;
use crate::syntax::parse::{Cursor, Rule};

impl Cursor {
    pub(super) fn measure(&self, pair: Pair<'_, Rule>, kind: MeasureKind) -> Measure {
        let conditions = |rule| self.conditions(&pair, rule);
        let mut checks = conditions(Rule::comply);
        checks.extend(conditions(Rule::reach));
        let own = |pair: &Pair<'_, Rule>| self.all(pair, Rule::benefit, |benefit| self.benefit(benefit));
        let benefits = self.one(&pair, Rule::breach, |breach| own(&breach)).unwrap_or_else(|| own(&pair));
        Measure {
            kind,
            named: self.named(&pair),
            record: self.second_ident(&pair),
            cites: self.cites(&pair),
            force: self.force(&pair),
            lets: self.all(&pair, Rule::let_item, |item| Let {
                named: self.named(&item),
                ty: self.type_in(&item),
                value: self.direct_expr(&item).expect("the grammar gives a value"),
            }),
            requires: conditions(Rule::require),
            excepts: conditions(Rule::except),
            choices: self.choices(&pair),
            benefits,
            checks,
            due: self.one(&pair, Rule::due, |due| self.first_expr(due)),
            excludes: self.listed(&pair, Rule::excludes),
            prevails: self.listed(&pair, Rule::prevails),
        }
    }

    fn conditions(&self, pair: &Pair<'_, Rule>, rule: Rule) -> Vec<Condition> {
        let blocks = self.all(pair, rule, |block| self.all(&block, Rule::condition, |c| self.condition(c)));
        blocks.into_iter().flatten().collect()
    }

    fn choices(&self, pair: &Pair<'_, Rule>) -> Vec<Choice> {
        let mut choices = self.all(pair, Rule::one_of, |choice| self.choice(choice, false));
        choices.extend(self.all(pair, Rule::first_of, |choice| self.choice(choice, true)));
        choices
    }

    pub(super) fn amend(&self, pair: Pair<'_, Rule>) -> Amend {
        Amend {
            target: self.ident_in(pair.clone()).expect("the grammar gives a name"),
            from: self.date_in(pair.clone()).expect("the grammar gives a date"),
            value: self.direct_expr(&pair),
            cites: self.cites(&pair),
            force: self.one(&pair, Rule::in_force, |_| self.force(&pair)),
            drops: self.listed(&pair, Rule::drop),
            requires: self.conditions(&pair, Rule::require),
            excepts: self.conditions(&pair, Rule::except),
            choices: self.choices(&pair),
            benefits: self.all(&pair, Rule::benefit, |benefit| self.benefit(benefit)),
        }
    }

    fn condition(&self, pair: Pair<'_, Rule>) -> Condition {
        Condition { named: self.named(&pair), test: self.direct_expr(&pair), cites: self.cites(&pair) }
    }

    fn choice(&self, pair: Pair<'_, Rule>, first: bool) -> Choice {
        let span = self.span(&pair);
        let branches = self.all(&pair, Rule::branch, |branch| Branch {
            named: self.named(&branch),
            when: self.direct_expr(&branch),
            refuse: self.one(&branch, Rule::refuse, |_| ()).is_some(),
            benefits: self.all(&branch, Rule::benefit, |benefit| self.benefit(benefit)),
            cites: self.cites(&branch),
            span: self.span(&branch),
        });
        Choice { first, branches, span }
    }

    fn benefit(&self, pair: Pair<'_, Rule>) -> Benefit {
        let kind = self.one(&pair, Rule::benefit_kind, |kind| Word {
            text: benefit_kind(kind.clone().into_inner().next().map(|word| word.as_rule())).to_owned(),
            span: self.span(&kind),
        });
        let mut amount = Amount::None;
        for part in pair.clone().into_inner() {
            match part.as_rule() {
                Rule::expr => amount = Amount::Is(self.expr(part)),
                Rule::in_full => amount = Amount::InFull(self.span(&part)),
                Rule::between => {
                    let mut bounds = self.all(&part, Rule::arith, |bound| self.expr(bound)).into_iter();
                    if let (Some(low), Some(high)) = (bounds.next(), bounds.next()) {
                        amount = Amount::Between(low, high);
                    }
                }
                _ => {}
            }
        }
        let modifier = |rule| self.one(&pair, rule, |modifier| self.first_expr(modifier));
        Benefit {
            kind: kind.expect("the grammar gives a kind"),
            named: self.named(&pair),
            ty: self.type_in(&pair),
            amount,
            at_most: modifier(Rule::at_most),
            at_least: modifier(Rule::at_least),
            months: modifier(Rule::per_month),
            cites: self.cites(&pair),
            span: self.span(&pair),
        }
    }
}

fn benefit_kind(rule: Option<Rule>) -> &'static str {
    match rule {
        Some(Rule::kw_pay) => "pay",
        Some(Rule::kw_waive) => "waive",
        Some(Rule::kw_defer) => "defer",
        Some(Rule::kw_extend) => "extend",
        Some(Rule::kw_rate) => "rate",
        Some(Rule::kw_entitle) => "entitle",
        Some(Rule::kw_list) => "list",
        _ => "penalize",
    }
}
