//! `datadip serve`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::app::{App, Environment};
use crate::catalog::watch::Watch;
use crate::cli::{Unusable, say};
use crate::settings::{Given, Settings};
use crate::telemetry;

/// What the command takes. A flag wins over its variable, the variable over `datadip.yaml`.
#[derive(Debug, clap::Args)]
pub(super) struct Flags {
    /// Where the nodes are served [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS", env = "DATADIP_LISTEN")]
    listen: Option<SocketAddr>,
    /// Where health and the admin API are served, for those who run it [default: 127.0.0.1:8081]
    #[arg(long, value_name = "ADDRESS", env = "DATADIP_ADMIN_LISTEN")]
    admin_listen: Option<SocketAddr>,
    /// The folder that holds `nodes/` and `upstreams/` [default: mappings]
    #[arg(long, value_name = "DIR", env = "DATADIP_MAPPINGS")]
    mappings: Option<PathBuf>,
    /// Redis that replicas share: redis://, rediss://, redis+sentinel://, redis-cluster://; needs DATADIP_KEY, the
    /// same secret of 32 characters or more for all replicas
    #[arg(long, value_name = "URL", env = "DATADIP_REDIS_URL", hide_env_values = true)]
    redis: Option<String>,
    /// Memory that what is kept may take, in MiB [default: 256]
    #[arg(long, value_name = "MIB", env = "DATADIP_MEMORY_MB")]
    memory_mb: Option<u64>,
    /// Memory that what past calls left may take, for `datadip explain`, in MiB [default: 32]
    #[arg(long, value_name = "MIB", env = "DATADIP_TRACE_MB", value_parser = clap::value_parser!(u64).range(1..=100_000))]
    trace_mb: Option<u64>,
    /// Redis that the past calls of a day may take, of this replica, in MiB [default: 64]
    #[arg(long, value_name = "MIB", env = "DATADIP_TRACE_REDIS_MB", value_parser = clap::value_parser!(u64).range(1..=100_000))]
    trace_redis_mb: Option<u64>,
    /// Told to stop, answer calls for so many seconds after /readyz says no [default: 1]
    #[arg(long, value_name = "SECONDS", env = "DATADIP_DRAIN_SEC", value_parser = clap::value_parser!(u64).range(0..=300))]
    drain_sec: Option<u64>,
    /// Do not start while any mapping file has an error
    #[arg(long, env = "DATADIP_STRICT")]
    strict: bool,
    /// How changes of the mapping files are noticed: auto, poll (for network shares), off [default: auto]
    #[arg(long, value_name = "HOW", env = "DATADIP_WATCH")]
    watch: Option<Watch>,
    /// A file with the same settings, `listen: …` and so on [default: datadip.yaml, where there is one]
    #[arg(long, value_name = "FILE", env = "DATADIP_CONFIG")]
    config: Option<PathBuf>,
}

/// Serves until it is told to stop.
pub(super) fn run(flags: Flags, environment: Environment) -> Result<ExitCode, Unusable> {
    let given = Given {
        listen: flags.listen,
        admin_listen: flags.admin_listen,
        mappings: flags.mappings,
        strict: flags.strict.then_some(true),
        watch: flags.watch,
        redis: flags.redis,
        key: environment("DATADIP_KEY"),
        memory_mb: flags.memory_mb,
        trace_mb: flags.trace_mb,
        trace_redis_mb: flags.trace_redis_mb,
        personal_token: environment("DATADIP_ADMIN_PERSONAL_TOKEN"),
        drain_sec: flags.drain_sec,
        admin_token: environment("DATADIP_ADMIN_TOKEN"),
    };
    let settings = Settings::resolve(given, flags.config.as_deref())?;
    telemetry::install(settings.log_format, environment("DATADIP_LOG").as_deref())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let app = App::build(settings, environment).await?;
        // It is for a person: where nobody can read it (a full disk), calls are answered all the same.
        let _ = say(app.banner());
        app.run().await?;
        Ok(ExitCode::SUCCESS)
    })
}
