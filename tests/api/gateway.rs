//! The binary, started on a folder of mapping files and ended with the test.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::folder::Folder;
use crate::wire::{Said, Wire};

/// Its log, beside the mappings.
const LOG: &str = "gateway.log";

/// A running gateway.
pub struct Gateway {
    child: Child,
    address: SocketAddr,
    admin: SocketAddr,
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
        let log = File::create(folder.path().join(LOG)).expect("a log file");
        let mut child = Command::new(env!("CARGO_BIN_EXE_datadip"))
            .args(["serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--mappings"])
            .arg(folder.path().join("mappings"))
            .args(args)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(env.iter().copied())
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the binary starts");
        let address = listening(&mut child);
        let Some((address, admin)) = address else {
            let _ = child.kill();
            let _ = child.wait();
            panic!("the gateway does not listen:\n{}", folder.read(LOG));
        };
        Self { child, address, admin, folder }
    }

    /// Where the IVR calls it.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Runs a command of the same binary that speaks to this gateway, with this token.
    pub fn run(&self, token: &str, args: &[&str]) -> Output {
        let command = Command::new(env!("CARGO_BIN_EXE_datadip"))
            .args(args)
            .env_clear()
            .env("DATADIP_ADMIN", format!("http://{}", self.admin))
            .env("DATADIP_ADMIN_TOKEN", token)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .output();
        command.expect("the command runs")
    }

    /// Writes a file beside the mappings folder.
    pub fn write(&self, path: &str, text: &str) {
        self.folder.write(path, text);
    }

    /// Sends the process a signal, such as TERM.
    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([&format!("-{name}"), &pid]).status();
        assert!(sent.expect("kill runs").success());
    }

    /// Waits until the process has ended, at most ten seconds, and gives its exit code.
    pub fn ended(&mut self) -> Option<i32> {
        let end = Instant::now() + Duration::from_secs(10);
        while Instant::now() < end {
            if let Some(status) = self.child.try_wait().expect("the process can be asked") {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("the gateway does not end:\n{}", self.log());
    }

    /// Rewrites a mapping file under the running gateway.
    pub fn rewrite(&self, path: &str, text: &str) {
        self.folder.write(&format!("mappings/{path}"), text);
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
        Self::send(self.address, method, target, headers, body)
    }

    /// The same, to the admin listener; with a token where it is not empty.
    pub fn ask(&self, method: &str, target: &str, token: &str, body: &str) -> Said {
        let bearer = format!("Bearer {token}");
        let headers: &[(&str, &str)] = if token.is_empty() { &[] } else { &[("authorization", &bearer)] };
        Self::send(self.admin, method, target, headers, body.as_bytes())
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

/// The addresses that the first two lines name. The rest is read and dropped, so that the child never waits for us.
fn listening(child: &mut Child) -> Option<(SocketAddr, SocketAddr)> {
    let mut lines = BufReader::new(child.stdout.take()?).lines();
    let mut named = |prefix: &str| lines.next()?.ok()?.trim().strip_prefix(prefix)?.parse().ok();
    let addresses = (named("listening on http://")?, named("admin on http://")?);
    std::thread::spawn(move || lines.for_each(drop));
    Some(addresses)
}
