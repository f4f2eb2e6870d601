//! Plain data of `ide` as the protocol writes it.

use std::ops::Range;
use std::path::Path;

use lsp_types::*;
use serde_json::{Value, json};

use super::capabilities::TOKEN_TYPES;
use super::position;
use super::server::Server;
use crate::check::index::ThingKind;
use crate::check::show::Language;
use crate::diag::Severity;
use crate::ide::colours::{Paint, Painted};
use crate::ide::completion::{Offer, OfferKind};
use crate::ide::outline::Symbol;
use crate::ide::{self, Change, Outcome, Place, Problem, keywords};
use crate::source::SourceFile;

pub fn location(server: &Server, place: &Place) -> Option<Location> {
    locations(server, [place]).pop()
}

/// Places as locations, without those of files that have no address.
pub fn locations<'p>(server: &Server, places: impl IntoIterator<Item = &'p Place>) -> Vec<Location> {
    // Most places are of the same file as the one before.
    let mut last: Option<(&Path, Option<(Uri, &SourceFile)>)> = None;
    let mut found = Vec::new();
    for place in places {
        let (_, file) = match last.take().filter(|(path, _)| **path == *place.path) {
            Some(known) => last.insert(known),
            None => {
                let file = server.uri(&place.path).zip(server.desk.file(&place.path));
                last.insert((&place.path, file))
            }
        };
        if let Some((uri, file)) = file {
            found.push(Location { uri: uri.clone(), range: position::places(file, &place.range()) });
        }
    }
    found
}

pub fn diagnostic(server: &Server, problem: &Problem) -> Option<Diagnostic> {
    let file = server.desk.file(&problem.place.path)?;
    let related: Vec<DiagnosticRelatedInformation> = problem
        .related
        .iter()
        .filter_map(|(place, message)| {
            Some(DiagnosticRelatedInformation {
                location: location(server, place)?,
                message: message.clone(),
            })
        })
        .collect();
    Some(Diagnostic {
        range: position::places(file, &problem.place.range()),
        severity: Some(match problem.severity {
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
            Severity::Note => DiagnosticSeverity::INFORMATION,
        }),
        code: Some(NumberOrString::String(problem.code.to_owned())),
        source: Some("pol".to_owned()),
        message: problem.message.clone(),
        related_information: (!related.is_empty()).then_some(related),
        tags: problem.unused.then(|| vec![DiagnosticTag::UNNECESSARY]),
        ..Diagnostic::default()
    })
}

/// Changes of several files.
#[allow(clippy::mutable_key_type)] // the protocol's own type; an address is never changed in place
pub fn workspace_edit(server: &Server, changes: &[Change]) -> WorkspaceEdit {
    let mut all = WorkspaceEdit { changes: Some(Default::default()), ..WorkspaceEdit::default() };
    for own in changes.chunk_by(|a, b| a.place.path == b.place.path) {
        let locations = locations(server, own.iter().map(|change| &change.place));
        let Some(first) = locations.first() else { continue };
        let edits = all.changes.get_or_insert_default().entry(first.uri.clone()).or_default();
        let edit = |(at, own): (&Location, &Change)| TextEdit { range: at.range, new_text: own.text.clone() };
        edits.extend(locations.iter().zip(own).map(edit));
    }
    all
}

/// Semantic tokens as differences of lines and columns.
pub fn tokens(file: &SourceFile, painted: &[Painted]) -> Vec<SemanticToken> {
    let mut before = Position::new(0, 0);
    let token = |own: &Painted| {
        let start = position::position(file, own.range.start);
        let length = file.text[own.range.clone()].encode_utf16().count() as u32;
        let same_line = start.line == before.line;
        let token = SemanticToken {
            delta_line: start.line - before.line,
            delta_start: if same_line { start.character - before.character } else { start.character },
            length,
            token_type: token_type(own.paint),
            token_modifiers_bitset: u32::from(own.declared),
        };
        before = start;
        token
    };
    painted.iter().map(token).collect()
}

