//! What is told of a policy set as a whole: citations, figures that differ from the quoted ones, rules without
//! authority, items that nothing uses.

use std::collections::BTreeMap;

use super::checker::{Checked, Checker, Items};
use super::citations::{self, Documents};
use super::index::Index;
use super::scope::{ModuleRef, Symbol};
use super::typed::*;
use crate::diag::{self, Diagnostic, codes};
use crate::source::{FileId, Span};
use crate::syntax::ast;
use crate::value::Number;

impl Checker<'_> {
    /// Params of a measure that have no value yet on its first day.
    pub(super) fn params_in_force(&mut self, measure: &Measure) {
        let Some(from) = measure.force.from else { return };
        let mut found: BTreeMap<ParamId, Span> = BTreeMap::new();
        let mut look = |expr: &Expr| {
            each_param(expr, &mut |id, span| {
                found.entry(id).or_insert(span);
            })
        };
        measure.each_expr(&mut look);
        for (id, span) in found {
            let param = &self.program.params[id.index()];
            // What is open has no value until it is filled in: the answer waits for it.
            let first = param.steps.first().filter(|_| param.open.is_none()).and_then(|step| step.force.from);
            if let Some(first) = first.filter(|first| from < *first) {
                let problem = Diagnostic::new(
                    &codes::BEFORE_FIRST_STEP,
                    span,
                    format!("`{}` has no value before {first}, the measure is in force from {from}", param.head.name),
                )
                .at("has no value on the first days")
                .also(param.head.span, "the param is declared here")
                .note("add an earlier step to the param, or let the measure begin later; until then the answer is an error");
                self.report(problem);
            }
        }
    }

    /// Numbers of an item that differ from a quoted figure by a factor of ten: 50元 for 50万元; and of a param with
    /// one value, any that is not quoted.
    pub(super) fn figure_slips(&mut self, cites: &[Cite], literals: &[(Number, Type, Span)], is_param: bool) {
        let quoted: Vec<(citations::Figure, Number, Type, Span)> = cites
            .iter()
            .filter_map(|cite| Some((cite.quote.as_ref()?, cite.span)))
            .flat_map(|(quote, span)| citations::figures(quote).into_iter().map(move |figure| (figure, span)))
            .filter_map(|(figure, span)| {
                let (value, ty) = self.figure_value(&figure)?;
                Some((figure, value, ty, span))
            })
            .collect();
        for (value, ty, span) in literals {
            let same_kind: Vec<_> = quoted.iter().filter(|(_, _, other, _)| comparable(other, ty)).collect();
            if same_kind.iter().any(|(_, figure, ..)| figure == value) {
                continue;
            }
            let ten = same_kind.iter().find(|(_, figure, ..)| power_of_ten(figure, value));
            // The only number of an item is the one that is quoted.
            let other = same_kind.first().filter(|_| is_param && literals.len() == 1);
            if let Some((figure, _, _, place)) = ten.or(other) {
                let written = self.sources.text(*span).to_owned();
                let note = match ten {
                    Some(_) => {
                        "the two differ by a power of ten: is it 元 for 万元, or a zero too many or too few?"
                    }
                    None => {
                        "it is the only number of the rule, and the quotation has another: which of the two is meant?"
                    }
                };
                self.report(
                    Diagnostic::new(
                        &codes::FIGURE_SLIP,
                        *span,
                        format!("the quotation says {}, the rule says {written}", figure.text),
                    )
                    .at(format!("{written} here"))
                    .also(*place, format!("{} in the quotation", figure.text))
                    .note(note),
                );
            }
        }
    }

    fn figure_value(&self, figure: &citations::Figure) -> Option<(Number, Type)> {
        let word = figure.unit.as_deref()?;
        let unit = super::units::parse_unit(word, &self.program.units)?;
        let kind = super::units::number_kind(word);
        Some((figure.number.mul(&unit.factor), Type::Number(NumberType { dimension: unit.dimension, kind })))
    }

    pub(super) fn finish(mut self, items: &Items<'_>) -> Checked {
        self.repeated_sources();
        self.check_citations();
        self.uncited();
        self.unused(items);
        let articles = self.articles(items);
        let mut problems = std::mem::take(&mut self.problems);
        for problem in &mut problems {
            let unfounded = problem.code == &codes::UNKNOWN_SOURCE || problem.code == &codes::NO_SUCH_ARTICLE;
            if problem.article.is_none() && !unfounded {
                problem.article = article_at(&articles, problem.span());
            }
        }
        let mut problems = self.linted(problems);
        diag::sort(&mut problems, self.sources);
        let files = self.input.sets.iter().flat_map(|set| &set.modules).map(|module| &*module.file);
        let index = Index::new(files, std::mem::take(&mut self.resolved), &self.visible());
        Checked { program: self.program, index, problems }
    }

    /// The problems as each set's own manifest wants them told.
    fn linted(&self, problems: Vec<Diagnostic>) -> Vec<Diagnostic> {
        let sets = self.input.sets.iter().enumerate();
        let set_of: BTreeMap<FileId, usize> =
            sets.flat_map(|(at, set)| set.modules.iter().map(move |module| (module.file.id, at))).collect();
        let told = problems.into_iter().filter_map(|problem| {
            let set = set_of.get(&problem.span().file).copied().unwrap_or(0);
            self.input.sets[set].manifest.lints.applied(problem)
        });
        told.collect()
    }

    /// Source documents of one set that share a name.
    fn repeated_sources(&mut self) {
        for set in &self.input.sets {
            let mut first: BTreeMap<&str, Option<Span>> = BTreeMap::new();
            for source in &set.sources {
                let Some(earlier) = first.insert(&source.name, source.declared) else { continue };
                let span = source.declared.unwrap_or(Span::new(source.file, 0, 0));
                let message = format!("the source `{}` is declared twice", source.name);
                let problem = Diagnostic::new(&codes::DUPLICATE_NAME, span, message)
                    .at("again")
                    .note("give one of them another name");
                self.problems.push(match earlier {
                    Some(earlier) => problem.also(earlier, "declared here"),
                    None => problem,
                });
            }
        }
    }

    fn check_citations(&mut self) {
        let mut documents = Documents::default();
        let mut set_of = BTreeMap::new();
        let mut declared: BTreeMap<(usize, &str), Span> = BTreeMap::new();
        for (at, set) in self.input.sets.iter().enumerate() {
            for source in &set.sources {
                let text = &self.sources.file(source.file).text;
                documents.add(at, source, text);
                let missing =
                    source.closing.as_ref().filter(|words| words.is_empty() || !text.contains(*words));
                if let (Some(words), Some(span)) = (missing, source.declared) {
                    let message = format!("nothing in `{}` begins with “{words}”", source.name);
                    self.problems.push(
                        Diagnostic::new(&codes::WRONG_QUOTATION, span, message)
                            .at("its closing is not found")
                            .note(
                                "give the first words of the closing paragraph as they stand in the document",
                            ),
                    );
                }
            }
            set.manifest.sources.keys().for_each(|name| documents.add_unread(at, name));
            for item in set.modules.iter().flat_map(|module| &module.file.items) {
                set_of.insert(item.span.file, at);
                if let ast::ItemKind::Policy(policy) = &item.kind {
                    for source in &policy.sources {
                        documents.add_unread(at, &source.name.text);
                        declared.insert((at, &source.name.text), source.name.span);
                    }
                }
            }
        }
        let mut problems = Vec::new();
        let mut named = Vec::new();
        each_cite(&self.program, &mut |cite| {
            let set = set_of.get(&cite.span.file).copied().unwrap_or(0);
            problems
                .extend(documents.check(set, cite).map(|problem| self.in_words_of_article(cite, problem)));
            let place = declared.get(&(set, cite.source.as_str())).or_else(|| {
                let mut places = declared.iter().filter(|((_, name), _)| *name == cite.source);
                places.next().map(|(_, place)| place)
            });
            named.extend(place.map(|place| (cite.places.source, *place)));
        });
        self.problems.extend(problems);
        named.into_iter().for_each(|(word, place)| self.refer(word, place));
    }

    /// A replacement of an article as the text writes articles: `art 24` or `第24条`.
    fn in_words_of_article(&self, cite: &Cite, mut problem: Diagnostic) -> Diagnostic {
        if let Some(fix) = problem.fix.as_mut().filter(|fix| fix.span == cite.places.article)
            && self.sources.text(fix.span).starts_with('第')
        {
            fix.replacement = format!("第{}条", fix.replacement.trim_start_matches("art "));
        }
        problem
    }

    /// Measures of a set that has source documents say where they stand in them.
    fn uncited(&mut self) {
        if self.program.sources.is_empty() {
            return;
        }
        let mut problems = Vec::new();
        for measure in self.program.measures.iter().filter(|measure| measure.head.cites.is_empty()) {
            problems.push(
                Diagnostic::new(
                    &codes::NO_CITATION,
                    measure.head.span,
                    format!("`{}` cites no article", measure.head.name),
                )
                .at("on whose authority?")
                .note("add `cite SOURCE art N \"words of the article\"`"),
            );
        }
        self.problems.extend(problems);
    }

    /// Items of the set itself that nothing uses. What other sets offer may wait for its use.
    fn unused(&mut self, items: &Items<'_>) {
        let mut problems = Vec::new();
        let own = |module: ModuleRef| module.set == 0;
        let is_library = self.program.measures.is_empty();
        let mut look = |symbol: Symbol, named: &ast::Named, module: ModuleRef, used: bool| {
            if !used && own(module) && !is_library {
                let kind = symbol.kind();
                problems.push(
                    Diagnostic::new(
                        &codes::UNUSED,
                        named.name.span,
                        format!("nothing uses `{}`", named.name.text),
                    )
                    .at(format!("{kind} that is never used"))
                    .note("delete it, or check whether a rule should use it"),
                );
            }
        };
        for (at, entry) in items.params.iter().enumerate() {
            let symbol = Symbol::Param(ParamId(at as u32));
            look(symbol, &entry.item.named, entry.module, self.used.contains(&symbol));
        }
        for (at, entry) in items.defines.iter().enumerate() {
            let symbol = Symbol::Define(DefineId(at as u32));
            look(symbol, &entry.item.named, entry.module, self.used.contains(&symbol));
        }
        for (at, entry) in items.tables.iter().enumerate() {
            let symbol = Symbol::Table(TableId(at as u32));
            look(symbol, &entry.item.named, entry.module, self.used.contains(&symbol));
        }
        for (at, entry) in items.calendars.iter().enumerate() {
            let symbol = Symbol::Calendar(CalendarId(at as u32));
            look(symbol, &entry.item.named, entry.module, self.used.contains(&symbol));
        }
        for (at, entry) in items.registers.iter().enumerate() {
            let symbol = Symbol::Register(RegisterId(at as u32));
            look(symbol, &entry.item.named, entry.module, self.used.contains(&symbol));
        }
        for (at, entry) in items.enums.iter().enumerate() {
            let symbol = Symbol::Enum(EnumId(at as u32));
            look(symbol, &entry.item.named, entry.module, self.used.contains(&symbol));
        }
        for (at, entry) in items.records.iter().enumerate() {
            let symbol = Symbol::Record(RecordId(at as u32));
            look(symbol, &entry.item.named, entry.module, self.used.contains(&symbol));
        }
        self.problems.extend(problems);
    }

    /// For each item that cites an article: its place and the article.
    fn articles(&self, _items: &Items<'_>) -> Vec<(Span, String)> {
        let mut articles = Vec::new();
        for set in &self.input.sets {
            for item in set.modules.iter().flat_map(|module| &module.file.items) {
                let cites = match &item.kind {
                    ast::ItemKind::Measure(item) => &item.cites,
                    ast::ItemKind::Define(item) => &item.cites,
                    ast::ItemKind::Table(item) => &item.cites,
                    ast::ItemKind::Register(item) => &item.cites,
                    ast::ItemKind::Param(item) => &item.cites,
                    ast::ItemKind::Principle(item) => &item.cites,
                    _ => continue,
                };
                let cites: Vec<Cite> = cites.iter().map(super::checker::cite).collect();
                articles.extend(Checker::article_of(&cites).map(|article| (item.span, article)));
            }
        }
        articles.sort();
        articles
    }
}

