//! What is asked for of a link: to be cut, or to be slow.

use std::str::FromStr;

use rehearsal_sim::source::TimeSpan;

/// When something lasts, in spans since all nodes were up: `2s..5s`. It is over at `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct During {
    pub(super) from: TimeSpan,
    pub(super) to: TimeSpan,
}

/// A link that is cut for a time: `ann,ben@2s..5s`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// As it was said: two numbers or names with a comma between them.
    pub(super) pair: String,
    pub(super) during: During,
}

/// A link whose messages are late, always or for a time: `ann,ben=50ms`, `ann,ben=50ms@2s..5s`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Delay {
    /// As of a cut.
    pub(super) pair: String,
    pub(super) span: TimeSpan,
    pub(super) during: Option<During>,
}

/// With a longer delay no handshake ends in its time, which is five seconds and takes a message
/// there, one back and one there.
const LONGEST: TimeSpan = TimeSpan::from_secs(1);

const CUT: &str = "as in `ann,ben@2s..5s`";
const DELAY: &str = "as in `ann,ben=50ms` or `ann,ben=50ms@2s..5s`";

impl FromStr for During {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (from, to) =
            text.split_once("..").ok_or("two spans of time with `..` between them are needed")?;
        let span = |text: &str| text.parse::<TimeSpan>().map_err(|error| error.to_string());
        let (from, to) = (span(from)?, span(to)?);
        if from >= to {
            return Err(format!("it is over at {to} and would begin at {from}"));
        }
        Ok(Self { from, to })
    }
}

impl FromStr for Cut {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (pair, during) = text
            .rsplit_once('@')
            .ok_or_else(|| format!("two nodes, `@` and a time are needed, {CUT}"))?;
        let during = during.parse().map_err(|error| format!("{error}, {CUT}"))?;
        Ok(Self { pair: is_pair(pair, CUT)?, during })
    }
}

impl FromStr for Delay {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (pair, rest) = text
            .rsplit_once('=')
            .ok_or_else(|| format!("two nodes, `=` and a span of time are needed, {DELAY}"))?;
        let (span, during) = match rest.split_once('@') {
            Some((span, during)) => (span, Some(during)),
            None => (rest, None),
        };
        let span: TimeSpan = span.parse().map_err(|error| format!("{error}, {DELAY}"))?;
        if span > LONGEST {
            return Err(format!(
                "a link that is {span} late is none, as no handshake ends in time: give {LONGEST} \
                 at most, {DELAY}"
            ));
        }
        let during = during.map(str::parse).transpose();
        let during = during.map_err(|error: String| format!("{error}, {DELAY}"))?;
        Ok(Self { pair: is_pair(pair, DELAY)?, span, during })
    }
}

fn is_pair(pair: &str, remedy: &str) -> Result<String, String> {
    if pair.contains(',') {
        Ok(pair.to_owned())
    } else {
        Err(format!("a link is between two nodes, with a comma between their names, {remedy}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_is_two_nodes_and_a_time() {
        let cut: Cut = "ann,ben@home@500ms..2s".parse().expect("it is right");
        let during = During { from: TimeSpan::from_millis(500), to: TimeSpan::from_secs(2) };
        assert_eq!(cut, Cut { pair: "ann,ben@home".to_owned(), during });
        for wrong in ["", "1,2", "1@1s..2s", "1,2@1s", "1,2@2s..2s", "1,2@2s..1s", "1,2@1..2"] {
            let refusal = wrong.parse::<Cut>().expect_err("it is wrong");
            assert!(refusal.ends_with(CUT), "{wrong:?}: {refusal}");
        }
    }

    #[test]
    fn a_delay_is_two_nodes_and_a_span_and_may_have_a_time() {
        let (pair, span) = ("1,2".to_owned(), TimeSpan::from_millis(50));
        let always = Delay { pair, span, during: None };
        assert_eq!("1,2=50ms".parse(), Ok(always.clone()));
        let during = Some(During { from: TimeSpan::ZERO, to: TimeSpan::from_secs(2) });
        assert_eq!("1,2=50ms@0ms..2s".parse(), Ok(Delay { during, ..always }));
        assert!("1,2=1s".parse::<Delay>().is_ok());
        for wrong in ["", "1,2", "1=5ms", "1,2=5", "1,2=1001ms", "1,2=5ms@", "1,2=5ms@2s..1s"] {
            let refusal = wrong.parse::<Delay>().expect_err("it is wrong");
            assert!(refusal.ends_with(DELAY), "{wrong:?}: {refusal}");
        }
    }
}
