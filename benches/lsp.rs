//! How long an editor waits for the language server while somebody types in a set of 1,000 measures: every answer
//! within 50 ms at the 99th percentile. `cargo bench --bench lsp [-- --quick]`.

#![allow(clippy::disallowed_methods)] // it measures time

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use lsp_server::{Message, Notification, Request, RequestId, Response};
use pol::lsp::{Connection, serve};
use serde_json::{Value, json};

mod synthetic;

use synthetic::synthetic;

/// What is promised.
const LIMIT: Duration = Duration::from_millis(50);
const MEASURES: usize = 1_000;

struct Client {
    connection: Connection,
    next: i32,
    version: i32,
    text: String,
    uri: String,
    times: BTreeMap<String, Vec<Duration>>,
    /// How often the server told of problems.
    told: usize,
}

impl Client {
    fn notify(&self, method: &str, params: Value) {
        self.connection.sender.send(Notification::new(method.to_owned(), params).into()).expect("a server");
    }

    fn hear(&mut self) -> Message {
        let message = self.connection.receiver.recv().expect("a server");
        match &message {
            Message::Notification(note) if note.method == "textDocument/publishDiagnostics" => self.told += 1,
            Message::Request(request) => {
                let _ = self.connection.sender.send(Response::new_ok(request.id.clone(), ()).into());
            }
            _ => {}
        }
        message
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        let id = RequestId::from(self.next);
        let start = Instant::now();
        self.connection
            .sender
            .send(Request::new(id.clone(), method.to_owned(), params).into())
            .expect("a server");
        loop {
            if let Message::Response(Response { id: of, response_result }) = self.hear()
                && of == id
            {
                self.times.entry(method.to_owned()).or_default().push(start.elapsed());
                return response_result.unwrap_or_else(|error| panic!("{method}: {}", error.message));
            }
        }
    }

    fn position(&self, byte: usize) -> Value {
        let before = &self.text[..byte];
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        json!({ "line": before.matches('\n').count(), "character": before[start..].encode_utf16().count() })
    }

    fn edit(&mut self, range: std::ops::Range<usize>, with: &str) {
        let places = json!({ "start": self.position(range.start), "end": self.position(range.end) });
        self.text.replace_range(range, with);
        self.version += 1;
        let params = json!({
            "textDocument": { "uri": self.uri, "version": self.version },
            "contentChanges": [{ "range": places, "text": with }],
        });
        self.notify("textDocument/didChange", params);
    }

    fn find(&self, words: &str) -> usize {
        self.text.find(words).expect("the words stand there")
    }
}

fn start(folder: &Path) -> Client {
    let (connection, other) = Connection::memory();
    std::thread::spawn(move || serve(other).expect("a conversation"));
    let file = folder.join("part_7.pol");
    let text = std::fs::read_to_string(&file).expect("a file of the set");
    let uri = format!("file://{}", file.display());
    let (times, next, version, told) = (BTreeMap::new(), 0, 1, 0);
    let mut client = Client { connection, next, version, text, uri, times, told };
    let capabilities = json!({ "workspace": { "codeLens": { "refreshSupport": true } } });
    client.ask(
        "initialize",
        json!({ "rootUri": format!("file://{}", folder.display()), "capabilities": capabilities }),
    );
    client.notify("initialized", json!({}));
    let document = json!({ "uri": client.uri, "languageId": "pol", "version": 1, "text": client.text });
    client.notify("textDocument/didOpen", json!({ "textDocument": document }));
    while client.told == 0 {
        client.hear();
    }
    client.times.clear();
    client
}

/// One key, and all that an editor asks for behind it.
fn key(client: &mut Client, at: usize, with: &str) {
    client.edit(at..at, with);
    let document = json!({ "uri": client.uri });
    let here = client.position(at + with.len());
    let place = json!({ "textDocument": document, "position": here });
    client.ask("textDocument/completion", place.clone());
    client.ask("textDocument/semanticTokens/full", json!({ "textDocument": document }));
    client.ask("textDocument/documentSymbol", json!({ "textDocument": document }));
    client.ask("textDocument/foldingRange", json!({ "textDocument": document }));
    client.ask("textDocument/codeLens", json!({ "textDocument": document }));
    let around = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 9_999, "character": 0 } });
    client.ask("textDocument/inlayHint", json!({ "textDocument": document, "range": around }));
    let context = json!({ "diagnostics": [] });
    let range = json!({ "start": here, "end": here });
    client.ask(
        "textDocument/codeAction",
        json!({ "textDocument": document, "range": range, "context": context }),
    );
    client.ask("textDocument/documentHighlight", place);
    for words in ["employees > ", "relief_507 \"", "Firms of kind 507", "case \"relief 507"] {
        let at = client.find(words) + 2;
        let place = json!({ "textDocument": document, "position": client.position(at) });
        client.ask("textDocument/hover", place.clone());
        client.ask("textDocument/definition", place);
    }
}

/// What is asked for now and then.
fn seldom(client: &mut Client) {
    let document = json!({ "uri": client.uri });
    // A field that every measure of the set names.
    let place =
        json!({ "textDocument": document, "position": client.position(client.find("employees > ") + 2) });
    let mut references = place.clone();
    references["context"] = json!({ "includeDeclaration": true });
    let found = client.ask("textDocument/references", references);
    assert!(found.as_array().expect("places").len() > 3 * MEASURES, "every measure names it");
    let mut rename = place;
    rename["newName"] = json!("从业人员");
    client.ask("textDocument/rename", rename);
    client.ask("workspace/symbol", json!({ "query": "relief_99" }));
}

fn main() {
    let rounds = if std::env::args().any(|argument| argument == "--quick") { 5 } else { 100 };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = std::fs::canonicalize(folder.path()).expect("it is there");
    std::fs::create_dir_all(&folder).expect("a folder");
    synthetic(&folder, MEASURES);
    let mut client = start(&folder);
    for round in 0..rounds {
        // A condition is typed and taken back, key by key, with a pause like that of somebody who types.
        let words = "    more: employees >= 3人 and kind == enterprise\n";
        let mut at = client.find("    term    \"term\"");
        let from = at;
        for c in words.chars() {
            key(&mut client, at, c.encode_utf8(&mut [0; 4]));
            at += c.len_utf8();
            if round % 10 == 0 {
                std::thread::sleep(Duration::from_millis(40));
            }
        }
        seldom(&mut client);
        client.edit(from..at, "");
    }
    report(&client);
}

fn report(client: &Client) {
    println!("{:<36} {:>7} {:>9} {:>9} {:>9}", "request", "times", "median", "99 %", "longest");
    let mut all: Vec<Duration> = Vec::new();
    let line = |name: &str, times: &mut Vec<Duration>| {
        times.sort();
        let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)].as_secs_f64() * 1e3;
        let longest = at(100);
        println!("{name:<36} {:>7} {:>6.2} ms {:>6.2} ms {longest:>6.2} ms", times.len(), at(50), at(99));
        Duration::from_secs_f64(at(99) / 1e3)
    };
    let mut late = Vec::new();
    for (name, times) in &client.times {
        // What is asked for a few times has no 99th percentile.
        if line(name, &mut times.clone()) > LIMIT && times.len() >= 100 {
            late.push(name);
        }
        all.extend(times);
    }
    let most = line("all", &mut all);
    println!("problems were told {} times", client.told);
    assert!(most <= LIMIT && late.is_empty(), "later than {LIMIT:?} at the 99th percentile: {late:?}");
}
