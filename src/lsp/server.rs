//! The server's state, and what notifications change in it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crossbeam_channel::Sender;
use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::notification::{self, Notification as _};
use lsp_types::*;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::capabilities::{Client, RUN_CASE, WRITE_CASE};
use super::worker::{Job, News};
use super::{convert, position, sets, uri};
use crate::check::show::Language;
use crate::ide::actions::add_case;
use crate::ide::{self, Desk, Outcome};
use crate::load::real_path;

/// Everything that the server knows between two messages.
pub struct Server {
    sender: Sender<Message>,
    jobs: Sender<Job>,
    pub client: Client,
    pub desk: Desk,
    /// The addresses by which the client knows the files that it has open, and the version of each.
    open: BTreeMap<PathBuf, (Uri, i32)>,
    /// The texts of the open files, for the worker.
    unsaved: BTreeMap<PathBuf, Arc<str>>,
    /// The sets that are kept checked.
    roots: BTreeSet<PathBuf>,
    /// The problems that the client was told of, by file.
    published: BTreeMap<PathBuf, Vec<Diagnostic>>,
    /// Requests that wait for a case to be run or found.
    runs: BTreeMap<u64, RequestId>,
    tickets: u64,
    requests: i32,
}

impl Server {
    pub fn new(sender: Sender<Message>, jobs: Sender<Job>, client: Client) -> Server {
        Server {
            sender,
            jobs,
            client,
            desk: Desk::default(),
            open: BTreeMap::new(),
            unsaved: BTreeMap::new(),
            roots: BTreeSet::new(),
            published: BTreeMap::new(),
            runs: BTreeMap::new(),
            tickets: 0,
            requests: 0,
        }
    }

    pub fn send(&self, message: impl Into<Message>) {
        // A client that is gone hears nothing.
        let _ = self.sender.send(message.into());
    }

    fn notify<N: notification::Notification>(&self, params: N::Params) {
        self.send(Notification::new(N::METHOD.to_owned(), params));
    }

    fn ask(&mut self, method: &str, params: Value) {
        self.requests += 1;
        self.send(Request::new(RequestId::from(self.requests), method.to_owned(), params));
    }

    /// Tells a bug of the server to whoever reads its log.
    pub fn tell_bug(&self, what: &str) {
        let message = format!("this is a bug in pol {}; please report it: {what}", env!("CARGO_PKG_VERSION"));
        self.notify::<notification::LogMessage>(LogMessageParams { typ: MessageType::ERROR, message });
    }

    /// Looks for the sets of the folders that the editor has open.
    pub fn start(&mut self, folders: &[Uri]) {
        if self.client.watches {
            let watchers: Vec<Value> = ["**/*.pol", "**/pol.toml", "**/*.csv", "**/*.txt"]
                .map(|glob| json!({ "globPattern": glob }))
                .to_vec();
            let registration = json!({
                "id": "files", "method": "workspace/didChangeWatchedFiles",
                "registerOptions": { "watchers": watchers },
            });
            self.ask("client/registerCapability", json!({ "registrations": [registration] }));
        }
        self.add_folders(folders);
    }

    fn add_folders(&mut self, folders: &[Uri]) {
        let folders = folders.iter().filter(|uri| uri::is_file(uri)).map(|uri| real_path(&uri::path_of(uri)));
        let found: Vec<PathBuf> = folders.flat_map(|folder| sets::below(&folder)).collect();
        self.roots.extend(found.iter().cloned());
        self.check(found);
    }

    /// The file that an address names.
    pub fn path(&self, uri: &Uri) -> PathBuf {
        let path = uri::path_of(uri);
        if uri::is_file(uri) { real_path(&path) } else { path }
    }

    /// The address of a file, as the client writes it where it has it open.
    pub fn uri(&self, path: &Path) -> Option<Uri> {
        self.open.get(path).map(|(uri, _)| uri.clone()).or_else(|| uri::uri_of(path))
    }

    fn check(&self, roots: impl IntoIterator<Item = PathBuf>) {
        let roots: Vec<PathBuf> = roots.into_iter().collect();
        if !roots.is_empty() {
            let (unsaved, revision) = (self.unsaved.clone(), self.desk.revision());
            let _ = self.jobs.send(Job::Check { roots, unsaved, revision });
        }
    }

    /// Has the sets checked that a file is part of, its own first; a file of no set is told what the grammar says.
    fn changed(&mut self, path: &Path) {
        let mut roots: Vec<PathBuf> = self.desk.roots_with(path).into_iter().collect();
        let home = sets::home(path);
        roots.retain(|root| Some(root) != home.as_ref());
        self.roots.extend(home.clone());
        // The one that is asked for last is checked first.
        roots.extend(home);
        if roots.is_empty() {
            self.publish_lone(path);
        }
        self.check(roots);
    }

