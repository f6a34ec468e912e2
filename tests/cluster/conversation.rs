//! Users of real nodes who keep an order when they talk, in groups too.

use rehearsal::shipped::Chat;

use super::recordings::assert_replays;
use super::test_cluster::{TestCluster, ran, rehearsal};

const HARDENED: &str = r#"Hardened(answer_wait: "101ms", coordinator_wait: "201ms",
    heartbeat: "100ms", leader_wait: "500ms", majority: true)"#;

fn protocol(discipline: &str) -> String {
    format!(
        r#"Chat((resend: "20ms", election: (form: {HARDENED}),
            order: (discipline: {discipline}, resend: "100ms"), history: 50))"#
    )
}

fn users(count: usize, discipline: &str) -> TestCluster {
    let network = r#"Uniform("0ms", "50ms")"#;
    let mut cluster = TestCluster::new(count, &protocol(discipline), network, false);
    cluster.is_recorded = true;
    cluster.start_all();
    cluster
}

/// Every recorded life is replayed, and the joined recordings keep this guarantee.
fn judge(cluster: &TestCluster, discipline: &str, guarantee: &str) {
    for node in cluster.all() {
        assert!(assert_replays::<Chat>(cluster, node, None) > 0);
    }
    let scenario = format!(
        "(claim: \"x\", protocol: {}, nodes: {}, network: (delay: Fixed(\"10ms\")),
        until: \"1s\", expect: [
            Always(Order(UniqueIds)), Always(Order(NoCreation)), Always(Order(NoDuplication)),
            Always(Order({guarantee})), Always(HistoryKept), Always(MembersOnly),
            AtEnd(Order(AllDelivered)), AtEnd(SameMembers)])",
        protocol(discipline),
        cluster.nodes.len()
    );
    std::fs::write(cluster.path("expected.ron"), scenario).expect("it can be written");
    let mut command = rehearsal(&["replay", "--expect"]);
    command.arg(cluster.path("expected.ron"));
    command.args(cluster.all().map(|node| cluster.recording(node)));
    let (code, told, errors) = ran(&mut command);
    assert_eq!(code, Some(0), "{told}{errors}");
    assert!(told.contains(guarantee), "{told}");
}

fn shows(cluster: &TestCluster, node: usize, line: &str) -> bool {
    cluster.nodes[node].window.iter().any(|shown| shown == line)
}

/// Has the first post of this user been delivered to the node, shown or not?
fn has_first_of(cluster: &TestCluster, node: usize, user: u32) -> bool {
    let texts = [format!("shows n{user}#1,"), format!("hides n{user}#1")];
    let mut outputs = cluster.nodes[node].outputs.iter();
    outputs.any(|(_, output)| texts.iter().any(|text| output.starts_with(text)))
}

/// The lines of a user's window that are about texts and groups.
fn talk(cluster: &TestCluster, node: usize) -> Vec<&str> {
    let lines = cluster.nodes[node].window.iter().map(String::as_str);
    lines.filter(|line| line.contains(": ") || line.contains('#')).collect()
}

#[test]
fn users_type_texts_to_each_other_and_to_their_groups() {
    let mut cluster = users(3, "SchiperEggliSandoz");
    cluster.process(0).say("/join lunch");
    cluster.process(1).say("/join #lunch");
    let joined = "n2 joins #lunch";
    cluster.until("n1 sees n2 join", |cluster| shows(cluster, 0, joined));
    cluster.process(0).say("#lunch when?");
    cluster.until("n2 sees it", |cluster| shows(cluster, 1, "#lunch n1: when?"));
    cluster.process(1).say("#lunch at noon");
    cluster.process(1).say("3 are you hungry?");
    cluster.until("n3 sees it", |cluster| shows(cluster, 2, "n2 to n3: are you hungry?"));
    cluster.until("n1 sees it", |cluster| shows(cluster, 0, "#lunch n2: at noon"));
    cluster.process(2).say("#lunch me too");
    let refusal = "refuses: only a member of the group can do that";
    cluster.until("n3 is refused", |cluster| shows(cluster, 2, refusal));
    cluster.process(1).say("/leave lunch");
    cluster.until("n1 sees it", |cluster| shows(cluster, 0, "n2 leaves #lunch"));
    cluster.stop_all();
    assert!(!cluster.read(2, "window.txt").contains("#lunch"));
}

