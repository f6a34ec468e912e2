use alloc::vec::Vec;

use super::{Chat, Line, Output, Refusal};
use crate::deadlock::{self, Site, Told};
use crate::election::Elector as _;
use rehearsal_machine::{Context, Input};

impl Chat {
    pub(super) fn command_resources(
        &mut self,
        command: deadlock::Command,
        cx: &mut Context<'_, Self>,
    ) {
        if self.resources.is_none() {
            return self.tell(Output::Refuses(Refusal::NoResources), cx);
        }
        match command {
            deadlock::Command::Leader(_) | deadlock::Command::Suspect => {
                self.tell(Output::Refuses(Refusal::NotTheirs), cx);
            }
            command => self.ask_resources(Input::Command(command), cx),
        }
    }

    /// Its detector may work at the leader.
    pub(super) fn tell_leader(&mut self, cx: &mut Context<'_, Self>) {
        let leader = deadlock::Command::Leader(self.leader());
        self.ask_resources(Input::Command(leader), cx);
    }

    pub(super) fn ask_resources(&mut self, input: Input<Site>, cx: &mut Context<'_, Self>) {
        let Some(site) = &mut self.resources else { return };
        let effects: Vec<_> = cx.run(site, input).collect();
        for effect in effects {
            let Some(told) = cx.adopt(effect) else { continue };
            match &told {
                Told::Detector(deadlock::Output::Finds(verdict)) => {
                    self.window.push_verdict(cx.me(), verdict.clone());
                }
                Told::Detector(deadlock::Output::Hears { from, verdict }) => {
                    self.window.push_verdict(*from, verdict.clone());
                }
                _ => self.window.push(Line::Told(Output::Resources(told.clone()))),
            }
            cx.emit(Output::Resources(told));
        }
    }
}
