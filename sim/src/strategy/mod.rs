//! Random plans of faults for property tests, which shrink to the least that
//! breaks a scenario. With the feature `proptest`.
//!
//! ```no_run
//! use proptest::prelude::*;
//! use rehearsal_sim::{Protocol, Scenario, strategy};
//!
//! fn survives_every_plan<P: Protocol>(scenario: &Scenario<P>) {
//!     proptest!(|(seed in strategy::seeds(), faults in strategy::plans(scenario))| {
//!         strategy::rehearse(scenario, seed, faults, "survives_every_plan")?;
//!     });
//! }
//! ```
//!
//! [`plans`] has every kind of fault that a protocol can be asked to survive;
//! a [`Menu`] says more precisely what may go wrong. The faults come on top of
//! those that the scenario has itself. A case that fails is [shrunk](crate::shrink) like
//! the failure of a sweep, and leaves the plan of the smallest run below
//! `rehearsal-failures/`, ready for `rehearsal replay`.
//!
//! proptest goes on to shrink the faults that it prints, and those of a property that asserts
//! more than the checks of its scenario. For that, a plan is a flat list of faults that
//! have nothing to do with each other, so any of them can go. What needs an end brings it
//! along: a partition its `Heal`, a hold its `Release`. No fault refers to what
//! may not be there. And every value gets milder towards zero: an early
//! instant, a short span, the first node, the first event of its sort. No value
//! is made from another one that would have to be drawn again. The seed is no
//! part of it, and is kept: with another one each message would have another
//! fate, and the smaller plan would be put to another test.
//!
//! proptest tries four times as many smaller cases as it tries cases. For a
//! small number of cases raise `max_shrink_iters`: 20,000 has been enough for
//! plans of thirty faults.

mod bounds;
mod links;
mod menu;
mod nodes;
mod plan;
mod rehearse;

use proptest::prelude::*;

use crate::fault::Fault;
use crate::protocol::Protocol;
use crate::scenario::Scenario;

pub use crate::fault::Kind;
pub use menu::Menu;
pub use rehearse::rehearse;

/// Plans with every kind of fault that a protocol can be asked to survive in
/// this scenario: [`Menu::survivable`].
pub fn plans<P: Protocol>(scenario: &Scenario<P>) -> BoxedStrategy<Vec<Fault>> {
    Menu::survivable(scenario).plans()
}

/// Seeds, each as likely. They do not shrink: no seed is milder than another.
pub fn seeds() -> impl Strategy<Value = u64> {
    any::<u64>().no_shrink()
}
