use std::io::ErrorKind;
use std::path::Path;

use rehearsal_tcp::Key;
use rehearsal_tcp::keys::KeyError;

use super::exit::{Exit, Stop};
use super::{Console, output};

/// Makes a node's key, and prints what the roster says of it.
pub(super) fn obey(file: &Path, console: &mut Console<'_>) -> Result<Exit, Stop> {
    let key = Key::create(file).map_err(|error| refusal(file, &error))?;
    output::line(console.out, &format!("key: \"{}\"", key.public()))?;
    Ok(Exit::Held)
}

fn refusal(file: &Path, error: &KeyError) -> Stop {
    let file = file.display();
    match error {
        KeyError::Io(error) if error.kind() == ErrorKind::AlreadyExists => Stop::usage(format!(
            "cannot write {file}: it exists, and a key is never replaced; name a new file"
        )),
        error => Stop::usage(format!("cannot write {file}: {error}")),
    }
}
