use std::net::{IpAddr, Ipv4Addr};
use std::ops::RangeInclusive;

use proptest::prelude::*;
use rehearsal_machine::Draw;
use rehearsal_protocol::script::{GenerateError, Script};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 2, 15));

/// Draws from a list, brought into the range unless told otherwise, and
/// keeps what it was asked for. Past the list's end it answers 0.
#[derive(Default)]
struct Listed {
    answers: Vec<u64>,
    asked: Vec<RangeInclusive<u64>>,
    out_of_range: bool,
}

impl Listed {
    fn new(answers: &[u64]) -> Self {
        Self { answers: answers.to_vec(), ..Self::default() }
    }
}

impl Draw for Listed {
    fn draw(&mut self, range: RangeInclusive<u64>) -> u64 {
        let answer = self.answers.get(self.asked.len()).copied().unwrap_or(0);
        self.asked.push(range.clone());
        if self.out_of_range {
            return answer;
        }
        range.start() + answer % (range.end() - range.start() + 1)
    }
}

#[test]
fn a_generated_script_is_like_the_papers() {
    // Users 3 and 1, then 1 and 3: the receiver is counted without the sender.
    let mut draws = Listed { answers: vec![3, 1, 1, 2], out_of_range: true, ..Listed::default() };
    let script = Script::generate(3, 2, HERE, 2881, &mut draws).unwrap();
    assert_eq!(
        script.to_string(),
        "Users\n\
         10.0.2.15,2881,user1\n\
         10.0.2.15,2882,user2\n\
         10.0.2.15,2883,user3\n\
         Message\n\
         user3,user1,Hi from user3 to user1 with message number 1\n\
         user1,user3,Hi from user1 to user3 with message number 2\n"
    );
    assert_eq!(draws.asked, [1..=3, 1..=2, 1..=3, 1..=2]);
}

#[test]
fn draws_out_of_range_still_give_a_script() {
    for answer in [0, 5, u64::MAX] {
        let mut draws = Listed { out_of_range: true, ..Listed::new(&[answer; 20]) };
        assert_eq!(Script::generate(4, 10, HERE, 1, &mut draws).unwrap().message_count(), 10);
    }
}

#[test]
fn impossible_measures_are_refused_before_any_draw() {
    let cases = [
        ((0, 0, 1), GenerateError::NoUsers),
        ((1, 1, 1), GenerateError::Alone),
        ((2, 1, 0), GenerateError::PortZero),
        ((2, 1, 65535), GenerateError::PortsRunOut { base_port: 65535, users: 2 }),
        ((u32::MAX, 1, 1), GenerateError::PortsRunOut { base_port: 1, users: u32::MAX }),
        ((2, u32::MAX, 1), GenerateError::TooLarge),
    ];
    for ((users, messages, base_port), expected) in cases {
        let mut draws = Listed::default();
        let refused = Script::generate(users, messages, HERE, base_port, &mut draws);
        assert_eq!(refused.unwrap_err(), expected);
        assert!(draws.asked.is_empty());
        assert!(!expected.to_string().is_empty());
    }
}

#[test]
fn the_last_port_and_a_silent_single_user_are_allowed() {
    let mut draws = Listed::default();
    let script = Script::generate(2, 0, HERE, 65534, &mut draws).unwrap();
    assert_eq!(script.users().next_back().unwrap().port.get(), 65535);
    assert_eq!(Script::generate(1, 0, HERE, 65535, &mut draws).unwrap().user_count(), 1);
}

#[test]
fn a_hundred_thousand_messages_of_a_thousand_users_are_read() {
    let answers: Vec<u64> = (0..200_000).map(|k| k * 7919).collect();
    let script = Script::generate(1000, 100_000, HERE, 2881, &mut Listed::new(&answers)).unwrap();
    assert_eq!((script.user_count(), script.message_count()), (1000, 100_000));
    let steps: usize = (1..=1000).map(|k| script.projection(super::node(k)).len()).sum();
    assert_eq!(steps, 200_000);
}

proptest! {
    #[test]
    fn generating_is_determined_by_its_two_draws_per_message(
        users in 2..20_u32,
        answers in prop::collection::vec(any::<u64>(), 0..60),
    ) {
        let messages = u32::try_from(answers.len() / 2).unwrap();
        let mut draws = Listed::new(&answers);
        let script = Script::generate(users, messages, HERE, 2881, &mut draws).unwrap();
        let once = [1..=u64::from(users), 1..=u64::from(users) - 1];
        prop_assert_eq!(draws.asked, vec![once; messages as usize].concat());
        let again = Script::generate(users, messages, HERE, 2881, &mut Listed::new(&answers));
        prop_assert_eq!(again.unwrap(), script.clone());

        prop_assert_eq!(script.message_count(), messages as usize);
        for (entry, drawn) in script.messages().zip(answers.chunks(2)) {
            let (from, to, number) = (entry.from.number(), entry.to.number(), entry.number);
            prop_assert_eq!(u64::from(from), drawn[0] % u64::from(users) + 1);
            prop_assert_ne!(from, to);
            let text = format!("Hi from user{from} to user{to} with message number {number}");
            prop_assert_eq!(entry.text, text);
        }
    }

    #[test]
    fn every_receiver_but_the_sender_has_its_draw(users in 2..20_u32, sender in any::<u64>()) {
        let mut receivers: Vec<u32> = (0..u64::from(users) - 1)
            .map(|answer| {
                let mut draws = Listed::new(&[sender, answer]);
                let script = Script::generate(users, 1, HERE, 1, &mut draws).unwrap();
                script.messages().next().unwrap().to.number()
            })
            .collect();
        receivers.sort_unstable();
        let from = u32::try_from(sender % u64::from(users)).unwrap() + 1;
        let others: Vec<u32> = (1..=users).filter(|&user| user != from).collect();
        prop_assert_eq!(receivers, others);
    }
}
