//! Faults of the network between nodes.

use std::time::Duration;

use rehearsal_machine::NodeId;
use rehearsal_tcp::proxy::{Mode, Proxy, Way};
use rehearsal_tcp::{Limits, Security};

use crate::asker::{Ask, Asker, Output};
use crate::pair::{Pair, node, through, until};
use crate::script::{hears_the_script, user};
use crate::test_cluster::{Outputs, TestCluster, begin, within_a_minute};

const SHORT: Duration = Duration::from_millis(300);

fn limits() -> Limits {
    Limits {
        handshake: Duration::from_millis(200),
        idle: SHORT,
        redial: Duration::from_millis(5)..=Duration::from_millis(50),
        ..Limits::default()
    }
}

/// Runs the paper's script while the links between n4 and the nodes with lower numbers suffer a
/// fault. The fault ends when `fault` returns; the script must then complete.
fn script_survives(security: Security, mode: Mode, fault: impl AsyncFnOnce(&Proxy)) {
    println!("{mode:?}, {security:?}");
    within_a_minute(async {
        let cluster = TestCluster::with(6, security, limits());
        let proxy = Proxy::before(cluster.address(node(4))).expect("a port is free");
        let users: Vec<_> = NodeId::all(6)
            .map(|me| {
                let (mut setup, heard) = (cluster.setup(me, user(me)), Outputs::new());
                setup.roster = through(&cluster.roster, node(4), &proxy);
                (me, heard.clone(), begin(setup, heard))
            })
            .collect();
        fault(&proxy).await;
        proxy.set(Mode::Forward);
        for (me, heard, _) in &users {
            hears_the_script(*me, heard).await;
        }
        for (_, _, running) in users {
            running.stop().await;
        }
    });
}

/// The fault slows links down.
fn script_survives_slow_links(security: Security, mode: Mode) {
    script_survives(security, mode, async |proxy| {
        proxy.set(mode);
        proxy.connections(3).await;
    });
}

/// The fault ends links, and some new links have suffered it, too.
fn script_survives_ends_of_links(security: Security, mode: Mode) {
    script_survives(security, mode, async |proxy| {
        proxy.connections(3).await;
        proxy.set(mode);
        proxy.connections(4).await;
    });
}

#[test]
fn the_script_survives_delays() {
    script_survives_slow_links(Security::Insecure, Mode::Delay(Duration::from_millis(3)));
}

#[test]
fn the_script_survives_low_bandwidth() {
    script_survives_slow_links(Security::Keys, Mode::Throttle(400));
}

#[test]
fn the_script_survives_half_closed_connections() {
    for way in [Way::There, Way::Back] {
        script_survives_ends_of_links(Security::Insecure, Mode::HalfClose(way));
    }
}

#[test]
fn the_script_survives_resets() {
    script_survives_ends_of_links(Security::Keys, Mode::Reset);
}

#[test]
fn the_script_survives_corruption() {
    // Behind the handshake: of a message whose length is corrupted, the rest is awaited for long.
    for (security, place) in [(Security::Insecure, 200), (Security::Keys, 1_200)] {
        script_survives_ends_of_links(security, Mode::Corrupt(Way::There, place));
    }
}

#[test]
fn the_script_survives_a_black_hole() {
    script_survives_ends_of_links(Security::Insecure, Mode::BlackHole);
}

async fn assert_corruption_is_detected(security: Security, places: impl Iterator<Item = usize>) {
    let pair = Pair::new(security, limits());
    for (number, place) in (1..).zip(places) {
        let way = if number % 2 == 0 { Way::There } else { Way::Back };
        pair.proxy.set(Mode::Corrupt(way, place));
        let harmed = pair.proxy.harmed();
        pair.proxy.reset();
        until(async || {
            pair.ask(number, 40).await;
            pair.proxy.harmed() > harmed
        })
        .await;
        pair.proxy.set(Mode::Forward);
        pair.until_answered(number).await;
    }
    let asked = pair.asked.all();
    assert!(asked.iter().all(|told| matches!(told, Output::Asked { is_intact: true, .. })));
    pair.stop().await;
}

