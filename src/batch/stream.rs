//! Batches through several threads, in order.
//!
//! Each thread takes the next batch, reads it, waits for its turn to have its keys looked at (that needs all
//! earlier rows), decides it, and hands over the result; results are given on in the order of the batches.
//! At most two batches for each thread are in memory.

use std::collections::BTreeMap;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::engine::EngineError;

/// Something that is done in the order of the batches, each batch once.
struct Turns<K> {
    state: Mutex<Turn<K>>,
    changed: Condvar,
}

struct Turn<K> {
    next: usize,
    /// Some thread has failed: nobody's turn comes any more.
    stopped: bool,
    kept: K,
}

impl<K> Turns<K> {
    /// Does something when the turn of a batch has come; `None` after a failure elsewhere.
    fn take<T>(&self, number: usize, work: impl FnOnce(&mut K) -> T) -> Option<T> {
        let mut turn = lock(&self.state);
        while turn.next != number && !turn.stopped {
            turn = self.changed.wait(turn).unwrap_or_else(PoisonError::into_inner);
        }
        if turn.stopped {
            return None;
        }
        let done = work(&mut turn.kept);
        turn.next += 1;
        self.changed.notify_all();
        Some(done)
    }

    fn stop(&self) {
        lock(&self.state).stopped = true;
        self.changed.notify_all();
    }

    fn stopped(&self) -> bool {
        lock(&self.state).stopped
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Stops the others when its thread ends by a panic.
struct Guard<'t, K>(&'t Turns<K>);

impl<K> Drop for Guard<'_, K> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.stop();
        }
    }
}

/// What is done with each batch, in this order.
pub struct Stages<R, A, D> {
    /// On any thread, at any time.
    pub read: R,
    /// In the order of the batches, with what is kept from one to the next.
    pub admit: A,
    /// On any thread, at any time.
    pub decide: D,
}

/// Puts every item through the stages and gives the results to `take`, in order, until it wants no more.
///
/// # Errors
/// The first error in the order of the items: of an item, of a stage, or of `take`.
pub fn stream<I, L, O, K, E>(
    items: impl Iterator<Item = Result<I, E>> + Send,
    threads: usize,
    kept: &mut K,
    stages: Stages<
        impl Fn(I) -> Result<L, E> + Sync,
        impl Fn(&mut K, &mut L) -> Result<(), E> + Sync,
        impl Fn(L) -> Result<O, E> + Sync,
    >,
    mut take: impl FnMut(O) -> Result<bool, E>,
) -> Result<(), E>
where
    I: Send,
    L: Send,
    O: Send,
    K: Send,
    E: Send + From<EngineError>,
{
    if threads <= 1 {
        for item in items {
            let mut loaded = (stages.read)(item?)?;
            (stages.admit)(kept, &mut loaded)?;
            if !take((stages.decide)(loaded)?)? {
                break;
            }
        }
        return Ok(());
    }
    let items = Mutex::new(items.enumerate());
    let turns = Turns { state: Mutex::new(Turn { next: 0, stopped: false, kept }), changed: Condvar::new() };
    let (sender, receiver) = sync_channel(threads);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                let sender = sender.clone();
                scope.spawn(|| work(&items, &turns, &stages, sender))
            })
            .collect();
        drop(sender);
        let mut result = in_order(receiver.iter(), &mut take);
        // Whoever still waits for a turn or to hand over is let go.
        turns.stop();
        drop(receiver);
        for worker in workers {
            if worker.join().is_err() && result.is_ok() {
                result = Err(EngineError::Thread.into());
            }
        }
        result
    })
}

fn work<I, L, O, K, E>(
    items: &Mutex<impl Iterator<Item = (usize, Result<I, E>)>>,
    turns: &Turns<&mut K>,
    stages: &Stages<
        impl Fn(I) -> Result<L, E>,
        impl Fn(&mut K, &mut L) -> Result<(), E>,
        impl Fn(L) -> Result<O, E>,
    >,
    sender: SyncSender<(usize, Result<O, E>)>,
) {
    let _guard = Guard(turns);
    while !turns.stopped() {
        let Some((number, item)) = lock(items).next() else { return };
        let loaded = item.and_then(&stages.read);
        let admitted = turns.take(number, |kept| {
            let mut loaded = loaded?;
            (stages.admit)(kept, &mut loaded)?;
            Ok(loaded)
        });
        let Some(admitted) = admitted else { return };
        let failed = admitted.is_err();
        let done = admitted.and_then(&stages.decide);
        if sender.send((number, done)).is_err() || failed {
            return;
        }
    }
}

fn in_order<O, E>(
    results: impl Iterator<Item = (usize, Result<O, E>)>,
    take: &mut impl FnMut(O) -> Result<bool, E>,
) -> Result<(), E> {
    let mut waiting = BTreeMap::new();
    let mut next = 0;
    for (number, result) in results {
        waiting.insert(number, result);
        while let Some(result) = waiting.remove(&next) {
            next += 1;
            if !take(result?)? {
                return Ok(());
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(count: usize, threads: usize, fail_at: Option<usize>) -> (Vec<usize>, Result<(), String>) {
        let mut seen = Vec::new();
        let mut sum = 0usize;
        let stages = Stages {
            read: Ok::<usize, String>,
            admit: |sum: &mut usize, item: &mut usize| {
                *sum += *item;
                *item = *sum;
                Ok(())
            },
            decide: move |item: usize| match fail_at {
                Some(at) if item >= at => Err(format!("at {item}")),
                _ => Ok(item),
            },
        };
        let items = (0..count).map(Ok::<usize, String>);
        let result = stream(items, threads, &mut sum, stages, |item| {
            seen.push(item);
            Ok(true)
        });
        (seen, result)
    }

    impl From<EngineError> for String {
        fn from(error: EngineError) -> String {
            error.to_string()
        }
    }

    #[test]
    fn results_come_in_order_whatever_the_threads() {
        let (alone, _) = run(500, 1, None);
        assert_eq!(alone[499], 499 * 500 / 2);
        for threads in [2, 3, 8] {
            assert_eq!(run(500, threads, None), (alone.clone(), Ok(())));
        }
    }

    #[test]
    fn the_first_error_ends_it() {
        for threads in [1, 2, 8] {
            let (seen, result) = run(500, threads, Some(45));
            assert_eq!((seen.len(), result), (9, Err("at 45".to_owned())));
        }
    }

    #[test]
    fn who_wants_no_more_gets_no_more() {
        for threads in [1, 4] {
            let mut seen = 0;
            let stages = Stages {
                read: Ok::<usize, String>,
                admit: |_: &mut (), _: &mut usize| Ok(()),
                decide: Ok::<usize, String>,
            };
            let result = stream((0..1000).map(Ok), threads, &mut (), stages, |_| {
                seen += 1;
                Ok(seen < 5)
            });
            assert_eq!((seen, result), (5, Ok(())));
        }
    }

    #[test]
    fn a_panic_is_an_error() {
        let stages = Stages {
            read: Ok::<usize, String>,
            admit: |_: &mut (), _: &mut usize| Ok(()),
            decide: |item: usize| if item == 7 { panic!("seven") } else { Ok::<usize, String>(item) },
        };
        let result = stream((0..100).map(Ok), 2, &mut (), stages, |_| Ok(true));
        assert_eq!(result, Err(EngineError::Thread.to_string()));
    }
}
