//! What is kept of a run decides how the engine gets through it, and must not
//! decide what happens: with nobody to look on, it takes a shorter way.

use std::time::Duration;

use proptest::prelude::*;
use rehearsal::prelude::*;
use rehearsal::sim::network::Distribution;
use rehearsal::sim::source::TimeSpan;
use rehearsal::sim::{Keep, Options, Report, Runner, Scenario, run};
use serde::{Deserialize, Serialize};

use crate::random_plans::laws;

const NODES: u32 = 4;

/// As many rounds as never end, and the first command's otherwise.
const ENDLESS: u8 = u8::MAX;
const SOME: u8 = 7;

/// Moves its receiver to so many more rounds of whatever comes to its mind.
/// It owns nothing, or the network would have to ask for its size.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) enum Move {
    Nudge(u8),
    Push { rounds: u8, word: u64 },
}

/// Does anything that a machine can do, as its draws have it.
#[derive(Debug)]
pub(crate) struct Whim {
    panics: bool,
    inputs: u64,
}

pub(crate) enum Whims {}

#[derive(Debug, Deserialize)]
pub(crate) struct Config {
    panics: bool,
}

impl Message for Move {
    fn kind(&self) -> &'static str {
        match self {
            Self::Nudge(_) => "nudge",
            Self::Push { .. } => "push",
        }
    }
}

impl Machine for Whim {
    type Message = Move;
    /// Rounds.
    type Command = u8;
    type Output = String;
    /// Rounds, which are the deadline's name, too.
    type Timer = u8;
    type Cell = u8;
    type Saved = u64;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        self.inputs += 1;
        let rounds = match input {
            Input::Start(_) => 5,
            Input::Command(rounds) | Input::Timer(rounds) => rounds,
            Input::Message { message: Move::Nudge(rounds) | Move::Push { rounds, .. }, .. } => {
                rounds
            }
        };
        assert!(!self.panics || cx.draw(0..=60) > 0, "it was in the mood");
        if rounds == ENDLESS {
            return cx.send(cx.me(), Move::Nudge(ENDLESS));
        }
        let Some(left) = rounds.checked_sub(1) else { return };
        for _ in 0..cx.draw(1..=4) {
            self.act(left, cx);
        }
    }
}

impl Whim {
    fn act(&self, left: u8, cx: &mut Context<'_, Self>) {
        let word = cx.draw(0..=u64::MAX);
        // One more than there are nodes: what is sent there finds nobody.
        let to = NodeId::from_index((word % u64::from(NODES + 1)) as usize);
        // Often the same one, so that deadlines are put off.
        let timer = left % 2;
        match word >> 32 & 15 {
            0..5 => cx.send(to, Move::Nudge(left)),
            5..8 => cx.send(to, Move::Push { rounds: left, word: word >> (word % 64) }),
            8..10 => cx.arm(timer, Duration::ZERO..=Duration::from_nanos(word >> 44)),
            10 => cx.arm(timer, Duration::ZERO..=Duration::ZERO),
            11 => cx.arm(timer, Duration::from_millis(3)..=Duration::from_millis(30)),
            12 => cx.disarm(timer),
            13 => cx.save(left, word),
            14 => cx.erase(left),
            _ => cx.emit(format!("{} {}", cx.now(), self.inputs)),
        }
    }
}

impl Protocol for Whims {
    const NAME: &'static str = "Whims";
    type Config = Config;
    type Machine = Whim;
    type Property = Nothing;
    type Memory = ();
    type Look = Plain;
    type Owner = Self;

    fn build(config: &Config, _: NodeId, _: &Nodes) -> Result<Whim, Reason> {
        Ok(Whim { panics: config.panics, inputs: 0 })
    }

    fn command(_: &Config, _: NodeId, _: &Nodes, draw: &mut dyn Draw) -> Option<u8> {
        Some(draw.draw(0..=5) as u8)
    }

    fn holds(never: &Nothing, _: Question<'_, Whim>) -> Answer {
        match *never {}
    }
}

impl Owner<Self> for Whims {
    fn window(whim: &Whim) -> Vec<String> {
        vec![whim.inputs.to_string()]
    }
}

