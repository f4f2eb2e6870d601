//! Which answers before belong to which after: measures and their benefits, and what counts as more.

use std::collections::BTreeMap;

use crate::check::typed::{BenefitKind, MeasureKind, Program, RecordId, Type};
use crate::diff::meaning::{Key, Kind, Meaning, Renames};
use crate::ir::{self, MeasurePlan, RecordPlan};

/// A kind of record with all that is decided for it, before and after.
pub struct Pairing {
    pub record: [Option<RecordId>; 2],
    pub name: String,
    pub label: String,
    pub measures: Vec<MeasurePair>,
    /// The currencies of all money, 元 first.
    pub currencies: Vec<&'static str>,
}

/// A measure by its position in each plan.
pub struct MeasurePair {
    pub at: [Option<usize>; 2],
    /// By its position in each program.
    pub id: [Option<usize>; 2],
    pub kind: MeasureKind,
    pub name: String,
    pub label: String,
    /// Everything that it gives is a penalty: who is granted it is worse off.
    pub penal: bool,
    pub benefits: Vec<BenefitPair>,
    /// Names in answers (of conditions, branches, fields) that are others after.
    pub renamed: BTreeMap<String, String>,
}

/// A benefit by its position among the columns of the measure in each plan.
pub struct BenefitPair {
    pub at: [Option<usize>; 2],
    pub label: String,
    pub ty: Option<Type>,
    pub counts: Counts,
    /// Given out of a budget: the second column is what is claimed, and not a ceiling.
    pub drawn: bool,
}

/// What a benefit counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    /// Money, by position among the currencies; a penalty counts against.
    Money { currency: usize, against: bool },
    /// More of it is better, or (a shortfall) worse.
    Quantity { against: bool },
    /// Given or not, or a text: neither more nor less.
    Flag,
}

/// The versions that are compared.
pub struct Versions<'a> {
    pub programs: [&'a Program; 2],
    pub cores: [&'a ir::Program; 2],
    pub meaning: &'a Meaning,
}

impl Versions<'_> {
    /// What is decided for a kind of record, by its ids before and after.
    pub fn pairing(&self, record: [Option<RecordId>; 2]) -> Pairing {
        let plan = |side: usize| {
            let id = record[side]?;
            self.cores[side].records.iter().find(|plan| plan.record == id)
        };
        let plans = [plan(0), plan(1)];
        let mut currencies: Vec<&'static str> = plans.iter().flatten().flat_map(|plan| money(plan)).collect();
        currencies.sort_by_key(|code| (*code != "CNY", *code));
        currencies.dedup();
        let pairs =
            self.meaning.measures.iter().filter_map(|ids| self.measure(plans, record, *ids, &currencies));
        let measures = pairs.collect();
        let side = usize::from(record[1].is_some());
        let head = record[side].map(|id| &self.programs[side].records[id.index()].head);
        let (name, label) =
            head.map_or_else(Default::default, |head| (head.name.clone(), head.label.clone()));
        Pairing { record, name, label, measures, currencies }
    }

    fn measure(
        &self,
        plans: [Option<&RecordPlan>; 2],
        record: [Option<RecordId>; 2],
        ids: [Option<usize>; 2],
        currencies: &[&'static str],
    ) -> Option<MeasurePair> {
        // A measure that is for another kind of record now is gone here and new there.
        let own = |side: usize| {
            let id = ids[side]?;
            let measure = &self.programs[side].measures[id];
            (Some(measure.record) == record[side]).then_some(id)
        };
        let id = [own(0), own(1)];
        let at = [0, 1].map(|side| {
            let id = id[side]?;
            let measures = &self.programs[side].measures;
            Some(measures[..id].iter().filter(|other| other.record == measures[id].record).count())
        });
        let found = [0, 1].map(|side| plans[side]?.measures.get(at[side]?));
        let any = found[1].or(found[0])?;
        let renamed = match id[0] {
            Some(id) => renamed(&self.meaning.renames, self.programs[0], id),
            None => BTreeMap::new(),
        };
        let columns = || found.iter().flatten().flat_map(|plan| &plan.columns);
        let penalties = columns().all(|column| column.kind == BenefitKind::Penalize);
        let penal = any.kind == MeasureKind::Measure && penalties && columns().next().is_some();
        let benefits = benefits(found, &renamed, currencies);
        let (name, label) = (any.name.clone(), any.label.clone());
        Some(MeasurePair { at, id, kind: any.kind, name, label, penal, benefits, renamed })
    }
}

fn money(plan: &RecordPlan) -> impl Iterator<Item = &'static str> {
    let columns = plan.measures.iter().flat_map(|measure| &measure.columns);
    columns.filter_map(|column| column.ty.as_ref()?.currency())
}

