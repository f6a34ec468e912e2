//! No end of a cluster leaves a node behind.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rehearsal::tcp::now;
use rustix::process::{Pid, Signal, kill_process};

use super::test_cluster::{port, rehearsal};

/// A cluster that would run for ever, and has begun; and its nodes' ports.
fn cluster(folder: &std::path::Path) -> (Child, Vec<u16>) {
    let ports: Vec<_> = (0..3).map(|_| port()).collect();
    let users: String =
        (1..).zip(&ports).map(|(user, port)| format!("127.0.0.1,{port},user{user}\n")).collect();
    let text = format!("Users\n{users}Message\n");
    std::fs::write(folder.join("text.txt"), text).expect("it can be written");
    let mut command: Command = rehearsal(&["cluster", "text.txt", "--insecure"]);
    let piped = command.current_dir(folder).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = piped.spawn().expect("it can be started");
    // Somebody leads, and the two others follow.
    let lines = BufReader::new(child.stdout.as_mut().expect("it is piped")).lines();
    let follows = lines.map_while(Result::ok).filter(|line| line.contains("| follows n3"));
    assert_eq!(follows.take(2).count(), 2, "all are up");
    (child, ports)
}

/// Nobody listens there any more, soon.
fn assert_gone(ports: &[u16]) {
    let limit = now() + Duration::from_secs(20);
    for port in ports {
        while TcpListener::bind(("127.0.0.1", *port)).is_err() {
            assert!(now() < limit, "somebody still listens at {port}");
            std::thread::yield_now();
        }
    }
}

fn ends_with_its_nodes(signal: Signal, code: Option<i32>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (mut child, ports) = cluster(folder.path());
    assert!(TcpListener::bind(("127.0.0.1", ports[0])).is_err(), "a node listens");
    let process = Pid::from_raw(child.id().cast_signed()).expect("it has a number");
    kill_process(process, signal).expect("it can be told");
    // It may have more to say.
    let rest = BufReader::new(child.stdout.take().expect("it is piped"));
    drop(rest.lines().map_while(Result::ok).collect::<Vec<_>>());
    assert_eq!(child.wait().expect("it is our child").code(), code);
    assert_gone(&ports);
}

#[test]
fn a_cluster_that_is_interrupted_stops_its_nodes() {
    ends_with_its_nodes(Signal::INT, Some(0));
}

/// Then it can do nothing for them: the system tells them.
#[cfg(target_os = "linux")]
#[test]
fn a_cluster_that_is_killed_takes_its_nodes_with_it() {
    ends_with_its_nodes(Signal::KILL, None);
}
