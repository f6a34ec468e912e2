//! Tests with recordings of a small machine: written, read, damaged, and replayed, also with a
//! changed machine.

pub(crate) mod clerk;
mod files;
mod format;
mod random;
mod replays;

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use rehearsal_machine::draws::Recorded;
use rehearsal_machine::{Draw, Effect, Node, NodeId, Time, nanos};
use tempfile::TempDir;

use super::{
    Header, Life, Outcome, RecordedInput, Recorder, Recording, RecordingError, SourceFile, replay,
};
use crate::{Lost, codec};
use clerk::{Clerk, Inner, Order, Say, Timer};

fn node(number: u32) -> NodeId {
    NodeId::new(number).expect("not 0")
}

pub(crate) fn bytes<T: serde::Serialize>(value: &T) -> Bytes {
    let mut bytes = Vec::new();
    codec::append(&mut bytes, value).expect("a plain value");
    bytes.into()
}

fn header(incarnation: u32) -> Header {
    let text = |name: &str, text: &str| SourceFile { name: name.to_owned(), text: text.to_owned() };
    Header {
        protocol: "clerk".to_owned(),
        source: text("roster.ron", "(cluster: \"c\")"),
        files: vec![text("script.txt", "1")],
        node: node(2),
        nodes: 3,
        incarnation,
        clock: codec::read(&[2, b'b', b'1']).expect("a text"),
        build: "0.1.0".to_owned(),
    }
}

/// Draws the high end and the low end of the ranges in turn.
struct Alternating(bool);

impl Draw for Alternating {
    fn draw(&mut self, range: RangeInclusive<u64>) -> u64 {
        self.0 = !self.0;
        if self.0 { *range.end() } else { *range.start() }
    }
}

/// The inputs of each recorded life, with their times in milliseconds. They cover every kind of
/// input and lead to every kind of effect.
fn inputs() -> Vec<(u64, RecordedInput)> {
    let message = |count, say: &Say| RecordedInput::Message {
        from: node(1),
        incarnation: 4,
        count,
        bytes: bytes(say),
    };
    let (count, saved) = (bytes(&clerk::Cell::Count), bytes(&40_u64));
    vec![
        (100, RecordedInput::start([(&count[..], &saved[..])])),
        (101, RecordedInput::command::<Clerk>(&Order::Greet(node(3))).expect("plain")),
        (102, message(1, &Say::Ping(2))),
        (103, message(2, &Say::Wrapped(Inner::Pair { a: 1, b: Some(300) }))),
        (106, RecordedInput::timer::<Clerk>(&Timer::Retry(6)).expect("plain")),
        (120, RecordedInput::timer::<Clerk>(&Timer::Idle).expect("plain")),
        (121, RecordedInput::command::<Clerk>(&Order::Stop).expect("plain")),
    ]
}

/// A node that is recorded, under a driver that does nothing else.
struct Recordee {
    recorder: Recorder,
    node: Node<Clerk>,
    numbers: Alternating,
    spans: Alternating,
    sent: u32,
}

impl Recordee {
    /// Begins a life at the end of the file.
    fn new(path: &Path, incarnation: u32) -> Self {
        let recorder = Recorder::open(path, &header(incarnation));
        Self {
            recorder: recorder.expect("the file can be recorded into"),
            node: Node::new(node(2), incarnation, Clerk::default()),
            numbers: Alternating(false),
            spans: Alternating(false),
            sent: 0,
        }
    }

    /// Records a step, and gives the effects with their outcomes.
    fn step(&mut self, at: Time, input: &RecordedInput) -> Vec<(Effect<Clerk>, Outcome)> {
        let (mut drawn, mut effects) = (Vec::new(), Vec::new());
        let mut noting = Recorded::new(&mut self.numbers, &mut drawn);
        let taken = input.input().expect("it is the machine's");
        self.node.handle(taken, at, &mut noting, &mut effects);
        let outcomes: Vec<_> = effects.iter().map(|effect| self.outcome(effect)).collect();
        let done = effects.iter().zip(outcomes.iter().copied());
        self.recorder.step(at, input, &drawn, done).expect("plain values");
        effects.into_iter().zip(outcomes).collect()
    }

    fn outcome(&mut self, effect: &Effect<Clerk>) -> Outcome {
        match effect {
            Effect::Send { .. } => {
                self.sent += 1;
                Outcome::Sent { count: self.sent, lost: (self.sent == 2).then_some(Lost::Full) }
            }
            Effect::Arm { after, .. } => {
                let after = self.spans.draw(nanos(*after.start())..=nanos(*after.end()));
                Outcome::Armed { after }
            }
            _ => Outcome::Plain,
        }
    }
}

/// A folder, and where a recording of n2 lies in it.
fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("n2.recording");
    (folder, path)
}

/// Records a life at the end of the file.
fn record(path: &Path, incarnation: u32) {
    let mut recordee = Recordee::new(path, incarnation);
    for (at, input) in inputs() {
        recordee.step(Time::from_millis(at), &input);
    }
    recordee.recorder.flush().expect("room");
}

/// The bytes of a recording with this many lives.
fn recorded(lives: u32) -> Vec<u8> {
    let (_folder, path) = place();
    (1..=lives).for_each(|incarnation| record(&path, incarnation));
    std::fs::read(path).expect("a recording")
}

/// Records the start of a node that has nothing saved.
fn start(recorder: &mut Recorder) -> Result<(), RecordingError> {
    recorder.step::<Clerk>(Time::ZERO, &RecordedInput::start([]), &[], [].into_iter())
}

/// A recorded life.
fn life() -> Life {
    Recording::from_bytes(&recorded(1)).expect("a recording").lives.remove(0)
}

#[test]
fn a_recorded_life_replays_without_a_difference() {
    let recording = Recording::from_bytes(&recorded(2)).expect("a recording");
    assert_eq!(recording.torn, None);
    assert_eq!(recording.lives.len(), 2);
    for (life, incarnation) in recording.lives.iter().zip(1..) {
        assert_eq!(life.header, header(incarnation));
        let inputs: Vec<_> = life
            .steps
            .iter()
            .map(|step| (step.at.as_nanos() / 1_000_000, step.input.clone()))
            .collect();
        assert_eq!(inputs, self::inputs());
        assert_eq!(replay(life, Clerk::default()), Ok(()));
    }
}

#[test]
fn a_replay_shows_the_node_after_every_step() {
    let mut seen = Vec::new();
    super::replay_with(&life(), Clerk::default(), |node, step| {
        let idle = node.deadlines().find(|(timer, _)| **timer == Timer::Idle);
        seen.push((node.machine().count, idle.map(|(_, at)| at.since(step.at))));
    })
    .expect("the same machine");
    let millis = |millis| Some(Duration::from_millis(millis));
    let idle = [millis(20), millis(19), millis(18), millis(17), millis(14), millis(20), None];
    assert_eq!(seen, [40, 40, 42, 42, 42, 42, 42].into_iter().zip(idle).collect::<Vec<_>>());
}
