//! Probes: what they cost, how long they take, who finds what, who gives up.

use rehearsal::protocol::deadlock::any::Message;
use rehearsal::protocol::deadlock::chasing;
use rehearsal::protocol::deadlock::{DetectorInput, Early, Output, Refusal, Verdict, Victims};
use rehearsal::protocol::resource::{View, Wait};

use super::rounds::{DELAY, EAGER, Form, PERIOD, QUIET, Rules};
use crate::drive::{Delay, at, ms};
use crate::support::node;
use crate::waits::{Model, NOBODY, Waits, clique, id};

const PROBES: Form = Form::Chasing;

#[test]
fn a_round_costs_the_edges_out_of_whom_it_reaches_and_finds_whoever_is_on_a_cycle() {
    PROBES.assert_rounds();
}

#[test]
fn when_all_begin_all_on_a_cycle_find_it_and_nobody_else() {
    PROBES.assert_all_find_it_once();
}

#[test]
fn a_ring_of_n_takes_n_probes_and_n_delays_and_n_squared_if_all_begin() {
    for n in 2..=64 {
        let world = PROBES.begin(&Waits::ring(n), 1);
        assert_eq!(world.count("probe"), n as usize);
        assert_eq!(world.found(), [(at(u64::from(n) * DELAY), 1)]);
        let mut world = PROBES.settled(&Waits::ring(n), EAGER);
        world.run_until(PERIOD - 1);
        assert_eq!(world.count("probe"), (n * n) as usize);
        assert_eq!(world.finders().len(), n as usize);
    }
}

#[test]
fn where_all_wait_for_all_a_round_is_a_probe_on_every_edge() {
    for n in 2..=16 {
        let world = PROBES.begin(&Waits::of(Model::And, n, &clique(n)), 1);
        assert_eq!(world.count("probe"), (n * (n - 1)) as usize);
        assert_eq!(world.found(), [(at(2 * DELAY), 1)]);
    }
}

#[test]
fn whoever_is_behind_a_cycle_sends_as_many_and_never_finds_it() {
    let waits = Waits::of(Model::And, 4, &[(1, 2), (2, 3), (3, 4), (4, 2)]);
    let mut world = PROBES.settled(&waits, QUIET);
    (0..5).for_each(|_| world.ask(1, DetectorInput::Check));
    world.run_until(PERIOD - 1);
    assert_eq!((world.count("probe"), world.finders()), (5 * 4, vec![]));
}

#[test]
fn rounds_go_on_while_the_wait_lasts() {
    let mut world = PROBES.settled(&Waits::ring(3), QUIET);
    world.run_until(PERIOD - 1);
    assert_eq!(world.count("probe"), 0);
    world.run_until(3 * PERIOD + PERIOD / 2);
    assert_eq!((world.count("probe"), world.finders().len()), (3 * 9, 9));
    (1..=3).for_each(|number| world.look(number, &View::default()));
    world.run_until(9 * PERIOD);
    assert_eq!(world.count("probe"), 3 * 9);
}

#[test]
fn late_doubled_and_lost_probes_do_no_harm() {
    PROBES.assert_found_in_the_end(Delay::Copies(&[0, 1, 1, 2], ms(3 * PERIOD)), |_| QUIET);
}

#[test]
fn a_probe_of_a_wait_that_is_over_finds_nothing() {
    // 1 waits for 2, which waits for 3, which waits for 1; then 1 waits for 4 instead.
    let waits = Waits::of(Model::And, 4, &[(1, 2), (2, 3), (3, 1)]);
    let mut world = PROBES.settled(&waits, QUIET);
    world.ask(1, DetectorInput::Check);
    let mut view = waits.view(1);
    view.wait.as_mut().unwrap().open = vec![(node(4), id(1, 2))];
    world.look(1, &view);
    world.ask(1, DetectorInput::Check);
    world.run_until(PERIOD / 2);
    assert_eq!((world.count("probe"), world.finders()), (4, vec![]));
}

#[test]
fn whoever_does_not_wait_cannot_look() {
    let waits = Waits::of(Model::And, 2, &[(1, 2)]);
    let mut world = PROBES.settled(&waits, QUIET);
    world.ask(2, DetectorInput::Check);
    assert_eq!(world.told.pop().unwrap().2, Output::Refuses(Refusal::NotWaiting));
    let mut lent = waits.view(1);
    lent.wait.as_mut().unwrap().since = None;
    world.look(1, &View::default());
    world.look(1, &lent);
    world.ask(1, DetectorInput::Check);
    assert_eq!(world.told.pop().unwrap().2, Output::Refuses(Refusal::Lock));
    world.run_until(2 * PERIOD);
    assert_eq!(world.count("probe"), 0, "a lock does not begin");
}

#[test]
fn a_probe_that_overtakes_its_request_is_missed_once_or_found_as_soon_as_it_can_be() {
    let next_round = PERIOD + 3 * DELAY;
    assert_eq!(PROBES.overtaking(Early::Drop), [next_round]);
    assert_eq!(PROBES.overtaking(Early::Buffer), [PERIOD / 2 + DELAY, next_round]);
}

#[test]
fn a_lock_that_is_lent_hands_probes_on_to_its_holder_and_is_no_victim() {
    // 1 holds lock 4 and waits for 2, which waits for the lock.
    let waits = Waits::of(Model::And, 4, &[(1, 2), (2, 4)]);
    let lent = id(1, 9);
    for (victims, expected) in [(Victims::Highest, 2), (Victims::Youngest, 1)] {
        let rules = Rules { victims: Some(victims), ..QUIET };
        let mut world = PROBES.world(4, rules, Delay::Constant(ms(DELAY)));
        let mut holder = waits.view(1);
        holder.pending.push((node(4), lent));
        world.look(1, &holder);
        world.look(2, &waits.view(2));
        let wait = Some(Wait { need: 1, open: vec![(node(1), lent)], since: None });
        world.look(4, &View { wait, ..waits.view(4) });
        world.ask(1, DetectorInput::Check);
        world.run_until(PERIOD - 1);
        assert_eq!((world.count("probe"), world.finders()), (3, vec![1]));
        assert_eq!(world.condemned(), [expected]);
    }
}

#[test]
fn all_on_a_ring_condemn_the_same_one() {
    for n in 2..=16 {
        for (victims, expected) in [(Victims::Highest, n), (Victims::Youngest, 1)] {
            let rules = Rules { victims: Some(victims), ..EAGER };
            let mut world = PROBES.settled(&Waits::ring(n), rules);
            world.run_until(PERIOD - 1);
            assert_eq!(world.condemned(), vec![expected; n as usize]);
            assert_eq!(world.count("condemn"), n as usize - 1);
            let is_it = |verdict: &Verdict| verdict.victims[0].by == node(expected);
            assert!(world.verdicts().all(|(.., verdict)| is_it(verdict)));
        }
    }
}

#[test]
fn a_victim_that_waits_for_something_else_by_now_is_spared() {
    let mut world = PROBES.settled(&Waits::ring(2), QUIET);
    let request = id(1, 2);
    world.deliver(2, 1, Message::Chasing(chasing::Message::Condemn { request }));
    assert_eq!(world.condemned(), NOBODY);
    assert!(matches!(world.told[0].2, Output::Ignores { .. }));
}
