//! The signals that end real nodes and sweeps.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{CliError, watchdog};

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

/// Becomes true when an orderly end is asked for. From then on a signal no longer ends the
/// process at once.
pub(super) fn flag() -> Result<Arc<AtomicBool>, CliError> {
    let flag = Arc::new(AtomicBool::new(false));
    let raised = Arc::clone(&flag);
    let (sender, is_ready) = mpsc::channel();
    watchdog::spawn("signals", move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let Ok(runtime) = runtime else { return };
        runtime.block_on(async {
            let mut signals = match Signals::new() {
                Ok(signals) => signals,
                Err(error) => return drop(sender.send(Err(error))),
            };
            if sender.send(Ok(())).is_ok() {
                signals.asked().await;
                raised.store(true, Ordering::Relaxed);
            }
        });
    });
    let no_runtime = || CliError::usage("the system does not report signals");
    is_ready.recv().map_err(|_| no_runtime())??;
    Ok(flag)
}
