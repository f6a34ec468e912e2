use super::{assert_true_and_false, stock};

#[test]
fn each_property_of_a_chat_is_true_in_one_world_and_false_in_another() {
    let talk = || stock("chat/paper");
    let wiped = |node, at| {
        talk().fault(&format!(
            "(at: \"{at}ms\", do: Bounce(node: {node}, down: \"1ms\", disk: Wiped))"
        ))
    };
    let resources = || stock("chat/resources");
    assert_true_and_false(&[
        (
            "Always(InOrder)",
            talk(),
            wiped(1, 25).fault("(when: Sends(kind: \"ack\", nth: 1), do: Lose)"),
            "a user hears messages out of order",
        ),
        ("Always(AcknowledgedIsHeard)", talk(), wiped(1, 45), "what is taken for delivered is not"),
        (
            "Always(SavedBeforeSaid)",
            talk(),
            wiped(3, 40),
            "a message has a number that is not saved",
        ),
        (
            "Always(Quiet)",
            resources()
                .with("(at: \"30ms\", to: 2, command: Say(to: 6, text: \"is all well?\")),", ""),
            resources(),
            "somebody waits for an acknowledgement",
        ),
        (
            "Reaches(Election(TwoLeaders))",
            stock("chat/half-duplex"),
            talk(),
            "two nodes do not lead",
        ),
        (
            "Always(Resources(AllReported(\"400ms\")))",
            resources(),
            resources().with("Confirmed(", "Paper(as_printed: true, "),
            "a deadlock was missed",
        ),
    ]);
}
