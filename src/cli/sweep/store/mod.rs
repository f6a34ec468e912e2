//! The results of sweeps, in one SQLite file beside the scenario.
//!
//! A *table* of results belongs to one scenario text, one program and one set of options: a
//! run depends on nothing else, or in a guided sweep on earlier rows of the same table. Where one of them has changed, a sweep begins another table in
//! the same file, and the earlier ones stay. Rows are only ever added, many in a
//! transaction, so that a process that is killed leaves whole rows, and the same sweep goes
//! on where it ended. A row says nothing of when or where it was made: shards
//! that are merged are the same rows as the whole.

mod identity;
mod merge;
mod open;
mod totals;

use std::collections::BTreeMap;
use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};

use rehearsal_sim::sweep::{Sight, What};
use rusqlite::{Connection, params};

use super::record::Record;
use crate::cli::CliError;

pub(super) use identity::{Identity, name_of};
pub(super) use merge::merge;
pub(super) use totals::{Group, Totals};

/// An open file of results, with the table that a sweep adds to.
pub(super) struct Store {
    path: PathBuf,
    // Before the lock: the connection is closed first.
    connection: Connection,
    table: i64,
    /// The lowest seed that has shown each sight, as far as this process has said it.
    sights: BTreeMap<Sight, u64>,
    _lock: File,
}

impl Store {
    /// Opens the file, or creates it, and finds the table.
    pub(super) fn open(path: &Path, identity: &Identity) -> Result<Self, CliError> {
        let lock = open::lock(path)?;
        let connection = open::connection(path)?;
        let table = open::table(&connection, identity).map_err(|error| failed(path, &error))?;
        let path = path.to_owned();
        Ok(Self { path, connection, table, sights: BTreeMap::new(), _lock: lock })
    }

    /// How many runs other tables of this scenario have, because the scenario, the program
    /// or the options were other ones.
    pub(super) fn runs_elsewhere(&self, identity: &Identity) -> Result<u64, CliError> {
        let sql = "SELECT count(*) FROM runs JOIN tables ON runs.in_table = tables.id \
                   WHERE tables.id <> ?1 AND tables.scenario = ?2 AND tables.options = ?3";
        let values = params![self.table, identity.scenario, identity.options];
        let count = self.connection.query_row(sql, values, |row| row.get::<_, i64>(0));
        Ok(count.map_err(|error| failed(&self.path, &error))?.unsigned_abs())
    }

    /// The seeds of this range that are done, in order. Whether a run hangs depends on the computer and
    /// on the limit of a step, so such a seed is not done.
    pub(super) fn done(&self, range: &Range<u64>) -> Result<Vec<u64>, CliError> {
        let sql = "SELECT seed FROM runs WHERE in_table = ?1 AND seed >= ?2 AND seed < ?3 \
                   AND check_name IS NOT 'hangs' ORDER BY seed";
        let list = || -> rusqlite::Result<Vec<u64>> {
            let mut statement = self.connection.prepare_cached(sql)?;
            let values = params![self.table, signed(range.start), signed(range.end)];
            let seeds = statement.query_map(values, |row| row.get::<_, i64>(0))?;
            seeds.map(|seed| seed.map(i64::unsigned_abs)).collect()
        };
        list().map_err(|error| failed(&self.path, &error))
    }

    /// The seeds before this one whose runs were the first to show a step or a mark.
    pub(super) fn reached(&self, before: u64) -> Result<Vec<u64>, CliError> {
        let sql = "SELECT DISTINCT first_seed FROM sights WHERE in_table = ?1 \
                   AND what IN (?2, ?3) AND first_seed < ?4 ORDER BY first_seed";
        let list = || -> rusqlite::Result<Vec<u64>> {
            let mut statement = self.connection.prepare_cached(sql)?;
            let [step, mark] = [What::Step, What::Mark].map(|what| what.to_string());
            let values = params![self.table, step, mark, signed(before)];
            let seeds = statement.query_map(values, |row| row.get::<_, i64>(0))?;
            seeds.map(|seed| seed.map(i64::unsigned_abs)).collect()
        };
        list().map_err(|error| failed(&self.path, &error))
    }

    /// Adds these, all of them or none.
    pub(super) fn add(&mut self, records: &[Record]) -> Result<(), CliError> {
        self.insert(records).map_err(|error| failed(&self.path, &error))
    }

    fn insert(&mut self, records: &[Record]) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction()?;
        for record in records {
            insert_run(&transaction, self.table, record)?;
            for sight in &record.sights {
                let is_news = self.sights.get(sight).is_none_or(|seed| record.seed < *seed);
                if is_news {
                    insert_sight(&transaction, self.table, sight, record.seed)?;
                    self.sights.insert(sight.clone(), record.seed);
                }
            }
        }
        transaction.commit()
    }
}

fn insert_run(connection: &Connection, table: i64, record: &Record) -> rusqlite::Result<()> {
    let sql = "INSERT OR IGNORE INTO runs \
               (in_table, seed, verdict, check_name, reason, event, unusual, events, end_ns, digest, coverage, safety_alone, \
               mutant_reached, took, difference) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
    let hung = "DELETE FROM runs WHERE in_table = ?1 AND seed = ?2 AND check_name = 'hangs'";
    connection.prepare_cached(hung)?.execute(params![table, signed(record.seed)])?;
    let fingerprint = record.fingerprint.as_ref();
    let took = record.took.iter().any(Option::is_some);
    connection.prepare_cached(sql)?.execute(params![
        table,
        signed(record.seed),
        record.verdict.name(),
        fingerprint.map(|of| &of.check),
        fingerprint.map(|of| &of.reason),
        fingerprint.map(|of| &of.event),
        record.unusual.map(signed),
        signed(record.events),
        signed(record.end_ns),
        record.digest.as_ref().map(<[u8; 32]>::as_slice),
        record.coverage.map(signed),
        record.is_safety_alone,
        record.mutant_reached,
        took.then(|| serde_json::json!(record.took).to_string()),
        record.difference,
    ])?;
    Ok(())
}

fn insert_sight(
    connection: &Connection,
    table: i64,
    sight: &Sight,
    seed: u64,
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO sights (in_table, what, name, first_seed) VALUES (?1, ?2, ?3, ?4) \
               ON CONFLICT DO UPDATE SET first_seed = min(first_seed, excluded.first_seed)";
    let values = params![table, sight.what.to_string(), sight.name, signed(seed)];
    connection.prepare_cached(sql)?.execute(values)?;
    Ok(())
}

/// SQLite's numbers have a sign. Seeds are refused where they are larger, and nothing else that
/// is counted comes near.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The file could not be read or written.
fn failed(path: &Path, error: &rusqlite::Error) -> CliError {
    use rusqlite::ErrorCode;
    let path = path.display();
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => CliError::bad_input(format!(
            "{path}: this is no database of results, or it is damaged: move it away, or name \
             another file with `--database`"
        )),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => CliError::usage(format!(
            "{path}: another program has it open: wait for it, or name another file with \
             `--database`"
        )),
        Some(ErrorCode::DiskFull) => CliError::usage(format!(
            "cannot write {path}: the disk is full (what was written before is kept: make room, \
             and run the same command again)"
        )),
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            CliError::usage(format!(
                "cannot write {path}: {error} (name a file in another folder with `--database`)"
            ))
        }
        _ => CliError::usage(format!("cannot write {path}: {error}")),
    }
}
