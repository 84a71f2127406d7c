//! A wire to Redis that can be cut, slowed, and made to swallow everything.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// How the wire is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    Whole,
    /// Connections are ended, and new ones too.
    Cut,
    /// Connections stay, and nothing comes through.
    Silent,
    /// Connections that are there stay, and nothing comes through them any more; new ones are whole.
    Stuck,
    /// Everything comes so many milliseconds late.
    Slow(u64),
}

pub struct Proxy {
    port: u16,
    state: watch::Sender<Wire>,
}

impl Proxy {
    /// A wire to this port.
    pub async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own = listener.local_addr().unwrap().port();
        let (state, wire) = watch::channel(Wire::Whole);
        tokio::spawn(async move {
            loop {
                let (near, _) = listener.accept().await.unwrap();
                tokio::spawn(carry(near, port, wire.clone()));
            }
        });
        Self { port: own, state }
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub fn is_now(&self, wire: Wire) {
        self.state.send_replace(wire);
    }
}

async fn carry(near: TcpStream, port: u16, wire: watch::Receiver<Wire>) {
    if *wire.borrow() == Wire::Cut {
        return;
    }
    let is_new = *wire.borrow() == Wire::Stuck;
    let far = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
    let cut = async |mut wire: watch::Receiver<Wire>| drop(wire.wait_for(|wire| *wire == Wire::Cut).await);
    tokio::select! {
        () = pump(near_in, far_out, wire.clone(), is_new) => {}
        () = pump(far_in, near_out, wire.clone(), is_new) => {}
        () = cut(wire) => {}
    }
}

async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut wire: watch::Receiver<Wire>,
    is_new: bool,
) {
    let mut part = vec![0; 16_384];
    while let Ok(length @ 1..) = from.read(&mut part).await {
        let now = *wire.borrow();
        match now {
            Wire::Slow(by) => tokio::time::sleep(Duration::from_millis(by)).await,
            Wire::Silent => drop(wire.wait_for(|wire| *wire != Wire::Silent).await),
            Wire::Stuck if !is_new => std::future::pending().await,
            Wire::Whole | Wire::Stuck | Wire::Cut => {}
        }
        if to.write_all(&part[..length]).await.is_err() {
            return;
        }
    }
}
