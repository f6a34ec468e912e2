//! The paper's own roster: the header of a chat script, `ip,port,user`.

use std::net::SocketAddr;

use rehearsal_protocol::script::Script;
use rehearsal_sim::Diagnostic;

use crate::shipped;

/// Is this a script, and no RON?
pub(super) fn is_one(source: &str) -> bool {
    source.lines().next().is_some_and(|line| line.trim() == "Users")
}

/// The roster of the script's users, in RON: they chat within one machine,
/// where a message takes no time but what others take of the processor.
pub(super) fn roster(file: &str, source: &str, insecure: bool) -> Result<String, Diagnostic> {
    let script =
        Script::parse(source).map_err(|error| shipped::diagnostic(file, source, &error))?;
    if !insecure {
        let message = "a script has no keys: anybody could speak for its users";
        return Err(Diagnostic::at_line(file, source, (1, 1), "Users".len(), message).with_help(
            "say `--insecure` to run all of them within this machine, or write a roster with keys",
        ));
    }
    // The header is line 1, and each user has a line.
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
    Ok(format!("{HEAD}    nodes: [\n{}    ],\n{TAIL}", nodes.collect::<String>()))
}

/// No majority is asked for: within one machine nobody is cut off, and who is
/// left over shall have a leader.
const HEAD: &str = r#"// Made of a script's header.
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
