use rehearsal_machine::NodeId;
use rehearsal_sim::order::Oracle;

/// What the oracle reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Sent { by: NodeId, message: u32, to: Vec<NodeId> },
    Delivered { at: NodeId, message: u32 },
}

impl Event {
    pub(crate) fn node(&self) -> NodeId {
        match self {
            Self::Sent { by: node, .. } | Self::Delivered { at: node, .. } => *node,
        }
    }
}

pub(crate) fn feed(oracle: &mut Oracle<u32>, event: &Event) {
    match event {
        Event::Sent { by, message, to } => oracle.sent(*by, message, to.iter().copied()),
        Event::Delivered { at, message } => oracle.delivered(*at, message),
    }
}

pub(crate) fn judged<'a>(events: impl IntoIterator<Item = &'a Event>) -> Oracle<u32> {
    let mut oracle = Oracle::default();
    events.into_iter().for_each(|event| feed(&mut oracle, event));
    oracle
}

pub(crate) fn sent<const N: usize>(by: u32, message: u32, to: [u32; N]) -> Event {
    Event::Sent { by: node(by), message, to: to.map(node).to_vec() }
}

pub(crate) fn delivered(at: u32, message: u32) -> Event {
    Event::Delivered { at: node(at), message }
}

pub(crate) fn node(number: u32) -> NodeId {
    NodeId::new(number).expect("a number from 1")
}
