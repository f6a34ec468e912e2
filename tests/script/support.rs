//! Scenarios in a few words, and what tests ask of their reports.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use rehearsal::machine::NodeId;
use rehearsal::protocol::ordering::scripted::Waiting;
use rehearsal::shipped::Script;
use rehearsal::sim::{Files, Keep, Options, Report, Scenario, run};

pub(crate) const PAPER_39: &str = include_str!("../../scenarios/script/paper-39.txt");
pub(crate) const PAPER_50: &str = include_str!("../../scenarios/script/paper-50.txt");

pub(crate) const SAFE: &str = "Always(NothingTwice), Always(RightText)";

/// A script as plain numbers: sender and recipient of each message, users and messages from 1.
#[derive(Clone, Debug)]
pub(crate) struct Talk {
    pub(crate) users: usize,
    pub(crate) messages: Vec<(usize, usize)>,
}

impl Talk {
    /// A script whose users are called `user1`, `user2`, ...; not by the product's own reader.
    pub(crate) fn read(source: &str) -> Self {
        let (users, messages) = source.split_once("Message\n").unwrap();
        let user = |field: Option<&str>| field.unwrap()["user".len()..].parse().unwrap();
        let messages = messages.lines().map(|line| {
            let mut fields = line.split(',');
            (user(fields.next()), user(fields.next()))
        });
        Self { users: users.lines().count() - 1, messages: messages.collect() }
    }

    pub(crate) fn source(&self) -> String {
        let mut source = "Users\n".to_owned();
        for user in 1..=self.users {
            writeln!(source, "10.0.0.1,{user},user{user}").unwrap();
        }
        source.push_str("Message\n");
        for (number, from, to) in self.numbered() {
            writeln!(source, "user{from},user{to},this is number {number}").unwrap();
        }
        source
    }

    /// Number, sender, receiver.
    pub(crate) fn numbered(&self) -> impl Iterator<Item = (usize, usize, usize)> {
        (1..).zip(&self.messages).map(|(number, (from, to))| (number, *from, *to))
    }

    /// What each user goes through, in the script's order.
    pub(crate) fn projections(&self) -> Vec<Vec<usize>> {
        self.of_each_user(|user, from, to| user == from || user == to)
    }

    /// What each user is told if all goes well, in the script's order.
    pub(crate) fn windows(&self) -> Vec<Vec<usize>> {
        self.of_each_user(|user, _, to| user == to)
    }

    fn of_each_user(&self, is_of: impl Fn(usize, usize, usize) -> bool) -> Vec<Vec<usize>> {
        let of = |user| {
            let own = self.numbered().filter(|(_, from, to)| is_of(user, *from, *to));
            own.map(|(number, ..)| number).collect()
        };
        (1..=self.users).map(of).collect()
    }
}

/// A scenario in the making. Times are in milliseconds.
#[derive(Clone, Debug)]
pub(crate) struct Sketch {
    form: &'static str,
    source: String,
    users: usize,
    resend: u64,
    orders: String,
    network: String,
    faults: String,
    absent: Option<u64>,
    calm_at: u64,
    until: u64,
    expect: String,
}

impl Sketch {
    /// The repaired form over a network that takes 10 ms.
    pub(crate) fn of(source: &str) -> Self {
        Self {
            form: "Repaired",
            source: source.to_owned(),
            users: source.lines().skip(1).take_while(|line| *line != "Message").count(),
            resend: 50,
            orders: String::new(),
            network: "delay: Fixed(\"10ms\")".to_owned(),
            faults: String::new(),
            absent: None,
            calm_at: 0,
            until: 60_000,
            expect: SAFE.to_owned(),
        }
    }

    pub(crate) fn printed_form(self) -> Self {
        Self { form: "AsPrinted", expect: String::new(), ..self }
    }

    pub(crate) fn resend(self, resend: u64) -> Self {
        Self { resend, ..self }
    }

    /// Every user's own order of its steps.
    pub(crate) fn orders(self, lists: &[Vec<usize>]) -> Self {
        let order =
            |(user, list): (usize, &Vec<usize>)| format!("(user: {user}, messages: {list:?}), ");
        Self { orders: (1..).zip(lists).map(order).collect(), ..self }
    }

