//! The `pol` command.

fn main() -> std::process::ExitCode {
    pol::cli::main()
}
