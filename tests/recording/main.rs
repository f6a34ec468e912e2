//! Recordings of real nodes on loopback: replayed, joined into one trace, and
//! held against what a scenario expects.

mod bed;
mod damaged;
mod doctored;
mod facts;
mod join;
mod leads;
#[cfg(feature = "mutants")]
mod mutants;
mod oracle;
mod replay;
mod undone;

use std::fs;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use rehearsal::Exit;
use rehearsal::machine::NodeId;
use rehearsal::real::{Problem, Recorded};
use rehearsal::shipped::{Deadlock, Election, Script, cli};
use rehearsal::sim::Protocol;
use rehearsal::sim::trace::{Event, EventKind};
use rehearsal::tcp::recording::{RecordedInput, Recording};
use tempfile::TempDir;

use bed::{Bed, within_a_minute};

fn node(number: u32) -> NodeId {
    NodeId::new(number).expect("not 0")
}

/// What was recorded of a cluster once, for all tests.
struct Kept {
    folder: TempDir,
    nodes: u32,
    /// What each node told its owner, in all its lives.
    told: Vec<Vec<String>>,
}

impl Kept {
    fn of<P: Protocol>(bed: Bed<P>, told: Vec<Vec<String>>) -> Self {
        let nodes = told.len() as u32;
        Self { folder: bed.into_folder(), nodes, told }
    }

    /// The names of all files, each of one node.
    fn files(&self) -> Vec<String> {
        NodeId::all(self.nodes).map(|node| bed::recording(self.folder.path(), node)).collect()
    }

    /// All recordings, each with a name.
    fn recordings(&self) -> Vec<(String, Recording)> {
        let read = |file: String| {
            let recording = Recording::read(Path::new(&file)).expect("a recording");
            (file, recording)
        };
        self.files().into_iter().map(read).collect()
    }

    fn recorded<P: Protocol>(&self) -> Recorded<P> {
        joined(self.recordings()).unwrap_or_else(|problem| panic!("{problem}"))
    }
}

fn joined<P: Protocol>(recordings: Vec<(String, Recording)>) -> Result<Recorded<P>, Problem> {
    Recorded::of(recordings, None)
}

/// The trace of recordings that fit together.
fn traced<P: Protocol>(recordings: Vec<(String, Recording)>) -> Vec<Event> {
    let joined = joined::<P>(recordings).and_then(|recorded| recorded.join());
    joined.unwrap_or_else(|problem| panic!("{problem}")).to_vec()
}

/// Is it what a machine was given?
fn is_input(event: &Event) -> bool {
    matches!(
        event.what,
        EventKind::Start { .. }
            | EventKind::Deliver { .. }
            | EventKind::Timer { .. }
            | EventKind::Command { .. }
    )
}

/// The messages that a node was given in its first life: their counts and bytes.
fn messages(recording: &mut Recording) -> impl Iterator<Item = (&mut u32, &mut Bytes)> {
    recording.lives[0].steps.iter_mut().filter_map(|step| match &mut step.input {
        RecordedInput::Message { count, bytes, .. } => Some((count, bytes)),
        _ => None,
    })
}

/// The recording of n3 in the script.
fn third() -> Recording {
    script().recordings().remove(2).1
}

/// How a file with these bytes replays, told without its folder.
fn replayed(bytes: &[u8]) -> Ran {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("x.recording").display().to_string();
    fs::write(&file, bytes).expect("room");
    let mut ran = replay(&[file], &[]);
    ran.err = ran.err.replace(&format!("{}/", folder.path().display()), "");
    ran
}

const SCRIPT: &str = r#"protocol: Script((form: Repaired, script: "script.txt", resend: "50ms"))"#;

/// The paper's script by six users.
fn script() -> &'static Kept {
    static KEPT: OnceLock<Kept> = OnceLock::new();
    KEPT.get_or_init(|| follow(SCRIPT))
}

/// The same, run anew.
fn follow(protocol: &str) -> Kept {
    let paper = include_str!("../../scenarios/script/paper-50.txt");
    let bed = Bed::<Script>::new(6, protocol, &[("script.txt", paper)]);
    within_a_minute(async {
        let mut users: Vec<_> = NodeId::all(6).map(|me| bed.start(me)).collect();
        for user in &mut users {
            user.until(".").await;
        }
        let mut told = Vec::new();
        for user in users {
            told.push(user.stop().await);
        }
        Kept::of(bed, told)
    })
}

const ELECTION: &str = r#"protocol: Election((form: Hardened(
    answer_wait: "41ms", coordinator_wait: "81ms", heartbeat: "60ms", leader_wait: "200ms",
)))"#;

/// Three nodes whose leader is stopped, replaced, and comes back.
fn election() -> &'static Kept {
    static KEPT: OnceLock<Kept> = OnceLock::new();
    KEPT.get_or_init(|| {
        let bed = Bed::<Election>::new(3, ELECTION, &[]);
        within_a_minute(async {
            let (mut first, mut second) = (bed.start(node(1)), bed.start(node(2)));
            let mut third = bed.start(node(3));
            first.until("F3").await;
            second.until("F3").await;
            third.until("L").await;
            let mut told = vec![Vec::new(), Vec::new(), third.stop().await];
            second.until("L").await;
            first.until("F2").await;
            let mut third = bed.start(node(3));
            third.until("L").await;
            first.until("F3").await;
            second.until("F3").await;
            told[0] = first.stop().await;
            told[1] = second.stop().await;
            told[2].extend(third.stop().await);
            Kept::of(bed, told)
        })
    })
}

/// Two nodes that wait for each other, and a third whose detector, by this rule
/// of the paper's, looks for deadlocks ten times or so.
fn deadlock(as_printed: bool) -> Kept {
    let protocol = format!(
        "protocol: Deadlock((
            detector: Paper(as_printed: {as_printed}, period: \"50ms\", window: \"45ms\", ask: \"30ms\"),
            election: (
                form: Paper(answer_wait: \"41ms\", coordinator_wait: \"250ms\"),
                initial_leader: 3,
            ),
            needs: [(node: 1, of: [2]), (node: 2, of: [1])],
            resend: \"30ms\",
        ))"
    );
    let bed = Bed::<Deadlock>::new(3, &protocol, &[]);
    within_a_minute(async {
        let nodes: Vec<_> = NodeId::all(3).map(|me| bed.start(me)).collect();
        tokio::time::sleep(Duration::from_millis(600)).await;
        let mut told = Vec::new();
        for node in nodes {
            told.push(node.stop().await);
        }
        Kept::of(bed, told)
    })
}

/// What came of a command.
#[derive(Debug)]
struct Ran {
    exit: Exit,
    out: String,
    err: String,
}

/// The command line of all shipped protocols.
fn rehearsal<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Ran {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let exit = cli().run(["rehearsal"].into_iter().chain(arguments), &mut out, &mut err);
    let text = |bytes| String::from_utf8(bytes).expect("what is printed is UTF-8");
    Ran { exit, out: text(out), err: text(err) }
}

/// `replay` with these files and more.
fn replay<'a>(files: &'a [String], more: &[&'a str]) -> Ran {
    let files = files.iter().map(String::as_str);
    rehearsal(["replay"].into_iter().chain(files).chain(more.iter().copied()))
}
