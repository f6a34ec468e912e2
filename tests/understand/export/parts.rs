//! Parts of a run: of some nodes alone, or without some kinds of messages.

use std::collections::{BTreeMap, BTreeSet};

use rehearsal::Exit;
use rehearsal::machine::NodeId;
use rehearsal::sim::export;
use rehearsal::sim::story::View;
use rehearsal::sim::trace::EventKind;
use serde_json::Value;

use super::shiviz::{Clock, parse};
use super::{events, text, told};
use crate::command::{ends, file, refused, rehearsal, scenario};
use crate::stock::stock;

fn only(nodes: &[u32]) -> View {
    let mut view = View::default();
    view.only = nodes.iter().copied().filter_map(NodeId::new).collect();
    view
}

/// What a file of Chrome's trace events has.
fn trace_events(text: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(text).expect("JSON");
    file["traceEvents"].as_array().expect("a list").clone()
}

#[test]
fn clocks_of_some_nodes_are_those_of_all_without_the_others() {
    let mut shown = 0;
    for one in stock().iter().step_by(5) {
        let run = one.run();
        let lines = |view: &View| {
            let log = text(|out| export::shiviz(told(one, &run), view, out));
            parse(&log).unwrap_or_else(|why| panic!("{}: {why}", one.file.display()))
        };
        let hosts = BTreeSet::from(["n1", "n2", "net"]);
        let expected = lines(&View::default()).into_iter().filter_map(|line| {
            let is_shown = |(host, _): &(String, u64)| hosts.contains(host.as_str());
            let clock: Clock = line.clock.into_iter().filter(is_shown).collect();
            hosts.contains(line.host.as_str()).then_some((line.host, clock))
        });
        let found: Vec<_> =
            lines(&only(&[1, 2])).into_iter().map(|line| (line.host, line.clock)).collect();
        assert_eq!(found, expected.collect::<Vec<_>>(), "{}", one.file.display());
        shown += found.len();
    }
    assert!(shown > 1_000, "{shown}");
}

#[test]
fn a_hidden_kind_takes_the_steps_along_that_do_nothing_else() {
    let scenario = scenario("election/lost-answer.ron");
    let export = |form: &str, options: &[&str]| {
        ends(&[&["export", &scenario, "--to", form], options].concat(), Exit::Held)
    };
    for form in ["shiviz", "perfetto", "mermaid"] {
        let all = export(form, &[]);
        let part = export(form, &["--hide", "coordinator"]);
        assert!(all.contains(" coordinator") || all.contains("\"coordinator"), "{form}: {all}");
        assert!(part.len() < all.len(), "{form}");
        // What its arrival sets off is shown, and so it is, too.
        let sets_off = part.matches("coordinator").count();
        assert!(sets_off < all.matches("coordinator").count(), "{form}: {part}");
    }
    let log = export("shiviz", &["--hide", "coordinator"]);
    parse(&log).unwrap_or_else(|why| panic!("{why}"));
    let sends = log.lines().filter(|line| line.contains("-> n") || line.contains("-x n"));
    let sends: Vec<_> = sends.filter(|line| line.contains("coordinator")).collect();
    assert_eq!(sends, Vec::<&str>::new());
}

#[test]
fn perfetto_has_the_threads_of_the_nodes_that_are_asked_for() {
    let mut arrows = 0;
    for one in stock().iter().step_by(5) {
        let run = one.run();
        let name = one.file.display();
        let file = text(|out| export::perfetto(told(one, &run), &only(&[1, 2]), "x", out));
        let mut ends: BTreeMap<u64, Vec<String>> = BTreeMap::new();
        for event in trace_events(&file) {
            if let Some(tid) = event["tid"].as_u64() {
                assert!(tid <= 2, "{name}: {event}");
            }
            if let Some(id) = event["id"].as_u64() {
                ends.entry(id).or_default().push(event["ph"].to_string());
            }
        }
        for phases in ends.values() {
            assert_eq!(phases, &["\"s\"", "\"f\""], "{name}");
        }
        arrows += ends.len();
    }
    assert!(arrows > 100, "{arrows}");
}

