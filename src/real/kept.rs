//! What was read of a roster, as a recording carries it.

use rehearsal_machine::NodeId;
use rehearsal_tcp::Clock;
use rehearsal_tcp::recording::{Header, SourceFile};

use super::Kept;

/// The name of the text that is no file's: it says which of the files is the
/// script. No file that a configuration names can have it.
const NAMES_THE_SCRIPT: &str = "";

impl Kept {
    /// The header of a recording of this life of this node, one of `nodes`, that
    /// runs this protocol. Its times are read from this computer's clock.
    ///
    /// The roster is the header's `source`, the files that were read are its
    /// `files`. If the nodes were made to follow a script, one more text
    /// without a name comes last and holds the script's name.
    #[must_use]
    pub fn header(&self, protocol: &str, node: NodeId, nodes: u32, incarnation: u32) -> Header {
        let text =
            |name: &str, text: &str| SourceFile { name: name.to_owned(), text: text.to_owned() };
        let files = self.files.iter().map(|(name, read)| text(name, read));
        let script = self.script.iter().map(|script| text(NAMES_THE_SCRIPT, script));
        Header {
            protocol: protocol.to_owned(),
            source: text(&self.name, &self.source),
            files: files.chain(script).collect(),
            node,
            nodes,
            incarnation,
            clock: Clock::here(),
            build: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    /// What [`Self::header`] was made of.
    #[must_use]
    pub fn of(header: &Header) -> Self {
        let (scripts, files): (Vec<_>, Vec<_>) =
            header.files.iter().partition(|file| file.name == NAMES_THE_SCRIPT);
        Self {
            name: header.source.name.clone(),
            source: header.source.text.as_str().into(),
            files: files
                .iter()
                .map(|file| (file.name.clone(), file.text.as_str().into()))
                .collect(),
            script: scripts.first().map(|script| script.text.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_comes_out_of_a_recording_as_it_went_in() {
        for script in [None, Some("script.txt".to_owned())] {
            let kept = Kept {
                name: "roster.ron".to_owned(),
                source: "(cluster: \"c\")".into(),
                files: vec![("a.txt".to_owned(), "1".into()), ("script.txt".to_owned(), "".into())],
                script,
            };
            let node = NodeId::from_index(2);
            let header = kept.header("Chat", node, 4, 7);
            assert_eq!(Kept::of(&header), kept);
            assert_eq!((&*header.protocol, header.node), ("Chat", node));
            assert_eq!((header.nodes, header.incarnation), (4, 7));
        }
    }
}
