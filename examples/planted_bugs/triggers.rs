//! What sets each planted bug off, told from its code and not from what `cause` answers.

use rehearsal::sim::cause::{Cause, Change};
use rehearsal::sim::fault::{Action, Fault, FaultName, Trigger as On, When};
use rehearsal::sim::plan::DecisionKey;

/// Something that sets a planted bug off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sets {
    /// The scenario alone: no unusual decision and no drawn fault is needed.
    Usual,
    /// A node goes down, or comes up: what it has not saved is gone, and others miss it.
    Down,
    /// A message of this kind, or of any kind if it is empty, comes late, twice, in another
    /// order or not at all: by a decision, by a fault on it, or because its link is cut or held.
    Mail(&'static str),
    /// A node is slow, or its clock or a timer of it is wrong.
    Slow,
}

use Sets::{Down, Mail, Slow, Usual};

/// Any message.
const ANY: Sets = Mail("");

/// Of each planted bug that a hunt finds. `Usual` stands where the table of planted bugs has
/// plans of nothing unusual, too.
pub(crate) const SETS_OFF: &[(&str, &[Sets])] = &[
    ("SenderIsIdentity", &[Mail("data"), Mail("ack"), Down]),
    ("NoReack", &[Mail("ack"), Down]),
    ("SaveAfterAck", &[Down]),
    ("AnyAck", &[Mail("ack"), Mail("data")]),
    ("ForgetsPosition", &[Down]),
    ("AcksUndelivered", &[Usual, Mail("data")]),
    ("SaysOnce", &[Usual, Mail("data"), Down]),
    ("AnswerIgnored", &[Usual, Mail("answer")]),
    ("NoGuard", &[Down, Mail("election"), Slow]),
    ("WaitsForEver", &[Usual, Down, Mail("coordinator")]),
    ("MisleadsQuietly", &[Down, Mail("coordinator"), Mail("answer"), Mail("election")]),
    ("LowerLeadsOn", &[Down, Mail("coordinator"), Mail("answer"), Mail("election")]),
    ("AcceptsLower", &[Mail("coordinator"), Mail("answer"), Mail("election"), Slow]),
    ("ReturnsQuietly", &[Down]),
    ("AsksOnlyNext", &[Usual, Down, Mail("election")]),
    ("LowestUntold", &[Down]),
    ("SilentWhileLimited", &[Usual, Down]),
    ("RetryUnarmed", &[Down, Mail("election"), Mail("answer")]),
    ("MakesUpInVain", &[Down, Mail("coordinator"), Mail("answer"), Slow]),
    ("LimitForgets", &[Usual, Down]),
    ("DeafWhileClosing", &[Down]),
    ("NamesTheLast", &[Mail("answer"), Mail("election")]),
    ("HeedsLateNominations", &[Mail("nominate"), Mail("election")]),
    ("OpenFence", &[Mail("write"), Down, Slow]),
    ("FollowedForgotten", &[Down]),
    ("SaveEpochAfterUse", &[Down]),
    ("EpochForgotten", &[Down]),
    ("FenceUnsaved", &[Down]),
    ("LastWriterWins", &[Mail("coordinator"), Mail("heartbeat")]),
    ("LeadsOnceAnnounced", &[Usual]),
    ("LeadsOn", &[Mail("coordinator"), Mail("heartbeat"), Mail("answer"), Down, Slow]),
    ("VoteNotSaved", &[Down]),
    ("HalfIsEnough", &[Mail("request"), Mail("vote"), Mail("denial")]),
    ("DenialIgnored", &[Mail("request"), Mail("vote"), Mail("denial"), Mail("coordinator"), Down]),
    ("OneCell", &[Down]),
    ("FollowsSilently", &[Usual]),
    ("FirstSlotWins", &[Down]),
    ("StaleVotes", &[Mail("vote")]),
    ("TwoVotes", &[Mail("request"), Mail("vote"), Mail("election"), Mail("answer"), Down]),
    ("NoPreVote", &[ANY]),
    ("VotesAnew", &[ANY]),
    ("BarsTheWay", &[ANY, Down]),
    ("VoteForLower", &[Mail("request"), Mail("election"), Down]),
    ("SettleCalls", &[Down]),
    (
        "HeartbeatToFollowers",
        &[Down, Mail("heartbeat"), Mail("heartbeat_ack"), Mail("coordinator")],
    ),
    ("CheckUnheeded", &[Usual, Mail("are_you_normal")]),
    ("HaltUnheeded", &[Usual]),
    ("HaltFromBelow", &[Down, Mail("halt")]),
    ("NeverChecks", &[Down, ANY]),
    ("SilentIsHalted", &[Usual, Down]),
    ("NobodyNotices", &[Down]),
    ("NumberUnsaved", &[Usual]),
    ("HearsTwice", &[Mail("ack"), Mail("data")]),
    ("HeardUnsaved", &[Usual]),
    ("StaleAck", &[Mail("ack"), Mail("data")]),
    ("QueueForgotten", &[Usual, Down]),
    ("TriesForEver", &[Usual, Down]),
    ("HearsAfterLeaving", &[ANY, Down]),
    ("MemberUnsaved", &[Down]),
    ("RecalledIsNew", &[Down]),
    ("RecalledIsOld", &[Down]),
    ("MemberBeforeHistory", &[Down]),
    ("JoinsAtOnce", &[Usual]),
    ("WindowReused", &[Down]),
    ("ResendsOnce", &[Down, Mail("data")]),
    ("AcksBeforeDelivery", &[Down]),
    ("OldAck", &[Down, Mail("ack"), Mail("data")]),
    // The link itself drops copies: it is a new life of a node that sends again.
    ("TakesTwice", &[Down, Mail("data")]),
    ("OnlyOfSender", &[Mail("data")]),
    ("AnyLaterBroadcast", &[Mail("data")]),
    ("CountsDelivery", &[Usual]),
    ("MatrixUnmerged", &[Mail("data")]),
    ("OtherReceiversForgotten", &[Mail("data")]),
    ("WaitsForItself", &[Usual]),
    ("PairsUnmerged", &[Mail("data")]),
    ("FirstProposalWins", &[Usual, Mail("ask"), Mail("propose")]),
    ("ClockUnraised", &[Mail("ask"), Mail("final")]),
    ("PendingOvertaken", &[Mail("final")]),
    ("FirstIsNext", &[Usual, ANY]),
    ("KeepsToItself", &[ANY]),
    ("NumberReused", &[ANY, Down, Slow]),
    ("OwnBeforeMajority", &[ANY, Down, Slow]),
    ("HalfChooses", &[ANY, Down, Slow]),
    ("OldLeaderHeeded", &[ANY, Down, Slow]),
    ("ComesUpTwice", &[ANY, Down, Slow]),
    ("StaleAccepted", &[ANY, Down, Slow]),
    ("PartIsPromise", &[ANY, Down, Slow]),
    ("LendsTwice", &[Usual]),
    ("AbortsBlindly", &[Mail("verdict"), Mail("report")]),
    ("OneTable", &[Mail("report"), Mail("request"), Mail("grant"), Mail("release"), Mail("ask")]),
    ("ForgetsVictims", &[Mail("verdict"), Mail("report"), Mail("ask")]),
    ("NeedlessVictims", &[Mail("request"), Mail("report"), Mail("grant")]),
    ("AnyRelease", &[Mail("release"), Mail("grant"), Mail("request")]),
    ("KeepsWhatItHas", &[Usual]),
    ("GrantsUncounted", &[Usual]),
    ("LentUnsaved", &[Down]),
    ("RequestUnsaved", &[Down]),
    ("LentInSilence", &[Mail("grant"), Mail("release"), Down]),
    ("AsksOnce", &[Mail("request"), Mail("grant"), Mail("release"), Down]),
    ("ChoosesMeanwhile", &[Mail("verdict"), Mail("report")]),
    ("CollectUnsaved", &[Down]),
    ("SnapshotUnsaved", &[Down]),
    ("ForgetsChannels", &[ANY]),
    ("VisitedIsCycle", &[Usual]),
    ("SilenceWaits", &[Usual, Mail("report")]),
    ("OutsideIsFree", &[Mail("report"), Mail("request")]),
    ("DeadUntold", &[Mail("report"), Mail("request")]),
    ("AnyRequestWillDo", &[ANY, Down]),
    ("RoundsOnce", &[Mail("probe"), Mail("request"), Down]),
    ("ForwardsEveryTime", &[Mail("probe"), Mail("request")]),
    ("AnswersCopies", &[Mail("query")]),
    ("FirstReplyDecides", &[Usual, Mail("reply")]),
    ("FreeReplies", &[Mail("query"), Mail("reply"), Mail("request"), Mail("grant")]),
    ("SameLabelAgain", &[ANY]),
    ("ForgetsCounter", &[Down]),
    ("ToldTwice", &[ANY]),
    ("SmallerLabelPasses", &[ANY]),
    ("VictimBehind", &[Mail("query"), Mail("reply"), Mail("request")]),
    ("NeverWithdraws", &[Usual]),
    ("LabelStands", &[Usual]),
];

