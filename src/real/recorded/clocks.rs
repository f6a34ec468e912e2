use rehearsal_machine::Time;

use super::lives::Lives;

/// The beginning of a life's times: by its own clock, and in the joined trace.
#[derive(Clone, Copy)]
pub(super) struct Epoch0 {
    clock: Time,
    trace: Time,
}

impl Epoch0 {
    pub(super) fn shown(self, at: Time) -> Time {
        self.trace + at.since(self.clock)
    }
}

/// Where the times of each life begin. On one clock all begin with the earliest
/// start. Otherwise each node's begin with its own first start; and if it reads
/// another clock in a later life, that one goes on where the earlier one ended.
pub(super) fn epochs(of: &Lives) -> Vec<Epoch0> {
    let first = |place: usize| of.lives[place].life.steps.first().map(|step| step.at);
    if of.is_on_one_clock {
        let earliest = (0..of.lives.len()).filter_map(first).min().unwrap_or_default();
        return vec![Epoch0 { clock: earliest, trace: Time::ZERO }; of.lives.len()];
    }
    let mut epochs: Vec<Epoch0> = Vec::new();
    // A life that was over before its start has no time to begin with.
    let mut before: Option<usize> = None;
    for (place, lived) in of.lives.iter().enumerate() {
        let begins = first(place).unwrap_or_default();
        let earlier = before.map(|before| (&of.lives[before].life, epochs[before]));
        epochs.push(match earlier {
            Some((life, epoch)) if life.header.node == lived.life.header.node => {
                if life.header.clock.is_same_as(&lived.life.header.clock) {
                    epoch
                } else {
                    let end = life.steps.last().map_or(epoch.trace, |step| epoch.shown(step.at));
                    Epoch0 { clock: begins, trace: end }
                }
            }
            _ => Epoch0 { clock: begins, trace: Time::ZERO },
        });
        if !lived.life.steps.is_empty() {
            before = Some(place);
        }
    }
    epochs
}
