//! The plugin's side of the border, written once for every Rust author.

use std::any::Any;
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::slice;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Once};
use std::thread;

use claimline_tables::{Batch, Rows, Tables, to_arrow};

use super::{ABI, FAILED, Fault, OK, OwnedText, PANICKED, Plugin, Schemas, TableList, Text};
use crate::{
    Door, Found, OptionError, Registration, Settings, Sink, Source, Stage, StageError, Staging, SystemDisk,
    Workshop,
};

/// Documents that a source's batch holds at most.
const BATCH_DOCUMENTS: usize = 256;
/// Bytes of text after which a source's batch ends.
const BATCH_BYTES: usize = 4 << 20;

/// Exports a stage from a library: its argument is a [`Registration`](crate::Registration), made by
/// [`Registration::stage`](crate::Registration::stage) or
/// [`table_stage`](crate::Registration::table_stage).
#[macro_export]
macro_rules! export_stage {
    ($registration:expr) => {
        $crate::export_plugin!($crate::Role::Stage, $registration);
    };
}

/// Exports a source from a library: its argument is a [`Registration`](crate::Registration), made by
/// [`Registration::source`](crate::Registration::source).
#[macro_export]
macro_rules! export_source {
    ($registration:expr) => {
        $crate::export_plugin!($crate::Role::Source, $registration);
    };
}

/// Exports a sink from a library: its argument is a [`Registration`](crate::Registration), made by
/// [`Registration::sink`](crate::Registration::sink).
#[macro_export]
macro_rules! export_sink {
    ($registration:expr) => {
        $crate::export_plugin!($crate::Role::Sink, $registration);
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! export_plugin {
    ($role:expr, $registration:expr) => {
        struct ClaimlinePlugin;

        impl $crate::guest::Exported for ClaimlinePlugin {
            const ROLE: $crate::Role = $role;
            const VERSION: &'static str = env!("CARGO_PKG_VERSION");

            fn registration() -> $crate::Registration {
                $registration
            }
        }

        /// What the host calls when it has loaded this library.
        #[allow(unsafe_code, reason = "the symbol must have this name")]
        #[unsafe(no_mangle)]
        pub extern "C" fn claimline_plugin_v1() -> *const $crate::Plugin {
            $crate::guest::silence_panics();
            $crate::guest::plugin::<ClaimlinePlugin>()
        }
    };
}

/// What a library exports.
pub trait Exported: 'static {
    /// Which macro exports it.
    const ROLE: crate::Role;
    /// The version of its crate.
    const VERSION: &'static str;

    /// What it registers.
    fn registration() -> Registration;
}

/// Panics are caught and told to the host; what the library would print besides is not wanted there.
pub fn silence_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| std::panic::set_hook(Box::new(|_| {})));
}

/// The table of `E`.
pub const fn plugin<E: Exported>() -> &'static Plugin {
    const {
        &Plugin {
            size: size_of::<Plugin>(),
            abi_major: ABI.major,
            abi_minor: ABI.minor,
            describe: Some(describe::<E>),
            open: Some(open::<E>),
            process: Some(process),
            finish: Some(finish),
            close: Some(close),
            free: Some(free),
        }
    }
}

/// What is open.
struct Instance {
    part: Part,
    schemas: Schemas,
}

enum Part {
    Source(Receiver<Result<Found, String>>),
    Stage(Box<dyn Stage>),
    Sink(Arc<dyn Sink>, Option<Box<dyn Staging>>),
}

extern "C" fn describe<E: Exported>(settings: Text, out: *mut OwnedText, fault: *mut Fault) -> i32 {
    guarded(fault, || {
        let registration = registered::<E>()?;
        let description = registration.description(E::VERSION, read_settings(settings)?)?;
        let json = serde_json::to_string(&description).map_err(|e| Refused::from(e.to_string()))?;
        unsafe { out.write(owned(json)) };
        Ok(())
    })
}

