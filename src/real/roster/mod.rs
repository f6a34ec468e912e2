//! Roster files: from a path to the prepared configuration of a real cluster.

mod digest;
mod file;
mod format;
mod original;
mod valid;

use std::path::Path;
use std::sync::Arc;

use rehearsal_machine::NodeId;
use rehearsal_sim::network::Network;
use rehearsal_sim::scenario::{Heading, heading};
use rehearsal_sim::source::{self, attributes, read, text_of};
use rehearsal_sim::{Diagnostic, Files, Nodes, Protocol, Reason};
use rehearsal_tcp::{Amnesia, Roster};
use serde::{Deserialize, Serialize};

pub use digest::text as digest_text;
use file::File;
pub use format::{RosterFormat, Translate, Translated};
use original::Original;

/// A cluster whose roster was read and found sound: its protocol builds every
/// node of it.
pub struct Cluster<P: Protocol> {
    /// The protocol's configuration, prepared.
    pub config: P::Config,
    /// Everything else.
    pub membership: Membership,
}

/// What is known of a cluster without the types of its protocol.
#[derive(Clone, Debug)]
pub struct Membership {
    /// The nodes.
    pub roster: Roster,
    /// The network that is presumed.
    pub network: Network,
    /// Names what all nodes must agree about: the protocol's configuration,
    /// the network that is presumed, the files that are read, and how many
    /// nodes there are. No address, key, name or comment is in it.
    pub digest: [u8; 32],
    /// Digests of other configurations whose nodes are let in as well, at most
    /// [`MAX_COMPATIBLE`](rehearsal_tcp::MAX_COMPATIBLE).
    pub also: Vec<[u8; 32]>,
    /// What nodes do about a node that has lost the state it saved.
    pub amnesia: Amnesia,
    /// All that [`reopen`] needs to make the cluster again.
    pub kept: Kept,
}

/// All texts from which a cluster was read, to be put into a recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The roster's name, as it was shown.
    pub name: String,
    /// The roster's text; in another notation, its translation into RON.
    pub source: Arc<str>,
    /// The files that were read, by name, in order.
    pub files: Vec<(String, Arc<str>)>,
    /// Which of them is the script that the nodes were made to follow.
    pub script: Option<String>,
}

/// Changes a configuration so that the nodes follow the script in this file,
/// which is named as configurations name files. It is called before
/// [`Protocol::prepare`], which reads the file.
pub type FollowScript<P> = fn(&mut <P as Protocol>::Config, file: &str) -> Result<(), Reason>;

/// Opens a roster in RON.
pub fn open<P: Protocol>(path: &Path) -> Result<Cluster<P>, Diagnostic> {
    RosterText::open(path)?.read()
}

/// Opens a cluster again, from what was kept of it. `follow_script` is needed if
/// its nodes were made to follow a script.
pub fn reopen<P: Protocol>(
    kept: &Kept,
    follow_script: Option<FollowScript<P>>,
) -> Result<Cluster<P>, Diagnostic> {
    let files = Files::embedded(kept.files.iter().cloned());
    let (name, source) = (kept.name.clone(), Arc::clone(&kept.source));
    let text = RosterText { name, source, original: None, files };
    text.finish(kept.script.clone(), follow_script)
}

/// A roster's text, as long as it is not known which protocol it is about.
#[derive(Clone, Debug)]
pub struct RosterText {
    name: String,
    source: Arc<str>,
    /// What the RON text was made of, if it was.
    original: Option<Original>,
    files: Files,
}

impl RosterText {
    /// The text of a file in RON.
    pub fn open(path: &Path) -> Result<Self, Diagnostic> {
        Self::open_as(path, &[], false)
    }

    /// The text of a file in one of these notations, or in RON. A file whose
    /// notation has no keys is refused unless `insecure` says that its nodes may
    /// run without; a RON file says so for itself.
    pub fn open_as(
        path: &Path,
        formats: &[RosterFormat],
        insecure: bool,
    ) -> Result<Self, Diagnostic> {
        Self::of(path, text_of(path)?, formats, insecure)
    }

