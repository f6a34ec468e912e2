//! A fault that cannot be is refused with its place, its path and a remedy.

use rehearsal::Exit;

use super::bad_scenarios::SCENARIO;
use super::{Folder, with};

/// In place of what the scenario's only fault does.
const ACTIONS: &str = r#"
! there is no node 9 of 6
= help: nodes are 1 to 6
    Restart(^9) | faults[0].do.Restart
    Amnesia(^9) | faults[0].do.Amnesia
    Upgrade(^9) | faults[0].do.Upgrade
    Start(^9) | faults[0].do.Start
    Wipe(^9) | faults[0].do.Wipe
    LyingDisk(^9) | faults[0].do.LyingDisk
    Resume(^9) | faults[0].do.Resume
    Bounce(node: ^9, down: "1ms") | faults[0].do.Bounce.node
    Pause(node: ^9, lasts: "1ms") | faults[0].do.Pause.node
    Skew(node: ^9, by: Ahead("1ms")) | faults[0].do.Skew.node
    Step(node: ^9, by: Ahead("1ms")) | faults[0].do.Step.node
    Drift(node: ^9, by: Fast("1/9")) | faults[0].do.Drift.node
    OneWay(from: [^9], to: [1]) | faults[0].do.OneWay.from[0]
    OneWay(from: [1], to: [2, ^9]) | faults[0].do.OneWay.to[1]
    Cut([(1, 2), (1, ^9)]) | faults[0].do.Cut[1][1]
    Crash(AnyOf([1, ^9])) | faults[0].do.Crash.AnyOf[1]
    Fire(node: ^9, timer: "resend") | faults[0].do.Fire.node
    PutOff(node: ^9, timer: "resend", by: "1s") | faults[0].do.PutOff.node
    [Crash(1), Crash(^9)] | faults[0].do[1].Crash
    Flap(sides: [[1, ^9]], cut: "1s", open: "1s") | faults[0].do.Flap.sides[0][1]
    Hold(from: ^9, to: 1) | faults[0].do.Hold.from
    Hold(from: 1, to: ^9) | faults[0].do.Hold.to
    Release(from: 1, to: ^9) | faults[0].do.Release.to

! "all" names nobody
= help: write a node's number, a role's letter such as 'L', "any", `AnyOf([2, 3])` or "it"
    Crash(^"all") | faults[0].do.Crash
! there is no node 0
= help: nodes are counted from 1
    Crash(^0) | faults[0].do.Crash

! "it" is the node of an event, and none is named
= help: give `when: ..`, or name a node, a role or "any"
    Crash(^"it") | faults[0].do.Crash
    at: "100ms" => every: Fixed("9ms") & Crash(3) => Pause(node: ^"it") | faults[0].do.Pause.node

! the scenario does not say what to upgrade to
= help: give it a second configuration: `upgrade: Script((..))`
    ^Upgrade(3) | faults[0].do

! a message cannot be said again without a pause
= help: give a span longer than nothing, at least a round trip
    nodes: 6 => nodes: 6, upgrade: Script((form: Repaired, script: "paper-50.txt", resend: ^"0ms")) | upgrade.Script.resend

! this is about `Chat`, not about `Script`
    nodes: 6 => nodes: 6, upgrade: ^Chat((resend: "1s")) | upgrade

! node 3 starts with the run
= help: list it in `absent`, or `Restart` it after a crash
    Start(^3) | faults[0].do.Start

! this acts on a message, and no message is named
= help: give `when: Sends(..)`, or `each: Sends(..)`
    ^Lose | faults[0].do
    ^Corrupt | faults[0].do
    ^Delay("1ms") | faults[0].do
    ^Duplicate("1ms") | faults[0].do
    ^Withhold | faults[0].do
    [Heal, ^Lose] | faults[0].do[1]
    at: "100ms" => when: Receives(node: 1) & Crash(3) => ^Corrupt | faults[0].do
    at: "100ms" => every: Fixed("1s") & Crash(3) => ^Lose | faults[0].do

! this cuts off nobody
= help: name a sender in `from` and another node in `to`
    ^OneWay(from: [], to: [1]) | faults[0].do.OneWay
    ^OneWay(from: [1], to: [1]) | faults[0].do.OneWay
! this cuts off nobody
= help: name pairs of nodes: `Cut([(1, 2)])`
    Cut(^[]) | faults[0].do.Cut
! this partition has one side and separates nobody
= help: name two sides, or leave the nodes of the other side out
    Flap(sides: ^[[1, 2, 3, 4, 5, 6]], cut: "1s", open: "1s") | faults[0].do.Flap.sides