extern "C" fn open<E: Exported>(settings: Text, state: *mut *mut c_void, fault: *mut Fault) -> i32 {
    guarded(fault, || {
        let settings = read_settings(settings)?;
        let (folder, threads) = (settings.folder.clone(), settings.threads);
        let (options, context) = settings.opened();
        let part = match registered::<E>()?.door {
            Door::Source(open) => Part::Source(reading(open(options, &context)?)),
            Door::Stage(stage) => Part::Stage((stage.open)(options, &context)?()),
            Door::Sink(open) => {
                let sink: Arc<dyn Sink> = open(options, &context)?.into();
                // The host keeps the batches: what is written here begins from nothing each time.
                let disk = Arc::new(SystemDisk);
                let folder = folder.unwrap_or_default();
                let workshop = Workshop { disk, folder, threads, resumable: false };
                let staging = sink.open(workshop, &[]).map_err(|error| error.to_string())?;
                Part::Sink(sink, Some(staging))
            }
        };
        let instance = Instance { part, schemas: Schemas::default() };
        unsafe { state.write(Box::into_raw(Box::new(instance)).cast()) };
        Ok(())
    })
}

extern "C" fn process(
    state: *mut c_void,
    input: *mut TableList,
    output: *mut TableList,
    fault: *mut Fault,
) -> i32 {
    guarded(fault, || {
        let instance = unsafe { &mut *state.cast::<Instance>() };
        let input = unsafe { &mut *input };
        let input = match input.len {
            0 => &mut [],
            len => unsafe { slice::from_raw_parts_mut(input.tables, len) },
        };
        let tables = unsafe { instance.schemas.take_lent(input) }?;
        let returned = match &mut instance.part {
            Part::Source(found) => yielded(found)?,
            Part::Stage(stage) => stage.process_tables(tables)?,
            Part::Sink(sink, Some(staging)) => {
                let batch = Batch::from_tables(&tables).map_err(|error| error.to_string())?;
                let pieces = sink.encode(&batch).map_err(|error| error.to_string())?;
                staging.append(pieces).map_err(|error| error.to_string())?;
                Tables::default()
            }
            Part::Sink(_, None) => return Err(Refused::from("the sink has finished".to_owned())),
        };
        let output = unsafe { &mut *output };
        let entries = instance.schemas.entries(&returned)?;
        if entries.len() > output.capacity {
            return Err(Refused::from("the host has no room for the tables".to_owned()));
        }
        output.len = entries.len();
        for (i, entry) in entries.into_iter().enumerate() {
            unsafe { output.tables.add(i).write(entry) };
        }
        Ok(())
    })
}

extern "C" fn finish(state: *mut c_void, out: *mut OwnedText, fault: *mut Fault) -> i32 {
    guarded(fault, || {
        let instance = unsafe { &mut *state.cast::<Instance>() };
        match &mut instance.part {
            Part::Source(_) => {}
            Part::Stage(stage) => stage.finish()?,
            Part::Sink(_, staging) => {
                let Some(mut staging) = staging.take() else { return Ok(()) };
                staging.commit().map_err(|error| error.to_string())?;
                let files = staging.finish().map_err(|error| error.to_string())?;
                let json = serde_json::to_string(&files).map_err(|e| Refused::from(e.to_string()))?;
                unsafe { out.write(owned(json)) };
            }
        }
        Ok(())
    })
}

extern "C" fn close(state: *mut c_void) {
    // There is nobody left to tell of a panic in a destructor.
    let _ = catch_unwind(AssertUnwindSafe(|| drop(unsafe { Box::from_raw(state.cast::<Instance>()) })));
}

extern "C" fn free(data: *mut u8, len: usize) {
    drop(unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(data, len)) });
}

/// Why a call is refused, and which option it is about.
struct Refused {
    message: String,
    at: String,
}

