use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use indexmap::IndexMap;

use crate::source::{Reason, text_of};

/// The files a configuration names, relative to its scenario or roster. What is read is
/// remembered, since a plan holds all of it.
#[derive(Clone, Debug)]
pub struct Files {
    origin: Origin,
    read: IndexMap<String, Arc<str>>,
    /// What was named elsewhere.
    given: IndexMap<String, Arc<str>>,
}

#[derive(Clone, Debug)]
enum Origin {
    Folder(PathBuf),
    /// In a plan, or in nothing that has a name.
    Embedded(PathBuf, IndexMap<String, Arc<str>>),
}

impl Files {
    /// The files of the folder in which a scenario lies.
    #[must_use]
    pub fn beside(scenario: &Path) -> Self {
        let folder = scenario.parent().unwrap_or(Path::new("")).to_owned();
        Self::of(Origin::Folder(folder))
    }

    /// These files and no others: those of a plan, or of a test.
    #[must_use]
    pub fn embedded(files: impl IntoIterator<Item = (String, Arc<str>)>) -> Self {
        Self::of_plan("", files)
    }

    /// The files that a plan holds; `plan` is the name to show.
    pub(crate) fn of_plan(plan: &str, files: impl IntoIterator<Item = (String, Arc<str>)>) -> Self {
        let origin = Origin::Embedded(plan.into(), files.into_iter().collect());
        Self::of(origin)
    }

    fn of(origin: Origin) -> Self {
        Self { origin, read: IndexMap::new(), given: IndexMap::new() }
    }

    /// The same and one more, which was named elsewhere, such as on a command
    /// line: every read of this name gives this text, whatever the folder contains.
    #[must_use]
    pub fn and(mut self, name: impl Into<String>, text: Arc<str>) -> Self {
        self.given.insert(name.into(), text);
        self
    }

    /// No files at all.
    #[must_use]
    pub fn none() -> Self {
        Self::embedded([])
    }

    /// The text of a file. Refused if it cannot be read, is not UTF-8, or is
    /// not named relative to the scenario.
    pub fn read(&mut self, name: &str) -> Result<Arc<str>, Reason> {
        if let Some(text) = self.read.get(name) {
            return Ok(text.clone());
        }
        let text = match &self.origin {
            _ if self.given.contains_key(name) => self.given[name].clone(),
            Origin::Folder(folder) => from_folder(folder, name)?,
            Origin::Embedded(_, files) => files.get(name).cloned().ok_or_else(|| {
                Reason::new(format!("`{name}` is not among the files that came with this scenario"))
                    .help("put its text into the plan's `files`")
            })?,
        };
        self.read.insert(name.to_owned(), text.clone());
        Ok(text)
    }

    /// How a person calls the file of this name.
    #[must_use]
    pub fn shown(&self, name: &str) -> String {
        if self.given.contains_key(name) {
            return name.to_owned();
        }
        let (Origin::Folder(within) | Origin::Embedded(within, _)) = &self.origin;
        within.join(name).display().to_string()
    }

    /// What was read, in order.
    #[must_use]
    pub fn into_read(self) -> IndexMap<String, Arc<str>> {
        self.read
    }
}

fn from_folder(folder: &Path, name: &str) -> Result<Arc<str>, Reason> {
    let path = Path::new(name);
    if !path
        .components()
        .all(|part| matches!(part, Component::Normal(_) | Component::ParentDir | Component::CurDir))
    {
        return Err(Reason::new(format!("`{name}` is not relative to the file that names it"))
            .help("name it as seen from the folder of that file"));
    }
    text_of(&folder.join(path)).map(Into::into).map_err(|diagnostic| {
        if diagnostic.source().is_empty() {
            // Nothing of it could be read: what is wrong is the name.
            return Reason::new(diagnostic.message())
                .help("the path is relative to the folder of the file that names it");
        }
        Reason::elsewhere(diagnostic)
    })
}
