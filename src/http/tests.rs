//! Which status and body each request gets, through the routes and the engine, without a socket.

use std::sync::Arc;
use std::time::Duration;

use actix_web::body::to_bytes;
use actix_web::dev::ServiceResponse;
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, http::header::HeaderMap};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use tokio::runtime::Handle;

use crate::cache::Cache;
use crate::catalog::Catalog;
use crate::clock::{Clock, Deadline};
use crate::diagnostic::Findings;
use crate::http::health::{self, Health};
use crate::http::{Config, State, configure};
use crate::lookup::Engine;
use crate::node::input::{Input, InputKind};
use crate::plan::operation::{HttpUpstream, Operation};
use crate::plan::output::{Dialect, Kind, Many, Output, Source};
use crate::plan::{Access, Catalogue, Keys, Methods, Node, Slot};
use crate::record::Failure;
use crate::secret::Secret;
use crate::upstream::Upstreams;
use crate::upstream::args::Args;
use crate::upstream::transport::{Request, Response, Transport};

/// No node here has an upstream.
struct Nowhere;

impl Transport for Nowhere {
    fn exchange<'a>(
        &'a self,
        _: &'a HttpUpstream,
        _: &'a Operation,
        _: &'a Args,
        _: &'a Request,
        _: Deadline,
    ) -> BoxFuture<'a, Result<Response, Failure>> {
        Box::pin(async { Err(Failure::Unreachable("no upstream".to_owned())) })
    }
}

fn output(name: &str, source: Source, default: Value) -> Output {
    Output {
        name: name.into(),
        source,
        many: Many::First,
        values: None,
        kind: Kind::String,
        default: Some(default),
        default_on: Vec::new(),
        optional: false,
        about: None,
    }
}

fn node(name: &str, access: Access, methods: Methods) -> (Arc<str>, Slot) {
    let tel = Input {
        name: "tel".into(),
        aliases: Vec::new(),
        header: None,
        kind: InputKind::Text,
        default: None,
        about: None,
    };
    let node = Node {
        name: name.into(),
        about: None,
        budget: Duration::from_millis(500),
        least: Duration::from_millis(30),
        methods,
        access,
        inputs: vec![tel],
        lookup: Vec::new(),
        then: Vec::new(),
        write: None,
        outputs: vec![
            output("isVip", Source::Constant(json!("2")), json!("2")),
            output("status", Source::Outcome, json!("")),
        ],
        making: vec![0, 1],
        dialect: Dialect::Json,
        call_id: None,
        null_on: Vec::new(),
        cache: None,
        revision: 0,
        keeps_replies: false,
        examples: Vec::new(),
        source: crate::diagnostic::source::Source::new("caller.yaml", ""),
    };
    (name.into(), Slot::Ready(Arc::new(node)))
}

const BOTH: Methods = Methods { get: true, post: true };

fn catalogue() -> Catalogue {
    let keys = Keys {
        header: "x-node-key".to_owned(),
        keys: vec![Secret::new("k1")],
        unset: Vec::new(),
        variables: Vec::new(),
    };
    let networks = vec!["10.0.0.0/8".parse().unwrap()];
    let nodes = [
        node("caller", Access::default(), BOTH),
        node("来电", Access::default(), BOTH),
        node("keyed", Access { keys: Some(keys), ..Access::default() }, BOTH),
        node("inside", Access { networks, ..Access::default() }, BOTH),
        node("slow", Access { per_second: Some(1), ..Access::default() }, BOTH),
        node("posted", Access::default(), Methods { get: false, post: true }),
        ("broken".into(), Slot::Broken("a.yaml:1: no".to_owned())),
    ];
    Catalogue { nodes: nodes.into(), ..Catalogue::default() }
}

struct Said {
    status: u16,
    headers: HeaderMap,
    body: Value,
}

impl Said {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn error(&self) -> &str {
        self.body["error"].as_str().unwrap_or_default()
    }

    /// Whether the body holds all outputs, as every answer of a node must.
    fn has_outputs(&self) -> bool {
        self.body["isVip"] == "2" && self.body["status"] == self.header("x-datadip-outcome")
    }
}

async fn said(response: ServiceResponse) -> Said {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = to_bytes(response.into_body()).await.unwrap();
    Said { status, headers, body: serde_json::from_slice(&body).unwrap_or(Value::Null) }
}

async fn send_all(catalogue: Catalogue, requests: impl IntoIterator<Item = TestRequest>) -> Vec<Said> {
    let engine = Engine::new(
        Upstreams::new(Arc::new(Nowhere)),
        Cache::in_memory(1 << 20, Clock::system()),
        1 << 20,
        Clock::system(),
        Handle::current(),
        true,
    );
    let catalog = Arc::new(Catalog::new(catalogue, Findings::new()));
    let config = Config { trusted_proxies: vec!["127.0.0.1/32".parse().unwrap()] };
    let health = Arc::new(Health::new(Arc::clone(&catalog)));
    let state = Arc::new(State::new(Arc::new(engine), catalog, config));
    let app = init_service(
        App::new()
            .configure(|config| health::configure(config, health))
            .configure(|config| configure(config, state)),
    )
    .await;
    let mut answers = Vec::new();
    for request in requests {
        let request = request.peer_addr("127.0.0.1:4711".parse().unwrap());
        answers.push(said(call_service(&app, request.to_request()).await).await);
    }
    answers
}

