use rehearsal_machine::NodeId;

use crate::protocol::{Look as _, Protocol};

/// What the machines of a run were like, step by step, as far as that was asked for.
///
/// A run keeps it only with [`Options::states_from`](crate::Options::states_from), and costs
/// nothing without. It changes neither the events nor the digest nor the verdict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct States {
    /// The steps, in order.
    pub steps: Vec<StepState>,
    /// Each node that waits for other ones than before, in order.
    pub waits: Vec<Waits>,
}

/// A node's machine before and after a step.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StepState {
    /// The number of the event that is the step's input.
    pub event: u64,
    /// The node that takes the step.
    pub node: NodeId,
    /// Before the node's first step that is kept, unless that is its start.
    pub before: Option<String>,
    /// After the step; `None` if the machine panicked in it.
    pub after: Option<String>,
}

/// From this step on, until it goes down, a node waits for these nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Waits {
    /// The number of the event that is the step's input.
    pub event: u64,
    /// The node that waits.
    pub node: NodeId,
    /// The nodes that it waits for.
    pub on: Vec<NodeId>,
}

/// Keeps states while a run goes on.
pub(super) struct StateKeeper {
    /// The first event whose step is kept.
    from: u64,
    states: States,
    /// For each node: is a state of it kept, and what it waited for last.
    nodes: Vec<(bool, Vec<NodeId>)>,
}

impl StateKeeper {
    pub(super) fn new(from: u64, nodes: usize) -> Self {
        Self { from, states: States::default(), nodes: vec![(false, Vec::new()); nodes] }
    }

    /// A node is about to take the input with this number.
    pub(super) fn before<P: Protocol>(
        &mut self,
        event: u64,
        node: NodeId,
        machine: &P::Machine,
        is_start: bool,
    ) {
        let (is_kept, waits) = &mut self.nodes[node.index()];
        if is_start {
            waits.clear();
        }
        if event < self.from {
            return;
        }
        let is_first = !std::mem::replace(is_kept, true);
        let before = if is_first && !is_start { P::Look::state(machine) } else { None };
        self.states.steps.push(StepState { event, node, before, after: None });
    }

    /// The node has taken it.
    pub(super) fn after<P: Protocol>(&mut self, event: u64, node: NodeId, machine: &P::Machine) {
        let on = P::Look::waits_for(machine);
        let (_, before) = &mut self.nodes[node.index()];
        if *before != on {
            before.clone_from(&on);
            self.states.waits.push(Waits { event, node, on });
        }
        if let Some(step) = self.states.steps.last_mut().filter(|step| step.event == event) {
            step.after = P::Look::state(machine);
        }
    }

    pub(super) fn finish(self) -> States {
        self.states
    }
}
