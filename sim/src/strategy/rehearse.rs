use std::fs;
use std::io;
use std::path::Path;

use indexmap::IndexMap;
use proptest::test_runner::TestCaseError;
use rehearsal_machine::mutant;

use crate::case::Case;
use crate::chance::Seed;
use crate::check::Failure;
use crate::engine::{Options, Report, run};
use crate::fault::Fault;
use crate::plan::{Plan, Rest};
use crate::protocol::Protocol;
use crate::scenario::Scenario;

/// Runs the scenario with its own faults and these, as one case of a property.
///
/// A violated check fails the case. The run's plan is then in
/// `rehearsal-failures/NAME.ron`, below the folder of the test's package,
/// where a smaller case that fails overwrites it; the error names the file
/// and how to replay it. A case that holds leaves the folder as it is. Give
/// every property a name of its own.
///
/// Faults that do not fit the scenario fail the case, too; no [`Menu`] makes
/// such ones for its own scenario.
///
/// [`Menu`]: super::Menu
pub fn rehearse<P: Protocol>(
    scenario: &Scenario<P>,
    seed: u64,
    faults: Vec<Fault>,
    name: &str,
) -> Result<Report<P>, TestCaseError> {
    let faults = scenario.faults().iter().cloned().chain(faults).collect();
    let scenario = scenario
        .with_faults(faults)
        .map_err(|reason| TestCaseError::fail(format!("the faults do not fit: {reason}")))?;
    let report = run(&scenario, Options::seed(seed));
    match &report.failure {
        None => Ok(report),
        Some(failure) => Err(TestCaseError::fail(failed(scenario, seed, failure, name))),
    }
}

/// Writes the plan; gives what there is to say of it.
fn failed<P: Protocol>(scenario: Scenario<P>, seed: u64, failure: &Failure, name: &str) -> String {
    let verdict = format!("{}: {}, at {}ms", failure.check, failure.reason, failure.at);
    let plan = Plan {
        case: Case::new(scenario),
        seed: Seed(seed),
        rest: Rest::Seed,
        decisions: IndexMap::new(),
        mutant: mutant::selected(),
        fails: Some(failure.fingerprint(P::NAME)),
    };
    let file = Path::new("rehearsal-failures").join(format!("{name}.ron"));
    let remedy = match plan.text() {
        Err(why) => {
            let faults = &plan.case.synopsis().faults;
            format!(
                "there is no plan: {why}\nrun again with seed {seed} and these faults: {faults:?}"
            )
        }
        Ok(text) => match written(&file, &text) {
            Ok(()) => format!("again: rehearsal replay {}", file.display()),
            Err(error) => format!("{}: {error}", file.display()),
        },
    };
    format!("{verdict}\n{}\n{remedy}", failure.detail)
}

fn written(file: &Path, text: &str) -> io::Result<()> {
    file.parent().map_or(Ok(()), fs::create_dir_all)?;
    fs::write(file, text)
}
