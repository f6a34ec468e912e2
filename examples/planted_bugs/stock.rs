//! The stock scenarios, and which planted bugs are in the code that each of them runs.

use std::path::Path;

use rehearsal::shipped::{Chat, Deadlock, Election, Ordering, Script};
use rehearsal::sim::scenario::heading;
use rehearsal::sim::{Case, Protocol, Scenario};

/// What the page says before its table.
pub(crate) const HEAD: &str = include_str!("head.md");

pub(crate) const TABLE: &[(&str, &[&str])] = &[
    (
        "script",
        &[
            "SenderIsIdentity",
            "NoReack",
            "SaveAfterAck",
            "AnyAck",
            "ForgetsPosition",
            "AcksUndelivered",
            "SaysOnce",
            "SelfMessage",
        ],
    ),
    (
        "election-textbook",
        &[
            "AnswerIgnored",
            "NoGuard",
            "WaitsForEver",
            "MisleadsQuietly",
            "LowerLeadsOn",
            "AcceptsLower",
            "ReturnsQuietly",
            "AsksOnlyNext",
            "LowestUntold",
        ],
    ),
    ("election-paper", &["SilentWhileLimited", "RetryUnarmed", "MakesUpInVain"]),
    ("election-short-reign", &["LimitForgets", "DeafWhileClosing"]),
    ("election-one-round", &["NamesTheLast", "HeedsLateNominations"]),
    (
        "election-hardened",
        &[
            "OpenFence",
            "FollowedForgotten",
            "SaveEpochAfterUse",
            "EpochForgotten",
            "FenceUnsaved",
            "LastWriterWins",
            "LeadsOnceAnnounced",
            "LeadsOn",
        ],
    ),
    (
        "election-majority",
        &[
            "VoteNotSaved",
            "HalfIsEnough",
            "DenialIgnored",
            "OneCell",
            "FollowsSilently",
            "FirstSlotWins",
            "NoRevote",
        ],
    ),
    ("election-votes", &["StaleVotes", "TwoVotes"]),
    ("election-links", &["NoPreVote", "VotesAnew"]),
    ("election-ends", &["BarsTheWay"]),
    ("election-pair", &["VoteForLower"]),
    ("election-settle", &["SettleCalls", "HeartbeatToFollowers"]),
    (
        "garcia-molina",
        &[
            "PastAnswers",
            "CheckUnheeded",
            "HaltUnheeded",
            "HaltFromBelow",
            "NeverChecks",
            "SilentIsHalted",
        ],
    ),
    (
        "chat",
        &[
            "NobodyNotices",
            "NumberUnsaved",
            "HearsTwice",
            "HeardUnsaved",
            "StaleAck",
            "QueueForgotten",
            "TriesForEver",
        ],
    ),
    (
        "chat-groups",
        &[
            "HearsAfterLeaving",
            "MemberUnsaved",
            "RecalledIsNew",
            "RecalledIsOld",
            "MemberBeforeHistory",
        ],
    ),
    ("chat-sequencer", &["JoinsAtOnce"]),
    (
        "ordering-fifo",
        &["WindowReused", "ResendsOnce", "AcksBeforeDelivery", "OldAck", "TakesTwice"],
    ),
    ("ordering-broadcast", &["OnlyOfSender", "AnyLaterBroadcast"]),
    ("ordering-matrix", &["CountsDelivery", "MatrixUnmerged", "OtherReceiversForgotten"]),
    ("ordering-pairs", &["WaitsForItself", "PairsUnmerged"]),
    ("ordering-skeen", &["FirstProposalWins", "ClockUnraised", "PendingOvertaken"]),
    ("ordering-lamport", &["FirstIsNext"]),
    ("ordering-flood", &["KeepsToItself"]),
    ("ordering-unordered", &[]),
    ("ordering-relay", &[]),
    ("ordering-sequencer", &[]),
    // Elections leave so much to chance that a plan of a few decisions hides among them: the same
    // bugs are hunted where the scenario itself names the leaders.
    ("ordering-elected", &[]),
    (
        "ordering-majority",
        &[
            "NumberReused",
            "OwnBeforeMajority",
            "HalfChooses",
            "OldLeaderHeeded",
            "ComesUpTwice",
            "StaleAccepted",
            "PartIsPromise",
        ],
    ),
    (
        "deadlock-confirmed",
        &[
            "LendsTwice",
            "AbortsBlindly",
            "OneTable",
            "ForgetsVictims",
            "NeedlessVictims",
            "AnyRelease",
            "KeepsWhatItHas",
            "GrantsUncounted",
        ],
    ),
    (
        "deadlock-crashes",
        &["LentUnsaved", "RequestUnsaved", "LentInSilence", "AsksOnce", "GrantUnsaved"],
    ),
    ("deadlock-late-verdicts", &["ChoosesMeanwhile"]),
    ("deadlock-leader", &["CollectUnsaved"]),
    ("snapshot-leader", &["SnapshotUnsaved"]),
    ("snapshot", &["ForgetsChannels"]),
    ("deadlock-paper", &["VisitedIsCycle"]),
    ("hierarchy", &["SilenceWaits", "OutsideIsFree", "DeadUntold"]),
    ("chasing", &["AnyRequestWillDo", "RoundsOnce", "ForwardsEveryTime"]),
    ("diffusing", &["AnswersCopies", "FirstReplyDecides", "FreeReplies"]),
    ("labels", &["SameLabelAgain", "ForgetsCounter", "ToldTwice", "SmallerLabelPasses"]),
    ("diffusing-victims", &["VictimBehind"]),
    ("chasing-cancelled", &["NeverWithdraws"]),
    ("labels-cancelled", &["LabelStands"]),
];

