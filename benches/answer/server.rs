//! A server under load, in a process of its own so that its CPU time is its own.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::{floor, upstream};

/// Ends with the value.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
}

impl Server {
    /// The gateway, as it is shipped, on this mappings folder.
    pub fn gateway(mappings: &Path, environment: &[(&str, &str)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_datadip"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--mappings"]);
        command.arg(mappings).envs(environment.iter().copied());
        Self::start(command)
    }

    /// A floor of this kind.
    pub fn floor(arguments: &[&str]) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.arg(floor::ARGUMENT).args(arguments);
        Self::start(command)
    }

    /// The CRM.
    pub fn upstream() -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.arg(upstream::ARGUMENT);
        Self::start(command)
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).unwrap().split_whitespace().next().unwrap();
        let address = address.parse().unwrap();
        // What else it says must go somewhere, or it would stop at a full pipe.
        thread::spawn(move || lines.lines().map_while(Result::ok).for_each(drop));
        Self { child, address }
    }

    /// User and system CPU time so far, in microseconds.
    pub fn cpu_us(&self) -> f64 {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.child.id())).unwrap();
        tasks.map(|task| run_ns(&task.unwrap().path().join("schedstat"))).sum::<f64>() / 1e3
    }
}

/// The mappings of this repository.
pub fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings")
}

/// Mappings whose node asks a CRM over HTTP and keeps what it finds.
pub fn bench_mappings() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/answer/mappings")
}

/// A Redis of its own.
pub struct Redis {
    child: Child,
    port: u16,
}

impl Redis {
    /// Starts it on a free port and waits until it answers.
    pub fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new("redis-server");
        command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", ""]);
        let child = command.stdout(Stdio::null()).spawn().unwrap();
        let is_up = (0..100).any(|_| {
            thread::sleep(Duration::from_millis(50));
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        assert!(is_up, "redis-server does not answer");
        Self { child, port }
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The time on a CPU of one thread, in nanoseconds: the scheduler's own count, finer than the clock tick.
fn run_ns(path: &Path) -> f64 {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.split_whitespace().next().and_then(|ns| ns.parse().ok()).unwrap_or(0.0)
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
