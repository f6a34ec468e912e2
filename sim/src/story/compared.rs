//! Two runs as one story: what only the first one has behind `-`, what only the second one has
//! behind `+`, what the second one has at another time behind `~`.

use std::collections::BTreeMap;

use rehearsal_machine::Time;

use super::lanes::Lanes;
use super::line::Line;
use super::pick::each_picked;
use super::scenes::Scene;
use super::view::{Extent, Margin, View};
use super::{LANES_AT, WIDTH};
use crate::diff::{Diff, Partners, Place, merge};
use crate::network::Network;
use crate::trace::{Event, EventKind, Trace};

/// A run that is told beside another one.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// What happened.
    pub events: &'a Trace,
    /// The network of its scenario, if that is known.
    pub network: Option<&'a Network>,
    /// How many nodes there are.
    pub nodes: usize,
}

/// The story of two runs has so many lines at most, unless all of it is asked for.
const MOST_LINES: usize = 60;

/// Two runs as one story, in this view. Of what differs a bounded part is told unless the view
/// tells the whole; what is the same is counted.
#[must_use]
pub fn of_diff(diff: &Diff, a: Told<'_>, b: Told<'_>, view: &View) -> String {
    let is_whole = view.extent == Extent::Whole;
    // What one run tells, the other one must tell, too.
    let is_crash = |event: Event| matches!(event.what, EventKind::Crash { .. });
    let with_saves = is_whole || a.events.iter().chain(b.events.iter()).any(is_crash);
    let scenes = |told: Told<'_>| {
        let mut scenes = Vec::new();
        each_picked(told.events, told.network, view, with_saves, |scene| {
            let is_compared = diff.since.is_none_or(|since| scene.at >= since);
            if is_compared {
                scenes.push(scene);
            }
        });
        scenes
    };
    let (of_a, of_b) = (scenes(a), scenes(b));
    let steps = steps(diff, &of_a, &of_b);
    let mut teller = DiffTeller::new((a, &of_a), (b, &of_b), view.margin);
    let mut steps = steps.into_iter().peekable();
    while let Some(step) = steps.next() {
        if !is_whole && teller.lines >= MOST_LINES && !step.is_unchanged() {
            let more = 1 + steps.filter(|step| !step.is_unchanged()).count();
            teller.count_unchanged();
            teller.dots(&format!("{more} more steps differ (--whole tells them)"));
            break;
        }
        teller.tell(&step);
    }
    teller.count_unchanged();
    teller.text
}

/// A step of one run, or the same step of both.
enum Step<'a> {
    OnlyA(&'a Scene),
    OnlyB(&'a Scene),
    Both { a: &'a Scene, b: &'a Scene, lines: Vec<SignedLine>, is_in_order: bool },
}

/// A line of a step. The cause is the first one.
#[derive(Clone, Debug)]
struct SignedLine {
    sign: char,
    line: Line,
}

impl Step<'_> {
    fn is_unchanged(&self) -> bool {
        match self {
            Self::OnlyA(_) | Self::OnlyB(_) => false,
            Self::Both { a, b, lines, is_in_order } => {
                let is_told_alike = lines.iter().all(|line| line.sign == ' ');
                *is_in_order && a.at == b.at && a.roles == b.roles && is_told_alike
            }
        }
    }
}

/// The steps of both runs in one order.
fn steps<'a>(diff: &Diff, of_a: &'a [Scene], of_b: &'a [Scene]) -> Vec<Step<'a>> {
    let partners = diff.partners();
    let places: BTreeMap<_, _> = of_b.iter().map(|scene| scene.number).zip(0_usize..).collect();
    let partner = |scene: &Scene| places.get(&partners.of_a(scene.number)?).copied();
    let in_b: Vec<_> = of_a.iter().map(partner).collect();
    let merged =
        merge(&in_b, (of_a.len(), of_b.len()), |place| of_a[place].at, |place| of_b[place].at);
    let step = |place| match place {
        Place::A(place) => Step::OnlyA(&of_a[place]),
        Place::B(place) => Step::OnlyB(&of_b[place]),
        Place::Both { a, b, is_in_order } => {
            let (a, b) = (&of_a[a], &of_b[b]);
            Step::Both { a, b, lines: lines(&partners, a, b), is_in_order }
        }
    };
    merged.into_iter().map(step).collect()
}

