//! What a measure, duty or target says, part by part.

use super::Side;
use super::form::Scope;
use super::item::{Aspect, Item, Maker};
use super::names::Kind;
use crate::check::show::{Language, show_rounding, show_value};
use crate::check::typed::{
    Amount, Benefit, BenefitKind, ChoiceKind, Condition, Expr, ExprKind, Measure, MeasureKind, Type,
};
use crate::explain::benefit_kind;
use crate::value::{Number, Rounding, Value};

/// The item of a measure.
pub fn item(side: &mut Side<'_>, at: usize) -> Item {
    let program = side.reader.program;
    let measure = &program.measures[at];
    let scope = Scope { record: measure.record, lets: &measure.lets };
    let mut maker = side.maker(Kind::of(measure.kind), &measure.head, at);
    maker.text("kind", Aspect::Definition, "", Kind::of(measure.kind).words(maker.language).to_owned());
    let record = &program.records[measure.record.index()].head;
    let name = maker.reader.record(measure.record);
    let record_label = maker.language.pick("for", "适用");
    maker.add("for", Aspect::Condition, record_label, (name, name), record.label.clone());
    maker.force(measure.force, program.policy.as_ref().map(|policy| policy.force).unwrap_or_default());
    for own in &measure.lets {
        let key = format!("let {}", own.name);
        let label = if own.label.is_empty() { &own.name } else { &own.label };
        maker.expr(&key, Aspect::Definition, label, scope, &own.value);
    }
    for (word, conditions) in
        [("require", &measure.requires), ("except", &measure.excepts), ("check", &measure.checks)]
    {
        conditions.iter().for_each(|own| condition(&mut maker, scope, word, own));
    }
    if let Some(due) = &measure.due {
        maker.expr("due", Aspect::Date, maker.language.pick("due", "期限"), scope, due);
    }
    choice(&mut maker, scope, measure);
    let outcomes = measure.kind != MeasureKind::Measure;
    for own in &measure.benefits {
        benefit(&mut maker, scope, "", own);
    }
    for branch in measure.choice.iter().flat_map(|choice| &choice.branches) {
        // The alternatives of a duty are made by the checker: what follows from a breach stands in the text.
        let within = if outcomes { "" } else { branch.name.as_str() };
        for own in branch.benefits.iter().filter(|own| own.kind != BenefitKind::Shortfall) {
            benefit(&mut maker, scope, within, own);
        }
    }
    maker.cites("", "", &measure.head.cites, &[]);
    maker.finish()
}

fn condition<'a>(maker: &mut Maker<'_, 'a>, scope: Scope<'a>, word: &str, own: &'a Condition) {
    let key = format!("{word} {}", own.name);
    let label = match (word, maker.language) {
        ("except", Language::English) => format!("except {}", own.label),
        ("except", Language::Chinese) => format!("除外：{}", own.label),
        _ => own.label.clone(),
    };
    maker.expr(&key, Aspect::Condition, &label, scope, &own.test);
    maker.label(&key, &own.name, &own.label);
    maker.cites(&key, &label, &own.cites, &[&own.test]);
}

fn choice<'a>(maker: &mut Maker<'_, 'a>, scope: Scope<'a>, measure: &'a Measure) {
    let Some(choice) = measure.choice.as_ref().filter(|_| measure.kind == MeasureKind::Measure) else {
        return;
    };
    let language = maker.language;
    let mut names: Vec<&str> = choice.branches.iter().map(|branch| branch.label.as_str()).collect();
    let (kind, text) = match choice.kind {
        ChoiceKind::OneOf => {
            names.sort_unstable();
            ("one of", language.pick("one of, which exclude each other", "择一"))
        }
        ChoiceKind::FirstOf => ("first of", language.pick("the first that holds of", "依次")),
    };
    let order = match choice.kind {
        ChoiceKind::OneOf => String::new(),
        ChoiceKind::FirstOf => choice.branches.iter().map(|branch| format!(" {}", branch.name)).collect(),
    };
    let label = language.pick("alternatives", "情形");
    let text = format!("{text}: {}", names.join(language.pick(", ", "、")));
    maker.fact("alternatives", Aspect::Condition, label, format!("{kind}{order}"), text);
    for branch in &choice.branches {
        let key = format!("branch {}", branch.name);
        let refuses = if branch.refuse { language.pick(" (refused)", "（不予）") } else { "" };
        let (forms, words) = match &branch.when {
            Some(when) => (maker.both(scope, when), maker.words(scope, when)),
            None => {
                let form = maker.reader.forms.text("else");
                ((form, form), language.pick("otherwise", "其余").to_owned())
            }
        };
        let refused = |form| vec![form];
        let head = if branch.refuse { "refuse" } else { "give" };
        let meant = maker.reader.forms.node(head, refused(forms.0));
        let said = maker.reader.forms.node(head, refused(forms.1));
        maker.add(&key, Aspect::Condition, &branch.label, (meant, said), format!("{words}{refuses}"));
        maker.label(&key, &branch.name, &branch.label);
        maker.cites(&key, &branch.label, &branch.cites, &[]);
    }
}

