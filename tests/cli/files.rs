//! What nodes keep in files, written where a person wants it.

use rehearsal::Exit;

use super::{Folder, LOSSY};

/// The paper's third task.
const THIRD: &str = include_str!("../../scenarios/deadlock/paper.ron");

fn third() -> Folder {
    Folder { cli: rehearsal::shipped::cli(), ..Folder::new() }.file("x.ron", THIRD)
}

#[test]
fn the_leader_keeps_the_papers_file_and_the_graph_and_nobody_else_does() {
    let folder = third();
    let story = folder.ends("run ./x.ron", Exit::Held);
    assert_eq!(folder.ends("run ./x.ron --files ./kept", Exit::Held), story);
    assert_eq!(folder.read("kept/n6/tpoint.txt"), "1 3\n1 6\n1 4\n3 5\n3 6\n");
    let graph = folder.read("kept/n6/wait-for.dot");
    assert!(graph.starts_with("digraph waits {\n") && graph.ends_with("}\n"), "{graph}");
    assert!(graph.contains("n1 -> n3 [") && graph.contains("n3 -> n6 ["), "{graph}");
    let kept = folder.path("kept");
    let files: Vec<_> = folder.files().into_keys().filter(|path| path.starts_with(&kept)).collect();
    assert_eq!(files, ["n6/tpoint.txt", "n6/wait-for.dot"].map(|name| kept.join(name)));
}

#[test]
fn files_are_written_at_a_replay_too() {
    let folder = third();
    folder.ends("run ./x.ron --plan ./p.ron", Exit::Held);
    folder.ends("replay ./p.ron --json --files ./kept", Exit::Held);
    assert_eq!(folder.read("kept/n6/tpoint.txt").lines().count(), 5);
}

#[test]
fn a_file_of_a_node_never_replaces_the_scenario_that_is_run() {
    let folder = third();
    std::fs::create_dir_all(folder.path("kept/n6")).expect("room");
    folder.write("kept/n6/tpoint.txt", THIRD);
    let ran = folder.rehearsal("run ./kept/n6/tpoint.txt --files ./kept --plan ./p.ron");
    assert_eq!(ran.exit, Exit::Held, "the verdict counts: {}", ran.err);
    let told = "--files kept: this command reads kept/n6/tpoint.txt (write to another folder)";
    assert!(ran.err.contains(told), "{}", ran.err);
    assert_eq!(folder.read("kept/n6/tpoint.txt"), THIRD);
    // The same of a replay and its plan.
    std::fs::rename(folder.path("p.ron"), folder.path("kept/n6/tpoint.txt")).expect("room");
    let plan = folder.read("kept/n6/tpoint.txt");
    let ran = folder.rehearsal("replay ./kept/n6/tpoint.txt --files ./kept");
    assert!(ran.err.contains(told), "{}", ran.err);
    assert_eq!((ran.exit, folder.read("kept/n6/tpoint.txt")), (Exit::Held, plan));
}

#[test]
fn a_protocol_that_keeps_no_files_writes_none() {
    let folder = Folder::with_paper().file("x.ron", LOSSY.replace("AsPrinted", "Repaired"));
    let before = folder.files();
    folder.ends("run ./x.ron --files ./kept", Exit::Held);
    assert_eq!(folder.files(), before);
}
