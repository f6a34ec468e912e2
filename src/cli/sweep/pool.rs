#![expect(
    clippy::disallowed_types,
    reason = "how long a run takes in the computer's time decides whether it hangs, and nothing else"
)]

use std::any::Any;
use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rehearsal_sim::Outcome;
use rehearsal_sim::chance::Seed;
use rehearsal_sim::sweep::{Sweep, Swept};

use super::record::Record;
use crate::cli::show::run_watched;
use crate::cli::watchdog;

/// Threads that run seeds side by side, each one run at a time.
///
/// A machine that never returns cannot be stopped. So the threads are no part of a scope: one
/// whose run takes longer than a step may is left behind, if the same seed
/// hangs on another thread under the watchdog, and a new thread takes its place.
pub(super) struct Pool {
    sweep: Arc<Sweep>,
    queue: Arc<Queue>,
    workers: Vec<Worker>,
    sender: SyncSender<Message>,
    results: Receiver<Message>,
    limit: Duration,
    /// Threads that were left behind.
    left: usize,
}

enum Message {
    Done(Box<Record>),
    Panicked(Seed, Box<dyn Any + Send>),
    /// What came of a seed that took long, on another thread: of which worker.
    Checked(usize, Seed, Box<Outcome>),
}

/// What a pool has to tell.
pub(super) enum News {
    Record(Box<Record>),
    /// Something other than a machine's step has panicked.
    Panic(Seed, Box<dyn Any + Send>),
    /// Nothing for a while.
    Nothing,
}

/// Results that wait to be written; a thread waits while there are more.
const WAITING: usize = 1_024;

#[derive(Default)]
struct Queue {
    seeds: Mutex<VecDeque<u64>>,
    is_filled: Condvar,
}

struct Worker {
    run: Arc<Mutex<UnderWay>>,
    /// The seed whose run has taken long, and is looked into.
    checked: Option<Seed>,
}

/// What a thread is doing.
#[derive(Default)]
struct UnderWay {
    seed: Option<(Seed, Instant)>,
    /// Was it left behind? Then it ends without another word.
    is_left: bool,
}

impl Pool {
    pub(super) fn start(sweep: Sweep, jobs: NonZeroUsize, limit: Duration) -> Self {
        let (sender, results) = mpsc::sync_channel(WAITING);
        let queue = Arc::new(Queue::default());
        let mut pool = Self {
            sweep: Arc::new(sweep),
            queue,
            workers: Vec::new(),
            sender,
            results,
            limit,
            left: 0,
        };
        for _ in 0..jobs.get() {
            let worker = pool.worker();
            pool.workers.push(worker);
        }
        pool
    }

    /// Gives it more to do, behind what it has.
    pub(super) fn add(&self, seeds: impl IntoIterator<Item = u64>) {
        locked(&self.queue.seeds).extend(seeds);
        self.queue.is_filled.notify_all();
    }

    /// How many seeds nobody has begun yet.
    pub(super) fn waiting(&self) -> usize {
        locked(&self.queue.seeds).len()
    }

    /// Takes back what nobody has begun, and tells how many seeds that is.
    pub(super) fn clear(&self) -> u64 {
        let mut seeds = locked(&self.queue.seeds);
        let count = seeds.len() as u64;
        seeds.clear();
        count
    }

    /// How many threads were left behind with a machine that does not return.
    pub(super) fn left(&self) -> usize {
        self.left
    }

    /// The next news, or nothing after so long.
    pub(super) fn next(&mut self, within: Duration) -> News {
        self.look_for_long_runs();
        match self.results.recv_timeout(within) {
            Ok(Message::Done(record)) => News::Record(record),
            Ok(Message::Panicked(seed, panic)) => News::Panic(seed, panic),
            Ok(Message::Checked(place, seed, outcome)) => self.checked(place, seed, *outcome),
            Err(RecvTimeoutError::Timeout) => News::Nothing,
            Err(RecvTimeoutError::Disconnected) => unreachable!("this has a sender itself"),
        }
    }

    fn worker(&self) -> Worker {
        let run = Arc::new(Mutex::new(UnderWay::default()));
        let (sweep, queue) = (Arc::clone(&self.sweep), Arc::clone(&self.queue));
        let (mine, sender) = (Arc::clone(&run), self.sender.clone());
        watchdog::spawn("sweep", move || work(&sweep, &queue, &mine, &sender));
        Worker { run, checked: None }
    }

    /// Runs that take longer than a single step may are looked into: a run may have many steps.
    fn look_for_long_runs(&mut self) {
        for (place, worker) in self.workers.iter_mut().enumerate() {
            let Some((seed, since)) = locked(&worker.run).seed else { continue };
            if worker.checked == Some(seed) || since.elapsed() < self.limit {
                continue;
            }
            worker.checked = Some(seed);
            let (plan, sender) = (self.sweep.plan(seed, None), self.sender.clone());
            let limit = self.limit;
            watchdog::spawn("sweep: a run that takes long", move || {
                let options = rehearsal_sim::Options::plan(&plan);
                let outcome = run_watched(&plan.case, options, limit);
                let _ = sender.send(Message::Checked(place, seed, Box::new(outcome)));
            });
        }
    }

    fn checked(&mut self, place: usize, seed: Seed, outcome: Outcome) -> News {
        let hangs = outcome
            .failure
            .as_ref()
            .is_some_and(|failure| failure.check == rehearsal_sim::Check::Hangs);
        {
            let mut run = locked(&self.workers[place].run);
            let is_still_there = run.seed.is_some_and(|(of, _)| of == seed);
            if !hangs || !is_still_there {
                return News::Nothing;
            }
            run.is_left = true;
        }
        self.left += 1;
        self.workers[place] = self.worker();
        let synopsis = self.sweep.scenario().synopsis();
        News::Record(Box::new(Record::of(Swept::of_hanging(seed, outcome, synopsis), synopsis)))
    }
}

impl Drop for Pool {
    /// Threads end after the run that they have begun.
    fn drop(&mut self) {
        self.clear();
        // Under the lock with which a thread looks whether to wait.
        let _seeds = locked(&self.queue.seeds);
        for worker in &self.workers {
            locked(&worker.run).is_left = true;
        }
        self.queue.is_filled.notify_all();
    }
}

fn work(sweep: &Sweep, queue: &Queue, mine: &Mutex<UnderWay>, sender: &SyncSender<Message>) {
    let mut runner = sweep.runner();
    while let Some(seed) = next_seed(queue, mine) {
        let ran = catch_unwind(AssertUnwindSafe(|| runner.run(seed)));
        let message = match ran {
            Ok(swept) => Message::Done(Box::new(Record::of(swept, sweep.scenario().synopsis()))),
            Err(panic) => Message::Panicked(seed, panic),
        };
        let is_left = {
            let mut run = locked(mine);
            run.seed = None;
            run.is_left
        };
        if is_left || sender.send(message).is_err() {
            return;
        }
    }
}

/// Waits for a seed. None if there is nothing to wait for any more.
fn next_seed(queue: &Queue, mine: &Mutex<UnderWay>) -> Option<Seed> {
    let mut seeds = locked(&queue.seeds);
    loop {
        let mut run = locked(mine);
        if run.is_left {
            return None;
        }
        if let Some(seed) = seeds.pop_front() {
            run.seed = Some((Seed(seed), Instant::now()));
            return Some(Seed(seed));
        }
        drop(run);
        seeds = queue.is_filled.wait(seeds).unwrap_or_else(PoisonError::into_inner);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing panics while one is locked.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
