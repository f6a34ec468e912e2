//! The files of a node: who can read them, what may stand in their places, and what a start that
//! fails leaves of them.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;

use super::test_cluster::{TestCluster, ran, rehearsal, script};

fn mode(path: &Path) -> u32 {
    let found =
        fs::symlink_metadata(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    found.permissions().mode() & 0o777
}

/// A single user who has run once and shown a window.
fn has_run() -> TestCluster {
    let mut cluster = TestCluster::of_chat(1, false);
    cluster.is_recorded = true;
    cluster.start_up(0);
    cluster.until("it leads", |cluster| !cluster.nodes[0].window.is_empty());
    assert_eq!(cluster.stop(0).code, Some(0));
    cluster
}

/// The same command, with this done before in its shell.
fn after(before: &str, command: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("{before}; exec \"$@\""), "sh"]);
    shell.arg(command.get_program()).args(command.get_args());
    shell
}

/// Runs a node's command, which must end by itself with this code and say this.
#[track_caller]
fn assert_ends(cluster: &mut TestCluster, mut command: Command, code: i32, why: &str) {
    cluster.start_by(0, &mut command);
    let ended = cluster.ended(0);
    assert_eq!(ended.code, Some(code), "{}", ended.errors);
    assert!(ended.errors.contains(why), "{}", ended.errors);
}

#[test]
fn what_a_node_saves_and_shows_is_for_its_owner_alone() {
    let mut cluster = TestCluster::of_chat(1, false);
    cluster.is_recorded = true;
    let mut command = after("umask 0", &cluster.command(0));
    cluster.start_by(0, &mut command);
    cluster.until("it leads", |cluster| !cluster.nodes[0].window.is_empty());
    assert_eq!(cluster.stop(0).code, Some(0));
    assert_eq!(mode(&cluster.path("user1")), 0o700);
    for file in ["user1/cells.log", "user1/lock", "user1/window.txt", "user1.recording"] {
        assert_eq!(mode(&cluster.path(file)), 0o600, "{file}");
    }
}

#[test]
fn a_symbolic_link_at_the_place_of_a_nodes_file_is_replaced_and_not_followed() {
    let mut cluster = has_run();
    let victim = cluster.path("victim");
    fs::write(&victim, "mine").expect("room");
    for file in ["user1/window.txt", "user1/cells.new"] {
        let _ = fs::remove_file(cluster.path(file));
        symlink(&victim, cluster.path(file)).expect("room");
    }
    cluster.start_up(0);
    assert_eq!(cluster.stop(0).code, Some(0));
    assert_eq!(fs::read_to_string(&victim).expect("it is there"), "mine");
    assert!(cluster.read(0, "window.txt").contains("leads"));
    fs::remove_file(cluster.recording(0)).expect("it is there");
    symlink(&victim, cluster.recording(0)).expect("room");
    let command = cluster.command(0);
    assert_ends(&mut cluster, command, 2, "user1.recording: this is a symbolic link: name the");
    assert_eq!(fs::read_to_string(&victim).expect("it is there"), "mine");
}

#[test]
fn a_start_that_fails_leaves_the_window_the_incarnation_and_the_recording() {
    let mut cluster = has_run();
    let files = ["user1/cells.log", "user1/window.txt", "user1.recording"];
    let read =
        |cluster: &TestCluster| files.map(|file| fs::read(cluster.path(file)).expect("there"));
    let before = read(&cluster);
    let roster = fs::read_to_string(&cluster.roster).expect("a roster");
    let (_, rest) = roster.split_once("127.0.0.1:").expect("an address");
    let port = rest.split('"').next().expect("a port");
    let listener = std::net::TcpListener::bind(format!("127.0.0.1:{port}")).expect("it is free");
    let command = cluster.command(0);
    assert_ends(&mut cluster, command, 2, "stop what listens there");
    assert_eq!(read(&cluster), before, "its address was in use");
    drop(listener);
    let limited = after("ulimit -n 6", &cluster.command(0));
    assert_ends(&mut cluster, limited, 2, "raise the limit");
    assert_eq!(read(&cluster), before, "it could not open files");
    cluster.start_up(0);
    assert_eq!(cluster.stop(0).code, Some(0));
}

