use std::ops::RangeInclusive;
use std::rc::Rc;
use std::time::Duration;

use rand::RngExt as _;
use rehearsal_machine::NodeId;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep, timeout};

use super::handshake::{Handshake, HandshakeFailure};
use super::refusal_log::RefusalLog;
use super::{Established, Event};
use crate::Limits;
use crate::random::generator;
use crate::tls::Tls;
use crate::wire::refusal::{HandshakeError, Refusal};

/// Connects to a peer, and reconnects whenever the link is down, until the task is aborted.
pub(crate) async fn keep_dialling(
    to: NodeId,
    us: Rc<Handshake>,
    tls: Option<Tls>,
    limits: Limits,
    refusals: Rc<RefusalLog>,
    inbox: mpsc::Sender<Event>,
) {
    let Some(address) = us.roster.member(to).map(|member| member.address) else { return };
    let mut pauses = Pauses::new(&limits.redial);
    loop {
        let connecting = async {
            let connection = TcpStream::connect(address).await?;
            us.dial(connection, to, tls.as_ref()).await
        };
        match timeout(limits.handshake, connecting)
            .await
            .unwrap_or(Err(HandshakeFailure::ByUs(HandshakeError::Timeout)))
        {
            Ok((peer, halves)) => {
                pauses = Pauses::new(&limits.redial);
                let (until_down, down) = oneshot::channel();
                let (read, write) = (halves.read, halves.write);
                let established = Established { peer, address, read, write, until_down };
                if inbox.send(Event::Up(established)).await.is_err() {
                    return;
                }
                // The sender is dropped when the link is down; it never sends.
                let _ = down.await;
            }
            // The peer does not run: nothing to report.
            Err(HandshakeFailure::ByUs(HandshakeError::Closed | HandshakeError::Timeout)) => {}
            Err(HandshakeFailure::ByUs(reason)) => {
                refusals.refused_by_us(address.ip(), reason);
                if reason == HandshakeError::Refused(Refusal::NewLife)
                    && inbox.send(Event::NewLife).await.is_err()
                {
                    return;
                }
            }
            Err(HandshakeFailure::ByPeer(reason)) => refusals.refused_by_peer(address.ip(), reason),
        }
        sleep(pauses.next()).await;
    }
}

/// The pauses before the attempts to reconnect. The span doubles with each attempt; a pause is
/// random between half of the span and all of it, so that nodes that lost a peer at the same time
/// do not return at the same time. No pause leaves the bounds.
struct Pauses {
    bounds: RangeInclusive<Duration>,
    span: Duration,
}

impl Pauses {
    fn new(bounds: &RangeInclusive<Duration>) -> Self {
        Self { bounds: bounds.clone(), span: *bounds.start() }
    }

    fn next(&mut self) -> Duration {
        let (least, most) = (*self.bounds.start(), *self.bounds.end());
        self.span = self.span.saturating_mul(2).min(most).max(least);
        generator().random_range((self.span / 2).max(least)..=self.span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pauses(from: u64, to: u64) -> Vec<u64> {
        let bounds = Duration::from_millis(from)..=Duration::from_millis(to);
        let mut pauses = Pauses::new(&bounds);
        (0..12).map(|_| pauses.next().as_millis() as u64).collect()
    }

    #[test]
    fn pauses_double_within_their_bounds() {
        for _ in 0..1_000 {
            let mut span = 20;
            for pause in pauses(20, 2_000) {
                span = (2 * span).min(2_000);
                assert!((span / 2..=span).contains(&pause), "{pause} of {span}");
            }
        }
    }

    #[test]
    fn two_nodes_that_lose_a_peer_together_do_not_return_together() {
        let first: std::collections::BTreeSet<_> =
            (0..100).map(|_| pauses(1_000, 60_000)[0]).collect();
        assert!(first.len() > 50, "{first:?}");
    }

    #[test]
    fn narrow_or_reversed_bounds_are_respected() {
        assert!(pauses(20, 20).iter().all(|pause| *pause == 20));
        assert!(pauses(20, 30).iter().all(|pause| (20..=30).contains(pause)));
        assert!(pauses(20, 10).iter().all(|pause| *pause == 20), "reversed bounds");
        assert!(pauses(0, 0).iter().all(|pause| *pause == 0));
    }
}
