use std::fmt;
use std::ops::Range;
use std::str::FromStr;

/// Seeds from here on have no place in a database.
pub(super) const LAST_SEED: u64 = i64::MAX as u64;

/// Which seeds a sweep runs: those of a range, or every Nth of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seeds {
    pub(super) range: Range<u64>,
    pub(super) shard: Shard,
}

impl Seeds {
    /// The seeds of a part of the range.
    pub(super) fn within(&self, part: Range<u64>) -> impl Iterator<Item = u64> + use<> {
        let Shard { index, of } = self.shard;
        let first = self.range.start;
        part.filter(move |seed| (seed - first) % of == index - 1)
    }

    /// How many there are.
    pub(super) fn count(&self) -> u64 {
        let all = self.range.end - self.range.start;
        let Shard { index, of } = self.shard;
        (all - (index - 1).min(all)).div_ceil(of)
    }
}

/// More would be smaller than a task is worth.
const MOST_SHARDS: u64 = 1_000_000;

/// One of so many equal parts of a sweep: `2/4`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shard {
    /// From 1.
    index: u64,
    of: u64,
}

impl Shard {
    pub(super) const WHOLE: Self = Self { index: 1, of: 1 };

    fn new(index: u64, of: u64) -> Result<Self, String> {
        if of > MOST_SHARDS {
            return Err(format!("there are at most {MOST_SHARDS} shards, and not {of}"));
        }
        if of == 0 {
            return Err("there is at least one shard: write 1/1 for the whole".to_owned());
        }
        if index == 0 || index > of {
            return Err(format!(
                "there is no shard {index} of {of}: shards are 1/{of} to {of}/{of}"
            ));
        }
        Ok(Self { index, of })
    }
}

impl Shard {
    /// A seed is this shard's if it leaves this remainder, divided by that; of a range that
    /// begins with `first`.
    pub(super) fn remainder(self, first: u64) -> (u64, u64) {
        ((first % self.of + self.index - 1) % self.of, self.of)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let help =
            || format!("`{text}` is not a shard: write `2/4` for the second of four, or `auto`");
        let (index, of) = text.split_once('/').ok_or_else(help)?;
        let number = |text: &str| text.parse().map_err(|_| help());
        Self::new(number(index)?, number(of)?)
    }
}

/// The argument of `--shard`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ShardArgument {
    Auto,
    Given(Shard),
}

impl FromStr for ShardArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "auto" { Ok(Self::Auto) } else { text.parse().map(Self::Given) }
    }
}

/// Where a scheduler says which task this is: its name, the variable with the index,
/// the number of the first, and the variable with the count.
const SCHEDULERS: [(&str, &str, Option<&str>, &str); 4] = [
    // The count of an indexed job is not in its environment by itself.
    ("a Kubernetes indexed job", "JOB_COMPLETION_INDEX", None, "JOB_COMPLETIONS"),
    (
        "a Slurm array",
        "SLURM_ARRAY_TASK_ID",
        Some("SLURM_ARRAY_TASK_MIN"),
        "SLURM_ARRAY_TASK_COUNT",
    ),
    ("a HyperQueue array", "HQ_TASK_ID", None, "HQ_TASK_COUNT"),
    ("GitLab's parallel jobs", "CI_NODE_INDEX", None, "CI_NODE_TOTAL"),
];

/// The shard that the scheduler of this process says it is.
pub(super) fn of_environment(read: &dyn Fn(&str) -> Option<String>) -> Result<Shard, String> {
    for (scheduler, index, first, count) in SCHEDULERS {
        let Some(value) = read(index) else { continue };
        let number = |variable: &str, value: &str| {
            value.parse::<u64>().map_err(|_| format!("{variable}={value:?} is no number"))
        };
        let Some(total) = read(count) else {
            return Err(format!(
                "{index} says that this is task {value} of {scheduler}, and {count} does not say of \
                 how many: set it, or give `--shard I/N`"
            ));
        };
        let (task, total) = (number(index, &value)?, number(count, &total)?);
        // GitLab counts from 1, Slurm from wherever the user likes, the others from 0.
        let least = match first {
            Some(variable) => read(variable).map_or(Ok(0), |least| number(variable, &least))?,
            None => u64::from(index == "CI_NODE_INDEX"),
        };
        let step = read("SLURM_ARRAY_TASK_STEP").filter(|_| first.is_some());
        let step = step.map_or(Ok(1), |step| number("SLURM_ARRAY_TASK_STEP", &step))?.max(1);
        let place = task.checked_sub(least).and_then(|place| (place / step).checked_add(1));
        return Shard::new(place.unwrap_or(0), total)
            .map_err(|why| format!("{index}={value}, {count}={total}: {why}"));
    }
    let variables: Vec<_> = SCHEDULERS.iter().map(|(_, index, ..)| *index).collect();
    Err(format!(
        "no scheduler says which shard this is: none of {} is set (give `--shard I/N`)",
        variables.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_disjoint_and_together_the_whole() {
        for of in 1..=7 {
            for all in 0..=30 {
                let mut seen = Vec::new();
                for index in 1..=of {
                    let shard = Shard::new(index, of).expect("it exists");
                    let seeds = Seeds { range: 5..5 + all, shard };
                    let mine: Vec<_> = seeds.within(5..5 + all).collect();
                    assert_eq!(mine.len() as u64, seeds.count(), "{shard} of {all}");
                    seen.extend(mine);
                }
                seen.sort_unstable();
                assert_eq!(seen, (5..5 + all).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn a_shard_that_is_none_is_refused() {
        for text in ["0/4", "5/4", "1/0", "1", "a/b", "-1/4", "", "1/18446744073709551615"] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }

    #[test]
    fn every_scheduler_is_understood() {
        let shard = |variables: &[(&str, &str)]| {
            let find = |name: &str| {
                let found = variables.iter().find(|(variable, _)| *variable == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            of_environment(&find).map(|shard| shard.to_string())
        };
        let first = [("JOB_COMPLETION_INDEX", "0"), ("JOB_COMPLETIONS", "4")];
        assert_eq!(shard(&first), Ok("1/4".to_owned()));
        let slurm = [
            ("SLURM_ARRAY_TASK_ID", "14"),
            ("SLURM_ARRAY_TASK_MIN", "10"),
            ("SLURM_ARRAY_TASK_STEP", "2"),
            ("SLURM_ARRAY_TASK_COUNT", "3"),
        ];
        assert_eq!(shard(&slurm), Ok("3/3".to_owned()));
        let queue = [("HQ_TASK_ID", "1"), ("HQ_TASK_COUNT", "2")];
        assert_eq!(shard(&queue), Ok("2/2".to_owned()));
        let gitlab = [("CI_NODE_INDEX", "1"), ("CI_NODE_TOTAL", "2")];
        assert_eq!(shard(&gitlab), Ok("1/2".to_owned()));
        for wrong in [
            &[][..],
            &[("HQ_TASK_ID", "1")],
            &[("HQ_TASK_ID", "x"), ("HQ_TASK_COUNT", "2")],
            &[("HQ_TASK_ID", "2"), ("HQ_TASK_COUNT", "2")],
        ] {
            assert!(shard(wrong).is_err(), "{wrong:?}");
        }
    }
}
