//! Users whose folders are lost, and users who run twice.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::Stdio;

use super::test_cluster::{TestCluster, port, rehearsal};

fn shows(cluster: &TestCluster, node: usize, text: &str) -> bool {
    cluster.nodes[node].window.iter().any(|line| line.contains(text))
}

/// Two users that have exchanged messages. The first one has stopped, and its folder is lost.
fn lost() -> TestCluster {
    let mut cluster = TestCluster::of_chat(2, false);
    cluster.start_all();
    for word in ["one", "two", "three"] {
        cluster.process(0).say(&format!("2 {word}"));
        cluster.until("n2 sees it", |cluster| shows(cluster, 1, word));
    }
    assert_eq!(cluster.stop(0).code, Some(0));
    std::fs::remove_dir_all(cluster.path("user1")).expect("it has a folder");
    cluster
}

/// The number of a message of the new life is one that its peer has heard. If the peer let the
/// node in, it would acknowledge the message and drop it.
#[test]
fn a_user_without_its_folder_is_kept_out_and_its_messages_are_not_said_to_be_delivered() {
    let mut cluster = lost();
    cluster.start_up(0);
    cluster.process(0).say("2 again");
    let told = "could not tell n2: \"again\"";
    cluster.until("n1 gives up", |cluster| shows(cluster, 0, told));
    let (one, two) = (cluster.stop(0), cluster.stop(1));
    let remedy = "begin a new life (`--new-life`)";
    assert!(one.errors.contains("refused by the peer"), "{}", one.errors);
    assert!(two.errors.contains("kept out"), "{}", two.errors);
    assert!(one.errors.contains(remedy) && two.errors.contains(remedy), "{}", two.errors);
    assert!(!shows(&cluster, 1, "again"));
}

#[test]
fn a_user_that_begins_a_new_life_is_heard_from_its_first_message_on() {
    let mut cluster = lost();
    let mut command = cluster.command(0);
    cluster.start_by(0, command.arg("--new-life"));
    cluster.until("n2 forgets the earlier life", |cluster| cluster.nodes[1].ups == 2);
    cluster.until("n2 leads", |cluster| shows(cluster, 0, "follows n2"));
    cluster.process(0).say("2 again");
    cluster.until("n2 sees it", |cluster| shows(cluster, 1, "again"));
    cluster.process(1).say("1 hello");
    cluster.until("n1 sees it", |cluster| shows(cluster, 0, "n2: hello"));
    let ended = cluster.stop(1);
    let told = "n1 begins a new life; n2 forgets the earlier one";
    assert!(ended.errors.contains(told), "{}", ended.errors);
    // A later start is an ordinary one.
    assert_eq!(cluster.stop(0).code, Some(0));
    cluster.start(1);
    cluster.start_up(0);
    cluster.process(0).say("2 as before");
    cluster.until("n2 sees it", |cluster| shows(cluster, 1, "as before"));
    cluster.stop_all();
}

/// The backup is made before a message that the peer hears. The peer knows by its own folder how
/// far the user had come.
#[test]
fn a_user_in_a_backup_of_its_running_folder_is_kept_out() {
    let mut cluster = TestCluster::of_chat(2, false);
    cluster.start_all();
    cluster.process(0).say("2 one");
    cluster.until("n2 sees it", |cluster| shows(cluster, 1, "one"));
    let log = cluster.path("user1/cells.log");
    let backup = std::fs::read(&log).expect("it runs");
    cluster.process(0).say("2 two");
    cluster.until("n2 sees it", |cluster| shows(cluster, 1, "two"));
    cluster.stop_all();
    std::fs::write(&log, backup).expect("room");
    cluster.start(1);
    cluster.start_up(0);
    cluster.process(0).say("2 again");
    cluster.until("n1 gives up", |cluster| shows(cluster, 0, "could not tell n2: \"again\""));
    let (one, two) = (cluster.stop(0), cluster.stop(1));
    let why = "the node's folder is an old copy";
    assert!(one.errors.contains(why) && two.errors.contains(why), "{}{}", one.errors, two.errors);
    assert!(!shows(&cluster, 1, "again"));
}

#[test]
fn a_second_process_of_a_user_is_told_where_the_first_one_runs() {
    for is_in_copy in [false, true] {
        let mut cluster = TestCluster::of_chat(3, false);
        cluster.start_all();
        for node in [0, 1] {
            cluster.until("both have a link to n3", |cluster| shows(cluster, node, "follows n3"));
        }
        cluster.process(0).say("2 hello");
        cluster.until("n2 sees it", |cluster| shows(cluster, 1, "n1: hello"));
        let (address, other_roster) = roster_of_second(&cluster);
        if is_in_copy {
            // Its folder is beside its roster.
            std::fs::create_dir(cluster.path("elsewhere/user1")).expect("room");
            let copied = cluster.path("elsewhere/user1/cells.log");
            std::fs::copy(cluster.path("user1/cells.log"), copied).expect("the first one runs");
        }
        let mut command = rehearsal(&["node", "--json", "--me", "1"]);
        let piped = command.arg(other_roster).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut second = piped.spawn().expect("it can be started");
        let errors = BufReader::new(second.stderr.take().expect("it is piped")).lines();
        let why = format!("another process runs as this node, at {address}: stop one of the two");
        let told = errors.map_while(Result::ok).find(|line| line.contains("refused by the peer"));
        assert!(told.as_ref().is_some_and(|line| line.contains(&why)), "{told:?}");
        cluster.process(1).say("1 are you there?");
        cluster.until("the first one sees it", |cluster| shows(cluster, 0, "are you there?"));
        second.kill().expect("it runs");
        second.wait().expect("it is our child");
        cluster.stop_all();
        let links = |node: usize| {
            cluster.nodes[node].metrics.as_ref().expect("it stopped")["links"].clone()
        };
        assert_eq!([links(0), links(1)], [2, 2], "each has a link to both others, which stayed");
    }
}

/// The address of the first user, and a copy of the roster in which the user has another address.
fn roster_of_second(cluster: &TestCluster) -> (String, PathBuf) {
    let roster = std::fs::read_to_string(&cluster.roster).expect("a roster");
    let (_, rest) = roster.split_once("127.0.0.1:").expect("an address");
    let address = format!("127.0.0.1:{}", rest.split('"').next().expect("a port"));
    let copy = cluster.path("elsewhere/roster.ron");
    std::fs::create_dir(cluster.path("elsewhere")).expect("room");
    let other = roster.replacen(&address, &format!("127.0.0.1:{}", port()), 1);
    std::fs::write(&copy, other).expect("room");
    (address, copy)
}
