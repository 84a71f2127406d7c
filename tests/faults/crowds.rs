//! A hundred callers at once, and one question to the upstream.

use std::io::Write;
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;

use crate::caller::{Told, call, calls, eventually, number, punctual, round};
use crate::company::{BUDGET, Company, LONG, crm, known};
use crate::gateway::Gateway;
use crate::machine::{among_others, undisturbed};
use crate::redis::Server;
use crate::upstream::{Reaction, Upstream};

const CROWD: usize = 100;

/// The node with a budget that a hundred threads of a test do not use up.
fn patient() -> Company {
    Company::usual(LONG).within(4500).limited("timeout_ms: 4000")
}

/// Long enough for a hundred callers to come while it lasts.
fn slowly(reaction: Reaction) -> Reaction {
    reaction.after(Duration::from_millis(1000))
}

fn all_call(gateway: &Gateway, tel: &str) -> Vec<Told> {
    calls(gateway, &vec![tel.to_owned(); CROWD], CROWD)
}

/// Waits until the upstream has answered, and what it said is kept.
fn kept(crm: &Upstream) {
    eventually("the upstream has answered", || crm.answered() > 0);
    std::thread::sleep(Duration::from_millis(700));
}

fn each_with(told: &[Told], cache: &str) -> usize {
    told.iter().filter(|one| one.said.header("x-datadip-cache") == cache).count()
}

#[test]
fn a_hundred_callers_at_once_are_one_question() {
    let (_guard, crm) = (among_others(), crm());
    crm.becomes(|asked| slowly(known(asked)));
    let gateway = patient().alone(&crm.url());
    let tel = number();
    let told = all_call(&gateway, &tel);
    told.iter().for_each(|one| one.is("found", &["miss", "joined", "memory"]));
    assert_eq!((told.len(), crm.asked().len(), each_with(&told, "miss")), (CROWD, 1, 1));
    call(&gateway, &tel).is("found", &["memory"]);
}

#[test]
fn a_hundred_callers_who_are_nobodys_customers_are_one_question() {
    let (_guard, crm) = (among_others(), crm());
    crm.becomes(|asked| slowly(known(asked)));
    let gateway = patient().alone(&crm.url());
    let told = all_call(&gateway, "81230000");
    told.iter().for_each(|one| one.is("not_found", &["miss", "joined", "memory"]));
    assert_eq!(crm.asked().len(), 1);
}

#[test]
fn a_hundred_callers_on_a_dead_upstream_are_two_questions() {
    undisturbed(|| {
        let _guard = among_others();
        for (reaction, outcome) in [
            (Reaction::status(503, &json!({})), "error"),
            (Reaction::status(500, &json!({})), "error"),
            (Reaction::Cut, "error"),
            (Reaction::status(429, &json!({})), "overloaded"),
        ] {
            let crm = Upstream::start(move |_| slowly(reaction.clone()));
            let gateway = patient().alone(&crm.url());
            let tel = number();
            let told = all_call(&gateway, &tel);
            told.iter().for_each(|one| one.is(outcome, &["miss", "joined"]));
            assert!(crm.asked().len() <= 2, "{}", crm.asked().len());
            // For a second, nobody asks again.
            let before = crm.asked().len();
            call(&gateway, &tel).is(outcome, &["joined"]);
            assert_eq!(crm.asked().len(), before);
        }
    });
}

#[test]
fn after_a_failure_one_of_those_who_wait_takes_over_and_all_are_told_what_it_finds() {
    let (_guard, crm) = (among_others(), crm());
    // A 500 is not asked again by who was answered so.
    let before = AtomicUsize::new(0);
    crm.becomes(move |asked| match before.fetch_add(1, Ordering::SeqCst) {
        0 => slowly(Reaction::status(500, &json!({}))),
        _ => slowly(known(asked)),
    });
    let gateway = patient().alone(&crm.url());
    let told = all_call(&gateway, &number());
    told.iter().for_each(|one| one.is("found", &["miss", "joined", "memory"]));
    assert_eq!(crm.asked().len(), 2);
}

