//! Peers that break the protocol after the handshake.

use std::time::Duration;

use rehearsal_tcp::{Limits, Security};

use crate::asker::Output;
use crate::pair::node;
use crate::raw_client::{RawClient, ask, frame};
use crate::target::Target;
use crate::test_cluster::{TestCluster, within_a_minute};

#[test]
fn messages_that_the_machine_cannot_decode_are_lost_and_the_link_stays() {
    within_a_minute(async {
        let target = Target::new(Security::Insecure);
        let mut client = RawClient::plain(target.address()).await.admitted().await;
        let too_long = [ask(1), vec![0]].concat();
        for (count, message) in [(1, &too_long[..]), (2, &[9]), (3, &[])] {
            client.send(&frame(count, message)).await.expect("the node listens");
        }
        target.asked(&mut client, 4, 2).await;
        let first = Output::Asked { from: node(1), number: 1, is_intact: true };
        assert!(!target.outputs.all().contains(&first));
        let traffic = target.two.traffic(1);
        assert_eq!((traffic.received, traffic.undecodable, traffic.links), (1, 3, 1));
        target.stop().await;
    });
}

/// Asserts that a node closes the link of a peer that sends a valid frame and then these bytes, and
/// that its machine gets only the valid frame.
fn assert_link_closed(bytes: &[u8], idle: Duration) {
    within_a_minute(async {
        let limits = Limits { idle, ..Limits::default() };
        let target = Target::of(TestCluster::with(3, Security::Insecure, limits));
        target.assert_serves(0).await;
        let mut client = RawClient::plain(target.address()).await.admitted().await;
        client.send(&[&frame(1, &ask(300))[..], bytes].concat()).await.expect("the node listens");
        client.until_closed().await;
        target.assert_serves(1).await;
        let is_from_n1 =
            |output: &&Output| matches!(output, Output::Asked { from, .. } if *from == node(1));
        assert_eq!(target.outputs.all().iter().filter(is_from_n1).count(), 1);
        assert_eq!(target.two.traffic(1).received, 1);
        target.stop().await;
    });
}

#[test]
fn frames_after_a_farewell_are_ignored() {
    let farewell = [0, 0, 0, 5, 2, 0x3c, 0x0c, 0x8e, 0xa1];
    assert_link_closed(&[&farewell[..], &frame(2, &ask(301))].concat(), Duration::from_secs(60));
}

#[test]
fn an_incomplete_frame_closes_the_link_of_a_silent_peer() {
    let all = frame(2, &ask(301));
    for length in [3, 4, all.len() - 1] {
        assert_link_closed(&all[..length], Duration::from_millis(300));
    }
}

/// Longer than any test, so that the link is not closed because the peer is silent.
const LONG: Duration = Duration::from_secs(600);

#[test]
fn a_frame_of_four_gigabytes_closes_the_link() {
    assert_link_closed(&[0xff; 4], LONG);
    assert_link_closed(&[0xff; 40], LONG);
}

#[test]
fn an_invalid_frame_closes_the_link() {
    let mut corrupt = frame(2, &ask(301));
    *corrupt.last_mut().expect("a checksum") ^= 1;
    assert_link_closed(&corrupt, LONG);
    assert_link_closed(&[0, 0, 0, 3, 0, 0, 0], LONG);
    assert_link_closed(&frame(0, &ask(301)), LONG);
}