/// The lines of a step that both runs have.
fn lines(partners: &Partners, a: &Scene, b: &Scene) -> Vec<SignedLine> {
    let mut told = Vec::new();
    pair_of_lines(&mut told, &a.cause, &b.cause);
    let places: BTreeMap<_, _> = b.effects.iter().map(|line| line.number).zip(0_usize..).collect();
    let partner = |line: &Line| places.get(&partners.of_a(line.number)?).copied();
    let in_b: Vec<_> = a.effects.iter().map(partner).collect();
    let lengths = (a.effects.len(), b.effects.len());
    for place in merge(&in_b, lengths, |_| Time::ZERO, |_| Time::ZERO) {
        match place {
            Place::A(place) => told.push(SignedLine { sign: '-', line: a.effects[place].clone() }),
            Place::B(place) => told.push(SignedLine { sign: '+', line: b.effects[place].clone() }),
            Place::Both { a: of_a, b: of_b, is_in_order } => {
                let before = told.len();
                pair_of_lines(&mut told, &a.effects[of_a], &b.effects[of_b]);
                if let [line] = &mut told[before..]
                    && !is_in_order
                {
                    line.sign = '~';
                }
            }
        }
    }
    told
}

/// One line if both say the same, except for times.
fn pair_of_lines(told: &mut Vec<SignedLine>, a: &Line, b: &Line) {
    if without_times(&a.words) == without_times(&b.words)
        && without_times(&a.fate) == without_times(&b.fate)
    {
        let sign = if (&a.words, &a.fate) == (&b.words, &b.fate) { ' ' } else { '~' };
        told.push(SignedLine { sign, line: b.clone() });
    } else {
        told.push(SignedLine { sign: '-', line: a.clone() });
        told.push(SignedLine { sign: '+', line: b.clone() });
    }
}

/// The words without the times among them, such as `120ms` and `37.5ms`.
fn without_times(words: &str) -> Vec<&str> {
    let is_time = |word: &str| {
        let word = word.trim_end_matches([',', ';']);
        word.strip_suffix("ms").is_some_and(|number| {
            !number.is_empty() && number.chars().all(|c| c.is_ascii_digit() || c == '.')
        })
    };
    words.split(' ').map(|word| if is_time(word) { "ms" } else { word }).collect()
}

/// Writes steps as text, and counts those that are the same.
struct DiffTeller {
    text: String,
    lines: usize,
    unchanged: usize,
    time_width: usize,
    has_keys: bool,
    lanes_a: Lanes,
    lanes_b: Lanes,
    /// Steps right before that were moved alike, and what the last of them was moved by.
    moved: Option<(i128, usize)>,
}

