//! The cases of `tests/cases/` and of the shipped policies run on both engines.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use pol::batch::EngineKind;
use pol::check::typed::{Case, CaseTarget, Given, Program, Type};
use pol::compile;
use pol::value::Value;

use super::columns;
use super::compare;
use super::engines::{How, Run, engine};
use super::population::{Batches, Known};
use super::sets::Set;

/// The sets below a folder: single files, and folders with a `pol.toml`.
fn sets(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder can be read").flatten() {
        let path = entry.path();
        if path.join("pol.toml").exists() || path.extension().is_some_and(|extension| extension == "pol") {
            found.push(path);
        } else if path.is_dir() {
            found.extend(sets(&path));
        }
    }
    found.sort();
    found
}

fn load(path: &Path) -> Option<Set> {
    if path.is_file() {
        return super::sets::read(&fs::read_to_string(path).expect("a case is text")).ok();
    }
    let compiled = compile::load(path);
    let plans = (!compiled.has_errors()).then(|| Arc::new(compile::lower(&compiled.program)))?;
    Some(Set { program: Arc::new(compiled.program), plans })
}

/// The fields that are given; a key that is not is made up, as no record is read without one.
fn known(program: &Program, record: usize, row: usize, given: &[Option<Value>]) -> Known {
    let fields = program.records[record].fields.iter().zip(given);
    let value = |field: &pol::check::typed::Field, value: &Option<Value>| match value {
        None if field.key && field.ty == Type::Text => Some(Value::Text(format!("key {row}").into())),
        other => other.clone(),
    };
    fields.filter_map(|(field, given)| Some((field.name.clone(), value(field, given)?))).collect()
}

/// The records of a case, kind by kind.
fn tables(set: &Set, case: &Case) -> Vec<Batches> {
    let record = match case.target {
        CaseTarget::Measure(id) => set.program.measures[id.index()].record,
        CaseTarget::Define(id) => set.program.defines[id.index()].record,
    };
    let own = case.records.iter().map(|given: &Given| (record, &given.fields));
    let mut tables: BTreeMap<usize, Vec<Known>> = BTreeMap::new();
    for (record, fields) in own.chain(case.others.iter().map(|(record, fields)| (*record, fields))) {
        let rows = tables.entry(record.index()).or_default();
        rows.push(known(&set.program, record.index(), rows.len(), fields));
    }
    let batch =
        |(record, rows): (usize, Vec<Known>)| (record, vec![columns::plain(&set.program, record, &rows)]);
    tables.into_iter().map(batch).collect()
}

/// How the engines differ on the records of a case.
fn differ(set: &Set, case: &Case) -> Option<String> {
    let param = |(id, value): &(pol::check::typed::ParamId, Value)| {
        (set.program.params[id.index()].head.name.clone(), value.clone())
    };
    let params: Vec<(String, Value)> = case.set.iter().map(param).collect();
    let run = Run { set, as_of: case.as_of, how: How::PLAIN, params: &params };
    let (meant, found) = (engine(EngineKind::Interpreter), engine(EngineKind::Jit));
    let difference = compare::compare(&run, &tables(set, case), &meant, &found)?;
    Some(format!("{}: {difference}", case.title))
}

#[test]
fn every_case_runs_on_both_engines() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut wrong = Vec::new();
    let mut count = 0;
    for path in [root.join("tests/cases"), root.join("policies")].iter().flat_map(|folder| sets(folder)) {
        let Some(set) = load(&path) else { continue };
        count += set.program.cases.len();
        let differences = set.program.cases.iter().filter_map(|case| differ(&set, case));
        wrong.extend(differences.map(|words| format!("{}: {words}", path.display())));
    }
    assert!(count > 100, "only {count} cases");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
