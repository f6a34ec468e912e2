//! Elections in the making, and what tests ask of their reports.

use std::fmt::{Display, Write as _};
use std::ops::Deref;
use std::path::Path;

use rehearsal::machine::NodeId;
use rehearsal::protocol::election::{Election as Machine, Elector as _};
use rehearsal::shipped::Election;
use rehearsal::sim::{Files, Keep, Options, Report, Scenario, run};

/// The textbook's form with so long to wait for answers, and for a coordinator
/// as long as that asks for. The network takes 1 ms.
pub(crate) fn textbook(answer_wait: u64) -> String {
    format!("Textbook({})", waits(answer_wait, answer_wait))
}

/// The textbook's form with one more option.
pub(crate) fn textbook_with(answer_wait: u64, option: &str) -> String {
    format!("Textbook({}, {option})", waits(answer_wait, answer_wait))
}

/// The paper's form with so many tries, and so long to wait at each.
pub(crate) fn paper(tries: u64, answer_wait: u64) -> String {
    format!("Paper({}, tries: {tries})", waits(answer_wait, tries * answer_wait))
}

fn waits(answer_wait: u64, patience: u64) -> String {
    let coordinator_wait = patience + 2;
    format!("answer_wait: \"{answer_wait}ms\", coordinator_wait: \"{coordinator_wait}ms\"")
}

/// A scenario in the making. Times are in milliseconds.
#[derive(Clone, Debug)]
pub(crate) struct Sketch {
    pub(crate) nodes: u64,
    absent: Vec<u64>,
    /// The whole form, or more fields of the hardened one.
    form: String,
    is_hardened: bool,
    pub(crate) spans: Spans,
    setting: String,
    network: String,
    fields: String,
    commands: String,
    faults: String,
    pub(crate) calm_at: u64,
    has_calm: bool,
    until: u64,
    pub(crate) expect: String,
    /// What is expected if nothing else is.
    usual: &'static str,
}

/// Spans of the hardened form.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spans {
    /// The longest time that a message takes in the calm.
    pub(crate) delay: u64,
    pub(crate) answer_wait: u64,
    pub(crate) coordinator_wait: u64,
    pub(crate) heartbeat: u64,
    pub(crate) leader_wait: u64,
}

/// The least spans that the bound allows, for a delay of 10 ms and a heartbeat of 50 ms.
pub(crate) const LEAST: Spans =
    Spans { delay: 10, answer_wait: 21, coordinator_wait: 41, heartbeat: 50, leader_wait: 60 };

impl Spans {
    /// When all live nodes agree at the latest, counted from the calm.
    pub(crate) fn bound(self) -> u64 {
        2 * self.delay + self.leader_wait.max(self.coordinator_wait) + self.answer_wait
    }
}

impl Sketch {
    fn new(form: String, nodes: u64, network: &str) -> Self {
        Self {
            nodes,
            absent: Vec::new(),
            form,
            is_hardened: false,
            spans: LEAST,
            setting: String::new(),
            network: network.to_owned(),
            fields: String::new(),
            commands: String::new(),
            faults: String::new(),
            calm_at: 0,
            has_calm: true,
            until: 10_000,
            expect: String::new(),
            usual: "",
        }
    }

    /// Nodes over a network that takes 1 ms, the highest `dead` of them never up.
    pub(crate) fn of(form: impl Into<String>, nodes: u32, dead: u32) -> Self {
        let absent = (nodes - dead + 1..=nodes).map(u64::from).collect();
        let usual = "Eventually(what: Agreed, within: \"9s\")";
        let sketch = Self::new(form.into(), nodes.into(), "delay: Fixed(\"1ms\")");
        Self { absent, usual, ..sketch }
    }

    /// Nodes of the hardened form with these spans, over a network that takes 10 ms.
    pub(crate) fn hardened(nodes: u64, spans: Spans) -> Self {
        let sketch = Self::new(String::new(), nodes, "delay: Fixed(\"10ms\")");
        Self { is_hardened: true, spans, ..sketch }.calm(1_000, 2_000)
    }

    /// Nodes of the form of 1982, with a network that is all that it asks for.
    pub(crate) fn garcia_molina(nodes: u64, check: &str, timeout: &str) -> Self {
        let spans = format!("answer_wait: \"21ms\", check: \"{check}\", timeout: \"{timeout}\"");
        let network = "delay: Uniform(\"1ms\", \"10ms\"), fifo: All";
        Self::new(format!("GarciaMolina({spans})"), nodes, network).calm(5_000, 10_000)
    }

    /// This node misses the leader.
    pub(crate) fn suspects(mut self, node: impl Display, at: u64) -> Self {
        write!(self.commands, "(at: \"{at}ms\", to: {node}, command: Suspect), ").unwrap();
        self
    }

    /// All of these miss the leader when the run begins.
    pub(crate) fn all_suspect(self, nodes: impl IntoIterator<Item = u32>) -> Self {
        nodes.into_iter().fold(self, |sketch, node| sketch.suspects(node, 0))
    }

    /// One more fault: `when` or `at`, and `do`.
    pub(crate) fn fault(mut self, fault: impl Display) -> Self {
        write!(self.faults, "({fault}), ").unwrap();
        self
    }

    /// A node that is not there at first.
    pub(crate) fn absent(mut self, node: u64) -> Self {
        self.absent.push(node);
        self
    }

