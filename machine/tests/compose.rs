//! What a parent of other machines can rely on: effects, outputs, storage.

use std::ops::RangeInclusive;
use std::time::Duration;

use rehearsal_machine::{
    Context, Draw, Effect, Embeds as _, Input, Machine, Message, Nested, NodeId, Nothing, Storage,
    Time, compose,
};

const MILLISECOND: Duration = Duration::from_millis(1);

fn node(number: u32) -> NodeId {
    NodeId::new(number).expect("not zero")
}

struct NoDraws;

impl Draw for NoDraws {
    fn draw(&mut self, range: RangeInclusive<u64>) -> u64 {
        panic!("nothing here draws from {range:?}")
    }
}

/// The effects of one input, as texts.
fn effects<M>(machine: &mut M, input: Input<M>) -> Vec<String>
where
    M: Machine,
    Effect<M>: std::fmt::Debug,
{
    let mut effects = Vec::new();
    machine.handle(input, &mut Context::new(node(1), Time::ZERO, &mut NoDraws, &mut effects));
    effects.iter().map(|effect| format!("{effect:?}")).collect()
}

/// Counts its messages and commands. It emits the count twice, before and after
/// it sends and saves it.
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

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Again;

impl Machine for Counter {
    type Message = Count;
    type Command = ();
    type Output = u64;
    type Timer = Again;
    type Cell = u8;
    type Saved = u64;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Start(storage) => return self.count = storage.get(&1).copied().unwrap_or(0),
            Input::Timer(Again) => {
                cx.disarm(Again);
                return cx.erase(1);
            }
            Input::Message { .. } | Input::Command(()) => self.count += 1,
            Input::Link { .. } => {}
        }
        cx.emit(self.count);
        cx.send(node(9), Count(self.count));
        cx.arm(Again, MILLISECOND..=MILLISECOND);
        cx.save(1, self.count);
        cx.emit(self.count);
    }
}

/// Keeps one number that its owner commands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Keeper {
    kept: u64,
}

impl Machine for Keeper {
    type Message = Count;
    type Command = u64;
    type Output = Nothing;
    type Timer = Nothing;
    type Cell = u8;
    type Saved = u64;

    const HEARS_LINKS: bool = true;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Start(storage) => self.kept = storage.get(&1).copied().unwrap_or(0),
            Input::Command(number) => {
                self.kept = number;
                cx.save(1, number);
            }
            Input::Message { from, message } => cx.send(from, message),
            Input::Timer(nothing) => match nothing {},
            Input::Link { peer, up } => cx.save(2, u64::from(peer.number()) * 10 + u64::from(up)),
        }
    }
}

/// A counter, whose first outputs it has kept, and a keeper, which may be absent.
struct Parent {
    counter: Nested<Counter>,
    keeper: Option<Nested<Keeper>>,
    /// How often an output makes the counter count again.
    repeats: u64,
}

compose! {
    parts of Parent {
        /// Of the counter.
        Counter(Counter) => ask_counter { kind: count_kind, saved: Number },
        /// Of the keeper.
        Keeper(Keeper) => ask_keeper,
    }

    /// What parents say to each other.
    #[derive(Clone, Debug, PartialEq, Eq)]
    message ParentMessage {
        /// An own one, in front.
        Hello(u32) = "hello",
        ..,
        /// An own one, behind.
        Bye = "bye",
    }

    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    timer ParentTimer { .., Stop }

    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    cell ParentCell {
        Plain,
        Pair(u8, u8),
        ..
    }

    #[derive(Clone, Debug, PartialEq, Eq)]
    saved ParentSaved { Number(u64), .. }
}

fn count_kind(count: &Count) -> &'static str {
    if count.0 == 0 { "zero" } else { count.kind() }
}

impl Parent {
    fn new(repeats: u64) -> Self {
        let keeper = Some(Nested::new(Keeper::default()));
        Self { counter: Nested::new(Counter::default()), keeper, repeats }
    }

    fn ask_counter(&mut self, input: Input<Counter>, cx: &mut Context<'_, Self>) {
        cx.nest(self, |parent| Some(&mut parent.counter), input, Self::on_count);
    }

    fn on_count(&mut self, count: u64, cx: &mut Context<'_, Self>) {
        cx.emit(format!("begin {count}"));
        self.ask_keeper(Input::Command(count), cx);
        if self.repeats > 0 {
            self.repeats -= 1;
            self.ask_counter(Input::Command(()), cx);
        }
        cx.emit(format!("end {count}"));
    }

    fn ask_keeper(&mut self, input: Input<Keeper>, cx: &mut Context<'_, Self>) {
        cx.nest(self, |parent| parent.keeper.as_mut(), input, |_, output, _| match output {});
    }
}

impl Machine for Parent {
    type Message = ParentMessage;
    type Command = ();
    type Output = String;
    type Timer = ParentTimer;
    type Cell = ParentCell;
    type Saved = ParentSaved;