/// What answers of a measure name otherwise after.
fn renamed(renames: &Renames, program: &Program, id: usize) -> BTreeMap<String, String> {
    let measure = &program.measures[id];
    let key = Key::new(Kind::of(measure.kind), &measure.head.name);
    let mut names = BTreeMap::new();
    let mut note = |word: &str, name: &str| {
        let after = renames.part(&key, &format!("{word} {name}"));
        let after = after.split_once(' ').map_or(name, |(_, after)| after);
        if after != name {
            names.insert(name.to_owned(), after.to_owned());
        }
    };
    measure.requires.iter().for_each(|own| note("require", &own.name));
    measure.excepts.iter().for_each(|own| note("except", &own.name));
    measure.checks.iter().for_each(|own| note("check", &own.name));
    measure.all_benefits().for_each(|own| note("benefit", &own.name));
    measure.choice.iter().flat_map(|choice| &choice.branches).for_each(|own| note("branch", &own.name));
    for record in &program.records {
        for field in &record.fields {
            let member = Key::new(Kind::Field, &Key::member(&record.head.name, &field.name));
            let after = renames.of(&member).name;
            let after = after.split_once('.').map_or("", |(_, after)| after);
            if after != field.name {
                names.entry(field.name.clone()).or_insert_with(|| after.to_owned());
            }
        }
    }
    // A measure that gives way to another one names it.
    for other in &program.measures {
        let key = Key::new(Kind::Measure, &other.head.name);
        if renames.has(&key) {
            names.entry(other.head.name.clone()).or_insert_with(|| renames.of(&key).name);
        }
    }
    names
}

fn benefits(
    plans: [Option<&MeasurePlan>; 2],
    renamed: &BTreeMap<String, String>,
    currencies: &[&'static str],
) -> Vec<BenefitPair> {
    let columns = plans.map(|plan| plan.map_or(&[][..], |plan| &plan.columns[..]));
    let same = |old: &ir::Column, new: &ir::Column| {
        let name = renamed.get(&old.name).unwrap_or(&old.name);
        (name, old.kind, unit(old)) == (&new.name, new.kind, unit(new))
    };
    let before = |new: &ir::Column| columns[0].iter().position(|old| same(old, new));
    let mut at: Vec<[Option<usize>; 2]> =
        columns[1].iter().enumerate().map(|(at, new)| [before(new), Some(at)]).collect();
    let taken: Vec<usize> = at.iter().filter_map(|pair| pair[0]).collect();
    at.extend((0..columns[0].len()).filter(|at| !taken.contains(at)).map(|at| [Some(at), None]));
    let pair = |at: [Option<usize>; 2]| {
        let found = [0, 1].map(|side| at[side].map(|at| &columns[side][at]));
        let any = found[1].or(found[0])?;
        let label = if any.label.is_empty() { any.name.clone() } else { any.label.clone() };
        let drawn = found.iter().flatten().any(|column| column.drawn);
        Some(BenefitPair { at, label, ty: any.ty.clone(), counts: counts(any, currencies), drawn })
    };
    at.into_iter().filter_map(pair).collect()
}

/// What amounts of a column are in; enums are told by their names.
fn unit(column: &ir::Column) -> Option<Type> {
    match &column.ty {
        Some(Type::Enum(_)) => Some(Type::Text),
        other => other.clone(),
    }
}

fn counts(column: &ir::Column, currencies: &[&'static str]) -> Counts {
    let against = matches!(column.kind, BenefitKind::Penalize | BenefitKind::Shortfall);
    let currency = column.ty.as_ref().and_then(Type::currency);
    let currency = currency.and_then(|code| currencies.iter().position(|own| *own == code));
    match (&column.ty, currency) {
        (_, Some(_)) if column.kind == BenefitKind::Shortfall => Counts::Quantity { against },
        (_, Some(currency)) => Counts::Money { currency, against },
        (Some(Type::Number(_) | Type::Date | Type::Time), None) => Counts::Quantity { against },
        _ => Counts::Flag,
    }
}
