//! Where Redis is, as one text: a server, a Sentinel's master, or a Cluster.

use deadpool_redis::redis::{ConnectionInfo, IntoConnectionInfo, RedisError};
use thiserror::Error;

/// Where Redis is.
#[derive(Debug, Clone)]
pub(super) enum Address {
    /// One server.
    Single(ConnectionInfo),
    /// The master that these Sentinels know under this name.
    Sentinel {
        /// Each with the Sentinels' own login, where they have one.
        sentinels: Vec<ConnectionInfo>,
        master: String,
        /// How to log in to the master; its address is not used.
        node: ConnectionInfo,
    },
    /// Some nodes of a cluster.
    Cluster(Vec<ConnectionInfo>),
}

/// Why a text is no address of Redis. It never repeats the text, which may hold a password.
#[derive(Debug, Error)]
pub enum AddressError {
    /// The scheme is none of ours.
    #[error(
        "the address of Redis begins with none of redis://, rediss://, unix://, redis+sentinel://, \
         rediss+sentinel://, redis-cluster://, rediss-cluster://"
    )]
    Scheme,
    /// It names no host.
    #[error("the address of Redis names no host")]
    NoHost,
    /// More behind the address than it knows.
    #[error(
        "the address of Redis ends with `?` and what is not read there: with redis+sentinel:// it is the Sentinels' own \
         login, ?sentinel=USER:PASSWORD or ?sentinel=:PASSWORD"
    )]
    Query,
    /// The client cannot read it.
    #[error("the address of Redis cannot be read: {0}")]
    Unreadable(String),
}

impl From<RedisError> for AddressError {
    fn from(error: RedisError) -> Self {
        Self::Unreadable(error.category().to_owned())
    }
}

impl Address {
    /// Reads an address: `redis://[user:password@]host[:port][/db]`, `rediss://…` for TLS, `unix:///path`,
    /// `redis+sentinel://[user:password@]host,host…/master[/db][?sentinel=[user]:password]` (the first login is that of the
    /// servers, the second that of the Sentinels), and `redis-cluster://host,host…` or several addresses of one server
    /// with commas between them for a cluster.
    pub(super) fn parse(text: &str) -> Result<Self, AddressError> {
        let (scheme, rest) = text.trim().split_once("://").ok_or(AddressError::Scheme)?;
        match scheme {
            "redis" | "rediss" if rest.contains(',') => Self::cluster(scheme, rest),
            "redis" | "rediss" | "unix" | "redis+unix" => {
                Ok(Self::Single(text.trim().into_connection_info()?))
            }
            "redis-cluster" => Self::cluster("redis", rest),
            "rediss-cluster" => Self::cluster("rediss", rest),
            "redis+sentinel" => Self::sentinel("redis", rest),
            "rediss+sentinel" => Self::sentinel("rediss", rest),
            _ => Err(AddressError::Scheme),
        }
    }

    /// What it is, for people.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Single(_) => "single",
            Self::Sentinel { .. } => "sentinel",
            Self::Cluster(_) => "cluster",
        }
    }

    /// The number of the database.
    pub(super) fn database(&self) -> i64 {
        match self {
            Self::Single(one) | Self::Sentinel { node: one, .. } => one.redis_settings().db(),
            Self::Cluster(_) => 0,
        }
    }

    fn cluster(scheme: &str, rest: &str) -> Result<Self, AddressError> {
        let login = rest.rsplit_once('@').map_or("", |(login, _)| login);
        let login = login.rsplit_once("://").map_or(login, |(_, login)| login);
        let hosts = rest.split(',').map(|host| host.split_once("://").map_or(host, |(_, host)| host));
        let hosts = hosts.map(|host| host.rsplit_once('@').map_or(host, |(_, host)| host));
        let hosts: Vec<&str> = hosts.filter(|host| !host.is_empty()).collect();
        Ok(Self::Cluster(servers(scheme, login, &hosts, 6379)?))
    }

    fn sentinel(scheme: &str, rest: &str) -> Result<Self, AddressError> {
        let (rest, guard) = match rest.split_once('?') {
            Some((rest, query)) => (rest, sentinels_login(query)?),
            None => (rest, ""),
        };
        let (login, rest) = rest.rsplit_once('@').unwrap_or(("", rest));
        let mut parts = rest.split('/');
        let hosts: Vec<&str> = parts.next().unwrap_or_default().split(',').collect();
        let hosts: Vec<&str> = hosts.into_iter().filter(|host| !host.is_empty()).collect();
        let sentinels = servers(scheme, guard, &hosts, 26379)?;
        let master = parts.next().filter(|name| !name.is_empty()).unwrap_or("mymaster").to_owned();
        let database = parts.next().unwrap_or("0");
        let at = if login.is_empty() { "" } else { "@" };
        let node = format!("{scheme}://{login}{at}master/{database}").into_connection_info()?;
        Ok(Self::Sentinel { sentinels, master, node })
    }
}

