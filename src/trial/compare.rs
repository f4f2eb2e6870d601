//! Holds an answer against what a case expects, and says in words where they differ.

use crate::check::show::{Language, show_value, show_variants};
use crate::check::typed::*;
use crate::diag::{Diagnostic, codes};
use crate::interp::{Answer, AwardValue, Status};
use crate::ir::{MeasurePlan, RecordPlan};
use crate::value::{Causes, Fact, Value};

/// One expectation of one case.
pub(super) struct Judge<'a> {
    pub program: &'a Program,
    pub case: &'a Case,
    pub expect: &'a Expect,
    pub language: Language,
}

impl Judge<'_> {
    /// `None`: as expected.
    pub fn answer(
        &self,
        measure: &Measure,
        plan: &MeasurePlan,
        answer: &Answer,
        record: &RecordPlan,
    ) -> Option<Diagnostic> {
        let got = self.describe(measure, plan, answer, record);
        let differs = |what: String| Some(self.problem(measure.head.span, &what, &got));
        let names =
            |list: &[String]| if list.is_empty() { String::new() } else { format!(" {}", list.join(", ")) };
        let failed: Vec<String> = answer.failed.iter().map(|failure| failure.name(plan).to_owned()).collect();
        match &self.expect.kind {
            ExpectKind::Granted { branch, benefits } => {
                let branch_name =
                    branch.and_then(|at| Some(measure.choice.as_ref()?.branches[at].name.clone()));
                if answer.status != Status::Granted || branch.is_some() && answer.branch != *branch {
                    return differs(format!("granted{}", names(branch_name.as_slice())));
                }
                benefits
                    .iter()
                    .find_map(|(name, expected)| self.amount(measure, plan, answer, name, expected))
            }
            ExpectKind::Refused { failed: expected } => {
                let fits =
                    answer.status == Status::Refused && (expected.is_empty() || same(expected, &failed));
                let name = Status::Refused.name_for(plan, None);
                if fits { None } else { differs(format!("{name}{}", names(expected))) }
            }
            ExpectKind::Undetermined { missing } => {
                let found = causes(&answer.missing, record);
                let fits =
                    answer.status == Status::Undetermined && (missing.is_empty() || same(missing, &found));
                if fits { None } else { differs(format!("undetermined{}", missing_words(missing))) }
            }
            ExpectKind::Conflict { branches } => {
                let fits =
                    answer.status == Status::Conflict && (branches.is_empty() || same(branches, &failed));
                if fits { None } else { differs(format!("conflict{}", names(branches))) }
            }
            ExpectKind::Outcome { branch, failed: expected, benefits } => {
                let name = Status::Granted.name_for(plan, Some(*branch));
                let fits = answer.status == Status::Granted
                    && answer.branch == Some(*branch)
                    && (expected.is_empty() || same(expected, &failed));
                if !fits {
                    return differs(format!("{name}{}", names(expected)));
                }
                benefits
                    .iter()
                    .find_map(|(name, expected)| self.amount(measure, plan, answer, name, expected))
            }
            ExpectKind::NotInForce if answer.status == Status::NotInForce => None,
            ExpectKind::NotInForce => differs("not_in_force".to_owned()),
            ExpectKind::Error { error } => {
                let fits = answer.status == Status::Error && (error.is_none() || *error == answer.error);
                let name = error.map_or(String::new(), |error| format!(" {error}"));
                if fits { None } else { differs(format!("error{name}")) }
            }
            // The checker gives values to defines only.
            ExpectKind::Value(_) => differs("a value".to_owned()),
        }
    }

    fn amount(
        &self,
        measure: &Measure,
        plan: &MeasurePlan,
        answer: &Answer,
        name: &str,
        expected: &ExpectedAmount,
    ) -> Option<Diagnostic> {
        let at = plan.columns.iter().position(|column| column.name == name)?;
        let benefit = measure.all_benefits().find(|benefit| benefit.name == name)?;
        let ty = benefit.ty.clone().unwrap_or(Type::Bool);
        let show = |value: &Value| show_value(self.program, &ty, value, self.language);
        let wanted = match expected {
            ExpectedAmount::Exact(value) => show(value),
            ExpectedAmount::Range { least, most } => {
                format!("{}..{}", show(least), most.as_ref().map(show).unwrap_or_default())
            }
        };
        let drawn = plan.columns[at].drawn;
        let found = match &answer.awards[at] {
            Some(award) if drawn => show(&award.least),
            None => "nothing".to_owned(),
            Some(AwardValue { least, most: Some(most), .. }) => format!("{}..{}", show(least), show(most)),
            Some(AwardValue { least, .. }) => show(least),
        };
        let fits = match (&answer.awards[at], expected) {
            (Some(award), ExpectedAmount::Exact(value)) => {
                let exact = drawn || award.most.as_ref().is_none_or(|most| *most == award.least);
                award.least == *value && exact
            }
            (Some(award), ExpectedAmount::Range { least, most }) => {
                award.least == *least && award.most == *most
            }
            (None, _) => false,
        };
        (!fits).then(|| self.problem(benefit.span, &format!("{name}: {wanted}"), &format!("{name}: {found}")))
    }

    /// What is known of a define, in words.
    pub fn gave_fact(&self, define: &Define, fact: &Fact, record: &RecordPlan) -> String {
        let ty = &define.body.ty;
        match fact {
            Fact::Known(value) => show_value(self.program, ty, value, self.language),
            Fact::Missing(missing) if !missing.possible.is_empty() => {
                let left = show_variants(self.program, ty, missing.possible, self.language);
                format!("undetermined: {left}{}", missing_words(&causes(&missing.causes, record)))
            }
            Fact::Missing(missing) => {
                format!("undetermined{}", missing_words(&causes(&missing.causes, record)))
            }
            Fact::Error(error) => format!("error {error}"),
        }
    }

    /// `None`: as expected.
    pub fn fact(&self, define: &Define, fact: &Fact, record: &RecordPlan) -> Option<Diagnostic> {
        let ty = &define.body.ty;
        let found = self.gave_fact(define, fact, record);
        let (fits, wanted) = match (&self.expect.kind, fact) {
            (ExpectKind::Value(value), fact) => {
                (fact.known() == Some(value), show_value(self.program, ty, value, self.language))
            }
            (ExpectKind::Undetermined { missing: names }, Fact::Missing(missing)) => {
                let found = causes(&missing.causes, record);
                (names.is_empty() || same(names, &found), format!("undetermined{}", missing_words(names)))
            }
            (ExpectKind::Undetermined { missing }, _) => {
                (false, format!("undetermined{}", missing_words(missing)))
            }
            (ExpectKind::Error { error }, fact) => {
                let wanted = error.map_or("error".to_owned(), |error| format!("error {error}"));
                (matches!(fact, Fact::Error(found) if error.is_none_or(|error| error == *found)), wanted)
            }
            // The checker gives answers to measures only.
            _ => (false, "an answer".to_owned()),
        };
        (!fits).then(|| self.problem(define.head.span, &wanted, &found))
    }

    fn problem(&self, target: crate::source::Span, wanted: &str, got: &str) -> Diagnostic {
        Diagnostic::new(
            &codes::CASE_FAILED,
            self.expect.span,
            format!("case “{}” does not get what it expects", self.case.title),
        )
        .at(format!("expected {wanted}"))
        .also(target, format!("gives {got}, as of {}", self.case.as_of))
        .note(format!("expected: {wanted}"))
        .note(format!("found:    {got}"))
    }

    /// An answer with its amounts, as `expect` would write it.
    pub fn gave(
        &self,
        measure: &Measure,
        plan: &MeasurePlan,
        answer: &Answer,
        record: &RecordPlan,
    ) -> String {
        let mut words = self.describe(measure, plan, answer, record);
        let amounts = plan.columns.iter().zip(&answer.awards).filter_map(|(column, award)| {
            let (award, ty) = (award.as_ref()?, column.ty.as_ref()?);
            let show = |value: &Value| show_value(self.program, ty, value, self.language);
            let most = award.most.as_ref().filter(|most| **most != award.least && !column.drawn);
            let most = most.map_or(String::new(), |most| format!("..{}", show(most)));
            Some(format!("{}: {}{most}", column.name, show(&award.least)))
        });
        let amounts: Vec<String> = amounts.collect();
        if !amounts.is_empty() {
            words.push_str(&format!(" {{ {} }}", amounts.join(", ")));
        }
        words
    }

    /// An answer as `expect` would write it.
    fn describe(
        &self,
        measure: &Measure,
        plan: &MeasurePlan,
        answer: &Answer,
        record: &RecordPlan,
    ) -> String {
        let mut words = answer.status.name_for(plan, answer.branch).to_owned();
        if let (Some(branch), Some(choice), true) = (answer.branch, &measure.choice, plan.shows_branch()) {
            words.push_str(&format!(" {}", choice.branches[branch].name));
        }
        let failed: Vec<&str> = answer.failed.iter().map(|failure| failure.name(plan)).collect();
        if !failed.is_empty() {
            words.push_str(&format!(" {}", failed.join(", ")));
        }
        words.push_str(&missing_words(&causes(&answer.missing, record)));
        if let Some(error) = answer.error {
            words.push_str(&format!(" {error}"));
        }
        words
    }
}

/// What an answer waits for, each once: a field is several inputs where several lists are asked about it.
fn causes(causes: &Causes, record: &RecordPlan) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for cause in causes.iter() {
        let name = &record.inputs[cause as usize].name;
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

fn missing_words(fields: &[String]) -> String {
    if fields.is_empty() { String::new() } else { format!(" missing {}", fields.join(", ")) }
}

fn same(a: &[String], b: &[String]) -> bool {
    let sorted = |list: &[String]| {
        let mut list = list.to_vec();
        list.sort();
        list.dedup();
        list
    };
    sorted(a) == sorted(b)
}
