//! What can be written at the cursor: fields with their types, values of the enum on the other side, the members
//! of an item, whole items as snippets; in the language of the file.

mod context;
mod offers;

use std::ops::Range;
use std::path::Path;

use super::desk::Desk;
use super::keywords::{self, Pair};
use super::lookup;
use super::words::{self, ItemWords, Piece};
use crate::check::index::ThingKind;
use crate::check::show::Language;
use crate::check::typed::Type;
use crate::syntax::token::Token;
use context::{ARROW, Block, COMPARE, IN, Open};

/// What an offer is, for its icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfferKind {
    Keyword,
    Snippet,
    Type,
    Function,
    Module,
    Thing(ThingKind),
}

/// Something that can be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    pub kind: OfferKind,
    /// What is shown and looked for.
    pub name: String,
    /// The other name, for people who type that.
    pub label: String,
    /// The type, or what else tells it from others.
    pub detail: String,
    /// What is written; a snippet where it has places (`$0`, `${1:name}`).
    pub text: String,
    /// Those of lower rank come first.
    pub rank: u8,
}

/// What can be written, and the bytes that it takes the place of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    pub replaces: Range<usize>,
    pub offers: Vec<Offer>,
}

/// What can be written at a byte of an open file.
pub fn complete(desk: &Desk, path: &Path, offset: usize) -> Option<Completion> {
    let buffer = desk.buffer(path)?;
    let (text, lexemes) = (buffer.text(), buffer.lexemes());
    if words::in_words_of_people(text, lexemes, offset) {
        return None;
    }
    let replaces = prefix(&words::piece_at(text, lexemes, offset), offset);
    let language = language_of(desk, path);
    // After a number comes its unit.
    if text[..replaces.start].ends_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let item = words::item_at(text, lexemes, replaces.start.saturating_sub(1)).filter(|_| replaces.start > 0);
    let before = item.map(|mut item| {
        item.pieces.retain(|piece| piece.end <= replaces.start);
        item
    });
    let line = text[..replaces.start].rfind('\n').map_or(0, |at| at + 1);
    let fresh_line = text[line..replaces.start].trim().is_empty();
    let mut at = At {
        desk,
        path,
        text,
        start: replaces.start,
        fresh_line,
        language,
        wanted: None,
        offers: Vec::new(),
    };
    match before.filter(|item| !item.pieces.is_empty()) {
        Some(item) => at.in_item(&item),
        None if fresh_line => at.items(),
        None => {}
    }
    Some(Completion { replaces, offers: at.offers })
}

/// The part of the word at the cursor that stands before it.
fn prefix(piece: &Option<Piece<'_>>, offset: usize) -> Range<usize> {
    match piece {
        Some(piece) if piece.is_word() && piece.start < offset => piece.start..offset,
        _ => offset..offset,
    }
}

/// The language that the file is written in: that of its items, else that of the set.
pub fn language_of(desk: &Desk, path: &Path) -> Language {
    let set = desk.home_of(path).map(|set| set.compiled.language).unwrap_or_default();
    let Some(buffer) = desk.buffer(path) else { return set };
    let items = words::items(buffer.text(), buffer.lexemes());
    let first = |item: &ItemWords<'_>| item.keyword.is_some().then(|| item.pieces[0].text.is_ascii());
    let (english, chinese): (Vec<bool>, Vec<bool>) = items.iter().filter_map(first).partition(|ascii| *ascii);
    match english.len().cmp(&chinese.len()) {
        std::cmp::Ordering::Greater => Language::English,
        std::cmp::Ordering::Less => Language::Chinese,
        std::cmp::Ordering::Equal => set,
    }
}

/// The cursor, and what was found to offer there.
struct At<'d> {
    desk: &'d Desk,
    path: &'d Path,
    text: &'d str,
    /// Where the word begins that is being written.
    start: usize,
    /// Nothing stands before it on its line.
    fresh_line: bool,
    language: Language,
    /// What the value must be like, where that is known: what is of another type comes last.
    wanted: Option<Type>,
    offers: Vec<Offer>,
}

