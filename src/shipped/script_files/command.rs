use std::net::IpAddr;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use rehearsal_machine::printable;
use rehearsal_protocol::script::Script;
use rehearsal_sim::Diagnostic;
use rehearsal_sim::chance::{Chance, Seed, Stream};
use rehearsal_sim::source::text_of;

use crate::cli::{Cli, CliError, Command, Console, Exit};
use crate::shipped::script::diagnostic;

/// `rehearsal script`: writes and checks chat scripts.
#[derive(Args)]
pub struct ScriptCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Write a random script to standard output
    Generate(Generate),
    /// Check a script for mistakes
    Check {
        /// The script's file
        file: PathBuf,
    },
}

#[derive(Args)]
struct Generate {
    /// The number of users: user1, user2, ...
    #[arg(long, default_value_t = 6)]
    users: u32,
    /// The number of messages
    #[arg(long, default_value_t = 50)]
    messages: u32,
    /// The number that decides everything random
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// The address of all users
    #[arg(long, default_value = "127.0.0.1")]
    ip: IpAddr,
    /// The first user's port; those of the others follow
    #[arg(long, default_value_t = 2881)]
    base_port: u16,
}

impl Command for ScriptCommand {
    const NAME: &'static str = "script";
    const ABOUT: &'static str = "Write or check a chat script";

    fn run(&self, _: &Cli, console: &mut Console<'_>) -> Result<Exit, CliError> {
        match &self.action {
            Action::Generate(generate) => console.print(&generate.script()?.to_string())?,
            Action::Check { file } => {
                let script = checked(file)?;
                let (users, messages) = (script.user_count(), script.message_count());
                let file = file.display();
                let line = format!("ok    {file}: {users} users, {messages} messages");
                console.line(&printable(&line))?;
            }
        }
        Ok(Exit::Held)
    }
}

impl Generate {
    fn script(&self) -> Result<Script, CliError> {
        let mut draws = Chance::new(Seed(self.seed)).stream(Stream::Options);
        Script::generate(self.users, self.messages, self.ip, self.base_port, &mut draws)
            .map_err(|error| CliError::usage(error.to_string()))
    }
}

fn checked(file: &Path) -> Result<Script, Diagnostic> {
    let shown = file.display().to_string();
    // As a scenario reads it, which leaves a byte order mark out.
    let text = text_of(file)?;
    Script::parse(&text).map_err(|error| diagnostic(&shown, &text, &error))
}
