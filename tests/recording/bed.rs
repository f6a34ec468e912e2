//! Where nodes of any protocol are set up, watched and recorded.

use std::cell::RefCell;
use std::future::Future;
use std::net::TcpListener;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use rehearsal::machine::NodeId;
use rehearsal::real::{self, Launch};
use rehearsal::sim::{Look as _, OutputOf, Protocol};
use rehearsal::tcp::{NodeError, Owner, run};
use tempfile::TempDir;
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinHandle, LocalSet, spawn_local};

/// A cluster on loopback whose nodes can be started and stopped.
pub(super) struct Bed<P> {
    folder: TempDir,
    listeners: Vec<TcpListener>,
    protocol: std::marker::PhantomData<P>,
}

/// A node at work.
pub(super) struct Running {
    told: Rc<RefCell<Vec<String>>>,
    lane: watch::Receiver<String>,
    stop: watch::Sender<bool>,
    task: JoinHandle<Result<(), NodeError>>,
}

impl<P: Protocol> Bed<P> {
    /// So many nodes that run this, with these files beside their roster.
    pub(super) fn new(nodes: u32, protocol: &str, files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).expect("room");
        }
        let bind = |_| TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let listeners: Vec<_> = (0..nodes).map(bind).collect();
        let members = listeners.iter().zip(1..).map(|(listener, number)| {
            let address = listener.local_addr().expect("it listens");
            format!("(name: \"user{number}\", address: \"{address}\"),\n")
        });
        let roster = format!(
            "(cluster: \"bed\", {protocol}, insecure: true,\n\
             network: (delay: Uniform(\"0ms\", \"10ms\")), nodes: [{}])",
            members.collect::<String>()
        );
        std::fs::write(folder.path().join("roster.ron"), roster).expect("room");
        Self { folder, listeners, protocol: std::marker::PhantomData }
    }

    pub(super) fn into_folder(self) -> TempDir {
        self.folder
    }

    /// Starts a node on the task set that we are in.
    pub(super) fn start(&self, me: NodeId) -> Running {
        let path = self.folder.path().join("roster.ron");
        let opened = real::open::<P>(&path);
        let opened = opened.unwrap_or_else(|complaint| panic!("{complaint}"));
        let own = self.folder.path().join(me.to_string());
        let file = recording(self.folder.path(), me);
        let listener = self.listeners[me.index()].try_clone().expect("it can be had twice");
        let recording = Some(Path::new(&file));
        let launch = Launch { recording, listener: Some(listener), ..Launch::default() };
        let setup = opened.setup(me, &own, launch).expect("nobody is there");
        let (lane, seen) = watch::channel(String::new());
        let (stop, mut stopped) = watch::channel(false);
        let told = Rc::default();
        let watcher = Watcher::<P> { told: Rc::clone(&told), lane, of: std::marker::PhantomData };
        let task = spawn_local(async move {
            // Nobody has an order; the end that gives them is to stay open.
            let (_commands, orders) = mpsc::channel(1);
            let until = async move {
                let _ = stopped.wait_for(|stopped| *stopped).await;
            };
            run(setup, watcher, orders, until).await
        });
        Running { told, lane: seen, stop, task }
    }
}

impl Running {
    /// Waits until its role is this one.
    pub(super) async fn until(&mut self, lane: &str) {
        self.lane.wait_for(|seen| seen == lane).await.expect("it goes on");
    }

    /// Stops it; what it told its owner.
    pub(super) async fn stop(self) -> Vec<String> {
        let _ = self.stop.send(true);
        self.task.await.expect("no node panics").expect("it stops well");
        self.told.take()
    }
}

struct Watcher<P> {
    told: Rc<RefCell<Vec<String>>>,
    lane: watch::Sender<String>,
    of: std::marker::PhantomData<P>,
}

impl<P: Protocol> Owner<P::Machine> for Watcher<P> {
    fn output(&mut self, output: OutputOf<P>) {
        self.told.borrow_mut().push(P::Look::output_text(&output));
    }

    fn observe(&mut self, machine: &P::Machine) {
        let _ = self.lane.send(P::Look::lane(machine).to_string());
    }
}

/// Where a node is recorded.
pub(super) fn recording(folder: &Path, node: NodeId) -> String {
    folder.join(format!("{node}.recording")).display().to_string()
}

/// Runs this within a time after which it certainly hangs.
pub(super) fn within_a_minute<T>(body: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("there is a runtime");
    let limited = async { tokio::time::timeout(Duration::from_secs(60), body).await };
    LocalSet::new().block_on(&runtime, limited).expect("it ends long before")
}
