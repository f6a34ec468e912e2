//! The paper's task, far larger: a generated script, by a thousand users.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use rehearsal::protocol::script;
use rehearsal::shipped::Script;
use rehearsal::sim::chance::{Chance, Seed, Stream};
use rehearsal::sim::{Files, Scenario};

pub(crate) const USERS: u32 = 1_000;

/// A script of so many messages, as `rehearsal script generate` writes it.
pub(crate) fn text(messages: u32) -> Arc<str> {
    let mut draws = Chance::new(Seed(1)).stream(Stream::Options);
    let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
    script::Script::generate(USERS, messages, address, 1_024, &mut draws)
        .expect("measures of a script")
        .to_string()
        .into()
}

/// The scenario in which everybody follows it. All that is claimed of a script is checked.
pub(crate) fn scenario(text: Arc<str>) -> Scenario<Script> {
    let scenario = format!(
        r#"(claim: "A large script is delivered.", nodes: {USERS}, calm_at: "0ms", until: "1000h",
        protocol: Script((form: Repaired, script: "large.txt", resend: "1s")),
        network: (delay: Uniform("1ms", "10ms")),
        expect: [Always(NothingTwice), Always(RightText), Eventually(what: AllDelivered, within: "999h")])"#
    );
    let files = Files::embedded([("large.txt".to_owned(), text)]);
    Scenario::parse("large.ron", &scenario, files).expect("a right scenario")
}
