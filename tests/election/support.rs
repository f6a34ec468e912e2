//! Elections in the making, and what tests ask of their reports.

use std::fmt::Write as _;
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
    form: String,
    nodes: u32,
    dead: u32,
    commands: String,
    faults: String,
    calm_at: u64,
    more: String,
    latency: String,
    expect: String,
}

impl Sketch {
    /// Nodes over a network that takes 1 ms, the highest `dead` of them never up.
    pub(crate) fn of(form: impl Into<String>, nodes: u32, dead: u32) -> Self {
        Self {
            form: form.into(),
            nodes,
            dead,
            commands: String::new(),
            faults: String::new(),
            calm_at: 0,
            more: String::new(),
            latency: String::new(),
            expect: "Eventually(what: Agreed, within: \"9s\")".to_owned(),
        }
    }

    /// This node misses the leader.
    pub(crate) fn suspects(mut self, node: u32, at: u64) -> Self {
        write!(self.commands, "(at: \"{at}ms\", to: {node}, command: Suspect), ").unwrap();
        self
    }

    /// All of these miss the leader when the run begins.
    pub(crate) fn all_suspect(self, nodes: impl IntoIterator<Item = u32>) -> Self {
        nodes.into_iter().fold(self, |sketch, node| sketch.suspects(node, 0))
    }

    /// One more fault: `when` or `at`, and `do`.
    pub(crate) fn fault(mut self, fault: &str) -> Self {
        write!(self.faults, "({fault}), ").unwrap();
        self
    }

    pub(crate) fn calm_at(self, calm_at: u64) -> Self {
        Self { calm_at, ..self }
    }

    /// More of the protocol's settings.
    pub(crate) fn setting(self, more: &str) -> Self {
        Self { more: format!(", {more}"), ..self }
    }

    /// What a link takes beyond the 1 ms: a row for every sender.
    pub(crate) fn latency(self, rows: &str) -> Self {
        Self { latency: format!(", latency: {rows}"), ..self }
    }

    pub(crate) fn expect(self, expect: &str) -> Self {
        Self { expect: expect.to_owned(), ..self }
    }

    pub(crate) fn scenario(&self) -> Result<Scenario<Election>, String> {
        let Self { form, nodes, dead, commands, faults, calm_at, more, latency, expect } = self;
        let absent: Vec<_> = (nodes - dead + 1..=*nodes).collect();
        let text = format!(
            "(claim: \"a test\", nodes: {nodes}, absent: {absent:?}, until: \"10s\",
            calm_at: \"{calm_at}ms\", protocol: Election((form: {form}{more})),
            network: (delay: Fixed(\"1ms\"){latency}), commands: [{commands}], faults: [{faults}],
            expect: [{expect}])"
        );
        Scenario::parse("test.ron", &text, Files::none()).map_err(|error| error.to_string())
    }

    pub(crate) fn run(&self) -> Run {
        rehearse(&self.scenario().unwrap_or_else(|error| panic!("{error}")), 1)
    }
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

impl Run {
    #[track_caller]
    pub(crate) fn assert_held(&self) {
        assert!(self.0.failure.is_none(), "{:?}", self.0.failure);
    }

    /// Messages of the kinds `election`, `answer` and `coordinator`.
    pub(crate) fn counts(&self) -> [u64; 3] {
        ["election", "answer", "coordinator"].map(|kind| self.0.tally.sent_of(kind))
    }

    /// Whom each node takes for the leader; nobody, if it is down.
    pub(crate) fn beliefs(&self) -> Vec<Option<u32>> {
        let world = &self.0.world;
        let belief = |node| Some(world.machine(node)?.leader()?.number());
        world.nodes().map(belief).collect()
    }

    /// When a node last announced itself, in milliseconds.
    pub(crate) fn announced(&self, number: u32) -> Option<u64> {
        let Machine::Bully(bully) = self.0.world.machine(node(number))? else { return None };
        Some(bully.machine.announced()?.at.as_nanos() / 1_000_000)
    }

    /// Since when the first line of `expect` holds, in milliseconds.
    pub(crate) fn since(&self) -> Option<u64> {
        Some(self.0.since[0]?.as_nanos() / 1_000_000)
    }
}

/// How many cases a sweep takes, `usual` if nobody says otherwise.
pub(crate) fn cases(usual: u64) -> u64 {
    #[expect(clippy::disallowed_methods, reason = "how long to try is up to who runs the tests")]
    std::env::var("REHEARSAL_SEEDS").map_or(usual, |seeds| seeds.parse().unwrap())
}
