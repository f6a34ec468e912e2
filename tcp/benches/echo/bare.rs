use std::net::TcpListener as StdListener;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::{FutureExt as _, SinkExt, StreamExt as _};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_util::codec::{Framed, LengthDelimitedCodec};

use crate::machine::Order;

pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin {}
impl<S: AsyncRead + AsyncWrite + Unpin> Stream for S {}

/// Sends every frame back: the echo of tokio's own codec.
pub(crate) async fn echo(stream: impl Stream) {
    let (sink, frames) = Framed::new(stream, LengthDelimitedCodec::new()).split();
    // It ends with an error when the other process is killed.
    let _ = frames.map(|frame| frame.map(Bytes::from)).forward(sink).await;
}

/// Keeps packets in flight until all have returned. Returns, for each group that was handled
/// together, the time until it had returned.
pub(crate) async fn drive(stream: &mut impl Stream, order: Order) -> Vec<Duration> {
    // The size of a packet's frame: kind, count, number, length, payload, checksum.
    let frame = Bytes::from(vec![7; 1 + 3 + 3 + 2 + order.size + 4]);
    let mut frames = Framed::new(stream, LengthDelimitedCodec::new());
    let (mut sent, mut back) = (order.in_flight.min(order.packets), 0);
    let mut times = Vec::new();
    let began = Instant::now();
    for _ in 0..sent {
        frames.feed(frame.clone()).await.expect("the other side reads");
    }
    while back < order.packets {
        SinkExt::<Bytes>::flush(&mut frames).await.expect("the other side reads");
        let mut next = frames.next().await;
        while let Some(Ok(frame)) = next {
            back += 1;
            if sent < order.packets {
                sent += 1;
                frames.feed(frame.freeze()).await.expect("the other side reads");
            }
            next = if back < order.packets { frames.next().now_or_never().flatten() } else { None };
        }
        times.push(began.elapsed());
    }
    times
}

pub(crate) async fn accept(listener: StdListener) -> TcpStream {
    listener.set_nonblocking(true).expect("it can be had");
    let listener = tokio::net::TcpListener::from_std(listener).expect("it can be had");
    let (stream, _) = listener.accept().await.expect("a dialer");
    stream.set_nodelay(true).expect("it can be had");
    stream
}
