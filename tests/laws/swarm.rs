//! A swarm draws faults that fit its scenario, end by the calm, and stand in the plan.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use rehearsal::shipped::Script;
use rehearsal::sim::chance::Seed;
use rehearsal::sim::fault::{Action, When};
use rehearsal::sim::plan::Plan;
use rehearsal::sim::swarm::{NotForSwarm, Swarm};
use rehearsal::sim::sweep::Sweep;
use rehearsal::sim::{Case, Files, Options, Outcome, Scenario, Synopsis};

use crate::courier::{Couriers, ms, node};

fn couriers(nodes: u32, rest: &str) -> Case {
    let text = format!(
        "(claim: \"A swarm.\", protocol: Courier(()), nodes: {nodes}, \
        network: (delay: Fixed(\"1ms\")), expect: [], {rest})"
    );
    Scenario::<Couriers>::parse("swarm.ron", &text, Files::none()).expect("it is right").into()
}

/// The paper's script, repaired, with something to lose.
fn script(swarm: &str) -> Case {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/script/lossy.ron");
    let text = format!(
        r#"(
            claim: "It survives whatever goes wrong before the calm.",
            protocol: Script((form: Repaired, script: "paper-50.txt", resend: "50ms")),
            nodes: 6,
            network: (delay: Uniform("1ms", "20ms")),
            calm_at: "1s",
            until: "9s",
            {swarm}
            expect: [Eventually(what: AllDelivered, within: "7s"), Always(NothingTwice)],
        )"#
    );
    Scenario::<Script>::parse("lossy.ron", &text, Files::beside(&file)).expect("it is right").into()
}

fn swarm(case: &Case) -> Result<Swarm, NotForSwarm> {
    Swarm::of(case, &|case, options| case.run(options))
}

fn drawn(case: &Case, seeds: u64) -> Vec<Case> {
    let swarm = swarm(case).expect("there is one");
    (0..seeds).map(|seed| swarm.case(Seed(seed))).collect()
}

#[test]
fn whatever_is_drawn_fits_its_scenario() {
    for (nodes, rest) in [
        (1, "until: \"1s\""),
        (1, "until: \"1ns\""),
        (2, "until: \"7ns\", calm_at: \"1ns\""),
        (2, "until: \"1h\", calm_at: \"1min\", calm_for: [2]"),
        (3, "until: \"5ms\", calm_at: \"3ms\", absent: [1, 3]"),
        (4, "until: \"1s\", calm_at: \"500ms\", upgrade: Courier(())"),
        (40, "until: \"584h\", calm_at: \"583h\", calm_for: [1, 40], absent: [7]"),
        (
            3,
            "until: \"1s\", calm_at: \"9ms\", swarm: (mishaps: 100, share: \"1/1\", longest: \"1h\")",
        ),
        (2, "until: \"1s\", swarm: (kinds: [Amnesia, LyingDisk])"),
    ] {
        // A case that does not fit panics where it is drawn.
        for case in drawn(&couriers(nodes, rest), 300) {
            let _ = case.run(Options::seed(1));
        }
    }
}

#[test]
fn what_a_swarm_adds_ends_by_the_calm() {
    let case = script("");
    let Synopsis { calm_at: Some(calm), network, .. } = case.synopsis() else { panic!("a calm") };
    for drawn in drawn(&case, 500) {
        let synopsis = drawn.synopsis();
        assert_eq!(synopsis.network.delay, network.delay);
        let mut is_down = false;
        for fault in &synopsis.faults {
            match (&fault.when, &fault.action) {
                (When::At(at), Action::Restart(_)) => assert_eq!(at, calm),
                (When::At(at), _) => assert!(at < calm, "{fault}"),
                (When::On(_) | When::Every(_), _) => {}
                (when, _) => panic!("no test for {when:?}"),
            }
            is_down |= matches!(fault.action, Action::Bounce { .. } | Action::Crash(_));
        }
        let restarts = synopsis.faults.iter().filter(|it| matches!(it.action, Action::Restart(_)));
        assert_eq!(restarts.count(), if is_down { 6 } else { 0 });
    }
}

