//! The run of a cluster: starts, kills, restarts, and the end.

use std::process::ExitStatus;
use std::time::Duration;

use rehearsal_machine::{NodeId, Time};
use rehearsal_sim::source::TimeSpan;
use rehearsal_tcp::now;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::links::Links;
use super::nodes::{News, Nodes, What};
use super::overview::Overview;
use super::show::Show;
use super::timetable::{Deed, Entry, Timetable};
use super::{Place, RunCluster};
use crate::cli::node::Event;
use crate::cli::recorded::Aftermath;
use crate::cli::signals::Signals;
use crate::cli::web::{Order, OrderOf};
use crate::cli::{CliError, Exit};

/// How long nodes that were asked to stop have for it.
const PATIENCE: Duration = Duration::from_secs(10);

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// The windows can be judged.
    Over,
    /// The owner did not wait for an orderly end.
    Interrupted,
    /// A node has stopped without being asked to, with this exit code.
    Refused(Exit),
}

/// What came of a run.
pub(super) struct Outcome {
    pub(super) ended: Ended,
    /// What each node showed last.
    pub(super) windows: Vec<Vec<String>>,
    pub(super) aftermath: Aftermath,
}

/// Everything from the first start to the last end.
pub(super) struct ClusterRun<'a> {
    nodes: Nodes,
    news: mpsc::Receiver<News>,
    wanted: &'a RunCluster,
    demands: &'a [Option<Vec<String>>],
    /// Which nodes have reported that they are up, since their last start.
    has_begun: Vec<bool>,
    /// When all were up for the first time.
    began: Option<Instant>,
    /// What is still to happen.
    timetable: Timetable,
    /// The links that can be cut.
    links: Links,
    /// Which nodes were killed, and are not known to be dead yet.
    is_dying: Vec<bool>,
    /// Which nodes start again, and when.
    restarts: Vec<(Instant, usize)>,
    /// When a node has reported something for the last time.
    last_news: Instant,
    aftermath: Aftermath,
    /// All were asked to stop.
    is_stopping: bool,
    /// The page of all nodes, if there is one.
    overview: Option<Overview<'a>>,
}

impl<'a> ClusterRun<'a> {
    pub(super) fn new(
        places: Vec<Place>,
        wanted: &'a RunCluster,
        (timetable, links): (Timetable, Links),
        demands: &'a [Option<Vec<String>>],
        overview: Option<Overview<'a>>,
    ) -> Self {
        let (nodes, news) = Nodes::new(places);
        let none = vec![false; nodes.count()];
        Self {
            nodes,
            news,
            wanted,
            demands,
            has_begun: none.clone(),
            began: None,
            timetable,
            links,
            is_dying: none,
            restarts: Vec::new(),
            last_news: Instant::now(),
            aftermath: Aftermath::default(),
            is_stopping: false,
            overview,
        }
    }

    /// Runs until all processes have ended.
    pub(super) async fn run_to_the_end(
        mut self,
        show: &mut Show<'_, '_>,
    ) -> Result<Outcome, CliError> {
        let mut signals = Signals::new()?;
        self.turn_links(show)?;
        for node in 0..self.nodes.count() {
            self.nodes.start(node)?;
        }
        let ended = loop {
            let deadline = self.deadline();
            tokio::select! {
                Some(news) = self.news.recv() => {
                    if let Some(refused) = self.hear(news, show).await? {
                        break refused;
                    }
                }
                () = sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => {}
                Some((order, answer)) = next_order(&mut self.overview) => {
                    // A browser that is gone needs no answer.
                    let _ = answer.send(self.obey(order, show)?);
                }
                () = signals.asked() => break Ended::Over,
            }
            self.act(show)?;
            if self.is_over(show) {
                break Ended::Over;
            }
        };
        for Entry { after, what } in self.timetable.rest() {
            match what {
                Deed::Kill(node) => {
                    show.note(node, &format!("was not killed: the run ended before {after}"))?;
                }
                Deed::TurnLinks => {
                    show.notice(&format!(
                        "the run ended before {after}, when links were to change"
                    ))?;
                }
                Deed::Type { node, line } => {
                    show.note(
                        node,
                        &format!("the run ended before {after}, and this was not typed: {line}"),
                    )?;
                }
            }
        }
        self.nodes.terminate();
        self.is_stopping = true;
        let patience = Instant::now() + PATIENCE;
        while self.nodes.is_any_up() {
            tokio::select! {
                Some(news) = self.news.recv() => {
                    self.hear(news, show).await?;
                }
                () = sleep_until(patience) => {
                    self.kill_stragglers(show)?;
                    break;
                }
                () = signals.insisted() => {
                    let (ended, windows) = (Ended::Interrupted, Vec::new());
                    return Ok(Outcome { ended, windows, aftermath: self.aftermath });
                }
            }
        }
        Ok(Outcome { ended, windows: show.windows().to_vec(), aftermath: self.aftermath })
    }

