#![expect(
    clippy::disallowed_types,
    reason = "`--for`, and how often results are written, are about the computer's own time"
)]

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use rehearsal_sim::chance::Seed;
use rehearsal_sim::sweep::{BLOCK, Sight, Sweep, What};
use serde_json::json;

use super::pool::{News, Pool};
use super::progress::Progress;
use super::record::{Record, Verdict};
use super::shard::{LAST_SEED, Seeds};
use super::store::Store;
use crate::cli::words::counted;
use crate::cli::{CliError, Console, signals};

/// A sweep and where its results go.
pub(super) struct Sweeping {
    pub(super) store: Store,
    pub(super) seeds: Seeds,
    pub(super) sweep: Sweep,
    /// Is each run printed as it ends?
    pub(super) jsonl: bool,
}

/// What ends a sweep before its last seed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Until {
    pub(super) time: Option<Duration>,
    pub(super) failures: Option<u64>,
    /// So many runs that cover nothing new.
    pub(super) plateau: Option<u64>,
}

/// Seeds that wait for a thread, at most.
const QUEUED: usize = 4_096;
/// The database is asked for so many seeds at a time.
const CHUNK: u64 = 1_024;
/// For each job, so many threads with machines that do not return may be left behind.
const MOST_LEFT: usize = 4;
/// Finished runs are written to the database this often. A process that is killed loses a few times
/// as much, since threads keep their results for a moment, too.
const EVERY: Duration = Duration::from_millis(20);

impl Sweeping {
    pub(super) fn new(store: Store, seeds: Seeds, sweep: Sweep, jsonl: bool) -> Self {
        Self { store, seeds, sweep, jsonl }
    }

    /// Runs what is not done yet. Tells whether it was interrupted.
    pub(super) fn run(
        &mut self,
        jobs: NonZeroUsize,
        step_limit: Duration,
        until: Until,
        console: &mut Console<'_>,
    ) -> Result<bool, CliError> {
        let begun = Instant::now();
        let before = self.store.totals(&self.seeds, "")?;
        let mut failures = before.runs - before.held;
        let whole = (self.seeds.range.end < LAST_SEED).then(|| self.seeds.count());
        if before.runs > 0 && whole != Some(before.runs) {
            let done = counted(before.runs, "run");
            console.complain(&format!("{done} are done already: going on"));
        }
        let mut progress = Progress::new(whole, before.runs);
        let interrupted = signals::flag()?;
        let mut pool = Pool::start(self.sweep.clone(), jobs, step_limit);
        let mut next = self.seeds.range.start;
        let (mut missing, mut batch) = (0_u64, Vec::new());
        let mut written = Instant::now();
        let mut known: BTreeSet<_> = self.store.sights()?.into_iter().collect();
        let mut without_news = 0;
        // Where a result may end it, few seeds wait, so that few more are begun.
        let is_bounded = until.failures.is_some() || until.plateau.is_some();
        let is_guided = self.sweep.is_guided();
        let queued = if is_bounded { jobs.get() } else { QUEUED };
        let chunk = match (is_guided, is_bounded) {
            (true, _) => BLOCK,
            (false, true) => jobs.get() as u64,
            (false, false) => CHUNK,
        };
        let is_enough = |failures| until.failures.is_some_and(|enough| failures >= enough);
        let mut is_over = is_enough(failures);
        loop {
            // One chunk at a time, so that an interruption and the clock are looked at in between.
            let mut is_skipping = false;
            // What a guided block runs depends on all earlier ones.
            let has_room = if is_guided { missing == 0 } else { pool.waiting() < queued };
            if !is_over && has_room && next < self.seeds.range.end {
                self.keep_before(next)?;
                let part = next..next.saturating_add(chunk).min(self.seeds.range.end);
                let done = self.store.done(&part)?;
                let mine = self.seeds.within(part.clone());
                let todo: Vec<_> = mine.filter(|seed| done.binary_search(seed).is_err()).collect();
                missing += todo.len() as u64;
                let is_short = !is_guided && pool.waiting() + todo.len() < queued;
                is_skipping = todo.is_empty() || is_short;
                pool.add(todo);
                next = part.end;
                is_skipping &= next < self.seeds.range.end;
            }
            if missing == 0 && !is_skipping {
                break;
            }
            match pool.next(if is_skipping { Duration::ZERO } else { EVERY }) {
                News::Records(records) => {
                    let mut is_news = |sight: &Sight| {
                        matches!(sight.what, What::Step | What::Mark)
                            && known.insert((sight.what.to_string(), sight.name.clone()))
                    };
                    for record in records {
                        missing -= 1;
                        let news = record.sights.iter().filter(|sight| is_news(sight)).count();
                        without_news = if news > 0 { 0 } else { without_news + 1 };
                        failures += u64::from(record.verdict != Verdict::Held);
                        // What it would have shown is not known, and later blocks depend on it.
                        is_over |= is_guided && record.digest.is_none();
                        batch.push(record);
                    }
                }
                News::Panic(seed, panic) => {
                    self.add(&batch, console)?;
                    progress.end();
                    console.complain(&format!("seed {seed}:"));
                    std::panic::resume_unwind(panic);
                }
                News::Nothing => {}
            }
            if written.elapsed() >= EVERY || missing == 0 {
                self.add(&batch, console)?;
                progress.add(batch.len() as u64, failures, console);
                batch.clear();
                written = Instant::now();
            }
            let is_interrupted = interrupted.load(Ordering::Relaxed);
            let is_late = until.time.is_some_and(|time| begun.elapsed() >= time);
            let is_plateau = until.plateau.is_some_and(|most| without_news >= most);
            let is_hanging = pool.left() > MOST_LEFT * jobs.get();
            if is_hanging && !is_over {
                console.complain("no more seeds are begun: too many runs hang, each on a thread that cannot be stopped");
            }
            if is_interrupted || is_late || is_plateau || is_hanging || is_enough(failures) {
                is_over = true;
                missing -= pool.clear();
            }
            // Runs that have begun are waited for, unless a person wants to go.
            if is_interrupted {
                batch.extend(pool.finished());
                break;
            }
        }
        self.add(&batch, console)?;
        progress.end();
        self.keep_before(self.seeds.range.end)?;
        Ok(interrupted.load(Ordering::Relaxed))
    }

    /// Tells a guided sweep which runs before this seed it varies.
    fn keep_before(&self, seed: u64) -> Result<(), CliError> {
        if self.sweep.is_guided() {
            self.sweep.keep(self.store.reached(seed)?.into_iter().map(Seed));
        }
        Ok(())
    }

    /// Keeps these.
    fn add(&mut self, records: &[Record], console: &mut Console<'_>) -> Result<(), CliError> {
        if records.is_empty() {
            return Ok(());
        }
        self.store.add(records)?;
        if self.jsonl {
            let lines: String = records.iter().map(json_line).collect();
            console.print(&lines)?;
        }
        Ok(())
    }
}

/// A run as an object in one line.
fn json_line(record: &Record) -> String {
    let digest = record.digest.map(|digest| blake3::Hash::from_bytes(digest).to_hex().to_string());
    let fingerprint = record.fingerprint.as_ref();
    let line = json!({
        "seed": record.seed,
        "verdict": record.verdict.name(),
        "check": fingerprint.map(|of| &of.check),
        "reason": fingerprint.map(|of| &of.reason),
        "event": fingerprint.map(|of| &of.event),
        "unusual": record.unusual,
        "events": record.events,
        "end_ns": record.end_ns,
        "digest": digest,
        "difference": record.difference,
    });
    format!("{line}\n")
}
