//! Real nodes as real processes: started, killed and talked to from outside,
//! and judged by what they print and leave in their folders.

mod command;
mod conversation;
mod cut_links;
mod disk;
mod election;
mod expected;
mod files;
mod kills;
mod lost_folder;
mod ordering;
mod orphans;
mod owners;
mod process;
mod recordings;
mod resources;
mod running;
mod talk;
mod test_cluster;
mod usage;
