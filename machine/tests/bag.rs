//! A bag of what may happen next, as a driver uses it.

use std::time::Duration;

use rehearsal_machine::draws::Lowest;
use rehearsal_machine::{
    Bag, Context, Effect, Event, Input, Machine, Message, NodeId, Storage, Time,
};

/// Saves what it hears and passes one less on to the next node, at once and
/// again after a while.
#[derive(Clone, Default)]
struct Relay {
    heard: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Count(u8);

impl Message for Count {
    fn kind(&self) -> &'static str {
        "count"
    }
}

impl Machine for Relay {
    type Message = Count;
    type Command = u8;
    type Output = u8;
    type Timer = u8;
    type Cell = ();
    type Saved = u8;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Start(storage) => storage.values().for_each(|saved| cx.emit(*saved)),
            Input::Command(count) | Input::Message { message: Count(count), .. } => {
                self.heard.push(count);
                cx.emit(count);
                cx.arm(count, Duration::ZERO..=Duration::from_secs(1));
                cx.send(next(cx.me()), Count(count - 1));
                cx.save((), count);
            }
            Input::Timer(count) => {
                cx.disarm(count + 1);
                cx.send(next(cx.me()), Count(count - 1));
            }
            Input::Link { .. } => {}
        }
    }
}

fn node(number: u32) -> NodeId {
    NodeId::new(number).expect("nodes count from 1")
}

fn next(node: NodeId) -> NodeId {
    NodeId::from_index(node.index() + 1)
}

/// Two relays, of which node 1 was told 9.
fn told() -> Bag<Relay> {
    let mut bag = Bag::new(2);
    for node in NodeId::all(2) {
        let start = bag.start(node, Relay::default());
        assert!(bag.step(node, start, Time::ZERO, &mut Lowest).is_empty());
    }
    assert_eq!(bag.step(node(1), Input::Command(9), Time::ZERO, &mut Lowest), [9]);
    bag
}

fn pending(bag: &Bag<Relay>) -> Vec<String> {
    let told = |event: &Event<Relay>| match event {
        Event::Message { from, to, message } => format!("{from}->{to} {}", message.0),
        Event::Timer { node, timer, .. } => format!("{node} timer {timer}"),
    };
    bag.pending().iter().map(|pending| told(&pending.event)).collect()
}

fn happen(bag: &mut Bag<Relay>, place: usize) -> Vec<u8> {
    let event = bag.remove(place);
    bag.happen(event, Time::ZERO, &mut Lowest)
}

#[test]
fn what_a_step_brings_about_is_pending_in_its_order() {
    let mut bag = told();
    assert_eq!(pending(&bag), ["n1 timer 9", "n1->n2 8"]);
    assert_eq!(happen(&mut bag, 1), [8]);
    assert_eq!(pending(&bag), ["n1 timer 9", "n2 timer 8"], "node 3 does not exist");
    assert!(happen(&mut bag, 0).is_empty());
    assert_eq!(pending(&bag), ["n2 timer 8", "n1->n2 8"]);
}

#[test]
fn a_removed_message_is_lost_and_a_duplicated_one_comes_twice() {
    let mut bag = told();
    bag.duplicate(1);
    assert_eq!(pending(&bag), ["n1 timer 9", "n1->n2 8", "n1->n2 8"]);
    bag.remove(1);
    assert_eq!(happen(&mut bag, 1), [8]);
    assert_eq!(bag.machine(node(2)).map(|relay| &relay.heard[..]), Some(&[8][..]));
}

#[test]
fn a_timer_that_is_armed_again_is_pending_once_and_disarming_takes_it_out() {
    let mut bag = told();
    let first = bag.pending()[0].number;
    bag.step(node(1), Input::Command(9), Time::ZERO, &mut Lowest);
    assert_eq!(pending(&bag), ["n1->n2 8", "n1 timer 9", "n1->n2 8"]);
    assert_eq!((bag.place(first), bag.place(first + 1)), (None, Some(0)));
    bag.step(node(1), Input::Timer(8), Time::ZERO, &mut Lowest);
    assert_eq!(pending(&bag), ["n1->n2 8", "n1->n2 8", "n1->n2 7"]);
}

#[test]
fn a_crash_takes_timers_and_the_last_save_if_that_is_asked_for() {
    for (undoes_save, found) in [(false, vec![9]), (true, vec![])] {
        let mut bag = told();
        bag.crash(node(1), undoes_save);
        assert_eq!(pending(&bag), ["n1->n2 8"]);
        assert!(bag.machine(node(1)).is_none());
        let start = bag.start(node(1), Relay::default());
        assert_eq!(bag.step(node(1), start, Time::ZERO, &mut Lowest), found);
    }
}

#[test]
fn a_save_is_durable_once_a_later_effect_has_happened() {
    let mut bag = told();
    bag.carry_out(node(1), Effect::Emit(0));
    bag.crash(node(1), true);
    assert_eq!(*bag.storage(node(1)), Storage::<Relay>::from([((), 9)]));
}

#[test]
fn nothing_comes_of_what_reaches_a_node_that_is_down() {
    let mut bag = told();
    bag.crash(node(2), false);
    assert!(happen(&mut bag, 1).is_empty());
    assert_eq!(pending(&bag), ["n1 timer 9"]);
}

#[test]
fn a_copy_of_a_bag_goes_its_own_way() {
    let bag = told();
    let mut copy = bag.clone();
    happen(&mut copy, 1);
    assert_eq!(pending(&bag), ["n1 timer 9", "n1->n2 8"]);
    assert_eq!(pending(&copy), ["n1 timer 9", "n2 timer 8"]);
    assert!(bag.machine(node(2)).is_some_and(|relay| relay.heard.is_empty()));
}
