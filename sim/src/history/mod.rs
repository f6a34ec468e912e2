//! Histories of clients: operations from invocation to return, and whether some order of
//! them explains all answers.
//!
//! Clients see of a service only what they ask and what it answers. A [`Sequential`]
//! object says what the answers would be if the operations came one after the other.
//! A history is consistent if its operations, each of which takes effect at one instant, can
//! be put into such an order. [`Consistency`] says which orders count.
//!
//! ```
//! use rehearsal_machine::NodeId;
//! use rehearsal_sim::history::{Consistency, History, Register, RegisterAnswer, RegisterOperation};
//!
//! let [n1, n2] = [0, 1].map(NodeId::from_index);
//! let mut history = History::<&str, u32, Register<u32>>::default();
//! history.invoked(n1, "x", 1, RegisterOperation::Write(7));
//! history.returned(&1, RegisterAnswer::Done);
//! history.invoked(n2, "x", 2, RegisterOperation::Read);
//! history.returned(&2, RegisterAnswer::Value(None));
//!
//! // The second client may be behind the first one, but not if time is the same for both.
//! assert!(history.check(Consistency::Sequential).is_ok());
//! assert_eq!(
//!     history.check(Consistency::Linearizable).unwrap_err().to_string(),
//!     "no order explains these operations on x:
//! n1 ||   Write(7): Done
//! n2   || Read: Value(None)"
//! );
//! ```
//!
//! The search is todc-utils' (Wing and Gong 1993, with the memory of Lowe 2017): it remembers
//! which operations have led to which state, so its time grows with the number of
//! sets of concurrent operations, rather than with the number of their orders. That
//! number is still exponential in how many operations overlap, and to sequential
//! consistency all operations of different clients do. An operation that never
//! returns overlaps with all that follow. A search that takes more than
//! [256 MB](History::with_memory) is given up, and the history counts as
//! [`Undecided`](Inconsistency::Undecided).

mod check;
mod inconsistency;
mod record;
mod register;
mod search;
mod sequential;

pub use inconsistency::{Inconsistency, Span};
pub use record::{History, Said};
pub use register::{Register, RegisterAnswer, RegisterOperation};
pub use sequential::{Consistency, Sequential};
