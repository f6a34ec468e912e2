//! What the loader refuses to read: with the place, the reason and a remedy.

use rehearsal::shipped::Deadlock;
use rehearsal::sim::{Files, Scenario};

/// The leader's detector with spans that the usual network does not outlast.
const CONFIRMED: &str = "Confirmed(period: \"90ms\", window: \"20ms\", ask: \"20ms\")";
const ELECTION: &str = "election: (form: Textbook(answer_wait: \"20ms\", \
                        coordinator_wait: \"40ms\"), initial_leader: 4)";
const FIXED: &str = "delay: Fixed(\"10ms\")";

fn read(setting: &str, network: &str) -> Result<(), String> {
    let text = format!(
        "(claim: \"a test\", nodes: 4, until: \"1s\", protocol: Deadlock(({setting})),
        network: ({network}), expect: [])"
    );
    let scenario = Scenario::<Deadlock>::parse("test.ron", &text, Files::none());
    scenario.map(|_| ()).map_err(|error| error.to_string())
}

#[track_caller]
fn assert_refused_on(network: &str, setting: &str, expected: &[&str]) {
    let error = read(setting, network).err().unwrap_or_else(|| panic!("read: {setting}"));
    for part in expected {
        assert!(error.contains(part), "{part:?} is missing in {error}");
    }
}

/// At this place, below the protocol's.
#[track_caller]
fn assert_refused(setting: &str, place: &str, expected: &[&str]) {
    let error = read(setting, FIXED).err().unwrap_or_else(|| panic!("read: {setting}"));
    let path = format!("= path: protocol.Deadlock{place}");
    assert!(error.lines().any(|line| line.trim() == path), "not at {path}: {error}");
    assert_refused_on(FIXED, setting, expected);
}

/// A setting like this with the usual detector.
#[track_caller]
fn assert_field_refused(fields: &str, place: &str, expected: &[&str]) {
    assert_refused(&format!("detector: {CONFIRMED}, {ELECTION}, {fields}"), place, expected);
}

#[track_caller]
fn assert_detector_refused(detector: &str, place: &str, expected: &[&str]) {
    let place = format!(".detector.{place}");
    assert_refused(&format!("detector: {detector}, {ELECTION}"), &place, expected);
}

/// Refused for this reason, unless timing may be unsafe.
#[track_caller]
fn assert_unsafe(network: &str, detector: &str, expected: &[&str]) {
    let setting = format!("detector: {detector}, model: Single, {ELECTION}");
    let remedy = "say `unsafe_timing: true` to show what comes of it";
    assert_refused_on(network, &setting, &[expected, &[remedy]].concat());
    read(&format!("{setting}, unsafe_timing: true"), network).unwrap();
}

#[test]
fn what_a_network_loses_has_to_be_said_again() {
    let lossy = format!("{FIXED}, loss: \"1/10\"");
    assert_unsafe(&lossy, CONFIRMED, &["protocol.Deadlock.resend", "is never said again"]);
    let setting = format!("detector: {CONFIRMED}, {ELECTION}, resend: \"30ms\"");
    read(&setting, &lossy).expect("it is said again");
}

#[test]
fn a_detector_that_works_at_a_leader_needs_an_election() {
    for detector in [
        "Paper(period: \"90ms\", window: \"20ms\", ask: \"20ms\")",
        "TwoPhase(period: \"90ms\", window: \"20ms\", ask: \"20ms\")",
        CONFIRMED,
        "Snapshot(period: \"90ms\")",
    ] {
        let reason = "this detector works at a leader, and nobody is elected";
        assert_refused(&format!("detector: {detector}"), "", &[reason, "say how with `election`"]);
    }
    read("detector: Chasing(period: \"90ms\"), model: And", FIXED).unwrap();
}

#[test]
fn an_election_that_cannot_work_is_refused_in_its_place() {
    let election = ELECTION.replace("20ms", "2ms");
    assert_refused(
        &format!("detector: {CONFIRMED}, {election}"),
        ".election.form.Textbook.answer_wait",
        &["two message delays"],
    );
}

#[test]
fn locks_and_needs_are_of_nodes_that_there_are() {
    let numbered = "nodes are numbered from 1 to 4";
    let lock = "there is no node 5 to be a lock";
    assert_field_refused("locks: [2, 5]", ".locks", &[lock, numbered]);
    let needs = "there is no node 9 to need anything";
    assert_field_refused("needs: [(node: 9, of: [1])]", ".needs[0].node", &[needs, numbered]);
    let needed = "there is no node 5 to be needed";
    let needs = "needs: [(node: 1, of: [2, 5])]";
    assert_field_refused(needs, ".needs[0].of[1]", &[needed, numbered]);
}

