//! The links that are to be cut or slow, each with a proxy of its own.
//!
//! Of two nodes the one with the lower number dials the other one, so one proxy before the higher
//! one stands for their whole link. Links of which nothing is asked have none.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::net::{Ipv4Addr, TcpListener};

use rehearsal_machine::NodeId;
use rehearsal_sim::source::TimeSpan;
use rehearsal_tcp::Roster;
use rehearsal_tcp::proxy::{Mode, Proxy};

use super::link::During;
use super::overview::MOST_CUT;
use super::{Place, RunCluster};
use crate::cli::CliError;
use crate::cli::roster::node_of;

/// All links of which something is asked.
pub(super) struct Links(Vec<Link>);

/// A link, from the node that dials, by places in the roster.
struct Link {
    ends: (usize, usize),
    /// The names of both, for people.
    names: String,
    cuts: Vec<During>,
    delays: Vec<(Option<During>, TimeSpan)>,
    is_cut_by_hand: bool,
    listener: Option<TcpListener>,
    proxy: Option<Proxy>,
    mode: Mode,
}

impl Links {
    /// Refuses what names a node that the roster does not have, and a link from a node to itself.
    pub(super) fn of(wanted: &RunCluster, roster: &Roster) -> Result<Self, CliError> {
        let mut links = BTreeMap::new();
        for cut in &wanted.cut {
            let ends = ends_of(roster, "--cut", &cut.pair)?;
            links.entry(ends).or_insert_with(|| Link::new(roster, ends)).cuts.push(cut.during);
        }
        for delay in &wanted.delay {
            let ends = ends_of(roster, "--delay", &delay.pair)?;
            let link = links.entry(ends).or_insert_with(|| Link::new(roster, ends));
            link.delays.push((delay.during, delay.span));
        }
        if wanted.pages && roster.nodes() <= MOST_CUT {
            // Any of them can be cut there.
            let nodes = roster.nodes() as usize;
            for ends in (0..nodes).flat_map(|one| (one + 1..nodes).map(move |other| (one, other))) {
                links.entry(ends).or_insert_with(|| Link::new(roster, ends));
            }
        }
        Ok(Self(links.into_values().collect()))
    }

    /// Cuts the link between two nodes until it is mended by hand, or mends it; a cut of the command
    /// line goes on. Says whether there is such a link.
    pub(super) fn cut_by_hand(&mut self, ends: (usize, usize), is_cut: bool) -> bool {
        let ends = (ends.0.min(ends.1), ends.0.max(ends.1));
        let link = self.0.iter_mut().find(|link| link.ends == ends);
        link.map(|link| link.is_cut_by_hand = is_cut).is_some()
    }

    /// The links that are cut now.
    pub(super) fn cuts(&self) -> Vec<(NodeId, NodeId)> {
        let cut = self.0.iter().filter(|link| link.mode == Mode::Reset);
        let node = NodeId::from_index;
        cut.map(|link| (node(link.ends.0), node(link.ends.1))).collect()
    }

    /// How many files they need: where each listens, and both sides of its connection, which can be
    /// a new one before the end of the last one is noticed.
    pub(super) fn files(&self) -> u32 {
        5 * u32::try_from(self.0.len()).unwrap_or(u32::MAX / 5)
    }

    /// When any of them changes.
    pub(super) fn changes(&self) -> Vec<TimeSpan> {
        let all = self.0.iter().flat_map(|link| {
            let cuts = link.cuts.iter().copied();
            cuts.chain(link.delays.iter().filter_map(|(during, _)| *during))
        });
        let mut changes: Vec<_> = all.flat_map(|during| [during.from, during.to]).collect();
        changes.sort();
        changes.dedup();
        changes
    }

    /// Has each proxy listen, and tells the nodes that are to dial it.
    pub(super) fn listen(&mut self, places: &mut [Place]) -> io::Result<()> {
        for link in &mut self.0 {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
            let (dialer, other) = link.ends;
            let via = format!("{}={}", other + 1, listener.local_addr()?);
            places[dialer].arguments.extend([OsString::from("--via"), via.into()]);
            link.listener = Some(listener);
        }
        Ok(())
    }

