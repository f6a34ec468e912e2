//! What nodes ask of each other at random.

use rehearsal_machine::{Draw, NodeId};
use rehearsal_protocol::deadlock::Command;
use rehearsal_protocol::resource::{Model, Need};

/// A request that this node, one of so many, may make in the model: of one other
/// or, where the model allows it, of up to three. None if there is no other.
pub(super) fn request(
    nodes: u32,
    model: Model,
    node: NodeId,
    draw: &mut dyn Draw,
) -> Option<Command> {
    let mut others: Vec<_> = NodeId::all(nodes).filter(|other| *other != node).collect();
    let most = match model {
        Model::Single => 1,
        _ => others.len().min(3),
    };
    let asked = draw.draw(1..=u64::try_from(most).ok()?);
    let mut of = Vec::new();
    for _ in 0..asked {
        let last = u64::try_from(others.len()).ok()?.checked_sub(1)?;
        of.push(others.swap_remove(usize::try_from(draw.draw(0..=last)).ok()?));
    }
    let need = match model {
        Model::Single | Model::And => Need::All,
        Model::Or => Need::Any,
        Model::General => Need::AtLeast(u32::try_from(draw.draw(1..=asked)).ok()?),
    };
    Some(Command::Request { of, need })
}