#[test]
fn needs_that_nobody_can_have_are_refused() {
    let refused = assert_field_refused;
    refused(
        "locks: [2], needs: [(node: 1, of: [2]), (node: 2, of: [1])]",
        ".needs[1].node",
        &["n2 is a lock, and needs nothing", "leave it out here or in `locks`"],
    );
    refused(
        "needs: [(node: 1, of: [2]), (node: 1, of: [3])]",
        ".needs[1].node",
        &["n1 has needs already", "list all that it needs in one place"],
    );
    refused(
        "needs: [(node: 1, of: [2, 1])]",
        ".needs[0].of[1]",
        &["n1 need not ask itself", "leave it out"],
    );
    refused(
        "needs: [(node: 1, of: [2, 3, 2])]",
        ".needs[0].of[2]",
        &["n2 is named twice", "name it once"],
    );
    let remedy = "one at least, and not more than are asked";
    for (need, reason) in [("AtLeast(3)", "3 of 2"), ("AtLeast(0)", "0 of 2")] {
        let needs = format!("needs: [(node: 1, of: [2, 3], need: {need})]");
        refused(&needs, ".needs[0].need", &[&format!("{reason} cannot be had"), remedy]);
    }
    let nobody = "needs: [(node: 1, of: [])]";
    refused(nobody, ".needs[0].of", &["nobody is asked", "name somebody, or leave n1 out"]);
}

#[test]
fn needs_that_are_not_made_in_the_model_are_refused() {
    let remedy = "take another `model`";
    let two = "of: [2, 3]";
    for (model, needs, field, reason) in [
        ("Single", two, "of", "only one resource is asked for at a time"),
        ("And", "of: [2, 3], need: Any", "need", "a process needs all that it requests"),
        ("Or", two, "need", "a process needs one of those that it requests"),
    ] {
        let fields = format!("model: {model}, needs: [(node: 1, {needs})]");
        let reason = format!("in this model {reason}");
        assert_field_refused(&fields, &format!(".needs[0].{field}"), &[&reason, remedy]);
    }
}

#[test]
fn spans_that_make_no_sense_are_refused() {
    for field in ["work", "restart"] {
        let fields = format!("{field}: (\"20ms\", \"10ms\")");
        let expected = &["20ms is longer than 10ms", "give the shorter span first"];
        assert_field_refused(&fields, &format!(".{field}"), expected);
    }
    let expected = &["a message cannot be said again without a pause", "at least a round trip"];
    assert_field_refused("resend: \"0ms\"", ".resend", expected);
}

#[test]
fn what_takes_no_time_is_refused_however_unsafe_timing_may_be() {
    let expected = &["what takes no time never ends", "give a span longer than nothing"];
    let tree = "controllers: [(node: 4, of: [1, 2, 3])]";
    for (name, more) in [("Paper", ""), ("TwoPhase", ""), ("Confirmed", ""), ("Hierarchy", tree)] {
        for field in ["period", "window", "ask"] {
            let spans = ["period", "window", "ask"]
                .map(|name| format!("{name}: \"{}ms\"", if name == field { 0 } else { 100 }));
            let detector = format!("{name}({}, {more})", spans.join(", ")).replace(", )", ")");
            let place = format!("{name}.{field}");
            assert_detector_refused(&detector, &place, expected);
            let setting = format!("detector: {detector}, {ELECTION}, unsafe_timing: true");
            assert_refused(&setting, &format!(".detector.{place}"), expected);
        }
    }
    for name in ["Snapshot", "Chasing", "Diffusing", "Labels"] {
        let detector = format!("{name}(period: \"0ms\")");
        assert_detector_refused(&detector, &format!("{name}.period"), expected);
    }
}

#[test]
fn a_detector_is_refused_for_requests_that_it_is_not_made_for() {
    for (name, needed, others) in [
        ("Chasing", "And", ["Or", "General"].as_slice()),
        ("Diffusing", "Or", &["And", "General"]),
        ("Labels", "Single", &["And", "Or", "General"]),
    ] {
        for model in others {
            let setting =
                format!("detector: {name}(period: \"90ms\"), model: {model}, unsafe_timing: true");
            let remedy = format!("say `model: {needed}`, or take `Confirmed`");
            let reason = "this detector is not made for all requests that may be made";
            assert_refused(&setting, &format!(".detector.{name}"), &[reason, &remedy]);
        }
        for model in ["Single", needed] {
            read(&format!("detector: {name}(period: \"90ms\"), model: {model}"), FIXED).unwrap();
        }
    }
}

