//! Credentials that are sent to where everybody on the way can read them.

use std::net::IpAddr;

use url::{Host, Url};

use crate::diagnostic::Span;
use crate::diagnostic::code::Code;
use crate::mapping::compiling::Compiling;
use crate::mapping::yaml::Node;
use crate::plan::operation::{Auth, Setting};

/// Endings of names that are looked up on a network of one's own, or nowhere.
const OWN: [&str; 18] = [
    "localhost",
    "localdomain",
    "local",
    "internal",
    "intranet",
    "intra",
    "intern",
    "lan",
    "home",
    "corp",
    "private",
    "priv",
    "dmz",
    "consul",
    "svc",
    "arpa",
    "test",
    "example",
];

/// What Tailscale calls hosts of one's own network, whose traffic it encrypts.
const TAILNET: &str = ".ts.net";

impl Compiling<'_> {
    /// The finding that a credential is sent without encryption to a host that is not one's own.
    pub(super) fn warn_unencrypted(
        &mut self,
        node: Option<&Node>,
        base_url: Option<&Setting<String>>,
        auth: Option<&Setting<Auth>>,
    ) {
        let (Some(node), Some(Setting::Set(url)), Some(auth)) = (node, base_url, auth) else { return };
        if !matches!(auth, Setting::Set(Auth::None)) {
            self.warn_public_http(url, node.span);
        }
    }

    /// The same of an address that a credential is known to be sent to.
    pub(super) fn warn_public_http(&mut self, url: &str, span: Span) {
        if !is_public_http(url) {
            return;
        }
        let message = "a credential is sent here over http, and everybody on the way can read it";
        self.reader.warning(Code::Unencrypted, span, message, "write the address with `https://`");
    }
}

fn is_public_http(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    url.scheme() == "http"
        && match url.host() {
            Some(Host::Domain(name)) => {
                let name = name.trim_end_matches('.');
                name.rsplit_once('.').is_some_and(|(_, last)| !OWN.contains(&last))
                    && !name.ends_with(TAILNET)
            }
            Some(Host::Ipv4(address)) => !is_own(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => !is_own(IpAddr::V6(address).to_canonical()),
            None => false,
        }
}

/// Whether an address is of this machine or of a network of one's own.
fn is_own(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            let is_of_a_carrier = first == 100 && (64..128).contains(&second);
            address.is_loopback()
                || address.is_private()
                || address.is_link_local()
                || address.is_unspecified()
                || is_of_a_carrier
        }
        IpAddr::V6(address) => {
            address.is_loopback()
                || address.is_unique_local()
                || address.is_unicast_link_local()
                || address.is_unspecified()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_public_http;
    use crate::mapping::upstream::tests::compiled;

    #[test]
    fn a_host_of_ones_own_may_be_spoken_to_openly() {
        for url in [
            "http://crm.example.com",
            "http://8.8.8.8:80/api",
            "http://172.32.0.1",
            "http://[2001:db8::1]",
            "http://crm.acme.io./x",
            "http://crm.notts.net",
        ] {
            assert!(is_public_http(url), "{url}");
        }
        for url in [
            "https://crm.example.com",
            "http://127.0.0.1:9000",
            "http://localhost",
            "http://crm:9000",
            "http://10.1.2.3",
            "http://192.168.0.4",
            "http://172.16.0.1",
            "http://100.64.0.1",
            "http://[::1]",
            "http://[fd00::1]",
            "http://crm.shop.svc.cluster.local",
            "http://crm.default.svc",
            "http://crm.corp",
            "http://localhost.localdomain",
            "http://crm.service.consul",
            "http://crm.acme.intra",
            "http://crm.intern",
            "http://crm.priv",
            "http://crm.dmz:8080",
            "http://crm.tail1234.ts.net",
        ] {
            assert!(!is_public_http(url), "{url}");
        }
    }

    #[test]
    fn a_credential_that_is_sent_openly_is_told_once_where_the_address_stands() {
        let with = |shared: &str, own: &str| {
            let yaml = format!(
                "upstream: a\n{shared}operations:\n  one: {{ get: /x{own} }}\n  two: {{ get: /y }}\n"
            );
            compiled(&yaml).findings
        };
        let at = |findings: &[String]| -> Vec<String> {
            findings.iter().map(|finding| finding.lines().nth(1).unwrap().trim().to_owned()).collect()
        };
        let (open, auth) = ("base_url: http://a.example.com\n", "auth: { bearer: \"${TOKEN}\" }\n");
        assert_eq!(at(&with(&format!("{open}{auth}"), "")), ["--> a.yaml:2:11"]);
        assert_eq!(at(&with(open, "")), Vec::<String>::new());
        assert_eq!(at(&with(open, ", auth: { bearer: \"${TOKEN}\" }")), ["--> a.yaml:4:25"]);
        assert_eq!(
            at(&with(&format!("{open}{auth}"), ", auth: { bearer: \"${SET}\" }")),
            ["--> a.yaml:2:11"]
        );
        let safe = "base_url: https://a.example.com\n";
        assert_eq!(
            at(&with(&format!("{safe}{auth}"), ", base_url: \"http://b.example.com\"")),
            ["--> a.yaml:5:29"]
        );
        let logged_in = "auth: { oauth2: { token_url: \"http://b.example.com/t\", client_id: \"${SET}\", client_secret: \"${TOKEN}\" } }\n";
        assert_eq!(at(&with(&format!("{safe}{logged_in}"), "")), ["--> a.yaml:3:30"]);
    }
}
