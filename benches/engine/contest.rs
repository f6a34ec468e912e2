use std::time::Duration;

/// One workload, and everybody who can do it.
pub(crate) struct Contest {
    /// What it is, and what an event of it is.
    pub(crate) name: &'static str,
    pub(crate) nodes: u32,
    pub(crate) lanes: Vec<Lane>,
    /// How fast the engine has to be, as a multiple of the speed of what it is
    /// compared with: the heap, or a run of which nothing is expected.
    pub(crate) required: Option<f64>,
}

/// One contestant.
pub(crate) struct Lane {
    pub(crate) who: Who,
    run: Box<dyn FnMut() -> Timed>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// The engine, verdict only.
    Ours,
    /// The engine, with the digest.
    Digest,
    /// The engine, of a run of which nothing is expected.
    Unwatched,
    /// A binary heap in a bare loop.
    Heap,
    /// A wheel of buckets in a bare loop.
    Wheel,
}

/// So many events took so long.
#[derive(Clone, Copy)]
pub(crate) struct Timed {
    pub(crate) time: Duration,
    pub(crate) events: u64,
}

/// What came of one contestant's rounds, in nanoseconds per event.
#[derive(Clone)]
pub(crate) struct Rounds(Vec<f64>);

/// The middle of some figures, the least and the greatest.
#[derive(Clone, Copy)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

impl Contest {
    pub(crate) fn new(name: &'static str, nodes: u32) -> Self {
        Self { name, nodes, lanes: Vec::new(), required: None }
    }

    pub(crate) fn lane(mut self, who: Who, run: impl FnMut() -> Timed + 'static) -> Self {
        self.lanes.push(Lane { who, run: Box::new(run) });
        self
    }

    pub(crate) fn required(mut self, ratio: f64) -> Self {
        self.required = Some(ratio);
        self
    }

    /// Everybody in turn, round after round, after one that does not count.
    pub(crate) fn hold(&mut self, rounds: usize) -> Vec<(Who, Rounds)> {
        let mut results: Vec<_> =
            self.lanes.iter().map(|lane| (lane.who, Rounds(Vec::new()))).collect();
        for round in 0..=rounds {
            for (lane, (_, result)) in self.lanes.iter_mut().zip(&mut results) {
                let timed = lane.run();
                if round > 0 {
                    result.0.push(timed.nanos_per_event());
                }
            }
        }
        results
    }
}

impl Lane {
    pub(crate) fn run(&mut self) -> Timed {
        (self.run)()
    }
}

impl Timed {
    #[expect(clippy::cast_precision_loss, reason = "a few million events")]
    fn nanos_per_event(self) -> f64 {
        self.time.as_secs_f64() * 1e9 / self.events as f64
    }
}

impl Rounds {
    pub(crate) fn spread(&self) -> Spread {
        Spread::of(self.0.clone())
    }

    /// How many times faster the other one was, round by round.
    pub(crate) fn over(&self, other: &Self) -> Spread {
        Spread::of(self.0.iter().zip(&other.0).map(|(mine, theirs)| mine / theirs).collect())
    }
}

impl Spread {
    pub(crate) fn of(mut figures: Vec<f64>) -> Self {
        figures.sort_by(f64::total_cmp);
        let median = figures[figures.len() / 2];
        Self { median, least: figures[0], most: figures[figures.len() - 1] }
    }
}
