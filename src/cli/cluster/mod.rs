//! `rehearsal cluster`: all nodes of a roster, each a process of its own with a
//! folder of its own, as the paper has its users.

mod course;
mod folders;
mod kill;
mod nodes;
mod show;
mod temporary;
mod verdict;

use std::path::PathBuf;

use rehearsal_machine::NodeId;
use rehearsal_sim::{Owner as _, Protocol};
use tokio::runtime::Builder;

use super::arguments::Cluster;
use super::exit::{Exit, Stop};
use super::{Console, output};
use crate::real::Opened;
use course::{Course, Ended};
pub(crate) use kill::Kill;
use show::Show;
use temporary::TemporaryFolder;

pub(super) fn obey<P: Protocol>(
    opened: &Opened<P>,
    wanted: &Cluster,
    console: &mut Console<'_>,
) -> Result<Exit, Stop> {
    if let Some(kill) = wanted.kill.iter().find(|kill| opened.roster.member(kill.node).is_none()) {
        let (node, nodes) = (kill.node, opened.roster.nodes());
        return Err(Stop::usage(format!(
            "there is no {node} to kill: the roster has n1 to n{nodes}"
        )));
    }
    // Removed when it is dropped, unless it is the owner's own.
    let mut temporary = None;
    let folder = if let Some(folder) = &wanted.folder {
        folder.clone()
    } else {
        let made = TemporaryFolder::create("rehearsal-cluster");
        let made = made.map_err(|error| Stop::unwritable("a temporary folder", &error))?;
        temporary.insert(made).path().to_owned()
    };
    let places = folders::prepare(opened, wanted, &folder)?;
    let demands: Vec<_> =
        opened.roster.members().map(|(node, _)| P::Owner::demands(&opened.config, node)).collect();
    let names: Vec<_> = opened.roster.members().map(|(_, member)| member.name.clone()).collect();

    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime
        .map_err(|error| Stop::usage(format!("the system lets nothing be waited for: {error}")))?;
    let mut show = Show::new(&names, console);
    let course = Course::new(places, wanted, &demands);
    let (ended, windows) = runtime.block_on(course.run(&mut show))?;
    match ended {
        Ended::Interrupted => return Ok(Exit::Interrupted),
        Ended::Refused(exit) => return Ok(exit),
        Ended::Over => {}
    }
    let verdict = verdict::of(&names, &windows, &demands);
    output::print(console.out, &verdict.text)?;
    if let Some(folder) = &wanted.folder {
        output::line(console.out, &format!("kept  {}", folder.display()))?;
    }
    Ok(if verdict.is_right { Exit::Held } else { Exit::Violated })
}

/// Where a node lives, and how it is started there.
struct Place {
    node: NodeId,
    folder: PathBuf,
    arguments: Vec<std::ffi::OsString>,
}