#[test]
fn a_new_life_is_not_recorded_behind_an_earlier_one() {
    let mut cluster = has_run();
    let before = fs::read(cluster.recording(0)).expect("it was recorded");
    fs::remove_dir_all(cluster.path("user1")).expect("it has run");
    let mut command = cluster.command(0);
    command.arg("--new-life");
    assert_ends(&mut cluster, command, 2, "it is of an earlier life (record a new life into");
    assert_eq!(fs::read(cluster.recording(0)).expect("it is kept"), before);
    assert!(!cluster.path("user1").exists(), "nothing is begun");
    let mut command = cluster.command(0);
    fs::rename(cluster.recording(0), cluster.path("earlier")).expect("room");
    cluster.start_by(0, command.arg("--new-life"));
    cluster.until("it is up", |cluster| cluster.nodes[0].ups == 2);
    assert_eq!(cluster.stop(0).code, Some(0));
}

#[test]
fn a_shortage_of_files_is_named_as_one_and_no_panic() {
    let mut cluster = TestCluster::of_chat(1, false);
    for files in 4..24 {
        let limited = after(&format!("ulimit -n {files}"), &cluster.command(0));
        cluster.start_by(0, &mut { limited });
        let ended = cluster.ended(0);
        assert_eq!(ended.code, Some(2), "{files}: {}", ended.errors);
        assert!(!ended.errors.contains("panic"), "{files}: {}", ended.errors);
    }
    assert!(!cluster.path("user1").exists(), "nothing is begun");
}

#[test]
fn a_cluster_without_enough_files_starts_no_node() {
    let (folder, _) = script(2, "");
    let command = rehearsal(&["cluster", "text.txt", "--insecure", "--folder", "users"]);
    for files in [6, 12, 24] {
        let mut limited = after(&format!("ulimit -n {files}"), &command);
        let (code, told, errors) = ran(limited.current_dir(&folder));
        assert_eq!(code, Some(2), "{files}: {told}{errors}");
        assert!(errors.contains("raise the limit"), "{files}: {errors}");
    }
    assert!(!folder.path().join("users").exists(), "nothing is begun");
}

#[test]
fn a_recording_never_takes_the_place_of_another_file() {
    let mut cluster = has_run();
    let node = |cluster: &TestCluster, record: &str| {
        let mut command = rehearsal(&["node", "--json", "--me", "1"]);
        command.arg(&cluster.roster).arg("--record").arg(cluster.path(record));
        command
    };
    for own in ["cells.log", "cells.new", "lock", "key", "window.txt"] {
        let command = node(&cluster, &format!("user1/{own}"));
        assert_ends(&mut cluster, command, 2, &format!("the node has its own file `{own}` there"));
    }
    let command = node(&cluster, "roster.ron");
    assert_ends(&mut cluster, command, 2, "this command reads that file");
    // Not even if the folder does not exist yet.
    fs::remove_dir_all(cluster.path("user1")).expect("it is there");
    let command = node(&cluster, "user1/cells.log");
    assert_ends(&mut cluster, command, 2, "the node has its own file `cells.log` there");
}

#[test]
fn a_script_in_the_place_of_a_nodes_own_file_is_refused() {
    let mut cluster = has_run();
    let text = cluster.path("user1/window.txt");
    fs::write(&text, "Users\n127.0.0.1,2881,user1\nMessage\n").expect("room");
    let mut command = cluster.command(0);
    command.arg("--script").arg(text);
    assert_ends(&mut cluster, command, 2, "the node has its own file `window.txt` there");
}

#[test]
fn a_script_that_is_called_like_a_nodes_own_file_gets_another_name_in_a_cluster() {
    let (folder, _) = script(2, "user1,user2,hello\n");
    for name in ["cells.log", "window.txt", "recording"] {
        fs::rename(folder.path().join("text.txt"), folder.path().join(name)).expect("room");
        let mut command = rehearsal(&["cluster", name, "--insecure", "--script", name, "--record"]);
        let users = format!("users-{name}");
        command.args(["--wait", "50s", "--folder", &users]);
        let (code, told, errors) = ran(command.current_dir(&folder));
        assert_eq!(code, Some(0), "{told}{errors}");
        let window = fs::read_to_string(folder.path().join(users).join("user2/window.txt"));
        assert_eq!(window.expect("it has run"), "hello\n");
        fs::rename(folder.path().join(name), folder.path().join("text.txt")).expect("room");
    }
}
