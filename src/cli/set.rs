//! Policy sets for the commands: read, checked, their problems shown.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::{Colour, Stop, stderr_is_terminal};
use crate::check::constants::{read_date, read_value};
use crate::check::typed::{Open, ParamId};
use crate::compile::{self, Compiled};
use crate::diag::closest;
use crate::diag::render::{Format, render};
use crate::value::{Date, Value};
use crate::{check, ir, trial};

/// A checked policy set, ready to run.
pub struct PolicySet {
    pub compiled: Compiled,
    pub program: Arc<check::Program>,
    pub core: Arc<ir::Program>,
}

/// Reads a set that must be sound; shows what is wrong on standard error where it is not.
pub fn load(folder: &Path) -> Result<PolicySet, Stop> {
    must_be_folder(folder)?;
    let last = format!("the policy set has errors; `pol check {}` shows them again", folder.display());
    sound(compile::load(folder), &last)
}

/// A set that was read; where it is not sound, shows what is wrong and then a last line.
pub fn sound(compiled: Compiled, last: &str) -> Result<PolicySet, Stop> {
    if compiled.has_errors() {
        let mut err = io::stderr().lock();
        render(
            &compiled.problems,
            &compiled.sources,
            Format::Human,
            Colour::Auto.on(stderr_is_terminal()),
            &mut err,
        )?;
        writeln!(err, "{last}")?;
        return Err(Stop::Found);
    }
    let core = Arc::new(compile::lower(&compiled.program));
    let program = Arc::new(compiled.program.clone());
    Ok(PolicySet { compiled, program, core })
}

/// A set is a folder with a `pol.toml`.
pub fn must_be_folder(folder: &Path) -> Result<(), Stop> {
    if !folder.exists() {
        return Err(Stop::Usage(format!(
            "there is no folder {}; a policy set is a folder with a pol.toml",
            folder.display()
        )));
    }
    if !folder.is_dir() {
        return Err(Stop::Usage(format!(
            "{} is not a folder; a policy set is a folder with a pol.toml",
            folder.display()
        )));
    }
    if !folder.join("pol.toml").is_file() {
        return Err(Stop::Usage(format!(
            "{} has no pol.toml, so it is not a policy set; `pol init DIR` makes one",
            folder.display()
        )));
    }
    Ok(())
}

impl PolicySet {
    /// A digest of every text that the set is made of: two runs with the same one ran the same policy.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for (_, file) in self.compiled.sources.iter() {
            let name =
                file.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            for part in [name.as_str(), file.text.as_str()] {
                hash.update((part.len() as u64).to_le_bytes());
                hash.update(part.as_bytes());
            }
        }
        let digits: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        format!("sha256:{digits}")
    }

    /// Whether a measure or define has this in its name, label or module.
    pub fn names(&self, text: &str) -> bool {
        let measures = self.program.measures.iter().map(|measure| &measure.head);
        let mut heads = measures.chain(self.program.defines.iter().map(|define| &define.head));
        heads.any(|head| trial::named(head, text))
    }

    /// Reads `--set param=value` arguments.
    pub fn settings(&self, arguments: &[String]) -> Result<Vec<(ParamId, Value)>, Stop> {
        arguments.iter().map(|argument| self.setting(argument)).collect()
    }

    fn setting(&self, argument: &str) -> Result<(ParamId, Value), Stop> {
        let (name, text) = argument.split_once('=').ok_or_else(|| {
            Stop::Usage(format!(
                "--set {argument}: write `--set param=value`, such as `--set threshold=500头`"
            ))
        })?;
        let params = &self.program.params;
        let named = params.iter().position(|param| param.head.name == name || param.head.label == name);
        let Some(at) = named else {
            let names = params.iter().flat_map(|param| [param.head.name.as_str(), param.head.label.as_str()]);
            let hint =
                closest(name, names).map(|best| format!("; did you mean `{best}`?")).unwrap_or_default();
            return Err(Stop::Usage(format!("--set {argument}: the policy has no param `{name}`{hint}")));
        };
        let value = read_value(&self.program, &params[at].ty, text)
            .map_err(|message| Stop::Usage(format!("--set {argument}: {message}")))?;
        let outside = |open: &Open| {
            let below = open.least.as_ref().is_some_and(|least| value < *least);
            below || open.most.as_ref().is_some_and(|most| *most < value)
        };
        if params[at].open.as_ref().is_some_and(outside) {
            let message =
                format!("--set {argument}: the policy leaves `{name}` open within bounds that exclude this");
            return Err(Stop::Usage(message));
        }
        Ok((ParamId(at as u32), value))
    }
}

/// Reads the date of `--as-of`; without one it is today's, by the clock of this machine in UTC.
pub fn as_of(argument: Option<&str>) -> Result<Date, Stop> {
    match argument {
        Some(text) => read_date(text).ok_or_else(|| {
            Stop::Usage(format!("--as-of {text}: there is no such date; write it as 2020-03-31"))
        }),
        None => today(),
    }
}

#[allow(clippy::disallowed_methods)] // the one place where the clock is asked
fn today() -> Result<Date, Stop> {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let days = since.ok().and_then(|since| i64::try_from(since.as_secs() / 86_400).ok());
    days.and_then(Date::from_days)
        .ok_or_else(|| Stop::Usage("the clock of this machine is off; give --as-of".to_owned()))
}
