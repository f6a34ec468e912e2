use std::cell::RefCell;

use bytes::BytesMut;
use tokio::sync::Notify;

use crate::Limits;
use crate::wire::frame;

/// What waits to be written to one peer. It never grows beyond its bounds:
/// what finds no room is lost, as on any network.
pub(crate) struct Outbox {
    waiting: RefCell<Waiting>,
    filled: Notify,
    most_messages: usize,
    most_bytes: usize,
}

#[derive(Default)]
struct Waiting {
    frames: BytesMut,
    messages: usize,
    is_closed: bool,
}

/// There was no room.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Full;

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
            most_messages: limits.queue_messages,
            most_bytes: limits.queue_bytes,
        }
    }

    pub(crate) fn push(&self, count: u32, message: &[u8]) -> Result<(), Full> {
        let mut waiting = self.waiting.borrow_mut();
        // However large, a single message has room where nothing waits.
        let has_room = waiting.messages < self.most_messages
            && waiting.frames.len() + message.len() <= self.most_bytes;
        if waiting.messages > 0 && !has_room {
            return Err(Full);
        }
        waiting.messages += 1;
        frame::put_message(count, message, &mut waiting.frames);
        self.filled.notify_one();
        Ok(())
    }

    /// Says that we are there.
    pub(crate) fn ping(&self) {
        frame::put_ping(&mut self.waiting.borrow_mut().frames);
        self.filled.notify_one();
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
    pub(crate) async fn take(&self, taken: &mut BytesMut) -> Then {
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

    fn pushed(outbox: &Outbox, message: &[u8]) -> usize {
        (1..=10).filter(|count| outbox.push(*count, message).is_ok()).count()
    }

    #[test]
    fn what_finds_no_room_among_the_messages_is_lost() {
        assert_eq!(pushed(&outbox(3, 1_000), b"x"), 3);
    }

    #[test]
    fn what_finds_no_room_among_the_bytes_is_lost() {
        // Each frame has 10 bytes around its 30.
        assert_eq!(pushed(&outbox(100, 100), &[0; 30]), 2);
    }

    #[test]
    fn one_message_has_room_however_small_the_queue() {
        assert_eq!(pushed(&outbox(0, 0), &[0; 30]), 1);
    }

    #[test]
    fn what_was_taken_makes_room() {
        let outbox = outbox(3, 1_000);
        assert_eq!(pushed(&outbox, b"x"), 3);
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("it can be had");
        let mut taken = BytesMut::new();
        assert_eq!(runtime.block_on(outbox.take(&mut taken)), Then::Goes);
        assert_eq!(taken.len(), 3 * (4 + 2 + 1 + 4));
        assert_eq!(pushed(&outbox, b"x"), 3);
    }

    #[test]
    fn after_closing_the_last_that_is_taken_says_so_once() {
        let outbox = outbox(3, 1_000);
        outbox.close();
        outbox.close();
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("it can be had");
        let mut taken = BytesMut::new();
        assert_eq!(runtime.block_on(outbox.take(&mut taken)), Then::Ends);
        assert_eq!(taken.len(), 9);
    }
}
