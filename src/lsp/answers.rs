//! Answers requests: each asks `ide` and writes what it says as the protocol has it.

use lsp_server::{ErrorCode, Request, Response};
use lsp_types::request::{self, Request as _};
use lsp_types::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::capabilities::{RUN_CASE, WRITE_CASE};
use super::server::Server;
use super::{convert, position};
use crate::check::show::Language;
use crate::ide::completion::complete;
use crate::ide::{self, actions, cases, colours, hints, outline};
use crate::source::SourceFile;
use crate::syntax::format::{Options, format};

/// The most symbols of a workspace that are listed.
const SYMBOLS: usize = 500;

/// The answer to a request, or why there is none.
type Answer<T> = Result<T, (ErrorCode, String)>;

/// Answers a request; `None` where the answer comes later.
pub fn answer(server: &mut Server, request: Request) -> Option<Response> {
    let Request { id, method, params } = request;
    if method == request::ExecuteCommand::METHOD {
        return match read(params) {
            Ok(params) => {
                server.command(id, params);
                None
            }
            Err((code, message)) => Some(Response::new_err(id, code as i32, message)),
        };
    }
    Some(match result(server, &method, params) {
        Ok(value) => Response::new_ok(id, value),
        Err((code, message)) => Response::new_err(id, code as i32, message),
    })
}

fn result(server: &Server, method: &str, params: Value) -> Answer<Value> {
    match method {
        request::HoverRequest::METHOD => value(hover(server, read(params)?)),
        request::Completion::METHOD => value(completion(server, read(params)?)),
        request::GotoDefinition::METHOD => value(definition(server, read(params)?)),
        request::References::METHOD => value(references(server, read(params)?)),
        request::DocumentHighlightRequest::METHOD => value(highlights(server, read(params)?)),
        request::PrepareRenameRequest::METHOD => value(prepare_rename(server, read(params)?)),
        request::Rename::METHOD => value(rename(server, read(params)?)?),
        request::DocumentSymbolRequest::METHOD => value(symbols(server, read(params)?)),
        request::WorkspaceSymbolRequest::METHOD => value(workspace_symbols(server, read(params)?)),
        request::CodeActionRequest::METHOD => value(code_actions(server, read(params)?)),
        request::CodeLensRequest::METHOD => value(lenses(server, read(params)?)),
        request::FoldingRangeRequest::METHOD => value(folds(server, read(params)?)),
        request::InlayHintRequest::METHOD => value(inlay_hints(server, read(params)?)),
        request::SemanticTokensFullRequest::METHOD => value(all_tokens(server, read(params)?)),
        request::SemanticTokensRangeRequest::METHOD => value(some_tokens(server, read(params)?)),
        request::Formatting::METHOD => value(formatting(server, read(params)?)),
        _ => Err((ErrorCode::MethodNotFound, format!("pol does not know `{method}`"))),
    }
}

fn read<P: DeserializeOwned>(params: Value) -> Answer<P> {
    serde_json::from_value(params).map_err(|error| (ErrorCode::InvalidParams, error.to_string()))
}

fn value(answer: impl Serialize) -> Answer<Value> {
    serde_json::to_value(answer).map_err(|error| (ErrorCode::InternalError, error.to_string()))
}

/// The file that a request is about, and the byte in it.
fn place<'s>(
    server: &'s Server,
    params: &TextDocumentPositionParams,
) -> Option<(std::path::PathBuf, usize, &'s SourceFile)> {
    let path = server.path(&params.text_document.uri);
    let file = server.desk.file(&path)?;
    Some((path, position::offset(file, params.position), file))
}

fn language(server: &Server, path: &std::path::Path) -> Language {
    server.desk.home_of(path).map(|set| set.compiled.language).unwrap_or_default()
}

fn hover(server: &Server, params: HoverParams) -> Option<Hover> {
    let (path, offset, file) = place(server, &params.text_document_position_params)?;
    let found = ide::hover(&server.desk, &path, offset)?;
    Some(Hover {
        contents: HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value: found.markdown }),
        range: Some(position::places(file, &found.range)),
    })
}

