//! One layout for every policy: white space, the width of signs and, where it is asked for, the language of
//! keywords; comments stay, and so do words, literals and the order of everything. An item whose tree would not be
//! the same afterwards is left as it stands.

mod between;
mod columns;
mod layout;
mod pieces;
mod spelling;
#[cfg(test)]
mod tests;
mod tree;

use std::sync::atomic::{AtomicUsize, Ordering};

pub use spelling::Options;

use super::items::{self, Chunk};
use super::parse;
use super::parse::Tree;
use super::scan::{self, Lexeme};
use crate::source::FileId;

/// Stack for parsing, which descends once for each level of an expression.
const STACK_BYTES: usize = 256 << 20;
/// Items that a thread takes at once.
const BATCH: usize = 32;

/// A text in its layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formatted {
    pub text: String,
    /// What was left as it stands, in the order of the text.
    pub left: Vec<Left>,
}

/// A part of a text that was left as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// Its bytes in the text that was given.
    pub start: usize,
    pub end: usize,
    pub why: Why,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It is no item, or one with a syntax error.
    Broken,
    /// Its keywords alone, since it would be read otherwise in the other language.
    Keywords,
    /// All of it, since it would be read otherwise.
    Layout,
}

/// Formats texts; the results are in their order.
pub fn format(texts: &[&str], options: &Options) -> Vec<Formatted> {
    let lexemes: Vec<Vec<Lexeme>> = texts.iter().map(|text| scan::lex(text)).collect();
    let both = texts.iter().zip(&lexemes);
    let chunks: Vec<Vec<Chunk<'_>>> = both.map(|(text, lexemes)| items::cut(text, lexemes)).collect();
    let jobs: Vec<(&str, &Chunk<'_>)> = texts
        .iter()
        .zip(&chunks)
        .flat_map(|(text, own)| own.iter().map(move |chunk| (*text, chunk)))
        .collect();
    let mut done = in_threads(&jobs, &|(text, chunk)| item(text, chunk, options)).into_iter();
    let mut all = Vec::with_capacity(texts.len());
    for ((text, lexemes), chunks) in texts.iter().zip(&lexemes).zip(&chunks) {
        let own: Vec<Done> = done.by_ref().take(chunks.len()).collect();
        all.push(whole(text, lexemes, chunks, &own));
    }
    all
}

/// An item in its layout, or as it stands.
struct Done {
    text: String,
    why: Option<Why>,
}

impl Done {
    fn is_broken(&self) -> bool {
        self.why == Some(Why::Broken)
    }
}

/// Does the jobs in several threads, each with room for deep expressions; the results are in the order of the jobs.
fn in_threads<'j>(
    jobs: &[(&'j str, &Chunk<'j>)],
    work: &(dyn Fn((&str, &Chunk<'_>)) -> Done + Sync),
) -> Vec<Done> {
    let next = AtomicUsize::new(0);
    let some = || {
        let mut own = Vec::new();
        loop {
            let from = next.fetch_add(BATCH, Ordering::Relaxed);
            let Some(batch) = jobs.get(from..).filter(|rest| !rest.is_empty()) else { return own };
            own.extend(batch.iter().take(BATCH).enumerate().map(|(at, job)| (from + at, work(*job))));
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut done = std::thread::scope(|scope| {
        let worker = || std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, some);
        let wanted = threads.min(jobs.len().div_ceil(BATCH));
        let workers: Vec<_> = (0..wanted).filter_map(|_| worker().ok()).collect();
        // Where no thread is to be had, this one does everything.
        let mut all = if workers.is_empty() { some() } else { Vec::new() };
        for worker in workers {
            all.extend(worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        all
    });
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, done)| done).collect()
}

fn place(chunk: &Chunk<'_>) -> (usize, usize) {
    let start = chunk.lexemes.first().map_or(0, |lexeme| lexeme.start);
    (start, chunk.lexemes.last().map_or(start, |lexeme| lexeme.end))
}

fn item(text: &str, chunk: &Chunk<'_>, options: &Options) -> Done {
    let (start, end) = place(chunk);
    let as_it_stands = |why| Done { text: text[start..end].to_owned(), why: Some(why) };
    let Ok(tree) = parse::pairs(FileId(0), text, chunk, &[]) else { return as_it_stands(Why::Broken) };
    if let Some(text) = laid_out(text, chunk, tree.clone(), options) {
        return Done { text, why: None };
    }
    let in_its_language = Options { keywords: None, ..options.clone() };
    match laid_out(text, chunk, tree, &in_its_language).filter(|_| options.keywords.is_some()) {
        Some(text) => Done { text, why: Some(Why::Keywords) },
        None => as_it_stands(Why::Layout),
    }
}

/// A sound item in its layout; `None` where its tree would not be the same.
fn laid_out(text: &str, chunk: &Chunk<'_>, tree: Tree<'_>, options: &Options) -> Option<String> {
    let pieces = pieces::pieces(text, chunk.lexemes, tree.clone(), options);
    let mut lines = layout::lines(&pieces);
    columns::align(&mut lines);
    let out = columns::text(&lines);
    let (start, end) = place(chunk);
    if out == text[start..end] {
        return Some(out);
    }
    let lexemes = scan::lex(&out);
    let chunks = items::cut(&out, &lexemes);
    let [after] = chunks.as_slice() else { return None };
    let whole = place(after) == (0, out.len()) && after.keyword == chunk.keyword;
    let same = whole && tree::same(tree, parse::pairs(FileId(0), &out, after, &[]).ok()?);
    same.then(|| out.clone())
}

/// A file of its items and what stands between them.
fn whole(text: &str, lexemes: &[Lexeme], chunks: &[Chunk<'_>], done: &[Done]) -> Formatted {
    let (mut out, mut left, mut next) = (String::with_capacity(text.len()), Vec::new(), 0);
    let mut before: Option<&Done> = None;
    for (chunk, own) in chunks.iter().zip(done) {
        let (start, end) = place(chunk);
        let until = next + lexemes[next..].partition_point(|lexeme| lexeme.start < start);
        between::between(&mut out, text, &lexemes[next..until], before, Some(own));
        out.push_str(&own.text);
        left.extend(own.why.map(|why| Left { start, end, why }));
        next = until + chunk.lexemes.len();
        before = Some(own);
    }
    between::between(&mut out, text, &lexemes[next..], before, None);
    if out == text || is_cut_alike(&out, chunks, done) {
        return Formatted { text: out, left };
    }
    let all = Left { start: 0, end: text.len(), why: Why::Layout };
    Formatted { text: text.to_owned(), left: vec![all] }
}

/// Whether a text has these items, with these texts and the documentation that they had.
fn is_cut_alike(out: &str, chunks: &[Chunk<'_>], done: &[Done]) -> bool {
    let lexemes = scan::lex(out);
    let again = items::cut(out, &lexemes);
    let alike = |((new, old), own): ((&Chunk<'_>, &Chunk<'_>), &Done)| {
        let (start, end) = place(new);
        new.keyword == old.keyword && new.docs == old.docs && out[start..end] == own.text
    };
    again.len() == chunks.len() && again.iter().zip(chunks).zip(done).all(alike)
}