/// Of bugs in orders of messages: what goes wrong in the counterexample that a textbook would
/// draw, and how many faults and decisions off the usual path that is.
pub(crate) const TEXTBOOK: &[(&str, &str, usize)] = &[
    ("WindowReused", "the sender crashes", 1),
    ("ResendsOnce", "the receiver is down for longer than a packet's second copy", 1),
    ("AcksBeforeDelivery", "the receiver crashes between acknowledgement and delivery", 1),
    (
        "OldAck",
        "the sender crashes, an acknowledgement of its former life is late, its next packet is lost",
        3,
    ),
    ("TakesTwice", "a packet arrives twice", 1),
    ("OnlyOfSender", "a question is late at one node, the answer is not", 1),
    ("AnyLaterBroadcast", "the first of two broadcasts is late at one node", 1),
    ("CountsDelivery", "none: a node sends a message to itself", 0),
    ("MatrixUnmerged", "the first message of a chain is late", 1),
    ("OtherReceiversForgotten", "a message to two nodes is late at one of them", 1),
    ("WaitsForItself", "none: a node sends two messages to another one", 0),
    ("PairsUnmerged", "the first message of a chain is late", 1),
    ("FirstProposalWins", "none: two destinations propose different times", 0),
    ("ClockUnraised", "a message is late at one of its destinations", 1),
    ("PendingOvertaken", "a final time is late at one of the destinations", 1),
    ("FirstIsNext", "none: two nodes send at the same time", 0),
    ("KeepsToItself", "a question is late at one node, the answer is not", 1),
    ("OwnBeforeMajority", "the leader is cut off with a message of its own", 1),
    ("NumberReused", "the leader is cut off from its successor", 1),
    ("HalfChooses", "a leader is cut off with half of the nodes", 1),
    ("OldLeaderHeeded", "the leader is cut off from its successor", 1),
    ("ComesUpTwice", "the leader is cut off before its sender hears of the number", 1),
    ("PartIsPromise", "a part of a promise is late, and the leader before is cut off", 2),
    ("StaleAccepted", "an acceptance is late, until another leader leads", 1),
];

/// So many faults and decisions more than the textbook's may be left after shrinking.
pub(crate) const BEYOND_TEXTBOOK: usize = 3;

/// The textbook's counterexample of this bug, and its size, if it is one of the orders.
pub(crate) fn textbook(mutant: &str) -> Option<(&'static str, usize)> {
    let found = TEXTBOOK.iter().find(|(name, ..)| *name == mutant);
    found.map(|(_, counterexample, size)| (*counterexample, *size))
}

/// The scenario of this name below `scenarios/hunt`.
pub(crate) fn case(name: &str) -> Case {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/hunt");
    let file = folder.join(name).with_extension("ron");
    let source = std::fs::read_to_string(&file).expect("it can be read");
    let heading = heading(&file.to_string_lossy(), &source).expect("a right scenario");
    match heading.protocol.as_str() {
        Chat::NAME => open::<Chat>(&file),
        Deadlock::NAME => open::<Deadlock>(&file),
        Election::NAME => open::<Election>(&file),
        Ordering::NAME => open::<Ordering>(&file),
        Script::NAME => open::<Script>(&file),
        other => panic!("no protocol {other} is known here"),
    }
}

fn open<P: Protocol>(file: &Path) -> Case {
    Scenario::<P>::open(file).expect("a right scenario").into()
}