! nothing stands between a node and itself
= help: name two different nodes
    Cut([(2, ^2)]) | faults[0].do.Cut[0][1]
    Hold(from: 2, to: ^2) | faults[0].do.Hold.to
    Release(from: 2, to: ^2) | faults[0].do.Release.to

! a partition that comes and goes within an instant
= help: give a span longer than nothing
    Flap(sides: [[1]], cut: ^"0s", open: "1s") | faults[0].do.Flap.cut
    Flap(sides: [[1]], cut: "1s", open: ^"0s") | faults[0].do.Flap.open

! a fault that does nothing
= help: list an action
    ^[] | faults[0].do
! any node of none
= help: list a node
    Crash(AnyOf(^[])) | faults[0].do.Crash.AnyOf
! node 2 stands twice
= help: name it once
    Crash(AnyOf([2, 3, ^2])) | faults[0].do.Crash.AnyOf[2]
! a side without nodes
= help: leave it out
    Split([1, ^0]) | faults[0].do.Split[1]
! these sides have 7 nodes, and there are 6
= help: make a side smaller
    Split(^[3, 4]) | faults[0].do.Split
! this partition has one side and separates nobody
= help: give the sizes of two sides, or leave nodes for another one
    Split(^[6]) | faults[0].do.Split
! 6 nodes have 15 links to cut
= help: give 1 to 15
    CutAny(^16) | faults[0].do.CutAny
    CutAny(^0) | faults[0].do.CutAny
! the network has no sessions that could break
= help: give it some: `network: (.., sessions: ())`
    ^Break([(1, 2)]) | faults[0].do
    ^BreakAny(1) | faults[0].do
! the network has 1 session to break
= help: give 1
    BreakAny(^2) & delay: => sessions: (between: Pairs([(1, 2)])), delay: | faults[0].do.BreakAny
! n1 and n3 have no session
= help: add the pair to `sessions`, or name one that is there
    Break([^(1, 3)]) & delay: => sessions: (between: Pairs([(1, 2)])), delay: | faults[0].do.Break[0]
! the pair 2 and 1 stands twice
= help: name it once
    Break([(1, 2), ^(2, 1)]) & delay: => sessions: (), delay: | faults[0].do.Break[1]
! this protocol has no timer `resent`
= help: did you mean `resend`?
    Fire(node: 1, timer: ^"resent") | faults[0].do.Fire.timer
! no node of this protocol has the role 'L'
= help: the roles are '>', '<', '.', and 'x' of a node that is down
    Crash(^'L') | faults[0].do.Crash
! the fields of `Hold` have names
= help: write `Hold(from: .., to: ..)`
    Hold^(4, 2) | faults[0].do.Hold
! wrong type of value
= expected: `Ahead` or `Behind`
    Skew(node: 1, by: ^"10s") | faults[0].do.Skew.by
! wrong type of value
= expected: `Fast` or `Slow`
    Drift(node: 1, by: ^"1/9") | faults[0].do.Drift.by

! a clock that loses all of the time stands still
= help: let it lose less than all: `Slow("1/2")`
    Drift(node: 1, by: ^Slow("3/3")) | faults[0].do.Drift.by
! `2/1` is more than certain
= help: write it as a fraction from "0/1" to "1/1": "3/100"
    Drift(node: 1, by: Fast(^"2/1")) | faults[0].do.Drift.by.Fast

! unknown variant `Wipe`
= help: did you mean `Wiped`?
    Bounce(node: 1, down: "1ms", disk: ^Wipe) | faults[0].do.Bounce.disk
! unknown variant `Ahed`
= help: did you mean `Ahead`?
    Skew(node: 1, by: ^Ahed("1s")) | faults[0].do.Skew.by

! a fault after the calm, which begins at 1s, on a node that it is for
= help: after the calm the nodes of `calm_for` may only be restarted
    nodes: 6 => nodes: 6, calm_for: [1, 2] & "100ms", do: Crash(3) => ^"1s", do: Crash(2) | faults[0].at
"#;

#[test]
fn an_action_that_cannot_be_is_refused() {
    SCENARIO.refuses("Crash(3)", ACTIONS);
}

/// In place of the time at which it strikes.
const TRIGGERS: &str = r#"
! there is no node 9 of 6
= help: nodes are 1 to 6
    when: Sends(from: 1, to: ^9) | faults[0].when.Sends.to
    when: Receives(node: ^9) | faults[0].when.Receives.node
    when: Receives(from: ^9) | faults[0].when.Receives.from
    when: Emits(node: ^9) | faults[0].when.Emits.node
    when: Fires(node: ^9) | faults[0].when.Fires.node
    when: Becomes(node: ^9, role: '.') | faults[0].when.Becomes.node
    when: Effect(of: ^9, nth: 1) | faults[0].when.Effect.of

    each: Sends(from: ^9) | faults[0].each.Sends.from
    after: [Sends(), Saves(node: ^9)], when: Sends() | faults[0].after[1].Saves.node
    each: Sends(), before: Emits(node: ^9) | faults[0].before.Emits.node

