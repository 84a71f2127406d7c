//! A master, its replica and three Sentinels: when the master goes, the replica takes its place.

use std::time::{Duration, Instant};

use datadip::cache::{Purge, Replicas};

use crate::patience::until;
use crate::redis::Server;
use crate::replica::{
    LIVES, PHONE, Waits, by_email, by_phone, finding, is_up, keep, keep_shared, name, patient, ready, start,
    timed, up,
};

struct Group {
    master: Server,
    replica: Server,
    sentinels: [Server; 3],
}

/// The login of the servers, and that of the Sentinels.
const SERVERS: [&str; 4] = ["--requirepass", "hush", "--masterauth", "hush"];
const SENTINELS: [&str; 2] = ["--requirepass", "s3t"];

impl Group {
    async fn start() -> Self {
        Self::with(&[], &[], "").await
    }

    async fn with(servers: &[&str], sentinels: &[&str], lines: &str) -> Self {
        let master = Server::start(servers);
        let port = master.port.to_string();
        let replica = Server::start(&[servers, &["--replicaof", "127.0.0.1", &port]].concat());
        let linked = async || replica.cli(&["INFO", "replication"]).contains("master_link_status:up");
        until("the replica follows", linked).await;
        let sentinels = [(); 3].map(|()| Server::sentinel_with(master.port, sentinels, lines));
        until("the Sentinels know each other and the replica", async || {
            sentinels.iter().all(|sentinel| {
                let known = sentinel.cli(&["SENTINEL", "MASTER", "mymaster"]).replace('\n', " ");
                known.contains("num-slaves 1") && known.contains("num-other-sentinels 2")
            })
        })
        .await;
        Self { master, replica, sentinels }
    }

    fn url(&self) -> String {
        let hosts: Vec<String> = self.sentinels.iter().map(|one| format!("127.0.0.1:{}", one.port)).collect();
        format!("redis+sentinel://{}/mymaster", hosts.join(","))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fail_over_is_followed_and_nothing_waits_for_it() {
    let mut group = Group::start().await;
    let (first, second) = (ready(&group.url()).await, ready(&group.url()).await);
    first.purge(Purge::Operations(&["acme.other"])).await;
    keep_shared(&first).await;
    let entry = &group.master.keys("dd1:e:")[0];
    until("the replica has it", async || group.replica.cli(&["EXISTS", entry]) == "1").await;

    group.master.kill();
    let (start, mut waits) = (Instant::now(), Waits::default());
    while !(is_up(&first) && is_up(&second)) || start.elapsed() < Duration::from_millis(500) {
        assert!(start.elapsed() < Duration::from_secs(60), "no fail-over");
        waits.note(timed(&first, &by_email("nobody")).await.1);
        assert!(first.held(&by_phone(PHONE)).is_some(), "nothing was missed");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    waits.are_within_the_limit();
    assert!(group.replica.cli(&["INFO", "replication"]).contains("role:master"));
    assert_eq!(name(&second, &by_phone(PHONE)).await.as_deref(), Some("Adelaide"));
    let other = finding(serde_json::json!({"name": "Beatrice"}), &["beatrice@example.com"]);
    second.keep(&by_email("beatrice@example.com"), &other, &LIVES, second.mark());
    assert_eq!(first.evict(&[PHONE]).await.replicas, Replicas::Told);
    until("the other has heard", async || second.held(&by_phone(PHONE)).is_none()).await;
    assert!(second.held(&by_email("beatrice@example.com")).is_some(), "it heard, and did not clear all");
    keep_shared(&second).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sentinels_that_ask_for_a_password_of_their_own_are_told_it() {
    let mut group = Group::with(&SERVERS, &SENTINELS, "sentinel auth-pass mymaster hush\n").await;
    let url = group.url().replace("://", "://:hush@");
    let cache = patient(&format!("{url}/0?sentinel=:s3t")).await;
    let strangers = [url.as_str(), &format!("{url}?sentinel=:hush")].map(start);
    keep_shared(&cache).await;
    group.master.kill();
    until("the replica is master", async || {
        group.replica.cli(&["INFO", "replication"]).contains("role:master")
    })
    .await;
    up(&cache).await;
    keep_shared(&cache).await;
    assert!(strangers.iter().all(|stranger| !is_up(stranger)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hung_master_is_left_for_the_new_one() {
    let group = Group::start().await;
    let cache = ready(&group.url()).await;
    keep_shared(&cache).await;
    group.master.stop();
    let mut waits = Waits::default();
    until("the replica is master", async || {
        waits.note(timed(&cache, &by_email("nobody")).await.1);
        group.replica.cli(&["INFO", "replication"]).contains("role:master")
    })
    .await;
    waits.are_within_the_limit();
    up(&cache).await;
    group.master.resume();
    until("the old master follows", async || {
        keep(&cache);
        group.master.cli(&["INFO", "replication"]).contains("role:slave")
    })
    .await;
    up(&cache).await;
    keep_shared(&cache).await;
    assert!(!group.replica.keys("dd1:e:").is_empty());
}
