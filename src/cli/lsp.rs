//! `pol lsp`: the language server for editors.

use super::{Outcome, Stop};
use crate::lsp::{End, serve, stdio};

/// Serve an editor: problems as you type, hovers, completion, renaming and the rest
///
/// An editor starts this command and speaks with it over standard input and output (the Language Server Protocol).
/// How to set up VS Code, Neovim, Helix and Zed stands in docs/editors.md. The exit status is 1 where the editor goes
/// without saying so.
#[derive(clap::Args)]
#[command(
    after_help = "Example, Neovim 0.11: vim.lsp.config('pol', { cmd = { 'pol', 'lsp' }, filetypes = { 'pol' }, root_markers = { 'pol.toml' } })"
)]
pub struct Arguments {
    /// Accepted for editors that name it; there is no other way
    #[arg(long, hide = true)]
    stdio: bool,
}

pub fn run(_arguments: &Arguments) -> Outcome {
    let (connection, threads) = stdio();
    let end = serve(connection)
        .map_err(|why| Stop::Usage(format!("the client does not begin as the protocol says: {why}")))?;
    threads.join().map_err(|error| Stop::Usage(format!("the connection broke: {error}")))?;
    match end {
        End::Shutdown => Ok(()),
        End::Gone => Err(Stop::Found),
    }
}
