use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use rehearsal_machine::printable;

use super::store::Totals;
use crate::cli::words::counted;

/// The results as `JUnit`'s XML: a test case for what held, and one for each group of failures.
pub(super) fn text(
    scenario: &str,
    totals: &Totals,
    reproductions: &[String],
    is_vacuous: bool,
) -> String {
    let mut suite = TestSuite::new(printable(scenario).into_owned());
    if totals.held > 0 {
        let name = format!("{} held", counted(totals.held, "run"));
        suite.add_test_case(TestCase::new(name, TestCaseStatus::success()));
    }
    for (group, again) in totals.groups.iter().zip(reproductions) {
        let check = printable(&group.fingerprint.check).into_owned();
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        let reason = printable(&group.fingerprint.reason).into_owned();
        status.set_message(format!("{reason}, in {}", counted(group.runs, "run")));
        status.set_description(again.clone());
        suite.add_test_case(TestCase::new(format!("{check}: {reason}"), status));
    }
    for (seed, difference) in &totals.differing {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message("two runs of one seed differ");
        status.set_description(printable(difference).into_owned());
        suite.add_test_case(TestCase::new(format!("seed {seed} is deterministic"), status));
    }
    if is_vacuous {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_message("something never happened in all runs");
        suite.add_test_case(TestCase::new("everything happens in some run", status));
    }
    let mut report = Report::new("rehearsal sweep");
    report.add_test_suite(suite);
    // Its only errors are those of the writer, and this one is memory.
    report.to_string().unwrap_or_default()
}
