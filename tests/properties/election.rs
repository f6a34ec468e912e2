use super::{assert_true_and_false, stock};

#[test]
fn each_property_of_an_election_is_true_in_one_world_and_false_in_another() {
    let plain = || stock("election/tanenbaum");
    let slow = || stock("election/slow-top");
    let fenced = || stock("election/slow-top-fenced");
    let crash = || stock("election/epoch-after-crash");
    let wiped = |node, at| {
        fenced().fault(&format!(
            "(at: \"{at}ms\", do: Bounce(node: {node}, down: \"1ms\", disk: Wiped))"
        ))
    };
    let groups = || stock("election/garcia-molina");
    let split_groups = || {
        groups()
            .with("Crash(4)", "Partition([[1, 2], [3, 4]])")
            .with("calm_at: \"160ms\"", "calm_at: \"1s\"")
            .with("until: \"320ms\"", "until: \"2s\"")
    };
    assert_true_and_false(&[
        ("Always(OneLeader)", plain(), slow(), "two nodes lead"),
        ("Reaches(TwoLeaders)", slow(), plain(), "two nodes do not lead"),
        (
            "Eventually(what: Agreed, within: \"101ms\")",
            crash(),
            stock("election/split-for-ever"),
            "a node does not follow the highest that is alive",
        ),
        (
            "Always(Unopposed)",
            plain(),
            plain().bug("AnswerIgnored"),
            "a node announced itself though one above it is alive",
        ),
        (
            "Always(NobodyBelow)",
            plain(),
            stock("election/flapping-top-settles"),
            "a node follows one below itself",
        ),
        (
            "Always(EpochsRise)",
            crash(),
            crash().fault("(at: \"0ms\", do: LyingDisk(3))"),
            "an epoch was taken twice",
        ),
        ("Always(EpochsKept)", fenced(), wiped(2, 205), "a node has forgotten an epoch"),
        (
            "Always(OneLeaderPerTerm)",
            stock("election/majority-partition"),
            stock("election/late-word"),
            "two lead in one term",
        ),
        ("Always(WritesInOrder)", fenced(), wiped(4, 255), "a leader of the past could write"),
        (
            "Reaches(WriteRefused)",
            fenced().fault("(at: \"255ms\", do: Crash(1))"),
            fenced().with("lasts: \"150ms\"", "lasts: \"1ms\""),
            "no write was refused",
        ),
        (
            "Reaches(WriteRefused)",
            fenced(),
            fenced().with("lasts: \"150ms\"", "lasts: \"1ms\""),
            "no write was refused",
        ),
        (
            "Always(LeadsAtMost(1))",
            plain(),
            stock("election/late-word"),
            "a node took the lead too often",
        ),
        ("Always(OneCoordinator)", groups(), split_groups(), "two groups have coordinators"),
        ("Always(OneTask)", groups(), split_groups(), "two groups have tasks"),
    ]);
}
