//! Measures, duties and targets, and principles.

use super::{BudgetId, Cite, Expr, ExprKind, Force, Head, MeasureId, RecordId, Type};
use crate::source::Span;
pub use crate::syntax::ast::MeasureKind;
use crate::value::{Number, Rounding};

/// Conditions and benefits for one kind of record.
///
/// A duty and a target are measures whose alternatives are made by the checker, see [`Measure::outcomes`]: whom
/// the duty binds (or what the target is about) stands in `requires` and `excepts`, what is to be done in
/// `checks`.
#[derive(Debug, Clone)]
pub struct Measure {
    pub kind: MeasureKind,
    pub head: Head,
    pub record: RecordId,
    pub force: Force,
    pub lets: Vec<Let>,
    /// Of a duty or target: what is to be done or reached.
    pub checks: Vec<Condition>,
    /// Of a duty or target: the last day (or moment) for it.
    pub due: Option<Expr>,
    /// All must hold.
    pub requires: Vec<Condition>,
    /// None may hold.
    pub excepts: Vec<Condition>,
    pub choice: Option<Choice>,
    /// Given whichever branch is taken.
    pub benefits: Vec<Benefit>,
}

/// The alternatives of a duty or target: it may still be done; it is done; it is not.
pub const NOT_YET_DUE: &str = "not_yet_due";
/// The answer of a duty or target to a record that it is not about.
pub const NOT_BOUND: &str = "not_bound";

impl MeasureKind {
    /// The names of what is done and of what is not; `None` for a measure.
    pub fn outcomes(self) -> Option<[&'static str; 2]> {
        match self {
            MeasureKind::Measure => None,
            MeasureKind::Duty => Some(["met", "breached"]),
            MeasureKind::Target => Some(["attained", "missed"]),
        }
    }

    /// The keyword.
    pub fn name(self) -> &'static str {
        match self {
            MeasureKind::Measure => "measure",
            MeasureKind::Duty => "duty",
            MeasureKind::Target => "target",
        }
    }

    /// The kind in words, with its article.
    pub fn words(self) -> &'static str {
        match self {
            MeasureKind::Measure => "a measure",
            MeasureKind::Duty => "a duty",
            MeasureKind::Target => "a target",
        }
    }
}

impl Measure {
    /// The exceptions of the measure's own text, without those by which it gives way to others or finds a budget
    /// spent.
    pub fn own_excepts(&self) -> impl Iterator<Item = &Condition> {
        self.excepts.iter().filter(|condition| {
            !condition.mentions(&|kind| matches!(kind, ExprKind::Granted { .. } | ExprKind::Drawn { .. }))
        })
    }

    /// The exceptions by which a claim on a budget is none.
    pub fn excepts_of_claims(&self) -> impl Iterator<Item = &Condition> {
        let drawn =
            |condition: &Condition| condition.mentions(&|kind| matches!(kind, ExprKind::Drawn { .. }));
        self.excepts.iter().filter(move |condition| !drawn(condition))
    }

    /// Every citation of the measure, those of its parts and of what later texts changed included.
    pub fn all_cites(&self) -> Vec<&Cite> {
        let conditions = self.requires.iter().chain(&self.excepts).chain(&self.checks);
        let branches = self.choice.iter().flat_map(|choice| &choice.branches);
        let mut cites: Vec<&Cite> = self.head.cites.iter().collect();
        cites.extend(conditions.flat_map(|condition| &condition.cites));
        cites.extend(branches.flat_map(|branch| &branch.cites));
        cites.extend(self.all_benefits().flat_map(|benefit| &benefit.cites));
        self.each_expr(&mut |expr| {
            expr.walk(&mut |part| {
                if let ExprKind::Amended { cites: own, .. } = &part.kind {
                    cites.extend(own);
                }
            });
        });
        cites
    }

    /// Calls `visit` with every whole expression of the measure.
    pub fn each_expr<'m>(&'m self, visit: &mut dyn FnMut(&'m Expr)) {
        self.lets.iter().for_each(|item| visit(&item.value));
        let conditions = self.requires.iter().chain(&self.excepts).chain(&self.checks);
        conditions.for_each(|condition| visit(&condition.test));
        self.due.iter().for_each(&mut *visit);
        let branches = self.choice.iter().flat_map(|choice| &choice.branches);
        branches.filter_map(|branch| branch.when.as_ref()).for_each(&mut *visit);
        self.all_benefits().for_each(|benefit| benefit.exprs().for_each(&mut *visit));
    }

    /// Every benefit, branches included, in the order of the text.
    pub fn all_benefits(&self) -> impl Iterator<Item = &Benefit> {
        let branches = self.choice.iter().flat_map(|choice| &choice.branches);
        self.benefits.iter().chain(branches.flat_map(|branch| &branch.benefits))
    }
}

#[derive(Debug, Clone)]
pub struct Let {
    pub name: String,
    pub label: String,
    pub value: Expr,
    pub span: Span,
}

