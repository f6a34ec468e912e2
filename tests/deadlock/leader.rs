//! A leader and the nodes that it asks, one machine at a time: what does not fit is
//! ignored, and what another leader has done is not undone.

use std::time::Duration;

use rehearsal::machine::{Input, NodeId, Storage};
use rehearsal::protocol::deadlock::central::{
    Account, Cell, Central, Config, Form, Message, Timer, confirmed,
};
use rehearsal::protocol::deadlock::{DetectorInput, Output, Unexpected, Verdict};
use rehearsal::protocol::resource::{RequestId, View, Wait};

use super::support::node;

type Bench = super::bench::Bench<Central>;

/// One of three nodes.
fn one(me: u32) -> Bench {
    let span = Duration::from_millis(10);
    let (form, period, window, ask) = (Form::Confirmed, span * 9, span * 4, span);
    let rules = Config { nodes: 3, form, period, window, ask, victims: None };
    Bench::new(me, |me| Central::new(rules, me))
}

impl Bench {
    fn leads(&mut self, leader: u32) -> Vec<(u32, Message)> {
        self.is_to(DetectorInput::Leader(NodeId::new(leader)))
    }

    fn ignored(&self) -> Option<Unexpected> {
        self.told().into_iter().find_map(|output| match output {
            Output::Ignores { what, .. } => Some(*what),
            _ => None,
        })
    }
}

fn report(collect: u64, view: View) -> Message {
    Message::Report { collect, account: Account::Tables(view) }
}

/// A node that waits for this one.
fn waiting(by: u32, number: u64, of: u32) -> View {
    let request = RequestId { by: node(by), number };
    let wait = Wait { need: 1, open: vec![(node(of), request)], since: None };
    View { wait: Some(wait), pending: vec![] }
}

#[test]
fn a_report_counts_once_and_in_its_collect_alone() {
    let mut leader = one(3);
    leader.leads(3);
    let mut ignored = |from, message| {
        leader.hears(from, message);
        leader.ignored()
    };
    assert_eq!(ignored(4, report(1, View::default())), Some(Unexpected::Stranger));
    assert_eq!(ignored(3, report(1, View::default())), Some(Unexpected::Stranger));
    assert_eq!(ignored(1, report(2, View::default())), Some(Unexpected::StaleReport));
    assert_eq!(ignored(1, report(1, waiting(1, 1, 9))), Some(Unexpected::StrangeReport));
    assert_eq!(ignored(1, report(1, waiting(1, 1, 2))), None);
    assert_eq!(ignored(1, report(1, View::default())), Some(Unexpected::SecondReport));
    assert_eq!(ignored(2, report(1, View::default())), None);
    assert_eq!(ignored(2, report(1, View::default())), Some(Unexpected::StaleReport));
}

#[test]
fn whoever_does_not_lead_takes_no_report() {
    let mut other = one(1);
    other.hears(2, report(0, View::default()));
    assert_eq!(other.ignored(), Some(Unexpected::StaleReport));
}

#[test]
fn whoever_leads_no_more_ends_its_collect() {
    let mut leader = one(3);
    leader.leads(3);
    leader.leads(2);
    leader.takes(Input::Timer(Timer::Limit));
    assert!(leader.effects.is_empty(), "{:?}", leader.effects);
    leader.takes(Input::Timer(Timer::Period));
    assert!(leader.effects.is_empty(), "{:?}", leader.effects);
    leader.hears(1, report(1, View::default()));
    assert_eq!(leader.ignored(), Some(Unexpected::StaleReport));
}

#[test]
fn collects_have_numbers_of_their_own_across_restarts() {
    let mut leader = one(3);
    leader.takes(Input::Start(Storage::<Central>::from([(Cell::Collects, 7)])));
    assert_eq!(leader.leads(3), [1, 2].map(|to| (to, Message::Ask { collect: 8 })));
}

#[test]
fn a_verdict_that_comes_after_a_later_one_of_its_leader_is_ignored() {
    let mut other = one(1);
    let mut heard = |from, collect| {
        other.hears(from, Message::Verdict { collect, verdict: Verdict::default() });
        other.ignored()
    };
    assert_eq!(heard(3, 2), None);
    assert_eq!(heard(3, 1), Some(Unexpected::StaleVerdict));
    assert_eq!(heard(2, 1), None, "another leader counts from its own beginning");
}

#[test]
fn a_verdict_that_names_a_stranger_is_ignored() {
    let mut other = one(1);
    let victims = vec![RequestId { by: node(9), number: 1 }];
    let verdict = Verdict { victims, ..Verdict::default() };
    other.hears(3, Message::Verdict { collect: 1, verdict });
    assert_eq!(other.ignored(), Some(Unexpected::StrangeName));
}

#[test]
fn an_edge_is_confirmed_under_the_same_request_alone() {
    let owes = |number| {
        let request = RequestId { by: node(1), number };
        View { wait: None, pending: vec![(node(1), request)] }
    };
    let edges = |owed: &View| {
        let waits = waiting(1, 2, 2);
        confirmed(3, [(node(1), &waits), (node(2), owed)]).edges().count()
    };
    assert_eq!((edges(&owes(1)), edges(&owes(2)), edges(&View::default())), (0, 1, 0));
}
