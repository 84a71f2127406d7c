//! Redis goes and comes back while calls come in: none of them fails.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::caller::{Told, all_but_a_few, call, eventually, latest, number};
use crate::company::{Company, LONG, crm, linked};
use crate::gateway::Gateway;
use crate::machine::{among_others, undisturbed};
use crate::redis::Server;
use crate::wire::Wire;

/// Callers, each on a connection of its own, and the time between two of its calls: 200 calls a second together.
const CALLERS: usize = 4;
const PACE: Duration = Duration::from_millis(20);

/// What a call may take, in milliseconds, at the 99th of a hundred.
const BUDGET: u64 = 1800;

/// A budget that a busy machine does not use up.
fn patient() -> Company {
    Company::patient(LONG)
}

/// Calls all the time while something happens: all are found, and in time. Half of the callers have called before.
fn while_calls_come(gateway: &Gateway, happens: impl FnOnce()) {
    let known: Vec<String> = (0..20).map(|_| number()).collect();
    known.iter().for_each(|tel| call(gateway, tel).is("found", &["miss"]));
    let over = AtomicBool::new(false);
    let told: Vec<Told> = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..CALLERS)
            .map(|_| {
                scope.spawn(|| {
                    let (mut wire, mut told) = (Wire::open(gateway.address()), Vec::new());
                    while told.len() < if over.load(Ordering::SeqCst) { 30 } else { 3000 } {
                        let (start, at) = (Instant::now(), told.len());
                        let tel = if at % 2 == 0 { known[at % known.len()].clone() } else { number() };
                        wire.write(
                            format!("GET /nodes/caller?tel={tel} HTTP/1.1\r\nhost: d\r\n\r\n").as_bytes(),
                        );
                        let said = wire.read(false);
                        let took = start.elapsed();
                        told.push(Told { tel, said, took });
                        std::thread::sleep(PACE.saturating_sub(took));
                    }
                    told
                })
            })
            .collect();
        happens();
        over.store(true, Ordering::SeqCst);
        callers.into_iter().flat_map(|caller| caller.join().unwrap()).collect()
    });
    assert!(told.len() > 100, "{}", told.len());
    told.iter().for_each(|one| one.is("found", &["memory", "redis", "joined", "miss"]));
    let late = all_but_a_few(told.iter().map(|one| one.took));
    assert!(late <= latest(BUDGET), "{late:?}");
}

/// What one of them finds from now on, the other reads in Redis.
fn shared(first: &Gateway, second: &Gateway) {
    eventually("what is found is shared", || {
        let tel = number();
        call(first, &tel).is("found", &["miss"]);
        std::thread::sleep(Duration::from_millis(30));
        call(second, &tel).said.header("x-datadip-cache") == "redis"
    });
}

#[test]
fn killed_and_restarted_under_load_no_answer_is_lost_or_late() {
    undisturbed(|| {
        let (_guard, crm, mut redis) = (among_others(), crm(), Server::start(&[]));
        let (first, second) = (patient().replica(&crm.url(), &redis), patient().replica(&crm.url(), &redis));
        while_calls_come(&first, || {
            std::thread::sleep(Duration::from_millis(300));
            redis.kill();
            std::thread::sleep(Duration::from_millis(500));
            redis.restart();
            std::thread::sleep(Duration::from_millis(500));
            redis.stop();
            std::thread::sleep(Duration::from_millis(300));
            redis.resume();
            std::thread::sleep(Duration::from_millis(300));
            redis.restart();
            std::thread::sleep(Duration::from_millis(200));
        });
        shared(&first, &second);
    });
}

#[test]
fn in_a_fail_over_of_sentinel_no_answer_is_lost_or_late_and_the_new_master_is_used() {
    undisturbed(|| {
        let (_guard, crm) = (among_others(), crm());
        let mut master = Server::start(&[]);
        let replica = Server::start(&["--replicaof", "127.0.0.1", &master.port.to_string()]);
        eventually("the replica follows", || {
            replica.cli(&["INFO", "replication"]).contains("master_link_status:up")
        });
        let sentinels: [Server; 3] = std::array::from_fn(|_| Server::sentinel(master.port));
        eventually("the Sentinels know each other and the replica", || {
            sentinels.iter().all(|sentinel| {
                let known = sentinel.cli(&["SENTINEL", "MASTER", "mymaster"]).replace('\n', " ");
                known.contains("num-slaves 1") && known.contains("num-other-sentinels 2")
            })
        });
        let hosts: Vec<String> = sentinels.iter().map(|one| format!("127.0.0.1:{}", one.port)).collect();
        let url = format!("redis+sentinel://{}/mymaster", hosts.join(","));
        let replicas: [Gateway; 2] = std::array::from_fn(|_| patient().beside(&crm.url(), &url));
        replicas.iter().for_each(|gateway| linked(gateway, 1));
        shared(&replicas[0], &replicas[1]);
        while_calls_come(&replicas[0], || {
            master.kill();
            eventually("the replica is master", || {
                replica.cli(&["INFO", "replication"]).contains("role:master")
            });
            linked(&replicas[0], 2);
        });
        shared(&replicas[0], &replicas[1]);
        assert!(!replica.keys("dd1:e:").is_empty());
    });
}

#[test]
fn a_cluster_is_shared_and_while_a_node_goes_no_answer_is_lost_or_late() {
    undisturbed(|| {
        let (_guard, crm, mut nodes) = (among_others(), crm(), Server::cluster());
        let hosts: Vec<String> = nodes.iter().map(|node| format!("127.0.0.1:{}", node.port)).collect();
        let url = format!("redis-cluster://{}", hosts.join(","));
        let replicas: [Gateway; 2] = std::array::from_fn(|_| patient().beside(&crm.url(), &url));
        replicas.iter().for_each(|gateway| linked(gateway, 1));
        while_calls_come(&replicas[0], || {
            std::thread::sleep(Duration::from_millis(500));
            assert!(nodes.iter().all(|node| !node.keys("dd1:e:").is_empty()), "names are on every node");
            nodes[1].kill();
            std::thread::sleep(Duration::from_millis(700));
            nodes[1].restart();
            std::thread::sleep(Duration::from_millis(300));
        });
        eventually("the cluster is whole", || {
            nodes.iter().all(|node| node.cli(&["CLUSTER", "INFO"]).contains("cluster_state:ok"))
        });
        shared(&replicas[0], &replicas[1]);
    });
}
