//! Chats in the making, and what was said and heard in them.

use std::path::Path;

use rehearsal::machine::NodeId;
use rehearsal::protocol::chat::Output;
use rehearsal::shipped::Chat;
use rehearsal::sim::{Files, Keep, Options, Report, Scenario, run};

pub(crate) const PAPER: &str =
    "form: Paper(answer_wait: \"20ms\", coordinator_wait: \"120ms\"), initial_leader: 3";

/// Three users over a network that takes 10 ms; `fields` are further ones.
pub(crate) fn chat(fields: &str) -> Scenario<Chat> {
    chat_with("", &format!("nodes: 3, until: \"10s\", {fields}"))
}

/// The same with these settings besides, and as many users as `fields` say.
pub(crate) fn chat_with(settings: &str, fields: &str) -> Scenario<Chat> {
    read(&format!(
        "(claim: \"a test\", network: (delay: Fixed(\"10ms\")),
        protocol: Chat((resend: \"20ms\", election: ({PAPER}), {settings})), {fields})"
    ))
}

pub(crate) fn read(text: &str) -> Scenario<Chat> {
    let scenario = Scenario::parse("test.ron", text, Files::none());
    scenario.unwrap_or_else(|error| panic!("{error}"))
}

/// A scenario of the project's.
pub(crate) fn shipped(name: &str) -> Scenario<Chat> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/chat");
    Scenario::open(&folder.join(name).with_extension("ron")).expect("a right scenario")
}

pub(crate) fn rehearse(scenario: &Scenario<Chat>, seed: u64) -> Report<Chat> {
    run(scenario, Options::seed(seed).keep(Keep::Verdict))
}

pub(crate) fn node(number: u32) -> NodeId {
    NodeId::new(number).expect("nodes count from 1")
}

/// What the node told its user, in words.
pub(crate) fn told(report: &Report<Chat>, number: u32) -> Vec<String> {
    report.world.outputs(node(number)).iter().map(Output::to_string).collect()
}

#[expect(clippy::disallowed_methods, reason = "how long to test is no part of a run")]
pub(crate) fn seeds(usual: u64) -> u64 {
    let given = std::env::var("REHEARSAL_SEEDS").ok();
    given.map_or(usual, |text| text.parse().expect("a number of seeds"))
}
