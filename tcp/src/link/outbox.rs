use std::cell::RefCell;

use serde::Serialize;
use tokio::sync::Notify;

use crate::wire::frame::{self, TooLarge};
use crate::{Limits, Lost};

/// What waits to be written to one peer. It never grows beyond its bounds:
/// what finds no room is lost, as on any network.
pub(crate) struct Outbox {
    waiting: RefCell<Waiting>,
    filled: Notify,
    max_message: u32,
    most_messages: usize,
    most_bytes: usize,
}

#[derive(Default)]
struct Waiting {
    frames: Vec<u8>,
    messages: usize,
    is_closed: bool,
}

/// What the writer finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// More may come.
    Goes,
    /// Nothing comes after this.
    Ends,
}

impl Outbox {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            waiting: RefCell::default(),
            filled: Notify::new(),
            max_message: limits.max_message,
            most_messages: limits.queue_messages,
            most_bytes: limits.queue_bytes,
        }
    }

    /// Puts a message at the end, or nothing if it is lost.
    pub(crate) fn push(&self, count: u32, message: &impl Serialize) -> Result<(), Lost> {
        let mut waiting = self.waiting.borrow_mut();
        let before = waiting.frames.len();
        frame::put_message(count, message, self.max_message, &mut waiting.frames)
            .map_err(|TooLarge| Lost::TooLarge)?;
        // However large, a single message has room where no other waits.
        let has_room =
            waiting.messages < self.most_messages && waiting.frames.len() <= self.most_bytes;
        if waiting.messages > 0 && !has_room {
            waiting.frames.truncate(before);
            return Err(Lost::Full);
        }
        waiting.messages += 1;
        if before == 0 {
            self.filled.notify_one();
        }
        Ok(())
    }

    /// Says that we are there, unless what waits already says so.
    pub(crate) fn ping(&self) {
        let mut waiting = self.waiting.borrow_mut();
        if waiting.frames.is_empty() {
            frame::put_ping(&mut waiting.frames);
            self.filled.notify_one();
        }
    }

    /// Says that nothing more comes.
    pub(crate) fn close(&self) {
        let mut waiting = self.waiting.borrow_mut();
        if !waiting.is_closed {
            waiting.is_closed = true;
            frame::put_bye(&mut waiting.frames);
        }
        self.filled.notify_one();
    }

    /// Waits until there is something, and takes all of it; `taken` is empty
    /// and lends its memory.
    pub(crate) async fn take(&self, taken: &mut Vec<u8>) -> Then {
        loop {
            {
                let mut waiting = self.waiting.borrow_mut();
                if !waiting.frames.is_empty() {
                    std::mem::swap(&mut waiting.frames, taken);
                    waiting.messages = 0;
                    return if waiting.is_closed { Then::Ends } else { Then::Goes };
                }
            }
            self.filled.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outbox(queue_messages: usize, queue_bytes: usize) -> Outbox {
        Outbox::new(&Limits { queue_messages, queue_bytes, ..Limits::default() })
    }

    fn pushed(outbox: &Outbox, message: &str) -> usize {
        (1..=10).filter(|count| outbox.push(*count, &message) != Err(Lost::Full)).count()
    }

    #[test]
    fn what_finds_no_room_among_the_messages_is_lost() {
        assert_eq!(pushed(&outbox(3, 1_000), ""), 3);
    }

    #[test]
    fn what_finds_no_room_among_the_bytes_is_lost() {
        // Each frame has 11 bytes around its 30.
        assert_eq!(pushed(&outbox(100, 81), &"x".repeat(30)), 1);
        assert_eq!(pushed(&outbox(100, 82), &"x".repeat(30)), 2);
    }

    #[test]
    fn what_is_too_large_leaves_nothing_behind() {
        let outbox = Outbox::new(&Limits { max_message: 3, ..Limits::default() });
        assert_eq!(outbox.push(1, &"four"), Err(Lost::TooLarge));
        assert!(outbox.waiting.borrow().frames.is_empty());
        assert_eq!(outbox.push(2, &"as"), Ok(()));
    }

    #[test]
    fn one_message_has_room_however_small_the_queue() {
        assert_eq!(pushed(&outbox(0, 0), &"x".repeat(30)), 1);
    }

    #[test]
    fn what_was_taken_makes_room() {
        let outbox = outbox(3, 1_000);
        assert_eq!(pushed(&outbox, ""), 3);
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("it can be had");
        let mut taken = Vec::new();
        assert_eq!(runtime.block_on(outbox.take(&mut taken)), Then::Goes);
        assert_eq!(taken.len(), 3 * (4 + 2 + 1 + 4));
        assert_eq!(pushed(&outbox, ""), 3);
    }

    #[test]
    fn however_long_a_peer_takes_nothing_we_are_there_only_once() {
        let outbox = outbox(3, 1_000);
        for _ in 0..1_000 {
            outbox.ping();
        }
        assert_eq!(outbox.waiting.borrow().frames.len(), 9);
        assert_eq!(pushed(&outbox, "x"), 3);
    }

    #[test]
    fn after_closing_the_last_that_is_taken_says_so_once() {
        let outbox = outbox(3, 1_000);
        outbox.close();
        outbox.close();
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("it can be had");
        let mut taken = Vec::new();
        assert_eq!(runtime.block_on(outbox.take(&mut taken)), Then::Ends);
        assert_eq!(taken.len(), 9);
    }
}
