use std::fmt;

use rehearsal_machine::{Node, NodeId, Time, printable};
use serde::Serialize;

use super::pending::Pending;
use super::run::Run;
use super::transit::Held;
use crate::network::{Link, SessionStates};
use crate::protocol::{Lane, Look as _, Protocol};
use crate::queue::Key;
use crate::trace::name_of;

/// Where a run stood when it should have got somewhere: what each node waits
/// for, and what is still on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Stuck {
    /// Every node, in order.
    pub nodes: Vec<StuckNode>,
    /// The messages that are not handled yet.
    pub messages: Vec<StuckMessage>,
    /// The nodes that are up and have no session, though the network has one for them.
    pub sessions: Vec<StuckSession>,
}

/// What a node was up to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct StuckNode {
    /// Which node.
    pub node: NodeId,
    /// Its role, and the node that the role is about.
    pub lane: Lane,
    /// The first of the other nodes that it waits for, if there is one.
    pub waits_for: Option<NodeId>,
    /// When it last took an input.
    pub last_step: Option<Time>,
    /// When it last saved something or told its owner something.
    pub last_news: Option<Time>,
    /// Its deadlines, and when they come on its own clock.
    pub deadlines: Vec<(String, Time)>,
}

/// Two nodes without a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct StuckSession {
    /// Which two, the lower one first.
    pub nodes: (NodeId, NodeId),
    /// When its setup ends; none while they are cut apart.
    pub begins: Option<Time>,
}

/// A message that was sent and not handled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct StuckMessage {
    /// The sender.
    pub from: NodeId,
    /// The recipient.
    pub to: NodeId,
    /// What the message says, as the trace shows it.
    pub text: String,
    /// What it waits for.
    pub until: StuckUntil,
}

/// What a message waits for that is not handled yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StuckUntil {
    /// Its arrival, at this time.
    Arrival(Time),
    /// The release of its link, which is held.
    Release,
    /// The end of its recipient's pause.
    Resume,
    /// The end of the window of a fault that withholds it.
    Window,
}

impl<P: Protocol> Run<'_, P> {
    pub(super) fn stuck(&self) -> Stuck {
        let doings = self.watch.judge.doings();
        let nodes = self.world.nodes().map(|node| {
            let doing = doings.get(node.index()).copied().unwrap_or_default();
            let up = self.world.up(node);
            let deadlines = up.into_iter().flat_map(Node::deadlines);
            StuckNode {
                node,
                lane: up.map_or(Lane::DOWN, |up| P::Look::lane(up.machine())),
                waits_for: up
                    .into_iter()
                    .flat_map(|up| P::Look::waits_for(up.machine()))
                    .find(|peer| *peer != node),
                last_step: doing.step,
                last_news: doing.news,
                deadlines: deadlines.map(|(timer, at)| (name_of(timer), at)).collect(),
            }
        });
        let mut on_the_way: Vec<_> = self.queue.iter().collect();
        on_the_way.sort_by_key(|(key, _)| **key);
        let message = |key: &Key, pending: &Pending<P::Machine>, until| {
            let Pending::Message(message) = pending else { return None };
            let text = P::Look::message_text(message);
            Some(StuckMessage { from: key.from(), to: key.to(), text, until })
        };
        let paused = self.lives.pauses.waiting();
        let paused = paused.filter_map(|(key, pending)| message(key, pending, StuckUntil::Resume));
        let on_the_way = on_the_way
            .into_iter()
            .filter_map(|(key, pending)| message(key, pending, StuckUntil::Arrival(key.at())));
        let waiting = |link: &Link, held: &Held<P::Machine>, until| StuckMessage {
            from: link.from,
            to: link.to,
            text: P::Look::message_text(&held.message),
            until,
        };
        let held = self.transit.held.iter().flat_map(|(link, held)| {
            held.iter().map(move |held| waiting(link, held, StuckUntil::Release))
        });
        let withheld = self.transit.withheld.iter();
        let withheld = withheld.map(|it| waiting(&it.link, &it.held, StuckUntil::Window));
        let held = held.chain(withheld);
        let sessions = self.transit.traffic.sessions.iter().flat_map(SessionStates::not_up);
        let sessions = sessions.map(|(pair, begins)| StuckSession { nodes: pair.nodes(), begins });
        let are_up =
            |it: &StuckSession| self.world.is_up(it.nodes.0) && self.world.is_up(it.nodes.1);
        Stuck {
            nodes: nodes.collect(),
            messages: paused.chain(on_the_way).chain(held).collect(),
            sessions: sessions.filter(are_up).collect(),
        }
    }
}

