use std::sync::Arc;

use rehearsal_machine::Time;

use super::choices::Choices;
use crate::chance::{Chance, Seed};
use crate::fault::FaultName;
use crate::plan::{Decisions, Phase};

/// What chooses in a run: the plan where it lists a decision, and chance
/// elsewhere.
pub(super) struct Chooser {
    pub(super) chance: Chance,
    pub(super) choices: Choices,
    /// How many numbers each node has drawn in its incarnation.
    pub(super) drawn: Vec<u32>,
    /// The cut that is still to come, or that the run has passed.
    course: Option<Course>,
}

/// How far a run has come on its way to a cut.
struct Course {
    kept: u64,
    made: u64,
    /// What decides after the cut.
    chance: Chance,
    phases: Arc<[Phase]>,
    has_left: bool,
    /// Are the faults that chance times drawn by the chance at hand?
    are_faults_drawn: bool,
}

impl Chooser {
    pub(super) fn new(nodes: usize) -> Self {
        Self {
            chance: Chance::new(Seed(0)),
            choices: Choices::new(Decisions::default(), &[]),
            drawn: vec![0; nodes],
            course: None,
        }
    }

    pub(super) fn begin(&mut self, seed: Seed, decisions: Decisions, faults: &[FaultName]) {
        let Self { chance, choices, drawn, course } = self;
        *chance = Chance::new(seed);
        *course = decisions.cut.as_ref().map(|cut| Course {
            kept: cut.kept,
            made: 0,
            chance: Chance::new(cut.seed),
            phases: Arc::clone(&cut.phases),
            has_left: false,
            are_faults_drawn: true,
        });
        *choices = Choices::new(decisions, faults);
        drawn.fill(0);
        if self.course.as_ref().is_some_and(|course| course.kept == 0) {
            self.leave_plan();
            // They are drawn with the rest of the beginning.
            self.faults_are_drawn();
        }
    }

    /// A choice is to be made now, after so many events. The first one beyond the cut is drawn
    /// anew.
    #[inline]
    pub(super) fn next(&mut self, now: Time, events: u64) {
        if self.course.is_some() {
            self.next_of_course(now, events);
        }
    }

    #[cold]
    fn next_of_course(&mut self, now: Time, events: u64) {
        let Some(course) = &mut self.course else { return };
        self.choices.begin_choice(now, events);
        if course.made < course.kept {
            course.made += 1;
        } else if !course.has_left {
            self.leave_plan();
        }
    }

    /// May the fault at this place strike on this side of the cut? If it may, that is a choice
    /// of the run.
    pub(super) fn lets_strike(
        &mut self,
        (place, nth): (usize, u32),
        now: Time,
        events: u64,
    ) -> bool {
        let Some(course) = &self.course else { return true };
        let phase = course.phases.get(place).copied().unwrap_or(Phase::Always);
        if phase == Phase::After {
            let is_beyond = course.made >= course.kept;
            if is_beyond && !course.has_left {
                self.leave_plan();
            }
            return is_beyond;
        }
        self.next_of_course(now, events);
        let may = phase == Phase::Always || !self.has_left();
        if may {
            self.choices.number_strike(place, nth);
        }
        may
    }

    /// Leaves the plan if all choices that are kept have been made, and tells whether the
    /// faults that chance times are to be drawn anew.
    #[inline]
    pub(super) fn is_to_draw_faults(&mut self) -> bool {
        let Some(course) = &self.course else { return false };
        if course.made >= course.kept && !course.has_left {
            self.leave_plan();
        }
        self.course.as_ref().is_some_and(|course| !course.are_faults_drawn)
    }

    pub(super) fn faults_are_drawn(&mut self) {
        if let Some(course) = &mut self.course {
            course.are_faults_drawn = true;
        }
    }

    /// On which side of the cut the fault at this place may strike.
    pub(super) fn phase(&self, place: usize) -> Phase {
        let phases = self.course.as_ref().map(|course| &course.phases);
        phases.and_then(|phases| phases.get(place)).copied().unwrap_or(Phase::Always)
    }

    fn has_left(&self) -> bool {
        self.course.as_ref().is_some_and(|course| course.has_left)
    }

    fn leave_plan(&mut self) {
        let Some(course) = &mut self.course else { return };
        course.has_left = true;
        course.are_faults_drawn = false;
        self.chance = course.chance.clone();
        self.choices.leave_plan();
    }
}
