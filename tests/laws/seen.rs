//! What a run covers: the shapes of its steps, and its machines' marks.

use std::collections::BTreeSet;
use std::time::Duration;

use rehearsal::machine::{Nested, compose};
use rehearsal::prelude::*;
use rehearsal::shipped::Election;
use rehearsal::sim::{Coverage, Keep, Options, Outcome, Runner, Scenario, Seen, StepShape, run};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Say {
    Question,
    Answer,
}

impl Message for Say {
    fn kind(&self) -> &'static str {
        match self {
            Self::Question => "question",
            Self::Answer => "answer",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Due {
    Retry(u32),
}

/// Answers a question; marks the first one, where it may.
#[derive(Debug)]
pub(crate) struct Teacher {
    marks: bool,
    answered: u64,
}

impl Machine for Teacher {
    type Message = Say;
    type Command = Nothing;
    type Output = u64;
    type Timer = Nothing;
    type Cell = ();
    type Saved = u64;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Start(storage) => {
                self.answered = storage.get(&()).copied().unwrap_or(0);
                if self.marks && self.answered > 0 {
                    cx.mark("remembers answers");
                }
            }
            Input::Message { from, message: Say::Question } => {
                if self.marks && self.answered == 0 {
                    cx.mark("first question");
                }
                self.answered += 1;
                cx.save((), self.answered);
                cx.send(from, Say::Answer);
                cx.emit(self.answered);
            }
            _ => {}
        }
    }
}

/// Asks when it is told to until it has an answer, and panics if it is told so.
#[derive(Debug)]
pub(crate) struct Pupil {
    marks: bool,
    teacher: Nested<Teacher>,
    asks: Option<NodeId>,
    has_answer: bool,
}

compose! {
    parts of Pupil { Teacher(Teacher) => ask_teacher }

    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
    pub(crate) timer PupilTimer { Due(Due), .. }
}

/// To ask this node; none, to panic.
pub(crate) type Ask = Option<NodeId>;

impl Pupil {
    fn ask_teacher(&mut self, input: Input<Teacher>, cx: &mut Context<'_, Self>) {
        cx.delegate(&mut self.teacher, input);
    }

    fn ask(&mut self, to: NodeId, attempt: u32, cx: &mut Context<'_, Self>) {
        let wait = Duration::from_millis(cx.draw(30..=40));
        cx.arm(PupilTimer::Due(Due::Retry(attempt)), wait..=wait);
        cx.send(to, Say::Question);
        self.asks = Some(to);
        self.has_answer = false;
    }

    fn mark(&self, name: &'static str, cx: &mut Context<'_, Self>) {
        if self.marks {
            cx.mark(name);
        }
    }
}

impl Machine for Pupil {
    type Message = Say;
    type Command = Ask;
    type Output = u64;
    type Timer = PupilTimer;
    type Cell = ();
    type Saved = u64;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Start(storage) => {
                self.ask_teacher(
                    <Self as rehearsal::machine::Embeds<Teacher>>::start_input(&storage),
                    cx,
                );
            }
            Input::Command(Some(to)) => self.ask(to, 1, cx),
            Input::Command(None) => {
                self.mark("about to panic", cx);
                panic!("told to");
            }
            Input::Message { message: Say::Answer, .. } => {
                self.has_answer = true;
                (1..9).for_each(|attempt| cx.disarm(PupilTimer::Due(Due::Retry(attempt))));
            }
            Input::Timer(PupilTimer::Due(Due::Retry(attempt))) => {
                self.mark("asked again", cx);
                if let Some(to) = self.asks {
                    self.ask(to, attempt + 1, cx);
                }
            }
            input => self.route(input, cx),
        }
    }
}

pub(crate) enum School {}

/// A protocol whose machines mark, or do not.
impl Protocol for School {
    const NAME: &'static str = "School";
    type Config = bool;
    type Machine = Pupil;
    type Property = Nothing;
    type Memory = ();
    type Look = Self;
    type Owner = Self;

    fn build(marks: &bool, _: NodeId, _: &Nodes) -> Result<Pupil, Reason> {
        let teacher = Nested::new(Teacher { marks: *marks, answered: 0 });
        Ok(Pupil { marks: *marks, teacher, asks: None, has_answer: false })
    }

    fn holds(never: &Nothing, _: Question<'_, Pupil>) -> Answer {
        match *never {}
    }
}

impl Look<Self> for School {
    fn lane(pupil: &Pupil) -> Lane {
        match pupil.asks {
            None => Lane::from('.'),
            Some(_) if pupil.has_answer => Lane::from('K'),
            Some(to) => Lane::towards('A', to),
        }
    }
}

impl Owner<Self> for School {
    const SAVES_WINDOW: bool = true;

