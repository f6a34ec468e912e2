//! A protocol of a user's own gets the whole command line.

#[expect(unreachable_pub, reason = "a user's own crate would publish it")]
mod machine;

use std::path::PathBuf;

use rehearsal::Exit;
use rehearsal::cli::clap::{self, Args};
use rehearsal::cli::{Cli, CliError, Command, Console};
use rehearsal::sim::Options;

use super::{Folder, with};
use machine::PingPong;

const SCENARIO: &str = r#"(
    claim: "Five pongs come through a network that loses every third message.",
    protocol: PingPong((pongs: 5)),
    nodes: 2,
    network: (delay: Uniform("1ms", "9ms"), loss: "1/3"),
    calm_at: "1s",
    until: "3s",
    expect: [Eventually(what: EnoughPongs, within: "1s")],
)
"#;

fn folder(scenario: &str) -> Folder {
    let mut folder = Folder::new().file("x.ron", scenario);
    folder.cli = rehearsal::cli().protocol::<PingPong>();
    folder
}

#[test]
fn it_takes_less_than_a_hundred_lines() {
    let lines = include_str!("machine.rs").lines().count();
    assert!(lines < 100, "{lines} lines");
}

#[test]
fn it_runs_and_is_checked() {
    let folder = folder(SCENARIO);
    assert_eq!(folder.ends("check ./x.ron", Exit::Held), "ok    x.ron\n");
    let story = folder.ends("run ./x.ron", Exit::Held);
    assert!(story.contains("  n2   <- n1  ping\n"), "{story}");
    assert!(story.contains("  -> n1  pong\n"), "{story}");
    assert!(story.contains("\nok    Eventually(EnoughPongs)"), "{story}");
}

#[test]
fn its_failure_replays() {
    let folder = folder(&with(SCENARIO, "pongs: 5", "pongs: 500"));
    for rest in ["seed", "usual"] {
        let run = format!("run ./x.ron --plan ./p.ron --rest {rest} --json");
        let first = folder.ends(&run, Exit::Violated);
        assert!(first.contains("too few pongs"), "{first}");
        assert_eq!(folder.ends("replay ./p.ron --json", Exit::Violated), first);
    }
    assert!(
        folder.read("p.ron").contains("\"n1:timer(again)#2\": Arm("),
        "{}",
        folder.read("p.ron")
    );
}

#[test]
fn its_mistakes_are_pointed_at() {
    let folder = folder(&with(SCENARIO, "pongs: 5", "pong: 5"));
    insta::assert_snapshot!(folder.refused("run ./x.ron"), @r#"
     --> x.ron:3:25
      |
    3 |     protocol: PingPong((pong: 5)),
      |                         ^^^^ unknown field `pong`
      |
      = path: protocol.PingPong.pong
      = expected: `pongs`
      = help: did you mean `pongs`?
    "#);
}

#[test]
fn its_command_line_has_no_command_of_a_protocol_that_is_not_registered() {
    let folder = folder(SCENARIO);
    assert!(!folder.ends("--help", Exit::Held).contains("script"));
    let ran = folder.rehearsal("script generate");
    assert_eq!(ran.exit, Exit::Usage, "{ran:?}");
    assert!(ran.err.contains("unrecognized subcommand 'script'"), "{}", ran.err);
}

/// A command of a user's own.
#[derive(Args)]
struct Greet {
    /// The name to greet
    #[arg(long)]
    name: String,
}

impl Command for Greet {
    const NAME: &'static str = "greet";
    const ABOUT: &'static str = "Greet somebody";

    fn run(&self, _: &Cli, console: &mut Console<'_>) -> Result<Exit, CliError> {
        if self.name.is_empty() {
            return Err(CliError::usage("the name is empty: give one"));
        }
        console.line(&format!("hello {}", self.name))?;
        Ok(Exit::Held)
    }
}

/// A command of a user's own that runs scenarios of any protocol.
#[derive(Args)]
struct Count {
    file: PathBuf,
}

impl Command for Count {
    const NAME: &'static str = "count";
    const ABOUT: &'static str = "Count the runs that hold";

    fn run(&self, cli: &Cli, console: &mut Console<'_>) -> Result<Exit, CliError> {
        let case = cli.scenario(&self.file)?;
        let mut runner = case.runner();
        let held = (0..10).filter(|seed| runner.run(Options::seed(*seed)).held()).count();
        console.line(&format!("{held} of 10"))?;
        Ok(Exit::Held)
    }
}

#[test]
fn a_command_of_a_users_own_runs_scenarios() {
    let mut folder = folder(SCENARIO).file("bad.ron", with(SCENARIO, "pongs: 5", "pongs: 500"));
    folder.cli = folder.cli.command::<Count>();
    assert_eq!(folder.ends("count ./x.ron", Exit::Held), "10 of 10\n");
    assert_eq!(folder.ends("count ./bad.ron", Exit::Held), "0 of 10\n");
    assert_eq!(folder.rehearsal("count ./absent.ron").exit, Exit::BadInput);
}

#[test]
fn a_command_of_a_users_own_is_one_like_the_others() {
    let mut folder = folder(SCENARIO);
    folder.cli = folder.cli.command::<Greet>();
    assert!(folder.ends("--help", Exit::Held).contains("greet    Greet somebody"));
    assert_eq!(folder.ends("greet --name ann", Exit::Held), "hello ann\n");
    let ran = folder.rehearsal("greet --name=");
    assert_eq!((ran.exit, &*ran.err), (Exit::Usage, "error: the name is empty: give one\n"));
}
