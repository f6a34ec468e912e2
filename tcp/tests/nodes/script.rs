use std::sync::Arc;
use std::time::Duration;

use rehearsal_machine::NodeId;
use rehearsal_protocol::ordering::{Form, Line, Scripted};
use rehearsal_protocol::script::Script;
use rehearsal_tcp::Security;

use crate::test_cluster::{Outputs, TestCluster, within_a_minute};

pub(crate) fn script() -> Arc<Script> {
    let text = include_str!("../../../scenarios/script/paper-50.txt");
    Arc::new(Script::parse(text).expect("the paper's script is right"))
}

async fn follows_the_script(security: Security) {
    let (cluster, script) = (TestCluster::new(6, security), script());
    let users: Vec<_> = NodeId::all(6)
        .map(|me| {
            let user =
                Scripted::new(Form::Repaired, Arc::clone(&script), me, Duration::from_millis(50));
            let heard = Outputs::new();
            (me, heard.clone(), cluster.start(me, user, heard))
        })
        .collect();
    for (me, heard, _) in &users {
        let meant: Vec<_> = script.messages().filter(|message| message.to == *me).collect();
        heard.until(meant.len()).await;
        let heard = heard.all();
        assert_eq!(heard.len(), meant.len());
        for (line, message) in heard.iter().zip(meant) {
            assert_eq!(
                (line.number, line.from, &*line.text),
                (message.number, message.from, message.text)
            );
        }
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
        let (cluster, script) = (TestCluster::new(6, Security::Keys), script());
        let start = |me, heard: &Outputs<Line>| {
            let resend = Duration::from_millis(50);
            let user = Scripted::new(Form::Repaired, Arc::clone(&script), me, resend);
            cluster.start(me, user, heard.clone())
        };
        let killed = NodeId::from_index(2);
        let heard: Vec<_> = NodeId::all(6).map(|_| Outputs::new()).collect();
        let mut running: Vec<_> =
            NodeId::all(6).zip(&heard).map(|(me, heard)| start(me, heard)).collect();
        for lines in 1..=5 {
            heard[killed.index()].until(lines).await;
            running.remove(killed.index()).kill().await;
            running.insert(killed.index(), start(killed, &heard[killed.index()]));
        }
        for (me, heard) in NodeId::all(6).zip(&heard) {
            heard.until(script.messages().filter(|message| message.to == me).count()).await;
            let numbers: Vec<_> = heard.all().iter().map(|line| line.number).collect();
            let meant = script.messages().filter(|message| message.to == me);
            assert_eq!(numbers, meant.map(|message| message.number).collect::<Vec<_>>());
        }
    });
}
