use std::fmt;

/// Where a value stands in a file, from the outermost value inwards: `faults[0].do`.
///
/// The empty path is the whole file. Wrappers that add no name of their own,
/// `Some` and the parentheses of a newtype, are not part of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path(Vec<Segment>);

/// One step of a [`Path`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// Into a struct's field, a map's key, or the parentheses of the enum variant of this name.
    Field(String),
    /// Into a list or a tuple, counted from 0.
    Index(usize),
}

impl Path {
    /// The path of the whole file.
    #[must_use]
    pub const fn root() -> Self {
        Self(Vec::new())
    }

    /// The path one step further in, to a field, a map's key or an enum variant.
    #[must_use]
    pub fn field(&self, name: impl Into<String>) -> Self {
        self.then(Segment::Field(name.into()))
    }

    /// The path one step further in, to an element of a list or a tuple, counted from 0.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.then(Segment::Index(index))
    }

    /// This path, and another one further in from there.
    #[must_use]
    pub fn join(&self, further: &Self) -> Self {
        Self([&self.0[..], &further.0[..]].concat())
    }

    /// The steps, outermost first.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    fn then(&self, segment: Segment) -> Self {
        let mut segments = self.0.clone();
        segments.push(segment);
        Self(segments)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Field(name) if position == 0 => f.write_str(name)?,
                Segment::Field(name) => write!(f, ".{name}")?,
                Segment::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}
