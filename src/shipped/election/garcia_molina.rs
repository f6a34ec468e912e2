//! What the form of 1982 asks of its spans and of the network.

use rehearsal_protocol::election::garcia_molina::Rules;
use rehearsal_sim::Reason;
use rehearsal_sim::network::{Fifo, Network};
use rehearsal_sim::source::Path;

use super::timing::{self, Wait};

/// Refuses what cannot be, and, unless `is_unsafe` allows them, networks that
/// the algorithm is not made for, and waits that messages can outlast. `form`
/// is where the fields stand.
pub(super) fn check(
    rules: &Rules,
    form: &Path,
    is_unsafe: bool,
    network: &Network,
) -> Result<(), Reason> {
    let Rules { answer_wait, check, timeout } = *rules;
    let spans = [("answer_wait", answer_wait), ("check", check), ("timeout", timeout)];
    timing::lasts(&spans, form)?;
    if is_unsafe {
        return Ok(());
    }
    if let Some((what, remedy)) = unfit(network) {
        let message = format!("this form takes silence for a crash, and the network {what}");
        let help = format!("{remedy}, or say `unsafe_timing: true` to show what comes of it");
        return Err(Reason::new(message).at(form.clone()).help(help));
    }
    let way = timing::slowest(network);
    timing::outlasts_answers(answer_wait, way, form)?;
    let least = Wait {
        field: "timeout",
        given: timeout,
        least: check.saturating_add(answer_wait).saturating_add(way),
        why: "the coordinator asks again `check` after the last answer is in or given up, and a \
              message delay passes",
    };
    least.check(form)
}

/// What keeps the network from being one that loses nothing and on which no
/// message overtakes another, and the remedy.
pub(crate) fn unfit(network: &Network) -> Option<(&'static str, &'static str)> {
    let Network { delay, latency: _, loss, corrupt, duplicate, .. } = network;
    let overtakes = delay.least() != delay.most() && network.fifo != Fifo::All;
    let holds_back = network.reorder.is_some_and(|reorder| !reorder.share.is_never());
    let is_full = network.bandwidth.is_some_and(|bandwidth| bandwidth.queue.is_some());
    [
        (!loss.is_never(), "loses messages", "leave out `loss`"),
        (!corrupt.is_never(), "damages messages", "leave out `corrupt`"),
        (!duplicate.is_never(), "doubles messages", "leave out `duplicate`"),
        (holds_back, "holds messages back", "leave out `reorder`"),
        (is_full, "loses what finds no room", "leave out the `queue` of `bandwidth`"),
        (overtakes, "lets messages overtake each other", "say `fifo: All`, or a `Fixed` delay"),
    ]
    .into_iter()
    .find_map(|(is_so, what, remedy)| is_so.then_some((what, remedy)))
}
