//! How far a run is: a bar on a terminal, nothing in a pipe.

use std::fmt::Write;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{HumanCount, ProgressBar, ProgressState, ProgressStyle};

/// The time that a run takes.
pub struct Clock(Instant);

impl Clock {
    #[allow(clippy::disallowed_methods)] // how long a run took is told, and decides nothing
    pub fn start() -> Clock {
        Clock(Instant::now())
    }

    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// A bar for one pass over files; `rows` is an estimate where it is known.
pub fn bar(name: &str, rows: Option<u64>, quiet: bool) -> ProgressBar {
    if quiet || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let (bar, template) = match rows {
        Some(rows) => {
            (ProgressBar::new(rows), "{prefix} {wide_bar} {human_pos}/{human_len}, {rate}, {eta} left")
        }
        None => (ProgressBar::new_spinner(), "{prefix} {spinner} {human_pos}, {rate}, {elapsed}"),
    };
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let style = style.with_key("rate", |state: &ProgressState, out: &mut dyn Write| {
        let _ = write!(out, "{} rows/s", HumanCount(state.per_sec() as u64));
    });
    bar.with_style(style).with_prefix(name.to_owned())
}
