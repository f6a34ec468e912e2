//! The command line with the protocols that come along.

use std::path::{Path, PathBuf};

use rehearsal::Exit;
use rehearsal::shipped::cli;
use serde_json::Value;

/// What came of a command.
pub(crate) struct Ran {
    pub(crate) exit: Exit,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) fn rehearsal(arguments: &[&str]) -> Ran {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let exit = cli().run(["rehearsal"].iter().chain(arguments), &mut out, &mut err);
    let text = |bytes| String::from_utf8(bytes).expect("what is printed is UTF-8");
    Ran { exit, out: text(out), err: text(err) }
}

/// Runs a command that must end so; gives its results.
#[track_caller]
pub(crate) fn ends(arguments: &[&str], exit: Exit) -> String {
    let ran = rehearsal(arguments);
    assert_eq!(ran.exit, exit, "{}{}", ran.out, ran.err);
    ran.out
}

/// The object that a command prints with `--json`.
#[track_caller]
pub(crate) fn object(arguments: &[&str], exit: Exit) -> Value {
    serde_json::from_str(&ends(arguments, exit)).expect("one JSON object")
}

/// Runs a command that refuses a file or an option; gives its complaint.
#[track_caller]
pub(crate) fn refused(arguments: &[&str], exit: Exit) -> String {
    let ran = rehearsal(arguments);
    assert_eq!((ran.exit, ran.out.as_str()), (exit, ""), "{}", ran.err);
    ran.err
}

/// The file of a stock scenario.
pub(crate) fn scenario(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(name);
    path.to_string_lossy().into_owned()
}

/// A file in this folder with this text.
pub(crate) fn file(folder: &tempfile::TempDir, name: &str, text: impl AsRef<[u8]>) -> String {
    let path: PathBuf = folder.path().join(name);
    std::fs::write(&path, text).expect("there is room");
    path.to_string_lossy().into_owned()
}

/// The trace of the scenario in which an answer is lost as if it were of recorded nodes: it has no
/// plan and no verdict. So many of its first events are not kept.
pub(crate) fn recorded(folder: &tempfile::TempDir, name: &str, dropped: usize) -> String {
    let place = folder.path().join("whole.jsonl").display().to_string();
    ends(&["run", &scenario("election/lost-answer.ron"), "--trace", &place], Exit::Held);
    let text = std::fs::read_to_string(place).expect("it was written");
    let lines: Vec<_> = text.lines().collect();
    let events = &lines[1 + dropped..lines.len() - 1];
    let head = format!(r#"{{"format":2,"recorded":{{}},"dropped":{dropped}}}"#);
    let end = format!(r#"{{"events":{}}}"#, events.len());
    file(folder, name, format!("{head}\n{}\n{end}\n", events.join("\n")))
}

/// The text as it is wherever its folder lies.
pub(crate) fn without(folder: &tempfile::TempDir, text: &str) -> String {
    text.replace(&format!("{}/", folder.path().display()), "")
}
