//! Files that are no run: refused with the place and the reason, by every command that looks at
//! runs.

use rehearsal::Exit;
use tempfile::TempDir;

use crate::command::{ends, file, refused, scenario};

/// The command with this file, for each command.
fn commands(file: &str) -> Vec<Vec<String>> {
    let good = scenario("election/lost-answer.ron");
    let all: [&[&str]; 3] =
        [&["diff", file, &good], &["explain", file, "1"], &["export", file, "--to", "jsonl"]];
    all.iter().map(|words| words.iter().map(|word| (*word).to_owned()).collect()).collect()
}

fn trace(folder: &TempDir) -> Vec<String> {
    let place = folder.path().join("t.jsonl");
    let name = place.display().to_string();
    ends(&["run", &scenario("election/lost-answer.ron"), "--trace", &name], Exit::Held);
    let text = std::fs::read_to_string(place).expect("it was written");
    text.lines().map(str::to_owned).collect()
}

#[track_caller]
fn is_refused(file: &str, expected: &str) {
    for command in commands(file) {
        let words: Vec<_> = command.iter().map(String::as_str).collect();
        let refusal = refused(&words, Exit::BadInput);
        assert!(refusal.contains(expected), "{command:?}: {refusal}");
        assert!(refusal.contains(file), "{command:?} does not name the file: {refusal}");
    }
}

#[test]
fn what_is_no_run_is_refused_with_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let cases: [(&[u8], &str); 7] = [
        (b"", "the file is empty"),
        (b"{", "line 1: not the head of a trace"),
        (b"{\"format\":1}", "line 1: the trace has format 1"),
        (b"{}\n{}\n", "line 1: not the head of a trace"),
        (b"hello", "1:1"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"(format: 2, nodes: 3)", "1:"),
    ];
    for (content, expected) in cases {
        is_refused(&file(&folder, "x", content), expected);
    }
    is_refused(&folder.path().display().to_string(), "neither a file nor a pipe");
    is_refused(&folder.path().join("none").display().to_string(), "cannot read");
    let huge = file(&folder, "huge", "");
    let made = std::fs::File::options().write(true).open(&huge).expect("it is there");
    made.set_len(65 << 20).expect("a sparse file");
    is_refused(&huge, "it has more than 64 MiB");
}

#[test]
fn a_damaged_trace_is_refused_with_its_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let lines = trace(&folder);
    let join = |lines: &[String]| file(&folder, "x.jsonl", lines.join("\n") + "\n");
    is_refused(&join(&lines[..lines.len() - 1]), "the end is missing: the file was cut off");
    let mut half = lines[..20].to_vec();
    half[19].truncate(30);
    is_refused(&join(&half), "line 20: ");
    let mut doubled = lines.clone();
    doubled.insert(9, lines[8].clone());
    is_refused(&join(&doubled), "line 10: event 8 stands where 9 should");
    let mut swapped = lines.clone();
    swapped[5] = swapped[5].replace("\"event\":\"", "\"event\":\"un");
    is_refused(&join(&swapped), "line 6: ");
    let mut early = lines.clone();
    early[3] = early[3].replacen("\"cause\":1,", "\"cause\":7,", 1);
    is_refused(&join(&early), "line 4: ");
    let mut boundless = lines.clone();
    let dropped = format!("\"dropped\":{}", u64::MAX);
    boundless[0] = boundless[0].replacen("\"dropped\":0", &dropped, 1);
    is_refused(&join(&boundless), "line 1: no run has the 18446744073709551615 events");
    let mut large = lines.clone();
    let crash = lines.iter().position(|line| line.contains("\"event\":\"crash\"")).expect("one");
    large[crash] = large[crash].replace("\"node\":4", "\"node\":4000000000");
    is_refused(&join(&large), "names n4000000000, and a run has 1048576 nodes at most");
}

#[test]
fn a_trace_of_a_protocol_that_is_not_known_is_read_without_its_plan() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut lines = trace(&folder);
    lines[0] = lines[0].replace("Election(", "Elsewhere(");
    let foreign = file(&folder, "x.jsonl", lines.join("\n") + "\n");
    ends(&["diff", &foreign, &scenario("election/lost-answer.ron")], Exit::Held);
    assert_eq!(ends(&["export", &foreign, "--to", "jsonl"], Exit::Held), lines.join("\n") + "\n");
}
