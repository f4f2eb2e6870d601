//! The checker's state, and the order in which a policy set is settled: vocabulary, parameters, tables,
//! defines, measures, cases; then what is told of the whole (citations, what nothing uses).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::index::{Index, Visible};
use super::scope::{self, ModuleRef, Scopes, Symbol};
use super::set::Input;
use super::typed::*;
use crate::diag::{Diagnostic, codes};
use crate::source::{SourceMap, Span};
use crate::syntax::ast::{self, ItemKind, Word};
use crate::value::{Calendar, Date, DayRule, Number, Rounding};

/// An item with the place it stands in.
pub(super) struct Entry<'a, T> {
    pub module: ModuleRef,
    pub docs: &'a str,
    pub item: &'a T,
}

/// The items of all sets by kind, in the order in which `scope::declare` numbers them.
#[derive(Default)]
pub(super) struct Items<'a> {
    pub policies: Vec<Entry<'a, ast::Policy>>,
    pub enums: Vec<Entry<'a, ast::Enum>>,
    pub units: Vec<Entry<'a, ast::Unit>>,
    pub records: Vec<Entry<'a, ast::Record>>,
    pub params: Vec<Entry<'a, ast::Param>>,
    pub defines: Vec<Entry<'a, ast::Define>>,
    pub fills: Vec<Entry<'a, ast::Fill>>,
    pub tables: Vec<Entry<'a, ast::Table>>,
    pub measures: Vec<Entry<'a, ast::Measure>>,
    pub amends: Vec<Entry<'a, ast::Amend>>,
    pub registers: Vec<Entry<'a, ast::Register>>,
    pub calendars: Vec<Entry<'a, ast::Calendar>>,
    pub bests: Vec<Entry<'a, ast::BestOf>>,
    pub budgets: Vec<Entry<'a, ast::Budget>>,
    pub principles: Vec<Entry<'a, ast::Principle>>,
    pub cases: Vec<Entry<'a, ast::Case>>,
}

impl<'a> Items<'a> {
    fn collect(input: &'a Input) -> Items<'a> {
        let mut items = Items::default();
        for (set_at, set) in input.sets.iter().enumerate() {
            for (module_at, module) in set.modules.iter().enumerate() {
                let module_ref = ModuleRef { set: set_at, module: module_at };
                for item in &module.file.items {
                    items.add(module_ref, item);
                }
            }
        }
        items
    }

    fn add(&mut self, module: ModuleRef, item: &'a ast::Item) {
        let docs = item.docs.as_str();
        match &item.kind {
            ItemKind::Use(_) => {}
            ItemKind::Policy(item) => self.policies.push(Entry { module, docs, item }),
            ItemKind::Enum(item) => self.enums.push(Entry { module, docs, item }),
            ItemKind::Unit(item) => self.units.push(Entry { module, docs, item }),
            ItemKind::Record(item) => self.records.push(Entry { module, docs, item }),
            ItemKind::Param(item) => self.params.push(Entry { module, docs, item }),
            ItemKind::Define(item) => self.defines.push(Entry { module, docs, item }),
            ItemKind::Fill(item) => self.fills.push(Entry { module, docs, item }),
            ItemKind::Table(item) => self.tables.push(Entry { module, docs, item }),
            ItemKind::Measure(item) => self.measures.push(Entry { module, docs, item }),
            ItemKind::Calendar(item) => self.calendars.push(Entry { module, docs, item }),
            ItemKind::Register(item) => self.registers.push(Entry { module, docs, item }),
            ItemKind::Budget(item) => self.budgets.push(Entry { module, docs, item }),
            ItemKind::BestOf(item) => self.bests.push(Entry { module, docs, item }),
            ItemKind::Amend(item) => self.amends.push(Entry { module, docs, item }),
            ItemKind::Principle(item) => self.principles.push(Entry { module, docs, item }),
            ItemKind::Case(item) => self.cases.push(Entry { module, docs, item }),
        }
    }
}

pub(super) struct Checker<'a> {
    pub input: &'a Input,
    pub sources: &'a SourceMap,
    pub scopes: Scopes,
    pub program: Program,
    pub problems: Vec<Diagnostic>,
    /// By position in `Program::records`: fields by name and label.
    pub fields: Vec<BTreeMap<String, FieldId>>,
    /// Names of what is wrong itself (an item, a field, a `let`): who uses them is not to blame.
    pub(super) broken_names: BTreeSet<String>,
    /// By position in `Program::enums`: variants by name and label.
    pub variants: Vec<BTreeMap<String, u8>>,
    /// The enums that have a variant of this name.
    pub variant_owners: BTreeMap<String, Vec<EnumId>>,
    /// Checked so far; `None` where broken.
    pub defines: Vec<Option<Define>>,
    pub tables: Vec<Option<Table>>,
    /// Where the words for units that the sets declare stand.
    pub unit_places: BTreeMap<String, Span>,
    /// `None` where broken.
    pub calendars: Vec<Option<Arc<Calendar>>>,
    /// Defines that look at other records, themselves or through others.
    pub across: BTreeSet<DefineId>,
    /// What fills in an open param or define, by position among the fills.
    pub fills: BTreeMap<Symbol, usize>,
    /// What later texts change, with the day and the position among the amendments, by day.
    pub amends: BTreeMap<Symbol, Vec<(Date, usize)>>,
    /// Words with the declarations that they stand for.
    pub resolved: BTreeMap<Span, Span>,
    /// What some item uses.
    pub used: BTreeSet<Symbol>,
    /// The header of each set.
    pub policies: Vec<Option<Policy>>,
    /// How each set rounds payable amounts: by its header, else by its manifest.
    pub roundings: Vec<Option<(Rounding, Number)>>,
    /// Numbers with units as they are written, in the order in which they were typed.
    pub literals: Vec<(Number, Type, Span)>,
}

