//! Steps that were recorded, but undone by a kill before their saves were on the disk.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use bytes::Bytes;
use rehearsal::machine::draws::Lowest;
use rehearsal::machine::{Effect, Node, NodeId, Time, nanos};
use rehearsal::real::{Kept, reopen};
use rehearsal::shipped::Script;
use rehearsal::sim::trace::{Event, EventKind};
use rehearsal::sim::{Nodes, Protocol, Scenario};
use rehearsal::tcp::recording::{Header, Life, Outcome, RecordedInput, Recorder, Recording, Step};

use super::{joined, script};

/// The first byte of an encoded effect.
const SAVE: u8 = 3;
const EMIT: u8 = 4;

/// What these steps save, as a life's start lists it. A user only ever adds cells.
fn saved(steps: &[Step]) -> Vec<(Bytes, Bytes)> {
    let effects = steps.iter().flat_map(|step| &step.effects);
    let saves = effects.filter(|done| done.effect[0] == SAVE).map(|done| {
        let (_, rest) = postcard::take_from_bytes::<u64>(&done.effect[1..]).expect("a number");
        let cell = done.effect.len() - rest.len();
        (done.effect.slice(1..cell), done.effect.slice(cell + 1..))
    });
    saves.collect::<BTreeMap<_, _>>().into_iter().collect()
}

/// The messages that these steps sent: their receivers and counts.
fn sent(steps: &[Step]) -> BTreeSet<(NodeId, u32)> {
    let effects = steps.iter().flat_map(|step| &step.effects);
    let sends = effects.filter_map(|done| match (done.outcome, done.sent_message()) {
        (Outcome::Sent { count, .. }, Some((to, _))) => Some((to, count)),
        _ => None,
    });
    sends.collect()
}

/// Records the life of a user that takes these inputs.
fn recorded(header: &Header, inputs: impl Iterator<Item = (Time, RecordedInput)>) -> Life {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("x.recording");
    let mut recorder = Recorder::open(&file, header).expect("room");
    let cluster = reopen::<Script>(&Kept::of(header), None).expect("it was read before");
    let machine = Script::build(&cluster.config, header.node, &Nodes::all(header.nodes));
    let mut node = Node::new(header.node, header.incarnation, machine.expect("it was built"));
    let mut sends = 0;
    for (at, input) in inputs {
        let mut effects = Vec::new();
        node.handle(input.input().expect("its own"), at, &mut Lowest, &mut effects);
        let outcomes: Vec<_> = effects
            .iter()
            .map(|effect| match effect {
                Effect::Send { .. } => {
                    sends += 1;
                    Outcome::Sent { count: sends, lost: None }
                }
                Effect::Arm { after, .. } => Outcome::Armed { after: nanos(*after.start()) },
                _ => Outcome::Plain,
            })
            .collect();
        let done = effects.iter().zip(outcomes);
        recorder.step(at, &input, &[], done).expect("plain values");
    }
    recorder.flush().expect("room");
    Recording::read(&file).expect("a recording").lives.remove(0)
}

