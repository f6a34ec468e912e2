use rehearsal_machine::{Context, Input, Machine, NodeId};
use serde::{Deserialize, Serialize};

/// A number and a payload.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Packet {
    pub(crate) number: u32,
    pub(crate) payload: String,
}

impl rehearsal_machine::Message for Packet {
    fn kind(&self) -> &'static str {
        "packet"
    }
}

/// Keep `in_flight` packets of this size on their way until all have returned.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) packets: u32,
    pub(crate) in_flight: u32,
    pub(crate) size: usize,
}

/// This many packets have returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Back(pub(crate) u32);

/// n1 sends packets, and n2 sends them back.
#[derive(Default)]
pub(crate) struct Echo {
    order: Option<Order>,
    sent: u32,
    back: u32,
}

impl Machine for Echo {
    type Message = Packet;
    type Command = Order;
    type Output = Back;
    type Timer = ();
    type Cell = ();
    type Saved = ();

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Start(_) | Input::Timer(()) | Input::Link { .. } => {}
            Input::Command(order) => {
                (self.order, self.sent, self.back) = (Some(order), 0, 0);
                let payload = "x".repeat(order.size);
                for _ in 0..order.in_flight.min(order.packets) {
                    self.sent += 1;
                    let packet = Packet { number: self.sent, payload: payload.clone() };
                    cx.send(NodeId::from_index(1), packet);
                }
            }
            Input::Message { from, message } => match self.order {
                None => cx.send(from, message),
                Some(order) => {
                    self.back += 1;
                    // With one packet in flight each return is emitted, to measure each round trip.
                    if order.in_flight == 1 || self.back == order.packets {
                        cx.emit(Back(self.back));
                    }
                    if self.sent < order.packets {
                        self.sent += 1;
                        cx.send(from, Packet { number: self.sent, payload: message.payload });
                    }
                }
            },
        }
    }
}
