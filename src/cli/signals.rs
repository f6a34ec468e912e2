//! The signals that end real nodes.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::CliError;

/// As soon as it exists, a signal no longer ends the process at once.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Has to be called within a runtime.
    pub(super) fn new() -> Result<Self, CliError> {
        let listen = |kind| {
            signal(kind).map_err(|error: io::Error| {
                CliError::usage(format!("the system does not report signals: {error}"))
            })
        };
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
        })
    }

    /// Waits until an orderly end is asked for.
    pub(super) async fn asked(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    /// Waits until an end without delay is asked for.
    pub(super) async fn insisted(&mut self) {
        self.interrupt.recv().await;
    }
}