/// So many nodes and messages are listed; of more, their number is told.
const MOST_LISTED: usize = 12;

/// So many nodes are named that wait for nobody; of more, their number is told.
const MOST_NAMED: usize = 16;

/// For a person: a line for each node that waits for another one or has a deadline, one for all
/// others, and a line for each message and for each session that is missing.
impl fmt::Display for Stuck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines(MOST_LISTED))
    }
}

impl Stuck {
    /// The same with so many lines for nodes and for messages at most.
    pub(crate) fn lines(&self, most: usize) -> String {
        let (waiting, idle): (Vec<_>, Vec<_>) =
            self.nodes.iter().partition(|node| node.waits_for.is_some());
        let (active, idle): (Vec<_>, Vec<_>) =
            idle.into_iter().partition(|node| !node.deadlines.is_empty());
        let told = waiting.len() + active.len();
        let nodes = waiting.into_iter().chain(active).take(most);
        let mut text: String = nodes.map(|node| format!("{node}\n")).collect();
        text += &and_more(told, most, "nodes");
        for is_down in [true, false] {
            let alike = idle.iter().filter(|node| (node.lane == Lane::DOWN) == is_down);
            let names: Vec<_> = alike.map(|node| node.node.to_string()).collect();
            if names.len() > MOST_NAMED {
                let more = if is_down { "are down" } else { "wait for nobody" };
                text += &format!("{} nodes {more}\n", names.len());
                continue;
            }
            let words = match names.len() {
                0 => continue,
                _ if is_down => "down",
                1 => "waits for nobody",
                _ => "wait for nobody",
            };
            text += &format!("{}  {words}\n", names.join(" "));
        }
        for StuckMessage { from, to, text: says, until } in self.messages.iter().take(most) {
            let until = match until {
                StuckUntil::Arrival(at) => format!("arrives at {at}ms"),
                StuckUntil::Release => "is held".to_owned(),
                StuckUntil::Window => "is withheld by a fault".to_owned(),
                StuckUntil::Resume => format!("waits until {to} is resumed"),
            };
            text += &format!("{from}->{to}  {}  {until}\n", printable(says));
        }
        text += &and_more(self.messages.len(), most, "messages on their way");
        for StuckSession { nodes: (one, other), begins } in self.sessions.iter().take(most) {
            let why = begins.map_or("they are cut apart".to_owned(), |at| {
                format!("the next one begins at {at}ms")
            });
            text += &format!("{one}-{other}  no session: {why}\n");
        }
        text + &and_more(self.sessions.len(), most, "pairs without a session")
    }
}

impl fmt::Display for StuckNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { node, lane, .. } = self;
        write!(f, "{node} {lane}  ")?;
        if let Some(peer) = self.waits_for {
            write!(f, "waits for {peer}; ")?;
        }
        let at = |at: Option<Time>| at.map_or("never".to_owned(), |at| format!("{at}ms"));
        write!(f, "last input {}, news {}", at(self.last_step), at(self.last_news))?;
        for (timer, at) in &self.deadlines {
            write!(f, "; {timer} due {at}ms")?;
        }
        Ok(())
    }
}

fn and_more(all: usize, most: usize, of_what: &str) -> String {
    if all > most { format!("and {} more {of_what}\n", all - most) } else { String::new() }
}
