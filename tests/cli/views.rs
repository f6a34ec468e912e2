//! Which part of a run a story tells, and the command that tells the rest.

use rehearsal::Exit;

use super::{Folder, LOSSY};

fn lossy() -> Folder {
    Folder::with_paper().file("x.ron", LOSSY)
}

/// What follows this word on a line of its own.
#[track_caller]
fn after<'a>(out: &'a str, word: &str) -> &'a str {
    let line = out.lines().find_map(|line| line.strip_prefix(word));
    line.unwrap_or_else(|| panic!("no line begins with `{word}`:\n{out}"))
}

#[test]
fn a_long_failing_run_is_told_in_part_and_the_command_that_is_printed_tells_all_of_it() {
    let folder = lossy();
    let out = folder.ends("run ./x.ron --seed 3 --plan ./p.ron", Exit::Violated);
    let (story, _) = out.split_once("\nwhole: ").expect("there is more");
    assert!(story.lines().count() <= 60, "{story}");
    assert!(story.contains(" events not shown, until "), "{story}");
    assert!(story.contains("  lost"), "what disturbed it is told:\n{story}");
    let command = after(&out, "whole: rehearsal ").replace("x.ron", "./x.ron");
    assert_eq!(command, "run ./x.ron --seed 3 --whole");
    let whole = folder.ends(&format!("{command} --plan ./p.ron"), Exit::Violated);
    assert!(!whole.contains("not shown") && !whole.contains("as before"), "{whole}");
    assert!(whole.contains("\n   0  n1   start") || whole.contains("  0  n1   start"), "{whole}");
    assert!(whole.contains("\nwindow of n1\n"), "{whole}");
    assert!(whole.lines().count() > 400 && !whole.contains("whole: "), "{whole}");
    let again = folder.ends("replay ./p.ron", Exit::Violated);
    assert_eq!(after(&again, "whole: "), "rehearsal replay p.ron --whole");
}

#[test]
fn a_search_for_the_smallest_run_tells_how_to_see_all_of_it() {
    let folder = lossy();
    let out = folder.ends("shrink ./x.ron --seed 3 --plan ./small.ron", Exit::Held);
    assert_eq!(after(&out, "whole: "), "rehearsal replay small.ron --whole");
    assert_eq!(after(&out, "again: "), "rehearsal replay small.ron");
    let lost = out.lines().filter(|line| line.ends_with("  lost")).count();
    assert_eq!(lost, 1, "the one decision of the smallest plan is told:\n{out}");
}

#[test]
fn the_commands_that_are_printed_name_the_program_that_was_run() {
    let folder = lossy();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let file = folder.path("x.ron").display().to_string();
    let plan = folder.path("p.ron").display().to_string();
    let arguments = ["target/debug/my chat", "run", &file, "--plan", &plan];
    folder.cli.run(arguments, &mut out, &mut err);
    let out = folder.shown(out);
    assert_eq!(after(&out, "again: "), "'my chat' run x.ron --seed 0");
    assert_eq!(after(&out, "whole: "), "'my chat' run x.ron --seed 0 --whole");
}

#[test]
fn nodes_and_kinds_are_left_out_on_request() {
    let folder = lossy();
    let run = |options: &str| {
        folder.ends(&format!("run ./x.ron --plan ./p.ron {options}"), Exit::Violated)
    };
    let only = run("--only n2,5");
    let actors: Vec<_> = only
        .split("\nend ")
        .next()
        .into_iter()
        .flat_map(str::lines)
        .filter_map(|line| {
            let (at, rest) = line.trim_start().split_once("  ")?;
            at.parse::<f64>().is_ok().then(|| rest.split(' ').next().unwrap_or_default())
        })
        .collect();
    let acts = |node: &str| actors.iter().filter(|actor| **actor == node).count();
    assert!(acts("n2") > 5 && acts("n5") > 5 && acts("net") == 1, "{only}");
    assert!([1, 3, 4, 6].iter().all(|node| acts(&format!("n{node}")) == 0), "{only}");
    let hidden = run("--hide ack --hide resend");
    assert!(!hidden.lines().any(|line| line.contains("->") && line.contains("  ack")), "{hidden}");
    assert!(hidden.lines().any(|line| line.contains("<- n1  ack")), "a role changes\n{hidden}");
    let unknown = run("--hide hum");
    assert!(
        unknown.contains("\n--hide hum: no message and no timer is called so here\n"),
        "{unknown}"
    );
}

#[test]
fn around_an_event_so_many_steps_are_told() {
    let folder = lossy();
    let run = |options: &str| {
        folder.ends(&format!("run ./x.ron --plan ./p.ron {options}"), Exit::Violated)
    };
    let (near, far) = (run("--around failure --context 3"), run("--around failure"));
    assert!(near.lines().count() < far.lines().count(), "{near}{far}");
    let key = run("--around n2->n5:data#1 --context 1 --keys");
    assert!(key.lines().any(|line| line.ends_with("  n2->n5:data#1")), "{key}");
    let event = run("--around 40 --context 1");
    assert_eq!(event.matches("events not shown").count(), 2, "{event}");
    let nothing = run("--around n2->n5:hum#1");
    let told = "\n--around n2->n5:hum#1: nothing in this run has that name\n";
    assert!(nothing.contains(told), "{nothing}");
    let late = run("--around 999999");
    assert!(late.contains("\n--around 999999: the events are 1 to "), "{late}");
}

#[test]
fn a_view_that_means_nothing_is_a_mistake_of_the_command_line() {
    let folder = lossy();
    let refused = |options: &str| {
        let ran = folder.rehearsal(&format!("run ./x.ron {options}"));
        assert_eq!((ran.exit, ran.out.as_str()), (Exit::Usage, ""), "{options}: {}", ran.err);
        ran.err
    };
    let nodes = refused("--only n7");
    assert!(nodes.contains("--only n7: there is no such node (the nodes are n1 to n6)"), "{nodes}");
    assert!(refused("--only x").contains("`x` is no node: write `n1`"));
    assert!(refused("--around hell").contains("`hell` names no moment of a run"));
    assert!(refused("--context 3").contains("--around"));
    assert!(refused("--whole --around failure").contains("cannot be used with"));
    for option in ["--whole", "--only n1", "--hide ack", "--around failure"] {
        assert!(refused(&format!("--json {option}")).contains("cannot be used with"), "{option}");
    }
}
