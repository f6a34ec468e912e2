//! What no run may do, whatever is on the menu: plans of every kind of fault,
//! over networks of every sort, held against the accountant.

mod networks;

pub(crate) use networks::laws;

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::strategy::{Union, ValueTree};
use proptest::test_runner::TestRunner;
use rehearsal::machine::{NodeId, Time};
use rehearsal::sim::fault::{Action, Target, When};
use rehearsal::sim::network::Network;
use rehearsal::sim::strategy::{Menu, seeds};
use rehearsal::sim::trace::EventKind;
use rehearsal::sim::{Fault, Files, Keep, Options, Report, Runner, Scenario, run};
use ron::extensions::Extensions;

use crate::accountant::{Circumstances, audit};
use crate::courier::{Couriers, at};

const NODES: u32 = 5;
const CALM_AT: u32 = 2_000;
const UNTIL: u32 = 4_000;

/// On which ground a plan stands.
#[derive(Clone, Copy, Debug)]
struct Ground {
    has_calm: bool,
    core: &'static [u32],
    /// What else the scenario says.
    more: &'static str,
}

const GROUNDS: [Ground; 5] = [
    Ground { has_calm: true, core: &[], more: "" },
    Ground { has_calm: true, core: &[1, 2, 3], more: "" },
    Ground { has_calm: false, core: &[], more: "upgrade: Courier((edition: 2))," },
    Ground { has_calm: true, core: &[], more: "absent: [4, 5], budget: (down: 1)," },
    Ground { has_calm: true, core: &[2, 5], more: "absent: [3], upgrade: Courier(())," },
];

/// One case: everything that decides a run but its seed.
#[derive(Clone, Debug)]
struct Case {
    ground: Ground,
    network: Network,
    faults: Vec<Fault>,
}

fn cases() -> impl Strategy<Value = Case> {
    let on = |ground: Ground| {
        let kinds = ["letter", "parcel", "rally"];
        let menu = Menu::everything(&ground.scenario("delay: Fixed(\"1ms\")"));
        let faults = menu.messages(kinds).roles(['.', 'H', 'x']).at_most(12).plans();
        (Just(ground), faults).boxed()
    };
    (Union::new(GROUNDS.map(on)), networks::networks(NODES as usize))
        .prop_map(|((ground, faults), network)| Case { ground, network, faults })
}

