//! Names: what each module declares, what it takes from others, and what a name stands for.

use std::collections::{BTreeMap, BTreeSet};

use super::set::Input;
use super::typed::*;
use crate::diag::{Diagnostic, codes};
use crate::source::Span;
use crate::syntax::ast::{self, ItemKind, UseNames, Word};

/// What a name of a module stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Symbol {
    Enum(EnumId),
    Record(RecordId),
    Param(ParamId),
    Define(DefineId),
    Table(TableId),
    Measure(MeasureId),
    Register(RegisterId),
    Calendar(CalendarId),
    Unit(u32),
    Principle(u32),
}

impl Symbol {
    /// The kind in words, with its article.
    pub fn kind(self) -> &'static str {
        match self {
            Symbol::Enum(_) => "an enum",
            Symbol::Record(_) => "a record",
            Symbol::Param(_) => "a param",
            Symbol::Define(_) => "a define",
            Symbol::Table(_) => "a table",
            Symbol::Measure(_) => "a measure",
            Symbol::Register(_) => "a list",
            Symbol::Calendar(_) => "a calendar",
            Symbol::Unit(_) => "a unit",
            Symbol::Principle(_) => "a principle",
        }
    }
}

/// A module by the position of its set and its own in the set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ModuleRef {
    pub set: usize,
    pub module: usize,
}

/// The names of one module. A label that is a valid name is a name too.
#[derive(Debug, Default)]
pub struct Scope {
    own: BTreeMap<String, (Symbol, Span)>,
    taken: BTreeMap<String, Symbol>,
}

impl Scope {
    pub fn get(&self, name: &str) -> Option<Symbol> {
        self.own.get(name).map(|(symbol, _)| *symbol).or_else(|| self.taken.get(name).copied())
    }

    pub fn declares(&self, name: &str) -> bool {
        self.own.contains_key(name)
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.own.keys().chain(self.taken.keys()).map(String::as_str)
    }

    /// The names with what they stand for; its own come after those that it takes from others.
    pub fn symbols(&self) -> impl Iterator<Item = (&str, Symbol)> {
        let own = self.own.iter().map(|(name, (symbol, _))| (name.as_str(), *symbol));
        self.taken.iter().map(|(name, symbol)| (name.as_str(), *symbol)).chain(own)
    }
}

/// The names of every module, by set and module, and where each thing is declared.
#[derive(Debug, Default)]
pub struct Scopes {
    modules: Vec<Vec<Scope>>,
    places: BTreeMap<Symbol, Span>,
    /// What `use` names: the place of the word, and of the declaration.
    pub taken: Vec<(Span, Span)>,
}

impl Scopes {
    pub fn of(&self, module: ModuleRef) -> &Scope {
        &self.modules[module.set][module.module]
    }

    /// The place of the name with which a thing is declared.
    pub fn place(&self, symbol: Symbol) -> Option<Span> {
        self.places.get(&symbol).copied()
    }
}

/// Whether a label can be written as a name.
pub fn is_name(label: &str) -> bool {
    let mut lexemes = crate::syntax::scan::lex(label).into_iter();
    let word = lexemes.next().is_some_and(|l| l.token == Some(crate::syntax::token::Token::Word));
    word && lexemes.next().is_none()
}

/// The names of a thing: its name, and its label where that is a valid name.
pub fn spellings(named: &ast::Named) -> Vec<(&str, Span)> {
    let mut list = vec![(named.name.text.as_str(), named.name.span)];
    if let Some(label) = &named.label
        && label.text != named.name.text
        && is_name(&label.text)
    {
        list.push((&label.text, label.span));
    }
    list
}

/// The items of every module in a fixed order, with what each declares. Counting is per kind, over all sets.
pub fn declare(input: &Input, problems: &mut Vec<Diagnostic>) -> Scopes {
    let mut scopes = Scopes::default();
    let mut next = [0u32; 10];
    for set in &input.sets {
        let mut list = Vec::new();
        for module in &set.modules {
            let mut scope = Scope::default();
            for item in &module.file.items {
                let Some((symbol, named)) = symbol_of(&item.kind, &mut next) else { continue };
                scopes.places.insert(symbol, named.name.span);
                for (at, (name, span)) in spellings(named).into_iter().enumerate() {
                    add(&mut scope, name, symbol, span, at > 0, problems);
                }
            }
            list.push(scope);
        }
        scopes.modules.push(list);
    }
    scopes
}

fn symbol_of<'a>(kind: &'a ItemKind, next: &mut [u32; 10]) -> Option<(Symbol, &'a ast::Named)> {
    let mut number = |at: usize| {
        next[at] += 1;
        next[at] - 1
    };
    Some(match kind {
        ItemKind::Enum(item) => (Symbol::Enum(EnumId(number(0))), &item.named),
        ItemKind::Record(item) => (Symbol::Record(RecordId(number(1))), &item.named),
        ItemKind::Param(item) => (Symbol::Param(ParamId(number(2))), &item.named),
        ItemKind::Define(item) => (Symbol::Define(DefineId(number(3))), &item.named),
        ItemKind::Table(item) => (Symbol::Table(TableId(number(4))), &item.named),
        ItemKind::Measure(item) => (Symbol::Measure(MeasureId(number(5))), &item.named),
        ItemKind::Unit(item) => (Symbol::Unit(number(6)), &item.named),
        ItemKind::Calendar(item) => (Symbol::Calendar(CalendarId(number(9))), &item.named),
        ItemKind::Register(item) => (Symbol::Register(RegisterId(number(8))), &item.named),
        ItemKind::Principle(item) => (Symbol::Principle(number(7)), &item.named),
        ItemKind::Use(_)
        | ItemKind::Policy(_)
        | ItemKind::Fill(_)
        | ItemKind::Amend(_)
        | ItemKind::BestOf(_)
        | ItemKind::Budget(_)
        | ItemKind::Case(_) => {
            return None;
        }
    })
}

