//! `rehearsal sweep --twice`: machines that read what is not part of a run are caught, and
//! located.

#![expect(clippy::disallowed_types, reason = "machines that cheat are what is tested")]

use std::cell::Cell;
use std::collections::HashSet;
use std::time::SystemTime;

use rehearsal::Exit;
use rehearsal::machine::{Context, Input, Machine, Message, NodeId, Nothing};
use rehearsal::sim::{Answer, Nodes, Plain, Protocol, Question, Reason};
use serde::{Deserialize, Serialize};

use super::Folder;

const SCENARIO: &str = r#"(claim: "It is deterministic.", protocol: Cheats(HOW), nodes: 2, until: "1s",
    network: (delay: Fixed("1ms")), expect: [])"#;

/// Node 2 answers a question with something that no seed decides.
struct Cheater {
    how: How,
    to: Option<NodeId>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum How {
    CountsOnItsThread,
    IteratesOverHashes,
    LooksAtTheClock,
    TakesAnAddressForANumber,
    Honest,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Word {
    Question,
    Answer,
}

impl Message for Word {
    fn kind(&self) -> &'static str {
        match self {
            Self::Question => "question",
            Self::Answer => "answer",
        }
    }
}

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
}

impl How {
    fn number(self) -> u64 {
        match self {
            Self::CountsOnItsThread => {
                COUNT.set(COUNT.get() + 1);
                COUNT.get()
            }
            Self::IteratesOverHashes => {
                let numbers: HashSet<u64> = (0..1_000).collect();
                numbers.into_iter().take(5).fold(0, |all, number| all * 1_000 + number)
            }
            Self::LooksAtTheClock => {
                let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
                u64::from(since.expect("it is later").subsec_nanos())
            }
            Self::TakesAnAddressForANumber => {
                let here = 0_u8;
                std::ptr::from_ref(&here).addr() as u64
            }
            Self::Honest => 7,
        }
    }
}

impl Machine for Cheater {
    type Message = Word;
    type Command = Nothing;
    type Output = u64;
    type Timer = Nothing;
    type Cell = Nothing;
    type Saved = Nothing;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match (input, self.to) {
            (Input::Start(_), Some(to)) => cx.send(to, Word::Question),
            (Input::Message { from, message: Word::Question }, _) => {
                cx.send(from, Word::Answer);
                cx.emit(self.how.number());
            }
            _ => {}
        }
    }
}

enum Cheats {}

impl Protocol for Cheats {
    const NAME: &'static str = "Cheats";
    type Config = How;
    type Machine = Cheater;
    type Property = Nothing;
    type Memory = ();
    type Look = Plain;
    type Owner = Plain;

    fn build(how: &How, node: NodeId, nodes: &Nodes) -> Result<Cheater, Reason> {
        Ok(Cheater { how: *how, to: nodes.iter().find(|other| *other > node) })
    }

    fn holds(never: &Nothing, _: Question<'_, Cheater>) -> Answer {
        match *never {}
    }
}

fn folder(how: How) -> Folder {
    let folder = Folder { cli: rehearsal::cli().protocol::<Cheats>(), ..Folder::new() };
    folder.file("x.ron", SCENARIO.replace("HOW", &format!("{how:?}")))
}

#[test]
fn each_way_to_cheat_is_caught_with_the_node_and_the_input_of_its_step() {
    for how in [
        How::CountsOnItsThread,
        How::IteratesOverHashes,
        How::LooksAtTheClock,
        How::TakesAnAddressForANumber,
    ] {
        let folder = folder(how);
        let report =
            folder.ends("sweep ./x.ron --seeds 0..20 --twice --jobs 1", Exit::Nondeterministic);
        let mut lines =
            report.lines().skip_while(|line| !line.starts_with("DIFFERS  two runs of seed "));
        let found: Vec<_> = lines.by_ref().take(4).collect();
        assert_eq!(found[1], "      step    1ms n2 <- n1  question", "{how:?}: {report}");
        assert!(found[2].starts_with("      first   1ms n2 says "), "{how:?}: {report}");
        assert!(found[3].starts_with("      second  1ms n2 says "), "{how:?}: {report}");
    }
}

#[test]
fn a_machine_that_does_not_cheat_is_the_same_twice() {
    folder(How::Honest).ends("sweep ./x.ron --seeds 0..50 --twice", Exit::Held);
}

/// Without `--twice` nothing is compared, and nothing is noticed.
#[test]
fn one_run_of_each_seed_does_not_tell() {
    folder(How::LooksAtTheClock).ends("sweep ./x.ron --seeds 0..20", Exit::Held);
}
