//! How connections are made: pools of deadpool-redis, with limits of our own. Pooled connections are held and
//! their clones shared, because giving one back and taking it again costs a round trip each time.

use std::time::Duration;

use deadpool::managed::{Manager, Metrics, Pool as Managed, RecycleResult, Timeouts};
use deadpool_redis::redis::aio::PubSub;
use deadpool_redis::redis::cluster::{ClusterClient, ClusterClientBuilder};
use deadpool_redis::redis::cluster_async::ClusterConnection;
use deadpool_redis::redis::sentinel::{SentinelClient, SentinelNodeConnectionInfo, SentinelServerType};
use deadpool_redis::redis::{
    self, AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, ErrorKind, RedisError, RedisResult,
    TlsMode,
};
use deadpool_redis::{PoolConfig, Runtime, sentinel};
use tokio::sync::Mutex;

use crate::cache::redis::address::{Address, AddressError};
use crate::cache::redis::connection::Connection;

/// Longest wait for a connection to be made.
const CONNECT: Duration = Duration::from_secs(1);
/// Longest wait for one answer, for what nobody waits for; who waits has a shorter limit.
const ANSWER: Duration = Duration::from_millis(500);
/// Connections of a process: one for reads, one for writes, and as many while those are replaced.
const MOST: usize = 4;

/// Where connections come from.
pub(super) enum Pool {
    /// One server.
    Single { pool: deadpool_redis::Pool, client: Box<Client> },
    /// The master that the Sentinels name.
    Sentinel { pool: sentinel::Pool, client: Box<Mutex<SentinelClient>> },
    /// A cluster.
    Cluster { pool: Managed<Nodes>, nodes: Vec<Client> },
}

/// A pooled connection; as long as it is held, its clones have their place in the pool.
pub(super) enum Held {
    Single(deadpool_redis::Connection),
    Sentinel(sentinel::Connection),
    Cluster(deadpool::managed::Object<Nodes>),
}

impl Held {
    /// A clone to work with.
    pub(super) fn connection(&self) -> Connection {
        match self {
            Self::Single(held) => Connection::One((**held).clone()),
            Self::Sentinel(held) => Connection::One((**held).clone()),
            Self::Cluster(held) => Connection::Many((**held).clone()),
        }
    }

    /// The connection itself, taken out of the pool.
    pub(super) fn take(self) -> Connection {
        match self {
            Self::Single(held) => Connection::One(deadpool_redis::Connection::take(held)),
            Self::Sentinel(held) => Connection::One(sentinel::Connection::take(held)),
            Self::Cluster(held) => Connection::Many(deadpool::managed::Object::take(held)),
        }
    }
}

impl Pool {
    /// An empty pool.
    ///
    /// # Errors
    /// Where the client cannot use the address.
    pub(super) fn new(address: &Address) -> Result<Self, AddressError> {
        match address {
            Address::Single(server) => single(server),
            Address::Sentinel { sentinels, master, node } => watched(sentinels, master, node),
            Address::Cluster(nodes) => cluster(nodes),
        }
    }

    /// A connection.
    pub(super) async fn get(&self) -> RedisResult<Held> {
        match self {
            Self::Single { pool, .. } => pool.get().await.map(Held::Single).map_err(|error| broken(&error)),
            Self::Sentinel { pool, .. } => {
                pool.get().await.map(Held::Sentinel).map_err(|error| broken(&error))
            }
            Self::Cluster { pool, .. } => pool.get().await.map(Held::Cluster).map_err(|error| broken(&error)),
        }
    }

    /// A connection for the invalidation channel. A cluster's nodes pass messages on, so that any will do.
    pub(super) async fn channel(&self) -> RedisResult<PubSub> {
        match self {
            Self::Single { client, .. } => client.get_async_pubsub().await,
            Self::Sentinel { client, .. } => {
                let master = client.lock().await.async_get_client().await?;
                master.get_async_pubsub().await
            }
            Self::Cluster { nodes, .. } => {
                let mut last = RedisError::from((ErrorKind::ClusterConnectionNotFound, "no node"));
                for node in nodes {
                    match tokio::time::timeout(CONNECT, node.get_async_pubsub()).await {
                        Ok(Ok(channel)) => return Ok(channel),
                        Ok(Err(error)) => last = error,
                        Err(_) => {}
                    }
                }
                Err(last)
            }
        }
    }
}

