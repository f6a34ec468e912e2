//! Whatever stands in a file, the harness itself does not panic: it refuses
//! the file, or runs it.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use rehearsal::Exit;

use super::Folder;

const SCRIPT: &str = "Users\n10.0.2.15,2881,ann\n::1,2882,bob\n10.0.2.15,2883,cyd\nMessage\n\
                      ann,bob,hello, bob\nbob,cyd,hello\ncyd,ann,ä\nann,cyd,bye\n";

const SCENARIO: &str = r#"// Some of everything.
(
    claim: "Something of everything can be read.",
    protocol: Script((form: Repaired, script: "chat.txt", resend: "50ms",
        local_orders: [(user: 1, messages: [1, 3, 4])])),
    nodes: 3,
    network: (
        delay: Uniform("1ms", "9ms"), loss: "1/9", duplicate: "1/9",
        reorder: (share: "1/2", by: "30ms"),
        latency: [["0ms", "1ms", "2ms"], ["1ms", "0ms", "2ms"], ["1ms", "2ms", "0ms"]],
    ),
    workload: (count: 5, gap: Fixed("1ms")),
    faults: [
        (at: "9ms", do: Partition([[1, 2], [3]])),
        (at: "20ms", do: Heal),
        (at: "30ms", do: Bounce(node: 3, down: "5ms")),
        (when: Sends(from: 1, kind: "data", nth: 2), do: Duplicate("3ms")),
        (when: Effect(of: 2, nth: 4), do: Bounce(node: 2, down: "9ms")),
    ],
    calm_at: "1s",
    until: "3s",
    max_events: 1000,
    expect: [Always(NothingTwice), Eventually(what: AllDelivered, within: "1s")],
)
"#;

const DECISIONS: &str = r#"decisions: {
    "n1->n2:data#1": Duplicate(["1ms", "2ms"]),
    "n1->n2:data#2": Delay("9ms"),
    "n2->n1:ack#1": Lose,
    "n1:timer(resend)#1": Arm("3ms"),
    "n2:draw#1": Draw(3),
}, scenario:"#;

fn folder() -> Folder {
    Folder::new().file("chat.txt", SCRIPT).file("x.ron", SCENARIO)
}

fn plan() -> String {
    let folder = folder();
    folder.ends("run ./x.ron --plan ./p.ron", Exit::Held);
    folder.read("p.ron").replace("scenario:\n", DECISIONS)
}

/// Lets the command line have this as a script, as a scenario and as a plan.
fn is_harmless(content: &[u8]) -> Result<(), TestCaseError> {
    let folder = folder().file("any", content);
    let mut commands = vec!["check ./any", "script check ./any"];
    // Other limits may be right, and take their time.
    if String::from_utf8_lossy(content).contains("max_events: 1000,") {
        commands.extend(["run ./any --plan ./p.ron", "replay ./any"]);
    }
    for command in commands {
        let ran = folder.rehearsal(command);
        let told = format!("{}{}", ran.out, ran.err);
        prop_assert!(
            matches!(
                ran.exit,
                Exit::Held | Exit::Violated | Exit::BadInput | Exit::NoLongerApplies
            ),
            "{told}"
        );
        prop_assert!(!told.contains("no_panic"), "{}", told);
        prop_assert!(
            ran.exit != Exit::BadInput || told.contains("any:") || told.contains("any/"),
            "{}",
            told
        );
    }
    // What it says as a script must not depend on a scenario that names it.
    folder.write("chat.txt", content);
    prop_assert!(folder.rehearsal("run ./x.ron --plan ./p.ron").exit != Exit::Internal);
    Ok(())
}

/// One edit of a file's bytes: at a place, so many are replaced.
#[derive(Clone, Debug)]
struct Edit {
    at: Index,
    length: usize,
    by: Replacement,
}

#[derive(Clone, Debug)]
enum Replacement {
    Bytes(Vec<u8>),
    /// So many bytes of the file, from this place on.
    Copy(Index, usize),
}

fn edit() -> impl Strategy<Value = Edit> {
    const WORDS: &[&str] =
        &["(", ")", "[", "]", "\"", ",", ":", "-", "0", "99999", "\"\"", "ä", "\0", "\u{feff}"];
    let word = select(WORDS).prop_map(|word| Replacement::Bytes(word.as_bytes().to_vec()));
    let copy =
        (any::<Index>(), 1_usize..60).prop_map(|(from, length)| Replacement::Copy(from, length));
    let replaced = prop_oneof![
        (1_usize..40, Just(Replacement::Bytes(Vec::new()))),
        (Just(0), prop_oneof![word, vec(any::<u8>(), 1..4).prop_map(Replacement::Bytes)]),
        (Just(1), vec(any::<u8>(), 1).prop_map(Replacement::Bytes)),
        (Just(0), copy),
    ];
    (any::<Index>(), replaced).prop_map(|(at, (length, by))| Edit { at, length, by })
}

