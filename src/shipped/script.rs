use std::sync::Arc;

use rehearsal_machine::NodeId;
use rehearsal_protocol::ordering::scripted::{Delivered, Form, Line, Message, Scripted, Waiting};
use rehearsal_protocol::script::{self, Number};
use rehearsal_sim::network::Network;
use rehearsal_sim::source::{Path, TimeSpan};
use rehearsal_sim::{
    Answer, Diagnostic, Files, IsAboutPeer, Lane, Look, Nodes, Owner, Protocol, Question, Reason,
    View, Violation, Vocabulary,
};
use serde::Deserialize;

/// The paper's first task: users who follow a common script of messages,
/// blocking on each. `protocol: Script((form: Repaired, script: "x.txt", resend: "50ms"))`.
pub enum Script {}

/// What a scenario says of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    form: Form,
    /// The script's file, relative to the scenario.
    script: String,
    /// How long a user waits for an acknowledgement before it says the message again.
    resend: TimeSpan,
    /// Users whose copy of the script has their own steps in another order.
    #[serde(default)]
    local_orders: Vec<LocalOrder>,
    #[serde(skip)]
    parsed: Option<Arc<script::Script>>,
}

/// One user's own order of its steps.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalOrder {
    user: NodeId,
    messages: Vec<Number>,
}

/// The properties of users who follow a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub enum Fact {
    /// Every user outputs its messages in its own order, and none twice. One may be
    /// missing: if the user crashes after it saved a message and before its output,
    /// the message appears only in its window.
    NothingTwice,
    /// Every line of a window has the text and the sender that the script gives it.
    RightText,
    /// Every user has delivered all messages that the script sends to it.
    AllDelivered,
    /// Every user is up.
    AllUp,
    /// Every user waits for a message or is done, and no user has one to send. Before
    /// everything is delivered this is a permanent standstill: it occurs if a sender
    /// takes a message for delivered that its receiver has lost.
    AllListen,
}

impl Setting {
    /// The script of this file in its repaired form, in the script's own order.
    pub(super) fn of(script: String, resend: TimeSpan) -> Self {
        Self { form: Form::Repaired, script, resend, local_orders: Vec::new(), parsed: None }
    }

    fn script(&self) -> &Arc<script::Script> {
        // The simulator prepares a configuration before it builds a node of it.
        self.parsed.as_ref().expect("the script is read by `prepare`")
    }
}

impl Protocol for Script {
    const NAME: &'static str = "Script";
    type Config = Setting;
    type Machine = Scripted;
    type Property = Fact;
    type Memory = ();
    type Look = Self;
    type Owner = Self;

    fn prepare(
        setting: &mut Setting,
        nodes: &Nodes,
        _network: &Network,
        files: &mut Files,
    ) -> Result<(), Reason> {
        if setting.resend == TimeSpan::ZERO {
            return Err(Reason::new("a message cannot be said again without a pause")
                .field("resend")
                .help("give a span longer than nothing, at least a round trip"));
        }
        let source = files.read(&setting.script).map_err(|reason| reason.field("script"))?;
        let shown = files.shown(&setting.script);
        let mut parsed = script::Script::parse(&source)
            .map_err(|error| Reason::elsewhere(diagnostic(&shown, &source, &error)))?;
        if parsed.user_count() != nodes.count() as usize {
            let users = parsed.user_count();
            return Err(Reason::new(format!(
                "the script has {users} users, and there are {} nodes",
                nodes.count()
            ))
            .field("script")
            .help(format!("let there be a node for each user: {users}")));
        }
        for (place, order) in setting.local_orders.iter().enumerate() {
            parsed = parsed.reordered(order.user, &order.messages).map_err(|error| {
                let path = Path::root().field("local_orders").index(place);
                Reason::new(error.to_string())
                    .at(path)
                    .help("list all messages that the user sends or receives, each once")
            })?;
        }
        setting.parsed = Some(Arc::new(parsed));
        Ok(())
    }

    fn build(setting: &Setting, me: NodeId, _: &Nodes) -> Result<Scripted, Reason> {
        let resend = setting.resend.as_duration();
        Ok(Scripted::new(setting.form, setting.script().clone(), me, resend))
    }

    fn holds(fact: &Fact, question: Question<'_, Scripted>) -> Answer {
        match fact {
            Fact::NothingTwice => question.of_every_node(nothing_twice),
            Fact::RightText => question.of_every_node(right_text),
            Fact::AllDelivered => question.of_every_node(all_delivered),
            Fact::AllUp => question.of_every_node(|view, node| up(view, node).map(|_| ())),
            Fact::AllListen => question.of_every_node(listens),
        }
    }
}

impl Look<Self> for Script {
    fn describe(setting: &Setting) -> String {
        format!("{}, {}, resend {}", setting.form, setting.script, setting.resend)
    }

    fn lane(user: &Scripted) -> Lane {
        match user.waiting() {
            Waiting::Acknowledgement { from, .. } => Lane::towards('>', from),
            Waiting::Data { from, .. } => Lane::towards('<', from),
            Waiting::Nothing => Lane::from('.'),
        }
    }

