use super::{assert_true_and_false, stock};

#[test]
fn each_property_of_a_chat_is_true_in_one_world_and_false_in_another() {
    let talk = || stock("chat/paper");
    let twice = || talk().wiped(1, 25).fault("(when: Sends(kind: \"ack\", nth: 1), do: Lose)");
    let in_slots = || stock("chat/half-duplex");
    let resources = || stock("chat/resources");
    let said = "(at: \"30ms\", to: 2, command: Say(to: 6, text: \"is all well?\")),";
    let silent = || resources().with(said, "");
    let printed = || resources().with("Confirmed(", "Paper(as_printed: true, ");
    let groups = || stock("chat/group-join");
    let first_come = || groups().with("SchiperEggliSandoz", "Fifo");
    // User 2 has left at 300 ms, and the text that user 1 says at 305 ms takes 10 ms.
    let stopped = || groups().with("until: \"1s\"", "until: \"308ms\"");
    let history = || stock("chat/history");
    let nosy = || groups().bug("HearsAfterLeaving");
    let disorder = "a message was delivered before one that it depends on";
    let awaited = "a packet is not acknowledged";
    let forgotten = "a history is not what its user has seen";
    let nosily = "a user sees what is said in another group";
    let unequal = "two users know different members of a group";
    let unheard = "what is taken for delivered is not";
    let unsaved = "a message has a number that is not saved";
    let reported = "Always(Resources(AllReported(\"400ms\")))";
    assert_true_and_false(&[
        ("Always(InOrder)", talk(), twice(), "a user hears messages out of order"),
        ("Always(AcknowledgedIsHeard)", talk(), talk().wiped(1, 45), unheard),
        ("Always(SavedBeforeSaid)", talk(), talk().wiped(3, 40), unsaved),
        ("Always(AllAcknowledged)", silent(), resources(), "somebody waits for an acknowledgement"),
        ("Reaches(Election(TwoLeaders))", in_slots(), talk(), "two nodes do not lead"),
        (reported, resources(), printed(), "a deadlock was missed"),
        ("Always(Order(Causal))", groups(), first_come(), disorder),
        ("AtEnd(AtRest)", groups(), stopped(), awaited),
        ("Always(HistoryKept)", history(), history().wiped(2, 240), forgotten),
        ("Always(MembersOnly)", groups(), nosy(), nosily),
        ("AtEnd(SameMembers)", groups(), stopped(), unequal),
    ]);
}