    /// When the next entry of the timetable, restart or end is due.
    fn deadline(&self) -> Option<Instant> {
        let began = self.began?;
        let next = self.timetable.next().map(|after| began + after.as_duration());
        let restart = self.restarts.iter().map(|(at, _)| *at).min();
        let end = self.wanted.lasts.or(self.wanted.wait).map(|span| began + span.as_duration());
        let quiet = self.wanted.quiet.map(|span| self.last_news + span.as_duration());
        // A run that has been quiet for long enough waits for news.
        let quiet = quiet.filter(|at| *at > Instant::now());
        [next, restart, end, quiet].into_iter().flatten().min()
    }

    /// Handles news of a node; returns how the run ends if the node stopped without being asked to.
    async fn hear(
        &mut self,
        news: News,
        show: &mut Show<'_, '_>,
    ) -> Result<Option<Ended>, CliError> {
        let node = news.node;
        if !self.nodes.is_current(&news) {
            return Ok(None);
        }
        self.last_news = Instant::now();
        if let (Some(overview), What::Event(event)) = (&self.overview, &news.what) {
            overview.hear(node, event);
        }
        match news.what {
            What::Event(Event::Up { incarnation, at_ns, .. }) => {
                show.up(Time::from_nanos(at_ns));
                if incarnation > 1 {
                    show.note(node, &format!("up, life {incarnation}"))?;
                }
                self.has_begun[node] = true;
                if self.began.is_none() && self.has_begun.iter().all(|has_begun| *has_begun) {
                    self.began = Some(Instant::now());
                    show.all_up()?;
                }
            }
            What::Event(Event::Window { drop, keep, add }) => {
                show.window(node, drop, keep, add)?;
            }
            What::Event(Event::Output { text, at_ns }) => {
                show.output(node, text, Time::from_nanos(at_ns))?;
            }
            What::Event(Event::Page { url }) => show.note(node, &format!("page {url}"))?,
            What::Event(Event::Stopped { .. } | Event::View { .. }) => {}
            What::Aside(line) => show.aside(node, &line),
            What::Silence => {
                let status = self.nodes.end(node).await;
                if let Some(overview) = &self.overview {
                    overview.down(node);
                }
                if std::mem::take(&mut self.is_dying[node]) {
                    let again = self.wanted.restart.map(TimeSpan::as_duration);
                    self.restarts.extend(again.map(|span| (Instant::now() + span, node)));
                    return Ok(None);
                }
                let exit = match status.and_then(|status| status.code()) {
                    Some(0) => Exit::Held,
                    Some(2) => Exit::Usage,
                    Some(3) => Exit::BadInput,
                    _ => Exit::Violated,
                };
                let how = how_it_ended(status);
                if self.is_stopping {
                    if exit != Exit::Held {
                        show.note(node, &format!("failed while it stopped: {how}"))?;
                    }
                    return Ok(None);
                }
                show.note(node, &format!("stopped unasked: {how}"))?;
                let is_orderly = exit == Exit::Held;
                return Ok(Some(if is_orderly { Ended::Over } else { Ended::Refused(exit) }));
            }
        }
        Ok(None)
    }

    /// Does what the timetable says, and starts the nodes whose time has come.
    fn act(&mut self, show: &mut Show<'_, '_>) -> Result<(), CliError> {
        let (Some(began), now) = (self.began, Instant::now()) else { return Ok(()) };
        while let Some(deed) = self.timetable.due(now.duration_since(began).into()) {
            match deed {
                Deed::Kill(node) => self.kill(node, show)?,
                Deed::Type { node, line } => self.type_line(node, line, show)?,
                // What comes of it is news.
                Deed::TurnLinks => self.last_news = Instant::now(),
            }
        }
        self.turn_links(show)?;
        let due = |(at, _): &mut (Instant, usize)| *at <= now;
        for (_, node) in self.restarts.extract_if(.., due).collect::<Vec<_>>() {
            self.start_again(node)?;
        }
        Ok(())
    }

    fn turn_links(&mut self, show: &mut Show<'_, '_>) -> Result<(), CliError> {
        let elapsed = self.began.map(|began| began.elapsed().into());
        let told = self.links.turn(elapsed);
        if !told.is_empty() {
            self.aftermath.disturbed = Some(now());
            if let Some(overview) = &self.overview {
                overview.cuts(self.links.cuts());
            }
        }
        told.iter().try_for_each(|told| show.notice(told))
    }

