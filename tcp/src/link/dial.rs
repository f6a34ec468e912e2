use std::ops::RangeInclusive;
use std::rc::Rc;
use std::time::Duration;

use rand::RngExt as _;
use rehearsal_machine::NodeId;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep, timeout};

use super::handshake::{Handshake, HandshakeFailure};
use super::{Established, Event, stream};
use crate::Limits;
use crate::random::generator;
use crate::refusals::{HandshakeError, Refusals};
use crate::tls::Tls;

/// Sees to it that there is a link to this peer, for ever.
pub(crate) async fn keep_dialling(
    to: NodeId,
    us: Rc<Handshake>,
    tls: Option<Tls>,
    limits: Limits,
    refusals: Rc<Refusals>,
    inbox: mpsc::Sender<Event>,
) {
    let Some(address) = us.roster.member(to).map(|member| member.address) else { return };
    let mut pauses = Pauses::new(&limits.redial);
    loop {
        let connecting = async {
            let connection = TcpStream::connect(address).await?;
            stream::dial(connection, to, tls.as_ref(), &us).await
        };
        match timeout(limits.handshake, connecting)
            .await
            .unwrap_or(Err(HandshakeFailure::ByUs(HandshakeError::Timeout)))
        {
            Ok((peer, halves)) => {
                pauses = Pauses::new(&limits.redial);
                let (until_down, down) = oneshot::channel();
                let established =
                    Established { peer, read: halves.read, write: halves.write, until_down };
                if inbox.send(Event::Up(established)).await.is_err() {
                    return;
                }
                // Its other end is dropped, never sent on.
                let _ = down.await;
            }
            // Not yet there, or no longer.
            Err(HandshakeFailure::ByUs(HandshakeError::Closed | HandshakeError::Timeout)) => {}
            Err(HandshakeFailure::ByUs(reason)) => refusals.note(address.ip(), reason),
            Err(HandshakeFailure::ByPeer(reason)) => refusals.note_theirs(address.ip(), reason),
        }
        sleep(pauses.next()).await;
    }
}

/// How long to wait before each attempt: from half of a span to all of it, so
/// that those who lost a peer at the same time do not come back at the same
/// time; the span doubles, and no pause leaves the bounds.
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
    fn pauses_double_and_never_leave_their_bounds() {
        for _ in 0..1_000 {
            let mut span = 20;
            for pause in pauses(20, 2_000) {
                span = (2 * span).min(2_000);
                assert!((span / 2..=span).contains(&pause), "{pause} of {span}");
            }
        }
    }

    #[test]
    fn two_who_lose_a_peer_together_do_not_come_back_together() {
        let first: std::collections::BTreeSet<_> =
            (0..100).map(|_| pauses(1_000, 60_000)[0]).collect();
        assert!(first.len() > 50, "{first:?}");
    }

    #[test]
    fn bounds_that_leave_no_choice_are_kept() {
        assert!(pauses(20, 20).iter().all(|pause| *pause == 20));
        assert!(pauses(20, 30).iter().all(|pause| (20..=30).contains(pause)));
        assert!(pauses(20, 10).iter().all(|pause| *pause == 20), "the wrong way round");
        assert!(pauses(0, 0).iter().all(|pause| *pause == 0));
    }
}
