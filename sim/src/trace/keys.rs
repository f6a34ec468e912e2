use std::borrow::Cow;
use std::collections::BTreeMap;

use rehearsal_machine::NodeId;

use crate::network::{Fate, Link};
use crate::plan::{MessageKey, TimerKey};

/// Names messages and timers by their keys, as they are sent and armed. The
/// engine names a message by its count on the link. Kinds are counted here, where
/// a trace is kept, and by the decisions of a plan; a law holds the two together.
#[derive(Default)]
pub(crate) struct Keys {
    sent: BTreeMap<(Link, &'static str), u32>,
    /// The messages under way, by link and count.
    under_way: BTreeMap<(Link, u32), UnderWay>,
    pub(super) timers: TimerKeys,
}

struct UnderWay {
    nth: u32,
    /// How many copies have not arrived yet.
    copies: usize,
}

impl Keys {
    pub(super) fn send(
        &mut self,
        link: Link,
        count: u32,
        kind: &'static str,
        fate: &Fate,
    ) -> MessageKey {
        let nth = self.sent.entry((link, kind)).or_default();
        *nth += 1;
        let nth = *nth;
        self.expect(link, count, nth, fate);
        key(link, kind, nth)
    }

    /// A message that was held sets off.
    pub(super) fn leave(
        &mut self,
        link: Link,
        count: u32,
        kind: &'static str,
        fate: &Fate,
    ) -> MessageKey {
        let held = self.under_way.remove(&(link, count));
        let nth = held.unwrap_or_else(|| never_sent(link, count)).nth;
        self.expect(link, count, nth, fate);
        key(link, kind, nth)
    }

    pub(super) fn arrival(&mut self, link: Link, count: u32, kind: &'static str) -> MessageKey {
        let message = self.under_way.get_mut(&(link, count));
        let message = message.unwrap_or_else(|| never_sent(link, count));
        let nth = message.nth;
        message.copies = message.copies.saturating_sub(1);
        if message.copies == 0 {
            self.under_way.remove(&(link, count));
        }
        key(link, kind, nth)
    }

    fn expect(&mut self, link: Link, count: u32, nth: u32, fate: &Fate) {
        let copies = match fate {
            Fate::Lost(_) => return,
            Fate::Arrives { copies, .. } => copies.as_slice().len() + 1,
            // Known when it leaves.
            Fate::Held => 0,
        };
        self.under_way.insert((link, count), UnderWay { nth, copies });
    }
}

/// Every message is recorded as sent before it leaves or arrives.
fn never_sent(Link { from, to }: Link, count: u32) -> ! {
    unreachable!("message {count} of {from}->{to} was not recorded as sent")
}

fn key(Link { from, to }: Link, kind: &'static str, nth: u32) -> MessageKey {
    MessageKey { from, to, kind: Cow::Borrowed(kind), nth }
}

/// Names timers by their keys, as they are armed.
#[derive(Debug, Default)]
pub struct TimerKeys {
    lives: BTreeMap<NodeId, Armings>,
}

/// The timers of one life of a node.
#[derive(Debug)]
struct Armings {
    incarnation: u32,
    /// The last arming of each timer.
    last: BTreeMap<String, u32>,
}

impl TimerKeys {
    /// A node starts, and with it the count of its timers.
    pub fn start(&mut self, node: NodeId, incarnation: u32) {
        self.lives.insert(node, Armings { incarnation, last: BTreeMap::new() });
    }

    /// A node that has started arms a timer.
    pub fn arm(&mut self, node: NodeId, timer: String) -> TimerKey {
        let mut incarnation = 0;
        let mut nth = 0;
        if let Some(life) = self.lives.get_mut(&node) {
            incarnation = life.incarnation;
            let last = life.last.entry(timer.clone()).or_default();
            *last += 1;
            nth = *last;
        }
        TimerKey { node, incarnation, timer, nth }
    }

    /// The timer as the node last armed it.
    #[must_use]
    pub fn armed(&self, node: NodeId, timer: String) -> TimerKey {
        let life = self.lives.get(&node);
        let nth = life.and_then(|life| life.last.get(&timer)).copied().unwrap_or(0);
        TimerKey { node, incarnation: life.map_or(0, |life| life.incarnation), timer, nth }
    }
}
