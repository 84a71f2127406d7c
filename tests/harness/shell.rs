//! The binary as a command: run to its end, with what it said and how it ended.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// No command may take longer; one that does is ended, and the test with it.
const PATIENCE: Duration = Duration::from_secs(120);

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    /// -1: by a signal.
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// Runs `datadip` with the working directory in `place`. It inherits none of our environment but PATH.
pub fn datadip(place: &Path, args: &[&str]) -> Ended {
    datadip_with(place, args, &[])
}

/// The same, with environment variables.
pub fn datadip_with(place: &Path, args: &[&str], env: &[(&str, &str)]) -> Ended {
    let child = command(place, args).envs(env.iter().copied()).stdout(Stdio::piped()).spawn();
    end(child.expect("the binary starts"))
}

/// Runs it with nobody at the other end of its standard output.
pub fn datadip_unread(place: &Path, args: &[&str]) -> Ended {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    end(command(place, args).stdout(writer).spawn().expect("the binary starts"))
}

/// Runs another program, with our environment.
pub fn program(name: &str, args: &[&str]) -> Ended {
    let mut command = Command::new(name);
    command.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    end(command.spawn().unwrap_or_else(|error| panic!("{name}: {error}")))
}

fn command(place: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_datadip"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    command.args(args).env_clear().env("PATH", path).current_dir(place);
    command.stdin(Stdio::null()).stderr(Stdio::piped());
    command
}

fn end(mut child: Child) -> Ended {
    let (out, err) = (reader(child.stdout.take()), reader(child.stderr.take()));
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("the child's status") {
            break status;
        }
        if begun.elapsed() > PATIENCE {
            let _ = child.kill();
            let _ = child.wait();
            panic!("the command did not end: {}{}", out.join().unwrap(), err.join().unwrap());
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    Ended { code: status.code().unwrap_or(-1), out: out.join().unwrap(), err: err.join().unwrap() }
}

/// Reads to the end beside the child, so that it never waits for us.
fn reader(pipe: Option<impl Read + Send + 'static>) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
