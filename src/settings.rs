//! How the service is run: flags over environment over `datadip.yaml` over defaults. In: what was given. Out: one
//! value for each setting, or all that is wrong with the file.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use ipnet::IpNet;
use thiserror::Error;

use crate::cache;
use crate::catalog::watch::Watch;
use crate::diagnostic::Findings;
use crate::diagnostic::code::Code;
use crate::diagnostic::render::{Style, text};
use crate::diagnostic::source::Source;
use crate::mapping::read::Reader;
use crate::mapping::read::fields::Fields;
use crate::mapping::yaml;
use crate::secret::Secret;
use crate::telemetry::LogFormat;

/// The memory of what is kept, in MiB, where nothing is said.
const MEMORY_MB: u64 = 256;
/// How long calls are still answered after readiness has gone, in seconds, where nothing is said.
const DRAIN_SEC: u64 = 1;
/// The file that is read where none is named.
const FILE: &str = "datadip.yaml";
/// The memory of what past calls left, in MiB, where nothing is said.
const TRACE_MB: u64 = 32;
const TRACE_REDIS_MB: u64 = 64;
const KEYS: &[&str] = &[
    "listen",
    "admin_listen",
    "mappings",
    "strict",
    "watch",
    "redis_url",
    "memory_mb",
    "trace_mb",
    "trace_redis_mb",
    "drain_sec",
    "log_format",
    "trusted_proxies",
];

/// How the service is run.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where nodes are served.
    pub listen: SocketAddr,
    /// Where those who run it look.
    pub admin_listen: SocketAddr,
    /// The folder that holds `nodes/` and `upstreams/`.
    pub mappings: PathBuf,
    /// Whether a mapping file with an error keeps the service from starting.
    pub strict: bool,
    /// How changes of the mapping files are noticed.
    pub watch: Watch,
    /// Where the shared cache is, and the memory that this process may take for its own.
    pub cache: cache::Config,
    /// How long calls are still answered after readiness has gone.
    pub drain: Duration,
    /// The memory that this process may take for what past calls left, in bytes.
    pub trace_bytes: u64,
    /// Redis that the past calls of a day may take.
    pub trace_redis_bytes: u64,
    /// What shows what is personal in past calls; none: nothing does.
    pub personal_token: Option<Secret>,
    /// What opens the admin API; none: it stays shut.
    pub admin_token: Option<Secret>,
    /// How log lines are written.
    pub log_format: LogFormat,
    /// Proxies whose word on a caller's address is believed.
    pub trusted_proxies: Vec<IpNet>,
}

/// What flags and environment gave.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// `--listen`
    pub listen: Option<SocketAddr>,
    /// `--admin-listen`
    pub admin_listen: Option<SocketAddr>,
    /// `--mappings`
    pub mappings: Option<PathBuf>,
    /// `--strict`
    pub strict: Option<bool>,
    /// `--watch`
    pub watch: Option<Watch>,
    /// `--redis`
    pub redis: Option<String>,
    /// `DATADIP_KEY`
    pub key: Option<String>,
    /// `--memory-mb`
    pub memory_mb: Option<u64>,
    /// `--trace-mb`
    pub trace_mb: Option<u64>,
    /// In MiB.
    pub trace_redis_mb: Option<u64>,
    /// `DATADIP_ADMIN_PERSONAL_TOKEN`
    pub personal_token: Option<String>,
    /// `--drain-sec`
    pub drain_sec: Option<u64>,
    /// `DATADIP_ADMIN_TOKEN`
    pub admin_token: Option<String>,
}

/// Why there are no settings.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// The file was named and cannot be read.
    #[error("{path}: {error}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// The file has mistakes; all of them, as text.
    #[error("the settings cannot be used\n\n{0}")]
    Findings(String),
}

/// What the file gave.
#[derive(Debug, Default)]
struct Written {
    given: Given,
    log_format: Option<LogFormat>,
    trusted_proxies: Vec<IpNet>,
}