#[test]
fn a_corrupted_byte_never_reaches_the_machine_and_the_link_recovers() {
    // The offsets cover the handshake and the frames after it.
    within_a_minute(assert_corruption_is_detected(Security::Insecure, (0..400).step_by(9)));
}

#[test]
fn a_corrupted_byte_is_as_harmless_under_tls() {
    within_a_minute(assert_corruption_is_detected(Security::Keys, (0..1_600).step_by(41)));
}

async fn assert_black_hole_ends_link(security: Security) {
    let pair = Pair::new(security, limits());
    pair.until_answered(1).await;
    pair.proxy.set(Mode::BlackHole);
    until(async || pair.proxy.harmed() > 0).await;
    let began = tokio::time::Instant::now();
    until(async || {
        pair.ask(2, 10).await;
        pair.ask_back(2, 10).await;
        pair.one.traffic(2).down > 0 && pair.two.traffic(1).down > 0
    })
    .await;
    // The limit, a third more until it is noticed, and some time for a busy computer.
    assert!(began.elapsed() < 4 * SHORT, "{:?}", began.elapsed());
    assert_eq!(pair.links(), [1, 1]);
    pair.proxy.set(Mode::Forward);
    pair.until_answered(3).await;
    assert_eq!(pair.links(), [2, 2]);
    pair.stop().await;
}

#[test]
fn a_black_hole_ends_the_link_on_both_sides_and_the_link_recovers_after_it() {
    within_a_minute(assert_black_hole_ends_link(Security::Insecure));
    within_a_minute(assert_black_hole_ends_link(Security::Keys));
}

async fn assert_slow_peer_is_isolated(security: Security) {
    let limits = Limits { queue_bytes: 64 * 1_024, ..Limits::default() };
    let cluster = TestCluster::with(3, security, limits);
    let proxy = Proxy::before(cluster.address(node(2))).expect("a port is free");
    let heard = Outputs::new();
    let running: Vec<_> = NodeId::all(3)
        .map(|me| {
            let mut setup = cluster.setup(me, Asker);
            setup.roster = through(&cluster.roster, node(2), &proxy);
            begin(setup, if me == node(1) { heard.clone() } else { Outputs::new() })
        })
        .collect();
    let one = &running[0];
    let say = async |to, number, bytes| {
        let _ = one.commands.send(Ask { to: node(to), number, bytes }).await;
    };
    let traffic = |peer| one.traffic(peer);
    until(async || traffic(2).links == 1 && traffic(3).links == 1).await;
    proxy.set(Mode::Stall(Way::There));
    // First the system's own buffers fill up.
    until(async || {
        for _ in 0..32 {
            say(2, 0, 50_000).await;
        }
        traffic(2).full > 0
    })
    .await;
    let before = heard.all().len();
    for number in 1..=500 {
        say(3, number, 100).await;
        say(2, 0, 50_000).await;
        heard.until(before + number as usize).await;
    }
    let answers = heard.all().split_off(before);
    let meant = (1..=500).map(|number| Output::Answered { from: node(3), number });
    assert_eq!(answers, meant.collect::<Vec<_>>());
    assert_eq!((traffic(3).full, traffic(3).down), (0, 0));
    assert!(traffic(2).full > 400, "{:?}", traffic(2));
    assert_eq!(traffic(2).links, 1, "the slow peer's link stays");
    proxy.set(Mode::Forward);
    for one in running {
        one.stop().await;
    }
}

#[test]
fn a_peer_that_stops_reading_slows_no_other_and_its_lost_messages_are_counted() {
    within_a_minute(assert_slow_peer_is_isolated(Security::Insecure));
    within_a_minute(assert_slow_peer_is_isolated(Security::Keys));
}
