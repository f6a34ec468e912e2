//! `rehearsal cluster`, from its arguments to what it leaves.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rehearsal::tcp::now;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::test_cluster::{TestCluster, paper_messages, paper_windows, ran, rehearsal, script};

/// A folder with the paper's script, its users at ports of this machine.
fn paper() -> TempDir {
    script(6, paper_messages()).0
}

/// `rehearsal cluster text.txt --insecure --script text.txt ..`, in this folder.
fn cluster(folder: &Path, more: &[&str]) -> (Option<i32>, String, String) {
    let mut command = rehearsal(&["cluster", "text.txt", "--insecure", "--script", "text.txt"]);
    ran(command.args(more).current_dir(folder))
}

#[test]
fn the_papers_system_runs_by_one_command_and_says_that_it_is_right() {
    let folder = paper();
    let (code, told, errors) = cluster(folder.path(), &["--wait", "50s", "--folder", "users"]);
    assert_eq!(code, Some(0), "{told}{errors}");
    assert!(told.contains("ok    all 6 windows are right\n"), "{told}");
    assert!(!told.contains('\x1b'), "no colours but on a terminal");
    for (number, window) in (1..).zip(paper_windows()) {
        let own = folder.path().join(format!("users/user{number}"));
        let read = |name: &str| std::fs::read_to_string(own.join(name)).expect("it is there");
        assert!(read("window.txt").lines().eq(&window), "user{number}");
        let script = folder.path().join("text.txt");
        assert_eq!(read("text.txt"), std::fs::read_to_string(script).expect("it is there"));
        let prefix = format!("user{number} | ");
        let shown = told.lines().filter_map(|line| line.strip_prefix(&prefix));
        assert!(shown.eq(window.iter().map(String::as_str)), "{told}");
    }
}

#[test]
fn with_keys_it_finds_each_nodes_by_its_name() {
    let protocol = r#"Script((form: Repaired, script: "text.txt", resend: "20ms"))"#;
    let cluster = TestCluster::new(6, protocol, "Uniform(\"0ms\", \"10ms\")", true);
    let run = |more: &[&str]| {
        let mut command = rehearsal(&["cluster", "roster.ron", "--wait", "50s"]);
        ran(command.args(more).current_dir(&cluster.folder))
    };
    let (code, told, errors) = run(&["--keys", "."]);
    assert_eq!(code, Some(0), "{told}{errors}");
    assert!(told.contains("ok    all 6 windows are right\n"), "{told}");
    let (code, _, errors) = run(&[]);
    assert_eq!(code, Some(2), "{errors}");
    assert!(errors.contains("say where user1.key and the others are, `--keys FOLDER`"), "{errors}");
}

#[test]
fn a_node_that_is_killed_and_started_again_changes_nothing() {
    let folder = paper();
    let kills = ["--kill", "user3@0ms", "--kill", "n5@20ms", "--restart", "50ms", "--wait", "50s"];
    let (code, told, errors) = cluster(folder.path(), &kills);
    assert_eq!(code, Some(0), "{told}{errors}");
    for user in ["user3", "user5"] {
        assert!(told.contains(&format!("{user} | (killed)\n")), "{told}");
        assert!(told.contains(&format!("{user} | (up, life 2)\n")), "{told}");
    }
}

#[test]
fn a_node_that_stays_down_is_missed_and_named() {
    let folder = paper();
    let (code, told, errors) = cluster(folder.path(), &["--kill", "3@0ms", "--wait", "1s"]);
    assert_eq!(code, Some(1), "{told}{errors}");
    assert!(told.contains("FAIL  user3: "), "{told}");
    assert!(told.contains(" of 9; line "), "{told}");
    assert!(told.ends_with("FAIL  not all windows are right\n"), "{told}");
}

#[test]
fn where_nothing_is_demanded_it_says_so() {
    let folder = paper();
    let mut command = rehearsal(&["cluster", "text.txt", "--insecure", "--for", "100ms"]);
    let (code, told, _) = ran(command.current_dir(&folder));
    assert_eq!(code, Some(0), "{told}");
    assert!(told.ends_with("nothing is demanded of any window\n"), "{told}");
}

