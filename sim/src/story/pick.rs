//! Which steps of a run a view tells, before rows are made of them.

use std::collections::BTreeSet;

use super::excerpt::{Gaps, chain_to, chain_to_the_last};
use super::fold::{Fold, Row};
use super::scenes::{NETWORK, Scene, each_scene};
use super::view::{Extent, Moment, View, is_called};
use crate::network::Network;
use crate::plan::DecisionKey;
use crate::trace::Trace;

/// The rows of a trace in this view; those of the steps that led to its end are not folded,
/// if that is what the reader looks for.
pub(super) fn rows(
    trace: &Trace,
    network: Option<&Network>,
    view: &View,
    keeps: &BTreeSet<u64>,
) -> Vec<Row> {
    match &view.extent {
        Extent::Usual | Extent::Folded => {
            let mut fold = Fold::new(view, keeps);
            each_picked(trace, network, view, false, |scene| fold.add(scene));
            fold.end()
        }
        Extent::Whole => {
            let mut rows = Vec::new();
            each_picked(trace, network, view, true, |scene| rows.push(Row::Scene(scene)));
            rows
        }
        Extent::Around { what, context } => around(trace, network, view, what, *context),
    }
}

fn around(
    trace: &Trace,
    network: Option<&Network>,
    view: &View,
    what: &Moment,
    context: usize,
) -> Vec<Row> {
    let (number, chain) = match what {
        Moment::Failure => (u64::MAX, chain_to_the_last(trace)),
        Moment::Event(number) => (*number, chain_to(trace, *number)),
        Moment::Key(key) => {
            let found = trace.iter().find(|event| event.what.key().as_ref() == Some(key));
            let number = found.map_or(0, |event| event.number);
            (number, chain_to(trace, number))
        }
    };
    let mut count = 0_usize;
    each_picked(trace, network, view, false, |scene| count += usize::from(scene.number <= number));
    let last = count.saturating_sub(1);
    let shown = last.saturating_sub(context)..=last.saturating_add(context);
    let mut gaps = Gaps::default();
    let mut place = 0;
    each_picked(trace, network, view, false, |scene| {
        let is_shown = count > 0 && shown.contains(&place) || chain.contains(&scene.number);
        place += 1;
        if is_shown { gaps.tell(Row::Scene(scene)) } else { gaps.skip(Row::Scene(scene)) }
    });
    gaps.end()
}

/// Hands over the steps that the view does not leave out.
pub(super) fn each_picked(
    trace: &Trace,
    network: Option<&Network>,
    view: &View,
    with_saves: bool,
    mut see: impl FnMut(Scene),
) {
    let only: BTreeSet<_> = view.only.iter().map(ToString::to_string).collect();
    let mut unseen_roles = Vec::new();
    each_scene(trace, network, with_saves, |mut scene| {
        let is_hidden = |key: &Option<DecisionKey>| {
            key.as_ref().is_some_and(|key| view.hidden.iter().any(|name| is_called(key, name)))
        };
        scene.effects.retain(|effect| !is_hidden(&effect.key));
        let is_of_others = !only.is_empty() && scene.who != NETWORK && !only.contains(&scene.who);
        let says_nothing = scene.effects.is_empty() && scene.roles.is_empty();
        if is_of_others || says_nothing && is_hidden(&scene.cause.key) {
            unseen_roles.append(&mut scene.roles);
        } else {
            scene.unseen_roles = std::mem::take(&mut unseen_roles);
            see(scene);
        }
    });
}
