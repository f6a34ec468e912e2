//! Small histories in the formats of public collections: the logs of Jepsen's etcd test
//! and the key-value histories that Porcupine tests with, and the locks of Knossos in
//! the JSON of elle-cli.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use rehearsal_machine::NodeId;
use rehearsal_sim::history::{
    Consistency, History, Inconsistency, Register, RegisterAnswer, RegisterOperation, Sequential,
};
use serde::Deserialize;

type Histories<S> = History<String, usize, S>;

/// The verdicts on each file of a folder: is it linearizable, is it sequentially consistent?
fn verdicts<S: Sequential>(
    folder: &str,
    parse: impl Fn(&str) -> Histories<S>,
) -> Vec<(String, [bool; 2])> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/history/data").join(folder);
    let files = fs::read_dir(folder).expect("the folder is there");
    let mut verdicts: Vec<_> = files
        .map(|file| {
            let path = file.expect("it can be read").path();
            let history = parse(&fs::read_to_string(&path).expect("it is text"));
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let is = |consistency| match history.check(consistency) {
                Ok(()) => true,
                Err(Inconsistency::Unordered { .. }) => false,
                Err(other) => panic!("{name}: {other}"),
            };
            let verdict = [is(Consistency::Linearizable), is(Consistency::Sequential)];
            (name, verdict)
        })
        .collect();
    verdicts.sort();
    verdicts
}

/// What each file has to be.
fn expected<const N: usize>(all: [(&str, [bool; 2]); N]) -> Vec<(String, [bool; 2])> {
    all.map(|(name, verdict)| (name.to_owned(), verdict)).to_vec()
}

/// Takes events line by line. A process has one operation at a time.
struct Reader<S: Sequential> {
    history: Histories<S>,
    /// The operation of each process, and how many there have been.
    open: BTreeMap<usize, usize>,
    count: usize,
}

impl<S: Sequential> Reader<S> {
    fn new() -> Self {
        Self { history: History::default(), open: BTreeMap::new(), count: 0 }
    }

    fn invoked(&mut self, process: usize, key: &str, operation: S::Operation) {
        self.count += 1;
        self.open.insert(process, self.count);
        let client = NodeId::from_index(process);
        self.history.invoked(client, key.to_owned(), self.count, operation);
    }

    fn returned(&mut self, process: usize, answer: S::Answer) {
        self.history.returned(&self.open[&process], answer);
    }

    fn failed(&mut self, process: usize) {
        self.history.failed(&self.open[&process]);
    }
}

/// `INFO  jepsen.util - 3 :invoke :cas [1 2]`, with tabs.
fn etcd(text: &str) -> Histories<Register<u32>> {
    let mut reader = Reader::new();
    for line in text.lines() {
        let Some(line) = line.strip_prefix("INFO  jepsen.util - ") else { continue };
        let [process, kind, function, value] = line.split('\t').collect::<Vec<_>>()[..] else {
            continue;
        };
        // The nemesis, which disturbs the run, is no client.
        let Ok(process) = process.parse() else { continue };
        let number = |text: &str| text.parse::<u32>().ok();
        match (kind, function) {
            (":invoke", ":read") => reader.invoked(process, "register", RegisterOperation::Read),
            (":invoke", ":write") => {
                let value = number(value).expect("a value to write");
                reader.invoked(process, "register", RegisterOperation::Write(value));
            }
            (":invoke", ":cas") => {
                let pair = value.trim_matches(['[', ']']).split_once(' ').expect("two values");
                let [from, to] = [pair.0, pair.1].map(|text| number(text).expect("a value"));
                reader.invoked(process, "register", RegisterOperation::CompareAndSet(from, to));
            }
            (":ok", ":read") => reader.returned(process, RegisterAnswer::Value(number(value))),
            (":ok", _) => reader.returned(process, RegisterAnswer::Done),
            (":fail", ":cas") => reader.returned(process, RegisterAnswer::Refused),
            (":fail", _) => reader.failed(process),
            (":info", _) => {}
            other => panic!("{other:?} is no event"),
        }
    }
    reader.history
}

