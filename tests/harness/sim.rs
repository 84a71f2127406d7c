//! `datadip sim`, started for a test on free ports and ended with it.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::wire::{Said, Wire};

/// Longer than it may take to end, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(60);
/// How many variables it names.
const VARIABLES: usize = 15;

/// The running simulators.
pub struct Sim {
    child: Child,
    variables: Vec<(String, String)>,
}

impl Sim {
    /// Starts all four on free ports.
    pub fn start() -> Self {
        let mut sim = Self { child: spawn(&["--env"]), variables: Vec::new() };
        let lines = BufReader::new(sim.child.stdout.take().expect("its output")).lines();
        let lines = lines.take(VARIABLES).map(|line| line.expect("a line"));
        let variables = lines.map(|line| {
            let (name, value) =
                line.strip_prefix("export ").and_then(|line| line.split_once('=')).expect(&line);
            (name.to_owned(), value.to_owned())
        });
        sim.variables = variables.collect();
        assert_eq!(sim.variables.len(), VARIABLES, "the simulators do not start: {:?}", sim.variables);
        sim
    }

    /// The first four lines that they print, started without `--env`.
    pub fn printed() -> String {
        let mut sim = Self { child: spawn(&[]), variables: Vec::new() };
        let lines = BufReader::new(sim.child.stdout.take().expect("its output")).lines();
        lines.take(4).map(|line| line.expect("a line") + "\n").collect()
    }

    /// What makes the shipped mapping files speak to them: for a gateway's environment.
    pub fn variables(&self) -> Vec<(&str, &str)> {
        self.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    /// One of the variables.
    pub fn value(&self, name: &str) -> &str {
        let found = self.variables.iter().find(|(known, _)| known == name);
        &found.unwrap_or_else(|| panic!("`{name}` is none of the variables")).1
    }

    /// Where one of them listens, by the variable that holds its URL.
    pub fn address(&self, url: &str) -> SocketAddr {
        self.value(url).strip_prefix("http://").and_then(|address| address.parse().ok()).expect("an address")
    }

    /// Sends one request to the simulator of this variable. A body that is null is none.
    pub fn ask(&self, url: &str, method: &str, target: &str, headers: &[(&str, &str)], body: &Value) -> Said {
        let mut wire = self.send(url, method, target, headers, body);
        wire.read(false)
    }

    /// The same, without waiting for the answer.
    pub fn send(
        &self,
        url: &str,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Wire {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut request =
            format!("{method} {target} HTTP/1.1\r\nhost: sim\r\ncontent-length: {}\r\n", body.len());
        if !body.is_empty() && !headers.iter().any(|(name, _)| *name == "content-type") {
            request.push_str("content-type: application/json\r\n");
        }
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        let mut wire = Wire::open(self.address(url));
        wire.write(format!("{request}\r\n{body}").as_bytes());
        wire
    }

    /// Puts faults in force: one, or a list.
    pub fn fault(&self, url: &str, faults: &Value) {
        let said = self.ask(url, "POST", "/_sim/faults", &[], faults);
        assert_eq!(said.status, 200, "{}", said.text());
    }

    /// Makes a simulator forget all it was told.
    pub fn reset(&self, url: &str) {
        assert_eq!(self.ask(url, "POST", "/_sim/reset", &[], &Value::Null).status, 200);
    }

    /// What a simulator was asked: `counts`, and the `last` requests.
    pub fn requests(&self, url: &str) -> Value {
        self.ask(url, "GET", "/_sim/requests", &[], &Value::Null).json()
    }

    /// SIGSTOP: connections stay and are accepted, nothing answers.
    pub fn stop(&self) {
        self.signal("STOP");
        let begun = Instant::now();
        while !self.is_stopped() {
            assert!(begun.elapsed() < PATIENCE, "the simulators do not stop");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Whether each of its threads stands still.
    fn is_stopped(&self) -> bool {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.child.id())).expect("its threads");
        let state = |task: std::io::Result<std::fs::DirEntry>| {
            let stat = std::fs::read_to_string(task.ok()?.path().join("stat")).ok()?;
            stat.rsplit_once(") ")?.1.chars().next()
        };
        tasks.filter_map(state).all(|state| state == 'T')
    }

    /// It goes on where it was stopped.
    pub fn resume(&self) {
        self.signal("CONT");
    }

    fn signal(&self, name: &str) {
        let (id, option) = (self.child.id().to_string(), format!("-{name}"));
        let told = Command::new("kill").args([&option, &id]).status().expect("kill runs");
        assert!(told.success(), "kill {option} {id}");
    }

    /// Sends a signal, such as TERM, and waits for the end: the exit code, -1 where a signal ended it.
    pub fn end(&mut self, signal: &str) -> i32 {
        self.signal(signal);
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().expect("the child's status") {
                return status.code().unwrap_or(-1);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("the simulators do not end");
    }
}

fn spawn(args: &[&str]) -> Child {
    let ports = ["--crm-port", "0", "--sobot-port", "0", "--stringee-port", "0", "--xswitch-port", "0"];
    let mut command = Command::new(env!("CARGO_BIN_EXE_datadip"));
    command.arg("sim").args(args).args(ports).stdin(Stdio::null()).stdout(Stdio::piped());
    command.spawn().expect("the binary starts")
}

impl Drop for Sim {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
