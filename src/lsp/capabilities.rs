//! What the server can do, and what it is told of the client.

use lsp_types::*;
use serde_json::Value;

/// The command that runs a case: its arguments are the address of the file and the title.
pub const RUN_CASE: &str = "pol.runCase";
/// The command that writes a missing case: its arguments are the address of the file and the measure or define.
pub const WRITE_CASE: &str = "pol.writeCase";

/// The kinds of semantic tokens, in the order of their numbers.
pub const TOKEN_TYPES: &[&str] = &[
    "comment",
    "keyword",
    "number",
    "string",
    "operator",
    "type",
    "variable",
    "namespace",
    "enum",
    "enumMember",
    "struct",
    "property",
    "parameter",
    "function",
    "class",
];

/// What a client says of itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Client {
    /// It fills in the places of snippets.
    pub snippets: bool,
    /// It has the snippets for items itself.
    pub has_item_snippets: bool,
    /// It makes changes that it is asked to make.
    pub applies_edits: bool,
    /// It shows what a case gave itself.
    pub shows_cases: bool,
    /// It can be told to ask again.
    pub refreshes_lenses: bool,
    pub refreshes_hints: bool,
    pub refreshes_tokens: bool,
    /// It watches files when it is asked to.
    pub watches: bool,
}

impl Client {
    pub fn new(params: &InitializeParams) -> Client {
        let all = serde_json::to_value(&params.capabilities).unwrap_or_default();
        let can = |path: &str| all.pointer(path).and_then(Value::as_bool).unwrap_or(false);
        let options = params.initialization_options.as_ref();
        let wants = |name: &str| options.and_then(|all| all.get(name)?.as_bool()).unwrap_or(false);
        Client {
            snippets: can("/textDocument/completion/completionItem/snippetSupport"),
            has_item_snippets: wants("itemSnippets"),
            applies_edits: can("/workspace/applyEdit"),
            shows_cases: wants("showsCases"),
            refreshes_lenses: can("/workspace/codeLens/refreshSupport"),
            refreshes_hints: can("/workspace/inlayHint/refreshSupport"),
            refreshes_tokens: can("/workspace/semanticTokens/refreshSupport"),
            watches: can("/workspace/didChangeWatchedFiles/dynamicRegistration"),
        }
    }
}

/// What the server can do.
pub fn capabilities() -> ServerCapabilities {
    ServerCapabilities {
        position_encoding: Some(PositionEncodingKind::UTF16),
        text_document_sync: Some(TextDocumentSyncCapability::Options(TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(TextDocumentSyncKind::INCREMENTAL),
            ..TextDocumentSyncOptions::default()
        })),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        completion_provider: Some(CompletionOptions {
            trigger_characters: Some([".", ":", "=", "{", ","].map(str::to_owned).to_vec()),
            ..CompletionOptions::default()
        }),
        definition_provider: Some(OneOf::Left(true)),
        references_provider: Some(OneOf::Left(true)),
        document_highlight_provider: Some(OneOf::Left(true)),
        document_symbol_provider: Some(OneOf::Left(true)),
        workspace_symbol_provider: Some(OneOf::Left(true)),
        code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
            code_action_kinds: Some(vec![CodeActionKind::QUICKFIX, CodeActionKind::REFACTOR]),
            ..CodeActionOptions::default()
        })),
        code_lens_provider: Some(CodeLensOptions { resolve_provider: Some(false) }),
        document_formatting_provider: Some(OneOf::Left(true)),
        rename_provider: Some(OneOf::Right(RenameOptions {
            prepare_provider: Some(true),
            work_done_progress_options: WorkDoneProgressOptions::default(),
        })),
        folding_range_provider: Some(FoldingRangeProviderCapability::Simple(true)),
        execute_command_provider: Some(ExecuteCommandOptions {
            commands: vec![RUN_CASE.to_owned(), WRITE_CASE.to_owned()],
            ..ExecuteCommandOptions::default()
        }),
        inlay_hint_provider: Some(OneOf::Left(true)),
        semantic_tokens_provider: Some(SemanticTokensServerCapabilities::SemanticTokensOptions(
            SemanticTokensOptions {
                legend: SemanticTokensLegend {
                    token_types: TOKEN_TYPES.iter().map(|name| SemanticTokenType::new(name)).collect(),
                    token_modifiers: vec![SemanticTokenModifier::DECLARATION],
                },
                full: Some(SemanticTokensFullOptions::Bool(true)),
                range: Some(true),
                ..SemanticTokensOptions::default()
            },
        )),
        workspace: Some(WorkspaceServerCapabilities {
            workspace_folders: Some(WorkspaceFoldersServerCapabilities {
                supported: Some(true),
                change_notifications: Some(OneOf::Left(true)),
            }),
            file_operations: None,
        }),
        ..ServerCapabilities::default()
    }
}
