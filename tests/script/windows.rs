//! The windows that the paper prints, and the ones that its script gives.

use super::support::{PAPER_39, PAPER_50, Sketch};

const AS_PRINTED: &str = include_str!("windows-as-printed.txt");

/// The paper's six windows, corrected in the one line in which they contradict
/// its script: message 27 is user 2's, not user 5's.
pub(crate) fn expected(messages: usize) -> Vec<Vec<String>> {
    let mut windows = printed();
    windows[2][6] = windows[2][6].replace("user5", "user2");
    for window in &mut windows {
        window.retain(|line| number(line) <= messages);
    }
    windows
}

fn printed() -> Vec<Vec<String>> {
    let window = |text: &str| text.lines().skip(1).map(str::to_owned).collect();
    AS_PRINTED.split("\n\n").map(window).collect()
}

fn number(line: &str) -> usize {
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

#[test]
fn the_paper_prints_50_lines_in_windows_of_8_5_9_12_6_and_10() {
    let sizes: Vec<_> = printed().iter().map(Vec::len).collect();
    assert_eq!(sizes, [8, 5, 9, 12, 6, 10]);
    let mut numbers: Vec<_> = printed().iter().flatten().map(|line| number(line)).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=50).collect::<Vec<_>>());
}

#[test]
fn the_printed_windows_contradict_the_script_in_message_27_only() {
    let script: Vec<_> = PAPER_50.lines().collect();
    let (_, messages) = script.split_at(script.len() - 50);
    let mut contradictions = Vec::new();
    for (user, window) in (1..).zip(printed()) {
        for line in window {
            let said = messages[number(&line) - 1];
            if !said.contains(&format!(",user{user},")) || !said.ends_with(&line) {
                contradictions.push(number(&line));
            }
        }
    }
    assert_eq!(contradictions, [27]);
    assert_eq!(messages[26], "user2,user3,Hi from user2 to user3 with message number 27");
}

#[test]
fn the_50_message_script_gives_the_printed_windows_and_the_39_message_script_their_beginning() {
    for (script, messages) in [(PAPER_50, 50), (PAPER_39, 39)] {
        let run = Sketch::of(script).run();
        run.assert_held();
        assert!(!run.is_stuck(), "{messages} messages");
        assert_eq!(run.0.windows, expected(messages));
    }
}

#[test]
fn the_paper_taken_literally_works_where_nothing_goes_wrong() {
    let run = Sketch::of(PAPER_50).printed_form().run();
    assert!(!run.is_stuck());
    assert_eq!(run.0.windows, expected(50));
}