    const HEARS_LINKS: bool = true;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Start(storage) => {
                self.ask_counter(Self::start_input(&storage), cx);
                self.ask_keeper(Self::start_input(&storage), cx);
            }
            Input::Command(()) => self.ask_counter(Input::Command(()), cx),
            input => self.route(input, cx),
        }
    }
}

fn message(message: ParentMessage) -> Input<Parent> {
    Input::Message { from: node(2), message }
}

/// What the counter does after it has emitted a count for the first time.
fn counted(count: u64) -> [String; 3] {
    [
        format!("Send {{ to: n9, message: Counter(Count({count})) }}"),
        "Arm { timer: Again, after: 1ms..=1ms }".to_owned(),
        format!("Save {{ cell: 1, value: Some(Number({count})) }}"),
    ]
}

/// What the parent does about a count, if the counter does not count again.
fn told(count: u64) -> [String; 3] {
    [
        format!("Emit(\"begin {count}\")"),
        format!("Save {{ cell: 1, value: Some(Keeper({count})) }}"),
        format!("Emit(\"end {count}\")"),
    ]
}

#[test]
fn what_a_parent_does_about_an_output_stands_in_the_outputs_place_among_the_childs_effects() {
    let effects = effects(&mut Parent::new(0), message(ParentMessage::Counter(Count(7))));
    assert_eq!(effects, [told(1), counted(1), told(1)].concat());
}

#[test]
fn a_parent_can_give_a_child_an_input_while_it_acts_on_an_output_of_that_child() {
    let effects = effects(&mut Parent::new(1), Input::Command(()));
    let inner = [told(2), counted(2), told(2)].concat();
    let [begin, keep, end] = told(1);
    let first = [vec![begin, keep], inner, vec![end]].concat();
    assert_eq!(effects, [first, counted(1).to_vec(), told(1).to_vec()].concat());
}

#[test]
fn a_child_disarms_and_erases_under_its_parents_names() {
    let effects = effects(&mut Parent::new(0), Input::Timer(ParentTimer::Counter(Again)));
    assert_eq!(effects, ["Disarm(Again)", "Save { cell: 1, value: None }"]);
}

#[test]
fn an_absent_child_does_nothing() {
    let mut parent = Parent { keeper: None, ..Parent::new(0) };
    assert_eq!(effects(&mut parent, message(ParentMessage::Keeper(Count(0)))), [""; 0]);
    assert_eq!(
        effects(&mut Parent::new(0), message(ParentMessage::Keeper(Count(0)))),
        ["Send { to: n2, message: Keeper(Count(0)) }"]
    );
}

#[test]
fn every_child_starts_from_its_own_part_of_the_storage() {
    let mut parent = Parent::new(0);
    let storage = Storage::<Parent>::from([
        (ParentCell::Plain, ParentSaved::Number(5)),
        (ParentCell::Counter(1), ParentSaved::Number(41)),
        (ParentCell::Counter(2), ParentSaved::Keeper(6)),
        (ParentCell::Keeper(1), ParentSaved::Keeper(7)),
    ]);
    effects(&mut parent, Input::Start(storage));
    assert_eq!(parent.counter.machine.count, 41);
    assert_eq!(parent.keeper.expect("it has one").machine.kept, 7);
}

#[test]
fn own_messages_and_deadlines_are_routed_to_no_part() {
    for own in [
        message(ParentMessage::Hello(1)),
        message(ParentMessage::Bye),
        Input::Timer(ParentTimer::Stop),
    ] {
        let mut parent = Parent::new(0);
        assert_eq!(effects(&mut parent, own), [""; 0]);
        assert_eq!(parent.counter.machine.count, 0);
    }
}

#[test]
fn news_of_a_link_goes_to_the_parts_that_hear_of_links_alone() {
    let mut parent = Parent::new(0);
    let link = |up| Input::Link { peer: node(2), up };
    assert_eq!(effects(&mut parent, link(true)), ["Save { cell: 2, value: Some(Keeper(21)) }"]);
    assert_eq!(effects(&mut parent, link(false)), ["Save { cell: 2, value: Some(Keeper(20)) }"]);
    assert_eq!(parent.counter.machine.count, 0);
}

#[test]
fn a_part_of_a_message_passes_its_kind_through_unless_the_parent_names_a_function() {
    let kinds = [
        ParentMessage::Hello(3),
        ParentMessage::Counter(Count(0)),
        ParentMessage::Counter(Count(1)),
        ParentMessage::Keeper(Count(0)),
        ParentMessage::Bye,
    ];
    let kinds = kinds.map(|message| message.kind());
    assert_eq!(kinds, ["hello", "zero", "count", "count", "bye"]);
}

