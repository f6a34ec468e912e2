use std::fmt;

use rehearsal_machine::{Draw, Machine, NodeId};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::desk::Desk;
use crate::files::Files;
use crate::network::Network;
use crate::nodes::Nodes;
use crate::property::{Answer, Observed, Question};
use crate::source::{Reason, read_line};
use crate::trace::beginning;
use crate::vocabulary::Vocabulary;
use crate::world::World;

/// A protocol as the virtual world sees it: a machine, how a scenario file
/// configures it, and what can be claimed of it.
///
/// How it looks to a person is told by its [`Look`], and what the owner of a
/// real node does with it by its [`Owner`]; [`Plain`] is either for a protocol
/// that needs nothing special.
pub trait Protocol: Sized + 'static {
    /// How scenario files name it: `protocol: NAME((..configuration..))`.
    const NAME: &'static str;

    /// The configuration that a scenario file gives. The threads of a sweep
    /// share it.
    type Config: DeserializeOwned + Send + Sync;

    /// What runs on every node.
    type Machine: Machine<
            Message: Serialize + DeserializeOwned + fmt::Debug,
            Command: Serialize + DeserializeOwned + Clone + fmt::Debug + Send + Sync,
            Output: Serialize + fmt::Debug,
            Timer: Serialize + DeserializeOwned + fmt::Debug,
            Cell: Serialize + DeserializeOwned + fmt::Debug,
            Saved: Serialize + DeserializeOwned,
        >;

    /// The properties that a scenario can expect `Always`, `Eventually`, ...;
    /// [`Nothing`](rehearsal_machine::Nothing) where there are none.
    type Property: DeserializeOwned + fmt::Debug + Send + Sync;

    /// What properties remember of a run beside the state of the world, kept up
    /// to date by [`observe`](Self::observe); `()` where that is nothing.
    type Memory: Default;

    /// How it looks to a person: [`Plain`], or a type that implements [`Look`].
    type Look: Look<Self>;

    /// What the owner of a real node does with it: [`Plain`], or a type that
    /// implements [`Owner`].
    type Owner: Owner<Self>;

    /// Called once, before any node is built: checks the configuration as a
    /// whole, against the nodes and the network, and reads the files it names
    /// (they become part of a plan).
    fn prepare(
        config: &mut Self::Config,
        nodes: &Nodes,
        network: &Network,
        files: &mut Files,
    ) -> Result<(), Reason> {
        let _ = (config, nodes, network, files);
        Ok(())
    }

    /// The machine of node `me`, at its start and at every restart.
    fn build(config: &Self::Config, me: NodeId, nodes: &Nodes) -> Result<Self::Machine, Reason>;

    /// A random command for a node, for a scenario's `workload`; `None` where
    /// the protocol has none to offer.
    fn command(
        config: &Self::Config,
        node: NodeId,
        nodes: &Nodes,
        draw: &mut dyn Draw,
    ) -> Option<CommandOf<Self>> {
        let _ = (config, node, nodes, draw);
        None
    }

    /// Remembers what properties need to know of the past: called for every
    /// input, every effect that takes place, every end of a step and every
    /// crash. What is remembered in this way costs a fixed time per event, where
    /// a search of all outputs would cost more the longer the run.
    ///
    /// It is not called where `Memory` has no size, nor in a run of which
    /// nothing is expected.
    fn observe(
        memory: &mut Self::Memory,
        world: &World<Self::Machine>,
        observed: &Observed<'_, Self::Machine>,
    ) {
        let _ = (memory, world, observed);
    }

    /// Does the property hold? The answer says first whether it is about every
    /// node, some node or the world:
    ///
    /// ```
    /// # use rehearsal_machine::{Machine, NodeId};
    /// # use rehearsal_sim::{Answer, Question, World};
    /// # enum Property { FewVotes, SomeoneVoted, FewLeaders }
    /// # fn votes<M: Machine>(world: &World<M>, node: NodeId) -> u32 { 0 }
    /// # fn leaders<M: Machine>(world: &World<M>) -> u32 { 0 }
    /// # fn holds<M: Machine>(property: &Property, question: Question<'_, M>) -> Answer {
    /// match property {
    ///     Property::FewVotes => question.of_every_node(|view, node| match votes(view, node) {
    ///         0..=3 => Ok(()),
    ///         votes => Err(view.violation("too many votes", || format!("{node} has {votes}"))),
    ///     }),
    ///     Property::SomeoneVoted => {
    ///         question.of_some_node("no node voted", |view, node| votes(view, node) > 0)
    ///     }
    ///     Property::FewLeaders => question.of_world(|view| match leaders(view) {
    ///         0 | 1 => Ok(()),
    ///         _ => Err("two nodes lead"),
    ///     }),
    /// }
    /// # }
    /// ```
    ///
    /// It is asked after every event, so it must be cheap. A property has the
    /// same quantifier whenever it is asked.
    fn holds(
        property: &Self::Property,
        question: Question<'_, Self::Machine, Self::Memory>,
    ) -> Answer;
}

