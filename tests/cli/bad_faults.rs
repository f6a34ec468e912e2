//! A fault that cannot be is refused with its place, its path and a remedy.

use super::bad_scenarios::is_told;

/// What the scenario's only fault does, at 7:27, with another action in its place.
#[track_caller]
fn action_is_told(action: &str, (column, path): (u32, &str), wrong: &str, remedy: &str) {
    let at = (format!("7:{column}"), format!("faults[0].do{path}"));
    is_told(("Crash(3)", action), (&at.0, &at.1), wrong, remedy);
}

/// When it strikes, at 7:10, with something else in its place.
#[track_caller]
fn when_is_told(when: &str, (column, path): (u32, &str), wrong: &str, remedy: &str) {
    let at = (format!("7:{column}"), format!("faults[0]{path}"));
    is_told((r#"at: "100ms""#, when), (&at.0, &at.1), wrong, remedy);
}

const NOBODY: &str = "there is no node 9 of 6";
const NODES: &str = "nodes are 1 to 6";

#[test]
fn every_action_on_a_node_names_one_that_exists() {
    for (action, column, path) in [
        ("Restart(9)", 35, ".Restart"),
        ("Amnesia(9)", 35, ".Amnesia"),
        ("Upgrade(9)", 35, ".Upgrade"),
        ("Start(9)", 33, ".Start"),
        ("Wipe(9)", 32, ".Wipe"),
        ("LyingDisk(9)", 37, ".LyingDisk"),
        ("Resume(9)", 34, ".Resume"),
        (r#"Bounce(node: 9, down: "1ms")"#, 40, ".Bounce.node"),
        (r#"Pause(node: 9, lasts: "1ms")"#, 39, ".Pause.node"),
        (r#"Skew(node: 9, by: Ahead("1ms"))"#, 38, ".Skew.node"),
        (r#"Step(node: 9, by: Ahead("1ms"))"#, 38, ".Step.node"),
        (r#"Drift(node: 9, by: Fast("1/9"))"#, 39, ".Drift.node"),
        ("OneWay(from: [9], to: [1])", 41, ".OneWay.from[0]"),
        ("OneWay(from: [1], to: [2, 9])", 53, ".OneWay.to[1]"),
        ("Cut([(1, 2), (1, 9)])", 44, ".Cut[1][1]"),
        (r#"Flap(sides: [[1, 9]], cut: "1s", open: "1s")"#, 44, ".Flap.sides[0][1]"),
        ("Hold(from: 9, to: 1)", 38, ".Hold.from"),
        ("Hold(from: 1, to: 9)", 45, ".Hold.to"),
        ("Release(from: 1, to: 9)", 48, ".Release.to"),
    ] {
        action_is_told(action, (column, path), NOBODY, NODES);
    }
}

#[test]
fn every_trigger_names_nodes_that_exist() {
    for (when, column, path) in [
        ("when: Sends(from: 1, to: 9)", 35, ".when.Sends.to"),
        ("when: Receives(node: 9)", 31, ".when.Receives.node"),
        ("when: Receives(from: 9)", 31, ".when.Receives.from"),
        ("when: Emits(node: 9)", 28, ".when.Emits.node"),
        ("when: Fires(node: 9)", 28, ".when.Fires.node"),
        ("when: Becomes(node: 9, role: '.')", 30, ".when.Becomes.node"),
        ("when: Effect(of: 9, nth: 1)", 27, ".when.Effect.of"),
    ] {
        when_is_told(when, (column, path), NOBODY, NODES);
    }
}

#[test]
fn a_trigger_without_what_it_needs_is_told_what_is_missing() {
    let event = |when: &str| super::bad_scenarios::complaint(r#"at: "100ms""#, when);
    assert!(event("when: Becomes(node: 1)").contains("^ missing field `role`\n"));
    assert!(event("when: Effect(of: 1)").contains("^ missing field `nth`\n"));
    assert!(event("when: Effect(nth: 1)").contains("^ missing field `of`\n"));
    assert!(event("when: Sends(role: \"L\")").contains("a character in single quotes"));
    let field = event("when: Fires(timre: \"x\")");
    assert!(field.contains("= help: did you mean `timer`?\n"), "{field}");
    let variant = event("when: Recieves()");
    assert!(variant.contains("= help: did you mean `Receives`?\n"), "{variant}");
}

#[test]
fn the_target_of_a_fault_is_a_number_a_letter_or_one_of_two_words() {
    let remedy = "write a node's number, a role's letter such as 'L', \"any\" or \"it\"";
    action_is_told(r#"Crash("all")"#, (33, ".Crash"), "\"all\" names nobody", remedy);
    action_is_told("Crash(0)", (33, ".Crash"), "there is no node 0", "nodes are counted from 1");
}

#[test]
fn the_node_of_an_event_is_refused_where_there_is_no_event() {
    let wrong = "\"it\" is the node of an event, and none is named";
    let remedy = "give `when: ..`, or name a node, a role or \"any\"";
    action_is_told(r#"Crash("it")"#, (33, ".Crash"), wrong, remedy);
    let every = (r#"at: "100ms", do: Crash(3)"#, r#"every: Fixed("9ms"), do: Pause(node: "it")"#);
    is_told(every, ("7:47", "faults[0].do.Pause.node"), wrong, remedy);
}

#[test]
fn an_upgrade_to_nothing_is_refused() {
    let wrong = "the scenario does not say what to upgrade to";
    let remedy = "give it a second configuration: `upgrade: Script((..))`";
    action_is_told("Upgrade(3)", (27, ""), wrong, remedy);
}

#[test]
fn what_to_upgrade_to_is_held_to_what_the_first_configuration_is() {
    let upgrade = |config: &str| format!("nodes: 6, upgrade: {config},");
    let config = r#"Script((form: Repaired, script: "paper-50.txt", resend: "0ms"))"#;
    let remedy = "give a span longer than nothing, at best a round trip";
    let wrong = "a message cannot be said again without a pause";
    let at = ("4:80", "upgrade.Script.resend");
    is_told(("nodes: 6,", &upgrade(config)), at, wrong, remedy);
    let other = super::bad_scenarios::complaint("nodes: 6,", &upgrade("Chat((resend: \"1s\"))"));
    assert!(other.contains("this is about `Chat`, not about `Script`"), "{other}");
}

#[test]
fn a_first_start_of_a_node_that_is_there_is_refused() {
    let remedy = "list it in `absent`, or `Restart` it after a crash";
    action_is_told("Start(3)", (33, ".Start"), "node 3 starts with the run", remedy);
}

#[test]
fn a_fault_that_strikes_again_and_again_leaves_time_in_between() {
    let wrong = "a fault that strikes again and again without a pause";
    let remedy = "give a law with time in between: `Exponential(\"2s\")`";
    when_is_told(r#"every: Fixed("0s")"#, (17, ".every"), wrong, remedy);
    when_is_told(r#"every: Uniform("0s", "0s")"#, (17, ".every"), wrong, remedy);
    let wrong = "a mean of no time leaves nothing to chance";
    let remedy = "for no delay at all write `Fixed(\"0ms\")`";
    when_is_told(r#"every: Exponential("0s")"#, (29, ".every.Exponential"), wrong, remedy);
    let wrong = "the range is empty: 2s is more than 1s";
    let remedy = "write the shorter span first";
    when_is_told(r#"every: Uniform("2s", "1s")"#, (17, ".every"), wrong, remedy);
}

#[test]
fn what_acts_on_a_message_is_refused_where_none_is_named() {
    let wrong = "this acts on a message, and no message is named";
    let remedy = "give `when: Sends(..)`";
    for action in ["Lose", "Corrupt", r#"Delay("1ms")"#, r#"Duplicate("1ms")"#] {
        action_is_told(action, (27, ""), wrong, remedy);
    }
    let received = (r#"at: "100ms", do: Crash(3)"#, "when: Receives(node: 1), do: Corrupt");
    is_told(received, ("7:39", "faults[0].do"), wrong, remedy);
    let again = (r#"at: "100ms", do: Crash(3)"#, r#"every: Fixed("1s"), do: Lose"#);
    is_told(again, ("7:34", "faults[0].do"), wrong, remedy);
}

#[test]
fn a_cut_that_cuts_off_nobody_is_refused() {
    let wrong = "this cuts off nobody";
    let remedy = "name a sender in `from` and another node in `to`";
    action_is_told("OneWay(from: [], to: [1])", (27, ".OneWay"), wrong, remedy);
    action_is_told("OneWay(from: [1], to: [1])", (27, ".OneWay"), wrong, remedy);
    action_is_told("Cut([])", (31, ".Cut"), wrong, "name pairs of nodes: `Cut([(1, 2)])`");
    let wrong = "this partition has one side and separates nobody";
    let remedy = "name two sides, or leave the nodes of the other side out";
    let all = r#"Flap(sides: [[1, 2, 3, 4, 5, 6]], cut: "1s", open: "1s")"#;
    action_is_told(all, (39, ".Flap.sides"), wrong, remedy);
}

#[test]
fn nothing_stands_between_a_node_and_itself() {
    let wrong = "nothing stands between a node and itself";
    let remedy = "name two different nodes";
    action_is_told("Cut([(2, 2)])", (36, ".Cut[0][1]"), wrong, remedy);
    action_is_told("Hold(from: 2, to: 2)", (45, ".Hold.to"), wrong, remedy);
    action_is_told("Release(from: 2, to: 2)", (48, ".Release.to"), wrong, remedy);
}

#[test]
fn a_partition_that_comes_and_goes_takes_time_for_both() {
    let wrong = "a partition that comes and goes within an instant";
    let remedy = "give a span longer than nothing";
    let cut = r#"Flap(sides: [[1]], cut: "0s", open: "1s")"#;
    action_is_told(cut, (51, ".Flap.cut"), wrong, remedy);
    let open = r#"Flap(sides: [[1]], cut: "1s", open: "0s")"#;
    action_is_told(open, (63, ".Flap.open"), wrong, remedy);
}

#[test]
fn a_clock_that_stands_still_is_refused() {
    let wrong = "a clock that loses all of the time stands still";
    let remedy = "let it lose less than all: `Slow(\"1/2\")`";
    action_is_told(r#"Drift(node: 1, by: Slow("3/3"))"#, (46, ".Drift.by"), wrong, remedy);
    let remedy = "write it as a fraction from \"0/1\" to \"1/1\": \"3/100\"";
    let twice = r#"Drift(node: 1, by: Fast("2/1"))"#;
    action_is_told(twice, (51, ".Drift.by.Fast"), "`2/1` is more than certain", remedy);
}

#[test]
fn a_misspelt_disk_or_shift_is_told_the_right_ones() {
    let disk = r#"Bounce(node: 1, down: "1ms", disk: Wipe)"#;
    let wrong = "unknown variant `Wipe`";
    action_is_told(disk, (62, ".Bounce.disk"), wrong, "did you mean `Wiped`?");
    let shift = r#"Skew(node: 1, by: Ahed("1s"))"#;
    action_is_told(shift, (45, ".Skew.by"), "unknown variant `Ahed`", "did you mean `Ahead`?");
}

#[test]
fn after_a_calm_for_a_core_its_nodes_are_out_of_the_reach_of_faults() {
    let core = |fault: &str| {
        let folder = super::Folder::with_paper();
        let text = super::bad_scenarios::GOOD
            .replace("(at: \"100ms\", do: Crash(3))", fault)
            .replace("    calm_at:", "    calm_for: [1, 2],\n    calm_at:");
        folder.file("x.ron", text)
    };
    let refused = core(r#"(at: "1s", do: Crash(2))"#).refused("check ./x.ron");
    assert!(
        refused
            .contains("^ a fault after the calm, which begins at 1s, on a node that it is for\n")
    );
    let remedy = "= help: after the calm the nodes of `calm_for` may only be restarted\n";
    assert!(refused.contains(remedy), "{refused}");
    for fault in [r#"(at: "1s", do: Crash(3))"#, r#"(at: "1s", do: Restart(2))"#] {
        core(fault).ends("check ./x.ron", rehearsal::Exit::Held);
    }
}
