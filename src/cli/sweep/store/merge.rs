use std::path::{Path, PathBuf};

use rusqlite::types::Value;
use rusqlite::{Connection, params};

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
        let from = open::source(file)?;
        let (runs, known, other) =
            add(&mut connection, &from).map_err(|error| failed(file, &error))?;
        if let Some(seed) = other {
            return Err(CliError::contradiction(&format!(
                "{}: seed {seed} has another result than in {}, though scenario, program and options \
                 are the same: the protocol is not deterministic",
                file.display(),
                into.display()
            )));
        }
        merged.files += 1;
        merged.runs += runs;
        merged.known += known;
    }
    Ok(merged)
}

/// How many runs are new, how many were known, and a seed of which something else was known; then
/// nothing is added.
fn add(into: &mut Connection, from: &Connection) -> rusqlite::Result<(u64, u64, Option<i64>)> {
    // One state of the source, also if a sweep adds to it meanwhile.
    let source = from.unchecked_transaction()?;
    let transaction = into.transaction()?;
    let (mut added, mut known) = (0, 0);
    let mut tables = source.prepare(
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
        let (new, old, other) = copy_runs(&source, &transaction, id, table)?;
        if other.is_some() {
            return Ok((0, 0, other));
        }
        added += new;
        known += old;
        copy_sights(&source, &transaction, id, table)?;
    }
    drop(rows);
    drop(tables);
    transaction.commit()?;
    Ok((added, known, None))
}

const COLUMN_COUNT: usize = 14;
const COLUMNS: &str = "seed, verdict, check_name, reason, event, unusual, events, end_ns, digest, coverage, \
                       safety_alone, mutant_reached, took, difference";

fn copy_runs(
    from: &Connection,
    into: &Connection,
    old: i64,
    new: i64,
) -> rusqlite::Result<(u64, u64, Option<i64>)> {
    let mut read = from.prepare(&format!("SELECT {COLUMNS} FROM runs WHERE in_table = ?1"))?;
    let mut write = into.prepare(&format!(
        "INSERT OR IGNORE INTO runs (in_table, {COLUMNS}) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)"
    ))?;
    // Whether a run hangs depends on the computer, so that such a row gives way.
    let mut give_way = into.prepare(
        "DELETE FROM runs WHERE in_table = ?1 AND seed = ?2 AND check_name = 'hangs' AND ?3 IS NOT 'hangs'",
    )?;
    let mut compare = into.prepare(
        "SELECT verdict IS ?3 AND digest IS ?4 OR ?5 IS 'hangs' FROM runs WHERE in_table = ?1 AND seed = ?2",
    )?;
    let (mut added, mut known) = (0, 0);
    let mut rows = read.query([old])?;
    while let Some(row) = rows.next()? {
        let (seed, check): (i64, Value) = (row.get(0)?, row.get(2)?);
        give_way.execute(params![new, seed, check])?;
        write.raw_bind_parameter(1, new)?;
        for column in 0..COLUMN_COUNT {
            write.raw_bind_parameter(column + 2, row.get::<_, Value>(column)?)?;
        }
        if write.raw_execute()? > 0 {
            added += 1;
            continue;
        }
        known += 1;
        let (verdict, digest): (Value, Value) = (row.get(1)?, row.get(8)?);
        let values = params![new, seed, verdict, digest, check];
        if !compare.query_row(values, |row| row.get::<_, bool>(0))? {
            return Ok((0, 0, Some(seed)));
        }
    }
    Ok((added, known, None))
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
