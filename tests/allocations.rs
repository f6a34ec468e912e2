//! Runs are cheap in memory: what happens in a steady state allocates nothing,
//! and what is under way, or counted without end, is small. A binary of its own,
//! since its allocator counts.

#[path = "workloads/memory.rs"]
mod memory;
#[path = "workloads/ring.rs"]
mod ring;
#[path = "workloads/ticks.rs"]
mod ticks;
#[path = "workloads/walk.rs"]
mod walk;

use rehearsal::shipped::Election;
use rehearsal::sim::{Files, Keep, Options, Protocol, Scenario};

use walk::Walks;

/// A table may still grow once or twice, as checkpoints do; a run of the length
/// that is tested here has thousands of events.
const HANDFUL: u64 = 8;

fn more_in_the_longer<P: Protocol>(short: &Scenario<P>, long: &Scenario<P>, keep: Keep) -> i64 {
    let count = |scenario| memory::allocations(scenario, keep).count_total.cast_signed();
    count(long) - count(short)
}

#[track_caller]
fn assert_no_allocation_per_event<P: Protocol>(
    short: &Scenario<P>,
    long: &Scenario<P>,
    keep: Keep,
) {
    let more = more_in_the_longer(short, long, keep);
    assert!(more <= HANDFUL.cast_signed(), "a run twice as long allocates {more} times more");
}

fn walk(nodes: u32, until_us: u64) -> Scenario<Walks> {
    Walks::among_all(nodes).scenario(nodes, until_us, "")
}

#[test]
fn a_delivery_among_16_nodes_allocates_nothing() {
    let (short, long) = (walk(16, 2_000_000), walk(16, 4_000_000));
    assert_no_allocation_per_event(&short, &long, Keep::Verdict);
}

#[test]
fn a_delivery_among_16_nodes_under_a_digest_allocates_nothing() {
    let (short, long) = (walk(16, 2_000_000), walk(16, 4_000_000));
    assert_no_allocation_per_event(&short, &long, Keep::Digest);
}

#[test]
fn a_delivery_among_1024_nodes_allocates_nothing() {
    let (short, long) = (walk(1_024, 200_000), walk(1_024, 400_000));
    assert_no_allocation_per_event(&short, &long, Keep::Verdict);
}

#[test]
fn a_delivery_among_1024_nodes_under_a_digest_allocates_nothing() {
    let (short, long) = (walk(1_024, 200_000), walk(1_024, 400_000));
    assert_no_allocation_per_event(&short, &long, Keep::Digest);
}

#[test]
fn a_deadline_that_is_armed_again_allocates_nothing() {
    let (short, long) = (ring::scenario(1_024, 2_000), ring::scenario(1_024, 4_000));
    assert_no_allocation_per_event(&short, &long, Keep::Verdict);
}

#[test]
fn a_deadline_that_is_armed_again_under_a_digest_allocates_nothing() {
    let (short, long) = (ring::scenario(1_024, 2_000), ring::scenario(1_024, 4_000));
    assert_no_allocation_per_event(&short, &long, Keep::Digest);
}

#[test]
fn a_step_like_an_earlier_one_allocates_nothing_where_coverage_is_collected() {
    fn more<P: Protocol>(short: &Scenario<P>, long: &Scenario<P>) -> i64 {
        let options = || Options::seed(1).keep(Keep::Verdict).coverage(true);
        let count =
            |scenario| memory::allocations_under(scenario, options()).count_total.cast_signed();
        count(long) - count(short)
    }
    let walks = more(&walk(16, 2_000_000), &walk(16, 4_000_000));
    let rings = more(&ring::scenario(1_024, 2_000), &ring::scenario(1_024, 4_000));
    let ticks = more(&ticks::scenario(2_000), &ticks::scenario(4_000));
    for more in [walks, rings, ticks] {
        assert!(more <= HANDFUL.cast_signed(), "a run twice as long allocates {more} times more");
    }
}

#[test]
fn a_message_under_way_takes_at_most_128_bytes() {
    for nodes in [1_024, 65_536] {
        let share = memory::per_message_in_flight(nodes);
        assert!(share.is_at_most(128), "{share} bytes for each among {nodes} nodes");
    }
}

#[test]
fn a_link_that_was_used_takes_at_most_24_bytes() {
    let share = memory::per_link_of_neighbours(65_536);
    assert!(share.is_at_most(24), "{share} bytes for each");
}

#[test]
fn an_empty_world_of_five_nodes_takes_at_most_10_allocations() {
    let count = memory::empty_world().count_total;
    assert!(count <= 10, "{count} allocations");
}

/// The bytes that are allocated while an election of so many nodes in this form is checked.
fn bytes_to_check(form: &str, nodes: u32) -> u64 {
    let text = format!(
        "(claim: \"It is checked.\", protocol: Election((form: {form})), nodes: {nodes}, \
         network: (delay: Fixed(\"1ms\")), until: \"1s\", expect: [])"
    );
    let checked = allocation_counter::measure(|| {
        let scenario = Scenario::<Election>::parse("x.ron", &text, Files::none());
        drop(scenario.unwrap_or_else(|complaint| panic!("{complaint}")));
    });
    checked.bytes_total
}

#[test]
fn to_check_a_scenario_takes_memory_in_proportion_to_its_nodes() {
    for form in [
        "Textbook(answer_wait: \"2ms\", coordinator_wait: \"4ms\")",
        "GarciaMolina(answer_wait: \"3ms\", check: \"20ms\", timeout: \"40ms\")",
        "Hardened(answer_wait: \"3ms\", coordinator_wait: \"9ms\", heartbeat: \"5ms\", leader_wait: \"19ms\")",
    ] {
        let [few, many] = [500, 4_000].map(|nodes| bytes_to_check(form, nodes));
        assert!(many < 16 * few, "{form}: {few} bytes for 500 nodes, {many} for 4,000");
    }
}