#[test]
fn logs_of_a_register_get_the_known_verdicts() {
    assert_eq!(
        verdicts("etcd", etcd),
        expected([
            ("back-and-forth", [false, false]),
            ("failed-write-seen", [false, false]),
            ("one-client", [true, true]),
            ("read-timed-out", [true, true]),
            ("refused-without-cause", [false, true]),
            ("stale-read", [false, true]),
            ("two-readers-disagree", [false, false]),
            ("two-sets-from-one-value", [false, false]),
            ("write-timed-out-and-came-twice", [false, false]),
            ("write-timed-out-and-took-effect", [true, true]),
            ("write-timed-out-and-was-lost", [true, true]),
            ("writes-in-reverse", [true, true]),
        ])
    );
}

/// A text for each key, at first empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Text(String);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Edit {
    Get,
    Put(String),
    Append(String),
}

impl Sequential for Text {
    type Operation = Edit;
    /// The text that a `get` returns.
    type Answer = Option<String>;

    fn apply(&mut self, edit: &Edit) -> Option<String> {
        match edit {
            Edit::Get => return Some(self.0.clone()),
            Edit::Put(text) => self.0.clone_from(text),
            Edit::Append(text) => self.0.push_str(text),
        }
        None
    }
}

/// `{:process 0, :type :invoke, :f :append, :key "0", :value "x 0 0 y"}`
fn key_value(text: &str) -> Histories<Text> {
    let mut reader = Reader::new();
    for line in text.lines() {
        let fields = line.trim_matches(['{', '}']).split(", ");
        let fields = fields.map(|field| field.split_once(' ').expect("a name and a value"));
        let fields: BTreeMap<_, _> = fields.collect();
        let process = fields[":process"].parse().expect("a number");
        let unquoted = |name: &str| fields[name].trim_matches('"');
        let value = unquoted(":value").to_owned();
        match (fields[":type"], fields[":f"]) {
            (":invoke", function) => {
                let edit = match function {
                    ":get" => Edit::Get,
                    ":put" => Edit::Put(value),
                    _ => Edit::Append(value),
                };
                reader.invoked(process, unquoted(":key"), edit);
            }
            (":ok", ":get") => reader.returned(process, Some(value)),
            (":ok", _) => reader.returned(process, None),
            other => panic!("{other:?} is no event"),
        }
    }
    reader.history
}

#[test]
fn logs_of_a_key_value_store_get_the_known_verdicts() {
    assert_eq!(
        verdicts("kv", key_value),
        expected([
            ("append-lost", [false, true]),
            ("appends-swapped", [false, true]),
            // No order of both keys explains it: each client reads a key before the other's
            // write of it, and after its own write of the other key.
            ("order-for-each-key-alone", [false, true]),
            ("two-keys", [true, true]),
        ])
    );
}

/// A lock: only what succeeds is in a history, so it answers nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Lock {
    is_held: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Ask {
    Acquire,
    Release,
}

impl Sequential for Lock {
    type Operation = Ask;
    /// Did it succeed?
    type Answer = bool;

    fn apply(&mut self, ask: &Ask) -> bool {
        let succeeds = self.is_held == (*ask == Ask::Release);
        self.is_held = *ask == Ask::Acquire;
        succeeds
    }
}

#[derive(Deserialize)]
struct LockEvent {
    r#type: String,
    f: Ask,
    process: usize,
}

fn lock(text: &str) -> Histories<Lock> {
    let mut reader = Reader::new();
    let events: Vec<LockEvent> = serde_json::from_str(text).expect("a list of events");
    for LockEvent { r#type, f, process } in events {
        match r#type.as_str() {
            "invoke" => reader.invoked(process, "lock", f),
            "ok" => reader.returned(process, true),
            "fail" => reader.failed(process),
            _ => {}
        }
    }
    reader.history
}

#[test]
fn logs_of_a_lock_get_the_known_verdicts() {
    let expected = expected([("one-holder", [true, true]), ("two-holders", [false, true])]);
    assert_eq!(verdicts("mutex", lock), expected);
}
