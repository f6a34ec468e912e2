mod locating;
mod no_panic;
mod oracle;
mod reading;
mod rendering;
mod units;

use indexmap::IndexMap;
use serde::Deserialize;

use super::{Diagnostic, Ratio, Spread, TimeSpan, read, unique_map};

/// A little of everything a file may hold.
#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Everything {
    claim: String,
    nodes: u8,
    #[serde(default)]
    network: Network,
    #[serde(default)]
    faults: Vec<Fault>,
    #[serde(default, deserialize_with = "unique_map")]
    configs: IndexMap<String, u32>,
    until: Option<TimeSpan>,
    #[serde(default)]
    wrapped: Option<Wrapped>,
    #[serde(default)]
    pair: (u8, bool),
    #[serde(default)]
    lax: Option<Lax>,
}

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(default, deny_unknown_fields)]
struct Network {
    latency: TimeSpan,
    loss: Ratio,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Fault {
    at: TimeSpan,
    r#do: Action,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
enum Action {
    Crash(u8),
    Partition(Vec<Vec<u8>>),
    Slow { node: u8, by: TimeSpan },
    Swap(u8, u8),
    Lose,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Wrapped(Vec<u8>);

#[derive(Debug, Deserialize, PartialEq)]
struct Lax {
    depth: u8,
}

const VALID: &str = r##"#![enable(implicit_some)]
// A file with a little of everything.
Everything(
    claim: r#"Nothing "breaks"."#, /* nor /* bends */ */
    nodes: 4,
    network: (latency: "10ms", loss: "3/100"),
    faults: [
        (at: "0ms", do: Crash(4)),
        (at: "1.5s", do: Partition([[1, 2], [3]])),
        (at: "2min", do: Slow(node: 1, by: "500us")),
        (at: "1h", do: Swap(1, 2)),
        (at: "5s", do: Lose),
    ],
    configs: {"größe": 1, "it\"s, (here)": 2},
    until: Some("3s"),
    wrapped: Wrapped([7, 8]),
    pair: (1, true),
    lax: (depth: 3),
)
"##;

/// Reads `Everything` from a file that is wrong.
fn mistake(source: &str) -> Diagnostic {
    read::<Everything>("x.ron", source).expect_err("the file is wrong")
}

/// `Everything` with one more field.
fn with(field: &str) -> String {
    format!("(\n    claim: \"c\",\n    nodes: 3,\n    {field},\n)\n")
}

/// What is underlined.
fn underlined(diagnostic: &Diagnostic) -> &str {
    &diagnostic.source()[diagnostic.span()]
}
