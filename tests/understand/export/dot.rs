//! The wait-for graph at an instant, read by Graphviz and held against the world itself.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::{Command, Stdio};

use rehearsal::Exit;
use rehearsal::machine::Time;
use rehearsal::shipped::Deadlock;
use rehearsal::sim::{Keep, Look as _, Options, run};

use super::{events, text};
use crate::command::{ends, refused, scenario};
use crate::stock::stock;

/// The edges of a graph as Graphviz reads it, and which of them are red.
fn read(graph: &str) -> BTreeSet<(String, String, bool)> {
    let mut dot = Command::new("dot");
    dot.arg("-Tplain").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut dot = dot.spawn().unwrap_or_else(|error| {
        panic!("dot: {error}: Graphviz is missing: run tests/export/install.sh once")
    });
    let mut input = dot.stdin.take().expect("it is piped");
    input.write_all(graph.as_bytes()).expect("it reads all");
    drop(input);
    let ran = dot.wait_with_output().expect("it ends");
    assert!(ran.status.success(), "{graph}");
    let plain = String::from_utf8(ran.stdout).expect("it is UTF-8");
    let edges = plain.lines().filter_map(|line| line.strip_prefix("edge "));
    edges
        .map(|edge| {
            let mut words = edge.split(' ');
            let mut word = || words.next().expect("a node").to_owned();
            (word(), word(), edge.ends_with(" red"))
        })
        .collect()
}

#[test]
fn graphviz_reads_the_graph_of_a_deadlock_with_its_cycle_in_red() {
    let scenario = scenario("deadlock/chasing.ron");
    let graph = ends(&["export", &scenario, "--to", "dot", "--at", "35ms"], Exit::Held);
    let edge = |from: &str, to: &str, is_red| (from.to_owned(), to.to_owned(), is_red);
    let expected = [
        edge("n1", "n2", true),
        edge("n2", "n3", true),
        edge("n3", "n1", true),
        edge("n4", "n1", false),
    ];
    assert_eq!(read(&graph), expected.into_iter().collect());
    let before = ends(&["export", &scenario, "--to", "dot", "--at", "0ms"], Exit::Held);
    assert!(read(&before).len() < 4 || before != graph, "{before}");
}

#[test]
fn the_graph_at_the_end_is_that_of_the_machines_themselves() {
    let mut edges = 0;
    for one in stock() {
        let Some(scenario) = one.plan.case.scenario::<Deadlock>() else { continue };
        let options = Options::plan(&one.plan).keep(Keep::Trace).waits(true);
        let report = run(scenario, options);
        let mut expected = BTreeSet::new();
        for node in report.world.nodes() {
            let on = report.world.machine(node).map(Deadlock::waits_for).unwrap_or_default();
            let others = on.into_iter().filter(|other| *other != node);
            expected.extend(others.map(|other| (node.to_string(), other.to_string())));
        }
        let waits = report.waits.as_deref().expect("they were kept");
        let graph = text(|out| {
            let nodes = one.synopsis().nodes as usize;
            rehearsal::sim::export::dot((events(&report), waits), nodes, Time::MAX, out)
        });
        let found: BTreeSet<_> = read(&graph).into_iter().map(|(a, b, _)| (a, b)).collect();
        assert_eq!(found, expected, "{}", one.file.display());
        edges += found.len();
    }
    assert!(edges > 20, "{edges}");
}

#[test]
fn the_graph_of_a_trace_is_that_of_its_plan_and_recorded_nodes_have_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let scenario = scenario("deadlock/chasing.ron");
    let trace = folder.path().join("t.jsonl").display().to_string();
    ends(&["run", &scenario, "--trace", &trace], Exit::Held);
    let of = |file: &str| ends(&["export", file, "--to", "dot"], Exit::Held);
    assert_eq!(of(&trace), of(&scenario));
    let text = std::fs::read_to_string(&trace).expect("it was written");
    let (_, rest) = text.split_once('\n').expect("a head");
    let head = r#"{"format":2,"recorded":{},"dropped":0}"#;
    let recorded = crate::command::file(&folder, "r.jsonl", format!("{head}\n{rest}"));
    let refusal = refused(&["export", &recorded, "--to", "dot"], Exit::BadInput);
    assert!(refusal.contains("not in a trace"), "{refusal}");
    let changed =
        text.replacen("Chasing(", "Chasing(/*x*/", 1).replace("\"digest\":\"", "\"digest\":\"0");
    let changed = crate::command::file(&folder, "c.jsonl", changed);
    let refusal = refused(&["export", &changed, "--to", "dot"], Exit::BadInput);
    assert!(refusal.contains("no longer gives the events"), "{refusal}");
    let refusal = refused(&["export", &scenario, "--to", "shiviz", "--at", "1ms"], Exit::Usage);
    assert!(refusal.contains("--at is for"), "{refusal}");
}
