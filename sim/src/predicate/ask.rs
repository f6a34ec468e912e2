//! Does a predicate hold of a world? Asked from scratch, of every node, and with the reasons.

use rehearsal_machine::NodeId;

use super::Predicate;
use crate::property::{Answer, Question, Violation};
use crate::protocol::Protocol;
use crate::world::World;

/// Nodes whose part in a refutation is told.
const MOST_DETAILS: usize = 10;

/// Why a predicate does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refutation {
    /// In words without nodes, times or counts.
    pub reason: String,
    /// The same with them, for a person: a line for each node concerned.
    pub detail: String,
}

/// What a predicate is asked of.
pub(crate) struct Scene<'a, P: Protocol> {
    pub(crate) world: &'a World<P::Machine>,
    pub(crate) memory: &'a P::Memory,
    /// How many messages are on their way.
    pub(crate) under_way: u64,
    /// Is it for a person?
    pub(crate) wants_detail: bool,
}

/// What came of asking.
pub(crate) struct Asked {
    pub(crate) refutation: Option<Refutation>,
    /// Was there a node up to ask, or the world?
    pub(crate) is_tested: bool,
}

/// Asks a predicate about these nodes.
pub(crate) fn ask<P: Protocol>(
    predicate: &Predicate<P::Property>,
    scene: &Scene<'_, P>,
    is_asked: impl Fn(NodeId) -> bool,
) -> Asked {
    let nodes: Vec<_> = scene.world.nodes().filter(|node| is_asked(*node)).collect();
    let mut asking = Asking { scene, nodes: &nodes, is_tested: false };
    let refutation = asking.of_world(predicate).err();
    Asked { refutation, is_tested: asking.is_tested }
}

struct Asking<'a, P: Protocol> {
    scene: &'a Scene<'a, P>,
    nodes: &'a [NodeId],
    is_tested: bool,
}

type Verdict = Result<(), Refutation>;

impl<P: Protocol> Asking<'_, P> {
    fn of_world(&mut self, predicate: &Predicate<P::Property>) -> Verdict {
        match predicate {
            Predicate::Property(property) => self.property(property),
            Predicate::Every(of) => self.every(|asking, node| asking.of_node(of, node)),
            // All are asked, because each may be the one that tests something.
            Predicate::All(parts) => {
                let verdicts: Vec<_> = parts.iter().map(|part| self.of_world(part)).collect();
                verdicts.into_iter().collect()
            }
            Predicate::Any(parts) => {
                any(parts.iter().map(|part| self.of_world(part)).collect::<Vec<_>>())
            }
            Predicate::Not(part) => match self.of_world(part) {
                Ok(()) => Err(Refutation::of(format!("{part:?} holds"))),
                Err(_) => Ok(()),
            },
            Predicate::AtLeast(least, of) => {
                let (having, lacking) = self.count(of);
                if having.len() >= *least as usize {
                    return Ok(());
                }
                let mut details = vec![format!("{}, not of {least}", holds_of(of, &having))];
                details.extend(lacking);
                Err(Refutation {
                    reason: format!("{of:?} holds of too few nodes"),
                    detail: listed(details),
                })
            }
            Predicate::AtMost(most, of) => {
                let (having, _) = self.count(of);
                if having.len() <= *most as usize {
                    return Ok(());
                }
                Err(Refutation {
                    reason: format!("{of:?} holds of too many nodes"),
                    detail: format!("{}, not of at most {most}", holds_of(of, &having)),
                })
            }
            Predicate::Quiet => {
                self.is_tested = true;
                match self.scene.under_way {
                    0 => Ok(()),
                    1 => Err(on_their_way("1 message is on its way".to_owned())),
                    many => Err(on_their_way(format!("{many} messages are on their way"))),
                }
            }
        }
    }

    /// A property, whichever quantifier it has.
    fn property(&mut self, property: &P::Property) -> Verdict {
        let mut is_of_world = false;
        self.every(|asking, node| {
            if is_of_world {
                return Ok(());
            }
            let answer = asking.answer(property, node);
            is_of_world = answer.is_of_world;
            asking.is_tested |= is_of_world;
            refuted(answer)
        })
    }

    /// Of those nodes of which it does not hold, the first gives the reason.
    fn every(&mut self, mut holds: impl FnMut(&mut Self, NodeId) -> Verdict) -> Verdict {
        let mut reason = None;
        let mut details = Vec::new();
        for node in self.nodes {
            self.is_tested |= self.scene.world.is_up(*node);
            if let Err(refutation) = holds(self, *node) {
                reason.get_or_insert(refutation.reason);
                details.push(refutation.detail);
            }
        }
        match reason {
            None => Ok(()),
            Some(reason) => Err(Refutation { reason, detail: listed(details) }),
        }
    }

    /// The nodes that are up and of which it holds, and why it does not hold of the
    /// others.
    fn count(&mut self, of: &Predicate<P::Property>) -> (Vec<NodeId>, Vec<String>) {
        let (mut having, mut lacking) = (Vec::new(), Vec::new());
        for node in self.nodes {
            if !self.scene.world.is_up(*node) {
                lacking.push(format!("{node} is down"));
                continue;
            }
            self.is_tested = true;
            match self.of_node(of, *node) {
                Ok(()) => having.push(*node),
                Err(refutation) => lacking.push(refutation.detail),
            }
        }
        (having, lacking)
    }

    fn of_node(&mut self, predicate: &Predicate<P::Property>, node: NodeId) -> Verdict {
        match predicate {
            Predicate::Property(property) => refuted(self.answer(property, node)),
            Predicate::All(parts) => parts.iter().try_for_each(|part| self.of_node(part, node)),
            Predicate::Any(parts) => {
                any(parts.iter().map(|part| self.of_node(part, node)).collect::<Vec<_>>())
            }
            Predicate::Not(part) => match self.of_node(part, node) {
                Ok(()) => Err(Refutation {
                    reason: format!("{part:?} holds of a node"),
                    detail: format!("{part:?} holds of {node}"),
                }),
                Err(_) => Ok(()),
            },
            // The validator lets nothing about the world stand where a node is asked about.
            about_world => self.of_world(about_world),
        }
    }

    fn answer(&self, property: &P::Property, node: NodeId) -> Answer {
        let Scene { world, memory, wants_detail, .. } = self.scene;
        P::holds(property, Question::new(world, memory, node, *wants_detail))
    }
}

