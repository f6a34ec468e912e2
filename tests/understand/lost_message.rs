//! Of two runs that differ by one lost message, that message is the first line.

use rehearsal::sim::diff::{Side, compare};
use rehearsal::sim::plan::{Decision, DecisionKey, MessageKey, Plan};
use rehearsal::sim::story::{self, Told};
use rehearsal::sim::trace::{Event, EventKind};
use rehearsal::sim::{Outcome, Trace};

use crate::stock::{Stock, run, stock};

/// So many messages of each scenario are lost, one at a time.
const MOST_MESSAGES: usize = 20;

#[test]
fn a_lost_message_is_the_first_line_of_the_diff_on_every_scenario() {
    let stock = stock();
    let (first, second) = stock.split_at(stock.len() / 2);
    let (first, second) = std::thread::scope(|scope| {
        let first = scope.spawn(|| lose_each(first));
        let second = lose_each(second);
        (first.join().expect("its assertions hold"), second)
    });
    let (lost, alike) = (first.0 + second.0, first.1 + second.1);
    assert!(lost > 2_000 && alike > 20, "{lost} were lost, {alike} made no difference");
}

/// How many messages were lost, and of how many the loss makes no difference.
fn lose_each(stock: &[Stock]) -> (usize, usize) {
    let (mut lost, mut alike) = (0, 0);
    for one in stock {
        let before = one.run();
        let events = before.events.as_ref().expect("they were kept");
        let mut is_any_told = false;
        for key in messages(events).into_iter().take(MOST_MESSAGES) {
            let after = run(&losing(&one.plan, &key));
            if is_told(one, &key, &before, &after) {
                lost += 1;
                is_any_told = true;
            } else {
                alike += 1;
            }
        }
        // What is lost already cannot be lost, and neither the calm nor a session allows a loss.
        let has_sessions = one.synopsis().network.sessions.is_some();
        let disturbed = events.iter().take_while(|event| event.what != EventKind::Calm);
        let leaves = |event: &Event| matches!(event.what, EventKind::Send { lost: None, .. });
        let can_be = !has_sessions && disturbed.filter(leaves).count() > 0;
        assert!(is_any_told || !can_be, "{}", one.file.display());
    }
    (lost, alike)
}

/// Whether the message is told to be lost; not if the runs are the same.
fn is_told(one: &Stock, key: &MessageKey, before: &Outcome, after: &Outcome) -> bool {
    let [a, b] = [before, after].map(|run| run.events.as_ref().expect("they were kept"));
    let side = |run| Side { events: run, checkpoints: &[] };
    let diff = compare(side(a), side(b));
    let here = format!("{}: {key}", one.file.display());
    assert_eq!(diff.is_equal(), before.digest == after.digest, "{here}");
    let with_checkpoints = compare(
        Side { events: a, checkpoints: &before.checkpoints },
        Side { events: b, checkpoints: &after.checkpoints },
    );
    assert_eq!(diff, with_checkpoints, "{here}");
    let told = |events| Told {
        events,
        network: Some(&one.synopsis().network),
        nodes: one.synopsis().nodes as usize,
    };
    let text = story::of_first(&diff, told(a), told(b));
    if diff.is_equal() {
        assert_eq!(text, "", "{here}");
        return false;
    }
    let first = diff.first.expect("they are not equal");
    assert_eq!(first.key(), Some(DecisionKey::Message(key.clone())), "{here}");
    // The calm forbids a loss: the message then arrives after the usual time.
    let calm = a.iter().find(|event| event.what == EventKind::Calm);
    let is_after_calm = calm.is_some_and(|calm| calm.at <= first.at());
    let is_sent = |event: Event, is_lost: bool| match event.what {
        EventKind::Send { message, lost, .. } => {
            message == *key && (!is_lost || lost.is_some() || is_after_calm)
        }
        _ => false,
    };
    assert!(first.a.as_ref().is_some_and(|event| is_sent(event.clone(), false)), "{here}");
    assert!(first.b.as_ref().is_some_and(|event| is_sent(event.clone(), true)), "{here}");
    let line = text.lines().next().unwrap_or_default();
    assert!(line.ends_with(&format!(": {key}")), "{here}: {line}");
    true
}

fn messages(events: &Trace) -> Vec<MessageKey> {
    let sent = events.iter().filter_map(|event| match event.what {
        EventKind::Send { message, .. } => Some(message),
        _ => None,
    });
    sent.collect()
}

fn losing(plan: &Plan, key: &MessageKey) -> Plan {
    let mut plan = plan.clone();
    plan.decisions.insert(DecisionKey::Message(key.clone()), Decision::Lose);
    plan
}
