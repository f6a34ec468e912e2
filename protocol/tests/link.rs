//! The link with a window: what arrives, how often, and how much is under way.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use rehearsal_machine::draws::Lowest;
use rehearsal_machine::{Bag, Event, Input, Message as _, NodeId, Time};
use rehearsal_protocol::link::Say;
use rehearsal_protocol::link::sliding_window::{Config, Message, Output, SlidingWindow};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Note(u64);

impl rehearsal_machine::Message for Note {
    fn kind(&self) -> &'static str {
        "note"
    }
}

type Links = Bag<SlidingWindow<Note>>;

const CONFIG: Config = Config {
    resend: Duration::from_millis(50),
    resend_most: Duration::from_millis(150),
    window: 3,
    buffer: 5,
};

fn node(number: u32) -> NodeId {
    NodeId::new(number).unwrap()
}

/// Node 1 and node 2.
fn links() -> Links {
    let mut bag = Bag::new(2);
    (1..=2).for_each(|number| restart(&mut bag, number));
    bag
}

fn restart(bag: &mut Links, number: u32) {
    let start = bag.start(node(number), SlidingWindow::new(CONFIG));
    bag.step(node(number), start, Time::ZERO, &mut Lowest);
}

fn say(bag: &mut Links, number: u64) -> Vec<Output<Note>> {
    let say = Say { to: node(2), content: Note(number) };
    bag.step(node(1), Input::Command(say), Time::ZERO, &mut Lowest)
}

fn happen(bag: &mut Links, place: usize) -> Vec<Output<Note>> {
    let event = bag.remove(place);
    bag.happen(event, Time::ZERO, &mut Lowest)
}

/// The places of all messages of this kind.
fn places(bag: &Links, kind: &str) -> Vec<usize> {
    let is_of_kind = |event: &Event<_>| matches!(event, Event::Message { message, .. } if Message::<Note>::kind(message) == kind);
    let pending = bag.pending().iter().enumerate();
    pending.filter(|(_, it)| is_of_kind(&it.event)).map(|(place, _)| place).collect()
}

fn deadline(bag: &Links) -> Option<RangeInclusive<Duration>> {
    bag.pending().iter().find_map(|pending| match &pending.event {
        Event::Timer { after, .. } => Some(after.clone()),
        Event::Message { .. } => None,
    })
}

fn fire(bag: &mut Links) {
    let is_timer = |event: &Event<_>| matches!(event, Event::Timer { .. });
    let place = bag.pending().iter().position(|it| is_timer(&it.event));
    happen(bag, place.expect("a deadline is armed"));
}

fn delivered(outputs: &[Output<Note>]) -> Vec<u64> {
    let delivered = outputs.iter().filter_map(|output| match output {
        Output::Delivered { content, .. } => Some(content.0),
        _ => None,
    });
    delivered.collect()
}

#[test]
fn messages_are_delivered_in_the_order_of_arrival_and_once() {
    let mut bag = links();
    (1..=3).for_each(|number| drop(say(&mut bag, number)));
    let place = places(&bag, "note")[2];
    bag.duplicate(place);
    let mut arrived = Vec::new();
    while let Some(place) = places(&bag, "note").last().copied() {
        arrived.extend(delivered(&happen(&mut bag, place)));
    }
    assert_eq!(arrived, [3, 2, 1]);
}

#[test]
fn no_more_than_a_window_is_in_flight_and_no_more_than_the_buffer_is_held() {
    let mut bag = links();
    let outputs: Vec<_> = (1..=6).flat_map(|number| say(&mut bag, number)).collect();
    assert_eq!(outputs, [Output::Refused { to: node(2), content: Note(6) }]);
    assert_eq!(places(&bag, "note").len(), 3);
    let link = bag.machine(node(1)).expect("it is up");
    assert_eq!((link.held(node(2)), link.room(node(2))), (5, 0));
    // The window reaches from the first message that is not acknowledged.
    let second = places(&bag, "note")[1];
    happen(&mut bag, second);
    let ack = places(&bag, "ack")[0];
    let outputs = happen(&mut bag, ack);
    assert_eq!(outputs, [Output::Acknowledged { to: node(2), content: Note(2) }]);
    assert_eq!(places(&bag, "note").len(), 2);
    let first = places(&bag, "note")[0];
    happen(&mut bag, first);
    let ack = places(&bag, "ack")[0];
    happen(&mut bag, ack);
    assert_eq!(places(&bag, "note").len(), 3);
}

#[test]
fn only_what_is_not_acknowledged_is_sent_again_and_each_time_later() {
    let mut bag = links();
    say(&mut bag, 1);
    say(&mut bag, 2);
    let millis = |from, to| Some(Duration::from_millis(from)..=Duration::from_millis(to));
    assert_eq!(deadline(&bag), millis(50, 75));
    let (first, second) = (places(&bag, "note")[0], places(&bag, "note")[1]);
    happen(&mut bag, second);
    bag.remove(first);
    let ack = places(&bag, "ack")[0];
    happen(&mut bag, ack);
    fire(&mut bag);
    assert_eq!((places(&bag, "note").len(), deadline(&bag)), (1, millis(100, 150)));
    fire(&mut bag);
    fire(&mut bag);
    assert_eq!(deadline(&bag), millis(100, 150));
    let place = places(&bag, "note")[0];
    assert_eq!(delivered(&happen(&mut bag, place)), [1]);
    let ack = places(&bag, "ack")[0];
    happen(&mut bag, ack);
    assert_eq!(deadline(&bag), None);
}

