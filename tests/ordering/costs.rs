//! What messages cost in a group of six, as a run tells it: how many packets of each kind, how
//! many numbers they carry for the order, and which node has most to do.

use rehearsal::shipped::Ordering;
use rehearsal::sim::{Files, Options, Outcome, Scenario};

const NODES: u64 = 6;

/// Each of these nodes of this discipline sends one message to all that `to` names. Node 1 leads
/// where one leads.
fn sending(discipline: &str, senders: &[u64], to: impl Fn(u64) -> Vec<u64>) -> Outcome {
    let led = 1..=if discipline.ends_with("Sequencer") { NODES } else { 0 };
    let follows = led.map(|node| {
        format!("(at: \"0ms\", to: {node}, command: Follow((counter: 1, leader: 1))), ")
    });
    let sends = senders.iter().map(|node| {
        let to = to(*node);
        format!("(at: \"100ms\", to: {node}, command: Send(to: {to:?}, content: \"x\")), ")
    });
    let text = format!(
        "(claim: \"a test\", network: (delay: Fixed(\"10ms\")), nodes: {NODES}, until: \"1s\",
        protocol: Ordering((discipline: {discipline}, resend: \"50ms\")),
        commands: [{}], expect: [AtEnd(AllDelivered)])",
        follows.chain(sends).collect::<String>()
    );
    let scenario = Scenario::<Ordering>::parse("test.ron", &text, Files::none());
    let report = rehearsal::sim::run(&scenario.expect("it is right"), Options::seed(0));
    assert!(report.held(), "{:?}", report.failure);
    report.outcome
}

fn others(node: u64) -> Vec<u64> {
    (1..=NODES).filter(|other| *other != node).collect()
}

/// The packets of a message, apart from acknowledgements of the link and from what the nodes
/// told each other before.
fn packets(outcome: &Outcome) -> u64 {
    let tally = &outcome.tally;
    tally.sent_in_all()
        - ["ack", "recover", "promise"].map(|kind| tally.sent_of(kind)).iter().sum::<u64>()
}

#[test]
fn a_broadcast_takes_as_many_packets_as_its_protocol_says() {
    let n = NODES;
    let rows = [
        ("Unordered", n - 1, n - 1),
        ("Fifo", n - 1, n - 1),
        ("CausalBroadcast", n - 1, n - 1),
        ("RaynalSchiperToueg", n - 1, n - 1),
        ("SchiperEggliSandoz", n - 1, n - 1),
        ("Sequencer", n - 1, n),
        ("MajoritySequencer", 3 * (n - 1), 1 + 3 * (n - 1)),
        ("Skeen", 3 * (n - 1), 3 * (n - 1)),
        ("LamportClocks", n * (n - 1), n * (n - 1)),
        ("PcBroadcast", (n - 1) * (n - 1), (n - 1) * (n - 1)),
        ("Relay(server: 1)", n - 1, n - 1),
    ];
    for (discipline, from_leader, from_another) in rows {
        let count = |sender| packets(&sending(discipline, &[sender], others));
        assert_eq!((count(1), count(2)), (from_leader, from_another), "{discipline}");
    }
}

#[test]
fn a_message_carries_as_many_numbers_as_its_protocol_says() {
    let rows = [
        ("Unordered", "none"),
        ("Fifo", "1 in 1 data (1 each)"),
        ("RaynalSchiperToueg", "36 in 1 data (36 each)"),
        ("SchiperEggliSandoz", "6 in 1 data (6 each)"),
        ("Sequencer", "10 in 5 order (2 each)"),
        ("Skeen", "2 in 1 propose (2 each), 2 in 1 final (2 each)"),
        ("Relay(server: 1)", "1 in 1 submit (1 each), 1 in 1 forward (1 each)"),
    ];
    for (discipline, numbers) in rows {
        let outcome = sending(discipline, &[2], |_| vec![3]);
        assert_eq!(outcome.costs[0], format!("numbers for the order: {numbers}"), "{discipline}");
    }
    let broadcast = sending("CausalBroadcast", &[2], others);
    assert_eq!(broadcast.costs[0], "numbers for the order: 30 in 5 data (6 each)");
    let lamport = sending("LamportClocks", &[2], others);
    let [timed, later] = ["10 in 5 timed (2 each)", "50 in 25 later (2 each)"];
    assert_eq!(lamport.costs[0], format!("numbers for the order: {timed}, {later}"));
    let flood = sending("PcBroadcast", &[2], others);
    assert_eq!(flood.costs[0], "numbers for the order: 25 in 25 flood (1 each)");
    let majority = sending("MajoritySequencer", &[2], others);
    assert_eq!(
        majority.costs[0],
        "numbers for the order: 10 in 5 recover (2 each), 15 in 5 promise (3 each), \
         10 in 5 order (2 each), 15 in 5 accept (3 each), 15 in 5 commit (3 each)"
    );
}

#[test]
fn the_server_of_a_relay_has_most_to_do_and_without_a_server_all_have_as_much() {
    let all: Vec<_> = (1..=NODES).collect();
    let load = |discipline| sending(discipline, &all, others).costs[1].clone();
    // Each node sends and receives five messages, and as many acknowledgements.
    let even = "load: 20 messages sent or received by n1, mean 20";
    assert_eq!(load("CausalBroadcast"), even);
    // The server hears five messages, and passes on each of the six to the five that are not its
    // sender, or to the four of them that it is not itself; with an acknowledgement each.
    let server: u64 = 2 * (5 + 5 + 5 * 4);
    // Each of its packets has another end.
    let mean = 2 * server / NODES;
    assert_eq!(
        load("Relay(server: 1)"),
        format!("load: {server} messages sent or received by n1, mean {mean}")
    );
}

#[test]
fn a_run_of_which_nothing_is_expected_tells_no_costs() {
    let text = "(claim: \"a test\", network: (delay: Fixed(\"10ms\")), nodes: 2, until: \"1s\",
        protocol: Ordering((discipline: Fifo, resend: \"50ms\")),
        commands: [(at: \"1ms\", to: 1, command: Send(to: [2], content: \"x\"))], expect: [])";
    let scenario = Scenario::<Ordering>::parse("test.ron", text, Files::none());
    let report = rehearsal::sim::run(&scenario.expect("it is right"), Options::seed(0));
    assert_eq!((report.tally.sent_of("data"), &report.costs[..]), (1, &[][..]));
}
