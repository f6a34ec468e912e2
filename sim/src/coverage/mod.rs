mod shape;

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::Outcome;
use crate::scenario::{Expected, Synopsis};
pub use shape::{EffectKind, InputKind, Seen, StepShape};

/// So many runs have to show once at least what can happen.
pub const ENOUGH_RUNS: u64 = 1_000;

/// What came to pass in the runs of a scenario, to tell a sweep that held from
/// one in which nothing was put to the test: how often each fault struck, each
/// share of the network took its part, and each `Sometimes` held.
///
/// Nobody lists beforehand which kinds of messages, roles, steps and marks a
/// protocol has, so of those it tells only in how many runs each one came, and
/// none is ever missing. Roles, steps and marks are those of runs whose coverage was
/// collected ([`Options::coverage`](crate::Options::coverage)).
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
    faults: Vec<Possible>,
    network: [Option<Possible>; 4],
    /// One for each line of `expect`; none where it is no `Sometimes`.
    sometimes: Vec<Option<Possible>>,
    /// In how many runs each of these came.
    sent: BTreeMap<&'static str, u64>,
    roles: BTreeMap<char, u64>,
    steps: BTreeMap<StepShape, u64>,
    marks: BTreeMap<&'static str, u64>,
}

/// Something that can happen, and in how many runs it did.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Possible {
    what: String,
    runs: u64,
}

impl Possible {
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
            (!ratio.is_never()).then(|| Possible::never(&format!("{name} {ratio}")))
        };
        let reorder = network.reorder.map(|reorder| reorder.share).unwrap_or_default();
        let sometimes = |line: &Expected| line.is_sometimes.then(|| Possible::never(&line.text));
        Self {
            runs: 0,
            faults: synopsis.faults.iter().map(Possible::never).collect(),
            network: [
                share("loss", network.loss),
                share("corrupt", network.corrupt),
                share("duplicate", network.duplicate),
                share("reorder", reorder),
            ],
            sometimes: synopsis.expect.iter().map(sometimes).collect(),
            sent: BTreeMap::new(),
            roles: BTreeMap::new(),
            steps: BTreeMap::new(),
            marks: BTreeMap::new(),
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
        for (kind, _) in &outcome.tally.sent {
            *self.sent.entry(kind).or_default() += 1;
        }
        if let Some(Seen { steps, marks }) = &outcome.seen {
            // Only a step gives a node a role.
            for role in steps.iter().map(StepShape::after).collect::<BTreeSet<_>>() {
                *self.roles.entry(role).or_default() += 1;
            }
            for step in steps {
                match self.steps.get_mut(step) {
                    Some(runs) => *runs += 1,
                    None => drop(self.steps.insert(step.clone(), 1)),
                }
            }
            for mark in marks {
                *self.marks.entry(mark).or_default() += 1;
            }
        }
    }

    /// The runs of another set, too, which are of the same scenario: as if they had
    /// been added here one by one, in any order.
    pub fn merge(&mut self, other: &Self) {
        self.runs += other.runs;
        let others = other.network.iter().chain(&other.sometimes).flatten();
        let all = self.network.iter_mut().chain(&mut self.sometimes).flatten();
        let pairs = self.faults.iter_mut().zip(&other.faults).chain(all.zip(others));
        for (mine, theirs) in pairs {
            mine.runs += theirs.runs;
        }
        add_all(&mut self.sent, &other.sent);
        add_all(&mut self.roles, &other.roles);
        add_all(&mut self.steps, &other.steps);
        add_all(&mut self.marks, &other.marks);
    }

    /// How many runs there were.
    #[must_use]
    pub fn runs(&self) -> u64 {
        self.runs
    }

    /// The kinds of messages that were sent, and in how many runs each.
    pub fn sent(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.sent.iter().map(|(kind, runs)| (*kind, *runs))
    }

    /// The roles that nodes had after a step, and in how many runs each.
    pub fn roles(&self) -> impl Iterator<Item = (char, u64)> {
        self.roles.iter().map(|(role, runs)| (*role, *runs))
    }

    /// What steps were like, and in how many runs each was taken.
    pub fn steps(&self) -> impl Iterator<Item = (&StepShape, u64)> {
        self.steps.iter().map(|(step, runs)| (step, *runs))
    }

    /// The marks that machines came to, and in how many runs each.
    pub fn marks(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.marks.iter().map(|(mark, runs)| (*mark, *runs))
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

fn add_all<T: Ord + Clone>(mine: &mut BTreeMap<T, u64>, theirs: &BTreeMap<T, u64>) {
    for (what, runs) in theirs {
        *mine.entry(what.clone()).or_default() += runs;
    }
}
