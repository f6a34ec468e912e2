//! The shipped machines keep the promises that drivers rely on, and the kit
//! that says so catches machines that do not.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rehearsal::machine::conformance::Nonconformance;
use rehearsal::prelude::*;
use rehearsal::shipped::Script;
use rehearsal::sim::conformance::Conformance;
use rehearsal::sim::{Scenario, conformance};
use serde::{Deserialize, Serialize};

use crate::courier::{AsWritten, couriers};

#[test]
fn the_scripted_machine_conforms() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/script");
    for name in ["paper.ron", "first-ack-lost-as-printed.ron"] {
        let scenario = Scenario::<Script>::open(&folder.join(name)).expect("a right scenario");
        let met = conformance::check(&scenario, 0..200).expect("it conforms");
        assert!(met.delivered > 10_000 && met.mangled > 1_000 && met.restarts > 1_000, "{met:?}");
    }
}

#[test]
fn a_machine_that_takes_anything_conforms() {
    assert!(conformance::check(&couriers().scenario(), 0..20).is_ok());
}

#[test]
fn a_panic_on_some_input_is_met() {
    let caught = std::panic::catch_unwind(|| conformance::check(&scenario::<0>(), 0..20));
    assert!(caught.is_err());
}

#[test]
fn hidden_state_is_found() {
    let found = conformance::check(&scenario::<1>(), 0..20);
    assert!(matches!(found, Err(Nonconformance::TwinsDiffer { .. })), "{found:?}");
}

#[test]
fn a_message_that_the_wire_changes_is_found() {
    let found = conformance::check(&scenario::<2>(), 0..20);
    assert!(matches!(found, Err(Nonconformance::WireChanges { kind: "word", .. })), "{found:?}");
}

#[test]
fn a_restart_that_fails_on_a_prefix_of_its_saves_is_met() {
    let caught = std::panic::catch_unwind(|| conformance::check(&scenario::<3>(), 0..20));
    assert!(caught.is_err());
}

#[test]
fn what_only_a_damaged_wire_brings_is_left_out_if_asked() {
    let scenario = scenario::<0>();
    let met = Conformance::of(&scenario).steps(2_000).without_mangled_messages().check(0..20);
    let met = met.expect("a panic on a mangled word is not met");
    assert!(met.mangled == 0 && met.delivered > 10_000, "{met}");
}

#[test]
fn timers_that_compare_as_equal_and_differ_are_found() {
    let found = conformance::check(&scenario::<4>(), 0..1);
    assert!(matches!(found, Err(Nonconformance::TimersAlike { .. })), "{found:?}");
}

#[test]
fn a_check_that_met_no_message_does_not_pass() {
    let found = conformance::check(&scenario::<5>(), 0..20);
    assert!(matches!(found, Err(Nonconformance::NothingSent(met)) if met.saves > 0), "{found:?}");
}

#[test]
fn a_check_in_which_messages_are_sent_and_none_arrives_does_not_pass() {
    let scenario = scenario::<3>();
    let found = Conformance::of(&scenario).steps(0).check(0..5);
    assert!(matches!(found, Err(Nonconformance::NothingSent(met)) if met.sent > 0), "{found:?}");
}

fn scenario<const FLAW: u8>() -> Scenario<Flawed<FLAW>> {
    Scenario::builder(()).build_without_text().expect("a right scenario")
}

/// 0 panics on a word it does not know, 1 hides a counter, 2 leaves a field out
/// on the wire, 3 expects two cells to be saved at once, 4 has timers whose order
/// ignores what they carry, 5 sends nothing.
struct Flawed<const FLAW: u8>;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Word {
    said: u32,
    #[serde(skip)]
    meant: u32,
}

impl Message for Word {
    fn kind(&self) -> &'static str {
        "word"
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Alike(u8);

impl PartialEq for Alike {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Alike {}

impl PartialOrd for Alike {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Alike {
    fn cmp(&self, _: &Self) -> std::cmp::Ordering {
        std::cmp::Ordering::Equal
    }
}

static HIDDEN: AtomicU64 = AtomicU64::new(0);

impl<const FLAW: u8> Machine for Flawed<FLAW> {
    type Message = Word;
    type Command = Nothing;
    type Output = (u64, u32);
    type Timer = Alike;
    type Cell = u8;
    type Saved = ();

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Start(storage) => {
                assert!(FLAW != 3 || storage.len() != 1, "half of what was saved");
                let me = cx.me().number();
                let meant = if FLAW == 2 { 7 } else { 0 };
                if FLAW != 5 {
                    cx.send(NodeId::from_index(me as usize % 3), Word { said: me, meant });
                }
                if FLAW == 4 {
                    let span = Duration::ZERO..=Duration::ZERO;
                    cx.arm(Alike(1), span.clone());
                    cx.arm(Alike(2), span);
                }
                cx.save(1, ());
                cx.save(2, ());
            }
            Input::Timer(Alike(_)) | Input::Link { .. } => {}
            Input::Message { from, message } => {
                assert!(FLAW != 0 || message.said <= 3, "an unknown word");
                let hidden = if FLAW == 1 { HIDDEN.fetch_add(1, Ordering::Relaxed) } else { 0 };
                let meant = if FLAW == 2 { message.meant } else { 0 };
                cx.emit((hidden, meant));
                cx.send(from, message);
            }
        }
    }
}

impl<const FLAW: u8> Protocol for Flawed<FLAW> {
    const NAME: &'static str = "Flawed";
    type Config = ();
    type Machine = Self;
    type Property = Nothing;
    type Memory = ();
    type Look = Plain;
    type Owner = Plain;

    fn build((): &(), _: NodeId, _: &Nodes) -> Result<Self, Reason> {
        Ok(Self)
    }

    fn holds(never: &Nothing, _: Question<'_, Self>) -> Answer {
        match *never {}
    }
}
