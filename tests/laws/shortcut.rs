//! What is kept of a run decides which path the engine takes through it, and must
//! not decide what happens: without a trace, most events take the fast path.

use std::fmt::Debug;
use std::time::Duration;

use proptest::prelude::*;
use rehearsal::machine::Effect;
use rehearsal::prelude::*;
use rehearsal::sim::network::Distribution;
use rehearsal::sim::source::TimeSpan;
use rehearsal::sim::{Keep, Options, Outcome, Report, Runner, Scenario};
use serde::{Deserialize, Serialize};

use crate::random_plans::laws;
use crate::ring;
use crate::walk::Walks;

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
            Input::Link { .. } => return,
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

#[derive(Debug, Deserialize)]
pub(crate) enum Property {
    /// Every node has had at most so many inputs since its start.
    Few(u64),
    /// The sum of all numbers that were saved is no multiple of this.
    NoMultiple(u64),
    /// Never holds: its detail is the memory.
    Told,
}

/// Everything that nodes did.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    saved: u64,
    deeds: Vec<String>,
}

impl Protocol for Whims {
    const NAME: &'static str = "Whims";
    type Config = Config;
    type Machine = Whim;
    type Property = Property;
    type Memory = Memory;
    type Look = Plain;
    type Owner = Self;

    fn build(config: &Config, _: NodeId, _: &Nodes) -> Result<Whim, Reason> {
        Ok(Whim { panics: config.panics, inputs: 0 })
    }

    fn command(_: &Config, _: NodeId, _: &Nodes, draw: &mut dyn Draw) -> Option<u8> {
        Some(draw.draw(0..=5) as u8)
    }

    fn observe(memory: &mut Memory, world: &World<Whim>, observed: &Observed<'_, Whim>) {
        let inputs = world.machine(observed.node).map(|whim| whim.inputs);
        let event = match &observed.event {
            NodeEvent::Input(input) => format!("{input:?}"),
            NodeEvent::Effect(effect) => {
                if let Effect::Save { value: Some(value), .. } = effect {
                    memory.saved = memory.saved.wrapping_add(*value);
                }
                format!("{effect:?}")
            }
            NodeEvent::StepEnd => "rests".to_owned(),
            _ => "crashes".to_owned(),
        };
        memory.deeds.push(format!("{} {} {inputs:?} {event}", observed.now, observed.node));
    }

    fn holds(property: &Property, question: Question<'_, Whim, Memory>) -> Answer {
        match property {
            Property::Few(most) => question.of_every_node(|view, node| {
                match view.machine(node).map_or(0, |whim| whim.inputs) {
                    inputs if inputs <= *most => Ok(()),
                    inputs => {
                        Err(view.violation("too many inputs", || format!("{node} has {inputs}")))
                    }
                }
            }),
            Property::NoMultiple(of) => question.of_world(|view| match view.memory().saved {
                0 => Ok(()),
                saved if saved % of == 0 => Err("a multiple"),
                _ => Ok(()),
            }),
            Property::Told => question
                .of_world(|view| Err(view.violation("told", || view.memory().deeds.join("\n")))),
        }
    }
}

impl Owner<Self> for Whims {
    fn window(whim: &Whim) -> Vec<String> {
        vec![whim.inputs.to_string()]
    }
}

