//! Loops written by hand that do the least possible work for the same job: no
//! machines, no effects, no faults, no order beyond that of time, nothing kept.
//!
//! Every loop draws from one sequential generator, which is what makes it
//! cheap, and what makes one more message somewhere reshuffle everything else.

mod draws;
mod heap;
mod ring;
mod wheel;

pub(crate) use heap::Heap;
pub(crate) use ring::{Rearm, Ring};
pub(crate) use wheel::Wheel;
