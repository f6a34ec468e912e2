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
    /// `file:line`, the file without the folders of this machine.
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
                let place = info
                    .location()
                    .map(|at| format!("{}:{}", without_folders(at.file()), at.line()));
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

/// A source file as it is called on every machine, so that a failure has the
/// same fingerprint there: from the name of its package on, with the version
/// where the package comes from a registry.
fn without_folders(file: &str) -> String {
    let file = file.replace('\\', "/");
    let after = |mark: &str, folders: usize| {
        let (_, rest) = file.split_once(mark)?;
        rest.splitn(folders + 1, '/').nth(folders).map(str::to_owned)
    };
    // `registry/src/INDEX/NAME-VERSION/src/lib.rs`, `git/checkouts/NAME-HASH/REVISION/src/lib.rs`,
    // `/rustc/HASH/library/core/src/lib.rs`.
    let known = after("/registry/src/", 1)
        .or_else(|| after("/git/checkouts/", 0))
        .or_else(|| after("/rustc/", 1));
    if let Some(known) = known {
        return known;
    }
    let is_absolute = file.starts_with('/') || file.as_bytes().get(1) == Some(&b':');
    // Only a library outside the workspace has an absolute path, and its files are in `src`.
    match file.rfind("/src/") {
        Some(end) if is_absolute => {
            let start = file[..end].rfind('/').map_or(0, |slash| slash + 1);
            file[start..].to_owned()
        }
        _ => file,
    }
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

    #[test]
    fn a_place_names_no_folder_of_a_machine() {
        let cargo = "/home/anna/.cargo";
        for (file, told) in [
            ("protocol/src/chat/node.rs", "protocol/src/chat/node.rs"),
            ("src/main.rs", "src/main.rs"),
            (
                &format!("{cargo}/registry/src/index-6f17d22bba15001f/a-1.2.3/src/b.rs"),
                "a-1.2.3/src/b.rs",
            ),
            (&format!("{cargo}/git/checkouts/a-51b8/0d9c1/src/b.rs"), "a-51b8/0d9c1/src/b.rs"),
            ("/rustc/59807616e1fa/library/core/src/option.rs", "library/core/src/option.rs"),
            ("/home/anna/work/raft/src/log/mod.rs", "raft/src/log/mod.rs"),
            ("/home/anna/src/raft/src/log.rs", "raft/src/log.rs"),
            (r"C:\work\raft\src\log.rs", "raft/src/log.rs"),
        ] {
            assert_eq!(without_folders(file), told, "{file}");
        }
    }
}