/// Keeps what is known of a pool's error. Its text may hold an address, but never a password.
fn broken(error: &dyn std::fmt::Display) -> RedisError {
    RedisError::from((ErrorKind::Io, "no connection", error.to_string()))
}

fn limits() -> PoolConfig {
    let limit = Some(CONNECT);
    let timeouts = Timeouts { wait: limit, create: limit, recycle: Some(Duration::from_millis(100)) };
    PoolConfig { max_size: MOST, timeouts, ..PoolConfig::default() }
}

fn unbuilt(error: &dyn std::fmt::Display) -> AddressError {
    AddressError::Unreadable(error.to_string())
}

fn single(server: &ConnectionInfo) -> Result<Pool, AddressError> {
    let limited =
        AsyncConnectionConfig::new().set_connection_timeout(Some(CONNECT)).set_response_timeout(Some(ANSWER));
    let manager = deadpool_redis::Manager::new_with_config(server.clone(), limited)?;
    let pool = deadpool_redis::Pool::builder(manager).config(limits()).runtime(Runtime::Tokio1).build();
    Ok(Pool::Single {
        pool: pool.map_err(|error| unbuilt(&error))?,
        client: Box::new(Client::open(server.clone())?),
    })
}

fn watched(sentinels: &[ConnectionInfo], master: &str, node: &ConnectionInfo) -> Result<Pool, AddressError> {
    let tls = match node.addr() {
        ConnectionAddr::TcpTls { .. } => Some(TlsMode::Secure),
        _ => None,
    };
    let settings = node.redis_settings();
    let login = deadpool_redis::RedisConnectionInfo {
        db: settings.db(),
        username: settings.username().map(str::to_owned),
        password: settings.password().map(str::to_owned),
        ..Default::default()
    };
    let pooled = sentinel::SentinelNodeConnectionInfo {
        tls_mode: tls.map(Into::into),
        redis_connection_info: Some(login),
    };
    let master_only = sentinel::SentinelServerType::Master;
    let manager = sentinel::Manager::new(sentinels.to_vec(), master.to_owned(), Some(pooled), master_only)?;
    let pool = sentinel::Pool::builder(manager).config(limits()).runtime(Runtime::Tokio1).build();

    let mut own = SentinelNodeConnectionInfo::default().set_redis_connection_info(settings.clone());
    if let Some(tls) = tls {
        own = own.set_tls_mode(tls);
    }
    let client = SentinelClient::build(sentinels.to_vec(), master, Some(own), SentinelServerType::Master)?;
    Ok(Pool::Sentinel { pool: pool.map_err(|error| unbuilt(&error))?, client: Box::new(Mutex::new(client)) })
}

fn cluster(nodes: &[ConnectionInfo]) -> Result<Pool, AddressError> {
    let client = ClusterClientBuilder::new(nodes.to_vec())
        .connection_timeout(CONNECT)
        .response_timeout(ANSWER)
        .retries(2)
        .build()?;
    let pool = Managed::builder(Nodes(client)).config(limits()).runtime(Runtime::Tokio1).build();
    let nodes: RedisResult<Vec<Client>> = nodes.iter().cloned().map(Client::open).collect();
    Ok(Pool::Cluster { pool: pool.map_err(|error| unbuilt(&error))?, nodes: nodes? })
}

/// Makes cluster connections. deadpool-redis's own manager sets no limits, and a cluster client without them waits
/// for a hung node for ever.
pub(super) struct Nodes(ClusterClient);

impl Manager for Nodes {
    type Type = ClusterConnection;
    type Error = RedisError;

    async fn create(&self) -> RedisResult<ClusterConnection> {
        self.0.get_async_connection().await
    }

    async fn recycle(&self, connection: &mut ClusterConnection, _: &Metrics) -> RecycleResult<RedisError> {
        Ok(redis::cmd("PING").query_async::<()>(connection).await?)
    }
}