#[test]
fn a_message_that_was_just_sent_is_not_sent_again_with_older_ones() {
    let mut bag = links();
    say(&mut bag, 1);
    say(&mut bag, 2);
    fire(&mut bag);
    assert_eq!(places(&bag, "note").len(), 3);
    fire(&mut bag);
    assert_eq!(places(&bag, "note").len(), 5);
}

#[test]
fn a_late_copy_from_an_earlier_life_is_not_taken_for_a_message_of_this_one() {
    let mut bag = links();
    say(&mut bag, 1);
    bag.crash(node(1), true);
    restart(&mut bag, 1);
    say(&mut bag, 2);
    let mut arrived = Vec::new();
    while let Some(place) = places(&bag, "note").last().copied() {
        arrived.extend(delivered(&happen(&mut bag, place)));
    }
    assert_eq!(arrived, [2]);
}

#[test]
fn an_acknowledgement_of_an_earlier_life_acknowledges_nothing_of_this_one() {
    let mut bag = links();
    say(&mut bag, 1);
    let place = places(&bag, "note")[0];
    happen(&mut bag, place);
    bag.crash(node(1), false);
    restart(&mut bag, 1);
    say(&mut bag, 2);
    let ack = places(&bag, "ack")[0];
    assert_eq!(happen(&mut bag, ack), []);
    assert_eq!(bag.machine(node(1)).map(|link| link.held(node(2))), Some(1));
}

#[test]
fn a_receiver_that_restarts_takes_up_where_the_sender_is() {
    let mut bag = links();
    say(&mut bag, 1);
    let place = places(&bag, "note")[0];
    happen(&mut bag, place);
    let ack = places(&bag, "ack")[0];
    happen(&mut bag, ack);
    bag.crash(node(2), false);
    restart(&mut bag, 2);
    say(&mut bag, 2);
    let place = places(&bag, "note")[0];
    assert_eq!(delivered(&happen(&mut bag, place)), [2]);
    let ack = places(&bag, "ack")[0];
    let outputs = happen(&mut bag, ack);
    assert_eq!(outputs, [Output::Acknowledged { to: node(2), content: Note(2) }]);
}

#[test]
fn the_longest_wait_is_never_exceeded() {
    let mut bag = links();
    say(&mut bag, 1);
    for _ in 0..100 {
        let wait = deadline(&bag).expect("a deadline is armed");
        assert!(CONFIG.resend <= *wait.start() && *wait.end() <= CONFIG.resend_most, "{wait:?}");
        fire(&mut bag);
    }
}

#[test]
fn a_message_beyond_the_window_of_its_sender_is_neither_delivered_nor_remembered() {
    let mut bag = links();
    let mut data = |number| {
        let message = Message::Data { incarnation: 1, number, floor: 1, content: Note(number) };
        let input = Input::Message { from: node(1), message };
        delivered(&bag.step(node(2), input, Time::ZERO, &mut Lowest))
    };
    assert_eq!((data(3), data(4), data(1 << 60)), (vec![3], vec![], vec![]));
    assert_eq!((data(1), data(4)), (vec![1], vec![4]));
}

/// At random, from a generator of Marsaglia (Xorshift RNGs, 2003).
#[test]
fn every_message_arrives_once_whatever_happens_on_the_way() {
    for seed in 0..2_000_u64 {
        let mut bag = links();
        let mut counts: BTreeMap<u64, u32> = BTreeMap::new();
        let mut choices = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut below = |limit: usize| {
            choices ^= choices << 13;
            choices ^= choices >> 7;
            choices ^= choices << 17;
            ((choices >> 11) % limit as u64) as usize
        };
        let (mut said, mut steps) = (0, 0);
        while said < 12 || !bag.pending().is_empty() {
            steps += 1;
            let has_room = bag.machine(node(1)).is_some_and(|link| link.room(node(2)) > 0);
            if said < 12 && has_room && (bag.pending().is_empty() || below(4) == 0) {
                said += 1;
                say(&mut bag, said);
                continue;
            }
            let place = below(bag.pending().len());
            let is_message = matches!(bag.pending()[place].event, Event::Message { .. });
            match below(8) {
                0 if is_message && steps < 300 => drop(bag.remove(place)),
                1 if is_message && steps < 300 => bag.duplicate(place),
                _ => {
                    for number in delivered(&happen(&mut bag, place)) {
                        *counts.entry(number).or_default() += 1;
                    }
                }
            }
        }
        let once = (1..=12).map(|number| (number, 1)).collect();
        assert_eq!(counts, once, "seed {seed}");
    }
}
