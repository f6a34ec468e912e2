//! Scenarios of the hardened form in a few words.

use std::fmt::{Display, Write as _};

use rehearsal::shipped::Election;
use rehearsal::sim::{Diagnostic, Files, Keep, Options, Report, Scenario, run};

/// The spans of a scenario, in milliseconds, and what the form is to make sure of.
#[derive(Clone, Debug)]
pub(crate) struct Sketch {
    pub(crate) nodes: u64,
    /// The longest time that a message takes in the calm.
    pub(crate) delay: u64,
    pub(crate) answer_wait: u64,
    pub(crate) coordinator_wait: u64,
    pub(crate) heartbeat: u64,
    pub(crate) leader_wait: u64,
    pub(crate) options: String,
    pub(crate) network: String,
    pub(crate) faults: String,
    pub(crate) calm_at: u64,
    pub(crate) until: u64,
    pub(crate) expect: String,
    pub(crate) absent: Option<u64>,
    pub(crate) is_unsafe: bool,
}

impl Sketch {
    /// The least spans that the bound allows, for a delay of 10 ms and a heartbeat of 50 ms.
    pub(crate) fn new(nodes: u64) -> Self {
        Self {
            nodes,
            delay: 10,
            answer_wait: 21,
            coordinator_wait: 41,
            heartbeat: 50,
            leader_wait: 60,
            options: String::new(),
            network: "delay: Fixed(\"10ms\")".to_owned(),
            faults: String::new(),
            calm_at: 1_000,
            until: 2_000,
            expect: String::new(),
            absent: None,
            is_unsafe: false,
        }
    }

    /// When all live nodes agree at the latest, counted from the calm.
    pub(crate) fn bound(&self) -> u64 {
        2 * self.delay + self.leader_wait.max(self.coordinator_wait) + self.answer_wait
    }

    /// More fields of the configuration.
    pub(crate) fn with(mut self, options: &str) -> Self {
        write!(self.options, ", {options}").unwrap();
        self
    }

    pub(crate) fn network(self, network: impl Into<String>) -> Self {
        Self { network: network.into(), ..self }
    }

    /// One more fault: `when` or `at`, and `do`.
    pub(crate) fn fault(mut self, fault: impl Display) -> Self {
        write!(self.faults, "({fault}), ").unwrap();
        self
    }

    /// A node that is not there at first.
    pub(crate) fn absent(self, node: u64) -> Self {
        Self { absent: Some(node), ..self }
    }

    pub(crate) fn calm_at(self, calm_at: u64, until: u64) -> Self {
        Self { calm_at, until, ..self }
    }

    pub(crate) fn expect(mut self, expect: impl Display) -> Self {
        write!(self.expect, "{expect}, ").unwrap();
        self
    }

    pub(crate) fn load(&self) -> Result<Scenario<Election>, Diagnostic> {
        let Self { nodes, answer_wait, coordinator_wait, heartbeat, leader_wait, .. } = self;
        let Self { options, network, faults, calm_at, until, expect, is_unsafe, .. } = self;
        let absent: Vec<_> = self.absent.iter().collect();
        // What leads to what is only asked from the calm on, if there is one.
        let calm = if *calm_at == 0 { String::new() } else { format!("calm_at: \"{calm_at}ms\",") };
        let text = format!(
            "(claim: \"a test\", nodes: {nodes}, absent: {absent:?},
            {calm} until: \"{until}ms\",
            protocol: Election((unsafe_timing: {is_unsafe}, form: Hardened(
                answer_wait: \"{answer_wait}ms\", coordinator_wait: \"{coordinator_wait}ms\",
                heartbeat: \"{heartbeat}ms\", leader_wait: \"{leader_wait}ms\"{options}))),
            network: ({network}), faults: [{faults}], expect: [{expect}])"
        );
        Scenario::parse("test.ron", &text, Files::none())
    }

    pub(crate) fn scenario(&self) -> Scenario<Election> {
        self.load().unwrap_or_else(|error| panic!("{error}"))
    }

    pub(crate) fn run(&self, seed: u64) -> Report<Election> {
        run(&self.scenario(), Options::seed(seed).keep(Keep::Verdict))
    }
}
