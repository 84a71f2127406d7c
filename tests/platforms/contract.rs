//! The operations of `tests/contracts/`, and the operation of a mapping file that each is.

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

    /// The variable that its address stands in.
    fn base(&self) -> String {
        let usual = || format!("{}_URL", self.upstream.to_uppercase().replace('-', "_"));
        self.said["base"].as_str().map_or_else(usual, str::to_owned)
    }

    /// Whether this operation sends what the document says to where it says.
    pub fn is(&self, operation: &Operation) -> bool {
        let call = http(operation);
        let is_there = operation.name.split('.').next() == Some(self.upstream)
            && (call.method.name(), path(call).as_str()) == (self.method(), self.path())
            && address(call) == address_of(&self.base());
        // Work times and off days share their paths.
        is_there
            && kind(call) == self.request()["type"].as_str().filter(|_| self.path().contains("/timeDef/"))
    }
}

/// All operations of all documents.
pub fn contracts() -> Vec<Contract> {
    let mut all = Vec::new();
    for (upstream, file) in UPSTREAMS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contracts");
        let text = fs::read_to_string(folder.join(format!("{file}.json"))).unwrap();
        let Value::Object(operations) = serde_json::from_str(&text).unwrap() else { panic!("{file}") };
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
    let mappings = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings");
    let set = |name: &str| if name.ends_with("_URL") { Some(address_of(name)) } else { Some("x".to_owned()) };
    let loaded = datadip::app::load(&mappings, set).await.unwrap();
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
