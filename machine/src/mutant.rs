//! Planted bugs: the proof that the checks can fail.
//!
//! `mutant!(Name)` is the constant `false` in every ordinary build. With the
//! feature `mutants` it asks whether the bug of that name was selected for what
//! this thread is doing (by [`with`]): one binary holds them all, and runs on
//! different threads have different ones.

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
pub const fn selected() -> Option<alloc::string::String> {
    None
}

/// Runs `body` without any planted bug: this build has none.
#[cfg(not(feature = "mutants"))]
pub fn with<T>(_name: &str, body: impl FnOnce() -> T) -> (T, bool) {
    (body(), false)
}

#[cfg(feature = "mutants")]
pub use selection::{is_selected, selected, with};

#[cfg(feature = "mutants")]
mod selection {
    extern crate std;

    use alloc::borrow::ToOwned;
    use alloc::string::String;
    use core::cell::RefCell;

    std::thread_local! {
        static SELECTED: RefCell<Option<Selection>> = const { RefCell::new(None) };
    }

    struct Selection {
        name: String,
        /// Has any code asked for it?
        is_reached: bool,
    }

    #[doc(hidden)]
    #[must_use]
    pub fn is_selected(name: &'static str) -> bool {
        SELECTED.with_borrow_mut(|selection| match selection {
            Some(selection) if selection.name == name => {
                selection.is_reached = true;
                true
            }
            _ => false,
        })
    }

    /// The planted bug that is selected on this thread, if one is.
    #[must_use]
    pub fn selected() -> Option<String> {
        SELECTED.with_borrow(|selection| Some(selection.as_ref()?.name.clone()))
    }

    /// Runs `body` with the planted bug of this name selected on this thread,
    /// in place of one that is selected around it. The second value tells whether
    /// any code asked for it: a name that no code asks for is a typing mistake, or
    /// a bug that the run never meets.
    pub fn with<T>(name: &str, body: impl FnOnce() -> T) -> (T, bool) {
        /// Puts the outer selection back, after a panic too.
        struct Restore(Option<Selection>);
        impl Drop for Restore {
            fn drop(&mut self) {
                SELECTED.replace(self.0.take());
            }
        }
        let selection = Selection { name: name.to_owned(), is_reached: false };
        let _restore = Restore(SELECTED.replace(Some(selection)));
        let value = body();
        let is_reached =
            SELECTED.with_borrow(|selection| selection.as_ref().is_some_and(|it| it.is_reached));
        (value, is_reached)
    }
}
