//! Whether causes led to their effects, step by step of a walk.

use rehearsal_machine::{NodeId, Time};
use rehearsal_sim::source::TimeSpan;
use rehearsal_sim::trace::Event;
use rehearsal_sim::{Expect, Observer, Predicate, Protocol, Refutation, Scenario, Untested};

use super::facts::Broken;

/// Follows one `LeadsTo` of a scenario.
pub(super) struct Lead<'a, P: Protocol> {
    expect: &'a Expect<P::Property>,
    from: &'a Predicate<P::Property>,
    to: &'a Predicate<P::Property>,
    within: TimeSpan,
    scenario: &'a Scenario<P>,
    /// Nothing counts from before this instant.
    calm_at: Time,
    awaited: Option<Awaited>,
    is_tested: bool,
    has_cause: bool,
}

/// An effect that is still to come.
struct Awaited {
    since: Time,
    /// The event with which its cause came.
    cause: Option<Event>,
    /// Why it does not hold so far.
    lacks: Refutation,
}

impl<'a, P: Protocol> Lead<'a, P> {
    /// Nothing if it expects something else.
    pub(super) fn of(
        expect: &'a Expect<P::Property>,
        scenario: &'a Scenario<P>,
        calm_at: Time,
    ) -> Option<Self> {
        let Expect::LeadsTo { from, to, within, .. } = expect else { return None };
        let (awaited, is_tested, has_cause) = (None, false, false);
        let within = *within;
        Some(Self { expect, from, to, within, scenario, calm_at, awaited, is_tested, has_cause })
    }

    pub(super) fn expect(&self) -> &'a Expect<P::Property> {
        self.expect
    }

    /// Looks at the world after a step or a crash. Gives what is wrong if the effect did not come
    /// in time.
    pub(super) fn follow(&mut self, observer: &Observer<P>, happened: &[Event]) -> Option<Broken> {
        let now = observer.world().now();
        if let Some(awaited) = self.awaited.take_if(|awaited| awaited.since + self.within < now) {
            self.is_tested = true;
            return Some(self.broken(awaited));
        }
        if !observer.can_be_asked(self.from) || !observer.can_be_asked(self.to) {
            return None;
        }
        let is_asked = |node| is_asked(self.scenario, self.expect, node);
        let Err(lacks) = observer.holds_of(self.to, is_asked) else {
            let is_met = self.awaited.take().is_some();
            self.is_tested |= is_met || observer.holds_of(self.from, is_asked).is_ok();
            return None;
        };
        match &mut self.awaited {
            Some(awaited) => awaited.lacks = lacks,
            None if observer.holds_of(self.from, is_asked).is_ok() => {
                self.has_cause = true;
                let (since, cause) = (now.max(self.calm_at), happened.first().cloned());
                self.awaited = Some(Awaited { since, cause, lacks });
            }
            None => {}
        }
        None
    }

    /// Why it says nothing about the recorded nodes, if so. What was due after their end is left
    /// open.
    pub(super) fn untested(&self) -> Option<Untested> {
        match (self.is_tested, self.has_cause) {
            (true, _) => None,
            (false, true) => Some(Untested::NotDue),
            (false, false) => Some(Untested::NoCause),
        }
    }

    fn broken(&self, Awaited { since, cause, lacks }: Awaited) -> Broken {
        let waited = format!("awaited since {since}ms, for {}", self.within);
        let detail = if lacks.detail.is_empty() { waited } else { lacks.detail + "\n" + &waited };
        Broken {
            expected: self.expect.to_string(),
            reason: lacks.reason,
            detail,
            at: since + self.within,
            after: cause,
        }
    }
}

/// Is this node asked by something that asks nodes: is the calm for it, and does what is expected
/// name it, if it names nodes?
pub(super) fn is_asked<P: Protocol>(
    scenario: &Scenario<P>,
    expect: &Expect<P::Property>,
    node: NodeId,
) -> bool {
    scenario.is_core(node) && expect.asked().is_none_or(|of| of.contains(&node))
}
