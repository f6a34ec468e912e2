use axum::extract::{Request, State};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::site::Door;

/// What a browser is told about every answer: nothing is loaded from elsewhere, no script is run
/// that stands in a page, nothing is kept, and no other page has this one within it.
const HEADERS: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Lets in who has the token, asks for this host and comes from the page itself.
pub(super) async fn guard(State(door): State<Door>, request: Request, next: Next) -> Response {
    let mut response = match refusal(&door, request.uri(), request.headers()) {
        Some((status, why)) => (status, why).into_response(),
        None => next.run(request).await,
    };
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn refusal(door: &Door, uri: &Uri, headers: &HeaderMap) -> Option<(StatusCode, &'static str)> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next().and_then(|host| host.to_str().ok());
    let is_own = host.is_some_and(|host| door.hosts().iter().any(|own| own == host));
    if !is_own || hosts.next().is_some() {
        return Some((StatusCode::FORBIDDEN, "this is not the host that was asked for\n"));
    }
    let is_own = |origin: &HeaderValue| {
        let origin = origin.to_str().ok().and_then(|origin| origin.strip_prefix("http://"));
        origin.is_some() && origin == host
    };
    if !headers.get_all(header::ORIGIN).iter().all(is_own) {
        return Some((StatusCode::FORBIDDEN, "another page may not ask for this\n"));
    }
    let token = uri.path().trim_start_matches('/').split('/').next().unwrap_or_default();
    if !door.opens_with(token) {
        return Some((StatusCode::NOT_FOUND, "there is nothing here: the address has a token\n"));
    }
    None
}

#[cfg(test)]
mod tests {
    use std::slice::from_ref;

    use super::*;

    const TOKEN: &str = "0123456789abcdef0123456789abcdef";

    fn asked(path: &str, headers: &[(HeaderName, &str)]) -> Option<u16> {
        let door = Door::new(([127, 0, 0, 1], 4000).into(), TOKEN.to_owned());
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name, value.parse().expect("a header"));
        }
        let uri = path.parse().expect("a path");
        refusal(&door, &uri, &map).map(|(status, _)| status.as_u16())
    }

    #[test]
    fn a_request_needs_the_token_the_host_and_if_it_has_one_the_origin() {
        let path = format!("/{TOKEN}/");
        let host = (header::HOST, "127.0.0.1:4000");
        let origin = |origin| (header::ORIGIN, origin);
        assert_eq!(asked(&path, from_ref(&host)), None);
        assert_eq!(asked(&path, &[(header::HOST, "localhost:4000")]), None);
        assert_eq!(asked(&path, &[host.clone(), origin("http://127.0.0.1:4000")]), None);
        for (why, path, headers) in [
            ("no host", path.as_str(), vec![]),
            ("a foreign host", &path, vec![(header::HOST, "evil.example:4000")]),
            ("another port", &path, vec![(header::HOST, "127.0.0.1:4001")]),
            ("two hosts", &path, vec![host.clone(), (header::HOST, "evil.example")]),
            ("another origin", &path, vec![host.clone(), origin("http://evil.example")]),
            ("no origin", &path, vec![host.clone(), origin("null")]),
            ("the other name", &path, vec![host.clone(), origin("http://localhost:4000")]),
            ("encrypted", &path, vec![host.clone(), origin("https://127.0.0.1:4000")]),
        ] {
            assert_eq!(asked(path, &headers), Some(403), "{why}");
        }
        for wrong in ["/", "/page.js", "//", &path[..20], &format!("{path}x")[1..], "/0/"] {
            let wrong =
                if wrong.starts_with('/') { wrong.to_owned() } else { format!("/x{wrong}") };
            assert_eq!(asked(&wrong, from_ref(&host)), Some(404), "{wrong}");
        }
    }
}
