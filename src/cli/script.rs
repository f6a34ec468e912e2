use std::path::Path;

use rehearsal_protocol::script::Script;
use rehearsal_sim::Diagnostic;
use rehearsal_sim::chance::{Chance, Seed, Stream};

use super::arguments::{self, Generate};
use super::exit::{Exit, Stop};
use super::{Console, output};
use crate::shipped;

pub(super) fn obey(command: &arguments::Script, console: &mut Console<'_>) -> Result<Exit, Stop> {
    match command {
        arguments::Script::Generate(generate) => {
            output::print(console.out, &generated(generate)?.to_string())?;
        }
        arguments::Script::Check { file } => {
            let script = checked(file)?;
            let (users, messages) = (script.user_count(), script.message_count());
            let file = file.display();
            output::line(
                console.out,
                &format!("ok    {file}: {users} users, {messages} messages"),
            )?;
        }
    }
    Ok(Exit::Held)
}

fn generated(wanted: &Generate) -> Result<Script, Stop> {
    let mut draws = Chance::new(Seed(wanted.seed)).stream(Stream::Options);
    Script::generate(wanted.users, wanted.messages, wanted.ip, wanted.base_port, &mut draws)
        .map_err(|error| Stop::usage(error.to_string()))
}

fn checked(file: &Path) -> Result<Script, Stop> {
    let shown = file.display().to_string();
    let bytes = std::fs::read(file)
        .map_err(|error| Diagnostic::new(&shown, "", 0..0, format!("cannot be read: {error}")))?;
    Script::parse_bytes(&bytes).map_err(|error| {
        let source = String::from_utf8_lossy(&bytes);
        shipped::diagnostic(&shown, &source, &error).into()
    })
}