#[test]
fn names_of_parts_show_as_the_parts_own_and_own_names_as_derived() {
    let timers = [ParentTimer::Counter(Again), ParentTimer::Stop];
    assert_eq!(timers.map(|timer| format!("{timer:?}")), ["Again", "Stop"]);
    let cells = [ParentCell::Plain, ParentCell::Pair(1, 2), ParentCell::Keeper(3)];
    assert_eq!(cells.map(|cell| format!("{cell:?}")), ["Plain", "Pair(1, 2)", "3"]);
}

#[test]
fn variants_have_the_order_in_which_they_are_written() {
    let cells =
        [ParentCell::Plain, ParentCell::Pair(0, 0), ParentCell::Counter(9), ParentCell::Keeper(0)];
    assert!(cells.is_sorted());
    assert!(ParentTimer::Counter(Again) < ParentTimer::Stop);
}

/// Lets no message of its child out.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Muted(Nested<Counter>);

compose! {
    parts of Muted {
        Counter(Counter) => ask,
    }
}

impl Muted {
    fn ask(&mut self, input: Input<Counter>, cx: &mut Context<'_, Self>) {
        cx.delegate_filtered(&mut self.0, input, |effect| match effect {
            Effect::Send { .. } => None,
            Effect::Save { cell, .. } => Some(Effect::Save { cell, value: Some(0) }),
            effect => Some(effect),
        });
    }
}

impl Machine for Muted {
    type Message = Count;
    type Command = ();
    type Output = u64;
    type Timer = Again;
    type Cell = u8;
    type Saved = u64;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Command(()) => self.ask(Input::Command(()), cx),
            input => self.route(input, cx),
        }
    }
}

#[test]
fn a_single_part_without_enums_gets_its_messages_and_deadlines() {
    let mut muted = Muted(Nested::new(Counter::default()));
    effects(&mut muted, Input::Message { from: node(2), message: Count(1) });
    assert_eq!(muted.0.machine.count, 1);
    let fired = effects(&mut muted, Input::Timer(Again));
    assert_eq!(fired.first().map(String::as_str), Some("Disarm(Again)"), "{fired:?}");
}

#[test]
fn a_filter_can_drop_and_replace_the_effects_of_a_child() {
    let mut muted = Muted(Nested::new(Counter::default()));
    let expected = [
        "Emit(1)",
        "Arm { timer: Again, after: 1ms..=1ms }",
        "Save { cell: 1, value: Some(0) }",
        "Emit(1)",
    ];
    assert_eq!(effects(&mut muted, Input::Command(())), expected);
}

#[test]
fn nested_machines_are_equal_when_their_machines_are() {
    let mut one = Nested::new(Counter::default());
    let other = one.clone();
    assert_eq!(one, other);
    one.machine.count = 1;
    assert_ne!(one, other);
}

compose! {
    /// One of two forms.
    #[derive(Clone, Debug, PartialEq, Eq)]
    one_of Form {
        /// It counts.
        Counter(Counter),
        /// It counts, and says nothing of it.
        Muted(Muted),
    }

    #[derive(Clone, Debug, PartialEq, Eq)]
    message FormMessage { .. }

    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    timer FormTimer { .. }

    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    cell FormCell { .. }
}

#[test]
fn one_of_several_does_what_its_form_does_with_the_outputs_in_place() {
    let mut form = Form::from(Counter::default());
    let [send, arm, _] = counted(1);
    let expected = ["Emit(1)".to_owned(), send, arm, "Save { cell: 1, value: Some(1) }".to_owned()];
    let effects = effects(&mut form, Input::Command(()));
    assert_eq!(effects[..4], expected);
    assert_eq!(effects[4..], ["Emit(1)"]);
}

#[test]
fn messages_and_deadlines_of_another_form_are_ignored() {
    let muted = || Form::from(Muted(Nested::new(Counter::default())));
    let from = node(2);
    let message = |message| Input::Message { from, message };
    let foreign = message(FormMessage::Counter(Count(1)));
    assert_eq!(effects(&mut Form::from(Counter::default()), foreign.clone()).len(), 5);
    assert_eq!(effects(&mut muted(), foreign), [""; 0]);
    assert_eq!(effects(&mut muted(), message(FormMessage::Muted(Count(1)))).len(), 4);
    let mut counter = Form::from(Counter::default());
    assert_eq!(effects(&mut counter, Input::Timer(FormTimer::Muted(Again))), [""; 0]);
    assert_eq!(effects(&mut counter, Input::Timer(FormTimer::Counter(Again))).len(), 2);
}

#[test]
fn a_form_starts_from_its_own_cells() {
    let mut form = Form::from(Counter::default());
    let storage = Storage::<Form>::from([(FormCell::Counter(1), 4), (FormCell::Muted(1), 5)]);
    effects(&mut form, Input::Start(storage));
    assert_eq!(form, Form::from(Counter { count: 4 }));
}
