//! What a node refuses to do, and what the loader refuses to read.

use rehearsal::shipped::Chat;
use rehearsal::sim::{Files, Scenario};

use super::support::{PAPER, chat, rehearse, told};

#[test]
fn what_cannot_be_done_is_refused_with_the_reason() {
    let refused = |command: &str| {
        let fields = format!("commands: [(at: \"1ms\", to: 1, command: {command})], expect: []");
        told(&rehearse(&chat(&fields), 1), 1)
    };
    let nobody = "refuses: there is no other user";
    assert_eq!(refused("Say(to: 1, text: \"x\")"), [format!("{nobody} n1")]);
    assert_eq!(refused("Say(to: 4, text: \"x\")"), [format!("{nobody} n4")]);
    assert_eq!(refused("Assign(to: 9, what: \"x\")"), [format!("{nobody} n9")]);
    let only = ["refuses: only the leader gives tasks"];
    assert_eq!(refused("Assign(to: 2, what: \"x\")"), only);
    assert_eq!(refused("Finish"), ["refuses: there is no task to finish"]);
}

/// Others keep something for each group of a user, so there is a bound.
#[test]
fn nobody_is_in_more_groups_than_64() {
    let commands: String = (1..=66)
        .map(|group| {
            let at = 500 + 50 * group;
            format!("(at: \"{at}ms\", to: 1, command: Join(\"group{group}\")),")
        })
        .collect();
    let text = format!(
        "(claim: \"a test\", network: (delay: Fixed(\"10ms\")), nodes: 3, until: \"5s\",
        protocol: Chat((resend: \"20ms\", election: ({PAPER}),
            order: (discipline: Fifo, resend: \"40ms\"))),
        commands: [{commands}], expect: [AtEnd(SameMembers)])"
    );
    let report = rehearse(&Scenario::parse("test.ron", &text, Files::none()).expect("right"), 0);
    assert!(report.held(), "{:?}", report.failure);
    let told = told(&report, 1);
    let refused = told.iter().filter(|line| line.starts_with("refuses: nobody can be in more"));
    assert_eq!(refused.count(), 2, "{told:#?}");
}

#[test]
fn a_setting_that_cannot_work_is_refused_with_its_place_and_a_remedy() {
    let confirmed = |window: u32| {
        format!("detector: Confirmed(period: \"90ms\", window: \"{window}ms\", ask: \"20ms\")")
    };
    let resources = |setting: &str| format!("resend: \"20ms\", resources: ({setting})");
    let own_election = resources(&format!("{}, election: ({PAPER})", confirmed(19)));
    let of_nobody =
        "detector: Labels(period: \"90ms\"), model: Single, needs: [(node: 4, of: [1])]";
    let in_slots = resources(&confirmed(59)) + ", slot: \"20ms\"";
    let script = "mode: Script((form: Repaired, script: \"x.txt\", resend: \"0ms\"))";
    let window = "resources.detector.Confirmed.window";
    for (setting, path, words) in [
        ("resend: \"0ms\"", "resend", ["without a pause", ""]),
        ("resend: \"20ms\", tries: 0", "tries", ["say a message once at least", ""]),
        ("resend: \"20ms\", slot: \"0ms\"", "slot", ["leave it out", ""]),
        ("resend: \"5ms\", tries: 3", "resend", ["20ms, two message delays, and", "15ms in all"]),
        (
            "resend: \"20ms\", slot: \"200ms\"",
            "resend",
            ["420ms, two message delays and two slots", ""],
        ),
        (&own_election, "resources.election", ["one election for all", "leave it out here"]),
        (&resources(&confirmed(19)), window, ["two message delays", ""]),
        (&in_slots, window, ["can take 60ms", ""]),
        (&resources(of_nobody), "resources.needs[0].node", ["no node 4 to need anything", ""]),
        (&format!("resend: \"20ms\", {script}"), "mode.Script.resend", ["without a pause", ""]),
    ] {
        assert_refused(&format!("{setting}, election: ({PAPER})"), path, words);
    }
    let order = |setting: &str| format!("resend: \"20ms\", order: ({setting})");
    let causal = order("discipline: CausalBroadcast, resend: \"40ms\"");
    let sequencer = order("discipline: Sequencer, resend: \"40ms\"");
    let two_elections =
        order(&format!("discipline: Sequencer, resend: \"40ms\", election: ({PAPER})"));
    let script = "mode: Script((form: Repaired, script: \"x.txt\", resend: \"20ms\"))";
    for (setting, path, words) in [
        (format!("{causal}, slot: \"20ms\""), "slot", ["at any time", "`slot` or `order`"]),
        (format!("{causal}, {script}"), "order", ["the script's order", "or the script"]),
        (format!("{causal}, history: 0"), "history", ["cannot keep 0", "from 1 to 1000"]),
        (format!("{causal}, history: 1001"), "history", ["cannot keep 1001", ""]),
        ("resend: \"20ms\", history: 9".into(), "history", ["keep no history", "an `order`"]),
        (sequencer, "order.discipline", ["with an epoch", "form `Hardened`, or another"]),
        (two_elections, "order.election", ["one election for all", "leave it out here"]),
        (
            order("discipline: Relay(server: 4), resend: \"40ms\""),
            "order.discipline.server",
            ["no node 4", "from 1 to 3"],
        ),
        (order("discipline: Fifo, resend: \"0ms\""), "order.resend", ["without a pause", ""]),
    ] {
        assert_refused(&format!("{setting}, election: ({PAPER})"), path, words);
    }
    let hasty = format!("resend: \"20ms\", election: ({})", PAPER.replace("20ms", "2ms"));
    assert_refused(&hasty, "election.form.Paper.answer_wait", ["two message delays", ""]);
}

#[track_caller]
fn assert_refused(setting: &str, path: &str, words: [&str; 2]) {
    let text = format!(
        "(claim: \"a test\", nodes: 3, until: \"1s\", protocol: Chat(({setting})),
        network: (delay: Fixed(\"10ms\")), expect: [])"
    );
    let error = Scenario::<Chat>::parse("test.ron", &text, Files::none());
    let error = error.err().unwrap_or_else(|| panic!("read: {setting}")).to_string();
    for part in [&*format!("path: protocol.Chat.{path}\n"), words[0], words[1]] {
        assert!(error.contains(part), "{setting}: {part:?} is missing in {error}");
    }
}
