//! The binary, started on a folder of mapping files and ended with the test.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::folder::Folder;
use crate::shell::{self, Ended};
use crate::wire::{Said, Wire};

/// Its log, beside the mappings.
const LOG: &str = "gateway.log";
/// Longer than it may take to end, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(60);
const FREE_PORTS: [&str; 4] = ["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"];

/// A running gateway.
pub struct Gateway {
    child: Child,
    address: SocketAddr,
    admin: SocketAddr,
    printed: Arc<Mutex<String>>,
    folder: Folder,
}

impl Gateway {
    /// Starts it on these mapping files: path below the mappings folder, and text.
    pub fn start(mappings: &[(&str, &str)]) -> Self {
        Self::start_with(mappings, &[], &[])
    }

    /// The same, with further arguments and environment variables. It inherits none of ours but PATH.
    pub fn start_with(mappings: &[(&str, &str)], args: &[&str], env: &[(&str, &str)]) -> Self {
        let folder = Folder::with(&[]);
        for (path, text) in mappings {
            folder.write(&format!("mappings/{path}"), text);
        }
        let mappings = folder.path().join("mappings");
        let mappings = mappings.to_str().expect("a path that is text");
        let args = [&["serve", "--mappings", mappings], &FREE_PORTS[..], args].concat();
        let place = folder.path().to_owned();
        Self::run(folder, &place, &args, env)
    }

    /// Starts it with the working directory in this folder, with these arguments alone.
    pub fn start_in(folder: Folder, args: &[&str], env: &[(&str, &str)]) -> Self {
        let place = folder.path().to_owned();
        Self::run(folder, &place, args, env)
    }

    /// Starts it on the shipped mappings, as a newcomer does in a fresh checkout, but on free ports.
    pub fn start_shipped(env: &[(&str, &str)]) -> Self {
        let checkout = Path::new(env!("CARGO_MANIFEST_DIR"));
        Self::run(Folder::with(&[]), checkout, &[&["serve"], &FREE_PORTS[..]].concat(), env)
    }

    /// Starts it on these mapping files with its log going there: [`Gateway::log`] is empty.
    pub fn start_logging_to(log: impl Into<Stdio>, mappings: &[(&str, &str)], env: &[(&str, &str)]) -> Self {
        let folder = Folder::with(&[]);
        for (path, text) in mappings {
            folder.write(&format!("mappings/{path}"), text);
        }
        let place = folder.path().to_owned();
        Self::run_logging_to(log.into(), folder, &place, &[&["serve"], &FREE_PORTS[..]].concat(), env)
    }

    fn run(folder: Folder, place: &Path, args: &[&str], env: &[(&str, &str)]) -> Self {
        let log = File::create(folder.path().join(LOG)).expect("a log file");
        Self::run_logging_to(log.into(), folder, place, args, env)
    }

    fn run_logging_to(log: Stdio, folder: Folder, place: &Path, args: &[&str], env: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_datadip"))
            .args(args)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(env.iter().copied())
            .current_dir(place)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the binary starts");
        let printed = Arc::default();
        let Some((address, admin)) = listening(&mut child, &printed) else {
            let _ = child.kill();
            let _ = child.wait();
            panic!("the gateway does not listen:\n{}", folder.read(LOG));
        };
        Self { child, address, admin, printed, folder }
    }

    /// Where those who run it look.
    pub fn admin(&self) -> SocketAddr {
        self.admin
    }

    /// What it has printed so far, behind the addresses.
    pub fn printed(&self) -> String {
        self.printed.lock().unwrap().clone()
    }

    /// Where the IVR calls it.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Tells it to stop, as a supervisor does.
    pub fn terminate(&self) {
        self.signal("TERM");
    }

    /// Sends it a signal, such as INT.
    pub fn signal(&self, name: &str) {
        let (id, option) = (self.child.id().to_string(), format!("-{name}"));
        let told = Command::new("kill").args([&option, &id]).status().expect("kill runs");
        assert!(told.success(), "kill {option} {id}");
    }

    /// The exit code, once it has ended; -1 where a signal ended it.
    pub fn ended(&mut self) -> i32 {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().expect("the child's status") {
                return status.code().unwrap_or(-1);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("the gateway does not end");
    }

    /// What the log says of mapping files with errors. Warnings are let pass: a test may want what nobody else does.
    pub fn mistakes(&self) -> String {
        let log = self.log();
        let is_mistake = |line: &&str| line.contains("mapping.finding") && line.contains("ERROR");
        log.lines().filter(is_mistake).collect::<Vec<_>>().join("\n")
    }

    /// All that it has logged so far.
    pub fn log(&self) -> String {
        self.folder.read(LOG)
    }

    /// Opens a connection, for what is no plain call.
    pub fn open(&self) -> Wire {
        Wire::open(self.address)
    }

    /// GETs a path with its query.
    pub fn get(&self, target: &str) -> Said {
        self.call("GET", target, &[], b"")
    }

    /// POSTs a FORM.
    pub fn post_form(&self, target: &str, body: &str) -> Said {
        let form = [("content-type", "application/x-www-form-urlencoded")];
        self.call("POST", target, &form, body.as_bytes())
    }

    /// POSTs JSON.
    pub fn post_json(&self, target: &str, body: &str) -> Said {
        self.call("POST", target, &[("content-type", "application/json")], body.as_bytes())
    }

    /// Sends one request on a connection of its own.
    pub fn call(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Said {
        send(self.address, method, target, headers, body)
    }

    /// Sends one request to the admin listener, with this token where there is one.
    pub fn ask(&self, method: &str, target: &str, token: &str, body: &str) -> Said {
        let bearer = format!("Bearer {token}");
        let headers: &[(&str, &str)] = if token.is_empty() { &[] } else { &[("authorization", &bearer)] };
        send(self.admin, method, target, headers, body.as_bytes())
    }

    /// Runs a command of the same binary, beside the mappings folder, that speaks to this gateway with this token.
    pub fn command(&self, token: &str, args: &[&str]) -> Ended {
        let admin = format!("http://{}", self.admin);
        let env = [("DATADIP_ADMIN", admin.as_str()), ("DATADIP_ADMIN_TOKEN", token)];
        shell::datadip_with(self.folder.path(), args, &env)
    }

    /// The folder that the mappings folder stands in.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file beside the mappings folder.
    pub fn write(&self, path: &str, text: &str) {
        self.folder.write(path, text);
    }
}

fn send(address: SocketAddr, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Said {
    let mut request = format!("{method} {target} HTTP/1.1\r\nhost: {address}\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() || method == "POST" {
        request.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    request.push_str("\r\n");
    let mut wire = Wire::open(address);
    wire.write(&[request.as_bytes(), body].concat());
    wire.read(method == "HEAD")
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("the gateway's log:\n{}", self.log());
        }
    }
}

/// The addresses that the first two lines name. The rest is read as it comes, so that the child never waits for us.
fn listening(child: &mut Child, printed: &Arc<Mutex<String>>) -> Option<(SocketAddr, SocketAddr)> {
    let mut lines = BufReader::new(child.stdout.take()?).lines();
    let mut address = |before: &str| lines.next()?.ok()?.trim().strip_prefix(before)?.parse().ok();
    let addresses = (address("listening on http://")?, address("admin on http://")?);
    let printed = Arc::clone(printed);
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            printed.lock().unwrap().push_str(&(line + "\n"));
        }
    });
    Some(addresses)
}