impl From<String> for Refused {
    fn from(message: String) -> Self {
        Self { message, at: String::new() }
    }
}

impl From<OptionError> for Refused {
    fn from(OptionError { message, at, help }: OptionError) -> Self {
        // One text crosses the border.
        Self { message: help.into_iter().fold(message, |message, help| format!("{message}; {help}")), at }
    }
}

impl From<StageError> for Refused {
    fn from(error: StageError) -> Self {
        Self::from(error.message)
    }
}

/// Makes a status of what `call` comes to; a panic goes no further.
fn guarded(fault: *mut Fault, call: impl FnOnce() -> Result<(), Refused>) -> i32 {
    let (status, refused) = match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(())) => return OK,
        Ok(Err(refused)) => (FAILED, refused),
        Err(panic) => (PANICKED, Refused::from(message(&*panic))),
    };
    unsafe { fault.write(Fault { message: owned(refused.message), at: owned(refused.at) }) };
    status
}

/// What a caught panic said.
pub fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "it panicked".to_owned())
}

fn owned(text: String) -> OwnedText {
    if text.is_empty() {
        return OwnedText::none();
    }
    let len = text.len();
    OwnedText { data: Box::into_raw(text.into_bytes().into_boxed_slice()).cast(), len }
}

fn registered<E: Exported>() -> Result<Registration, Refused> {
    let registration = E::registration();
    let role = crate::Role::of(&registration);
    if role != E::ROLE {
        let (is, exported) = (role.described(), E::ROLE.described());
        return Err(Refused::from(format!("{} is {is}, and exported as {exported}", registration.name)));
    }
    Ok(registration)
}

fn read_settings(settings: Text) -> Result<Settings, Refused> {
    let text = unsafe { settings.get() }?;
    serde_json::from_str(text).map_err(|error| Refused::from(format!("settings: {error}")))
}

/// Lets a source read on a thread of its own, which ends when nobody takes what it finds.
fn reading(source: Box<dyn Source>) -> Receiver<Result<Found, String>> {
    let (sender, receiver) = sync_channel(BATCH_DOCUMENTS);
    thread::spawn(move || {
        let read = catch_unwind(AssertUnwindSafe(|| {
            for found in source.read() {
                let found = match found {
                    Found::Raw(raw) => match source.decode(raw) {
                        Ok(decoded) => Found::Document(Box::new(decoded)),
                        Err(problem) => Found::Lost(*problem),
                    },
                    found => found,
                };
                if sender.send(Ok(found)).is_err() {
                    break;
                }
            }
        }));
        if let Err(panic) = read {
            // The host may have hung up; then nobody wants to know.
            let _ = sender.send(Err(message(&*panic)));
        }
    });
    receiver
}

/// The next batch of what a source finds, as tables; empty when there is nothing left.
fn yielded(found: &Receiver<Result<Found, String>>) -> Result<Tables, Refused> {
    let mut batch = Batch::default();
    let mut bytes = 0;
    while batch.documents.len() + batch.problems.len() < BATCH_DOCUMENTS && bytes < BATCH_BYTES {
        // The first is waited for; after it, what is there.
        let Ok(next) = found.recv() else { break };
        match next? {
            Found::Document(decoded) => {
                bytes += decoded.document.text.len();
                batch.documents.push(decoded.document);
                batch.blocks.extend(decoded.blocks);
                batch.problems.extend(decoded.warnings);
            }
            Found::Lost(problem) | Found::Warning(problem) => batch.problems.push(problem),
            Found::Raw(_) => {}
        }
    }
    let error = |error: claimline_tables::ArrowError| Refused::from(error.to_string());
    Ok(Tables {
        documents: Some(to_arrow(&batch.documents).map_err(error)?),
        blocks: Some(to_arrow(&batch.blocks).map_err(error)?),
        problems: Some(to_arrow(&Rows::from(batch.problems)).map_err(error)?),
        ..Tables::default()
    })
}
