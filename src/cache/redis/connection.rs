//! One shared connection to whatever kind of Redis it is. Clones are cheap and may be used side by side.

use deadpool_redis::redis::aio::{ConnectionLike, MultiplexedConnection};
use deadpool_redis::redis::cluster_async::ClusterConnection;
use deadpool_redis::redis::{Cmd, Pipeline, RedisFuture, RedisResult, Value};
use futures_util::future::join_all;

/// A connection.
#[derive(Clone)]
pub(super) enum Connection {
    /// To one server.
    One(MultiplexedConnection),
    /// To all nodes of a cluster.
    Many(ClusterConnection),
}

impl Connection {
    /// Sends commands together and gives how many failed. What they answer is not looked at.
    pub(super) async fn send(&mut self, commands: &[Cmd]) -> RedisResult<usize> {
        match self {
            Self::One(connection) => {
                let mut pipeline = Pipeline::with_capacity(commands.len());
                pipeline.ignore_errors();
                for command in commands {
                    pipeline.add_command(command.clone());
                }
                let answers: Vec<Value> = pipeline.query_async(connection).await?;
                Ok(answers.iter().filter(|answer| matches!(answer, Value::ServerError(_))).count())
            }
            Self::Many(connection) => {
                let sent = commands.iter().map(|command| {
                    let mut connection = connection.clone();
                    async move { command.query_async::<Value>(&mut connection).await }
                });
                let answers = join_all(sent).await;
                let failed = answers.iter().filter(|answer| answer.is_err()).count();
                match answers.into_iter().find_map(Result::err) {
                    Some(error) if failed == commands.len() => Err(error),
                    _ => Ok(failed),
                }
            }
        }
    }
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::One(connection) => connection.req_packed_command(command),
            Self::Many(connection) => connection.req_packed_command(command),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::One(connection) => connection.req_packed_commands(pipeline, offset, count),
            Self::Many(connection) => connection.req_packed_commands(pipeline, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::One(connection) => connection.get_db(),
            Self::Many(connection) => connection.get_db(),
        }
    }
}
