//! Told to stop, the gateway is not ready any more at once, answers on for a moment, ends its calls whole and leaves
//! with 0.

use std::fs::File;
use std::io::{PipeReader, PipeWriter, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::admin::{NODE, NOTING, TOKEN, UPSTREAM, wait};
use crate::folder::Folder;
use crate::gateway::Gateway;
use crate::machine::undisturbed;
use crate::redis::{Server, free_port};
use crate::upstream::{Reaction, Upstream};
use crate::wire::Wire;

const PLAIN: &str = "node: plain\noutputs: { name: Ada }\n";
const CALL: &[u8] = b"GET /nodes/caller?tel=91234567 HTTP/1.1\r\nhost: x\r\n\r\n";

fn crm(delay: u64) -> Upstream {
    let answer = json!({ "data": [{ "name": "Ada" }] });
    Upstream::start(move |_| Reaction::json(&answer).after(Duration::from_millis(delay)))
}

/// The upstream, waited for to the end of the budget.
fn patient(upstream: &str) -> String {
    upstream.replace("operations:", "timeout_ms: 4500\noperations:")
}

fn gateway(crm: &Upstream, args: &[&str], env: &[(&str, &str)]) -> Gateway {
    let (upstream, node) = (patient(UPSTREAM), format!("budget_ms: 4500\n{NODE}"));
    let mappings = [("upstreams/acme.yaml", upstream.as_str()), ("nodes/caller.yaml", &node)];
    let url = crm.url();
    let own = [("ACME_URL", url.as_str()), ("DATADIP_ADMIN_TOKEN", TOKEN)];
    Gateway::start_with(&mappings, args, &[&own, env].concat())
}

#[test]
fn readiness_goes_first_and_calls_are_answered_while_it_drains() {
    let crm = crm(0);
    let mut gateway = gateway(&crm, &["--drain-sec", "6"], &[]);
    let mut kept_open = gateway.open();
    kept_open.write(CALL);
    let said = kept_open.read(false);
    assert_eq!((said.status, said.header("connection")), (200, ""));
    let told = Instant::now();
    gateway.terminate();
    wait("it is not ready", || gateway.get("/readyz").status == 503);
    assert!(told.elapsed() < Duration::from_secs(5));
    for said in [gateway.get("/readyz"), gateway.ask("GET", "/readyz", "", "")] {
        assert_eq!((said.status, said.json()["status"].as_str()), (503, Some("stopping")));
    }
    assert_eq!(gateway.get("/healthz").status, 200);
    assert_eq!(gateway.get("/nodes/caller?tel=91234567").json()["name"], "Ada");
    kept_open.write(CALL);
    let last = kept_open.read(false);
    assert_eq!((&last.json()["name"], last.header("connection")), (&json!("Ada"), "close"));
    assert!(kept_open.is_ended(), "the next call needs another connection");
    for target in ["/healthz", "/nodes/nobody", "/nowhere"] {
        assert_eq!(gateway.get(target).header("connection"), "close", "{target}");
        assert_eq!(gateway.ask("GET", target, "", "").header("connection"), "close", "{target}");
    }
    assert_eq!(gateway.ended(), 0);
    let took = told.elapsed();
    assert!(took >= Duration::from_secs(6) && took < Duration::from_secs(20), "{took:?}");
}

#[test]
fn a_call_in_flight_is_answered_whole_after_the_listeners_have_closed() {
    let crm = crm(1500);
    let mut gateway = gateway(&crm, &["--drain-sec", "0"], &[]);
    let mut wire = gateway.open();
    wire.write(CALL);
    wait("the upstream is asked", || !crm.asked().is_empty());
    gateway.terminate();
    wait("nobody is let in any more", || TcpStream::connect(gateway.address()).is_err());
    let said = wire.read(false);
    assert_eq!(
        (said.status, &said.json()["name"], said.header("x-datadip-outcome")),
        (200, &json!("Ada"), "found")
    );
    assert_eq!(gateway.ended(), 0);
}

#[test]
fn a_write_that_goes_on_after_its_callers_deadline_is_not_cut_by_the_end() {
    let slow = Duration::from_millis(3500);
    let found = json!({ "data": [{ "name": "Ada" }] });
    let crm = Upstream::start(move |asked| match asked.method.as_str() {
        "POST" => Reaction::json(&json!({})).after(slow),
        _ => Reaction::json(&found),
    });
    let (upstream, node) = (patient(UPSTREAM), format!("budget_ms: 1000\n{NOTING}"));
    let url = crm.url();
    let mappings = [("upstreams/acme.yaml", upstream.as_str()), ("nodes/noting.yaml", &node)];
    let mut gateway = Gateway::start_with(&mappings, &["--drain-sec", "0"], &[("ACME_URL", &url)]);
    let said = gateway.get("/nodes/noting?tel=91234567");
    assert_eq!((said.status, said.header("x-datadip-outcome")), (200, "timeout"));
    gateway.terminate();
    assert_eq!(gateway.ended(), 0);
    wait("the write is answered", || crm.answered() == 1);
    let writes = crm.asked().iter().filter(|asked| asked.method == "POST").count();
    assert_eq!((writes, crm.left()), (1, 0), "it was begun once, and waited for");
}

#[test]
fn an_interrupt_stops_it_too_and_a_second_one_without_draining() {
    let crm = crm(0);
    let mut gateway = gateway(&crm, &["--drain-sec", "60"], &[]);
    gateway.signal("INT");
    wait("it is not ready", || gateway.get("/readyz").status == 503);
    gateway.signal("INT");
    let told = Instant::now();
    assert_eq!(gateway.ended(), 0);
    assert!(told.elapsed() < Duration::from_secs(30));
}

/// A gateway that stops without draining, once its Redis is up.
fn on_redis(crm: &Upstream, redis: &Server) -> Gateway {
    let url = redis.url();
    let env = [("DATADIP_REDIS_URL", url.as_str()), ("DATADIP_KEY", "0123456789abcdef0123456789abcdef")];
    let gateway = gateway(crm, &["--drain-sec", "0"], &env);
    wait("Redis is up", || {
        gateway.ask("GET", "/api/status", TOKEN, "").json()["cache"]["redis"]["up"] == true
    });
    gateway
}

#[test]
fn what_was_found_last_is_in_redis_before_it_ends() {
    undisturbed(|| {
        let (crm, redis) = (crm(0), Server::start(&[]));
        let mut gateway = on_redis(&crm, &redis);
        for number in 0..50 {
            let said = gateway.get(&format!("/nodes/caller?tel=912345{number:02}"));
            assert_eq!(said.header("x-datadip-outcome"), "found");
        }
        gateway.terminate();
        assert_eq!(gateway.ended(), 0);
        assert_eq!(redis.keys("dd1:e:").len(), 50);
    });
}

#[test]
fn redis_that_hangs_holds_the_end_up_for_a_second_at_most() {
    let (crm, redis) = (crm(0), Server::start(&[]));
    let mut gateway = on_redis(&crm, &redis);
    redis.stop();
    assert_eq!(gateway.get("/nodes/caller?tel=91234567").json()["name"], "Ada");
    let told = Instant::now();
    gateway.terminate();
    assert_eq!(gateway.ended(), 0);
    assert!(told.elapsed() < Duration::from_secs(8), "{:?}", told.elapsed());
    redis.resume();
}

/// A pipe that is full, and its end, which nobody reads.
fn full_pipe() -> (PipeWriter, PipeReader) {
    let (reader, writer) = std::io::pipe().unwrap();
    let (mut filling, filled) = (writer.try_clone().unwrap(), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&filled);
    std::thread::spawn(move || {
        while filling.write_all(&[b'.'; 512]).is_ok() {
            count.fetch_add(1, Ordering::SeqCst);
        }
    });
    let mut before = 0;
    wait("the pipe is full", || {
        std::thread::sleep(Duration::from_millis(200));
        std::mem::replace(&mut before, filled.load(Ordering::SeqCst)) == filled.load(Ordering::SeqCst)
            && before > 0
    });
    (writer, reader)
}

#[test]
fn a_log_that_cannot_be_written_costs_no_caller_an_answer_and_does_not_hold_up_the_end() {
    let (reader, unread) = std::io::pipe().unwrap();
    drop(reader);
    let full = File::options().write(true).open("/dev/full").unwrap();
    let (waiting, _reader) = full_pipe();
    for (why, log) in [
        ("its reader is gone", Stdio::from(unread)),
        ("the disk is full", full.into()),
        ("its reader does not read", waiting.into()),
    ] {
        let crm = Upstream::start(|_| Reaction::status(500, &json!({})));
        let url = crm.url();
        let mappings = [("upstreams/acme.yaml", UPSTREAM), ("nodes/caller.yaml", NODE)];
        let env = [("ACME_URL", url.as_str()), ("DATADIP_LOG", "debug"), ("DATADIP_DRAIN_SEC", "0")];
        let mut gateway = Gateway::start_logging_to(log, &mappings, &env);
        for (target, status, outcome) in [
            ("/nodes/caller?tel=91234567", 200, "error"),
            ("/nodes/caller", 200, "no_identifier"),
            ("/nodes/nobody", 404, ""),
        ] {
            let said = gateway.get(target);
            assert_eq!((said.status, said.header("x-datadip-outcome")), (status, outcome), "{why}: {target}");
        }
        gateway.terminate();
        assert_eq!(gateway.ended(), 0, "{why}");
    }
}

/// A process that ends with the test.
struct Ending(Child);

impl Drop for Ending {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_banner_that_cannot_be_printed_keeps_nobody_from_being_served() {
    let (folder, port) = (Folder::with(&[("mappings/nodes/plain.yaml", PLAIN)]), free_port());
    let address = format!("127.0.0.1:{port}");
    let full = File::options().write(true).open("/dev/full").unwrap();
    let gateway = Command::new(env!("CARGO_BIN_EXE_datadip"))
        .args(["serve", "--listen", &address, "--admin-listen", "127.0.0.1:0", "--drain-sec", "0"])
        .current_dir(folder.path())
        .stdout(full)
        .stderr(Stdio::null())
        .spawn();
    let _ending = Ending(gateway.unwrap());
    wait("it listens", || TcpStream::connect(&address).is_ok());
    let mut wire = Wire::open(address.parse().unwrap());
    wire.write(b"GET /nodes/plain HTTP/1.1\r\nhost: x\r\n\r\n");
    let said = wire.read(false);
    assert_eq!((said.status, said.json()), (200, json!({ "name": "Ada" })));
}
