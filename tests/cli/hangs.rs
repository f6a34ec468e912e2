//! A machine that never returns from a step is a failure with a plan, not a silence.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use rehearsal::Exit;
use rehearsal::machine::{Context, Input, Machine, NodeId, Nothing};
use rehearsal::sim::{Answer, Nodes, Plain, Protocol, Question, Reason};

use super::Folder;

const SCENARIO: &str = r#"(claim: "It ends.", protocol: Loops(LOOP), nodes: 2, until: "1s",
    network: (delay: Fixed("1ms")), expect: [])"#;

/// Lets the machines return that were given up.
static IS_OVER: AtomicBool = AtomicBool::new(false);

/// Node 2 does not return from its start; or it emits without end.
enum Loops {
    Spins,
    Emits,
    Ends,
}

impl Machine for Loops {
    type Message = Nothing;
    type Command = Nothing;
    type Output = ();
    type Timer = Nothing;
    type Cell = Nothing;
    type Saved = Nothing;

    fn handle(&mut self, _: Input<Self>, cx: &mut Context<'_, Self>) {
        match self {
            Self::Spins => {
                while !IS_OVER.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            }
            Self::Emits => loop {
                cx.emit(());
            },
            Self::Ends => {}
        }
    }
}

impl Protocol for Loops {
    const NAME: &'static str = "Loops";
    type Config = bool;
    type Machine = Self;
    type Property = Nothing;
    type Memory = ();
    type Look = Plain;
    type Owner = Plain;

    fn build(spins: &bool, node: NodeId, _: &Nodes) -> Result<Self, Reason> {
        Ok(match (node.number(), spins) {
            (2, true) => Self::Spins,
            (2, false) => Self::Emits,
            _ => Self::Ends,
        })
    }

    fn holds(never: &Nothing, _: Question<'_, Self>) -> Answer {
        match *never {}
    }
}

fn folder(spins: bool) -> Folder {
    let folder = Folder { cli: rehearsal::cli().protocol::<Loops>(), ..Folder::new() };
    folder.file("x.ron", SCENARIO.replace("LOOP", &spins.to_string()))
}

#[test]
fn a_step_that_does_not_end_fails_with_its_node_and_input_and_a_plan_that_fails_alike() {
    let folder = folder(true);
    let told = folder.ends("run ./x.ron --plan ./p.ron --step-limit 200ms", Exit::Violated);
    assert!(told.contains("FAIL  hangs: a step did not end in time, at 0ms\n"), "{told}");
    assert!(told.contains("n2 has not returned from `start` within 200ms\n"), "{told}");
    assert!(
        told.contains("\na step that may take longer needs a longer `--step-limit`\n"),
        "{told}"
    );
    assert!(folder.read("p.ron").contains("check: \"hangs\""));
    folder.ends("replay ./p.ron --step-limit 200ms", Exit::Violated);
    // Nothing was noted of a run that hangs: its seed decides.
    folder.ends("run ./x.ron --rest usual --plan ./p.ron --step-limit 200ms", Exit::Violated);
    assert!(folder.read("p.ron").contains("rest: Seed"));
    IS_OVER.store(true, Ordering::Relaxed);
}

#[test]
fn a_run_that_goes_on_without_a_step_does_not_hang() {
    let flap = "faults: [(at: \"0ms\", do: Flap(sides: [[1], [2]], cut: \"1us\", open: \"1us\"))],";
    let scenario = SCENARIO.replace("LOOP", "false").replace("nodes: 2", "nodes: 3, absent: [2]");
    let scenario = scenario.replace("expect", &format!("{flap} expect"));
    let folder = folder(false).file("x.ron", scenario);
    folder.ends("run ./x.ron --json --step-limit 200ms", Exit::Held);
}

#[test]
fn a_step_that_emits_without_end_is_a_panic_of_its_node() {
    let told = folder(false).ends("run ./x.ron --plan ./p.ron", Exit::Violated);
    assert!(told.contains("FAIL  no_panic: panicked at tests/cli/hangs.rs:"), "{told}");
    assert!(told.contains("a step has more than 1048576 effects"), "{told}");
}

/// Its node 2 cannot be built for this time.
enum Sticks {}

/// How often node 2 has been built for [`Sticks`].
static BUILT: AtomicU32 = AtomicU32::new(0);

impl Protocol for Sticks {
    const NAME: &'static str = "Sticks";
    type Config = u32;
    type Machine = Loops;
    type Property = Nothing;
    type Memory = ();
    type Look = Plain;
    type Owner = Plain;

    fn build(sticks_at: &u32, node: NodeId, _: &Nodes) -> Result<Loops, Reason> {
        if node.number() == 2 && BUILT.fetch_add(1, Ordering::Relaxed) + 1 >= *sticks_at {
            while !IS_BUILT.load(Ordering::Relaxed) {
                std::hint::spin_loop();
            }
        }
        Ok(Loops::Ends)
    }

    fn holds(never: &Nothing, _: Question<'_, Loops>) -> Answer {
        match *never {}
    }
}

/// Lets the builds return that were given up.
static IS_BUILT: AtomicBool = AtomicBool::new(false);

#[test]
fn a_build_that_does_not_end_is_told_while_a_file_is_read_and_within_a_run() {
    let folder = Folder { cli: rehearsal::cli().protocol::<Sticks>(), ..Folder::new() };
    let bounce = "faults: [(at: \"1ms\", do: Bounce(node: 2, down: \"1ms\"))], expect";
    let scenario = |sticks_at: &str| {
        let sticks = SCENARIO.replace("Loops(LOOP)", &format!("Sticks({sticks_at})"));
        sticks.replace("expect", bounce)
    };
    // Once when the file is read, once at the start of the run, and then at the restart.
    folder.write("x.ron", scenario("3"));
    let told = folder.ends("run ./x.ron --plan ./p.ron --step-limit 200ms", Exit::Violated);
    assert!(told.contains("FAIL  hangs: a step did not end in time, at 2ms\n"), "{told}");
    assert!(told.contains("n2 has not returned from `build` within 200ms\n"), "{told}");
    folder.write("x.ron", scenario("1"));
    let ran = folder.rehearsal("run ./x.ron --step-limit 20ms");
    assert_eq!((ran.exit, &*ran.out), (Exit::Internal, ""));
    assert!(
        ran.err.contains("x.ron was not read within 120ms: `prepare` or `build`"),
        "{}",
        ran.err
    );
    IS_BUILT.store(true, Ordering::Relaxed);
}
