//! Redis behind TLS.

use std::process::Command;

use crate::redis::{Server, free_port};
use crate::replica::{is_up, keep_shared, ready, start};

/// Where the child finds Redis.
const URL: &str = "DATADIP_TEST_TLS_URL";

const NAME: &str = "tls::a_redis_behind_tls_is_used_where_its_certificate_is_trusted_and_not_elsewhere";

/// Runs itself in a second process, the one who trusts: trusted certificates are read from the environment once.
#[tokio::test(flavor = "multi_thread")]
async fn a_redis_behind_tls_is_used_where_its_certificate_is_trusted_and_not_elsewhere() {
    if let Ok(url) = std::env::var(URL) {
        return keep_shared(&ready(&url).await).await;
    }
    let folder = std::env::temp_dir().join(format!("datadip-tls-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (key, certificate, port) = (file("key.pem"), file("cert.pem"), free_port().to_string());
    let subject = ["-subj", "/CN=redis", "-addext", "subjectAltName=IP:127.0.0.1"];
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-keyout",
            &key,
            "-out",
            &certificate,
        ])
        .args(subject)
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let files = ["--tls-cert-file", &certificate, "--tls-key-file", &key, "--tls-ca-cert-file", &certificate];
    let _server = Server::start(&[&["--tls-port", &port, "--tls-auth-clients", "no"], &files[..]].concat());
    let url = format!("rediss://127.0.0.1:{port}");
    let distrustful = start(&url);

    let trusting = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", NAME])
        .envs([(URL, url.as_str()), ("SSL_CERT_FILE", certificate.as_str())])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&trusting.stdout);
    assert!(trusting.status.success() && said.contains("1 passed"), "{said}");
    assert!(!is_up(&distrustful));
    std::fs::remove_dir_all(&folder).unwrap();
}
