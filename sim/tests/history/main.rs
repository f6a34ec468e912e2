//! Histories of clients against small files with known answers, in the formats of public
//! collections, and against all orders of random histories.

mod all_orders;
mod files;
mod protocol;
mod shown;
