//! Catching a panic together with its place.
//!
//! The place of a panic is known only to the process's panic hook. Ours is
//! installed once, keeps quiet about panics on threads that are catching, and
//! hands all others to the hook that was there before: the one global thing in
//! this crate, and no run can see it.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

/// A panic that was caught.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Panic {
    /// `file:line`.
    pub(crate) place: String,
    pub(crate) message: String,
}

thread_local! {
    static CATCHING: Cell<bool> = const { Cell::new(false) };
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Runs `body`; if it panics, tells where and with which words.
///
/// What `body` was changing is left as it was at the panic: the caller looks
/// at it but does not go on with it.
pub(crate) fn catch<T>(body: impl FnOnce() -> T) -> Result<T, Panic> {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if CATCHING.get() {
                let place = info.location().map(|at| format!("{}:{}", at.file(), at.line()));
                PLACE.set(place.unwrap_or_default());
            } else {
                before(info);
            }
        }));
    });
    let outer = CATCHING.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(body));
    CATCHING.set(outer);
    result.map_err(|payload| Panic { place: PLACE.take(), message: words(payload.as_ref()) })
}

fn words(payload: &(dyn Any + Send)) -> String {
    let words = payload.downcast_ref::<&str>().map(|words| (*words).to_owned());
    words.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caught_panic_tells_its_place_and_words() {
        let caught = catch(|| panic!("no such {}", "thing")).expect_err("it panics");
        assert_eq!(caught.message, "no such thing");
        assert!(caught.place.ends_with(&format!("panics.rs:{}", line!() - 2)), "{caught:?}");
        assert_eq!(catch(|| 7), Ok(7));
    }
}
