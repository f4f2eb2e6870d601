//! The language server: the protocol of editors on one side, `ide` on the other. One thread keeps the texts and
//! answers every request at once from the last check; a second one checks and runs cases.

mod answers;
mod capabilities;
mod convert;
mod position;
mod server;
mod sets;
mod stdio;
mod uri;
mod worker;

use std::panic::{AssertUnwindSafe, catch_unwind};

use crossbeam_channel::select;
pub use lsp_server::Connection;
use lsp_server::{ErrorCode, Message, Response};
use lsp_types::{InitializeParams, Uri};
use serde_json::json;
pub use stdio::{Threads, stdio};

use crate::load::STACK_BYTES;
use capabilities::Client;
use server::Server;
use worker::News;

/// How a conversation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The client said good-bye.
    Shutdown,
    /// It was gone.
    Gone,
}

/// Serves a client until it goes.
///
/// # Errors
/// With what was wrong with how it began, or that no thread is to be had.
pub fn serve(connection: Connection) -> Result<End, String> {
    let (id, params) = match connection.initialize_start() {
        Ok(start) => start,
        Err(error) if error.channel_is_disconnected() => return Ok(End::Gone),
        Err(error) => return Err(error.to_string()),
    };
    let params: InitializeParams = serde_json::from_value(params).map_err(|error| error.to_string())?;
    let result = json!({
        "capabilities": capabilities::capabilities(),
        "serverInfo": { "name": "pol", "version": env!("CARGO_PKG_VERSION") },
    });
    match connection.initialize_finish(id, result) {
        Ok(()) => {}
        Err(error) if error.channel_is_disconnected() => return Ok(End::Gone),
        Err(error) => return Err(error.to_string()),
    }
    // Parsing descends once for each level of an expression.
    let talker = std::thread::Builder::new().name("talk".to_owned()).stack_size(STACK_BYTES);
    let talker = talker.spawn(move || talk(&connection, &params)).map_err(|error| error.to_string())?;
    talker.join().map_err(|panic| worker::words_of(&*panic))?
}

fn talk(connection: &Connection, params: &InitializeParams) -> Result<End, String> {
    let (jobs, job_list) = crossbeam_channel::unbounded();
    let (news_list, news) = crossbeam_channel::unbounded();
    let worker = std::thread::Builder::new().name("check".to_owned()).stack_size(STACK_BYTES);
    worker.spawn(move || worker::work(job_list, news_list)).map_err(|error| error.to_string())?;
    let mut server = Server::new(connection.sender.clone(), jobs, Client::new(params));
    server.start(&folders(params));
    loop {
        select! {
            recv(connection.receiver) -> message => {
                let Ok(message) = message else { return Ok(End::Gone) };
                if let Message::Request(request) = &message
                    && request.method == "shutdown"
                {
                    server.send(Response::new_ok(request.id.clone(), ()));
                    return Ok(wait_for_exit(connection));
                }
                if matches!(&message, Message::Notification(note) if note.method == "exit") {
                    return Ok(End::Gone);
                }
                hear(&mut server, message);
            }
            recv(news) -> told => {
                let told = told.unwrap_or_else(|_| News::Bug("the checking thread is gone".to_owned()));
                guarded(&mut server, |server| server.news(told));
            }
        }
    }
}

/// Waits until the client goes, as it said it would.
fn wait_for_exit(connection: &Connection) -> End {
    for message in &connection.receiver {
        match message {
            Message::Notification(note) if note.method == "exit" => return End::Shutdown,
            Message::Request(request) => {
                let message = "the server was told to shut down".to_owned();
                let _ = connection.sender.send(Message::Response(Response::new_err(
                    request.id,
                    ErrorCode::InvalidRequest as i32,
                    message,
                )));
            }
            _ => {}
        }
    }
    End::Shutdown
}

/// The folders that the editor has open.
#[allow(deprecated)] // older clients name one folder
fn folders(params: &InitializeParams) -> Vec<Uri> {
    match &params.workspace_folders {
        Some(folders) => folders.iter().map(|folder| folder.uri.clone()).collect(),
        None => params.root_uri.iter().cloned().collect(),
    }
}

fn hear(server: &mut Server, message: Message) {
    match message {
        Message::Request(request) => {
            let id = request.id.clone();
            if guarded(server, |server| {
                if let Some(response) = answers::answer(server, request) {
                    server.send(response);
                }
            })
            .is_none()
            {
                let message = "an error inside pol; its log says more".to_owned();
                server.send(Response::new_err(id, ErrorCode::InternalError as i32, message));
            }
        }
        Message::Notification(note) => {
            guarded(server, |server| server.notification(note));
        }
        // Answers to what the server asked say nothing that matters here.
        Message::Response(_) => {}
    }
}

/// Does something that must not end the server, whatever is wrong with it; `None` where something was.
fn guarded(server: &mut Server, work: impl FnOnce(&mut Server)) -> Option<()> {
    match catch_unwind(AssertUnwindSafe(|| work(server))) {
        Ok(()) => Some(()),
        Err(panic) => {
            server.tell_bug(&worker::words_of(&*panic));
            None
        }
    }
}