fn add(
    scope: &mut Scope,
    name: &str,
    symbol: Symbol,
    span: Span,
    is_label: bool,
    problems: &mut Vec<Diagnostic>,
) {
    match scope.own.get(name) {
        None => {
            scope.own.insert(name.to_owned(), (symbol, span));
        }
        Some((other, _)) if *other == symbol => {}
        Some((_, first)) => problems.push(duplicate(name, span, *first, is_label)),
    }
}

/// A name declared twice.
pub fn duplicate(name: &str, span: Span, first: Span, is_label: bool) -> Diagnostic {
    let what = if is_label { "label" } else { "name" };
    Diagnostic::new(&codes::DUPLICATE_NAME, span, format!("the {what} `{name}` is declared twice"))
        .at("declared again here")
        .also(first, "first declared here")
        .note("a label that is a valid name is a name too; give one of the two another")
}

/// Carries out every `use`. Names that cannot be had join those that are `broken`.
pub fn link(
    input: &Input,
    scopes: &mut Scopes,
    broken: &mut BTreeSet<String>,
    problems: &mut Vec<Diagnostic>,
) {
    for (set_at, set) in input.sets.iter().enumerate() {
        for (module_at, module) in set.modules.iter().enumerate() {
            let here = ModuleRef { set: set_at, module: module_at };
            let mut taken = BTreeMap::new();
            for item in &module.file.items {
                if let ItemKind::Use(item) = &item.kind {
                    let found = take(input, scopes, here, item, &mut taken, broken);
                    problems.extend(found);
                }
            }
            scopes.modules[set_at][module_at].taken = taken;
        }
    }
}

fn take(
    input: &Input,
    scopes: &mut Scopes,
    here: ModuleRef,
    item: &ast::Use,
    taken: &mut BTreeMap<String, Symbol>,
    broken: &mut BTreeSet<String>,
) -> Vec<Diagnostic> {
    let (path, names): (&[Word], &[Word]) = match &item.names {
        UseNames::Listed(names) => (&item.path, names),
        UseNames::All => (&item.path, &[]),
        UseNames::Path if item.path.len() > 1 => item.path.split_at(item.path.len() - 1),
        UseNames::Path => (&item.path, &[]),
    };
    let module = match find_module(input, here, path) {
        Ok(module) => module,
        Err(problem) => {
            broken.extend(names.iter().map(|name| name.text.clone()));
            return vec![problem];
        }
    };
    let mut problems = Vec::new();
    let Scopes { modules, places, taken: named } = scopes;
    let scope = &modules[module.set][module.module];
    if matches!(item.names, UseNames::All) || names.is_empty() {
        taken.extend(scope.own.iter().map(|(name, (symbol, _))| (name.clone(), *symbol)));
    }
    for name in names {
        let Some((symbol, _)) = scope.own.get(&name.text) else {
            broken.insert(name.text.clone());
            if input.sets[module.set].modules[module.module].file.broken.contains(&name.text) {
                continue;
            }
            problems.push(
                Diagnostic::new(
                    &codes::NOT_IN_MODULE,
                    name.span,
                    format!("`{}` does not stand in `{}`", name.text, joined(path)),
                )
                .at("not declared there")
                .suggest(&name.text, scope.own.keys().map(String::as_str)),
            );
            continue;
        };
        named.extend(places.get(symbol).map(|place| (name.span, *place)));
        // The other spelling of the same thing comes along.
        let spellings = scope.own.iter().filter(|(_, (other, _))| other == symbol);
        taken.extend(spellings.map(|(name, _)| (name.clone(), *symbol)));
    }
    problems
}

fn joined(path: &[Word]) -> String {
    path.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(".")
}

/// A module of this set, or, where the first word names a set in `[uses]`, of that one.
fn find_module(input: &Input, here: ModuleRef, path: &[Word]) -> Result<ModuleRef, Diagnostic> {
    let set = &input.sets[here.set];
    let find = |set: usize, path: &[Word]| {
        let name = joined(path);
        let module = input.sets[set].modules.iter().position(|module| module.path == name)?;
        Some(ModuleRef { set, module })
    };
    let other = set.uses.get(&path[0].text).copied();
    let found = find(here.set, path).or_else(|| find(other?, &path[1..]));
    found.ok_or_else(|| {
        let span = path[0].span.to(path[path.len() - 1].span);
        let own = set.modules.iter().map(|module| module.path.clone());
        let others = set.uses.iter().flat_map(|(name, at)| {
            input.sets[*at].modules.iter().map(move |module| format!("{name}.{}", module.path))
        });
        let modules: Vec<String> = own.chain(others).collect();
        let name = joined(path);
        Diagnostic::new(&codes::UNKNOWN_MODULE, span, format!("there is no module `{name}`"))
            .at("no file of this name in the set")
            .suggest(&name, modules.iter().map(String::as_str))
            .note("a module is a `.pol` file of the set by its path with dots; other sets are named in `[uses]` of pol.toml")
    })
}