    /// Does what is asked for on the page of all nodes; why not, if it does not.
    fn obey(
        &mut self,
        order: Order,
        show: &mut Show<'_, '_>,
    ) -> Result<Result<(), String>, CliError> {
        let named = match &order {
            Order::Line { node, .. } | Order::Kill { node } | Order::Restart { node } => [*node; 2],
            Order::Cut { nodes } | Order::Mend { nodes } => [nodes.0, nodes.1],
        };
        if let Some(node) = named.iter().find(|node| node.index() >= self.nodes.count()) {
            return Ok(Err(format!("there is no {node}")));
        }
        let [one, other] = named.map(NodeId::index);
        let is_up = self.nodes.is_up(one) && !self.is_dying[one];
        match order {
            Order::Line { node, .. } | Order::Kill { node } if !is_up => {
                return Ok(Err(format!("{node} is down")));
            }
            Order::Line { line, .. } => {
                if let Some(why) =
                    self.overview.as_ref().and_then(|overview| overview.check_line(&line).err())
                {
                    return Ok(Err(why));
                }
                self.type_line(one, line, show)?;
            }
            Order::Kill { .. } => self.kill(one, show)?,
            Order::Restart { node } if self.nodes.is_up(one) => {
                return Ok(Err(format!("{node} is up, or has not ended yet")));
            }
            Order::Restart { .. } => self.start_again(one)?,
            Order::Cut { .. } | Order::Mend { .. } => {
                let is_cut = matches!(order, Order::Cut { .. });
                if !self.links.cut_by_hand((one, other), is_cut) {
                    return Ok(Err(format!(
                        "there is no link between {} and {}",
                        named[0], named[1]
                    )));
                }
                self.turn_links(show)?;
            }
        }
        Ok(Ok(()))
    }

    /// Starts a node that was killed.
    fn start_again(&mut self, node: usize) -> Result<(), CliError> {
        self.restarts.retain(|(_, other)| *other != node);
        self.nodes.start(node)?;
        self.has_begun[node] = false;
        self.aftermath.killed.retain(|killed| killed.index() != node);
        Ok(())
    }

    fn kill(&mut self, node: usize, show: &mut Show<'_, '_>) -> Result<(), CliError> {
        if self.is_dying[node] {
            return show.note(node, "cannot be killed: it was killed and has not ended yet");
        }
        if !self.nodes.is_up(node) {
            return show.note(node, "cannot be killed: it is down");
        }
        self.nodes.kill(node);
        self.is_dying[node] = true;
        self.aftermath.killed.push(NodeId::from_index(node));
        self.aftermath.disturbed = Some(now());
        show.note(node, "killed")
    }

    fn type_line(
        &mut self,
        node: usize,
        line: String,
        show: &mut Show<'_, '_>,
    ) -> Result<(), CliError> {
        if self.is_dying[node] || !self.nodes.is_up(node) {
            return show.note(node, &format!("it is down, and this is not typed: {line}"));
        }
        // What comes of it is news.
        self.last_news = Instant::now();
        show.note(node, &format!("types: {line}"))?;
        self.nodes.type_line(node, line);
        Ok(())
    }

    /// Is there nothing left to do, and do all windows show what is demanded?
    fn is_over(&self, show: &Show<'_, '_>) -> bool {
        let Some(began) = self.began else { return false };
        let end = self.wanted.lasts.or(self.wanted.wait);
        if self.wanted.pages && end.is_none() {
            // Somebody looks at them.
            return false;
        }
        if end.is_some_and(|span| began + span.as_duration() <= Instant::now()) {
            return true;
        }
        // A node that is about to begin would not know yet how to stop in an orderly way.
        let is_beginning = |node| self.nodes.is_up(node) && !self.has_begun[node];
        let quiet = self.wanted.quiet.map_or(Duration::ZERO, TimeSpan::as_duration);
        let is_quiet = self.last_news + quiet <= Instant::now()
            && self.timetable.is_empty()
            && self.restarts.is_empty()
            && !self.is_dying.contains(&true)
            && !(0..self.nodes.count()).any(is_beginning);
        let is_demanded = self.demands.iter().any(Option::is_some);
        let mut both = self.demands.iter().zip(show.windows());
        self.wanted.lasts.is_none()
            && is_quiet
            && is_demanded
            && both.all(|(demand, window)| demand.as_ref().is_none_or(|demand| demand == window))
    }

    fn kill_stragglers(&mut self, show: &mut Show<'_, '_>) -> Result<(), CliError> {
        for node in 0..self.nodes.count() {
            if self.nodes.is_up(node) {
                show.note(node, "did not stop when asked, and was killed")?;
                self.nodes.kill(node);
            }
        }
        Ok(())
    }
}

/// The next order that is given on the page, if there is one.
async fn next_order(overview: &mut Option<Overview<'_>>) -> Option<OrderOf> {
    match overview {
        Some(overview) => overview.next().await,
        None => None,
    }
}

/// How a process ended that was not killed by the cluster: its exit code, or the signal.
fn how_it_ended(status: Option<ExitStatus>) -> String {
    status.map_or_else(|| "the system does not say how".to_owned(), |status| status.to_string())
}
