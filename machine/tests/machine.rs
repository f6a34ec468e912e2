//! What a driver and a parent can rely on: nodes, deadlines, nesting.

use std::ops::RangeInclusive;
use std::time::Duration;

use rehearsal_machine::{
    Context, Draw, Effect, Expiry, Input, Machine, Message, Nested, Node, NodeId, Nothing, Storage,
    Time, Wakeup,
};

const MILLISECOND: Duration = Duration::from_millis(1);

fn node(number: u32) -> NodeId {
    NodeId::new(number).expect("not zero")
}

/// Gives 1, 2, 3, ... whatever the range.
struct Counting(u64);

impl Draw for Counting {
    fn draw(&mut self, _range: RangeInclusive<u64>) -> u64 {
        self.0 += 1;
        self.0
    }
}

/// Counts its inputs, and says, arms, saves and tells the count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Counter {
    count: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Count(u64);

impl Message for Count {
    fn kind(&self) -> &'static str {
        "count"
    }
}

impl Machine for Counter {
    type Message = Count;
    type Command = Nothing;
    type Output = u64;
    type Timer = u8;
    type Cell = u8;
    type Saved = u64;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Start(storage) => self.count = storage.get(&1).copied().unwrap_or(0),
            Input::Message { .. } | Input::Timer(_) => self.count += cx.draw(1..=6),
        }
        cx.send(node(9), Count(self.count));
        cx.arm(1, MILLISECOND..=MILLISECOND);
        cx.save(1, self.count);
        cx.emit(self.count);
        cx.disarm(2);
        cx.erase(2);
    }
}

/// Two counters side by side, which meet only here.
struct Pair {
    left: Nested<Counter>,
    right: Nested<Counter>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct PairMessage(Count);
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct PairTimer(u8);
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct PairCell(u8);

impl Message for PairMessage {
    fn kind(&self) -> &'static str {
        self.0.kind()
    }
}

impl From<Count> for PairMessage {
    fn from(count: Count) -> Self {
        Self(count)
    }
}

impl From<u8> for PairTimer {
    fn from(timer: u8) -> Self {
        Self(timer)
    }
}

impl From<u8> for PairCell {
    fn from(cell: u8) -> Self {
        Self(cell)
    }
}

impl TryFrom<PairCell> for u8 {
    type Error = ();

    /// Cells from 100 on are the pair's own.
    fn try_from(PairCell(cell): PairCell) -> Result<Self, ()> {
        if cell < 100 { Ok(cell) } else { Err(()) }
    }
}

impl Machine for Pair {
    type Message = PairMessage;
    type Command = Nothing;
    type Output = String;
    type Timer = PairTimer;
    type Cell = PairCell;
    type Saved = u64;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        let to_left = match input {
            Input::Start(storage) => Input::Start(Nested::<Counter>::storage(&storage)),
            Input::Message { from, message } => Input::Message { from, message: message.0 },
            Input::Timer(PairTimer(timer)) => Input::Timer(timer),
        };
        for told in cx.nest(&mut self.left, to_left) {
            cx.emit(format!("left {told}"));
            for told in cx.nest(&mut self.right, Input::Timer(0)) {
                cx.emit(format!("right {told}"));
            }
        }
    }
}

fn pair() -> Pair {
    Pair { left: Nested::new(Counter::default()), right: Nested::new(Counter::default()) }
}

fn effects<M: Machine>(machine: &mut M, input: Input<M>) -> Vec<Effect<M>> {
    let (mut draws, mut effects) = (Counting(0), Vec::new());
    machine.handle(input, &mut Context::new(node(1), Time::ZERO, &mut draws, &mut effects));
    effects
}

#[test]
fn a_childs_effects_become_its_parents_in_order_and_its_outputs_come_after_them() {
    let message = Input::Message { from: node(2), message: PairMessage(Count(0)) };
    let effects = effects(&mut pair(), message);
    let told: Vec<_> = effects.iter().map(|effect| format!("{effect:?}")).collect();
    let child = |count: u64| {
        [
            format!("Send {{ to: n9, message: PairMessage(Count({count})) }}"),
            "Arm { timer: PairTimer(1), after: 1ms..=1ms }".to_owned(),
            format!("Save {{ cell: PairCell(1), value: Some({count}) }}"),
            "Disarm(PairTimer(2))".to_owned(),
            "Save { cell: PairCell(2), value: None }".to_owned(),
        ]
    };
    let [left, right] = [1, 2].map(child);
    let all = [&left[..], &["Emit(\"left 1\")".into()], &right, &["Emit(\"right 2\")".into()]];
    assert_eq!(told, all.concat());
}

