//! Redis behind TLS.

use std::process::Command;

use crate::replica::{is_up, keep_shared, ready, start};
use crate::server::{Server, free_port};

/// Where the child finds Redis.
const URL: &str = "DATADIP_TEST_TLS_URL";

/// The trusted certificates are read from the environment once, so that the one who trusts is a process of its own.
#[tokio::test(flavor = "multi_thread")]
async fn a_redis_behind_tls_is_used_where_its_certificate_is_trusted_and_not_elsewhere() {
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

    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "tls::one_who_trusts", "--ignored"])
        .envs([(URL, url.as_str()), ("SSL_CERT_FILE", certificate.as_str())])
        .output()
        .unwrap();
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stdout));
    assert!(!is_up(&distrustful));
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a part of the test above"]
async fn one_who_trusts() {
    let Ok(url) = std::env::var(URL) else {
        return;
    };
    keep_shared(&ready(&url).await).await;
}
