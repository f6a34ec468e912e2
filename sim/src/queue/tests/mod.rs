mod model;

use rehearsal_machine::{NodeId, Time};

use self::model::{LAWS, Law};
use super::calibration::Shape;
use super::*;

fn node(number: u32) -> NodeId {
    NodeId::new(number).expect("not zero")
}

#[test]
fn a_tie_is_broken_by_class_then_identity_and_never_by_insertion() {
    let now = Time::from_millis(5);
    let order = [
        Key::command(Time::ZERO, node(9), 9),
        Key::calm(now),
        Key::fault(now, 0, 1),
        Key::fault(now, 0, 2),
        Key::fault(now, 1, 1),
        Key::start(now, node(1)),
        Key::start(now, node(2)),
        Key::message(now, node(3), node(1), 7, 0),
        Key::message(now, node(1), node(2), 1, 0),
        Key::message(now, node(1), node(2), 1, 1),
        Key::message(now, node(1), node(2), 2, 0),
        Key::message(now, node(3), node(2), 0, 0),
        Key::timer(now, node(1), 2),
        Key::timer(now, node(2), 1),
        Key::command(now, node(1), 5),
        Key::command(now, node(2), 3),
    ];
    // Steps that share no factor with the length: each goes through the keys in another order.
    assert_eq!(order.len(), 16);
    for step in [1, 3, 5, 7, 9, 11, 13, 15] {
        let mut queue = Queue::new();
        for turn in 0..order.len() {
            let place = turn * step % order.len();
            queue.push(order[place], place);
        }
        let popped: Vec<Key> = std::iter::from_fn(|| queue.pop()).map(|(key, _)| key).collect();
        assert_eq!(popped, order, "inserted with step {step}");
    }
}

#[test]
fn a_messages_key_says_who_sent_what_to_whom() {
    let (from, to) = (node(MOST_NODES), node(1));
    let key = Key::message(Time::MAX, from, to, u32::MAX, u8::MAX);
    assert_eq!((key.from(), key.to()), (from, to));
    assert_eq!(key.count_and_copy(), (u32::MAX, u8::MAX));
    let timer = Key::timer(Time::MAX, to, 1);
    assert_eq!((timer.to(), timer.arming()), (to, 1));
    assert_eq!(size_of::<Key>(), 24);
}

#[test]
fn a_new_queue_has_allocated_nothing() {
    let queue = Queue::<u64>::new();
    assert_eq!(queue.slab.bytes() + queue.wheel.bytes(), 0);
}

#[test]
fn what_is_due_a_whole_turn_ahead_waits_for_what_is_nearer() {
    let mut queue = Queue::new();
    fill(&mut queue, 100, Law::Ticks, &mut Random(1));
    assert_eq!(queue.wheel.shape(), Shape { shift: 0, bits: 10 });
    for ahead in [2_048, 1_025, 1_024, 1_023] {
        queue.push(Key::calm(Time::from_nanos(ahead)), 0);
    }
    let popped: Vec<_> = std::iter::from_fn(|| queue.pop()).map(|(key, _)| key).collect();
    assert!(popped.len() == 104 && popped.is_sorted());
}

#[test]
fn slots_are_used_again() {
    let mut queue = Queue::new();
    for round in 0..1_000 {
        queue.push(Key::start(Time::from_millis(round), node(1)), round);
        queue.push(Key::start(Time::from_millis(round + 1), node(2)), round);
        assert!(queue.pop().is_some() && queue.pop().is_some());
    }
    assert_eq!(queue.slab.slots(), 2);
}

#[test]
fn a_steady_state_takes_no_more_memory() {
    for law in [Law::Lockstep, Law::Uniform, Law::Scattered] {
        let mut queue = held(5_000, law);
        let before = (queue.slab.bytes(), queue.wheel.bytes());
        hold(&mut queue, 20_000, law);
        assert_eq!((queue.slab.bytes(), queue.wheel.bytes()), before, "{law:?}");
    }
}

#[test]
fn the_wheel_comes_to_fit_whatever_passes_through_it() {
    let mut queue = Queue::new();
    fill(&mut queue, 1_000, Law::Now, &mut Random(1));
    for law in [Law::Uniform, Law::Hours, Law::Uniform, Law::Lockstep, Law::Hours] {
        hold(&mut queue, 100_000, law);
        let (opened, far) = queue.wheel.aside();
        assert!(opened + far < 100, "{law:?}: {opened} in the opened bucket, {far} far");
    }
}

