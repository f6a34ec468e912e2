use crate::engine::Outcome;
use crate::scenario::{Expected, Synopsis};

/// So many runs have to show once at least what can happen.
pub const ENOUGH_RUNS: u64 = 1_000;

/// What came to pass in the runs of a scenario, to tell a sweep that held from
/// one in which nothing was put to the test: how often each fault struck, each
/// share of the network took its part, and each `Sometimes` held.
///
/// ```
/// # use rehearsal_sim::{Coverage, Options, Protocol, Scenario, run};
/// # fn sweep<P: Protocol>(scenario: &Scenario<P>) {
/// let mut coverage = Coverage::of(&scenario.synopsis());
/// for seed in 0..1_000 {
///     coverage.add(&run(scenario, Options::seed(seed)));
/// }
/// assert!(!coverage.is_vacuous(), "never: {:?}", coverage.never().collect::<Vec<_>>());
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    runs: u64,
    faults: Vec<Seen>,
    network: [Option<Seen>; 4],
    /// One for each line of `expect`; none where it is no `Sometimes`.
    sometimes: Vec<Option<Seen>>,
}

/// Something that can happen, and in how many runs it did.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen {
    what: String,
    runs: u64,
}

impl Seen {
    fn never(what: &impl ToString) -> Self {
        Self { what: what.to_string(), runs: 0 }
    }
}

impl Coverage {
    /// Nothing has run yet.
    #[must_use]
    pub fn of(synopsis: &Synopsis) -> Self {
        let network = &synopsis.network;
        let share = |name: &str, ratio: crate::source::Ratio| {
            (!ratio.is_never()).then(|| Seen::never(&format!("{name} {ratio}")))
        };
        let reorder = network.reorder.map(|reorder| reorder.share).unwrap_or_default();
        let sometimes = |line: &Expected| line.is_sometimes.then(|| Seen::never(&line.text));
        Self {
            runs: 0,
            faults: synopsis.faults.iter().map(Seen::never).collect(),
            network: [
                share("loss", network.loss),
                share("corrupt", network.corrupt),
                share("duplicate", network.duplicate),
                share("reorder", reorder),
            ],
            sometimes: synopsis.expect.iter().map(sometimes).collect(),
        }
    }

    /// One more run of the same scenario.
    pub fn add(&mut self, outcome: &Outcome) {
        self.runs += 1;
        for (fault, strikes) in self.faults.iter_mut().zip(&outcome.strikes) {
            fault.runs += u64::from(*strikes > 0);
        }
        let happened = outcome.happened;
        let counts = [happened.lost, happened.corrupted, happened.duplicated, happened.reordered];
        for (share, count) in self.network.iter_mut().zip(counts) {
            if let Some(share) = share {
                share.runs += u64::from(count > 0);
            }
        }
        for (sometimes, since) in self.sometimes.iter_mut().zip(&outcome.since) {
            if let Some(sometimes) = sometimes {
                sometimes.runs += u64::from(since.is_some());
            }
        }
    }

    /// What could have happened, and did in none of the runs.
    pub fn never(&self) -> impl Iterator<Item = &str> {
        let others = self.network.iter().chain(&self.sometimes).flatten();
        let all = self.faults.iter().chain(others);
        all.filter(|seen| seen.runs == 0).map(|seen| seen.what.as_str())
    }

    /// Did something never happen, in enough runs ([`ENOUGH_RUNS`]) for it to
    /// count? Of fewer runs it is only to be told.
    #[must_use]
    pub fn is_vacuous(&self) -> bool {
        self.is_vacuous_after(ENOUGH_RUNS)
    }

    /// The same, where another number of runs is enough.
    #[must_use]
    pub fn is_vacuous_after(&self, enough: u64) -> bool {
        self.runs >= enough && self.never().next().is_some()
    }
}
