//! `pol help`: the page of an error code, or the help of a command.

use clap::CommandFactory;

use super::{Cli, Outcome, Stop};
use crate::diag::{closest, codes};

/// Explain an error code (`pol help E0301`), or show the help of a command
#[derive(clap::Args)]
#[command(after_help = "Example: pol help E0603")]
pub struct Arguments {
    /// A code such as E0301, or the name of a command
    topic: Option<String>,
}

pub fn run(arguments: &Arguments) -> Outcome {
    let mut cli = Cli::command();
    let Some(topic) = &arguments.topic else {
        return super::print(&format!("{}\n", cli.render_long_help()));
    };
    if let Some(code) = codes::Code::find(topic) {
        return super::print(&format!("{}\n", code.page.trim_end()));
    }
    cli.build();
    if let Some(command) = cli.find_subcommand_mut(topic) {
        return super::print(&format!("{}\n", command.render_long_help()));
    }
    let upper = topic.to_uppercase();
    let names: Vec<String> = cli.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    let codes = codes::ALL.iter().map(|code| code.id);
    let hint = closest(&upper, codes)
        .map(str::to_owned)
        .or_else(|| closest(topic, names.iter().map(String::as_str)).map(str::to_owned));
    let hint = hint.map(|best| format!("; did you mean `{best}`?")).unwrap_or_default();
    let looks_like_a_code = topic.chars().any(|c| c.is_ascii_digit());
    let list = if looks_like_a_code { list_codes() } else { format!("commands: {}", names.join(", ")) };
    Err(Stop::Usage(format!("there is no code or command `{topic}`{hint}\n{list}")))
}

/// Every code with what it means, a line each.
fn list_codes() -> String {
    let lines: Vec<String> = codes::ALL.iter().map(|code| format!("{}  {}", code.id, code.summary)).collect();
    format!("codes:\n{}", lines.join("\n"))
}
