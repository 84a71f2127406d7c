//! A real wire that is slow, cut, endless or lying: always a failure with a name, always in time.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use datadip::plan::operation::Body;
use datadip::record::Failure;
use datadip::upstream::Upstreams;
use datadip::upstream::http::HttpTransport;
use serde_json::json;
use tokio::net::{TcpSocket, TcpStream};
use tokio::runtime::Builder;
use tokio::time::timeout;

use crate::operations::{Asked, ask, get};
use crate::server::{Reply, Server, answer, json};

fn upstreams() -> Upstreams {
    Upstreams::new(Arc::new(HttpTransport::new()))
}

async fn from(server: &Server) -> Asked {
    let operation = get(&server.url).query("phone", "{{ phone }}").done();
    ask(&upstreams(), &operation, &[json!("+6591234567")], 60_000).await
}

fn head(headers: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\n{headers}\r\n").into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_found_over_a_real_wire() {
    let server = Server::always(json(r#"{"id": 7}"#)).await;
    assert_eq!(from(&server).await.values(), [json!({"id": 7})]);
    let request = &server.requests()[0];
    assert!(request.starts_with("GET /v1/customers?phone=%2B6591234567 HTTP/1.1\r\n"), "{request}");
    let lower = request.to_lowercase();
    for header in ["accept: application/json", "accept-encoding: gzip", "user-agent: datadip/"] {
        assert!(lower.contains(header), "{request}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_packed_answer_is_unpacked_and_a_badly_packed_one_unreadable() {
    let packed =
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xabVJI,IT\xb2R\x88\xaeV\xcaL\x01\xd2\xe6\xb5\xb1\xb5\x00\
        S\x03vT\x15\x00\x00\x00";
    let gzip = "Content-Encoding: gzip\r\n";
    let server = Server::always(answer("200 OK", gzip, packed)).await;
    assert_eq!(from(&server).await.values(), [json!({"data": [{"id": 7}]})]);
    for bytes in [&packed[..20], b"{\"id\": 7}"] {
        let server = Server::always(answer("200 OK", gzip, bytes)).await;
        assert_eq!(*from(&server).await.failure(), Failure::Unreadable("it cannot be unpacked".into()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lie_about_the_content_is_unreadable_and_never_a_panic() {
    for (body, what) in [
        (&b"<!doctype html><h1>Login</h1>"[..], "HTML, not JSON"),
        (b"{\"id\": ", "JSON ends early"),
        (b"{\"name\": \"J\xfcrgen\"}", "not UTF-8 at byte 11"),
        (b"nope", "not JSON at line 1, column 2"),
    ] {
        let server = Server::always(answer("200 OK", "Content-Type: application/json\r\n", body)).await;
        assert_eq!(*from(&server).await.failure(), Failure::Unreadable(what.into()));
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_huge_answer_ends_at_the_cap() {
    let too_large = Failure::Unreadable("larger than 1 MiB".into());
    let server = Server::always(Reply::Endless(head("Content-Length: 99999999\r\n"))).await;
    assert_eq!(*from(&server).await.failure(), too_large);
    let server = Server::always(Reply::Endless(head(""))).await;
    assert_eq!(*from(&server).await.failure(), too_large);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_answer_that_unpacks_to_a_huge_one_ends_at_the_cap() {
    let packed = Command::new("sh").args(["-c", "head -c 8000000 /dev/zero | gzip -c"]).output().unwrap();
    assert!((1000..100_000).contains(&packed.stdout.len()), "{packed:?}");
    let server = Server::always(answer("200 OK", "Content-Encoding: gzip\r\n", packed.stdout)).await;
    assert_eq!(*from(&server).await.failure(), Failure::Unreadable("larger than 1 MiB".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_are_used_again() {
    let server = Server::always(json(r#"{"id": 7}"#)).await;
    let (upstreams, operation) = (upstreams(), get(&server.url).done());
    for _ in 0..100 {
        assert_eq!(ask(&upstreams, &operation, &[], 60_000).await.values(), [json!({"id": 7})]);
    }
    assert_eq!(server.requests().len(), 100);
    // A connection is back in the pool a moment after its answer: the next request may come before and open another.
    assert!(server.connections() < 20, "{} connections", server.connections());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_takes_no_connection_is_unreachable_at_the_limit_for_connecting() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let listener = socket.listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    // Nobody accepts: after the first few, connections are not even refused.
    let mut waiting = Vec::new();
    while let Ok(stream) = timeout(Duration::from_millis(300), TcpStream::connect(address)).await {
        waiting.push(stream.unwrap());
    }
    let mut making = get(&format!("http://{address}")).timeout_ms(30_000);
    making.upstream.connect_timeout = Duration::from_millis(200);
    let asked = ask(&upstreams(), &making.done(), &[], 60_000).await;
    assert_eq!(*asked.failure(), Failure::Unreachable("connecting took too long".into()));
    assert!(asked.took < Duration::from_secs(15), "{:?}", asked.took);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_wire_is_lost_and_a_read_is_asked_once_more() {
    let cuts = [
        Reply::Close(Vec::new()),
        Reply::Close(b"HTTP/1.1 200".to_vec()),
        Reply::Close([head("Content-Length: 50\r\n"), b"{\"id\": 7}".to_vec()].concat()),
        Reply::Close(
            [head("Content-Length: 99\r\nContent-Encoding: gzip\r\n"), b"\x1f\x8b\x08".to_vec()].concat(),
        ),
        Reply::Close([head("Transfer-Encoding: chunked\r\n"), b"9\r\n{\"id\"".to_vec()].concat()),
    ];
    for cut in cuts {
        let server = Server::always(cut).await;
        let asked = from(&server).await;
        assert_eq!(asked.failure().code(), "lost", "{:?}", asked.found);
        assert!(!asked.failure().to_string().contains("91234567"), "{}", asked.failure());
        assert_eq!(server.requests().len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_there_is_unreachable_and_the_number_is_not_in_the_words() {
    for url in ["http://127.0.0.1:1", "https://127.0.0.1:1"] {
        let operation = get(url).query("phone", "{{ phone }}").done();
        let asked = ask(&upstreams(), &operation, &[json!("91234567")], 60_000).await;
        assert_eq!(asked.failure().code(), "unreachable", "{:?}", asked.found);
        assert!(!asked.failure().to_string().contains("91234567"), "{}", asked.failure());
    }
    let refused = ask(&upstreams(), &get("http://127.0.0.1:1").done(), &[], 60_000).await;
    assert_eq!(*refused.failure(), Failure::Unreachable("connection refused".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_none_is_the_mappings_fault() {
    let asked = ask(&upstreams(), &get("http://host:port").done(), &[], 1000).await;
    assert_eq!(asked.failure().to_string(), "acme.customer, base_url: invalid port number");
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_and_a_drip_end_at_the_operations_own_limit() {
    let long = format!("{{\"id\": \"{}\"}}", "x".repeat(1000));
    let Reply::Keep(bytes) = json(&long) else { panic!() };
    for reply in [Reply::Silence, Reply::Drip(bytes)] {
        let server = Server::always(reply).await;
        let asked = ask(&upstreams(), &get(&server.url).timeout_ms(1500).done(), &[], 60_000).await;
        assert_eq!(*asked.failure(), Failure::Timeout);
        assert!(asked.took < Duration::from_secs(15), "{:?}", asked.took);
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_deadline_is_kept_where_it_comes_before_the_operations_limit() {
    let server = Server::always(Reply::Silence).await;
    let asked = ask(&upstreams(), &get(&server.url).done(), &[], 1500).await;
    assert_eq!(*asked.failure(), Failure::Timeout);
    assert!(asked.took < Duration::from_secs(15), "{:?}", asked.took);
    let over = ask(&upstreams(), &get(&server.url).done(), &[], 0).await;
    assert_eq!(*over.failure(), Failure::Timeout);
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_is_never_sent_twice() {
    let busy = answer("503 Service Unavailable", "Retry-After: 0\r\n", "");
    for reply in [Reply::Close(Vec::new()), busy] {
        let server = Server::always(reply).await;
        let operation = get(&server.url).post(Body::None).write().done();
        assert!(ask(&upstreams(), &operation, &[], 60_000).await.found.is_err());
        assert_eq!(server.requests().len(), 1);
    }
}

/// Runs itself in a second process, whose environment has no certificates.
#[tokio::test(flavor = "multi_thread")]
async fn a_machine_without_certificates_speaks_plain_http_and_says_why_it_speaks_no_other() {
    const BARE: &str = "DATADIP_TEST_WITHOUT_CERTIFICATES";
    const NAME: &str =
        "faults::a_machine_without_certificates_speaks_plain_http_and_says_why_it_speaks_no_other";
    if std::env::var_os(BARE).is_none() {
        let empty = Path::new(env!("CARGO_TARGET_TMPDIR"));
        std::fs::write(empty.join("none.pem"), "").unwrap();
        std::fs::create_dir_all(empty.join("none")).unwrap();
        let mut bare = Command::new(std::env::current_exe().unwrap());
        bare.args(["--exact", NAME]).env(BARE, "1").env("SSL_CERT_FILE", empty.join("none.pem"));
        let done = bare.env("SSL_CERT_DIR", empty.join("none")).output().unwrap();
        let said = String::from_utf8_lossy(&done.stdout);
        assert!(done.status.success() && said.contains("1 passed"), "{said}");
        return;
    }
    let server = Server::always(json("{}")).await;
    assert!(from(&server).await.found.is_ok());
    let https = ask(&upstreams(), &get("https://127.0.0.1:1").done(), &[], 60_000).await;
    assert_eq!(*https.failure(), Failure::Unreachable("this machine has no CA certificates".into()));
}

#[test]
fn each_runtime_has_connections_of_its_own() {
    let work = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let server = work.block_on(Server::always(json(r#"{"id": 7}"#)));
    let upstreams = Upstreams::new(Arc::new(HttpTransport::new()));
    let operation = get(&server.url).done();
    for _ in 0..2 {
        let worker = Builder::new_current_thread().enable_all().build().unwrap();
        let asked = worker.block_on(ask(&upstreams, &operation, &[], 60_000));
        assert_eq!(asked.values(), [json!({"id": 7})]);
    }
    assert_eq!((server.requests().len(), server.connections()), (2, 2));
}
