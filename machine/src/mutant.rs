//! Planted bugs: the proof that the checks can fail.
//!
//! `mutant!(Name)` is the constant `false` in every ordinary build. With the
//! feature `mutants` it asks whether the bug of that name was selected for
//! this thread (by `mutant::with`), so that one binary holds them all and tests
//! running side by side do not disturb each other.

/// True while the planted bug of this name is selected; `false`, at no cost,
/// in a build without the feature `mutants`.
///
/// ```
/// # use rehearsal_machine::mutant;
/// let acknowledge_again = !mutant!(NoReack);
/// # assert!(acknowledge_again);
/// ```
#[macro_export]
macro_rules! mutant {
    ($name:ident) => {
        $crate::mutant::is_selected(stringify!($name))
    };
}

#[cfg(not(feature = "mutants"))]
#[doc(hidden)]
#[inline(always)]
#[expect(clippy::inline_always, reason = "an ordinary build must not pay for planted bugs")]
#[must_use]
pub const fn is_selected(_name: &'static str) -> bool {
    false
}

/// The planted bug that is selected on this thread; none without the feature.
#[cfg(not(feature = "mutants"))]
#[must_use]
pub const fn selected() -> Option<&'static str> {
    None
}

#[cfg(feature = "mutants")]
pub use selection::{is_selected, selected, with};

#[cfg(feature = "mutants")]
mod selection {
    extern crate std;

    use core::cell::Cell;

    std::thread_local! {
        static SELECTED: Cell<Option<&'static str>> = const { Cell::new(None) };
        static REACHED: Cell<bool> = const { Cell::new(false) };
    }

    #[doc(hidden)]
    #[must_use]
    pub fn is_selected(name: &'static str) -> bool {
        let selected = SELECTED.get() == Some(name);
        if selected {
            REACHED.set(true);
        }
        selected
    }

    /// The planted bug that is selected on this thread, if one is.
    #[must_use]
    pub fn selected() -> Option<&'static str> {
        SELECTED.get()
    }

    /// Runs `body` with the planted bug of this name selected on this thread.
    /// The second value tells whether any code asked for it: a name that
    /// nobody asks for is a typing mistake, or a bug that the run never meets.
    pub fn with<T>(name: &'static str, body: impl FnOnce() -> T) -> (T, bool) {
        /// Puts the outer selection back, after a panic too.
        struct Restore(Option<&'static str>);
        impl Drop for Restore {
            fn drop(&mut self) {
                SELECTED.set(self.0);
            }
        }
        let _restore = Restore(SELECTED.replace(Some(name)));
        REACHED.set(false);
        let value = body();
        (value, REACHED.get())
    }
}
