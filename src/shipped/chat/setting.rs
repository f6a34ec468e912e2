use std::fmt;
use std::time::Duration;

use rehearsal_machine::NodeId;
use rehearsal_machine::{Nested, nanos};
use rehearsal_protocol::chat::conversation::{self, Conversation};
use rehearsal_protocol::chat::{Chat, Config, Mode};
use rehearsal_protocol::half_duplex::HalfDuplex;
use rehearsal_protocol::link::stop_and_wait as link;
use rehearsal_sim::network::Network;
use rehearsal_sim::source::{Path, TimeSpan};
use rehearsal_sim::{Files, Look as _, Nodes, Protocol as _, Reason};
use serde::Deserialize;

use crate::shipped::network::slowest;
use crate::shipped::{Election, Script, Tries, deadlock, election, ordering, script};

/// What a scenario says of a chat.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// What the users do.
    #[serde(default)]
    mode: Does,
    /// How long an acknowledgement is waited for before a message is said again.
    resend: TimeSpan,
    /// How often a message is said before it is reported as not delivered.
    #[serde(default = "five")]
    tries: u32,
    /// How they agree on a leader.
    election: election::Setting,
    /// What users have and need of each other, and who looks for deadlocks.
    #[serde(default)]
    resources: Option<deadlock::Setting>,
    /// In which order users see what they say to each other and in groups, and how
    /// that is kept.
    #[serde(default)]
    order: Option<ordering::Setting>,
    /// How many remarks of others and of its own a user finds again after a restart.
    #[serde(default)]
    history: Option<u32>,
    /// Users send in one slot of this length and listen in the next, and what
    /// arrives while they send is gone. Without it they do both at any time.
    #[serde(default)]
    slot: Option<TimeSpan>,
    /// Allows tries that are over before an acknowledgement can come, to show
    /// what comes of it.
    #[serde(default)]
    unsafe_timing: bool,
    /// How many users there are.
    #[serde(skip)]
    nodes: u32,
}

/// What users do.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub enum Does {
    /// They say what their owners like.
    #[default]
    Free,
    /// They follow a script: the paper's first task.
    Script(script::Setting),
}

fn five() -> u32 {
    5
}

/// How many remarks a user keeps if the scenario does not say it.
const USUAL_HISTORY: u32 = 100;

/// How many remarks a user can keep: what its window has room for.
const MOST_HISTORY: u32 = 1_000;

impl Setting {
    pub(super) fn check(
        &mut self,
        nodes: &Nodes,
        network: &Network,
        files: &mut Files,
    ) -> Result<(), Reason> {
        self.nodes = nodes.count();
        if self.resend == TimeSpan::ZERO {
            return Err(Reason::new("a message cannot be said again without a pause")
                .field("resend")
                .help("give a span longer than nothing, at least a round trip"));
        }
        if self.tries == 0 {
            return Err(Reason::new("a node that is sent nothing has nothing to acknowledge")
                .field("tries")
                .help("say a message once at least"));
        }
        if self.slot == Some(TimeSpan::ZERO) {
            return Err(Reason::new("in a slot of no time nothing can be said")
                .field("slot")
                .help("give a span longer than nothing, or leave it out"));
        }
        self.check_timing(network)?;
        Election::prepare(&mut self.election, nodes, network, files)
            .map_err(|reason| reason.within(&Path::root().field("election")))?;
        if let Some(resources) = &mut self.resources {
            resources
                .check_within(nodes.count(), network, self.slot)
                .map_err(|reason| reason.within(&Path::root().field("resources")))?;
        }
        self.check_order(network)?;
        match &mut self.mode {
            Does::Free => Ok(()),
            Does::Script(setting) => Script::prepare(setting, nodes, network, files)
                .map_err(|reason| reason.within(&Path::root().field("mode").field("Script"))),
        }
    }

