//! The loader, asked for what does not exist, lists what does: each of those
//! names has to stand in the reference where a reader would look for it.

use Listed::{Fields, Rows, Variants};

use super::{Page, chats, deadlocks, elections, orderings, plans, rosters, scenarios};

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

/// What the loader lists in place of [`NONE`], and how the section has it.
#[derive(Clone, Copy)]
enum Listed {
    Fields,
    Variants,
    /// Variants, each with a row that names its fields.
    Rows,
}

/// Everything that is known where the fields of a row have [`NONE`] is in the row's section.
#[track_caller]
fn are_in_the_reference(page: &Page, rows: &[(&str, Listed, &str)]) {
    for (heading, listed, fields) in rows {
        let section = page.section(heading);
        let sort = if matches!(listed, Fields) { "field" } else { "variant" };
        let known = names(page, fields, sort);
        let least = if matches!(listed, Rows) { 2 } else { 1 };
        assert!(known.len() >= least, "the loader lists {known:?} for {fields}");
        for name in known {
            assert!(mentions(section, &name), "{heading} lacks `{name}`, a {sort} of {fields}");
            if matches!(listed, Rows) {
                has_row(page, fields, section, &name);
            }
        }
    }
}

/// The variant has a row of the section, which names its fields.
#[track_caller]
fn has_row(page: &Page, fields: &str, section: &str, variant: &str) {
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

#[test]
fn everything_of_a_scenario_is_in_the_reference() {
    let rows = [
        ("## Fields", Fields, "qqq: 1,"),
        ("## Network", Fields, "network: (delay: Fixed(\"1ms\"), qqq: 1),"),
        ("## Network", Fields, "network: (delay: Fixed(\"1ms\"), reorder: (qqq: 1)),"),
        ("## Network", Fields, "network: (delay: Fixed(\"1ms\"), bandwidth: (qqq: 1)),"),
        ("## Network", Variants, "network: (delay: Fixed(\"1ms\"), fifo: qqq),"),
        ("## Commands and workload", Fields, "commands: [(qqq: 1)],"),
        ("## Commands and workload", Fields, "workload: (qqq: 1),"),
        ("### Budget", Fields, "budget: (qqq: 1),"),
        ("## Faults", Fields, "faults: [(qqq: 1)],"),
        ("## Distributions", Rows, "network: (delay: qqq),"),
        ("### Triggers", Rows, "faults: [(when: qqq, do: Heal)],"),
        ("### Actions", Rows, "faults: [(at: \"1ms\", do: qqq)],"),
        ("### Actions", Variants, "faults: [(do: Bounce(node: 1, down: \"1ms\", disk: qqq))],"),
        ("### Actions", Variants, "faults: [(do: Skew(node: 1, by: qqq))],"),
        ("### Actions", Variants, "faults: [(do: Step(node: 1, by: qqq))],"),
        ("### Actions", Variants, "faults: [(do: Drift(node: 1, by: qqq))],"),
        ("## Expectations", Rows, "expect: [qqq],"),
        ("## The protocol `Script`", Fields, "protocol: Script((qqq: 1)),"),
        ("## The protocol `Script`", Variants, "protocol: Script((form: qqq)),"),
        ("## The protocol `Script`", Fields, "protocol: Script((local_orders: [(qqq: 1)])),"),
        ("## The protocol `Script`", Rows, "expect: [Always(qqq)],"),
    ];
    are_in_the_reference(&scenarios(), &rows);
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
fn every_setting_command_and_property_of_an_election_is_in_the_reference() {
    let rows = [
        ("## Settings", Fields, "protocol: Election((qqq: 1)),"),
        ("## Forms", Rows, "protocol: Election((form: qqq)),"),
        ("## Properties", Rows, "expect: [Always(qqq)],"),
        ("## Settings", Variants, "commands: [(at: \"1ms\", to: 1, command: qqq)],"),
    ];
    are_in_the_reference(&elections(), &rows);
}

#[test]
fn every_setting_command_and_property_of_deadlock_detection_is_in_the_reference() {
    let rows = [
        ("## Settings", Fields, "protocol: Deadlock((qqq: 1)),"),
        ("## Settings", Fields, "protocol: Deadlock((needs: [(qqq: 1)])),"),
        ("### Model", Rows, "protocol: Deadlock((model: qqq)),"),
        ("### Need", Rows, "protocol: Deadlock((needs: [(node: 1, of: [2], need: qqq)])),"),
        ("## Detectors", Rows, DETECTOR),
        (
            "## Detectors",
            Fields,
            "protocol: Deadlock((detector: Hierarchy(controllers: [(qqq: 1)]))),",
        ),
        ("## Detectors", Variants, "protocol: Deadlock((detector: Chasing(overtaken: qqq))),"),
        ("## Victims", Rows, "protocol: Deadlock((detector: Confirmed(victims: qqq))),"),
        ("## Commands", Rows, "commands: [(at: \"1ms\", to: 1, command: qqq)],"),
        ("## Properties", Rows, "expect: [Always(qqq)],"),
    ];
    are_in_the_reference(&deadlocks(), &rows);
}

const DETECTOR: &str = "protocol: Deadlock((detector: qqq)),";

#[test]
fn every_deadlock_detector_is_in_the_table_of_what_they_are_worth() {
    let page = deadlocks();
    for name in names(&page, DETECTOR, "variant") {
        let rows = page.section("## Detectors").lines();
        let rows = rows.filter(|line| line.starts_with(&format!("| `{name}`")));
        let worth = rows.filter(|row| row.matches(" | ").count() == 4).count();
        assert_eq!(worth, 1, "what is {name} worth?");
    }
}

#[test]
fn every_setting_command_and_property_of_a_chat_is_in_the_reference() {
    let mode = "protocol: Chat((mode: qqq, resend: \"1ms\", election: (form: qqq))),";
    let rows = [
        ("## Settings", Fields, "protocol: Chat((qqq: 1)),"),
        ("## Settings", Variants, mode),
        ("## Commands", Rows, "commands: [(at: \"1ms\", to: 1, command: qqq)],"),
        ("## Properties", Rows, "expect: [Always(qqq)],"),
    ];
    are_in_the_reference(&chats(), &rows);
}

#[test]
fn every_setting_command_and_property_of_an_order_is_in_the_reference() {
    let rows = [
        ("## Settings", Fields, "protocol: Ordering((qqq: 1)),"),
        ("## Disciplines", Rows, "protocol: Ordering((discipline: qqq)),"),
        ("## Commands", Rows, "commands: [(at: \"1ms\", to: 1, command: qqq)],"),
        ("## Properties", Rows, "expect: [Always(qqq)],"),
    ];
    are_in_the_reference(&orderings(), &rows);
}

#[test]
fn everything_of_a_plan_is_in_the_reference() {
    let rows = [
        ("## Fields", Fields, "qqq: 1,"),
        ("## Rest", Rows, "rest: qqq,"),
        ("## Decisions", Rows, "decisions: {\"n1->n2:data#1\": qqq},"),
        ("## Fails", Fields, "fails: (qqq: 1),"),
    ];
    are_in_the_reference(&plans(), &rows);
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
    let rows = [
        ("## Fields", Fields, "qqq: 1,"),
        ("## Fields", Fields, "nodes: [(qqq: 1)],"),
        ("## Network", Fields, "network: (delay: Fixed(\"1ms\"), qqq: 1),"),
    ];
    are_in_the_reference(&rosters(), &rows);
}