#[test]
fn a_wheel_made_for_the_far_future_narrows_when_things_happen_near() {
    let mut queue = Queue::new();
    fill(&mut queue, 1_000, Law::Hours, &mut Random(1));
    fill(&mut queue, 1_000, Law::Uniform, &mut Random(2));
    hold(&mut queue, 100_000, Law::Uniform);
    let (opened, _) = queue.wheel.aside();
    assert!(opened < 100, "{opened} in the opened bucket");
}

#[test]
fn a_few_that_are_never_due_do_not_coarsen_the_wheel() {
    let mut queue = Queue::new();
    fill(&mut queue, 200, Law::Never, &mut Random(1));
    fill(&mut queue, 1_000, Law::Uniform, &mut Random(2));
    hold(&mut queue, 100_000, Law::Uniform);
    let (opened, far) = queue.wheel.aside();
    assert!(opened + far < 300, "{opened} in the opened bucket, {far} far");
}

#[test]
fn an_entry_takes_at_most_128_bytes() {
    for (pending, most) in [(1_024, 120), (1_025, 128), (1_600, 128), (65_536, 100), (65_537, 100)]
    {
        let queue = held(pending, Law::Uniform);
        let bytes = queue.slab.bytes() + queue.wheel.bytes();
        assert!(bytes <= pending * most, "{} bytes for each of {pending}", bytes / pending);
    }
}

#[test]
fn what_is_cleared_is_as_good_as_new() {
    for law in LAWS {
        for pending in [small::MOST, small::MOST + 1, 3_000] {
            let mut cleared = held(pending, law);
            cleared.clear();
            assert_eq!((cleared.len(), cleared.next_at(), cleared.pop()), (0, None, None));
            let mut new = Queue::new();
            for law in LAWS {
                let [left, right] = [&mut cleared, &mut new].map(|queue| {
                    let mut random = Random(pending as u64);
                    fill(queue, 100, law, &mut random);
                    let half: Vec<_> = (0..50).map(|_| queue.pop()).collect();
                    (half, queue.turning, queue.wheel.shape())
                });
                assert_eq!(left, right);
            }
        }
    }
}

#[test]
fn a_payload_is_dropped_when_its_queue_is_cleared() {
    let payload = std::rc::Rc::new(());
    let mut queue = Queue::new();
    for place in 0..100 {
        queue.push(Key::fault(Time::ZERO, place, 1), std::rc::Rc::clone(&payload));
    }
    queue.clear();
    assert_eq!(std::rc::Rc::strong_count(&payload), 1);
}

/// One that takes a step for each of what is in a bucket, at every call, would not end today.
#[test]
fn a_hundred_thousand_in_one_bucket_are_no_slower_than_a_heap() {
    let mut queue = Queue::new();
    queue.push(Key::calm(Time::ZERO), 0);
    let at = |place: u64| Time::from_nanos(1_000_000_000_000 + place % 2);
    for place in 0..100_000 {
        queue.push(Key::fault(at(place), place as usize, 1), place);
        assert_eq!(queue.next_at(), Some(Time::ZERO));
    }
    assert!(queue.pop().is_some() && queue.pop_before(at(0)).is_none());
    for place in 100_000..200_000 {
        assert_eq!(queue.next_at(), Some(at(0)));
        queue.push(Key::fault(at(place), place as usize, 1), place);
    }
    for place in (0..200_000).step_by(2) {
        assert_eq!(queue.pop().map(|(_, place)| place), Some(place));
        queue.push(Key::start(at(1), node(1 + place as u32)), place);
    }
    let rest: Vec<_> = std::iter::from_fn(|| queue.pop()).collect();
    assert_eq!(rest.len(), 200_000);
    assert!(rest.is_sorted_by_key(|(key, _)| *key));
}

/// A queue that has held this many for long enough to have settled.
fn held(pending: usize, law: Law) -> Queue<u64> {
    let mut queue = Queue::new();
    fill(&mut queue, pending, law, &mut Random(1));
    hold(&mut queue, 5 * pending + 5_000, law);
    queue
}

fn fill(queue: &mut Queue<u64>, pending: usize, law: Law, random: &mut Random) {
    for _ in 0..pending {
        let at = queue.now.saturating_add(law.ahead(random));
        queue.push(Key::timer(Time::from_nanos(at), node(1), random.next()), 0);
    }
}

fn hold(queue: &mut Queue<u64>, pops: usize, law: Law) {
    let mut random = Random(2);
    for _ in 0..pops {
        assert!(queue.pop().is_some());
        fill(queue, 1, law, &mut random);
    }
}

/// Weyl's sequence, mixed as by Steele, Lea and Flood (`SplitMix64`, 2014):
/// numbers for tests that owe nothing to the seed of a run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}
