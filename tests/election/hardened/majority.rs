//! With votes: never two leaders in one term, whatever happens; and somebody
//! leads once it is calm. Without: two do.

use rehearsal::machine::Time;

use super::weather::{self, Crashes};
use crate::support::cases;
use crate::support::{LEAST, Sketch, Spans};

const SAFE: &str =
    "Always(EpochsRise), Always(EpochsKept), Always(WritesInOrder), Always(Unopposed)";

/// Members that need votes, some with check-quorum, and a resource beside them.
pub(crate) fn voting(seed: u64) -> Sketch {
    let (members, check_quorum) = (3 + seed % 5, seed & 8 == 0);
    let mut sketch = weather::of(seed, members, 1, Crashes::AllReturn);
    if check_quorum {
        // Acknowledgements take another delay.
        sketch.spans.leader_wait += sketch.spans.delay;
    }
    let options =
        format!("majority: true, check_quorum: {check_quorum}, resource: {}", members + 1);
    sketch.with(&options).expect("Always(OneLeaderPerTerm)").expect(SAFE)
}

/// The same without votes.
pub(crate) fn alone(seed: u64) -> Sketch {
    let members = 3 + seed % 5;
    let sketch = weather::of(seed, members, 1, Crashes::AllReturn);
    sketch.with(&format!("resource: {}", members + 1))
}

#[test]
fn no_two_lead_in_one_term_and_all_agree_in_the_end() {
    let (mut most, mut votes) = (0, 0);
    let cases = cases(1_000);
    for seed in 1..=cases {
        let sketch = voting(seed);
        // It may be told of a later term once, and then wait, and ask again.
        let again = sketch.spans.coordinator_wait + 2 * sketch.spans.answer_wait;
        let within = sketch.spans.bound() + 2 * again;
        let sketch = sketch.expect(format!("Eventually(what: Agreed, within: \"{within}ms\")"));
        let run = sketch.run_with(seed);
        assert!(run.held(), "seed {seed}: {:?}", run.failure);
        let since = run.since.last().copied().flatten().expect("it held");
        let took = since.since(Time::from_millis(sketch.calm_at)).as_millis() as u64;
        most = most.max((took * 100).div_ceil(sketch.spans.bound()));
        votes += run.tally.sent_of("vote");
    }
    println!("{cases} plans: agreed within {most}% of the bound without votes, {votes} votes");
    assert!(votes > cases);
}

#[test]
fn without_votes_two_lead_at_a_time_and_in_one_term_and_still_the_fence_holds() {
    let (mut two, mut one_term, mut refused) = (0, 0, 0);
    let cases = cases(300);
    for seed in 1..=cases {
        let sketch = alone(seed).expect(SAFE);
        let run =
            sketch.clone().expect("Sometimes(TwoLeaders), Sometimes(WriteRefused)").run_with(seed);
        assert!(run.held(), "seed {seed}: {:?}", run.failure);
        let [.., led_by_two, was_refused] = run.since[..] else { panic!("two are asked for last") };
        two += u64::from(led_by_two.is_some());
        refused += u64::from(was_refused.is_some());
        let run = sketch.expect("Always(OneLeaderPerTerm)").run_with(seed);
        one_term += u64::from(!run.held());
    }
    println!(
        "{cases} plans: two leaders in {two}, in one term in {one_term}, refused in {refused}"
    );
    assert!(two > 0 && one_term > 0 && refused > 0, "{two} {one_term} {refused}");
}

#[test]
fn a_leader_that_no_majority_hears_steps_down_only_with_check_quorum() {
    let cut = Sketch::hardened(5, Spans { leader_wait: 70, ..LEAST })
        .fault("at: \"500ms\", do: Partition([[5], [1, 2, 3, 4]])")
        .without_calm(2_000)
        .expect("Always(OneLeaderPerTerm)")
        .expect("LeadsTo(from: TwoLeaders, to: OneLeader, within: \"70ms\")");
    let run = cut.clone().with("majority: true, check_quorum: true").run();
    run.assert_held();
    assert_eq!(cut.with("majority: true").run().reason(), "two nodes lead", "nobody tells it");
}
