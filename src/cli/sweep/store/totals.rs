use rehearsal_sim::Fingerprint;
use rusqlite::{Connection, Params, Row, params};

use super::{Store, failed, signed};
use crate::cli::CliError;
use crate::cli::sweep::shard::Seeds;

/// What a table says of some seeds.
#[derive(Debug, Default)]
pub(in crate::cli::sweep) struct Totals {
    pub(in crate::cli::sweep) runs: u64,
    pub(in crate::cli::sweep) held: u64,
    pub(in crate::cli::sweep) events: u64,
    /// Runs that were judged on safety alone.
    pub(in crate::cli::sweep) safety_alone: u64,
    /// Did any of the runs reach the planted bug?
    pub(in crate::cli::sweep) is_mutant_reached: bool,
    /// All runs of the table, those of other seeds included: what sights are of.
    pub(in crate::cli::sweep) table_runs: u64,
    /// Failures that have something in common, the most frequent first.
    pub(in crate::cli::sweep) groups: Vec<Group>,
    /// Seeds whose second run was another one, and where it parted; the first few.
    pub(in crate::cli::sweep) differing: Vec<(u64, String)>,
    pub(in crate::cli::sweep) differ: u64,
    /// What was seen, as `(what, name)`.
    pub(in crate::cli::sweep) sights: Vec<(String, String)>,
}

/// Failures with one fingerprint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli::sweep) struct Group {
    pub(in crate::cli::sweep) fingerprint: Fingerprint,
    pub(in crate::cli::sweep) runs: u64,
    /// The run with the fewest decisions and faults that are not the usual ones.
    pub(in crate::cli::sweep) seed: u64,
    pub(in crate::cli::sweep) unusual: Option<u64>,
}

/// So many seeds that differ are named.
const NAMED: u64 = 5;

impl Store {
    /// What is known of these seeds. The protocol's name is part of fingerprints.
    pub(in crate::cli::sweep) fn totals(
        &self,
        seeds: &Seeds,
        protocol: &str,
    ) -> Result<Totals, CliError> {
        self.read_totals(seeds, protocol).map_err(|error| failed(&self.path, &error))
    }

    fn read_totals(&self, seeds: &Seeds, protocol: &str) -> rusqlite::Result<Totals> {
        let (rest, of) = seeds.shard.remainder(seeds.range.start);
        // The same seeds in every statement: those of the range that are the shard's.
        let these = "in_table = ?1 AND seed >= ?2 AND seed < ?3 AND (seed % ?4) = ?5";
        let range = &seeds.range;
        let values =
            params![self.table, signed(range.start), signed(range.end), signed(of), signed(rest)];
        let sum = format!(
            "SELECT count(*), coalesce(sum(verdict = 'held'), 0), coalesce(sum(events), 0), \
             coalesce(sum(verdict = 'differs'), 0), coalesce(sum(safety_alone), 0), \
             coalesce(max(mutant_reached), 0) FROM runs WHERE {these}"
        );
        let mut totals = self.connection.query_row(&sum, values, |row| {
            let number = |place| row.get::<_, i64>(place).map(i64::unsigned_abs);
            let (runs, held, events, differ) = (number(0)?, number(1)?, number(2)?, number(3)?);
            let safety_alone = number(4)?;
            let is_mutant_reached = number(5)? > 0;
            Ok(Totals {
                runs,
                held,
                events,
                safety_alone,
                is_mutant_reached,
                differ,
                ..Totals::default()
            })
        })?;
        let all = "SELECT count(*) FROM runs WHERE in_table = ?1";
        let count = self.connection.query_row(all, [self.table], |row| row.get::<_, i64>(0))?;
        totals.table_runs = count.unsigned_abs();
        let groups = format!(
            "SELECT check_name, reason, event, runs, seed, unusual FROM ( \
                SELECT *, count(*) OVER alike AS runs, row_number() OVER best AS place \
                FROM runs WHERE {these} AND verdict <> 'held' AND check_name IS NOT NULL \
                WINDOW alike AS (PARTITION BY check_name, reason, event), \
                       best AS (PARTITION BY check_name, reason, event ORDER BY unusual, seed) \
             ) WHERE place = 1 ORDER BY runs DESC, check_name, reason, event"
        );
        totals.groups = list(&self.connection, &groups, values, |row| {
            let fingerprint = Fingerprint {
                protocol: protocol.to_owned(),
                check: row.get(0)?,
                reason: row.get(1)?,
                event: row.get(2)?,
            };
            let number = |place| row.get::<_, i64>(place).map(i64::unsigned_abs);
            let unusual = row.get::<_, Option<i64>>(5)?.map(i64::unsigned_abs);
            Ok(Group { fingerprint, runs: number(3)?, seed: number(4)?, unusual })
        })?;
        let differing = format!(
            "SELECT seed, difference FROM runs WHERE {these} AND verdict = 'differs' \
             ORDER BY seed LIMIT {NAMED}"
        );
        totals.differing = list(&self.connection, &differing, values, |row| {
            Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get(1)?))
        })?;
        totals.sights = self.read_sights()?;
        Ok(totals)
    }

    /// The sights of the table, as `(what, name)`.
    pub(in crate::cli::sweep) fn sights(&self) -> Result<Vec<(String, String)>, CliError> {
        self.read_sights().map_err(|error| failed(&self.path, &error))
    }

    fn read_sights(&self) -> rusqlite::Result<Vec<(String, String)>> {
        let sql = "SELECT what, name FROM sights WHERE in_table = ?1 ORDER BY what, name";
        list(&self.connection, sql, [self.table], |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// What runs of other tables of this scenario have covered, and none of this one.
    pub(in crate::cli::sweep) fn sights_elsewhere(
        &self,
        scenario: &str,
    ) -> Result<Vec<(String, String)>, CliError> {
        let sql = "SELECT DISTINCT what, name FROM sights JOIN tables ON in_table = id \
                   WHERE scenario = ?1 AND id <> ?2 AND what IN ('kind', 'role', 'step', 'mark') \
                   EXCEPT SELECT what, name FROM sights WHERE in_table = ?2 ORDER BY what, name";
        let seen = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let sights = list(&self.connection, sql, params![scenario, self.table], seen);
        sights.map_err(|error| failed(&self.path, &error))
    }

    /// Gives each run's times for the lines of `expect`, one after the other.
    pub(in crate::cli::sweep) fn each_took(
        &self,
        seeds: &Seeds,
        mut each: impl FnMut(&[Option<u64>]),
    ) -> Result<(), CliError> {
        let (rest, of) = seeds.shard.remainder(seeds.range.start);
        let sql = "SELECT took FROM runs WHERE in_table = ?1 AND seed >= ?2 AND seed < ?3 \
                   AND (seed % ?4) = ?5 AND took IS NOT NULL";
        let range = &seeds.range;
        let mut read = || {
            let mut statement = self.connection.prepare(sql)?;
            let mut rows = statement.query(params![
                self.table,
                signed(range.start),
                signed(range.end),
                signed(of),
                signed(rest)
            ])?;
            while let Some(row) = rows.next()? {
                let text: String = row.get(0)?;
                // A row that somebody has edited by hand is left out.
                if let Ok(took) = serde_json::from_str::<Vec<Option<u64>>>(&text) {
                    each(&took);
                }
            }
            Ok(())
        };
        read().map_err(|error| failed(&self.path, &error))
    }
}

fn list<T>(
    connection: &Connection,
    sql: &str,
    values: impl Params,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    connection.prepare(sql)?.query_map(values, read)?.collect()
}
