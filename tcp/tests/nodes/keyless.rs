//! Who is not let in where everybody has a key.

use rehearsal_tcp::{HandshakeError, Key, Refusal, Security};

use crate::asker::{Asker, Told};
use crate::house::{House, is_not_let_in};
use crate::pair::{node, until};
use crate::proxy::{Proxy, through};
use crate::raw::{Answered, Raw, Words, ask, frame};
use crate::secret::Shows;
use crate::test_cluster::{Heard, begin, within_a_minute};

fn house() -> House {
    House::new(Security::Keys)
}

/// Somebody who says these bytes is told nothing.
fn is_ignored(bytes: &[u8], reason: HandshakeError) {
    within_a_minute(is_not_let_in(Security::Keys, reason, async |house| {
        let mut raw = Raw::plain(house.door()).await;
        let _ = raw.say(bytes).await;
        Some(raw)
    }));
}

/// Tries to become n1.
async fn tries(house: &House, shows: &Shows<'_>) -> Option<Raw> {
    let mut raw = Raw::secret(house.door(), shows).await.ok()?;
    assert_eq!(raw.introduce(&Words::right()).await, None);
    Some(raw)
}

#[test]
fn without_a_key_nobody_is_let_in() {
    within_a_minute(is_not_let_in(Security::Keys, HandshakeError::UnknownKey, async |house| {
        tries(house, &Shows::Nothing).await
    }));
}

#[test]
fn an_unlisted_key_is_not_let_in() {
    within_a_minute(is_not_let_in(Security::Keys, HandshakeError::UnknownKey, async |house| {
        let file = house.cluster.folder.path().join("unlisted.key");
        if !file.exists() {
            Key::create(&file).expect("there is room for it");
        }
        tries(house, &Shows::Key(&file)).await
    }));
}

#[test]
fn a_certificate_is_no_key() {
    within_a_minute(is_not_let_in(Security::Keys, HandshakeError::UnknownKey, async |house| {
        tries(house, &Shows::Certificate(&house.key(1))).await
    }));
}

#[test]
fn a_listed_key_is_that_of_one_node_only() {
    let refusal = Refusal::OthersKey;
    within_a_minute(is_not_let_in(
        Security::Keys,
        HandshakeError::Refused(refusal),
        async |house| {
            let mut raw = Raw::secret(house.door(), &Shows::Key(&house.key(3))).await.ok()?;
            let answered = raw.introduce(&Words::right()).await;
            assert_eq!(answered, Some(Answered::Rejected(refusal as u8)));
            Some(raw)
        },
    ));
}

#[test]
fn another_cluster_is_not_let_in_with_any_key() {
    within_a_minute(is_not_let_in(
        Security::Keys,
        HandshakeError::Refused(Refusal::Cluster),
        async |house| {
            let mut raw = Raw::secret(house.door(), &Shows::Key(&house.key(1))).await.ok()?;
            let words = Words { cluster: "enemies", ..Words::right() };
            assert_eq!(raw.introduce(&words).await, Some(Answered::Rejected(1)));
            Some(raw)
        },
    ));
}

#[test]
fn plain_text_is_not_understood() {
    is_ignored(&Words::right().bytes(), HandshakeError::UnknownKey);
    is_ignored(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n", HandshakeError::UnknownKey);
    is_ignored(&[0xff; 600], HandshakeError::UnknownKey);
}

#[test]
fn half_of_a_greeting_is_waited_for_only_so_long() {
    is_ignored(b"", HandshakeError::Timeout);
    is_ignored(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", HandshakeError::Timeout);
    within_a_minute(is_not_let_in(Security::Keys, HandshakeError::Timeout, async |house| {
        let mut raw = Raw::secret(house.door(), &Shows::Key(&house.key(1))).await.ok()?;
        raw.say(&Words::right().bytes()[..20]).await.expect("it listens");
        Some(raw)
    }));
}

#[test]
fn who_hangs_up_in_the_middle_is_not_let_in() {
    within_a_minute(is_not_let_in(Security::Keys, HandshakeError::Closed, async |house| {
        let mut raw = Raw::plain(house.door()).await;
        raw.say(b"\x16\x03\x01\x02\x00\x01").await.expect("it listens");
        None
    }));
}

#[test]
fn what_a_dialer_once_said_is_worth_nothing_when_it_is_said_again() {
    within_a_minute(is_not_let_in(Security::Keys, HandshakeError::UnknownKey, async |house| {
        let said = recorded().await;
        let mut raw = Raw::plain(house.door()).await;
        let _ = raw.say(&said).await;
        Some(raw)
    }));
}

/// What a real n1 said over TLS to a real n2.
async fn recorded() -> Vec<u8> {
    let cluster = crate::test_cluster::TestCluster::new(2, Security::Keys);
    let proxy = Proxy::before(cluster.address(node(2))).await;
    proxy.record();
    let mut setup = cluster.setup(node(1), Asker);
    setup.roster = through(&cluster.roster, node(2), &proxy);
    let (one, two) = (begin(setup, Heard::new()), cluster.start(node(2), Asker, Heard::new()));
    until(async || two.metrics.traffic(node(1)).links == 1).await;
    one.stop().await.expect("it stops well");
    two.stop().await.expect("it stops well");
    proxy.recorded()
}

#[test]
fn who_speaks_as_documented_with_the_right_key_is_heard() {
    within_a_minute(async {
        let house = house();
        let raw = Raw::secret(house.door(), &Shows::Key(&house.key(1))).await;
        let mut raw = raw.expect("its key is listed").admitted().await;
        raw.say(&frame(1, &ask(300))).await.expect("it listens");
        let heard = Told::Asked { from: node(1), number: 300, is_whole: true };
        until(async || house.heard.all().contains(&heard)).await;
        house.stop().await;
    });
}
