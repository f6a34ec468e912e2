//! Links, joining nodes and a calm that cannot be are refused with their place,
//! their path and a remedy.

use super::bad_scenarios::SCENARIO;

const LINKS: &str = r#"
! `5/3` is more than certain
= help: write it as a fraction from "0/1" to "1/1": "3/100"
    corrupt: ^"5/3" | network.corrupt

! a link that carries nothing
= help: give bytes a second, or leave `bandwidth` out for no limit
    bandwidth: (rate: ^0) | network.bandwidth.rate

! a queue without room loses every message
= help: give bytes, the message itself included, or leave it out for no limit
    bandwidth: (rate: 9, queue: ^0) | network.bandwidth.queue

! no message is as small as that
= help: give the bytes of the largest message that gets through, or leave it out for 65536
    max_message: ^0 | network.max_message

! there is no node 9 of 6
= help: nodes are 1 to 6
    fifo: Links([(1, ^9)]) | network.fifo.Links[0][1]
    fifo: Links([(1, 2), (^9, 1)]) | network.fifo.Links[1][0]
! there is no node 9 of 6
= help: nodes are 1 to 6
    sessions: (between: Pairs([(1, ^9)])) | network.sessions.between.Pairs[0][1]
! a session of a node with itself
= help: name two different nodes
    sessions: (between: Pairs([(1, 2), (3, ^3)])) | network.sessions.between.Pairs[1][1]
! sessions between no nodes
= help: name pairs of nodes, or leave `between` out for all
    sessions: (between: Pairs(^[])) | network.sessions.between.Pairs
! all links are sessions, which chance does not disturb
= help: leave it out: sessions lose messages when they break, by a fault `Break`
    loss: ^"1/9", sessions: () | network.loss
    corrupt: ^"1/9", sessions: () | network.corrupt
    duplicate: ^"1/9", sessions: (setup: "1ms") | network.duplicate
    reorder: ^(share: "1/9", by: "1ms"), sessions: (between: All) | network.reorder
! the pair 2 and 1 stands twice
= help: name it once
    sessions: (between: Pairs([(1, 2), ^(2, 1)])) | network.sessions.between.Pairs[1]
! sessions keep the order of their messages already
= help: leave it out, or name links without sessions
    fifo: ^All, sessions: () | network.fifo
    fifo: ^Links([(2, 1)]), sessions: (between: Pairs([(1, 2)])) | network.fifo
! 799980000 sessions: a run keeps at most 1000000
= help: name the pairs that matter: `sessions: (between: Pairs([(1, 2)]))`
    sessions: ^() & nodes: 6 => nodes: 40000 | network.sessions
! no session is set up before the run ends
= help: let the setup take less, or the run end after 3s
    sessions: (setup: ^"1h") | network.sessions.setup
! unknown field `set_up`
= help: did you mean `setup`?
    sessions: (^set_up: "1ms") | network.sessions.set_up
! unknown variant `Al`
= help: did you mean `All`?
    fifo: ^Al | network.fifo
"#;

#[test]
fn a_link_that_cannot_be_is_refused() {
    SCENARIO.refuses(r#"loss: "0/1""#, LINKS);
}

const TIMES: &str = r#"
! there is no node 9 of 6
= help: nodes are 1 to 6
    nodes: 6, absent: [2, ^9] | absent[1]
! node 2 stands twice
= help: name it once
    nodes: 6, absent: [2, ^2] | absent[1]

! nobody is there when the run begins
= help: leave a node out of `absent`: it starts with the run
    nodes: 6, absent: ^[1, 2, 3, 4, 5, 6] | absent

! there is no node 9 of 6
= help: nodes are 1 to 6
    nodes: 6, calm_for: [1, ^9] | calm_for[1]
! node 1 stands twice
= help: name it once
    nodes: 6, calm_for: [1, ^1] | calm_for[1]

! a calm for no node
= help: name a node; without `calm_for` the calm is for all nodes
    nodes: 6, calm_for: ^[] | calm_for
! a calm for some nodes, and no time when it begins
= help: give the scenario a `calm_at`
    calm_at: "1s", => calm_for: ^[1], | calm_for

! unknown field `dwon`
= help: did you mean `down`?
    nodes: 6, budget: (^dwon: 1) | budget.dwon

! the run ends at 3s, before this is due
= help: calm is at 1s: set `until` to later than 3s
    Eventually(what => LeadsTo(from: AllUp, to & within: "2s" => within: ^"2s" | expect[0].LeadsTo.within
"#;

#[test]
fn a_beginning_a_budget_or_a_calm_that_cannot_be_is_refused() {
    SCENARIO.refuses("nodes: 6", TIMES);
}