/// How a protocol looks to a person, in traces and reports.
pub trait Look<P: Protocol> {
    /// The configuration in a few words, for the head of a trace.
    fn describe(config: &P::Config) -> String {
        let _ = config;
        String::new()
    }

    /// A node's role, for the lanes of a trace.
    fn lane(machine: &P::Machine) -> Lane {
        let _ = machine;
        Lane::from('.')
    }

    /// The nodes that this one waits for: without a word of them, it gets no further. The report
    /// of a run that is stuck tells the first of them, the wait-for graph has all. By default the
    /// peer of its [`lane`](Self::lane); a protocol whose lanes name another sort of peer, such as
    /// a leader who is followed, names nobody where the node is content. A node that waits for
    /// itself counts as one that waits for nobody.
    fn waits_for(machine: &P::Machine) -> Vec<NodeId> {
        Self::lane(machine).peer.into_iter().collect()
    }

    /// What a node's machine knows, as lines of text in which a change of one field changes few
    /// lines: `Some(format!("{machine:#?}"))` of a machine that has `Debug`. A page shows it before
    /// and after each step; by default there is nothing to show.
    fn state(machine: &P::Machine) -> Option<String> {
        let _ = machine;
        None
    }

    /// What the lanes' letters mean: `F follows  L leads`.
    #[must_use]
    fn legend() -> &'static str {
        ""
    }

    /// The names that faults can use: a scenario with another one is refused. Without a
    /// list a fault that waits for a misspelt name never strikes, and the run says so.
    #[must_use]
    fn vocabulary() -> Vocabulary {
        Vocabulary::default()
    }

    /// What a run has cost in the protocol's own terms, a line each, for the end of a story: how
    /// much of its messages served the protocol alone, which node had most to do. It is read
    /// from the memory, so nothing is known of a run of which nothing is expected.
    fn costs(memory: &P::Memory) -> Vec<String> {
        let _ = memory;
        Vec::new()
    }

    /// A message in a trace, by its content: `data 5`. Its kind comes first.
    fn message_text(message: &MessageOf<P>) -> String {
        rehearsal_machine::Message::kind(message).to_owned()
    }

    /// An output in a trace.
    fn output_text(output: &OutputOf<P>) -> String {
        format!("{output:?}")
    }

    /// A durable cell, which a node saves or erases. Two cells that are one to a reader, such as
    /// two that take turns, may have the same text: a story then tells what the other one held.
    fn cell_text(cell: &CellOf<P>) -> String {
        format!("{cell:?}")
    }

    /// What a cell holds, in a few words: a story shows it after the cell, with what the cell
    /// held before. By default the beginning of the value as RON; of nothing to tell, an empty
    /// text.
    fn saved_text(cell: &CellOf<P>, value: &SavedOf<P>) -> String {
        let _ = cell;
        beginning(value)
    }

    /// A command in a trace.
    fn command_text(command: &CommandOf<P>) -> String {
        format!("{command:?}")
    }
}

