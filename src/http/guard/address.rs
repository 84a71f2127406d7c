//! Whose address a call comes from: the peer's, or what a trusted proxy says of its own.

use std::net::{IpAddr, SocketAddr};

use actix_web::http::header::HeaderMap;
use ipnet::IpNet;

/// The caller's address. `X-Forwarded-For` is believed only as far as trusted proxies wrote it: from its end, the
/// first address that is none of theirs. None: a trusted proxy named something that is no address.
#[must_use]
pub fn caller(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> Option<IpAddr> {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(&address));
    let mut address = peer.to_canonical();
    if !is_trusted(address) {
        return Some(address);
    }
    let lines: Vec<&str> =
        headers.get_all("x-forwarded-for").map(|line| line.to_str().unwrap_or("?")).collect();
    let hops =
        lines.iter().rev().flat_map(|line| line.rsplit(',')).map(str::trim).filter(|hop| !hop.is_empty());
    for hop in hops {
        address = parse(hop)?;
        if !is_trusted(address) {
            break;
        }
    }
    Some(address)
}

/// An address, with or without a port.
fn parse(hop: &str) -> Option<IpAddr> {
    let bare = hop.trim_start_matches('[').trim_end_matches(']').parse().ok();
    let address: IpAddr = bare.or_else(|| hop.parse::<SocketAddr>().ok().map(|socket| socket.ip()))?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

    use super::caller;

    fn from(peer: &str, forwarded: &[&str]) -> Option<String> {
        let trusted = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        let mut headers = HeaderMap::new();
        for line in forwarded {
            let value = HeaderValue::from_str(line).unwrap();
            headers.append(HeaderName::from_static("x-forwarded-for"), value);
        }
        caller(peer.parse().unwrap(), &headers, &trusted).map(|address| address.to_string())
    }

    #[test]
    fn the_header_of_a_stranger_is_not_believed() {
        assert_eq!(from("203.0.113.9", &["10.1.1.1"]).as_deref(), Some("203.0.113.9"));
        assert_eq!(from("::ffff:203.0.113.9", &[]).as_deref(), Some("203.0.113.9"));
    }

    #[test]
    fn behind_trusted_proxies_the_last_address_that_is_not_theirs_is_the_caller_s() {
        for (forwarded, address) in [
            (&["198.51.100.7"][..], "198.51.100.7"),
            (&["1.1.1.1, 198.51.100.7"], "198.51.100.7"),
            (&["1.1.1.1, 198.51.100.7, 10.2.2.2"], "198.51.100.7"),
            (&["1.1.1.1", "198.51.100.7:4711"], "198.51.100.7"),
            (&["[2001:db8::1]:80"], "2001:db8::1"),
            (&["2001:db8::1, fd00::2"], "2001:db8::1"),
            (&["nonsense, 198.51.100.7"], "198.51.100.7"),
            (&["10.3.3.3"], "10.3.3.3"),
            (&[], "10.1.1.1"),
        ] {
            assert_eq!(from("10.1.1.1", forwarded).as_deref(), Some(address), "{forwarded:?}");
        }
    }

    #[test]
    fn a_caller_whom_the_proxy_cannot_name_has_no_address() {
        assert_eq!(from("10.1.1.1", &["198.51.100.7, unknown"]), None);
    }
}
