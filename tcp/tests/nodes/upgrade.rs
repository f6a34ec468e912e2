//! A rolling upgrade: a node of an old release, and one of a new release whose messages have an
//! additional variant.

use std::marker::PhantomData;

use rehearsal_machine::{Context, Input, Machine, Message, NodeId};
use rehearsal_tcp::{HandshakeError, Refusal, Security, Setup};
use serde::{Deserialize, Serialize};

use crate::pair::until;
use crate::test_cluster::{Outputs, TestCluster, begin, within_a_minute};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Old {
    Word(String),
    Number(u64),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum New {
    Word(String),
    Number(u64),
    Picture(Vec<u8>),
}

impl Message for Old {
    fn kind(&self) -> &'static str {
        "old"
    }
}

impl Message for New {
    fn kind(&self) -> &'static str {
        "new"
    }
}

/// Sends the messages that it is told to send, and emits those that it receives.
struct Courier<S>(PhantomData<S>);

impl<S: Message> Machine for Courier<S> {
    type Message = S;
    type Command = (NodeId, S);
    type Output = S;
    type Timer = ();
    type Cell = ();
    type Saved = ();

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Command((to, message)) => cx.send(to, message),
            Input::Message { message, .. } => cx.emit(message),
            Input::Start(_) | Input::Timer(()) | Input::Link { .. } => {}
        }
    }
}

const OLD: [u8; 32] = [1; 32];
const NEW: [u8; 32] = [2; 32];

#[test]
fn an_older_and_a_newer_node_exchange_the_messages_that_both_know() {
    within_a_minute(async {
        let cluster = TestCluster::new(2, Security::Keys);
        let (n1, n2) = (NodeId::from_index(0), NodeId::from_index(1));
        let (old_hears, new_hears) = (Outputs::new(), Outputs::new());
        let older = Setup { digest: OLD, ..cluster.setup(n1, Courier::<Old>(PhantomData)) };
        let newer = cluster.setup(n2, Courier::<New>(PhantomData));
        let newer = Setup { digest: NEW, compatible: vec![OLD], ..newer };
        let (older, newer) = (begin(older, old_hears.clone()), begin(newer, new_hears.clone()));
        until(async || older.traffic(2).links + newer.traffic(1).links == 2).await;
        for message in [Old::Word("hello".into()), Old::Number(300)] {
            older.commands.send((n2, message)).await.expect("the node runs");
        }
        new_hears.until(2).await;
        assert_eq!(new_hears.all(), [New::Word("hello".into()), New::Number(300)]);
        // A message that the older node does not know is lost, and the link stays.
        for message in [New::Word("hi".into()), New::Picture(vec![7; 9]), New::Number(1)] {
            newer.commands.send((n1, message)).await.expect("the node runs");
        }
        old_hears.until(2).await;
        assert_eq!(old_hears.all(), [Old::Word("hi".into()), Old::Number(1)]);
        let met = older.traffic(2);
        assert_eq!((met.received, met.undecodable, met.links), (2, 1, 1));
    });
}

#[test]
fn nodes_of_unrelated_configurations_have_no_link() {
    within_a_minute(async {
        let cluster = TestCluster::new(2, Security::Keys);
        let (n1, n2) = (NodeId::from_index(0), NodeId::from_index(1));
        let machine = || Courier::<Old>(PhantomData);
        let one = begin(Setup { digest: OLD, ..cluster.setup(n1, machine()) }, Outputs::new());
        let other = begin(Setup { digest: NEW, ..cluster.setup(n2, machine()) }, Outputs::new());
        let refused = HandshakeError::Refused(Refusal::Configuration);
        until(async || other.metrics.refused(refused) > 0).await;
        assert_eq!(one.traffic(2).links + other.traffic(1).links, 0);
    });
}
