use super::{assert_true_and_false, stock};

#[test]
fn each_property_of_a_script_is_true_in_one_world_and_false_in_another() {
    let calm = || stock("script/first-ack-lost");
    let wiped = || stock("faults/wipe");
    let crossed = || stock("script/crossed-lists");
    let paper = || stock("script/first-ack-lost-as-printed");
    assert_true_and_false(&[
        ("Always(NothingTwice)", calm(), stock("faults/wiped-before-ack"), "delivered twice"),
        ("Always(RightText)", calm(), paper(), "a message was taken for another"),
        ("Reaches(AllDelivered)", calm(), paper(), "a user is stuck"),
        ("Always(AllUp)", calm(), wiped(), "a user is down"),
        ("Reaches(AllListen)", wiped(), crossed(), "a user has something to say"),
    ]);
}
