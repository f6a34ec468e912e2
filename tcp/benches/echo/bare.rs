use std::net::TcpListener as StdListener;
use std::time::{Duration, Instant};

use bytes::{Buf as _, BufMut as _, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_util::codec::{Decoder as _, LengthDelimitedCodec};

use crate::machine::Order;

const ROOM: usize = 64 * 1_024;

pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin {}
impl<S: AsyncRead + AsyncWrite + Unpin> Stream for S {}

/// Sends every frame back.
pub(crate) async fn echo(mut stream: impl Stream) {
    let mut codec = LengthDelimitedCodec::new();
    let (mut arrived, mut out) = (BytesMut::new(), BytesMut::new());
    loop {
        arrived.reserve(ROOM);
        if stream.read_buf(&mut arrived).await.unwrap_or(0) == 0 {
            return;
        }
        while let Some(frame) = codec.decode(&mut arrived).expect("frames are sound") {
            put(&frame, &mut out);
        }
        stream.write_all(&out).await.expect("the other side reads");
        stream.flush().await.expect("the other side reads");
        out.clear();
    }
}

/// Keeps packets on their way until all have come back; tells when each read's
/// frames had.
pub(crate) async fn drive(stream: &mut impl Stream, order: Order) -> Vec<Duration> {
    // What the frame of a packet has: kind, count, number, length, payload, check sum.
    let frame = vec![7; 1 + 3 + 3 + 2 + order.size + 4];
    let mut codec = LengthDelimitedCodec::new();
    let (mut arrived, mut out) = (BytesMut::new(), BytesMut::new());
    let (mut sent, mut back) = (order.in_flight.min(order.packets), 0);
    let mut times = Vec::new();
    let began = Instant::now();
    (0..sent).for_each(|_| put(&frame, &mut out));
    while back < order.packets {
        stream.write_all(&out).await.expect("the other side reads");
        stream.flush().await.expect("the other side reads");
        out.clear();
        arrived.reserve(ROOM);
        stream.read_buf(&mut arrived).await.expect("the other side writes");
        while let Some(frame) = codec.decode(&mut arrived).expect("frames are sound") {
            back += 1;
            if sent < order.packets {
                sent += 1;
                put(&frame, &mut out);
            }
        }
        times.push(began.elapsed());
    }
    times
}

fn put(frame: &[u8], out: &mut BytesMut) {
    out.reserve(4 + frame.len());
    out.put_u32(frame.len() as u32);
    out.put_slice(frame);
    debug_assert!(out.has_remaining());
}

pub(crate) async fn accept(listener: StdListener) -> TcpStream {
    listener.set_nonblocking(true).expect("it can be had");
    let listener = tokio::net::TcpListener::from_std(listener).expect("it can be had");
    let (stream, _) = listener.accept().await.expect("somebody comes");
    stream.set_nodelay(true).expect("it can be had");
    stream
}
