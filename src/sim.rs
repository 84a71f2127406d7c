//! The simulators: a CRM, Sobot, Stringee and XSwitch, each on a port of its own, with made-up people and the samples of
//! the platforms' documents. They remember what they are told, refuse what the documents refuse, and can be told to be
//! late, broken or silent. Nothing of the gateway is used here: both sides are held to the documents alone.

mod contract;
mod crm;
mod door;
mod exchange;
mod fault;
mod ledger;
mod page;
mod simulator;
mod sobot;
mod stringee;
mod token;
mod xswitch;

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::Arc;

use actix_web::dev::Server;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::sim::simulator::{Make, Simulator};

/// Where the simulators listen. Port 0 is a free one.
#[derive(Debug, Clone)]
pub struct Config {
    /// The address of all of them.
    pub host: IpAddr,
    /// The CRM's port.
    pub crm_port: u16,
    /// Sobot's: the management API, the IVR flows and the customer look-up.
    pub sobot_port: u16,
    /// Stringee's port.
    pub stringee_port: u16,
    /// XSwitch's port.
    pub xswitch_port: u16,
}

/// A system's name, how it is made, and the variables that lead to it at a URL.
struct Kind {
    name: &'static str,
    make: Make,
    variables: fn(&str) -> Vec<(&'static str, String)>,
}

const CRM: Kind = Kind { name: "crm", make: crm::fresh, variables: crm::variables };
const SOBOT: Kind = Kind { name: "sobot", make: sobot::fresh, variables: sobot::variables };
const STRINGEE: Kind = Kind { name: "stringee", make: stringee::fresh, variables: stringee::variables };
const XSWITCH: Kind = Kind { name: "xswitch", make: xswitch::fresh, variables: xswitch::variables };

/// One of them.
struct Listening {
    kind: &'static Kind,
    address: SocketAddr,
    server: Server,
}

/// All four, listening.
pub struct Simulators {
    list: Vec<Listening>,
    terminate: Signal,
    interrupt: Signal,
}

impl Simulators {
    /// Listens.
    ///
    /// # Errors
    /// Where an address is not to be had; the sentence names it.
    pub fn listen(config: &Config) -> io::Result<Self> {
        // From here on the process is not simply ended by a signal.
        let (terminate, interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let ports = [config.crm_port, config.sobot_port, config.stringee_port, config.xswitch_port];
        let kinds = [&CRM, &SOBOT, &STRINGEE, &XSWITCH];
        let listening = kinds.into_iter().zip(ports).map(|(kind, port)| {
            let address = SocketAddr::new(config.host, port);
            let listener = TcpListener::bind(address).map_err(|error| refused(kind.name, address, &error))?;
            let address = listener.local_addr()?;
            let simulator = Arc::new(Simulator::new(kind.make)?);
            Ok(Listening { kind, address, server: door::serve(listener, simulator)? })
        });
        Ok(Self { list: listening.collect::<io::Result<_>>()?, terminate, interrupt })
    }

    /// Name and address of each, to be read by a person.
    #[must_use]
    pub fn addresses(&self) -> String {
        self.list.iter().map(|one| format!("{} on http://{}\n", one.kind.name, one.address)).collect()
    }

    /// The variables that make the shipped mapping files speak to them, as lines for a shell.
    #[must_use]
    pub fn exports(&self) -> String {
        let variables = self.list.iter().flat_map(|one| (one.kind.variables)(&url(one.address)));
        variables.map(|(name, value)| format!("export {name}={value}\n")).collect()
    }

    /// Answers until the process is told to stop. Requests that are being answered then are cut.
    ///
    /// # Errors
    /// Where a listener fails.
    pub async fn run(mut self) -> io::Result<()> {
        let handles: Vec<_> = self.list.iter().map(|one| one.server.handle()).collect();
        let mut servers = futures_util::future::try_join_all(self.list.into_iter().map(|one| one.server));
        tokio::select! {
            ended = &mut servers => return ended.map(drop),
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
        let stopped = futures_util::future::join_all(handles.iter().map(|handle| handle.stop(false)));
        let (ended, _) = tokio::join!(servers, stopped);
        ended.map(drop)
    }
}

fn refused(name: &str, address: SocketAddr, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("the simulator of {name} cannot listen on {address}: {error}"))
}

/// How it is reached from this machine.
fn url(address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        format!("http://127.0.0.1:{}", address.port())
    } else {
        format!("http://{address}")
    }
}
