//! A scenario: a claim about a protocol, and the circumstances in which it is
//! put to the test.

mod file;
mod load;
mod valid;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use indexmap::IndexMap;
use rehearsal_machine::{Draw as _, NodeId, Time};

use crate::calm::Calm;
use crate::chance::{Chance, Stream};
use crate::check::Expect;
use crate::fault::Fault;
use crate::files::Files;
use crate::network::Network;
use crate::protocol::Protocol;
use crate::source::{Diagnostic, Reason, TimeSpan, text_of};

pub(crate) use file::{CommandAt, File};
pub use load::{FileKind, Heading, configuration, heading};
pub(crate) use load::{Written, finish};
pub use valid::check_network;

/// A scenario that was read and found sound: every node it names exists, its
/// times are in order, and its protocol builds every node.
pub struct Scenario<P: Protocol> {
    /// All that the file says, but for its faults, which have been taken out.
    file: Arc<File<P>>,
    faults: Vec<Fault>,
    initial: Vec<NodeId>,
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

impl<P: Protocol> Scenario<P> {
    /// Reads a scenario from its text; `name` is the file's name to show.
    pub fn parse(name: &str, source: &str, files: Files) -> Result<Self, Diagnostic> {
        load::parse(name, source, files)
    }

    /// Reads a scenario file, and the files it names beside it. A file that
    /// cannot be opened is a diagnostic, too.
    pub fn open(path: &Path) -> Result<Self, Diagnostic> {
        let source = text_of(path)?;
        Self::parse(&path.display().to_string(), &source, Files::beside(path))
    }

    /// The claim it demonstrates.
    #[must_use]
    pub fn claim(&self) -> &str {
        &self.file.claim
    }

    /// The file's name, as it was shown.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.origin.name
    }

    /// What the file says of the protocol.
    #[must_use]
    pub fn config(&self) -> &P::Config {
        &self.file.config
    }

    /// What nodes run by that were upgraded, if any are to be.
    #[must_use]
    pub fn upgrade(&self) -> Option<&P::Config> {
        self.file.upgrade.as_ref()
    }

    /// How many nodes there are.
    #[must_use]
    pub fn nodes(&self) -> u32 {
        self.file.nodes
    }

    /// What lies between them.
    #[must_use]
    pub fn network(&self) -> &Network {
        &self.file.network
    }

    /// What goes wrong.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// The same with other faults in place of its own; refused as in a file.
    pub fn with_faults(&self, faults: Vec<Fault>) -> Result<Self, Reason> {
        valid::faults(&self.file, &faults)?;
        Ok(Self {
            file: Arc::clone(&self.file),
            faults,
            initial: self.initial.clone(),
            origin: Origin { has_other_faults: true, ..self.origin.clone() },
        })
    }

    /// When all disturbances end, if they do.
    #[must_use]
    pub fn calm_at(&self) -> Option<Time> {
        self.file.calm_at.map(|span| Time::ZERO + span)
    }

    /// For whom the calm is: all nodes, or those of the core.
    #[must_use]
    pub fn is_core(&self, node: NodeId) -> bool {
        self.file.calm_for.is_empty() || self.file.calm_for.contains(&node)
    }

    /// How many nodes the protocol is promised to be down at a time, at most.
    #[must_use]
    pub fn budget(&self) -> Option<u32> {
        self.file.budget.map(|budget| budget.down)
    }

    /// Does the node join later, rather than start with the run?
    #[must_use]
    pub fn is_absent(&self, node: NodeId) -> bool {
        self.file.absent.contains(&node)
    }

    /// The nodes that join later.
    #[must_use]
    pub fn absent(&self) -> &[NodeId] {
        &self.file.absent
    }

    pub(crate) fn calm(&self) -> Calm {
        Calm::new(self.calm_at(), &self.file.calm_for, self.file.nodes as usize)
    }

    /// When the run ends: nothing happens at that instant or later.
    #[must_use]
    pub fn until(&self) -> Time {
        Time::ZERO + self.file.until
    }

    /// After how many events a run is stopped as one that never ends.
    #[must_use]
    pub fn max_events(&self) -> u64 {
        self.file.max_events
    }

    /// What is expected.
    #[must_use]
    pub fn expect(&self) -> &[Expect<P::Property>] {
        &self.file.expect
    }

    /// The nodes that exist when a run begins, in order.
    #[must_use]
    pub fn initial(&self) -> &[NodeId] {
        &self.initial
    }

    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The commands of the file.
    pub(crate) fn commands(&self) -> &[CommandAt<P>] {
        &self.file.commands
    }

    /// The commands of the workload.
    pub(crate) fn workload(&self, chance: &Chance) -> Vec<CommandAt<P>> {
        let Some(workload) = &self.file.workload else { return Vec::new() };
        let mut commands = Vec::new();
        let mut draws = chance.stream(Stream::Workload);
        let mut at: u64 = 0;
        for _ in 0..workload.count {
            at = at.saturating_add(workload.gap.sample(&mut draws));
            let place = draws.draw(0..=u64::from(self.file.nodes - 1));
            let to = NodeId::from_index(place as usize);
            if let Some(command) = P::command(&self.file.config, to, &mut draws) {
                commands.push(CommandAt { at: TimeSpan::from_nanos(at), to, command });
            }
        }
        commands
    }
}

impl<P: Protocol> fmt::Debug for Scenario<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scenario({}: {})", self.origin.name, self.file.claim)
    }
}