#[test]
fn controllers_that_make_no_tree_are_refused() {
    let refused = |controllers: &str, place: &str, expected: &[&str]| {
        let spans = "period: \"90ms\", window: \"20ms\", ask: \"20ms\"";
        let detector = format!("Hierarchy(controllers: [{controllers}], {spans})");
        let place = format!("Hierarchy.controllers{place}");
        assert_detector_refused(&detector, &place, expected);
    };
    let (nobody, numbered) = ("there is no node 9", "nodes are numbered from 1 to 4");
    refused("(node: 4, of: [1, 9])", "[0].of[1]", &[nobody, numbered]);
    refused("(node: 4, of: [1, 2, 3]), (node: 9, of: [])", "[1].node", &[nobody, numbered]);
    refused(
        "(node: 4, of: [1, 2, 3]), (node: 3, of: [2])",
        "[1].of[0]",
        &["n2 has a controller already, n4", "name each node below one controller"],
    );
    refused(
        "(node: 4, of: [1, 2])",
        "",
        &["both n3 and n4 have no controller", "so give one of them one"],
    );
    refused(
        "(node: 4, of: [1]), (node: 1, of: [2]), (node: 2, of: [1, 3])",
        "[2].of[0]",
        &["n1 has a controller already, n4"],
    );
    refused(
        "(node: 2, of: [1]), (node: 1, of: [2]), (node: 3, of: [4])",
        "",
        &["no controller may be below itself", "n1 -> n2 -> n1", "or give it another"],
    );
}

#[test]
fn spans_that_the_network_outlasts_are_refused_unless_they_are_to_be() {
    let tree = "controllers: [(node: 4, of: [3]), (node: 3, of: [1, 2])], ";
    for (name, more, lasts) in
        [("Paper", "", 20), ("TwoPhase", "", 40), ("Confirmed", "", 20), ("Hierarchy", tree, 40)]
    {
        let detector = |period: u32, window: u32| {
            format!("{name}({more}period: \"{period}ms\", window: \"{window}ms\", ask: \"5ms\")")
        };
        let fits = format!("detector: {}, {ELECTION}", detector(lasts + 1, 20));
        read(&fits, FIXED).unwrap();
        let place = format!("= path: protocol.Deadlock.detector.{name}.");
        let window = "a report can take 20ms, two message delays, and is waited for 19ms";
        let expected = [&format!("{place}window\n"), window, "wait longer, or"];
        assert_unsafe(FIXED, &detector(90, 19), &expected);
        let period =
            format!("a collect can take {lasts}ms, and the next one begins after {lasts}ms");
        let expected = [&format!("{place}period\n"), period.as_str(), "give a longer period, or"];
        assert_unsafe(FIXED, &detector(lasts, 20), &expected);
    }
    for (name, what, lasts) in [("Snapshot", "a snapshot", 30), ("Diffusing", "a round", 80)] {
        let detector = |period: u32| format!("{name}(period: \"{period}ms\")");
        let fits = format!("detector: {}, model: Single, {ELECTION}", detector(lasts));
        read(&fits, FIXED).unwrap();
        let place = format!("= path: protocol.Deadlock.detector.{name}.period\n");
        let reason = format!("{what} can take {lasts}ms, and the next one begins after");
        let expected = [place.as_str(), &reason, "give a longer period, or"];
        assert_unsafe(FIXED, &detector(lasts - 1), &expected);
    }
}

#[test]
fn a_snapshot_is_refused_on_a_network_that_it_does_not_hold_on_unless_it_is_to_be() {
    let fifo = "delay: Uniform(\"1ms\", \"10ms\"), fifo: All";
    let detector = "Snapshot(period: \"90ms\")";
    read(&format!("detector: {detector}, {ELECTION}"), fifo).unwrap();
    for (field, reason, remedy) in [
        ("loss: \"1/9\"", "loses messages", "leave out `loss`"),
        ("corrupt: \"1/9\"", "damages messages", "leave out `corrupt`"),
        ("duplicate: \"1/9\"", "doubles messages", "leave out `duplicate`"),
        ("reorder: (share: \"1/9\", by: \"1ms\")", "holds messages back", "leave out `reorder`"),
        ("bandwidth: (rate: 9000, queue: 900)", "finds no room", "`queue` of `bandwidth`"),
    ] {
        let place = "= path: protocol.Deadlock.detector.Snapshot\n";
        let reason = format!("markers must not be lost or overtake, and the network {reason}");
        let reason = reason.replace("network finds", "network loses what finds");
        assert_unsafe(&format!("{fifo}, {field}"), detector, &[place, &reason, remedy]);
    }
    let expected = ["loses what is sent before a session begins", "leave out `sessions`"];
    assert_unsafe("delay: Fixed(\"10ms\"), sessions: ()", detector, &expected);
    let expected = ["lets messages overtake each other", "say `fifo: All`, or a `Fixed` delay"];
    assert_unsafe("delay: Uniform(\"1ms\", \"10ms\")", detector, &expected);
}