#[test]
fn a_hundred_callers_on_a_stalled_upstream_are_two_questions() {
    undisturbed(|| {
        let _guard = among_others();
        let crm = Upstream::start(|_| Reaction::Silence);
        let gateway = Company::usual(LONG).within(2000).limited("timeout_ms: 4500").alone(&crm.url());
        let told = all_call(&gateway, &number());
        told.iter().for_each(|one| one.is("timeout", &["miss", "joined"]));
        std::thread::sleep(Duration::from_millis(500));
        assert!(crm.asked().len() <= 2, "{}", crm.asked().len());
    });
}

#[test]
fn each_further_replica_adds_one_question_at_most() {
    undisturbed(|| {
        let (_guard, crm, redis) = (among_others(), crm(), Server::start(&[]));
        let replicas: [Gateway; 3] = std::array::from_fn(|_| patient().replica(&crm.url(), &redis));
        for (reply, outcome, most) in [(200, "found", 3), (503, "error", 4), (500, "error", 4)] {
            crm.becomes(move |asked| {
                slowly(if reply == 200 { known(asked) } else { Reaction::status(reply, &json!({})) })
            });
            let together = (0..3).filter(|_| {
                let before = crm.asked().len();
                let told = crowd_at_each(&replicas, &number());
                told.iter().for_each(|one| one.is(outcome, &["miss", "joined", "redis", "memory"]));
                let asked = crm.asked().len() - before;
                assert!(asked <= 2 * replicas.len(), "{asked} questions for {outcome}");
                asked <= most
            });
            // A busy machine's Redis does not always answer in time, and then each is on its own.
            assert!(together.count() >= 2, "too many questions for {outcome}");
        }
    });
}

/// A crowd at each replica, with the same number.
fn crowd_at_each(replicas: &[Gateway; 3], tel: &str) -> Vec<Told> {
    std::thread::scope(|scope| {
        let crowds = replicas.each_ref().map(|gateway| {
            let tel = vec![tel.to_owned(); CROWD / 2];
            scope.spawn(move || calls(gateway, &tel, CROWD / 2))
        });
        crowds.into_iter().flat_map(|crowd| crowd.join().unwrap()).collect()
    })
}

#[test]
fn replicas_that_come_one_after_another_read_what_the_first_found() {
    undisturbed(|| {
        let (_guard, crm, redis) = (among_others(), crm(), Server::start(&[]));
        crm.becomes(|asked| slowly(known(asked)));
        let replicas: [Gateway; 3] = std::array::from_fn(|_| patient().replica(&crm.url(), &redis));
        let mut alone = 0;
        for _ in 0..5 {
            let (before, tel) = (crm.asked().len(), number());
            std::thread::scope(|scope| {
                for (at, gateway) in replicas.iter().enumerate() {
                    let tel = &tel;
                    scope.spawn(move || {
                        std::thread::sleep(Duration::from_millis(50 * at as u64));
                        call(gateway, tel).is("found", &["miss", "redis"]);
                    });
                }
            });
            let asked = crm.asked().len() - before;
            assert!(asked <= 3, "{asked}");
            alone += usize::from(asked == 1);
        }
        // A busy machine's Redis does not always answer in time, and then each is on its own.
        assert!(alone >= 3, "{alone} of 5");
    });
}

/// So many callers ask, and hang up as soon as the upstream was asked.
fn hang_up(gateway: &Gateway, crm: &Upstream, tel: &str) {
    let request = format!("GET /nodes/caller?tel={tel} HTTP/1.1\r\nhost: datadip\r\n\r\n");
    let before = crm.asked().len();
    let callers: Vec<TcpStream> = (0..CROWD)
        .map(|_| {
            let mut stream = TcpStream::connect(gateway.address()).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            stream
        })
        .collect();
    eventually("the upstream is asked", || crm.asked().len() > before);
    drop(callers);
}

