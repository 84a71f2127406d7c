//! A simulator's socket: HTTP in, HTTP out, and what faults do to the bytes. All that a system says goes through here.

use std::convert::Infallible;
use std::io::{self, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::sync::Arc;

use actix_web::dev::{Extensions, Server};
use actix_web::web::{Bytes, Data, PayloadConfig};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, rt, web};
use serde_json::json;

use crate::sim::exchange::{Answer, Asked};
use crate::sim::fault::Effect;
use crate::sim::simulator::Simulator;

/// The largest body that is read.
const MOST: usize = 1 << 20;
/// What stands in the way of an API where a proxy or a login page answers for it.
const PAGE: &str =
    "<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Sign in</h1></body></html>";

/// A second handle of a connection's socket, to do to it what HTTP does not do.
struct Line(TcpStream);

/// Serves a simulator until the server is stopped.
///
/// # Errors
/// Where the listener cannot be used.
pub fn serve(listener: TcpListener, simulator: Arc<Simulator>) -> io::Result<Server> {
    let simulator = Data::from(simulator);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(simulator.clone())
            .app_data(PayloadConfig::new(MOST))
            .default_service(web::to(receive))
    });
    Ok(server.workers(1).on_connect(keep_line).disable_signals().shutdown_timeout(1).listen(listener)?.run())
}

fn keep_line(connection: &dyn std::any::Any, kept: &mut Extensions) {
    let stream = connection.downcast_ref::<rt::net::TcpStream>();
    if let Some(Ok(socket)) = stream.map(|stream| stream.as_fd().try_clone_to_owned()) {
        kept.insert(Line(TcpStream::from(socket)));
    }
}

async fn receive(request: HttpRequest, body: Bytes, simulator: Data<Simulator>) -> HttpResponse {
    let asked = asked(&request, &body);
    if let Some(answer) = simulator.control(&asked) {
        return response(&answer);
    }
    let (delay, effect) = simulator.receive(&asked);
    rt::time::sleep(delay).await;
    match effect {
        Effect::None => response(&simulator.answer(&asked)),
        Effect::Status(status) => response(&fault(status)),
        Effect::Html => HttpResponse::Ok().content_type("text/html; charset=utf-8").body(PAGE),
        Effect::Truncate => {
            cut(&request, &half(&simulator.answer(&asked)));
            HttpResponse::Ok().finish()
        }
        Effect::Drop => {
            cut(&request, b"");
            HttpResponse::Ok().finish()
        }
        Effect::Hang => match std::future::pending::<Infallible>().await {},
    }
}

fn asked(request: &HttpRequest, body: &[u8]) -> Asked {
    let headers = request.headers().iter();
    let headers = headers.map(|(name, value)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    let query = form_urlencoded::parse(request.query_string().as_bytes());
    Asked {
        method: request.method().to_string(),
        path: request.path().to_owned(),
        query: query.into_owned().collect(),
        headers: headers.collect(),
        body: String::from_utf8_lossy(body).into_owned(),
    }
}

fn response(answer: &Answer) -> HttpResponse {
    let status = actix_web::http::StatusCode::from_u16(answer.status);
    let status = status.unwrap_or(actix_web::http::StatusCode::INTERNAL_SERVER_ERROR);
    HttpResponse::build(status).content_type("application/json;charset=utf-8").body(answer.body.to_string())
}

fn fault(status: u16) -> Answer {
    Answer::of(status, json!({ "code": status, "message": "a fault that was asked for" }))
}

/// The head of the whole answer, and half of its body.
fn half(answer: &Answer) -> Vec<u8> {
    let body = answer.body.to_string();
    let status = answer.status;
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status} \r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n");
    let mut bytes = head.into_bytes();
    bytes.extend(body.bytes().take(length / 2));
    bytes
}

/// Sends these bytes and closes the connection in both directions. What is said after that reaches nobody.
fn cut(request: &HttpRequest, bytes: &[u8]) {
    let Some(Line(socket)) = request.conn_data::<Line>() else { return };
    let mut socket: &TcpStream = socket;
    // A caller that is gone already needs no cutting.
    let _ = socket.write_all(bytes);
    let _ = socket.shutdown(Shutdown::Both);
}
