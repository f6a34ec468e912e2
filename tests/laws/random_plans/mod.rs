//! What no run may do, whatever is on the menu: plans of every kind of fault,
//! over networks of every sort, held against the accountant.

mod networks;

pub(crate) use networks::laws;

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::{Union, ValueTree};
use proptest::test_runner::TestRunner;
use rehearsal::machine::{NodeId, Time};
use rehearsal::sim::fault::{Action, Target, Trigger, When};
use rehearsal::sim::network::{Between, Distribution, Network, Sessions};
use rehearsal::sim::plan::{Decisions, Rest};
use rehearsal::sim::source::TimeSpan;
use rehearsal::sim::strategy::{Menu, seeds};
use rehearsal::sim::trace::EventKind;
use rehearsal::sim::{Fault, Keep, Options, Report, Runner, Scenario, run};

use crate::accountant::{Circumstances, audit};
use crate::courier::{AsWritten, Couriers, Five, Setting, at, couriers, ms, node};

const NODES: u32 = 5;
const CALM_AT: u32 = 2_000;
const UNTIL: u32 = 4_000;
/// The nodes of which disturbances may outlive the calm.
const OUTLIVED: [u32; 2] = [4, 5];

/// On which ground a plan stands.
#[derive(Clone, Copy, Debug)]
struct Ground {
    has_calm: bool,
    core: &'static [u32],
    /// What else the scenario says.
    more: fn(Five) -> Five,
}

const GROUNDS: [Ground; 5] = [
    Ground { has_calm: true, core: &[], more: |five| five },
    Ground { has_calm: true, core: &[1, 2, 3], more: |five| five },
    Ground { has_calm: false, core: &[], more: |five| five.upgrade(Setting::edition(2)) },
    Ground { has_calm: true, core: &[], more: |five| five.absent(nodes(&[4, 5])).budget(1) },
    Ground {
        has_calm: true,
        core: &[2, 5],
        more: |five| five.absent(nodes(&[3])).upgrade(Setting::default()),
    },
];

/// One case: everything that decides a run but its seed.
#[derive(Clone, Debug)]
struct Case {
    ground: Ground,
    network: Network,
    faults: Vec<Fault>,
}

fn cases() -> impl Strategy<Value = Case> {
    let on = |(ground, between): (Ground, Option<Between>)| {
        let kinds = ["letter", "parcel", "rally"];
        let sessions = between.clone().map(|between| Sessions { between, setup: TimeSpan::ZERO });
        let network = Network { sessions, ..Distribution::Fixed(ms(1)).into() };
        let menu = Menu::everything(&ground.scenario(network).scenario());
        let menu = menu.messages(kinds).timers(["()"]).roles(['.', 'H', 'x']).at_most(12);
        let menu = if ground.has_calm { menu.outliving(nodes(&OUTLIVED)) } else { menu };
        let faults = menu.plans();
        (Just(ground), faults, networks::networks(NODES as usize, between)).boxed()
    };
    let some = Between::Pairs(vec![(node(1), node(2)), (node(4), node(2)), (node(4), node(5))]);
    let grounds = GROUNDS.into_iter().flat_map(|ground| {
        let kinds = [None, None, Some(Between::All), Some(some.clone())];
        kinds.map(|between| (ground, between))
    });
    Union::new(grounds.map(on)).prop_map(|(ground, faults, network)| Case {
        ground,
        network,
        faults,
    })
}

fn nodes(numbers: &[u32]) -> impl Iterator<Item = NodeId> {
    numbers.iter().map(|number| node(*number))
}

impl Ground {
    fn scenario(self, network: Network) -> Five {
        let gap = Distribution::Exponential(ms(70));
        let five = couriers().network(network).commands(commands()).workload(40, gap);
        let five = five.until(ms(UNTIL.into()));
        let five = if self.core.is_empty() { five } else { five.calm_for(nodes(self.core)) };
        (self.more)(if self.has_calm { five.calm_at(ms(CALM_AT.into())) } else { five })
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
        self.ground.scenario(self.network.clone()).faults(self.faults.clone()).scenario()
    }

