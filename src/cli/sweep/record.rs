use rehearsal_sim::sweep::{Sight, Swept};
use rehearsal_sim::{Fingerprint, Synopsis};

/// What is kept of one seed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) seed: u64,
    pub(super) verdict: Verdict,
    /// None of a run that held.
    pub(super) fingerprint: Option<Fingerprint>,
    /// Decisions and faults that were not the usual ones, of a run that failed.
    pub(super) unusual: Option<u64>,
    pub(super) events: u64,
    pub(super) end_ns: u64,
    /// None of a run that hangs.
    pub(super) digest: Option<[u8; 32]>,
    /// How many shapes of steps and marks its run has, if they were collected.
    pub(super) coverage: Option<u64>,
    /// Was only safety judged?
    pub(super) is_safety_alone: bool,
    /// For each line of `expect`: the nanoseconds that an `Eventually` or a `LeadsTo` took that
    /// was judged and held.
    pub(super) took: Vec<Option<u64>>,
    /// Sights that are new to the thread that ran it.
    pub(super) sights: Vec<Sight>,
    /// Where a second run of the seed parted from the first.
    pub(super) difference: Option<String>,
    /// Whether any code asked for the planted bug.
    pub(super) mutant_reached: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Held,
    Violated,
    /// A second run of the seed was another one.
    Differs,
}

impl Verdict {
    /// As the database and JSON lines have it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Violated => "violated",
            Self::Differs => "differs",
        }
    }
}

impl Record {
    pub(super) fn of(swept: Swept, synopsis: &Synopsis) -> Self {
        let outcome = swept.outcome;
        let is_judged = outcome.failure.is_none() && outcome.safety_alone.is_none();
        let took = synopsis.expect.iter().enumerate().map(|(place, _)| {
            let took = outcome.took.get(place).copied().flatten().filter(|_| is_judged)?;
            u64::try_from(took.as_nanos()).ok()
        });
        Self {
            seed: swept.seed.0,
            verdict: match (&swept.difference, &swept.fingerprint) {
                (Some(_), _) => Verdict::Differs,
                (None, Some(_)) => Verdict::Violated,
                (None, None) => Verdict::Held,
            },
            is_safety_alone: outcome.safety_alone.is_some(),
            took: took.collect(),
            fingerprint: swept.fingerprint,
            unusual: swept.unusual,
            events: outcome.tally.events,
            end_ns: outcome.end.as_nanos(),
            digest: outcome.digest.map(|digest| *digest.as_bytes()),
            coverage: outcome.seen.map(|seen| (seen.steps.len() + seen.marks.len()) as u64),
            sights: swept.sights,
            difference: swept.difference.map(|difference| difference.to_string()),
            mutant_reached: outcome.mutant_reached,
        }
    }
}
