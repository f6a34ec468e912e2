//! Milder decisions and faults, and rounder numbers.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::ops::RangeInclusive;

use super::draft::{Draft, place_of};
use crate::fault::{Action, Disk, Fault, Target, When, Window};
use crate::plan::{Decision, DecisionKey};
use crate::source::TimeSpan;

/// One change of a draft.
pub(super) enum Change {
    Decision(DecisionKey, Decision),
    Fault(usize, Fault),
    /// A fault that strikes at random becomes one fault for each of its strikes.
    Strikes(usize, Vec<Fault>),
}

/// All changes that make a draft milder, each with the number of the part that it
/// is about, in the order of these numbers. Of one part the mildest comes first.
pub(super) fn changes(
    draft: &Draft,
    ranges: &BTreeMap<DecisionKey, RangeInclusive<u64>>,
) -> Vec<(usize, Change)> {
    let mut changes = Vec::new();
    for (number, (place, fault)) in draft.faults.iter().enumerate() {
        let strikes = strikes(draft, *place, fault).map(|faults| Change::Strikes(*place, faults));
        let fewer = fewer_at_random(draft, *place, fault);
        let milder = faults(fault).into_iter().map(|fault| Change::Fault(*place, fault));
        let all = strikes.into_iter().chain(fewer).chain(milder);
        changes.extend(all.map(|change| (number, change)));
    }
    for (number, (key, decision)) in draft.decisions.iter().enumerate() {
        let milder = decisions(decision, ranges.get(key));
        let change =
            |decision| (draft.faults.len() + number, Change::Decision(key.clone(), decision));
        changes.extend(milder.into_iter().map(change));
    }
    changes
}

pub(super) fn with(draft: &Draft, change: &Change) -> Draft {
    let mut draft = draft.clone();
    match change {
        Change::Decision(key, decision) => {
            draft.decisions.insert(key.clone(), decision.clone());
        }
        Change::Fault(place, fault) => {
            for (of, old) in &mut draft.faults {
                if of == place {
                    old.clone_from(fault);
                }
            }
        }
        Change::Strikes(place, faults) => {
            draft.faults.retain(|(of, _)| of != place);
            draft.decisions.retain(|key, _| place_of(key) != Some(*place));
            let free = draft.faults.iter().map(|(of, _)| *of).max().unwrap_or(0).max(*place) + 1;
            draft.faults.extend((free..).zip(faults.iter().cloned()));
        }
    }
    draft
}

fn decisions(decision: &Decision, range: Option<&RangeInclusive<u64>>) -> Vec<Decision> {
    let any = 0..=u64::MAX;
    let range = range.unwrap_or(&any);
    let span = |nanos| TimeSpan::from_nanos(nanos);
    match decision {
        Decision::Corrupt => vec![Decision::Lose],
        // The latest that the law allows is no fault at all.
        Decision::Lose if *range.end() < u64::MAX => vec![Decision::Delay(span(*range.end()))],
        Decision::Delay(delay) => {
            // A message that overtakes others is later than its distribution allows.
            let range = if range.contains(&delay.as_nanos()) { range } else { &any };
            rounder(delay.as_nanos(), range)
                .into_iter()
                .map(|ns| Decision::Delay(span(ns)))
                .collect()
        }
        Decision::Arm(after) => {
            rounder(after.as_nanos(), range).into_iter().map(|ns| Decision::Arm(span(ns))).collect()
        }
        Decision::Draw(number) => smaller(*number, range).map(Decision::Draw).collect(),
        Decision::Duplicate(delays) => copies(delays),
        Decision::Strike { at, node, effects, does } => {
            let strike =
                |at, effects| Decision::Strike { at, node: *node, effects, does: does.clone() };
            let whole = effects.map(|_| strike(*at, None));
            let times = at.map(|at| rounder(at.as_nanos(), &any)).unwrap_or_default();
            let at = |ns| strike(Some(span(ns)), *effects);
            whole.into_iter().chain(times.into_iter().map(at)).collect()
        }
        _ => Vec::new(),
    }
}

fn copies(delays: &[TimeSpan]) -> Vec<Decision> {
    let once = delays.iter().map(|delay| Decision::Delay(*delay));
    let fewer = (0..delays.len()).filter(|_| delays.len() > 2).map(|place| {
        let mut fewer = delays.to_vec();
        fewer.remove(place);
        Decision::Duplicate(fewer)
    });
    let rounder = delays.iter().enumerate().flat_map(|(place, delay)| {
        rounder(delay.as_nanos(), &(0..=u64::MAX)).into_iter().map(move |ns| {
            let mut rounder = delays.to_vec();
            rounder[place] = TimeSpan::from_nanos(ns);
            Decision::Duplicate(rounder)
        })
    });
    once.chain(fewer).chain(rounder).collect()
}

