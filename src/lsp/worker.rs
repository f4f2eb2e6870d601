//! Checks sets and runs cases on a thread of its own, so that answers never wait for it.
//!
//! A check waits for a short pause in the typing. One that is overtaken by a change is given up, though not more
//! than twice in a row, so that somebody who types without a pause is told something too. When nothing is left to
//! check, the cases of the sets run, one after the other, until the next change comes.

use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use crate::compile;
use crate::ide::{Outcome, Snapshot, find_case, run_case};
use crate::load::{Memory, real_path};
use crate::suggest::suggest;

/// The pause in the typing after which a check begins.
const PAUSE: Duration = Duration::from_millis(60);
/// So many changes are waited for at most.
const PATIENCE: usize = 5;
/// A check is given up at most so often in a row.
const GIVEN_UP: usize = 2;

/// What the worker is asked for.
pub enum Job {
    /// These sets are to be checked with the texts that editors hold.
    Check { roots: Vec<PathBuf>, unsaved: BTreeMap<PathBuf, Arc<str>>, revision: u64 },
    /// A case is to be run, by its set, file and title.
    Run { ticket: u64, root: PathBuf, path: PathBuf, title: String },
    /// A case is to be found that a measure or define of a set lacks.
    Suggest { ticket: u64, root: PathBuf, name: String },
}

/// What the worker tells.
pub enum News {
    Checked(Arc<Snapshot>),
    /// What all cases of a set gave.
    Tried {
        root: PathBuf,
        outcomes: Vec<Outcome>,
    },
    /// What the case gave that was asked for; `None` where there is no such case, or the set has errors.
    Ran {
        ticket: u64,
        root: PathBuf,
        outcome: Option<Outcome>,
    },
    /// The case that was asked for; `None` where none is missing, or the set has errors.
    Suggested {
        ticket: u64,
        root: PathBuf,
        name: String,
        case: Option<String>,
    },
    /// Something went wrong inside.
    Bug(String),
}

struct Worker {
    jobs: Receiver<Job>,
    news: Sender<News>,
    memories: BTreeMap<PathBuf, Memory>,
    snapshots: BTreeMap<PathBuf, Arc<Snapshot>>,
    /// Earlier ones that somebody may still read: to let go of one takes a while, so it is done here.
    old: Vec<Arc<Snapshot>>,
    unsaved: BTreeMap<PathBuf, Arc<str>>,
    revision: u64,
    /// Sets that wait for a check, the one that was asked for last at the front.
    waiting: VecDeque<PathBuf>,
    /// Cases that wait to be run.
    runs: Vec<(u64, PathBuf, PathBuf, String)>,
    /// Measures and defines for which a case is to be found.
    wanted: Vec<(u64, PathBuf, String)>,
    /// Sets whose cases wait to be tried.
    untried: VecDeque<PathBuf>,
    given_up: usize,
}

/// Works until nobody asks any more.
pub fn work(jobs: Receiver<Job>, news: Sender<News>) {
    let mut worker = Worker {
        jobs,
        news,
        memories: BTreeMap::new(),
        snapshots: BTreeMap::new(),
        old: Vec::new(),
        unsaved: BTreeMap::new(),
        revision: 0,
        waiting: VecDeque::new(),
        runs: Vec::new(),
        wanted: Vec::new(),
        untried: VecDeque::new(),
        given_up: 0,
    };
    while worker.turn().is_some() {}
}

impl Worker {
    /// One round; `None`: nobody asks any more.
    fn turn(&mut self) -> Option<()> {
        let idle = self.waiting.is_empty()
            && self.runs.is_empty()
            && self.wanted.is_empty()
            && self.untried.is_empty();
        let job = if idle { Some(self.jobs.recv().ok()?) } else { self.jobs.try_recv().ok() };
        if let Some(job) = job {
            self.note(job);
            self.wait_for_pause()?;
        }
        if let Some(root) = self.waiting.pop_front() {
            return self.check(root);
        }
        for (ticket, root, path, title) in std::mem::take(&mut self.runs) {
            let outcome = self.run(&root, &path, &title);
            self.tell(News::Ran { ticket, root, outcome })?;
        }
        for (ticket, root, name) in std::mem::take(&mut self.wanted) {
            let case = self.suggest(&root, &name);
            self.tell(News::Suggested { ticket, root, name, case })?;
        }
        match self.untried.pop_front() {
            Some(root) => self.try_cases(root),
            None => Some(()),
        }
    }

