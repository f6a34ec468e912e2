#![expect(
    clippy::disallowed_types,
    reason = "how much of a core is taken is asked of the real clock"
)]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::in_browser;
use crate::served::{Served, chat, window};

/// How long the processes of a cluster have computed so far.
fn computed(served: &Served) -> Duration {
    // Of all processes whose parent it is.
    let mut ticks = 0_u64;
    for entry in std::fs::read_dir("/proc").expect("a process table").flatten() {
        let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else { continue };
        let Some((_, rest)) = stat.rsplit_once(") ") else { continue };
        let fields: Vec<_> = rest.split(' ').collect();
        if fields[1] == served.id().to_string() {
            let time = |place: usize| fields[place].parse::<u64>().unwrap_or(0);
            ticks += time(11) + time(12);
        }
    }
    // Linux counts hundredths of a second.
    Duration::from_millis(10 * ticks)
}

/// A hundred browsers that look at a node to which nothing happens.
#[test]
fn a_hundred_idle_pages_of_one_node_take_less_than_a_hundredth_of_a_core() {
    let quiet = r#"Election((form: Textbook(answer_wait: "200ms", coordinator_wait: "500ms")))"#;
    let served = Served::start(1, quiet, &[]);
    let (place, rest) =
        served.pages[0].trim_start_matches("http://").split_once('/').expect("a path");
    let mut pages: Vec<_> = (0..100)
        .map(|_| {
            let mut stream = TcpStream::connect(place).expect("it listens");
            let asked = format!("GET /{rest}events HTTP/1.1\r\nHost: {place}\r\n\r\n");
            stream.write_all(asked.as_bytes()).expect("it reads");
            let mut answer = [0; 8];
            stream.read_exact(&mut answer).expect("it answers");
            assert_eq!(&answer, b"HTTP/1.1");
            stream
        })
        .collect();
    let (before, began) = (computed(&served), Instant::now());
    let mut last = [0; 4096];
    while began.elapsed() < Duration::from_secs(5) {
        // What comes is read, as browsers do.
        for page in &mut pages {
            page.set_read_timeout(Some(Duration::from_millis(10))).expect("a limit can be set");
            let _ = page.read(&mut last);
        }
    }
    let taken = computed(&served).saturating_sub(before);
    let share = taken.as_secs_f64() / began.elapsed().as_secs_f64();
    assert!(share < 0.01, "{:.2} % of a core", 100.0 * share);
}

/// So many users talk to one of them at the same time.
const TALKERS: usize = 5;
const EACH: usize = 2_000;

/// Types lines on the page of a node, one after the other, and waits until the node has them.
fn type_lines(page: &str, node: usize, lines: impl Iterator<Item = String>) {
    let (place, rest) = page.trim_start_matches("http://").split_once('/').expect("a path");
    let mut stream = TcpStream::connect(place).expect("it listens");
    let mut answers = stream.try_clone().expect("it can be read, too");
    let reading = std::thread::Builder::new()
        .spawn(move || std::io::copy(&mut answers, &mut std::io::sink()))
        .expect("a thread starts");
    let mut lines = lines.peekable();
    while let Some(line) = lines.next() {
        let body = format!(r#"{{"order":"line","node":{node},"line":"{line}"}}"#);
        let close = if lines.peek().is_none() { "Connection: close\r\n" } else { "" };
        let asked = format!(
            "POST /{rest}orders HTTP/1.1\r\nHost: {place}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n{close}\r\n{body}",
            body.len()
        );
        stream.write_all(asked.as_bytes()).expect("it reads");
    }
    let read = reading.join().expect("it does not panic");
    assert!(read.is_ok_and(|bytes| bytes > 0), "it answers");
}

#[test]
fn ten_thousand_messages_stay_smooth() {
    let served = Served::start(TALKERS + 1, &chat(""), &[]);
    in_browser(|browser| {
        browser.visit(&served.pages[0]);
        browser.until("document.querySelector('article') !== null");
        // The page notes its pauses between frames, and the last message of each user.
        browser.eval(
            "(() => { let last = performance.now(); window.pauses = []; window.met = new Set(); \
             const frame = (now) => { window.pauses.push(now - last); last = now; \
             requestAnimationFrame(frame); }; requestAnimationFrame(frame); \
             new MutationObserver((changes) => { for (const { addedNodes } of changes) \
             for (const line of addedNodes) if (/: message 2000 of /.test(line.textContent)) \
             window.met.add(line.textContent); }) \
             .observe(document.querySelector('.window'), { childList: true }); return 1; })()",
        );
        std::thread::scope(|scope| {
            for talker in 2..=TALKERS + 1 {
                let lines = (1..=EACH).map(move |nth| format!("1 message {nth} of {talker}"));
                let page = &served.pages[talker - 1];
                scope.spawn(move || type_lines(page, talker, lines));
            }
        });
        // A link says one at a time, so it takes a while.
        let mut waits = 0;
        while browser.eval("window.met.size") != serde_json::json!(TALKERS) {
            waits += 1;
            assert!(waits < 6_000, "they do not all arrive");
            browser.eval("new Promise((done) => setTimeout(() => done(1), 20))");
        }
        assert_eq!(window(browser, 0).len(), 1_000, "as many as the window has");
        let usual = "window.pauses.sort((a, b) => a - b)[Math.floor(window.pauses.length * 0.95)]";
        let usual = browser.number(usual);
        assert!(usual < 100.0, "a frame in twenty comes after {usual} ms or later");
        assert_eq!(browser.complaints, Vec::<String>::new());
    });
}
