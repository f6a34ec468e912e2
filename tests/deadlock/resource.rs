//! Who asks, lends, gives back and withdraws: one party at a time.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use rehearsal::machine::{Effect, Input, Storage};
use rehearsal::protocol::resource::{
    Command, Config, Message, Model, Need, Output, Participant, Refusal, RequestId, Timer,
    Unexpected,
};

use super::support::node;

type Bench = super::bench::Bench<Participant>;

/// One party among five, of which n5 is a lock.
fn party(me: u32) -> Bench {
    party_with(me, |_| {})
}

fn party_with(me: u32, change: impl FnOnce(&mut Config)) -> Bench {
    let mut rules = Config {
        nodes: 5,
        locks: BTreeSet::from([node(5)]),
        model: Model::General,
        work: None,
        resend: None,
        restart: Duration::ZERO..=Duration::ZERO,
        two_phase: false,
    };
    change(&mut rules);
    let rules = Arc::new(rules);
    Bench::new(me, |me| Participant::new(Arc::clone(&rules), me, Default::default()))
}

impl Bench {
    fn asks(&mut self, of: &[u32], need: Need) -> Vec<(u32, Message)> {
        self.is_to(Command::Request { of: of.iter().map(|of| node(*of)).collect(), need })
    }

    fn ignored(&self) -> Vec<Unexpected> {
        let ignored = self.told().into_iter().filter_map(|output| match output {
            Output::Ignores { what, .. } => Some(*what),
            _ => None,
        });
        ignored.collect()
    }
}

fn request(number: u64) -> Message {
    Message::Request { number }
}

fn grant(number: u64) -> Message {
    Message::Grant { number }
}

fn release(number: u64) -> Message {
    Message::Release { number }
}

fn cancel(number: u64) -> Message {
    Message::Cancel { number }
}

#[test]
fn whoever_needs_all_works_when_the_last_has_given() {
    let mut bench = party(1);
    assert_eq!(bench.asks(&[2, 3], Need::All), [(2, request(1)), (3, request(1))]);
    bench.hears(3, grant(1));
    assert!(bench.told().is_empty());
    bench.hears(2, grant(1));
    assert_eq!(bench.told(), [&Output::Works]);
}

#[test]
fn whoever_needs_some_withdraws_what_it_does_not_need_any_more() {
    let mut bench = party(1);
    bench.asks(&[2, 3, 4, 5], Need::AtLeast(2));
    assert_eq!(bench.hears(3, grant(1)), []);
    assert_eq!(bench.hears(5, grant(1)), [(2, cancel(1)), (4, cancel(1))]);
    assert_eq!(bench.told(), [&Output::Works]);
}

#[test]
fn whoever_waits_gives_nothing_until_it_has_what_it_needs() {
    let mut bench = party(1);
    bench.asks(&[2], Need::All);
    bench.hears(3, request(1));
    assert_eq!(bench.is_to(Command::Release), []);
    assert_eq!(bench.told(), [&Output::Refuses(Refusal::Waiting)]);
    bench.hears(2, grant(1));
    assert_eq!(bench.is_to(Command::Release), [(3, grant(1))]);
}

#[test]
fn a_lock_is_lent_to_one_at_a_time_in_the_order_of_the_requests() {
    let mut lock = party(5);
    assert_eq!(lock.hears(3, request(1)), [(3, grant(1))]);
    assert_eq!(lock.hears(1, request(4)), []);
    assert_eq!(lock.hears(2, request(2)), []);
    assert_eq!(lock.hears(3, release(1)), [(1, grant(4))]);
    assert_eq!(lock.hears(1, release(4)), [(2, grant(2))]);
}

