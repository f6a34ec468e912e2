//! P(failure) over virtual time, drawn in characters.

use rehearsal_machine::Time;
use rehearsal_sim::cause::{Findings, Point};

/// How many columns the chart has, beside its scale.
const COLUMNS: u64 = 72;

/// How many lines.
const LINES: u64 = 8;

/// The chart; each of the marks stands below the instant that it has.
pub(super) fn drawn(found: &Findings, marks: &[(Time, char)]) -> String {
    let end = found.outcome.end.as_nanos().max(1);
    let curve: Vec<_> = found.curve.iter().map(|point| (point.at, point.fails)).collect();
    let levels: Vec<_> = (0..COLUMNS)
        .map(|column| {
            let fails = in_column(&curve, column, end);
            (u64::from(fails) * LINES).div_ceil(u64::from(found.seeds).max(1))
        })
        .collect();
    let mut text = String::new();
    for line in (1..=LINES).rev() {
        let scale = match line {
            LINES => "100%".to_owned(),
            line if line * 2 == LINES => " 50%".to_owned(),
            _ => String::new(),
        };
        let bars = levels.iter().map(|level| if *level >= line { '#' } else { ' ' });
        text += format!("{scale:>4} |{}", bars.collect::<String>()).trim_end();
        text.push('\n');
    }
    text += &format!("  0% +{}\n", "-".repeat(COLUMNS as usize));
    text += &below(end, marks);
    let last = format!("{}ms", found.outcome.end);
    let room = COLUMNS as usize;
    text + &format!("      0{last:>width$}\n", width = room.saturating_sub(1))
}

/// P(failure) of a page's curve, in thousandths.
pub(super) fn curve(found: &Findings) -> Vec<(Time, u16)> {
    let seeds = u64::from(found.seeds).max(1);
    let share = |fails: u32| u16::try_from(u64::from(fails) * 1_000 / seeds).unwrap_or(1_000);
    let mut curve: Vec<(Time, u16)> = Vec::new();
    for Point { at, fails, .. } in &found.curve {
        // Steps, not slopes: between two choices nothing is decided.
        if let Some((_, before)) = curve.last().copied() {
            curve.push((*at, before));
        }
        curve.push((*at, share(*fails)));
    }
    if let Some((_, last)) = curve.last().copied() {
        curve.push((found.outcome.end, last));
    }
    curve.dedup();
    curve
}

/// How many seeds fail if all is kept that was chosen in this column or before it.
fn in_column(curve: &[(Time, u32)], column: u64, end: u64) -> u32 {
    let passed = curve.partition_point(|(at, _)| column_of(*at, end) <= column);
    passed.checked_sub(1).map_or(0, |last| curve[last].1)
}

/// The column in which an instant is drawn, in a run that ends at so many nanoseconds.
fn column_of(at: Time, end: u64) -> u64 {
    let column = u128::from(at.as_nanos()) * u128::from(COLUMNS) / u128::from(end);
    (column as u64).min(COLUMNS - 1)
}

/// The line of marks. Of two in one column the first one stands.
fn below(end: u64, marks: &[(Time, char)]) -> String {
    let mut line = vec![' '; COLUMNS as usize];
    for (at, mark) in marks.iter().rev() {
        line[column_of(*at, end) as usize] = *mark;
    }
    let line: String = line.into_iter().collect();
    if line.trim().is_empty() { String::new() } else { format!("      {}\n", line.trim_end()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_rises_in_the_column_of_its_mark() {
        let end = 1_000_000_007;
        for at in
            (0..=end).step_by(999_983).chain((0..=COLUMNS).map(|column| end * column / COLUMNS))
        {
            let curve = [(Time::ZERO, 1), (Time::from_nanos(at), 5)];
            let column = column_of(Time::from_nanos(at), end);
            assert_eq!(in_column(&curve, column, end), 5, "{at}");
            if let Some(before) = column.checked_sub(1) {
                assert_eq!(in_column(&curve, before, end), 1, "{at}");
            }
        }
    }
}
