//! A protocol with no will of its own: nodes do what commands say. What a run
//! of it shows is the world's doing.

use std::cell::Cell;

use indexmap::IndexMap;
use rehearsal::machine::{Context, Draw, Input, Machine, NodeId, mutant};
use rehearsal::sim::chance::Seed;
use rehearsal::sim::fault::Fault;
use rehearsal::sim::network::{Distribution, Network};
use rehearsal::sim::plan::{Decision, DecisionKey, MessageKey, Rest};
use rehearsal::sim::scenario::Builder;
use rehearsal::sim::source::{TimeSpan, read};
use rehearsal::sim::trace::{Event, EventKind};
use rehearsal::sim::{
    Answer, Case, Keep, Lane, Look, Nodes, Options, Plain, Plan, Protocol, Question, Reason,
    Report, Scenario, run,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Note {
    Letter(u64),
    /// Answered at once, without end.
    Ball,
    /// As long as it says.
    Parcel(String),
    /// Answered with one hit less, until there are none left.
    Rally(u8),
}

impl rehearsal::machine::Message for Note {
    fn kind(&self) -> &'static str {
        match self {
            Self::Letter(_) => "letter",
            Self::Ball => "ball",
            Self::Parcel(_) => "parcel",
            Self::Rally(_) => "rally",
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Order {
    /// Sends a letter.
    Send {
        to: NodeId,
        letter: u64,
    },
    /// Throws a ball to somebody, perhaps oneself.
    Throw(NodeId),
    /// Draws a number and tells it.
    Roll,
    /// Arms a timer somewhere in 1..=1000 ms.
    Nap,
    /// Saves a number in the only cell.
    Keep(u64),
    /// Becomes happy, or ceases to be.
    Mood(bool),
    Panic,
    /// Tells whether the planted bugs `Loud` and `Quiet` are selected.
    Confess,
    /// Sends a parcel with so many bytes in it.
    Ship {
        to: NodeId,
        bytes: u16,
    },
    /// Tells what its clock shows.
    Look,
    /// Arms the timer for so many milliseconds.
    Wait(u64),
    /// Tells what it has just saved.
    KeepAndTell(u64),
    /// Begins a rally of so many more hits.
    Rally {
        to: NodeId,
        hits: u8,
    },
}

/// Draws a number at every start, and tells it with what it finds saved.
#[derive(Default)]
pub(crate) struct Courier {
    happy: bool,
    edition: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Setting {
    /// Told at every start, except by the first edition.
    #[serde(default)]
    edition: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    vehicle: Option<Vehicle>,
}

/// `Some(None)` and `None` differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Vehicle {
    None,
}

impl Setting {
    pub(crate) fn edition(edition: u32) -> Self {
        Self { edition, ..Self::default() }
    }

    pub(crate) fn vehicle(vehicle: Option<Vehicle>) -> Self {
        Self { vehicle, ..Self::default() }
    }
}

pub(crate) enum Couriers {}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Fact {
    Happy,
    Up,
    /// Of the world: an even number of couriers is happy.
    Even,
    #[serde(skip_serializing)]
    Unwritable,
    #[serde(skip_deserializing)]
    Unreadable,
}

impl Courier {
    pub(crate) fn is_happy(&self) -> bool {
        self.happy
    }
}

impl Machine for Courier {
    type Message = Note;
    type Command = Order;
    type Output = String;
    type Timer = ();
    type Cell = ();
    type Saved = u64;

    const HEARS_LINKS: bool = true;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Start(storage) => {
                let number = cx.draw(0..=u64::MAX);
                cx.emit(format!("start {number} {storage:?}"));
                if self.edition > 0 {
                    cx.emit(format!("edition {}", self.edition));
                }
            }
            Input::Command(Order::Send { to, letter }) => cx.send(to, Note::Letter(letter)),
            Input::Command(Order::Throw(to)) => cx.send(to, Note::Ball),
            Input::Command(Order::Roll) => {
                let number = cx.draw(1..=6);
                cx.emit(format!("rolled {number}"));
            }
            Input::Command(Order::Nap) => {
                let millis = std::time::Duration::from_millis;
                cx.arm((), millis(1)..=millis(1_000));
            }
            Input::Command(Order::Keep(number)) => cx.save((), number),
            Input::Command(Order::Mood(happy)) => self.happy = happy,
            Input::Command(Order::Panic) => panic!("told to"),
            Input::Command(Order::Confess) => {
                let is_loud = mutant!(Loud);
                cx.emit(format!("loud {is_loud}, quiet {}", mutant!(Quiet)));
            }
            Input::Command(Order::Ship { to, bytes }) => {
                cx.send(to, Note::Parcel("x".repeat(bytes.into())));
            }
            Input::Command(Order::Look) => {
                let now = cx.now();
                cx.emit(format!("it is {now}"));
            }
            Input::Command(Order::Wait(millis)) => {
                let span = std::time::Duration::from_millis(millis);
                cx.arm((), span..=span);
            }
            Input::Command(Order::KeepAndTell(number)) => {
                cx.save((), number);
                cx.emit(format!("kept {number}"));
            }
            Input::Command(Order::Rally { to, hits }) => cx.send(to, Note::Rally(hits)),
            Input::Message { from, message: Note::Ball } => cx.send(from, Note::Ball),
            Input::Message { from, message: Note::Rally(hits) } => {
                if let Some(left) = hits.checked_sub(1) {
                    cx.send(from, Note::Rally(left));
                }
            }
            Input::Message { message: Note::Letter(letter), .. } => {
                cx.emit(format!("letter {letter}"));
            }
            Input::Message { message: Note::Parcel(parcel), .. } => {
                cx.emit(format!("parcel of {}", parcel.len()));
            }
            Input::Timer(()) => cx.emit("awake".to_owned()),
            Input::Link { peer, up } => {
                cx.emit(format!("{peer} {}", if up { "is there" } else { "is gone" }));
            }
        }
    }
}

impl Protocol for Couriers {
    const NAME: &'static str = "Courier";
    type Config = Setting;
    type Machine = Courier;
    type Property = Fact;
    type Memory = ();
    type Look = Self;
    type Owner = Plain;

    fn build(setting: &Setting, _me: NodeId, _: &Nodes) -> Result<Courier, Reason> {
        Ok(Courier { edition: setting.edition, ..Courier::default() })
    }

    fn command(_: &Setting, node: NodeId, _: &Nodes, draw: &mut dyn Draw) -> Option<Order> {
        let to = NodeId::from_index(usize::try_from(draw.draw(0..=4)).expect("small"));
        Some(match draw.draw(0..=4) {
            0 => Order::Nap,
            1 => Order::Roll,
            _ => Order::Send { to, letter: u64::from(node.number()) },
        })
    }

    fn holds(fact: &Fact, question: Question<'_, Courier>) -> Answer {
        ASKED.set(ASKED.get() + 1);
        if let Fact::Even = fact {
            return question.of_world(|view| {
                let happy = |node: &NodeId| view.machine(*node).is_some_and(Courier::is_happy);
                match view.nodes().filter(happy).count() % 2 {
                    0 => Ok(()),
                    _ => Err("an odd number is happy"),
                }
            });
        }
        question.of_every_node(|view, node| match (fact, view.machine(node)) {
            (Fact::Happy, Some(courier)) if !courier.happy => {
                Err(view.violation("somebody is unhappy", || format!("{node} is unhappy")))
            }
            (Fact::Up, None) => {
                Err(view.violation("somebody is down", || format!("{node} is down")))
            }
            _ => Ok(()),
        })
    }
}

impl Look<Self> for Couriers {
    fn message_text(note: &Note) -> String {
        match note {
            Note::Letter(letter) => format!("letter {letter}"),
            Note::Ball => "ball".to_owned(),
            Note::Parcel(parcel) => format!("parcel {}", parcel.len()),
            Note::Rally(hits) => format!("rally {hits}"),
        }
    }

    fn output_text(output: &String) -> String {
        output.clone()
    }

    fn lane(courier: &Courier) -> Lane {
        Lane::from(if courier.happy { 'H' } else { '.' })
    }
}

thread_local! {
    static ASKED: Cell<u64> = const { Cell::new(0) };
}

/// How often properties have been asked about in this.
pub(crate) fn asked(body: impl FnOnce()) -> u64 {
    ASKED.set(0);
    body();
    ASKED.get()
}

/// A scenario of five couriers in the making, 10 s long.
pub(crate) type Five = Builder<Couriers>;

pub(crate) fn couriers() -> Five {
    Scenario::builder(Setting::default()).claim("A law of the world.").nodes(5)
}

pub(crate) fn node(number: u32) -> NodeId {
    NodeId::new(number).expect("nodes count from 1")
}

pub(crate) fn ms(millis: u64) -> TimeSpan {
    TimeSpan::from_millis(millis)
}

/// Everything that can disturb a message, often.
pub(crate) const ROUGH: &str = r#"delay: Uniform("1ms", "50ms"), loss: "20/100", duplicate: "20/100",
    reorder: (share: "20/100", by: "200ms")"#;

/// Values as files write them, and runs of what was made of them.
pub(crate) trait AsWritten: Sized {
    /// A network: `delay: Fixed("1ms")`.
    fn over(self, network: &str) -> Self;
    /// More commands, each followed by a comma: see [`at`].
    fn commands(self, commands: impl AsRef<str>) -> Self;
    /// More faults: `(at: "1s", do: Crash(1)),`.
    fn wrong(self, faults: impl AsRef<str>) -> Self;
    /// More to expect: `Always(Happy), Sometimes(Up)`.
    fn claims(self, expect: &str) -> Self;
    /// This many random commands.
    fn random(self, commands: u32) -> Self;

    fn scenario(&self) -> Scenario<Couriers>;

    fn run(&self, seed: u64) -> Report<Couriers> {
        run(&self.scenario(), Options::seed(seed).keep(Keep::Trace))
    }

    /// The digest of a run in 64 hex digits.
    fn digest(&self, seed: u64) -> String {
        self.run(seed).digest.expect("it was kept").to_string()
    }

    fn events(&self, seed: u64) -> Vec<Event> {
        self.run(seed).outcome.events.expect("they were kept").to_vec()
    }
}

impl AsWritten for Five {
    fn over(self, network: &str) -> Self {
        self.network(value::<Network>(&format!("({network})")))
    }

    fn commands(self, commands: impl AsRef<str>) -> Self {
        let lines: Vec<Line> = value(&format!("[{}]", commands.as_ref()));
        lines.into_iter().fold(self, |five, Line { at, to, command }| five.command(at, to, command))
    }

    fn wrong(self, faults: impl AsRef<str>) -> Self {
        self.faults(value::<Vec<Fault>>(&format!("[{}]", faults.as_ref())))
    }

    fn claims(self, expect: &str) -> Self {
        value::<Vec<_>>(&format!("[{expect}]")).into_iter().fold(self, Self::expect)
    }

    fn random(self, commands: u32) -> Self {
        self.workload(commands, Distribution::Uniform(ms(0), ms(40)))
    }

    fn scenario(&self) -> Scenario<Couriers> {
        self.clone().build().unwrap_or_else(|reason| panic!("{reason}"))
    }
}

#[derive(Deserialize)]
struct Line {
    at: TimeSpan,
    to: NodeId,
    command: Order,
}

/// The value that a text in RON says.
pub(crate) fn value<T: DeserializeOwned>(text: &str) -> T {
    read("value.ron", text).unwrap_or_else(|error| panic!("{error}"))
}

/// A line of `commands`.
pub(crate) fn at(millis: u32, to: u32, order: &str) -> String {
    format!(r#"(at: "{millis}ms", to: {to}, command: {order}),"#)
}

/// So many letters, one link after the other, with this gap between them.
pub(crate) fn on_every_link(letters: u32, from_ms: u32, gap_ms: u32) -> String {
    let letter = |turn| {
        let order = format!("Send(to: {}, letter: {turn})", turn / 5 % 5 + 1);
        at(from_ms + turn * gap_ms, turn % 5 + 1, &order)
    };
    (0..letters).map(letter).collect()
}

/// Four hundred letters, on every link, over eight seconds.
pub(crate) fn letters() -> String {
    on_every_link(400, 0, 20)
}

/// A plan of a run of this.
pub(crate) fn plan(
    scenario: Scenario<Couriers>,
    seed: u64,
    rest: Rest,
    decisions: IndexMap<DecisionKey, Decision>,
) -> Plan {
    let case = Case::new(scenario);
    Plan { case, seed: Seed(seed), rest, decisions, mutant: None, fails: None }
}

/// Decisions by the names that plans give them.
pub(crate) fn keyed<const N: usize>(
    decisions: [(&str, Decision); N],
) -> [(DecisionKey, Decision); N] {
    decisions.map(|(key, decision)| (key.parse().expect("a key"), decision))
}

/// The fates of all messages, link by link in the order of their sending.
pub(crate) fn fates(events: &[Event]) -> Vec<(MessageKey, String)> {
    let told = |event: &Event| match &event.what {
        EventKind::Send { message, lost, arrives, .. } => {
            let delays: Vec<_> = arrives.iter().map(|arrival| arrival.since(event.at)).collect();
            Some((message.clone(), format!("{lost:?} {delays:?}")))
        }
        _ => None,
    };
    let mut fates: Vec<_> = events.iter().filter_map(told).collect();
    fates.sort();
    fates
}