#[test]
fn a_lock_remembers_through_a_crash_to_whom_it_is_lent() {
    let mut lock = party(5);
    lock.hears(3, request(7));
    let saved = lock.effects.iter().filter_map(|effect| match effect {
        Effect::Save { cell, value: Some(value) } => Some((*cell, *value)),
        _ => None,
    });
    let storage: Storage<Participant> = saved.collect();
    let mut again = party(5);
    assert_eq!(again.takes(Input::Start(storage)), [(3, grant(7))]);
    assert_eq!(again.hears(1, request(1)), []);
    assert_eq!(again.hears(3, release(7)), [(1, grant(1))]);
}

#[test]
fn a_lock_that_comes_when_it_is_not_wanted_any_more_is_given_back_at_once() {
    let mut bench = party(1);
    bench.asks(&[2, 5], Need::Any);
    assert_eq!(bench.hears(2, grant(1)), [(5, cancel(1))]);
    assert_eq!(bench.hears(5, grant(1)), [(5, release(1))]);
    assert_eq!(bench.ignored(), [Unexpected::LateGrant(1)]);
}

#[test]
fn a_cancellation_that_overtakes_its_request_ends_it() {
    let mut lock = party(5);
    assert_eq!(lock.hears(1, cancel(3)), []);
    assert_eq!(lock.hears(1, request(3)), []);
    assert_eq!(lock.ignored(), [Unexpected::StaleRequest(3)]);
}

#[test]
fn a_cancellation_does_not_take_a_lock_from_whom_it_is_lent_to() {
    let mut lock = party(5);
    lock.hears(1, request(1));
    lock.hears(2, request(1));
    assert_eq!(lock.hears(1, cancel(1)), []);
    assert_eq!(lock.hears(1, request(1)), [(1, grant(1))], "it is still lent by this request");
    assert_eq!(lock.hears(1, release(1)), [(2, grant(1))]);
}

#[test]
fn a_request_is_answered_when_it_is_granted_and_when_a_later_one_has_come() {
    let mut bench = party(1);
    bench.hears(2, request(5));
    let answered = |bench: &Bench| {
        [4, 5, 6].map(|number| bench.machine().has_answered(RequestId { by: node(2), number }))
    };
    assert_eq!(answered(&bench), [true, false, false]);
    bench.is_to(Command::Release);
    assert_eq!(answered(&bench), [true, true, false]);
}

#[test]
fn what_is_said_twice_is_granted_once_and_answered_twice() {
    let mut bench = party(1);
    bench.hears(2, request(1));
    bench.hears(2, request(1));
    assert_eq!(bench.is_to(Command::Release), [(2, grant(1))]);
    assert_eq!(bench.hears(2, request(1)), [(2, grant(1))]);
    assert_eq!(bench.is_to(Command::Release), []);
}

#[test]
fn what_does_not_fit_is_ignored_and_said_to_be() {
    let mut bench = party(1);
    bench.asks(&[2], Need::All);
    let mut ignored = |from, message| {
        assert_eq!(bench.hears(from, message), [], "{message:?} from n{from}");
        bench.ignored()
    };
    assert_eq!(ignored(6, request(1)), [Unexpected::Stranger]);
    assert_eq!(ignored(1, grant(1)), [Unexpected::Stranger]);
    assert_eq!(ignored(3, grant(1)), [Unexpected::LateGrant(1)]);
    assert_eq!(ignored(2, grant(2)), [Unexpected::UnaskedGrant(2)]);
    assert_eq!(ignored(2, grant(0)), [Unexpected::UnaskedGrant(0)]);
    assert_eq!(ignored(2, release(1)), [Unexpected::StrayRelease(1)]);
    assert_eq!(ignored(3, request(4)), []);
    assert_eq!(ignored(3, request(3)), [Unexpected::StaleRequest(3)]);
    assert_eq!(ignored(3, cancel(3)), [Unexpected::StaleCancel(3)]);
    assert!(bench.machine().blocked_since().is_some(), "it waits as before");
    let mut lock = party(5);
    lock.hears(1, request(1));
    lock.hears(2, release(1));
    assert_eq!(lock.ignored(), [Unexpected::StrayRelease(1)]);
    lock.hears(1, grant(1));
    assert_eq!(lock.ignored(), [Unexpected::UnaskedGrant(1)]);
}