impl Ground {
    fn scenario(self, network: &str) -> Scenario<Couriers> {
        let Self { has_calm, core, more } = self;
        let calm = if has_calm { format!("calm_at: \"{CALM_AT}ms\",") } else { String::new() };
        let core = if core.is_empty() { String::new() } else { format!("calm_for: {core:?},") };
        let text = format!(
            "(claim: \"A law of the world.\", protocol: Courier(()), nodes: {NODES},
            until: \"{UNTIL}ms\", {calm} {core} {more} network: ({network}),
            commands: [{}], workload: (count: 40, gap: Exponential(\"70ms\")), expect: [])",
            commands()
        );
        Scenario::parse("random.ron", &text, Files::none()).expect("a right scenario")
    }
}

/// Everything that couriers can be asked, all over the run, most of it around
/// the calm, a few at the same instant.
fn commands() -> String {
    let mut random: u64 = 1;
    let mut below = |most: u64| {
        // Knuth, TAOCP 2, 3.3.4: the multiplier of MMIX.
        random =
            random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % most
    };
    (0..240)
        .map(|turn| {
            let (from, to) = if turn % 2 == 0 { (0, UNTIL) } else { (CALM_AT - 60, CALM_AT + 60) };
            let millis = u64::from(from) + below(u64::from(to - from));
            let who = below(NODES.into()) + 1;
            // There is one more than there are nodes: what is sent there finds nobody.
            let (to, number) = (below(u64::from(NODES) + 1) + 1, below(300));
            let order = match below(22) {
                0..4 => format!("Send(to: {to}, letter: {number})"),
                4..7 => format!("Ship(to: {to}, bytes: {number})"),
                7..10 => format!("Rally(to: {to}, hits: {})", number % 8),
                10..16 => format!("Keep({number})"),
                16..18 => format!("KeepAndTell({number})"),
                18 => format!("Wait({number})"),
                19 => "Nap".to_owned(),
                20 => "Look".to_owned(),
                _ => format!("Mood({})", number % 2 == 0),
            };
            at(millis.try_into().expect("small"), who.try_into().expect("small"), &order)
        })
        .collect()
}

impl Case {
    fn scenario(&self) -> Scenario<Couriers> {
        let ron = ron::Options::default().with_default_extension(Extensions::IMPLICIT_SOME);
        let network = ron.to_string(&self.network).expect("a network can be written");
        let network = network.trim_start_matches('(').trim_end_matches(')');
        // The last field is a number, and no parenthesis but the outer one ends the text.
        let scenario = self.ground.scenario(network);
        scenario.with_faults(self.faults.clone()).expect("a menu makes faults that fit")
    }

    fn circumstances(&self) -> Circumstances {
        let Ground { has_calm, core, .. } = self.ground;
        Circumstances {
            nodes: NODES,
            network: self.network.clone(),
            calm_at: has_calm.then(|| Time::from_millis(CALM_AT.into())),
            core: core.iter().map(|number| NodeId::new(*number).expect("not zero")).collect(),
            until: Time::from_millis(UNTIL.into()),
            amnesia: self.faults.iter().filter_map(amnesia).collect(),
        }
    }

    /// What the faults on messages may have disturbed: a copy of a late message
    /// is one too many, and late.
    fn disturbances(&self, report: &Report<Couriers>) -> u64 {
        let weight = |fault: &Fault| match fault.action {
            Action::Delay(_) => 1,
            Action::Duplicate(_) => 2,
            _ => 0,
        };
        self.faults
            .iter()
            .zip(&report.strikes)
            .map(|(fault, strikes)| weight(fault) * strikes)
            .sum()
    }
}

fn amnesia(fault: &Fault) -> Option<(Time, NodeId)> {
    match (&fault.when, &fault.action) {
        (When::At(at), Action::Amnesia(Target::Node(node))) => Some((Time::ZERO + *at, *node)),
        _ => None,
    }
}

fn traced(seed: u64) -> Options {
    Options::seed(seed).keep(Keep::Trace)
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        max_shrink_iters: 3_000,
        ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_goes_wrong_no_run_breaks_a_law(seed in seeds(), case in cases()) {
        let scenario = case.scenario();
        let report = run(&scenario, traced(seed));
        prop_assert!(report.held(), "{:?}", report.failure);
        let account = audit(report.events.as_ref().expect("they were kept"), &case.circumstances());
        let account = account.map_err(TestCaseError::fail)?;
        let tally = &report.tally;
        prop_assert_eq!(account.sent, tally.sent_in_all());
        prop_assert_eq!((account.delivered, account.duplicates), (tally.delivered, tally.duplicates));
        prop_assert_eq!(&account.lost, &tally.lost);
        prop_assert!(account.disturbed <= case.disturbances(&report), "{account:?}");
    }

    #[test]
    fn whatever_goes_wrong_a_seed_gives_the_same_bytes(seed in seeds(), case in cases()) {
        let scenario = case.scenario();
        let digest = run(&scenario, Options::seed(seed)).digest;
        let elsewhere = std::thread::scope(|scope| {
            let again = scope.spawn(|| run(&case.scenario(), Options::seed(seed)).digest);
            again.join().expect("it does not panic")
        });
        prop_assert_eq!(&elsewhere, &digest, "on another thread");
        let mut runner = Runner::new(&scenario);
        let other = runner.run(Options::seed(!seed));
        prop_assert_ne!(&other.digest, &digest);
        runner.recycle(other);
        prop_assert_eq!(&runner.run(Options::seed(seed)).digest, &digest, "after another run");
    }
}

#[test]
fn the_cases_leave_nothing_out() {
    let (mut runner, cases) = (TestRunner::deterministic(), cases());
    let mut met = BTreeSet::new();
    for seed in 0..150 {
        let case = cases.new_tree(&mut runner).expect("a case").current();
        let report = run(&case.scenario(), traced(seed));
        let struck = case.faults.iter().zip(&report.strikes).filter(|(_, strikes)| **strikes > 0);
        met.extend(struck.map(|(fault, _)| name(&fault.action)));
        met.extend(report.tally.lost.keys().map(|why| format!("lost by {why}")));
        for event in report.outcome.events.expect("they were kept") {
            met.insert(match event.what {
                EventKind::Disk { damage, .. } => format!("{damage:?}"),
                what => name(&what),
            });
        }
    }
    let missing: Vec<_> = WANTED.iter().filter(|what| !met.contains(**what)).collect();
    assert!(missing.is_empty(), "{missing:?} not among {met:?}");
}

/// Every fault, every way to lose a message, every damage of a disk, every
/// event that one of them brings about.
const WANTED: [&str; 42] = [
    "Amnesia",
    "Bounce",
    "Calm",
    "Clock",
    "Corrupt",
    "Crash",
    "Cut",
    "Delay",
    "Drift",
    "Duplicate",
    "Flap",
    "Heal",
    "Hold",
    "LastLost",
    "LastTorn",
    "Leave",
    "Lied",
    "Lies",
    "Lose",
    "LyingDisk",
    "Mend",
    "Miss",
    "OneWay",
    "Partition",
    "Pause",
    "Release",
    "Restart",
    "Resume",
    "Skew",
    "Start",
    "Step",
    "Timer",
    "Upgrade",
    "Wipe",
    "Wiped",
    "lost by corrupt",
    "lost by down",
    "lost by full",
    "lost by loss",
    "lost by partition",
    "lost by too_large",
    "Deliver",
];

/// The name of a variant.
fn name(of: &impl std::fmt::Debug) -> String {
    let text = format!("{of:?}");
    text.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default().to_owned()
}
