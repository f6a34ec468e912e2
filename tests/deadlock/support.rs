//! Nodes that wait for each other, in the making.

use std::fmt::Write as _;

use rehearsal::machine::NodeId;
use rehearsal::protocol::deadlock::{Output, SiteOutput, Verdict};
use rehearsal::shipped::Deadlock;
use rehearsal::sim::{Files, Keep, Options, Report, Scenario, run};

use super::chance::random;

/// The longest that a message takes, in milliseconds.
pub(crate) const MOST: u64 = 20;
/// The time limit of a collect, in milliseconds.
pub(crate) const WINDOW: u64 = 41;
/// From one collect to the next, in milliseconds.
pub(crate) const PERIOD: u64 = 90;

/// What a request may need.
pub(crate) const MODELS: [&str; 4] = ["Single", "And", "Or", "General"];

pub(crate) fn node(number: u32) -> NodeId {
    NodeId::new(number).expect("nodes count from 1")
}

/// A leader's detector with the usual spans.
pub(crate) fn central(name: &str, more: &str) -> String {
    let more = if more.is_empty() { String::new() } else { format!(", {more}") };
    format!("{name}(period: \"{PERIOD}ms\", window: \"{WINDOW}ms\", ask: \"20ms\"{more})")
}

/// A scenario in the making. Times are in milliseconds.
#[derive(Clone, Debug)]
pub(crate) struct Sketch {
    nodes: u32,
    detector: String,
    fields: String,
    network: String,
    requests: u64,
    gap: u64,
    faults: String,
    commands: String,
    election: Option<String>,
    calm: String,
    until: u64,
    expect: String,
}

impl Sketch {
    /// So many nodes that ask each other at random, and work for 1 to 30 ms.
    pub(crate) fn new(nodes: u32, detector: impl Into<String>) -> Self {
        Self {
            nodes,
            detector: detector.into(),
            fields: "work: (\"1ms\", \"30ms\"), ".to_owned(),
            network: format!("delay: Uniform(\"1ms\", \"{MOST}ms\")"),
            requests: 100,
            gap: 25,
            faults: String::new(),
            commands: String::new(),
            election: Some(format!(
                "form: Textbook(answer_wait: \"{}ms\", coordinator_wait: \"{}ms\"), \
                 initial_leader: {nodes}",
                2 * MOST,
                4 * MOST
            )),
            calm: String::new(),
            until: 3_000,
            expect: String::new(),
        }
    }

    /// One more field of the protocol's.
    pub(crate) fn with(mut self, field: &str) -> Self {
        write!(self.fields, "{field}, ").unwrap();
        self
    }

    /// One more field of the network's.
    pub(crate) fn network(mut self, field: &str) -> Self {
        write!(self.network, ", {field}").unwrap();
        self
    }

    /// Every message takes exactly as long as the slowest.
    pub(crate) fn static_network(self) -> Self {
        Self { network: format!("delay: Fixed(\"{MOST}ms\")"), ..self }
    }

    /// Messages may overtake each other.
    pub(crate) fn without_order(self) -> Self {
        Self { network: self.network.replace(", fifo: All", ""), ..self }
    }

    /// So many requests at random, with so long from one to the next on average.
    pub(crate) fn requests(self, requests: u64, gap: u64) -> Self {
        Self { requests, gap, ..self }
    }