fn article_at(articles: &[(Span, String)], span: Span) -> Option<String> {
    let after = articles.partition_point(|(item, _)| (item.file, item.start) <= (span.file, span.start));
    let (item, article) = articles.get(after.checked_sub(1)?)?;
    item.contains(span).then(|| article.clone())
}

fn comparable(a: &Type, b: &Type) -> bool {
    match (a, b) {
        (Type::Number(a), Type::Number(b)) => {
            // 1000元 in the text is 1000元/人 in the rule: the first unit is what a slip is about.
            a == b
                || b.dimension.to_string().split('/').next() == Some(a.dimension.to_string().as_str())
                    && !a.dimension.is_none()
        }
        _ => false,
    }
}

fn power_of_ten(a: &Number, b: &Number) -> bool {
    let Some(mut ratio) = a.div(b).filter(|_| !a.is_zero()).map(|ratio| ratio.abs()) else { return false };
    if ratio < Number::ONE {
        ratio = Number::ONE.div(&ratio).unwrap_or(ratio);
    }
    let ten = Number::from_int(10);
    let mut power = Number::ONE;
    while power < ratio {
        power = power.mul(&ten);
    }
    power == ratio
}

fn each_param(expr: &Expr, visit: &mut dyn FnMut(ParamId, Span)) {
    if let ExprKind::Param(id) = expr.kind {
        visit(id, expr.span);
    }
    expr.each_part(&mut |part| each_param(part, visit));
}