    fn vocabulary() -> Vocabulary {
        Vocabulary { kinds: &[&["data", "ack"]], roles: &['>', '<', '.'], timers: &[&["resend"]] }
    }

    fn state(user: &Scripted) -> Option<String> {
        Some(format!("{user:#?}"))
    }

    fn legend() -> &'static str {
        ">k sends to user k  <k waits for user k  . done"
    }

    fn message_text(message: &Message) -> String {
        match message {
            Message::Data { number: Some(number), .. } => format!("data {number}"),
            Message::Data { number: None, text } => format!("data \"{}\"", ending(text)),
            Message::Ack { number: Some(number) } => format!("ack {number}"),
            Message::Ack { number: None } => "ack".to_owned(),
        }
    }

    fn saved_text(_: &Delivered, text: &Arc<str>) -> String {
        format!("\"{}\"", ending(text))
    }

    fn output_text(line: &Line) -> String {
        format!("delivers \"{}\" as {}", ending(&line.text), line.number)
    }
}

impl Owner<Self> for Script {
    const SAVES_WINDOW: bool = true;

    /// Nothing: users save what the script told them, and messages carry the
    /// script's numbers. A user who begins anew follows it from the beginning.
    fn is_about_peer(_: &Setting) -> Option<IsAboutPeer<Self>> {
        Some(|_, _| false)
    }

    fn window(user: &Scripted) -> Vec<String> {
        user.window().iter().map(|line| line.text.to_string()).collect()
    }

    /// What the script sends the user, in its order.
    fn demands(setting: &Setting, node: NodeId) -> Option<Vec<String>> {
        let script = setting.script();
        let entries = script.projection(node).iter().filter_map(|number| script.message(*number));
        let heard = entries.filter(|entry| entry.to == node);
        Some(heard.map(|entry| entry.text.to_owned()).collect())
    }
}

/// Makes the users follow the script in this file instead of their own: the
/// [`FollowScript`](crate::real::FollowScript) of [`Script`].
pub fn follow_script(setting: &mut Setting, file: &str) -> Result<(), Reason> {
    file.clone_into(&mut setting.script);
    Ok(())
}

/// Points at what is wrong in a script file.
pub(super) fn diagnostic(file: &str, source: &str, error: &script::Error) -> Diagnostic {
    Diagnostic::at_line(
        file,
        source,
        (error.line(), error.column()),
        error.length(),
        error.message(),
    )
    .with_help(error.help())
}

/// The paper's messages differ only in how they end.
fn ending(text: &str) -> String {
    const ROOM: usize = 9;
    match text.char_indices().rev().nth(ROOM - 1) {
        Some((start, _)) if start > 0 => format!("..{}", &text[start..]),
        _ => text.to_owned(),
    }
}

fn nothing_twice(view: &View<'_, Scripted>, node: NodeId) -> Result<(), Violation> {
    let [.., before, last] = view.outputs(node) else { return Ok(()) };
    // While it is down there is nothing to look at but what it said last.
    let place = |line: &Line| view.machine(node)?.script().place(node, line.number);
    let (reason, what) = if before.number == last.number {
        ("delivered twice", "a second time")
    } else if place(before) > place(last) {
        ("delivered after its turn", "after a later one")
    } else {
        return Ok(());
    };
    Err(view.violation(reason, || format!("{node} was told of message {} {what}", last.number)))
}

fn right_text(view: &View<'_, Scripted>, node: NodeId) -> Result<(), Violation> {
    let Some(user) = view.machine(node) else { return Ok(()) };
    let Some(line) = user.window().last() else { return Ok(()) };
    match user.script().message(line.number) {
        Some(entry) if *entry.text == *line.text && entry.from == line.from => Ok(()),
        entry => {
            let meant = entry.map_or_else(String::new, |entry| ending(entry.text));
            let said = ending(&line.text);
            Err(view.violation("a message was taken for another", || {
                format!("{node} took \"{said}\" for message {}, which is \"{meant}\"", line.number)
            }))
        }
    }
}

fn all_delivered(view: &View<'_, Scripted>, node: NodeId) -> Result<(), Violation> {
    let (peer, number, what) = match up(view, node)?.waiting() {
        Waiting::Nothing => return Ok(()),
        Waiting::Acknowledgement { from, number } => (from, number, "the acknowledgement of"),
        Waiting::Data { from, number } => (from, number, "message"),
    };
    Err(view.violation("a user is stuck", || format!("{node} waits for {what} {number} by {peer}")))
}

fn listens(view: &View<'_, Scripted>, node: NodeId) -> Result<(), Violation> {
    match up(view, node)?.waiting() {
        Waiting::Nothing | Waiting::Data { .. } => Ok(()),
        Waiting::Acknowledgement { from, number } => Err(view
            .violation("a user has something to say", || {
                format!("{node} says message {number} to {from}")
            })),
    }
}

fn up<'a>(view: &View<'a, Scripted>, node: NodeId) -> Result<&'a Scripted, Violation> {
    let down = || view.violation("a user is down", || format!("{node} is down"));
    view.world().machine(node).ok_or_else(down)
}