fn token_type(paint: Paint) -> u32 {
    let name = match paint {
        Paint::Comment => "comment",
        Paint::Keyword => "keyword",
        Paint::Number => "number",
        Paint::Text => "string",
        Paint::Operator => "operator",
        Paint::Unit | Paint::Thing(ThingKind::Unit) => "type",
        Paint::Name => "variable",
        Paint::Thing(kind) => match kind {
            ThingKind::Policy | ThingKind::Source => "namespace",
            ThingKind::Enum => "enum",
            ThingKind::Variant => "enumMember",
            ThingKind::Record => "struct",
            ThingKind::Field | ThingKind::Benefit => "property",
            ThingKind::Param | ThingKind::Input => "parameter",
            ThingKind::Define | ThingKind::Table | ThingKind::Calendar => "function",
            ThingKind::Measure | ThingKind::Duty | ThingKind::Target | ThingKind::Principle => "class",
            _ => "variable",
        },
    };
    TOKEN_TYPES.iter().position(|known| *known == name).unwrap_or(0) as u32
}

#[allow(deprecated)] // the field `deprecated` itself
pub fn symbol(file: &SourceFile, own: &Symbol, language: Language) -> DocumentSymbol {
    let inside = |range: &Range<usize>| range.start.min(own.range.start)..range.end.max(own.range.end);
    let detail = match own.kind {
        Some(_) => own.label.clone(),
        None => format!("{} {}", language.pick("for", "适用"), own.label),
    };
    let children: Vec<DocumentSymbol> = own.parts.iter().map(|part| symbol(file, part, language)).collect();
    DocumentSymbol {
        name: if own.name.is_empty() { "“”".to_owned() } else { own.name.clone() },
        detail: (!detail.is_empty()).then_some(detail),
        kind: own.kind.map_or(SymbolKind::EVENT, symbol_kind),
        tags: None,
        deprecated: None,
        range: position::places(file, &inside(&own.name_range)),
        selection_range: position::places(file, &own.name_range),
        children: (!children.is_empty()).then_some(children),
    }
}

pub fn symbol_kind(kind: ThingKind) -> SymbolKind {
    match kind {
        ThingKind::Policy => SymbolKind::PACKAGE,
        ThingKind::Source => SymbolKind::FILE,
        ThingKind::Enum => SymbolKind::ENUM,
        ThingKind::Variant | ThingKind::Branch => SymbolKind::ENUM_MEMBER,
        ThingKind::Record => SymbolKind::STRUCT,
        ThingKind::Field => SymbolKind::FIELD,
        ThingKind::Benefit => SymbolKind::PROPERTY,
        ThingKind::Param | ThingKind::Unit => SymbolKind::CONSTANT,
        ThingKind::Define | ThingKind::Table | ThingKind::Calendar => SymbolKind::FUNCTION,
        ThingKind::Register => SymbolKind::ARRAY,
        ThingKind::Condition => SymbolKind::BOOLEAN,
        ThingKind::Measure | ThingKind::Duty | ThingKind::Target => SymbolKind::CLASS,
        ThingKind::Principle => SymbolKind::STRING,
        _ => SymbolKind::VARIABLE,
    }
}

