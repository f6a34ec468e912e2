//! What `rehearsal cluster` shows of its nodes, and what it types as their owners.

use std::process::Stdio;

use super::running::Running;
use super::test_cluster::{TestCluster, paper_messages, ran, rehearsal, script};

const FIFO: &str = r#"Ordering((discipline: Fifo, resend: "20ms"))"#;

/// Three nodes that have no windows.
fn group() -> TestCluster {
    TestCluster::new(3, FIFO, r#"Uniform("0ms", "10ms")"#, false)
}

/// `rehearsal cluster roster.ron --wait 50s ..`, in the cluster's folder.
fn running(cluster: &TestCluster, more: &[&str]) -> Running {
    let mut command = rehearsal(&["cluster", "roster.ron", "--wait", "50s"]);
    Running::start(command.args(more).current_dir(&cluster.folder))
}

/// The time at the beginning of a line, in milliseconds.
pub(crate) fn time(line: &str) -> u64 {
    let (seconds, _) = line.split_once("s  ").expect("it begins with a time");
    let (seconds, millis) = seconds.trim().split_once('.').expect("it has milliseconds");
    assert_eq!(millis.len(), 3, "{line}");
    let number = |digits: &str| digits.parse::<u64>().expect("these are digits");
    1_000 * number(seconds) + number(millis)
}

#[test]
fn what_a_node_without_a_window_tells_is_shown_with_the_time_and_its_name() {
    let cluster = group();
    let hello = r#"user1@30ms Send(to: [2, 3], content: "hello")"#;
    let mut running = running(&cluster, &["--command", hello]);
    let up = time(&running.until("(all nodes are up)"));
    let typed = running.until(r#"user1 | (types: Send(to: [2, 3], content: "hello"))"#);
    assert!(time(&typed) >= up + 29, "{up} {typed}");
    let delivers = running.until("user3 | delivers n1#1");
    assert!(time(&delivers) >= time(&typed), "{typed} {delivers}");
    running.interrupt();
}

#[test]
fn one_node_shows_what_it_tells_with_the_time_if_that_is_wanted() {
    let cluster = group();
    let mut command = rehearsal(&["node", "roster.ron", "--me", "user1", "--outputs"]);
    command.current_dir(&cluster.folder).stdin(Stdio::piped());
    let mut running = Running::start(&mut command);
    running.say(r#"Send(to: [1], content: "hello")"#);
    let [sends, delivers] = running.until_all(["s  sends n1#1", "s  delivers n1#1"]);
    assert!(time(&delivers) >= time(&sends), "{sends} {delivers}");
    running.interrupt();
}

#[test]
fn outputs_and_windows_can_be_shown_alone() {
    let (folder, _) = script(2, "user1,user2,hello\n");
    let cluster = |shown: &str| {
        let mut command = rehearsal(&["cluster", "text.txt", "--insecure", "--script", "text.txt"]);
        command.args(["--wait", "50s", "--show", shown]).current_dir(&folder);
        let (code, told, errors) = ran(&mut command);
        assert_eq!(code, Some(0), "{told}{errors}");
        let said = told.lines().filter(|line| line.contains("user2 | "));
        said.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(cluster("windows"), ["user2 | hello"]);
    let outputs = cluster("outputs");
    assert!(
        outputs.iter().any(|line| line.ends_with("user2 | hears n1: \"hello\"")),
        "{outputs:?}"
    );
    assert!(!outputs.iter().any(|line| line.ends_with("| hello")), "{outputs:?}");
    let both = cluster("both");
    assert!(both.iter().any(|line| line.ends_with("user2 | hears n1: \"hello\"")), "{both:?}");
    assert!(both.iter().any(|line| line.ends_with("| hello")), "{both:?}");
}

#[test]
fn a_window_does_not_repeat_what_the_node_has_just_told() {
    let cluster = TestCluster::of_chat(2, false);
    let mut running = running(&cluster, &["--command", "user2@0ms 1 hello"]);
    running.until_all(["user1 | follows n2", "user1 | n2: hello"]);
    let told = running.interrupt();
    let follows = told.iter().filter(|line| line.contains("user1 | follows n2")).count();
    let anew = told.iter().filter(|line| line.contains("user1 | follows n1")).count();
    assert!(follows >= 1 && anew == 0, "{told:#?}");
    let twice = told.windows(2).find(|two| two[0] == two[1]);
    assert_eq!(twice, None, "{told:#?}");
}

#[test]
fn a_wrong_command_is_refused_before_anything_starts() {
    let folder = script(6, paper_messages()).0;
    let rows = [
        ("usr3@1s 1 hello", "called \"usr3\" (did you mean `user3`?): `--command` takes"),
        ("user3@1s /tsak 1 sweep", "there is no order `/tsak` (did you mean `/task`?)"),
        ("user3@1s", "nothing stands behind the time"),
        ("user3 hello", "give a node, `@`, a span of time, and what its owner types"),
    ];
    for (command, why) in rows {
        let mut run = rehearsal(&["cluster", "text.txt", "--insecure", "--folder", "users"]);
        run.args(["--for", "100ms", "--command", command]).current_dir(&folder);
        let (code, told, errors) = ran(&mut run);
        assert_eq!(code, Some(2), "{errors}");
        assert!(errors.contains(why), "{errors}");
        assert!(told.is_empty() && !folder.path().join("users").exists(), "nothing is begun");
    }
}

#[test]
fn a_command_for_a_node_that_is_down_and_one_that_comes_too_late_are_named() {
    let cluster = group();
    let line = r#"Send(to: [1], content: "x")"#;
    let (down, late) = (format!("user2@20ms {line}"), format!("3@40s {line}"));
    let more = ["--kill", "user2@0ms", "--command", &down, "--command", &late];
    let mut running = running(&cluster, &more);
    running.until(&format!("user2 | (it is down, and this is not typed: {line})"));
    let told = running.interrupt();
    let late = format!("user3 | (the run ended before 40s, and this was not typed: {line})");
    assert!(told.iter().any(|line| line.ends_with(&late)), "{told:#?}");
}

/// A killed node is started again with a keyboard of its own.
#[test]
fn a_node_that_was_started_again_hears_what_its_owner_types() {
    let cluster = group();
    let hello = r#"user1@3s Send(to: [3], content: "again")"#;
    let more = ["--kill", "user1@0ms", "--restart", "10ms", "--command", hello];
    let mut running = running(&cluster, &more);
    running.until("user1 | (up, life 2)");
    let delivers = running.until("user3 | delivers n1#1");
    assert!(delivers.ends_with("\"again\""), "{delivers}");
    running.interrupt();
}
