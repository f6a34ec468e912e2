#![expect(
    clippy::disallowed_types,
    reason = "how long a run takes in the computer's time decides whether it hangs, and nothing else"
)]

use std::any::Any;
use std::collections::VecDeque;
use std::mem::take;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rehearsal_sim::Outcome;
use rehearsal_sim::chance::Seed;
use rehearsal_sim::sweep::{Sweep, Swept};

use super::record::{Record, Verdict};
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
    /// When it has looked last for what threads keep.
    collected: Instant,
    /// Threads that were left behind.
    left: usize,
}

enum Message {
    Done(Vec<Record>),
    Panicked(Seed, Box<dyn Any + Send>),
    /// What came of a seed that took long, on another thread: of which worker.
    Checked(usize, Seed, Box<Outcome>),
}

/// What a pool has to tell.
pub(super) enum News {
    Records(Vec<Record>),
    /// Something other than a machine's step has panicked.
    Panic(Seed, Box<dyn Any + Send>),
    /// Nothing for a while.
    Nothing,
}

/// Messages that wait; a thread waits while there are more.
const WAITING: usize = 16;
/// A thread keeps its results this long, or so many, since a message for each costs as much as a
/// short run.
const KEPT: Duration = Duration::from_millis(5);
const MOST_KEPT: usize = 256;
/// What threads keep is taken from them this often, as they may be in a long run.
const EVERY: Duration = Duration::from_millis(20);

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
    /// What it has not sent yet.
    done: Vec<Record>,
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
            collected: Instant::now(),
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
        if self.collected.elapsed() >= EVERY {
            return self.collect();
        }
        match self.results.recv_timeout(within) {
            Ok(Message::Done(records)) => News::Records(records),
            Ok(Message::Panicked(seed, panic)) => News::Panic(seed, panic),
            Ok(Message::Checked(place, seed, outcome)) => self.checked(place, seed, *outcome),
            Err(RecvTimeoutError::Timeout) => self.collect(),
            Err(RecvTimeoutError::Disconnected) => unreachable!("this has a sender itself"),
        }
    }

    /// Everything that has ended, and was not told.
    pub(super) fn finished(&mut self) -> Vec<Record> {
        let sent = self.results.try_iter().filter_map(|message| match message {
            Message::Done(records) => Some(records),
            Message::Panicked(..) | Message::Checked(..) => None,
        });
        let sent: Vec<_> = sent.flatten().collect();
        sent.into_iter().chain(self.kept()).collect()
    }

    /// Takes the results that threads have not sent.
    fn collect(&mut self) -> News {
        self.collected = Instant::now();
        let kept = self.kept();
        if kept.is_empty() { News::Nothing } else { News::Records(kept) }
    }

    fn kept(&self) -> Vec<Record> {
        let workers = self.workers.iter();
        workers.flat_map(|worker| take(&mut locked(&worker.run).done)).collect()
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
        let mut records = {
            let mut run = locked(&self.workers[place].run);
            let is_still_there = run.seed.is_some_and(|(of, _)| of == seed);
            if !hangs || !is_still_there {
                return News::Nothing;
            }
            run.is_left = true;
            take(&mut run.done)
        };
        self.left += 1;
        self.workers[place] = self.worker();
        let synopsis = self.sweep.scenario().synopsis();
        records.push(Record::of(Swept::of_hanging(seed, outcome, synopsis), synopsis));
        News::Records(records)
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
    let mut sent = Instant::now();
    loop {
        let message = match next(queue, mine) {
            Next::Over => return,
            Next::Idle(records) => Message::Done(records),
            Next::Seed(seed) => match catch_unwind(AssertUnwindSafe(|| {
                Record::of(runner.run(seed), sweep.scenario().synopsis())
            })) {
                Err(panic) => {
                    locked(mine).seed = None;
                    Message::Panicked(seed, panic)
                }
                Ok(record) => {
                    let is_news = record.verdict != Verdict::Held;
                    let mut run = locked(mine);
                    run.seed = None;
                    run.done.push(record);
                    let is_full = run.done.len() >= MOST_KEPT || sent.elapsed() >= KEPT;
                    if !is_news && !is_full {
                        continue;
                    }
                    Message::Done(take(&mut run.done))
                }
            },
        };
        sent = Instant::now();
        if locked(mine).is_left || sender.send(message).is_err() {
            return;
        }
    }
}

/// What a thread does next.
enum Next {
    Seed(Seed),
    /// There is no seed at the moment, and these are not sent.
    Idle(Vec<Record>),
    /// The thread was left behind, or the pool is gone.
    Over,
}

/// Waits for a seed, if there is nothing to send.
fn next(queue: &Queue, mine: &Mutex<UnderWay>) -> Next {
    let mut seeds = locked(&queue.seeds);
    loop {
        let mut run = locked(mine);
        if run.is_left {
            return Next::Over;
        }
        if let Some(seed) = seeds.pop_front() {
            run.seed = Some((Seed(seed), Instant::now()));
            return Next::Seed(Seed(seed));
        }
        if !run.done.is_empty() {
            return Next::Idle(take(&mut run.done));
        }
        drop(run);
        seeds = queue.is_filled.wait(seeds).unwrap_or_else(PoisonError::into_inner);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing panics while one is locked.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
