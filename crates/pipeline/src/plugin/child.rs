//! A plugin in a process of its own: started, asked with a time limit, and ended.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{self, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use claimline_stage::host::Failure;
use claimline_stage::{Description, Resource, Settings, Tables};

use super::wire::{Frame, Reply, Request, bodies, line, read_line, read_tables};
use super::{Fault, Protocol, jsonl};

/// How long a child may take to end by itself once its input has ended.
const FAREWELL: Duration = Duration::from_secs(2);
/// The lines of standard error that are remembered for when it crashes.
const LAST_WORDS: usize = 5;
/// Answers that are read ahead of being asked for.
const REPLIES: usize = 256;
/// The longest line of standard error that is shown.
const LOG_BYTES: u64 = 2000;

/// What is known of a child's standard error.
struct Said {
    /// What the child is called: `plugin`, until it has said its name.
    name: String,
    last_words: VecDeque<String>,
}

/// A child that answers.
pub(super) struct Child {
    process: process::Child,
    protocol: Protocol,
    limit: Duration,
    /// None once its input has ended.
    requests: Option<Sender<Vec<u8>>>,
    replies: Receiver<Result<Frame<Reply>, String>>,
    said: Arc<Mutex<Said>>,
    /// The id of the next request.
    next: u64,
    /// Whether it has failed to answer, and is not to be waited for.
    lost: bool,
}

impl Child {
    /// Starts the program in `folder`; what it writes to standard error goes to the log under its
    /// name: `name`, until it has said another.
    pub(super) fn start(
        name: &str,
        words: &[String],
        folder: &Path,
        protocol: Protocol,
        limit: Duration,
    ) -> Result<Self, Fault> {
        let Some((program, arguments)) = words.split_first() else {
            return Err(Fault::Gone("`command` names no program".to_owned()));
        };
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let mut command = Command::new(program);
        command.args(arguments).current_dir(folder);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // A group of its own, so that what it starts ends with it, and Ctrl-C is claimline's to handle.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut process =
            command.spawn().map_err(|error| Fault::Gone(format!("{program} can't be started: {error}")))?;
        let said = Said { name: name.to_owned(), last_words: VecDeque::new() };
        let said = Arc::new(Mutex::new(said));
        let (requests, to_write) = channel();
        let (to_reply, replies) = sync_channel(REPLIES);
        if let Some(stdin) = process.stdin.take() {
            thread::spawn(move || write(stdin, &to_write));
        }
        if let Some(stdout) = process.stdout.take() {
            thread::spawn(move || read(stdout, &to_reply));
        }
        if let Some(stderr) = process.stderr.take() {
            let said = said.clone();
            thread::spawn(move || log(stderr, &said));
        }
        Ok(Self { process, protocol, limit, requests: Some(requests), replies, said, next: 1, lost: false })
    }

    pub(super) fn describe(&mut self, settings: &Settings) -> Result<Description, Fault> {
        let reply = self.call(Request::with("describe", settings), &[])?.head;
        let description = reply
            .description
            .ok_or_else(|| Fault::Output("its answer to `describe` has no `description`".to_owned()))?;
        let description: Description = serde_json::from_value(description)
            .map_err(|error| Fault::Output(format!("its description can't be read: {error}")))?;
        self.said.lock().unwrap_or_else(PoisonError::into_inner).name.clone_from(&description.name);
        Ok(description)
    }

    pub(super) fn open(&mut self, settings: &Settings) -> Result<(), Fault> {
        self.call(Request::with("open", settings), &[]).map(drop)
    }

    pub(super) fn process(&mut self, sent: &Tables) -> Result<Tables, Fault> {
        match self.protocol {
            Protocol::Arrow => {
                let (tables, body) = bodies(sent).map_err(Fault::Output)?;
                let request = Request { tables, ..Request::new("process") };
                self.call(request, &body).map(|frame| frame.tables)
            }
            Protocol::Jsonl => {
                let (lines, documents) = jsonl::lines(sent, self.next).map_err(Fault::Output)?;
                let ids = self.next..self.next + documents.len() as u64 + u64::from(jsonl::is_reading(sent));
                self.next = ids.end;
                let until = Instant::now() + self.limit;
                self.send(lines)?;
                let replies: Result<Vec<_>, Fault> =
                    ids.map(|id| self.reply(id, until).map(|frame| frame.head)).collect();
                let replies = replies?;
                jsonl::tables(sent, &documents, replies).map_err(Fault::Output)
            }
        }
    }

    pub(super) fn finish(&mut self) -> Result<Vec<Resource>, Fault> {
        self.call(Request::new("finish"), &[]).map(|frame| frame.head.files)
    }

    fn call(&mut self, request: Request, body: &[u8]) -> Result<Frame<Reply>, Fault> {
        let request = Request { id: self.next, ..request };
        self.next += 1;
        let mut message = Vec::with_capacity(body.len() + 256);
        line(&request, &mut message).map_err(|error| Fault::Output(error.to_string()))?;
        message.extend_from_slice(body);
        let until = Instant::now() + self.limit;
        self.send(message)?;
        let frame = self.reply(request.id, until)?;
        match frame.head.error {
            None => Ok(frame),
            Some(message) => {
                let at = frame.head.at.unwrap_or_default();
                Err(Fault::Told(Failure { panicked: frame.head.panicked, message, at }))
            }
        }
    }

