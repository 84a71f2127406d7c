//! Logins, from the file to the wire: tokens that are signed and fetched, once for all, and again when they end.

use std::collections::HashSet;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use datadip::clock::{Clock, Deadline};
use datadip::mapping::compile;
use datadip::plan::operation::{HttpUpstream, Operation};
use datadip::record::{Failure, Outcome};
use datadip::upstream::Upstreams;
use datadip::upstream::args::Args;
use datadip::upstream::http::HttpTransport;
use datadip::upstream::token::{Asked, TokenStore};
use datadip::upstream::transport::{Request, Response, Transport};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};
use serde_json::{Value, json};

use crate::operations::{Canned, ask};
use crate::server::{Reply, Server, answer, json as ok};

/// An upstream `acme` of these lines, with the operations `customer` (a read) and `note` (a write); the environment's
/// `URL` is given, `SECRET` is "s3cr3t" and `APP` is "app1".
struct Acme {
    read: Arc<Operation>,
    write: Arc<Operation>,
}

fn acme(url: &str, auth: &str) -> Acme {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder: PathBuf = std::env::temp_dir().join(format!("datadip-logins-{}-{count}", std::process::id()));
    fs::create_dir_all(folder.join("upstreams")).unwrap();
    let yaml = format!(
        "upstream: acme\nbase_url: \"${{URL}}\"\ntimeout_ms: 4500\nauth: {auth}\noperations:\n  customer: {{ get: /customer }}\n  note: {{ post: /note, effect: write }}\n"
    );
    fs::write(folder.join("upstreams/acme.yaml"), yaml).unwrap();
    let environment = |name: &str| match name {
        "URL" => Some(url.to_owned()),
        "SECRET" => Some("s3cr3t".to_owned()),
        "APP" => Some("app1".to_owned()),
        _ => None,
    };
    let compiled = compile(&folder, &environment).unwrap();
    fs::remove_dir_all(folder).unwrap();
    let messages: Vec<_> = compiled.findings.iter().map(|finding| finding.message.clone()).collect();
    assert!(messages.is_empty(), "{messages:?}");
    let operation = |name: &str| Arc::clone(&compiled.catalogue.operations[name]);
    Acme { read: operation("acme.customer"), write: operation("acme.note") }
}

fn upstreams() -> Upstreams {
    Upstreams::new(Arc::new(HttpTransport::new()))
}

const FETCHED: &str = "{ token: { post: /login, json: { id: \"{{ id }}\", secret: \"{{ secret }}\" }, \
    with: { id: \"${APP}\", secret: \"${secret:SECRET}\" }, token: $.token, life: $.life, error: $.error } }";

/// What the company's system does: tokens `t1`, `t2`, … at `/login`, everything else for a valid token.
#[derive(Default)]
struct Desk {
    minted: AtomicUsize,
    valid: Mutex<HashSet<String>>,
    refuses_all: AtomicBool,
    life: Mutex<Option<Value>>,
    slow: Mutex<Duration>,
}

impl Desk {
    fn new(life: Value) -> Arc<Self> {
        Arc::new(Self { life: Mutex::new(Some(life)), ..Self::default() })
    }

    fn minted(&self) -> usize {
        self.minted.load(Ordering::SeqCst)
    }

    fn forget_tokens(&self) {
        self.valid.lock().unwrap().clear();
    }

    fn answer(&self, request: &str) -> Reply {
        if request.starts_with("POST /login") {
            let number = self.minted.fetch_add(1, Ordering::SeqCst) + 1;
            let token = format!("t{number}-of-the-desk");
            self.valid.lock().unwrap().insert(token.clone());
            let body = json!({"token": token, "life": *self.life.lock().unwrap()});
            return Reply::After(*self.slow.lock().unwrap(), Box::new(ok(&body.to_string())));
        }
        let given = request.lines().find_map(|line| line.strip_prefix("authorization: Bearer "));
        let is_valid = given.is_some_and(|token| self.valid.lock().unwrap().contains(token.trim()));
        if !is_valid || self.refuses_all.load(Ordering::SeqCst) {
            return answer("401 Unauthorized", "", "{}");
        }
        ok("{\"id\": 7}")
    }

    async fn open(self: &Arc<Self>) -> Server {
        let desk = Arc::clone(self);
        Server::answering(move |_, request| desk.answer(request)).await
    }
}

