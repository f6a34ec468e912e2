//! What an election costs, against closed forms: n nodes, the highest f of
//! them dead, m the highest alive, k the lowest that misses the leader.

use super::support::{Sketch, paper, textbook, textbook_with};

/// All n up to this one, all f, all k.
const MOST: u32 = 12;
/// All n up to this one, all f, all sets of nodes that miss the leader.
const MOST_IN_SETS: u32 = 6;

fn sum_to(n: u32) -> u64 {
    u64::from(n) * u64::from(n + 1) / 2
}

/// Everybody from k on asks everybody above; whoever is alive answers; the
/// winner tells all below.
fn of_textbook(n: u32, f: u32, k: u32) -> [u64; 3] {
    let m = n - f;
    [sum_to(n - k) - sum_to(f.saturating_sub(1)), sum_to(m - k), u64::from(m - 1)]
}

/// The dead are asked so many times, and everybody is told.
fn of_paper(tries: u64, n: u32, f: u32, k: u32) -> [u64; 3] {
    let m = n - f;
    let to_the_dead = tries * u64::from(f) * u64::from(m - k + 1);
    [sum_to(m - k) + to_the_dead, sum_to(m - k), u64::from(n - 1)]
}

/// Every n, f and k.
pub(crate) fn cases(most: u32) -> impl Iterator<Item = (u32, u32, u32)> {
    let of = |n: u32| (0..n).flat_map(move |f| (1..=n - f).map(move |k| (n, f, k)));
    (1..=most).flat_map(of)
}

/// Every n, f and set of live nodes that miss the leader.
fn sets() -> impl Iterator<Item = (u32, u32, Vec<u32>)> {
    let of = |n: u32, f: u32| {
        let set = move |bits: u32| (1..=n - f).filter(|k| bits >> (k - 1) & 1 == 1).collect();
        (1..1_u32 << (n - f)).map(move |bits| (n, f, set(bits)))
    };
    (1..=MOST_IN_SETS).flat_map(move |n| (0..n).flat_map(move |f| of(n, f)))
}

#[track_caller]
fn assert_costs(form: &str, n: u32, f: u32, initiators: &[u32], expected: [u64; 3]) {
    let run = Sketch::of(form, n, f).all_suspect(initiators.iter().copied()).run();
    run.assert_held();
    assert_eq!(run.counts(), expected, "{form}, n {n}, f {f}, by {initiators:?}");
}

/// In every case, a closed form of n, f and the lowest initiator says the cost.
#[track_caller]
fn assert_closed_form(form: &str, costs: impl Fn(u32, u32, u32) -> [u64; 3]) {
    let alone = cases(MOST).map(|(n, f, k)| (n, f, vec![k]));
    let mut compared = 0;
    for (n, f, initiators) in alone.chain(sets()) {
        assert_costs(form, n, f, &initiators, costs(n, f, initiators[0]));
        compared += 1;
    }
    assert_eq!(compared, 364 + 219);
}

#[test]
fn the_textbook_election_costs_what_its_closed_form_says() {
    for answer_wait in [2, 7] {
        assert_closed_form(&textbook(answer_wait), of_textbook);
    }
}

#[test]
fn the_paper_election_costs_what_its_closed_form_says() {
    for tries in [1, 5] {
        assert_closed_form(&paper(tries, 2), |n, f, k| of_paper(tries, n, f, k));
    }
}

#[test]
fn an_election_without_the_top_costs_n_less_k_squared_and_n_less_two_in_all() {
    for n in 2..=MOST {
        for k in 1..n {
            let run = Sketch::of(textbook(2), n, 1).suspects(k, 0).run();
            let steps = u64::from(n - k);
            assert_eq!(run.tally.sent_in_all(), steps * steps + u64::from(n) - 2);
        }
    }
    for (n, worst) in [(4, 11), (5, 19), (6, 29), (8, 55)] {
        let run = Sketch::of(textbook(2), n, 1).all_suspect(1..n).run();
        assert_eq!(run.tally.sent_in_all(), worst);
    }
}

#[test]
fn the_return_of_the_top_costs_one_announcement_to_each() {
    for n in 2..=MOST {
        let sketch = Sketch::of(textbook(2), n, 0).setting(&format!("initial_leader: {}", n - 1));
        let crash = format!("at: \"1ms\", do: Bounce(node: {n}, down: \"9ms\")");
        let run = sketch.fault(&crash).calm_at(2).run();
        run.assert_held();
        assert_eq!(run.counts(), [0, 0, u64::from(n - 1)]);
    }
}

#[test]
fn without_a_guard_the_messages_double_with_every_node() {
    for n in 2..=10 {
        for k in 1..n {
            for answer_wait in [2, 3, 7] {
                let form = textbook_with(answer_wait, "guard: false");
                let elections = (1 << (n - k)) - 1;
                let answers = (1 << (n - k - 1)) - 1;
                let announced = if n - k < 2 { 1 } else { 1 << (n - k - 2) };
                let expected = [elections, answers, u64::from(n - 2) * announced];
                assert_costs(&form, n, 1, &[k], expected);
            }
        }
    }
}

#[test]
fn in_one_round_only_the_caller_asks() {
    for (n, f, k) in cases(MOST) {
        let form = textbook_with(2, "one_round: true");
        let m = n - f;
        let expected = [n - k, m - k, m - 1].map(u64::from);
        let run = Sketch::of(form, n, f).suspects(k, 0).run();
        run.assert_held();
        assert_eq!(run.counts(), expected, "n {n}, f {f}, k {k}");
        assert_eq!(run.tally.sent_of("nominate"), u64::from(k < m));
        if f == 1 {
            let all = if k < m { 3 * n - 2 * k - 2 } else { n - 1 };
            assert_eq!(run.tally.sent_in_all(), u64::from(all), "n {n}, k {k}");
        }
    }
}
