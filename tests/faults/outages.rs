//! A Redis that is absent, killed, hung, slow, read-only, full, wiped or cut off: no caller notices.

use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use crate::cable::{Cable, State};
use crate::caller::{call, eventually, in_time, number, strangers};
use crate::company::{Company, LONG, crm, linked};
use crate::gateway::Gateway;
use crate::redis::{Server, free_port};
use crate::upstream::Upstream;

/// A gateway on a Redis at the far end of a cable, with its link made.
fn behind_a_cable(crm: &Upstream, redis: &Server) -> (Cable, Gateway) {
    let cable = Cable::to(redis.port);
    let gateway = Company::usual(LONG).beside(&crm.url(), &format!("redis://127.0.0.1:{}", cable.port()));
    linked(&gateway, 1);
    (cable, gateway)
}

/// Everybody is found in time, and the second time in memory.
fn unnoticed(gateway: &Gateway) {
    in_time(gateway, "found", &["miss"], strangers);
    let again = strangers();
    again.iter().for_each(|tel| found(gateway, tel));
    in_time(gateway, "found", &["memory"], || again.clone());
}

/// Who has this number is found, and kept in memory.
fn found(gateway: &Gateway, tel: &str) {
    eventually("she is found", || call(gateway, tel).said.header("x-datadip-outcome") == "found");
}

/// What one of them finds, the other reads in Redis.
fn shared(first: &Gateway, second: &Gateway) {
    eventually("what is found is shared", || {
        let tel = number();
        call(first, &tel);
        std::thread::sleep(Duration::from_millis(50));
        call(second, &tel).said.header("x-datadip-cache") == "redis"
    });
}

#[test]
fn one_that_is_not_there_at_the_start_is_not_noticed_and_used_once_it_is() {
    let (crm, port) = (crm(), free_port());
    let gateway = Company::usual(LONG).beside(&crm.url(), &format!("redis://127.0.0.1:{port}"));
    unnoticed(&gateway);
    let redis = Server::on(port, &[]);
    linked(&gateway, 1);
    shared(&gateway, &Company::usual(LONG).replica(&crm.url(), &redis));
}

/// A way to this port on which the first connection is cut at once.
fn cut_at_first(far: u16) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let near = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten().skip(1) {
            let far = TcpStream::connect(("127.0.0.1", far)).unwrap();
            for (mut from, mut to) in [(stream.try_clone().unwrap(), far.try_clone().unwrap()), (far, stream)]
            {
                std::thread::spawn(move || std::io::copy(&mut from, &mut to));
            }
        }
    });
    near
}

#[test]
fn one_that_did_not_answer_at_once_when_the_gateway_started_is_not_told_as_down() {
    let (crm, redis) = (crm(), Server::start(&[]));
    let gateway =
        Company::patient(LONG).beside(&crm.url(), &format!("redis://127.0.0.1:{}", cut_at_first(redis.port)));
    linked(&gateway, 1);
    assert!(!gateway.log().contains("redis.down"), "{}", gateway.log());
    let nobody = Company::patient(LONG).beside(&crm.url(), &format!("redis://127.0.0.1:{}", free_port()));
    eventually("it is told that there is none", || nobody.log().contains("redis.down"));
    found(&nobody, &number());
}

#[test]
fn one_that_is_killed_is_not_noticed_and_used_again_when_it_is_back() {
    let (crm, mut redis) = (crm(), Server::start(&[]));
    let gateway = Company::usual(LONG).replica(&crm.url(), &redis);
    let kept = number();
    found(&gateway, &kept);
    redis.kill();
    unnoticed(&gateway);
    call(&gateway, &kept).is("found", &["memory"]);
    redis.restart();
    shared(&gateway, &Company::usual(LONG).replica(&crm.url(), &redis));
}

#[test]
fn one_that_hangs_is_not_noticed_and_used_again_when_it_goes_on() {
    let (crm, redis) = (crm(), Server::start(&[]));
    let gateway = Company::usual(LONG).replica(&crm.url(), &redis);
    redis.stop();
    unnoticed(&gateway);
    redis.resume();
    shared(&gateway, &Company::usual(LONG).replica(&crm.url(), &redis));
}

#[test]
fn one_that_is_slow_is_not_noticed_and_used_again_when_it_is_quick() {
    let (crm, redis) = (crm(), Server::start(&[]));
    let (cable, gateway) = behind_a_cable(&crm, &redis);
    cable.is_now(State::Slow(Duration::from_millis(200)));
    unnoticed(&gateway);
    cable.is_now(State::Whole);
    shared(&gateway, &Company::usual(LONG).replica(&crm.url(), &redis));
}

#[test]
fn one_that_is_read_only_is_not_noticed() {
    let (crm, master) = (crm(), Server::start(&[]));
    let replica = Server::start(&["--replicaof", "127.0.0.1", &master.port.to_string()]);
    eventually("it follows", || replica.cli(&["INFO", "replication"]).contains("master_link_status:up"));
    let writer = Company::usual(LONG).replica(&crm.url(), &master);
    let reader = Company::usual(LONG).replica(&crm.url(), &replica);
    unnoticed(&reader);
    shared(&writer, &reader);
}

#[test]
fn one_that_is_full_is_not_noticed() {
    let (crm, redis) = (crm(), Server::start(&["--maxmemory-policy", "noeviction"]));
    let gateway = Company::usual(LONG).replica(&crm.url(), &redis);
    redis.cli(&["CONFIG", "SET", "maxmemory", "1"]);
    unnoticed(&gateway);
    assert!(redis.keys("dd1:e:").is_empty());
    redis.cli(&["CONFIG", "SET", "maxmemory", "0"]);
    shared(&gateway, &Company::usual(LONG).replica(&crm.url(), &redis));
}

#[test]
fn one_that_is_wiped_is_not_noticed_and_filled_again() {
    let (crm, redis) = (crm(), Server::start(&[]));
    let (first, second) =
        (Company::usual(LONG).replica(&crm.url(), &redis), Company::usual(LONG).replica(&crm.url(), &redis));
    let kept = number();
    found(&first, &kept);
    eventually("it is in Redis", || !redis.keys("dd1:e:").is_empty());
    redis.cli(&["FLUSHALL"]);
    unnoticed(&first);
    call(&second, &kept).is("found", &["miss"]);
    shared(&first, &second);
}

#[test]
fn one_that_is_cut_off_and_restored_is_not_noticed() {
    let (crm, redis) = (crm(), Server::start(&[]));
    let (cable, gateway) = behind_a_cable(&crm, &redis);
    let other = Company::usual(LONG).replica(&crm.url(), &redis);
    for state in [State::Cut, State::Silent] {
        cable.is_now(state);
        unnoticed(&gateway);
        cable.is_now(State::Whole);
        shared(&gateway, &other);
    }
}

#[test]
fn neither_is_one_noticed_that_is_down_together_with_the_upstream() {
    let crm = Upstream::start(|_| crate::upstream::Reaction::Cut);
    let redis = Server::start(&[]);
    let gateway = Company::usual(LONG).replica(&crm.url(), &redis);
    redis.stop();
    in_time(&gateway, "error", &["miss"], strangers);
    redis.resume();
}