    fn note(&mut self, job: Job) {
        match job {
            Job::Check { roots, unsaved, revision } => {
                (self.unsaved, self.revision) = (unsaved, revision);
                for root in roots {
                    self.untried.retain(|other| *other != root);
                    self.waiting.retain(|other| *other != root);
                    self.waiting.push_front(root);
                }
            }
            Job::Run { ticket, root, path, title } => self.runs.push((ticket, root, path, title)),
            Job::Suggest { ticket, root, name } => self.wanted.push((ticket, root, name)),
        }
    }

    /// Waits until no change comes for a moment; somebody who runs a case does not wait.
    fn wait_for_pause(&mut self) -> Option<()> {
        for _ in 0..PATIENCE {
            if !self.runs.is_empty() || !self.wanted.is_empty() {
                break;
            }
            match self.jobs.recv_timeout(PAUSE) {
                Ok(job) => self.note(job),
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
        Some(())
    }

    fn tell(&self, news: News) -> Option<()> {
        self.news.send(news).ok()
    }

    fn check(&mut self, root: PathBuf) -> Option<()> {
        let insist = self.given_up >= GIVEN_UP;
        let jobs = self.jobs.clone();
        let memory = self.memories.entry(root.clone()).or_default();
        memory.unsaved = self.unsaved.clone();
        let wanted = move || insist || jobs.is_empty();
        let checked = catch_unwind(AssertUnwindSafe(|| compile::load_again(&root, memory, &wanted)));
        let compiled = match checked {
            Ok(Some(compiled)) => compiled,
            Ok(None) => {
                self.given_up += 1;
                self.waiting.push_back(root);
                return Some(());
            }
            Err(panic) => {
                self.memories.remove(&root);
                return self.tell(News::Bug(words_of(&*panic)));
            }
        };
        self.given_up = 0;
        let paths = compiled.sources.iter().map(|(_, file)| real_path(&file.path)).collect();
        let snapshot = Arc::new(Snapshot::new(root.clone(), self.revision, compiled, paths));
        self.old.extend(self.snapshots.insert(root.clone(), snapshot.clone()));
        self.old.retain(|old| Arc::strong_count(old) > 1);
        if !snapshot.compiled.has_errors() {
            self.untried.push_back(root);
        }
        self.tell(News::Checked(snapshot))
    }

    /// Tries all cases of a set, unless something comes between.
    fn try_cases(&mut self, root: PathBuf) -> Option<()> {
        let Some(set) = self.snapshots.get(&root).cloned() else { return Some(()) };
        let mut outcomes = Vec::new();
        for at in 0..set.compiled.program.cases.len() {
            if !self.jobs.is_empty() {
                self.untried.push_front(root);
                return Some(());
            }
            match catch_unwind(AssertUnwindSafe(|| run_case(&set, at))) {
                Ok(outcome) => outcomes.extend(outcome),
                Err(panic) => self.tell(News::Bug(words_of(&*panic)))?,
            }
        }
        self.tell(News::Tried { root, outcomes })
    }

    /// A case that a measure or define lacks.
    fn suggest(&self, root: &PathBuf, name: &str) -> Option<String> {
        let set = self.snapshots.get(root)?;
        let (compiled, core) = (&set.compiled, set.core()?);
        let find = || suggest(&compiled.program, core, &compiled.input, Some(name), compiled.language);
        let found = catch_unwind(AssertUnwindSafe(find)).ok()?;
        found.cases.into_iter().find(|case| case.target == name).map(|case| case.text)
    }

    fn run(&self, root: &PathBuf, path: &Path, title: &str) -> Option<Outcome> {
        let set = self.snapshots.get(root)?;
        let at = find_case(set, path, title)?;
        catch_unwind(AssertUnwindSafe(|| run_case(set, at))).ok().flatten()
    }
}

/// What a panic says.
pub fn words_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "an error inside pol".to_owned())
}
