//! Valid files that together hold every key of the language, and the folder that they are valid in.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use datadip::diagnostic::source::Source;
use datadip::diagnostic::{Finding, Findings, Severity};
use datadip::mapping::read::Reader;
use datadip::mapping::{compile, yaml};
use serde_json::Value;

const CRM: &str = r#"
upstream: crm
about: The CRM.
base_url: ${CRM_URL:-http://127.0.0.1:9}
headers: { Accept: application/json }
auth: { bearer: "${secret:CRM_TOKEN}" }
connect_timeout_ms: 300
timeout_ms: 900
follow_redirects: true
limits: { concurrency: 50, per_second: 20 }
operations:
  by_phone:
    about: Customers by phone.
    args:
      phone: { type: text, required: true, about: The number. }
      limit: { type: int, default: 20, one_of: [20, 50] }
      near: { type: number, default: 1.5 }
      active: { type: bool, default: true }
      tags: { type: list, default: [a] }
      more: { type: object, default: { a: 1 } }
      tenant: text
    get: "/v1/customers/{{ phone }}"
    base_url: https://crm.example.com
    auth: { basic: { user: ivr, password: "${secret:CRM_PASSWORD}" } }
    query: { limit: "{{ limit }}", near: "{{ near }}", active: ["{{ active }}", yes], tags: "{{ tags | length }}", more: "{{ more | length }}" }
    headers: { X-Tenant: "{{ tenant }}" }
    records: $.data[*]
    unique: { tel: $.phone }
    ok: status == 200
    error: $.message
    not_found: [404, 410]
    effect: read
    timeout_ms: 700
  search: { args: { id: text }, post: /v1/search, json: { id: "{{ id }}", of: [1, null] }, auth: none }
  days: { get: /v1/days, record: $.days, error: [$.errors, $.message] }
  by_count:
    args: { page: int, page_size: { type: int, default: 50 } }
    get: /v1/agents
    query: { page: "{{ page }}", page_size: "{{ page_size }}" }
    records: $.data[*]
    pages: { number: page, size: page_size, first: 0, count: $.page_count, most: 20 }
  by_total:
    args: { page: int, page_size: { type: int, default: 50 } }
    get: /v1/agents
    query: { page: "{{ page }}", page_size: "{{ page_size }}" }
    records: $.data[*]
    pages: { number: page, size: page_size, total: $.total }
  put: { args: { id: text }, put: /v1/x, effect: write, form: { id: "{{ id }}" }, idempotency: { header: X-Key, by: [id] } }
  patch: { patch: /v1/x, effect: write, xml: <a/>, auth: { header: { name: X-Key, value: "${secret:KEY}" } } }
  delete: { delete: /v1/x, effect: write, text: a, auth: { query: { name: key, value: "${secret:KEY}" } } }
  popup: { post: /v1/x, xml: { file: body.xml } }
  plain: { post: /v1/x, text: { file: body.xml } }
"#;

const JWT: &str = r#"
upstream: keys
base_url: https://keys.example.com
auth:
  jwt:
    algorithm: HS256
    secret: "${secret:API_SECRET}"
    with: { sid: "${API_SID}" }
    header: { cty: "my-api;v=1" }
    claims: { jti: "{{ sid }}-{{ now }}", rest_api: true }
    life_sec: 3600
    carry: { header: X-Auth, prefix: "Token " }
operations: { list: { get: /v1/keys } }
"#;

const TOKEN: &str = r#"
upstream: desk
base_url: https://desk.example.com
auth:
  token:
    with: { app_id: "${APP_ID}" }
    post: /tokens
    query: { a: "{{ app_id }}" }
    headers: { X-App: "{{ app_id }}" }
    json: { at: "{{ now_ms }}" }
    token: [$.access_token, $.accessToken]
    life: $.expires_in
    ok: status == 200
    error: $.message
    carry: { query: access_token }
    expired: [401]
    expired_when: body.code == 9
    timeout_ms: 800
operations:
  by_get: { get: /a, auth: { token: { get: /t, token: $.t, life_sec: 60 } } }
  by_form: { get: /a, auth: { token: { post: /t, form: { at: "{{ now }}" }, token: $.t } } }
  by_xml: { get: /a, auth: { token: { post: /t, xml: <t/>, token: $.t } } }
  by_text: { get: /a, auth: { token: { post: /t, text: t, token: $.t } } }
"#;

const OAUTH2: &str = r#"
upstream: sales
base_url: https://sales.example.com
auth:
  oauth2:
    token_url: https://login.example.com/oauth/token
    client_id: ${CLIENT_ID}
    client_secret: "${secret:CLIENT_SECRET}"
    scope: customers.read
    audience: https://api.example.com
    style: basic
    carry: { header: Authorization }
    expired: 401
    expired_when: body.code == 9
    life: $.expires_in
    timeout_ms: 900
operations:
  accounts: { get: /v1/accounts }
  others:
    get: /v1/others
    auth: { oauth2: { token_url: /t, client_id: a, client_secret: "${secret:CLIENT_SECRET}", life_sec: 60 } }
"#;

const SHOP: &str = r#"
upstream: shop
about: The shop's customers.
table:
  file: customers.jsonl
  identifiers: { tel: { type: phone, region: SG, region_from: country }, email: email, line: { type: text } }
operations:
  by_tel: { about: By phone., args: { phone: { required: true } }, find: { tel: "{{ phone }}" }, records: "$[*]", effect: read }
  by_kind:
    args: { kind: { one_of: [lineId, mail], required: true }, id: text }
    find: { "{{ kind }}": "{{ id }}" }
    columns: { lineId: line, mail: email }
"#;

const NODE: &str = r#"
node: whole
about: Who is calling?
budget_ms: 1200
call_id: callid
least_ms: 30
methods: [get, post]
access: { header: X-Node-Key, keys: ["${secret:NODE_KEY}"], networks: [10.0.0.0/8], per_second: 50 }
inputs:
  tel: { type: phone, region: SG, region_from: called, aliases: [caller], about: The caller. }
  called: text
  callid: text
  email: { type: email }
  account: { type: account, kinds: [partnerId, { lineId: "U[0-9a-f]{32}" }] }
  key: { type: text, default: "0", header: X-Key }
  count: { type: int, default: 1 }
  share: { type: number, default: 0.5 }
  open: { type: bool, default: false }
lookup:
  - { by: tel, call: crm.by_phone, args: { phone: "{{ tel }}" }, forms: [e164, "(###) ###-####", "last:8"], pick: only, when: key == '0', record: customer }
  - { by: email, call: crm.search, args: { id: "{{ email }}" } }
  - { by: account, call: shop.by_kind, args: { kind: lineId, id: "{{ account }}{{ kind }}" } }
pick: { newest: $.updated_at }
then: { as: orders, call: crm.search, args: { id: "{{ record.id }}" }, pick: first, when: record.vip }
do: { as: note, call: crm.put, wait: true, args: { id: "{{ record.id }}" }, once: { by: ["{{ record.id }}"], keep_sec: 60 }, when: "outcome == 'found' and open and count > 0 and share > 0.1" }
cache: { fresh_sec: 300, stale_sec: 3600, not_found_sec: 30 }
null_on: [no_identifier]
dialect: { template: "{{ outcome }}", content_type: text/plain }
outputs:
  status: { outcome: true }
  line: QU_1
  tier: { path: $.tier, from: record, type: string, take: last, values: { a: "1" }, default: "", default_on: { timeout: "?" }, about: 1 is high. }
  tags: { path: "$.tags[*]", join: ", ", default: "" }
  orders: { path: "$.orders", from: orders, take: count, default: 0 }
  share: { path: $.share, type: number, default: 0.5 }
  vip: { path: $.vip, type: bool, default: false }
  note: { path: $.no, from: note, optional: true }
  greeting: { text: "Hello {{ record.name }}", default: Hello }
  queue: { choose: [ { when: tier == '1', value: QU_VIP }, { value: QU_STANDARD } ] }
  number: { value: 5, type: int }
"#;

const EXAMPLES: &str = r#"
node: rehearsed
inputs: { tel: { type: phone, region: SG }, email: email }
lookup: { by: tel, call: crm.by_phone, forms: national }
dialect: pairs
methods: get
outputs: { name: { path: $.name, default: "" } }
examples:
  - { name: found, send: { tel: "9123 4567" }, upstream: { crm.by_phone: { data: [ { name: A } ] } }, outcome: found, answer: { name: A } }
  - { name: gone, send: { tel: "91234567" }, upstream_status: { crm.by_phone: 404 }, outcome: not_found }
  - name: found in the third form
    now: "2026-03-02T09:30:00+08:00"
    send: { tel: "91234567" }
    upstream: { crm.by_phone: { data: [] } }
    upstream_when:
      crm.by_phone:
        - { args: { phone: "91234567" }, answer: { data: [ { name: A } ] }, status: 200 }
        - { args: { phone: "6591234567" }, fails: timeout }
  - { name: late, send: { tel: "91234567" }, upstream_fails: { crm.by_phone: timeout }, outcome: timeout }
"#;

const POPUP: &str = r#"
node: popup
pick: only
dialect: { template: { file: answer.txt }, content_type: text/plain }
outputs: { line: QU_1 }
"#;

const CHANGE: &str = r#"
hook: change
about: A change.
secret: { header: X-Hook-Secret, value: "${secret:HOOK_SECRET}" }
evict: { node: rehearsed, identifiers: { tel: $.phone } }
warm: { node: rehearsed, send: { tel: $.phone } }
"#;

const RINGING: &str = r#"
hook: ringing
secret: { header: X-Signature, hmac_sha256: "${secret:HOOK_SECRET}" }
warm: { node: rehearsed, send: { tel: $.phone } }
"#;

const SIGNED: &str = r#"
hook: signed
secret: { header: X-Signature, hmac_sha1: "${secret:HOOK_SECRET}" }
warm: { node: rehearsed, send: { tel: $.phone } }
"#;

const TIMED: &str = r#"
hook: timed
secret: { header: X-Signature, timed_hmac_sha256: "${secret:HOOK_SECRET}" }
warm: { node: rehearsed, send: { tel: $.phone } }
"#;

/// Each valid file: the kind of its schema, where it stands, and its text.
pub const FILES: [(&str, &str, &str); 12] = [
    ("upstream", "upstreams/crm.yaml", CRM),
    ("upstream", "upstreams/keys.yaml", JWT),
    ("upstream", "upstreams/desk.yaml", TOKEN),
    ("upstream", "upstreams/sales.yaml", OAUTH2),
    ("upstream", "upstreams/shop.yaml", SHOP),
    ("node", "nodes/whole.yaml", NODE),
    ("node", "nodes/rehearsed.yaml", EXAMPLES),
    ("node", "nodes/popup.yaml", POPUP),
    ("hook", "hooks/change.yaml", CHANGE),
    ("hook", "hooks/ringing.yaml", RINGING),
    ("hook", "hooks/signed.yaml", SIGNED),
    ("hook", "hooks/timed.yaml", TIMED),
];

/// A mappings folder that is gone when the test ends.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn empty() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder =
            Self(std::env::temp_dir().join(format!("datadip-schema-{}-{number}", std::process::id())));
        let _ = fs::remove_dir_all(&folder.0);
        for below in ["upstreams", "nodes", "hooks"] {
            fs::create_dir_all(folder.0.join(below)).unwrap();
        }
        folder
    }

    /// With all the valid files in it.
    pub fn whole() -> Self {
        Self::of(&FILES)
    }

    /// With one of the valid files in it, and those that it names.
    pub fn for_one(path: &str) -> Self {
        let named: &[&str] = match path {
            "nodes/whole.yaml" => &["upstreams/crm.yaml", "upstreams/shop.yaml"],
            "nodes/rehearsed.yaml" => &["upstreams/crm.yaml"],
            path if path.starts_with("hooks/") => &["nodes/rehearsed.yaml", "upstreams/crm.yaml"],
            _ => &[],
        };
        let files = FILES.into_iter().filter(|(_, file, _)| *file == path || named.contains(file));
        Self::of(&files.collect::<Vec<_>>())
    }

    fn of(files: &[(&str, &str, &str)]) -> Self {
        let folder = Self::empty();
        for (_, path, text) in files {
            folder.write(path, text);
        }
        folder.write("upstreams/body.xml", "<a/>");
        folder.write(
            "upstreams/customers.jsonl",
            r#"{"tel":"91234567","country":"SG","email":"a@b.sg","line":"x"}"#,
        );
        folder.write("nodes/answer.txt", "{{ outcome }}");
        folder
    }

    pub fn write(&self, path: &str, text: &str) {
        fs::write(self.0.join(path), text).unwrap();
    }

    /// The errors that the parser finds in one of its files.
    pub fn errors(&self, path: &str) -> Vec<Finding> {
        let compiled = compile(&self.0, &|_| None).unwrap();
        let is_of = |finding: &Finding| {
            finding.severity == Severity::Error && Path::new(&finding.source.path).ends_with(path)
        };
        compiled.findings.into_iter().filter(is_of).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A file as editors see it: the JSON value that its YAML stands for.
pub fn json(text: &str) -> Value {
    let mut findings = Findings::new();
    let source = Source::new("a.yaml", text);
    let root = yaml::parse(&source, &mut findings).unwrap();
    let value = Reader::new(&source, &mut findings).json(&root);
    assert!(findings.is_empty(), "{findings:?}");
    value.unwrap()
}