#[test]
fn a_child_starts_from_its_own_part_of_the_storage() {
    let mut pair = pair();
    let storage = Storage::<Pair>::from([(PairCell(1), 41), (PairCell(100), 7)]);
    effects(&mut pair, Input::Start(storage));
    assert_eq!(pair.left.machine.count, 41);
}

#[test]
fn nested_machines_are_equal_when_their_machines_are() {
    let mut one = Nested::new(Counter::default());
    let other = one.clone();
    assert_eq!(one, other);
    one.machine.count = 1;
    assert_ne!(one, other);
}

#[test]
fn arming_a_deadline_again_for_an_earlier_time_replaces_it_and_its_alarm() {
    let mut node = Node::new(node(1), 1, Counter::default());
    let first = node.arm(7, Time::from_millis(10)).expect("a new deadline needs an alarm");
    let second = node.arm(7, Time::from_millis(5)).expect("an earlier one needs another");
    assert_eq!(node.deadlines().count(), 1);
    let at = |alarm: Wakeup| (alarm.arming, alarm.at);
    assert_eq!((at(first), at(second)), ((1, Time::from_millis(10)), (2, Time::from_millis(5))));
    assert_eq!(node.expire(&7, second.arming, second.at), Expiry::Fires);
    assert_eq!(node.expire(&7, second.arming, second.at), Expiry::Nothing, "not twice");
    assert_eq!(node.expire(&7, first.arming, first.at), Expiry::Nothing, "nor the replaced one");
}

#[test]
fn a_deadline_that_is_put_off_needs_no_alarm_until_the_one_it_has_rings() {
    let mut node = Node::new(node(1), 1, Counter::default());
    let alarm = node.arm(7, Time::from_millis(10)).expect("a new deadline needs an alarm");
    assert_eq!(node.arm(7, Time::from_millis(20)), None);
    assert_eq!(node.arm(7, Time::from_millis(30)), None);
    let again = Wakeup { at: Time::from_millis(30), arming: 3 };
    assert_eq!(node.expire(&7, alarm.arming, alarm.at), Expiry::Again(again));
    assert_eq!(node.expire(&7, again.arming, again.at), Expiry::Fires);
}

#[test]
fn the_alarm_of_a_disarmed_deadline_serves_the_next_arming_or_comes_to_nothing() {
    let mut node = Node::new(node(1), 1, Counter::default());
    let alarm = node.arm(7, Time::from_millis(10)).expect("a new deadline needs an alarm");
    node.disarm(&7);
    assert_eq!(node.deadlines().count(), 0);
    assert_eq!(node.arm(7, Time::from_millis(10)), None);
    let again = Wakeup { at: Time::from_millis(10), arming: 2 };
    assert_eq!(node.expire(&7, alarm.arming, alarm.at), Expiry::Again(again));
    node.disarm(&7);
    assert_eq!(node.expire(&7, again.arming, again.at), Expiry::Nothing);
    assert!(node.arm(7, Time::from_millis(10)).is_some(), "the schedule has none any more");
}

#[test]
fn after_a_change_of_the_clock_every_armed_deadline_has_one_alarm_that_counts() {
    let mut node = Node::new(node(1), 1, Counter::default());
    let early = node.arm(7, Time::from_millis(10)).expect("a new deadline needs an alarm");
    node.arm(7, Time::from_millis(20));
    node.arm(8, Time::from_millis(15));
    let alarms: Vec<_> = node.wakeups().collect();
    let at = |millis, arming| Wakeup { at: Time::from_millis(millis), arming };
    assert_eq!(alarms, [(7, at(20, 2)), (8, at(15, 3))]);
    assert_eq!(node.expire(&7, early.arming, Time::from_millis(30)), Expiry::Nothing);
    assert_eq!(node.expire(&8, 3, Time::from_millis(14)), Expiry::Nothing, "before its time");
    assert_eq!(node.expire(&8, 3, Time::from_millis(15)), Expiry::Fires);
    assert_eq!(node.expire(&7, 2, Time::from_millis(20)), Expiry::Fires);
}

#[test]
fn deadlines_are_kept_by_name_and_forgotten_by_name() {
    let mut node = Node::new(node(1), 1, Counter::default());
    for timer in [3, 1, 2] {
        node.arm(timer, Time::from_millis(u64::from(timer)));
    }
    node.disarm(&1);
    node.disarm(&9);
    let names: Vec<_> = node.deadlines().map(|(timer, _)| *timer).collect();
    assert_eq!((names, node.armings()), (vec![2, 3], 3));
}
