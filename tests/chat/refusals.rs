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

#[track_caller]
fn assert_refused(setting: &str, expected: &[&str]) {
    let text = format!(
        "(claim: \"a test\", nodes: 3, until: \"1s\", protocol: Chat(({setting})),
        network: (delay: Fixed(\"10ms\")), expect: [])"
    );
    let error = Scenario::<Chat>::parse("test.ron", &text, Files::none());
    let error = error.err().unwrap_or_else(|| panic!("read: {setting}")).to_string();
    for part in expected {
        assert!(error.contains(part), "{part:?} is missing in {error}");
    }
}

#[test]
fn a_setting_that_cannot_work_is_refused_with_its_place_and_a_remedy() {
    let with = |fields: &str| format!("{fields}, election: ({PAPER})");
    assert_refused(&with("resend: \"0ms\""), &["protocol.Chat.resend", "without a pause"]);
    assert_refused(
        &with("resend: \"20ms\", tries: 0"),
        &["protocol.Chat.tries", "say a message once at least"],
    );
    assert_refused(
        &with("resend: \"20ms\", slot: \"0ms\""),
        &["protocol.Chat.slot", "leave it out"],
    );
    let too_short =
        &["protocol.Chat.resend", "can take 20ms, two message delays, and", "15ms in all"];
    assert_refused(&with("resend: \"5ms\", tries: 3"), too_short);
    let slots = &["protocol.Chat.resend", "can take 420ms, two message delays and two slots"];
    assert_refused(&with("resend: \"20ms\", slot: \"200ms\""), slots);
    let election = PAPER.replace("20ms", "2ms");
    assert_refused(
        &format!("resend: \"20ms\", election: ({election})"),
        &["protocol.Chat.election.form.Paper.answer_wait", "two message delays"],
    );
    let resources = |setting: &str| with(&format!("resend: \"20ms\", resources: ({setting})"));
    let detector = "detector: Confirmed(period: \"90ms\", window: \"19ms\", ask: \"20ms\")";
    assert_refused(
        &resources(&format!("{detector}, election: ({PAPER})")),
        &["path: protocol.Chat.resources.election", "one election for all", "leave it out here"],
    );
    assert_refused(
        &resources(detector),
        &["path: protocol.Chat.resources.detector.Confirmed.window", "two message delays"],
    );
    let in_slots = "detector: Confirmed(period: \"90ms\", window: \"59ms\", ask: \"20ms\")";
    assert_refused(
        &with(&format!("resend: \"20ms\", slot: \"20ms\", resources: ({in_slots})")),
        &["path: protocol.Chat.resources.detector.Confirmed.window", "can take 60ms"],
    );
    assert_refused(
        &resources(
            "detector: Labels(period: \"90ms\"), model: Single, needs: [(node: 4, of: [1])]",
        ),
        &["path: protocol.Chat.resources.needs[0].node", "there is no node 4 to need anything"],
    );
    assert_refused(
        &with(
            "mode: Script((form: Repaired, script: \"x.txt\", resend: \"0ms\")), resend: \"20ms\"",
        ),
        &["protocol.Chat.mode.Script.resend"],
    );
}
