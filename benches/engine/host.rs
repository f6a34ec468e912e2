use std::fs;
use std::process::Command;

/// When, with what and where this was measured.
pub(crate) fn line() -> String {
    let date = told_by(Command::new("date").args(["-u", "+%Y-%m-%d"]));
    let rustc = told_by(Command::new("rustc").arg("--version"));
    let version = env!("CARGO_PKG_VERSION");
    format!("Measured on {date}: {rustc}, rehearsal {version}, {}", processor())
}

fn told_by(command: &mut Command) -> String {
    let output = command.output().map(|output| output.stdout).unwrap_or_default();
    let text = String::from_utf8_lossy(&output).trim().to_owned();
    if text.is_empty() { "unknown".to_owned() } else { text }
}

fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("model name"));
    let name = line.and_then(|line| line.split_once(": ")).map(|(_, name)| name.trim());
    name.unwrap_or("unknown processor").to_owned()
}
