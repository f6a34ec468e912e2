//! The pages of real nodes, in a real browser: what a user sees there and does.
//!
//! One headless Chromium serves all tests, one after the other; `tests/view/install.sh` installs it.

#[expect(dead_code, reason = "the tests of `view` do more with it")]
#[path = "../view/browser.rs"]
mod browser;
mod deadlock;
mod guarded;
mod large;
mod overview;
mod script;
mod served;
mod talk;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use browser::Browser;

/// Does this with the one browser, whose page has the usual size.
fn in_browser<T>(does: impl FnOnce(&mut Browser) -> T) -> T {
    static BROWSER: Mutex<Option<Browser>> = Mutex::new(None);
    // A test that failed leaves nothing behind that the next one would see: it opens its own page.
    let mut browser = BROWSER.lock().unwrap_or_else(PoisonError::into_inner);
    let browser = browser.get_or_insert_with(|| Browser::start(&profile(), 1280, 800));
    browser.resize(1280, 800);
    browser.prefer("light");
    does(browser)
}

/// A new, empty folder for the browser. What earlier runs have left goes, unless one is about to end.
fn profile() -> PathBuf {
    let above = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let name = |process: &str| format!("pages-profile-{process}");
    for old in above.read_dir().expect("the folder is there").flatten() {
        if old.file_name().to_string_lossy().starts_with(&name("")) {
            let _ = std::fs::remove_dir_all(old.path());
        }
    }
    let folder = above.join(name(&std::process::id().to_string()));
    std::fs::create_dir_all(&folder).expect("a folder can be created");
    folder
}