    fn circumstances(&self) -> Circumstances {
        let Ground { has_calm, core, .. } = self.ground;
        Circumstances {
            nodes: NODES,
            network: self.network.clone(),
            calm_at: has_calm.then(|| Time::from_millis(CALM_AT.into())),
            core: nodes(core).collect(),
            until: Time::from_millis(UNTIL.into()),
            outlived: nodes(&OUTLIVED).collect(),
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

    /// Has a fault withheld a message?
    fn withholds(&self, report: &Report<Couriers>) -> bool {
        let mut struck = self.faults.iter().zip(&report.strikes);
        struck.any(|(fault, strikes)| fault.action == Action::Withhold && *strikes > 0)
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
        let account = audit(&report.events.as_ref().expect("they were kept").to_vec(), &case.circumstances());
        let account = account.map_err(TestCaseError::fail)?;
        let tally = &report.tally;
        prop_assert_eq!(account.sent, tally.sent_in_all());
        prop_assert_eq!((account.delivered, account.duplicates), (tally.delivered, tally.duplicates));
        prop_assert_eq!(&account.lost, &tally.lost);
        prop_assert_eq!(account.under_way, tally.under_way());
        prop_assert!(account.disturbed <= case.disturbances(&report), "{account:?}");
        prop_assert!(account.withheld == 0 || case.withholds(&report), "{account:?}");
    }

    #[test]
    fn whatever_goes_wrong_a_seed_gives_the_same_bytes(seed in seeds(), case in cases()) {
        let scenario = case.scenario();
        let digest = run(&scenario, traced(seed)).digest;
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

    #[test]
    fn a_fault_that_never_strikes_changes_nothing_wherever_it_stands(
        seed in seeds(),
        case in cases(),
        place: Index,
    ) {
        let without = run(&case.scenario(), Options::seed(seed));
        let mut with = case.clone();
        let never = Action::crash(Target::Any).when(Trigger::emits("nobody says so"));
        with.faults.insert(place.index(case.faults.len() + 1), never);
        prop_assert_eq!(run(&with.scenario(), Options::seed(seed)).digest, without.digest);
    }

    #[test]
    fn a_fault_that_did_not_strike_can_go(seed in seeds(), case in cases()) {
        let all = run(&case.scenario(), Options::seed(seed));
        for place in all.unstruck() {
            let mut fewer = case.clone();
            let gone = fewer.faults.remove(place);
            // Of two that are called the same, the second takes the name of the first.
            if !fewer.faults.contains(&gone) {
                let digest = run(&fewer.scenario(), Options::seed(seed)).digest;
                prop_assert_eq!(&digest, &all.digest, "without {}", gone);
            }
        }
    }

    #[test]
    fn what_a_run_decided_replays_with_all_else_usual(seed in seeds(), case in cases()) {
        let notes = Decisions::default().taking_notes();
        let noted = run(&case.scenario(), Options::seed(seed).decisions(notes)).outcome;
        let decisions = noted.decisions.expect("they were noted");
        let listed = Decisions::listed(decisions, Rest::Usual);
        // The workload is the seed's; nothing else is left to it.
        let again = run(&case.scenario(), Options::seed(seed).decisions(listed));
        prop_assert_eq!(&again.digest, &noted.digest);
        prop_assert!(again.unmet.is_empty(), "{:?}", again.unmet);
    }
}

#[test]
fn the_cases_leave_nothing_out() {
    let (mut runner, cases) = (TestRunner::deterministic(), cases());
    let (mut met, mut in_calm) = (BTreeSet::new(), 0);
    for seed in 0..400 {
        let case = cases.new_tree(&mut runner).expect("a case").current();
        let report = run(&case.scenario(), traced(seed));
        let events = report.events.as_ref().expect("they were kept").to_vec();
        in_calm += audit(&events, &case.circumstances()).expect("nothing is wrong").in_calm;
        let struck = case.faults.iter().zip(&report.strikes).filter(|(_, strikes)| **strikes > 0);
        met.extend(struck.clone().map(|(fault, _)| name(&fault.action)));
        met.extend(struck.filter_map(|(fault, _)| Some(name(fault.when.trigger()?))));
        met.extend(report.tally.lost.keys().map(|why| format!("lost by {why}")));
        for event in events {
            met.insert(match event.what {
                EventKind::Disk { damage, .. } => format!("{damage:?}"),
                what => name(&what),
            });
        }
    }
    let losses = LOSSES.split(' ').map(|why| format!("lost by {why}"));
    let wanted = WANTED.split_whitespace().map(str::to_owned).chain(losses);
    let missing: Vec<_> = wanted.filter(|what| !met.contains(what)).collect();
    assert!(missing.is_empty(), "{missing:?} not among {met:?}");
    assert!(in_calm > 1_000, "{in_calm} messages in a calm");
}

/// Every fault, every event that sets one off, every damage of a disk, every event that one of them
/// brings about.
const WANTED: &str = "
    Amnesia Bounce Break BreakAny Calm Clock Connect Corrupt Crash Cut CutAny Delay Deliver Disconnect
    Drift Duplicate Effect Emits Fire Fires Flap
    Heal Hears Hold LastLost LastTorn Leave LetGo Link Lied Lies Lose LyingDisk Mend Miss Move OneWay Partition
    Pause PutOff Receives Release Restart Resume Saves Sends Skew Split Start Step Strand Timer Upgrade Wipe Wiped Withhold";

const LOSSES: &str = "absent corrupt down full loss no_session partition too_large";

/// The name of a variant.
fn name(of: &impl std::fmt::Debug) -> String {
    let text = format!("{of:?}");
    text.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default().to_owned()
}
