//! A machine that hears of links is told when they begin and end.

use std::path::PathBuf;

use rehearsal_machine::{Context, Input, Machine, Message, NodeId, Nothing};
use rehearsal_tcp::recording::{
    Header, Outcome, RecordedInput, Recorder, Recording, SourceFile, replay,
};
use rehearsal_tcp::{Clock, Lost, Security};
use serde::{Deserialize, Serialize};

use crate::pair::node;
use crate::raw_client::RawClient;
use crate::test_cluster::{Outputs, Running, TestCluster, begin, within_a_minute};

/// Tells its owner of its links, and greets a peer at the beginning and at the end of each.
struct Greeter;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Hello;

impl Message for Hello {
    fn kind(&self) -> &'static str {
        "hello"
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
enum Told {
    Up(NodeId),
    Down(NodeId),
    Hello(NodeId),
}

impl Machine for Greeter {
    type Message = Hello;
    type Command = Nothing;
    type Output = Told;
    type Timer = Nothing;
    type Cell = Nothing;
    type Saved = Nothing;

    const HEARS_LINKS: bool = true;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Link { peer, up: true } => {
                cx.emit(Told::Up(peer));
                cx.send(peer, Hello);
            }
            Input::Link { peer, up: false } => {
                cx.emit(Told::Down(peer));
                cx.send(peer, Hello);
            }
            Input::Message { from, message: Hello } => cx.emit(Told::Hello(from)),
            Input::Start(_) | Input::Command(_) | Input::Timer(_) => {}
        }
    }
}

#[test]
fn a_greeting_at_the_beginning_of_each_link_arrives() {
    within_a_minute(async {
        let cluster = TestCluster::new(2, Security::Keys);
        let (one, two) = (Outputs::new(), Outputs::new());
        let first = cluster.start(node(1), Greeter, one.clone());
        for life in 1..=3 {
            let second = cluster.start(node(2), Greeter, two.clone());
            two.until(2 * life).await;
            one.until(3 * life - 1).await;
            second.kill().await;
            one.until(3 * life).await;
        }
        first.stop().await;
        let link = [Told::Up(node(2)), Told::Hello(node(2)), Told::Down(node(2))];
        assert_eq!(one.all(), [link, link, link].concat());
        let link = [Told::Up(node(1)), Told::Hello(node(1))];
        assert_eq!(two.all(), [link, link, link].concat());
    });
}

#[test]
fn what_a_machine_heard_of_its_links_is_recorded_and_replays() {
    within_a_minute(async {
        let cluster = TestCluster::new(2, Security::Insecure);
        let told = Outputs::new();
        let (first, path) = recorded(&cluster, node(1), told.clone());
        let second = cluster.start(node(2), Greeter, Outputs::new());
        told.until(2).await;
        second.kill().await;
        told.until(3).await;
        first.stop().await;
        let recording = Recording::read(&path).expect("a recording");
        let life = &recording.lives[0];
        let links: Vec<_> = life
            .steps
            .iter()
            .filter_map(|step| match step.input {
                RecordedInput::Link { peer, up } => Some((peer, up)),
                _ => None,
            })
            .collect();
        assert_eq!(links, [(node(2), true), (node(2), false)]);
        assert_eq!(replay(life, Greeter), Ok(()));
    });
}

#[test]
fn what_is_sent_when_a_link_is_replaced_is_of_neither_link() {
    within_a_minute(async {
        let cluster = TestCluster::new(2, Security::Insecure);
        let told = Outputs::new();
        let (second, path) = recorded(&cluster, node(2), told.clone());
        let connect = async || RawClient::plain(cluster.address(node(2))).await.admitted().await;
        let mut old = connect().await;
        told.until(1).await;
        let new = connect().await;
        told.until(3).await;
        old.until_closed().await;
        second.stop().await;
        drop(new);
        let recording = Recording::read(&path).expect("a recording");
        let steps = &recording.lives[0].steps;
        let mut ends =
            steps.iter().filter(|step| matches!(step.input, RecordedInput::Link { up: false, .. }));
        let replaced = ends.next().expect("an end");
        let sent = replaced.effects.last().expect("a greeting");
        assert_eq!(sent.outcome, Outcome::Sent { count: 2, lost: Some(Lost::Down) });
    });
}

/// Starts a node that greets, and writes what it does to a file.
fn recorded(cluster: &TestCluster, me: NodeId, told: Outputs<Told>) -> (Running<Nothing>, PathBuf) {
    let path = cluster.folder.path().join(format!("{me}.recording"));
    let header = Header {
        protocol: "greeter".to_owned(),
        source: SourceFile { name: String::new(), text: String::new() },
        files: Vec::new(),
        node: me,
        nodes: 2,
        incarnation: 1,
        clock: Clock::here(),
        build: String::new(),
    };
    let mut setup = cluster.setup(me, Greeter);
    setup.recorder = Some(Recorder::open(&path, &header).expect("room"));
    (begin(setup, told), path)
}
