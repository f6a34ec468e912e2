//! Faults in a few words, for the head of a trace: `lose n3->n2 answer #1`.

use std::fmt;

use rehearsal_machine::NodeId;

use super::{Action, Disk, Fault, Rate, Shift, Trigger, When, Window};

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = &self.name {
            write!(f, "{name}: ")?;
        }
        f.write_str(&self.words())
    }
}

impl Fault {
    /// What it does and when, without its name.
    pub(crate) fn words(&self) -> String {
        let Self { when, window, lasting, action, .. } = self;
        let mut words = match when {
            When::At(at) => format!("{action} at {at}"),
            When::Within(least, most) => format!("{action} at {least}..{most}"),
            When::On(trigger) if action.is_on_message() => format!("{action} {trigger}"),
            When::On(trigger) => format!("{action} after {trigger}"),
            When::Each(trigger) => {
                let after = if action.is_on_message() { "" } else { "after " };
                let from = match trigger.nth().get() {
                    1 => String::new(),
                    nth => format!(" from #{nth} on"),
                };
                format!("{action} {after}each {}{from}", Event(trigger))
            }
            When::Every(gap) => format!("{action} every {gap}"),
        };
        words += &window.to_string();
        words + if *lasting { ", lasting" } else { "" }
    }
}

/// What follows the words of a fault or a command: `, after .., from .., until .., 3 times`.
impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { after, from, before, until, times } = self;
        after.iter().try_for_each(|trigger| write!(f, ", after {trigger}"))?;
        from.iter().try_for_each(|from| write!(f, ", from {from}"))?;
        before.iter().try_for_each(|trigger| write!(f, ", before {trigger}"))?;
        until.iter().try_for_each(|until| write!(f, ", until {until}"))?;
        times.iter().try_for_each(|times| write!(f, ", {times} times"))
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Crash(node) => write!(f, "crash {node}"),
            Self::Restart(node) => write!(f, "restart {node}"),
            Self::Amnesia(node) => write!(f, "restart {node} without storage"),
            Self::Upgrade(node) => write!(f, "upgrade {node}"),
            Self::Start(node) => write!(f, "start {node}"),
            Self::Bounce { node, down, disk } => {
                let disk = match disk {
                    Disk::Intact => "",
                    Disk::LosesLast => " with its last save lost",
                    Disk::TearsLast => " with its last save torn",
                    Disk::Wiped => " with its storage wiped",
                };
                write!(f, "crash {node} for {down}{disk}")
            }
            Self::Wipe(node) => write!(f, "wipe {node}"),
            Self::LyingDisk(node) => write!(f, "lying disk of {node}"),
            Self::Pause { node, lasts: None } => write!(f, "pause {node}"),
            Self::Pause { node, lasts: Some(lasts) } => write!(f, "pause {node} for {lasts}"),
            Self::Resume(node) => write!(f, "resume {node}"),
            Self::Fire { node, timer } => write!(f, "fire {timer} of {node}"),
            Self::PutOff { node, timer, by } => write!(f, "put {timer} of {node} off by {by}"),
            Self::Skew { node, by } => write!(f, "clock of {node} {by} the true one"),
            Self::Step { node, by } => write!(f, "clock of {node} jumps {by}"),
            Self::Drift { node, by } => write!(f, "clock of {node} {by}"),
            Self::Partition(sides) => write!(f, "partition {}", Sides(sides)),
            Self::OneWay { from, to } => write!(f, "cut {}->{}", Side(from), Side(to)),
            Self::Cut(pairs) => {
                f.write_str("cut")?;
                pairs.iter().try_for_each(|(one, other)| write!(f, " {one}-{other}"))
            }
            Self::Flap { sides, cut, open } => {
                write!(f, "partition {} for {cut} and not for {open}", Sides(sides))
            }
            Self::Split(sizes) => {
                f.write_str("split")?;
                for (place, size) in sizes.iter().enumerate() {
                    write!(f, "{} {size}", if place == 0 { "" } else { " |" })?;
                }
                Ok(())
            }
            Self::CutAny(1) => write!(f, "cut any link"),
            Self::CutAny(pairs) => write!(f, "cut any {pairs} links"),
            Self::Break(pairs) => {
                f.write_str("break")?;
                pairs.iter().try_for_each(|(one, other)| write!(f, " {one}-{other}"))
            }
            Self::BreakAny(1) => write!(f, "break any session"),
            Self::BreakAny(sessions) => write!(f, "break any {sessions} sessions"),
            Self::Heal => write!(f, "heal"),
            Self::Hold { from, to } => write!(f, "hold {from}->{to}"),
            Self::Release { from, to } => write!(f, "release {from}->{to}"),
            Self::Lose => write!(f, "lose"),
            Self::Delay(span) => write!(f, "delay to {span}"),
            Self::Duplicate(span) => write!(f, "double after {span}"),
            Self::Corrupt => write!(f, "corrupt"),
            Self::Withhold => write!(f, "withhold"),
        }
    }
}

