//! The algorithm of 1982: its counts, and its two assertions on the network
//! that it asks for.

use std::fmt::{Display, Write as _};

use rehearsal::machine::Draw as _;
use rehearsal::shipped::Election;
use rehearsal::sim::chance::{Chance, Seed, Stream};
use rehearsal::sim::{Diagnostic, Files, Keep, Options, Report, Scenario, conformance, run};

use super::support::cases;

const ASSERTIONS: &str = "Always(OneCoordinator), Always(OneTask), Always(OneLeader)";

/// Nodes over a network that is all that the algorithm asks for.
#[derive(Clone)]
struct Sketch {
    nodes: u64,
    check: u64,
    timeout: u64,
    commands: String,
    faults: String,
    calm_at: u64,
    until: u64,
    expect: String,
}

impl Sketch {
    fn new(nodes: u64) -> Self {
        Self {
            nodes,
            check: 100,
            timeout: 150,
            commands: String::new(),
            faults: String::new(),
            calm_at: 5_000,
            until: 10_000,
            expect: ASSERTIONS.to_owned() + ", ",
        }
    }

    /// Nobody asks for anybody but on a command.
    fn quiet(self) -> Self {
        Self { check: 3_600_000, timeout: 7_200_000, ..self }
    }

    fn fault(mut self, fault: impl Display) -> Self {
        write!(self.faults, "({fault}), ").unwrap();
        self
    }

    fn suspect(mut self, at: u64, node: u64) -> Self {
        write!(self.commands, "(at: \"{at}ms\", to: {node}, command: Suspect), ").unwrap();
        self
    }

    fn expect(mut self, expect: impl Display) -> Self {
        write!(self.expect, "{expect}, ").unwrap();
        self
    }