    pub fn notification(&mut self, note: Notification) {
        fn read<P: DeserializeOwned>(note: Notification) -> Option<P> {
            serde_json::from_value(note.params).ok()
        }
        match note.method.as_str() {
            notification::DidOpenTextDocument::METHOD => {
                if let Some(params) = read(note) {
                    self.did_open(params);
                }
            }
            notification::DidChangeTextDocument::METHOD => {
                if let Some(params) = read(note) {
                    self.did_change(params);
                }
            }
            notification::DidCloseTextDocument::METHOD => {
                if let Some(params) = read(note) {
                    self.did_close(params);
                }
            }
            notification::DidChangeWatchedFiles::METHOD => {
                if let Some(params) = read(note) {
                    self.did_change_files(params);
                }
            }
            notification::DidChangeWorkspaceFolders::METHOD => {
                let params: Option<DidChangeWorkspaceFoldersParams> = read(note);
                let added = params.map(|params| params.event.added).unwrap_or_default();
                let added: Vec<Uri> = added.into_iter().map(|folder| folder.uri).collect();
                self.add_folders(&added);
            }
            // What else there is says nothing that matters here.
            _ => {}
        }
    }

    fn did_open(&mut self, params: DidOpenTextDocumentParams) {
        let TextDocumentItem { uri, version, text, .. } = params.text_document;
        let path = self.path(&uri);
        self.unsaved.insert(path.clone(), text.as_str().into());
        self.open.insert(path.clone(), (uri, version));
        self.desk.open(path.clone(), text);
        self.changed(&path);
    }

    fn did_change(&mut self, params: DidChangeTextDocumentParams) {
        let path = self.path(&params.text_document.uri);
        if self.desk.buffer(&path).is_none() {
            return;
        }
        for change in params.content_changes {
            let Some(buffer) = self.desk.buffer(&path) else { return };
            let range = change.range.map(|places| position::range(buffer.file(), places));
            self.desk.change(&path, range, change.text);
        }
        if let Some((_, version)) = self.open.get_mut(&path) {
            *version = params.text_document.version;
        }
        if let Some(buffer) = self.desk.buffer(&path) {
            self.unsaved.insert(path.clone(), buffer.text().into());
        }
        self.changed(&path);
    }

    fn did_close(&mut self, params: DidCloseTextDocumentParams) {
        let path = self.path(&params.text_document.uri);
        self.open.remove(&path);
        self.unsaved.remove(&path);
        self.desk.close(&path);
        match sets::home(&path) {
            Some(_) => self.changed(&path),
            None => self.publish(path, Vec::new()),
        }
    }

    fn did_change_files(&mut self, params: DidChangeWatchedFilesParams) {
        self.desk.touch();
        let mut roots = BTreeSet::new();
        for event in params.changes {
            let path = self.path(&event.uri);
            roots.extend(self.desk.roots_with(&path));
            roots.extend(sets::home(&path));
        }
        self.roots.extend(roots.iter().cloned());
        let gone: Vec<PathBuf> =
            self.roots.iter().filter(|root| !root.join("pol.toml").is_file()).cloned().collect();
        for root in gone {
            self.roots.remove(&root);
            roots.remove(&root);
            self.desk.drop_set(&root);
            let told: Vec<PathBuf> =
                self.published.keys().filter(|path| path.starts_with(&root)).cloned().collect();
            told.into_iter().for_each(|path| self.publish(path, Vec::new()));
        }
        self.check(roots);
    }

    /// Takes what the worker tells.
    pub fn news(&mut self, news: News) {
        match news {
            News::Checked(snapshot) => {
                let root = snapshot.root.clone();
                if !self.roots.contains(&root) {
                    return;
                }
                if snapshot.compiled.has_errors()
                    && let Some(outcomes) = self.desk.outcomes.get_mut(&root)
                {
                    outcomes.forget();
                }
                self.desk.take(snapshot);
                self.publish_set(&root);
                self.refresh(true);
            }
            News::Tried { root, outcomes } => {
                self.desk.outcomes.entry(root.clone()).or_default().take_all(outcomes);
                self.publish_set(&root);
                self.refresh(false);
            }
            News::Ran { ticket, root, outcome } => self.ran(ticket, &root, outcome),
            News::Suggested { ticket, root, name, case } => self.suggested(ticket, &root, &name, case),
            News::Bug(what) => self.tell_bug(&what),
        }
    }

    /// Has the client ask again for what depends on a check.
    fn refresh(&mut self, checked: bool) {
        if self.client.refreshes_lenses {
            self.ask("workspace/codeLens/refresh", Value::Null);
        }
        if checked && self.client.refreshes_hints {
            self.ask("workspace/inlayHint/refresh", Value::Null);
        }
        if checked && self.client.refreshes_tokens {
            self.ask("workspace/semanticTokens/refresh", Value::Null);
        }
    }

    fn publish_set(&mut self, root: &Path) {
        for (path, problems) in ide::problems(&self.desk, root) {
            let told = problems.iter().filter_map(|problem| convert::diagnostic(self, problem)).collect();
            self.publish(path, told);
        }
    }

