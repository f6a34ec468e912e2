//! Pages that a running node or cluster serves to the browsers of this computer.
//!
//! Everything on this computer can reach the loopback interface, and so can every page that a
//! browser has open. A [`Site`] therefore answers only requests with three marks: the secret token
//! in their path; a `Host` that is its own address, so that a foreign name that resolves to it is
//! kept out (DNS rebinding); and an `Origin`, where there is one, that is the page itself.
//!
//! What is shown is a [`Board`]. Each browser is sent what has changed of it since the last time,
//! as server-sent events, and sends [`Order`]s back.

mod board;
mod guard;
mod listener;
mod routes;
mod site;
mod updates;

pub(in crate::cli) use board::{About, Board, Cuttable, NodeView, Panel};
pub(in crate::cli) use listener::MOST_CONNECTIONS;
pub(in crate::cli) use routes::{Feed, Order, OrderOf};
pub(in crate::cli) use site::Site;
