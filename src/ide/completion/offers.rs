//! The names that can be offered: what a module knows, the fields of the record, the values of an enum.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{At, Context, Offer, OfferKind};
use crate::check::index::{Thing, ThingKind};
use crate::check::typed::*;
use crate::ide::describe::{self, Checked};
use crate::ide::keywords;
use crate::ide::lookup;
use crate::ide::snapshot::Snapshot;
use crate::ide::words::{ItemWords, Piece};
use crate::source::FileId;

/// Behind everything else.
const OF_ANOTHER_TYPE: u8 = 7;

/// A thing in a check: the set and its position.
type Known<'d> = (&'d Arc<Snapshot>, usize);

impl<'d> At<'d> {
    /// The last check of the set, and the last one in which all items had their form; with the file in each.
    fn memories(&self) -> Vec<(&'d Arc<Snapshot>, FileId)> {
        let memories = self.desk.memories_of(self.path);
        memories.filter_map(|set| Some((set, set.file(self.path)?))).collect()
    }

    /// The name of a thing as this file would write it.
    fn spelling(&self, thing: &Thing) -> (String, String) {
        let label = thing.label.as_ref().map_or("", |label| &label.text).to_owned();
        match (thing.other_name(), self.language) {
            (Some(other), crate::check::show::Language::Chinese) => {
                (other.to_owned(), thing.name.text.clone())
            }
            _ => (thing.name.text.clone(), label),
        }
    }

    fn offer(&mut self, (set, at): Known<'_>, after: &str, rank: u8) {
        let thing = &set.things()[at];
        let other = |wanted: &Type| type_of_thing(set, at).is_some_and(|ty| !is_alike(wanted, ty));
        let rank = if self.wanted.as_ref().is_some_and(other) { OF_ANOTHER_TYPE } else { rank };
        let (name, label) = self.spelling(thing);
        let detail = detail(set, thing, self.language);
        let text = format!("{name}{after}");
        if self.offers.iter().all(|own| own.text != text) {
            self.offers.push(Offer { kind: OfferKind::Thing(thing.kind), name, label, detail, text, rank });
        }
    }

    /// The things of some kinds that the module knows.
    pub(super) fn visible(&mut self, kinds: &[ThingKind]) {
        self.visible_with(kinds, "", 3);
    }

    fn visible_with(&mut self, kinds: &[ThingKind], after: &str, rank: u8) {
        for (set, file) in self.memories() {
            let known: BTreeSet<usize> = set.compiled.index.visible_in(file).map(|(_, at)| at).collect();
            for at in known.into_iter().filter(|at| kinds.contains(&set.things()[*at].kind)) {
                self.offer((set, at), after, rank);
            }
        }
    }

    pub(super) fn sources(&mut self) {
        let Some((set, _)) = self.memories().first().copied() else { return };
        for source in &set.compiled.program.sources {
            let text = source.name.clone();
            let detail = source.path.display().to_string();
            let kind = OfferKind::Thing(ThingKind::Source);
            let offer = Offer { kind, name: text.clone(), label: String::new(), detail, text, rank: 1 };
            if self.offers.iter().all(|own| own.name != offer.name) {
                self.offers.push(offer);
            }
        }
    }

    pub(super) fn types(&mut self) {
        self.words(keywords::TYPES);
        self.visible(&[ThingKind::Enum]);
    }

    /// The modules that `use` may name.
    pub(super) fn modules(&mut self) {
        let Some((set, file)) = self.memories().first().copied() else { return };
        let sets = &set.compiled.input.sets;
        let Some(own) = sets.iter().find(|own| own.modules.iter().any(|module| module.file.id == file))
        else {
            return;
        };
        let here =
            own.modules.iter().filter(|module| module.file.id != file).map(|module| module.path.clone());
        let others = own.uses.iter().flat_map(|(name, at)| {
            sets[*at].modules.iter().map(move |module| format!("{name}.{}", module.path))
        });
        for name in here.chain(others) {
            let (label, detail, text) = (String::new(), String::new(), format!("{name}.*"));
            self.offers.push(Offer { kind: OfferKind::Module, name, label, detail, text, rank: 2 });
        }
    }

