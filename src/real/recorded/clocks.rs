use rehearsal_machine::Time;
use rehearsal_sim::Protocol;

use super::Recorded;

/// A time of a life's clock, and what it is in the joined trace.
#[derive(Clone, Copy)]
pub(super) struct Zero {
    clock: Time,
    trace: Time,
}

impl Zero {
    pub(super) fn shown(self, at: Time) -> Time {
        self.trace + at.since(self.clock)
    }
}

/// Where the times of each life begin. On one clock all begin with the earliest
/// start. Otherwise each node's begin with its own first start; and if it reads
/// another clock in a later life, that one goes on where the earlier one ended.
pub(super) fn zeros<P: Protocol>(of: &Recorded<P>) -> Vec<Zero> {
    let first = |place: usize| of.lives()[place].life.steps.first().map(|step| step.at);
    if of.is_on_one_clock() {
        let earliest = (0..of.lives().len()).filter_map(first).min().unwrap_or_default();
        return vec![Zero { clock: earliest, trace: Time::ZERO }; of.lives().len()];
    }
    let mut zeros: Vec<Zero> = Vec::new();
    // A life that was over before its start has no time to begin with.
    let mut before: Option<usize> = None;
    for (place, lived) in of.lives().iter().enumerate() {
        let begins = first(place).unwrap_or_default();
        let earlier = before.map(|before| (&of.lives()[before].life, zeros[before]));
        zeros.push(match earlier {
            Some((life, zero)) if life.header.node == lived.life.header.node => {
                if life.header.clock.is_same_as(&lived.life.header.clock) {
                    zero
                } else {
                    let end = life.steps.last().map_or(zero.trace, |step| zero.shown(step.at));
                    Zero { clock: begins, trace: end }
                }
            }
            _ => Zero { clock: begins, trace: Time::ZERO },
        });
        if !lived.life.steps.is_empty() {
            before = Some(place);
        }
    }
    zeros
}
