//! What a command writes never costs what it reads, and never decides the verdict.

use std::io;
use std::process::Command;

use rehearsal::Exit;

use super::{Folder, LOSSY, Ran};

fn lossy() -> Folder {
    Folder::with_paper().file("x.ron", LOSSY)
}

#[test]
fn a_place_that_is_no_good_is_refused_before_anything_is_run() {
    let folder = lossy();
    std::fs::create_dir(folder.path("taken")).expect("room");
    let before = folder.files();
    for (options, told) in [
        ("--trace ./x.ron", "--trace x.ron: this command reads that file (write to another one)"),
        ("--plan ./paper-50.txt", "--plan paper-50.txt: this command reads that file"),
        ("--trace ./t --plan ./t", "--plan t: --trace is written there, too"),
        ("--trace ./no/t.jsonl", "--trace no/t.jsonl: there is no folder no (create it first)"),
        ("--files ./no/such", "--files no/such: there is no folder no (create it first)"),
        ("--trace ./taken", "--trace taken: this is a folder (name a file)"),
    ] {
        let Ran { exit, out, err } = folder.rehearsal(&format!("run ./x.ron {options}"));
        assert_eq!((exit, &*out), (Exit::Usage, ""), "{err}");
        assert!(err.replace("/no)", "no)").contains(told), "{err}");
    }
    assert!(folder.files() == before, "nothing may be written");
}

#[test]
fn the_verdict_decides_the_exit_code_even_if_a_file_cannot_be_written() {
    let folder = lossy();
    let story = folder.ends("run ./x.ron --plan ./p.ron", Exit::Violated);
    let Ran { exit, out, err } = folder.rehearsal("run ./x.ron --plan ./p.ron --trace /dev/full");
    assert_eq!((exit, &out), (Exit::Violated, &story), "{err}");
    assert!(err.contains("error: cannot write /dev/full"), "{err}");
}

/// A terminal or a file that takes nothing more.
struct Full;

impl io::Write for Full {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn where_nothing_can_be_printed_the_verdict_decides_and_the_plan_is_written() {
    let folder = lossy();
    let plan = folder.path("p.ron").display().to_string();
    let run = |command: &[&str], expected: Exit| {
        let mut err = Vec::new();
        let exit = folder.cli.run([&["rehearsal"], command].concat(), &mut Full, &mut err);
        let told = folder.shown(err);
        assert_eq!((exit, told.matches("cannot write results").count()), (expected, 1), "{told}");
        told
    };
    let scenario = folder.path("x.ron").display().to_string();
    run(&["run", &scenario, "--plan", &plan], Exit::Violated);
    assert!(folder.read("p.ron").contains("// Everything that decides one run."));
    let told = run(&["run", &scenario, "--plan", &plan, "--json"], Exit::Violated);
    assert!(told.contains("plan: p.ron") && told.contains("again: rehearsal run"), "{told}");
    run(&["replay", &plan], Exit::Violated);
    folder.write("x.ron", LOSSY.replace("AsPrinted", "Repaired"));
    run(&["run", &scenario], Exit::Held);
}

#[test]
fn an_output_to_standard_output_does_not_replace_the_file_that_it_goes_to() {
    let folder = lossy().file("log.txt", "kept\n");
    let log = std::fs::OpenOptions::new().append(true).open(folder.path("log.txt"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_rehearsal"));
    command.args(["run", "x.ron", "--plan", "/dev/stdout"]).stdout(log.expect("it is there"));
    command.current_dir(folder.folder.path()).status().expect("it runs");
    let log = folder.read("log.txt");
    assert!(log.starts_with("kept\n# The paper"), "{log}");
    assert!(log.contains("// Everything that decides one run."), "{log}");
    assert!(log.ends_with("again: rehearsal run x.ron --seed 0\n"), "{log}");
}

#[test]
fn a_place_for_the_plan_of_a_failure_that_is_no_folder_is_told() {
    let folder = lossy().file("rehearsal-failures", "");
    let mut command = Command::new(env!("CARGO_BIN_EXE_rehearsal"));
    let ran = command.args(["run", "x.ron"]).current_dir(folder.folder.path()).output();
    let ran = ran.expect("it runs");
    assert_eq!(ran.status.code(), Some(1));
    let told = String::from_utf8(ran.stderr).expect("UTF-8");
    assert!(told.contains("error: cannot write rehearsal-failures/"), "{told}");
}

#[test]
fn a_failures_plan_never_replaces_another_text() {
    let folder = lossy();
    std::fs::create_dir_all(folder.path("x")).expect("a folder");
    std::fs::create_dir_all(folder.path("x-y")).expect("a folder");
    for scenario in ["x/y-z.ron", "x-y/z.ron"] {
        folder.write(scenario, LOSSY.replace("paper-50.txt", "../paper-50.txt"));
    }
    let plan_of = |scenario: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rehearsal"));
        command.args(["run", scenario, "--seed", "3"]).current_dir(folder.folder.path());
        let out = String::from_utf8(command.output().expect("it runs").stdout).expect("UTF-8");
        let plan = out.lines().find_map(|line| line.strip_prefix("plan: ")).expect("a plan");
        plan.to_owned()
    };
    let (first, other) = (plan_of("x/y-z.ron"), plan_of("x-y/z.ron"));
    assert_ne!(first, other);
    let text = folder.read(&first);
    assert_eq!(plan_of("x/y-z.ron"), first, "the same text needs no other place");
    folder.write(&first, "edited by hand");
    let next = plan_of("x/y-z.ron");
    assert_eq!(next, first.replace(".ron", "-2.ron"));
    assert_eq!((folder.read(&first).as_str(), folder.read(&next)), ("edited by hand", text));
}

#[test]
fn what_keeps_a_replay_from_a_verdict_is_125_in_a_bisection() {
    let folder = lossy().file("bad.ron", "(format: 9");
    folder.ends("run ./x.ron --plan ./p.ron", Exit::Violated);
    for (arguments, usual, bisecting) in [
        ("replay ./p.ron", Exit::Violated, Exit::Violated),
        ("replay ./bad.ron", Exit::BadInput, Exit::NoLongerApplies),
        ("replay ./p.ron --trace ./no/t", Exit::Usage, Exit::NoLongerApplies),
        ("replay ./p.ron --no-such", Exit::Usage, Exit::NoLongerApplies),
    ] {
        assert_eq!(folder.rehearsal(arguments).exit, usual, "{arguments}");
        assert_eq!(folder.rehearsal(&format!("{arguments} --bisect")).exit, bisecting);
    }
}

#[test]
fn a_name_that_begins_like_an_option_is_no_option_in_the_line_that_repeats_a_run() {
    let folder = lossy().file("-x.ron", LOSSY);
    let mut command = Command::new(env!("CARGO_BIN_EXE_rehearsal"));
    let command = command.args(["run", "--plan", "p.ron", "--", "-x.ron"]);
    let ran = command.current_dir(folder.folder.path()).output().expect("it runs");
    let out = String::from_utf8(ran.stdout).expect("UTF-8");
    assert!(out.ends_with("\nagain: rehearsal run ./-x.ron --seed 0\n"), "{out}");
}
