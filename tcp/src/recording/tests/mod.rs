//! Tests with recordings of a small machine: written, read, damaged, and replayed, also with a
//! changed machine.

mod clerk;
mod files;
mod format;
mod random;
mod replays;

use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use rehearsal_machine::draws::Recorded;
use rehearsal_machine::{Draw, Effect, Node, NodeId, Time, nanos};

use super::{Drawn, Header, Life, Outcome, RecordedInput, Recorder, Recording, SourceFile, replay};
use crate::{Lost, codec};
use clerk::{Clerk, Inner, Order, Say, Timer};

fn node(number: u32) -> NodeId {
    NodeId::new(number).expect("not 0")
}

fn bytes<T: serde::Serialize>(value: &T) -> Bytes {
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

/// The outcome of an effect under a driver that only records.
fn outcome(effect: &Effect<Clerk>, spans: &mut Alternating, sent: &mut u32) -> Outcome {
    match effect {
        Effect::Send { .. } => {
            *sent += 1;
            Outcome::Sent { count: *sent, lost: (*sent == 2).then_some(Lost::Full) }
        }
        Effect::Arm { after, .. } => {
            let after = spans.draw(nanos(*after.start())..=nanos(*after.end()));
            Outcome::Armed { after }
        }
        _ => Outcome::Plain,
    }
}

/// Records a life at the end of the file.
fn record(path: &Path, incarnation: u32) {
    let mut recorder =
        Recorder::open(path, &header(incarnation)).expect("the file can be recorded into");
    let mut node = Node::new(node(2), incarnation, Clerk::default());
    let (mut numbers, mut spans, mut sent) = (Alternating(false), Alternating(false), 0);
    for (at, input) in inputs() {
        let (at, mut drawn, mut effects) = (Time::from_millis(at), Vec::new(), Vec::new());
        let mut noting = Recorded::new(&mut numbers, &mut drawn);
        let taken = input.input().expect("it is the machine's");
        node.handle(taken, at, &mut noting, &mut effects);
        let done: Vec<_> =
            effects.iter().map(|effect| outcome(effect, &mut spans, &mut sent)).collect();
        recorder.step(at, &input, &drawn, effects.iter().zip(done)).expect("plain values");
    }
    recorder.flush().expect("room");
}

/// The bytes of a recording with this many lives.
fn recorded(lives: u32) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("n2.recording");
    (1..=lives).for_each(|incarnation| record(&path, incarnation));
    std::fs::read(path).expect("a recording")
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

#[test]
fn draws_are_recorded_with_their_ranges() {
    let (mut inner, mut drawn) = (Alternating(false), Vec::new());
    let mut noting = Recorded::new(&mut inner, &mut drawn);
    assert_eq!([noting.draw(1..=6), noting.draw(2..=2)], [6, 2]);
    let expected = [Drawn { low: 1, high: 6, value: 6 }, Drawn { low: 2, high: 2, value: 2 }];
    assert_eq!(drawn, expected);
}
