//! A protocol of a user's own, and a command, get the whole command line.

#[expect(dead_code, reason = "benchmarks need more of it")]
#[path = "../workloads/walk.rs"]
mod walk;

use std::path::PathBuf;

use rehearsal::Exit;
use rehearsal::cli::clap::{self, Args};
use rehearsal::cli::{Cli, CliError, Command, Console};
use rehearsal::sim::Options;

use super::{Folder, with};
use walk::Walks;

/// Three messages add up to 45.
const SCENARIO: &str = r#"(
    claim: "Where few messages walk, sums stay small.",
    protocol: Walks((neighbours: 3, each: 1, hops: 5)),
    nodes: 3,
    network: (delay: Uniform("1ms", "9ms")),
    until: "1s",
    expect: [Always(SumBelow(46))],
)
"#;

/// One of the three nodes must fail it.
fn failing() -> String {
    with(SCENARIO, "SumBelow(46)", "SumBelow(12)")
}

fn folder(scenario: impl AsRef<[u8]>) -> Folder {
    let cli = rehearsal::cli().protocol::<Walks>().command::<Count>();
    Folder { cli, ..Folder::new() }.file("x.ron", scenario)
}

#[test]
fn it_runs_and_is_checked() {
    let folder = folder(SCENARIO);
    assert_eq!(folder.ends("check ./x.ron", Exit::Held), "ok    x.ron\n");
    let story = folder.ends("run ./x.ron", Exit::Held);
    assert!(story.contains("  n2   <- n1  walk\n"), "{story}");
    assert!(story.contains("  -> n3  walk\n"), "{story}");
    assert!(story.contains("\nok    Always(SumBelow(46))"), "{story}");
}

#[test]
fn its_failure_replays() {
    let folder = folder(failing());
    for rest in ["seed", "usual"] {
        let run = format!("run ./x.ron --plan ./p.ron --rest {rest} --json");
        let first = folder.ends(&run, Exit::Violated);
        assert!(first.contains("the sum is too large"), "{first}");
        assert_eq!(folder.ends("replay ./p.ron --json", Exit::Violated), first);
    }
    let plan = folder.read("p.ron");
    assert!(plan.contains("\"n1->n2:walk#1\": Delay("), "{plan}");
    assert!(plan.contains(":draw#1\": Draw("), "{plan}");
}

#[test]
fn its_mistakes_are_pointed_at() {
    let folder = folder(with(SCENARIO, "hops: 5", "hop: 5"));
    insta::assert_snapshot!(folder.refused("run ./x.ron"), @r#"
     --> x.ron:3:46
      |
    3 |     protocol: Walks((neighbours: 3, each: 1, hop: 5)),
      |                                              ^^^ unknown field `hop`
      |
      = path: protocol.Walks.hop
      = expected: `neighbours`, `each` or `hops`
      = help: did you mean `hops`?
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

/// A command of a user's own, which runs scenarios of any protocol.
#[derive(Args)]
struct Count {
    file: PathBuf,
    /// How many to run
    #[arg(long, default_value_t = 10)]
    of: u64,
}

impl Command for Count {
    const NAME: &'static str = "count";
    const ABOUT: &'static str = "Count the runs that hold";

    fn run(&self, cli: &Cli, console: &mut Console<'_>) -> Result<Exit, CliError> {
        if self.of == 0 {
            return Err(CliError::usage("no runs to count: give a number above 0"));
        }
        let case = cli.scenario(&self.file)?;
        let mut runner = case.runner();
        let held = (0..self.of).filter(|seed| runner.run(Options::seed(*seed)).held()).count();
        console.line(&format!("{held} of {}", self.of))?;
        Ok(Exit::Held)
    }
}

#[test]
fn a_command_of_a_users_own_runs_scenarios() {
    let folder = folder(SCENARIO).file("bad.ron", failing());
    assert_eq!(folder.ends("count ./x.ron", Exit::Held), "10 of 10\n");
    assert_eq!(folder.ends("count ./bad.ron", Exit::Held), "0 of 10\n");
    assert_eq!(folder.rehearsal("count ./absent.ron").exit, Exit::BadInput);
}

#[test]
fn a_command_of_a_users_own_is_one_like_the_others() {
    let folder = folder(SCENARIO);
    assert!(folder.ends("--help", Exit::Held).contains("count    Count the runs that hold"));
    assert_eq!(folder.ends("count --of 3 ./x.ron", Exit::Held), "3 of 3\n");
    let ran = folder.rehearsal("count --of 0 ./x.ron");
    let error = "error: no runs to count: give a number above 0\n";
    assert_eq!((ran.exit, &*ran.err), (Exit::Usage, error));
}
