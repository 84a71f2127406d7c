//! The operations of `tests/contracts/`, and the operation of a mapping file that each is.

use std::cell::RefCell;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use datadip::plan::operation::{Body, Call, HttpCall, JsonTemplate, Operation, Setting};
use serde_json::Value;

/// The upstreams, and the file that holds the samples of each.
pub const UPSTREAMS: [(&str, &str); 4] =
    [("sobot", "sobot"), ("sobot-crm", "customers"), ("stringee", "stringee"), ("xswitch", "xswitch")];
/// Logins that no operation is for: the upstream's `auth` carries them out.
const LOGINS: [&str; 3] = ["sobot/login_company", "sobot/login_agent", "customers/login"];

/// One operation of a document.
pub struct Contract {
    pub upstream: &'static str,
    pub name: String,
    pub said: Value,
}

impl Contract {
    /// The document's request, or ours where it has none.
    pub fn request(&self) -> &Value {
        if self.said["request"].is_null() { &self.said["example"] } else { &self.said["request"] }
    }

    pub fn method(&self) -> &str {
        self.said["method"].as_str().unwrap()
    }

    pub fn path(&self) -> &str {
        self.said["path"].as_str().unwrap()
    }

    /// Whether a request is this operation's.
    pub fn asked_for(&self, method: &str, path: &str, body: &Value) -> bool {
        let is_path = match self.path().split_once("{id}") {
            Some((before, _)) => path.starts_with(before),
            None => path == self.path(),
        };
        let is_kind = !path.contains("/timeDef/") || body["type"] == self.request()["type"];
        is_path && is_kind && method == self.method()
    }

    /// The variable that its address stands in.
    fn base(&self) -> String {
        let usual = || format!("{}_URL", self.upstream.to_uppercase().replace('-', "_"));
        self.said["base"].as_str().map_or_else(usual, str::to_owned)
    }

    /// The arguments that make its request.
    pub fn args(&self) -> Vec<(String, Value)> {
        match self.request() {
            Value::Array(_) => vec![("numbers".to_owned(), self.request().clone())],
            Value::Object(members) => {
                let is_constant = |name: &str| name == "type" && self.path().contains("/timeDef/");
                members.clone().into_iter().filter(|(name, _)| !is_constant(name)).collect()
            }
            other => panic!("{}: {other}", self.name),
        }
    }

    /// Whether this operation sends what the document says to where it says.
    pub fn is(&self, operation: &Operation) -> bool {
        self.is_like(operation) && address(http(operation)) == address_of(&self.base())
    }

    /// The same, wherever its upstream is.
    pub fn is_like(&self, operation: &Operation) -> bool {
        let call = http(operation);
        let is_there = operation.name.split('.').next() == Some(self.upstream)
            && (call.method.name(), path(call).as_str()) == (self.method(), self.path());
        // Work times and off days share their paths.
        is_there
            && kind(call) == self.request()["type"].as_str().filter(|_| self.path().contains("/timeDef/"))
    }
}

/// One sample: `file/name`.
pub fn sample(name: &str) -> Value {
    let (file, name) = name.split_once('/').unwrap();
    samples(file)[name].clone()
}

fn samples(file: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contracts");
    serde_json::from_str(&fs::read_to_string(folder.join(format!("{file}.json"))).unwrap()).unwrap()
}

/// All operations of all documents.
pub fn contracts() -> Vec<Contract> {
    let mut all = Vec::new();
    for (upstream, file) in UPSTREAMS {
        let Value::Object(operations) = samples(file) else { panic!("{file}") };
        for (name, said) in operations {
            let is_login = LOGINS.contains(&format!("{file}/{name}").as_str());
            // What has no path is no operation: a token that is signed, or what the IVR sends to us.
            if !is_login && said["path"].is_string() {
                all.push(Contract { upstream, name, said });
            }
        }
    }
    all
}

/// The operations of the four upstreams, compiled with each address being another.
pub async fn operations() -> Vec<Arc<Operation>> {
    compiled(|name| Some(if name.ends_with("_URL") { address_of(name) } else { "x".to_owned() })).await
}

/// The same, compiled with these variables.
pub async fn operations_with(variables: &[(&str, &str)]) -> Vec<Arc<Operation>> {
    thread_local!(static SET: RefCell<Vec<(String, String)>> = const { RefCell::new(Vec::new()) });
    let owned = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    SET.replace(owned);
    compiled(|name| {
        SET.with_borrow(|set| set.iter().find(|(set, _)| set == name).map(|(_, value)| value.clone()))
    })
    .await
}

async fn compiled(environment: datadip::app::Environment) -> Vec<Arc<Operation>> {
    let mappings = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings");
    let loaded = datadip::app::load(&mappings, environment).await.unwrap();
    let is_ours = |name: &str| UPSTREAMS.iter().any(|(upstream, _)| name.split('.').next() == Some(upstream));
    let operations = loaded.catalogue.operations;
    operations.into_iter().filter(|(name, _)| is_ours(name)).map(|(_, operation)| operation).collect()
}

fn address_of(variable: &str) -> String {
    format!("http://{}.test", variable.to_lowercase().replace('_', "-"))
}

fn http(operation: &Operation) -> &HttpCall {
    let Call::Http(call) = &operation.call else { panic!("{} is a table's", operation.name) };
    call
}

fn address(call: &HttpCall) -> String {
    let Setting::Set(address) = &call.base_url else { panic!("an address") };
    address.clone()
}

/// The path as documents write it: `/keys/{id}`.
pub fn path_of(operation: &Operation) -> String {
    path(http(operation))
}

/// The method's name.
pub fn method_of(operation: &Operation) -> &'static str {
    http(operation).method.name()
}

fn path(call: &HttpCall) -> String {
    call.path.text().replace("{{ ", "{").replace(" }}", "}")
}

/// The `type` that the body always has.
fn kind(call: &HttpCall) -> Option<&str> {
    let Body::Json(JsonTemplate::Object(members)) = &call.body else {
        let Body::Json(JsonTemplate::Constant(body)) = &call.body else { return None };
        return body["type"].as_str();
    };
    members.iter().find_map(|(name, value)| match value {
        JsonTemplate::Constant(kind) if name == "type" => kind.as_str(),
        _ => None,
    })
}
