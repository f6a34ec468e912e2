//! A node in a process that has exhausted its file descriptors. The test needs a process of its own,
//! because all threads of a process share its descriptors.

#![expect(dead_code, reason = "other tests need more of what both use")]

#[path = "../nodes/asker.rs"]
mod asker;
#[path = "../nodes/log.rs"]
mod log;
#[path = "../nodes/pair.rs"]
mod pair;
#[path = "../nodes/raw_client.rs"]
mod raw_client;
#[path = "../nodes/target.rs"]
mod target;
#[path = "../nodes/test_cluster.rs"]
mod test_cluster;

use std::fs::File;
use std::time::Duration;

use rehearsal_tcp::Security;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::pair::until;
use crate::raw_client::RawClient;
use crate::target::Target;
use crate::test_cluster::within_a_minute;

#[test]
fn a_node_without_file_descriptors_keeps_its_links_and_later_accepts_again() {
    within_a_minute(async {
        let target = Target::new(Security::Insecure);
        target.assert_serves(1).await;
        let links = target.two.traffic(3).links;
        let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
        setrlimit(Resource::Nofile, Rlimit { current: Some(100), maximum }).expect("it is allowed");
        let mut files = Vec::new();
        while let Ok(file) = File::open("/dev/null") {
            files.push(file);
        }
        // One descriptor for the dialer, none for the node that it dials.
        files.pop();
        let client = RawClient::plain(target.address()).await;
        let is_logged =
            || target.log.all().iter().any(|line| line.starts_with("cannot accept connections"));
        until(async || is_logged()).await;
        // Long enough for several attempts of the node.
        let tries = tokio::time::Instant::now() + Duration::from_millis(350);
        for number in 2.. {
            target.assert_serves(number).await;
            if tokio::time::Instant::now() > tries {
                break;
            }
        }
        files.clear();
        let mut client = client.admitted().await;
        target.asked(&mut client, 1, 1).await;
        assert_eq!(target.two.traffic(3).links, links, "the link stayed");
        assert_eq!(target.log.all().len(), 1, "it is logged once");
        target.stop().await;
    });
}
