//! The loader, asked for what does not exist, lists what does: each of those
//! names has to stand in the reference where a reader would look for it.

use super::{Page, chats, deadlocks, elections, plans, rosters, scenarios};

/// A name that no field and no variant has.
const NONE: &str = "qqq";

/// What the loader would have accepted in place of [`NONE`]; nothing, if it
/// was not looking for a `field` or a `variant` there, whichever is asked for.
fn names(page: &Page, fields: &str, sort: &str) -> Vec<String> {
    let source = page.with(fields);
    let Err(complaint) = (page.read)(&source) else { panic!("this is right:\n{source}") };
    let complaint = complaint.to_string();
    if !complaint.contains(&format!("unknown {sort} `{NONE}`")) {
        return Vec::new();
    }
    let expected = complaint.split_once("= expected: ").map_or("", |(_, list)| list);
    let expected = expected.lines().next().unwrap_or_default();
    expected.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Whether the text speaks of the name: it stands in a code span, as a word.
pub(super) fn mentions(text: &str, name: &str) -> bool {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    text.lines().flat_map(|line| line.split('`').skip(1).step_by(2)).any(|code| {
        code.match_indices(name).any(|(at, _)| {
            let before = code.as_bytes()[..at].last();
            let after = code.as_bytes().get(at + name.len());
            !before.is_some_and(is_word) && !after.is_some_and(is_word)
        })
    })
}

/// All fields that are known where `fields` has [`NONE`] are in the text.
#[track_caller]
fn fields_are_in(page: &Page, fields: &str, text: &str) {
    names_are_in(page, fields, "field", text);
}

/// All variants.
#[track_caller]
fn variants_are_in(page: &Page, fields: &str, text: &str) {
    names_are_in(page, fields, "variant", text);
}

#[track_caller]
fn names_are_in(page: &Page, fields: &str, sort: &str, text: &str) {
    let known = names(page, fields, sort);
    assert!(!known.is_empty(), "the loader lists no {sort} for {fields}");
    for name in known {
        assert!(mentions(text, &name), "the reference lacks `{name}`, a {sort} of {fields}");
    }
}

/// All variants that are known where `fields` has [`NONE`] have a row of the
/// section, which names the fields of the variant.
#[track_caller]
fn variants_have_rows(page: &Page, fields: &str, section: &str) {
    let known = names(page, fields, "variant");
    assert!(known.len() > 1, "the loader lists {known:?} for {fields}");
    for variant in known {
        let starts = |line: &&str| {
            line.strip_prefix(&format!("| `{variant}")).is_some_and(|rest| {
                !rest.starts_with(|next: char| next.is_ascii_alphanumeric() || next == '_')
            })
        };
        let row = section.lines().find(starts);
        let row = row.unwrap_or_else(|| panic!("no row for `{variant}`, a variant of {fields}"));
        for field in names(page, &fields.replace(NONE, &format!("{variant}({NONE}: 1)")), "field") {
            assert!(mentions(row, &field), "the row lacks `{field}`:\n{row}");
        }
    }
}

#[test]
fn every_field_of_a_scenario_is_in_the_reference() {
    let page = scenarios();
    let top = page.section("## Fields");
    fields_are_in(&page, "qqq: 1,", top);
    let network = page.section("## Network");
    let link = |field: &str| format!("network: (delay: Fixed(\"1ms\"), {field}),");
    fields_are_in(&page, &link("qqq: 1"), network);
    fields_are_in(&page, &link("reorder: (qqq: 1)"), network);
    fields_are_in(&page, &link("bandwidth: (qqq: 1)"), network);
    variants_are_in(&page, &link("fifo: qqq"), network);
    let commands = page.section("## Commands and workload");
    fields_are_in(&page, "commands: [(qqq: 1)],", commands);
    fields_are_in(&page, "workload: (qqq: 1),", commands);
    fields_are_in(&page, "budget: (qqq: 1),", page.section("### Budget"));
    fields_are_in(&page, "faults: [(qqq: 1)],", page.section("## Faults"));
}

#[test]
fn every_distribution_is_in_the_reference() {
    let page = scenarios();
    let distributions = page.section("## Distributions");
    variants_have_rows(&page, "network: (delay: qqq),", distributions);
}

#[test]
fn every_fault_is_in_the_reference() {
    let page = scenarios();
    let triggers = page.section("### Triggers");
    variants_have_rows(&page, "faults: [(when: qqq, do: Heal)],", triggers);
    let actions = page.section("### Actions");
    variants_have_rows(&page, "faults: [(at: \"1ms\", do: qqq)],", actions);
    for field in [
        "Bounce(node: 1, down: \"1ms\", disk: qqq)",
        "Skew(node: 1, by: qqq)",
        "Step(node: 1, by: qqq)",
        "Drift(node: 1, by: qqq)",
    ] {
        variants_are_in(&page, &format!("faults: [(at: \"1ms\", do: {field})],"), actions);
    }
}

#[test]
fn every_target_of_a_fault_is_in_the_reference() {
    let page = scenarios();
    let source = page.with("faults: [(at: \"1ms\", do: Crash(\"qqq\"))],");
    let complaint = (page.read)(&source).expect_err("nobody").to_string();
    let (_, help) = complaint.split_once("= help: ").expect("a remedy");
    let words: Vec<_> = help.split('"').skip(1).step_by(2).collect();
    assert!(words.len() > 1, "{help}");
    for word in words {
        assert!(page.section("### Targets").contains(&format!("| `\"{word}\"` |")), "{word}");
    }
}

#[test]
fn every_expectation_is_in_the_reference() {
    let page = scenarios();
    variants_have_rows(&page, "expect: [qqq],", page.section("## Expectations"));
}

#[test]
fn every_setting_and_property_of_the_script_is_in_the_reference() {
    let page = scenarios();
    let script = page.section("## The protocol `Script`");
    let setting = |field: &str| {
        format!("protocol: Script((script: \"short.txt\", resend: \"1s\", {field})),")
    };
    fields_are_in(&page, &setting("qqq: 1"), script);
    variants_are_in(&page, &setting("form: qqq"), script);
    fields_are_in(&page, &setting("form: Repaired, local_orders: [(qqq: 1)]"), script);
    variants_have_rows(&page, "expect: [Always(qqq)],", script);
}

#[test]
fn every_setting_and_property_of_an_election_is_in_the_reference() {
    let page = elections();
    let protocol = |setting: &str| format!("protocol: Election(({setting})),");
    fields_are_in(&page, &protocol("qqq: 1"), page.section("## Settings"));
    let forms = page.section("## Forms");
    variants_have_rows(&page, &protocol("form: qqq"), forms);
    variants_have_rows(&page, "expect: [Always(qqq)],", page.section("## Properties"));
    let commands = "commands: [(at: \"1ms\", to: 1, command: qqq)],";
    variants_are_in(&page, commands, page.section("## Settings"));
}

#[test]
fn every_setting_of_deadlock_detection_is_in_the_reference() {
    let page = deadlocks();
    let protocol = |setting: &str| format!("protocol: Deadlock(({setting})),");
    let settings = page.section("## Settings");
    fields_are_in(&page, &protocol("qqq: 1"), settings);
    fields_are_in(&page, &protocol("needs: [(qqq: 1)]"), settings);
    variants_have_rows(&page, &protocol("model: qqq"), page.section("### Model"));
    let need = protocol("needs: [(node: 1, of: [2], need: qqq)]");
    variants_have_rows(&page, &need, page.section("### Need"));
}

#[test]
fn every_deadlock_detector_is_in_the_reference_with_its_fields() {
    let page = deadlocks();
    let detector = |form: &str| format!("protocol: Deadlock((detector: {form})),");
    let detectors = page.section("## Detectors");
    variants_have_rows(&page, &detector("qqq"), detectors);
    fields_are_in(&page, &detector("Hierarchy(controllers: [(qqq: 1)])"), detectors);
    variants_are_in(&page, &detector("Chasing(overtaken: qqq)"), detectors);
    let victims = page.section("## Victims");
    variants_have_rows(&page, &detector("Confirmed(victims: qqq)"), victims);
    for name in names(&page, &detector("qqq"), "variant") {
        let rows = detectors.lines().filter(|line| line.starts_with(&format!("| `{name}`")));
        let worth = rows.filter(|row| row.matches(" | ").count() == 4).count();
        assert_eq!(worth, 1, "what is {name} worth?");
    }
}

#[test]
fn every_command_and_property_of_deadlock_detection_is_in_the_reference() {
    let page = deadlocks();
    let commands = "commands: [(at: \"1ms\", to: 1, command: qqq)],";
    variants_have_rows(&page, commands, page.section("## Commands"));
    variants_have_rows(&page, "expect: [Always(qqq)],", page.section("## Properties"));
}

#[test]
fn every_setting_command_and_property_of_a_chat_is_in_the_reference() {
    let page = chats();
    let settings = page.section("## Settings");
    fields_are_in(&page, "protocol: Chat((qqq: 1)),", settings);
    let mode = "protocol: Chat((mode: qqq, resend: \"1ms\", election: (form: qqq))),";
    variants_are_in(&page, mode, settings);
    let commands = "commands: [(at: \"1ms\", to: 1, command: qqq)],";
    variants_have_rows(&page, commands, page.section("## Commands"));
    variants_have_rows(&page, "expect: [Always(qqq)],", page.section("## Properties"));
}

#[test]
fn everything_of_a_plan_is_in_the_reference() {
    let page = plans();
    fields_are_in(&page, "qqq: 1,", page.section("## Fields"));
    variants_have_rows(&page, "rest: qqq,", page.section("## Rest"));
    let decisions = page.section("## Decisions");
    variants_have_rows(&page, "decisions: {\"n1->n2:data#1\": qqq},", decisions);
    fields_are_in(&page, "fails: (qqq: 1),", page.section("## Fails"));
}

#[test]
fn a_sort_of_key_that_the_loader_shows_is_in_the_reference() {
    let page = plans();
    let source = page.with("decisions: {\"qqq\": Lose},");
    let complaint = (page.read)(&source).expect_err("no key").to_string();
    let line = complaint.lines().find(|line| line.contains("names no decision"));
    let (_, shown) = line.expect("its words").split_once("write ").expect("examples of keys");
    let keys: Vec<_> = shown.split('`').skip(1).step_by(2).collect();
    assert!(keys.len() >= 4, "{keys:?}");
    for key in keys {
        assert!(page.section("## Keys").contains(&format!("| `\"{key}\"` |")), "{key}");
    }
}

#[test]
fn every_field_of_a_roster_is_in_the_reference() {
    let page = rosters();
    let fields = page.section("## Fields");
    fields_are_in(&page, "qqq: 1,", fields);
    fields_are_in(&page, "nodes: [(qqq: 1)],", fields);
    let network = page.section("## Network");
    fields_are_in(&page, "network: (delay: Fixed(\"1ms\"), qqq: 1),", network);
}
