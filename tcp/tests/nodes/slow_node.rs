//! A node that could not run for a while handles the messages that arrived before the deadlines that
//! passed.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use rehearsal_machine::{Context, Input, Machine, Message, NodeId};
use rehearsal_tcp::{Owner, Security};
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot};

use crate::pair::until;
use crate::test_cluster::{Outputs, TestCluster, within_a_minute};

const ROUNDS: usize = 20;

/// Long enough to fall into the batch after the one that arms it.
const SOON: Duration = Duration::from_nanos(1);

/// On command waits for a word, with a short deadline.
struct Waiter;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Word;

impl Message for Word {
    fn kind(&self) -> &'static str {
        "word"
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Order {
    Wait,
    Say,
    Nothing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
enum Output {
    Waits,
    Received,
    TimedOut,
    Done,
}

impl Machine for Waiter {
    type Message = Word;
    type Command = Order;
    type Output = Output;
    type Timer = ();
    type Cell = ();
    type Saved = ();

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Start(_) | Input::Link { .. } => {}
            Input::Command(Order::Wait) => {
                cx.arm((), SOON..=SOON);
                cx.emit(Output::Waits);
            }
            Input::Command(Order::Say) => {
                cx.send(NodeId::from_index(0), Word);
                cx.emit(Output::Done);
            }
            Input::Command(Order::Nothing) => cx.emit(Output::Done),
            Input::Message { .. } => cx.emit(Output::Received),
            Input::Timer(()) => cx.emit(Output::TimedOut),
        }
    }
}

/// Blocks the node's thread until the other node has sent its word.
struct Blocking {
    heard: Outputs<Output>,
    /// The command channels of this node and the other, once both run.
    running: Receiver<[mpsc::Sender<Order>; 2]>,
    done: Receiver<()>,
}

impl Owner<Waiter> for Blocking {
    fn output(&mut self, output: Output) {
        if output == Output::Waits {
            let [own, other] = self.running.recv().expect("the test sends it first");
            // It handles the second order only after the word of the first has been written.
            for order in [Order::Say, Order::Nothing] {
                other.try_send(order).expect("there is room for it");
                self.done.recv().expect("the other one runs");
            }
            // This wakes the node at once, before the system reports the deadline.
            own.try_send(Order::Nothing).expect("there is room for it");
        }
        Owner::<Waiter>::output(&mut self.heard, output);
    }
}

struct Telling(Sender<()>);

impl Owner<Waiter> for Telling {
    fn output(&mut self, _output: Output) {
        self.0.send(()).expect("the first one waits for it");
    }
}

#[test]
fn a_blocked_node_handles_arrived_messages_before_its_deadlines() {
    let cluster = &TestCluster::new(2, Security::Insecure);
    let (n1, n2) = (NodeId::from_index(0), NodeId::from_index(1));
    let (running, begun) = channel();
    let (told, done) = channel();
    thread::scope(|scope| {
        let (stop, stopped) = oneshot::channel::<()>();
        scope.spawn(move || {
            within_a_minute(async {
                let other = cluster.start(n2, Waiter, Telling(told));
                until(async || other.traffic(1).links > 0).await;
                running.send(other.commands.clone()).expect("the test waits for it");
                let _ = stopped.await;
                other.stop().await;
            });
        });
        within_a_minute(async {
            let heard = Outputs::new();
            let (told, running) = channel();
            let owner = Blocking { heard: heard.clone(), running, done };
            let one = cluster.start(n1, Waiter, owner);
            until(async || one.traffic(2).links > 0).await;
            let other = begun.recv().expect("the other one begins");
            for round in 1..=ROUNDS {
                told.send([one.commands.clone(), other.clone()]).expect("the owner is there");
                one.commands.send(Order::Wait).await.expect("the node runs");
                heard.until(4 * round).await;
            }
            let rounds = heard.all();
            let in_order = [Output::Waits, Output::Received, Output::Done, Output::TimedOut];
            let kept = rounds.chunks(4).filter(|told| *told == in_order).count();
            // A busy system can be late to deliver what was written.
            assert!(kept > ROUNDS / 2, "{kept} of {ROUNDS}: {rounds:?}");
            one.stop().await;
        });
        drop(stop);
    });
}