fn faults(fault: &Fault) -> Vec<Fault> {
    let actions = actions(&fault.action).into_iter();
    let mut faults: Vec<_> = actions.map(|action| Fault { action, ..fault.clone() }).collect();
    faults.extend(fewer(fault));
    if let When::At(at) = &fault.when {
        let times = rounder(at.as_nanos(), &(0..=u64::MAX)).into_iter();
        faults.extend(
            times.map(|ns| Fault { when: When::At(TimeSpan::from_nanos(ns)), ..fault.clone() }),
        );
    }
    faults
}

/// A filter that strikes fewer messages.
fn fewer(fault: &Fault) -> Vec<Fault> {
    let When::Each(trigger) = &fault.when else { return Vec::new() };
    let mut fewer = Vec::new();
    let is_plain = fault.window == Window::default() && !fault.lasting;
    if is_plain {
        fewer.push(Fault { when: When::On(trigger.clone()), ..fault.clone() });
    }
    let half = fault.window.times.map_or(8, |times| times.get() / 2);
    if let Some(times) = NonZeroU32::new(half) {
        let window = Window { times: Some(times), ..fault.window.clone() };
        fewer.push(Fault { window, ..fault.clone() });
    }
    if fault.lasting {
        fewer.push(Fault { lasting: false, ..fault.clone() });
    }
    fewer
}

/// The order is the one of harm: amnesia, restart; wipe, crash, pause.
fn actions(action: &Action) -> Vec<Action> {
    let spans = |span: TimeSpan| {
        rounder(span.as_nanos(), &(0..=u64::MAX)).into_iter().map(TimeSpan::from_nanos)
    };
    match action {
        Action::Wipe(node) => vec![Action::Crash(node.clone())],
        Action::Crash(node) => vec![Action::Pause { node: node.clone(), lasts: None }],
        Action::Amnesia(node) | Action::Upgrade(node) => vec![Action::Restart(node.clone())],
        Action::Bounce { node, down, disk } => {
            let bounce = |down, disk| Action::Bounce { node: node.clone(), down, disk };
            let milder = match disk {
                Disk::Intact => Action::Pause { node: node.clone(), lasts: Some(*down) },
                _ => bounce(*down, Disk::Intact),
            };
            let shorter = spans(*down).map(|down| bounce(down, *disk));
            std::iter::once(milder).chain(shorter).collect()
        }
        Action::Pause { node, lasts: Some(lasts) } => {
            let shorter = |lasts| Action::Pause { node: node.clone(), lasts: Some(lasts) };
            spans(*lasts).map(shorter).collect()
        }
        Action::Flap { sides, .. } => vec![Action::Partition(sides.clone())],
        Action::PutOff { node, timer, by } => {
            let sooner = |by| Action::PutOff { node: node.clone(), timer: timer.clone(), by };
            spans(*by).map(sooner).collect()
        }
        Action::Cut(pairs) => all_but_one(pairs).map(Action::Cut).collect(),
        Action::Break(pairs) => all_but_one(pairs).map(Action::Break).collect(),
        Action::Corrupt => vec![Action::Lose],
        Action::Delay(delay) => spans(*delay).map(Action::Delay).collect(),
        Action::Duplicate(later) => spans(*later).map(Action::Duplicate).collect(),
        _ => Vec::new(),
    }
}

/// The list without each of its elements, unless it has only one.
fn all_but_one<T: Clone>(list: &[T]) -> impl Iterator<Item = Vec<T>> {
    let places = if list.len() > 1 { 0..list.len() } else { 0..0 };
    places.map(|place| [&list[..place], &list[place + 1..]].concat())
}

/// A fault that strikes once and leaves its targets to chance: it becomes what it did, if a decision
/// says so, and otherwise strikes one link or session fewer.
fn fewer_at_random(draft: &Draft, place: usize, fault: &Fault) -> Option<Change> {
    if fault.is_timed_by_chance() || fault.is_repeated() {
        return None;
    }
    let did = draft.decisions.iter().find_map(|(key, decision)| match decision {
        Decision::Strike { does: Some(does), .. } if place_of(key) == Some(place) => Some(does),
        _ => None,
    });
    let with = |action| Fault { action, ..fault.clone() };
    match (did, &fault.action) {
        (Some(does), _) => Some(Change::Strikes(place, vec![with(does.clone())])),
        (None, Action::CutAny(count @ 2..)) => {
            Some(Change::Fault(place, with(Action::CutAny(count - 1))))
        }
        (None, Action::BreakAny(count @ 2..)) => {
            Some(Change::Fault(place, with(Action::BreakAny(count - 1))))
        }
        _ => None,
    }
}

