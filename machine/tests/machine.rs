//! What a driver can rely on: a node and its deadlines.

use rehearsal_machine::{
    Context, Expiry, Input, Machine, Message, Node, NodeId, Nothing, Time, Wakeup,
};

fn node(number: u32) -> NodeId {
    NodeId::new(number).expect("not zero")
}

/// A machine whose deadlines are numbers, and which does nothing.
#[derive(Clone)]
struct Idle;

#[derive(Clone)]
struct Silence;

impl Message for Silence {
    fn kind(&self) -> &'static str {
        "silence"
    }
}

impl Machine for Idle {
    type Message = Silence;
    type Command = Nothing;
    type Output = Nothing;
    type Timer = u8;
    type Cell = Nothing;
    type Saved = Nothing;

    fn handle(&mut self, _: Input<Self>, _: &mut Context<'_, Self>) {}
}

#[test]
fn arming_a_deadline_again_for_an_earlier_time_replaces_it_and_its_wakeup() {
    let mut node = Node::new(node(1), 1, Idle);
    let first = node.arm(7, Time::from_millis(10)).expect("a new deadline needs a wakeup");
    let second = node.arm(7, Time::from_millis(5)).expect("an earlier one needs another");
    assert_eq!(node.deadlines().count(), 1);
    let at = |wakeup: Wakeup| (wakeup.arming, wakeup.at);
    assert_eq!((at(first), at(second)), ((1, Time::from_millis(10)), (2, Time::from_millis(5))));
    assert_eq!(node.expire(&7, second.arming, second.at), Expiry::Fires);
    assert_eq!(node.expire(&7, second.arming, second.at), Expiry::Nothing, "not twice");
    assert_eq!(node.expire(&7, first.arming, first.at), Expiry::Nothing, "nor the replaced one");
}

#[test]
fn a_deadline_that_is_put_off_needs_no_wakeup_until_the_one_it_has_is_due() {
    let mut node = Node::new(node(1), 1, Idle);
    let wakeup = node.arm(7, Time::from_millis(10)).expect("a new deadline needs a wakeup");
    assert_eq!(node.arm(7, Time::from_millis(20)), None);
    assert_eq!(node.arm(7, Time::from_millis(30)), None);
    let again = Wakeup { at: Time::from_millis(30), arming: 3 };
    assert_eq!(node.expire(&7, wakeup.arming, wakeup.at), Expiry::Again(again));
    assert_eq!(node.expire(&7, again.arming, again.at), Expiry::Fires);
}

#[test]
fn the_wakeup_of_a_disarmed_deadline_serves_the_next_arming_or_does_nothing() {
    let mut node = Node::new(node(1), 1, Idle);
    let wakeup = node.arm(7, Time::from_millis(10)).expect("a new deadline needs a wakeup");
    node.disarm(&7);
    assert_eq!(node.deadlines().count(), 0);
    assert_eq!(node.arm(7, Time::from_millis(10)), None);
    let again = Wakeup { at: Time::from_millis(10), arming: 2 };
    assert_eq!(node.expire(&7, wakeup.arming, wakeup.at), Expiry::Again(again));
    node.disarm(&7);
    assert_eq!(node.expire(&7, again.arming, again.at), Expiry::Nothing);
    assert!(node.arm(7, Time::from_millis(10)).is_some(), "the schedule has none any more");
}

#[test]
fn after_a_change_of_the_clock_every_armed_deadline_has_one_wakeup_that_counts() {
    let mut node = Node::new(node(1), 1, Idle);
    let early = node.arm(7, Time::from_millis(10)).expect("a new deadline needs a wakeup");
    node.arm(7, Time::from_millis(20));
    node.arm(8, Time::from_millis(15));
    let wakeups: Vec<_> = node.wakeups().collect();
    let at = |millis, arming| Wakeup { at: Time::from_millis(millis), arming };
    assert_eq!(wakeups, [(7, at(20, 2)), (8, at(15, 3))]);
    assert_eq!(node.expire(&7, early.arming, Time::from_millis(30)), Expiry::Nothing);
    assert_eq!(node.expire(&8, 3, Time::from_millis(14)), Expiry::Nothing, "before its time");
    assert_eq!(node.expire(&8, 3, Time::from_millis(15)), Expiry::Fires);
    assert_eq!(node.expire(&7, 2, Time::from_millis(20)), Expiry::Fires);
}

#[test]
fn deadlines_are_kept_by_name_and_forgotten_by_name() {
    let mut node = Node::new(node(1), 1, Idle);
    for timer in [3, 1, 2] {
        node.arm(timer, Time::from_millis(u64::from(timer)));
    }
    node.disarm(&1);
    node.disarm(&9);
    let names: Vec<_> = node.deadlines().map(|(timer, _)| *timer).collect();
    assert_eq!((names, node.armings()), (vec![2, 3], 3));
}

#[test]
fn a_clone_of_a_node_has_the_same_deadlines_and_goes_its_own_way() {
    let mut original = Node::new(node(1), 1, Idle);
    original.arm(7, Time::from_millis(10));
    let mut fork = original.clone();
    fork.arm(8, Time::from_millis(20));
    let names = |node: &Node<Idle>| node.deadlines().map(|(timer, _)| *timer).collect::<Vec<_>>();
    assert_eq!((names(&original), names(&fork)), (vec![7], vec![7, 8]));
    assert_eq!(fork.expire(&7, 1, Time::from_millis(10)), Expiry::Fires);
    assert_eq!(original.expire(&7, 1, Time::from_millis(10)), Expiry::Fires, "its own deadline");
}