const ANY: &str = "any node";

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} #{}", Event(self), self.nth().get())
    }
}

/// What fits a trigger, whichever of its kind it is.
struct Event<'a>(&'a Trigger);

impl fmt::Display for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let who = |node: &Option<NodeId>, role: &Option<char>, unnamed: &str| match (node, role) {
            (Some(node), None) => node.to_string(),
            (Some(node), Some(role)) => format!("{node} as '{role}'"),
            (None, Some(role)) => format!("'{role}'"),
            (None, None) => unnamed.to_owned(),
        };
        let what = |what: &Option<String>| {
            what.as_ref().map_or_else(String::new, |what| format!(" {what}"))
        };
        let quoted = |text: &Option<String>| {
            text.as_ref().map_or_else(String::new, |text| format!(" \"{text}\""))
        };
        match self.0 {
            Trigger::Sends { from, role, to, kind, text, .. } => {
                let (from, to) = (who(from, role, "any"), who(to, &None, "any"));
                write!(f, "{from}->{to}{}{}", what(kind), quoted(text))
            }
            Trigger::Receives { node, role, from, kind, text, .. } => {
                let (node, from) = (who(node, role, "any"), who(from, &None, "any"));
                write!(f, "{node}<-{from}{}{}", what(kind), quoted(text))
            }
            Trigger::Emits { node, role, text: None, .. } => {
                write!(f, "{}'s output", who(node, role, ANY))
            }
            Trigger::Emits { node, role, text: Some(text), .. } => {
                write!(f, "{} {text}", who(node, role, ANY))
            }
            Trigger::Fires { node, role, timer, .. } => {
                write!(f, "{}'s timeout{}", who(node, role, ANY), what(timer))
            }
            Trigger::Saves { node, role, cell, .. } => {
                write!(f, "{}'s save{}", who(node, role, ANY), what(cell))
            }
            Trigger::Hears { node, role, peer, up, .. } => {
                let news = match up {
                    Some(true) => "link up",
                    Some(false) => "link down",
                    None => "link",
                };
                write!(f, "{}'s {news} to {}", who(node, role, ANY), who(peer, &None, "any"))
            }
            Trigger::Becomes { node, role, .. } => {
                write!(f, "{} becomes '{role}'", who(node, &None, ANY))
            }
            Trigger::Effect { of, .. } => write!(f, "{of}'s effect"),
        }
    }
}

impl fmt::Display for Shift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ahead(span) => write!(f, "{span} ahead"),
            Self::Behind(span) => write!(f, "{span} behind"),
        }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fast(ratio) => write!(f, "fast by {ratio}"),
            Self::Slow(ratio) => write!(f, "slow by {ratio}"),
        }
    }
}

/// The sides of a partition: `1 2 | 3`.
pub(crate) struct Sides<'a>(pub(crate) &'a [Vec<NodeId>]);

impl fmt::Display for Sides<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, side) in self.0.iter().enumerate() {
            f.write_str(if place == 0 { "" } else { " | " })?;
            write!(f, "{}", Side(side))?;
        }
        Ok(())
    }
}

struct Side<'a>(&'a [NodeId]);

impl fmt::Display for Side<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, node) in self.0.iter().enumerate() {
            write!(f, "{}{}", if place == 0 { "" } else { " " }, node.number())?;
        }
        Ok(())
    }
}
