//! The command line, used as a person uses it: files in a folder, arguments in,
//! an exit code and two texts out.

mod bad_faults;
mod bad_laws;
mod bad_network;
mod bad_plans;
mod bad_scenarios;
mod bad_scripts;

mod destinations;
mod files;
mod fuzz;
mod hangs;
mod inputs;
mod mistakes;
mod mutants;
mod nondeterminism;
mod output;
mod own_protocol;
mod plans;
mod properties;
mod readme;
mod rosters;
mod shrink;
mod singles;
mod sweep;
mod sweep_survives;
mod views;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use rehearsal::shipped::{Script, ScriptCommand};
use rehearsal::{Cli, Exit};
use serde_json::Value;
use tempfile::TempDir;

/// The paper's script.
const PAPER: &str = include_str!("../../scenarios/script/paper-50.txt");

/// The paper's own algorithm on a network that loses messages, which it does not survive.
const LOSSY: &str = r#"// It does not survive this.
(
    claim: "The paper taken literally survives a lossy network.",
    protocol: Script((form: AsPrinted, script: "paper-50.txt", resend: "50ms")),
    nodes: 6,
    network: (delay: Uniform("1ms", "20ms"), loss: "10/100", duplicate: "5/100"),
    calm_at: "1s",
    until: "3s",
    expect: [Eventually(what: AllDelivered, within: "1s")],
)
"#;

/// A folder of its own for a test. Arguments that begin with `./` name files
/// in it, and what is printed names them so, too.
struct Folder {
    folder: TempDir,
    cli: Cli,
}

/// What came of a command.
#[derive(Debug, PartialEq, Eq)]
struct Ran {
    exit: Exit,
    out: String,
    err: String,
}

impl Folder {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self { folder, cli: rehearsal::cli().protocol::<Script>().command::<ScriptCommand>() }
    }

    /// A folder with the paper's script in it.
    fn with_paper() -> Self {
        Self::new().file("paper-50.txt", PAPER)
    }

    fn file(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        self.write(name, content);
        self
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).expect("a file can be written");
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("a file can be read")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Every file there, and what is in it.
    fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(self.folder.path(), &mut files);
        files
    }

    fn rehearsal(&self, arguments: &str) -> Ran {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let arguments = arguments.split_whitespace().map(|word| match word.strip_prefix("./") {
            Some(name) => self.path(name).display().to_string(),
            None => word.to_owned(),
        });
        let exit = self.cli.run(
            std::iter::once("rehearsal".to_owned()).chain(arguments),
            &mut out,
            &mut err,
        );
        Ran { exit, out: self.shown(out), err: self.shown(err) }
    }

    /// Runs a command that refuses a file; gives its complaint.
    #[track_caller]
    fn refused(&self, arguments: &str) -> String {
        let before = self.files();
        let Ran { exit, out, err } = self.rehearsal(arguments);
        assert_eq!((exit, out.as_str()), (Exit::BadInput, ""), "{err}");
        assert!(self.files() == before, "nothing may be written");
        err
    }

    /// Runs a command that must end so; gives its results.
    #[track_caller]
    fn ends(&self, arguments: &str, exit: Exit) -> String {
        let ran = self.rehearsal(arguments);
        assert_eq!(ran.exit, exit, "{}{}", ran.out, ran.err);
        ran.out
    }

    /// A run's summary.
    #[track_caller]
    fn summary(&self, arguments: &str, exit: Exit) -> Value {
        let out = self.ends(&format!("{arguments} --json"), exit);
        serde_json::from_str(&out).expect("one JSON object")
    }

    fn shown(&self, text: Vec<u8>) -> String {
        let text = String::from_utf8(text).expect("what is printed is UTF-8");
        text.replace(&format!("{}/", self.folder.path().display()), "")
    }
}

fn collect(folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(folder).expect("a folder can be listed") {
        let path = entry.expect("an entry can be read").path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            let content = fs::read(&path).expect("a file can be read");
            files.insert(path, content);
        }
    }
}

/// The text with one part of it replaced, which must be there once.
#[track_caller]
fn with(text: &str, part: &str, by: &str) -> String {
    assert_eq!(text.matches(part).count(), 1, "`{part}` in:\n{text}");
    text.replace(part, by)
}