    fn check_order(&mut self, network: &Network) -> Result<(), Reason> {
        let Some(order) = &mut self.order else {
            return match self.history {
                None => Ok(()),
                Some(_) => Err(Reason::new("users who keep no order keep no history")
                    .field("history")
                    .help("leave it out, or add an `order`")),
            };
        };
        if self.slot.is_some() {
            return Err(Reason::new("users who keep an order send and listen at any time")
                .field("slot")
                .help("leave out `slot` or `order`"));
        }
        if let Does::Script(_) = self.mode {
            return Err(Reason::new("users who follow a script keep the script's order")
                .field("order")
                .help("leave out `order`, or the script"));
        }
        if let Some(history) = self.history
            && !(1..=MOST_HISTORY).contains(&history)
        {
            return Err(Reason::new(format!("a user cannot keep {history} remarks"))
                .field("history")
                .help(format!("give a number from 1 to {MOST_HISTORY}")));
        }
        order
            .check_within(self.nodes, network, &self.election)
            .map_err(|reason| reason.within(&Path::root().field("order")))
    }

    /// Refuses tries that an undisturbed network can outlast: then a live user
    /// would be taken for a dead one.
    fn check_timing(&self, network: &Network) -> Result<(), Reason> {
        let slot = self.slot.unwrap_or(TimeSpan::ZERO).as_duration();
        let needed = slowest(network).saturating_add(slot).saturating_mul(2);
        let lasts = self.resend.as_duration().saturating_mul(self.tries);
        if self.unsafe_timing || lasts >= needed {
            return Ok(());
        }
        let shown = |span: Duration| TimeSpan::from_nanos(nanos(span));
        let slots = if self.slot.is_some() { " and two slots" } else { "" };
        Err(Reason::new(format!(
            "an acknowledgement can take {}, two message delays{slots}, and is waited for {} in all",
            shown(needed),
            shown(lasts),
        ))
        .field("resend")
        .help("wait longer, or say `unsafe_timing: true` to show what comes of it"))
    }

    pub(super) fn machine(&self, me: NodeId, nodes: &Nodes) -> Result<HalfDuplex<Chat>, Reason> {
        let link = link::Config { resend: self.resend.as_duration(), tries: self.tries };
        let mode = match &self.mode {
            Does::Free => Mode::Free,
            Does::Script(setting) => Mode::Script(Nested::new(Script::build(setting, me, nodes)?)),
        };
        let election = Election::build(&self.election, me, nodes)
            .map_err(|reason| reason.within(&Path::root().field("election")))?;
        let rules = Config { nodes: self.nodes, link };
        let mut chat = Chat::new(rules, me, mode, election);
        if let Some(resources) = &self.resources {
            chat = chat.with_resources(resources.site(me, None));
        }
        if let Some(order) = &self.order {
            let history = self.history.unwrap_or(USUAL_HISTORY);
            let rules = conversation::Config { order: order.config(), history };
            chat = chat.with_conversation(Conversation::new(rules, me));
        }
        Ok(HalfDuplex::new(chat, self.slot.map(TimeSpan::as_duration)))
    }

    /// Makes the users follow this script: those who follow one already do it
    /// as before.
    pub(super) fn follow(&mut self, file: &str) -> Result<(), Reason> {
        match &mut self.mode {
            Does::Script(setting) => script::follow_script(setting, file),
            Does::Free => {
                self.mode = Does::Script(script::Setting::of(file.to_owned(), self.resend));
                Ok(())
            }
        }
    }

    /// The script that users follow, if they do.
    pub(super) fn script(&self) -> Option<&script::Setting> {
        match &self.mode {
            Does::Free => None,
            Does::Script(setting) => Some(setting),
        }
    }

    /// The order that users keep, if they do.
    pub(super) fn order(&self) -> Option<&ordering::Setting> {
        self.order.as_ref()
    }

    pub(super) fn nodes(&self) -> u32 {
        self.nodes
    }
}

/// The head of a trace.
impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.mode {
            Does::Free => write!(f, "{} of {}", Tries(self.tries), self.resend)?,
            Does::Script(setting) => f.write_str(&Script::describe(setting))?,
        }
        if let Some(slot) = self.slot {
            write!(f, ", slots of {slot}")?;
        }
        if let Some(order) = &self.order {
            write!(f, ", {order}")?;
        }
        write!(f, ", election {}", self.election)?;
        self.resources.as_ref().map_or(Ok(()), |resources| write!(f, ", resources {resources}"))
    }
}