    fn text(&self) -> String {
        let Self { nodes, check, timeout, commands, faults, calm_at, until, expect } = self;
        format!(
            "(claim: \"a test\", nodes: {nodes}, calm_at: \"{calm_at}ms\", until: \"{until}ms\",
            protocol: Election((form: GarciaMolina(answer_wait: \"21ms\", check: \"{check}ms\",
                timeout: \"{timeout}ms\"))),
            network: (delay: Uniform(\"1ms\", \"10ms\"), fifo: All),
            commands: [{commands}], faults: [{faults}], expect: [{expect}])"
        )
    }

    fn scenario(&self) -> Scenario<Election> {
        load(&self.text()).unwrap_or_else(|error| panic!("{error}"))
    }

    fn run(&self, seed: u64) -> Report<Election> {
        run(&self.scenario(), Options::seed(seed).keep(Keep::Verdict))
    }

    #[track_caller]
    fn messages(&self) -> u64 {
        let run = self.run(1);
        assert!(run.held(), "{:?}", run.failure);
        run.tally.sent.iter().map(|(_, count)| count).sum()
    }
}

fn load(text: &str) -> Result<Scenario<Election>, Diagnostic> {
    Scenario::parse("test.ron", text, Files::none())
}

/// What an election of this caller costs after the highest `dead` have gone down.
#[track_caller]
fn cost(nodes: u64, dead: u64, caller: u64) -> u64 {
    let down = |sketch: Sketch, node| sketch.fault(format!("at: \"2s\", do: Crash({node})"));
    let sketch = (nodes - dead + 1..=nodes).fold(Sketch::new(nodes).quiet(), down);
    sketch.clone().suspect(3_000, caller).messages() - sketch.messages()
}

#[test]
fn the_highest_that_is_left_spends_a_call_on_each_dead_and_three_with_answers_on_each_live_one() {
    for nodes in 2..=12 {
        for dead in 1..nodes {
            let live = nodes - dead;
            assert_eq!(
                cost(nodes, dead, live),
                dead + 6 * (live - 1),
                "{nodes} nodes, {dead} down"
            );
        }
    }
    assert_eq!(cost(8, 1, 7), 37);
}

#[test]
fn a_lower_one_asks_the_next_above_it_and_leaves_it_at_that() {
    for nodes in 3..=12 {
        for caller in 1..nodes - 1 {
            assert_eq!(cost(nodes, 1, caller), 2, "{nodes} nodes, n{caller} calls");
        }
    }
}

/// Crashes and restarts at any time and between any two effects, as often as one likes.
fn plan(seed: u64) -> Sketch {
    let mut words = Chance::new(Seed(!seed)).stream(Stream::Options);
    let nodes = words.draw(2..=7);
    let mut sketch = Sketch::new(nodes);
    for _ in 0..words.draw(0..=10) {
        let (node, at, down) = (words.draw(1..=nodes), words.draw(0..=4_000), words.draw(0..=900));
        let bounce = format!("do: Bounce(node: {node}, down: \"{down}ms\")");
        sketch = match words.draw(0..=3) {
            0 => sketch.fault(format!("at: \"{at}ms\", {bounce}")),
            1 => sketch.fault(format!("at: \"{at}ms\", do: Crash({node})")),
            2 => sketch.fault(format!("at: \"{at}ms\", do: Restart({node})")),
            _ => {
                let nth = words.draw(1..=150);
                let disk = ["Intact", "LosesLast", "TearsLast"][words.draw(0..=2) as usize];
                let bounce = bounce.replace(')', &format!(", disk: {disk})"));
                sketch.fault(format!("when: Effect(of: {node}, nth: {nth}), {bounce}"))
            }
        };
    }
    sketch
}

#[test]
fn no_two_groups_have_coordinators_or_tasks_whoever_crashes_and_in_the_end_there_is_one() {
    for seed in 1..=cases(500) {
        // Whoever notices waits for a time-out or a check, and there may be both, one after the other.
        let run = plan(seed).expect("Eventually(what: Agreed, within: \"1500ms\")").run(seed);
        assert!(run.held(), "seed {seed}: {:?}", run.failure);
    }
}

/// The first asks the top, which goes down as it answers; and so does the
/// first, which is up again at once and asks once more before that answer comes.
fn answer_of_the_past() -> Sketch {
    let answer = "when: Sends(from: 2, to: 1, kind: \"answer\", nth: 2)";
    Sketch { calm_at: 1_050, until: 2_000, ..Sketch::new(2).quiet() }
        .suspect(1_000, 1)
        .fault(format!("{answer}, do: Crash(2)"))
        .fault(format!("{answer}, do: Bounce(node: 1, down: \"0ms\")"))
        .expect("Eventually(what: Agreed, within: \"50ms\")")
}

#[test]
fn an_answer_to_a_call_of_a_former_life_answers_nothing() {
    let run = answer_of_the_past().run(1);
    assert!(run.held(), "{:?}", run.failure);
}

/// How often somebody asks whether somebody is there, over ten seconds.
fn asked(sketch: &Sketch) -> u64 {
    sketch.run(1).tally.sent_of("are_you_there")
}

#[test]
fn whoever_is_asked_whether_it_is_at_work_need_not_ask_for_its_coordinator() {
    assert_eq!(asked(&Sketch::new(3)), asked(&Sketch::new(3).quiet()));
}

#[test]
fn the_machine_of_1982_conforms() {
    let met = conformance::check(&Sketch::new(5).scenario(), 0..100).expect("it conforms");
    assert!(met.delivered > 5_000 && met.mangled > 500 && met.restarts > 500, "{met:?}");
    assert!(met.commands > 500 && met.timers > 1_000 && met.saves > 500, "{met:?}");
}

#[test]
fn what_the_algorithm_cannot_work_with_is_refused() {
    let right = Sketch::new(3).text();
    let cases = [
        ("answer_wait: \"21ms\"", "answer_wait: \"20ms\"", "wait longer than 20ms"),
        ("timeout: \"150ms\"", "timeout: \"130ms\"", "wait 131ms at least"),
        (", fifo: All", "", "say `fifo: All`"),
        ("fifo: All", "fifo: All, loss: \"1/4\"", "leave out `loss`"),
        ("fifo: All", "fifo: All, corrupt: \"1/4\"", "leave out `corrupt`"),
        ("fifo: All", "fifo: All, duplicate: \"1/4\"", "leave out `duplicate`"),
        ("fifo: All", "fifo: All, reorder: (share: \"1/4\", by: \"1ms\")", "leave out `reorder`"),
        ("fifo: All", "fifo: All, bandwidth: (rate: 9999, queue: 99)", "leave out the `queue`"),
        ("check: \"100ms\"", "check: \"0ms\"", "form.GarciaMolina.check"),
        ("((form:", "((initial_leader: 3, form:", "a leader is elected before it leads"),
    ];
    for (part, wrong, complaint) in cases {
        let error = load(&right.replacen(part, wrong, 1)).map(|_| ()).expect_err("it is wrong");
        assert!(error.to_string().contains(complaint), "{error}");
    }
    let is_unsafe = right.replacen("((form:", "((unsafe_timing: true, form:", 1);
    for (part, wrong, _) in &cases[..cases.len() - 2] {
        assert!(load(&is_unsafe.replacen(part, wrong, 1)).is_ok(), "{wrong}");
    }
}

#[cfg(feature = "mutants")]
mod mutants {
    use rehearsal::machine::mutant;

    use super::{Sketch, answer_of_the_past, asked, plan};

    #[track_caller]
    fn assert_found(name: &'static str, reasons: &[&str]) {
        let caught = |seed: &u64| {
            let failure = mutant::with(name, || plan(*seed).run(*seed)).0.outcome.failure;
            failure.is_some_and(|failure| reasons.contains(&&*failure.reason))
        };
        let seed = (1..=5_000).find(caught).unwrap_or_else(|| panic!("{name} is not caught"));
        println!("{name} is caught by seed {seed}");
        assert!(plan(seed).run(seed).held());
    }

    #[test]
    fn whoever_takes_an_answer_of_the_past_waits_for_one_that_is_down() {
        let (run, _) = mutant::with("PastAnswers", || answer_of_the_past().run(1));
        let failure = run.outcome.failure.expect("it is caught");
        assert_eq!(failure.reason, "a node does not follow the highest that is alive");
    }

    #[test]
    fn whoever_is_asked_and_does_not_put_off_its_time_out_asks_for_its_coordinator() {
        let (asked, is_reached) = mutant::with("CheckUnheeded", || asked(&Sketch::new(3)));
        assert!(is_reached && asked > 10, "{asked}");
    }

    #[test]
    fn whoever_is_halted_and_goes_on_makes_a_second_group() {
        assert_found("HaltUnheeded", &["two groups have coordinators", "two nodes lead"]);
    }

    #[test]
    fn whoever_halts_the_lowest_first_leaves_it_to_another_when_it_comes_up() {
        assert_found("HaltFromBelow", &["two groups have coordinators", "two nodes lead"]);
    }
}