impl DiffTeller {
    fn new(
        (a, of_a): (Told<'_>, &[Scene]),
        (b, of_b): (Told<'_>, &[Scene]),
        margin: Margin,
    ) -> Self {
        let times = of_a.iter().chain(of_b).map(|scene| scene.at.to_string().len());
        let lanes = |told: Told<'_>| Lanes::new(told.nodes, told.events, WIDTH - LANES_AT);
        let mut teller = Self {
            text: String::new(),
            lines: 0,
            unchanged: 0,
            time_width: times.max().unwrap_or(0).max(4),
            has_keys: margin == Margin::Keys,
            lanes_a: lanes(a),
            lanes_b: lanes(b),
            moved: None,
        };
        let head = teller.lanes_b.head();
        teller.line(' ', ("ms", "who"), &Line::new("what"), &head);
        teller
    }

    fn tell(&mut self, step: &Step<'_>) {
        match step {
            Step::OnlyA(scene) => self.tell_scene('-', scene),
            Step::OnlyB(scene) => self.tell_scene('+', scene),
            Step::Both { a, b, .. } if step.is_unchanged() => {
                self.end_moved();
                self.lanes_of(a, b);
                self.unchanged += 1 + b.effects.len();
            }
            Step::Both { a, b, lines, .. } => self.tell_both(a, b, lines),
        }
    }

    fn tell_scene(&mut self, sign: char, scene: &Scene) {
        self.count_unchanged();
        let lanes = if sign == '-' { &mut self.lanes_a } else { &mut self.lanes_b };
        lanes.pass(&scene.unseen_roles);
        let roles = lanes.change(&scene.roles);
        self.line(sign, (&scene.at.to_string(), &scene.who), &scene.cause, &roles);
        for effect in &scene.effects {
            self.line(sign, ("", ""), effect, "");
        }
    }

    fn tell_both(&mut self, a: &Scene, b: &Scene, lines: &[SignedLine]) {
        let is_moved_alone =
            a.roles == b.roles && lines.iter().all(|line| matches!(line.sign, ' ' | '~'));
        let by = i128::from(b.at.as_nanos()) - i128::from(a.at.as_nanos());
        if is_moved_alone && by != 0 {
            if let Some((before, count)) = &mut self.moved
                && *before == by
            {
                *count += 1;
                self.lanes_of(a, b);
                return;
            }
            self.count_unchanged();
            self.moved = Some((by, 0));
        } else {
            self.count_unchanged();
        }
        let (roles_a, roles_b) = self.lanes_of(a, b);
        let at = b.at.to_string();
        let is_moved = by != 0;
        let moved_to = |line: &Line| {
            let mut line = line.clone();
            if is_moved {
                line.fate += &format!("  {} -> {}", a.at, b.at);
            }
            line
        };
        // The cause is one line, or two: of A and of B.
        let of_cause = if lines.first().is_some_and(|line| line.sign == '-') { 2 } else { 1 };
        let (cause, effects) = lines.split_at(of_cause);
        match cause {
            [cause] if a.roles == b.roles => {
                let sign = if is_moved { '~' } else { cause.sign };
                self.line(sign, (&at, &b.who), &moved_to(&cause.line), &roles_b);
            }
            [cause] => {
                self.line('-', (&a.at.to_string(), &a.who), &cause.line, &roles_a);
                self.line('+', (&at, &b.who), &cause.line, &roles_b);
            }
            of_both => {
                for (side, line) in of_both.iter().enumerate() {
                    let (scene, roles) = [(a, &roles_a), (b, &roles_b)][side];
                    self.line(line.sign, (&scene.at.to_string(), &scene.who), &line.line, roles);
                }
            }
        }
        for effect in effects.iter().filter(|_| !is_moved_alone || !is_moved) {
            self.line(effect.sign, ("", ""), &effect.line, "");
        }
    }

    /// Takes the changes of roles of a step in; the lanes as they are then in A and in B.
    fn lanes_of(&mut self, a: &Scene, b: &Scene) -> (String, String) {
        self.lanes_a.pass(&a.unseen_roles);
        self.lanes_b.pass(&b.unseen_roles);
        (self.lanes_a.change(&a.roles), self.lanes_b.change(&b.roles))
    }

    /// Tells how many events were the same, or moved alike, up to here.
    fn count_unchanged(&mut self) {
        self.end_moved();
        match std::mem::take(&mut self.unchanged) {
            0 => {}
            1 => self.dots("1 event unchanged"),
            many => self.dots(&format!("{many} events unchanged")),
        }
    }

    fn end_moved(&mut self) {
        if let Some((by, count)) = self.moved.take()
            && count > 0
        {
            let steps = if count == 1 { "1 step".to_owned() } else { format!("{count} steps") };
            let span = Time::from_nanos(u64::try_from(by.unsigned_abs()).unwrap_or(u64::MAX));
            let way = if by > 0 { "later" } else { "earlier" };
            let words = format!("{steps} more, {span}ms {way}, too");
            self.line('~', ("...", "..."), &Line::new(words), "");
        }
    }

    fn dots(&mut self, words: &str) {
        self.line(' ', ("...", "..."), &Line::new(words), "");
    }

    fn line(&mut self, sign: char, (at, who): (&str, &str), line: &Line, lanes: &str) {
        let before = format!("{sign} {at:>width$}  {who:<4} ", width = self.time_width);
        line.write(&mut self.text, &before, lanes, self.has_keys);
        self.lines += 1;
    }
}
