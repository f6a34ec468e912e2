//! Configurations that cannot work are refused, with the field and the bound.

use super::sketch::Sketch;

#[track_caller]
fn assert_refused(sketch: &Sketch, parts: &[&str]) {
    let error = sketch.load().map(|_| ()).expect_err("it is wrong").to_string();
    for part in parts {
        assert!(error.contains(part), "no `{part}` in\n{error}");
    }
}

#[test]
fn waits_that_the_network_can_outlast_are_refused_with_the_bound_they_break() {
    let usual = Sketch::new(3);
    let cases = [
        (Sketch { answer_wait: 20, ..usual.clone() }, ["answer_wait", "wait longer than 20ms"]),
        (Sketch { coordinator_wait: 40, ..usual.clone() }, ["coordinator_wait", "41ms at least"]),
        (Sketch { leader_wait: 59, ..usual.clone() }, ["leader_wait", "60ms at least"]),
        (Sketch { heartbeat: 100, ..usual.clone() }, ["leader_wait", "110ms at least"]),
    ];
    for (sketch, parts) in cases {
        assert_refused(&sketch, &parts);
        assert!(Sketch { is_unsafe: true, ..sketch }.load().is_ok());
    }
}

#[test]
fn spans_of_no_time_are_refused_even_where_unsafe_ones_are_allowed() {
    let usual = Sketch { is_unsafe: true, ..Sketch::new(3) };
    assert_refused(&Sketch { heartbeat: 0, ..usual.clone() }, &["heartbeat", "no time"]);
    assert_refused(&Sketch { answer_wait: 0, ..usual }, &["answer_wait", "no time"]);
}

#[test]
fn options_that_make_no_sense_are_refused() {
    let usual = Sketch::new(3);
    assert_refused(&usual.clone().with("resource: 4"), &["resource", "there is no n4"]);
    assert_refused(&Sketch::new(1).with("resource: 1"), &["resource", "nobody is left"]);
    assert_refused(&usual.clone().with("check_quorum: true"), &["check_quorum", "majority: true"]);
    let quorum = usual.with("majority: true, check_quorum: true");
    assert_refused(&quorum, &["leader_wait", "70ms at least"]);
    assert!(Sketch { leader_wait: 70, ..quorum }.load().is_ok());
}