#[test]
fn a_hundred_callers_who_hang_up_are_one_question_and_the_next_is_told_at_once() {
    let (_guard, crm) = (among_others(), crm());
    crm.becomes(|asked| slowly(known(asked)));
    let gateway = patient().alone(&crm.url());
    let tel = number();
    hang_up(&gateway, &crm, &tel);
    kept(&crm);
    call(&gateway, &tel).is("found", &["memory"]);
    assert_eq!((crm.asked().len(), crm.left()), (1, 0));
}

#[test]
fn who_hangs_up_on_a_dead_upstream_has_nobody_asked_twice_as_often() {
    let (_guard, crm) = (among_others(), crm());
    crm.becomes(|_| slowly(Reaction::status(503, &json!({}))));
    let gateway = patient().alone(&crm.url());
    hang_up(&gateway, &crm, &number());
    std::thread::sleep(Duration::from_millis(3000));
    assert!(crm.asked().len() <= 2, "{}", crm.asked().len());
}

#[test]
fn a_hundred_who_hang_up_on_each_replica_leave_the_answer_for_all() {
    undisturbed(|| {
        let (_guard, crm, redis) = (among_others(), crm(), Server::start(&[]));
        crm.becomes(|asked| slowly(known(asked)));
        let replicas: [Gateway; 2] = std::array::from_fn(|_| patient().replica(&crm.url(), &redis));
        let tel = number();
        hang_up(&replicas[0], &crm, &tel);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let request = format!("GET /nodes/caller?tel={tel} HTTP/1.1\r\nhost: datadip\r\n\r\n");
                for _ in 0..CROWD {
                    let _ = TcpStream::connect(replicas[1].address()).unwrap().write_all(request.as_bytes());
                }
            });
        });
        kept(&crm);
        call(&replicas[0], &tel).is("found", &["memory"]);
        call(&replicas[1], &tel).is("found", &["memory", "redis"]);
        assert!(crm.asked().len() <= 2, "{}", crm.asked().len());
    });
}

#[test]
fn a_replica_that_dies_while_it_asks_holds_the_others_up_for_half_of_their_budget_at_most() {
    undisturbed(|| {
        let (_guard, crm, redis) = (among_others(), crm(), Server::start(&[]));
        let (first, second) = (patient().replica(&crm.url(), &redis), patient().replica(&crm.url(), &redis));
        let tel = number();
        crm.becomes(|_| Reaction::Silence);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let request = format!("GET /nodes/caller?tel={tel} HTTP/1.1\r\nhost: datadip\r\n\r\n");
                TcpStream::connect(first.address()).unwrap().write_all(request.as_bytes()).unwrap();
            });
        });
        eventually("the upstream is asked", || crm.asked().len() == 1);
        drop(first);
        assert!(!redis.keys("dd1:l:").is_empty(), "its lock is still there");
        crm.becomes(known);
        let told = call(&second, &tel);
        told.is("found", &["miss"]);
        assert!(told.took < Duration::from_millis(3500), "{told:?}");
        assert_eq!(crm.asked().len(), 2);
    });
}

#[test]
fn while_another_replica_asks_an_upstream_that_stalls_nobody_waits_beyond_the_budget() {
    let (crm, redis) = (Upstream::start(|_| Reaction::Silence), Server::start(&[]));
    let company = Company::usual(LONG).limited("timeout_ms: 4500");
    punctual(BUDGET, || {
        let (first, second) = (company.replica(&crm.url(), &redis), company.replica(&crm.url(), &redis));
        let numbers: Vec<String> = (0..9).map(|_| number()).collect();
        let locks = || redis.keys("dd1:l:").len();
        let before = locks();
        for tel in &numbers {
            let request = format!("GET /nodes/caller?tel={tel} HTTP/1.1\r\nhost: datadip\r\n\r\n");
            TcpStream::connect(first.address()).unwrap().write_all(request.as_bytes()).unwrap();
        }
        eventually("the first has the locks", || locks() >= before + numbers.len());
        round(&second, "timeout", &["miss"], &numbers)
    });
}
