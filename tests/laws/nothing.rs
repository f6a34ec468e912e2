//! Laws 2 and 3 for everything there is: what never fires changes nothing, and
//! one more message changes nothing on any other link.

use rehearsal::machine::NodeId;
use rehearsal::sim::plan::MessageKey;
use rehearsal::sim::trace::EventKind;

use crate::courier::{AsWritten, Five, ROUGH, Setting, at, couriers, fates, letters, ms, node};

const JITTER: &str = r#"delay: Uniform("1ms", "50ms")"#;

/// A scenario with something added to it.
type Change = fn(Five) -> Five;

/// Busy enough for every kind to have had its chance: messages of every sort,
/// deadlines, saves, draws.
fn five(network: &str, faults: &str) -> Five {
    let others = (0..40_u32).map(|turn| {
        let (millis, who, to) = (turn * 201 + 7, turn % 5 + 1, turn / 5 % 5 + 1);
        let order = match turn % 4 {
            0 => format!("Ship(to: {to}, bytes: {})", turn * 20),
            1 => format!("Rally(to: {to}, hits: 5)"),
            2 => "Nap".to_owned(),
            _ => format!("KeepAndTell({turn})"),
        };
        at(millis, who, &order)
    });
    let commands = letters() + &others.collect::<String>();
    couriers().over(network).commands(commands).random(50).wrong(faults).calm_at(ms(9_000))
}

fn upgradable(five: Five) -> Five {
    five.upgrade(Setting::edition(2))
}

/// What can be said of a network and never comes true. Bandwidth is not among
/// it: the fastest line takes a nanosecond.
const NEVER_IN_A_NETWORK: [&str; 7] = [
    r#"loss: "1/4294967295""#,
    r#"corrupt: "1/4294967295""#,
    r#"duplicate: "1/4294967295""#,
    r#"reorder: (share: "1/4294967295", by: "1s")"#,
    "max_message: 1000",
    "fifo: None",
    "fifo: Links([])",
];

/// Every action, none of them the first of its kind to be forgotten here: a
/// new one has to be added by hand.
const ACTIONS: [&str; 23] = [
    "Crash(1)",
    "Restart(1)",
    "Amnesia(1)",
    "Upgrade(1)",
    r#"Bounce(node: 1, down: "1s")"#,
    r#"Bounce(node: 1, down: "1s", disk: LosesLast)"#,
    r#"Bounce(node: 1, down: "1s", disk: TearsLast)"#,
    r#"Bounce(node: 1, down: "1s", disk: Wiped)"#,
    "Wipe(1)",
    "LyingDisk(1)",
    "Pause(node: 1)",
    "Resume(1)",
    r#"Skew(node: 1, by: Ahead("1s"))"#,
    r#"Step(node: 1, by: Behind("1s"))"#,
    r#"Drift(node: 1, by: Fast("1/2"))"#,
    "Partition([[1], [2]])",
    "OneWay(from: [1], to: [2])",
    "Cut([(1, 2)])",
    r#"Flap(sides: [[1]], cut: "1s", open: "1s")"#,
    "Heal",
    "Hold(from: 1, to: 2)",
    "Release(from: 1, to: 2)",
    r#"Crash("any")"#,
];

