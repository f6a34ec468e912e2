use rehearsal_machine::NodeId;
use rehearsal_protocol::chat::conversation::Members;
use rehearsal_protocol::chat::{Cell, Chat, Conversation, Saved};
use rehearsal_protocol::half_duplex::HalfDuplex;
use rehearsal_protocol::link::stop_and_wait as link;
use rehearsal_protocol::ordering::MessageId;
use rehearsal_protocol::ordering::scripted::Waiting;
use rehearsal_sim::order::Guarantee;
use rehearsal_sim::{Answer, Question, View, Violation};
use serde::Deserialize;

use super::memory::{Disorder, Memory};
use crate::shipped::{deadlock, election, ordering};

/// The properties of a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub enum Fact {
    /// Every user hears the messages of each other user in the order in which they
    /// were sent, and none twice.
    InOrder,
    /// Every message that its sender takes for delivered has been saved by its
    /// receiver.
    AcknowledgedIsHeard,
    /// No user has heard a message whose number its sender has not saved: after a
    /// restart the sender would give that number to another message.
    SavedBeforeSaid,
    /// No user waits for an acknowledgement.
    AllAcknowledged,
    /// A property of the election of the leader.
    Election(election::Fact),
    /// A property of users who wait for each other.
    Resources(deadlock::Fact),
    /// What is delivered in the order of the conversation keeps this guarantee, posts that
    /// users do not see included.
    Order(Guarantee),
    /// Every user is up, holds no post back and waits for no acknowledgement of one.
    AtRest,
    /// The history of every user who is up is what it has seen last, in this life or
    /// an earlier one: all of it, as far as there is room, once and in the same order.
    HistoryKept,
    /// No user sees anything of a group between its leaving and its joining.
    MembersOnly,
    /// All users who are up know the same members of every group.
    SameMembers,
}

/// The users, and what the facts remember of their past.
type Users<'a> = View<'a, HalfDuplex<Chat>, Memory>;

pub(super) fn holds(fact: Fact, question: Question<'_, HalfDuplex<Chat>, Memory>) -> Answer {
    match fact {
        Fact::InOrder => question.of_every_node(in_order),
        Fact::AcknowledgedIsHeard => question.of_every_node(|view, changed| {
            view.nodes().try_for_each(|peer| is_heard(view, changed, peer))?;
            view.nodes().try_for_each(|peer| is_heard(view, peer, changed))
        }),
        Fact::SavedBeforeSaid => question.of_every_node(|view, changed| {
            view.nodes().try_for_each(|peer| is_saved(view, changed, peer))?;
            view.nodes().try_for_each(|peer| is_saved(view, peer, changed))
        }),
        Fact::AllAcknowledged => question.of_every_node(all_acknowledged),
        Fact::Election(fact) => {
            election::holds(fact, question.part(|memory| &memory.resources.election))
        }
        Fact::Resources(fact) => deadlock::holds(fact, question.part(|memory| &memory.resources)),
        Fact::Order(guarantee) => {
            question.of_world(|view| view.memory().order.holds(guarantee, view))
        }
        Fact::AtRest => question.of_every_node(at_rest),
        Fact::HistoryKept => question.of_every_node(history_kept),
        Fact::MembersOnly => question.of_every_node(members_only),
        Fact::SameMembers => question.of_every_node(same_members),
    }
}

fn conversation<'a>(view: &'a Users<'_>, node: NodeId) -> Option<&'a Conversation> {
    view.machine(node)?.inner().conversation()
}

fn at_rest(view: &Users<'_>, node: NodeId) -> Result<(), Violation> {
    if view.machine(node).is_none() {
        return Err(view.violation("a node is down", || format!("{node} is down")));
    }
    let Some(conversation) = conversation(view, node) else { return without_order(view, node) };
    ordering::rests(view, node, conversation.multicast())
}