    /// The same of a file whose text is at hand.
    pub fn of(
        path: &Path,
        mut source: String,
        formats: &[RosterFormat],
        insecure: bool,
    ) -> Result<Self, Diagnostic> {
        let name = path.display().to_string();
        let mut original = None;
        if let Some(format) = formats.iter().find(|format| (format.recognizes)(&source)) {
            let Translated { ron, nodes } = (format.translate)(&name, &source, insecure)?;
            original = Some(Original { source: source.into(), nodes });
            source = ron;
        }
        Ok(Self { name, source: source.into(), original, files: Files::beside(path) })
    }

    /// Which protocol it is about.
    pub fn heading(&self) -> Result<Heading, Diagnostic> {
        heading(&self.name, &self.source)
    }

    /// A complaint about the text, pointing into what it was made of if it was.
    pub(crate) fn complaint(&self, about_text: Diagnostic) -> Diagnostic {
        match &self.original {
            Some(original) if **about_text.source() == *self.source => {
                original.complaint(&about_text)
            }
            _ => about_text,
        }
    }

    /// The file's name, as it is shown.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text in RON.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Reads it.
    pub fn read<P: Protocol>(self) -> Result<Cluster<P>, Diagnostic> {
        self.finish(None, None)
    }

    /// Reads it; the nodes follow the script in this file, wherever it lies. It
    /// is refused where the protocol gives no way to `follow_script`.
    pub fn read_with_script<P: Protocol>(
        mut self,
        script: &Path,
        follow_script: Option<FollowScript<P>>,
    ) -> Result<Cluster<P>, Diagnostic> {
        let (name, text) = (script.display().to_string(), text_of(script)?);
        self.files = self.files.and(name.as_str(), text.into());
        self.finish(Some(name), follow_script)
    }

    fn finish<P: Protocol>(
        self,
        script: Option<String>,
        follow_script: Option<FollowScript<P>>,
    ) -> Result<Cluster<P>, Diagnostic> {
        let complain = self.clone();
        self.opened(script, follow_script).map_err(|refusal| complain.complaint(refusal))
    }

    fn opened<P: Protocol>(
        self,
        script: Option<String>,
        follow_script: Option<FollowScript<P>>,
    ) -> Result<Cluster<P>, Diagnostic> {
        let Self { name, source, original: _, mut files } = self;
        if let Some(attributes) = attributes(&source) {
            return Err(Diagnostic::new(&name, &source, attributes, "a roster has no attributes")
                .with_help("leave them out: `Some(x)` may be written `x` without them"));
        }
        let File { cluster, mut config, nodes, network, insecure, also, amnesia } =
            read::<File<P>>(&name, &source)?;
        let root = source::Path::root();
        let refused = |reason: Reason| reason.locate(&name, &source, &root);
        let roster = valid::roster(&cluster, &nodes, insecure).map_err(refused)?;
        let also = valid::also(&also).map_err(refused)?;
        let network = valid::network(network, roster.nodes()).map_err(refused)?;
        let of_protocol = root.field("protocol").field(P::NAME);
        let refused = |reason: Reason| reason.locate(&name, &source, &of_protocol);
        if let Some(script) = &script {
            let follow = follow_script.ok_or_else(|| refused(no_script(P::NAME)))?;
            follow(&mut config, script).map_err(refused)?;
        }
        let nodes = Nodes::all(roster.nodes());
        P::prepare(&mut config, &nodes, &network, &mut files).map_err(refused)?;
        // Built once here, so that a node that starts again cannot be refused.
        NodeId::all(roster.nodes())
            .try_for_each(|node| P::build(&config, node, &nodes).map(drop))
            .map_err(refused)?;
        let files: Vec<_> = files.into_read().into_iter().collect();
        let digest = digest::of(P::NAME, &source, roster.nodes(), &files);
        let kept = Kept { name, source, files, script };
        let membership =
            Membership { roster, network, digest, also, amnesia: amnesia.into(), kept };
        Ok(Cluster { config, membership })
    }
}

fn no_script(protocol: &str) -> Reason {
    Reason::new(format!("the nodes of the protocol `{protocol}` cannot follow a script"))
        .help("leave the script out, or choose a protocol whose nodes follow one")
}