! this protocol has no kind of messages `dat`
= help: did you mean `data`?
    when: Sends(kind: ^"dat") | faults[0].when.Sends.kind
    each: Sends(), before: Receives(kind: ^"dat") | faults[0].before.Receives.kind
! this protocol has no timer `answer`
= help: there are resend
    when: Fires(timer: ^"answer") | faults[0].when.Fires.timer
! no node of this protocol has the role 'F'
= help: the roles are '>', '<', '.', and 'x' of a node that is down
    when: Becomes(role: ^'F') | faults[0].when.Becomes.role

! this has no meaning for a fault that has its time
= help: leave it out, or give `each`
    at: "1ms", from: ^"2ms" | faults[0].from
    at: Uniform("1ms", "2ms"), after: ^[Sends()] | faults[0].after
! a fault that strikes `every` so often waits for no event
= help: give `from` and `until`
    every: Fixed("1ms"), before: ^Sends() | faults[0].before
! this fault strikes once
= help: leave `times` out, or give `each`, `every` or `at: Uniform(..)`
    when: Sends(), times: ^2 | faults[0].times
    at: "1ms", times: ^2 | faults[0].times
! this ends before it begins, at 5ms
= help: let it end later
    each: Sends(), from: "5ms", until: ^"5ms" | faults[0].until
! the fault begins after the calm, which begins at 1s
= help: let it begin earlier, or say `lasting: true`
    each: Sends(), from: ^"1s" | faults[0].from
! the range is empty: 2ms is more than 1ms
= help: write the shorter span first
    at: ^Uniform("2ms", "1ms") | faults[0].at.Uniform
! an instant is drawn from a range
= help: write `Uniform("10ms", "20ms")`
    at: ^Fixed("1ms") | faults[0].at

! `1..5` is not a value
= expected: a count from 1; for several events a fault has `each` and `times`
    when: Sends(nth: ^1..5) | faults[0].when.Sends.nth

! missing field `role`
    when: ^Becomes(node: 1) | faults[0].when.Becomes
! missing field `nth`
    when: ^Effect(of: 1) | faults[0].when.Effect
! missing field `of`
    when: ^Effect(nth: 1) | faults[0].when.Effect

! wrong type of value
= expected: a character in single quotes
    when: Sends(role: ^"L") | faults[0].when.Sends.role

! unknown field `timre`
= help: did you mean `timer`?
    when: Fires(^timre: "x") | faults[0].when.Fires.timre
! unknown variant `Recieves`
= help: did you mean `Receives`?
    when: ^Recieves() | faults[0].when

! a kind of messages has the character `\u{202e}`, which no reader can see
= help: write the kind as a trace shows it
    when: Sends(kind: ^"da\u{202e}ta") | faults[0].when.Sends.kind
    when: Receives(kind: ^"da\u{202e}ta") | faults[0].when.Receives.kind
! a fault's name has the character `\u{1b}`, which no reader can see
= help: leave the character out
    at: "1ms", name: ^"\u{1b}[2J" | faults[0].name
! a fault's name has a `"`
= help: leave the character out
    at: "1ms", name: ^"a\"b" | faults[0].name
! a fault's name is empty
= help: give a word, or leave `name` out
    at: "1ms", name: ^" " | faults[0].name

! a fault that strikes again and again without a pause
= help: give a distribution with time in between: `Exponential("2s")`
    every: ^Fixed("0s") | faults[0].every
    every: ^Uniform("0s", "0s") | faults[0].every
! a mean of no time leaves nothing to chance
= help: for no delay at all write `Fixed("0ms")`
    every: Exponential(^"0s") | faults[0].every.Exponential
! the range is empty: 2s is more than 1s
= help: write the shorter span first
    every: ^Uniform("2s", "1s") | faults[0].every
"#;

#[test]
fn a_trigger_that_cannot_be_is_refused() {
    SCENARIO.refuses(r#"at: "100ms""#, TRIGGERS);
}

#[test]
fn after_a_calm_for_a_core_the_other_nodes_may_crash_and_its_own_be_restarted() {
    for fault in [r#"(at: "1s", do: Crash(3))"#, r#"(at: "1s", do: Restart(2))"#] {
        let text = with(SCENARIO.text, r#"(at: "100ms", do: Crash(3))"#, fault);
        let text = with(&text, "nodes: 6,", "nodes: 6, calm_for: [1, 2],");
        Folder::with_paper().file("x.ron", text).ends("check ./x.ron", Exit::Held);
    }
}
