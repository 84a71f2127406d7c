//! Callers: each holds one connection and has one call under way.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::server::Server;

/// A number that the shipped table knows.
pub const MEI: u32 = 91_234_567;

/// Whose numbers are called.
#[derive(Clone, Copy)]
pub enum Numbers {
    /// Always the same.
    One,
    /// One that was never called before, each time.
    New,
    /// The new ones once more, in their order.
    Again,
}

/// A bounded load.
pub struct Load<'a> {
    pub path: &'a str,
    pub numbers: Numbers,
    pub calls: usize,
    pub connections: usize,
}

/// What a round gave.
pub struct Measured {
    pub cpu_us: f64,
    pub calls_per_second: f64,
    pub p50_us: f64,
    pub p99_us: f64,
    pub p999_us: f64,
}

impl Load<'_> {
    /// Sends all calls and waits for all answers.
    pub fn run(&self, server: &Server) -> Measured {
        let each = self.calls / self.connections;
        let (before, start) = (server.cpu_us(), Instant::now());
        let mut waits: Vec<Duration> = thread::scope(|scope| {
            let callers: Vec<_> =
                (0..self.connections).map(|_| scope.spawn(|| self.call(server.address, each))).collect();
            callers.into_iter().flat_map(|caller| caller.join().unwrap()).collect()
        });
        let took = start.elapsed();
        let cpu_us = (server.cpu_us() - before) / waits.len() as f64;
        waits.sort();
        let at = |part: f64| waits[((waits.len() - 1) as f64 * part) as usize].as_secs_f64() * 1e6;
        Measured {
            cpu_us,
            calls_per_second: waits.len() as f64 / took.as_secs_f64(),
            p50_us: at(0.5),
            p99_us: at(0.99),
            p999_us: at(0.999),
        }
    }
}

/// One call's answer.
pub fn once(address: SocketAddr, path: &str, number: u32) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let mut request = request(path);
    number_into(&mut request, number);
    stream.write_all(&request).unwrap();
    let mut buffer = vec![0; 64 * 1024];
    let (head, length) = answer(&mut stream, &mut buffer);
    String::from_utf8(buffer[head..head + length].to_vec()).unwrap()
}

/// A call whose last eight bytes are the number.
fn request(path: &str) -> Vec<u8> {
    let body = "partnerId=1001&m&token=abc&source=0&tel=%2B6500000000";
    let length = body.len();
    let form = "Content-Type: application/x-www-form-urlencoded";
    format!("POST {path} HTTP/1.1\r\nHost: localhost\r\n{form}\r\nContent-Length: {length}\r\n\r\n{body}")
        .into_bytes()
}

fn number_into(request: &mut [u8], number: u32) {
    let at = request.len() - 8;
    request[at..].copy_from_slice(format!("{number:08}").as_bytes());
}

impl Load<'_> {
    /// The same load with other numbers.
    pub fn with(&self, numbers: Numbers) -> Self {
        Self { numbers, ..*self }
    }

    fn number(&self) -> u32 {
        static NEW: AtomicU32 = AtomicU32::new(92_000_000);
        static AGAIN: AtomicU32 = AtomicU32::new(92_000_000);
        match self.numbers {
            Numbers::One => MEI,
            Numbers::New => NEW.fetch_add(1, Ordering::Relaxed),
            Numbers::Again => AGAIN.fetch_add(1, Ordering::Relaxed),
        }
    }

    fn call(&self, address: SocketAddr, calls: usize) -> Vec<Duration> {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        let (mut request, mut buffer) = (request(self.path), vec![0; 64 * 1024]);
        let mut waits = Vec::with_capacity(calls);
        for _ in 0..calls {
            number_into(&mut request, self.number());
            let sent = Instant::now();
            stream.write_all(&request).unwrap();
            answer(&mut stream, &mut buffer);
            waits.push(sent.elapsed());
        }
        waits
    }
}

/// Reads one answer whole; the length of its head and of its body.
fn answer(stream: &mut TcpStream, buffer: &mut [u8]) -> (usize, usize) {
    let mut filled = 0;
    loop {
        let read = stream.read(&mut buffer[filled..]).unwrap();
        assert!(read > 0, "the server closed the connection");
        filled += read;
        let Some(end) = buffer[..filled].windows(4).position(|four| four == b"\r\n\r\n") else {
            continue;
        };
        let head = std::str::from_utf8(&buffer[..end]).unwrap().to_ascii_lowercase();
        assert!(head.starts_with("http/1.1 200"), "{head}");
        let length = head.split("content-length: ").nth(1).unwrap().lines().next().unwrap().parse().unwrap();
        if filled >= end + 4 + length {
            return (end + 4, length);
        }
    }
}