    /// Each of these in the model it is made for, in so many milliseconds at most
    /// with which it finds one of a cycle, on channels that keep the order.
    pub(crate) fn others() -> [(&'static str, u64, Self); 5] {
        let nodes = 4;
        let ring = u64::from(nodes) * MOST;
        let of = |detector: String, model: &str| {
            let sketch = Self::new(nodes, detector).with(&format!("model: {model}"));
            sketch.network("fifo: All")
        };
        let leaderless =
            |detector: &str, model| Self { election: None, ..of(detector.to_owned(), model) };
        let period = format!("period: \"{PERIOD}ms\"");
        let tree = "controllers: [(node: 3, of: [1, 2]), (node: 4, of: [3])]";
        [
            ("chasing", ring, leaderless(&format!("Chasing({period})"), "And")),
            (
                "diffusing",
                4 * ring,
                leaderless(&format!("Diffusing(period: \"{}ms\")", 2 * ring), "Or"),
            ),
            ("labels", MOST + ring, leaderless(&format!("Labels({period})"), "Single")),
            ("snapshot", PERIOD + 3 * MOST, of(format!("Snapshot({period})"), "General")),
            (
                "hierarchy",
                MOST + PERIOD + 2 * WINDOW,
                leaderless(
                    &format!("Hierarchy({tree}, {period}, window: \"{WINDOW}ms\", ask: \"20ms\")"),
                    "General",
                ),
            ),
        ]
    }

    /// How the leader is elected, instead of the usual way.
    pub(crate) fn election(self, election: &str) -> Self {
        Self { election: Some(election.to_owned()), ..self }
    }

    /// One more field of the detector's.
    pub(crate) fn detector_field(self, field: &str) -> Self {
        let inner = self.detector.strip_suffix(')').expect("a detector has fields");
        Self { detector: format!("{inner}, {field})"), ..self }
    }

    pub(crate) fn nodes(&self) -> u32 {
        self.nodes
    }

    pub(crate) fn calm_at(self, calm_at: u64) -> Self {
        Self { calm: format!("calm_at: \"{calm_at}ms\","), ..self }
    }

    pub(crate) fn until(self, until: u64) -> Self {
        Self { until, ..self }
    }

    pub(crate) fn command(mut self, command: &str) -> Self {
        write!(self.commands, "({command}), ").unwrap();
        self
    }

    /// They work for longer than anything else takes.
    pub(crate) fn long_work(self) -> Self {
        self.works_for(200)
    }

    /// They work for this long.
    pub(crate) fn works_for(self, millis: u64) -> Self {
        let work = format!("(\"{millis}ms\", \"{millis}ms\")");
        Self { fields: self.fields.replace("(\"1ms\", \"30ms\")", &work), ..self }
    }

    pub(crate) fn fault(mut self, fault: &str) -> Self {
        write!(self.faults, "({fault}), ").unwrap();
        self
    }

    pub(crate) fn expect(mut self, expect: &str) -> Self {
        write!(self.expect, "{expect}, ").unwrap();
        self
    }

    /// All who give up begin anew, and have their work done in the end.
    pub(crate) fn finished_in_the_end(self) -> Self {
        self.with("restart: (\"5ms\", \"60ms\")")
            .calm_at(2_600)
            .until(20_000)
            .expect("Eventually(what: NobodyDeadlocked, within: \"15s\")")
            .expect("Eventually(what: NobodyWaits, within: \"15s\")")
    }

    /// Grants take up to eight windows: each its own time, made from the seed.
    pub(crate) fn late_grants(mut self, seed: u64) -> Self {
        let mut state = seed.wrapping_mul(1_000_003);
        for nth in 1..=60 {
            let takes = 1 + random(&mut state) % (8 * WINDOW);
            let fault =
                format!("when: Sends(kind: \"grant\", nth: {nth}), do: Delay(\"{takes}ms\")");
            self = self.fault(&fault);
        }
        self
    }

    pub(crate) fn text(&self) -> String {
        let Self { nodes, detector, fields, network, requests, gap, .. } = self;
        let Self { faults, commands, election, calm, until, expect, .. } = self;
        let election = election.as_ref().map(|election| format!("election: ({election})"));
        let election = election.unwrap_or_default();
        format!(
            "(claim: \"a test\", nodes: {nodes}, {calm} until: \"{until}ms\",
            protocol: Deadlock((detector: {detector}, {fields} {election})),
            network: ({network}), faults: [{faults}], commands: [{commands}],
            workload: (count: {requests}, gap: Exponential(\"{gap}ms\")),
            expect: [{expect}])"
        )
    }

    pub(crate) fn scenario(&self) -> Scenario<Deadlock> {
        let text = self.text();
        let scenario = Scenario::parse("test.ron", &text, Files::none());
        scenario.unwrap_or_else(|error| panic!("{error}\n{text}"))
    }

    pub(crate) fn run(&self, seed: u64) -> Report<Deadlock> {
        run(&self.scenario(), Options::seed(seed).keep(Keep::Verdict))
    }
}

/// What the detector of this node has found, one verdict after the other.
pub(crate) fn verdicts(report: &Report<Deadlock>, number: u32) -> impl Iterator<Item = &Verdict> {
    report.world.outputs(node(number)).iter().filter_map(|output| match output {
        SiteOutput::Detector(Output::Finds(verdict)) => Some(verdict),
        _ => None,
    })
}

/// The same with a bug in, which somebody must ask for.
#[cfg(feature = "mutants")]
#[track_caller]
pub(crate) fn planted<T>(name: &'static str, body: impl FnOnce() -> T) -> T {
    let (value, is_reached) = rehearsal::machine::mutant::with(name, body);
    assert!(is_reached, "nobody asks for {name}");
    value
}

/// How many seeds to try: as many as `REHEARSAL_SEEDS` says, or this many.
pub(crate) fn seeds(usual: u64) -> u64 {
    given("REHEARSAL_SEEDS", usual)
}

/// How much of something to try: as much as this variable says, or so much.
#[expect(clippy::disallowed_methods, reason = "how long to test is no part of a run")]
pub(crate) fn given(name: &str, usual: u64) -> u64 {
    let given = std::env::var(name).ok();
    given.map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}
