//! A cable to a port that can be cut, slowed, dripped, shortened and silenced, and that remembers what went in.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How often a connection looks what has become of the cable.
const LOOK: Duration = Duration::from_millis(5);

/// How the cable is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Whole,
    /// Connections are ended, and new ones too.
    Cut,
    /// Connections stay, and nothing comes through.
    Silent,
    /// Answers come so much later.
    Slow(Duration),
    /// Answers come byte by byte, with so much time between them.
    Drip(Duration),
    /// Answers are cut after so many bytes.
    Short(usize),
}

struct Shared {
    far: u16,
    state: Mutex<State>,
    sent: Mutex<Vec<u8>>,
    ended: AtomicBool,
}

/// The cable. It ends with the test, and so do its connections.
pub struct Cable {
    near: SocketAddr,
    shared: Arc<Shared>,
}

impl Cable {
    /// A cable to this port.
    pub fn to(far: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let near = listener.local_addr().expect("an address");
        let (state, sent) = (Mutex::new(State::Whole), Mutex::default());
        let shared = Arc::new(Shared { far, state, sent, ended: AtomicBool::new(false) });
        let listening = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if listening.ended.load(Ordering::SeqCst) {
                    return;
                }
                let shared = Arc::clone(&listening);
                std::thread::spawn(move || carry(&stream, &shared));
            }
        });
        Self { near, shared }
    }

    /// The end to plug in.
    pub fn port(&self) -> u16 {
        self.near.port()
    }

    /// From now on it is like this.
    pub fn is_now(&self, state: State) {
        *self.shared.state.lock().unwrap() = state;
    }

    /// All that went in, of all connections.
    pub fn sent(&self) -> Vec<u8> {
        self.shared.sent.lock().unwrap().clone()
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.near);
    }
}

impl Shared {
    fn state(&self) -> State {
        if self.ended.load(Ordering::SeqCst) { State::Cut } else { *self.state.lock().unwrap() }
    }

    /// Waits while the cable is silent.
    fn heard(&self) {
        while self.state() == State::Silent {
            std::thread::sleep(LOOK);
        }
    }
}

fn carry(near: &TcpStream, shared: &Arc<Shared>) {
    if shared.state() == State::Cut {
        return;
    }
    let Ok(far) = TcpStream::connect(("127.0.0.1", shared.far)) else {
        return;
    };
    for stream in [near, &far] {
        stream.set_read_timeout(Some(LOOK)).expect("a read limit");
        stream.set_write_timeout(Some(Duration::from_secs(1))).expect("a write limit");
        stream.set_nodelay(true).expect("no delay");
    }
    std::thread::scope(|scope| {
        scope.spawn(|| pump(near, &far, shared, |bytes| send(bytes, &far, shared)));
        pump(&far, near, shared, |bytes| answer(bytes, near, shared));
    });
}

/// Hands on what is read until either side ends, then ends both.
fn pump(mut from: &TcpStream, to: &TcpStream, shared: &Shared, mut hand: impl FnMut(&[u8]) -> bool) {
    let mut part = vec![0; 16_384];
    while shared.state() != State::Cut {
        match from.read(&mut part) {
            Ok(length @ 1..) if hand(&part[..length]) => {}
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            _ => break,
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}

fn send(bytes: &[u8], mut to: &TcpStream, shared: &Shared) -> bool {
    shared.heard();
    shared.sent.lock().unwrap().extend_from_slice(bytes);
    to.write_all(bytes).is_ok()
}

/// Hands an answer on as the cable is, and says whether the connection goes on.
fn answer(bytes: &[u8], mut to: &TcpStream, shared: &Shared) -> bool {
    shared.heard();
    match shared.state() {
        State::Slow(by) => std::thread::sleep(by),
        State::Short(most) if most < bytes.len() => {
            let _ = to.write_all(&bytes[..most]);
            return false;
        }
        State::Drip(pause) => {
            for byte in bytes {
                if matches!(shared.state(), State::Drip(_)) {
                    std::thread::sleep(pause);
                }
                if shared.state() == State::Cut || to.write_all(&[*byte]).is_err() {
                    return false;
                }
            }
            return true;
        }
        State::Whole | State::Cut | State::Silent | State::Short(_) => {}
    }
    to.write_all(bytes).is_ok()
}
