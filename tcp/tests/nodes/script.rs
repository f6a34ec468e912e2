//! The paper's script, followed by six real nodes.

use std::sync::Arc;
use std::time::Duration;

use rehearsal_machine::NodeId;
use rehearsal_protocol::ordering::scripted::{Form, Line, Scripted};
use rehearsal_protocol::script::Script;
use rehearsal_tcp::Security;

use crate::test_cluster::{Outputs, TestCluster, within_a_minute};

fn script() -> Arc<Script> {
    let text = include_str!("../../../scenarios/script/paper-50.txt");
    Arc::new(Script::parse(text).expect("the paper's script is right"))
}

/// A user who says a message again after 20 ms.
pub(crate) fn user(me: NodeId) -> Scripted {
    Scripted::new(Form::Repaired, script(), me, Duration::from_millis(20))
}

/// Waits until the user has heard all that the script tells it; it must be that and no more.
pub(crate) async fn hears_the_script(me: NodeId, heard: &Outputs<Line>) {
    let script = script();
    let meant: Vec<_> = script.messages().filter(|message| message.to == me).collect();
    heard.until(meant.len()).await;
    let meant = meant.iter().map(|message| (message.number, message.from, message.text));
    let heard = heard.all();
    let heard = heard.iter().map(|line| (line.number, line.from, &*line.text));
    assert!(heard.clone().eq(meant.clone()), "{me} heard {:?}", heard.collect::<Vec<_>>());
}

async fn follows_the_script(security: Security) {
    let cluster = TestCluster::new(6, security);
    let users: Vec<_> = NodeId::all(6)
        .map(|me| {
            let heard = Outputs::new();
            (me, heard.clone(), cluster.start(me, user(me), heard))
        })
        .collect();
    for (me, heard, _) in &users {
        hears_the_script(*me, heard).await;
    }
    for (_, _, running) in users {
        assert!(NodeId::all(6).all(|peer| running.metrics.traffic(peer).links <= 1));
        running.stop().await;
    }
}

#[test]
fn six_users_follow_the_papers_script_over_plain_sockets() {
    within_a_minute(follows_the_script(Security::Insecure));
}

#[test]
fn six_users_follow_the_papers_script_over_tls() {
    within_a_minute(follows_the_script(Security::Keys));
}

#[test]
fn a_user_that_is_killed_continues_from_its_saved_state() {
    within_a_minute(async {
        let cluster = TestCluster::new(6, Security::Keys);
        let killed = NodeId::from_index(2);
        let heard: Vec<_> = NodeId::all(6).map(|_| Outputs::new()).collect();
        let start = |me: NodeId| cluster.start(me, user(me), heard[me.index()].clone());
        let mut running: Vec<_> = NodeId::all(6).map(start).collect();
        for lines in 1..=5 {
            heard[killed.index()].until(lines).await;
            running.remove(killed.index()).kill().await;
            running.insert(killed.index(), start(killed));
        }
        for (me, heard) in NodeId::all(6).zip(&heard) {
            hears_the_script(me, heard).await;
        }
    });
}