/// What a fault that strikes at random did in this run, as faults of their own;
/// None if it cannot be said so.
fn strikes(draft: &Draft, place: usize, fault: &Fault) -> Option<Vec<Fault>> {
    if !fault.is_timed_by_chance() || fault.lasting {
        return None;
    }
    // What was spared, or struck in vain, did nothing.
    let of_fault = draft
        .decisions
        .iter()
        .filter(|(key, decision)| place_of(key) == Some(place) && **decision != Decision::Spare);
    let strike = |decision: &Decision| match (decision, fault.action.target()) {
        (Decision::Strike { at: Some(at), node, effects: None, does }, target) => {
            let action = match (node, target) {
                _ if does.is_some() => does.clone()?,
                (Some(node), _) => fault.action.clone().striking(Target::Node(*node)),
                (None, Some((_, Target::Any | Target::AnyOf(_)))) => return None,
                (None, _) => fault.action.clone(),
            };
            Some(Fault::new(When::At(*at), action))
        }
        _ => None,
    };
    of_fault.map(|(_, decision)| strike(decision)).collect()
}

/// Numbers of this range that are rounder or as round and smaller: in a plan `7ms`
/// reads better than `7041363ns`. The roundest comes first.
fn rounder(nanos: u64, range: &RangeInclusive<u64>) -> Vec<u64> {
    let mut found = Vec::new();
    for unit in UNITS {
        let below = nanos / unit * unit;
        found.extend([Some(below), below.checked_add(unit)].into_iter().flatten());
    }
    let half = range.start() + nanos.saturating_sub(*range.start()) / 2;
    found.push(half / MILLISECOND * MILLISECOND);
    found.retain(|other| range.contains(other) && cost(*other) < cost(nanos));
    let mut met = Vec::new();
    found.retain(|other| {
        !met.contains(other) && {
            met.push(*other);
            true
        }
    });
    found
}

/// Smaller numbers of this range, the smallest first.
fn smaller(number: u64, range: &RangeInclusive<u64>) -> impl Iterator<Item = u64> {
    let least = *range.start();
    let half = least + number.saturating_sub(least) / 2;
    let mut found = vec![least, half, number.saturating_sub(1)];
    found.dedup();
    found.into_iter().filter(move |other| (least..number).contains(other))
}

const MILLISECOND: u64 = 1_000_000;
const UNITS: [u64; 7] =
    [1_000 * MILLISECOND, 100 * MILLISECOND, 10 * MILLISECOND, MILLISECOND, 100_000, 10_000, 1_000];

/// How many digits a reader has to take in, and then how large it is.
fn cost(nanos: u64) -> (u32, u64) {
    let mut digits = nanos;
    while digits > 0 && digits.is_multiple_of(10) {
        digits /= 10;
    }
    (digits.checked_ilog10().map_or(0, |log| log + 1), nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_becomes_rounder_within_its_range() {
        assert_eq!(
            rounder(123_456_789, &(100_000_000..=125_000_000))[..2],
            [100_000_000, 120_000_000]
        );
        assert_eq!(
            rounder(7_041_363, &(7_000_001..=9_000_000)),
            [8_000_000, 7_100_000, 7_040_000, 7_050_000, 7_041_000, 7_042_000]
        );
        assert_eq!(rounder(2_000_000, &(0..=u64::MAX)), [0, 1_000_000]);
        assert!(rounder(1_000_000_000, &(1_000_000_000..=u64::MAX)).is_empty());
    }

    #[test]
    fn a_delay_beyond_its_distribution_becomes_rounder_too() {
        let late = Decision::Delay(TimeSpan::from_nanos(143_656_814));
        let milder = decisions(&late, Some(&(1_000_000..=10_000_000)));
        assert!(milder.contains(&Decision::Delay(TimeSpan::from_millis(150))), "{milder:?}");
    }

    #[test]
    fn whatever_becomes_rounder_again_and_again_comes_to_an_end() {
        let mut number = 987_654_321_987;
        for _ in 0..100 {
            match rounder(number, &(0..=u64::MAX)).last() {
                Some(next) => number = *next,
                None => return,
            }
        }
        panic!("{number} still becomes rounder");
    }
}
