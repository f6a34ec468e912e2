use std::fmt::Debug;

/// A timer's name as plans and traces write it: its `Debug` form in lower
/// snake case, `Timer::AnswerWait` as `answer_wait`.
#[must_use]
pub fn name_of(timer: &impl Debug) -> String {
    let mut name = String::new();
    write_name(&mut name, &format!("{timer:?}"));
    name
}

/// Puts the name of the timer with this `Debug` form where another name was.
pub(crate) fn write_name(name: &mut String, form: &str) {
    name.clear();
    for letter in form.chars() {
        if letter.is_ascii_uppercase() {
            if name.ends_with(|before: char| before.is_ascii_alphanumeric()) {
                name.push('_');
            }
            name.push(letter.to_ascii_lowercase());
        } else {
            name.push(letter);
        }
    }
}

/// Puts `_` for each number and each node of a name: `resend(3)` and `resend(n4)`
/// become `resend(_)`, and `phase2` stays.
pub(crate) fn write_without_numbers(kind: &mut String, name: &str) {
    kind.clear();
    let is_of_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let mut rest = name;
    while !rest.is_empty() {
        let (word, after) = rest.split_at(rest.find(|c| !is_of_word(c)).unwrap_or(rest.len()));
        kind.push_str(if is_number(word) { "_" } else { word });
        let (between, after) = after.split_at(after.find(is_of_word).unwrap_or(after.len()));
        kind.push_str(between);
        rest = after;
    }
}

/// A number, perhaps with a unit, or a node.
fn is_number(word: &str) -> bool {
    let is_digit = |letter: u8| letter.is_ascii_digit();
    match word.as_bytes() {
        [b'n', number @ ..] if !number.is_empty() => number.iter().copied().all(is_digit),
        [first, ..] => is_digit(*first),
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_without_numbers_keeps_its_words() {
        let names = [
            ("answer_wait", "answer_wait"),
            ("resend(3)", "resend(_)"),
            ("resend { to: n12, attempt: 0 }", "resend { to: _, attempt: _ }"),
            ("half(phase2)", "half(phase2)"),
            ("wait(1.5s, -7)", "wait(_._, -_)"),
            ("next_n(n)", "next_n(n)"),
            ("7", "_"),
            ("()", "()"),
            ("", ""),
        ];
        for (name, expected) in names {
            let mut kind = "another one".to_owned();
            write_without_numbers(&mut kind, name);
            assert_eq!(kind, expected);
        }
    }

    #[test]
    fn a_name_is_written_in_snake_case_however_its_parts_come() {
        #[derive(Debug)]
        struct AnswerWait;
        let names = [name_of(&AnswerWait), name_of(&Some(AnswerWait)), name_of(&(AnswerWait, 3))];
        assert_eq!(names, ["answer_wait", "some(answer_wait)", "(answer_wait, 3)"]);
    }
}