/// Of the bugs whose trigger is not among the first causes, what is there in its place.
const MISSED: &[(&str, &str)] = &[
    ("AcceptsLower", "nothing unusual is needed: a node that starts late hears a lower one lead"),
    ("LowestUntold", "an answer that is lost leaves the lowest node alone, and no node goes down"),
    (
        "HeedsLateNominations",
        "a late `coordinator` makes room for a nomination that comes as usual",
    ),
    ("CheckUnheeded", "this failure takes two crashes; others take nothing unusual"),
    ("HaltUnheeded", "this failure takes a pause; others take nothing unusual"),
    ("AbortsBlindly", "spans of work and a late request make the verdict come too late"),
    ("NeedlessVictims", "spans of work decide which node waits for which"),
    ("GrantsUncounted", "this failure takes a lost request; others take nothing unusual"),
    ("FirstReplyDecides", "this failure takes a span of work; others take nothing unusual"),
    ("LabelStands", "this failure takes two late requests; others take nothing unusual"),
];

/// Why the trigger of this bug is not among the first causes, as far as it is known.
pub(crate) fn why_missed(mutant: &str) -> &'static str {
    MISSED.iter().find(|(name, _)| *name == mutant).map_or("not known", |(_, why)| why)
}

/// What sets this bug off.
pub(crate) fn of(mutant: &str) -> Option<&'static [Sets]> {
    SETS_OFF.iter().find(|(name, _)| *name == mutant).map(|(_, sets)| *sets)
}