impl Condition {
    fn mentions(&self, what: &dyn Fn(&ExprKind) -> bool) -> bool {
        let mut found = false;
        self.test.walk(&mut |part| found |= what(&part.kind));
        found
    }
}

#[derive(Debug, Clone)]
pub struct Condition {
    pub name: String,
    pub label: String,
    pub test: Expr,
    pub cites: Vec<Cite>,
    /// The place of its name.
    pub span: Span,
}

#[derive(Debug, Clone)]
pub struct Choice {
    pub kind: ChoiceKind,
    pub branches: Vec<Branch>,
    /// Proved: no two branches can hold at once.
    pub exclusive: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChoiceKind {
    /// Branches exclude each other; two that hold are a conflict.
    OneOf,
    /// The first branch that holds is taken.
    FirstOf,
}

#[derive(Debug, Clone)]
pub struct Branch {
    pub name: String,
    pub label: String,
    /// `None` for `else`: none of the other branches holds.
    pub when: Option<Expr>,
    pub benefits: Vec<Benefit>,
    /// `=> refuse`: the branch is an explicit refusal.
    pub refuse: bool,
    pub cites: Vec<Cite>,
    pub span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BenefitKind {
    Pay,
    Waive,
    Defer,
    Extend,
    Rate,
    Entitle,
    List,
    Penalize,
    /// How much a target lacks; nothing that is given.
    Shortfall,
}

impl BenefitKind {
    /// Those that are given.
    pub const ALL: [BenefitKind; 8] = [
        BenefitKind::Pay,
        BenefitKind::Waive,
        BenefitKind::Defer,
        BenefitKind::Extend,
        BenefitKind::Rate,
        BenefitKind::Entitle,
        BenefitKind::List,
        BenefitKind::Penalize,
    ];

    /// The keyword, which is also the name in `total.<kind>`.
    pub fn name(self) -> &'static str {
        match self {
            BenefitKind::Pay => "pay",
            BenefitKind::Waive => "waive",
            BenefitKind::Defer => "defer",
            BenefitKind::Extend => "extend",
            BenefitKind::Rate => "rate",
            BenefitKind::Entitle => "entitle",
            BenefitKind::List => "list",
            BenefitKind::Penalize => "penalize",
            BenefitKind::Shortfall => "shortfall",
        }
    }
}

#[derive(Debug, Clone)]
pub struct Benefit {
    pub kind: BenefitKind,
    pub name: String,
    pub label: String,
    pub amount: Amount,
    /// `None` for a benefit without an amount.
    pub ty: Option<Type>,
    /// Applied to the amount (each period's amount) once, at the end; `None` where it is exact as it is.
    pub rounding: Option<(Rounding, Number)>,
    /// How many decimals the amount has at most after rounding, in base units.
    pub decimals: u32,
    /// Periodic: how many months the amount is given, at most.
    pub months: Option<Expr>,
    /// It is given out of a budget; the position among the budget's draws.
    pub draws: Option<(BudgetId, usize)>,
    pub cites: Vec<Cite>,
    /// The place of its name.
    pub span: Span,
}

/// A pool that benefits of measures for one kind of record draw on until it is spent.
#[derive(Debug, Clone)]
pub struct Budget {
    pub head: Head,
    pub record: RecordId,
    /// A constant.
    pub pool: Expr,
    /// The benefits by measure and name; of one record's claims those that stand first are served first.
    pub draws: Vec<(MeasureId, String)>,
    pub rule: BudgetRule,
    /// Claims that are not known are passed over; otherwise they leave those behind them undetermined.
    pub known_only: bool,
}

#[derive(Debug, Clone)]
pub enum BudgetRule {
    /// One after the other by these fields, then by key.
    InOrder {
        by: Expr,
        descending: bool,
        ties: Option<Expr>,
        /// The first whose claim does not fit gets what is left; otherwise nothing.
        cut: bool,
    },
    /// To each the same share of its claim, where the pool is too small for all.
    ProRata,
}

impl Benefit {
    /// Its amounts: one, or the ends of a range.
    pub fn amounts(&self) -> impl Iterator<Item = &Expr> {
        let (one, other) = match &self.amount {
            Amount::Flag => (None, None),
            Amount::Exact(value) => (Some(value), None),
            Amount::Range { least, most } => (Some(least), most.as_ref()),
        };
        one.into_iter().chain(other)
    }

    /// Its amounts, and for how many months.
    pub fn exprs(&self) -> impl Iterator<Item = &Expr> {
        self.amounts().chain(&self.months)
    }
}

#[derive(Debug, Clone)]
pub enum Amount {
    /// Given or not, without a number: an entitlement, an admission, a levy waived in full.
    Flag,
    Exact(Expr),
    /// Between two amounts, at the authority's discretion. `least` is 0 where only a ceiling is given;
    /// `most` is `None` where only a floor is.
    Range {
        least: Expr,
        most: Option<Expr>,
    },
}

/// A passage that is not computable, and why.
#[derive(Debug, Clone)]
pub struct Principle {
    pub head: Head,
    pub reason: String,
}
