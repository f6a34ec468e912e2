use std::cell::Cell;
use std::io;
use std::rc::Rc;

use tokio::io::AsyncWriteExt as _;

use super::outbox::{Outbox, Then};
use super::stream::WriteHalf;

/// What memory is kept for the next write, in bytes.
const KEPT: usize = 256 * 1_024;

/// Writes what waits, until nothing more will; `wrote` tells that something was.
pub(super) async fn write(
    mut half: WriteHalf,
    outbox: Rc<Outbox>,
    wrote: Rc<Cell<bool>>,
) -> io::Result<()> {
    let mut frames = Vec::new();
    loop {
        let then = outbox.take(&mut frames).await;
        half.write_all(&frames).await?;
        half.flush().await?;
        wrote.set(true);
        if then == Then::Ends {
            return half.shutdown().await;
        }
        if frames.capacity() > KEPT {
            frames = Vec::new();
        } else {
            frames.clear();
        }
    }
}