    fn send(&mut self, message: Vec<u8>) -> Result<(), Fault> {
        let sent = self.requests.as_ref().is_some_and(|requests| requests.send(message).is_ok());
        if sent { Ok(()) } else { Err(self.ended()) }
    }

    fn reply(&mut self, id: u64, until: Instant) -> Result<Frame<Reply>, Fault> {
        let reply = loop {
            let reply = self.replies.recv_timeout(until.saturating_duration_since(Instant::now()));
            match &reply {
                // A second answer to what has been answered.
                Ok(Ok(frame)) if frame.head.id.is_some_and(|other| other < id) => {}
                _ => break reply,
            }
        };
        let answers = |frame: &Frame<Reply>| frame.head.id == Some(id);
        self.lost = !matches!(&reply, Ok(Ok(frame)) if answers(frame));
        match reply {
            Ok(Ok(frame)) if answers(&frame) => Ok(frame),
            Ok(Ok(frame)) => Err(Fault::Output(match frame.head.id {
                Some(other) => format!("it was asked with the id {id}, and answered with {other}"),
                None => format!("its answer does not repeat the `id` it was asked with, {id}"),
            })),
            Ok(Err(message)) => Err(Fault::Output(message)),
            Err(RecvTimeoutError::Timeout) => Err(Fault::TimedOut(self.limit)),
            Err(RecvTimeoutError::Disconnected) => Err(self.ended()),
        }
    }

    /// Why nothing comes from it any more.
    fn ended(&mut self) -> Fault {
        self.requests = None;
        let how = match self.wait(FAREWELL) {
            Some(status) => described(status),
            None => "closed its output".to_owned(),
        };
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let last_words: Vec<_> = said.last_words.iter().map(String::as_str).collect();
        let words =
            if last_words.is_empty() { String::new() } else { format!(": {}", last_words.join(" / ")) };
        Fault::Crashed(format!("its process {how}{words}"))
    }

    fn wait(&mut self, limit: Duration) -> Option<ExitStatus> {
        let until = Instant::now() + limit;
        loop {
            match self.process.try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) if Instant::now() < until => thread::sleep(Duration::from_millis(2)),
                _ => return None,
            }
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // Its input ends with this, and it with its input.
        self.requests = None;
        if !self.lost && self.wait(FAREWELL).is_some() {
            return;
        }
        #[cfg(unix)]
        if let Some(group) = rustix::process::Pid::from_raw(self.process.id() as i32) {
            // If it is gone already, all is well.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn described(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return format!("was ended by signal {signal}");
    }
    match status.code() {
        Some(code) => format!("ended with status {code}"),
        None => "ended".to_owned(),
    }
}

fn write(mut stdin: ChildStdin, messages: &Receiver<Vec<u8>>) {
    for message in messages {
        // A child that has gone is noticed where its answer does not come.
        if stdin.write_all(&message).and_then(|()| stdin.flush()).is_err() {
            return;
        }
    }
}

fn read(stdout: ChildStdout, frames: &SyncSender<Result<Frame<Reply>, String>>) {
    let mut stdout = BufReader::with_capacity(1 << 16, stdout);
    while let Some(frame) = frame(&mut stdout) {
        let lost = frame.is_err();
        if frames.send(frame).is_err() || lost {
            return;
        }
    }
}

/// The next answer; none where the child has ended.
fn frame(from: &mut impl BufRead) -> Option<Result<Frame<Reply>, String>> {
    let line = match read_line(from) {
        Ok(line) => line?,
        Err(error) => return Some(Err(error.to_string())),
    };
    Some(match serde_json::from_slice::<Reply>(&line) {
        Ok(head) => read_tables(&head.tables, from)
            .map(|tables| Frame { head, tables })
            .map_err(|error| error.to_string()),
        Err(error) => {
            let line = String::from_utf8_lossy(&line);
            let start: String = line.trim_end().chars().take(80).collect();
            Err(format!("it wrote `{start}`, which is no answer in JSON: {error}"))
        }
    })
}

/// The tables that a child answers with when it was `sent` some and writes `bytes`: what the fuzz targets
/// look at, without a child.
///
/// # Errors
/// If that is no answer.
#[doc(hidden)]
pub fn answered(sent: &Tables, protocol: Protocol, mut bytes: &[u8]) -> Result<Tables, String> {
    let mut next = || frame(&mut bytes).unwrap_or_else(|| Err("it has ended".to_owned()));
    match protocol {
        Protocol::Arrow => next().map(|frame| frame.tables),
        Protocol::Jsonl => {
            let (_, documents) = jsonl::lines(sent, 0)?;
            let replies = documents.iter().map(|_| next().map(|frame| frame.head));
            jsonl::tables(sent, &documents, replies.collect::<Result<_, _>>()?)
        }
    }
}

fn log(stderr: process::ChildStderr, said: &Mutex<Said>) {
    let mut stderr = BufReader::new(stderr);
    let mut line = Vec::new();
    while stderr.by_ref().take(LOG_BYTES).read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        line.clear();
        let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
        tracing::info!(stage = said.name, "{text}");
        if said.last_words.len() == LAST_WORDS {
            said.last_words.pop_front();
        }
        said.last_words.push_back(text);
    }
}