fn part(token: &str, at: usize) -> Value {
    let bytes = URL_SAFE_NO_PAD.decode(token.split('.').nth(at).unwrap()).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

fn sent_header(canned: &Canned, name: &str) -> String {
    let sent = canned.sent.lock().unwrap();
    let header = sent.last().unwrap().headers.iter().find(|(other, _)| other == name);
    header.unwrap().1.clone()
}

#[tokio::test]
async fn a_signed_token_is_that_of_the_platforms_own_vector() {
    const VECTOR: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiIsImN0eSI6InN0cmluZ2VlLWFwaTt2PTEifQ.eyJqdGkiOiJTS3Rlc3QtMTcwMDAwMDAwMCIsImlzcyI6IlNLdGVzdCIsImV4cCI6MTcwMDAwMzYwMCwicmVzdF9hcGkiOnRydWV9.mmeKYlQ6goFmZVkcbO044zJERzBMyR68Wh4zR8D-eR0";
    let acme = acme(
        "http://crm.example",
        "{ jwt: { algorithm: HS256, secret: \"${NOWHERE:-secret}\", with: { sid: SKtest }, \
         header: { cty: \"stringee-api;v=1\" }, carry: { header: X-Auth }, \
         claims: { jti: \"{{ sid }}-{{ now }}\", iss: \"${NOWHERE:-SKtest}\", rest_api: true } } }",
    );
    let canned = Canned::new(200, &[], "{}");
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let upstreams = Upstreams::sharing(canned.clone(), Arc::new(Shelf), Clock::fixed(now));
    ask(&upstreams, &acme.read, &[], 1000).await.found.unwrap();
    let token = sent_header(&canned, "X-Auth");
    assert_eq!((part(&token, 0), part(&token, 1)), (part(VECTOR, 0), part(VECTOR, 1)));
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, b"secret");
    for token in [token.as_str(), VECTOR] {
        let (said, signature) = token.rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        assert!(aws_lc_rs::hmac::verify(&key, said.as_bytes(), &signature).is_ok(), "{token}");
    }
    ask(&upstreams, &acme.read, &[], 1000).await.found.unwrap();
    assert_eq!(sent_header(&canned, "X-Auth"), token, "signed once");
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_calls_at_once_log_in_once() {
    let desk = Desk::new(json!("3600"));
    let server = desk.open().await;
    let (acme, upstreams) = (acme(&server.url, FETCHED), upstreams());
    let asked = join_all((0..50).map(|_| ask(&upstreams, &acme.read, &[], 60_000))).await;
    assert!(asked.iter().all(|asked| asked.found.is_ok()), "{:?}", asked[0].found);
    assert_eq!(desk.minted(), 1);
    let login = &server.requests()[0];
    assert!(login.ends_with(r#"{"id":"app1","secret":"s3cr3t"}"#), "{login}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_is_signed_over_what_it_sends() {
    let desk = Desk::new(json!(60));
    let server = desk.open().await;
    let auth = "{ token: { post: /login, with: { id: \"${APP}\", secret: \"${SECRET}\" }, token: [$.nothing, $.token], \
        form: { at: \"{{ now_ms }}\", sign: \"{{ (id ~ now_ms ~ 'token' ~ secret) | md5 }}\" } } }";
    let now = SystemTime::UNIX_EPOCH + Duration::from_millis(1_627_462_929_415);
    let store = Arc::new(Shelf);
    let upstreams = Upstreams::sharing(Arc::new(HttpTransport::new()), store, Clock::fixed(now));
    ask(&upstreams, &acme(&server.url, auth).read, &[], 60_000).await.found.unwrap();
    assert!(
        server.requests()[0].ends_with("at=1627462929415&sign=5399ad804e2ce298a8cf9a5a82ac89f5"),
        "{}",
        server.requests()[0]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_refused_is_replaced_once_and_no_caller_sees_it() {
    let desk = Desk::new(json!(3600));
    let server = desk.open().await;
    let (acme, upstreams) = (acme(&server.url, FETCHED), upstreams());
    ask(&upstreams, &acme.read, &[], 60_000).await.found.unwrap();
    desk.forget_tokens();
    let asked = join_all((0..20).map(|_| ask(&upstreams, &acme.read, &[], 60_000))).await;
    assert!(asked.iter().all(|asked| asked.found.is_ok()));
    assert_eq!(desk.minted(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_whose_token_was_refused_was_not_carried_out_and_is_sent_again() {
    let desk = Desk::new(json!(3600));
    let server = desk.open().await;
    let (acme, upstreams) = (acme(&server.url, FETCHED), upstreams());
    ask(&upstreams, &acme.write, &[], 60_000).await.found.unwrap();
    desk.forget_tokens();
    ask(&upstreams, &acme.write, &[], 60_000).await.found.unwrap();
    let notes = server.requests().iter().filter(|request| request.starts_with("POST /note")).count();
    assert_eq!((desk.minted(), notes), (2, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upstream_that_refuses_whatever_it_gave_is_not_stormed() {
    let desk = Desk::new(json!(3600));
    desk.refuses_all.store(true, Ordering::SeqCst);
    let server = desk.open().await;
    let (acme, upstreams) = (acme(&server.url, FETCHED), upstreams());
    for _ in 0..20 {
        let asked = join_all((0..5).map(|_| ask(&upstreams, &acme.read, &[], 60_000))).await;
        assert!(asked.iter().all(|asked| asked.found == Err(Failure::Status(401))), "{:?}", asked[0].found);
    }
    assert_eq!(desk.minted(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_fails_is_left_alone_for_a_while_and_shows_no_secret() {
    let server = Server::always(answer("403 Forbidden", "", "{\"error\": \"s3cr3t is wrong\"}")).await;
    let auth = FETCHED.replace("error: $.error", "ok: \"status == 200\", error: $.error");
    let (acme, upstreams) = (acme(&server.url, &auth), upstreams());
    for _ in 0..20 {
        let asked = ask(&upstreams, &acme.read, &[], 1000).await;
        assert_eq!((asked.failure().code(), asked.failure().outcome()), ("login", Outcome::Error));
        assert!(!format!("{:?} {:?}", asked.failure(), asked.notes).contains("s3cr3t"));
    }
    assert_eq!(server.requests().len(), 1);
    let refusing = Server::always(ok("{\"error\": \"s3cr3t is wrong\", \"code\": 1}")).await;
    let auth = FETCHED.replace("error: $.error", "ok: body.code == 0, error: $.error");
    let asked = ask(&upstreams, &self::acme(&refusing.url, &auth).read, &[], 1000).await;
    assert_eq!(asked.failure().to_string(), "the login failed: the upstream refused: «secret» is wrong");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_login_counts_into_the_budget_and_serves_the_next_call() {
    let desk = Desk::new(json!(3600));
    *desk.slow.lock().unwrap() = Duration::from_millis(3000);
    let server = desk.open().await;
    let (acme, upstreams) = (acme(&server.url, FETCHED), upstreams());
    let asked = ask(&upstreams, &acme.read, &[], 300).await;
    assert_eq!(*asked.failure(), Failure::Timeout);
    assert!(asked.took < Duration::from_millis(2000), "{:?}", asked.took);
    let asked = ask(&upstreams, &acme.read, &[], 60_000).await;
    assert!(asked.found.is_ok(), "{:?}", asked.found);
    assert_eq!(desk.minted(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_renewed_behind_the_callers_back_at_half_its_life() {
    let desk = Desk::new(json!(12));
    let server = desk.open().await;
    let (acme, upstreams) = (acme(&server.url, FETCHED), upstreams());
    ask(&upstreams, &acme.read, &[], 60_000).await.found.unwrap();
    *desk.slow.lock().unwrap() = Duration::from_millis(2000);
    tokio::time::sleep(Duration::from_millis(6050)).await;
    let asked = join_all((0..10).map(|_| ask(&upstreams, &acme.read, &[], 60_000))).await;
    assert!(asked.iter().all(|asked| asked.found.is_ok() && asked.took < Duration::from_millis(1500)));
    let is_carried = || server.requests().last().unwrap().contains("authorization: Bearer t2-of-the-desk");
    while !is_carried() {
        tokio::time::sleep(Duration::from_millis(100)).await;
        ask(&upstreams, &acme.read, &[], 60_000).await.found.unwrap();
        assert!(server.requests().len() < 100, "it is never renewed");
    }
    assert_eq!(desk.minted(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_may_say_that_the_token_has_ended() {
    let minted = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&minted);
    let server = Server::answering(move |_, request| {
        if request.starts_with("GET /login") {
            let token = counted.fetch_add(1, Ordering::SeqCst);
            return ok(&format!("{{\"ret_code\": \"000000\", \"item\": {{\"token\": \"t{token}\"}}}}"));
        }
        let is_first = request.contains("token: t0");
        ok(if is_first { "{\"ret_code\": \"900002\"}" } else { "{\"ret_code\": \"000000\"}" })
    })
    .await;
    let auth = "{ token: { get: /login, query: { at: \"{{ now }}\" }, ok: body.ret_code == '000000', \
        token: $.item.token, carry: { header: token }, expired_when: \"{{ body.ret_code == '900002' }}\" } }";
    let asked = ask(&upstreams(), &acme(&server.url, auth).read, &[], 60_000).await;
    assert_eq!(asked.values(), [json!({"ret_code": "000000"})]);
    assert_eq!(minted.load(Ordering::SeqCst), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn client_credentials_are_sent_in_either_style() {
    let reply = |_: usize, request: &str| {
        let is_login = request.starts_with("POST /oauth");
        ok(if is_login { "{\"access_token\": \"t0k3n\", \"expires_in\": 3600}" } else { "{}" })
    };
    for (style, head, form) in [
        ("body", None, "grant_type=client_credentials&client_id=app1&client_secret=s3cr3t&scope=read+write"),
        (
            "basic",
            Some("authorization: Basic YXBwMTpzM2NyM3Q="),
            "grant_type=client_credentials&scope=read+write",
        ),
    ] {
        let server = Server::answering(reply).await;
        let auth = format!(
            "{{ oauth2: {{ token_url: \"${{URL}}/oauth\", client_id: \"${{APP}}\", client_secret: \"${{secret:SECRET}}\", \
             scope: read write, style: {style} }} }}"
        );
        ask(&upstreams(), &acme(&server.url, &auth).read, &[], 60_000).await.found.unwrap();
        let requests = server.requests();
        assert!(requests[0].ends_with(form), "{}", requests[0]);
        assert_eq!(requests[0].lines().find(|line| line.starts_with("authorization")), head);
        assert!(requests[1].contains("authorization: Bearer t0k3n"), "{}", requests[1]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_says_that_a_token_was_had_and_never_which() {
    let desk = Desk::new(json!(3600));
    let server = desk.open().await;
    let auth = FETCHED.replace("token: $.token", "carry: { query: access }, token: $.token");
    let asked = ask(&upstreams(), &acme(&server.url, &auth).read, &[], 60_000).await;
    let said = format!("{:?} {:?}", asked.lines, asked.notes);
    assert!(said.contains("a token after ") && said.contains("access=«secret»"), "{said}");
    assert!(!said.contains("of-the-desk") && !said.contains("s3cr3t"), "{said}");
    assert!(server.requests()[1].starts_with("GET /customer?access=t1-of-the-desk "), "{said}");
}

#[tokio::test]
async fn a_stand_in_is_asked_without_a_login() {
    let stand_in = Arc::new(StandIn(Canned::new(200, &[], "{\"id\": 7}")));
    let asked =
        ask(&Upstreams::new(stand_in.clone()), &acme("http://crm.example", FETCHED).read, &[], 1000).await;
    assert_eq!(asked.values(), [json!({"id": 7})]);
    assert_eq!(stand_in.0.sent.lock().unwrap().len(), 1);
}

/// A canned answer that only stands in for the wire, as in a rehearsal.
struct StandIn(Arc<Canned>);

impl Transport for StandIn {
    fn exchange<'a>(
        &'a self,
        upstream: &'a HttpUpstream,
        operation: &'a Operation,
        args: &'a Args,
        request: &'a Request,
        deadline: Deadline,
    ) -> BoxFuture<'a, Result<Response, Failure>> {
        self.0.exchange(upstream, operation, args, request, deadline)
    }

    fn is_stand_in(&self) -> bool {
        true
    }
}

/// Shares nothing: for tests of one process that need their own clock.
struct Shelf;

impl TokenStore for Shelf {
    fn get<'a>(&'a self, _: &'a str, _: Deadline) -> BoxFuture<'a, Option<Vec<u8>>> {
        async { None }.boxed()
    }

    fn put<'a>(&'a self, _: &'a str, _: &'a [u8], _: Duration) -> BoxFuture<'a, ()> {
        async {}.boxed()
    }

    fn lock<'a>(&'a self, _: &'a str, _: Duration, _: Deadline) -> BoxFuture<'a, Asked> {
        async { Asked::Alone }.boxed()
    }
}
