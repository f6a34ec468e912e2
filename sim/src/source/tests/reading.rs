use super::*;

/// `line:column path` and the underlined text, the message, what was expected, help.
fn told(source: &str) -> Vec<String> {
    let found = mistake(source);
    let (line, column) = found.line_column();
    let mut lines = vec![
        format!("{line}:{column} {} {}", found.path(), underlined(&found)),
        found.message().to_owned(),
    ];
    lines.extend(found.expected().map(|text| format!("expected {text}")));
    lines.extend(found.help().map(|text| format!("help: {text}")));
    lines
}

fn told_of(field: &str) -> Vec<String> {
    told(&with(field))
}

#[test]
fn a_file_with_a_little_of_everything_is_read() {
    let read = read::<Everything>("x.ron", VALID).expect("the file is valid");
    assert_eq!(read.until, Some(TimeSpan::from_nanos(3_000_000_000)));
    assert_eq!(read.wrapped, Some(Wrapped(vec![7, 8])));
    assert_eq!(read.configs.keys().collect::<Vec<_>>(), ["größe", "it\"s, (here)"]);
}

#[test]
fn an_optional_value_may_be_written_without_some() {
    let read = read::<Everything>("x.ron", &with("until: \"3s\"")).expect("the file is valid");
    assert_eq!(read.until, Some(TimeSpan::from_nanos(3_000_000_000)));
}

#[test]
fn some_without_parentheses_is_refused() {
    assert_eq!(
        told_of("until: Some \"3s\""),
        ["4:12 until Some", "wrong type of value", "expected `Some(...)`, or the value alone"]
    );
}

#[test]
fn a_misspelt_field_gets_a_did_you_mean() {
    assert_eq!(
        told_of("network: (los: \"0/1\")"),
        [
            "4:15 network.los los",
            "unknown field `los`",
            "expected `latency` or `loss`",
            "help: did you mean `loss`?",
        ]
    );
    assert_eq!(
        told_of("faults: [(at: \"1s\", do: Slow(Node: 1))]"),
        [
            "4:34 faults[0].do.Slow.Node Node",
            "unknown field `Node`",
            "expected `node` or `by`",
            "help: did you mean `node`?",
        ]
    );
}

#[test]
fn a_field_unlike_any_other_gets_no_guess() {
    assert_eq!(
        told_of("network: (banana: \"0/1\")"),
        ["4:15 network.banana banana", "unknown field `banana`", "expected `latency` or `loss`"]
    );
}

#[test]
fn a_field_that_its_type_would_ignore_is_refused() {
    assert_eq!(
        told_of("lax: (depth: 1, width: (2, 3))"),
        ["4:21 lax.width width", "unknown field `width`", "expected `depth`"]
    );
}

#[test]
fn a_field_given_twice_is_refused_the_second_time() {
    assert_eq!(
        told_of("network: (loss: \"0/1\", loss: \"0/1\")"),
        ["4:28 network.loss loss", "field `loss` appears twice", "help: remove one of the two"]
    );
    assert_eq!(told_of("nodes: 3")[0], "4:5 nodes nodes");
}

#[test]
fn a_missing_field_is_missed_in_its_struct() {
    assert_eq!(
        told_of("faults: [(at: \"1s\")]"),
        ["4:14 faults[0] (at: \"1s\")", "missing field `do`"]
    );
    assert_eq!(told("()"), ["1:1  ()", "missing field `claim`"]);
}

#[test]
fn a_misspelt_variant_gets_a_did_you_mean() {
    assert_eq!(
        told_of("faults: [(at: \"1s\", do: Crsh(1))]"),
        [
            "4:29 faults[0].do Crsh",
            "unknown variant `Crsh`",
            "expected `Crash`, `Partition`, `Slow`, `Swap` or `Lose`",
            "help: did you mean `Crash`?",
        ]
    );
}

#[test]
fn a_variant_is_a_name_without_quotes() {
    assert_eq!(
        told_of("faults: [(at: \"1s\", do: \"Crash\")]"),
        ["4:29 faults[0].do \"Crash\"", "wrong type of value", "expected a name, without quotes"]
    );
    assert_eq!(
        told_of("faults: [(at: \"1s\", do: 4)]"),
        ["4:29 faults[0].do 4", "`4` is not a name"]
    );
}

