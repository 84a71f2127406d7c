//! The process itself, where the system tells of it as Linux does: memory, processor time, open files.

use std::fs;
use std::time::SystemTime;

use crate::console::metrics::page::Page;

/// Ticks in a second, as the kernel shows them to all programs.
const TICKS: f64 = 100.0;

/// Adds what can be read; what cannot is left out.
pub(super) fn process(page: &mut Page) {
    if let Some(kilobytes) = resident() {
        page.family("process_resident_memory_bytes", "gauge", "Memory that the process takes.");
        page.sample(&[], kilobytes * 1024);
    }
    if let Some(seconds) = processor() {
        page.family("process_cpu_seconds_total", "counter", "Processor time that the process took.");
        page.sample(&[], seconds);
    }
    if let Ok(files) = fs::read_dir("/proc/self/fd") {
        page.family("process_open_fds", "gauge", "Files and connections that are open.");
        page.sample(&[], files.count());
    }
}

/// In kilobytes.
fn resident() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.split_whitespace().next()?.parse().ok()
}

/// In user and system mode, in seconds.
fn processor() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is the program's name, in brackets, and may hold anything; user time is field 14.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<u32>().ok();
    Some((f64::from(ticks()?) + f64::from(ticks()?)) / TICKS)
}

/// Seconds since 1970.
pub(super) fn seconds(at: SystemTime) -> f64 {
    at.duration_since(SystemTime::UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}
