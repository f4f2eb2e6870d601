//! Writing behind, so that answers are written while others are decided.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use arrow_array::RecordBatch;

use crate::cli::Stop;
use crate::tables::{Input, TableError, TableWriter, digests};

/// A thread that writes, and gives the writer back at the end.
type Writing = JoinHandle<Result<TableWriter, TableError>>;

/// Batches that wait between two stages: enough to even out their pace, few enough to stay small in memory.
const WAITING: usize = 3;

/// A writer on a thread of its own, or on this one. Dropped before [`WriteBehind::finish`], it leaves nothing
/// behind.
pub struct WriteBehind {
    here: Option<TableWriter>,
    thread: Option<(SyncSender<RecordBatch>, Writing)>,
}

impl WriteBehind {
    pub fn new(writer: TableWriter, behind: bool) -> WriteBehind {
        if !behind {
            return WriteBehind { here: Some(writer), thread: None };
        }
        let (sender, receiver) = sync_channel(WAITING);
        let thread = std::thread::spawn(move || write_all(writer, receiver));
        WriteBehind { here: None, thread: Some((sender, thread)) }
    }

    /// Takes a batch to be written; whether more are wanted. Where not, the writer has failed, and
    /// [`WriteBehind::finish`] says why.
    pub fn write(&mut self, batch: RecordBatch) -> Result<bool, Stop> {
        if let Some(writer) = &mut self.here {
            writer.write(&batch)?;
        }
        Ok(self.thread.as_ref().is_none_or(|(sender, _)| sender.send(batch).is_ok()))
    }

    /// The writer, after it has written everything.
    pub fn finish(mut self) -> Result<TableWriter, Stop> {
        if let Some(writer) = self.here.take() {
            return Ok(writer);
        }
        let ended = || Stop::Bug("the thread that writes ended by itself".to_owned());
        let (sender, thread) = self.thread.take().ok_or_else(ended)?;
        drop(sender);
        Ok(thread.join().map_err(|_| ended())??)
    }
}

impl Drop for WriteBehind {
    fn drop(&mut self) {
        if let Some((sender, thread)) = self.thread.take() {
            drop(sender);
            // What it was writing goes with it.
            drop(thread.join());
        }
    }
}

fn write_all(mut writer: TableWriter, batches: Receiver<RecordBatch>) -> Result<TableWriter, TableError> {
    for batch in batches {
        writer.write(&batch)?;
    }
    Ok(writer)
}

/// The digest of the input files, taken on a thread of its own, or before anything else.
pub enum Digest {
    Done(String),
    Thread(JoinHandle<Result<String, TableError>>),
}

impl Digest {
    pub fn new(files: &[Input], aside: bool) -> Result<Digest, Stop> {
        if !aside {
            return Ok(Digest::Done(digests(files)?));
        }
        let files = files.to_vec();
        Ok(Digest::Thread(std::thread::spawn(move || digests(&files))))
    }

    pub fn finish(self) -> Result<String, Stop> {
        match self {
            Digest::Done(digest) => Ok(digest),
            Digest::Thread(thread) => {
                let ended = || Stop::Bug("the thread that takes the digest ended by itself".to_owned());
                Ok(thread.join().map_err(|_| ended())??)
            }
        }
    }
}
