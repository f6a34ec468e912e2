//! A plan is what a failing run leaves behind: it can be read, edited by hand
//! and run again.

use rehearsal::Exit;

use super::{Folder, LOSSY, with};

/// A folder in which the lossy scenario has failed and left `p.ron`.
fn failed(rest: &str) -> Folder {
    let folder = Folder::with_paper().file("x.ron", LOSSY);
    folder.ends(&format!("run ./x.ron --plan ./p.ron --rest {rest}"), Exit::Violated);
    folder
}

impl Folder {
    /// Puts something else in place of a part of the plan.
    #[track_caller]
    fn edit(&self, part: &str, by: &str) {
        self.write("p.ron", with(&self.read("p.ron"), part, by));
    }

    /// The first line of the plan that has this in it, line break included.
    #[track_caller]
    fn line(&self, part: &str) -> String {
        let plan = self.read("p.ron");
        let line = plan.split_inclusive('\n').find(|line| line.contains(part));
        line.expect("a line of the plan").to_owned()
    }
}

#[test]
fn a_plan_replays_to_the_same_run() {
    for rest in ["seed", "usual"] {
        let folder = failed(rest);
        let first = folder.summary("run ./x.ron", Exit::Violated);
        assert_eq!(folder.summary("replay ./p.ron", Exit::Violated), first);
    }
}

#[test]
fn a_plan_needs_nothing_but_itself() {
    let folder = failed("seed");
    let story = folder.ends("replay ./p.ron", Exit::Violated);
    for file in ["x.ron", "paper-50.txt"] {
        std::fs::remove_file(folder.path(file)).expect("the file is there");
    }
    assert_eq!(folder.ends("replay ./p.ron", Exit::Violated), story);
}

#[test]
fn a_plan_keeps_the_bytes_of_its_files_and_the_comments_of_its_scenario() {
    let script = super::PAPER.replace('\n', "\r\n").replace("number 7\r", "\"7\" \\ #\r");
    let folder = Folder::new().file("paper-50.txt", script).file("x.ron", LOSSY);
    let first = folder.ends("run ./x.ron --plan ./p.ron --json", Exit::Violated);
    assert_eq!(folder.ends("replay ./p.ron --json", Exit::Violated), first);
    assert!(folder.read("p.ron").contains("// It does not survive this.\n"));
}

#[test]
fn a_plan_of_the_usual_lists_every_unusual_decision() {
    let folder = failed("usual");
    let decisions = folder.read("p.ron").matches("\n        \"n").count();
    let summary = folder.summary("run ./x.ron", Exit::Violated);
    let sent: u64 =
        ["data", "ack"].map(|kind| summary["sent"][kind].as_u64().unwrap_or(0)).iter().sum();
    // Chance picks the very least of 19 ms about never.
    assert_eq!(u64::try_from(decisions), Ok(sent));
    let lost = folder.read("p.ron").matches(": Lose,\n").count();
    assert_eq!(summary["lost"]["loss"].as_u64(), u64::try_from(lost).ok());
}

#[test]
fn a_plan_with_one_decision_removed_replays_to_another_run() {
    let folder = failed("usual");
    let first = folder.summary("run ./x.ron", Exit::Violated);
    folder.edit(&folder.line(": Lose,"), "");
    let second = folder.summary("replay ./p.ron", Exit::Violated);
    assert_eq!(second["violations"][0]["reason"], first["violations"][0]["reason"]);
    assert_ne!(second["digest"], first["digest"]);
}

#[test]
fn a_decision_whose_key_no_longer_occurs_is_named() {
    let folder = failed("usual");
    folder.edit("    decisions: {\n", "    decisions: {\n        \"n1->n3:dada#7\": Lose,\n");
    let story = folder.ends("replay ./p.ron", Exit::Violated);
    assert!(
        story.contains("\nunmet n1->n3:dada#7: nothing in this run has that name\n"),
        "{story}"
    );
    assert_eq!(story.matches("unmet").count(), 1);
}

#[test]
fn a_plan_of_which_nothing_occurs_no_longer_applies_if_it_passes() {
    let folder = failed("seed");
    // Under the usual nothing is lost.
    folder.edit("rest: Seed", "rest: Usual, decisions: {\"n1->n3:dada#7\": Lose}");
    let story = folder.ends("replay ./p.ron", Exit::NoLongerApplies);
    assert!(story.contains("unmet n1->n3:dada#7"), "{story}");
    assert!(story.ends_with("no longer applies: none of its decisions came up\n"), "{story}");
}

#[test]
fn a_plan_that_fails_in_another_way_no_longer_applies() {
    let folder = failed("seed");
    folder.edit("a user is stuck", "delivered twice");
    let story = folder.ends("replay ./p.ron", Exit::NoLongerApplies);
    let told = "another failure than before, which was Eventually(AllDelivered): delivered twice";
    assert!(story.contains(told), "{story}");
}