fn edited(text: &str, edits: &[Edit]) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for Edit { at, length, by } in edits {
        let part = |at: &Index, length: usize| {
            let start = at.index(bytes.len().max(1)).min(bytes.len());
            start..(start + length).min(bytes.len())
        };
        let by = match by {
            Replacement::Bytes(inserted) => inserted.clone(),
            Replacement::Copy(from, length) => bytes[part(from, *length)].to_vec(),
        };
        let replaced = part(at, *length);
        bytes.splice(replaced, by);
    }
    bytes
}

fn span() -> impl Strategy<Value = String> {
    const SPANS: &[&str] =
        &["0ms", "1ns", "7ms", "1.5s", "3s", "584h", "18446744073709551615ns", "-1ms", "1", "x"];
    prop_oneof![4 => select(&SPANS[..5]), 1 => select(&SPANS[5..])]
        .prop_map(|span| format!("\"{span}\""))
}

fn ratio() -> impl Strategy<Value = &'static str> {
    select(&["0/1", "1/1", "1/2", "99/100", "1/4294967295", "0/0", "2/1", "1/4294967296"][..])
}

fn fault() -> impl Strategy<Value = String> {
    let node = 0_u32..5;
    let action = prop_oneof![
        node.clone().prop_map(|node| format!("Crash({node})")),
        node.clone().prop_map(|node| format!("Restart({node})")),
        node.clone().prop_map(|node| format!("Upgrade({node})")),
        (node.clone(), span())
            .prop_map(|(node, down)| format!("Bounce(node: {node}, down: {down})")),
        vec(vec(node.clone(), 0..3), 0..3).prop_map(|sides| format!("Partition({sides:?})")),
        Just("Heal".to_owned()),
        Just("Lose".to_owned()),
        span().prop_map(|span| format!("Delay({span})")),
        span().prop_map(|span| format!("Duplicate({span})")),
    ];
    let when = prop_oneof![
        span().prop_map(|at| format!("at: {at}")),
        (node.clone(), node.clone(), 0_u64..5)
            .prop_map(|(from, to, nth)| format!("when: Sends(from: {from}, to: {to}, nth: {nth})")),
        (0_u64..9).prop_map(|nth| format!("when: Sends(kind: \"data\", nth: {nth})")),
        (node, 0_u64..20).prop_map(|(of, nth)| format!("when: Effect(of: {of}, nth: {nth})")),
    ];
    (when, action).prop_map(|(when, action)| format!("({when}, do: {action}),"))
}

prop_compose! {
    fn scenario()(
        form in select(&["Repaired", "AsPrinted"][..]),
        spans in vec(span(), 7),
        ratios in vec(ratio(), 3),
        nodes in prop_oneof![9 => Just(3_u32), 1 => any::<u32>()],
        faults in vec(fault(), 0..6),
    ) -> String {
        let [least, most, by, resend, calm_at, until, within] = &spans[..] else { unreachable!() };
        let [loss, duplicate, share] = ratios[..] else { unreachable!() };
        let faults = faults.concat();
        format!(
            r#"(claim: "c", protocol: Script((form: {form}, script: "chat.txt", resend: {resend})),
            nodes: {nodes}, max_events: 1000, faults: [{faults}], calm_at: {calm_at}, until: {until},
            network: (delay: Uniform({least}, {most}), loss: "{loss}", duplicate: "{duplicate}",
                reorder: (share: "{share}", by: {by})),
            expect: [Always(RightText), Eventually(what: AllDelivered, within: {within})])"#
        )
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused(text in ".*") {
        is_harmless(text.as_bytes())?;
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..99)) {
        is_harmless(&bytes)?;
    }

    #[test]
    fn a_scenario_with_its_bytes_edited_is_run_or_refused(edits in vec(edit(), 1..4)) {
        is_harmless(&edited(SCENARIO, &edits))?;
    }

    #[test]
    fn a_plan_with_its_bytes_edited_is_run_or_refused(edits in vec(edit(), 1..4)) {
        is_harmless(&edited(&plan(), &edits))?;
    }

    #[test]
    fn a_script_with_its_bytes_edited_is_read_or_refused(edits in vec(edit(), 1..4)) {
        is_harmless(&edited(SCRIPT, &edits))?;
    }

    #[test]
    fn a_scenario_of_any_values_is_run_or_refused_and_its_plan_replays_alike(text in scenario()) {
        is_harmless(text.as_bytes())?;
        let folder = folder().file("any.ron", text);
        let first = folder.rehearsal("run ./any.ron --json --plan ./p.ron --rest usual");
        if first.exit != Exit::BadInput {
            let again = folder.rehearsal("replay ./p.ron --json");
            prop_assert_eq!((first.exit, first.out), (again.exit, again.out));
        }
    }
}

#[test]
fn the_files_that_are_edited_are_right() {
    let folder = folder().file("p.ron", plan());
    folder.ends("check ./x.ron ./p.ron", Exit::Held);
    let story = folder.ends("replay ./p.ron", Exit::Held);
    assert_eq!(story.matches("\nunmet").count(), 1, "{story}");
}
