use std::fmt;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;

use axum::Router;
use rand::TryRng as _;
use rand::rngs::SysRng;

use super::listener::Limited;
use crate::cli::CliError;
use crate::cli::output::write_private;

/// How many bytes of chance a token has.
const TOKEN_BYTES: usize = 16;

/// A place at which a page is served.
pub(in crate::cli) struct Site {
    listener: TcpListener,
    door: Door,
}

/// The address of a page, and the secret that opens it.
#[derive(Clone)]
pub(super) struct Door {
    address: SocketAddr,
    token: String,
}

impl Site {
    /// The place that this file keeps, so that the address that a browser has stays right when the
    /// process starts again. A new one if there is no such file, or if something else is there.
    pub(in crate::cli) fn open(file: &Path) -> Result<Self, CliError> {
        let kept = fs::read_to_string(file).ok().and_then(|text| Door::read(&text));
        if let Some(door) = kept
            && let Ok(listener) = TcpListener::bind(door.address)
        {
            return Ok(Self { listener, door });
        }
        let refused =
            |error: &dyn fmt::Display| CliError::usage(format!("no page can be served: {error}"));
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|error| refused(&error))?;
        let address = listener.local_addr().map_err(|error| refused(&error))?;
        let mut bytes = [0; TOKEN_BYTES];
        SysRng.try_fill_bytes(&mut bytes).map_err(|error| refused(&error))?;
        let token = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let door = Door { address, token };
        write_private(file, &format!("{} {}\n", door.address, door.token))?;
        Ok(Self { listener, door })
    }

    /// What is typed into a browser. Who has it, has the page.
    pub(in crate::cli) fn url(&self) -> String {
        format!("http://{}/{}/", self.door.address, self.door.token)
    }

    /// Serves these routes for as long as the runtime runs.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub(in crate::cli) fn serve(self, routes: Router) -> Result<(), CliError> {
        let refused = |error| CliError::usage(format!("no page can be served: {error}"));
        self.listener.set_nonblocking(true).map_err(refused)?;
        let listener = tokio::net::TcpListener::from_std(self.listener).map_err(refused)?;
        let routes =
            routes.layer(axum::middleware::from_fn_with_state(self.door, super::guard::guard));
        tokio::spawn(async move {
            // It goes on after a connection that fails, and never ends by itself.
            let _ = axum::serve(Limited::new(listener), routes).await;
        });
        Ok(())
    }
}

impl Door {
    #[cfg(test)]
    pub(super) fn new(address: SocketAddr, token: String) -> Self {
        Self { address, token }
    }

    /// What [`Site::open`] has written.
    fn read(text: &str) -> Option<Self> {
        let (address, token) = text.trim_end().split_once(' ')?;
        let address: SocketAddr = address.parse().ok()?;
        let is_token =
            token.len() == 2 * TOKEN_BYTES && token.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_here = address.ip() == Ipv4Addr::LOCALHOST && address.port() > 0;
        (is_token && is_here).then(|| Self { address, token: token.to_owned() })
    }

    /// The names by which a browser may call it.
    pub(super) fn hosts(&self) -> [String; 2] {
        [self.address.to_string(), format!("localhost:{}", self.address.port())]
    }

    /// Is this the token? How long the answer takes says nothing about how much of it is right.
    pub(super) fn opens_with(&self, token: &str) -> bool {
        let pairs = token.bytes().zip(self.token.bytes());
        let differs = pairs.fold(0, |differs, (one, other)| differs | (one ^ other));
        token.len() == self.token.len() && differs == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_stays_where_it_was_and_moves_if_something_else_is_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("page");
        let first = Site::open(&file).expect("a place");
        let url = first.url();
        // As long as the first one is there, the second one is somewhere else.
        let second = Site::open(&file).expect("another place");
        assert_ne!(second.url(), url);
        let url = second.url();
        drop((first, second));
        assert_eq!(Site::open(&file).expect("the same place").url(), url);
        for damaged in ["", "x", "127.0.0.1:0 00", "10.0.0.1:80 0123456789abcdef0123456789abcdef"] {
            fs::write(&file, damaged).expect("there is room");
            assert_ne!(Site::open(&file).expect("a new place").url(), url);
        }
    }

    #[test]
    fn no_other_token_opens_the_door() {
        let token = "0123456789abcdef0123456789abcdef";
        let door = Door::new(([127, 0, 0, 1], 1).into(), token.to_owned());
        assert!(door.opens_with(token));
        for wrong in ["", &token[1..], &format!("{token}0"), &token.replace('f', "e")] {
            assert!(!door.opens_with(wrong), "{wrong}");
        }
    }
}