#[test]
fn the_plan_of_a_passing_run_passes() {
    let folder = Folder::with_paper().file("x.ron", with(LOSSY, "AsPrinted", "Repaired"));
    folder.write("x.ron", with(&folder.read("x.ron"), "until: \"3s\"", "until: \"99s\""));
    folder.write("x.ron", with(&folder.read("x.ron"), "within: \"1s\"", "within: \"90s\""));
    for rest in ["seed", "usual"] {
        let run = format!("run ./x.ron --plan ./p.ron --rest {rest}");
        let first = folder.summary(&run, Exit::Held);
        assert_eq!(folder.summary("replay ./p.ron", Exit::Held), first);
    }
}

#[test]
fn a_plan_is_checked_like_a_scenario() {
    let folder = failed("usual");
    assert_eq!(folder.ends("check ./p.ron ./x.ron", Exit::Held), "ok    p.ron\nok    x.ron\n");
}

#[test]
fn a_scenario_names_the_command_that_takes_it() {
    let folder = failed("seed");
    let refused = folder.refused("replay ./x.ron");
    assert!(refused.contains("^ this is a scenario\n"), "{refused}");
    assert!(refused.contains("= help: use `rehearsal run x.ron`\n"), "{refused}");
}

#[test]
fn a_mistake_in_a_file_of_a_plan_is_shown_there() {
    let folder = failed("seed");
    folder.edit("user1,user2,Hi from user1 to user2 with message number 18", "user1,user7,Hi");
    let refused = folder.refused("replay ./p.ron");
    assert!(refused.contains("--> p.ron/paper-50.txt:26:7\n"), "{refused}");
    assert!(refused.contains("^ the receiver `user7` is not one of the users\n"), "{refused}");
}

#[test]
fn a_plan_without_a_file_that_its_scenario_names_is_refused() {
    let told = ["is not among the files", "put its text into the plan's `files`\n"];
    let folder = failed("seed");
    folder.edit("\"paper-50.txt\": \"Users", "\"other.txt\": \"Users");
    let refused = folder.refused("replay ./p.ron");
    for words in told {
        assert!(refused.contains(words), "{refused}");
    }
    assert!(refused.contains("= path: scenario.protocol.Script.script\n"), "{refused}");
}

#[test]
fn a_plan_is_written_out_with_every_decision_of_its_run() {
    let folder = Folder::with_paper().file("x.ron", LOSSY);
    folder.ends("run ./x.ron --seed 3 --plan ./p.ron --json", Exit::Violated);
    let whole = folder.summary("replay ./p.ron --plan ./q.ron", Exit::Violated);
    let written = folder.read("q.ron");
    assert!(written.contains("rest: Usual") && written.contains(": Lose,"), "{written}");
    assert!(!folder.read("p.ron").contains(": Lose,"));
    let again = folder.summary("replay ./q.ron", Exit::Violated);
    assert_eq!((&again["digest"], &again["violations"]), (&whole["digest"], &whole["violations"]));
    let ran = folder.rehearsal("replay ./p.ron --plan ./p.ron");
    assert_eq!(ran.exit, Exit::Usage, "{}", ran.err);
}

#[test]
fn a_plan_runs_like_a_scenario_and_says_itself_what_a_scenario_leaves_open() {
    let folder = Folder::with_paper().file("x.ron", LOSSY);
    folder.ends("run ./x.ron --seed 3 --plan ./p.ron --json", Exit::Violated);
    let replayed = folder.summary("replay ./p.ron", Exit::Violated);
    assert_eq!(folder.summary("run ./p.ron", Exit::Violated), replayed);
    // What failed once and holds now passes, whatever its plan says.
    folder.write("h.ron", folder.read("p.ron").replace("AsPrinted", "Repaired"));
    folder.ends("run ./h.ron", Exit::Held);
    for option in ["--seed 3", "--rest usual", "--mutant NoReack"] {
        let ran = folder.rehearsal(&format!("run ./p.ron {option}"));
        assert_eq!((ran.exit, &*ran.out), (Exit::Usage, ""), "{option}");
    }
}

#[test]
fn a_plan_of_which_nothing_comes_up_any_more_does_not_pass() {
    let folder = Folder::with_paper().file("x.ron", with(LOSSY, "AsPrinted", "Repaired"));
    folder.ends("run ./x.ron --rest usual --plan ./p.ron --json", Exit::Held);
    let plan = folder.read("p.ron");
    let (head, rest) = plan.split_once("    decisions: {").expect("it has decisions");
    let (_, tail) = rest.split_once("\n    },\n").expect("they end");
    let other = "    decisions: {\n        \"n1->n2:ack#99\": Lose,\n    },\n";
    folder.write("p.ron", format!("{head}{other}{tail}"));
    for command in ["run", "replay"] {
        let told = folder.ends(&format!("{command} ./p.ron"), Exit::NoLongerApplies);
        assert!(told.contains("unmet n1->n2:ack#99: nothing in this run has that name"), "{told}");
        assert!(told.contains("none of its decisions came up"), "{told}");
    }
}
