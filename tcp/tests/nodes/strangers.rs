//! Who is not let in where nobody has keys.

use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use rehearsal_tcp::{HandshakeError, Refusal, Security};

use crate::asker::{Asker, Told};
use crate::house::{House, is_not_let_in};
use crate::pair::{node, until};
use crate::proxy::{Proxy, through};
use crate::raw::{Answered, Raw, Words, ask, frame, varint, with_length};
use crate::test_cluster::{Heard, TestCluster, begin, within_a_minute};

fn house() -> House {
    House::new(Security::Insecure)
}

/// Somebody who says these words is told why not.
fn is_rejected(words: &Words, refusal: Refusal) {
    within_a_minute(is_not_let_in(
        Security::Insecure,
        HandshakeError::Refused(refusal),
        async |house| {
            let mut raw = Raw::plain(house.door()).await;
            assert_eq!(raw.introduce(words).await, Some(Answered::Rejected(refusal as u8)));
            Some(raw)
        },
    ));
}

/// Somebody who says these bytes is told nothing.
fn is_ignored(bytes: &[u8], reason: HandshakeError) {
    within_a_minute(is_not_let_in(Security::Insecure, reason, async |house| {
        let mut raw = Raw::plain(house.door()).await;
        let _ = raw.say(bytes).await;
        Some(raw)
    }));
}

#[test]
fn another_cluster_is_not_let_in() {
    is_rejected(&Words { cluster: "enemies", ..Words::right() }, Refusal::Cluster);
}

#[test]
fn another_version_is_not_let_in() {
    is_rejected(&Words { versions: (2, 9), ..Words::right() }, Refusal::Version);
    is_rejected(&Words { versions: (0, 0), ..Words::right() }, Refusal::Version);
}

#[test]
fn who_wants_another_node_is_not_let_in() {
    is_rejected(&Words { to: 3, ..Words::right() }, Refusal::NotThisNode);
}

#[test]
fn a_node_that_there_is_not_is_not_let_in() {
    is_rejected(&Words { from: 4, ..Words::right() }, Refusal::NoSuchNode);
}

#[test]
fn a_higher_number_does_not_dial() {
    is_rejected(&Words { from: 3, ..Words::right() }, Refusal::OthersTurn);
    is_rejected(&Words { from: 2, ..Words::right() }, Refusal::OthersTurn);
}

#[test]
fn another_configuration_is_not_let_in() {
    let compatible = vec![[3; 32], [4; 32]];
    is_rejected(&Words { digest: [2; 32], compatible, ..Words::right() }, Refusal::Configuration);
}

#[test]
fn another_configuration_is_let_in_if_either_knows_the_others() {
    within_a_minute(async {
        let house = house();
        let words = Words { digest: [2; 32], compatible: vec![[3; 32], [1; 32]], ..Words::right() };
        let mut raw = Raw::plain(house.door()).await;
        assert!(matches!(raw.introduce(&words).await, Some(Answered::Welcome { .. })));
        house.stop().await;
    });
    within_a_minute(async {
        let cluster = TestCluster::new(2, Security::Insecure);
        let mut setup = cluster.setup(node(2), Asker);
        setup.compatible = vec![[3; 32], [2; 32]];
        let two = begin(setup, Heard::new());
        let mut raw = Raw::plain(cluster.address(node(2))).await;
        let words = Words { digest: [2; 32], ..Words::right() };
        assert!(matches!(raw.introduce(&words).await, Some(Answered::Welcome { .. })));
        two.stop().await.expect("it stops well");
    });
}

#[test]
fn what_a_dialer_once_said_is_worth_nothing_when_it_is_said_again() {
    within_a_minute(async {
        let house = house();
        let proxy = Proxy::before(house.door()).await;
        proxy.record();
        let mut setup = house.cluster.setup(node(1), Asker);
        setup.roster = through(&house.cluster.roster, node(2), &proxy);
        let heard = Heard::new();
        let one = begin(setup, heard.clone());
        until(async || house.two.metrics.traffic(node(1)).links == 1).await;
        one.stop().await.expect("it stops well");
        let said = proxy.recorded();
        house.stop().await;
        is_not_let_in(
            Security::Insecure,
            HandshakeError::Refused(Refusal::Repeated),
            async |house| {
                let mut raw = Raw::plain(house.door()).await;
                raw.say(&said).await.expect("it listens");
                Some(raw)
            },
        )
        .await;
    });
}

#[test]
fn a_welcome_that_is_not_confirmed_lets_nobody_in() {
    within_a_minute(is_not_let_in(
        Security::Insecure,
        HandshakeError::Refused(Refusal::Repeated),
        async |house| {
            let mut raw = Raw::plain(house.door()).await;
            let Some(Answered::Welcome { nonce }) = raw.introduce(&Words::right()).await else {
                panic!("it is welcome")
            };
            raw.say(&with_length(&varint(nonce ^ 1))).await.expect("it listens");
            raw.say(&frame(1, &ask(9))).await.expect("it listens");
            Some(raw)
        },
    ));
    within_a_minute(is_not_let_in(Security::Insecure, HandshakeError::Timeout, async |house| {
        let mut raw = Raw::plain(house.door()).await;
        raw.introduce(&Words::right()).await.expect("it is welcome");
        Some(raw)
    }));
}

