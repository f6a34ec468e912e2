//! Links that `rehearsal cluster` cuts and delays.

use super::owners::time;
use super::running::Running;
use super::test_cluster::{TestCluster, paper_messages, ran, rehearsal, script};

/// `rehearsal cluster roster.ron --wait 50s ..`, in the cluster's folder.
fn running(cluster: &TestCluster, more: &[&str]) -> Running {
    let mut command = rehearsal(&["cluster", "roster.ron", "--wait", "50s"]);
    Running::start(command.args(more).current_dir(&cluster.folder))
}

/// With keys, so that nothing but ciphertext goes through the proxy.
#[test]
fn two_users_whose_link_is_cut_both_lead_and_have_one_leader_after_it() {
    let cluster = TestCluster::of_chat(2, true);
    let cut = ["--keys", ".", "--cut", "2,user1@1s..6s"];
    let mut running = running(&cluster, &[&cut[..], &["--command", "user1@6s 2 hello"]].concat());
    let cut = time(&running.until("(user1 and user2: cut)"));
    let leads = time(&running.until("user1 | leads in epoch"));
    let mended = time(&running.until("(user1 and user2: linked)"));
    assert!(cut <= leads && leads <= mended && mended >= cut + 4_900, "{cut} {leads} {mended}");
    running.until("user1 | follows n2 in epoch");
    let told = running.interrupt();
    assert!(told.iter().any(|line| line.contains("user1 | (types: 2 hello)")), "{told:#?}");
}

#[test]
fn a_delay_is_of_one_link_and_of_no_other() {
    let fifo = r#"Ordering((discipline: Fifo, resend: "20ms"))"#;
    let cluster = TestCluster::new(3, fifo, r#"Uniform("0ms", "10ms")"#, false);
    let hello = r#"user1@1s Send(to: [2, 3], content: "hello")"#;
    let delay = ["--delay", "user1,user2=700ms", "--command", hello];
    let mut running = running(&cluster, &delay);
    running.until("(user1 and user2: 700ms late)");
    let told = ["user1 | sends n1#1", "user3 | delivers n1#1", "user2 | delivers n1#1"];
    let [sends, early, late] = running.until_all(told).map(|line| time(&line));
    // Times are shown without what is below a millisecond.
    assert!(late + 1 >= sends + 700 && early < late, "{sends} {early} {late}");
    running.interrupt();
}

#[test]
fn a_link_that_is_late_for_a_time_is_itself_again_after_it() {
    let cluster = TestCluster::of_chat(2, false);
    let delay = ["--delay", "1,2=20ms", "--delay", "1,2=50ms@100ms..300ms"];
    let mut running = running(&cluster, &delay);
    for told in ["20ms late", "50ms late", "20ms late"] {
        running.until(&format!("(user1 and user2: {told})"));
    }
    running.interrupt();
}

/// A run that has nothing else to do waits for the end of a cut, or says that it did not.
#[test]
fn a_cut_that_the_run_does_not_reach_is_named() {
    let (folder, _) = script(2, "user1,user2,hello\n");
    let mut command = rehearsal(&["cluster", "text.txt", "--insecure", "--script", "text.txt"]);
    command.args(["--wait", "300ms", "--cut", "1,2@40s..50s"]).current_dir(&folder);
    let (_, told, errors) = ran(&mut command);
    for late in ["40s", "50s"] {
        let late = format!("(the run ended before {late}, when links were to change)\n");
        assert!(told.contains(&late), "{told}{errors}");
    }
}

#[test]
fn a_link_between_nobody_is_refused_before_anything_starts() {
    let folder = script(6, paper_messages()).0;
    let rows = [
        ("--cut", "usr1,user2@1s..2s", "called \"usr1\" (did you mean `user1`?): `--cut` takes"),
        ("--cut", "user1,7@1s..2s", "called \"7\": `--cut` takes a number from 1 to 6"),
        ("--cut", "user1,1@1s..2s", "a node has no link to itself: name two nodes"),
        ("--cut", "1,2@2s..1s", "it is over at 1s and would begin at 2s"),
        ("--delay", "1,9=5ms", "called \"9\": `--delay` takes"),
        ("--delay", "1,2=2s", "give 1s at most"),
    ];
    for (option, link, why) in rows {
        let mut run = rehearsal(&["cluster", "text.txt", "--insecure", "--folder", "users"]);
        run.args(["--for", "100ms", option, link]).current_dir(&folder);
        let (code, told, errors) = ran(&mut run);
        assert_eq!(code, Some(2), "{errors}");
        assert!(errors.contains(why), "{errors}");
        assert!(told.is_empty() && !folder.path().join("users").exists(), "nothing is begun");
    }
}
