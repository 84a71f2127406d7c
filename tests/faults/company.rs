//! The company that the callers ring up: its CRM, its mapping files, and gateways on both.

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::caller::eventually;
use crate::gateway::Gateway;
use crate::redis::Server;
use crate::upstream::{Asked, Reaction, Upstream};

/// What names and values in Redis are made unreadable with.
pub const KEY: &str = "a key of the tests, the same for all replicas";

/// The budget of the node `caller`, in milliseconds.
pub const BUDGET: u64 = 600;

const CRM: &str = "
operations:
  by_phone:
    args: { phone: { required: true } }
    get: /customers
    query: { phone: '{{ phone }}' }
    records: $.data[*]
";

/// A node with an output of every type. What follows the name is BUDGET and CACHE, and OUTPUTS at the end.
const CALLER: &str = "
inputs: { tel: { type: phone, region: SG } }
lookup: { by: tel, call: crm.by_phone }
outputs:
  name: { path: $.name, default: nobody, default_on: { timeout: unknown } }
  isVip: { path: $.vip, values: { true: '1', false: '2' }, default: '2' }
  points: { path: $.points, type: int, default: 0 }
  share: { path: $.share, type: number, default: 0.5 }
  blocked: { path: $.blocked, type: bool, default: false }
  status: { outcome: true }
";

/// The lives of most tests: nothing ends while they run.
pub const LONG: &str = "cache: { fresh_sec: 300, stale_sec: 3600, not_found_sec: 30 }\n";
/// So short that a test can wait for their end.
pub const SHORT: &str = "cache: { fresh_sec: 2, stale_sec: 600, not_found_sec: 2 }\n";

/// Mapping files of one upstream `crm` and one node `caller`.
#[derive(Debug, Clone)]
pub struct Company {
    pub crm: String,
    pub node: String,
}

impl Company {
    /// The usual one, with these lives.
    pub fn usual(cache: &str) -> Self {
        Self { crm: CRM.to_owned(), node: format!("budget_ms: {BUDGET}\n{cache}{CALLER}") }
    }

    /// The usual one with time for everything, for what is not about time.
    pub fn patient(cache: &str) -> Self {
        Self::usual(cache).within(4000)
    }

    /// Another: what stands below the upstream's address, and below the node's name.
    pub fn with(crm: &str, node: &str) -> Self {
        Self { crm: crm.to_owned(), node: node.to_owned() }
    }

    /// The same with another budget, in milliseconds: one that a busy machine does not use up.
    pub fn within(self, budget: u64) -> Self {
        let (usual, other) = (format!("budget_ms: {BUDGET}\n"), format!("budget_ms: {budget}\n"));
        Self { node: self.node.replace(&usual, &other), ..self }
    }

    /// The same with more lines above the operations.
    pub fn limited(self, limits: &str) -> Self {
        Self { crm: format!("{limits}\n{}", self.crm), ..self }
    }

    /// The same with more lines below the outputs.
    pub fn and_output(self, output: &str) -> Self {
        Self { node: format!("{}  {output}\n", self.node), ..self }
    }

    /// A gateway of this company on a CRM at this address, without Redis.
    pub fn alone(&self, url: &str) -> Gateway {
        self.start(url, &[], &[])
    }

    /// A replica on a Redis at this address, whether it is there or not.
    pub fn beside(&self, url: &str, redis: &str) -> Gateway {
        self.start(url, &["--redis", redis], &[("DATADIP_KEY", KEY)])
    }

    /// A replica on this Redis, with its link made.
    pub fn replica(&self, url: &str, redis: &Server) -> Gateway {
        let gateway = self.beside(url, &redis.url());
        linked(&gateway, 1);
        gateway
    }

    /// A gateway on a CRM at this address, with further arguments and variables.
    pub fn start(&self, url: &str, args: &[&str], env: &[(&str, &str)]) -> Gateway {
        let crm = format!("upstream: crm\nbase_url: ${{CRM_URL}}\n{}", self.crm);
        let node = format!("node: caller\n{}", self.node);
        let mappings = [("upstreams/crm.yaml", crm.as_str()), ("nodes/caller.yaml", &node)];
        let gateway = Gateway::start_with(&mappings, args, &[env, &[("CRM_URL", url)]].concat());
        // Budgets are tight here, and calls come without what a write is once by, because that is what is tested.
        let log = gateway.log();
        let mut findings = log.lines().filter(|line| line.contains("mapping.finding"));
        let is_meant =
            |line: &str| ["\"tight-budget\"", "\"maybe-missing\""].iter().any(|code| line.contains(code));
        assert!(findings.all(is_meant), "{log}");
        gateway
    }
}

/// Waits until a gateway has had its link to Redis so many times.
pub fn linked(gateway: &Gateway, times: usize) {
    eventually("the link to Redis", || gateway.log().matches("redis.up").count() >= times);
}

/// The customer with this number.
pub fn customer(tel: &str) -> Value {
    let odd = !tel.ends_with(['0', '2', '4', '6', '8']);
    json!({
        "id": tel, "name": format!("Ada {tel}"), "vip": odd, "points": 7, "share": 0.25, "blocked": true,
        "tier": "gold", "note": "likes to be called in the morning"
    })
}

/// The number that was asked for, without its country code.
pub fn number(asked: &Asked) -> String {
    let encoded = asked.target.split_once("phone=").map_or("", |(_, rest)| rest);
    let number = percent_decode_str(encoded).decode_utf8().unwrap();
    number.trim_start_matches("+65").to_owned()
}

/// Everybody whose number begins with a nine is a customer.
pub fn known(asked: &Asked) -> Reaction {
    let number = number(asked);
    let found = number.starts_with('9').then(|| customer(&number));
    Reaction::json(&json!({ "data": found.as_slice() }))
}

/// The CRM, well and quick.
pub fn crm() -> Upstream {
    Upstream::start(known)
}