/// A policy set that was checked.
pub struct Checked {
    /// What is sound; it may be run only where no problem is an error.
    pub program: Program,
    pub index: Index,
    pub problems: Vec<Diagnostic>,
}

/// Checks a policy set with all that it uses.
pub fn check(input: &Input, sources: &SourceMap) -> Checked {
    check_while(input, sources, &|| true).expect("nobody gives it up")
}

/// As [`check`]; gives up, with no result, soon after `wanted` is false.
pub fn check_while(input: &Input, sources: &SourceMap, wanted: &dyn Fn() -> bool) -> Option<Checked> {
    let mut problems = Vec::new();
    let mut scopes = scope::declare(input, &mut problems);
    let modules = || input.sets.iter().flat_map(|set| &set.modules);
    let mut broken_names: BTreeSet<String> =
        modules().flat_map(|module| module.file.broken.clone()).collect();
    scope::link(input, &mut scopes, &mut broken_names, &mut problems);
    let items = Items::collect(input);
    let taken = std::mem::take(&mut scopes.taken);
    let mut checker = Checker {
        input,
        sources,
        scopes,
        program: Program::default(),
        problems,
        fields: Vec::new(),
        broken_names,
        variants: Vec::new(),
        variant_owners: BTreeMap::new(),
        defines: vec![None; items.defines.len()],
        tables: vec![None; items.tables.len()],
        unit_places: BTreeMap::new(),
        calendars: Vec::new(),
        across: BTreeSet::new(),
        fills: BTreeMap::new(),
        amends: BTreeMap::new(),
        resolved: taken.into_iter().collect(),
        used: BTreeSet::new(),
        policies: vec![None; input.sets.len()],
        roundings: vec![None; input.sets.len()],
        literals: Vec::new(),
    };
    checker.vocabulary(&items);
    checker.relations(&items);
    checker.headers(&items);
    checker.match_fills(&items);
    checker.match_amends(&items);
    checker.params(&items);
    checker.check_tables(&items);
    checker.registers(&items);
    checker.check_calendars(&items);
    checker.check_defines(&items);
    checker.check_measures(&items, wanted)?;
    checker.between(&items);
    checker.budgets(&items);
    checker.principles(&items);
    checker.cases(&items);
    wanted().then(|| checker.finish(&items))
}

