//! Two nodes in separate network namespaces, with a cable between them that is cut repeatedly.
//!
//! It is not part of the default tests, because not every user may create network namespaces. Run
//! it with `cargo test -p rehearsal-tcp --test netns`.

#[path = "../nodes/asker.rs"]
mod asker;

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use rehearsal_machine::NodeId;
use rehearsal_tcp::disk::{Cells, Identity};
use rehearsal_tcp::{Amnesia, Key, Limits, Member, Metrics, Owner, Roster, Security, Setup, run};
use tokio::sync::mpsc;
use tokio::time::interval;

use asker::{Ask, Asker, Output};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments[..] {
        [is_node, number, folder] if is_node == "node" => be_node(number, Path::new(folder)),
        _ => two_nodes_reconnect_after_each_cut_of_their_cable(),
    }
}

fn two_nodes_reconnect_after_each_cut_of_their_cable() {
    let folder = tempfile::TempDir::new().expect("there is room for files");
    for node in ["n1", "n2"] {
        Key::create(&folder.path().join(format!("{node}.key"))).expect("there is room for it");
        File::create(folder.path().join(format!("{node}.log"))).expect("there is room for it");
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/netns/cable.sh");
    let binary = std::env::current_exe().expect("it is known");
    let status = Command::new("unshare")
        .args(["-rnm", "sh", script])
        .args([&binary, folder.path()])
        .status()
        .expect("there is `unshare` of util-linux");
    assert!(status.success(), "{status}");
}

/// Runs one of the nodes, in a process of its own.
fn be_node(number: &str, folder: &Path) {
    let me = NodeId::new(number.parse().expect("a number")).expect("nodes count from 1");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("there is a runtime").block_on(ask_until_told_to_stop(me, folder));
}

/// Logs the answers to a file.
struct Notes(File);

impl Owner<Asker> for Notes {
    fn output(&mut self, output: Output) {
        if let Output::Answered { number, .. } = output {
            writeln!(self.0, "answered {number}").expect("there is room for it");
        }
    }
}

async fn ask_until_told_to_stop(me: NodeId, folder: &Path) {
    let log = folder.join(format!("{me}.log"));
    let notes = || OpenOptions::new().append(true).open(&log).expect("it is there");
    let metrics = Arc::new(Metrics::new(2));
    let setup = setup(me, folder, Arc::clone(&metrics));
    let (commands, orders) = mpsc::channel(8);
    let peer = NodeId::all(2).find(|node| *node != me).expect("there are two");
    let asking = async {
        let (mut looks, mut notes, mut down) = (interval(Duration::from_millis(20)), notes(), 0);
        for number in 1.. {
            looks.tick().await;
            if folder.join("stop").exists() {
                return;
            }
            let _ = commands.send(Ask { to: peer, number, bytes: 100 }).await;
            let now = metrics.traffic(peer).down;
            if now > down {
                writeln!(notes, "down").expect("there is room for it");
            }
            down = now;
        }
    };
    run(setup, Notes(notes()), orders, asking).await.expect("the node stops without an error");
}

fn setup(me: NodeId, folder: &Path, metrics: Arc<Metrics>) -> Setup<Asker> {
    let key =
        |node: NodeId| Key::open(&folder.join(format!("{node}.key"))).expect("the key was created");
    let members = NodeId::all(2).map(|node| Member {
        name: node.to_string(),
        address: SocketAddr::from(([10, 9, 0, node.number() as u8], 4_000)),
        key: Some(key(node).public()),
    });
    let identity = Identity { cluster: "cable".into(), node: me, protocol: "asker".into() };
    Setup {
        me,
        roster: Roster::new("cable", members.collect(), Security::Keys).expect("a valid roster"),
        key: Some(key(me)),
        digest: [1; 32],
        compatible: Vec::new(),
        amnesia: Amnesia::Refuse,
        limits: Limits {
            handshake: Duration::from_millis(500),
            idle: Duration::from_millis(600),
            redial: Duration::from_millis(10)..=Duration::from_millis(200),
            ..Limits::default()
        },
        cells: Cells::open(&folder.join(me.to_string()), &identity).expect("the folder is fine"),
        recorder: None,
        machine: Asker,
        listener: None,
        metrics,
    }
}
