//! What owners type, and what they see.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use rustix::process::Signal;

use super::process::tell;
use super::test_cluster::{TestCluster, rehearsal};

fn chat(nodes: usize) -> TestCluster {
    let mut cluster = TestCluster::of_chat(nodes, false);
    cluster.start_all();
    cluster
}

fn shows(cluster: &TestCluster, node: usize, text: &str) -> bool {
    cluster.nodes[node].window.iter().any(|line| line.contains(text))
}

#[test]
fn what_one_user_types_another_one_sees() {
    let mut cluster = chat(2);
    cluster.process(0).say("2 hello there");
    cluster.until("n2 sees it", |cluster| shows(cluster, 1, "n1: hello there"));
    cluster.stop_all();
    assert!(cluster.read(1, "window.txt").contains("n1: hello there\n"));
}

#[test]
fn a_wrong_line_is_answered_and_the_next_one_obeyed() {
    let mut cluster = chat(2);
    cluster.process(0).say("who is there?");
    cluster.process(0).say("2 hello");
    cluster.until("n2 sees it", |cluster| shows(cluster, 1, "hello"));
    let ended = cluster.stop(0);
    assert!(ended.errors.contains("begin with the recipient: `3 hello`"), "{}", ended.errors);
}

#[test]
fn the_end_of_what_is_typed_does_not_end_the_node() {
    let mut cluster = chat(2);
    cluster.process(1).close_input();
    cluster.process(0).say("2 hello");
    cluster.until("n2 sees it", |cluster| shows(cluster, 1, "hello"));
    cluster.stop_all();
}

/// A line of it is a line of the window, as it is left at the end.
#[test]
fn standard_output_has_the_window_alone() {
    let cluster = TestCluster::of_chat(1, false);
    let mut command = rehearsal(&["node", "--me", "user1"]);
    let piped = command.arg(&cluster.roster).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.stdin(Stdio::null()).spawn().expect("it can be started");
    let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let mut shown = vec![lines.next().expect("it says that it leads").expect("it is text")];
    tell(&child, Signal::TERM);
    shown.extend(lines.map_while(Result::ok));
    assert!(child.wait().expect("it is our child").success());
    assert!(cluster.read(0, "window.txt").lines().eq(&shown), "{shown:#?}");
}

#[test]
fn an_interrupt_ends_a_node_in_an_orderly_way_too() {
    let mut cluster = chat(1);
    cluster.process(0).signal(Signal::INT);
    let ended = cluster.ended(0);
    assert_eq!(ended.code, Some(0), "{}", ended.errors);
    assert!(cluster.nodes[0].metrics.is_some(), "its last words are what it has met");
    assert!(ended.errors.contains("n1: "), "and so are they for people: {}", ended.errors);
}
