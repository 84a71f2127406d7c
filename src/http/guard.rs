//! Who may call a node, and how often: networks, then keys, then the rate. It never opens by accident: a node
//! whose keys are not set is shut.

mod address;
mod key;
pub mod rate;

use std::net::IpAddr;
use std::num::NonZeroU32;

use actix_web::http::header::HeaderMap;
use ipnet::IpNet;

use crate::http::guard::key::{AUTHORIZATION, Key};
use crate::http::guard::rate::{Caller, Rates};
use crate::http::problem::Problem;
use crate::plan::{Access, Keys, Node};

/// Guards every node.
pub struct Guard {
    trusted_proxies: Vec<IpNet>,
    rates: Rates,
}

impl Guard {
    /// A guard that believes the `X-Forwarded-For` of these proxies, and of nobody else.
    #[must_use]
    pub fn new(trusted_proxies: Vec<IpNet>) -> Self {
        Self { trusted_proxies, rates: Rates::default() }
    }

    /// Lets a caller in, or says why not.
    ///
    /// # Errors
    /// [`Problem::Network`], [`Problem::NoKey`], [`Problem::WrongKey`] or [`Problem::KeysUnset`].
    pub fn admit(
        &self,
        access: &Access,
        peer: Option<IpAddr>,
        headers: &HeaderMap,
    ) -> Result<Caller, Problem> {
        let address = peer.and_then(|peer| address::caller(peer, headers, &self.trusted_proxies));
        let within = |address: IpAddr| access.networks.iter().any(|network| network.contains(&address));
        if !access.networks.is_empty() && !address.is_some_and(within) {
            return Err(Problem::Network);
        }
        match &access.keys {
            Some(keys) => known(keys, headers),
            None => Ok(Caller::Address(address)),
        }
    }

    /// Counts a call, and says whether its caller is within the node's rate.
    #[must_use]
    pub fn within_rate(&self, node: &Node, caller: Caller) -> bool {
        let Some(per_second) = node.access.per_second.and_then(NonZeroU32::new) else {
            return true;
        };
        self.rates.admit(&node.name, per_second, caller)
    }
}

fn known(keys: &Keys, headers: &HeaderMap) -> Result<Caller, Problem> {
    if keys.keys.is_empty() {
        return Err(Problem::KeysUnset);
    }
    let custom = (!keys.header.eq_ignore_ascii_case(AUTHORIZATION)).then(|| keys.header.clone());
    match key::find(keys, headers) {
        Key::Known(at) => Ok(Caller::Key(at)),
        Key::Wrong => Err(Problem::WrongKey(custom)),
        Key::Missing => Err(Problem::NoKey(custom)),
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use actix_web::http::header::{AUTHORIZATION, HeaderMap, HeaderValue};

    use super::Guard;
    use crate::http::guard::rate::Caller;
    use crate::http::problem::Problem;
    use crate::plan::{Access, Keys};
    use crate::secret::Secret;

    fn keyed(keys: &[&str], networks: &[&str]) -> Access {
        let keys = Keys {
            header: "authorization".to_owned(),
            keys: keys.iter().map(|key| Secret::new(*key)).collect(),
            unset: vec!["NODE_KEY".to_owned()],
            variables: Vec::new(),
        };
        let networks = networks.iter().map(|network| network.parse().unwrap()).collect();
        Access { keys: Some(keys), networks, per_second: None }
    }

    fn admit(access: &Access, peer: &str, authorization: Option<&str>) -> Result<Caller, Problem> {
        let mut headers = HeaderMap::new();
        if let Some(value) = authorization {
            headers.insert(AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        }
        Guard::new(Vec::new()).admit(access, Some(peer.parse().unwrap()), &headers)
    }

    #[test]
    fn a_node_without_access_rules_is_open_to_all() {
        let address: IpAddr = "203.0.113.9".parse().unwrap();
        let admitted = admit(&Access::default(), "203.0.113.9", None);
        assert_eq!(admitted, Ok(Caller::Address(Some(address))));
    }

    #[test]
    fn a_key_opens_and_nothing_else_does() {
        let access = keyed(&["k1", "k2"], &[]);
        assert_eq!(admit(&access, "10.0.0.1", Some("Bearer k2")), Ok(Caller::Key(1)));
        assert_eq!(admit(&access, "10.0.0.1", Some("Bearer k3")), Err(Problem::WrongKey(None)));
        assert_eq!(admit(&access, "10.0.0.1", None), Err(Problem::NoKey(None)));
    }

    #[test]
    fn a_node_whose_keys_are_not_set_is_shut() {
        let access = keyed(&[], &[]);
        for sent in [None, Some("Bearer "), Some("Bearer x")] {
            assert_eq!(admit(&access, "10.0.0.1", sent), Err(Problem::KeysUnset));
        }
    }

    #[test]
    fn a_key_does_not_open_from_another_network() {
        let access = keyed(&["k1"], &["10.0.0.0/8", "2001:db8::/32"]);
        assert_eq!(admit(&access, "10.9.9.9", Some("Bearer k1")), Ok(Caller::Key(0)));
        assert_eq!(admit(&access, "::ffff:10.9.9.9", Some("Bearer k1")), Ok(Caller::Key(0)));
        assert_eq!(admit(&access, "11.0.0.1", Some("Bearer k1")), Err(Problem::Network));
        let nobody = Guard::new(Vec::new()).admit(&access, None, &HeaderMap::new());
        assert_eq!(nobody, Err(Problem::Network));
    }
}
