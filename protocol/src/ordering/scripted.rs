//! Scripted blocking stop-and-wait: all users know the order of messages in advance.
//!
//! All users hold the same script, and each one walks through its own steps in
//! order. To send a message, a user sends it again and again until it is
//! acknowledged. To receive a message, a user waits for it, delivers it and
//! acknowledges it. Nothing is buffered: a user drops every message that it does not
//! wait for. At any time some user can make progress, because both ends of the first
//! undelivered message of the script wait for it. So every message is delivered over
//! any network that does not lose all copies, and deliveries are in causal order.
//!
//! This holds for [`Form::Repaired`]. Its window is exact through any crash. The
//! owner hears of a delivery at most once, since the node may crash between the
//! save and the output.
//!
//! [`Form::AsPrinted`] is the form in the paper. It identifies a message only by its
//! sender and acknowledges only the awaited message. One lost acknowledgement stops
//! it, or makes it deliver a repetition as the next message.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::script::{Entry, Number, Script};
use rehearsal_machine::{Context, Input, Machine, NodeId, Nothing, Storage, mutant};

/// Which reading of the paper a user follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Form {
    /// Data and acknowledgements carry the message's number; what was
    /// delivered is acknowledged again whenever it comes again; a delivery is
    /// saved before it is acknowledged.
    Repaired,
    /// The paper taken literally: a message is known by its sender alone,
    /// nothing out of turn is acknowledged, nothing is saved.
    AsPrinted,
}

/// In words: `repaired`, `as printed`.
impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Repaired => "repaired",
            Self::AsPrinted => "as printed",
        })
    }
}

/// What users say to each other. The paper's form leaves the number out.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Message {
    /// A chat message.
    Data {
        /// Its place in the script.
        number: Option<Number>,
        /// What it says.
        text: Arc<str>,
    },
    /// The receiver has it.
    Ack {
        /// Which one.
        number: Option<Number>,
    },
}

impl rehearsal_machine::Message for Message {
    fn kind(&self) -> &'static str {
        match self {
            Self::Data { .. } => "data",
            Self::Ack { .. } => "ack",
        }
    }
}

/// A user's one deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// Say the current message once more.
    Resend,
}

/// A durable cell: the text of a delivered message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Delivered(pub Number);

/// A line of a user's window: a message that was delivered.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Line {
    /// Which step of the script the user took it for.
    pub number: Number,
    /// Who sent it.
    pub from: NodeId,
    /// What it said.
    pub text: Arc<str>,
}

/// What a user is blocked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Waiting {
    /// It sends this message and waits for the receiver's acknowledgement.
    Acknowledgement {
        /// The node that is to acknowledge it.
        from: NodeId,
        /// Which message.
        number: Number,
    },
    /// It waits for this message.
    Data {
        /// The node that is to send it.
        from: NodeId,
        /// Which message.
        number: Number,
    },
    /// Its part of the script is done; it only acknowledges repetitions.
    Nothing,
}

/// One user of the script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scripted {
    form: Form,
    script: Arc<Script>,
    me: NodeId,
    resend: Duration,
    /// How many steps of our own list are done.
    position: usize,
    window: Vec<Line>,
}

impl Scripted {
    /// User `me` of the script, which repeats an unacknowledged message every
    /// `resend`, which should be at least a round trip and must not be nothing,
    /// or time stands still. A stranger to the script has no steps and does nothing.
    #[must_use]
    pub fn new(form: Form, script: Arc<Script>, me: NodeId, resend: Duration) -> Self {
        Self { form, script, me, resend, position: 0, window: Vec::new() }
    }

    /// What it has delivered, in order.
    #[must_use]
    pub fn window(&self) -> &[Line] {
        &self.window
    }

    /// What it is blocked on.
    #[must_use]
    pub fn waiting(&self) -> Waiting {
        let Some(number) = self.script.projection(self.me).get(self.position).copied() else {
            return Waiting::Nothing;
        };
        match self.script.message(number) {
            Some(entry) if entry.from == self.me => {
                Waiting::Acknowledgement { from: entry.to, number }
            }
            Some(entry) => Waiting::Data { from: entry.from, number },
            None => Waiting::Nothing,
        }
    }

