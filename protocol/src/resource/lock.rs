use alloc::vec;

use super::request_table::{Asked, RequestTable};
use super::{Cell, Config, Message, Participant, RequestId, Saved, Timer, Unexpected, View, Wait};
use rehearsal_machine::{Context, NodeId, Storage, Time, mutant};

/// What is lent to one at a time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Lock {
    pub(super) requests: RequestTable,
    lent: Option<RequestId>,
    /// When it was lent last.
    since: Time,
}

impl Lock {
    pub(super) fn blocked_since(&self) -> Option<Time> {
        self.lent.map(|_| self.since)
    }

    /// The request by which the lock is lent.
    pub(super) fn lent(&self) -> Option<RequestId> {
        self.lent
    }

    pub(super) fn view(&self) -> View {
        let wait = self.lent.map(|id| Wait { need: 1, open: vec![(id.by, id)], since: None });
        let pending = self.requests.pending();
        View { wait, pending: pending.map(|(by, number)| (by, RequestId { by, number })).collect() }
    }

    pub(super) fn start(
        &mut self,
        config: &Config,
        storage: &Storage<Participant>,
        cx: &mut Context<'_, Participant>,
    ) {
        *self = Self::default();
        if let Some(Saved::Request(request)) = storage.get(&Cell::Lent) {
            self.lent = Some(*request);
            self.requests.restore(request.by, request.number);
            // A node that gave it back while this node was down sends that again.
            self.say_again(config, cx);
        }
    }

    pub(super) fn message(
        &mut self,
        config: &Config,
        from: NodeId,
        message: Message,
        cx: &mut Context<'_, Participant>,
    ) -> Result<(), Unexpected> {
        match message {
            Message::Request { number } => match self.requests.ask(from, number) {
                Asked::Queued => self.lend(config, cx),
                Asked::Again => {}
                Asked::Granted => cx.send(from, Message::Grant { number }),
                Asked::Stale => return Err(Unexpected::StaleRequest(number)),
            },
            Message::Grant { number } => return Err(Unexpected::UnaskedGrant(number)),
            Message::Release { number } => {
                let is_lent = self.lent == Some(RequestId { by: from, number });
                if !is_lent && !mutant!(AnyRelease) {
                    return Err(Unexpected::StrayRelease(number));
                }
                self.requests.end(from, number);
                self.lent = None;
                cx.disarm(Timer::Resend);
                cx.erase(Cell::Lent);
                self.lend(config, cx);
            }
            Message::Cancel { number } => {
                // If it is lent by this request, its return is on the way or will be.
                let is_lent = self.lent == Some(RequestId { by: from, number });
                if !is_lent && !self.requests.cancel(from, number) {
                    return Err(Unexpected::StaleCancel(number));
                }
            }
        }
        Ok(())
    }

    /// Lends it to the next in the queue, unless it is lent.
    fn lend(&mut self, config: &Config, cx: &mut Context<'_, Participant>) {
        if self.lent.is_some() && !mutant!(LendsTwice) {
            return;
        }
        let Some((by, number)) = self.requests.grant() else { return };
        let request = RequestId { by, number };
        self.since = cx.now();
        self.lent = Some(request);
        if !mutant!(LentUnsaved) {
            cx.save(Cell::Lent, Saved::Request(request));
        }
        self.say_again(config, cx);
    }

    /// Repeats that the lock is lent: a node that does not have it gives it back.
    pub(super) fn say_again(&mut self, config: &Config, cx: &mut Context<'_, Participant>) {
        let Some(RequestId { by, number }) = self.lent else { return };
        cx.send(by, Message::Grant { number });
        if let Some(after) = config.resend {
            cx.arm(Timer::Resend, after..=after);
        }
    }
}