#[test]
fn what_cannot_be_asked_for_is_refused_with_the_reason() {
    let refused = |of: &[u32], need| {
        let mut bench = party(1);
        assert_eq!(bench.asks(of, need), []);
        bench.told().pop().cloned()
    };
    let refusal = |refusal| Some(Output::Refuses(refusal));
    assert_eq!(refused(&[1], Need::All), refusal(Refusal::NoSuchResource(node(1))));
    assert_eq!(refused(&[2, 6], Need::All), refusal(Refusal::NoSuchResource(node(6))));
    assert_eq!(refused(&[2, 3, 2], Need::All), refusal(Refusal::Twice(node(2))));
    assert_eq!(refused(&[], Need::All), refusal(Refusal::NoSuchNeed(Need::All)));
    let three = Need::AtLeast(3);
    assert_eq!(refused(&[2, 3], three), refusal(Refusal::NoSuchNeed(three)));
    let none = Need::AtLeast(0);
    assert_eq!(refused(&[2, 3], none), refusal(Refusal::NoSuchNeed(none)));
    let mut lock = party(5);
    lock.asks(&[1], Need::All);
    assert_eq!(lock.told().pop().cloned(), refusal(Refusal::Lock));
}

#[test]
fn a_lock_that_one_holds_is_not_asked_for_again() {
    let mut bench = party(1);
    bench.asks(&[5], Need::All);
    bench.hears(5, grant(1));
    assert_eq!(bench.asks(&[5, 2], Need::All), []);
    assert_eq!(bench.told(), [&Output::Refuses(Refusal::Held(node(5)))]);
}

#[test]
fn each_model_refuses_what_is_not_in_it() {
    let admits = |model, of: &[u32], need| {
        let mut bench = party_with(1, |rules| rules.model = model);
        !bench.asks(of, need).is_empty()
    };
    let asked = |model| {
        [
            admits(model, &[2], Need::All),
            admits(model, &[2, 3], Need::All),
            admits(model, &[2, 3], Need::Any),
            admits(model, &[2, 3, 4], Need::AtLeast(2)),
        ]
    };
    assert_eq!(asked(Model::Single), [true, false, false, false]);
    assert_eq!(asked(Model::And), [true, true, false, false]);
    assert_eq!(asked(Model::Or), [true, false, true, false]);
    assert_eq!(asked(Model::General), [true; 4]);
}

#[test]
fn whoever_gives_up_names_the_request_and_asks_again_under_another_number() {
    let mut bench = party(1);
    bench.asks(&[5], Need::All);
    bench.hears(5, grant(1));
    bench.asks(&[2], Need::All);
    bench.hears(3, request(9));
    let ours = |number| RequestId { by: node(1), number };
    assert_eq!(bench.is_to(Command::Abort(ours(1))), [], "that one is over");
    let gives = [(2, cancel(2)), (3, grant(9)), (5, release(1))];
    assert_eq!(bench.is_to(Command::Abort(ours(2))), gives);
    assert_eq!(bench.told(), [&Output::Aborts(ours(2))]);
    assert_eq!(bench.takes(Input::Timer(Timer::Restart)), [(2, request(3))]);
}

#[test]
fn under_two_phase_locking_whoever_has_given_back_asks_for_nothing_more() {
    let mut bench = party_with(1, |rules| rules.two_phase = true);
    bench.is_to(Command::Release);
    assert_eq!(bench.asks(&[5], Need::All), [(5, request(1))], "it had nothing to give");
    bench.hears(5, grant(1));
    bench.is_to(Command::Release);
    assert_eq!(bench.asks(&[2], Need::All), []);
    assert_eq!(bench.told(), [&Output::Refuses(Refusal::Shrinking)]);
}
