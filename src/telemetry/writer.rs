//! Writes the log's lines, on a thread of its own. Who logs waits a moment for the line to be written, and goes on
//! without it where nobody takes it: a full pipe must not keep a caller waiting.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

/// Longest wait for a line to be written. Nobody waits again until one is.
const MOMENT: Duration = Duration::from_millis(100);
/// So many lines wait for whoever takes them; those after them are let go.
const QUEUE: usize = 1024;

/// The way to the thread.
#[derive(Clone)]
pub(super) struct Writer {
    lines: SyncSender<Line>,
    /// Whether the last line that was waited for did not go.
    is_stuck: Arc<AtomicBool>,
}

struct Line {
    text: Vec<u8>,
    written: SyncSender<()>,
}

impl Writer {
    /// A thread that writes there. What cannot be written is let go.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub(super) fn to(mut out: impl Write + Send + 'static) -> io::Result<Self> {
        let (lines, waiting) = sync_channel::<Line>(QUEUE);
        let is_stuck = Arc::<AtomicBool>::default();
        let stuck = Arc::clone(&is_stuck);
        let write = move || {
            for line in waiting {
                // There is nobody to tell.
                let _ = out.write_all(&line.text);
                stuck.store(false, Ordering::Relaxed);
                let _ = line.written.try_send(());
            }
        };
        thread::Builder::new().name("log".to_owned()).spawn(write)?;
        Ok(Self { lines, is_stuck })
    }
}

impl Write for Writer {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        let (written, is_written) = sync_channel(1);
        let waits = !self.is_stuck.load(Ordering::Relaxed);
        let is_taken = self.lines.try_send(Line { text: text.to_vec(), written }).is_ok();
        if is_taken && waits && is_written.recv_timeout(MOMENT).is_err() {
            self.is_stuck.store(true, Ordering::Relaxed);
        }
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::mpsc::{Receiver, Sender, channel};
    use std::sync::{Arc, Mutex};
    use std::time::{Duration, Instant};

    use super::{QUEUE, Writer};

    /// Takes a line whenever it is told to, and keeps it.
    struct Paper {
        takes: Receiver<()>,
        lines: Arc<Mutex<Vec<String>>>,
    }

    impl Write for Paper {
        fn write(&mut self, text: &[u8]) -> io::Result<usize> {
            self.takes.recv().map_err(io::Error::other)?;
            self.lines.lock().unwrap().push(String::from_utf8_lossy(text).into_owned());
            Ok(text.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn paper() -> (Writer, Sender<()>, Arc<Mutex<Vec<String>>>) {
        let (take, takes) = channel();
        let lines = Arc::<Mutex<Vec<String>>>::default();
        (Writer::to(Paper { takes, lines: Arc::clone(&lines) }).unwrap(), take, lines)
    }

    #[test]
    fn a_line_that_can_be_written_is_when_who_logged_it_goes_on() {
        let (mut writer, take, lines) = paper();
        for line in 0..100 {
            take.send(()).unwrap();
            writer.write_all(line.to_string().as_bytes()).unwrap();
        }
        drop(take);
        let begun = Instant::now();
        while lines.lock().unwrap().len() < 100 && begun.elapsed() < Duration::from_secs(30) {
            std::thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(*lines.lock().unwrap(), (0..100).map(|line| line.to_string()).collect::<Vec<_>>());
    }

    #[test]
    fn where_nobody_takes_the_lines_nobody_waits_for_them_and_the_first_are_kept() {
        let (mut writer, take, lines) = paper();
        let begun = Instant::now();
        for line in 0..10 * QUEUE {
            writer.write_all(line.to_string().as_bytes()).unwrap();
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
        (0..20 * QUEUE).for_each(|_| take.send(()).unwrap());
        let kept = || lines.lock().unwrap().len();
        while kept() < QUEUE && begun.elapsed() < Duration::from_secs(60) {
            std::thread::sleep(Duration::from_millis(5));
        }
        assert!((QUEUE..=2 * QUEUE).contains(&kept()), "{}", kept());
        assert_eq!(lines.lock().unwrap().first().map(String::as_str), Some("0"));
    }
}
