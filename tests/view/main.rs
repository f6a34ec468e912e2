//! The page that `view` writes, in a real browser: what a person sees of a run, and does with it.
//!
//! One headless Chromium serves all tests, one after the other; `tests/view/install.sh` installs it.

mod beside;
#[expect(dead_code, reason = "pictures are taken by an example")]
mod browser;
mod curve;
mod damaged;
mod filtering;
mod inspecting;
mod large;
mod links;
mod moving;
mod opening;
mod pages;
mod safe;
mod states;
mod stock;

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

/// A new, empty folder for the browser.
fn profile() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("view-profile");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).expect("what an earlier run has left can be removed");
    }
    std::fs::create_dir_all(&folder).expect("a folder can be created");
    folder
}

/// Opens a page that must not complain about anything.
#[track_caller]
fn open(browser: &mut Browser, page: &Path, fragment: &str) {
    browser.open(page, fragment);
    assert_eq!(browser.complaints, Vec::<String>::new(), "{}", page.display());
}
