use std::path::Path;

use rehearsal_sim::{Case, Diagnostic, Look as _, Owner as _, Plan, Protocol, Reason, Scenario};
use rehearsal_tcp::recording::Recording;

use super::file::FileText;
use super::node::Node;
use super::recorded::Aftermath;
use super::replay::Replay;
use super::{CliError, Console, Exit, node, recorded};
use crate::real::{Cluster, FollowScript, Membership, RosterText};

/// A registered protocol, whichever it is: what turns texts that name it into
/// values without its types.
pub(super) trait AnyProtocol: Send + Sync {
    fn name(&self) -> &'static str;

    fn scenario(&self, text: &FileText) -> Result<Case, Diagnostic>;

    fn plan(&self, text: &FileText) -> Result<Plan, Diagnostic>;

    /// A real cluster; its nodes follow the script, if one is given.
    fn cluster(
        &self,
        roster: RosterText,
        script: Option<&Path>,
    ) -> Result<Box<dyn AnyCluster>, Diagnostic>;

    /// Replays recordings, each with its file's name, and checks them against a
    /// scenario if one is given.
    fn replay_recorded(
        &self,
        recordings: Vec<(String, Recording)>,
        expect: Option<&FileText>,
        replay: &Replay,
        console: &mut Console<'_>,
    ) -> Result<Exit, CliError>;

    /// Asks recordings of a cluster that has just run what a scenario expects.
    fn judge_recorded(
        &self,
        recordings: Vec<(String, Recording)>,
        expect: &FileText,
        aftermath: &Aftermath,
        console: &mut Console<'_>,
    ) -> Result<Exit, CliError>;
}

/// A cluster of a registered protocol.
pub(super) trait AnyCluster: Send {
    fn membership(&self) -> &Membership;

    /// The name of its protocol.
    fn protocol(&self) -> &'static str;

    /// What the letters of its roles mean.
    fn legend(&self) -> &'static str;

    /// What each node's window has to show in the end, where that is known.
    fn demands(&self) -> Vec<Option<Vec<String>>>;

    /// Refuses a line that is no command of a node's owner.
    fn check_line(&self, line: &str) -> Result<(), Reason>;

    /// Runs one node of it.
    fn run_node(&self, node: &Node, console: &mut Console<'_>) -> Result<Exit, CliError>;
}

/// The one implementation of [`AnyProtocol`].
pub(super) struct Registered<P: Protocol> {
    pub(super) follow_script: Option<FollowScript<P>>,
}

impl<P: Protocol> AnyProtocol for Registered<P> {
    fn name(&self) -> &'static str {
        P::NAME
    }

    fn scenario(&self, text: &FileText) -> Result<Case, Diagnostic> {
        scenario::<P>(text).map(Case::new)
    }

    fn plan(&self, text: &FileText) -> Result<Plan, Diagnostic> {
        Plan::parse::<P>(&text.name, &text.source)
    }

    fn cluster(
        &self,
        roster: RosterText,
        script: Option<&Path>,
    ) -> Result<Box<dyn AnyCluster>, Diagnostic> {
        let cluster: Cluster<P> = match script {
            Some(script) => roster.read_with_script(script, self.follow_script)?,
            None => roster.read()?,
        };
        Ok(Box::new(cluster))
    }

    fn replay_recorded(
        &self,
        recordings: Vec<(String, Recording)>,
        expect: Option<&FileText>,
        replay: &Replay,
        console: &mut Console<'_>,
    ) -> Result<Exit, CliError> {
        let expect = expect.map(scenario::<P>).transpose()?;
        recorded::replay(recordings, self.follow_script, expect.as_ref(), replay, console)
    }

    fn judge_recorded(
        &self,
        recordings: Vec<(String, Recording)>,
        expect: &FileText,
        aftermath: &Aftermath,
        console: &mut Console<'_>,
    ) -> Result<Exit, CliError> {
        let expect = scenario::<P>(expect)?;
        recorded::judge_cluster(recordings, self.follow_script, &expect, aftermath, console)
    }
}

fn scenario<P: Protocol>(text: &FileText) -> Result<Scenario<P>, Diagnostic> {
    Scenario::parse(&text.name, &text.source, text.files_beside())
}

impl<P: Protocol> AnyCluster for Cluster<P> {
    fn membership(&self) -> &Membership {
        &self.membership
    }

    fn protocol(&self) -> &'static str {
        P::NAME
    }

    fn legend(&self) -> &'static str {
        P::Look::legend()
    }

    fn demands(&self) -> Vec<Option<Vec<String>>> {
        let nodes = self.membership.roster.members();
        nodes.map(|(node, _)| P::Owner::demands(&self.config, node)).collect()
    }

    fn check_line(&self, line: &str) -> Result<(), Reason> {
        P::Owner::line(&self.config, line).map(drop)
    }

    fn run_node(&self, node: &Node, console: &mut Console<'_>) -> Result<Exit, CliError> {
        node::run(self, node, console)
    }
}
