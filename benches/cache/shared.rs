//! What an entry from Redis costs in CPU time, against a bare GET through deadpool-redis; both asked by one
//! worker's own runtime, as actix does.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use datadip::cache::{Cache, Config, StepKey};
use datadip::clock::{Clock, Deadline};
use datadip::secret::Secret;
use deadpool_redis::redis::cmd;
use deadpool_redis::{Pool, Runtime};
use futures_util::future::join_all;
use tokio::runtime::{Builder, Handle};

const CALLS: usize = 20_000;
const ROUNDS: usize = 9;

struct Redis(Child);

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Compares, with this many calls under way.
pub fn compare(side_by_side: usize, fill: impl Fn(&Cache)) {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let arguments = ["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", ""];
    let _redis = Redis(Command::new("redis-server").args(arguments).stdout(Stdio::null()).spawn().unwrap());
    let shared = Builder::new_multi_thread().enable_all().worker_threads(2).build().unwrap();
    let worker = Builder::new_current_thread().enable_all().build().unwrap();
    let url = format!("redis://127.0.0.1:{port}");
    let cache = connect(&url, shared.handle(), &fill);
    let name = worker.block_on(any_name(&url));
    let pool = pool(&url);
    let (mut bare, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        bare.push(cost(|| worker.block_on(each(side_by_side, || get(&pool, &name)))));
        ours.push(cost(|| worker.block_on(each(side_by_side, || read(&cache)))));
    }
    let mut ratios: Vec<f64> = ours.iter().zip(&bare).map(|(ours, bare)| ours / bare).collect();
    let middle = |values: &mut Vec<f64>| {
        values.sort_unstable_by(f64::total_cmp);
        *values.get(ROUNDS / 2).unwrap()
    };
    let (bare, ours, ratio) = (middle(&mut bare), middle(&mut ours), middle(&mut ratios));
    println!(
        "{side_by_side} at once: bare {bare:.1} us, from the cache {ours:.1} us, ratio {ratio:.2} ({:.2} to {:.2})",
        ratios.first().unwrap(),
        ratios.last().unwrap()
    );
}

fn connect(url: &str, runtime: &Handle, fill: impl Fn(&Cache)) -> Cache {
    let key = Some(Secret::new("0123456789abcdef0123456789abcdef"));
    let config = Config { redis: Some(Secret::new(url)), key, ..Config::default() };
    let cache = Cache::new(&config, Clock::system(), runtime).unwrap();
    let end = Instant::now() + Duration::from_secs(10);
    while !cache.status().redis.unwrap().up {
        assert!(Instant::now() < end, "no Redis");
        std::thread::sleep(Duration::from_millis(5));
    }
    fill(&cache);
    while cache.status().redis.unwrap().written == 0 {
        assert!(Instant::now() < end, "nothing is written");
        std::thread::sleep(Duration::from_millis(5));
    }
    cache
}

fn pool(url: &str) -> Pool {
    deadpool_redis::Config::from_url(url).create_pool(Some(Runtime::Tokio1)).unwrap()
}

async fn any_name(url: &str) -> String {
    let mut connection = pool(url).get().await.unwrap();
    let names: Vec<String> = cmd("KEYS").arg("dd1:e:*").query_async(&mut connection).await.unwrap();
    names.first().unwrap().clone()
}

async fn get(pool: &Pool, name: &str) {
    let mut connection = pool.get().await.unwrap();
    let value: Vec<u8> = cmd("GET").arg(name).query_async(&mut connection).await.unwrap();
    std::hint::black_box(value);
}

async fn read(cache: &Cache) {
    let deadline = Deadline::new(tokio::time::Instant::now(), Duration::from_secs(1));
    let key = StepKey { revision: 11, operation: "acme.customer_by_phone", identity: "+6590000001" };
    // On a busy machine an answer may come too late; so few do that they do not count.
    std::hint::black_box(cache.shared(&key, deadline).await);
}

async fn each<F: Future<Output = ()>>(side_by_side: usize, call: impl Fn() -> F) {
    let callers = (0..side_by_side).map(|_| async {
        for _ in 0..CALLS / side_by_side {
            call().await;
        }
    });
    join_all(callers).await;
}

/// Microseconds of CPU time a call, of all threads of this process.
fn cost(run: impl FnOnce()) -> f64 {
    let before = used();
    run();
    (used() - before) as f64 / 1000.0 / CALLS as f64
}

fn used() -> u64 {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let each = tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok());
    each.filter_map(|line| line.split(' ').next()?.parse::<u64>().ok()).sum()
}