#[test]
fn every_kind_is_there_in_some_runs_and_missing_in_others() {
    let runs = drawn(&script(""), 400);
    let has = |action: &str| {
        let starts =
            |fault: &rehearsal::sim::Fault| format!("{:?}", fault.action).starts_with(action);
        runs.iter().filter(|case| case.synopsis().faults.iter().any(starts)).count()
    };
    for action in ["Lose", "Delay", "Duplicate", "Corrupt", "Pause", "Bounce", "Hold", "Partition"]
    {
        assert!((20..380).contains(&has(action)), "{action}: {}", has(action));
    }
    let quiet = |case: &&Case| case.synopsis().network.loss.is_never();
    let without_loss = runs.iter().filter(quiet).count();
    assert!((200..380).contains(&without_loss), "{without_loss}");
}

#[test]
fn a_swarm_stays_within_its_bounds() {
    let bounds = "swarm: (kinds: [Lose, Pause], share: \"3/100\", mishaps: 2, longest: \"40ms\"),";
    let mut shares = BTreeSet::new();
    for case in drawn(&script(bounds), 300) {
        let synopsis = case.synopsis();
        assert!(synopsis.faults.len() <= 2);
        for fault in &synopsis.faults {
            match &fault.action {
                Action::Lose => {}
                Action::Pause { lasts: Some(lasts), .. } => assert!(lasts.as_nanos() <= 40_000_000),
                other => panic!("{other:?} is not within the bounds"),
            }
        }
        shares.insert(synopsis.network.loss.numerator());
        let network = &synopsis.network;
        assert!(network.corrupt.is_never() && network.duplicate.is_never());
        assert_eq!(network.reorder, None);
    }
    assert_eq!(shares, (0..=3).collect());
}

#[test]
fn a_seed_draws_the_same_again_and_another_one_something_else() {
    let case = script("");
    let (first, again) = (drawn(&case, 50), drawn(&case, 50));
    let all: BTreeSet<_> = first.iter().map(|case| format!("{:?}", case.synopsis())).collect();
    assert!(all.len() > 45, "{}", all.len());
    for (first, again) in first.iter().zip(&again) {
        assert_eq!(first.synopsis(), again.synopsis());
    }
}

/// Seeds outlive versions: what they draw is as frozen as what a message draws.
#[test]
fn what_the_first_seeds_draw_is_golden() {
    let told: String = drawn(&script(""), 4)
        .iter()
        .map(|case| {
            let Synopsis { network, faults, .. } = case.synopsis();
            let faults: String = faults.iter().map(|fault| format!("  {fault}\n")).collect();
            format!("{network}\n{faults}")
        })
        .collect();
    insta::assert_snapshot!(told);
}

#[test]
fn the_plan_alone_repeats_a_run_of_a_swarm() {
    let sweep = Sweep::of(&script("")).swarming(&|case, options| case.run(options));
    let sweep = sweep.expect("there is a swarm");
    let mut runner = sweep.runner();
    for seed in (0..40).map(Seed) {
        let swept = runner.run(seed);
        let text = sweep.plan(seed, None).text().expect("its text was read");
        let plan = Plan::parse::<Script>("plan.ron", &text).expect("it is right");
        let replayed = plan.case.run(Options::plan(&plan));
        assert_eq!(replayed.digest, swept.outcome.digest, "seed {seed}");
        assert_eq!(replayed.failure, swept.outcome.failure);
    }
}

#[test]
fn a_protocol_that_survives_faults_survives_a_swarm() {
    for (seed, case) in (0..).zip(drawn(&script(""), 300)) {
        let outcome = case.run(Options::seed(seed));
        assert!(outcome.held(), "seed {seed}: {:?}", outcome.failure);
    }
}

