//! Pages, made as a person makes them.

use std::fs;
use std::path::{Path, PathBuf};

use rehearsal::Exit;
use tempfile::TempDir;

/// A folder with a test's files and pages.
pub(crate) struct Pages(TempDir);

/// What came of a command.
pub(crate) struct Ran {
    pub(crate) exit: Exit,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Pages {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file there.
    pub(crate) fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).expect("a file can be written");
        path
    }

    /// Runs a command. Arguments that begin with `./` name files there.
    pub(crate) fn run(&self, arguments: &str) -> Ran {
        let arguments = arguments.split_whitespace().map(|word| match word.strip_prefix("./") {
            Some(name) => self.path(name).display().to_string(),
            None => word.to_owned(),
        });
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let arguments = std::iter::once("rehearsal".to_owned()).chain(arguments);
        let exit = rehearsal::shipped::cli().run(arguments, &mut out, &mut err);
        let text = |bytes| String::from_utf8(bytes).expect("what is printed is UTF-8");
        Ran { exit, out: text(out), err: text(err) }
    }

    /// The page that `view` makes of these arguments, without a warning.
    #[track_caller]
    pub(crate) fn view(&self, arguments: &str) -> PathBuf {
        let Ran { exit, err, .. } = self.run(&format!("view {arguments} -o ./page.html"));
        assert_eq!((exit, err.as_str()), (Exit::Held, ""), "{arguments}");
        self.path("page.html")
    }
}

/// A stock scenario's file.
pub(crate) fn stock(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(name).display().to_string()
}

/// Two nodes lead where only one may: a safety failure, at the step that makes the second one lead.
pub(crate) const TWO_LEADERS: &str = r#"// A lost answer.
(
    claim: "Two nodes never lead at a time.",
    protocol: Election((form: Textbook(answer_wait: "30ms", coordinator_wait: "60ms"), initial_leader: 4)),
    nodes: 4,
    network: (delay: Fixed("10ms")),
    commands: [(at: "100ms", to: 1, command: Suspect)],
    faults: [
        (at: "50ms", do: Crash(4)),
        (when: Sends(from: 3, to: 2, kind: "answer"), do: Lose),
    ],
    calm_at: "140ms",
    until: "2s",
    expect: [Always(Not(TwoLeaders))],
)
"#;

/// Two nodes never lead, and are to: a liveness failure, at a deadline.
pub(crate) const NEVER_TWO: &str = r#"// Nobody asks for another leader.
(
    claim: "Two nodes lead without anybody asking for it.",
    protocol: Election((form: Textbook(answer_wait: "30ms", coordinator_wait: "60ms"), initial_leader: 4)),
    nodes: 4,
    network: (delay: Fixed("10ms")),
    faults: [(at: "50ms", do: Crash(4))],
    calm_at: "140ms",
    until: "2s",
    expect: [Eventually(what: TwoLeaders, within: "1s")],
)
"#;
