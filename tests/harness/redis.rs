//! Redis processes on free loopback ports, in folders of their own.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Longer than a server may take to start or a cluster to form, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(60);

/// One redis-server, behind TLS where its options name a certificate; it ends with the test.
pub struct Server {
    pub port: u16,
    folder: PathBuf,
    /// The configuration: standard input, which is empty, or a file.
    first: Option<String>,
    options: Vec<String>,
    child: Option<Child>,
}

/// A free port for one test alone. It is none of those that the system gives to connections, so that it stays free
/// while nobody listens there.
pub fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let first = std::process::id().wrapping_mul(97);
    loop {
        let port = 10_000 + (first.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % 12_000) as u16;
        // A cluster node also takes the port 10 000 above.
        if [port, port + 10_000].iter().all(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()) {
            return port;
        }
    }
}

impl Server {
    pub fn start(options: &[&str]) -> Self {
        Self::on(free_port(), options)
    }

    pub fn on(port: u16, options: &[&str]) -> Self {
        let mut server = Self::idle(port, options);
        server.restart();
        server
    }

    fn idle(port: u16, options: &[&str]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("datadip-redis-{}-{count}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let options = options.iter().map(|option| (*option).to_owned()).collect();
        Self { port, folder, first: None, options, child: None }
    }

    /// A Sentinel that watches the master on this port as `mymaster`.
    pub fn sentinel(master: u16) -> Self {
        Self::sentinel_with(master, &[], "")
    }

    /// The same, with further options and lines of its file.
    pub fn sentinel_with(master: u16, options: &[&str], lines: &str) -> Self {
        let mut server = Self::idle(free_port(), &[&["--sentinel"], options].concat());
        let file = server.folder.join("sentinel.conf");
        let watch = format!(
            "sentinel monitor mymaster 127.0.0.1 {master} 2\nsentinel down-after-milliseconds mymaster 500\n\
             sentinel failover-timeout mymaster 4000\n{lines}"
        );
        fs::write(&file, watch).unwrap();
        server.first = Some(file.to_str().unwrap().to_owned());
        server.restart();
        server
    }

    /// Three nodes that are one cluster.
    pub fn cluster() -> [Self; 3] {
        Self::cluster_with(&[])
    }

    /// The same, with further options.
    pub fn cluster_with(options: &[&str]) -> [Self; 3] {
        let usual = ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000"];
        let nodes = [(); 3].map(|()| Self::start(&[&usual, options].concat()));
        let addresses: Vec<String> = nodes.iter().map(|node| format!("127.0.0.1:{}", node.port)).collect();
        let mut create = vec!["--cluster", "create"];
        create.extend(addresses.iter().map(String::as_str));
        create.push("--cluster-yes");
        nodes[0].cli(&create);
        let end = Instant::now() + PATIENCE;
        while !nodes.iter().all(|node| node.cli(&["CLUSTER", "INFO"]).contains("cluster_state:ok")) {
            assert!(Instant::now() < end, "the cluster is not whole");
            std::thread::sleep(Duration::from_millis(20));
        }
        nodes
    }

    /// Starts the process again, empty, on the same port.
    pub fn restart(&mut self) {
        self.kill();
        let mut command = Command::new("redis-server");
        let port = self.port.to_string();
        command.arg(self.first.as_deref().unwrap_or("-"));
        match self.certificate() {
            Some(_) => command.args(["--port", "0", "--tls-port", &port]),
            None => command.args(["--port", &port]),
        };
        command.args(["--bind", "127.0.0.1", "--daemonize", "no", "--dir", self.folder.to_str().unwrap()]);
        if self.first.is_none() {
            command.args(["--save", ""]);
        }
        command.args(&self.options);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let end = Instant::now() + PATIENCE;
        self.child = Some(command.spawn().unwrap());
        while !["PONG", "NOAUTH"].iter().any(|answer| self.cli(&["PING"]).contains(answer)) {
            assert!(Instant::now() < end, "redis-server did not start");
            // It leaves where its port is not free yet.
            if self.child.as_mut().is_none_or(|child| child.try_wait().unwrap().is_some()) {
                self.child = Some(command.spawn().unwrap());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            signal(&child, "CONT");
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// SIGSTOP: connections stay, nothing answers.
    pub fn stop(&self) {
        let child = self.child.as_ref().unwrap();
        signal(child, "STOP");
        let stat = format!("/proc/{}/stat", child.id());
        let end = Instant::now() + PATIENCE;
        while !fs::read_to_string(&stat).unwrap().contains(") T ") {
            assert!(Instant::now() < end, "redis-server does not stop");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    pub fn resume(&self) {
        signal(self.child.as_ref().unwrap(), "CONT");
    }

    /// Where it keeps its files.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// What `redis-cli` prints.
    pub fn cli(&self, arguments: &[&str]) -> String {
        let port = self.port.to_string();
        let mut command = Command::new("redis-cli");
        if let Some(password) = self.option("--requirepass") {
            command.env("REDISCLI_AUTH", password);
        }
        if let Some(certificate) = self.certificate() {
            command.args(["--tls", "--cacert", certificate]);
        }
        let output = command.args(["-p", &port]).args(arguments).output().unwrap();
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// The certificate that it shows; none: it speaks in the clear.
    fn certificate(&self) -> Option<&str> {
        self.option("--tls-cert-file")
    }

    fn option(&self, name: &str) -> Option<&str> {
        let at = self.options.iter().position(|option| option == name)?;
        self.options.get(at + 1).map(String::as_str)
    }

    /// Every key that begins so.
    pub fn keys(&self, prefix: &str) -> Vec<String> {
        let found = self.cli(&["--scan", "--pattern", &format!("{prefix}*")]);
        found.lines().map(str::to_owned).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn signal(child: &Child, name: &str) {
    let status = Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status();
    assert!(status.unwrap().success());
}
