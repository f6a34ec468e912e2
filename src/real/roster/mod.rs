//! Roster files: from a path to the prepared configuration of a real cluster.

mod digest;
mod file;
mod script;
mod valid;

use std::path::Path;
use std::sync::Arc;

use rehearsal_sim::network::Network;
use rehearsal_sim::scenario::{Heading, heading};
use rehearsal_sim::source::{self, attributes, read, text_of};
use rehearsal_sim::{Diagnostic, Files, Nodes, Owner as _, Protocol, Reason};
use rehearsal_tcp::Roster;
use serde::{Deserialize, Serialize};

pub use digest::text as digest_text;
use file::File;

/// A cluster whose roster was read and found sound: its protocol builds every
/// node of it.
pub struct Opened<P: Protocol> {
    /// What is said of the protocol, prepared.
    pub config: P::Config,
    /// Who belongs to it.
    pub roster: Roster,
    /// What is presumed of the network.
    pub network: Network,
    /// Names what all nodes must agree about: the protocol's configuration,
    /// what is presumed of the network, the files that are read, how many
    /// nodes there are. No address, key, name or comment is in it.
    pub digest: [u8; 32],
    /// Digests of other configurations whose nodes are let in as well, at most
    /// [`MAX_COMPATIBLE`](rehearsal_tcp::MAX_COMPATIBLE).
    pub also: Vec<[u8; 32]>,
    /// All that [`reopen`] needs to make this again.
    pub kept: Kept,
}

/// All that was read of a roster, to be put into a recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The file's name, as it was shown.
    pub name: String,
    /// Its text; of a script's header, what was made of it.
    pub source: Arc<str>,
    /// The files that were read, by name, in order.
    pub files: Vec<(String, Arc<str>)>,
    /// Which of them is the script that its users were made to follow.
    pub script: Option<String>,
}

/// Opens a roster: a RON file, or a script whose header says who there is.
///
/// A script has no keys, so it is refused unless `insecure` says that its users
/// may run without; a RON file says so for itself. With a `script` the users
/// follow that one, wherever it lies.
pub fn open<P: Protocol>(
    path: &Path,
    insecure: bool,
    script: Option<&Path>,
) -> Result<Opened<P>, Diagnostic> {
    Written::open(path, insecure)?.read(script)
}

/// Opens a roster again, from what was kept of it.
pub fn reopen<P: Protocol>(kept: &Kept) -> Result<Opened<P>, Diagnostic> {
    let files = Files::embedded(kept.files.iter().cloned());
    let written = Written { name: kept.name.clone(), source: Arc::clone(&kept.source), files };
    written.finish(kept.script.clone())
}

/// A roster's text, as long as it is not known whose protocol it is about.
#[derive(Clone, Debug)]
pub struct Written {
    name: String,
    source: Arc<str>,
    files: Files,
}

impl Written {
    /// The text of a file, or what a script's header says. See [`open`].
    pub fn open(path: &Path, insecure: bool) -> Result<Self, Diagnostic> {
        let (name, source) = (path.display().to_string(), text_of(path)?);
        let source = if script::is_one(&source) {
            script::roster(&name, &source, insecure)?
        } else {
            source
        };
        Ok(Self { name, source: source.into(), files: Files::beside(path) })
    }

    /// Which protocol it is about.
    pub fn heading(&self) -> Result<Heading, Diagnostic> {
        heading(&self.name, &self.source)
    }

    /// The file's name, as it is shown.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its text; of a script's header, what was made of it.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Reads it, its users following a script if one is given. See [`open`].
    pub fn read<P: Protocol>(mut self, script: Option<&Path>) -> Result<Opened<P>, Diagnostic> {
        let script = match script {
            None => None,
            Some(path) => {
                let (name, text) = (path.display().to_string(), text_of(path)?);
                self.files = self.files.and(name.as_str(), text.into());
                Some(name)
            }
        };
        self.finish(script)
    }

    fn finish<P: Protocol>(self, script: Option<String>) -> Result<Opened<P>, Diagnostic> {
        let Self { name, source, mut files } = self;
        if let Some(attributes) = attributes(&source) {
            return Err(Diagnostic::new(&name, &source, attributes, "a roster has no attributes")
                .with_help("leave them out: `Some(x)` may be written `x` without them"));
        }
        let mut file: File<P> = read(&name, &source)?;
        let root = source::Path::root();
        let refused = |reason: Reason| reason.locate(&name, &source, &root);
        let roster = valid::roster(&file).map_err(refused)?;
        let also = valid::also(&file).map_err(refused)?;
        let network = valid::network(file.network, roster.nodes()).map_err(refused)?;
        let of_protocol = root.field("protocol").field(P::NAME);
        let refused = |reason: Reason| reason.locate(&name, &source, &of_protocol);
        if let Some(script) = &script {
            P::Owner::follow_script(&mut file.config, script).map_err(refused)?;
        }
        let nodes = Nodes::all(roster.nodes());
        P::prepare(&mut file.config, &nodes, &network, &mut files).map_err(refused)?;
        // Built once here, so that a node that starts again cannot be refused.
        nodes
            .iter()
            .try_for_each(|node| P::build(&file.config, node, &nodes).map(|_| ()))
            .map_err(refused)?;
        let files: Vec<_> = files.into_read().into_iter().collect();
        let digest = digest::of(P::NAME, &source, roster.nodes(), &files);
        Ok(Opened {
            config: file.config,
            roster,
            network,
            digest,
            also,
            kept: Kept { name, source, files, script },
        })
    }
}
