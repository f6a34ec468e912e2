use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use rusqlite::{Connection, OpenFlags, OptionalExtension as _, params};
use rustix::fs::{FlockOperation, flock};

use super::{Identity, failed};
use crate::cli::CliError;

/// `RHSL`: the file says whose it is.
const APPLICATION: i64 = 0x5248_534c;
/// The version of the schema below.
const VERSION: i64 = 1;

const SCHEMA: &str = "
CREATE TABLE tables (
    id INTEGER PRIMARY KEY,
    scenario TEXT NOT NULL,
    scenario_digest TEXT NOT NULL,
    program_digest TEXT NOT NULL,
    options TEXT NOT NULL,
    UNIQUE (scenario_digest, program_digest, options)
) STRICT;
CREATE TABLE runs (
    in_table INTEGER NOT NULL REFERENCES tables (id),
    seed INTEGER NOT NULL,
    verdict TEXT NOT NULL,
    check_name TEXT,
    reason TEXT,
    event TEXT,
    unusual INTEGER,
    events INTEGER NOT NULL,
    end_ns INTEGER NOT NULL,
    digest BLOB,
    coverage INTEGER,
    safety_alone INTEGER NOT NULL,
    mutant_reached INTEGER NOT NULL,
    took TEXT,
    difference TEXT,
    PRIMARY KEY (in_table, seed)
) STRICT, WITHOUT ROWID;
CREATE INDEX failures ON runs (in_table, check_name, reason, event, unusual, seed)
    WHERE verdict <> 'held';
CREATE TABLE sights (
    in_table INTEGER NOT NULL REFERENCES tables (id),
    what TEXT NOT NULL,
    name TEXT NOT NULL,
    first_seed INTEGER NOT NULL,
    PRIMARY KEY (in_table, what, name)
) STRICT, WITHOUT ROWID;
";

/// One sweep at a time: two would do the same seeds. The lock ends with the process.
pub(super) fn lock(path: &Path) -> Result<File, CliError> {
    let shown = path.display();
    let cannot = |error: io::Error| {
        CliError::usage(format!(
            "cannot write {shown}: {error} (name a file in another folder with `--database`)"
        ))
    };
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
    let file = file.map_err(cannot)?;
    if !file.metadata().map_err(cannot)?.is_file() {
        return Err(CliError::usage(format!("{shown} is no file: name one with `--database`")));
    }
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(CliError::usage(format!(
            "{shown}: another sweep adds to it: wait for it, or name another file with \
             `--database` (`rehearsal sweep merge` puts them together)"
        ))),
        Err(error) => Err(cannot(error.into())),
    }
}

/// The connection of a file to read from, which stays as it is.
pub(super) fn source(path: &Path) -> Result<Connection, CliError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let connection =
        Connection::open_with_flags(path, flags).map_err(|error| failed(path, &error))?;
    if is_empty(&connection, path)? {
        return Err(CliError::bad_input(format!("{}: there are no results in it", path.display())));
    }
    Ok(connection)
}

/// Is there nothing in it? Refuses what is another program's or another version's.
fn is_empty(connection: &Connection, path: &Path) -> Result<bool, CliError> {
    let number = |name: &str| {
        connection
            .pragma_query_value(None, name, |row| row.get::<_, i64>(0))
            .map_err(|error| failed(path, &error))
    };
    let (application, version) = (number("application_id")?, number("user_version")?);
    if number("schema_version")? == 0 {
        return Ok(true);
    }
    if application != APPLICATION {
        return Err(CliError::bad_input(format!(
            "{}: this database is another program's: name another file with `--database`",
            path.display()
        )));
    }
    if version != VERSION {
        return Err(CliError::bad_input(format!(
            "{}: its results have format {version}, and this version reads and writes format \
             {VERSION}: move it away, or name another file with `--database`",
            path.display()
        )));
    }
    Ok(false)
}

/// The file's connection, with the schema.
pub(super) fn connection(path: &Path) -> Result<Connection, CliError> {
    let connection = Connection::open(path).map_err(|error| failed(path, &error))?;
    let is_empty = is_empty(&connection, path)?;
    let prepare = || {
        // A reader may look at the file while a sweep adds to it. What was committed outlives the
        // process; a power cut may take the last rows, which are run again.
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        if is_empty {
            let transaction = connection.unchecked_transaction()?;
            transaction.execute_batch(SCHEMA)?;
            transaction.pragma_update(None, "application_id", APPLICATION)?;
            transaction.pragma_update(None, "user_version", VERSION)?;
            transaction.commit()?;
        }
        Ok(())
    };
    prepare().map_err(|error| failed(path, &error))?;
    Ok(connection)
}

/// The number of the table with this identity, which is created where there is none.
pub(super) fn table(connection: &Connection, identity: &Identity) -> rusqlite::Result<i64> {
    let Identity { scenario, scenario_digest, program_digest, options } = identity;
    let find =
        "SELECT id FROM tables WHERE scenario_digest = ?1 AND program_digest = ?2 AND options = ?3";
    let keys = params![scenario_digest, program_digest, options];
    if let Some(id) = connection.query_row(find, keys, |row| row.get(0)).optional()? {
        return Ok(id);
    }
    let insert = "INSERT INTO tables (scenario, scenario_digest, program_digest, options) \
                  VALUES (?1, ?2, ?3, ?4)";
    connection.execute(insert, params![scenario, scenario_digest, program_digest, options])?;
    Ok(connection.last_insert_rowid())
}