/// The login behind `sentinel=`.
fn sentinels_login(query: &str) -> Result<&str, AddressError> {
    query.strip_prefix("sentinel=").filter(|login| login.contains(':')).ok_or(AddressError::Query)
}

fn servers(
    scheme: &str,
    login: &str,
    hosts: &[&str],
    port: u16,
) -> Result<Vec<ConnectionInfo>, AddressError> {
    if hosts.is_empty() {
        return Err(AddressError::NoHost);
    }
    let at = if login.is_empty() { "" } else { "@" };
    let url = |host: &&str| {
        let bare = host.trim_end_matches('/');
        let has_port = bare.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let port = if has_port { String::new() } else { format!(":{port}") };
        Ok(format!("{scheme}://{login}{at}{bare}{port}").into_connection_info()?)
    };
    hosts.iter().map(url).collect()
}

#[cfg(test)]
mod tests {
    use deadpool_redis::redis::ConnectionInfo;

    use super::Address;

    fn hosts(servers: &[ConnectionInfo]) -> Vec<String> {
        servers.iter().map(|server| server.addr().to_string()).collect()
    }

    #[test]
    fn one_server_with_password_and_database() {
        let address = Address::parse("redis://:hush@cache:6380/3").unwrap();
        assert_eq!((address.kind(), address.database()), ("single", 3));
        let Address::Single(server) = address else { panic!() };
        assert_eq!(server.redis_settings().password(), Some("hush"));
        assert_eq!(Address::parse("unix:///run/redis.sock").unwrap().kind(), "single");
    }

    #[test]
    fn sentinels_with_the_masters_login() {
        let address = Address::parse("redis+sentinel://app:hush@s1,s2:26380/calls/2").unwrap();
        assert_eq!(address.database(), 2);
        let Address::Sentinel { sentinels, master, node } = address else { panic!() };
        assert_eq!(
            (hosts(&sentinels), master.as_str()),
            (vec!["s1:26379".into(), "s2:26380".into()], "calls")
        );
        assert_eq!(
            (node.redis_settings().username(), node.redis_settings().password()),
            (Some("app"), Some("hush"))
        );
        assert_eq!(sentinels[0].redis_settings().password(), None);
    }

    #[test]
    fn sentinels_with_a_login_of_their_own() {
        let logins = |text| {
            let Address::Sentinel { sentinels, node, .. } = Address::parse(text).unwrap() else { panic!() };
            let login = |server: &ConnectionInfo| {
                let settings = server.redis_settings();
                [settings.username(), settings.password()].map(|part| part.unwrap_or("none").to_owned())
            };
            assert!(sentinels.iter().all(|sentinel| login(sentinel) == login(&sentinels[0])));
            [login(&node), login(&sentinels[0])].concat().join(" ")
        };
        assert_eq!(
            logins("redis+sentinel://app:hush@s1,s2/calls/2?sentinel=guard:s%40t"),
            "app hush guard s@t"
        );
        assert_eq!(logins("rediss+sentinel://s1,s2/calls?sentinel=:s3t"), "none none none s3t");
        assert_eq!(logins("redis+sentinel://:hush@s1?sentinel=:s3t"), "none hush none s3t");
    }

    #[test]
    fn a_cluster_in_either_spelling() {
        for text in
            ["redis-cluster://:hush@a:1,b:2", "redis://:hush@a:1,redis://:hush@b:2", "redis://:hush@a:1,b:2"]
        {
            let Address::Cluster(nodes) = Address::parse(text).unwrap() else { panic!("{text}") };
            assert_eq!(hosts(&nodes), ["a:1", "b:2"], "{text}");
            assert!(nodes.iter().all(|node| node.redis_settings().password() == Some("hush")), "{text}");
        }
    }

    #[test]
    fn a_mistake_is_told_without_the_password() {
        for text in [
            "http://:hush@a",
            "hush",
            "redis+sentinel://:hush@/m",
            "redis://:hush@a:port",
            "redis+sentinel://s/m?sentinel=hush",
            "redis+sentinel://s/m?password=:hush",
        ] {
            let told = Address::parse(text).unwrap_err().to_string();
            assert!(!told.contains("hush"), "{told}");
        }
    }
}
