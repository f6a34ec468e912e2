//! Whole runs side by side, on threads. What comes of it is the same for any number
//! of them.

use std::num::NonZeroUsize;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// One job for each core.
pub(crate) fn all_cores() -> NonZeroUsize {
    thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// The first of so many attempts that succeeds, and what it gives. They are made side
/// by side; an attempt after one that has succeeded is not begun. The
/// result is the same for any number of jobs.
pub(crate) fn first<T: Send>(
    attempts: usize,
    jobs: NonZeroUsize,
    attempt: &(impl Fn(usize) -> Option<T> + Sync),
) -> Option<(usize, T)> {
    first_by(attempts, jobs, &|| (), &|(), place| attempt(place))
}

/// The same, where each thread has something of its own for its attempts.
pub(crate) fn first_by<S, T: Send>(
    attempts: usize,
    jobs: NonZeroUsize,
    own: &(impl Fn() -> S + Sync),
    attempt: &(impl Fn(&mut S, usize) -> Option<T> + Sync),
) -> Option<(usize, T)> {
    let jobs = jobs.get().min(attempts);
    if jobs <= 1 {
        let mut own = own();
        return (0..attempts).find_map(|place| Some((place, attempt(&mut own, place)?)));
    }
    let next = AtomicUsize::new(0);
    let bound = AtomicUsize::new(attempts);
    let best: Mutex<Option<(usize, T)>> = Mutex::new(None);
    thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                let mut own = own();
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    if place >= bound.load(Ordering::Relaxed) {
                        return;
                    }
                    let Some(found) = attempt(&mut own, place) else { continue };
                    bound.fetch_min(place, Ordering::Relaxed);
                    // Nothing panics while it is locked.
                    let mut best = best.lock().unwrap_or_else(PoisonError::into_inner);
                    if best.as_ref().is_none_or(|(other, _)| place < *other) {
                        *best = Some((place, found));
                    }
                }
            });
        }
    });
    best.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// What each of so many works gives, in their order. They are done side by side.
pub(crate) fn map<T: Send>(
    works: usize,
    jobs: NonZeroUsize,
    work: &(impl Fn(usize) -> T + Sync),
) -> Vec<T> {
    let jobs = jobs.get().min(works);
    if jobs <= 1 {
        return (0..works).map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let share = || {
        let mut done = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            if place >= works {
                return done;
            }
            done.push((place, work(place)));
        }
    };
    let mut all = thread::scope(|scope| {
        let threads: Vec<_> = (0..jobs).map(|_| scope.spawn(share)).collect();
        let mut all = Vec::with_capacity(works);
        for thread in threads {
            match thread.join() {
                Ok(done) => all.extend(done),
                Err(panic) => resume_unwind(panic),
            }
        }
        all
    });
    all.sort_unstable_by_key(|(place, _)| *place);
    all.into_iter().map(|(_, done)| done).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicBool;

    #[test]
    fn an_earlier_success_counts_even_if_it_comes_later() {
        let has_begun = AtomicBool::new(false);
        let attempt = |place| {
            if place == 0 {
                // The other one has all the time it needs to be the first that is done.
                while !has_begun.load(Ordering::Acquire) {
                    thread::yield_now();
                }
                (0..10_000).for_each(|_| thread::yield_now());
            }
            has_begun.store(true, Ordering::Release);
            Some(place)
        };
        let jobs = NonZeroUsize::new(2).expect("not 0");
        assert_eq!(first(2, jobs, &attempt), Some((0, 0)));
    }

    #[test]
    fn what_is_done_side_by_side_comes_in_order() {
        for jobs in 1..5 {
            let jobs = NonZeroUsize::new(jobs).expect("not 0");
            assert_eq!(
                map(50, jobs, &|place| place * 3),
                (0..50).map(|n| n * 3).collect::<Vec<_>>()
            );
            assert!(map(0, jobs, &|place| place).is_empty());
        }
    }

    #[test]
    fn the_first_success_counts_for_any_number_of_jobs() {
        for jobs in 1..9 {
            let jobs = NonZeroUsize::new(jobs).expect("not 0");
            for successes in [&[][..], &[0], &[9], &[3, 4, 5], &[7, 2, 9]] {
                let expected = successes.iter().min().map(|place| (*place, *place * 2));
                let attempt = |place| successes.contains(&place).then_some(place * 2);
                assert_eq!(first(10, jobs, &attempt), expected, "{jobs} jobs");
            }
        }
    }
}
