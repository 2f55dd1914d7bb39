//! What a run shows while it goes on: a bar on a terminal, a line now and then elsewhere.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use claimline_pipeline::Progress;
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};

/// How often the bar moves.
const TICK: Duration = Duration::from_millis(100);
/// How often a line is printed where there is no terminal.
const LINE: Duration = Duration::from_secs(10);

/// Progress that is being shown.
pub(crate) struct Shown {
    start: Instant,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// Shows `progress` on standard error until [`Shown::finish`].
pub(crate) fn show(progress: &Arc<Progress>, quiet: bool) -> Shown {
    let (start, over) = (Instant::now(), Arc::new(AtomicBool::new(false)));
    let thread = (!quiet).then(|| {
        let (progress, over) = (progress.clone(), over.clone());
        thread::spawn(move || match io::stderr().is_terminal() {
            true => bar(&progress, &over),
            false => lines(&progress, &over, start),
        })
    });
    Shown { start, over, thread }
}

impl Shown {
    /// Clears the bar, and says how long it took.
    pub(crate) fn finish(self) -> Duration {
        self.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread {
            thread.thread().unpark();
            // It only prints; if it failed, there is no bar to clear.
            let _ = thread.join();
        }
        self.start.elapsed()
    }
}

/// The bar on the terminal, if there is one.
static BAR: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// Prints something with the bar out of the way.
pub(crate) fn beside(print: impl FnOnce()) {
    let bar = BAR.lock().unwrap_or_else(PoisonError::into_inner);
    match &*bar {
        Some(bar) => bar.suspend(print),
        None => print(),
    }
}

fn bar(progress: &Progress, over: &AtomicBool) {
    let bar = ProgressBar::no_length();
    *BAR.lock().unwrap_or_else(PoisonError::into_inner) = Some(bar.clone());
    let known = "{bytes}/{total_bytes}  {msg}  {bytes_per_sec}  {eta} left {wide_bar}";
    let unknown = "{spinner} {bytes}  {msg}  {bytes_per_sec}";
    while !over.load(Ordering::Relaxed) {
        let total = progress.bytes_total.load(Ordering::Relaxed);
        let template = if total > 0 { known } else { unknown };
        if total > 0 {
            bar.set_length(total);
        }
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_position(progress.bytes.load(Ordering::Relaxed));
        bar.set_message(counts(progress));
        bar.tick();
        thread::park_timeout(TICK);
    }
    bar.finish_and_clear();
    *BAR.lock().unwrap_or_else(PoisonError::into_inner) = None;
}

fn lines(progress: &Progress, over: &AtomicBool, start: Instant) {
    let mut next = LINE;
    while !over.load(Ordering::Relaxed) {
        thread::park_timeout(TICK);
        if start.elapsed() >= next {
            next += LINE;
            let bytes = HumanBytes(progress.bytes.load(Ordering::Relaxed));
            // Nobody is left to tell when standard error is closed.
            let _ = writeln!(io::stderr(), "{}s: {bytes}, {}", start.elapsed().as_secs(), counts(progress));
        }
    }
}

fn counts(progress: &Progress) -> String {
    let documents = progress.documents.load(Ordering::Relaxed);
    format!("{documents} documents, {} claims", progress.claims.load(Ordering::Relaxed))
}