    fn window(pupil: &Pupil) -> Vec<String> {
        vec![format!("{} answered", pupil.teacher.machine.answered)]
    }
}

/// Node 1 asks node 2 twice; the second question finds it down, and is repeated
/// until it is up again.
fn school(marks: bool, more: &str) -> Scenario<School> {
    let text = format!(
        r#"(claim: "Pupils learn.", protocol: School({marks}), nodes: 2,
        network: (delay: Fixed("1ms")), until: "1s", expect: [],
        commands: [(at: "10ms", to: 1, command: Some(2)), (at: "50ms", to: 1, command: Some(2))],
        {more})"#
    );
    Scenario::parse("school.ron", &text, Files::none()).expect("a right scenario")
}

const AWAY: &str = r#"faults: [(at: "40ms", do: Bounce(node: 2, down: "65ms"))]"#;

fn seen<P: Protocol>(scenario: &Scenario<P>, options: Options) -> Seen {
    run(scenario, options.coverage(true)).outcome.seen.expect("it was asked for")
}

fn texts(seen: &Seen) -> Vec<String> {
    seen.steps.iter().map(ToString::to_string).collect()
}

#[test]
fn the_steps_of_a_small_run_are_those_worked_out_by_hand() {
    let by_hand = [
        ". + command -> send question, arm -> A",
        ". + question -> send answer, save, emit -> .",
        "A + answer -> disarm -> K",
        "A + timer due(retry(_)) -> send question, arm -> A",
        "K + command -> send question, arm -> A",
        "x + start -> .",
    ];
    for keep in [Keep::Verdict, Keep::Digest, Keep::Trace, Keep::Values] {
        let seen = seen(&school(true, AWAY), Options::seed(0).keep(keep));
        assert_eq!(texts(&seen), by_hand, "{keep:?}");
    }
}

#[test]
fn marks_are_seen_also_of_a_nested_machine() {
    let seen = seen(&school(true, AWAY), Options::seed(0));
    let marks = ["asked again", "first question", "remembers answers"];
    assert_eq!(seen.marks, BTreeSet::from(marks));
}

#[test]
fn marks_are_seen_also_of_a_step_that_a_crash_or_a_panic_ends() {
    // The answer never leaves, and no later question reaches anybody.
    let crash = "faults: [(when: Effect(of: 2, nth: 1), do: Crash(2))]";
    let crashed = seen(&school(true, crash), Options::seed(0));
    assert_eq!(crashed.marks, BTreeSet::from(["asked again", "first question"]));
    let shape = ". + question -> send answer, save, emit -> .";
    assert!(texts(&crashed).contains(&shape.to_owned()), "the machine asked for all of it");

    let text = r#"(claim: "It panics.", protocol: School(true), nodes: 1, until: "1s",
        network: (delay: Fixed("1ms")), expect: [],
        commands: [(at: "10ms", to: 1, command: None)])"#;
    let panics = Scenario::<School>::parse("panics.ron", text, Files::none());
    let report = run(&panics.expect("it is right"), Options::seed(0).coverage(true));
    assert!(!report.held(), "it panics");
    let seen = report.outcome.seen.expect("it was asked for");
    assert_eq!(seen.marks, BTreeSet::from(["about to panic"]));
    assert_eq!(texts(&seen), ["x + start -> ."]);
}

#[test]
fn a_node_that_is_down_at_the_end_is_not_seen_to_start_for_its_window() {
    let down = r#"faults: [(at: "40ms", do: Crash(2))]"#;
    let report = run(&school(true, down), Options::seed(0).coverage(true));
    assert_eq!(report.windows[1], ["1 answered"]);
    let seen = report.outcome.seen.expect("it was asked for");
    assert_eq!(seen.marks, BTreeSet::from(["asked again", "first question"]));
}

#[test]
fn marks_change_nothing_that_happens() {
    let rough = r#"faults: [(when: Effect(of: 2, nth: 2), do: Bounce(node: 2, down: "65ms")),
        (when: Effect(of: 1, nth: 5), do: Pause(node: 1, lasts: "20ms"))]"#;
    for faults in [AWAY, rough] {
        for keep in [Keep::Verdict, Keep::Digest, Keep::Values] {
            let [marked, unmarked] = [true, false].map(|marks| {
                let options = Options::seed(3).keep(keep).coverage(true);
                let mut outcome = run(&school(marks, faults), options).outcome;
                let seen = outcome.seen.as_mut().expect("it was asked for");
                assert_eq!(std::mem::take(&mut seen.marks).is_empty(), !marks);
                outcome
            });
            assert_eq!(marked, unmarked, "{keep:?}");
            assert_eq!(marked.digest.is_some(), keep >= Keep::Digest);
        }
    }
}