    /// The script it follows.
    #[must_use]
    pub fn script(&self) -> &Arc<Script> {
        &self.script
    }

    /// Takes up where an earlier incarnation left its cells. Steps before the
    /// last saved delivery are done; a send after it may be done too, and
    /// repeating it does no harm.
    fn start(&mut self, storage: &Storage<Self>, cx: &mut Context<'_, Self>) {
        self.position = 0;
        self.window.clear();
        for (place, &number) in self.script.projection(self.me).iter().enumerate() {
            let Some(entry) = self.script.message(number) else { break };
            if entry.to != self.me {
                continue;
            }
            let kept = storage.get(&Delivered(number)).filter(|_| !mutant!(ForgetsPosition));
            let Some(text) = kept else { break };
            self.window.push(Line { number, from: entry.from, text: text.clone() });
            self.position = place + 1;
        }
        self.begin_step(cx);
    }

    fn begin_step(&mut self, cx: &mut Context<'_, Self>) {
        let Waiting::Acknowledgement { from: to, number } = self.waiting() else { return };
        let Some(entry) = self.script.message(number) else { return };
        let text = entry.text.into();
        cx.send(to, Message::Data { number: self.label(number), text });
        cx.arm(Timer::Resend, self.resend..=self.resend);
    }

    fn finish_step(&mut self, cx: &mut Context<'_, Self>) {
        self.position += 1;
        self.begin_step(cx);
    }

    fn data(
        &mut self,
        from: NodeId,
        label: Option<Number>,
        text: Arc<str>,
        cx: &mut Context<'_, Self>,
    ) {
        if let Waiting::Data { from: sender, number } = self.waiting()
            && sender == from
            && (label == self.label(number) || mutant!(SenderIsIdentity))
        {
            self.deliver(Line { number, from, text }, cx);
        } else if let Some(number) = label
            && (self.has_delivered(from, number) || mutant!(AcksUndelivered))
            && !mutant!(NoReack)
        {
            cx.send(from, Message::Ack { number: label });
        }
    }

    fn deliver(&mut self, line: Line, cx: &mut Context<'_, Self>) {
        let ack = Message::Ack { number: self.label(line.number) };
        let from = line.from;
        self.window.push(line.clone());
        match self.form {
            Form::Repaired if mutant!(SaveAfterAck) => {
                cx.emit(line.clone());
                cx.send(from, ack);
                cx.save(Delivered(line.number), line.text);
            }
            Form::Repaired => {
                cx.save(Delivered(line.number), line.text.clone());
                cx.emit(line);
                cx.send(from, ack);
            }
            Form::AsPrinted => {
                cx.emit(line);
                cx.send(from, ack);
            }
        }
        self.finish_step(cx);
    }

    fn ack(&mut self, from: NodeId, label: Option<Number>, cx: &mut Context<'_, Self>) {
        if let Waiting::Acknowledgement { from: receiver, number } = self.waiting()
            && receiver == from
            && (label == self.label(number) || mutant!(AnyAck))
        {
            cx.disarm(Timer::Resend);
            self.finish_step(cx);
        }
    }

    /// What the form puts on the wire to name a message.
    fn label(&self, number: Number) -> Option<Number> {
        match self.form {
            Form::Repaired => Some(number),
            Form::AsPrinted => None,
        }
    }

    fn has_delivered(&self, from: NodeId, number: Number) -> bool {
        let ours = |entry: Entry<'_>| entry.from == from && entry.to == self.me;
        self.script.message(number).is_some_and(ours)
            && self.script.place(self.me, number).is_some_and(|place| place < self.position)
    }
}

impl Machine for Scripted {
    type Message = Message;
    /// The script says everything; an owner has nothing to ask.
    type Command = Nothing;
    type Output = Line;
    type Timer = Timer;
    type Cell = Delivered;
    type Saved = Arc<str>;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Start(storage) => self.start(&storage, cx),
            Input::Message { from, message: Message::Data { number, text } } => {
                self.data(from, number, text, cx);
            }
            Input::Message { from, message: Message::Ack { number } } => self.ack(from, number, cx),
            Input::Timer(Timer::Resend) if mutant!(SaysOnce) => {}
            Input::Timer(Timer::Resend) => self.begin_step(cx),
            Input::Link { .. } => {}
        }
    }
}
