use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::task::yield_now;
use tokio::time::{Instant, timeout};

use super::{Mode, Proxy, Way};

/// Both ends of connections through a proxy.
struct Bed {
    listener: TcpListener,
    proxy: Proxy,
}

impl Bed {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let target = listener.local_addr().expect("it listens");
        Self { listener, proxy: Proxy::before(target).expect("a port is free") }
    }

    async fn dial(&self) -> TcpStream {
        TcpStream::connect(self.proxy.address()).await.expect("the proxy listens")
    }

    async fn connect(&self) -> (TcpStream, TcpStream) {
        let dialer = self.dial().await;
        (dialer, self.listener.accept().await.expect("the proxy dials").0)
    }
}

fn within_a_minute(test: impl Future<Output = ()>) {
    let runtime = Builder::new_current_thread().enable_all().build().expect("there is one");
    let ended = runtime.block_on(async { timeout(Duration::from_secs(60), test).await });
    ended.expect("it hangs");
}

async fn say(to: &mut TcpStream, text: &str) {
    to.write_all(text.as_bytes()).await.expect("it is open");
}

async fn hear(from: &mut TcpStream, bytes: usize) -> String {
    let mut heard = vec![0; bytes];
    from.read_exact(&mut heard).await.expect("it is open");
    String::from_utf8(heard).expect("it is text")
}

/// Has this end closed, in an orderly way or not?
async fn is_over(end: &mut TcpStream) -> bool {
    !matches!(end.read(&mut [0; 16]).await, Ok(1..))
}

#[test]
fn bytes_go_both_ways_and_an_end_is_passed_on() {
    within_a_minute(async {
        let bed = Bed::new().await;
        let (mut one, mut two) = bed.connect().await;
        say(&mut one, "hello").await;
        assert_eq!(hear(&mut two, 5).await, "hello");
        say(&mut two, "back").await;
        drop(two);
        assert_eq!(hear(&mut one, 4).await, "back");
        assert!(is_over(&mut one).await);
        assert_eq!((bed.proxy.said(), bed.proxy.harmed()), (b"hello".to_vec(), 0));
    });
}

/// If the proxy waited with each chunk before it read the next one, twenty of them would take two
/// seconds to be read.
#[test]
fn delayed_bytes_are_late_by_the_span_and_do_not_wait_for_each_other() {
    const SPAN: Duration = Duration::from_millis(100);
    within_a_minute(async {
        let bed = Bed::new().await;
        bed.proxy.set(Mode::Delay(SPAN));
        let (mut one, mut two) = bed.connect().await;
        let began = Instant::now();
        for read in 1..=20 {
            say(&mut one, "x").await;
            while bed.proxy.said().len() < read {
                yield_now().await;
            }
        }
        assert!(began.elapsed() < 10 * SPAN, "{:?}", began.elapsed());
        assert_eq!(hear(&mut two, 20).await, "x".repeat(20));
        assert!(began.elapsed() >= SPAN, "{:?}", began.elapsed());
    });
}

#[test]
fn nothing_overtakes_what_was_delayed() {
    within_a_minute(async {
        let bed = Bed::new().await;
        let span = Duration::from_millis(100);
        bed.proxy.set(Mode::Delay(span));
        let (mut one, mut two) = bed.connect().await;
        let began = Instant::now();
        say(&mut one, "late ").await;
        while bed.proxy.said().len() < 5 {
            yield_now().await;
        }
        bed.proxy.set(Mode::Forward);
        say(&mut one, "later").await;
        assert_eq!(hear(&mut two, 10).await, "late later");
        assert!(began.elapsed() >= span, "{:?}", began.elapsed());
        say(&mut one, "now").await;
        assert_eq!(hear(&mut two, 3).await, "now");
    });
}

/// A link that is cut takes new connections only to reset them, and the target hears of none.
#[test]
fn a_cut_link_loses_its_connections_until_it_is_mended() {
    within_a_minute(async {
        let bed = Bed::new().await;
        let (mut one, mut two) = bed.connect().await;
        bed.proxy.set(Mode::Reset);
        assert!(is_over(&mut one).await && is_over(&mut two).await);
        for _ in 0..3 {
            assert!(is_over(&mut bed.dial().await).await);
        }
        bed.proxy.set(Mode::Forward);
        let (mut one, mut two) = bed.connect().await;
        say(&mut one, "mended").await;
        assert_eq!(hear(&mut two, 6).await, "mended", "the first connection after the cut");
    });
}

#[test]
fn a_stalled_direction_leaves_the_other_one_alone() {
    within_a_minute(async {
        let bed = Bed::new().await;
        let (mut one, mut two) = bed.connect().await;
        bed.proxy.set(Mode::Stall(Way::There));
        say(&mut one, "held").await;
        say(&mut two, "free").await;
        assert_eq!(hear(&mut one, 4).await, "free");
        assert!(bed.proxy.said().is_empty());
        bed.proxy.set(Mode::Forward);
        assert_eq!(hear(&mut two, 4).await, "held");
    });
}

#[test]
fn all_ends_with_the_proxy() {
    within_a_minute(async {
        let bed = Bed::new().await;
        let (mut one, mut two) = bed.connect().await;
        let address = bed.proxy.address();
        drop(bed.proxy);
        assert!(is_over(&mut one).await && is_over(&mut two).await);
        while TcpStream::connect(address).await.is_ok() {
            yield_now().await;
        }
    });
}
