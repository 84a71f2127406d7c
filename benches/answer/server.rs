//! A server under load, in a process of its own so that its CPU time is its own.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::floor;

/// Ends with the value.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
}

impl Server {
    /// The gateway on the shipped mappings, as it is shipped.
    pub fn gateway() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_datadip"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--mappings"]);
        command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings"));
        Self::start(command)
    }

    /// The floor, answering these bytes.
    pub fn floor(answer: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args([floor::ARGUMENT, answer]);
        Self::start(command)
    }

    fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).unwrap().split_whitespace().next().unwrap();
        let address = address.parse().unwrap();
        // What else it says must go somewhere, or it would stop at a full pipe.
        std::thread::spawn(move || lines.lines().map_while(Result::ok).for_each(drop));
        Self { child, address }
    }

    /// User and system CPU time so far, in microseconds.
    pub fn cpu_us(&self) -> f64 {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.child.id())).unwrap();
        tasks.map(|task| run_ns(&task.unwrap().path().join("schedstat"))).sum::<f64>() / 1e3
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