#[test]
fn a_node_that_cannot_start_ends_all_and_says_why() {
    let (folder, ports) = script(6, paper_messages());
    let taken = ports[2];
    let _listener = std::net::TcpListener::bind(format!("127.0.0.1:{taken}")).expect("it is free");
    let (code, told, errors) = cluster(folder.path(), &[]);
    assert_eq!(code, Some(2), "{told}{errors}");
    let why = format!("user3 | error: cannot listen at 127.0.0.1:{taken}");
    assert!(errors.contains(&why), "{errors}");
}

#[test]
fn nobody_is_killed_who_is_not_there() {
    let folder = paper();
    let rows = [
        ("7@1s", "no node of the roster is called \"7\": `--kill` takes a number from 1 to 6"),
        ("usr3@1s", "called \"usr3\" (did you mean `user3`?): `--kill` takes"),
        ("@1s", "a node's name or number stands before the `@`"),
    ];
    for (kill, told) in rows {
        let (code, out, errors) = cluster(folder.path(), &["--kill", kill, "--folder", "users"]);
        assert_eq!(code, Some(2), "{errors}");
        assert!(errors.contains(told), "{errors}");
        assert!(out.is_empty() && !folder.path().join("users").exists(), "nothing is begun");
    }
}

#[test]
fn a_kill_of_a_node_that_is_down_is_named_as_one() {
    let folder = paper();
    let kills = ["--kill", "3@0ms", "--kill", "3@300ms", "--wait", "600ms"];
    let (_, told, errors) = cluster(folder.path(), &kills);
    assert!(told.contains("user3 | (killed)\n"), "{told}{errors}");
    assert!(told.contains("user3 | (cannot be killed: it is down)\n"), "{told}{errors}");
}

#[test]
fn a_kill_that_comes_too_late_is_named_as_one() {
    let folder = paper();
    let kill = ["--kill", "3@50s", "--wait", "300ms"];
    let (_, told, errors) = cluster(folder.path(), &kill);
    let late = "user3 | (was not killed: the run ended before 50s)\n";
    assert!(told.contains(late), "{told}{errors}");
}

#[test]
fn a_node_that_a_signal_ended_is_told_with_the_signal() {
    let (folder, _) = script(2, "");
    let mut command = rehearsal(&["cluster", "text.txt", "--insecure", "--folder", "users"]);
    let piped = command.current_dir(&folder).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = piped.spawn().expect("it can be started");
    let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let mut told = lines.by_ref().map_while(Result::ok);
    assert!(told.any(|line| line.contains("| follows n2")), "both are up");
    // The node of user1, by the folder in which it runs.
    let own = folder.path().join("users/user1").canonicalize().expect("a folder");
    let is_it = |process: &PathBuf| {
        std::fs::read_link(process.join("cwd")).is_ok_and(|folder| folder == own)
    };
    let all = std::fs::read_dir("/proc").expect("processes").map_while(Result::ok);
    let process = all.map(|entry| entry.path()).find(is_it).expect("it runs");
    let number =
        process.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse().ok());
    let process = Pid::from_raw(number.expect("a number")).expect("not 0");
    kill_process(process, Signal::ABORT).expect("it is ours");
    let told: Vec<_> = told.collect();
    let note = "user1 | (stopped unasked: signal: 6 (SIGABRT)";
    assert!(told.iter().any(|line| line.contains(note)), "{told:#?}");
    assert_eq!(child.wait().expect("it is our child").code(), Some(1));
}

/// The last line of the script is heard before its acknowledgement arrives. If the run ends with
/// the window, its sender may still wait for the acknowledgement, and would say the line again.
#[test]
fn a_run_that_waits_for_quiet_ends_with_every_acknowledgement() {
    let (folder, _) = script(2, "user1,user2,hello\n");
    let rest = ["--wait", "50s", "--quiet", "1s", "--record", "--folder", "users"];
    let began = now();
    let (code, told, errors) = cluster(folder.path(), &rest);
    assert_eq!(code, Some(0), "{told}{errors}");
    assert!(now().since(began) >= Duration::from_secs(1), "it has waited");
    let recording = folder.path().join("users/user1/recording");
    let mut command = rehearsal(&["replay", "--story"]);
    let other = folder.path().join("users/user2/recording");
    let (_, story, _) = ran(command.arg(recording).arg(other));
    assert!(story.contains("<- n2  ack"), "{story}");
}