/// An offer; `typed` is what stands there of it.
pub fn completion_item(
    server: &Server,
    offer: &Offer,
    at: usize,
    replaces: lsp_types::Range,
    typed: &str,
) -> CompletionItem {
    let has_places = offer.text.contains('$');
    let snippet = has_places && server.client.snippets;
    let new_text =
        if snippet || !has_places { offer.text.clone() } else { keywords::without_places(&offer.text) };
    // Who types the label is offered the name.
    let by_label = !typed.is_empty() && !offer.name.starts_with(typed) && offer.label.contains(typed);
    let filter = match (offer.label.is_empty(), typed.is_empty(), by_label) {
        (true, ..) => None,
        (false, true, _) => Some(format!("{} {}", offer.name, offer.label)),
        (false, false, true) => Some(offer.label.clone()),
        (false, false, false) => Some(offer.name.clone()),
    };
    CompletionItem {
        label: offer.name.clone(),
        label_details: (!offer.label.is_empty()).then(|| CompletionItemLabelDetails {
            detail: Some(format!(" {}", offer.label)),
            description: (!offer.detail.is_empty()).then(|| offer.detail.clone()),
        }),
        kind: Some(completion_kind(offer.kind)),
        detail: (!offer.detail.is_empty()).then(|| offer.detail.clone()),
        sort_text: Some(format!("{}{at:05}", offer.rank)),
        filter_text: filter,
        insert_text_format: snippet.then_some(InsertTextFormat::SNIPPET),
        text_edit: Some(CompletionTextEdit::Edit(TextEdit { range: replaces, new_text })),
        ..CompletionItem::default()
    }
}

fn completion_kind(kind: OfferKind) -> CompletionItemKind {
    match kind {
        OfferKind::Keyword => CompletionItemKind::KEYWORD,
        OfferKind::Snippet => CompletionItemKind::SNIPPET,
        OfferKind::Type => CompletionItemKind::CLASS,
        OfferKind::Function => CompletionItemKind::FUNCTION,
        OfferKind::Module => CompletionItemKind::MODULE,
        OfferKind::Thing(kind) => match kind {
            ThingKind::Policy => CompletionItemKind::MODULE,
            ThingKind::Source => CompletionItemKind::FILE,
            ThingKind::Enum => CompletionItemKind::ENUM,
            ThingKind::Variant | ThingKind::Branch => CompletionItemKind::ENUM_MEMBER,
            ThingKind::Unit => CompletionItemKind::UNIT,
            ThingKind::Record => CompletionItemKind::STRUCT,
            ThingKind::Field => CompletionItemKind::FIELD,
            ThingKind::Benefit => CompletionItemKind::PROPERTY,
            ThingKind::Param => CompletionItemKind::CONSTANT,
            ThingKind::Define | ThingKind::Table | ThingKind::Calendar => CompletionItemKind::FUNCTION,
            ThingKind::Measure | ThingKind::Duty | ThingKind::Target => CompletionItemKind::CLASS,
            _ => CompletionItemKind::VARIABLE,
        },
    }
}

/// What a case gave, for programs.
pub fn outcome(own: &Outcome) -> Value {
    let problems: Vec<Value> = own
        .problems
        .iter()
        .map(|problem| json!({ "message": problem.message, "notes": problem.notes }))
        .collect();
    json!({ "title": own.title, "passed": own.passed(), "gave": own.gave, "problems": problems })
}

/// What a case gave, in a line for people.
pub fn outcome_line(own: &Outcome, language: Language) -> String {
    let gave = own.gave.join("; ");
    match (own.passed(), language) {
        (true, Language::English) => format!("✓ “{}”: {gave}", own.title),
        (true, Language::Chinese) => format!("✓ “{}”：{gave}", own.title),
        (false, _) => {
            let notes = own.problems.iter().flat_map(|problem| &problem.notes);
            let notes: Vec<&str> = notes.map(String::as_str).collect();
            let colon = language.pick(": ", "：");
            format!("✗ “{}”{colon}{}", own.title, notes.join("; "))
        }
    }
}

/// A short line above a case.
pub fn lens_title(own: Option<&Outcome>, language: Language) -> String {
    let run = language.pick("▶ Run", "▶ 运行");
    match own {
        None => run.to_owned(),
        Some(own) if own.passed() => format!("{run}  ✓ {}", own.gave.join("; ")),
        Some(own) => format!("{run}  ✗ {}", own.gave.join("; ")),
    }
}

/// The kind of a thing for lists of symbols of a whole workspace.
pub fn container(kind: ThingKind, label: &str, language: Language) -> String {
    let kind = ide::kind_words(kind, language);
    if label.is_empty() { kind.to_owned() } else { format!("{kind} {label}") }
}
