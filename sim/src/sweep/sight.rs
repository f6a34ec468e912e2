use std::collections::BTreeSet;
use std::fmt;

use crate::coverage::StepShape;
use crate::engine::Outcome;
use crate::scenario::Synopsis;
use crate::swarm::Swarm;

/// Something that happened in a run, and that a sweep without it has not put to
/// the test.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sight {
    /// What sort of thing.
    pub what: What,
    /// Its name among those.
    pub name: String,
}

/// What a [`Sight`] is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum What {
    /// A fault of the scenario struck: its line.
    Fault,
    /// A fault that a swarm has drawn struck: its action.
    Drawn,
    /// The network's own chance did something to a message.
    Network,
    /// A `Sometimes` held.
    Sometimes,
    /// A message of this kind was sent.
    Kind,
    /// A node was in this role, in a run whose coverage was collected.
    Role,
    /// A step had this [shape](crate::StepShape), in such a run.
    Step,
    /// A machine came to this mark, in such a run.
    Mark,
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fault => "fault",
            Self::Drawn => "drawn fault",
            Self::Network => "network",
            Self::Sometimes => "sometimes",
            Self::Kind => "kind",
            Self::Role => "role",
            Self::Step => "step",
            Self::Mark => "mark",
        })
    }
}

/// What can happen in the runs of a sweep, as far as that is known beforehand.
pub(super) fn possible(
    synopsis: &Synopsis,
    swarm: Option<&Swarm>,
    is_covering: bool,
) -> Vec<Sight> {
    let sight = |what, name: &str| Sight { what, name: name.to_owned() };
    let network = &synopsis.network;
    let reorder = network.reorder.map(|reorder| reorder.share).unwrap_or_default();
    let shares = [network.loss, network.corrupt, network.duplicate, reorder];
    let faults = synopsis.faults.iter().map(|fault| sight(What::Fault, &fault.to_string()));
    let shares = NETWORK.iter().zip(shares).filter(|(_, share)| !share.is_never());
    let sometimes = synopsis.expect.iter().filter(|line| line.is_sometimes);
    // `F follows  L leads`.
    let legend = if is_covering { synopsis.legend } else { "" };
    let roles = legend.split("  ").filter_map(|role| role.trim_start().chars().next());
    let drawn = swarm.into_iter().flat_map(Swarm::actions);
    faults
        .chain(shares.map(|(name, _)| sight(What::Network, name)))
        .chain(sometimes.map(|line| sight(What::Sometimes, &line.text)))
        .chain(drawn.map(|name| sight(What::Drawn, name)))
        .chain(roles.map(|role| sight(What::Role, role.encode_utf8(&mut [0; 4]))))
        .collect()
}

const NETWORK: [&str; 4] = ["loss", "corrupt", "duplicate", "reorder"];

/// What a runner has seen so far.
pub(super) struct Known {
    /// For each fault of the scenario itself.
    faults: Vec<bool>,
    drawn: BTreeSet<&'static str>,
    network: [bool; 4],
    sometimes: Vec<bool>,
    kinds: BTreeSet<&'static str>,
    roles: BTreeSet<char>,
    steps: BTreeSet<StepShape>,
    marks: BTreeSet<&'static str>,
}

impl Known {
    pub(super) fn of(synopsis: &Synopsis) -> Self {
        Self {
            faults: vec![false; synopsis.faults.len()],
            drawn: BTreeSet::new(),
            network: [false; 4],
            sometimes: vec![false; synopsis.expect.len()],
            kinds: BTreeSet::new(),
            roles: BTreeSet::new(),
            steps: BTreeSet::new(),
            marks: BTreeSet::new(),
        }
    }

    /// What is new in this run.
    pub(super) fn look(&mut self, synopsis: &Synopsis, outcome: &Outcome) -> Vec<Sight> {
        let mut sights = Vec::new();
        let mut see = |what, name: &str| sights.push(Sight { what, name: name.to_owned() });
        for (place, strikes) in outcome.strikes.iter().enumerate() {
            let fault = &synopsis.faults[place];
            match self.faults.get_mut(place) {
                _ if *strikes == 0 => {}
                Some(is_known) if !*is_known => {
                    *is_known = true;
                    see(What::Fault, &fault.to_string());
                }
                None if self.drawn.insert(fault.action.name()) => {
                    see(What::Drawn, fault.action.name());
                }
                _ => {}
            }
        }
        let happened = outcome.happened;
        let counts = [happened.lost, happened.corrupted, happened.duplicated, happened.reordered];
        for ((is_known, name), count) in self.network.iter_mut().zip(NETWORK).zip(counts) {
            if count > 0 && !std::mem::replace(is_known, true) {
                see(What::Network, name);
            }
        }
        let lines = synopsis.expect.iter().zip(&outcome.since).zip(&mut self.sometimes);
        for ((line, since), is_known) in lines {
            if line.is_sometimes && since.is_some() && !std::mem::replace(is_known, true) {
                see(What::Sometimes, &line.text);
            }
        }
        for (kind, _) in &outcome.tally.sent {
            if self.kinds.insert(kind) {
                see(What::Kind, kind);
            }
        }
        let Some(seen) = &outcome.seen else { return sights };
        for step in &seen.steps {
            if self.steps.contains(step) {
                continue;
            }
            self.steps.insert(step.clone());
            see(What::Step, &step.to_string());
            if self.roles.insert(step.after()) {
                see(What::Role, step.after().encode_utf8(&mut [0; 4]));
            }
        }
        for mark in &seen.marks {
            if self.marks.insert(mark) {
                see(What::Mark, mark);
            }
        }
        sights
    }
}