impl Settings {
    /// Settles each setting. `file`: the settings file that was named; else `datadip.yaml`, where there is one.
    ///
    /// # Errors
    /// A [`SettingsError`] where the file cannot be read or has mistakes.
    pub fn resolve(given: Given, file: Option<&Path>) -> Result<Self, SettingsError> {
        let written = match file {
            Some(path) => read(path)?,
            None if Path::new(FILE).is_file() => read(Path::new(FILE))?,
            None => Written::default(),
        };
        let memory_mb = given.memory_mb.or(written.given.memory_mb);
        let cache = cache::Config {
            memory_bytes: memory_mb.unwrap_or(MEMORY_MB) << 20,
            redis: given.redis.or(written.given.redis).map(Secret::new),
            key: given.key.map(Secret::new),
            ..cache::Config::default()
        };
        let trace_redis_mb = given.trace_redis_mb.or(written.given.trace_redis_mb);
        let local = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        Ok(Self {
            listen: given.listen.or(written.given.listen).unwrap_or(local(8080)),
            admin_listen: given.admin_listen.or(written.given.admin_listen).unwrap_or(local(8081)),
            mappings: given.mappings.or(written.given.mappings).unwrap_or_else(|| "mappings".into()),
            strict: given.strict.or(written.given.strict).unwrap_or(false),
            watch: given.watch.or(written.given.watch).unwrap_or_default(),
            cache,
            drain: Duration::from_secs(given.drain_sec.or(written.given.drain_sec).unwrap_or(DRAIN_SEC)),
            trace_bytes: given.trace_mb.or(written.given.trace_mb).unwrap_or(TRACE_MB) << 20,
            trace_redis_bytes: trace_redis_mb.unwrap_or(TRACE_REDIS_MB) << 20,
            personal_token: given.personal_token.filter(|token| !token.trim().is_empty()).map(Secret::new),
            admin_token: given.admin_token.filter(|token| !token.trim().is_empty()).map(Secret::new),
            log_format: written.log_format.unwrap_or_default(),
            trusted_proxies: written.trusted_proxies,
        })
    }
}

fn read(path: &Path) -> Result<Written, SettingsError> {
    let content = fs::read_to_string(path)
        .map_err(|error| SettingsError::Unreadable { path: path.to_owned(), error })?;
    // A file of comments alone settles nothing, and that is no mistake: every key may be left out.
    if content.lines().map(str::trim).all(|line| line.is_empty() || line.starts_with('#')) {
        return Ok(Written::default());
    }
    let source = Source::new(path.display().to_string(), content);
    let mut findings = Findings::new();
    let root = yaml::parse(&source, &mut findings);
    let mut reader = Reader::new(&source, &mut findings);
    let fields = root.as_ref().and_then(|root| reader.map(root, "the settings", KEYS));
    let written = fields.map(|fields| decode(&fields, &mut reader)).unwrap_or_default();
    if findings.has_errors() {
        let texts: Vec<String> = findings.iter().map(|finding| text(finding, Style::Plain)).collect();
        return Err(SettingsError::Findings(texts.join("\n\n")));
    }
    Ok(written)
}

fn decode(fields: &Fields<'_>, reader: &mut Reader<'_>) -> Written {
    let formats = [("text", LogFormat::Text), ("json", LogFormat::Json)];
    let mut trusted_proxies = Vec::new();
    for scalar in fields.texts(reader, "trusted_proxies") {
        let parsed = scalar.text.parse().or_else(|_| scalar.text.parse::<IpAddr>().map(IpNet::from));
        match parsed {
            Ok(network) => trusted_proxies.push(network),
            Err(_) => {
                let message = format!("`{}` is no address and no network", scalar.text);
                let help = "write it as `10.0.0.1`, `10.0.0.0/8` or `2001:db8::/32`";
                reader.error(Code::BadNetwork, scalar.span, message, help);
            }
        }
    }
    Written {
        given: Given {
            listen: address(fields, reader, "listen"),
            admin_listen: address(fields, reader, "admin_listen"),
            mappings: fields.text(reader, "mappings").map(|path| path.text.clone().into()),
            strict: fields.bool(reader, "strict"),
            watch: fields.word(reader, "watch", &Watch::NAMES),
            redis: fields.text(reader, "redis_url").map(|url| url.text.clone()),
            key: None,
            drain_sec: fields.int(reader, "drain_sec", 0..=300, "s").map(i64::unsigned_abs),
            admin_token: None,
            personal_token: None,
            trace_mb: fields.int(reader, "trace_mb", 1..=100_000, "MiB").map(i64::unsigned_abs),
            trace_redis_mb: fields.int(reader, "trace_redis_mb", 1..=100_000, "MiB").map(i64::unsigned_abs),
            memory_mb: fields.int(reader, "memory_mb", 1..=1_000_000, "MiB").map(i64::unsigned_abs),
        },
        log_format: fields.word(reader, "log_format", &formats),
        trusted_proxies,
    }
}

