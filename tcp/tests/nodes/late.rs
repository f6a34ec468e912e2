//! A node that was kept from running hears what came meanwhile before its deadlines.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use rehearsal_machine::{Context, Input, Machine, Message, NodeId};
use rehearsal_tcp::{Owner, Security};
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot};

use crate::pair::until;
use crate::test_cluster::{Heard, TestCluster, within_a_minute};

const ROUNDS: usize = 20;

/// Not in the batch in which it waits, but in the next one.
const SOON: Duration = Duration::from_nanos(1);

/// Waits for a word, and soon gives up.
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
enum Told {
    Waits,
    Heard,
    GaveUp,
    RecordedEffect,
}

impl Machine for Waiter {
    type Message = Word;
    type Command = Order;
    type Output = Told;
    type Timer = ();
    type Cell = ();
    type Saved = ();

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Start(_) => {}
            Input::Command(Order::Wait) => {
                cx.arm((), SOON..=SOON);
                cx.emit(Told::Waits);
            }
            Input::Command(Order::Say) => {
                cx.send(NodeId::from_index(0), Word);
                cx.emit(Told::RecordedEffect);
            }
            Input::Command(Order::Nothing) => cx.emit(Told::RecordedEffect),
            Input::Message { .. } => cx.emit(Told::Heard),
            Input::Timer(()) => cx.emit(Told::GaveUp),
        }
    }
}

/// Keeps its node from running until the other has said its word.
struct Blocking {
    heard: Heard<Told>,
    /// How this one and the other one are told what to do, once they run.
    running: Receiver<[mpsc::Sender<Order>; 2]>,
    done: Receiver<()>,
}

impl Owner<Waiter> for Blocking {
    fn output(&mut self, output: Told) {
        if output == Told::Waits {
            let [own, other] = self.running.recv().expect("the test sends it first");
            // It takes the second order only after what it said at the first was written out.
            for order in [Order::Say, Order::Nothing] {
                other.try_send(order).expect("there is room for it");
                self.done.recv().expect("the other one runs");
            }
            // It goes on at once, and does not wait for the system to tell it of a deadline.
            own.try_send(Order::Nothing).expect("there is room for it");
        }
        Owner::<Waiter>::output(&mut self.heard, output);
    }
}

struct Telling(Sender<()>);

impl Owner<Waiter> for Telling {
    fn output(&mut self, _output: Told) {
        self.0.send(()).expect("the first one waits for it");
    }
}

#[test]
fn what_came_while_a_node_could_not_run_is_heard_before_its_deadlines() {
    let cluster = &TestCluster::new(2, Security::Insecure);
    let (n1, n2) = (NodeId::from_index(0), NodeId::from_index(1));
    let (running, begun) = channel();
    let (told, done) = channel();
    thread::scope(|scope| {
        let (stop, stopped) = oneshot::channel::<()>();
        scope.spawn(move || {
            within_a_minute(async {
                let other = cluster.start(n2, Waiter, Telling(told));
                until(async || other.metrics.traffic(n1).links > 0).await;
                running.send(other.commands.clone()).expect("the test waits for it");
                let _ = stopped.await;
                other.stop().await.expect("it stops well");
            });
        });
        within_a_minute(async {
            let heard = Heard::new();
            let (told, running) = channel();
            let owner = Blocking { heard: heard.clone(), running, done };
            let one = cluster.start(n1, Waiter, owner);
            until(async || one.metrics.traffic(n2).links > 0).await;
            let other = begun.recv().expect("the other one begins");
            for round in 1..=ROUNDS {
                told.send([one.commands.clone(), other.clone()]).expect("the owner is there");
                one.commands.send(Order::Wait).await.expect("it runs");
                heard.until(4 * round).await;
            }
            let rounds = heard.all();
            let in_order = [Told::Waits, Told::Heard, Told::RecordedEffect, Told::GaveUp];
            let kept = rounds.chunks(4).filter(|told| *told == in_order).count();
            // A busy system can take its time to hand over what was written.
            assert!(kept > ROUNDS / 2, "{kept} of {ROUNDS}: {rounds:?}");
            one.stop().await.expect("it stops well");
        });
        drop(stop);
    });
}
