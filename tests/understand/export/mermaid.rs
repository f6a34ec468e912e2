//! Mermaid's own parser reads the diagram of every scenario.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use rehearsal::sim::export;
use rehearsal::sim::trace::EventKind;
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
        let diagram = text(|out| export::mermaid(told(&one, &run), out));
        let is_whole = !diagram.contains("are left out");
        let arrows = events(&run).iter().filter(|event| is_arrow(&event.what)).count();
        let name = format!("{place}.mmd");
        std::fs::write(folder.path().join(&name), diagram).expect("there is room");
        let file: PathBuf = one.file.clone();
        expected.insert(name, (file, is_whole.then_some(arrows), one.synopsis().nodes));
    }
    let parsed = parsed(folder.path());
    assert_eq!(parsed.len(), expected.len());
    let mut whole = 0;
    for (name, (file, arrows, nodes)) in expected {
        let found = &parsed[&name];
        assert_eq!(found["type"], "sequence", "{}: {found}", file.display());
        assert_eq!(found["actors"].as_array().map(Vec::len), Some(nodes as usize));
        if let Some(arrows) = arrows {
            whole += 1;
            assert_eq!(found["arrows"], arrows, "{}", file.display());
        }
    }
    assert!(whole > 50, "{whole}");
}

#[test]
fn a_text_with_signs_of_mermaid_in_it_is_a_text() {
    use rehearsal::machine::{NodeId, Time};
    use rehearsal::sim::story::Told;
    use rehearsal::sim::trace::{Event, Trace};
    let words = "end; a->>b: c %% d #35; <br/> \"e\" {f} & note over g\\n";
    let node = NodeId::from_index(0);
    let what = EventKind::Emit { node, text: words.to_owned(), value: None };
    let events: Trace =
        [Event { number: 1, cause: None, at: Time::from_millis(7), what }].into_iter().collect();
    let folder = tempfile::tempdir().expect("a folder");
    let diagram =
        text(|out| export::mermaid(Told { events: &events, network: None, nodes: 1 }, out));
    std::fs::write(folder.path().join("x.mmd"), diagram).expect("there is room");
    let found = &parsed(folder.path())["x.mmd"];
    assert_eq!((&found["notes"], &found["arrows"]), (&1.into(), &0.into()), "{found}");
}
