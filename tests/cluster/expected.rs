//! What `rehearsal cluster` is to check of its nodes in the end.

use super::running::Running;
use super::test_cluster::{TestCluster, ran, rehearsal};

const FIFO: &str = r#"Ordering((discipline: Fifo, resend: "20ms"))"#;

/// Three nodes, and a scenario that expects this of so many nodes with this protocol.
fn group(protocol: &str, nodes: u32, expect: &str) -> TestCluster {
    let cluster = TestCluster::new(3, FIFO, r#"Uniform("0ms", "10ms")"#, false);
    let scenario = format!(
        "(claim: \"x\", protocol: {protocol}, nodes: {nodes}, network: (delay: Fixed(\"10ms\")), \
         calm_at: \"0ms\", until: \"90s\", expect: [{expect}])"
    );
    std::fs::write(cluster.path("expected.ron"), scenario).expect("it can be written");
    cluster
}

/// A cluster whose n1 sends something to both others while its link to n2 is cut, and is
/// interrupted once all is delivered: the exit code, and what was printed.
fn run(expect: &str) -> (Option<i32>, Vec<String>) {
    let cluster = group(FIFO, 3, expect);
    let hello = r#"user1@300ms Send(to: [2, 3], content: "hello")"#;
    let mut command = rehearsal(&["cluster", "roster.ron", "--wait", "50s"]);
    command.args(["--command", hello, "--cut", "1,2@200ms..1s", "--expect", "expected.ron"]);
    let mut running = Running::start(command.current_dir(&cluster.folder));
    let delivers = ["user2 | delivers n1#1", "user3 | delivers n1#1"];
    running.until("(user1 and user2: linked)");
    running.until_all(delivers);
    running.interrupted()
}

#[test]
fn what_a_scenario_expects_is_asked_of_the_nodes_that_ran() {
    let expect = "Always(NoDuplication), AtEnd(AllDelivered), Reaches(Not(AllDelivered)), \
                  LeadsTo(from: Not(AllDelivered), to: AllDelivered, within: \"60s\"), \
                  Sometimes(AllDelivered)";
    let (code, told) = run(expect);
    assert_eq!(code, Some(0), "{told:#?}");
    let asked = told.iter().filter(|line| line.starts_with("ok    ")).count();
    assert_eq!(asked, 4, "{told:#?}");
    let unasked =
        "      not asked of recordings: Sometimes(AllDelivered): it is asked of many runs";
    assert!(told.iter().any(|line| line.starts_with(unasked)), "{told:#?}");
}

/// The promise counts from the end of the cut, and the message arrives later than a nanosecond
/// after that.
#[test]
fn an_effect_that_comes_too_late_ends_with_exit_code_1() {
    let late = "LeadsTo(from: Not(AllDelivered), to: AllDelivered, within: \"1ns\")";
    let (code, told) = run(late);
    assert_eq!(code, Some(1), "{told:#?}");
    let at = told.iter().find_map(|line| {
        let rest = line.strip_prefix("FAIL  LeadsTo(Not(AllDelivered), AllDelivered): ")?;
        rest.rsplit_once(", at ")?.1.strip_suffix("ms")?.parse::<f64>().ok()
    });
    assert!(at.is_some_and(|at| at >= 1_000.0), "{told:#?}");
}

/// Its recording does not say that it was killed: nothing follows its last step.
#[test]
fn a_node_that_was_killed_for_good_counts_as_down_and_one_that_came_back_as_up() {
    for (more, exit) in [(&[][..], 1), (&["--restart", "10ms"][..], 0)] {
        let cluster = group(FIFO, 3, "AtEnd(AtLeast(3, AtRest))");
        let mut command = rehearsal(&["cluster", "roster.ron", "--wait", "50s"]);
        command.args(["--kill", "user2@0ms", "--expect", "expected.ron"]).args(more);
        let mut running = Running::start(command.current_dir(&cluster.folder));
        running.until(if exit == 0 { "user2 | (up, life 2)" } else { "user2 | (killed)" });
        let (code, told) = running.interrupted();
        assert_eq!(code, Some(exit), "{told:#?}");
    }
}

#[test]
fn a_scenario_of_something_else_is_refused_before_anything_starts() {
    let rows = [
        (FIFO, 4, 2, "is about 4 nodes, and the cluster has 3: use a scenario for as many"),
        (
            "Script((form: Repaired, script: \"text.txt\", resend: \"20ms\"))",
            6,
            2,
            "is about `Script`, and the cluster runs `Ordering`",
        ),
        ("Ordering((discipline: Fido, resend: \"20ms\"))", 3, 3, "did you mean `Fifo`?"),
    ];
    for (protocol, nodes, exit, why) in rows {
        let expect = if protocol == FIFO { "AtEnd(AllDelivered)" } else { "" };
        let cluster = group(protocol, nodes, expect);
        let mut command = rehearsal(&["cluster", "roster.ron", "--folder", "users"]);
        command.args(["--for", "100ms", "--expect", "expected.ron"]);
        command.current_dir(&cluster.folder);
        let (code, told, errors) = ran(&mut command);
        assert_eq!(code, Some(exit), "{errors}");
        assert!(errors.contains(why), "{errors}");
        assert!(told.is_empty() && !cluster.path("users").exists(), "nothing is begun");
    }
}