#[test]
fn nothing_is_collected_unless_it_is_asked_for() {
    let school = school(true, AWAY);
    let mut runner = Runner::new(&school);
    for is_collected in [false, true, false, false] {
        let report = runner.run(Options::seed(1).coverage(is_collected));
        assert_eq!(report.seen.is_some(), is_collected);
    }
}

fn election() -> Scenario<Election> {
    let text = r#"(claim: "Somebody leads.", nodes: 5, until: "2s", expect: [],
        protocol: Election((form: Textbook(answer_wait: "22ms", coordinator_wait: "44ms"))),
        network: (delay: Uniform("1ms", "10ms"), loss: "1/20"), calm_at: "1s",
        workload: (count: 30, gap: Uniform("0ms", "50ms")),
        faults: [(at: "100ms", do: Crash(5)), (at: "300ms", do: Restart(5)),
            (when: Sends(kind: "coordinator"), do: Bounce(node: "it", down: "50ms"))])"#;
    Scenario::parse("election.ron", text, Files::none()).unwrap_or_else(|error| panic!("{error}"))
}

/// A message is often lost, so that some runs come to a mark and others do not.
fn lossy_school() -> Scenario<School> {
    let text = r#"(claim: "Pupils learn.", protocol: School(true), nodes: 2, until: "1s",
        network: (delay: Uniform("1ms", "9ms"), loss: "1/4"), expect: [],
        commands: [(at: "10ms", to: 1, command: Some(2))])"#;
    Scenario::parse("school.ron", text, Files::none()).expect("a right scenario")
}

const SEEDS: u64 = 20;

/// What each seed covers, each in a new run.
fn alone<P: Protocol>(scenario: &Scenario<P>) -> Vec<Seen> {
    (0..SEEDS).map(|seed| seen(scenario, Options::seed(seed).keep(Keep::Verdict))).collect()
}

fn assert_same_anywhere<P: Protocol>(scenario: impl Fn() -> Scenario<P> + Sync) -> Vec<Seen> {
    let scenario_here = scenario();
    let alone_here = alone(&scenario_here);
    // The tables of a runner grow in another order from the last seed to the first.
    let mut runner = Runner::new(&scenario_here);
    for seed in (0..SEEDS).rev().chain(0..SEEDS) {
        let mut report = runner.run(Options::seed(seed).keep(Keep::Verdict).coverage(true));
        let seen = report.outcome.seen.take().expect("it was asked for");
        let expected = &alone_here[seed as usize];
        assert_eq!(&seen, expected, "seed {seed}");
        let ids = |seen: &Seen| seen.steps.iter().map(StepShape::id).collect::<Vec<_>>();
        assert_eq!(ids(&seen), ids(expected), "seed {seed}");
        runner.recycle(report);
    }
    let elsewhere = std::thread::scope(|scope| scope.spawn(|| alone(&scenario())).join());
    assert_eq!(elsewhere.expect("it does not panic"), alone_here);
    alone_here
}

#[test]
fn a_seed_covers_the_same_after_other_runs_and_on_another_thread() {
    let elections = assert_same_anywhere(election);
    assert!(elections.iter().any(|seen| seen.steps != elections[0].steps), "the seeds differ");
    let schools = assert_same_anywhere(lossy_school);
    assert!(schools.iter().any(|seen| seen.marks != schools[0].marks), "the seeds differ");
}

#[test]
fn a_sweep_tells_in_how_many_runs_each_thing_came() {
    let [away, calm] = [AWAY, ""].map(|faults| school(true, faults));
    let outcome = |scenario, is_collected| -> Outcome {
        run(scenario, Options::seed(0).coverage(is_collected)).outcome
    };
    let outcomes = [outcome(&away, true), outcome(&calm, true), outcome(&calm, false)];
    let all = |outcomes: &[Outcome]| {
        let mut coverage = Coverage::of(&away.synopsis());
        for outcome in outcomes {
            coverage.add(outcome);
        }
        coverage
    };
    let coverage = all(&outcomes);
    assert_eq!(coverage.runs(), 3);
    assert_eq!(coverage.sent().collect::<Vec<_>>(), [("answer", 3), ("question", 3)]);
    assert_eq!(coverage.roles().collect::<Vec<_>>(), [('.', 2), ('A', 2), ('K', 2)]);
    assert_eq!(
        coverage.marks().collect::<Vec<_>>(),
        [("asked again", 1), ("first question", 2), ("remembers answers", 1)]
    );
    let steps: Vec<_> = coverage.steps().map(|(_, runs)| runs).collect();
    assert_eq!(steps, [2, 2, 2, 1, 2, 2]);

    let mut merged = all(&outcomes[1..]);
    merged.merge(&all(&outcomes[..1]));
    assert_eq!(merged, coverage);
    assert_eq!(coverage.never().count(), 0, "the bounce has struck in one run");
    assert_eq!(all(&outcomes[1..]).never().count(), 1);
}
