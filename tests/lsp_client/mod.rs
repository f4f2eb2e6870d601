//! A client in the same process that speaks with the language server over memory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lsp_server::{Message, Notification, Request, RequestId, Response};
use pol::lsp::{Connection, serve};
use serde_json::{Value, json};

/// Longer than any answer takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Client {
    connection: Connection,
    server: Option<std::thread::JoinHandle<()>>,
    next: i32,
    /// The problems that the server told of last, by file.
    pub problems: BTreeMap<PathBuf, Vec<Value>>,
    /// What the server wrote into its log or showed.
    pub messages: Vec<String>,
    /// The texts that the client has open, with their versions.
    texts: BTreeMap<PathBuf, (String, i32)>,
}

pub fn uri(path: &Path) -> String {
    let mut address = "file://".to_owned();
    for byte in path.to_str().unwrap().bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' => address.push(byte.into()),
            _ if byte.is_ascii_alphanumeric() => address.push(byte.into()),
            _ => address.push_str(&format!("%{byte:02X}")),
        }
    }
    address
}

/// The position of a byte, counted the way the protocol does.
pub fn position(text: &str, byte: usize) -> Value {
    let before = &text[..byte];
    let line = before.matches('\n').count();
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    json!({ "line": line, "character": before[start..].encode_utf16().count() })
}

/// The byte at a position.
pub fn byte(text: &str, position: &Value) -> usize {
    let line = position["line"].as_u64().unwrap() as usize;
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let mut units = position["character"].as_u64().unwrap() as usize;
    let mut at = start;
    for c in text[start..].chars() {
        if units == 0 {
            break;
        }
        units -= c.len_utf16();
        at += c.len_utf8();
    }
    at
}

/// The words at a range of a text.
pub fn words<'t>(text: &'t str, range: &Value) -> &'t str {
    &text[byte(text, &range["start"])..byte(text, &range["end"])]
}

impl Client {
    pub fn start(folder: &Path) -> Client {
        Client::start_with(folder, json!({}))
    }

    pub fn start_with(folder: &Path, options: Value) -> Client {
        let (connection, other) = Connection::memory();
        let server = std::thread::spawn(move || {
            serve(other).expect("the client begins as the protocol says");
        });
        let mut client = Client {
            connection,
            server: Some(server),
            next: 0,
            problems: BTreeMap::new(),
            messages: Vec::new(),
            texts: BTreeMap::new(),
        };
        let capabilities = json!({
            "textDocument": { "completion": { "completionItem": { "snippetSupport": true } } },
            "workspace": { "codeLens": { "refreshSupport": true } },
        });
        client.ask(
            "initialize",
            json!({
                "processId": null, "rootUri": uri(folder), "capabilities": capabilities,
                "initializationOptions": options,
            }),
        );
        client.notify("initialized", json!({}));
        client
    }

    pub fn notify(&self, method: &str, params: Value) {
        let note = Notification::new(method.to_owned(), params);
        self.connection.sender.send(note.into()).expect("the server listens");
    }

    /// Sends a request and waits for its answer.
    pub fn try_ask(&mut self, method: &str, params: Value) -> Result<Value, String> {
        self.next += 1;
        let id = RequestId::from(self.next);
        let request = Request::new(id.clone(), method.to_owned(), params);
        self.connection.sender.send(request.into()).expect("the server listens");
        loop {
            match self.hear() {
                Message::Response(Response { id: of, response_result }) if of == id => {
                    return response_result.map_err(|error| error.message);
                }
                _ => {}
            }
        }
    }

