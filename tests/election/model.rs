//! Cases worked out by hand.

use rehearsal::machine::Time;

use super::support::{Run, Sketch, paper, rehearse, shipped, textbook};

#[track_caller]
fn assert_costs(run: &Run, counts: [u64; 3]) {
    run.assert_held();
    assert_eq!(run.counts(), counts);
}

#[test]
fn of_tanenbaums_eight_the_seventh_leads_after_fifteen_messages() {
    let run = Sketch::of(textbook(3), 8, 1).suspects(5, 0).run();
    assert_costs(&run, [6, 3, 6]);
    assert_eq!((run.announced(7), run.since()), (Some(4), Some(5)));
    assert_costs(&rehearse(&shipped("tanenbaum"), 1), [6, 3, 6]);
}

/// Seven of Tanenbaum's eight follow the seventh when the eighth comes back.
fn eighth_returns(expect: &str) -> Run {
    let crash = "at: \"1ms\", do: Bounce(node: 8, down: \"19ms\")";
    let sketch = Sketch::of(textbook(3), 8, 0).setting("initial_leader: 7").fault(crash);
    sketch.calm_at(2).expect(expect).run()
}

#[test]
fn a_returned_top_leads_beside_the_old_leader_for_exactly_one_delay() {
    let run = eighth_returns("Eventually(what: Agreed, within: \"19ms\"), Sometimes(TwoLeaders)");
    assert_costs(&run, [0, 0, 7]);
    assert_eq!(run.since(), Some(21));
    assert_eq!(run.since[1].map(Time::as_nanos), Some(20_000_000));
    let overlap = |within| {
        eighth_returns(&format!("LeadsTo(from: TwoLeaders, to: OneLeader, within: \"{within}\")"))
    };
    overlap("1ms").assert_held();
    assert_eq!(overlap("999999ns").reason(), "two nodes lead", "the news takes a whole delay");
}

#[test]
fn of_the_papers_three_the_second_leads() {
    let one = Sketch::of(textbook(3), 3, 1).suspects(1, 0).run();
    assert_costs(&one, [3, 1, 1]);
    assert_eq!(one.since(), Some(5));
    let both = Sketch::of(textbook(3), 3, 1).suspects(1, 0).suspects(2, 0).run();
    assert_costs(&both, [3, 1, 1]);
    assert_eq!(both.since(), Some(4));
    let five_tries = Sketch::of(paper(5, 3), 3, 1).suspects(1, 0).run();
    assert_costs(&five_tries, [11, 1, 2]);
    assert_costs(&rehearse(&shipped("paper"), 1), [11, 1, 2]);
}

#[test]
fn the_papers_impatient_user_calls_a_second_election_for_the_same_leader() {
    let form = "Textbook(answer_wait: \"3ms\", coordinator_wait: \"1ms\")";
    let sketch = Sketch::of(form, 3, 1).setting("unsafe_timing: true").suspects(1, 0);
    let run = sketch.run();
    assert_costs(&run, [5, 2, 1]);
    assert_eq!((run.since(), run.beliefs()), (Some(5), vec![Some(2), Some(2), None]));
    assert_costs(&rehearse(&shipped("impatient-user"), 1), [5, 2, 1]);
}

#[test]
fn a_split_that_heals_stays_in_everybodys_mind_without_traffic() {
    let sketch = Sketch::of(textbook(3), 3, 0)
        .setting("initial_leader: 3")
        .fault("at: \"0ms\", do: Partition([[1, 2], [3]])")
        .suspects(1, 10)
        .calm_at(100)
        .expect("Sometimes(TwoLeaders)");
    assert_eq!(sketch.run().beliefs(), [Some(2), Some(2), Some(3)]);
}

#[test]
fn every_shipped_election_without_a_fault_of_its_network_has_one_leader() {
    for name in ["paper", "impatient-user", "tanenbaum", "cascade", "rate-limit", "half-announced"]
    {
        rehearse(&shipped(name), 1).assert_held();
    }
}