    /// Starts the proxies.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub(super) fn start(&mut self, roster: &Roster) -> io::Result<()> {
        for link in &mut self.0 {
            let (_, other) = link.ends;
            let target = roster.members().nth(other).map(|(_, member)| member.address);
            if let (Some(listener), Some(target)) = (link.listener.take(), target) {
                link.proxy = Some(Proxy::at(listener, target)?);
            }
        }
        Ok(())
    }

    /// Has each link be as it is to be this long after all nodes were up, or before that. Gives
    /// what is to be said of those that have changed.
    pub(super) fn turn(&mut self, elapsed: Option<TimeSpan>) -> Vec<String> {
        let mut told = Vec::new();
        for link in &mut self.0 {
            let mode = link.mode_at(elapsed);
            if mode == link.mode {
                continue;
            }
            link.mode = mode;
            if let Some(proxy) = &link.proxy {
                proxy.set(mode);
            }
            told.push(match mode {
                Mode::Reset => format!("{}: cut", link.names),
                Mode::Delay(span) => format!("{}: {} late", link.names, TimeSpan::from(span)),
                _ => format!("{}: linked", link.names),
            });
        }
        told
    }
}

impl Link {
    fn new(roster: &Roster, ends: (usize, usize)) -> Self {
        let names = roster.members().map(|(_, member)| member.name.as_str()).collect::<Vec<_>>();
        Self {
            ends,
            names: format!("{} and {}", names[ends.0], names[ends.1]),
            cuts: Vec::new(),
            delays: Vec::new(),
            is_cut_by_hand: false,
            listener: None,
            proxy: None,
            mode: Mode::Forward,
        }
    }

    /// A cut goes before any delay, and of delays the longest counts.
    fn mode_at(&self, elapsed: Option<TimeSpan>) -> Mode {
        let is_now = |during: &During| {
            elapsed.is_some_and(|elapsed| during.from <= elapsed && elapsed < during.to)
        };
        if self.is_cut_by_hand || self.cuts.iter().any(is_now) {
            return Mode::Reset;
        }
        let delays = self.delays.iter().filter(|(during, _)| during.as_ref().is_none_or(is_now));
        let longest = delays.map(|(_, span)| *span).max();
        longest.map_or(Mode::Forward, |span| Mode::Delay(span.as_duration()))
    }
}

/// The two nodes of a pair, the dialer first. A name may have a comma itself.
fn ends_of(roster: &Roster, option: &str, pair: &str) -> Result<(usize, usize), CliError> {
    let splits = || pair.match_indices(',').map(|(at, _)| (&pair[..at], &pair[at + 1..]));
    let node = |said: &str| node_of(roster, option, said).map(NodeId::index);
    let found = splits().find_map(|(one, other)| Some((node(one).ok()?, node(other).ok()?)));
    let (one, other) = match (found, splits().next()) {
        (Some(found), _) => found,
        (None, Some((one, other))) => (node(one)?, node(other)?),
        (None, None) => (node(pair)?, node(pair)?),
    };
    if one == other {
        return Err(CliError::usage(format!(
            "`{option}` of {pair}: a node has no link to itself: name two nodes"
        )));
    }
    Ok((one.min(other), one.max(other)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn during(from: u64, to: u64) -> During {
        During { from: TimeSpan::from_millis(from), to: TimeSpan::from_millis(to) }
    }

    #[test]
    fn a_cut_goes_before_a_delay_and_the_longest_delay_counts() {
        let late = TimeSpan::from_millis;
        let link = Link {
            ends: (0, 1),
            names: String::new(),
            cuts: vec![during(20, 30), during(25, 35)],
            delays: vec![
                (None, late(5)),
                (Some(during(10, 40)), late(9)),
                (Some(during(15, 50)), late(7)),
            ],
            is_cut_by_hand: false,
            listener: None,
            proxy: None,
            mode: Mode::Forward,
        };
        let delay = |millis| Mode::Delay(late(millis).as_duration());
        let rows = [
            (None, delay(5)),
            (Some(0), delay(5)),
            (Some(10), delay(9)),
            (Some(20), Mode::Reset),
            (Some(34), Mode::Reset),
            (Some(35), delay(9)),
            (Some(40), delay(7)),
            (Some(50), delay(5)),
        ];
        for (elapsed, mode) in rows {
            assert_eq!(link.mode_at(elapsed.map(late)), mode, "{elapsed:?}");
        }
    }
}
