//! No end of a cluster leaves a node behind.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Child, Stdio};
use std::time::Duration;

use rehearsal::tcp::now;
use rustix::process::Signal;
use tempfile::TempDir;

use super::process::tell;
use super::test_cluster::{rehearsal, script};

/// A cluster that would run without end, and has begun; and its nodes' ports.
fn cluster() -> (TempDir, Child, Vec<u16>) {
    let (folder, ports) = script(3, "");
    let mut command = rehearsal(&["cluster", "text.txt", "--insecure"]);
    let piped = command.current_dir(&folder).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = piped.spawn().expect("it can be started");
    // Somebody leads, and the two others follow.
    let lines = BufReader::new(child.stdout.as_mut().expect("it is piped")).lines();
    let follows = lines.map_while(Result::ok).filter(|line| line.contains("| follows n3"));
    assert_eq!(follows.take(2).count(), 2, "all are up");
    (folder, child, ports)
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
    let (_folder, mut child, ports) = cluster();
    assert!(TcpListener::bind(("127.0.0.1", ports[0])).is_err(), "a node listens");
    tell(&child, signal);
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