fn completion(server: &Server, params: CompletionParams) -> Option<CompletionList> {
    let (path, offset, file) = place(server, &params.text_document_position)?;
    let found = complete(&server.desk, &path, offset)?;
    let typed = &file.text[found.replaces.clone()];
    let replaces = position::places(file, &found.replaces);
    let is_item = |offer: &&ide::completion::Offer| {
        keywords_of_items().any(|(english, chinese)| offer.name == english || offer.name == chinese)
            && offer.text.contains('$')
    };
    let wanted = found.offers.iter().filter(|offer| !(server.client.has_item_snippets && is_item(offer)));
    let item = |(at, offer)| convert::completion_item(server, offer, at, replaces, typed);
    Some(CompletionList { is_incomplete: false, items: wanted.enumerate().map(item).collect() })
}

fn keywords_of_items() -> impl Iterator<Item = (&'static str, &'static str)> {
    ide::keywords::ITEMS.iter().map(|item| item.words)
}

fn definition(server: &Server, params: GotoDefinitionParams) -> Option<Vec<Location>> {
    let (path, offset, _) = place(server, &params.text_document_position_params)?;
    Some(convert::locations(server, &ide::definition(&server.desk, &path, offset)))
}

fn references(server: &Server, params: ReferenceParams) -> Option<Vec<Location>> {
    let (path, offset, _) = place(server, &params.text_document_position)?;
    let places = ide::references(&server.desk, &path, offset, params.context.include_declaration);
    Some(convert::locations(server, &places))
}

fn highlights(server: &Server, params: DocumentHighlightParams) -> Option<Vec<DocumentHighlight>> {
    let (path, offset, file) = place(server, &params.text_document_position_params)?;
    let places = ide::references(&server.desk, &path, offset, true);
    let here = places.iter().filter(|place| *place.path == *path);
    let highlight = |place: &ide::Place| DocumentHighlight {
        range: position::places(file, &place.range()),
        kind: Some(DocumentHighlightKind::TEXT),
    };
    Some(here.map(highlight).collect())
}

fn prepare_rename(server: &Server, params: TextDocumentPositionParams) -> Option<PrepareRenameResponse> {
    let (path, offset, file) = place(server, &params)?;
    let found = ide::renamed_at(&server.desk, &path, offset)?;
    let range = position::places(file, &found.range);
    Some(PrepareRenameResponse::RangeWithPlaceholder { range, placeholder: found.old })
}

fn rename(server: &Server, params: RenameParams) -> Answer<Option<WorkspaceEdit>> {
    let Some((path, offset, _)) = place(server, &params.text_document_position) else { return Ok(None) };
    match ide::rename(&server.desk, &path, offset, &params.new_name) {
        Ok(changes) => Ok(Some(convert::workspace_edit(server, &changes))),
        Err(why) => Err((ErrorCode::RequestFailed, why)),
    }
}

fn symbols(server: &Server, params: DocumentSymbolParams) -> Option<Vec<DocumentSymbol>> {
    let path = server.path(&params.text_document.uri);
    let buffer = server.desk.buffer(&path)?;
    let language = language(server, &path);
    let outline = outline::outline(buffer);
    Some(outline.iter().map(|own| convert::symbol(buffer.file(), own, language)).collect())
}

#[allow(deprecated)] // the field `deprecated` itself
fn workspace_symbols(server: &Server, params: WorkspaceSymbolParams) -> Vec<SymbolInformation> {
    let query = params.query.to_lowercase();
    let mut found: Vec<SymbolInformation> = Vec::new();
    for set in server.desk.all_latest() {
        for thing in set.things() {
            let label = thing.label.as_ref().map_or("", |label| &label.text);
            let fits =
                thing.name.text.to_lowercase().contains(&query) || label.to_lowercase().contains(&query);
            if !fits || found.len() >= SYMBOLS || query.is_empty() && thing.within.is_some() {
                continue;
            }
            let place = server.desk.place(set, thing.name.span);
            let Some(location) = place.and_then(|place| convert::location(server, &place)) else { continue };
            if found.iter().any(|known| known.location == location) {
                continue;
            }
            found.push(SymbolInformation {
                name: thing.name.text.clone(),
                kind: convert::symbol_kind(thing.kind),
                tags: None,
                deprecated: None,
                location,
                container_name: Some(convert::container(thing.kind, label, set.compiled.language)),
            });
        }
    }
    found
}

