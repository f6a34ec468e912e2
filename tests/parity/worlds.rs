//! One scenario, both worlds.

use rehearsal::machine::NodeId;
use rehearsal::sim::{Files, Look as _, Options, OutputOf, Protocol, Scenario, run};
use rehearsal_tcp::{RealMachine, Security};

use crate::test_cluster::{Outputs, Running, TestCluster};

/// What each node's owner was told, in order.
pub(crate) type Told = Vec<Vec<String>>;

pub(crate) fn scenario<P: Protocol>(text: &str) -> Scenario<P> {
    Scenario::parse("parity.ron", text, Files::none())
        .unwrap_or_else(|error| panic!("{}", error.render()))
}

/// In the virtual world.
pub(crate) fn rehearsed<P: Protocol>(scenario: &Scenario<P>) -> Told {
    let report = run(scenario, Options::seed(0));
    assert!(report.held(), "{:?}", report.failure);
    let told = |node| report.world.outputs(node).iter().map(P::Look::output_text).collect();
    report.world.nodes().map(told).collect()
}

/// Over loopback.
pub(crate) struct Real<P: Protocol> {
    nodes: Vec<Option<Running<<P::Machine as rehearsal::machine::Machine>::Command>>>,
    heard: Vec<Outputs<OutputOf<P>>>,
    _cluster: TestCluster,
}

impl<P> Real<P>
where
    P: Protocol<Machine: RealMachine>,
    OutputOf<P>: Clone,
{
    /// Starts the scenario's nodes; what goes wrong with them is up to the test.
    pub(crate) fn start(scenario: &Scenario<P>) -> Self {
        let cluster = TestCluster::new(scenario.nodes(), Security::Keys);
        let heard: Vec<_> = NodeId::all(scenario.nodes()).map(|_| Outputs::new()).collect();
        let begun = NodeId::all(scenario.nodes()).zip(&heard).map(|(me, heard)| {
            let machine =
                P::build(scenario.config(), me, scenario.all_nodes()).expect("it was checked");
            Some(cluster.start(me, machine, heard.clone()))
        });
        Self { nodes: begun.collect(), heard, _cluster: cluster }
    }

    /// Ends a node in the middle of whatever it does.
    pub(crate) async fn kill(&mut self, node: NodeId) {
        if let Some(running) = self.nodes[node.index()].take() {
            running.kill().await;
        }
    }

    /// Waits until the owners were told what is asked for.
    pub(crate) async fn until(&self, is_told: impl Fn(&Told) -> bool) -> Told {
        loop {
            let told = self.told();
            if is_told(&told) {
                return told;
            }
            // Any of them may be the one to go on.
            let waits = self.heard.iter().map(|heard| Box::pin(heard.until(heard.all().len() + 1)));
            futures_util::future::select_all(waits).await;
        }
    }

    fn told(&self) -> Told {
        let texts = |heard: &Outputs<_>| heard.all().iter().map(P::Look::output_text).collect();
        self.heard.iter().map(texts).collect()
    }
}