impl At<'_> {
    fn word(&mut self, pair: Pair) {
        self.ranked(pair, 5);
    }

    fn ranked(&mut self, (english, chinese): Pair, rank: u8) {
        let text = self.language.pick(english, chinese);
        let name = keywords::without_places(text.split(['$', '{', '"', '“', '=']).next().unwrap_or(text));
        let name = match name.trim_end() {
            "" => text.trim_end_matches("$0").trim_end().to_owned(),
            name => name.trim_end_matches(':').trim_end().to_owned(),
        };
        let kind = if text.contains('$') { OfferKind::Snippet } else { OfferKind::Keyword };
        let (label, detail) = (String::new(), String::new());
        self.offers.push(Offer { kind, name, label, detail, text: text.to_owned(), rank });
    }

    fn words(&mut self, pairs: &[Pair]) {
        pairs.iter().for_each(|pair| self.word(*pair));
    }

    /// Whole items.
    fn items(&mut self) {
        for item in keywords::ITEMS {
            let name = self.language.pick(item.words.0, item.words.1).to_owned();
            let other = self.language.pick(item.words.1, item.words.0).to_owned();
            let text = self.language.pick(item.body.0, item.body.1).to_owned();
            let (kind, detail) = (OfferKind::Snippet, String::new());
            self.offers.push(Offer { kind, name, label: other, detail, text, rank: 6 });
        }
    }

    fn in_item(&mut self, item: &ItemWords<'_>) {
        // Inside an item the language is its own, whatever the rest of the file is in.
        let of_file = self.language;
        let Some(keyword) = item.keyword else {
            if self.fresh_line {
                self.items();
            }
            return;
        };
        self.language = if item.pieces[0].text.is_ascii() { Language::English } else { Language::Chinese };
        let open = context::open_blocks(keyword, &item.pieces);
        let last = item.pieces[item.pieces.len() - 1];
        let complete = keyword == "use" || context::ends(&last);
        let new_line = self.text[last.end..self.start].contains('\n');
        let at_margin = self.fresh_line && !self.text[..self.start].ends_with([' ', '\t', '\u{3000}']);
        if new_line && at_margin && complete {
            let of_item = std::mem::replace(&mut self.language, of_file);
            self.items();
            self.language = of_item;
            if open.is_empty() {
                return;
            }
        }
        let context = Context { keyword, item, open: &open, last, new_line };
        if self.names(&context) {
            return;
        }
        match open.last().map(|open| open.block.clone()) {
            None => self.head(&context),
            Some(Block::Body) => self.body(&context),
            Some(Block::Names) => self.names_of_module(item),
            Some(Block::Given(record)) => self.given(&context, record.as_deref()),
            Some(Block::Awards) => self.awards(&context),
            Some(Block::Conditions) => self.conditions(&context),
            Some(Block::Branches) => self.branches(&context),
            Some(Block::Benefits) => self.benefits(&context),
            Some(Block::Arms(subject)) => self.arms(&context, subject),
            Some(Block::Among(subject)) => self.among(&context, subject),
            Some(Block::Round) => self.expression(&context),
        }
    }

    /// After a word that names are wanted behind; `false` where the last token is none.
    fn names(&mut self, context: &Context<'_>) -> bool {
        let last = context.last;
        if last.text == "." {
            self.after_dot(context);
            return true;
        }
        let before = context.before(1);
        let source_next = last.is(lookup::CITE);
        if source_next {
            self.sources();
        } else if before.is_some_and(|piece| piece.is(lookup::CITE)) && last.is_word() {
            self.word(("art ${1:1} \"${2:words}\"", "第${1:1}条 “${2:原文}”"));
        } else if last.is(lookup::FOR) && context.open.is_empty() {
            match context.keyword {
                "case" => {
                    self.visible(&[ThingKind::Measure, ThingKind::Duty, ThingKind::Target, ThingKind::Define])
                }
                _ => self.visible(&[ThingKind::Record]),
            }
        } else if last.is(&["excludes", "排斥", "draws", "支出"])
            || last.is(&["over"]) && before.is_some_and(|piece| piece.text == "prevails")
            || last.is(&["优先于"])
        {
            self.visible(&[ThingKind::Measure, ThingKind::Duty, ThingKind::Target]);
        } else if last.is(&["via", "经由"]) {
            self.fields_written(context.item);
        } else if last.is(&["to", "隶属"]) && context.keyword == "record"
            || last.is(&["its", "所属", "over", "全体"])
        {
            self.visible(&[ThingKind::Record]);
        } else {
            return false;
        }
        true
    }

    /// Before the first bracket of an item.
    fn head(&mut self, context: &Context<'_>) {
        let Context { keyword, last, .. } = *context;
        let nothing_yet = context.item.pieces.len() == 1;
        match keyword {
            "use" if nothing_yet => self.modules(),
            "fill" if nothing_yet => self.visible(&[ThingKind::Param, ThingKind::Define]),
            "amend" if nothing_yet => self.visible(&[
                ThingKind::Param,
                ThingKind::Define,
                ThingKind::Measure,
                ThingKind::Duty,
                ThingKind::Target,
            ]),
            "open" if nothing_yet => self.words(&[("param", "参数"), ("define", "定义")]),
            _ if nothing_yet => {}
            "param" | "define" | "open" if last.is(&[":", "："]) => self.types(),
            _ if context::wants_value(&last) => self.expression(context),
            "measure" | "duty" | "target" | "define" if !context.has(lookup::FOR) => {
                self.word(("for", "适用"))
            }
            "case" if !context.has(lookup::FOR) => self.word(("for", "适用")),
            "case" => self.word(("as of ${1:2020-01-01}", "截至 ${1:2020年1月1日}")),
            "amend" => self.word(("from ${1:2020-01-01}", "自 ${1:2020年1月1日}")),
            _ if context.has(&["=", "＝"]) && !context.new_line => self.words(keywords::JOINERS),
            _ => {}
        }
    }

    /// Among the members of an item.
    fn body(&mut self, context: &Context<'_>) {
        let Context { keyword, last, .. } = *context;
        let starts = last.opens() || context.new_line && context::ends(&last);
        match keyword {
            "record" if last.is(&[":", "："]) => self.types(),
            "record" if last.is(&["as", "单位为"]) => {
                self.words(&[("万元", "万元"), ("亿元", "亿元"), ("元", "元")])
            }
            "table" if last.is(&[":", "："]) => self.types(),
            "best" if starts || last.is(&[",", "，"]) => {
                self.visible(&[ThingKind::Measure, ThingKind::Duty, ThingKind::Target]);
                self.word(keywords::members("best")[0]);
            }
            "case" => self.case_member(context, starts),
            "budget" if last.is(&["by", "按"]) => self.record_fields(context),
            "amend" if last.is(&["drop", "删去"]) => {
                self.parts_of_item(context, &[ThingKind::Condition, ThingKind::Branch])
            }
            "measure" | "duty" | "target" | "amend" if last.is(&[":", "：", ","]) && !starts => {
                self.member_value(context)
            }
            _ if starts => keywords::members(keyword).into_iter().for_each(|pair| self.word(pair)),
            _ if context::wants_value(&last) || last.is(&[":", "："]) => self.expression(context),
            _ if last.is(&["require", "条件", "except", "除外"]) => self.condition_fields(context),
            "measure" | "duty" | "target" | "amend" => self.after_value(),
            _ => {}
        }
    }

    /// After the colon of `require name:`, of `let name:`, of `pay name:`.
    fn member_value(&mut self, context: &Context<'_>) {
        let member = context.item.pieces.iter().rev().take(4);
        let typed = member.into_iter().any(|piece| {
            piece.is(&["let", "令"]) || keywords::BENEFITS.iter().any(|(en, zh)| piece.is(&[en, zh]))
        });
        if typed { self.types() } else { self.expression(context) }
    }

    fn after_value(&mut self) {
        self.words(keywords::JOINERS);
        self.word(("at most", "最多"));
        self.word(("at least", "最少"));
    }

    fn case_member(&mut self, context: &Context<'_>, starts: bool) {
        let last = context.last;
        let (before, kind) = (context.before(1), self.kind_of_target(context.item));
        let answered = |words: &[&str]| last.is(words) || last.is(&[",", "，"]) && context.since(words);
        if last.is(&["expect", "预期"]) {
            keywords::expectations(kind).into_iter().for_each(|pair| self.word(pair));
        } else if last.is(&["set", "设"]) {
            self.visible(&[ThingKind::Param]);
        } else if last.is(&["given", "已知"]) {
            self.visible(&[ThingKind::Record]);
        } else if last.is(&["granted", "给予"]) {
            self.parts_of_target(context.item, &[ThingKind::Branch]);
        } else if answered(&["refused", "拒绝", "not_bound", "不受约束", "breached", "已违反"]) {
            self.parts_of_target(context.item, &[ThingKind::Condition, ThingKind::Branch]);
            self.record_fields(context);
        } else if answered(&["conflict", "冲突"]) {
            self.parts_of_target(context.item, &[ThingKind::Branch]);
        } else if answered(&["missing", "缺"]) {
            self.record_fields(context);
            self.visible(&[ThingKind::Record]);
        } else if starts || last.closes() {
            keywords::members("case").into_iter().for_each(|pair| self.word(pair));
        } else if before.is_some_and(|piece| piece.is(&["=", "＝"])) || context::wants_value(&last) {
            self.expression(context);
        }
    }

    /// Inside `given { … }`.
    fn given(&mut self, context: &Context<'_>, record: Option<&str>) {
        if context.last.is(&[":", "："]) {
            return self.given_value(context, record);
        }
        if context.last.opens() || context.last.is(&[",", "，", "、", ";"]) || context.new_line {
            self.fields_not_given(context, record);
        }
    }

    fn awards(&mut self, context: &Context<'_>) {
        if context.last.opens() || context.last.is(&[",", "，", "、", ";"]) || context.new_line {
            self.benefits_of_target(context.item);
        }
    }

    fn conditions(&mut self, context: &Context<'_>) {
        let last = context.last;
        if last.opens() || context.new_line && context::ends(&last) || last.is(&[",", "，", ";"]) {
            self.condition_fields(context);
            self.word(keywords::members("principle")[0]);
        } else if context::wants_value(&last) || last.is(&[":", "："]) {
            self.expression(context);
        } else {
            self.words(keywords::JOINERS);
        }
    }

    fn branches(&mut self, context: &Context<'_>) {
        let last = context.last;
        if last.is(ARROW) {
            self.words(keywords::BENEFITS);
            self.word(("refuse", "不予"));
        } else if context::wants_value(&last) || last.is(&[":", "："]) {
            self.expression(context);
            if last.is(&[":", "："]) {
                self.word(("else", "否则"));
            }
        } else if !last.opens() && !context.new_line {
            self.after_value();
        }
    }

    fn benefits(&mut self, context: &Context<'_>) {
        let last = context.last;
        if last.opens() || last.is(&[",", "，", ";"]) || context.new_line && context::ends(&last) {
            self.words(keywords::BENEFITS);
        } else if last.is(&[":", "："]) {
            self.types();
        } else if context::wants_value(&last) {
            self.expression(context);
        } else {
            self.after_value();
        }
    }

    fn arms(&mut self, context: &Context<'_>, subject: usize) {
        if context.last.is(ARROW) || context::wants_value(&context.last) {
            return self.expression(context);
        }
        if let Some(owner) = self.enum_of(context.item, subject) {
            let taken = context.inside();
            self.variants(owner, &taken, " => $0");
        }
        self.word(("else => $0", "否则 => $0"));
    }

    fn among(&mut self, context: &Context<'_>, subject: Option<usize>) {
        match subject.and_then(|subject| self.enum_of(context.item, subject)) {
            Some(owner) => {
                let taken = context.inside();
                self.variants(owner, &taken, "");
            }
            None => self.expression(context),
        }
    }

    /// Where a value is wanted.
    fn expression(&mut self, context: &Context<'_>) {
        let compared = context.last.is(COMPARE) || context.last.is(IN);
        if compared {
            let not = usize::from(context.before(1).is_some_and(|piece| piece.text == "not"));
            let subject = (context.item.pieces.len() - 1).checked_sub(1 + not);
            if let Some(owner) = subject.and_then(|subject| self.enum_of(context.item, subject)) {
                if context.last.is(IN) {
                    self.word(("{ $0 }", "{ $0 }"));
                }
                return self.variants(owner, &[], "");
            }
            self.wanted = subject.and_then(|subject| self.type_of(context.item, subject));
        }
        if context.last.is(IN) {
            self.visible(&[ThingKind::Register]);
        }
        self.values(context);
    }
}

