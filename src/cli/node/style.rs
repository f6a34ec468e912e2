use std::io::IsTerminal as _;

use clap::Args;

/// How a node is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// What is new in its window.
    Lines,
    /// All of its window, again and again.
    Windows,
    /// The same, in the place of what is on the terminal.
    Screen,
    /// What it tells its owner, and no window.
    Outputs,
    /// Events.
    Json,
}

/// The arguments that say it.
#[derive(Args)]
pub(super) struct StyleArguments {
    /// Print events as JSON lines instead of the window
    #[arg(long)]
    json: bool,
    /// Show the whole window whenever it changes
    #[arg(long, conflicts_with = "json")]
    window: bool,
    /// Show what it tells its owner, a line each with the time since it was up, and not the window
    #[arg(long, conflicts_with_all = ["json", "window"])]
    outputs: bool,
}

impl StyleArguments {
    pub(super) fn style(&self) -> Style {
        match self {
            Self { json: true, .. } => Style::Json,
            Self { outputs: true, .. } => Style::Outputs,
            Self { window: true, .. } if std::io::stdout().is_terminal() => Style::Screen,
            Self { window: true, .. } => Style::Windows,
            Self { .. } => Style::Lines,
        }
    }
}
