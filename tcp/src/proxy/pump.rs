//! One direction of a connection through a proxy.
//!
//! A reader takes chunks as they come, and does to them what the proxy is to do. A writer delivers
//! each when it is due. So a delayed link takes in as much as an undelayed one: a span of time, not
//! a chunk, is between the two.

use std::sync::PoisonError;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, sleep_until};

use super::{Mode, Proxy, Shared, Way};

/// How many chunks wait at most.
pub(super) const CHUNKS: usize = 64;

/// The size of a chunk, in bytes, at most.
pub(super) const CHUNK: usize = 16 * 1_024;

/// The pause of a throttled connection.
const PAUSE: Duration = Duration::from_millis(5);

/// What the writer is to do.
enum Order {
    /// Deliver these bytes, and not before this instant.
    Deliver(Instant, Vec<u8>),
    /// Close this direction.
    Close,
}

/// Forwards bytes in one direction until the connection ends.
pub(super) async fn pump(from: ReadHalf<'_>, to: WriteHalf<'_>, way: Way, shared: &Shared) {
    let (sender, orders) = mpsc::channel(CHUNKS);
    tokio::join!(read(from, sender, way, shared), write(to, orders));
}

async fn read(mut from: ReadHalf<'_>, orders: mpsc::Sender<Order>, way: Way, shared: &Shared) {
    let mut modes: watch::Receiver<Mode> = shared.mode.clone();
    let (mut buffer, mut carried) = (vec![0; CHUNK], 0);
    let (mut is_dark, mut is_shut) = (false, false);
    loop {
        let mode = *modes.borrow_and_update();
        is_dark |= mode == Mode::BlackHole;
        if mode == Mode::HalfClose(way) && !is_shut {
            is_shut = true;
            if orders.send(Order::Close).await.is_err() {
                return;
            }
        }
        if mode == Mode::Stall(way) {
            if modes.changed().await.is_err() {
                return;
            }
            continue;
        }
        let most = if let Mode::Throttle(bytes) = mode { bytes.clamp(1, CHUNK) } else { CHUNK };
        let read = tokio::select! {
            read = from.read(&mut buffer[..most]) => read,
            changed = modes.changed() => if changed.is_ok() { continue } else { return },
            // The other side reads no more.
            () = orders.closed() => return,
        };
        let Ok(read @ 1..) = read else { return };
        let bytes = &mut buffer[..read];
        if way == Way::There {
            let mut said = shared.said.lock().unwrap_or_else(PoisonError::into_inner);
            let room = Proxy::MOST_SAID.saturating_sub(said.len());
            said.extend_from_slice(&bytes[..room.min(read)]);
        }
        if is_dark || is_shut {
            shared.harmed.send_modify(|harmed| *harmed += read);
            continue;
        }
        let mut due = Instant::now();
        match mode {
            Mode::Delay(span) => due += span,
            Mode::Throttle(_) => sleep(PAUSE).await,
            Mode::Corrupt(which, place) if which == way => {
                if let Some(byte) = place.checked_sub(carried).and_then(|at| bytes.get_mut(at)) {
                    *byte ^= 1 << (place % 8);
                    shared.harmed.send_modify(|harmed| *harmed += 1);
                }
            }
            _ => {}
        }
        carried += read;
        // What is due earlier than what was read before it waits for that in the queue.
        if orders.send(Order::Deliver(due, bytes.to_vec())).await.is_err() {
            return;
        }
    }
}

async fn write(mut to: WriteHalf<'_>, mut orders: mpsc::Receiver<Order>) {
    while let Some(order) = orders.recv().await {
        match order {
            Order::Deliver(due, bytes) => {
                sleep_until(due).await;
                if to.write_all(&bytes).await.is_err() {
                    return;
                }
            }
            Order::Close => {
                let _ = to.shutdown().await;
            }
        }
    }
    let _ = to.shutdown().await;
}
