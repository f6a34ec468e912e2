use std::cell::{Cell, RefCell};
use std::rc::Rc;

use serde::Serialize;
use tokio::sync::Notify;

use crate::wire::frame::{self, TooLarge};
use crate::{Limits, Lost};

/// The queue of frames to one peer. It has a bounded size: a message that finds no room is lost,
/// as on any network.
pub(crate) struct Outbox {
    waiting: RefCell<Waiting>,
    filled: Notify,
    /// How many commits this node's store has, when the frames are taken.
    commits: Rc<Cell<u64>>,
    max_message: u32,
    max_messages: usize,
    max_bytes: usize,
}

#[derive(Default)]
struct Waiting {
    frames: Vec<u8>,
    messages: usize,
    /// How many commits the peer has been told of.
    told: u64,
    is_closed: bool,
}

/// Whether the writer goes on after what it has taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// More frames may follow.
    Goes,
    /// No frames follow: the outbox was closed.
    Ends,
}

impl Outbox {
    pub(crate) fn new(limits: &Limits, commits: Rc<Cell<u64>>) -> Self {
        Self {
            waiting: RefCell::default(),
            filled: Notify::new(),
            commits,
            max_message: limits.max_message,
            max_messages: limits.queue_messages,
            max_bytes: limits.queue_bytes,
        }
    }

    /// Appends a message; on an error the message is lost.
    pub(crate) fn push(&self, count: u32, message: &impl Serialize) -> Result<(), Lost> {
        let mut waiting = self.waiting.borrow_mut();
        let before = waiting.frames.len();
        frame::put_message(count, message, self.max_message, &mut waiting.frames)
            .map_err(|TooLarge| Lost::TooLarge)?;
        // An empty queue takes one message of any allowed size.
        let has_room =
            waiting.messages < self.max_messages && waiting.frames.len() <= self.max_bytes;
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

    /// Appends a ping, unless frames are waiting: they also show that this node is alive.
    pub(crate) fn ping(&self) {
        let mut waiting = self.waiting.borrow_mut();
        if waiting.frames.is_empty() {
            frame::put_ping(&mut waiting.frames);
            self.filled.notify_one();
        }
    }

    /// Appends a farewell, after which no frames follow.
    pub(crate) fn close(&self) {
        let mut waiting = self.waiting.borrow_mut();
        if !waiting.is_closed {
            waiting.is_closed = true;
            frame::put_bye(&mut waiting.frames);
        }
        self.filled.notify_one();
    }

    /// Waits for frames, and moves all of them into `taken`, an empty buffer whose memory is reused.
    /// They follow the number of commits, if the peer does not know it yet.
    pub(crate) async fn take(&self, taken: &mut Vec<u8>) -> Then {
        loop {
            {
                let mut waiting = self.waiting.borrow_mut();
                if !waiting.frames.is_empty() {
                    let commits = self.commits.get();
                    if waiting.told == commits {
                        std::mem::swap(&mut waiting.frames, taken);
                    } else {
                        waiting.told = commits;
                        frame::put_commits(commits, taken);
                        taken.append(&mut waiting.frames);
                    }
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
        let limits = Limits { queue_messages, queue_bytes, ..Limits::default() };
        Outbox::new(&limits, Rc::default())
    }

    fn pushed(outbox: &Outbox, message: &str) -> usize {
        (1..=10).filter(|count| outbox.push(*count, &message) != Err(Lost::Full)).count()
    }

    #[test]
    fn a_message_beyond_the_maximum_number_is_lost() {
        assert_eq!(pushed(&outbox(3, 1_000), ""), 3);
    }

    #[test]
    fn a_message_beyond_the_maximum_bytes_is_lost() {
        // Each frame has 30 bytes of text and 11 others.
        assert_eq!(pushed(&outbox(100, 81), &"x".repeat(30)), 1);
        assert_eq!(pushed(&outbox(100, 82), &"x".repeat(30)), 2);
    }

    #[test]
    fn a_message_that_is_too_large_leaves_nothing_in_the_queue() {
        let limits = Limits { max_message: 3, ..Limits::default() };
        let outbox = Outbox::new(&limits, Rc::default());
        assert_eq!(outbox.push(1, &"four"), Err(Lost::TooLarge));
        assert!(outbox.waiting.borrow().frames.is_empty());
        assert_eq!(outbox.push(2, &"as"), Ok(()));
    }

    #[test]
    fn an_empty_queue_takes_one_message_however_small_its_bounds() {
        assert_eq!(pushed(&outbox(0, 0), &"x".repeat(30)), 1);
    }

    #[test]
    fn frames_that_were_taken_make_room() {
        let outbox = outbox(3, 1_000);
        assert_eq!(pushed(&outbox, ""), 3);
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let mut taken = Vec::new();
        assert_eq!(runtime.block_on(outbox.take(&mut taken)), Then::Goes);
        assert_eq!(taken.len(), 3 * (4 + 2 + 1 + 4));
        assert_eq!(pushed(&outbox, ""), 3);
    }

    #[test]
    fn the_number_of_commits_precedes_the_messages_that_follow_from_it_and_is_told_once() {
        let commits = Rc::new(Cell::new(0));
        let outbox = Outbox::new(&Limits::default(), Rc::clone(&commits));
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let mut written = Vec::new();
        // The frames are put into the outbox before the commit, and taken after it.
        for (count, after) in [(1, 0), (2, 300), (3, 300), (4, 301)] {
            outbox.push(count, &()).expect("room");
            commits.set(after);
            let mut taken = Vec::new();
            runtime.block_on(outbox.take(&mut taken));
            written.extend(taken);
        }
        let (mut rest, mut frames) = (&written[..], Vec::new());
        while let Some((frame, behind)) = frame::first(rest, 9).expect("valid frames") {
            frames.push(frame);
            rest = behind;
        }
        let message = |count| frame::Frame::Message { count, body: &[] };
        let commits = frame::Frame::Commits;
        let expected = [message(1), commits(300), message(2), message(3), commits(301), message(4)];
        assert_eq!(frames, expected);
    }

    #[test]
    fn at_most_one_ping_waits_in_the_queue() {
        let outbox = outbox(3, 1_000);
        for _ in 0..1_000 {
            outbox.ping();
        }
        assert_eq!(outbox.waiting.borrow().frames.len(), 9);
        assert_eq!(pushed(&outbox, "x"), 3);
    }

    #[test]
    fn closing_twice_appends_one_farewell() {
        let outbox = outbox(3, 1_000);
        outbox.close();
        outbox.close();
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let mut taken = Vec::new();
        assert_eq!(runtime.block_on(outbox.take(&mut taken)), Then::Ends);
        assert_eq!(taken.len(), 9);
    }
}