fn benefit<'a>(maker: &mut Maker<'_, 'a>, scope: Scope<'a>, branch: &str, own: &'a Benefit) {
    let key = match branch {
        "" => format!("benefit {}", own.name),
        branch => format!("benefit {} of {branch}", own.name),
    };
    let language = maker.language;
    let label = if own.label.is_empty() { own.name.clone() } else { own.label.clone() };
    let (mut meant, mut said) = (Vec::new(), Vec::new());
    for expr in own.exprs() {
        let forms = maker.both(scope, expr);
        meant.push(forms.0);
        said.push(forms.1);
    }
    let ty = own.ty.as_ref().map(|ty| maker.reader.ty(ty));
    meant.extend(ty);
    said.extend(ty);
    let shape = match &own.amount {
        Amount::Flag => "given",
        Amount::Exact(_) => "exact",
        Amount::Range { most: Some(_), .. } => "range",
        Amount::Range { most: None, .. } => "floor",
    };
    let head = format!("{} {shape} {}", own.kind.name(), own.months.is_some());
    let forms = (maker.reader.forms.node(head.clone(), meant), maker.reader.forms.node(head, said));
    let text = amount_text(maker, scope, own);
    maker.add(&key, Aspect::Amount, &label, forms, format!("{} {text}", benefit_kind(own.kind, language)));
    rounding(maker, &key, &label, own);
    maker.label(&key, &own.name, &own.label);
    let exprs: Vec<&'a Expr> = own.exprs().collect();
    maker.cites(&key, &label, &own.cites, &exprs);
}

fn amount_text<'a>(maker: &Maker<'_, 'a>, scope: Scope<'a>, own: &Benefit) -> String {
    let language = maker.language;
    let zero = |expr: &Expr| matches!(&expr.kind, ExprKind::Const(Value::Number(number)) if number.is_zero());
    let mut text = match &own.amount {
        Amount::Flag => language.pick("given", "给予").to_owned(),
        Amount::Exact(value) => maker.words(scope, value),
        Amount::Range { least, most: None } => {
            format!("{} {}", language.pick("at least", "最少"), maker.words(scope, least))
        }
        Amount::Range { least, most: Some(most) } if zero(least) => {
            format!("{} {}", language.pick("at most", "最多"), maker.words(scope, most))
        }
        Amount::Range { least, most: Some(most) } => {
            let [least, most] = [least, most].map(|end| maker.words(scope, end));
            match language {
                Language::English => format!("between {least} and {most}"),
                Language::Chinese => format!("介于 {least} 至 {most}"),
            }
        }
    };
    if let Some(months) = &own.months {
        let months = maker.words(scope, months);
        text += &match language {
            Language::English => format!(" per month, for {months}"),
            Language::Chinese => format!(" 每月，共 {months}"),
        };
    }
    text
}

fn rounding(maker: &mut Maker<'_, '_>, key: &str, label: &str, own: &Benefit) {
    let Some(rounding) = &own.rounding else { return };
    let header = maker.reader.program.policy.as_ref().and_then(|policy| policy.rounding.as_ref());
    let Some(ty) = &own.ty else { return };
    let text = rounding_text(maker, ty, rounding);
    let meant = maker.reader.forms.text(text.clone());
    let said = if header == Some(rounding) { maker.reader.forms.text("as the header says") } else { meant };
    maker.add(&format!("rounding {key}"), Aspect::Rounding, label, (meant, said), text);
}

/// How amounts of a type are rounded.
pub fn rounding_text(maker: &Maker<'_, '_>, ty: &Type, (rounding, step): &(Rounding, Number)) -> String {
    let language = maker.language;
    let step = value_text(maker, ty, &Value::Number(step.clone()));
    format!("{} {} {step}", show_rounding(*rounding, language), language.pick("to", "到"))
}

/// A param's value in words.
pub fn value_text(maker: &Maker<'_, '_>, ty: &Type, value: &Value) -> String {
    show_value(maker.reader.program, ty, value, maker.language)
}