async fn send(request: TestRequest) -> Said {
    send_all(catalogue(), [request]).await.remove(0)
}

fn get(path: &str) -> TestRequest {
    TestRequest::get().uri(path)
}

#[actix_web::test]
async fn a_call_of_a_node_is_200_and_says_how_it_ended() {
    for path in ["/nodes/caller?tel=1", "/nodes/%63aller", "/nodes/%E6%9D%A5%E7%94%B5"] {
        let said = send(get(path)).await;
        assert_eq!(said.status, 200, "{path}");
        assert!(said.has_outputs(), "{path} {}", said.body);
        assert_eq!(said.body.get("error"), None);
        assert_eq!(said.header("x-datadip-trace").len(), 16);
        assert_eq!(said.header("cache-control"), "no-store");
    }
}

#[actix_web::test]
async fn what_is_no_node_answers_with_error_alone() {
    for (path, status) in [
        ("/nodes/nobody", 404),
        ("/nodes/%ff", 404),
        ("/nodes/", 404),
        ("/nodes/caller/more", 404),
        ("/", 404),
        ("/nodes/broken", 503),
    ] {
        let said = send(get(path)).await;
        assert_eq!(said.status, status, "{path}");
        assert!(!said.error().is_empty(), "{path}");
        assert_eq!(said.body.as_object().map(serde_json::Map::len), Some(1), "{path}");
    }
}

#[actix_web::test]
async fn a_wrong_method_is_405_with_all_outputs() {
    for method in ["PUT", "DELETE", "OPTIONS", "PURGE"] {
        let method = actix_web::http::Method::from_bytes(method.as_bytes()).unwrap();
        let said = send(get("/nodes/caller").method(method.clone())).await;
        assert_eq!((said.status, said.header("allow")), (405, "GET, POST"));
        assert_eq!(said.error(), format!("{method} is not taken here: call with GET, POST"));
        assert!(said.has_outputs(), "{}", said.body);
        assert_eq!(said.header("x-datadip-outcome"), "bad_input");
    }
    let said = send(get("/nodes/posted")).await;
    assert_eq!((said.status, said.header("allow")), (405, "POST"));
}

#[actix_web::test]
async fn an_unreadable_body_is_4xx_with_all_outputs_and_an_error() {
    let sent = get("/nodes/caller").method(actix_web::http::Method::POST).set_payload("[]");
    let said = send(sent).await;
    assert_eq!((said.status, said.header("x-datadip-outcome")), (400, "bad_input"));
    assert!(said.has_outputs(), "{}", said.body);
    assert_eq!(said.error(), r#"the JSON body is a list: send an object, such as {"name": "value"}"#);
}

#[actix_web::test]
async fn a_node_with_a_key_answers_only_who_has_it() {
    let said = send(get("/nodes/keyed").insert_header(("X-Node-Key", "k1"))).await;
    assert_eq!(said.status, 200);
    let said = send(get("/nodes/keyed").insert_header(("X-Node-Key", "k2"))).await;
    assert_eq!((said.status, said.body.get("isVip")), (401, None));
    let said = send(get("/nodes/keyed").method(actix_web::http::Method::PUT)).await;
    assert_eq!((said.status, said.header("allow")), (401, ""));
}

#[actix_web::test]
async fn a_node_with_networks_answers_only_from_there() {
    let said = send(get("/nodes/inside").insert_header(("X-Forwarded-For", "10.1.2.3"))).await;
    assert_eq!(said.status, 200);
    let said = send(get("/nodes/inside").insert_header(("X-Forwarded-For", "11.1.2.3"))).await;
    assert_eq!((said.status, said.body.get("isVip")), (403, None));
}

#[actix_web::test]
async fn a_caller_over_its_rate_is_429_with_all_outputs() {
    let answers = send_all(catalogue(), [get("/nodes/slow"), get("/nodes/slow")]).await;
    assert_eq!(answers.iter().map(|said| said.status).collect::<Vec<_>>(), [200, 429]);
    let over = answers.last().unwrap();
    assert_eq!((over.header("retry-after"), over.header("x-datadip-outcome")), ("1", "overloaded"));
    assert!(over.has_outputs(), "{}", over.body);
    assert_eq!(over.error(), "too many calls: one caller may make 1 a second");
}

#[actix_web::test]
async fn readiness_tells_whether_nodes_are_in_force() {
    let said = send(get("/healthz")).await;
    assert_eq!((said.status, said.body), (200, json!({ "status": "ok" })));
    let said = send(get("/readyz")).await;
    assert_eq!((said.status, said.body), (200, json!({ "status": "degraded", "broken": 1 })));
    let said = send_all(Catalogue::default(), [get("/readyz")]).await.remove(0);
    assert_eq!(said.status, 503);
}
