use std::io::BufRead as _;
use std::thread::Builder;

use tokio::sync::mpsc;

use super::TYPED;

/// The lines of standard input, as they come. They are read on a thread of
/// their own, which nobody waits for: no end of the process hangs on a line
/// that is never typed.
pub(super) fn lines() -> mpsc::Receiver<String> {
    let (told, lines) = mpsc::channel(TYPED);
    let reading = move || {
        let mut input = std::io::stdin().lock();
        let mut line = Vec::new();
        while input.read_until(b'\n', &mut line).is_ok_and(|bytes| bytes > 0) {
            let text = String::from_utf8_lossy(&line);
            if told.blocking_send(text.trim_end_matches(['\r', '\n']).to_owned()).is_err() {
                return;
            }
            line.clear();
        }
    };
    // Without it the node runs, and nobody can talk to it.
    let started = Builder::new().name("standard input".to_owned()).spawn(reading);
    if let Err(error) = started {
        tracing::warn!(%error, "standard input is not read");
    }
    lines
}
