use alloc::vec;

use super::claims::{Asked, Claims};
use super::{Cell, Message, Party, RequestId, Rules, Saved, Stray, Timer, View, Wait};
use rehearsal_machine::{Context, NodeId, Storage, Time, mutant};

/// What is lent to one at a time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Lock {
    pub(super) claims: Claims,
    lent: Option<RequestId>,
    /// When it was lent last.
    since: Time,
}

impl Lock {
    pub(super) fn blocked_since(&self) -> Option<Time> {
        self.lent.map(|_| self.since)
    }

    /// To whom it is lent, and by which request.
    pub(super) fn lent(&self) -> Option<RequestId> {
        self.lent
    }

    pub(super) fn view(&self) -> View {
        let wait = self.lent.map(|id| Wait { need: 1, open: vec![(id.by, id)], since: None });
        let pending = self.claims.pending();
        View { wait, pending: pending.map(|(by, number)| (by, RequestId { by, number })).collect() }
    }

    pub(super) fn start(
        &mut self,
        rules: &Rules,
        storage: &Storage<Party>,
        cx: &mut Context<'_, Party>,
    ) {
        *self = Self::default();
        if let Some(Saved::Request(request)) = storage.get(&Cell::Lent) {
            self.lent = Some(*request);
            self.claims.restore(request.by, request.number);
            // Whoever had given it back while we were down says so once more.
            self.say_again(rules, cx);
        }
    }

    pub(super) fn message(
        &mut self,
        rules: &Rules,
        from: NodeId,
        message: Message,
        cx: &mut Context<'_, Party>,
    ) -> Result<(), Stray> {
        match message {
            Message::Request { number } => match self.claims.ask(from, number) {
                Asked::Queued => self.lend(rules, cx),
                Asked::Again => {}
                Asked::Granted => cx.send(from, Message::Grant { number }),
                Asked::Stale => return Err(Stray::StaleRequest(number)),
            },
            Message::Grant { number } => return Err(Stray::UnaskedGrant(number)),
            Message::Release { number } => {
                if self.lent != Some(RequestId { by: from, number }) {
                    return Err(Stray::StrayRelease(number));
                }
                self.claims.end(from, number);
                self.lent = None;
                cx.disarm(Timer::Resend);
                cx.erase(Cell::Lent);
                self.lend(rules, cx);
            }
            Message::Cancel { number } => {
                // If it is lent by this request, its return is on the way or will be.
                let is_lent = self.lent == Some(RequestId { by: from, number });
                if !is_lent && !self.claims.cancel(from, number) {
                    return Err(Stray::StaleCancel(number));
                }
            }
        }
        Ok(())
    }

    /// Lends it to the next in the queue, unless it is lent.
    fn lend(&mut self, rules: &Rules, cx: &mut Context<'_, Party>) {
        if self.lent.is_some() && !mutant!(LendsTwice) {
            return;
        }
        let Some((by, number)) = self.claims.grant() else { return };
        let request = RequestId { by, number };
        self.since = cx.now();
        self.lent = Some(request);
        cx.save(Cell::Lent, Saved::Request(request));
        self.say_again(rules, cx);
    }

    /// Says that it is lent: whoever does not have it gives it back.
    pub(super) fn say_again(&mut self, rules: &Rules, cx: &mut Context<'_, Party>) {
        let Some(RequestId { by, number }) = self.lent else { return };
        cx.send(by, Message::Grant { number });
        if let Some(after) = rules.resend {
            cx.arm(Timer::Resend, after..=after);
        }
    }
}
