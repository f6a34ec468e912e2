//! Roster files: right ones, wrong ones, and what their digests name.

mod bad;
mod digest;
mod good;
mod scripts;

use std::path::PathBuf;

use rehearsal::real::{self, Cluster};
use rehearsal::shipped::Chat;
use rehearsal::sim::Diagnostic;
use tempfile::TempDir;

pub(crate) const GOOD: &str = r#"(
    cluster: "friends",
    protocol: Chat((
        resend: "100ms",
        election: (form: Paper(answer_wait: "150ms", coordinator_wait: "900ms"), initial_leader: 3),
    )),
    nodes: [
        (name: "ann", address: "192.0.2.1:2881", key: "ed25519:1111111111111111111111111111111111111111111111111111111111111111"),
        (name: "ben", address: "192.0.2.2:2881", key: "ed25519:2222222222222222222222222222222222222222222222222222222222222222"),
        (name: "cat", address: "[2001:db8::3]:1", key: "ed25519:3333333333333333333333333333333333333333333333333333333333333333"),
    ],
    network: (delay: Uniform("0ms", "50ms")),
)
"#;

pub(crate) const SCRIPT: &str = "Users
127.0.0.1,2881,user1
127.0.0.1,2882,user2
::1,2881,the \"3rd\" \\ user
Message
user1,user2,hello
user2,user1,hello to you
";

/// A folder of its own for a test.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).expect("a file can be written");
        }
        Self(folder)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A complaint without the folder's name.
    pub(crate) fn shown(&self, complaint: &Diagnostic) -> String {
        complaint.to_string().replace(&format!("{}/", self.0.path().display()), "")
    }
}

/// The roster of this text.
pub(crate) fn open(text: &str) -> Result<Cluster<Chat>, String> {
    let folder = Folder::with(&[("x.ron", text)]);
    real::open(&folder.path("x.ron")).map_err(|complaint| folder.shown(&complaint))
}

/// The text with one part of it replaced, which must be there once.
#[track_caller]
pub(crate) fn with(text: &str, part: &str, by: &str) -> String {
    assert_eq!(text.matches(part).count(), 1, "`{part}` in:\n{text}");
    text.replace(part, by)
}

#[track_caller]
pub(crate) fn opened(text: &str) -> Cluster<Chat> {
    open(text).unwrap_or_else(|complaint| panic!("{complaint}"))
}
