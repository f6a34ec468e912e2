//! How the owner of real nodes says that it is enough.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::exit::Stop;

/// From when it is made on, the process is not ended by a signal but told of it.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// To be made within a runtime.
    pub(super) fn new() -> Result<Self, Stop> {
        let listen = |kind| {
            signal(kind).map_err(|error: io::Error| {
                Stop::usage(format!("the system does not tell of signals: {error}"))
            })
        };
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
        })
    }

    /// Waits until either asks for an orderly end.
    pub(super) async fn asked(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    /// Waits until somebody has no more patience.
    pub(super) async fn insisted(&mut self) {
        self.interrupt.recv().await;
    }
}
