use rehearsal::Exit;

use super::{assert_true_and_false, stock};

#[test]
fn each_property_of_deadlocks_is_true_in_one_world_and_false_in_another() {
    let phantom = || stock("deadlock/phantom");
    let cured = || stock("deadlock/phantom-cured");
    let printed = || stock("deadlock/paper-as-printed");
    let found = || stock("deadlock/snapshot");
    let labels = || stock("deadlock/labels");
    let late = || stock("deadlock/late-verdict");
    let forks = || stock("deadlock/philosophers").with("calm_at: \"0ms\"", "calm_at: \"100ms\"");
    let elected = || stock("deadlock/leader-dies").with("calm_at: \"40ms\"", "calm_at: \"500ms\"");
    let hasty = || late().bug("ChoosesMeanwhile");
    let behind = || stock("deadlock/diffusing-behind");
    let withdrawn = || stock("deadlock/verdict-withdrawn").with("600ms", "900ms");
    let rarely = || withdrawn().with("period: \"100ms\"", "period: \"200ms\"");
    let stale = "a verdict has outlived its deadlock";
    let bystander = "a node behind a cycle gave up";
    let wiped = || forks().fault("(at: \"45ms\", do: Bounce(node: 6, down: \"5ms\", disk: Wiped))");
    let split = || elected().fault("(at: \"20ms\", do: Partition([[1, 2], [3, 4]]))");
    assert_true_and_false(&[
        ("Always(NoPhantom)", cured(), phantom(), "a deadlock was found that is none"),
        ("Reaches(PhantomFound)", phantom(), cured(), "no phantom is found"),
        ("Always(AllReported(\"30ms\"))", found(), printed(), "a deadlock was missed"),
        ("Always(CyclesReported(\"30ms\"))", found(), printed(), "a deadlock was missed"),
        ("Reaches(SomebodyDeadlocked)", labels(), cured(), "nobody is deadlocked"),
        ("Always(NobodyDeadlocked)", cured(), labels(), "somebody is deadlocked"),
        ("Reaches(KnownDeadlocked)", found(), cured(), "a node knows another verdict"),
        ("Reaches(KnownFree)", cured(), phantom(), "a node knows another verdict"),
        ("Reaches(NobodyWaits)", labels(), found(), "somebody waits"),
        ("Always(VictimsDeadlocked)", late(), hasty(), "a node gave up that was not deadlocked"),
        ("Always(VictimsOnCycle)", behind(), behind().bug("VictimBehind"), bystander),
        ("Always(NoStaleVerdict(\"330ms\"))", withdrawn(), rarely(), stale),
        ("Always(OneHolder)", forks(), wiped(), "a node holds a lock that is not lent to it"),
        ("Always(Election(OneLeader))", elected(), split(), "two nodes lead"),
    ]);
}

/// A machine measures a wait on its own clock; how long a deadlock has lasted is
/// a matter of the world's time.
#[test]
fn a_clock_that_is_set_neither_hides_a_missed_deadlock_nor_feigns_one() {
    let set = |node: u32, at: &str, ahead: &str| {
        format!("(at: \"{at}\", do: Skew(node: {node}, by: Ahead(\"{ahead}\")))")
    };
    // Node 3 closes the cycle at 55 ms, and verdicts come from 80 to 90 ms: on its
    // own clock the cycle is closed at 100 ms.
    let found = stock("deadlock/snapshot")
        .with("calm_at: \"0ms\"", "calm_at: \"200ms\"")
        .with("until: \"250ms\"", "until: \"1s\"")
        .fault(&set(3, "70ms", "1ms"))
        .fault(&set(3, "0ms", "45ms"));
    let missed = stock("deadlock/paper-as-printed")
        .with("calm_at: \"0ms\"", "calm_at: \"1ms\"")
        .fault(&set(1, "0ms", "1h"));
    for expect in ["Always(AllReported(\"30ms\"))", "Always(CyclesReported(\"30ms\"))"] {
        let (exit, text) = found.run(expect);
        assert_eq!(exit, Exit::Held, "{text}");
        let (exit, text) = missed.run(expect);
        assert_eq!(exit, Exit::Violated, "{text}");
        assert!(text.contains("a deadlock was missed"), "{text}");
    }
}
