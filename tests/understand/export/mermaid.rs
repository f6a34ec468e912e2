//! Mermaid's own parser reads the diagram of every scenario.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use rehearsal::machine::{NodeId, Time};
use rehearsal::sim::export;
use rehearsal::sim::story::{Told, View};
use rehearsal::sim::trace::{Event, EventKind, Trace};
use serde_json::Value;

use super::{events, text, told};
use crate::stock::stock;

/// What the parser says of the diagrams in a folder, by their names.
fn parsed(folder: &Path) -> BTreeMap<String, Value> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/export");
    let install = "Mermaid's parser is missing: run tests/export/install.sh once";
    assert!(here.join("node_modules/mermaid").is_dir(), "{install}");
    let ran = Command::new("node").arg("parse.mjs").arg(folder).current_dir(here).output();
    let ran = ran.unwrap_or_else(|error| panic!("node: {error}: {install}"));
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    serde_json::from_slice(&ran.stdout).expect("one JSON object")
}

#[test]
fn mermaid_reads_the_diagram_of_every_scenario_and_finds_each_arrow_in_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut expected = BTreeMap::new();
    for (place, one) in stock().into_iter().enumerate() {
        let run = one.run();
        let is_arrow = |what: &EventKind| match what {
            EventKind::Deliver { .. } | EventKind::Miss { .. } | EventKind::Strand { .. } => true,
            EventKind::Send { lost, .. } | EventKind::Leave { lost, .. } => lost.is_some(),
            _ => false,
        };
        let diagram = text(|out| export::mermaid(told(&one, &run), &View::default(), out));
        assert!(diagram.len() <= export::MOST_MERMAID, "{}", diagram.len());
        let is_whole = !diagram.contains("are left out");
        let arrows = events(&run).iter().filter(|event| is_arrow(&event.what)).count();
        let name = format!("{place}.mmd");
        std::fs::write(folder.path().join(&name), diagram).expect("there is room");
        let file: PathBuf = one.file.clone();
        expected.insert(name, (file, is_whole.then_some(arrows), one.synopsis().nodes));
    }
    let parsed = parsed(folder.path());
    assert_eq!(parsed.len(), expected.len());
    let (mut whole, mut large) = (0, 0);
    for (name, (file, arrows, nodes)) in expected {
        let found = &parsed[&name];
        assert_eq!(found["type"], "sequence", "{}: {found}", file.display());
        let actors = found["actors"].as_array().map_or(0, Vec::len);
        // Of many nodes, only those are drawn that do something.
        assert!(actors == nodes as usize || nodes > 32 && actors > 0, "{}", file.display());
        large += u32::from(actors < nodes as usize);
        if let Some(arrows) = arrows {
            whole += 1;
            assert_eq!(found["arrows"], arrows, "{}", file.display());
        }
    }
    assert!(whole > 50, "{whole}");
    assert!(large < 5, "{large}");
}

#[test]
fn a_diagram_of_long_texts_and_many_nodes_stays_within_what_mermaid_takes() {
    let many = |nodes: usize, words: &str| {
        let emit = |number: u64| {
            let node = NodeId::from_index(number as usize % nodes);
            let what = EventKind::Emit { node, text: words.to_owned(), value: None };
            Event { number, cause: None, at: Time::from_millis(number), what }
        };
        let events: Trace = (1..=3_000).map(emit).collect();
        let told = Told { events: &events, network: None, nodes };
        text(|out| export::mermaid(told, &View::default(), out))
    };
    let folder = tempfile::tempdir().expect("a folder");
    let cases = [
        (2, "short"),
        (2, &"{}".repeat(40_000)),
        (2_000, "short"),
        (2_000, &"\u{2603}".repeat(500)),
    ];
    for (place, (nodes, words)) in cases.into_iter().enumerate() {
        let diagram = many(nodes, words);
        assert!(diagram.len() <= export::MOST_MERMAID, "{}", diagram.len());
        assert!(diagram.contains(" arrows and notes before are left out\n"), "{diagram}");
        // The last of the run is there.
        assert!(diagram.contains(": 3000ms "), "{diagram}");
        std::fs::write(folder.path().join(format!("{place}.mmd")), diagram).expect("there is room");
    }
    for (name, found) in parsed(folder.path()) {
        assert_eq!(found["type"], "sequence", "{name}: {found}");
        assert!(found["notes"].as_u64().is_some_and(|notes| notes > 10), "{name}: {found}");
    }
}

#[test]
fn a_text_with_signs_of_mermaid_in_it_is_a_text() {
    let words = "end; a->>b: c %% d #35; <br/> \"e\" {f} & note over g\\n";
    let node = NodeId::from_index(0);
    let what = EventKind::Emit { node, text: words.to_owned(), value: None };
    let events: Trace =
        [Event { number: 1, cause: None, at: Time::from_millis(7), what }].into_iter().collect();
    let folder = tempfile::tempdir().expect("a folder");
    let told = Told { events: &events, network: None, nodes: 1 };
    let diagram = text(|out| export::mermaid(told, &View::default(), out));
    std::fs::write(folder.path().join("x.mmd"), diagram).expect("there is room");
    let found = &parsed(folder.path())["x.mmd"];
    assert_eq!((&found["notes"], &found["arrows"]), (&1.into(), &0.into()), "{found}");
}
