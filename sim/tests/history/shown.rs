use RegisterAnswer::{Done, Value};
use RegisterOperation::{Read, Write};
use rehearsal_machine::NodeId;
use rehearsal_sim::history::{
    Consistency, History, Inconsistency, Register, RegisterAnswer, RegisterOperation,
};

type Registers = History<char, u32, Register<u32>>;

fn client(number: u32) -> NodeId {
    NodeId::new(number).expect("a number from 1")
}

fn refutation(history: &Registers, consistency: Consistency) -> String {
    history.check(consistency).expect_err("it is not consistent").to_string()
}

#[test]
fn the_shortest_prefix_without_an_order_is_shown_and_no_other_key() {
    let mut history = Registers::default();
    history.invoked(client(1), 'y', 1, Write(1));
    history.returned(&1, Done);
    history.invoked(client(1), 'x', 2, Write(1));
    history.invoked(client(2), 'x', 3, Read);
    history.returned(&3, Value(Some(1)));
    history.invoked(client(10), 'x', 4, Write(9));
    history.invoked(client(3), 'x', 5, Read);
    history.returned(&5, Value(None));
    history.returned(&2, Done);
    history.invoked(client(3), 'x', 6, Read);
    history.returned(&6, Value(Some(5)));
    assert_eq!(
        refutation(&history, Consistency::Linearizable),
        "no order explains these operations on x:
n1  |----- Write(1) has not returned
n2   ||    Read: Value(Some(1))
n10    |-- Write(9) has not returned
n3      || Read: Value(None)"
    );
}

#[test]
fn of_a_long_history_the_last_operations_are_shown() {
    let mut history = Registers::default();
    history.invoked(client(2), 'x', 0, Write(0));
    for number in 1..=50 {
        history.invoked(client(1), 'x', number, Write(number));
        history.returned(&number, Done);
    }
    history.invoked(client(1), 'x', 51, Read);
    history.returned(&51, Value(Some(49)));
    let text = refutation(&history, Consistency::Linearizable);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines[1], "(35 earlier ones)");
    assert_eq!(lines[2], "n2 -------------------------------- Write(0) has not returned");
    assert_eq!(lines[3], "n1 ||                               Write(36): Done");
    assert_eq!(lines[18], "n1                               || Read: Value(Some(49))");
    assert_eq!(lines.len(), 19);
}

#[test]
fn a_prefix_that_a_later_write_explains_is_no_violation_of_sequential_consistency() {
    let mut history = Registers::default();
    history.invoked(client(1), 'x', 1, Read);
    history.returned(&1, Value(Some(5)));
    assert!(history.check(Consistency::Sequential).is_err());
    history.invoked(client(2), 'x', 2, Write(5));
    assert!(history.check(Consistency::Sequential).is_ok());
    assert!(history.check(Consistency::Linearizable).is_err());
}

#[test]
fn what_belongs_to_no_history_is_said_before_anything_else() {
    let mut history = Registers::default();
    history.invoked(client(1), 'x', 1, Write(1));
    history.returned(&1, Done);
    history.returned(&1, Done);
    assert_eq!(history.check(Consistency::Linearizable), Ok(()));

    let mut twice = history.clone();
    twice.invoked(client(2), 'x', 1, Write(1));
    let inconsistency = Inconsistency::InvokedTwice { client: client(2) };
    assert_eq!(twice.check(Consistency::Linearizable), Err(inconsistency));

    let mut unknown = history.clone();
    unknown.returned(&2, Done);
    assert_eq!(unknown.check(Consistency::Linearizable), Err(Inconsistency::NotInvoked));

    for change in [
        |history: &mut Registers| history.returned(&1, Value(None)),
        |history: &mut Registers| history.failed(&1),
    ] {
        let mut changed = history.clone();
        change(&mut changed);
        let inconsistency = Inconsistency::TwoAnswers { client: client(1) };
        assert_eq!(changed.check(Consistency::Linearizable), Err(inconsistency));
    }
}

#[test]
fn a_search_that_takes_too_much_memory_is_given_up() {
    let mut history = Registers::default().with_memory(100_000);
    for number in 1..=40 {
        history.invoked(client(number), 'x', number, Write(number));
    }
    history.invoked(client(1), 'x', 0, Read);
    history.returned(&0, Value(Some(50)));
    for consistency in [Consistency::Linearizable, Consistency::Sequential] {
        assert_eq!(history.check(consistency), Err(Inconsistency::Undecided { key: 'x' }));
    }
}
