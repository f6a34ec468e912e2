//! A scenario: a claim about a protocol, and the circumstances in which it is
//! put to the test.

mod load;
mod valid;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use indexmap::IndexMap;
use rehearsal_protocol::{Draw as _, NodeId, Time};
use serde::Deserialize;

use crate::chance::{Chance, Stream};
use crate::check::Expect;
use crate::fault::Fault;
use crate::files::Files;
use crate::network::{Law, Network};
use crate::protocol::{CommandOf, Protocol};
use crate::source::{Diagnostic, Reason, TimeSpan};

pub(crate) use load::finish;
pub use load::{FileKind, Heading, heading, text_of};

/// A scenario that was read and found sound.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = ""))]
pub struct Scenario<P: Protocol> {
    pub(crate) claim: String,
    #[serde(rename = "protocol", deserialize_with = "load::configuration::<P, _>")]
    pub(crate) config: P::Config,
    pub(crate) nodes: u32,
    pub(crate) network: Network,
    #[serde(default = "Vec::new")]
    commands: Vec<CommandAt<P>>,
    #[serde(default)]
    workload: Option<Workload>,
    #[serde(default)]
    pub(crate) faults: Vec<Fault>,
    #[serde(default)]
    calm_at: Option<TimeSpan>,
    pub(crate) until: TimeSpan,
    #[serde(default = "default_max_events")]
    pub(crate) max_events: u64,
    pub(crate) expect: Vec<Expect<P::Predicate>>,
    /// Where it was read from.
    #[serde(skip)]
    origin: Origin,
}

/// Where a scenario was read from: all that a plan needs to hold of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origin {
    pub(crate) name: String,
    pub(crate) source: Arc<str>,
    pub(crate) files: IndexMap<String, Arc<str>>,
    /// The faults were set after reading, and `source` has others.
    pub(crate) has_other_faults: bool,
}

/// One line of a scenario's `commands`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = ""))]
pub struct CommandAt<P: Protocol> {
    pub(crate) at: TimeSpan,
    pub(crate) to: NodeId,
    pub(crate) command: CommandOf<P>,
}

/// Random commands, made by [`Protocol::command`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Workload {
    /// How many.
    pub(crate) count: u32,
    /// The time from one to the next, over all nodes.
    pub(crate) gap: Law,
}

/// Enough for a million-message script with its acknowledgements and repetitions.
fn default_max_events() -> u64 {
    100_000_000
}

impl<P: Protocol> Scenario<P> {
    /// Reads a scenario from its text; `name` is the file's name to show.
    pub fn parse(name: &str, source: &str, files: Files) -> Result<Self, Diagnostic> {
        load::parse(name, source, files)
    }

    /// Reads a scenario file, and the files it names beside it. A file that
    /// cannot be opened is a diagnostic, too.
    pub fn open(path: &Path) -> Result<Self, Diagnostic> {
        let source = load::text_of(path)?;
        Self::parse(&path.display().to_string(), &source, Files::beside(path))
    }

    /// The claim it demonstrates.
    #[must_use]
    pub fn claim(&self) -> &str {
        &self.claim
    }

    /// The file's name, as it was shown.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.origin.name
    }

    /// What the file says of the protocol.
    #[must_use]
    pub fn config(&self) -> &P::Config {
        &self.config
    }

    /// How many nodes there are.
    #[must_use]
    pub fn nodes(&self) -> u32 {
        self.nodes
    }

    /// What lies between them.
    #[must_use]
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// What goes wrong.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// Puts other faults in place of the file's; refused as in a file, and
    /// then nothing is changed.
    pub fn set_faults(&mut self, faults: Vec<Fault>) -> Result<(), Reason> {
        valid::faults(self, &faults)?;
        self.faults = faults;
        self.origin.has_other_faults = true;
        Ok(())
    }

    /// When all disturbances end, if they do.
    #[must_use]
    pub fn calm_at(&self) -> Option<Time> {
        self.calm_at.map(|span| Time::ZERO + span.as_duration())
    }

    /// Notes where it was first read from, when it comes out of a plan.
    pub(crate) fn come_from(&mut self, name: &str, source: &str) {
        name.clone_into(&mut self.origin.name);
        self.origin.source = source.into();
    }

    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The commands of the file, then those of the workload.
    pub(crate) fn all_commands(&self, chance: &Chance) -> Vec<CommandAt<P>> {
        let mut commands: Vec<_> = self.commands.iter().map(CommandAt::again).collect();
        let Some(workload) = self.workload else { return commands };
        let mut draws = chance.stream(Stream::Workload);
        let mut at: u64 = 0;
        for _ in 0..workload.count {
            at = at.saturating_add(workload.gap.sample(|spans| draws.draw(spans)));
            let place = draws.draw(0..=u64::from(self.nodes - 1));
            let to = NodeId::from_index(place as usize);
            if let Some(command) = P::command(&self.config, to, &mut draws) {
                commands.push(CommandAt { at: TimeSpan::from_nanos(at), to, command });
            }
        }
        commands
    }
}

impl<P: Protocol> CommandAt<P> {
    fn again(&self) -> Self {
        Self { at: self.at, to: self.to, command: self.command.clone() }
    }
}

impl<P: Protocol> fmt::Debug for Scenario<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scenario({}: {})", self.origin.name, self.claim)
    }
}
