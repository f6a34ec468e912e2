//! A rolling upgrade: a node of the last release and one of the next, whose
//! messages have one variant more at the end.

use std::marker::PhantomData;

use rehearsal_machine::{Context, Input, Machine, Message, NodeId};
use rehearsal_tcp::{HandshakeError, Refusal, Security, Setup};
use serde::{Deserialize, Serialize};

use crate::pair::until;
use crate::test_cluster::{Heard, TestCluster, begin, within_a_minute};

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

/// Says what it is told to, and tells what it hears.
struct Says<S>(PhantomData<S>);

impl<S: Message> Machine for Says<S> {
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
            Input::Start(_) | Input::Timer(()) => {}
        }
    }
}

const LAST: [u8; 32] = [1; 32];
const NEXT: [u8; 32] = [2; 32];

#[test]
fn an_older_node_and_a_newer_one_understand_what_both_know() {
    within_a_minute(async {
        let cluster = TestCluster::new(2, Security::Keys);
        let (n1, n2) = (NodeId::from_index(0), NodeId::from_index(1));
        let (old_hears, new_hears) = (Heard::new(), Heard::new());
        let older = begin(
            Setup { digest: LAST, ..cluster.setup(n1, Says::<Old>(PhantomData)) },
            old_hears.clone(),
        );
        let newer = begin(
            Setup {
                digest: NEXT,
                compatible: vec![LAST],
                ..cluster.setup(n2, Says::<New>(PhantomData))
            },
            new_hears.clone(),
        );
        until(async || older.metrics.traffic(n2).links + newer.metrics.traffic(n1).links == 2)
            .await;
        let from_older = [Old::Word("hello".into()), Old::Number(300)];
        for message in from_older {
            older.commands.send((n2, message)).await.expect("it runs");
        }
        new_hears.until(2).await;
        assert_eq!(new_hears.all(), [New::Word("hello".into()), New::Number(300)]);
        // What the older one does not know is lost, and its link goes on.
        for message in [New::Word("hi".into()), New::Picture(vec![7; 9]), New::Number(1)] {
            newer.commands.send((n1, message)).await.expect("it runs");
        }
        old_hears.until(2).await;
        assert_eq!(old_hears.all(), [Old::Word("hi".into()), Old::Number(1)]);
        let met = older.metrics.traffic(n2);
        assert_eq!((met.received, met.undecodable, met.links), (2, 1, 1));
    });
}

#[test]
fn nodes_of_two_configurations_that_know_nothing_of_each_other_stay_apart() {
    within_a_minute(async {
        let cluster = TestCluster::new(2, Security::Keys);
        let (n1, n2) = (NodeId::from_index(0), NodeId::from_index(1));
        let machine = || Says::<Old>(PhantomData);
        let one = begin(Setup { digest: LAST, ..cluster.setup(n1, machine()) }, Heard::new());
        let other = begin(Setup { digest: NEXT, ..cluster.setup(n2, machine()) }, Heard::new());
        let refused = HandshakeError::Refused(Refusal::Configuration);
        until(async || other.metrics.refused(refused) > 0).await;
        assert_eq!(one.metrics.traffic(n2).links + other.metrics.traffic(n1).links, 0);
    });
}
