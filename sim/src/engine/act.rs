//! What faults do to the world, and what the calm undoes.

use rehearsal_machine::NodeId;

use super::fault_state::Aim;
use super::pending::Pending;
use super::run::Run;
use crate::fault::{Action, Disk, Fault};
use crate::network::{By, Link};
use crate::protocol::Protocol;
use crate::queue::Key;
use crate::source::TimeSpan;
use crate::trace::RawEvent;

impl<P: Protocol> Run<'_, P> {
    /// What a fault does.
    pub(super) fn act(&mut self, place: usize, aim: Aim) {
        self.faults.counts[place] += 1;
        let Aim { node, does } = aim;
        let scenario = self.scenario;
        let Fault { action, lasting, .. } = &scenario.faults()[place];
        let (action, is_lasting) = (does.as_ref().unwrap_or(action), *lasting);
        match (action, node) {
            (Action::Crash(_), Some(node)) => self.take_down(node, Disk::Intact),
            (Action::Wipe(_), Some(node)) => {
                if self.can_go_down(node) {
                    self.take_down(node, Disk::Wiped);
                } else {
                    self.wipe(node);
                }
            }
            (Action::Bounce { down, disk, .. }, Some(node)) => {
                if self.can_go_down(node) {
                    self.take_down(node, *disk);
                    self.restart(node, *down);
                }
            }
            (Action::Restart(_) | Action::Start(_), Some(node)) => {
                if !self.world.is_up(node) {
                    self.restart(node, TimeSpan::ZERO);
                }
            }
            (Action::Amnesia(_), Some(node)) => {
                if !self.world.is_up(node) {
                    self.wipe(node);
                    self.restart(node, TimeSpan::ZERO);
                }
            }
            (Action::Upgrade(_), Some(node)) => {
                if !self.world.is_up(node) {
                    self.upgrade(node);
                    self.restart(node, TimeSpan::ZERO);
                }
            }
            (Action::LyingDisk(_), Some(node)) => {
                self.lie(node);
                if is_lasting {
                    self.faults.outlived.disks.insert(node);
                }
            }
            (Action::Pause { lasts, .. }, Some(node)) => {
                // What comes for a node that is down finds nobody: it does not wait.
                if self.can_go_down(node) {
                    self.pause(By { place, is_lasting }, node, *lasts);
                }
            }
            (Action::Resume(_), Some(node)) => self.resume(node),
            (Action::Skew { by, .. }, Some(node)) => self.skew(node, *by),
            (Action::Step { by, .. }, Some(node)) => self.step_clock(node, *by),
            (Action::Drift { by, .. }, Some(node)) => {
                self.drift(node, *by);
                let clocks = &mut self.faults.outlived.clocks;
                if is_lasting {
                    clocks.insert(node)
                } else {
                    clocks.remove(&node)
                };
            }
            (Action::Fire { timer, .. }, Some(node)) => {
                self.move_timer(node, timer, None, is_lasting);
            }
            (Action::PutOff { timer, by, .. }, Some(node)) => {
                self.move_timer(node, timer, Some(*by), is_lasting);
            }
            _ => self.act_on_network(By { place, is_lasting }, action),
        }
    }

    fn take_down(&mut self, node: NodeId, disk: Disk) {
        self.crash(node, disk);
        if let Some(most) = self.scenario.budget()
            && self.lives.down.len() > most as usize
        {
            self.watch.judge.judge_safety_alone("more nodes were down than the budget has");
        }
    }

    fn act_on_network(&mut self, by: By, action: &Action) {
        let By { place, is_lasting } = by;
        let nodes = self.world.nodes.len();
        match action {
            Action::Partition(sides) => {
                self.transit.traffic.cuts.part(by, nodes, sides);
                self.record(&RawEvent::Partition { sides });
                self.review_sessions_between(sides);
            }
            Action::OneWay { from, to } => {
                let links = from.iter().flat_map(|from| to.iter().map(|to| Link::new(*from, *to)));
                self.cut(by, links.filter(|link| link.from != link.to).collect());
            }
            Action::Cut(pairs) => {
                let both =
                    |(one, other): &(_, _)| [Link::new(*one, *other), Link::new(*other, *one)];
                self.cut(by, pairs.iter().flat_map(both).collect());
            }
            Action::Flap { .. } => {
                // One that comes and goes already begins anew.
                self.transit.traffic.cuts.mend(place);
                self.faults.flapped += 1;
                let number = self.faults.flapped;
                self.faults.flaps.insert(place, number);
                self.flap(place, number, false);
            }
            Action::Heal => {
                self.transit.traffic.cuts.heal();
                self.faults.flaps.clear();
                self.record(&RawEvent::Heal);
                self.review_sessions();
            }
            Action::Break(pairs) => self.break_sessions(pairs, is_lasting),
            Action::Hold { from, to } => {
                let link = Link::new(*from, *to);
                if is_lasting || !self.transit.calm.protects(link) {
                    self.transit.traffic.hold(link, is_lasting);
                    self.record(&RawEvent::Hold { link });
                }
            }
            Action::Release { from, to } => self.release(Link::new(*from, *to)),
            _ => unreachable!("faults[{place}] acts on a message and was loaded without one"),
        }
    }

    fn cut(&mut self, by: By, links: Vec<Link>) {
        self.record(&RawEvent::Cut { links: &links });
        self.transit.traffic.cuts.cut_links(by, links.clone());
        self.review_sessions_on(links.into_iter());
    }

    /// A partition that comes and goes does either, and will do the other.
    pub(super) fn flap(&mut self, place: usize, number: u32, opens: bool) {
        let scenario = self.scenario;
        let Fault { action: Action::Flap { sides, cut, open }, lasting, .. } =
            &scenario.faults()[place]
        else {
            return;
        };
        let by = By { place, is_lasting: *lasting };
        let lasts = if opens {
            self.transit.traffic.cuts.mend(place);
            self.record(&RawEvent::Mend { sides });
            open
        } else {
            self.transit.traffic.cuts.part(by, self.world.nodes.len(), sides);
            self.record(&RawEvent::Partition { sides });
            cut
        };
        self.review_sessions_between(sides);
        let key = Key::follows(self.world.now + *lasts, place, number);
        self.schedule(key, Pending::Flap { place: place as u32, number, opens: !opens });
    }

    fn release(&mut self, link: Link) {
        if self.transit.traffic.release(link) {
            self.record(&RawEvent::Release { link });
            self.let_go(link);
        }
    }

    /// All disturbances end for the nodes that the calm is for.
    pub(super) fn become_calm(&mut self) {
        self.transit.calm.begin();
        self.record(&RawEvent::Calm);
        if self.transit.calm.is_for_all() {
            self.faults.calm();
        }
        self.transit.traffic.calm(self.world.now, &self.transit.calm);
        let calmed: Vec<_> = self
            .transit
            .held
            .keys()
            .copied()
            .filter(|link| self.transit.calm.protects(*link))
            .filter(|link| !self.transit.traffic.is_held(*link))
            .collect();
        for link in calmed {
            self.let_go(link);
        }
        self.let_go_in_calm();
        self.review_sessions();
        let core: Vec<_> =
            self.world.nodes().filter(|node| self.transit.calm.is_core(*node)).collect();
        for node in core {
            if !self.faults.outlived.disks.contains(&node) {
                self.lives.disks.be_honest(node);
            }
            if !self.lives.pauses.outlives_calm(node) {
                self.resume(node);
            }
            let is_wrong_for_good = self.faults.outlived.clocks.contains(&node);
            if !is_wrong_for_good && self.world.clocks.run_true(node, self.world.now) {
                self.clock_changed(node);
            }
            self.put_back(node);
        }
    }
}