/// What the owner of a node does with it.
pub trait Owner<P: Protocol> {
    /// Whether a node that starts from its storage shows the same window as
    /// before: then the window of a node that is down is known, too.
    const SAVES_WINDOW: bool = false;

    /// Whether a durable cell is about earlier messages of this peer, such as
    /// the number of the last one. If the peer's saved state is lost and its
    /// owner begins a new life, real nodes erase these cells, so that they do
    /// not take the peer's new messages for old ones. `None` keeps such a peer
    /// out: it is not known what would have to be erased. The configuration is a
    /// prepared one.
    fn is_about_peer(config: &P::Config) -> Option<IsAboutPeer<P>> {
        let _ = config;
        None
    }

    /// What a node's owner sees, line by line.
    fn window(machine: &P::Machine) -> Vec<String> {
        let _ = machine;
        Vec::new()
    }

    /// What the owner's page shows beside the window. By default the nodes that the machine waits
    /// for.
    fn desk(me: NodeId, machine: &P::Machine) -> Desk {
        let awaited = P::Look::waits_for(machine).into_iter();
        Desk { waits: awaited.map(|peer| (me, peer)).collect(), ..Desk::default() }
    }

    /// The files that a node writes for its owner, each with its name, without
    /// folders. They are no part of its storage, and other nodes do not see them.
    fn files(machine: &P::Machine) -> Vec<(String, String)> {
        let _ = machine;
        Vec::new()
    }

    /// The command that a line stands for which the owner of a real node types;
    /// a refusal says what would have been right. By default a line is a command
    /// as scenario files write it: `Say(to: 1, text: "hello")`.
    fn line(config: &P::Config, text: &str) -> Result<CommandOf<P>, Reason> {
        let _ = config;
        read_line(text)
    }

    /// What the node's [`window`](Self::window) must show in the end, where
    /// that is known beforehand, as for users who follow a script. The
    /// configuration is a prepared one.
    fn demands(config: &P::Config, node: NodeId) -> Option<Vec<String>> {
        let _ = (config, node);
        None
    }
}

/// The [`Look`] or the [`Owner`] of a protocol that needs nothing special.
pub enum Plain {}

impl<P: Protocol> Look<P> for Plain {}

impl<P: Protocol> Owner<P> for Plain {}

/// Whether a durable cell of a protocol's machine is about earlier messages of
/// a peer.
pub type IsAboutPeer<P> = fn(&<<P as Protocol>::Machine as Machine>::Cell, NodeId) -> bool;

/// What a protocol's peers say.
pub type MessageOf<P> = <<P as Protocol>::Machine as Machine>::Message;
/// A protocol's timers.
pub(crate) type TimerOf<P> = <<P as Protocol>::Machine as Machine>::Timer;
/// What a protocol's owner asks.
pub type CommandOf<P> = <<P as Protocol>::Machine as Machine>::Command;
/// A protocol's durable cells.
pub type CellOf<P> = <<P as Protocol>::Machine as Machine>::Cell;
/// What a protocol's durable cells hold.
pub type SavedOf<P> = <<P as Protocol>::Machine as Machine>::Saved;
/// What a protocol tells its owner.
pub type OutputOf<P> = <<P as Protocol>::Machine as Machine>::Output;

/// What a node is up to, in a character or two: a role, and the node it concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Lane {
    /// The role's letter.
    pub role: char,
    /// The node that it waits for, follows, ...
    pub peer: Option<NodeId>,
}

impl Lane {
    /// A node that is down.
    pub const DOWN: Self = Self { role: 'x', peer: None };

    /// A role towards a peer.
    #[must_use]
    pub const fn towards(role: char, peer: NodeId) -> Self {
        Self { role, peer: Some(peer) }
    }
}

impl From<char> for Lane {
    fn from(role: char) -> Self {
        Self { role, peer: None }
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.role)?;
        self.peer.map_or(Ok(()), |peer| write!(f, "{}", peer.number()))
    }
}
