//! The bully election: the live node with the highest number leads.
//!
//! A node that misses the leader asks all nodes above it. If one of them answers, it
//! takes over with an election of its own. If none answers in time, no higher node is
//! alive, and the node announces that it leads. A node that restarts calls an
//! election at once, and replaces a lower leader. (Garcia-Molina, "Elections in a
//! distributed computing system", 1982, in the simpler form of the textbooks, where
//! an answer means "I take over".)
//!
//! A node learns of the state of the others only by waiting. If messages take at
//! most d, an answer takes up to 2d, and the announcement that follows an answer
//! takes up to another answer wait and 2d. Where these bounds hold, there is one
//! leader, except while an announcement is in flight. Where they do not hold, a slow
//! node is taken for a dead one and two nodes lead at the same time: nothing in this
//! form prevents it.
//!
//! If a higher node restarts while a lower one is about to announce itself, their
//! announcements cross, and a node that hears the lower one last believes it. So a
//! leader that hears from a lower leader announces itself again to all nodes. A
//! leader that hears from a higher one just after its own announcement tells that
//! node of the announcement, once all others have received it.
//!
//! In one round a node can be nominated in an election that began before a higher node
//! joined and announced itself. So a node accepts a nomination only from a node that has
//! asked it since it last heard from a higher leader, at least half an answer wait ago:
//! the nomination of an earlier question may arrive right after the next question. Where
//! the bounds hold, this is enough. A leader whose announcement does not reach the caller
//! in time sent it after all questions had arrived. A nomination is sent an answer wait
//! after its question, which takes at most half of that to arrive. And an election that
//! is called after a leader has gone is not hindered.
//!
//! After an election ends, late questions are still answered for as long as answers
//! are awaited, and start no new election. A leader cannot tell a new question at
//! that time from a late one. The node that asks a new one is answered, and then
//! waits for an announcement in vain, once: it loses a coordinator wait beside a live
//! leader. To tell it at once who leads, the leader would have to answer every
//! late question so, which costs more than the algorithm itself.
//!
//! [`Config`] selects the variant: the textbook's, with or without the guard that
//! keeps a node to one election at a time (without it the number of messages doubles
//! with every node); the modified one, in which only the caller asks, and names the
//! highest node that answers; and the paper's, which asks a silent node several
//! times, announces to all nodes, and limits the rate of elections.

mod course;
mod window;

use alloc::collections::{BTreeMap, BTreeSet};
use core::fmt;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use self::window::Window;
use super::{Command, Elector, Output, Role};
use rehearsal_machine::{Context, Input, Machine, NodeId, Storage, Time, mutant};

pub use window::Line;

/// What nodes say to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Message {
    /// To those above: is one of you alive?
    Election,
    /// To the one below that asked: we are alive, and take over.
    Answer,
    /// We lead; or, to a higher leader: we told others so just before we heard
    /// of you.
    Coordinator,
    /// In the modified form, to the highest that answered: announce yourself.
    Nominate,
}

impl rehearsal_machine::Message for Message {
    fn kind(&self) -> &'static str {
        match self {
            Self::Election => "election",
            Self::Answer => "answer",
            Self::Coordinator => "coordinator",
            Self::Nominate => "nominate",
        }
    }
}

/// A node's deadlines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// The nodes that were asked have had the time to answer.
    Answer,
    /// The node that answered has had the time to announce a leader.
    Coordinator,
    /// All nodes have had the time to hear how the election ended.
    Close,
    /// The next election may begin.
    Limit,
    /// As `Answer`, of one of many elections of a node without a guard.
    Round(u32),
}

/// A durable cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Cell {
    /// Full if the node has been here before: then who led when it began
    /// means nothing any more.
    Joined,
}

/// What the cell holds: the number under which the node was here. That the
/// cell is full is what counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Mark(pub NodeId);

/// Which reading of the algorithm nodes follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Form {
    /// Ask once; announce to those below.
    Textbook,
    /// Ask silent nodes several times, announce to all nodes, keep a
    /// window of what happened.
    Paper,
}

/// In words: `textbook`, `paper`.
impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Textbook => "textbook",
            Self::Paper => "paper",
        })
    }
}

/// What all nodes of a run know of each other, and how they go about an
/// election. All spans should be above zero, or time may stand still.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Config {
    /// Which reading this is.
    pub form: Form,
    /// How many nodes there are, numbered from 1.
    pub nodes: u32,
    /// Who leads when the run begins, if anybody does: one that starts with
    /// it, and need not be the highest.
    pub initial_leader: Option<NodeId>,
    /// How often a node that stays silent is asked, at least once.
    pub tries: u32,
    /// How long a node that was asked has to answer before it is asked again,
    /// or taken for dead: all tries together at least two message delays.
    pub answer_wait: Duration,
    /// How long a node that was answered waits for an announcement before it
    /// calls an election again: at least all tries and two message delays.
    pub coordinator_wait: Duration,
    /// The least span from one election that a node calls to its next. It
    /// answers all the same, and makes up for the election afterwards if no
    /// leader was announced; if it leads, it goes on and tells any node that asks.
    pub rate_limit: Option<Duration>,
    /// Whether a node holds one election at a time.
    pub guard: bool,
    /// Whether only the caller asks, and names the highest that answers.
    pub one_round: bool,
}

impl Config {
    /// The textbook's form for so many nodes.
    #[must_use]
    pub fn textbook(nodes: u32, answer_wait: Duration, coordinator_wait: Duration) -> Self {
        Self {
            form: Form::Textbook,
            nodes,
            initial_leader: None,
            tries: 1,
            answer_wait,
            coordinator_wait,
            rate_limit: None,
            guard: true,
            one_round: false,
        }
    }

