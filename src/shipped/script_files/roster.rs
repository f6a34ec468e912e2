use std::net::SocketAddr;

use rehearsal_protocol::script::Script;
use rehearsal_sim::Diagnostic;

use crate::real::{RosterFormat, Translated};
use crate::shipped::script::diagnostic;

/// The paper's own roster: the header of a chat script, which has a line
/// `ip,port,user` for each user. It has no keys.
pub const ROSTER_FORMAT: RosterFormat =
    RosterFormat { name: "a chat script", recognizes: is_script, translate: roster };

fn is_script(source: &str) -> bool {
    source.lines().next().is_some_and(|line| line.trim() == "Users")
}

/// The roster of the script's users: they chat on one computer, where a message
/// takes as long as its processes wait for the processor.
fn roster(file: &str, source: &str, insecure: bool) -> Result<Translated, Diagnostic> {
    let script = Script::parse(source).map_err(|error| diagnostic(file, source, &error))?;
    if !insecure {
        let message = "a script has no keys: anybody could pose as one of its users";
        return Err(Diagnostic::at_line(file, source, (1, 1), "Users".len(), message).with_help(
            "say `--insecure` to run all of them on this machine, or write a roster with keys",
        ));
    }
    for (line, user) in (2..).zip(script.users()) {
        if !user.address.is_loopback() {
            let length = user.address.to_string().chars().count();
            let message = "this can be reached from other machines, and nobody has keys";
            return Err(Diagnostic::at_line(file, source, (line, 1), length, message)
                .with_help("use 127.0.0.1 for all users, or write a roster with keys"));
        }
    }
    let nodes = script.users().map(|user| {
        let address = SocketAddr::new(user.address, user.port.get());
        format!("        (name: {:?}, address: \"{address}\"),\n", user.name)
    });
    let ron = format!("{HEAD}    nodes: [\n{}    ],\n{TAIL}", nodes.collect::<String>());
    // The header is line 1, and each user has a line.
    let lines = source.split_inclusive('\n').scan(0, |end, line| {
        let start = *end;
        *end += line.len();
        Some(start..start + line.trim_end().len())
    });
    Ok(Translated { ron, nodes: lines.skip(1).take(script.user_count()).collect() })
}

/// No majority is required: on one computer no user is cut off, and those that
/// are left after a crash need a leader.
const HEAD: &str = r#"// Made from a script's header.
(
    cluster: "chat",
    protocol: Chat((
        resend: "100ms",
        election: (form: Hardened(
            answer_wait: "150ms",
            coordinator_wait: "300ms",
            heartbeat: "200ms",
            leader_wait: "1s",
        )),
    )),
"#;

const TAIL: &str = r#"    network: (delay: Uniform("0ms", "50ms")),
    insecure: true,
)
"#;