const ON_MESSAGES: [&str; 4] = ["Lose", "Corrupt", r#"Delay("1s")"#, r#"Duplicate("1s")"#];

const TRIGGERS: [&str; 7] = [
    "Sends(nth: 1000000)",
    r#"Receives(kind: "letter", nth: 1000000)"#,
    r#"Emits(text: "nobody says so")"#,
    "Fires(nth: 1000000)",
    "Becomes(role: 'H')",
    "Effect(of: 1, nth: 1000000)",
    "Sends(role: 'H')",
];

#[test]
fn a_fault_kind_that_never_fires_changes_no_event() {
    let without = five(JITTER, "").digest(5);
    for never in NEVER_IN_A_NETWORK {
        let network = format!("{JITTER}, {never}");
        assert_eq!(five(&network, "").digest(5), without, "{network}");
    }
    let never: [(&str, Change); 4] = [
        ("budget", |five| five.budget(0)),
        ("max_events", |five| five.max_events(100_000)),
        ("calm_for", |five| five.calm_for(NodeId::all(5))),
        ("upgrade", upgradable),
    ];
    for (field, said) in never {
        assert_eq!(said(five(JITTER, "")).digest(5), without, "{field}");
    }
    let waits = ACTIONS.iter().chain(&ON_MESSAGES).map(|action| ("Sends(nth: 1000000)", *action));
    let waits = waits.chain(TRIGGERS.iter().map(|trigger| (*trigger, "Crash(1)")));
    for (trigger, action) in waits {
        let fault = format!("(when: {trigger}, do: {action}),");
        assert_eq!(upgradable(five(JITTER, &fault)).digest(5), without, "{fault}");
    }
    for action in ACTIONS {
        // Beyond the calm, and beyond the end.
        for gap in [r#"Fixed("1h")"#, r#"Uniform("9001ms", "2h")"#] {
            let fault = format!("(every: {gap}, do: {action}),");
            assert_eq!(upgradable(five(JITTER, &fault)).digest(5), without, "{fault}");
        }
    }
}

#[test]
fn all_that_never_fires_together_changes_no_event() {
    let network = NEVER_IN_A_NETWORK[..6].join(", ");
    let faults: String = ACTIONS
        .iter()
        .flat_map(|action| {
            let never = format!("(every: Fixed(\"1h\"), do: {action}),");
            TRIGGERS.iter().map(move |when| format!("(when: {when}, do: {action}),")).chain([never])
        })
        .collect();
    let all = upgradable(five(&format!("{JITTER}, {network}"), &faults)).budget(0);
    assert_eq!(all.digest(5), five(JITTER, "").digest(5));
}

#[test]
fn the_fastest_line_takes_a_nanosecond_and_changes_no_draw() {
    let arrivals = |line: &str| -> Vec<Vec<u64>> {
        let network = format!("{JITTER}, loss: \"1/5\" {line}");
        let five = couriers().over(&network).commands(letters());
        let sent = five.events(5).into_iter().filter_map(|event| match event.what {
            EventKind::Send { message, arrives, .. } if message.from != message.to => Some(arrives),
            _ => None,
        });
        sent.map(|arrives| arrives.iter().map(|at| at.as_nanos()).collect()).collect()
    };
    let mut without = arrivals("");
    without.iter_mut().flatten().for_each(|arrival| *arrival += 1);
    assert_eq!(arrivals(", bandwidth: (rate: 18446744073709551615)"), without);
}

#[test]
fn fifo_changes_no_event_where_nothing_could_overtake() {
    let fixed = r#"delay: Fixed("10ms")"#;
    let fifo = format!("{fixed}, fifo: All");
    assert_eq!(five(&fifo, "").digest(5), five(fixed, "").digest(5));
}

/// Everything switched on that can be, except for what makes one link hear of
/// another: none of it counts events of more than one link.
const ALL_ON: &str = r#"corrupt: "10/100", bandwidth: (rate: 2000, queue: 300), fifo: Links([(2, 3), (1, 2), (4, 4)]),
    max_message: 400, latency: [["1ms", "2ms", "3ms", "4ms", "5ms"], ["5ms", "1ms", "2ms", "3ms", "4ms"],
    ["4ms", "5ms", "1ms", "2ms", "3ms"], ["3ms", "4ms", "5ms", "1ms", "2ms"], ["2ms", "3ms", "4ms", "5ms", "1ms"]]"#;

const ALL_FAULTS: &str = r#"
    (at: "500ms", do: Partition([[1, 2], [3]])), (at: "900ms", do: Heal), (at: "1s", do: OneWay(from: [3], to: [4])),
    (at: "1s", do: Cut([(2, 5)])), (at: "1500ms", do: Flap(sides: [[5]], cut: "300ms", open: "200ms")),
    (at: "3s", do: Heal), (at: "3s", do: Hold(from: 2, to: 1)), (at: "4s", do: Release(from: 2, to: 1)),
    (at: "2s", do: Drift(node: 3, by: Fast("1/2"))), (at: "2s", do: Pause(node: 4, lasts: "700ms")),
    (at: "5s", do: Bounce(node: 5, down: "300ms", disk: LosesLast)), (at: "6s", do: Wipe(3)), (at: "7s", do: Amnesia(3)),
    (every: Exponential("900ms"), do: Bounce(node: "any", down: "100ms")),
    (every: Exponential("700ms"), do: Pause(node: "any", lasts: "50ms")),
    (every: Exponential("800ms"), do: Step(node: "any", by: Ahead("30ms"))),
    (when: Sends(from: 2, to: 3, nth: 4), do: Lose), (when: Sends(from: 3, to: 5, nth: 3), do: Delay("2s")),
    (when: Sends(from: 4, to: 1, nth: 2), do: Duplicate("90ms")), (when: Sends(from: 5, to: 4, nth: 2), do: Corrupt),"#;

/// The fates on all links but that from the first node to the second.
fn elsewhere(mut all: Vec<(MessageKey, String)>) -> Vec<(MessageKey, String)> {
    all.retain(|(key, _)| (key.from, key.to) != (node(1), node(2)));
    all
}

#[test]
fn one_more_message_on_a_link_changes_no_draw_on_any_other_link() {
    for law in [
        r#"Uniform("1ms", "50ms")"#,
        r#"Exponential("20ms")"#,
        r#"Bimodal(usual: ("1ms", "9ms"), rare: ("80ms", "90ms"), share: "1/5")"#,
        r#"LogNormal(median: "10ms", spread: "1/2")"#,
    ] {
        let rough = ROUGH.replace(r#"Uniform("1ms", "50ms")"#, law);
        let network = format!("{rough}, {ALL_ON}");
        let five = |first: &str| {
            couriers()
                .over(&network)
                .commands(first.to_owned() + &letters())
                .wrong(ALL_FAULTS)
                .calm_at(ms(9_000))
                .calm_for([1, 2, 3].map(node))
        };
        let before = fates(&five("").events(11));
        for reason in ["Loss", "Corrupt", "Partition"] {
            assert!(before.iter().any(|(_, fate)| fate.contains(reason)), "{law}: no {reason}");
        }
        let extra = (0..3).map(|turn| at(turn * 400 + 1, 1, "Ship(to: 2, bytes: 200)"));
        let after = fates(&five(&extra.collect::<String>()).events(11));
        assert_eq!(after.len(), before.len() + 3, "{law}");
        assert_eq!(elsewhere(after), elsewhere(before), "{law}");
    }
}
