//! Writes the log's lines, on a thread of its own. Who logs waits a moment for the line to be written, and goes on
//! without it where nobody takes it: a full pipe must not keep a caller waiting.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

/// Longest wait for a line to be written. Nobody waits again until the last of the queue is, and took no longer.
const MOMENT: Duration = Duration::from_millis(100);
/// So many lines wait for whoever takes them; those after them are let go.
const QUEUE: usize = 1024;

/// The way to the thread.
#[derive(Clone)]
pub(super) struct Writer {
    lines: SyncSender<Line>,
    /// Whether a line that was waited for did not go, and nothing shows yet that the next would.
    is_stuck: Arc<AtomicBool>,
    moment: Duration,
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
    pub(super) fn to(out: impl Write + Send + 'static) -> io::Result<Self> {
        Self::waiting(MOMENT, out)
    }

    fn waiting(moment: Duration, mut out: impl Write + Send + 'static) -> io::Result<Self> {
        let (lines, waiting) = sync_channel::<Line>(QUEUE);
        let is_stuck = Arc::<AtomicBool>::default();
        let stuck = Arc::clone(&is_stuck);
        let write = move || {
            let mut next = waiting.recv().ok();
            while let Some(line) = next {
                let begun = Instant::now();
                // There is nobody to tell.
                let _ = out.write_all(&line.text);
                next = waiting.try_recv().ok();
                if next.is_none() && begun.elapsed() < moment {
                    stuck.store(false, Ordering::Relaxed);
                }
                let _ = line.written.try_send(());
                next = next.or_else(|| waiting.recv().ok());
            }
        };
        thread::Builder::new().name("log".to_owned()).spawn(write)?;
        Ok(Self { lines, is_stuck, moment })
    }
}

impl Write for Writer {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        let (written, is_written) = sync_channel(1);
        let waits = !self.is_stuck.load(Ordering::Relaxed);
        let is_taken = self.lines.try_send(Line { text: text.to_vec(), written }).is_ok();
        if is_taken && waits && is_written.recv_timeout(self.moment).is_err() {
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
    use std::sync::atomic::Ordering;
    use std::sync::mpsc::{Sender, channel};
    use std::sync::{Arc, Mutex};
    use std::time::{Duration, Instant};

    use super::{MOMENT, QUEUE, Writer};

    type Lines = Arc<Mutex<Vec<String>>>;

    /// Keeps a line as soon as it has taken it.
    struct Paper<T> {
        take: T,
        lines: Lines,
    }

    impl<T: FnMut()> Write for Paper<T> {
        fn write(&mut self, text: &[u8]) -> io::Result<usize> {
            (self.take)();
            self.lines.lock().unwrap().push(String::from_utf8_lossy(text).into_owned());
            Ok(text.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn paper(moment: Duration, take: impl FnMut() + Send + 'static) -> (Writer, Lines) {
        let lines = Lines::default();
        (Writer::waiting(moment, Paper { take, lines: Arc::clone(&lines) }).unwrap(), lines)
    }

    /// Paper that takes a line whenever it is told to.
    fn told_paper(moment: Duration) -> (Writer, Sender<()>, Lines) {
        let (take, takes) = channel();
        let (writer, lines) = paper(moment, move || takes.recv().unwrap_or_default());
        (writer, take, lines)
    }

    fn log(writer: &mut Writer, line: usize) {
        writer.write_all(line.to_string().as_bytes()).unwrap();
    }

    fn wait_until(is_so: impl Fn() -> bool) {
        let begun = Instant::now();
        while !is_so() {
            assert!(begun.elapsed() < Duration::from_secs(60));
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until so many lines are kept.
    fn wait_for(lines: &Lines, count: usize) {
        wait_until(|| lines.lock().unwrap().len() >= count);
    }

    #[test]
    fn a_line_that_can_be_written_is_when_who_logged_it_goes_on() {
        let slow = || std::thread::sleep(Duration::from_millis(20));
        let (mut writer, lines) = paper(Duration::from_secs(30), slow);
        for line in 0..10 {
            log(&mut writer, line);
            assert_eq!(lines.lock().unwrap().last(), Some(&line.to_string()));
        }
    }

    #[test]
    fn where_nobody_takes_the_lines_nobody_waits_for_them_and_the_first_are_kept() {
        let (mut writer, take, lines) = told_paper(MOMENT);
        let begun = Instant::now();
        (0..10 * QUEUE).for_each(|line| log(&mut writer, line));
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
        drop(take);
        wait_for(&lines, QUEUE);
        let lines = lines.lock().unwrap();
        assert!((QUEUE..=2 * QUEUE).contains(&lines.len()), "{}", lines.len());
        assert_eq!(lines.first().map(String::as_str), Some("0"));
    }

    #[test]
    fn nobody_waits_for_a_line_that_comes_behind_many_that_are_taken_one_by_one() {
        let (mut writer, take, lines) = told_paper(Duration::from_secs(1));
        let begun = Instant::now();
        (0..QUEUE / 2).for_each(|line| log(&mut writer, line));
        for line in 0..10 {
            take.send(()).unwrap();
            wait_for(&lines, line + 1);
            log(&mut writer, line);
        }
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    }

    #[test]
    fn nobody_waits_for_a_reader_that_takes_long_over_each_line_until_it_has_taken_one_at_once() {
        let (mut writer, take, lines) = told_paper(Duration::from_millis(300));
        let mut waited = Duration::ZERO;
        for line in 0..6 {
            let begun = Instant::now();
            log(&mut writer, line);
            waited += begun.elapsed();
            std::thread::sleep(Duration::from_millis(500).saturating_sub(begun.elapsed()));
            take.send(()).unwrap();
            wait_for(&lines, line + 1);
        }
        assert!(waited < Duration::from_millis(1200), "{waited:?}");
        drop(take);
        log(&mut writer, 6);
        wait_until(|| !writer.is_stuck.load(Ordering::Relaxed));
    }
}