    /// What the grammar says of a file of no set, and that it is one.
    fn publish_lone(&mut self, path: &Path) {
        let problems = ide::lone_problems(&self.desk, path);
        let mut told: Vec<Diagnostic> =
            problems.iter().filter_map(|problem| convert::diagnostic(self, problem)).collect();
        told.push(Diagnostic {
            severity: Some(DiagnosticSeverity::HINT),
            source: Some("pol".to_owned()),
            message: "this file belongs to no policy set: no folder above it has a pol.toml (`pol init DIR` makes one), so only its form is checked".to_owned(),
            ..Diagnostic::default()
        });
        self.publish(path.to_owned(), told);
    }

    /// Tells the problems of a file, if they are others than before.
    fn publish(&mut self, path: PathBuf, told: Vec<Diagnostic>) {
        let before = self.published.get(&path);
        if before.map_or(told.is_empty() && !self.open.contains_key(&path), |before| *before == told) {
            return;
        }
        if let Some(uri) = self.uri(&path) {
            let version = self.open.get(&path).map(|(_, version)| *version);
            let params = PublishDiagnosticsParams { uri, diagnostics: told.clone(), version };
            self.notify::<notification::PublishDiagnostics>(params);
        }
        self.published.insert(path, told);
    }

    /// Does what a command says; the client is answered when it is done.
    pub fn command(&mut self, id: RequestId, params: ExecuteCommandParams) {
        let argument = |at: usize| params.arguments.get(at).and_then(Value::as_str);
        let known = [RUN_CASE, WRITE_CASE].contains(&params.command.as_str());
        let found = known.then(|| Some((argument(0)?.parse::<Uri>().ok()?, argument(1)?)));
        let Some((uri, name)) = found.flatten() else {
            let message = format!(
                "the commands are `{RUN_CASE}`, with the address of a file and the title of a case, and `{WRITE_CASE}`, with the address of a file and the name of a measure or define"
            );
            return self.send(Response::new_err(id, ErrorCode::InvalidParams as i32, message));
        };
        let path = self.path(&uri);
        let Some(root) = self.desk.home_of(&path).map(|set| set.root.clone()) else {
            let message = "the file belongs to no policy set that was checked".to_owned();
            return self.send(Response::new_err(id, ErrorCode::RequestFailed as i32, message));
        };
        self.tickets += 1;
        self.runs.insert(self.tickets, id);
        let (ticket, name) = (self.tickets, name.to_owned());
        let _ = self.jobs.send(if params.command == RUN_CASE {
            Job::Run { ticket, root, path, title: name }
        } else {
            Job::Suggest { ticket, root, name }
        });
    }

    /// Has the client put a case behind its measure.
    fn suggested(&mut self, ticket: u64, root: &Path, name: &str, case: Option<String>) {
        let Some(id) = self.runs.remove(&ticket) else { return };
        let set = self.desk.latest(root).cloned();
        let language = set.as_ref().map(|set| set.compiled.language).unwrap_or_default();
        let change = set.zip(case).and_then(|(set, case)| add_case(&self.desk, &set, name, &case));
        match change {
            Some(change) if self.client.applies_edits => {
                let edit = convert::workspace_edit(self, &[change]);
                self.ask("workspace/applyEdit", json!({ "edit": edit }));
            }
            // Who asked may put it in by hand.
            Some(change) => return self.send(Response::new_ok(id, change.text)),
            None => {
                let message = match language {
                    Language::English => format!("no case was found that is missing for `{name}`"),
                    Language::Chinese => format!("没有找到 `{name}` 缺少的算例"),
                };
                let typ = MessageType::INFO;
                self.notify::<notification::ShowMessage>(ShowMessageParams { typ, message });
            }
        }
        self.send(Response::new_ok(id, Value::Null));
    }

    fn ran(&mut self, ticket: u64, root: &Path, outcome: Option<Outcome>) {
        let Some(id) = self.runs.remove(&ticket) else { return };
        let language = self.desk.latest(root).map(|set| set.compiled.language).unwrap_or_default();
        let Some(outcome) = outcome else {
            let message = language.pick(
                "the case cannot be run: the policy set has errors, or the case is not there any more",
                "算例无法运行：政策集有错误，或该算例已不存在",
            );
            return self.send(Response::new_err(id, ErrorCode::RequestFailed as i32, message.to_owned()));
        };
        let result = convert::outcome(&outcome);
        if !self.client.shows_cases {
            let typ = if outcome.passed() { MessageType::INFO } else { MessageType::WARNING };
            let message = convert::outcome_line(&outcome, language);
            self.notify::<notification::ShowMessage>(ShowMessageParams { typ, message });
        }
        self.send(Response::new_ok(id, result));
        self.desk.outcomes.entry(root.to_owned()).or_default().take_asked(outcome);
        self.publish_set(root);
        self.refresh(false);
    }
}