/// A scenario takes node 2 down; whether it brings it back decides what the swarm may do.
#[test]
fn nodes_that_the_scenario_leaves_down_stay_down_and_others_are_back_at_the_calm() {
    let faults = |more: &str| {
        format!("until: \"2s\", calm_at: \"1s\", faults: [(at: \"0ms\", do: Crash(2)){more}]")
    };
    let is_restart = |fault: &rehearsal::sim::Fault| {
        let calm = When::At(ms(1_000));
        fault.when == calm && fault.action == Action::Restart(node(2).into())
    };
    let restarts = |more: &str| {
        let runs = drawn(&couriers(3, &faults(more)), 100);
        runs.iter().filter(|case| case.synopsis().faults.iter().any(is_restart)).count()
    };
    assert_eq!(restarts(""), 0);
    assert!(restarts(", (at: \"200ms\", do: Restart(2))") > 20);
}

#[test]
fn a_swarm_that_never_ends_and_one_that_never_begins_are_refused() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/script/lossy.ron");
    let text = r#"(claim: "It ends.", protocol: Script((form: Repaired, script: "paper-50.txt", resend: "50ms")),
        nodes: 6, network: (delay: Fixed("1ms")), until: "9s", expect: [AtEnd(AllDelivered)])"#;
    let endless =
        Scenario::<Script>::parse("x.ron", text, Files::beside(&file)).expect("it is right");
    assert_eq!(swarm(&endless.into()).err(), Some(NotForSwarm::NoCalm));
    let calm = couriers(2, "until: \"1s\", calm_at: \"0ms\"");
    assert_eq!(swarm(&calm).err(), Some(NotForSwarm::AlwaysCalm));
    for nothing in ["kinds: [Repeated]", "kinds: [Lose], mishaps: 0, share: \"0/1\""] {
        let case = couriers(2, &format!("until: \"1s\", swarm: ({nothing})"));
        assert_eq!(swarm(&case).err(), Some(NotForSwarm::Nothing), "{nothing}");
    }
}

#[test]
fn bounds_that_make_no_sense_are_refused_where_they_stand() {
    let refused = |swarm: &str| {
        let (swarm, network) = swarm.split_once(" over ").unwrap_or((swarm, ""));
        let text = format!(
            "(claim: \"A swarm.\", protocol: Courier(()), nodes: 2, \
            network: (delay: Fixed(\"1ms\"), {network}), until: \"1s\", expect: [], \
            swarm: ({swarm}))"
        );
        let refused = Scenario::<Couriers>::parse("swarm.ron", &text, Files::none());
        refused.err().map(|error| error.to_string()).unwrap_or_default()
    };
    for (swarm, words) in [
        ("kinds: []", "a swarm in which nothing goes wrong"),
        ("kinds: [Pause], without: [Pause]", "a swarm in which nothing goes wrong"),
        ("kinds: [Start]", "no node is absent"),
        ("kinds: [Upgrade]", "there is nothing to upgrade to"),
        ("kinds: [Crsh]", "did you mean `Crash`"),
        ("share: \"1/1000\"", "shares are drawn in hundredths"),
        ("mishaps: 1001", "at most 1000 mishaps"),
        ("longest: \"0ms\"", "what lasts no time is no fault"),
        ("kinds: [Session]", "the network has no sessions that could break"),
        ("kinds: [Crash, Lose] over sessions: ()", "all links are sessions, which know no `Lose`"),
        ("kinds: [Corrupt] over sessions: (between: Pairs([(2, 1)]))", "which know no `Corrupt`"),
        ("share: \"1/4\" over sessions: ()", "which chance does not disturb"),
        ("mishap: 3", "did you mean `mishaps`"),
    ] {
        let told = refused(swarm);
        assert!(told.contains(words), "{swarm}: {told}");
    }
}

/// What a seed draws must not depend on how fast the computer is.
#[test]
fn there_is_no_swarm_of_a_scenario_whose_undisturbed_run_hangs() {
    let stopped = |_: &Case, _| Outcome::of_hanging(None, Duration::from_millis(1));
    let refused = Swarm::of(&script(""), &stopped).err();
    assert_eq!(refused, Some(NotForSwarm::Hangs));
}
