use std::fmt;

use rehearsal_machine::{Draw, Machine, NodeId};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::check::Violation;
use crate::files::Files;
use crate::network::Network;
use crate::source::{Reason, read_line};
use crate::world::World;

/// A protocol as the virtual world sees it: a machine, how a scenario file
/// configures it, what can be claimed of it, and how it looks to a person.
///
/// Only the configuration, how to build a node, and what the predicates mean
/// must be given; the rest has defaults that suit a small machine.
pub trait Protocol: Sized + 'static {
    /// How scenario files name it: `protocol: NAME((..configuration..))`.
    const NAME: &'static str;

    /// What a scenario file says of it.
    type Config: DeserializeOwned;

    /// What runs on every node.
    type Machine: Machine<
            Message: Serialize + DeserializeOwned + fmt::Debug,
            Command: Serialize + DeserializeOwned + Clone + fmt::Debug,
            Output: Serialize + fmt::Debug,
            Timer: Serialize + DeserializeOwned + fmt::Debug,
            Cell: Serialize + DeserializeOwned + fmt::Debug,
            Saved: Serialize + DeserializeOwned,
        >;

    /// Facts about the world that a scenario can expect `Always` or
    /// `Eventually`; `Nothing` where there are none.
    type Property: DeserializeOwned + fmt::Debug;

    /// Called once, before any node is built: to check the configuration as a
    /// whole, against how many nodes there are and what lies between them,
    /// and read the files it names (they become part of a plan).
    fn prepare(
        config: &mut Self::Config,
        nodes: u32,
        network: &Network,
        files: &mut Files,
    ) -> Result<(), Reason> {
        let _ = (config, nodes, network, files);
        Ok(())
    }

    /// The machine of node `me`, at its start and at every restart. `initial`
    /// lists the nodes that exist when the run begins.
    fn build(
        config: &Self::Config,
        me: NodeId,
        initial: &[NodeId],
    ) -> Result<Self::Machine, Reason>;

    /// A random command for a node, for a scenario's `workload`; `None` where
    /// the protocol has none to offer.
    fn command(
        config: &Self::Config,
        node: NodeId,
        draw: &mut dyn Draw,
    ) -> Option<CommandOf<Self>> {
        let _ = (config, node, draw);
        None
    }

    /// Does the fact hold of the node that changed? A fact about the world
    /// must be the conjunction of this over all nodes: after an event only the
    /// node it changed is asked about, so a check costs no scan.
    fn holds(
        predicate: &Self::Property,
        world: &World<Self::Machine>,
        changed: NodeId,
    ) -> Result<(), Violation>;

    /// The configuration in a few words, for the head of a trace.
    fn describe(config: &Self::Config) -> String {
        let _ = config;
        String::new()
    }

    /// What a node is up to, for the lanes of a trace.
    fn lane(machine: &Self::Machine) -> Lane {
        let _ = machine;
        Lane::from('.')
    }

    /// What the lanes' letters mean: `F follows  L leads`.
    #[must_use]
    fn legend() -> &'static str {
        ""
    }

    /// Whether a node that starts from what it has saved shows again what it
    /// showed before: then the window of a node that is down can be told, too.
    const SAVES_WINDOW: bool = false;

    /// What a node's owner sees, line by line.
    fn window(machine: &Self::Machine) -> Vec<String> {
        let _ = machine;
        Vec::new()
    }

    /// What a node keeps in files for its owner to read, each by its name,
    /// without folders: no part of its storage, and not seen by other nodes.
    fn files(machine: &Self::Machine) -> Vec<(String, String)> {
        let _ = machine;
        Vec::new()
    }

    /// What a line that a real node's owner types asks for; refused with what
    /// would have been right. As it stands, a line is a command as scenario
    /// files write it: `Say(to: 1, text: "hello")`.
    fn line(config: &Self::Config, text: &str) -> Result<CommandOf<Self>, Reason> {
        let _ = config;
        read_line(text)
    }

    /// What the node's [`window`](Self::window) must show in the end, where
    /// that is known beforehand, as of users who follow a script. The
    /// configuration is a prepared one.
    fn demands(config: &Self::Config, node: NodeId) -> Option<Vec<String>> {
        let _ = (config, node);
        None
    }

    /// Makes the users follow the script in this file, named as the
    /// configuration names files; called before [`prepare`](Self::prepare).
    /// Refused, as it stands, by a protocol that knows no scripts.
    fn follow_script(config: &mut Self::Config, file: &str) -> Result<(), Reason> {
        let _ = (config, file);
        Err(Reason::new(format!("nobody follows a script in the protocol `{}`", Self::NAME))
            .help("leave the script out, or choose a protocol whose users follow one: `Chat`"))
    }

    /// A message in a trace, by its content: `data 5`. Its kind comes first.
    fn message_text(message: &MessageOf<Self>) -> String {
        rehearsal_machine::Message::kind(message).to_owned()
    }

    /// An output in a trace.
    fn output_text(output: &OutputOf<Self>) -> String {
        format!("{output:?}")
    }

    /// A command in a trace.
    fn command_text(command: &CommandOf<Self>) -> String {
        format!("{command:?}")
    }
}

/// What a protocol's peers say.
pub type MessageOf<P> = <<P as Protocol>::Machine as Machine>::Message;
/// A protocol's timers.
pub(crate) type TimerOf<P> = <<P as Protocol>::Machine as Machine>::Timer;
/// What a protocol's owner asks.
pub type CommandOf<P> = <<P as Protocol>::Machine as Machine>::Command;
/// What a protocol tells its owner.
pub type OutputOf<P> = <<P as Protocol>::Machine as Machine>::Output;

/// What a node is up to, in a character or two: a role, and whom it concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Lane {
    /// The role's letter.
    pub role: char,
    /// Whom it waits for, follows, ...
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
