//! Real nodes as real processes: started, killed and talked to from outside,
//! and judged by what they print and leave in their folders.

mod bed;
mod command;
mod disk;
mod election;
mod kills;
mod process;
mod talk;
mod usage;