/// Everything that decides such a run but its seed.
#[derive(Clone, Debug)]
struct Case {
    delay: Distribution,
    panics: bool,
    until_us: u32,
    most_events: u32,
    /// Between the commands of the workload; without one all come at one instant.
    gap_us: u32,
    more: &'static str,
}

fn cases() -> impl Strategy<Value = Case> {
    let more = prop::sample::select(vec![
        "",
        r#"calm_at: "0ms","#,
        r#"calm_at: "20ms","#,
        r#"calm_at: "20ms", calm_for: [1, 3],"#,
        "absent: [2, 3],",
        r#"absent: [4], calm_at: "7ms","#,
    ]);
    let law = prop_oneof![
        laws(),
        Just(Distribution::Fixed(TimeSpan::ZERO)),
        Just(Distribution::Fixed(TimeSpan::from_nanos(1_000_000))),
    ];
    let most_events = prop_oneof![1 => 1..400_u32, 3 => Just(100_000)];
    (law, prop::bool::weighted(0.3), 21_000..200_000_u32, most_events, 0..3_u32, more).prop_map(
        |(delay, panics, until_us, most_events, gap_ms, more)| Case {
            delay,
            panics,
            until_us,
            most_events,
            gap_us: gap_ms * 1_000,
            more,
        },
    )
}

impl Case {
    fn scenario(&self, first: u8) -> Scenario<Whims> {
        let Self { delay, panics, until_us, most_events, gap_us, more } = self;
        let delay = ron::to_string(delay).expect("a law can be written");
        let text = format!(
            "(claim: \"Nobody looks on.\", protocol: Whims((panics: {panics})), nodes: {NODES},
            until: \"{until_us}us\", max_events: {most_events}, {more} network: (delay: {delay}),
            commands: [(at: \"1ms\", to: 1, command: {first}), (at: \"1ms\", to: 2, command: {SOME})],
            workload: (count: 20, gap: Fixed(\"{gap_us}us\")), expect: [])"
        );
        Scenario::parse("whims.ron", &text, Files::none()).expect("a right scenario")
    }
}

/// All that is to be known of a run but what was kept of it.
fn told(report: &Report<Whims>) -> String {
    let Report { failure, end, tally, windows, lanes, world, since, .. } = report;
    let nodes = world.nodes().map(|node| {
        let (storage, outputs) = (world.storage(node), world.outputs(node));
        format!("{:?} {storage:?} {outputs:?} {:?}", world.machine(node), world.incarnation(node))
    });
    let nodes: Vec<_> = nodes.collect();
    format!(
        "{failure:?} {end} {tally:?} {windows:?} {lanes:?} {since:?} {nodes:#?} {}",
        world.now()
    )
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        max_shrink_iters: 3_000,
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_is_kept_of_a_run_does_not_change_what_happens(seed: u64, case in cases()) {
        let scenario = case.scenario(SOME);
        let mut runner = Runner::new(&scenario);
        let [traced, digested, neither] = [Keep::Trace, Keep::Digest, Keep::Verdict]
            .map(|keep| runner.run(Options::seed(seed).keep(keep)));
        prop_assert_eq!(told(&digested), told(&traced));
        prop_assert_eq!(told(&neither), told(&traced));
        prop_assert_eq!((digested.digest, digested.checkpoints), (traced.digest, traced.checkpoints));
    }
}

#[test]
fn a_run_in_which_time_stands_still_is_stopped_at_the_same_event() {
    let case = Case {
        delay: Distribution::Fixed(TimeSpan::ZERO),
        panics: false,
        until_us: 30_000,
        most_events: 1_000_000,
        gap_us: 0,
        more: "",
    };
    let scenario = case.scenario(ENDLESS);
    let [traced, digested, neither] = [Keep::Trace, Keep::Digest, Keep::Verdict]
        .map(|keep| run(&scenario, Options::seed(1).keep(keep)));
    let failure = traced.failure.as_ref().expect("it never ends");
    assert_eq!(failure.reason, "time stands still");
    assert_eq!((told(&digested), digested.digest), (told(&traced), traced.digest));
    assert_eq!(told(&neither), told(&traced));
}
