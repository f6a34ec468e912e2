//! What is refused, asked for without a browser: one would not let a test ask for it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use crate::served::{Served, chat};

/// The status of the answer to a request with these headers; `Host` is the place unless it is said.
pub(crate) fn ask(place: &str, path: &str, body: Option<&str>, headers: &[(&str, &str)]) -> u16 {
    let (status, _) = answer(place, path, body, headers);
    status
}

fn answer(place: &str, path: &str, body: Option<&str>, headers: &[(&str, &str)]) -> (u16, String) {
    let mut stream = TcpStream::connect(place).expect("something listens there");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a limit can be set");
    let verb = if body.is_some() { "POST" } else { "GET" };
    let mut request = format!("{verb} {path} HTTP/1.1\r\nConnection: close\r\n");
    if !headers.iter().any(|(name, _)| *name == "Host") {
        request += &format!("Host: {place}\r\n");
    }
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    if let Some(body) = body {
        if !headers.iter().any(|(name, _)| *name == "Content-Type") {
            request += "Content-Type: application/json\r\n";
        }
        request += &format!("Content-Length: {}\r\n\r\n{body}", body.len());
    } else {
        request += "\r\n";
    }
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("it answers");
    let status = text.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.unwrap_or_else(|| panic!("no answer: {text:?}")), text)
}

/// The status that a request has to get: a path, a body, headers.
type Row<'a> = (u16, &'a str, Option<&'a str>, &'a [(&'a str, &'a str)]);

#[test]
fn another_origin_a_wrong_token_no_token_and_a_foreign_host_are_refused() {
    let served = Served::start(1, &chat(""), &[]);
    for url in [&served.pages[0], &served.all] {
        let (place, rest) = url.trim_start_matches("http://").split_once('/').expect("a path");
        let token = rest.trim_end_matches('/');
        let right = format!("/{token}/");
        let wrong: String = token.chars().rev().collect();
        let own = format!("http://{place}");
        let line = r#"{"order":"line","node":1,"line":"/suspect"}"#;
        let orders = format!("{right}orders");
        let rows: [Row<'_>; 14] = [
            (200, &right, None, &[]),
            (200, &right, None, &[("Origin", &own)]),
            (204, &orders, Some(line), &[("Origin", &own)]),
            (403, &right, None, &[("Origin", "http://evil.example")]),
            (403, &orders, Some(line), &[("Origin", "http://evil.example")]),
            (403, &orders, Some(line), &[("Origin", "null")]),
            (403, &right, None, &[("Host", "evil.example")]),
            (403, &orders, Some(line), &[("Host", "evil.example")]),
            (404, "/", None, &[]),
            (404, "/page.js", None, &[]),
            (404, &format!("/{wrong}/"), None, &[]),
            (404, &format!("/{wrong}/orders"), Some(line), &[]),
            (404, &format!("/{}/", &token[1..]), None, &[]),
            // A form of another page can send nothing but such types.
            (415, &orders, Some(line), &[("Content-Type", "text/plain")]),
        ];
        for (status, path, body, headers) in rows {
            assert_eq!(ask(place, path, body, headers), status, "{path} {body:?} {headers:?}");
        }
        for (status, body) in [
            (400, "{"),
            (422, "{}"),
            (422, r#"{"order":"line","node":0,"line":"/suspect"}"#),
            (422, r#"{"order":"line","node":7,"line":"/suspect"}"#),
            (422, r#"{"order":"line","node":1,"line":"/nonsense"}"#),
            (422, r#"{"order":"shoot","node":1}"#),
            (422, r#"{"order":"mend","nodes":[1,1]}"#),
        ] {
            assert_eq!(ask(place, &orders, Some(body), &[]), status, "{body}");
        }
    }
}

#[test]
fn every_answer_forbids_scripts_in_the_page_frames_and_keeping_it() {
    let served = Served::start(1, &chat(""), &[]);
    let url = &served.pages[0];
    let (place, rest) = url.trim_start_matches("http://").split_once('/').expect("a path");
    for path in [format!("/{rest}"), format!("/{rest}page.js"), "/".to_owned()] {
        let (_, text) = answer(place, &path, None, &[]);
        let head = text.split("\r\n\r\n").next().unwrap_or_default().to_lowercase();
        let policy = head.lines().find(|line| line.starts_with("content-security-policy: "));
        let policy = policy.unwrap_or_else(|| panic!("{path}: {head}"));
        assert!(policy.contains("default-src 'none'; script-src 'self'; "), "{policy}");
        assert!(
            !policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        assert!(head.contains("cache-control: no-store"), "{head}");
        assert!(head.contains("referrer-policy: no-referrer"), "{head}");
    }
}

/// Who can read the file has the page, so nobody else can.
#[test]
fn the_address_is_kept_in_a_file_of_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let served = Served::start(1, &chat(""), &[]);
    let file = served.folder(1).join("page");
    let mode = std::fs::metadata(&file).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
    let text = std::fs::read_to_string(&file).expect("its owner can read it");
    let (address, token) = text.trim_end().split_once(' ').expect("an address and a token");
    assert_eq!(served.pages[0], format!("http://{address}/{token}/"));
}