#[test]
fn mermaid_has_the_arrows_from_and_to_the_nodes_that_are_asked_for() {
    let (mut compared, mut drawn) = (0, 0);
    for one in stock().iter().step_by(3) {
        let run = one.run();
        let diagram = text(|out| export::mermaid(told(one, &run), &only(&[2]), out));
        if diagram.contains("are left out") {
            continue;
        }
        let is_of_it = |what: &EventKind| match what {
            EventKind::Deliver { message, .. }
            | EventKind::Miss { message, .. }
            | EventKind::Strand { message, .. }
            | EventKind::Send { message, lost: Some(_), .. }
            | EventKind::Leave { message, lost: Some(_), .. } => {
                message.from.number() == 2 || message.to.number() == 2
            }
            _ => false,
        };
        let expected = events(&run).iter().filter(|event| is_of_it(&event.what)).count();
        let is_arrow = |line: &&str| line.contains("->>") || line.contains("-x");
        let arrows: Vec<_> = diagram.lines().filter(is_arrow).collect();
        assert_eq!(arrows.len(), expected, "{}", one.file.display());
        compared += 1;
        drawn += arrows.len();
    }
    assert!(compared > 20 && drawn > 200, "{compared} {drawn}");
}

#[test]
fn a_part_that_cannot_be_shown_is_refused_or_said() {
    let stock = scenario("election/lost-answer.ron");
    for form in ["dot", "jsonl"] {
        for option in [["--only", "n1"], ["--hide", "answer"]] {
            let words = [&["export", &stock, "--to", form][..], &option].concat();
            let refusal = refused(&words, Exit::Usage);
            let expected = format!("{} is for `--to shiviz`, `perfetto` and `mermaid`", option[0]);
            assert!(refusal.contains(&expected), "{refusal}");
        }
    }
    let refusal = refused(&["export", &stock, "--to", "mermaid", "--only", "n9"], Exit::Usage);
    assert!(refusal.contains("--only n9: there is no such node"), "{refusal}");
    let ran = rehearsal(&["export", &stock, "--to", "mermaid", "--hide", "anwser"]);
    assert_eq!(ran.exit, Exit::Held, "{}", ran.err);
    assert!(ran.err.contains("--hide anwser: no message and no timer"), "{}", ran.err);
}

#[test]
fn a_log_that_is_too_large_for_shiviz_is_refused_with_a_remedy() {
    let folder = tempfile::tempdir().expect("a folder");
    let wide = r#"// Many nodes.
(
    claim: "The highest of 200 nodes that is up leads.",
    protocol: Election((form: Textbook(answer_wait: "30ms", coordinator_wait: "60ms"), initial_leader: 200)),
    nodes: 200,
    network: (delay: Fixed("10ms")),
    commands: [(at: "100ms", to: 20, command: Suspect)],
    faults: [(at: "50ms", do: Crash(200))],
    calm_at: "140ms",
    until: "1s",
    expect: [Eventually(what: Agreed, within: "800ms")],
)
"#;
    let wide = file(&folder, "wide.ron", wide);
    let place = folder.path().join("log").display().to_string();
    let words = ["export", wide.as_str(), "--to", "shiviz", "-o", place.as_str()];
    let refusal = refused(&words, Exit::Usage);
    assert!(refusal.contains("too large for ShiViz"), "{refusal}");
    assert!(refusal.contains("may be 1,000,000 (show fewer with `--only NODES`"), "{refusal}");
    assert!(!folder.path().join("log").exists());
    let part = [&words[..], &["--only", "n20,n199"]].concat();
    ends(&part, Exit::Held);
    let log = std::fs::read_to_string(place).expect("it was written");
    let lines = parse(&log).unwrap_or_else(|why| panic!("{why}"));
    assert!(lines.len() > 100, "{}", lines.len());
}