/// What stands before the cursor in its item.
struct Context<'a> {
    keyword: &'a str,
    item: &'a ItemWords<'a>,
    open: &'a [Open],
    /// The token before the cursor.
    last: Piece<'a>,
    /// The cursor stands on a later line than that.
    new_line: bool,
}

impl<'a> Context<'a> {
    /// The token so many before the last.
    fn before(&self, back: usize) -> Option<Piece<'a>> {
        (self.item.pieces.len() - 1).checked_sub(back).map(|at| self.item.pieces[at])
    }

    /// Whether one of these words stands in the item.
    fn has(&self, words: &[&str]) -> bool {
        self.item.pieces.iter().any(|piece| piece.is(words))
    }

    /// Whether a list that began with one of these words goes on to the cursor: names and commas only.
    fn since(&self, words: &[&str]) -> bool {
        let list =
            |piece: &&Piece<'_>| piece.is_word() && !piece.is(words) || piece.is(&[",", "，", "、", "."]);
        self.item.pieces.iter().rev().find(|piece| !list(piece)).is_some_and(|piece| piece.is(words))
    }

    /// The words inside the innermost block.
    fn inside(&self) -> Vec<&'a str> {
        let from = self.open.last().map_or(0, |open| open.at + 1);
        let words = self.item.pieces[from..].iter().filter(|piece| piece.token == Some(Token::Word));
        words.map(|piece| piece.text).collect()
    }
}
