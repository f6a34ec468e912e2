//! All interleavings of small cases without any ordering protocol: how many there
//! are, and how many of them violate an order. The figures are exact.

use rehearsal_machine::NodeId;
use rehearsal_sim::order::Guarantee;

use crate::event::{Event, judged, node};

/// A send in a node's program.
#[derive(Clone, Copy)]
struct Send {
    message: u32,
    by: u32,
    to: &'static [u32],
    /// The message that the sender must have delivered before.
    after: Option<u32>,
    /// Does the sender deliver its own copy at once?
    is_own_delivered: bool,
}

const fn send(message: u32, by: u32, to: &'static [u32]) -> Send {
    Send { message, by, to, after: None, is_own_delivered: false }
}

impl Send {
    const fn after(self, message: u32) -> Self {
        Self { after: Some(message), ..self }
    }

    const fn with_own(self) -> Self {
        Self { is_own_delivered: true, ..self }
    }
}

/// Interleavings, and how many violate each order.
#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    all: u32,
    fifo: u32,
    causal: u32,
    total: u32,
}

impl Count {
    const fn of(all: u32, fifo: u32, causal: u32, total: u32) -> Self {
        Self { all, fifo, causal, total }
    }
}

/// Sends of each node in the order of the list, deliveries in any order.
struct Enumeration<'a> {
    program: &'a [Send],
    is_sent: Vec<bool>,
    /// The copies under way.
    under_way: Vec<(u32, NodeId)>,
    events: Vec<Event>,
    count: Count,
}

impl Enumeration<'_> {
    fn of(program: &[Send]) -> Count {
        let is_sent = vec![false; program.len()];
        let (under_way, events) = (Vec::new(), Vec::new());
        let mut all = Enumeration { program, is_sent, under_way, events, count: Count::default() };
        all.branch();
        all.count
    }

    fn branch(&mut self) {
        if self.under_way.is_empty() && self.is_sent.iter().all(|is_sent| *is_sent) {
            return self.judge();
        }
        for place in 0..self.program.len() {
            if self.is_next(place) {
                self.send(place);
            }
        }
        for place in 0..self.under_way.len() {
            let (message, at) = self.under_way.remove(place);
            self.events.push(Event::Delivered { at, message });
            self.branch();
            self.events.pop();
            self.under_way.insert(place, (message, at));
        }
    }

    /// Is it the sender's next send, and has it delivered what it answers?
    fn is_next(&self, place: usize) -> bool {
        let Send { by, after, .. } = self.program[place];
        let mut earlier = self.program[..place].iter().zip(&self.is_sent);
        let has_delivered =
            |message| self.events.contains(&Event::Delivered { at: node(by), message });
        !self.is_sent[place]
            && earlier.all(|(send, is_sent)| send.by != by || *is_sent)
            && after.is_none_or(has_delivered)
    }

    fn send(&mut self, place: usize) {
        let Send { message, by, to, is_own_delivered, .. } = self.program[place];
        let (events, under_way) = (self.events.len(), self.under_way.len());
        let by = node(by);
        let mut to: Vec<_> = to.iter().copied().map(node).collect();
        self.under_way.extend(to.iter().map(|to| (message, *to)));
        to.extend(is_own_delivered.then_some(by));
        self.events.push(Event::Sent { by, message, to });
        let own = Event::Delivered { at: by, message };
        self.events.extend(is_own_delivered.then_some(own));
        self.is_sent[place] = true;
        self.branch();
        self.is_sent[place] = false;
        self.events.truncate(events);
        self.under_way.truncate(under_way);
    }

    fn judge(&mut self) {
        let oracle = judged(&self.events);
        assert!(oracle.keeps(Guarantee::AllDelivered));
        let breaks = |guarantee| u32::from(!oracle.keeps(guarantee));
        self.count.all += 1;
        self.count.fifo += breaks(Guarantee::Fifo);
        self.count.causal += breaks(Guarantee::Causal);
        self.count.total += breaks(Guarantee::Total);
    }
}

#[test]
fn two_messages_to_one_node() {
    let program = [send(1, 1, &[2]), send(2, 1, &[2])];
    assert_eq!(Enumeration::of(&program), Count::of(3, 1, 1, 0));
}

#[test]
fn an_answer_that_overtakes_the_question_breaks_causal_order_alone() {
    let program = [send(1, 1, &[3]), send(2, 1, &[2]), send(3, 2, &[3]).after(2)];
    assert_eq!(Enumeration::of(&program), Count::of(5, 0, 1, 0));
}

#[test]
fn three_nodes_broadcast_once_each() {
    let program = [
        send(1, 1, &[2, 3]).with_own(),
        send(2, 2, &[1, 3]).with_own(),
        send(3, 3, &[1, 2]).with_own(),
    ];
    assert_eq!(Enumeration::of(&program), Count::of(13_440, 0, 2_826, 13_302));
}

#[test]
fn a_question_and_its_reply_are_broadcast() {
    let program = [send(1, 1, &[2, 3]).with_own(), send(2, 2, &[1, 3]).with_own().after(1)];
    assert_eq!(Enumeration::of(&program), Count::of(10, 0, 3, 3));
}

#[test]
fn one_node_broadcasts_twice() {
    let program = [send(1, 1, &[2, 3]).with_own(), send(2, 1, &[2, 3]).with_own()];
    assert_eq!(Enumeration::of(&program), Count::of(40, 24, 24, 24));
}

#[test]
fn a_relay_of_three_messages_overtakes_a_direct_one() {
    let program =
        [send(1, 1, &[4]), send(2, 1, &[2]), send(3, 2, &[3]).after(2), send(4, 3, &[4]).after(3)];
    assert_eq!(Enumeration::of(&program), Count::of(7, 0, 1, 0));
}

#[test]
fn two_nodes_exchange_two_messages_each() {
    let program = [send(1, 1, &[2]), send(2, 1, &[2]), send(3, 2, &[1]), send(4, 2, &[1])];
    assert_eq!(Enumeration::of(&program), Count::of(630, 350, 350, 0));
}
