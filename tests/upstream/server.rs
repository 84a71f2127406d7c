//! An HTTP server on a loopback socket that answers with exactly these bytes, however wrong they are.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the server does with a request.
#[derive(Clone)]
pub enum Reply {
    /// Sends these bytes, and keeps the connection.
    Keep(Vec<u8>),
    /// Sends these bytes, and closes.
    Close(Vec<u8>),
    /// Sends a byte every few milliseconds.
    Drip(Vec<u8>),
    /// Sends the bytes, then `x` without end.
    Endless(Vec<u8>),
    /// Waits, then answers so.
    After(Duration, Box<Reply>),
    /// Says nothing and keeps the connection open.
    Silence,
}

pub fn answer(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Reply {
    let body = body.as_ref();
    let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
    Reply::Keep([head.as_bytes(), body].concat())
}

pub fn json(body: &str) -> Reply {
    answer("200 OK", "Content-Type: application/json\r\n", body)
}

#[derive(Default)]
struct Seen {
    connections: AtomicUsize,
    requests: Mutex<Vec<String>>,
}

pub struct Server {
    pub url: String,
    seen: Arc<Seen>,
}

impl Server {
    /// A server whose `n`th request (from 0) is answered by `script(n)`.
    pub async fn start(script: impl Fn(usize) -> Reply + Send + Sync + 'static) -> Self {
        Self::answering(move |number, _| script(number)).await
    }

    /// A server that answers each request, its number and what came, as the script says.
    pub async fn answering(script: impl Fn(usize, &str) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Seen::default());
        let (shared, script) = (Arc::clone(&seen), Arc::new(script));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                shared.connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, Arc::clone(&shared), script.clone()));
            }
        });
        Self { url, seen }
    }

    pub async fn always(reply: Reply) -> Self {
        Self::start(move |_| reply.clone()).await
    }

    /// The requests as they came, head and body.
    pub fn requests(&self) -> Vec<String> {
        self.seen.requests.lock().unwrap().clone()
    }

    pub fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }
}

async fn serve(mut stream: TcpStream, seen: Arc<Seen>, script: Arc<impl Fn(usize, &str) -> Reply>) {
    while let Some(request) = receive(&mut stream).await {
        let number = {
            let mut requests = seen.requests.lock().unwrap();
            requests.push(request.clone());
            requests.len() - 1
        };
        if !send(&mut stream, script(number, &request)).await {
            return;
        }
    }
}

async fn send(stream: &mut TcpStream, mut reply: Reply) -> bool {
    while let Reply::After(wait, then) = reply {
        tokio::time::sleep(wait).await;
        reply = *then;
    }
    match reply {
        Reply::After(..) => false,
        Reply::Keep(bytes) => stream.write_all(&bytes).await.is_ok(),
        Reply::Close(bytes) => {
            let _ = stream.write_all(&bytes).await;
            false
        }
        Reply::Drip(bytes) => {
            for byte in bytes {
                if stream.write_all(&[byte]).await.is_err() {
                    return false;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            true
        }
        Reply::Endless(bytes) => {
            let mut sent = stream.write_all(&bytes).await;
            while sent.is_ok() {
                sent = stream.write_all(&[b'x'; 4096]).await;
            }
            false
        }
        Reply::Silence => {
            let mut rest = [0; 64];
            while stream.read(&mut rest).await.is_ok_and(|read| read > 0) {}
            false
        }
    }
}

/// One request, whole; none at the end of the connection.
async fn receive(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
            if bytes.len() >= end + 4 + length {
                return Some(String::from_utf8_lossy(&bytes).into_owned());
            }
        }
        match stream.read(&mut piece).await {
            Ok(read) if read > 0 => bytes.extend_from_slice(&piece[..read]),
            _ => return None,
        }
    }
}