    pub(crate) fn network(self, network: impl Into<String>) -> Self {
        Self { network: network.into(), ..self }
    }

    /// A network that takes exactly this long from the first to the second user.
    pub(crate) fn links(self, delay: impl Fn(usize, usize) -> u64) -> Self {
        let mut network = "delay: Fixed(\"0ms\"), latency: [".to_owned();
        for from in 1..=self.users {
            let row: Vec<_> = (1..=self.users).map(|to| format!("{}ms", delay(from, to))).collect();
            write!(network, "{row:?}, ").unwrap();
        }
        self.network(network + "]")
    }

    /// One more fault: `when` or `at`, and `do`.
    pub(crate) fn fault(mut self, fault: impl std::fmt::Display) -> Self {
        write!(self.faults, "({fault}), ").unwrap();
        self
    }

    /// A user that is not there at first.
    pub(crate) fn absent(self, user: u64) -> Self {
        Self { absent: Some(user), ..self }
    }

    pub(crate) fn calm_at(self, calm_at: u64) -> Self {
        Self { calm_at, ..self }
    }

    pub(crate) fn until(self, until: u64) -> Self {
        Self { until, ..self }
    }

    pub(crate) fn expect(self, expect: impl Into<String>) -> Self {
        Self { expect: expect.into(), ..self }
    }

    pub(crate) fn scenario(&self) -> Result<Scenario<Script>, String> {
        let Self { form, users, resend, orders, network, faults, calm_at, until, expect, .. } =
            self;
        // A fault at an instant of the calm is refused, and many tests have no use for a calm.
        let calm = if *calm_at == 0 { String::new() } else { format!("calm_at: \"{calm_at}ms\",") };
        let absent: Vec<_> = self.absent.iter().collect();
        let text = format!(
            "(claim: \"a test\", nodes: {users}, absent: {absent:?}, until: \"{until}ms\", {calm}
            protocol: Script((form: {form}, script: \"script.txt\", resend: \"{resend}ms\",
                local_orders: [{orders}])),
            network: ({network}), faults: [{faults}], expect: [{expect}])"
        );
        let files = Files::embedded([("script.txt".to_owned(), Arc::from(&*self.source))]);
        Scenario::parse("test.ron", &text, files).map_err(|error| format!("{error:?}\n{text}"))
    }

    pub(crate) fn run(&self) -> Run {
        self.run_with(Options::seed(1).keep(Keep::Verdict))
    }

    pub(crate) fn run_with(&self, options: Options) -> Run {
        Run(run(&self.scenario().unwrap_or_else(|error| panic!("{error}")), options))
    }
}

pub(crate) fn node(user: usize) -> NodeId {
    NodeId::from_index(user - 1)
}

/// A report, and what the tests want to know of it.
pub(crate) struct Run(pub(crate) Report<Script>);

impl Run {
    #[track_caller]
    pub(crate) fn assert_held(&self) {
        assert!(self.0.failure.is_none(), "{:?}", self.0.failure);
    }

    /// The numbers that end the lines of each window: what was said, not what it was taken for.
    pub(crate) fn shown(&self) -> Vec<Vec<usize>> {
        let number = |line: &String| line.rsplit(' ').next().unwrap().parse().unwrap();
        self.0.windows.iter().map(|window| window.iter().map(number).collect()).collect()
    }

    /// The numbers of the messages each owner was told of, over all lives of the user.
    pub(crate) fn told(&self) -> Vec<Vec<usize>> {
        let told = |node| {
            let lines = self.0.world.outputs(node).iter();
            lines.map(|line| line.number.get() as usize).collect()
        };
        self.0.world.nodes().map(told).collect()
    }

    pub(crate) fn delivered(&self) -> BTreeSet<usize> {
        self.told().into_iter().flatten().collect()
    }

    /// Does anybody still wait for something?
    pub(crate) fn is_stuck(&self) -> bool {
        let world = &self.0.world;
        world
            .nodes()
            .any(|node| world.machine(node).is_none_or(|user| user.waiting() != Waiting::Nothing))
    }
}

/// How properties run: as many cases as `PROPTEST_CASES` says, nothing written beside the sources.
pub(crate) fn properties() -> proptest::test_runner::Config {
    proptest::test_runner::Config { failure_persistence: None, ..Default::default() }
}