/// Calls `visit` with the citations of what later texts changed.
fn each_amendment<'p>(program: &'p Program, visit: &mut dyn FnMut(&'p Cite)) {
    let mut look = |expr: &'p Expr| {
        expr.walk(&mut |part| {
            if let ExprKind::Amended { cites, .. } = &part.kind {
                cites.iter().for_each(&mut *visit);
            }
        });
    };
    program.defines.iter().for_each(|define| look(&define.body));
}

/// Calls `visit` with every citation of the program.
fn each_cite<'p>(program: &'p Program, visit: &mut dyn FnMut(&'p Cite)) {
    program.policy.iter().for_each(|policy| policy.head.cites.iter().for_each(&mut *visit));
    each_amendment(program, visit);
    program.defines.iter().for_each(|item| item.head.cites.iter().chain(&item.filled).for_each(&mut *visit));
    program.calendars.iter().for_each(|head| head.cites.iter().for_each(&mut *visit));
    program.registers.iter().for_each(|item| item.head.cites.iter().for_each(&mut *visit));
    program.tables.iter().for_each(|item| item.head.cites.iter().for_each(&mut *visit));
    program.principles.iter().for_each(|item| item.head.cites.iter().for_each(&mut *visit));
    for param in &program.params {
        param.head.cites.iter().for_each(&mut *visit);
        param.steps.iter().for_each(|step| step.cites.iter().for_each(&mut *visit));
    }
    for measure in &program.measures {
        measure.all_cites().into_iter().for_each(&mut *visit);
    }
}