fn code_actions(server: &Server, params: CodeActionParams) -> Option<Vec<CodeActionOrCommand>> {
    let path = server.path(&params.text_document.uri);
    let file = server.desk.file(&path)?;
    let found = actions::actions(&server.desk, &path, position::range(file, params.range));
    let address = params.text_document.uri.as_str().to_owned();
    let command = |title: &str, name: String| {
        let arguments = vec![Value::from(address.as_str()), Value::from(name)];
        Command::new(title.to_owned(), WRITE_CASE.to_owned(), Some(arguments))
    };
    let action = |own: actions::Action| {
        let mends = own.mends.as_ref().and_then(|problem| convert::diagnostic(server, problem));
        CodeActionOrCommand::CodeAction(CodeAction {
            command: own.case_of.map(|name| command(&own.title, name)),
            title: own.title,
            kind: Some(if mends.is_some() { CodeActionKind::QUICKFIX } else { CodeActionKind::REFACTOR }),
            diagnostics: mends.map(|problem| vec![problem]),
            edit: (!own.changes.is_empty()).then(|| convert::workspace_edit(server, &own.changes)),
            is_preferred: own.preferred.then_some(true),
            ..CodeAction::default()
        })
    };
    Some(found.into_iter().map(action).collect())
}

fn lenses(server: &Server, params: CodeLensParams) -> Option<Vec<CodeLens>> {
    let path = server.path(&params.text_document.uri);
    let (file, language) = (server.desk.file(&path)?, language(server, &path));
    server.desk.home_of(&path)?;
    let address = params.text_document.uri.as_str().to_owned();
    let lens = |case: cases::CasePlace| {
        let outcome = cases::outcome(&server.desk, &path, &case.title);
        let arguments = vec![Value::from(address.as_str()), Value::from(case.title.as_str())];
        CodeLens {
            range: position::places(file, &(case.range.start..case.title_range.end)),
            command: Some(Command::new(
                convert::lens_title(outcome, language),
                RUN_CASE.to_owned(),
                Some(arguments),
            )),
            data: None,
        }
    };
    Some(cases::cases(&server.desk, &path).into_iter().map(lens).collect())
}

fn folds(server: &Server, params: FoldingRangeParams) -> Option<Vec<FoldingRange>> {
    let path = server.path(&params.text_document.uri);
    let folds = outline::folds(server.desk.buffer(&path)?);
    let fold = |own: outline::Fold| FoldingRange {
        start_line: own.first as u32,
        end_line: own.last as u32,
        kind: own.comment.then_some(FoldingRangeKind::Comment),
        ..FoldingRange::default()
    };
    Some(folds.into_iter().map(fold).collect())
}

fn inlay_hints(server: &Server, params: InlayHintParams) -> Option<Vec<InlayHint>> {
    let path = server.path(&params.text_document.uri);
    let file = server.desk.file(&path)?;
    let found = hints::hints(&server.desk, &path, position::range(file, params.range));
    let hint = |own: hints::Hint| InlayHint {
        position: position::position(file, own.offset),
        label: InlayHintLabel::String(own.text),
        kind: Some(InlayHintKind::TYPE),
        text_edits: None,
        tooltip: None,
        padding_left: None,
        padding_right: None,
        data: None,
    };
    Some(found.into_iter().map(hint).collect())
}

fn all_tokens(server: &Server, params: SemanticTokensParams) -> Option<SemanticTokens> {
    let path = server.path(&params.text_document.uri);
    let file = server.desk.file(&path)?;
    tokens(server, &path, 0..file.text.len())
}

fn some_tokens(server: &Server, params: SemanticTokensRangeParams) -> Option<SemanticTokens> {
    let path = server.path(&params.text_document.uri);
    let file = server.desk.file(&path)?;
    tokens(server, &path, position::range(file, params.range))
}

fn tokens(server: &Server, path: &std::path::Path, range: std::ops::Range<usize>) -> Option<SemanticTokens> {
    let file = server.desk.file(path)?;
    let painted = colours::colours(&server.desk, path, range);
    Some(SemanticTokens { result_id: None, data: convert::tokens(file, &painted) })
}

fn formatting(server: &Server, params: DocumentFormattingParams) -> Option<Vec<TextEdit>> {
    let path = server.path(&params.text_document.uri);
    let file = server.desk.file(&path)?;
    let new_text = format(&[&file.text], &Options::default()).pop()?.text;
    if new_text == file.text {
        return Some(Vec::new());
    }
    let range = ide::changed_part(&file.text, &new_text);
    let added = new_text.len() - (file.text.len() - range.len());
    let new_text = new_text[range.start..range.start + added].to_owned();
    Some(vec![TextEdit { range: position::places(file, &range), new_text }])
}