#[test]
fn other_languages_are_not_spoken() {
    is_ignored(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n", HandshakeError::Malformed);
    is_ignored(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", HandshakeError::Malformed);
}

#[test]
fn a_word_longer_than_any_is_refused_before_it_has_come() {
    is_ignored(&[0xff, 0xff], HandshakeError::Malformed);
    is_ignored(&1_025_u16.to_be_bytes(), HandshakeError::Malformed);
}

#[test]
fn half_a_word_is_waited_for_only_so_long() {
    let all = Words::right().bytes();
    for length in [0, 1, all.len() - 1] {
        is_ignored(&all[..length], HandshakeError::Timeout);
    }
}

#[test]
fn who_hangs_up_in_the_middle_is_not_let_in() {
    within_a_minute(is_not_let_in(Security::Insecure, HandshakeError::Closed, async |house| {
        let mut raw = Raw::plain(house.door()).await;
        raw.say(&Words::right().bytes()[..20]).await.expect("it listens");
        None
    }));
}

#[test]
fn random_bytes_let_nobody_in() {
    within_a_minute(async {
        let (house, mut random) = (house(), ChaCha8Rng::seed_from_u64(6));
        let mut there = Vec::new();
        for number in 1..=100 {
            let mut bytes = vec![0; 1 + random.next_u32() as usize % 2_000];
            random.fill_bytes(&mut bytes);
            // Half of them begin as a word does.
            if number % 2 == 0 {
                bytes = with_length(&[b"RHSL\0\x01\0\x01", &bytes[..bytes.len() / 2]].concat());
            }
            let mut raw = Raw::plain(house.door()).await;
            let _ = raw.say(&bytes).await;
            there.push(raw);
            house.serves(number).await;
        }
        let refused = |reason| house.two.metrics.refused(reason);
        until(async || {
            refused(HandshakeError::Malformed) + refused(HandshakeError::Timeout) == 100
        })
        .await;
        assert!(refused(HandshakeError::Malformed) > 90);
        assert!(house.has_met_nobody());
        assert!(house.log.all().len() <= 2);
        house.stop().await;
    });
}

#[test]
fn who_speaks_as_documented_is_heard_and_answered() {
    within_a_minute(async {
        let house = house();
        let mut raw = Raw::plain(house.door()).await.admitted().await;
        raw.say(&frame(1, &ask(300))).await.expect("it listens");
        let heard = Told::Asked { from: node(1), number: 300, is_whole: true };
        until(async || house.heard.all().contains(&heard)).await;
        let (meant, mut answer) = (frame(1, &[1, 0xac, 2]), Vec::new());
        while !answer.windows(meant.len()).any(|part| part == meant) {
            tokio::io::AsyncReadExt::read_buf(&mut raw.0, &mut answer).await.expect("it answers");
        }
        house.stop().await;
    });
}

#[test]
fn what_the_machine_does_not_know_is_lost_and_the_link_stays() {
    within_a_minute(async {
        let house = house();
        let mut raw = Raw::plain(house.door()).await.admitted().await;
        let too_long = [ask(1), vec![0]].concat();
        for (count, message) in [(1, &too_long[..]), (2, &[9]), (3, &[]), (4, &ask(2))] {
            raw.say(&frame(count, message)).await.expect("it listens");
        }
        let heard = |number| Told::Asked { from: node(1), number, is_whole: true };
        until(async || house.heard.all().contains(&heard(2))).await;
        assert!(!house.heard.all().contains(&heard(1)));
        let traffic = house.two.metrics.traffic(node(1));
        assert_eq!((traffic.received, traffic.undecodable, traffic.links), (1, 3, 1));
        house.stop().await;
    });
}

/// A peer that was let in says something whole, then these bytes: it is cut
/// off, and nothing but what was whole is heard.
fn is_cut_off(bytes: &[u8], idle: Duration) {
    within_a_minute(async {
        let mut cluster = TestCluster::new(3, Security::Insecure);
        cluster.limits.idle = idle;
        let house = House::of(cluster);
        house.serves(0).await;
        let mut raw = Raw::plain(house.door()).await.admitted().await;
        raw.say(&[&frame(1, &ask(300))[..], bytes].concat()).await.expect("it listens");
        raw.hung_up().await;
        house.serves(1).await;
        let from_it = |told: &&Told| matches!(told, Told::Asked { from, .. } if *from == node(1));
        assert_eq!(house.heard.all().iter().filter(from_it).count(), 1);
        assert_eq!(house.two.metrics.traffic(node(1)).received, 1);
        house.stop().await;
    });
}

#[test]
fn who_says_good_bye_is_not_heard_any_more() {
    let good_bye = [0, 0, 0, 5, 2, 0x3c, 0x0c, 0x8e, 0xa1];
    is_cut_off(&[&good_bye[..], &frame(2, &ask(301))].concat(), Duration::from_secs(60));
}

#[test]
fn half_a_frame_is_waited_for_only_so_long() {
    let all = frame(2, &ask(301));
    for length in [3, 4, all.len() - 1] {
        is_cut_off(&all[..length], Duration::from_millis(300));
    }
}

/// Longer than any test: what is cut off is not cut off for its silence.
const LONG: Duration = Duration::from_secs(600);

#[test]
fn a_frame_of_four_gigabytes_cuts_the_link() {
    is_cut_off(&[0xff; 4], LONG);
    is_cut_off(&[0xff; 40], LONG);
}

#[test]
fn what_is_no_frame_cuts_the_link() {
    let mut corrupt = frame(2, &ask(301));
    *corrupt.last_mut().expect("it has a sum") ^= 1;
    is_cut_off(&corrupt, LONG);
    is_cut_off(&[0, 0, 0, 3, 0, 0, 0], LONG);
    is_cut_off(&frame(0, &ask(301)), LONG);
}
