//! Laws 2 to 4: what one draw has to do with another, namely nothing. What
//! that means for every kind of fault there is, is in `nothing`.

use crate::courier::{AsWritten, ROUGH, at, couriers, fates, letters};

#[test]
fn a_fault_kind_that_fires_changes_the_digest() {
    let five = |network| couriers().over(network).commands(letters());
    let without = five(r#"delay: Uniform("1ms", "50ms")"#).digest(5);
    for network in [
        r#"delay: Uniform("1ms", "50ms"), loss: "1/100""#,
        r#"delay: Uniform("1ms", "50ms"), duplicate: "1/100""#,
        r#"delay: Uniform("1ms", "50ms"), reorder: (share: "1/100", by: "1s")"#,
    ] {
        assert_ne!(five(network).digest(5), without, "{network}");
    }
}

#[test]
fn one_fault_kind_does_not_change_what_another_one_does() {
    let five = |network| couriers().over(network).commands(letters());
    let lost = |network| -> Vec<_> {
        let fates = fates(&five(network).events(5));
        fates.into_iter().filter(|(.., fate)| fate.contains("Loss")).collect()
    };
    let alone = lost(r#"delay: Fixed("10ms"), loss: "20/100""#);
    assert!(alone.len() > 20);
    assert_eq!(lost(ROUGH), alone);
}

#[test]
fn a_restart_does_not_rewind_a_nodes_numbers_nor_touch_anothers() {
    let five = |faults: &str| couriers().wrong(faults).commands(at(5_000, 2, "Roll"));
    let calm = five("").run(9);
    let bounced = five(
        r#"(at: "1s", do: Bounce(node: 1, down: "1s")), (at: "3s", do: Bounce(node: 1, down: "1s")),"#,
    )
    .run(9);
    let ids: Vec<_> = bounced.world.nodes().collect();
    let starts = bounced.world.outputs(ids[0]);
    assert_eq!(starts.len(), 3, "{starts:?}");
    assert!(starts[0] != starts[1] && starts[1] != starts[2] && starts[0] != starts[2]);
    assert_eq!(starts[0], calm.world.outputs(ids[0])[0]);
    for other in &ids[1..] {
        assert_eq!(bounced.world.outputs(*other), calm.world.outputs(*other));
    }
}