/// A killed process cannot save anything first.
#[test]
fn a_user_that_is_killed_finds_its_history_and_what_was_said_meanwhile() {
    for (discipline, guarantee) in [("CausalBroadcast", "Causal"), ("MajoritySequencer", "Total")] {
        let mut cluster = users(3, discipline);
        for node in cluster.all() {
            cluster.process(node).say("/join lunch");
        }
        // In causal order a user that is down can hold up what was said after its joining.
        cluster.until("all know all members", |cluster| {
            cluster.all().all(|node| (1..=3).all(|user| has_first_of(cluster, node, user)))
        });
        cluster.process(0).say("#lunch one");
        cluster.until("n3 sees it", |cluster| shows(cluster, 2, "#lunch n1: one"));
        let before: Vec<_> = talk(&cluster, 2).into_iter().map(str::to_owned).collect();
        // The highest user leads, and is the sequencer.
        cluster.kill(2);
        cluster.process(1).say("#lunch two");
        let two = "#lunch n2: two";
        cluster.until("n1 sees it", |cluster| shows(cluster, 0, two));
        cluster.start(2);
        cluster.until("n3 sees it", |cluster| shows(cluster, 2, two));
        cluster.process(2).say("#lunch three");
        cluster.until("all see it", |cluster| {
            cluster.all().all(|node| shows(cluster, node, "#lunch n3: three"))
        });
        let after = talk(&cluster, 2);
        assert_eq!(after[..before.len()], before, "{discipline}");
        assert_eq!(after[before.len()..], [two, "#lunch n3: three"], "{discipline}");
        if discipline == "MajoritySequencer" {
            let in_group = |node| {
                talk(&cluster, node).into_iter().filter(|line| line.starts_with('#')).collect()
            };
            let lunches: Vec<Vec<_>> = cluster.all().map(in_group).collect();
            assert!(lunches.windows(2).all(|two| two[0] == two[1]), "{lunches:#?}");
        }
        cluster.stop_all();
        judge(&cluster, discipline, guarantee);
    }
}

/// Its next post would have a number that all others take for one of the past.
#[test]
fn a_user_that_lost_its_folder_is_kept_out_of_an_order_in_its_new_life_too() {
    let mut cluster = users(3, "Fifo");
    cluster.process(0).say("2 one");
    cluster.process(0).say("3 two");
    // Only a node that has heard its earlier life knows that the new one is another.
    cluster.until("n2 and n3 have heard it", |cluster| {
        shows(cluster, 1, "n1 to n2: one") && shows(cluster, 2, "n1 to n3: two")
    });
    assert_eq!(cluster.stop(0).code, Some(0));
    std::fs::remove_dir_all(cluster.path("user1")).expect("it has a folder");
    std::fs::remove_file(cluster.recording(0)).expect("it is recorded");
    let mut command = cluster.command(0);
    cluster.start_by(0, command.arg("--new-life"));
    cluster.until("it is up", |cluster| cluster.nodes[0].ups == 2);
    cluster.process(0).say("2 again");
    cluster.until("n1 sees its own text", |cluster| shows(cluster, 0, "n1 to n2: again"));
    let leads = |line: &String| line.starts_with("leads");
    cluster.until("n3 leads", |cluster| cluster.nodes[2].window.iter().any(leads));
    cluster.process(2).say("/task 1 sweep");
    let told = "could not tell n1: task 1, \"sweep\"";
    cluster.until("n3 gives up", |cluster| shows(cluster, 2, told));
    let (one, two) = (cluster.stop(0), cluster.stop(1));
    assert!(one.errors.contains("refused by the peer"), "{}", one.errors);
    assert!(two.errors.contains("kept out"), "{}", two.errors);
    assert_eq!(cluster.nodes[1].ups, 1, "it forgets nothing");
    assert!(!shows(&cluster, 1, "n1 to n2: again"));
}