    pub(crate) fn calm_at(self, calm_at: u64) -> Self {
        Self { calm_at, ..self }
    }

    pub(crate) fn calm(self, at: u64, until: u64) -> Self {
        Self { until, ..self.calm_at(at) }
    }

    pub(crate) fn without_calm(self, until: u64) -> Self {
        Self { has_calm: false, until, ..self }
    }

    /// More of the protocol's settings.
    pub(crate) fn setting(mut self, more: &str) -> Self {
        write!(self.setting, ", {more}").unwrap();
        self
    }

    /// More fields of the hardened form.
    pub(crate) fn with(mut self, options: &str) -> Self {
        write!(self.form, ", {options}").unwrap();
        self
    }

    pub(crate) fn network(self, network: impl Into<String>) -> Self {
        Self { network: network.into(), ..self }
    }

    /// One more field of the scenario's.
    pub(crate) fn field(mut self, field: &str) -> Self {
        write!(self.fields, "{field}, ").unwrap();
        self
    }

    pub(crate) fn expect(mut self, expect: impl Display) -> Self {
        write!(self.expect, "{expect}, ").unwrap();
        self
    }

    pub(crate) fn without_expectation(self) -> Self {
        Self { usual: "", ..self }
    }

    pub(crate) fn text(&self) -> String {
        let Self { nodes, absent, setting, network, fields, commands, faults, until, .. } = self;
        let Spans { answer_wait, coordinator_wait, heartbeat, leader_wait, .. } = self.spans;
        let form = if self.is_hardened {
            format!(
                "Hardened(answer_wait: \"{answer_wait}ms\",
                    coordinator_wait: \"{coordinator_wait}ms\", heartbeat: \"{heartbeat}ms\",
                    leader_wait: \"{leader_wait}ms\"{})",
                self.form
            )
        } else {
            self.form.clone()
        };
        let calm = format!("calm_at: \"{}ms\",", self.calm_at);
        let calm = if self.has_calm { &calm } else { "" };
        let expect = if self.expect.is_empty() { self.usual } else { &self.expect };
        format!(
            "(claim: \"a test\", nodes: {nodes}, absent: {absent:?}, {calm} until: \"{until}ms\",
            protocol: Election((form: {form}{setting})), network: ({network}), {fields}
            commands: [{commands}], faults: [{faults}], expect: [{expect}])"
        )
    }

    pub(crate) fn load(&self) -> Result<Scenario<Election>, String> {
        load(&self.text())
    }

    pub(crate) fn scenario(&self) -> Scenario<Election> {
        self.load().unwrap_or_else(|error| panic!("{error}"))
    }

    pub(crate) fn run(&self) -> Run {
        self.run_with(1)
    }

    pub(crate) fn run_with(&self, seed: u64) -> Run {
        rehearse(&self.scenario(), seed)
    }
}

pub(crate) fn load(text: &str) -> Result<Scenario<Election>, String> {
    Scenario::parse("test.ron", text, Files::none()).map_err(|error| error.to_string())
}

/// A scenario of the project's.
pub(crate) fn shipped(name: &str) -> Scenario<Election> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/election");
    Scenario::open(&folder.join(name).with_extension("ron")).expect("a right scenario")
}

pub(crate) fn rehearse(scenario: &Scenario<Election>, seed: u64) -> Run {
    Run(run(scenario, Options::seed(seed).keep(Keep::Verdict)))
}

pub(crate) fn node(number: u32) -> NodeId {
    NodeId::new(number).unwrap()
}

/// A report, and what the tests want to know of it.
pub(crate) struct Run(pub(crate) Report<Election>);

impl Deref for Run {
    type Target = Report<Election>;

    fn deref(&self) -> &Report<Election> {
        &self.0
    }
}

impl Run {
    #[track_caller]
    pub(crate) fn assert_held(&self) {
        assert!(self.held(), "{:?}", self.failure);
    }

    /// Why it did not hold.
    #[track_caller]
    pub(crate) fn reason(&self) -> &str {
        &self.failure.as_ref().expect("it fails").reason
    }

    /// Messages of the kinds `election`, `answer` and `coordinator`.
    pub(crate) fn counts(&self) -> [u64; 3] {
        ["election", "answer", "coordinator"].map(|kind| self.tally.sent_of(kind))
    }

    /// The leader that each node follows; none if the node is down.
    pub(crate) fn beliefs(&self) -> Vec<Option<u32>> {
        let world = &self.world;
        let belief = |node| Some(world.machine(node)?.leader()?.number());
        world.nodes().map(belief).collect()
    }

    /// When a node last announced itself, in milliseconds.
    pub(crate) fn announced(&self, number: u32) -> Option<u64> {
        let Machine::Bully(bully) = self.world.machine(node(number))? else { return None };
        Some(bully.machine.announced()?.at.as_nanos() / 1_000_000)
    }

    /// Since when the first line of `expect` holds, in milliseconds.
    pub(crate) fn since(&self) -> Option<u64> {
        Some(self.since[0]?.as_nanos() / 1_000_000)
    }
}

/// How many cases a sweep takes, `usual` if nobody says otherwise.
pub(crate) fn cases(usual: u64) -> u64 {
    #[expect(clippy::disallowed_methods, reason = "how long to try is up to who runs the tests")]
    std::env::var("REHEARSAL_SEEDS").map_or(usual, |seeds| seeds.parse().unwrap())
}
