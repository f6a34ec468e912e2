use std::path::Path;

use rehearsal_sim::{Case, Synopsis};

use crate::cli::CliError;

/// What decides a table's runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli::sweep) struct Identity {
    /// The scenario's name, for a reader of the file.
    pub(super) scenario: String,
    /// The digest of the scenario's text and of the files it names.
    pub(super) scenario_digest: String,
    /// The digest of this program.
    pub(super) program_digest: String,
    /// The options that change runs, as they are written on the command line.
    pub(super) options: String,
}

impl Identity {
    /// Of runs of this scenario by this program, with these options.
    pub(in crate::cli::sweep) fn of(case: &Case, options: String) -> Result<Self, CliError> {
        let mut scenario = blake3::Hasher::new();
        for (name, text) in case.texts() {
            for part in [name, text] {
                scenario.update(&(part.len() as u64).to_le_bytes());
                scenario.update(part.as_bytes());
            }
        }
        let mut program = blake3::Hasher::new();
        let file = std::env::current_exe().and_then(std::fs::File::open);
        let read = file.and_then(|mut file| std::io::copy(&mut file, &mut program));
        read.map_err(|error| {
            CliError::usage(format!("cannot read this program's own file: {error}"))
        })?;
        Ok(Self {
            scenario: name_of(case.synopsis()),
            scenario_digest: scenario.finalize().to_hex().to_string(),
            program_digest: program.finalize().to_hex().to_string(),
            options,
        })
    }
}

/// The scenario's name in a database: that of its file, wherever it lies.
pub(in crate::cli::sweep) fn name_of(synopsis: &Synopsis) -> String {
    let name = Path::new(&synopsis.name).file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}
