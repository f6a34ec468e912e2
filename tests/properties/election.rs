use super::{assert_true_and_false, stock};

#[test]
fn each_property_of_an_election_is_true_in_one_world_and_false_in_another() {
    let plain = || stock("election/tanenbaum");
    let ignored = || plain().bug("AnswerIgnored");
    let late = || stock("election/late-word");
    let split = || stock("election/split-forever");
    let flapping = || stock("election/flapping-top-settles");
    let majority = || stock("election/majority-partition");
    let slow = || stock("election/slow-top");
    let fenced = || stock("election/slow-top-fenced");
    let unfenced = || fenced().with("lasts: \"150ms\"", "lasts: \"1ms\"");
    let refuser_gone = || fenced().fault("(at: \"255ms\", do: Crash(1))");
    let crash = || stock("election/epoch-after-crash");
    let lying = || crash().fault("(at: \"0ms\", do: LyingDisk(3))");
    let cut = || stock("election/link-cut-for-good");
    let all_cut = || cut().with("[(2, 3)]", "[(1, 2), (1, 3), (2, 3)]");
    let stable = "Always(StableEpochs(since: \"100ms\", most: 0))";
    let groups = || stock("election/garcia-molina");
    let split_groups = || {
        groups()
            .with("Crash(4)", "Partition([[1, 2], [3, 4]])")
            .with("calm_at: \"160ms\"", "calm_at: \"1s\"")
            .with("until: \"320ms\"", "until: \"2s\"")
    };
    let agreed = "Eventually(what: Agreed, within: \"101ms\")";
    let past = "a leader of the past could write";
    let unopposed = "a node announced itself though one above it is alive";
    assert_true_and_false(&[
        ("Always(OneLeader)", plain(), slow(), "two nodes lead"),
        ("Reaches(TwoLeaders)", slow(), plain(), "two nodes do not lead"),
        ("AtEnd(SomebodyLeads)", cut(), all_cut(), "nobody leads"),
        (stable, cut(), majority(), "epochs rise without end"),
        (agreed, crash(), split(), "a node does not follow the highest that is alive"),
        ("Always(Unopposed)", plain(), ignored(), unopposed),
        ("Always(NobodyBelow)", plain(), flapping(), "a node follows one below itself"),
        ("Always(EpochsRise)", crash(), lying(), "an epoch was taken twice"),
        ("Always(EpochsKept)", fenced(), fenced().wiped(2, 205), "a node has forgotten an epoch"),
        ("Always(OneLeaderPerTerm)", majority(), late(), "two lead in one term"),
        ("Always(WritesInOrder)", fenced(), fenced().wiped(4, 255), past),
        ("Reaches(WriteRefused)", refuser_gone(), unfenced(), "no write was refused"),
        ("Reaches(WriteRefused)", fenced(), unfenced(), "no write was refused"),
        ("Always(LeadsAtMost(1))", plain(), late(), "a node took the lead too often"),
        ("Always(OneCoordinator)", groups(), split_groups(), "two groups have coordinators"),
        ("Always(OneTask)", groups(), split_groups(), "two groups have tasks"),
    ]);
}
