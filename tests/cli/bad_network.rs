//! Links, joining nodes and a calm that cannot be are refused with their place,
//! their path and a remedy.

use super::bad_scenarios::is_told;

/// The scenario's `loss`, at 5:37, with another field of the network in its place.
#[track_caller]
fn link_is_told(field: &str, (column, path): (u32, &str), wrong: &str, remedy: &str) {
    let at = (format!("5:{column}"), format!("network.{path}"));
    is_told((r#"loss: "0/1""#, field), (&at.0, &at.1), wrong, remedy);
}

/// A line of its own after the number of nodes.
#[track_caller]
fn top_is_told(field: &str, (column, path): (u32, &str), wrong: &str, remedy: &str) {
    let line = format!("nodes: 6,\n    {field},");
    is_told(("nodes: 6,", &line), (&format!("5:{column}"), path), wrong, remedy);
}

const NODES: &str = "nodes are 1 to 6";

#[test]
fn a_share_of_damaged_messages_above_one_is_refused() {
    let remedy = "write it as a fraction from \"0/1\" to \"1/1\": \"3/100\"";
    link_is_told(r#"corrupt: "5/3""#, (46, "corrupt"), "`5/3` is more than certain", remedy);
}

#[test]
fn a_link_that_carries_nothing_is_refused() {
    let remedy = "give bytes a second, or leave `bandwidth` out for no limit";
    let wrong = "a link that carries nothing";
    link_is_told("bandwidth: (rate: 0)", (55, "bandwidth.rate"), wrong, remedy);
}

#[test]
fn a_queue_without_room_is_refused() {
    let remedy = "give bytes, the message itself included, or leave it out for no limit";
    let wrong = "a queue without room loses every message";
    link_is_told("bandwidth: (rate: 9, queue: 0)", (65, "bandwidth.queue"), wrong, remedy);
}

#[test]
fn a_limit_that_no_message_keeps_to_is_refused() {
    let remedy =
        "give the bytes of the largest message that gets through, or leave it out for 65536";
    let wrong = "no message is as small as that";
    link_is_told("max_message: 0", (50, "max_message"), wrong, remedy);
}

#[test]
fn a_fifo_link_of_a_node_that_does_not_exist_is_refused() {
    let wrong = "there is no node 9 of 6";
    link_is_told("fifo: Links([(1, 9)])", (54, "fifo.Links[0][1]"), wrong, NODES);
    link_is_told("fifo: Links([(1, 2), (9, 1)])", (59, "fifo.Links[1][0]"), wrong, NODES);
    link_is_told("fifo: Al", (43, "fifo"), "unknown variant `Al`", "did you mean `All`?");
}

#[test]
fn an_absent_node_that_does_not_exist_or_stands_twice_is_refused() {
    top_is_told("absent: [2, 9]", (17, "absent[1]"), "there is no node 9 of 6", NODES);
    top_is_told("absent: [2, 2]", (17, "absent[1]"), "node 2 stands twice", "name it once");
}

#[test]
fn a_run_that_begins_with_nobody_is_refused() {
    let remedy = "leave a node out of `absent`: it starts with the run";
    let wrong = "nobody is there when the run begins";
    top_is_told("absent: [1, 2, 3, 4, 5, 6]", (13, "absent"), wrong, remedy);
}

#[test]
fn a_calm_for_a_node_that_does_not_exist_or_stands_twice_is_refused() {
    top_is_told("calm_for: [1, 9]", (19, "calm_for[1]"), "there is no node 9 of 6", NODES);
    top_is_told("calm_for: [1, 1]", (19, "calm_for[1]"), "node 1 stands twice", "name it once");
}

#[test]
fn a_calm_for_no_node_is_refused() {
    let remedy = "name a node; without `calm_for` the calm is for all nodes";
    top_is_told("calm_for: []", (15, "calm_for"), "a calm for no node", remedy);
}

#[test]
fn a_calm_for_some_nodes_that_never_begins_is_refused() {
    let calm = ("    calm_at: \"1s\",\n", "    calm_for: [1],\n");
    let wrong = "a calm for some nodes, and no time when it begins";
    is_told(calm, ("9:15", "calm_for"), wrong, "give the scenario a `calm_at`");
}

#[test]
fn a_misspelt_budget_is_refused() {
    let wrong = "unknown field `dwon`";
    let line = ("    calm_at:", "    budget: (dwon: 1),\n    calm_at:");
    is_told(line, ("9:14", "budget.dwon"), wrong, "did you mean `down`?");
}

#[test]
fn what_leads_to_something_after_the_end_is_refused() {
    let late = r#"LeadsTo(from: AllUp, to: AllDelivered, within: "2s")"#;
    let late = (r#"Eventually(what: AllDelivered, within: "2s")"#, late);
    let wrong = "the run ends at 3s, before this is due";
    let at = ("11:61", "expect[0].LeadsTo.within");
    is_told(late, at, wrong, "calm is at 1s: set `until` to later than 3s");
}
