//! What a machine's marks promise: the driver hears of them, and nothing else does.

use std::ops::RangeInclusive;

use rehearsal_machine::draws::{Lowest, Recorded};
use rehearsal_machine::{
    Context, Draw, Effect, Input, Machine, Message, Nested, Node, NodeId, Nothing, Time, compose,
};

/// Draws the low end, and hears marks.
#[derive(Default)]
struct Hears(Vec<&'static str>);

impl Draw for Hears {
    fn draw(&mut self, range: RangeInclusive<u64>) -> u64 {
        *range.start()
    }

    fn mark(&mut self, name: &'static str) {
        self.0.push(name);
    }
}

#[derive(Clone, Debug)]
struct Echo;

impl Message for Echo {
    fn kind(&self) -> &'static str {
        "echo"
    }
}

/// Sends what it hears back, and marks that.
#[derive(Default)]
struct Child;

impl Machine for Child {
    type Message = Echo;
    type Command = bool;
    type Output = u64;
    type Timer = Nothing;
    type Cell = Nothing;
    type Saved = Nothing;

    /// A command tells whether to mark.
    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        let Input::Command(marks) = input else { return };
        if marks {
            cx.mark("child, before");
        }
        let drawn = cx.draw(3..=9);
        cx.send(cx.me(), Echo);
        cx.emit(drawn);
        if marks {
            cx.mark("child, after");
        }
    }
}

/// How a parent asks its child.
#[derive(Clone, Copy)]
enum Way {
    Nest,
    Delegate,
    /// Drops all effects of the child.
    Filter,
}

struct Parent {
    child: Nested<Child>,
    way: Way,
}

compose! {
    parts of Parent { Child(Child) => ask }
}

impl Parent {
    fn new(way: Way) -> Self {
        Self { child: Nested::new(Child), way }
    }

    fn ask(&mut self, input: Input<Child>, cx: &mut Context<'_, Self>) {
        match self.way {
            Way::Nest => cx.nest(
                self,
                |it| Some(&mut it.child),
                input,
                |_, output, cx| {
                    cx.mark("parent, on output");
                    cx.emit(output);
                },
            ),
            Way::Delegate => cx.delegate(&mut self.child, input),
            Way::Filter => cx.delegate_filtered(&mut self.child, input, |_| None),
        }
    }
}

impl Machine for Parent {
    type Message = Echo;
    type Command = bool;
    type Output = u64;
    type Timer = Nothing;
    type Cell = Nothing;
    type Saved = Nothing;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Command(marks) => self.ask(Input::Command(marks), cx),
            input => self.route(input, cx),
        }
    }
}

/// The effects of a command, as texts.
fn effects(way: Way, marks: bool, draws: &mut dyn Draw) -> Vec<String> {
    let one = NodeId::new(1).expect("not 0");
    let mut node = Node::new(one, 1, Parent::new(way));
    let mut effects: Vec<Effect<_>> = Vec::new();
    node.handle(Input::Command(marks), Time::ZERO, draws, &mut effects);
    effects.iter().map(|effect| format!("{effect:?}")).collect()
}

#[test]
fn marks_of_a_child_reach_the_driver_in_their_order_whichever_way_it_is_asked() {
    let heard = |way| {
        let mut hears = Hears::default();
        effects(way, true, &mut hears);
        hears.0
    };
    assert_eq!(heard(Way::Nest), ["child, before", "child, after", "parent, on output"]);
    assert_eq!(heard(Way::Delegate), ["child, before", "child, after"]);
    // What a parent drops of a child's effects, it does not drop of its marks.
    assert_eq!(heard(Way::Filter), ["child, before", "child, after"]);
}

#[test]
fn a_mark_is_no_effect_and_no_draw() {
    for way in [Way::Nest, Way::Delegate, Way::Filter] {
        let [with, without] = [true, false].map(|marks| {
            let (mut hears, mut drawn) = (Hears::default(), Vec::new());
            let effects = effects(way, marks, &mut Recorded::new(&mut hears, &mut drawn));
            assert_eq!(hears.0.iter().any(|mark| mark.starts_with("child")), marks);
            (effects, drawn)
        });
        assert_eq!(with, without);
        // Nor does it need anybody who hears it.
        assert_eq!(effects(way, true, &mut Lowest), without.0);
    }
}
