//! What the form of 1982 asks of its spans and of the network.

use rehearsal_protocol::election::garcia_molina::Config;
use rehearsal_sim::Reason;
use rehearsal_sim::network::Network;
use rehearsal_sim::source::Path;

use super::timing::{self, Wait};
use crate::shipped::network::{slowest, unfit};

/// Refuses what cannot be, and, unless `is_unsafe` allows them, networks that
/// the algorithm is not made for, and waits that messages can outlast. `form`
/// is where the fields stand.
pub(super) fn check(
    rules: &Config,
    form: &Path,
    is_unsafe: bool,
    network: &Network,
) -> Result<(), Reason> {
    let Config { answer_wait, check, timeout } = *rules;
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
    let way = slowest(network);
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
