//! `rehearsal cluster`, from its arguments to what it leaves.

use std::path::Path;

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
    let kills = ["--kill", "3@0ms", "--kill", "5@20ms", "--restart", "50ms", "--wait", "50s"];
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
    for (kill, told) in [("7@1s", "there is no n7 to kill"), ("x@1s", "the number of a node")] {
        let (code, _, errors) = cluster(folder.path(), &["--kill", kill]);
        assert_eq!(code, Some(2), "{errors}");
        assert!(errors.contains(told), "{errors}");
    }
}