impl Checker<'_> {
    pub(super) fn report(&mut self, problem: Diagnostic) {
        self.problems.push(problem);
    }

    /// Notes what a word stands for, by the place where that is declared.
    pub(super) fn refer(&mut self, word: Span, declaration: Span) {
        if word != declaration {
            self.resolved.insert(word, declaration);
        }
    }

    pub(super) fn refer_symbol(&mut self, word: Span, symbol: Symbol) {
        if let Some(place) = self.scopes.place(symbol) {
            self.refer(word, place);
        }
    }

    /// The names that each module knows, with the places of what they stand for.
    pub(super) fn visible(&self) -> Visible {
        let mut visible = Visible::new();
        for (set_at, set) in self.input.sets.iter().enumerate() {
            for (module_at, module) in set.modules.iter().enumerate() {
                let scope = self.scopes.of(ModuleRef { set: set_at, module: module_at });
                let place =
                    |(name, symbol): (&str, Symbol)| Some((name.to_owned(), self.scopes.place(symbol)?));
                visible.insert(module.file.id, scope.symbols().filter_map(place).collect());
            }
        }
        visible
    }

    pub(super) fn module_path(&self, module: ModuleRef) -> String {
        let set = &self.input.sets[module.set];
        let path = &set.modules[module.module].path;
        if module.set == 0 { path.clone() } else { format!("{}.{path}", set.manifest.name) }
    }

    pub(super) fn head(
        &self,
        module: ModuleRef,
        docs: &str,
        named: &ast::Named,
        cites: &[ast::Cite],
    ) -> Head {
        Head {
            name: named.name.text.clone(),
            label: label_of(named),
            docs: docs.to_owned(),
            module: self.module_path(module),
            span: named.name.span,
            cites: cites.iter().map(cite).collect(),
        }
    }

    pub(super) fn day_rule(&self, module: ModuleRef) -> Option<DayRule> {
        self.policies[module.set].as_ref().and_then(|policy| policy.day_rule)
    }

    /// The record that a name stands for; reports where it stands for none.
    pub(super) fn record_named(&mut self, module: ModuleRef, word: &Word) -> Option<RecordId> {
        match self.symbol(module, word, "a record")? {
            Symbol::Record(id) => {
                self.used.insert(Symbol::Record(id));
                Some(id)
            }
            other => {
                self.wrong_kind(word, other, "a record");
                None
            }
        }
    }

    pub(super) fn wrong_kind(&mut self, word: &Word, found: Symbol, wanted: &str) {
        let message = format!("`{}` is {}, and {wanted} is needed here", word.text, found.kind());
        self.report(
            Diagnostic::new(&codes::WRONG_KIND, word.span, message).at(format!("this is {}", found.kind())),
        );
    }

    pub(super) fn symbol(&mut self, module: ModuleRef, word: &Word, wanted: &str) -> Option<Symbol> {
        let found = self.scopes.of(module).get(&word.text);
        if found.is_none() && !self.broken_names.contains(&word.text) {
            let mut problem = Diagnostic::new(
                &codes::UNKNOWN_NAME,
                word.span,
                format!("nothing is called `{}`; {wanted} is needed here", word.text),
            )
            .at("not known here")
            .suggest(&word.text, self.scopes.of(module).names());
            if wanted == "a type" {
                problem = type_hint(problem, &word.text);
            }
            if let Some(module) = self.declared_in(&word.text) {
                problem = self.with_use(problem, word, &module);
            }
            self.report(problem);
        }
        if let Some(symbol) = found {
            self.refer_symbol(word.span, symbol);
        }
        found
    }

    /// The module that declares a name, for a hint.
    pub(super) fn declared_in(&self, name: &str) -> Option<String> {
        for (set_at, set) in self.input.sets.iter().enumerate() {
            for module_at in 0..set.modules.len() {
                let module = ModuleRef { set: set_at, module: module_at };
                if self.scopes.of(module).declares(name) {
                    let path = &set.modules[module_at].path;
                    let used_as = self.input.sets[0].uses.iter().find(|(_, at)| **at == set_at);
                    return Some(used_as.map_or_else(|| path.clone(), |(name, _)| format!("{name}.{path}")));
                }
            }
        }
        None
    }

    /// Says that a name is declared in a module, and how to use it.
    pub(super) fn with_use(&self, problem: Diagnostic, word: &Word, module: &str) -> Diagnostic {
        let line = format!("use {module}.{{{}}}", word.text);
        let (place, text) = self.further_use(word.span, &line);
        problem.note(format!("it is declared in `{module}`; add `{line}`")).or_fix(place, text)
    }

    /// A further `use` of the file that a word stands in: below its others.
    fn further_use(&self, word: Span, line: &str) -> (Span, String) {
        let text = &self.sources.file(word.file).text;
        let files = self.input.sets.iter().flat_map(|set| &set.modules).map(|module| &module.file);
        let uses = files.filter(|file| file.id == word.file).flat_map(|file| &file.items);
        let last = uses.filter(|item| matches!(item.kind, ItemKind::Use(_))).map(|item| item.span.end).max();
        let start = last.map_or(0, |end| {
            let end = end as usize;
            text[end..].find('\n').map_or(text.len(), |at| end + at + 1)
        });
        let line_break = if text[..start].is_empty() || text[..start].ends_with('\n') { "" } else { "\n" };
        (Span::new(word.file, start, start), format!("{line_break}{line}\n"))
    }

    /// A span of a thing's name, for second labels.
    pub(super) fn article_of(cites: &[Cite]) -> Option<String> {
        let cite = cites.first()?;
        Some(match cite.article {
            Some(article) => format!("{} art {article}", cite.source),
            None => cite.source.clone(),
        })
    }
}

pub(super) fn label_of(named: &ast::Named) -> String {
    named.label.as_ref().unwrap_or(&named.name).text.clone()
}

pub(super) fn cite(cite: &ast::Cite) -> Cite {
    Cite {
        source: cite.source.text.clone(),
        article: cite.article.map(|(article, _)| article),
        quote: cite.quote.as_ref().map(|quote| quote.text.clone()),
        span: cite.span,
        places: CitePlaces {
            source: cite.source.span,
            article: cite.article.map_or(cite.span, |(_, span)| span),
            quote: cite.quote.as_ref().map_or(cite.span, |quote| quote.span),
        },
    }
}

/// Names the types, and the one that goes by another name elsewhere.
fn type_hint(problem: Diagnostic, written: &str) -> Diagnostic {
    let meant = match written.to_lowercase().as_str() {
        "string" | "str" | "char" | "varchar" | "字符串" => "text",
        "int" | "integer" | "long" | "整数" => "count",
        "float" | "double" | "decimal" | "numeric" | "小数" => "number",
        "boolean" | "布尔" => "bool",
        "datetime" | "timestamp" => "time",
        "percent" | "percentage" | "百分比" => "rate",
        "amount" | "currency" | "元" | "yuan" => "money",
        _ => {
            return problem.note(
                "types: bool, text, number, count, rate, points, money, date, time, days, months, hours, or an enum",
            );
        }
    };
    let span = problem.span();
    problem.note(format!("write `{meant}`")).fix(span, meant)
}
