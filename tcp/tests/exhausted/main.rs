//! A node in a process that has no more files to open: a process of its own,
//! since all of it has the same files.

#[path = "../nodes/asker.rs"]
mod asker;
#[expect(dead_code, reason = "other tests need more of it")]
#[path = "../nodes/house.rs"]
mod house;
#[path = "../nodes/log.rs"]
mod log;
#[expect(dead_code, reason = "other tests need more of it")]
#[path = "../nodes/pair.rs"]
mod pair;
#[expect(dead_code, reason = "other tests need more of it")]
#[path = "../nodes/proxy.rs"]
mod proxy;
#[expect(dead_code, reason = "other tests need more of it")]
#[path = "../nodes/raw.rs"]
mod raw;
#[expect(dead_code, reason = "other tests need more of it")]
#[path = "../nodes/test_cluster.rs"]
mod test_cluster;

use std::fs::File;
use std::time::Duration;

use rehearsal_tcp::Security;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::asker::Told;
use crate::house::House;
use crate::pair::{node, until};
use crate::raw::{Raw, ask, frame};
use crate::test_cluster::within_a_minute;

#[test]
fn without_files_nobody_comes_in_and_nobody_is_cut_and_later_all_is_well() {
    within_a_minute(async {
        let house = House::new(Security::Insecure);
        house.serves(1).await;
        let links = house.two.metrics.traffic(node(3)).links;
        let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
        setrlimit(Resource::Nofile, Rlimit { current: Some(100), maximum }).expect("it is allowed");
        let mut files = Vec::new();
        while let Ok(file) = File::open("/dev/null") {
            files.push(file);
        }
        // One for the dialer, and none for whom it dials.
        files.pop();
        let raw = Raw::plain(house.door()).await;
        let told = || house.log.all().iter().any(|told| told.starts_with("no connection can be"));
        until(async || told()).await;
        // Long enough for the node to try again several times.
        let tries = tokio::time::Instant::now() + Duration::from_millis(350);
        for number in 2.. {
            house.serves(number).await;
            if tokio::time::Instant::now() > tries {
                break;
            }
        }
        files.clear();
        let mut raw = raw.admitted().await;
        raw.say(&frame(1, &ask(1))).await.expect("it listens");
        let heard = Told::Asked { from: node(1), number: 1, is_whole: true };
        until(async || house.heard.all().contains(&heard)).await;
        assert_eq!(house.two.metrics.traffic(node(3)).links, links, "nobody was cut");
        assert_eq!(house.log.all().len(), 1, "it is told once");
        house.stop().await;
    });
}
