use rehearsal_protocol::script::{ReorderError, Script};

use super::{PAPER_39, naive_projection, node, number, numbers, two_users};

const STEPS_OF_1: [u32; 10] = [1, 12, 18, 25, 30, 31, 34, 36, 37, 39];

fn paper() -> Script {
    Script::parse(PAPER_39).unwrap()
}

#[test]
fn another_order_changes_one_projection_and_nothing_else() {
    let mut order = numbers(&STEPS_OF_1);
    order.reverse();
    let script = paper().reordered(node(1), &order).unwrap();
    assert_eq!(script.projection(node(1)), order);
    for k in 2..=6 {
        assert_eq!(script.projection(node(k)), naive_projection(&script, node(k)));
    }
    assert_eq!(script.to_string(), PAPER_39);
    assert_ne!(script, paper());
}

#[test]
fn a_reordered_node_can_be_put_back() {
    let mut order = numbers(&STEPS_OF_1);
    order.rotate_left(3);
    let script = paper().reordered(node(1), &order).unwrap();
    assert_eq!(script.reordered(node(1), &numbers(&STEPS_OF_1)).unwrap(), paper());
}

#[test]
fn an_order_without_a_step_is_refused() {
    let error = paper().reordered(node(1), &numbers(&STEPS_OF_1[1..])).unwrap_err();
    assert_eq!(error, ReorderError::Missing { node: node(1), number: number(1) });
    assert_eq!(error.to_string(), "message 1 is missing in the order of n1");
}

#[test]
fn an_order_with_a_step_twice_is_refused() {
    let mut order = numbers(&STEPS_OF_1);
    order[0] = number(39);
    let error = paper().reordered(node(1), &order).unwrap_err();
    assert_eq!(error, ReorderError::Twice { node: node(1), number: number(39) });
    assert_eq!(error.to_string(), "message 39 is more than once in the order of n1");
}

#[test]
fn an_order_with_a_message_of_others_is_refused() {
    for other in [2, 40, u32::MAX] {
        let mut order = numbers(&STEPS_OF_1);
        order[0] = number(other);
        let error = paper().reordered(node(1), &order).unwrap_err();
        assert_eq!(error, ReorderError::NotOwn { node: node(1), number: number(other) });
        let words = format!("n1 neither sends nor receives message {other}");
        assert_eq!(error.to_string(), words);
    }
}

#[test]
fn a_stranger_cannot_be_reordered() {
    for stranger in [7, 8, u32::MAX] {
        let error = paper().reordered(node(stranger), &[]).unwrap_err();
        assert_eq!(error, ReorderError::Stranger { node: node(stranger) });
        assert_eq!(error.to_string(), format!("the script has no user n{stranger}"));
    }
}

#[test]
fn a_user_without_steps_has_only_the_empty_order() {
    let script = Script::parse(&two_users("")).unwrap();
    assert!(script.clone().reordered(node(2), &[]).is_ok());
    assert!(script.reordered(node(2), &[number(1)]).is_err());
}