/// The paper's script, in which the last listener was killed right before it committed the last
/// line, and heard the line again in its next life. Gives the number of steps of the last batch.
fn killed_before_the_last_commit() -> (Vec<(String, Recording)>, NodeId, usize) {
    let mut recordings = script().recordings();
    let hears = |step: &Step| step.effects.iter().any(|done| done.effect[0] == EMIT);
    let last_line = |recording: &Recording| {
        let line = recording.lives[0].steps.iter().rfind(|step| hears(step));
        line.expect("every user hears something").at
    };
    let listener = (0..recordings.len()).max_by_key(|place| last_line(&recordings[*place].1));
    let listener = listener.expect("there are users");
    let life = &mut recordings[listener].1.lives[0];
    let last = life.steps.iter().rposition(hears).expect("it hears the last line");
    life.steps.truncate(last + 1);
    // Steps of one batch have the same time: the last line is a batch of its own.
    let at = Time::from_nanos(life.steps[last].at.as_nanos() + 1);
    life.steps[last].at = at;
    let (kept, batch) = life.steps.split_at(last);
    // Its next life starts without the last line. What was said to it is said again.
    let later = |millis: u64| Time::from_nanos(at.as_nanos() + millis * 1_000_000);
    let start = RecordedInput::Start { storage: saved(kept) };
    let is_message = |input: &RecordedInput| matches!(input, RecordedInput::Message { .. });
    let messages = life.steps.iter().map(|step| step.input.clone()).filter(is_message);
    let again = messages.map(|input| (later(2_000), input));
    let header = Header { incarnation: 2, ..life.header.clone() };
    let next = recorded(&header, [(later(1_000), start)].into_iter().chain(again));
    let (user, kept, batch) = (life.header.node, sent(kept), batch.len());
    recordings[listener].1.lives.push(next);
    // Nobody has received what the batch sent.
    for (_, recording) in &mut recordings {
        let me = recording.lives[0].header.node;
        recording.lives[0].steps.retain(|step| match step.input {
            RecordedInput::Message { from, count, .. } => {
                from != user || kept.contains(&(me, count))
            }
            _ => true,
        });
    }
    (recordings, user, batch)
}

fn scenario() -> Scenario<Script> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/script/paper.ron");
    Scenario::open(&path).expect("it is right")
}

#[test]
fn a_line_heard_again_after_a_kill_before_its_commit_is_not_heard_twice() {
    let (recordings, ..) = killed_before_the_last_commit();
    let verdict = joined::<Script>(recordings).expect("they fit").judge(&scenario());
    let verdict = verdict.unwrap_or_else(|problem| panic!("{problem}"));
    // The line's sender waits for the acknowledgement that was never sent. Nothing else is wrong.
    let broken = verdict.broken.expect("the sender waits");
    assert_eq!(broken.expected, "Eventually(AllDelivered)", "{}", broken.detail);
}

#[test]
fn undone_steps_are_counted_and_left_out_of_the_trace_and_still_replayed() {
    let (mut recordings, user, steps) = killed_before_the_last_commit();
    let recorded = joined::<Script>(recordings.clone()).expect("they fit");
    let place = recorded.lives().iter().position(|lived| lived.name() == (user, 1));
    let place = place.expect("it is recorded");
    assert_eq!(recorded.lives()[place].undone.len(), steps);
    assert!(recorded.lives().iter().map(|lived| lived.undone.len()).sum::<usize>() == steps);
    assert_eq!(recorded.replay(place), Ok(()));
    let summary = serde_json::to_value(recorded.summary()).expect("plain");
    assert_eq!(summary["lives"][place]["undone"], steps);
    let delivered = |events: &[Event]| {
        let told = events.iter().filter(|event| matches!(event.what, EventKind::Emit { .. }));
        told.count()
    };
    assert_eq!(delivered(&recorded.join().expect("they fit").to_vec()), 50);
    // A machine that does something else in an undone step differs nonetheless.
    let life = recordings.iter_mut().find_map(|(_, recording)| {
        recording.lives.get_mut(0).filter(|life| life.header.node == user)
    });
    life.and_then(|life| life.steps.last_mut()).expect("it has steps").effects.pop();
    let changed = joined::<Script>(recordings).expect("they fit");
    assert!(changed.replay(place).is_err());
}

#[test]
fn steps_whose_saves_the_next_life_starts_with_took_place() {
    let (mut recordings, user, _) = killed_before_the_last_commit();
    let lives = recordings.iter_mut().map(|(_, recording)| &mut recording.lives);
    let lives = lives.into_iter().find(|lives| lives[0].header.node == user);
    let lives = lives.expect("it is recorded");
    let storage = saved(&lives[0].steps);
    lives[1].steps.truncate(1);
    lives[1].steps[0].input = RecordedInput::Start { storage };
    let recorded = joined::<Script>(recordings).expect("they fit");
    assert!(recorded.lives().iter().all(|lived| lived.undone.is_empty()));
}
