//! A folder for each node, with its own copy of all that it reads.

use std::ffi::OsString;
use std::fs;
use std::path::{Component, Path};

use rehearsal_machine::NodeId;
use rehearsal_sim::Protocol;
use rehearsal_tcp::Security;

use super::Place;
use crate::cli::arguments::Cluster;
use crate::cli::exit::Stop;
use crate::cli::output;
use crate::real::{self, Opened};

pub(super) fn prepare<P: Protocol>(
    opened: &Opened<P>,
    wanted: &Cluster,
    folder: &Path,
) -> Result<Vec<Place>, Stop> {
    let files = Files::of(opened, wanted)?;
    let members = opened.roster.members();
    let places = members.map(|(node, _)| {
        let own = folder.join(real::folder_name(&opened.roster, node));
        for (name, text) in &files.copies {
            output::file(&own.join(name), text)?;
        }
        // Nodes are started in their folders: what they are called there is the same for all.
        let own = fs::canonicalize(&own)
            .map_err(|error| Stop::unwritable(&own.display().to_string(), &error))?;
        let mut arguments = files.arguments.clone();
        let mut add = |more: &[&str]| arguments.extend(more.iter().map(OsString::from));
        add(&["--me", &node.number().to_string(), "--folder", ".", "--json"]);
        add(&["--parent", &std::process::id().to_string()]);
        if wanted.record {
            add(&["--record", "recording"]);
        }
        if let Some(key) = key(opened, wanted, node)? {
            arguments.push("--key".into());
            arguments.push(key);
        }
        Ok(Place { node, folder: own, arguments })
    });
    places.collect()
}

/// Where a node's key is, if nodes have keys.
fn key<P: Protocol>(
    opened: &Opened<P>,
    wanted: &Cluster,
    node: NodeId,
) -> Result<Option<OsString>, Stop> {
    if opened.roster.security() == Security::Insecure {
        return Ok(None);
    }
    let name = format!("{}.key", real::folder_name(&opened.roster, node));
    let folder = wanted.keys.as_ref().ok_or_else(|| {
        Stop::usage(format!(
            "nodes have keys: say where {name} and the others are, `--keys FOLDER`"
        ))
    })?;
    let file = folder.join(name);
    let file = fs::canonicalize(&file).map_err(|error| {
        Stop::usage(format!("cannot read {node}'s key {}: {error}", file.display()))
    })?;
    Ok(Some(file.into()))
}

/// What each node has a copy of, and the arguments that name it.
struct Files {
    copies: Vec<(String, String)>,
    arguments: Vec<OsString>,
}

impl Files {
    fn of<P: Protocol>(opened: &Opened<P>, wanted: &Cluster) -> Result<Self, Stop> {
        let who = &wanted.who;
        let roster = file_name(&who.roster, "roster.ron");
        let text = fs::read_to_string(&who.roster).map_err(|error| {
            Stop::usage(format!("cannot read {}: {error}", who.roster.display()))
        })?;
        let mut arguments: Vec<OsString> = vec!["node".into(), roster.clone().into()];
        let mut copies = vec![(roster.clone(), text.clone())];
        if who.insecure {
            arguments.push("--insecure".into());
        }
        for (name, text) in &opened.kept.files {
            if opened.kept.script.as_ref() == Some(name) {
                continue;
            }
            let is_below = |part| matches!(part, Component::Normal(_) | Component::CurDir);
            if !Path::new(name).components().all(is_below) {
                return Err(Stop::usage(format!(
                    "the roster names {name}, which does not lie below its folder: each node is to \
                     have a copy; put it there"
                )));
            }
            copies.push((name.clone(), text.to_string()));
        }
        let script =
            opened.kept.files.iter().find(|(name, _)| Some(name) == opened.kept.script.as_ref());
        if let (Some(path), Some((_, script))) = (&who.script, script) {
            let mut name = file_name(path, "script.txt");
            if copies.iter().any(|(taken, text)| *taken == name && **text != **script) {
                name = format!("script-{name}");
            }
            arguments.extend(["--script".into(), name.clone().into()]);
            copies.push((name, script.to_string()));
        }
        Ok(Self { copies, arguments })
    }
}

fn file_name(path: &Path, otherwise: &str) -> String {
    path.file_name().map_or(otherwise.to_owned(), |name| name.to_string_lossy().into_owned())
}
