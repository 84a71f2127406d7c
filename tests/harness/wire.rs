//! HTTP/1.1 by hand: what is written is exactly what is sent, so that a test can send what no client would.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// Longer than any answer may take, on a busy machine too; a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// One connection.
pub struct Wire(BufReader<TcpStream>);

/// One response.
#[derive(Debug, Clone)]
pub struct Said {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Wire {
    /// Connects.
    pub fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("the server accepts");
        stream.set_read_timeout(Some(PATIENCE)).expect("a read limit");
        stream.set_write_timeout(Some(PATIENCE)).expect("a write limit");
        stream.set_nodelay(true).expect("no delay");
        Self(BufReader::new(stream))
    }

    /// Writes bytes. A server that has already answered and closed is no failure.
    pub fn write(&mut self, bytes: &[u8]) {
        let _ = self.0.get_mut().write_all(bytes);
    }

    /// Says that nothing more will be written.
    pub fn finish(&mut self) {
        let _ = self.0.get_mut().shutdown(Shutdown::Write);
    }

    /// Reads one response. One to HEAD has no body, whatever its length says.
    pub fn read(&mut self, to_head: bool) -> Said {
        let (status, headers) = loop {
            let (first, headers) = head(&mut self.0).expect("a response");
            let status = first.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status line");
            if status != 100 {
                break (status, headers);
            }
        };
        let body = if to_head { Vec::new() } else { body(&mut self.0, &headers) };
        Said { status, headers, body }
    }

    /// Whether the server ends the connection and says nothing more.
    pub fn is_ended(&mut self) -> bool {
        self.0.fill_buf().is_ok_and(<[u8]>::is_empty)
    }

    /// Whether the server now says that the body may come.
    pub fn is_told_to_continue(&mut self) -> bool {
        head(&mut self.0).is_some_and(|(first, _)| first.starts_with("HTTP/1.1 100"))
    }

    /// Whether the server has closed the connection, or does so soon.
    pub fn is_closed(&mut self) -> bool {
        match self.0.fill_buf() {
            Ok(rest) => rest.is_empty(),
            Err(error) => error.kind() == ErrorKind::ConnectionReset,
        }
    }

    /// Whether nothing comes for a second, not even the end.
    pub fn stays_silent(&mut self) -> bool {
        self.0.get_ref().set_read_timeout(Some(Duration::from_secs(1))).expect("a read limit");
        let came = self.0.fill_buf().map(<[u8]>::len);
        self.0.get_ref().set_read_timeout(Some(PATIENCE)).expect("a read limit");
        came.is_err_and(|error| matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut))
    }
}

impl Said {
    /// A header; empty where it is not there.
    pub fn header(&self, name: &str) -> &str {
        header(&self.headers, name)
    }

    /// The body.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }
}

/// A header of a request or response; empty where it is not there.
pub fn header<'a>(headers: &'a [(String, String)], name: &str) -> &'a str {
    headers.iter().find(|(given, _)| given.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
}

/// First line and headers. None: the connection ended before.
pub fn head(reader: &mut impl BufRead) -> Option<(String, Vec<(String, String)>)> {
    let first = line(reader)?;
    let mut headers = Vec::new();
    loop {
        let line = line(reader)?;
        if line.is_empty() {
            return Some((first, headers));
        }
        let (name, value) = line.split_once(':')?;
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
}

/// A body: as long as announced, in chunks, or to the connection's end where it says neither.
pub fn body(reader: &mut impl BufRead, headers: &[(String, String)]) -> Vec<u8> {
    if header(headers, "transfer-encoding").eq_ignore_ascii_case("chunked") {
        return chunks(reader);
    }
    let mut body = Vec::new();
    match header(headers, "content-length").parse() {
        Ok(length) => reader.take(length).read_to_end(&mut body).map(drop).unwrap_or_default(),
        Err(_) => reader.read_to_end(&mut body).map(drop).unwrap_or_default(),
    }
    body
}

fn chunks(reader: &mut impl BufRead) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(size) = line(reader).and_then(|line| u64::from_str_radix(line.trim(), 16).ok()) {
        if size == 0 {
            break;
        }
        let _ = reader.by_ref().take(size).read_to_end(&mut body);
        let _ = line(reader);
    }
    let _ = line(reader);
    body
}

fn line(reader: &mut impl BufRead) -> Option<String> {
    let mut line = Vec::new();
    let read = reader.read_until(b'\n', &mut line).ok()?;
    (read > 0).then(|| String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned())
}
