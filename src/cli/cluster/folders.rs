//! A folder for each node, with its own copy of all that it reads.

use std::ffi::OsString;
use std::fs;
use std::path::{Component, Path};

use rehearsal_machine::NodeId;
use rehearsal_tcp::Security;

use super::{Place, RunCluster};
use crate::cli::CliError;
use crate::cli::output::write_private;
use crate::real::{Membership, OWN_FILES, folder_name};

/// The name of each node's recording.
pub(super) const RECORDING: &str = "recording";

pub(super) fn prepare(
    membership: &Membership,
    wanted: &RunCluster,
    folder: &Path,
) -> Result<Vec<Place>, CliError> {
    let files = Files::of(membership, wanted)?;
    let members = membership.roster.members();
    let places = members.map(|(node, _)| {
        let own = folder.join(folder_name(&membership.roster, node));
        for (name, text) in &files.copies {
            write_private(&own.join(name), text)?;
        }
        // Nodes are started in their folders: what they are called there is the same for all.
        let own = fs::canonicalize(&own)
            .map_err(|error| CliError::unwritable(&own.display().to_string(), &error))?;
        let mut arguments = files.arguments.clone();
        let mut add = |more: &[&str]| arguments.extend(more.iter().map(OsString::from));
        add(&["--me", &node.number().to_string(), "--folder", ".", "--json"]);
        add(&["--parent", &std::process::id().to_string()]);
        if wanted.pages {
            add(&["--page", "--view"]);
        }
        if wanted.record || wanted.expect.is_some() {
            add(&["--record", RECORDING]);
        }
        if let Some(key) = key(membership, wanted, node)? {
            arguments.push("--key".into());
            arguments.push(key);
        }
        Ok(Place { node, folder: own, arguments })
    });
    places.collect()
}

/// Where a node's key is, if nodes have keys.
fn key(
    membership: &Membership,
    wanted: &RunCluster,
    node: NodeId,
) -> Result<Option<OsString>, CliError> {
    if membership.roster.security() == Security::Insecure {
        return Ok(None);
    }
    let name = format!("{}.key", folder_name(&membership.roster, node));
    let folder = wanted.keys.as_ref().ok_or_else(|| {
        CliError::usage(format!(
            "nodes have keys: say where {name} and the others are, `--keys FOLDER`"
        ))
    })?;
    let file = folder.join(name);
    let file = fs::canonicalize(&file).map_err(|error| {
        CliError::usage(format!("cannot read {node}'s key {}: {error}", file.display()))
    })?;
    Ok(Some(file.into()))
}

/// What each node has a copy of, and the arguments that name it.
struct Files {
    copies: Vec<(String, String)>,
    arguments: Vec<OsString>,
}

impl Files {
    fn of(membership: &Membership, wanted: &RunCluster) -> Result<Self, CliError> {
        let mut roster = file_name(&wanted.roster.roster, "roster.ron");
        if is_taken(&roster) {
            roster = format!("roster-{roster}");
        }
        let text = fs::read_to_string(&wanted.roster.roster).map_err(|error| {
            CliError::usage(format!("cannot read {}: {error}", wanted.roster.roster.display()))
        })?;
        let mut arguments: Vec<OsString> = vec!["node".into(), roster.clone().into()];
        let mut copies = vec![(roster.clone(), text.clone())];
        if wanted.roster.insecure {
            arguments.push("--insecure".into());
        }
        for (name, text) in &membership.kept.files {
            if membership.kept.script.as_ref() == Some(name) {
                continue;
            }
            let is_below = |part| matches!(part, Component::Normal(_) | Component::CurDir);
            if !Path::new(name).components().all(is_below) {
                return Err(CliError::usage(format!(
                    "the roster names {name}, which does not lie below its folder: each node is to \
                     have a copy; put it there"
                )));
            }
            if is_taken(name) {
                return Err(CliError::usage(format!(
                    "the roster names {name}, and each node has a file of this name in its folder: \
                     rename it"
                )));
            }
            copies.push((name.clone(), text.to_string()));
        }
        let script = membership
            .kept
            .files
            .iter()
            .find(|(name, _)| Some(name) == membership.kept.script.as_ref());
        if let (Some(path), Some((_, script))) = (&wanted.roster.script, script) {
            let mut name = file_name(path, "script.txt");
            let is_another =
                |(taken, text): &(String, String)| *taken == name && **text != **script;
            if is_taken(&name) || copies.iter().any(is_another) {
                name = format!("script-{name}");
            }
            arguments.extend(["--script".into(), name.clone().into()]);
            copies.push((name, script.to_string()));
        }
        Ok(Self { copies, arguments })
    }
}

/// Does each node have a file of its own with this name in its folder?
fn is_taken(name: &str) -> bool {
    name == RECORDING || OWN_FILES.contains(&name)
}

fn file_name(path: &Path, otherwise: &str) -> String {
    path.file_name().map_or(otherwise.to_owned(), |name| name.to_string_lossy().into_owned())
}
