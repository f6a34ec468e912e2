//! Which node hears which.

use rehearsal::machine::NodeId;
use rehearsal::sim::trace::{Event, EventKind};

use super::Circumstances;

pub(super) struct Cuts<'a> {
    of: &'a Circumstances,
    cuts: Vec<Cut>,
}

#[derive(PartialEq)]
enum Cut {
    Sides(Vec<Vec<NodeId>>),
    Links(Vec<(NodeId, NodeId)>),
    /// One of several alike has ended, and the trace does not say which.
    Perhaps(Vec<Vec<NodeId>>),
}

impl<'a> Cuts<'a> {
    pub(super) fn new(of: &'a Circumstances) -> Self {
        Self { of, cuts: Vec::new() }
    }

    pub(super) fn see(&mut self, event: &Event) {
        match &event.what {
            EventKind::Partition { sides } => self.cuts.push(Cut::Sides(sides.clone())),
            EventKind::Cut { links } => self.cuts.push(Cut::Links(links.clone())),
            EventKind::Mend { sides } => {
                let ended = Cut::Sides(sides.clone());
                let alike = self.cuts.iter().filter(|cut| **cut == ended).count();
                if alike == 1 {
                    self.cuts.retain(|cut| *cut != ended);
                } else {
                    let alike = self.cuts.iter_mut().filter(|cut| **cut == ended);
                    alike.for_each(|cut| *cut = Cut::Perhaps(sides.clone()));
                }
            }
            EventKind::Heal => self.cuts.clear(),
            EventKind::Calm if self.of.core.is_empty() => self.cuts.clear(),
            _ => {}
        }
    }

    /// Does one hear the other? `None` if the trace does not say.
    pub(super) fn cut(&self, from: NodeId, to: NodeId) -> Option<bool> {
        let side = |sides: &[Vec<NodeId>], node| sides.iter().position(|side| side.contains(&node));
        let separates = |sides: &[Vec<NodeId>]| side(sides, from) != side(sides, to);
        let is_cut = self.cuts.iter().any(|cut| match cut {
            Cut::Sides(sides) => separates(sides),
            Cut::Links(links) => links.contains(&(from, to)),
            Cut::Perhaps(_) => false,
        });
        let may_be =
            self.cuts.iter().any(|cut| matches!(cut, Cut::Perhaps(sides) if separates(sides)));
        if may_be && !is_cut { None } else { Some(is_cut) }
    }
}
