use std::rc::Rc;
use std::time::Duration;

use rand::RngExt as _;
use rehearsal_protocol::{Machine, NodeId};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep, timeout};

use super::handshake::{Failed, Introduction};
use super::{Established, Event, stream};
use crate::Limits;
use crate::refusals::{Reason, Refusals};
use crate::tls::Tls;

/// Sees to it that there is a link to this peer, for ever.
pub(crate) async fn keep_dialling<M: Machine>(
    to: NodeId,
    us: Rc<Introduction>,
    tls: Option<Tls>,
    limits: Limits,
    refusals: Rc<Refusals>,
    inbox: mpsc::Sender<Event<M>>,
) {
    let Some(address) = us.roster.member(to).map(|member| member.address) else { return };
    let mut pause = *limits.redial.start();
    loop {
        let connecting = async {
            let connection = TcpStream::connect(address).await?;
            stream::dial(connection, to, tls.as_ref(), &us).await
        };
        match timeout(limits.handshake, connecting).await.unwrap_or(Err(Failed::Ours(Reason::Late)))
        {
            Ok((peer, halves)) => {
                pause = *limits.redial.start();
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
            Err(Failed::Ours(Reason::Closed | Reason::Late)) => {}
            Err(Failed::Ours(reason)) => refusals.note(address.ip(), reason),
            Err(Failed::Theirs(refusal)) => refusals.note_theirs(address.ip(), refusal),
        }
        sleep(jittered(pause)).await;
        pause = (pause * 2).min(*limits.redial.end());
    }
}

/// From half of it to all of it, so that those who lost a peer at the same
/// time do not come back at the same time.
fn jittered(pause: Duration) -> Duration {
    let half = pause / 2;
    half + rand::rng().random_range(Duration::ZERO..=half)
}