#[test]
fn a_variant_takes_what_it_takes_in_parentheses() {
    assert_eq!(
        told_of("faults: [(at: \"1s\", do: Crash)]"),
        ["4:29 faults[0].do.Crash Crash", "wrong type of value", "expected a value in `(` and `)`",]
    );
    assert_eq!(
        told_of("faults: [(at: \"1s\", do: Lose(1))]"),
        [
            "4:33 faults[0].do.Lose (1)",
            "`Lose` takes nothing in parentheses",
            "help: write `Lose` alone"
        ]
    );
    assert_eq!(
        told_of("faults: [(at: \"1s\", do: Crash(1, 2))]"),
        [
            "4:38 faults[0].do.Crash 2",
            "`Crash` takes one value in parentheses",
            "help: a struct has parentheses of its own: `Crash((..))`"
        ]
    );
}

#[test]
fn a_number_out_of_range_is_underlined_itself() {
    let places = [
        ("faults: [(at: \"1s\", do: Swap(1, 300))]", "4:37 faults[0].do.Swap[1] 300"),
        (
            "faults: [(at: \"1s\", do: Partition([[1, 2], [3, 400]]))]",
            "4:52 faults[0].do.Partition[1][1] 400",
        ),
        ("pair: (-1, true)", "4:12 pair[0] -1"),
        ("wrapped: ([1, 300])", "4:19 wrapped[1] 300"),
        ("wrapped: Some(Wrapped([1, 300]))", "4:31 wrapped[1] 300"),
    ];
    for (field, place) in places {
        assert_eq!(told_of(field), [place, "the number is out of range"]);
    }
    assert_eq!(told("(claim: \"c\",\r\n nodes: 300)")[0], "2:9 nodes 300");
}

#[test]
fn a_value_of_the_wrong_type_is_told_the_right_one() {
    let places = [
        ("faults: [(at: \"1s\", do: Crash(\"x\"))]", "4:35 faults[0].do.Crash \"x\"", "an integer"),
        ("pair: (1, 2)", "4:15 pair[1] 2", "`true` or `false`"),
        ("pair: 1", "4:11 pair 1", "a value in `(` and `)`"),
        ("wrapped: [1]", "4:14 wrapped [1]", "a struct in `(` and `)`"),
        ("configs: {\"a\": 1, \"b\": \"c\"}", "4:28 configs.b \"c\"", "an integer"),
        ("configs: [1]", "4:14 configs [1]", "a map in `{` and `}`"),
        ("\"until\": \"3s\"", "4:5  \"until\"", "a name, without quotes"),
        (
            "network: Net(loss: \"1/1\")",
            "4:14 network Net(loss: \"1/1\")",
            "a struct in `(` and `)`, or `Network(...)`",
        ),
    ];
    for (field, place, expected) in places {
        assert_eq!(told_of(field), [place, "wrong type of value", &format!("expected {expected}")]);
    }
}

#[test]
fn a_tuple_is_of_its_length() {
    assert_eq!(
        told_of("pair: (1,)"),
        ["4:11 pair (1,)", "unexpected length: 1 element", "expected a tuple of size 2"]
    );
    assert_eq!(told_of("pair: (1, true, 3)"), ["4:21 pair 3", "expected closing `)`"]);
}

#[test]
fn a_key_given_twice_is_refused_the_second_time() {
    assert_eq!(
        told_of("configs: {\"a\": 1, \"b\": 2, \"a\": 3}"),
        ["4:31 configs.a \"a\"", "duplicate key `a`"]
    );
}

