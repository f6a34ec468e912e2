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
        "ordering-fifo",
        &["WindowReused", "ResendsOnce", "AcksBeforeDelivery", "OldAck", "TakesTwice"],
    ),
    ("ordering-broadcast", &["OnlyOfSender", "AnyLaterBroadcast"]),
    ("ordering-matrix", &["CountsDelivery", "MatrixUnmerged", "OtherReceiversForgotten"]),
    ("ordering-pairs", &["WaitsForItself", "PairsUnmerged"]),
    ("ordering-skeen", &["FirstProposalWins", "ClockUnraised", "PendingOvertaken"]),
    ("ordering-unordered", &[]),
    ("ordering-relay", &[]),
    ("ordering-leader", &[]),
    // Elections leave so much to chance that a plan of a few decisions hides among them: the same
    // bugs are hunted where the scenario itself names the leaders.
    ("ordering-sequencer", &[]),
    (
        "ordering-majority",
        &[
            "OwnBeforeMajority",
            "NumberReused",
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
];

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
