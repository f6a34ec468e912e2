use super::super::Conditions;
use crate::fault::Kind;
use crate::network::SessionPairs;
use crate::source::{Path, Ratio, Reason, TimeSpan};

/// More than this would be a plan that no one reads, and takes long to draw.
const MOST_MISHAPS: u32 = 1_000;

/// What a swarm may do makes sense in this scenario.
pub(super) fn bounds(conditions: &Conditions) -> Result<(), Reason> {
    let Some(bounds) = &conditions.swarm else { return Ok(()) };
    let path = Path::root().field("swarm");
    let has = |kind| bounds.kinds.as_ref().is_some_and(|kinds| kinds.contains(&kind));
    let is_left = |kind: &Kind| !bounds.without.contains(kind);
    if bounds.kinds.as_ref().is_some_and(|kinds| !kinds.iter().any(is_left)) {
        return Err(Reason::new("a swarm in which nothing goes wrong")
            .at(path.field("kinds"))
            .help("name a kind of fault, or leave it out for all that a protocol can survive"));
    }
    if has(Kind::Start) && conditions.absent.is_empty() {
        return Err(Reason::new("no node is absent, so none can start later")
            .at(path.field("kinds"))
            .help("list nodes in `absent`, or leave `Start` out"));
    }
    if has(Kind::Upgrade) && !conditions.has_upgrade {
        return Err(Reason::new("there is nothing to upgrade to")
            .at(path.field("kinds"))
            .help("give the scenario an `upgrade`, or leave `Upgrade` out"));
    }
    let sessions = SessionPairs::new(conditions.network.sessions.as_ref(), conditions.nodes);
    if has(Kind::Session) && sessions.is_empty() {
        return Err(Reason::new("the network has no sessions that could break")
            .at(path.field("kinds"))
            .help("give it `sessions: ()`, or leave `Session` out"));
    }
    if sessions.are_all() && !sessions.is_empty() {
        let kinds = bounds.kinds.iter().flatten();
        if let Some(kind) = kinds.copied().find(|kind| kind.is_kept_off_by_sessions()) {
            let message = format!("all links are sessions, which know no `{kind:?}`");
            return Err(Reason::new(message)
                .at(path.field("kinds"))
                .help("leave it out, and name `Session`, which breaks them"));
        }
        if bounds.share.is_some_and(|share| !share.is_never()) {
            return Err(Reason::new("all links are sessions, which chance does not disturb")
                .at(path.field("share"))
                .help("leave it out"));
        }
    }
    let is_below_a_hundredth =
        |share: Ratio| u64::from(share.numerator()) * 100 < u64::from(share.denominator());
    if bounds.share.is_some_and(|share| !share.is_never() && is_below_a_hundredth(share)) {
        return Err(Reason::new("shares are drawn in hundredths")
            .at(path.field("share"))
            .help("let it be at least `1/100`, or `0/1` for none"));
    }
    if bounds.mishaps.is_some_and(|mishaps| mishaps > MOST_MISHAPS) {
        return Err(Reason::new(format!("a run has at most {MOST_MISHAPS} mishaps"))
            .at(path.field("mishaps")));
    }
    if bounds.longest == Some(TimeSpan::ZERO) {
        return Err(Reason::new("what lasts no time is no fault")
            .at(path.field("longest"))
            .help("give a span such as `100ms`"));
    }
    Ok(())
}
