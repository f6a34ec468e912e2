use std::io::{BufRead, Read as _};
use std::thread::Builder;

use tokio::sync::mpsc;

use super::{TYPED, complain};

/// How long a line may be, in bytes: no roster has room for a longer message.
const LONGEST: u64 = 16 * 1_024 * 1_024;

/// The lines of standard input, as they come. They are read on a thread of
/// their own, which is never joined: the end of the process does not wait for a line
/// that is never typed.
pub(super) fn lines() -> mpsc::Receiver<String> {
    let (told, lines) = mpsc::channel(TYPED);
    let reading = move || {
        let mut input = std::io::stdin().lock();
        while let Some(line) = next(&mut input, LONGEST) {
            let Ok(line) = line else {
                let message = format!("error: a line has more than {LONGEST} bytes: say less");
                complain(&mut std::io::stderr(), &message);
                continue;
            };
            if told.blocking_send(line).is_err() {
                return;
            }
        }
    };
    // Without it the node runs, and takes no commands.
    let started = Builder::new().name("standard input".to_owned()).spawn(reading);
    if let Err(error) = started {
        tracing::warn!(%error, "standard input is not read");
    }
    lines
}

/// The line is longer than a line may be.
#[derive(Debug, PartialEq, Eq)]
struct TooLong;

/// The next line without its end, if there is one. One that is too long is read
/// to its end, and never held as a whole.
fn next(input: &mut impl BufRead, longest: u64) -> Option<Result<String, TooLong>> {
    let mut line = Vec::new();
    input.by_ref().take(longest + 1).read_until(b'\n', &mut line).ok().filter(|read| *read > 0)?;
    if line.len() as u64 > longest && !line.ends_with(b"\n") {
        // Its end may be that of the input.
        let _ = input.skip_until(b'\n');
        return Some(Err(TooLong));
    }
    let text = String::from_utf8_lossy(&line);
    Some(Ok(text.trim_end_matches(['\r', '\n']).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_too_long_is_passed_over_and_the_next_one_read() {
        let mut input = "four\nfives\nto\r\n\nrest!".as_bytes();
        let lines: Vec<_> = std::iter::from_fn(|| next(&mut input, 4)).collect();
        let line = |text: &str| Ok(text.to_owned());
        assert_eq!(lines, [line("four"), Err(TooLong), line("to"), line(""), Err(TooLong)]);
    }
}
