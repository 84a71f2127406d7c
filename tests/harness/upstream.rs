//! A company's system on loopback: it notes what it is asked and answers as the test says. Plain threads, a
//! connection each, kept alive.

use std::io::{BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

use crate::wire;

/// What it was asked.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    /// Path and query, as sent.
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// What it does about it.
#[derive(Debug, Clone)]
pub enum Reaction {
    /// Answers with this status, content type and body.
    Answer(u16, String, Vec<u8>),
    /// Answers so, but only after this time.
    After(Duration, Box<Reaction>),
    /// Writes these bytes and cuts the connection.
    Raw(Vec<u8>),
    /// Never answers; the connection stays open for as long as the upstream lives.
    Silence,
    /// Cuts the connection at once.
    Cut,
}

impl Reaction {
    /// 200 with a JSON body.
    pub fn json(body: &Value) -> Self {
        Self::Answer(200, "application/json".to_owned(), body.to_string().into_bytes())
    }

    /// This status with a JSON body.
    pub fn status(status: u16, body: &Value) -> Self {
        Self::Answer(status, "application/json".to_owned(), body.to_string().into_bytes())
    }

    /// The same, later.
    pub fn after(self, delay: Duration) -> Self {
        Self::After(delay, Box::new(self))
    }
}

impl Asked {
    /// A header; empty where it was not sent.
    pub fn header(&self, name: &str) -> &str {
        wire::header(&self.headers, name)
    }
}

type Behaviour = Box<dyn Fn(&Asked) -> Reaction + Send + Sync>;

struct Shared {
    behaviour: Mutex<Arc<Behaviour>>,
    asked: Mutex<Vec<Asked>>,
    left: AtomicUsize,
    answered: AtomicUsize,
    ended: AtomicBool,
}

/// The upstream. Dropped, it refuses connections; what is open is cut.
pub struct Upstream {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Upstream {
    /// Starts one on a free port.
    pub fn start(behaviour: impl Fn(&Asked) -> Reaction + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            behaviour: Mutex::new(Arc::new(Box::new(behaviour))),
            asked: Mutex::default(),
            left: AtomicUsize::new(0),
            answered: AtomicUsize::new(0),
            ended: AtomicBool::new(false),
        });
        let listening = Arc::clone(&shared);
        std::thread::spawn(move || listen(&listener, &listening));
        Self { address, shared }
    }

    /// Its base URL, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on it behaves like this.
    pub fn becomes(&self, behaviour: impl Fn(&Asked) -> Reaction + Send + Sync + 'static) {
        *self.shared.behaviour.lock().unwrap() = Arc::new(Box::new(behaviour));
    }

    /// All that it was asked, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.shared.asked.lock().unwrap().clone()
    }

    /// How many hung up before an answer that was to come later.
    pub fn left(&self) -> usize {
        self.shared.left.load(Ordering::SeqCst)
    }

    /// How many answers that were to come later have come.
    pub fn answered(&self) -> usize {
        self.shared.answered.load(Ordering::SeqCst)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
    }
}

fn listen(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming().flatten() {
        if shared.ended.load(Ordering::SeqCst) {
            return;
        }
        let shared = Arc::clone(shared);
        std::thread::spawn(move || converse(&stream, &shared));
    }
}

/// Serves one connection until either side ends it.
fn converse(stream: &TcpStream, shared: &Shared) {
    let mut reader = BufReader::new(stream);
    while let Some((first, headers)) = wire::head(&mut reader) {
        let mut words = first.split(' ').map(str::to_owned);
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let announced = ["content-length", "transfer-encoding"]
            .iter()
            .any(|name| !wire::header(&headers, name).is_empty());
        let body = if announced { wire::body(&mut reader, &headers) } else { Vec::new() };
        let asked = Asked { method, target, headers, body };
        shared.asked.lock().unwrap().push(asked.clone());
        let behaviour = Arc::clone(&shared.behaviour.lock().unwrap());
        if !react(behaviour(&asked), stream, shared) {
            break;
        }
    }
    let _ = stream.shutdown(Shutdown::Both);
}

/// Reacts, and says whether the connection goes on.
fn react(reaction: Reaction, mut stream: &TcpStream, shared: &Shared) -> bool {
    match reaction {
        Reaction::Answer(status, content_type, body) => {
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status} Said\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\n\r\n"
            );
            stream.write_all(&[head.as_bytes(), &body].concat()).is_ok()
                && !shared.ended.load(Ordering::SeqCst)
        }
        Reaction::After(delay, then) => {
            std::thread::sleep(delay);
            if has_left(stream) {
                shared.left.fetch_add(1, Ordering::SeqCst);
            }
            let goes_on = react(*then, stream, shared);
            shared.answered.fetch_add(1, Ordering::SeqCst);
            goes_on
        }
        Reaction::Raw(bytes) => {
            let _ = stream.write_all(&bytes);
            false
        }
        Reaction::Silence => {
            while !shared.ended.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(20));
            }
            false
        }
        Reaction::Cut => false,
    }
}

/// Whether who asked has closed the connection.
fn has_left(stream: &TcpStream) -> bool {
    let mut next = [0];
    stream.set_nonblocking(true).expect("a mode");
    let peeked = stream.peek(&mut next);
    stream.set_nonblocking(false).expect("a mode");
    match peeked {
        Ok(length) => length == 0,
        Err(error) => error.kind() != std::io::ErrorKind::WouldBlock,
    }
}
