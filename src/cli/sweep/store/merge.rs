use std::path::{Path, PathBuf};

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, params};

use super::{failed, open};
use crate::cli::CliError;

/// What a merge has added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::cli::sweep) struct Merged {
    pub(in crate::cli::sweep) files: usize,
    pub(in crate::cli::sweep) runs: u64,
    /// Runs that were there before.
    pub(in crate::cli::sweep) known: u64,
}

/// Adds all results of these files to another one, which is created if there is none. Each
/// file is added as a whole, or nothing of it is.
pub(in crate::cli::sweep) fn merge(into: &Path, from: &[PathBuf]) -> Result<Merged, CliError> {
    for file in from {
        if !file.is_file() {
            return Err(CliError::usage(format!("there is no file {}", file.display())));
        }
    }
    let _lock = open::lock(into)?;
    let mut connection = open::connection(into)?;
    let mut merged = Merged::default();
    for file in from {
        // Its format is checked before anything is read from it.
        drop(open::connection(file)?);
        let (runs, known) = add(&mut connection, file).map_err(|error| failed(file, &error))?;
        merged.files += 1;
        merged.runs += runs;
        merged.known += known;
    }
    Ok(merged)
}

fn add(into: &mut Connection, file: &Path) -> rusqlite::Result<(u64, u64)> {
    let from = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let transaction = into.transaction()?;
    let (mut added, mut known) = (0, 0);
    let mut tables = from.prepare(
        "SELECT id, scenario, scenario_digest, program_digest, options FROM tables ORDER BY id",
    )?;
    let mut rows = tables.query([])?;
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        let identity = super::Identity {
            scenario: row.get(1)?,
            scenario_digest: row.get(2)?,
            program_digest: row.get(3)?,
            options: row.get(4)?,
        };
        let table = open::table(&transaction, &identity)?;
        let (new, old) = copy_runs(&from, &transaction, id, table)?;
        added += new;
        known += old;
        copy_sights(&from, &transaction, id, table)?;
    }
    drop(rows);
    transaction.commit()?;
    Ok((added, known))
}

const COLUMNS: &str =
    "seed, verdict, check_name, reason, event, unusual, events, end_ns, digest, took, difference";

fn copy_runs(
    from: &Connection,
    into: &Connection,
    old: i64,
    new: i64,
) -> rusqlite::Result<(u64, u64)> {
    let mut read = from.prepare(&format!("SELECT {COLUMNS} FROM runs WHERE in_table = ?1"))?;
    let mut write = into.prepare(&format!(
        "INSERT OR IGNORE INTO runs (in_table, {COLUMNS}) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"
    ))?;
    let (mut added, mut known) = (0, 0);
    let mut rows = read.query([old])?;
    while let Some(row) = rows.next()? {
        write.raw_bind_parameter(1, new)?;
        for column in 0..11 {
            write.raw_bind_parameter(column + 2, row.get::<_, Value>(column)?)?;
        }
        match write.raw_execute()? {
            0 => known += 1,
            _ => added += 1,
        }
    }
    Ok((added, known))
}

fn copy_sights(from: &Connection, into: &Connection, old: i64, new: i64) -> rusqlite::Result<()> {
    let mut read = from.prepare("SELECT what, name, first_seed FROM sights WHERE in_table = ?1")?;
    let mut write = into.prepare(
        "INSERT INTO sights (in_table, what, name, first_seed) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT DO UPDATE SET first_seed = min(first_seed, excluded.first_seed)",
    )?;
    let mut rows = read.query([old])?;
    while let Some(row) = rows.next()? {
        let (what, name): (String, String) = (row.get(0)?, row.get(1)?);
        write.execute(params![new, what, name, row.get::<_, i64>(2)?])?;
    }
    Ok(())
}