    pub fn ask(&mut self, method: &str, params: Value) -> Value {
        self.try_ask(method, params).unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// Hears one message and notes what it tells.
    fn hear(&mut self) -> Message {
        let message = self.connection.receiver.recv_timeout(PATIENCE).unwrap_or_else(|_| {
            panic!("the server says nothing more; the problems that it told of: {:#?}", self.problems)
        });
        match &message {
            Message::Notification(note) if note.method == "textDocument/publishDiagnostics" => {
                let path = PathBuf::from(decoded(note.params["uri"].as_str().unwrap()));
                let list = note.params["diagnostics"].as_array().unwrap().clone();
                self.problems.insert(path, list);
            }
            Message::Notification(note) if note.params["message"].is_string() => {
                self.messages.push(note.params["message"].as_str().unwrap().to_owned());
            }
            Message::Request(request) => {
                let answer = Response::new_ok(request.id.clone(), Value::Null);
                let _ = self.connection.sender.send(answer.into());
            }
            _ => {}
        }
        message
    }

    /// Whether the server has told of some file in a folder.
    pub fn knows(&self, folder: &Path) -> bool {
        self.problems.keys().any(|path| path.starts_with(folder))
    }

    /// Hears messages until something holds.
    pub fn until(&mut self, what: &str, holds: impl Fn(&Client) -> bool) {
        let mut heard = 0;
        while !holds(self) {
            heard += 1;
            assert!(heard < 10_000, "{what} never came");
            self.hear();
        }
    }

    /// Waits until a file's problems are told of, and are as they should be.
    pub fn until_problems(&mut self, path: &Path, what: &str, fit: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        self.until(what, |client| client.problems.get(path).is_some_and(|list| fit(list)));
        self.problems[path].clone()
    }

    pub fn open(&mut self, path: &Path, text: &str) {
        self.texts.insert(path.to_owned(), (text.to_owned(), 1));
        let document = json!({ "uri": uri(path), "languageId": "pol", "version": 1, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
    }

    pub fn open_file(&mut self, path: &Path) -> String {
        let text = std::fs::read_to_string(path).unwrap();
        self.open(path, &text);
        text
    }

    pub fn close(&mut self, path: &Path) {
        self.texts.remove(path);
        self.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri(path) } }));
    }

    pub fn text(&self, path: &Path) -> &str {
        &self.texts[path].0
    }

    /// Replaces some bytes of an open file, as typing does.
    pub fn edit(&mut self, path: &Path, range: std::ops::Range<usize>, with: &str) {
        let (text, version) = self.texts.get_mut(path).unwrap();
        let places = json!({ "start": position(text, range.start), "end": position(text, range.end) });
        text.replace_range(range, with);
        *version += 1;
        let change = json!({ "range": places, "text": with });
        let params = json!({
            "textDocument": { "uri": uri(path), "version": *version }, "contentChanges": [change],
        });
        self.notify("textDocument/didChange", params);
    }

    /// Replaces the first place of some words.
    pub fn replace(&mut self, path: &Path, words: &str, with: &str) {
        let at = self.text(path).find(words).unwrap_or_else(|| panic!("no `{words}` in the text"));
        self.edit(path, at..at + words.len(), with);
    }

    /// A request about the place so many bytes behind the start of some words.
    pub fn at(&mut self, method: &str, path: &Path, words: &str, behind: usize) -> Value {
        let mut params = self.place(path, words, behind);
        if method == "textDocument/references" {
            params["context"] = json!({ "includeDeclaration": true });
        }
        self.ask(method, params)
    }

    pub fn place(&self, path: &Path, words: &str, behind: usize) -> Value {
        let text = self.text(path);
        let at = text.find(words).unwrap_or_else(|| panic!("no `{words}` in the text"));
        json!({ "textDocument": { "uri": uri(path) }, "position": position(text, at + behind) })
    }

    pub fn about(&mut self, method: &str, path: &Path) -> Value {
        self.ask(method, json!({ "textDocument": { "uri": uri(path) } }))
    }

    pub fn hover(&mut self, path: &Path, words: &str, behind: usize) -> String {
        let hover = self.at("textDocument/hover", path, words, behind);
        hover["contents"]["value"].as_str().unwrap_or_default().to_owned()
    }

    /// Names of what is offered with the cursor at the end of some words.
    pub fn complete(&mut self, path: &Path, words: &str) -> Vec<String> {
        let answer = self.at("textDocument/completion", path, words, words.len());
        let mut items: Vec<Value> = answer["items"].as_array().cloned().unwrap_or_default();
        items.sort_by_key(|item| item["sortText"].as_str().unwrap_or_default().to_owned());
        items.iter().map(|item| item["label"].as_str().unwrap().to_owned()).collect()
    }

    /// What can be done at a place.
    pub fn actions(&mut self, path: &Path, words: &str) -> Vec<Value> {
        let place = self.place(path, words, 0)["position"].clone();
        let params = json!({
            "textDocument": { "uri": uri(path) }, "range": { "start": place, "end": place },
            "context": { "diagnostics": [] },
        });
        self.ask("textDocument/codeAction", params).as_array().cloned().unwrap_or_default()
    }

    /// Makes the changes of an edit in the texts that are open, and in files that are not.
    pub fn apply(&mut self, edit: &Value) {
        for (address, edits) in edit["changes"].as_object().expect("an edit") {
            let path = PathBuf::from(decoded(address));
            let open = self.texts.contains_key(&path);
            let mut text =
                if open { self.text(&path).to_owned() } else { std::fs::read_to_string(&path).unwrap() };
            let mut edits: Vec<(usize, usize, String)> = edits
                .as_array()
                .unwrap()
                .iter()
                .map(|edit| {
                    let range = &edit["range"];
                    let new = edit["newText"].as_str().unwrap().to_owned();
                    (byte(&text, &range["start"]), byte(&text, &range["end"]), new)
                })
                .collect();
            edits.sort();
            for (start, end, new) in edits.into_iter().rev() {
                if open {
                    self.edit(&path, start..end, &new);
                } else {
                    text.replace_range(start..end, &new);
                }
            }
            if !open {
                std::fs::write(&path, text).unwrap();
            }
        }
    }

    /// Says good-bye and waits until the server is gone.
    pub fn stop(mut self) {
        self.ask("shutdown", Value::Null);
        self.notify("exit", Value::Null);
        self.server.take().unwrap().join().expect("the server ends well");
    }
}

fn decoded(address: &str) -> String {
    let rest = address.strip_prefix("file://").unwrap_or(address).as_bytes();
    let mut bytes = Vec::new();
    let mut at = 0;
    while at < rest.len() {
        if rest[at] == b'%' {
            bytes.push(u8::from_str_radix(std::str::from_utf8(&rest[at + 1..at + 3]).unwrap(), 16).unwrap());
            at += 3;
        } else {
            bytes.push(rest[at]);
            at += 1;
        }
    }
    String::from_utf8(bytes).unwrap()
}
