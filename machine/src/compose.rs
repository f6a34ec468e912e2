#[doc = include_str!("compose.md")]
#[macro_export]
macro_rules! compose {
    (
        parts of $machine:ident { $($parts:tt)* }
        $($roles:tt)*
    ) => {
        $crate::__compose!(@parts (parts $machine) [] [] { $($parts)* } $($roles)*);
    };
    (
        $(#[$meta:meta])*
        $vis:vis one_of $machine:ident {
            $($(#[$part_meta:meta])* $part:ident($ty:ty)),+ $(,)?
        }
        $($roles:tt)*
    ) => {
        $(#[$meta])*
        $vis enum $machine {
            $($(#[$part_meta])* $part($crate::Nested<$ty>),)+
        }

        $(
            impl From<$ty> for $machine {
                fn from(machine: $ty) -> Self {
                    Self::$part($crate::Nested::new(machine))
                }
            }
        )+

        $crate::__compose!(
            @parts (one_of $machine) [] []
            { $($(#[$part_meta])* $part($ty) => _,)+ }
            $($roles)*
        );
    };
    ($($other:tt)*) => {
        ::core::compile_error!(
            "compose! begins with `parts of Machine { Part(PartMachine) => method, .. }` or with \
             `pub one_of Machine { Form(FormMachine), .. }`"
        );
    };
}

/// The steps of [`compose!`]: read the parts, read the enums one by one, write the
/// conversions.
///
/// A part is kept as `{ [attributes] Variant (Type) method (kind) SavedVariant }`,
/// an enum's name as `[Name]`, or `[]` where it is left out.
#[doc(hidden)]
#[macro_export]
macro_rules! __compose {
    // The parts, the first one first.
    (@parts $of:tt [$($done:tt)*] [$($saved:tt)*] {
        $(#[$meta:meta])* $part:ident($ty:ty) => $ask:tt
        $({ $(kind: $kind:ident $(,)?)? $(saved: $variant:ident $(,)?)? })?
        $(, $($rest:tt)*)?
    } $($roles:tt)*) => {
        $crate::__compose!(@part $of [$($done)*] [$($saved)*]
            [$(#[$meta])*] $part ($ty) $ask
            [$($($kind)?)?] [$($($variant)?)?]
            { $($($rest)*)? } $($roles)*);
    };
    (@parts $of:tt $parts:tt $saved:tt {} $($roles:tt)*) => {
        $crate::__compose!(@roles $of $parts $saved [] [] [] [] $($roles)*);
    };
    (@parts $of:tt $parts:tt $saved:tt { $($other:tt)* } $($roles:tt)*) => {
        ::core::compile_error!(
            "a part of compose! is `Variant(Machine) => method`, perhaps with \
             `{ kind: function, saved: Variant }` after it"
        );
    };

    // What a part does not say is as usual.
    (@part $of:tt $done:tt $saved:tt $meta:tt $part:ident $ty:tt $ask:tt [] $variant:tt
        $($rest:tt)*) => {
        $crate::__compose!(@part $of $done $saved $meta $part $ty $ask
            [$crate::Message::kind] $variant $($rest)*);
    };
    (@part $of:tt [$($done:tt)*] [$($saved:tt)*] $meta:tt $part:ident $ty:tt $ask:tt
        [$($kind:tt)+] [] { $($parts:tt)* } $($roles:tt)*) => {
        $crate::__compose!(@parts $of
            [$($done)* { $meta $part $ty $ask ($($kind)+) $part }]
            [$($saved)* { $meta $part $ty }]
            { $($parts)* } $($roles)*);
    };
    (@part $of:tt [$($done:tt)*] [$($saved:tt)*] $meta:tt $part:ident $ty:tt $ask:tt
        [$($kind:tt)+] [$variant:ident] { $($parts:tt)* } $($roles:tt)*) => {
        $crate::__compose!(@parts $of
            [$($done)* { $meta $part $ty $ask ($($kind)+) $variant }]
            [$($saved)*]
            { $($parts)* } $($roles)*);
    };

    // The enums.
    (@roles $of:tt
        [$({ [$($part_meta:tt)*] $part:ident ($ty:ty) $ask:tt ($kind:path) $variant:ident })*]
        $saved:tt [] $timer:tt $cell:tt $value:tt
        $(#[$meta:meta])*
        $vis:vis message $name:ident {
            $($(#[$before_meta:meta])* $before:ident $(($($before_ty:ty),* $(,)?))?
                = $before_kind:literal,)*
            ..
            $(, $(#[$after_meta:meta])* $after:ident $(($($after_ty:ty),* $(,)?))?
                = $after_kind:literal)*
            $(,)?
        }
        $($roles:tt)*) => {
        $(#[$meta])*
        $vis enum $name {
            $($(#[$before_meta])* $before $(($($before_ty),*))?,)*
            $($($part_meta)* $part(<$ty as $crate::Machine>::Message),)*
            $($(#[$after_meta])* $after $(($($after_ty),*))?,)*
        }

        impl $crate::Message for $name {
            fn kind(&self) -> &'static str {
                match self {
                    $(Self::$before { .. } => $before_kind,)*
                    $(Self::$part(message) => $kind(message),)*
                    $(Self::$after { .. } => $after_kind,)*
                }
            }
        }

        $crate::__compose!(@roles $of
            [$({ [$($part_meta)*] $part ($ty) $ask ($kind) $variant })*]
            $saved [$name] $timer $cell $value $($roles)*);
    };
    (@roles $of:tt $parts:tt $saved:tt $message:tt [] $cell:tt $value:tt
        $(#[$meta:meta])* $vis:vis timer $name:ident { $($body:tt)* } $($roles:tt)*) => {
        $crate::__compose!(@enum Timer $parts [$(#[$meta])*] [$vis] $name { $($body)* });
        $crate::__compose!(@roles $of $parts $saved $message [$name] $cell $value $($roles)*);
    };
    (@roles $of:tt $parts:tt $saved:tt $message:tt $timer:tt [] $value:tt
        $(#[$meta:meta])* $vis:vis cell $name:ident { $($body:tt)* } $($roles:tt)*) => {
        $crate::__compose!(@enum Cell $parts [$(#[$meta])*] [$vis] $name { $($body)* });
        $crate::__compose!(@roles $of $parts $saved $message $timer [$name] $value $($roles)*);
    };
    (@roles $of:tt $parts:tt
        [$({ [$($part_meta:tt)*] $part:ident ($ty:ty) })*]
        $message:tt $timer:tt $cell:tt []
        $(#[$meta:meta])*
        $vis:vis saved $name:ident {
            $($(#[$before_meta:meta])* $before:ident $(($($before_ty:ty),* $(,)?))?,)*
            ..
            $(, $(#[$after_meta:meta])* $after:ident $(($($after_ty:ty),* $(,)?))?)*
            $(,)?
        }
        $($roles:tt)*) => {
        $(#[$meta])*
        $vis enum $name {
            $($(#[$before_meta])* $before $(($($before_ty),*))?,)*
            $($($part_meta)* $part(<$ty as $crate::Machine>::Saved),)*
            $($(#[$after_meta])* $after $(($($after_ty),*))?,)*
        }

        $crate::__compose!(@roles $of $parts [] $message $timer $cell [$name] $($roles)*);
    };
    (@roles $of:tt $parts:tt $saved:tt $message:tt $timer:tt $cell:tt $value:tt) => {
        $crate::__compose!(@embeds $of $parts $message $timer $cell $value);
        $crate::__compose!(@handle $of $parts $message $timer $cell $value);
    };
    (@roles $of:tt $parts:tt $saved:tt $message:tt $timer:tt $cell:tt $value:tt $($other:tt)*) => {
        ::core::compile_error!(
            "after its parts compose! has up to four enums, each once: `message Name { .. }`, \
             `timer Name { .. }`, `cell Name { .. }`, `saved Name { .. }`; `..` stands for the \
             parts' variants, own ones are units or tuples, and those of a message name their \
             kind: `Hello(u32) = \"hello\"`"
        );
    };

    // The enum of names of deadlines, or of cells.
    (@enum $assoc:ident
        [$({ [$($part_meta:tt)*] $part:ident ($ty:ty) $ask:tt $kind:tt $variant:ident })*]
        [$($meta:tt)*] [$vis:vis] $name:ident {
            $($(#[$before_meta:meta])* $before:ident $(($($before_ty:ty),* $(,)?))?,)*
            ..
            $(, $(#[$after_meta:meta])* $after:ident $(($($after_ty:ty),* $(,)?))?)*
            $(,)?
        }) => {
        $($meta)*
        $vis enum $name {
            $($(#[$before_meta])* $before $(($($before_ty),*))?,)*
            $($($part_meta)* $part(<$ty as $crate::Machine>::$assoc),)*
            $($(#[$after_meta])* $after $(($($after_ty),*))?,)*
        }

        $crate::__compose!(@debug $name f { $(Self::$part(part) => ::core::fmt::Debug::fmt(part, f),)* }
            $($before [$($($before_ty),*)?])* $($after [$($($after_ty),*)?])*);
    };
    (@enum $($other:tt)*) => {
        ::core::compile_error!(
            "an enum of compose! is `Name { .. }`, with own variants before or after the `..`, \
             which are units or tuples"
        );
    };

    // A name that shows as the part's own.
    (@debug $name:ident $f:ident { $($arms:tt)* } $own:ident [] $($rest:tt)*) => {
        $crate::__compose!(@debug $name $f {
            $($arms)* Self::$own => $f.write_str(::core::stringify!($own)),
        } $($rest)*);
    };
    (@debug $name:ident $f:ident { $($arms:tt)* } $own:ident [$a:ty] $($rest:tt)*) => {
        $crate::__compose!(@debug $name $f {
            $($arms)* Self::$own(a) => $f.debug_tuple(::core::stringify!($own)).field(a).finish(),
        } $($rest)*);
    };
    (@debug $name:ident $f:ident { $($arms:tt)* } $own:ident [$a:ty, $b:ty] $($rest:tt)*) => {
        $crate::__compose!(@debug $name $f {
            $($arms)* Self::$own(a, b) => {
                $f.debug_tuple(::core::stringify!($own)).field(a).field(b).finish()
            }
        } $($rest)*);
    };
    (@debug $name:ident $f:ident { $($arms:tt)* } $own:ident [$a:ty, $b:ty, $c:ty] $($rest:tt)*) => {
        $crate::__compose!(@debug $name $f {
            $($arms)* Self::$own(a, b, c) => {
                $f.debug_tuple(::core::stringify!($own)).field(a).field(b).field(c).finish()
            }
        } $($rest)*);
    };
    (@debug $name:ident $f:ident { $($arms:tt)* }) => {
        /// Of a part: as the part shows it.
        impl ::core::fmt::Debug for $name {
            fn fmt(&self, $f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                match self {
                    $($arms)*
                }
            }
        }
    };

    (@embeds ($of:ident $machine:ident)
        [$({ $meta:tt $part:ident ($ty:ty) $ask:tt $kind:tt $variant:ident })*]
        $message:tt $timer:tt $cell:tt $value:tt) => {
        $(
            impl $crate::Embeds<$ty> for $machine {
                fn message(message: <$ty as $crate::Machine>::Message) -> Self::Message {
                    $crate::__compose!(@wrap $message $part message)
                }

                fn timer(timer: <$ty as $crate::Machine>::Timer) -> Self::Timer {
                    $crate::__compose!(@wrap $timer $part timer)
                }

                fn cell(cell: <$ty as $crate::Machine>::Cell) -> Self::Cell {
                    $crate::__compose!(@wrap $cell $part cell)
                }

                fn saved(saved: <$ty as $crate::Machine>::Saved) -> Self::Saved {
                    $crate::__compose!(@wrap $value $variant saved)
                }

                fn stored(
                    cell: &Self::Cell,
                    saved: &Self::Saved,
                ) -> ::core::option::Option<(
                    <$ty as $crate::Machine>::Cell,
                    <$ty as $crate::Machine>::Saved,
                )> {
                    let cell = $crate::__compose!(@unwrap $cell $part cell)?;
                    let saved = $crate::__compose!(@unwrap $value $variant saved)?;
                    ::core::option::Option::Some((
                        ::core::clone::Clone::clone(cell),
                        ::core::clone::Clone::clone(saved),
                    ))
                }
            }
        )*
    };
    (@wrap [] $variant:ident $value:ident) => { $value };
    (@wrap [$name:ident] $variant:ident $value:ident) => { $name::$variant($value) };
    (@unwrap [] $variant:ident $value:ident) => { ::core::option::Option::Some($value) };
    (@unwrap [$name:ident] $variant:ident $value:ident) => {
        match $value {
            $name::$variant(part) => ::core::option::Option::Some(part),
            #[allow(unreachable_patterns, reason = "of a single part all is that part's")]
            _ => ::core::option::Option::None,
        }
    };

    // Of several parts: the method that routes.
    (@handle (parts $machine:ident)
        [$({ $meta:tt $part:ident ($ty:ty) $ask:ident $kind:tt $variant:ident })*]
        $message:tt $timer:tt $cell:tt $value:tt) => {
        $crate::__compose!(@apart $machine $cell [$($part)*]);

        $(
            const _: () = assert!(
                <$machine as $crate::Machine>::HEARS_LINKS
                    || !<$ty as $crate::Machine>::HEARS_LINKS,
                "a part hears of links: set `HEARS_LINKS` of the whole, too"
            );
        )*

        impl $machine {
            /// Gives the messages and deadlines of a part to that part, and news of
            /// links to every part that hears of them. Ignores all other inputs.
            fn route(
                &mut self,
                input: $crate::Input<Self>,
                cx: &mut $crate::Context<'_, Self>,
            ) {
                match input {
                    $crate::Input::Message { from, message } => {
                        $crate::__compose!(@route $message message
                            [$($part (part => self.$ask($crate::Input::Message { from, message: part }, cx)))*]);
                    }
                    $crate::Input::Timer(timer) => {
                        $crate::__compose!(@route $timer timer
                            [$($part (part => self.$ask($crate::Input::Timer(part), cx)))*]);
                    }
                    $crate::Input::Link { peer, up } => {
                        $(
                            if <$ty as $crate::Machine>::HEARS_LINKS {
                                self.$ask($crate::Input::Link { peer, up }, cx);
                            }
                        )*
                    }
                    $crate::Input::Start(_) | $crate::Input::Command(_) => {}
                }
            }
        }
    };
    // Several parts must not share a cell.
    (@apart $machine:ident [] [$first:ident $second:ident $($more:ident)*]) => {
        const _: fn(<$machine as $crate::Machine>::Cell) = |cell| match cell {};
    };
    (@apart $machine:ident $cell:tt $parts:tt) => {};
    (@route [] $value:ident [$part:ident ($own:ident => $do:expr)]) => {{
        let $own = $value;
        $do
    }};
    // No part has any, or it could be any part's: the compiler asks for a type without values.
    (@route [] $value:ident $arms:tt) => { match $value {} };
    (@route [$name:ident] $value:ident [$($part:ident ($own:ident => $do:expr))*]) => {
        match $value {
            $($name::$part($own) => $do,)*
            #[allow(unreachable_patterns, reason = "there may be no variants but the parts'")]
            _ => {}
        }
    };

    // One of several: the machine.
    (@handle (one_of $machine:ident)
        [
            { $first_meta:tt $first:ident ($first_ty:ty) $first_ask:tt $first_kind:tt $first_variant:ident }
            $({ $meta:tt $part:ident ($ty:ty) $ask:tt $kind:tt $variant:ident })*
        ]
        $message:tt $timer:tt $cell:tt $value:tt) => {
        impl $crate::Machine for $machine {
            type Message = $crate::__compose!(@type $message $first_ty, Message);
            type Command = <$first_ty as $crate::Machine>::Command;
            type Output = <$first_ty as $crate::Machine>::Output;
            type Timer = $crate::__compose!(@type $timer $first_ty, Timer);
            type Cell = $crate::__compose!(@type $cell $first_ty, Cell);
            type Saved = $crate::__compose!(@type $value $first_ty, Saved);

            const HEARS_LINKS: bool = <$first_ty as $crate::Machine>::HEARS_LINKS
                $(|| <$ty as $crate::Machine>::HEARS_LINKS)*;

            /// Ignores messages and deadlines of another form.
            fn handle(&mut self, input: $crate::Input<Self>, cx: &mut $crate::Context<'_, Self>) {
                match self {
                    Self::$first(form) => {
                        let input = $crate::__compose!(@input $first ($first_ty) input $message $timer);
                        cx.delegate(form, input);
                    }
                    $(
                        Self::$part(form) => {
                            let input = $crate::__compose!(@input $part ($ty) input $message $timer);
                            cx.delegate(form, input);
                        }
                    )*
                }
            }
        }
    };
    (@type [] $ty:ty, $assoc:ident) => { <$ty as $crate::Machine>::$assoc };
    (@type [$name:ident] $ty:ty, $assoc:ident) => { $name };
    (@input $part:ident ($ty:ty) $input:ident $message:tt $timer:tt) => {
        match $input {
            $crate::Input::Start(storage) => {
                <Self as $crate::Embeds<$ty>>::start_input(&storage)
            }
            $crate::Input::Command(command) => $crate::Input::Command(command),
            $crate::Input::Message { from, message } => $crate::Input::Message {
                from,
                message: $crate::__compose!(@or_return $message $part message),
            },
            $crate::Input::Timer(timer) => {
                $crate::Input::Timer($crate::__compose!(@or_return $timer $part timer))
            }
            $crate::Input::Link { peer, up } if <$ty as $crate::Machine>::HEARS_LINKS => {
                $crate::Input::Link { peer, up }
            }
            $crate::Input::Link { .. } => return,
        }
    };
    (@or_return [] $part:ident $value:ident) => { $value };
    (@or_return [$name:ident] $part:ident $value:ident) => {
        match $value {
            $name::$part(part) => part,
            #[allow(unreachable_patterns, reason = "of a single form all is that form's")]
            _ => return,
        }
    };
}
