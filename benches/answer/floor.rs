//! The floors: actix handlers that do the least that could be called an answer, with the same reading and parsing.

use std::io::Write;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpResponse, HttpServer};
use deadpool_redis::redis::AsyncCommands;
use deadpool_redis::{Config, Pool, Runtime};

/// The argument by which this program becomes a floor.
pub const ARGUMENT: &str = "--serve-floor";
/// The key that the Redis floor reads.
const KEY: &str = "floor";

struct Floor {
    answer: Bytes,
    redis: Option<Pool>,
    /// A client and where it asks.
    crm: Option<(reqwest::Client, String)>,
}

/// Serves until it is killed; prints its address first. `arguments`: the kind, the answer, and where what it asks is.
pub fn serve(arguments: &[String]) {
    let (kind, answer) = (arguments[0].clone(), Bytes::from(arguments[1].clone()));
    let place = arguments.get(2).cloned();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async move {
        if let Some(url) = place.as_ref().filter(|_| kind == "redis") {
            let pool = Config::from_url(url).create_pool(Some(Runtime::Tokio1)).unwrap();
            pool.get().await.unwrap().set::<_, _, ()>(KEY, "x".repeat(400)).await.unwrap();
        }
        let server = HttpServer::new(move || {
            let place = place.clone();
            let redis = (kind == "redis").then(|| {
                Config::from_url(place.clone().unwrap()).create_pool(Some(Runtime::Tokio1)).unwrap()
            });
            let crm = (kind == "miss").then(|| {
                (
                    reqwest::Client::builder().no_proxy().build().unwrap(),
                    format!("{}/customers", place.unwrap()),
                )
            });
            let floor = Floor { answer: answer.clone(), redis, crm };
            App::new().app_data(Data::new(floor)).route("/nodes/{node}", web::post().to(answer_call))
        })
        .bind("127.0.0.1:0")
        .unwrap();
        println!("listening on http://{}", server.addrs()[0]);
        std::io::stdout().flush().unwrap();
        server.run().await.unwrap();
    });
}

async fn answer_call(body: Bytes, floor: Data<Floor>) -> HttpResponse {
    let Ok(fields) = serde_urlencoded::from_bytes::<Vec<(String, String)>>(&body) else {
        return HttpResponse::BadRequest().finish();
    };
    std::hint::black_box(&fields);
    if let Some(redis) = &floor.redis {
        let found: Vec<u8> = redis.get().await.unwrap().get(KEY).await.unwrap();
        std::hint::black_box(&found);
    }
    if let Some((client, url)) = &floor.crm {
        let query = serde_urlencoded::to_string([("phone", &fields[fields.len() - 1].1)]).unwrap();
        let asked = client.get(format!("{url}?{query}")).send().await.unwrap();
        let found: serde_json::Value = serde_json::from_slice(&asked.bytes().await.unwrap()).unwrap();
        std::hint::black_box(&found);
    }
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/json"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(floor.answer.clone())
}
