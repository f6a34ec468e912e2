//! Configurations that cannot work are refused, with the field and the bound.

use crate::support::{LEAST, Sketch, Spans};

#[track_caller]
fn assert_refused(sketch: &Sketch, parts: &[&str]) {
    let error = sketch.load().map(drop).expect_err("it is wrong");
    for part in parts {
        assert!(error.contains(part), "no `{part}` in\n{error}");
    }
}

#[test]
fn waits_that_the_network_can_outlast_are_refused_with_the_bound_they_break() {
    for (spans, parts) in [
        (Spans { answer_wait: 20, ..LEAST }, ["answer_wait", "wait longer than 20ms"]),
        (Spans { coordinator_wait: 40, ..LEAST }, ["coordinator_wait", "41ms at least"]),
        (Spans { leader_wait: 59, ..LEAST }, ["leader_wait", "60ms at least"]),
        (Spans { heartbeat: 100, ..LEAST }, ["leader_wait", "110ms at least"]),
    ] {
        let sketch = Sketch::hardened(3, spans);
        assert_refused(&sketch, &parts);
        sketch.setting("unsafe_timing: true").scenario();
    }
}

#[test]
fn spans_of_no_time_are_refused_even_where_unsafe_ones_are_allowed() {
    for (spans, field) in [
        (Spans { heartbeat: 0, ..LEAST }, "heartbeat"),
        (Spans { answer_wait: 0, ..LEAST }, "answer_wait"),
    ] {
        let sketch = Sketch::hardened(3, spans).setting("unsafe_timing: true");
        assert_refused(&sketch, &[field, "no time"]);
    }
}

#[test]
fn options_that_make_no_sense_are_refused() {
    let usual = Sketch::hardened(3, LEAST);
    assert_refused(&usual.clone().with("resource: 4"), &["resource", "there is no n4"]);
    assert_refused(
        &Sketch::hardened(1, LEAST).with("resource: 1"),
        &["resource", "nobody is left"],
    );
    assert_refused(&usual.clone().with("check_quorum: true"), &["check_quorum", "majority: true"]);
    let quorum = |leader_wait| {
        let spans = Spans { leader_wait, ..LEAST };
        Sketch::hardened(3, spans).with("majority: true, check_quorum: true")
    };
    assert_refused(&quorum(60), &["leader_wait", "70ms at least"]);
    quorum(70).scenario();
}