    /// The paper's form for so many nodes: five tries, `answer_wait` each.
    #[must_use]
    pub fn paper(nodes: u32, answer_wait: Duration, coordinator_wait: Duration) -> Self {
        let textbook = Self::textbook(nodes, answer_wait, coordinator_wait);
        Self { form: Form::Paper, tries: 5, ..textbook }
    }

    /// How long a node waits before it takes all that are silent for dead.
    #[must_use]
    pub fn patience(&self) -> Duration {
        self.answer_wait.saturating_mul(self.tries.max(1))
    }
}

/// One node of a bully election.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bully {
    config: Config,
    me: NodeId,
    /// Does it start with the run, and so know who leads then?
    is_founder: bool,
    stage: Stage,
    leader: Option<NodeId>,
    /// How often the silent have been asked in this election.
    tries: u32,
    /// Who has not answered in this election; kept only where they are asked again.
    silent: BTreeSet<NodeId>,
    /// The highest that answered in this election.
    highest: Option<NodeId>,
    /// When nodes last asked, since a higher leader last announced itself; kept only in
    /// one round.
    asked_at: BTreeMap<NodeId, Time>,
    /// It has called an election too recently to call another one.
    is_limited: bool,
    /// It will call an election when it may.
    is_pending: bool,
    /// The elections of a node without a guard that wait for answers.
    rounds: BTreeSet<u32>,
    round: u32,
    /// When a higher node last answered.
    answered_at: Option<Time>,
    announced: Option<Announcement>,
    window: Window,
}

/// How far the node is with an election of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// It has none.
    Idle,
    /// It has asked, and no node has answered.
    Asking,
    /// A node has answered, and is to announce a leader.
    Waiting,
    /// It ended just now, and some nodes may not know how: questions
    /// that come now are late ones.
    Closing,
    /// As `Closing`; but it had announced itself, and has heard from a higher
    /// leader since: who heard of that one first now follows us.
    Overtaken,
}

/// What a leader knew when it announced itself, by its own clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// When it did.
    pub at: Time,
    /// When a higher node last answered it since it started, if one did.
    pub answered_at: Option<Time>,
}

impl Bully {
    /// Node `me`. One that `is_founder` starts with the run, and knows who
    /// leads then; any other calls an election when it starts.
    #[must_use]
    pub fn new(config: Config, me: NodeId, is_founder: bool) -> Self {
        Self {
            config,
            me,
            is_founder,
            stage: Stage::Idle,
            leader: None,
            tries: 0,
            silent: BTreeSet::new(),
            highest: None,
            asked_at: BTreeMap::new(),
            is_limited: false,
            is_pending: false,
            rounds: BTreeSet::new(),
            round: 0,
            answered_at: None,
            announced: None,
            window: Window::default(),
        }
    }

    /// How it goes about elections.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Its last announcement in this life, if it made one.
    #[must_use]
    pub fn announced(&self) -> Option<Announcement> {
        self.announced
    }

    /// What its owner sees, in the paper's form: the last hundred lines.
    #[must_use]
    pub fn window(&self) -> &[Line] {
        self.window.lines()
    }

    /// The lines of its window from this one on, of all that there ever were in
    /// this life; those that the window had no room for are left out.
    #[must_use]
    pub fn lines_from(&self, first: usize) -> &[Line] {
        let lines = self.window.lines();
        let fresh = self.window.told().saturating_sub(first).min(lines.len());
        &lines[lines.len() - fresh..]
    }

    fn start(&mut self, storage: &Storage<Self>, cx: &mut Context<'_, Self>) {
        *self = Self::new(self.config, self.me, self.is_founder);
        let is_new = !storage.contains_key(&Cell::Joined);
        if is_new {
            cx.save(Cell::Joined, Mark(self.me));
        }
        if (is_new && self.is_founder) || mutant!(ReturnsQuietly) {
            self.leader = self.config.initial_leader;
        } else {
            self.call(cx);
        }
    }

    fn timer(&mut self, timer: Timer, cx: &mut Context<'_, Self>) {
        match timer {
            Timer::Answer => self.answers_are_due(cx),
            Timer::Coordinator if self.stage == Stage::Waiting => {
                self.stand_down(cx);
                self.note(Line::Offline(None));
                self.call(cx);
            }
            Timer::Close if self.is_closing() => self.closed(cx),
            Timer::Limit => {
                self.is_limited = false;
                if core::mem::take(&mut self.is_pending) {
                    self.call(cx);
                }
            }
            Timer::Round(round) if self.rounds.remove(&round) => self.announce(cx),
            Timer::Coordinator | Timer::Close | Timer::Round(_) => {}
        }
    }

    fn note(&mut self, line: Line) {
        if self.config.form == Form::Paper {
            self.window.push(line);
        }
    }
}

impl Elector for Bully {
    fn leader(&self) -> Option<NodeId> {
        self.leader
    }

    fn role(&self) -> Role {
        match self.stage {
            Stage::Asking => Role::Candidate,
            Stage::Waiting => Role::Waits,
            _ if self.is_pending => Role::Waits,
            _ if self.leader == Some(self.me) => Role::Leads,
            _ => Role::Follows,
        }
    }
}

impl Machine for Bully {
    type Message = Message;
    type Command = Command;
    type Output = Output;
    type Timer = Timer;
    type Cell = Cell;
    type Saved = Mark;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Start(storage) => self.start(&storage, cx),
            Input::Command(Command::Suspect) => self.suspect(cx),
            Input::Message { from, message } => match message {
                Message::Election => self.election(from, cx),
                Message::Answer => self.answer(from, cx),
                Message::Coordinator => self.coordinator(from, cx),
                Message::Nominate => self.nominate(from, cx),
            },
            Input::Timer(timer) => self.timer(timer, cx),
            Input::Link { .. } => {}
        }
    }
}