fn address(fields: &Fields<'_>, reader: &mut Reader<'_>, key: &str) -> Option<SocketAddr> {
    let scalar = reader.text_or_number(fields.get(key)?, &format!("`{key}`"))?;
    let address = scalar.text.parse().ok();
    if address.is_none() {
        let message = format!("`{}` is no address with a port", scalar.text);
        let port = scalar.text.parse::<u16>().unwrap_or(8080);
        reader.error(Code::BadAddress, scalar.span, message, format!("write it as 127.0.0.1:{port}"));
    }
    address
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::{Given, Settings, SettingsError};

    /// What comes of a file with this text, which is gone then.
    fn resolve(name: &str, given: Given, text: &str) -> Result<Settings, SettingsError> {
        let path = std::env::temp_dir().join(format!("datadip-settings-{}-{name}.yaml", std::process::id()));
        fs::write(&path, text).unwrap();
        let settings = Settings::resolve(given, Some(&path));
        fs::remove_file(&path).unwrap();
        settings
    }

    #[test]
    fn a_flag_wins_over_the_file_and_the_file_over_the_default() {
        let given = Given { listen: "127.0.0.1:9".parse().ok(), ..Given::default() };
        let text = "listen: 127.0.0.1:1\nadmin_listen: 127.0.0.1:2\nlog_format: json\ntrace_redis_mb: 2\n";
        let settings = resolve("order", given, text).unwrap();
        assert_eq!(settings.listen.port(), 9);
        assert_eq!(settings.admin_listen.port(), 2);
        assert_eq!((settings.trace_bytes, settings.trace_redis_bytes), (32 << 20, 2 << 20));
        assert_eq!(settings.mappings, PathBuf::from("mappings"));
    }

    #[test]
    fn a_file_of_comments_alone_settles_nothing() {
        for (name, text) in [("comments", "# listen: 0.0.0.0:8080\n\n  # strict: true\n"), ("nothing", "")] {
            let settings = resolve(name, Given::default(), text).unwrap();
            assert_eq!(settings.mappings, PathBuf::from("mappings"));
        }
    }

    #[test]
    fn a_trusted_proxy_is_an_address_or_a_network_of_them() {
        let text = "trusted_proxies: [10.0.0.1, 10.1.0.0/16, '2001:db8::7']\n";
        let settings = resolve("proxies", Given::default(), text).unwrap();
        let told: Vec<String> = settings.trusted_proxies.iter().map(ToString::to_string).collect();
        assert_eq!(told, ["10.0.0.1/32", "10.1.0.0/16", "2001:db8::7/128"]);
        let text = "trusted_proxies: [proxy.example.com]\n";
        let told = resolve("no-proxies", Given::default(), text).unwrap_err().to_string();
        assert!(told.contains("`proxy.example.com` is no address and no network"), "{told}");
    }

    #[test]
    fn all_mistakes_of_the_file_are_told_at_once() {
        let text = "listen: here\nadmin_listen: 9090\nlog_formt: json\nstrict: yes\n";
        let told = resolve("mistakes", Given::default(), text).unwrap_err().to_string();
        for part in [
            "`here` is no address",
            "write it as 127.0.0.1:9090",
            "did you mean `log_format`?",
            "write `true`",
        ] {
            assert!(told.contains(part), "{part} in {told}");
        }
    }
}
