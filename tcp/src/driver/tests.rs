//! A node saves before its effects can be observed.

use std::cell::RefCell;
use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use rehearsal_machine::{Context, Input, Machine, Message, NodeId};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio::task::{LocalSet, spawn_local};

use super::{NodeError, Owner, Setup, run};
use crate::disk::cells::Compaction;
use crate::disk::tests::disks::{Disk, DiskFault};
use crate::disk::{Cells, Identity};
use crate::{Amnesia, Limits, Member, Metrics, Roster, Security};

/// Saves each commanded word, and then sends it to its peer and emits it.
struct Clerk;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Word(u8);

impl Message for Word {
    fn kind(&self) -> &'static str {
        "word"
    }
}

impl Machine for Clerk {
    type Message = Word;
    type Command = u8;
    type Output = u8;
    type Timer = ();
    type Cell = ();
    type Saved = u8;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Command(word) => {
                cx.save((), word);
                cx.send(NodeId::from_index(1), Word(word));
                cx.emit(word);
            }
            Input::Message { message: Word(word), .. } => cx.emit(word),
            Input::Start(_) | Input::Timer(()) | Input::Link { .. } => {}
        }
    }
}

#[derive(Clone, Default)]
struct Heard(Rc<RefCell<Vec<u8>>>);

impl Owner<Clerk> for Heard {
    fn output(&mut self, output: u8) {
        self.0.borrow_mut().push(output);
    }
}

struct Site {
    folder: tempfile::TempDir,
    listeners: [TcpListener; 2],
}

impl Site {
    fn setup(&self, index: usize, disk: Disk) -> Setup<Clerk> {
        let me = NodeId::from_index(index);
        let address = |at: &TcpListener| -> SocketAddr { at.local_addr().expect("it listens") };
        let member = |at| Member { name: "clerk".into(), address: address(at), key: None };
        let members = self.listeners.iter().map(member).collect();
        let identity = Identity { cluster: "clerks".into(), node: me, protocol: "Clerk".into() };
        let folder = self.folder.path().join(me.to_string());
        let compaction = Compaction { min_bytes: u64::MAX, factor: 4 };
        Setup {
            me,
            roster: Roster::new("clerks", members, Security::Insecure).expect("a valid roster"),
            key: None,
            digest: [0; 32],
            compatible: Vec::new(),
            amnesia: Amnesia::Refuse,
            limits: Limits { redial: Duration::ZERO..=Duration::ZERO, ..Limits::default() },
            cells: Cells::open_with(Box::new(disk), &folder, &identity, compaction).expect("room"),
            recorder: None,
            machine: Clerk,
            listener: Some(self.listeners[index].try_clone().expect("a second handle")),
            metrics: Arc::new(Metrics::new(2)),
        }
    }
}

async fn until(mut is_so: impl FnMut() -> bool) {
    while !is_so() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

async fn no_effect_follows_a_failed_save() {
    let listen = || TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let site = Site { folder: tempfile::tempdir().expect("room"), listeners: [listen(), listen()] };
    let (peer, n2) = (Heard::default(), NodeId::from_index(1));
    let (_commands, none) = mpsc::channel(1);
    spawn_local(run(site.setup(1, Disk::default()), peer.clone(), none, std::future::pending()));

    // In the first life the disk fails after the first word; in the second it does not fail.
    for (life, words) in [[1, 2], [3, 4]].into_iter().enumerate() {
        let (disk, owner) = (Disk::default(), Heard::default());
        let setup = site.setup(0, disk.clone());
        let metrics = Arc::clone(&setup.metrics);
        let (commands, orders) = mpsc::channel(1);
        let running = spawn_local(run(setup, owner.clone(), orders, std::future::pending()));
        until(|| metrics.traffic(n2).links > 0).await;
        commands.send(words[0]).await.expect("it runs");
        until(|| peer.0.borrow().ends_with(&words[..1])).await;
        if life == 0 {
            disk.fail(DiskFault::Sync);
        }
        commands.send(words[1]).await.expect("it runs");
        if life == 0 {
            let ended = running.await.expect("no node panics");
            assert!(matches!(ended, Err(NodeError::Disk(_))), "{ended:?}");
            assert_eq!(*owner.0.borrow(), [1]);
        }
    }
    until(|| peer.0.borrow().len() >= 3).await;
    until(|| peer.0.borrow().ends_with(&[4])).await;
    assert_eq!(*peer.0.borrow(), [1, 3, 4]);
}

#[test]
fn a_node_whose_disk_fails_stops_before_its_peer_or_owner_observes_the_effect() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let test = async {
        let limit = Duration::from_secs(60);
        tokio::time::timeout(limit, no_effect_follows_a_failed_save()).await
    };
    LocalSet::new().block_on(&runtime.expect("there is one"), test).expect("it does not hang");
}
