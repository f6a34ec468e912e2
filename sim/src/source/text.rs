use std::path::Path;

use super::Diagnostic;

/// The text of a file, or why there is none: it cannot be read, or is not UTF-8.
pub fn text_of(path: &Path) -> Result<String, Diagnostic> {
    let shown = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|error| {
        Diagnostic::new(&shown, "", 0..0, format!("cannot read `{shown}`: {error}"))
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes());
        Diagnostic::new(&shown, &text, good..good + 1, "this is not UTF-8")
            .with_help("save the file as UTF-8")
    })
}
