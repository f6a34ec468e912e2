//! Real nodes as real processes: started, killed and talked to from outside,
//! and judged by what they print and leave in their folders.

mod command;
mod conversation;
mod disk;
mod election;
mod files;
mod kills;
mod lost_folder;
mod ordering;
mod orphans;
mod process;
mod recordings;
mod resources;
mod talk;
mod test_cluster;
mod usage;