#[test]
fn a_wrong_span_of_time_is_underlined_whole_with_the_reason() {
    let help = "help: write it with a unit, ns, us, ms, s, min or h: \"10ms\"";
    let reasons = [
        ("\"-5ms\"", "a span of time cannot be negative"),
        ("-5", "a span of time cannot be negative"),
        ("-0.5", "a span of time cannot be negative"),
        ("5", "a span of time needs a unit"),
        ("0.5", "a span of time needs a unit"),
        ("\"5\"", "a span of time needs a unit"),
        ("\"0.5ns\"", "a span of time cannot be finer than a nanosecond"),
        ("\"5sec\"", "`sec` is not a unit of time"),
        ("\"6000000h\"", "a span of time cannot be longer than 584 years"),
    ];
    for (value, reason) in reasons {
        let place = format!("4:12 until {value}");
        assert_eq!(told_of(&format!("until: {value}")), [&place, reason, help]);
    }
    let expected = "expected a span of time, such as \"10ms\"";
    assert_eq!(told_of("until: [1]")[2], expected);
    assert_eq!(told_of("until: ten")[2], expected);
}

#[test]
fn a_wrong_ratio_is_underlined_whole_with_the_reason() {
    let help = "help: write it as a fraction from \"0/1\" to \"1/1\": \"3/100\"";
    let reasons = [
        ("\"5/3\"", "`5/3` is more than certain"),
        ("\"1/0\"", "a ratio cannot be out of zero"),
        ("\"3%\"", "`3%` is not a ratio"),
        ("1", "a ratio is a string"),
        ("-1", "a ratio cannot be negative"),
    ];
    for (value, reason) in reasons {
        let place = format!("4:21 network.loss {value}");
        assert_eq!(told_of(&format!("network: (loss: {value})")), [&place, reason, help]);
    }
}

#[test]
fn broken_grammar_is_underlined_where_reading_stopped() {
    let places = [
        ("until \"3s\"", "4:11 until \"3s\"", "expected a colon"),
        ("until-: \"3s\"", "4:5  until-", "`until-` is not a name"),
        ("until: \"\\q\"", "4:13 until \\q", "unknown escape character"),
        ("until: \"3s\" 5", "4:16  ", "expected a comma"),
        ("network: (latency: \"1s\"\n loss: \"1/1\")", "4:28 network ", "expected a comma"),
        ("until: \"3s", "4:12 until \"3s,\n)\n", "this string is not closed"),
    ];
    for (field, place, message) in places {
        assert_eq!(told_of(field), [place, message]);
    }
    assert_eq!(told_of("/* never closed"), ["4:5  /*", "unclosed block comment"]);
    assert_eq!(
        told("(claim: \"c\", nodes: 3) x"),
        ["1:24  x", "something follows after the end of the value"]
    );
    assert_eq!(told("")[0], "1:1  ");
}

#[test]
fn a_missing_value_is_told_where_it_should_be() {
    let span = "expected a span of time, such as \"10ms\"";
    assert_eq!(told_of("until: "), ["4:12 until ,", "a value is missing", span]);
    assert_eq!(
        told_of("pair: (,)"),
        ["4:12 pair[0] ,", "a value is missing", "expected an integer"]
    );
}

#[test]
fn a_text_that_ends_within_brackets_says_which() {
    let help = "help: the `(` in line 1 is never closed";
    assert_eq!(told("("), ["1:2  ", "the text ends too early", help]);
    assert_eq!(told("(claim: \"c\"")[2], help);
    assert_eq!(told("(\n faults: [\n")[2], "help: the `[` in line 2 is never closed");
}

#[test]
fn a_newtype_variant_takes_no_fields() {
    assert_eq!(
        told_of("faults: [(at: \"1s\", do: Crash(node: 1))]"),
        [
            "4:34 faults[0].do.Crash (node: 1)",
            "`Crash` takes one value in parentheses",
            "help: a struct has parentheses of its own: `Crash((..))`"
        ]
    );
}

#[test]
fn an_attribute_can_do_nothing_but_allow_what_is_allowed() {
    assert_eq!(
        told("#![enable(unwrap_newtypes)] ()"),
        [
            "1:1  #![enable(unwrap_newtypes)]",
            "this attribute is not known",
            "expected `#![enable(implicit_some)]`, which has no effect, or nothing"
        ]
    );
}

#[test]
fn a_misspelt_field_is_told_although_it_is_missing_under_its_right_name() {
    assert_eq!(
        told_of("lax: (dept: 1)"),
        [
            "4:11 lax.dept dept",
            "unknown field `dept`",
            "expected `depth`",
            "help: did you mean `depth`?"
        ]
    );
}
