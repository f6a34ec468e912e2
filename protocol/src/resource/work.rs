//! What a process does when it does not wait, and what it gives when it is done.

use super::process::Process;
use super::{Cell, Message, Output, Party, Refusal, Rules, Saved, Timer};
use rehearsal_machine::{Context, mutant};

impl Process {
    /// Goes on with its work if there is anything to give at its end.
    pub(super) fn work(&mut self, rules: &Rules, cx: &mut Context<'_, Party>) {
        let has_something = self.claims.is_pending() || !self.held.is_empty();
        if let Some(after) = &rules.work
            && has_something
            && !self.is_blocked()
            && !self.is_working
        {
            self.is_working = true;
            cx.arm(Timer::Work, after.clone());
        }
    }

    pub(super) fn rest(&mut self, cx: &mut Context<'_, Party>) {
        if core::mem::take(&mut self.is_working) {
            cx.disarm(Timer::Work);
        }
    }

    pub(super) fn release(&mut self, cx: &mut Context<'_, Party>) {
        if self.is_blocked() {
            return cx.emit(Output::Refuses(Refusal::Waiting));
        }
        self.rest(cx);
        cx.emit(Output::Releases);
        self.give_all(cx);
    }

    pub(super) fn give_all(&mut self, cx: &mut Context<'_, Party>) {
        self.is_shrinking |= self.claims.is_pending() || !self.held.is_empty();
        while let Some((peer, number)) = self.claims.grant() {
            // Forgotten in a crash, it would seem to be owed while it is on its way.
            if !mutant!(GrantUnsaved) {
                cx.save(Cell::Granted(peer), Saved::Number(number));
            }
            cx.send(peer, Message::Grant { number });
        }
        for (lock, number) in core::mem::take(&mut self.held) {
            cx.send(lock, Message::Release { number });
        }
    }
}
