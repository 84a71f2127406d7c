//! Redis behind TLS and passwords: one server, Sentinels with their master, and a cluster.

use std::path::PathBuf;
use std::process::Command;

use datadip::cache::Replicas;

use crate::patience::until;
use crate::redis::{Server, free_port};
use crate::replica::{PHONE, by_phone, is_up, keep_shared, name, patient, start};

/// Where the child finds Redis.
const URL: &str = "DATADIP_TEST_TLS_URL";

/// A certificate for this machine, that nobody knows of; its files end with the test.
struct Certificate {
    folder: PathBuf,
}

impl Certificate {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("datadip-tls-{}-{}", std::process::id(), free_port()));
        std::fs::create_dir_all(&folder).unwrap();
        let made = Self { folder };
        let subject = ["-subj", "/CN=redis", "-addext", "subjectAltName=IP:127.0.0.1"];
        let kind = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"];
        let openssl = Command::new("openssl")
            .args(kind)
            .args(["-keyout", &made.file("key.pem"), "-out", &made.file("cert.pem")])
            .args(subject)
            .args(["-addext", "basicConstraints=critical,CA:FALSE"])
            .output()
            .unwrap();
        assert!(openssl.status.success(), "{}", String::from_utf8_lossy(&openssl.stderr));
        made
    }

    fn file(&self, name: &str) -> String {
        self.folder.join(name).to_str().unwrap().to_owned()
    }

    /// What a server is told to show it, and to show it to other servers too.
    fn options(&self) -> Vec<String> {
        let (key, certificate) = (self.file("key.pem"), self.file("cert.pem"));
        let files =
            ["--tls-key-file", &key, "--tls-cert-file", &certificate, "--tls-ca-cert-file", &certificate];
        let options = [&files[..], &["--tls-auth-clients", "no", "--tls-replication", "yes"]].concat();
        options.into_iter().map(str::to_owned).collect()
    }

    /// Runs a test in a second process, one that trusts it: trusted certificates are read from the environment once.
    fn is_trusted_by(&self, test: &str, url: &str) {
        let trusting = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", &format!("tls::{test}")])
            .envs([(URL, url), ("SSL_CERT_FILE", &self.file("cert.pem"))])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&trusting.stdout);
        assert!(trusting.status.success() && said.contains("1 passed"), "{said}");
    }
}

impl Drop for Certificate {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn both<'a>(one: &'a [String], other: &[&'a str]) -> Vec<&'a str> {
    one.iter().map(String::as_str).chain(other.iter().copied()).collect()
}

/// What the child does: two replicas find what the other kept, and hear of evictions.
async fn is_used(url: &str) {
    let (first, second) = (patient(url).await, patient(url).await);
    keep_shared(&first).await;
    assert_eq!(name(&second, &by_phone(PHONE)).await.as_deref(), Some("Adelaide"));
    assert_eq!(first.evict(&[PHONE]).await.replicas, Replicas::Told);
    until("the other has heard", async || second.held(&by_phone(PHONE)).is_none()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_behind_tls_is_used_where_its_certificate_is_trusted_and_not_elsewhere() {
    if let Ok(url) = std::env::var(URL) {
        return is_used(&url).await;
    }
    let certificate = Certificate::new();
    let server = Server::start(&both(&certificate.options(), &[]));
    let url = format!("rediss://127.0.0.1:{}", server.port);
    let distrustful = start(&url);
    certificate
        .is_trusted_by("a_redis_behind_tls_is_used_where_its_certificate_is_trusted_and_not_elsewhere", &url);
    assert!(!is_up(&distrustful));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_behind_tls_and_a_password_is_used() {
    if let Ok(url) = std::env::var(URL) {
        return is_used(&url).await;
    }
    let certificate = Certificate::new();
    let options = ["--tls-cluster", "yes", "--requirepass", "hush"];
    let nodes = Server::cluster_with(&both(&certificate.options(), &options));
    let hosts: Vec<String> = nodes.iter().map(|node| format!("127.0.0.1:{}", node.port)).collect();
    let (hosts, test) = (hosts.join(","), "a_cluster_behind_tls_and_a_password_is_used");
    let (distrustful, stranger) =
        (start(&format!("rediss-cluster://:hush@{hosts}")), start(&format!("redis-cluster://:hush@{hosts}")));
    certificate.is_trusted_by(test, &format!("rediss-cluster://:hush@{hosts}"));
    assert!(!is_up(&distrustful) && !is_up(&stranger));
}

#[tokio::test(flavor = "multi_thread")]
async fn sentinels_and_their_master_behind_tls_and_a_password_each_are_used() {
    if let Ok(url) = std::env::var(URL) {
        return is_used(&url).await;
    }
    let certificate = Certificate::new();
    let options = certificate.options();
    let master = Server::start(&both(&options, &["--requirepass", "hush"]));
    let sentinel = Server::sentinel_with(
        master.port,
        &both(&options, &["--requirepass", "s3t"]),
        "sentinel auth-pass mymaster hush\n",
    );
    let of = |scheme, login| format!("{scheme}://:hush@127.0.0.1:{}/mymaster{login}", sentinel.port);
    let test = "sentinels_and_their_master_behind_tls_and_a_password_each_are_used";
    let distrustful = start(&of("rediss+sentinel", "?sentinel=:s3t"));
    certificate.is_trusted_by(test, &of("rediss+sentinel", "?sentinel=:s3t"));
    assert!(!is_up(&distrustful));
}