/// In a person's words.
pub(crate) fn told(sets: &[Sets]) -> String {
    let words = sets.iter().map(|sets| match sets {
        Usual => "nothing unusual".to_owned(),
        Down => "a node down or up".to_owned(),
        Mail("") => "any message late".to_owned(),
        Mail(kind) => format!("`{kind}` late"),
        Slow => "a node slow".to_owned(),
    });
    words.collect::<Vec<_>>().join(", ")
}

/// Is the cause one of these? `faults` are those of the plan.
pub(crate) fn names(cause: &Cause, sets: &[Sets], faults: &[Fault]) -> bool {
    sets.iter().any(|sets| match &cause.change {
        Change::Nothing => *sets == Usual,
        Change::Decision(key, _) | Change::Usual(key) => is_of_key(key, *sets, faults),
        Change::Fault(place, _) => is_of_fault(&faults[*place], *sets),
    })
}

fn is_of_key(key: &DecisionKey, sets: Sets, faults: &[Fault]) -> bool {
    match (key, sets) {
        (DecisionKey::Message(message), Mail(kind)) => kind.is_empty() || message.kind == kind,
        (DecisionKey::Timer(_), Slow) => true,
        // One of the strikes of a fault that chance makes strike again and again.
        (DecisionKey::Fault { fault, .. }, _) => {
            let place = fault.place_in(&FaultName::all(faults));
            place.is_some_and(|place| is_of_fault(&faults[place], sets))
        }
        _ => false,
    }
}

fn is_of_fault(fault: &Fault, sets: Sets) -> bool {
    match (&fault.action, sets) {
        (
            Action::Crash(_)
            | Action::Restart(_)
            | Action::Amnesia(_)
            | Action::Upgrade(_)
            | Action::Start(_)
            | Action::Bounce { .. }
            | Action::Wipe(_)
            | Action::LyingDisk(_),
            Down,
        )
        | (
            Action::Pause { .. }
            | Action::Resume(_)
            | Action::Fire { .. }
            | Action::PutOff { .. }
            | Action::Skew { .. }
            | Action::Step { .. }
            | Action::Drift { .. },
            Slow,
        )
        | (
            Action::Partition(_)
            | Action::OneWay { .. }
            | Action::Cut(_)
            | Action::Flap { .. }
            | Action::Heal
            | Action::Hold { .. }
            | Action::Release { .. },
            Mail(_),
        ) => true,
        (action, Mail(wanted)) if action.is_on_message() => match &fault.when {
            When::On(On::Sends { kind, .. }) | When::Each(On::Sends { kind, .. }) => {
                wanted.is_empty() || kind.as_deref().is_none_or(|kind| kind == wanted)
            }
            _ => false,
        },
        _ => false,
    }
}