fn history_kept(view: &Users<'_>, node: NodeId) -> Result<(), Violation> {
    let Some(conversation) = conversation(view, node) else { return without_order(view, node) };
    let shown = view.memory().seen(node).map_or(&[][..], |seen| &seen.shown);
    let kept: Vec<_> = conversation.history().map(|remark| remark.message).collect();
    let most = conversation.config().history as usize;
    let last = &shown[shown.len() - most.min(shown.len())..];
    if kept == last {
        return Ok(());
    }
    let names =
        |ids: &[MessageId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    Err(view.violation("a history is not what its user has seen", || {
        format!("{node} has seen {}, and its history has {}", names(last), names(&kept))
    }))
}

fn members_only(view: &Users<'_>, node: NodeId) -> Result<(), Violation> {
    if conversation(view, node).is_none() {
        return without_order(view, node);
    }
    let stranger = view.memory().seen(node).and_then(|seen| seen.as_stranger.as_ref());
    match stranger {
        None => Ok(()),
        Some(remark) => Err(view.violation("a user sees what is said in another group", || {
            format!("{node} is no member, and sees that {remark}")
        })),
    }
}

fn same_members(view: &Users<'_>, node: NodeId) -> Result<(), Violation> {
    let Some(ours) = conversation(view, node) else { return without_order(view, node) };
    for other in view.nodes() {
        let Some(theirs) = conversation(view, other) else { continue };
        let (ours, theirs) = (ours.members(), theirs.members());
        let mut differing = ours.differing(theirs).chain(theirs.differing(ours));
        let Some((group, _)) = differing.next() else { continue };
        let list = |of: &Members| {
            of.of(group).map(|member| member.to_string()).collect::<Vec<_>>().join(", ")
        };
        return Err(view.violation("two users know different members of a group", || {
            format!("in {group} are [{}] for {node}, [{}] for {other}", list(ours), list(theirs))
        }));
    }
    Ok(())
}

/// What is asked of an order is not so of users who keep none.
fn without_order(view: &Users<'_>, node: NodeId) -> Result<(), Violation> {
    match view.machine(node) {
        None => Ok(()),
        Some(_) => Err(view.violation("users keep no order", || {
            format!("{node} keeps no order: the chat has no setting `order`")
        })),
    }
}

fn in_order(view: &Users<'_>, node: NodeId) -> Result<(), Violation> {
    let Some(Disorder { from, number, before }) = view.memory().disorder(node) else {
        return Ok(());
    };
    Err(view.violation("a user hears messages out of order", || {
        format!("{node} hears {from}'s message {number} after message {before}")
    }))
}

/// Has `to` heard what `from` takes for delivered?
fn is_heard(view: &Users<'_>, from: NodeId, to: NodeId) -> Result<(), Violation> {
    let Some(user) = view.machine(from) else { return Ok(()) };
    let acknowledged = user.inner().link().acknowledged(to);
    let heard = saved(view, to, link::Cell::Heard(from));
    if acknowledged <= heard {
        return Ok(());
    }
    Err(view.violation("what is taken for delivered is not", || {
        format!(
            "{from} takes message {acknowledged} to {to} for delivered, which has heard {heard}"
        )
    }))
}

/// Has `from` saved the number of all that `to` has heard?
fn is_saved(view: &Users<'_>, from: NodeId, to: NodeId) -> Result<(), Violation> {
    let said = saved(view, from, link::Cell::Said(to));
    let heard = saved(view, to, link::Cell::Heard(from));
    if heard <= said {
        return Ok(());
    }
    Err(view.violation("a message has a number that is not saved", || {
        format!("{to} has heard {from}'s message {heard}, of which {from} has saved {said}")
    }))
}

fn saved(view: &Users<'_>, node: NodeId, cell: link::Cell) -> u64 {
    match view.storage(node).get(&Cell::Link(cell)) {
        Some(Saved::Number(number)) => *number,
        _ => 0,
    }
}

fn all_acknowledged(view: &Users<'_>, node: NodeId) -> Result<(), Violation> {
    let Some(user) = view.machine(node) else { return Ok(()) };
    let in_script = user.inner().scripted().and_then(|scripted| match scripted.waiting() {
        Waiting::Acknowledgement { from, .. } => Some(from),
        _ => None,
    });
    let in_order = user.inner().conversation().and_then(|it| it.multicast().awaited().next());
    match user.inner().link().awaited().next().or(in_script).or(in_order) {
        None => Ok(()),
        Some(peer) => Err(view.violation("somebody waits for an acknowledgement", || {
            format!("{node} waits for an acknowledgement by {peer}")
        })),
    }
}
