use std::io::ErrorKind;
use std::path::PathBuf;

use clap::Args;
use rehearsal_tcp::Key;
use rehearsal_tcp::keys::KeyError;

use super::{Cli, CliError, Command, Console, Exit};

/// `rehearsal keygen`.
#[derive(Args)]
pub(super) struct Keygen {
    /// The key's new file, which only its owner can read
    file: PathBuf,
}

impl Command for Keygen {
    const NAME: &'static str = "keygen";
    const ABOUT: &'static str = "Make a node's key, and print the public half for the roster";

    fn run(&self, _: &Cli, console: &mut Console<'_>) -> Result<Exit, CliError> {
        let key = Key::create(&self.file).map_err(|error| self.refusal(&error))?;
        console.line(&format!("key: \"{}\"", key.public()))?;
        Ok(Exit::Held)
    }
}

impl Keygen {
    fn refusal(&self, error: &KeyError) -> CliError {
        let file = self.file.display();
        match error {
            KeyError::Io(error) if error.kind() == ErrorKind::AlreadyExists => {
                CliError::usage(format!(
                    "cannot write {file}: it exists, and a key is never replaced; name a new file"
                ))
            }
            error => CliError::usage(format!("cannot write {file}: {error}")),
        }
    }
}