impl Refutation {
    fn of(reason: String) -> Self {
        Self { detail: reason.clone(), reason }
    }

    /// Of a predicate that did not hold and holds when it is asked again.
    pub(crate) fn of_changed() -> Self {
        Violation::of_changed_answer().into()
    }
}

impl From<Violation> for Refutation {
    fn from(violation: Violation) -> Self {
        Self { reason: violation.reason().to_owned(), detail: violation.detail().to_owned() }
    }
}

fn refuted(answer: Answer) -> Verdict {
    answer.violation.map_or(Ok(()), |violation| Err(violation.into()))
}

/// None of several holds, each for its own reason.
fn any(verdicts: Vec<Verdict>) -> Verdict {
    let refutations: Result<Vec<_>, ()> =
        verdicts.into_iter().map(|verdict| verdict.err().ok_or(())).collect();
    let Ok(refutations) = refutations else { return Ok(()) };
    let (mut reasons, mut details) = (Vec::new(), Vec::new());
    for Refutation { reason, detail } in refutations {
        reasons.push(reason);
        details.push(detail);
    }
    reasons.dedup();
    details.dedup();
    Err(Refutation { reason: reasons.join("; "), detail: details.join("\n") })
}

fn on_their_way(detail: String) -> Refutation {
    Refutation { reason: "messages are on their way".to_owned(), detail }
}

fn holds_of<T: std::fmt::Debug>(predicate: &Predicate<T>, nodes: &[NodeId]) -> String {
    let names = nodes.iter().take(MOST_DETAILS).map(ToString::to_string).collect::<Vec<_>>();
    let more = match nodes.len().saturating_sub(MOST_DETAILS) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    match nodes.len() {
        0 => format!("{predicate:?} holds of no node"),
        1 => format!("{predicate:?} holds of 1 node ({})", names.join(" ")),
        many => format!("{predicate:?} holds of {many} nodes ({}{more})", names.join(" ")),
    }
}

fn listed(mut details: Vec<String>) -> String {
    let more = details.len().saturating_sub(MOST_DETAILS);
    details.truncate(MOST_DETAILS);
    if more > 0 {
        details.push(format!("and so on for {more} more"));
    }
    details.join("\n")
}
