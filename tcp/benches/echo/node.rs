use std::future::pending;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rehearsal_machine::NodeId;
use rehearsal_tcp::disk::{Cells, Identity};
use rehearsal_tcp::{Amnesia, Key, Limits, Member, Metrics, Owner, Roster, Security, Setup, run};
use rustix::time::{ClockId, clock_gettime};
use tokio::sync::mpsc;
use tokio::task::LocalSet;

use crate::machine::{Back, Echo, Order};

/// The nodes' addresses, and the folder of their keys.
pub(crate) struct Site<'a> {
    pub(crate) addresses: Vec<SocketAddr>,
    pub(crate) folder: &'a Path,
    pub(crate) is_tls: bool,
}

impl Site<'_> {
    fn key(&self, number: usize) -> Option<Key> {
        let file = self.folder.join(format!("{number}.key"));
        self.is_tls.then(|| Key::open(&file).or_else(|_| Key::create(&file)).expect("a key"))
    }

    /// Creates the keys.
    pub(crate) fn prepare(&self) {
        for number in 0..self.addresses.len() {
            let _ = self.key(number);
        }
    }

    fn setup(&self, number: usize, listener: TcpListener) -> Setup<Echo> {
        let me = NodeId::from_index(number);
        let members = (0..self.addresses.len()).map(|other| Member {
            name: format!("node{other}"),
            address: self.addresses[other],
            key: self.key(other).map(|key| key.public()),
        });
        let security = if self.is_tls { Security::Keys } else { Security::Insecure };
        let roster = Roster::new("echo", members.collect(), security).expect("a valid roster");
        let identity = Identity { cluster: "echo".into(), node: me, protocol: "Echo".into() };
        let life = format!("{me}-{}", self.addresses[number].port());
        Setup {
            me,
            roster,
            key: self.key(number),
            digest: [0; 32],
            compatible: Vec::new(),
            amnesia: Amnesia::Refuse,
            limits: Limits::default(),
            cells: Cells::open(&self.folder.join(life), &identity).expect("there is room"),
            recorder: None,
            machine: Echo::default(),
            listener: Some(listener),
            metrics: Arc::new(Metrics::new(self.addresses.len() as u32)),
        }
    }

    /// Runs all but n1 until this process is killed.
    pub(crate) async fn echo(&self) {
        let tasks = LocalSet::new();
        for number in 1..self.addresses.len() {
            let listener = TcpListener::bind(self.addresses[number]).expect("the port is free");
            let setup = self.setup(number, listener);
            tasks.spawn_local(async move {
                let (_commands, orders) = mpsc::channel(1);
                run(setup, Silent, orders, pending()).await.expect("it runs");
            });
        }
        tasks.await;
    }

    /// Runs an idle n1, and measures its load over this span, once it has links to all peers. Returns
    /// the used share of a core, in millionths.
    pub(crate) async fn idle(&self, listener: TcpListener, span: Duration) -> u64 {
        let (_commands, orders) = mpsc::channel(1);
        let setup = self.setup(0, listener);
        let metrics = Arc::clone(&setup.metrics);
        let peers = self.addresses.len() as u32;
        let watching = async {
            for peer in NodeId::all(peers).skip(1) {
                while metrics.traffic(peer).links == 0 {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            }
            let before = cpu_time();
            tokio::time::sleep(span).await;
            let taken = cpu_time().saturating_sub(before);
            taken.as_nanos() as u64 * 1_000_000 / span.as_nanos() as u64
        };
        tokio::select! {
            taken = watching => taken,
            ended = run(setup, Silent, orders, pending()) => panic!("{ended:?}"),
        }
    }

    /// Lets n1 execute these orders, one after the other. Returns when packets returned.
    pub(crate) async fn drive(
        &self,
        listener: TcpListener,
        orders: &[Order],
    ) -> Vec<Vec<Duration>> {
        let (commands, taken) = mpsc::channel(1);
        let (told, mut heard) = mpsc::unbounded_channel();
        let setup = self.setup(0, listener);
        let metrics = Arc::clone(&setup.metrics);
        let steering = async {
            let mut all = Vec::new();
            while metrics.traffic(NodeId::from_index(1)).links == 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            for order in orders {
                let began = Instant::now();
                commands.send(*order).await.expect("the node runs");
                let mut times = Vec::new();
                loop {
                    let (Back(back), at): (Back, Instant) =
                        heard.recv().await.expect("the node runs");
                    times.push(at - began);
                    if back == order.packets {
                        break;
                    }
                }
                all.push(times);
            }
            all
        };
        tokio::select! {
            all = steering => all,
            ended = run(setup, Told(told), taken, pending()) => panic!("{ended:?}"),
        }
    }
}

/// The CPU time of this process.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.cast_unsigned(), time.tv_nsec.cast_unsigned() as u32)
}

struct Silent;

impl Owner<Echo> for Silent {
    fn output(&mut self, _output: Back) {}
}

struct Told(mpsc::UnboundedSender<(Back, Instant)>);

impl Owner<Echo> for Told {
    fn output(&mut self, output: Back) {
        // It fails only after the benchmark has ended.
        let _ = self.0.send((output, Instant::now()));
    }
}
