//! Where the plan of a failure is kept: in a file of its own, which is written beside
//! its place and renamed, and which replaces no other content.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Component, Path, PathBuf};

use crate::chance::Seed;

/// The folder in which plans of failures are kept, below the current one.
pub const FAILURES: &str = "rehearsal-failures";

/// The file for the plan of a failing run of this scenario, if none was named. A part of its
/// name is the hash of the scenario's path, so that two scenarios of one name have two.
#[must_use]
pub fn failure_file(scenario: &Path, seed: Seed, mutant: Option<&str>) -> PathBuf {
    let name = scenario.file_stem().unwrap_or_default().to_string_lossy();
    let hash = path_hash(scenario);
    let mutant = mutant.map_or(String::new(), |mutant| format!("-{mutant}"));
    Path::new(FAILURES).join(format!("{name}-{hash}-seed-{seed}{mutant}.ron"))
}

/// The file beside this one for what became of its plan: `..-small.ron`.
#[must_use]
pub fn file_beside(plan: &Path, what: &str) -> PathBuf {
    let name = plan.file_stem().unwrap_or_default().to_string_lossy();
    plan.with_file_name(format!("{name}-{what}.ron"))
}

/// Eight hexadecimal digits that tell the path from others: two scenarios of one
/// name in two folders have two.
#[must_use]
pub fn path_hash(path: &Path) -> String {
    let path: PathBuf =
        path.components().filter(|part| !matches!(part, Component::CurDir)).collect();
    blake3::hash(path.to_string_lossy().as_bytes()).to_hex()[..8].to_owned()
}

/// Writes a file to this place or, if something else is there, to the next free
/// one: `x.ron`, `x-2.ron`, and so on. Gives the place.
///
/// The folder is created where there is none.
pub fn write_new(path: &Path, text: &str) -> io::Result<PathBuf> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let places = (2_u32..).map(|nth| path.with_file_name(format!("{stem}-{nth}.ron")));
    for place in std::iter::once(path.to_owned()).chain(places) {
        match fs::read(&place) {
            Ok(before) if before == text.as_bytes() => return Ok(place),
            // An edit of an earlier plan, or something unreadable: not to be replaced.
            _ if fs::symlink_metadata(&place).is_ok() => {}
            // Free; or a folder or a name that is no good, and the attempt says why.
            _ => {
                replace(&place, text)?;
                return Ok(place);
            }
        }
    }
    unreachable!("the numbers of places do not end")
}

/// Writes a file beside this place and renames it, so that nobody reads half of it.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.partial", std::process::id()));
    let beside = path.with_file_name(name);
    let written = fs::File::create(&beside)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // What is half written is of no use; if it cannot be removed, it stays beside.
        let _ = fs::remove_file(&beside);
    }
    written
}