    /// What the module has whose name stands before `.{`.
    pub(super) fn names_of_module(&mut self, item: &ItemWords<'_>) {
        let path: String =
            item.pieces[1..].iter().take_while(|piece| !piece.opens()).map(|piece| piece.text).collect();
        let path = path.trim_end_matches('.');
        let Some((set, file)) = self.memories().first().copied() else { return };
        let sets = &set.compiled.input.sets;
        let Some(own) = sets.iter().find(|own| own.modules.iter().any(|module| module.file.id == file))
        else {
            return;
        };
        let find = |modules: &[crate::check::set::Module], name: &str| {
            modules.iter().find(|module| module.path == name).map(|module| module.file.id)
        };
        let other =
            path.split_once('.').and_then(|(set, rest)| find(&sets[*own.uses.get(set)?].modules, rest));
        let Some(target) = find(&own.modules, path).or(other) else { return };
        let declared = set.things().iter().enumerate();
        let own: Vec<usize> = declared
            .filter(|(_, thing)| thing.within.is_none() && thing.name.span.file == target)
            .map(|(at, _)| at)
            .collect();
        own.into_iter().for_each(|at| self.offer((set, at), "", 2));
    }

    /// What a word of the item stands for, by the first check that knows it.
    fn known(&self, item: &ItemWords<'_>, word: &Piece<'_>) -> Option<Known<'d>> {
        self.memories().into_iter().find_map(|(set, file)| Some((set, lookup::named(set, file, item, word)?)))
    }

    /// The record that the item is about.
    fn record(&self, item: &ItemWords<'_>) -> Option<Known<'d>> {
        self.memories().into_iter().find_map(|(set, file)| {
            let owners = lookup::surroundings(set, file, item);
            let is_record = |at: &usize| set.things()[*at].kind == ThingKind::Record;
            Some((set, owners.into_iter().find(is_record)?))
        })
    }

    /// The measure or define that a case is about, or that the item itself is or amends.
    fn target(&self, item: &ItemWords<'_>) -> Option<Known<'d>> {
        self.memories().into_iter().find_map(|(set, file)| {
            let owner = lookup::surroundings(set, file, item).into_iter().next()?;
            (set.things()[owner].kind != ThingKind::Record).then_some((set, owner))
        })
    }

    pub(super) fn kind_of_target(&self, item: &ItemWords<'_>) -> &'static str {
        match self.target(item).map(|(set, at)| set.things()[at].kind) {
            Some(ThingKind::Duty) => "duty",
            Some(ThingKind::Target) => "target",
            Some(ThingKind::Define) => "define",
            _ => "measure",
        }
    }

    fn parts(&mut self, (set, owner): Known<'d>, kinds: &[ThingKind], after: &str, rank: u8) {
        let parts: Vec<usize> =
            set.parts(owner).filter(|(_, thing)| kinds.contains(&thing.kind)).map(|(at, _)| at).collect();
        parts.into_iter().for_each(|at| self.offer((set, at), after, rank));
    }

    pub(super) fn parts_of_target(&mut self, item: &ItemWords<'_>, kinds: &[ThingKind]) {
        if let Some(target) = self.target(item) {
            self.parts(target, kinds, "", 1);
        }
    }

    pub(super) fn parts_of_item(&mut self, context: &Context<'_>, kinds: &[ThingKind]) {
        self.parts_of_target(context.item, kinds);
    }

    pub(super) fn benefits_of_target(&mut self, item: &ItemWords<'_>) {
        let Some(target) = self.target(item) else { return };
        self.parts(target, &[ThingKind::Benefit], ": ", 1);
        if target.0.things()[target.1].kind == ThingKind::Target {
            self.word(("shortfall: $0", "shortfall: $0"));
        }
    }

    pub(super) fn record_fields(&mut self, context: &Context<'_>) {
        if let Some(record) = self.record(context.item) {
            self.parts(record, &[ThingKind::Field], "", 2);
        }
    }

    /// The fields that are a condition by their name alone.
    pub(super) fn condition_fields(&mut self, context: &Context<'_>) {
        let Some((set, record)) = self.record(context.item) else { return };
        let program = &set.compiled.program;
        let truths = set.parts(record).filter(|(_, thing)| {
            matches!(describe::checked(program, thing), Some(Checked::Field(field)) if field.ty == Type::Bool)
        });
        let truths: Vec<usize> = truths.map(|(at, _)| at).collect();
        truths.into_iter().for_each(|at| self.offer((set, at), "", 2));
    }

    /// The fields that the record in the text has before the cursor.
    pub(super) fn fields_written(&mut self, item: &ItemWords<'_>) {
        for (at, piece) in item.pieces.iter().enumerate().filter(|(_, piece)| piece.is_word()) {
            let next = item.pieces.get(at + 1);
            let after = next
                .filter(|next| next.text.starts_with(['"', '“']))
                .map_or(next, |_| item.pieces.get(at + 2));
            if after.is_some_and(|next| next.is(&[":", "："])) {
                let (name, detail) = (piece.text.to_owned(), String::new());
                let kind = OfferKind::Thing(ThingKind::Field);
                let text = name.clone();
                self.offers.push(Offer { kind, name, label: String::new(), detail, text, rank: 1 });
            }
        }
    }

    /// The record whose fields a `given` gives: the one that is named, or that of the measure.
    fn given_record(&self, context: &Context<'_>, named: Option<&str>) -> Option<Known<'d>> {
        match named {
            Some(name) => self.memories().into_iter().find_map(|(set, file)| {
                let at = set.compiled.index.known_as(file, name)?;
                (set.things()[at].kind == ThingKind::Record).then_some((set, at))
            }),
            None => self.record(context.item),
        }
    }

    pub(super) fn fields_not_given(&mut self, context: &Context<'_>, named: Option<&str>) {
        let Some((set, record)) = self.given_record(context, named) else { return };
        let given = context.inside();
        let open: Vec<usize> = set
            .parts(record)
            .filter(|(_, thing)| !given.iter().any(|name| crate::ide::snapshot::is_called(thing, name)))
            .map(|(at, _)| at)
            .collect();
        let read = self.fields_read(context.item);
        for at in open {
            // Those that the measure reads come first.
            let rank = if read.contains(&set.things()[at].name.span.start) { 1 } else { 2 };
            self.offer((set, at), ": ", rank);
        }
    }

    /// Where the fields are declared that the measure or define of a case reads itself.
    fn fields_read(&self, item: &ItemWords<'_>) -> BTreeSet<u32> {
        let Some((set, target)) = self.target(item) else { return BTreeSet::new() };
        let program = &set.compiled.program;
        let mut read = BTreeSet::new();
        let mut look = |record: RecordId, expr: &Expr| {
            expr.walk_on(record, &mut |part| {
                if let ExprKind::Field(field) = part.kind {
                    read.insert(program.records[record.index()].fields[field.index()].span.start);
                }
            });
        };
        match describe::checked(program, &set.things()[target]) {
            Some(Checked::Measure(own)) => own.each_expr(&mut |expr| look(own.record, expr)),
            Some(Checked::Define(own)) => look(own.record, &own.body),
            _ => {}
        }
        read
    }

    /// The values of the field before the colon.
    pub(super) fn given_value(&mut self, context: &Context<'_>, named: Option<&str>) {
        let (Some((set, record)), Some(name)) = (self.given_record(context, named), context.before(1)) else {
            return;
        };
        let Some(at) = set.part(record, name.text) else { return };
        let program = &set.compiled.program;
        match describe::checked(program, &set.things()[at]) {
            Some(Checked::Field(Field { ty: Type::Bool, .. })) => self.words(keywords::TRUTHS),
            Some(Checked::Field(Field { ty: Type::Enum(id), .. })) => {
                if let Some(owner) = set.declared_at(program.enums[id.index()].head.span) {
                    self.variants((set, owner), &[], "");
                }
            }
            _ => {}
        }
    }

    /// The values of an enum, but for those that stand there already.
    pub(super) fn variants(&mut self, (set, owner): Known<'d>, taken: &[&str], after: &str) {
        let open = set.parts(owner);
        let open: Vec<usize> = open
            .filter(|(_, thing)| !taken.iter().any(|name| crate::ide::snapshot::is_called(thing, name)))
            .map(|(at, _)| at)
            .collect();
        open.into_iter().for_each(|at| self.offer((set, at), after, 0));
    }

    /// What a word of the item stands for, with the type of its values.
    fn typed(&self, item: &ItemWords<'_>, at: usize) -> Option<(&'d Arc<Snapshot>, &'d Type)> {
        let word = item.pieces.get(at).filter(|piece| piece.is_word())?;
        let (set, thing) = self.known(item, word)?;
        Some((set, type_of_thing(set, thing)?))
    }

    /// The type of the values that a word of the item stands for.
    pub(super) fn type_of(&self, item: &ItemWords<'_>, at: usize) -> Option<Type> {
        self.typed(item, at).map(|(_, ty)| ty.clone())
    }

    /// The enum of the values that a word of the item stands for.
    pub(super) fn enum_of(&self, item: &ItemWords<'_>, at: usize) -> Option<Known<'d>> {
        let (set, Type::Enum(id)) = self.typed(item, at)? else { return None };
        Some((set, set.declared_at(set.compiled.program.enums[id.index()].head.span)?))
    }

    /// Behind a dot: the fields of a related record, the values of an enum, the benefits of a measure, modules.
    pub(super) fn after_dot(&mut self, context: &Context<'_>) {
        if context.keyword == "use" {
            return self.modules_below(context.item);
        }
        let Some(owner) = context.before(1).and_then(|word| self.known(context.item, &word)) else { return };
        let (set, at) = owner;
        match set.things()[at].kind {
            ThingKind::Record => {
                self.parts(owner, &[ThingKind::Field], "", 1);
                self.defines(Some(at));
            }
            ThingKind::Enum => self.variants(owner, &[], ""),
            ThingKind::Measure | ThingKind::Duty | ThingKind::Target => {
                self.parts(owner, &[ThingKind::Benefit], "", 1);
            }
            _ => {}
        }
    }

    fn modules_below(&mut self, item: &ItemWords<'_>) {
        let path: String = item.pieces[1..].iter().map(|piece| piece.text).collect();
        let before = self.offers.len();
        self.modules();
        for mut offer in self.offers.split_off(before) {
            if let Some(rest) = offer.name.strip_prefix(&path) {
                offer.text = format!("{rest}.*");
                offer.name = rest.to_owned();
                self.offers.push(offer);
            }
        }
        self.word(("*", "*"));
        self.word(("{$0}", "{$0}"));
    }

    /// The defines that the module knows for a record.
    fn defines(&mut self, record: Option<usize>) {
        for (set, file) in self.memories() {
            let known: BTreeSet<usize> = set.compiled.index.visible_in(file).map(|(_, at)| at).collect();
            for at in known {
                let is_define = set.things()[at].kind == ThingKind::Define;
                if is_define && lookup::record_of(set, at) == record {
                    self.offer((set, at), "", 3);
                }
            }
        }
    }

    /// Everything that may stand where a value is wanted.
    pub(super) fn values(&mut self, context: &Context<'_>) {
        self.lets(context.item);
        let record = self.record(context.item);
        if let Some(record) = record {
            self.parts(record, &[ThingKind::Field], "", 1);
            self.defines(Some(record.1));
            self.related(record);
        }
        self.visible_with(&[ThingKind::Param], "", 3);
        self.visible_with(&[ThingKind::Table, ThingKind::Calendar], "($0)", 4);
        for (english, chinese, arguments) in keywords::FUNCTIONS {
            let name = self.language.pick(english, chinese).to_owned();
            let (label, detail, text) = (String::new(), String::new(), format!("{name}{arguments}"));
            self.offers.push(Offer { kind: OfferKind::Function, name, label, detail, text, rank: 5 });
        }
        self.words(keywords::OPENERS);
        self.words(keywords::TRUTHS);
    }

    /// The records that the record belongs to.
    fn related(&mut self, (set, record): Known<'d>) {
        let program = &set.compiled.program;
        if let Some(Checked::Record(own)) = describe::checked(program, &set.things()[record]) {
            let others =
                own.belongs.iter().map(|belonging| program.records[belonging.record.index()].head.span);
            let others: Vec<usize> = others.filter_map(|span| set.declared_at(span)).collect();
            others.into_iter().for_each(|at| self.offer((set, at), ".", 4));
        }
    }

    /// What the item names with `let` before the cursor.
    fn lets(&mut self, item: &ItemWords<'_>) {
        for pair in item.pieces.windows(2).filter(|pair| pair[0].is(&["let", "令"]) && pair[1].is_word()) {
            match self.known(item, &pair[1]) {
                Some((set, at)) if set.things()[at].kind == ThingKind::Let => self.offer((set, at), "", 1),
                _ => {
                    let (name, kind) = (pair[1].text.to_owned(), OfferKind::Thing(ThingKind::Let));
                    let (label, detail, text) = (String::new(), String::new(), name.clone());
                    self.offers.push(Offer { kind, name, label, detail, text, rank: 1 });
                }
            }
        }
    }
}

/// The type of the values that a thing stands for.
fn type_of_thing(set: &Snapshot, at: usize) -> Option<&Type> {
    Some(match describe::checked(&set.compiled.program, &set.things()[at])? {
        Checked::Field(own) => &own.ty,
        Checked::Define(own) => &own.body.ty,
        Checked::Let(_, own) => &own.value.ty,
        Checked::Input(own) => &own.ty,
        Checked::Param(own) => &own.ty,
        _ => return None,
    })
}

/// Whether values of two types can be compared.
fn is_alike(one: &Type, other: &Type) -> bool {
    match (one, other) {
        (Type::Number(one), Type::Number(other)) => {
            one.kind == other.kind && one.dimension == other.dimension
        }
        _ => one == other,
    }
}

/// What tells a thing from others: the type of a field, the record of a measure.
fn detail(set: &Snapshot, thing: &Thing, language: crate::check::show::Language) -> String {
    let program = &set.compiled.program;
    let typed = |ty: &Type, whole: bool, range: &Interval| {
        let words = describe::type_words(program, ty, whole, language);
        let range = describe::range_words(program, ty, range, language);
        range.map_or(words.clone(), |range| format!("{words}, {range}"))
    };
    match describe::checked(program, thing) {
        Some(Checked::Field(own)) => typed(&own.ty, own.decimals == 0, &own.range),
        Some(Checked::Param(own)) => describe::type_words(program, &own.ty, false, language),
        Some(Checked::Define(own)) => describe::expr_type(program, &own.body, language),
        Some(Checked::Let(_, own)) => describe::expr_type(program, &own.value, language),
        Some(Checked::Benefit(_, own)) => {
            own.ty.as_ref().map_or_else(String::new, |ty| describe::type_words(program, ty, false, language))
        }
        Some(Checked::Measure(own)) => program.records[own.record.index()].head.name.clone(),
        Some(Checked::Variant(own)) => own.head.name.clone(),
        Some(Checked::Table(own)) => describe::type_words(program, &own.output, false, language),
        _ => String::new(),
    }
}