/// Such a world, of which the rest says everything else that decides a run but its seed.
fn scenario(first: u8, rest: &str) -> Scenario<Whims> {
    let text = format!(
        "(claim: \"Both paths are the same.\", nodes: {NODES}, commands: [
            (at: \"1ms\", to: 1, command: {first}), (at: \"1ms\", to: 2, command: {SOME})], {rest})"
    );
    Scenario::parse("whims.ron", &text, Files::none()).expect("a right scenario")
}

/// The rest of a scenario.
fn rests() -> impl Strategy<Value = String> {
    let more = prop::sample::select(vec![
        "",
        r#"calm_at: "0ms","#,
        r#"calm_at: "20ms","#,
        r#"calm_at: "20ms", calm_for: [1, 3],"#,
        "absent: [2, 3],",
        r#"absent: [4], calm_at: "7ms","#,
    ]);
    let expect = prop::sample::select(vec![
        "",
        "",
        "Reaches(Told)",
        "Always(Few(9))",
        "Always(NoMultiple(7)), Sometimes(Few(0))",
        r#"LeadsTo(from: Few(5), to: NoMultiple(3), within: "900us"), Always(Few(100))"#,
        r#"LeadsTo(from: NoMultiple(2), to: Told, within: "900us"), Reaches(NoMultiple(1))"#,
    ]);
    let law = prop_oneof![
        laws(),
        Just(Distribution::Fixed(TimeSpan::ZERO)),
        Just(Distribution::Fixed(TimeSpan::from_nanos(1_000_000))),
    ];
    let most_events = prop_oneof![1 => 1..400_u32, 3 => Just(100_000)];
    let panics = prop::bool::weighted(0.3);
    // Without a gap all commands of the workload come at one instant.
    (law, panics, 21_000..200_000_u32, most_events, 0..3_u32, more, expect).prop_map(
        |(law, panics, until_us, most_events, gap_ms, more, expect)| {
            let delay = ron::to_string(&law).expect("a law can be written");
            format!(
                "protocol: Whims((panics: {panics})), network: (delay: {delay}), {more}
                until: \"{until_us}us\", max_events: {most_events},
                workload: (count: 20, gap: Fixed(\"{gap_ms}ms\")), expect: [{expect}]"
            )
        },
    )
}

/// All that is to be known of a run but what was kept of it.
fn told<P: Protocol<Machine: Machine<Saved: Debug> + Debug>>(report: &Report<P>) -> String {
    let Report { outcome, world, .. } = report;
    let Outcome { failure, end, tally, windows, lanes, since, .. } = outcome;
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

/// Whatever is kept, the same comes of it.
#[track_caller]
fn assert_same<P: Protocol<Machine: Machine<Saved: Debug> + Debug>>(
    scenario: &Scenario<P>,
    seed: u64,
) -> Report<P> {
    let mut runner = Runner::new(scenario);
    let [traced, digested, neither] = [Keep::Trace, Keep::Digest, Keep::Verdict]
        .map(|keep| runner.run(Options::seed(seed).keep(keep)));
    assert_eq!(told(&digested), told(&traced), "seed {seed}");
    assert_eq!(told(&neither), told(&traced), "seed {seed}");
    assert_eq!(digested.digest, traced.digest, "seed {seed}");
    assert_eq!(digested.checkpoints, traced.checkpoints, "seed {seed}");
    let uncollected =
        [(Keep::Trace, &traced), (Keep::Digest, &digested), (Keep::Verdict, &neither)];
    let covered = uncollected.map(|(keep, without)| {
        let mut outcome = runner.run(Options::seed(seed).keep(keep).coverage(true)).outcome;
        let collected = outcome.seen.take();
        assert_eq!(outcome, without.outcome, "seed {seed}");
        collected.expect("it was asked for")
    });
    let [traced_seen, others @ ..] = &covered;
    assert!(others.iter().all(|seen| seen == traced_seen), "seed {seed}: {covered:#?}");
    assert!(!traced_seen.steps.is_empty() || !traced.held(), "a node starts, or panics");
    traced
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        max_shrink_iters: 3_000,
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_is_kept_of_a_run_does_not_change_what_happens(seed: u64, rest in rests()) {
        assert_same(&scenario(SOME, &rest), seed);
    }
}

#[test]
fn a_run_in_which_time_stands_still_is_stopped_at_the_same_event() {
    let rest = r#"protocol: Whims((panics: false)), network: (delay: Fixed("0ms")),
        until: "30ms", expect: []"#;
    let report = assert_same(&scenario(ENDLESS, rest), 1);
    assert_eq!(report.outcome.failure.expect("it never ends").reason, "time stands still");
}

#[test]
fn messages_take_either_way_alike_however_many_nodes_there_are() {
    for nodes in [1, 2, 5, 16, 511, 512, 700] {
        let scenario = Walks::among_all(nodes).scenario(nodes, 40_000, "");
        (0..3).for_each(|seed| drop(assert_same(&scenario, seed)));
    }
}

#[test]
fn what_is_expected_of_many_nodes_is_judged_alike_on_either_path() {
    let walks = Walks { hops: 40, ..Walks::among_all(600) };
    for limit in [u64::MAX, 200, 120, 90, 41, 40] {
        let expect = format!("Always(SumBelow({})), Always(SumBelow({limit}))", u64::MAX);
        let scenario = walks.expecting(600, 60_000, "", &expect);
        for seed in 0..3 {
            let report = assert_same(&scenario, seed);
            assert!(seed > 0 || report.held() == (limit == u64::MAX), "{limit}");
        }
    }
}

#[test]
fn timers_take_either_way_alike_however_many_nodes_there_are() {
    for nodes in [1, 3, 40, 600] {
        let scenario = ring::scenario(nodes, 700);
        (0..3).for_each(|seed| drop(assert_same(&scenario, seed)));
    }
}
