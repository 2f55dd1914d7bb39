//! The host's side of the border: a plugin's table of functions as safe calls.

use std::ffi::c_void;
use std::ptr;

use claimline_tables::Tables;
use serde::de::DeserializeOwned;

use super::{
    Buffers, FAILED, Fault, OK, OwnedText, PANICKED, Plugin, Schemas, Table, TableList, Text, Version, list,
};
use crate::{Description, Resource, Settings};

/// Room for the tables that a plugin returns: all of theirs, and as many that are not known yet.
const ROOM: usize = 2 * Tables::NAMES.len();

/// A plugin in this process, whose table has been checked.
#[derive(Clone, Copy, Debug)]
pub struct Loaded {
    describe: extern "C" fn(Text, *mut OwnedText, *mut Fault) -> i32,
    open: extern "C" fn(Text, *mut *mut c_void, *mut Fault) -> i32,
    process: extern "C" fn(*mut c_void, *mut TableList, *mut TableList, *mut Fault) -> i32,
    finish: extern "C" fn(*mut c_void, *mut OwnedText, *mut Fault) -> i32,
    close: extern "C" fn(*mut c_void),
    free: extern "C" fn(*mut u8, usize),
}

/// Why a plugin did not do as it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// Whether it panicked, and what it holds may be broken.
    pub panicked: bool,
    /// What it said.
    pub message: String,
    /// The option it is about, as a JSON pointer into the options.
    pub at: String,
}

impl Failure {
    fn told(message: impl Into<String>) -> Self {
        Self { panicked: false, message: message.into(), at: String::new() }
    }
}

impl Loaded {
    /// The plugin of a table.
    ///
    /// # Safety
    /// `table` must be null, or point at what its `size` says of a [`Plugin`], whose functions do what
    /// [`Plugin`] says, for as long as the process lives.
    ///
    /// # Errors
    /// If the table is not one, or was made for a border that this host can't work with.
    pub unsafe fn new(table: *const Plugin) -> Result<Self, String> {
        if table.is_null() {
            return Err("it has no table of functions".to_owned());
        }
        // The three fields that every version begins with.
        let (size, abi_major, abi_minor) = unsafe { ((*table).size, (*table).abi_major, (*table).abi_minor) };
        Version { major: abi_major, minor: abi_minor }.fits()?;
        if size < size_of::<Plugin>() {
            return Err(format!("its table of functions has {size} bytes of {}", size_of::<Plugin>()));
        }
        let table = unsafe { *table };
        let missing = || "its table of functions has a hole in it".to_owned();
        Ok(Self {
            describe: table.describe.ok_or_else(missing)?,
            open: table.open.ok_or_else(missing)?,
            process: table.process.ok_or_else(missing)?,
            finish: table.finish.ok_or_else(missing)?,
            close: table.close.ok_or_else(missing)?,
            free: table.free.ok_or_else(missing)?,
        })
    }

    /// What it says of itself, with the options in `settings` or in general.
    ///
    /// # Errors
    /// If it refuses the options, or says what can't be read.
    pub fn describe(&self, settings: &Settings) -> Result<Description, Failure> {
        let settings = json(settings)?;
        let (mut out, mut fault) = (OwnedText::none(), no_fault());
        let status = (self.describe)(Text::new(&settings), &mut out, &mut fault);
        let text = self.text(out);
        self.check(status, fault)?;
        read(&text.map_err(Failure::told)?, "description")
    }

    /// Opens it.
    ///
    /// # Errors
    /// If it can't be opened with these options.
    pub fn open(&self, settings: &Settings) -> Result<Instance, Failure> {
        let settings = json(settings)?;
        let (mut state, mut fault) = (ptr::null_mut(), no_fault());
        let status = (self.open)(Text::new(&settings), &mut state, &mut fault);
        self.check(status, fault)?;
        Ok(Instance { plugin: *self, state, schemas: Schemas::default() })
    }

    fn check(&self, status: i32, fault: Fault) -> Result<(), Failure> {
        let (message, at) = (self.text(fault.message), self.text(fault.at));
        match status {
            OK => Ok(()),
            FAILED | PANICKED => {
                let message = message.unwrap_or_else(|error| error);
                let message =
                    if message.is_empty() { "it failed and did not say why".into() } else { message };
                let at = at.unwrap_or_default();
                Err(Failure { panicked: status == PANICKED, message, at })
            }
            other => Err(Failure::told(format!("it returned the status {other}, which there is not"))),
        }
    }

    /// The text that it filled in, which is given back.
    fn text(&self, owned: OwnedText) -> Result<String, String> {
        if owned.data.is_null() {
            return Ok(String::new());
        }
        let text = unsafe { Text { data: owned.data, len: owned.len }.get() }.map(str::to_owned);
        (self.free)(owned.data, owned.len);
        text
    }
}

/// A plugin that has been opened; dropping it closes it.
#[derive(Debug)]
pub struct Instance {
    plugin: Loaded,
    state: *mut c_void,
    /// What the plugin was lent.
    schemas: Schemas,
}

// A state is used by one thread at a time, whichever it is: the contract of `Plugin`. The schemas are
// changed by no one else.
unsafe impl Send for Instance {}

impl Instance {
    /// Sends tables, and gets those that it changes.
    ///
    /// # Errors
    /// If it fails, or returns what is no table.
    pub fn process(&mut self, sent: &Tables) -> Result<Tables, Failure> {
        let mut entries = self.schemas.entries(sent).map_err(Failure::told)?;
        let tables = sent.iter().map(|(_, table)| table);
        let sent: Vec<_> = entries.iter().map(|entry| Buffers::of(&entry.array)).zip(tables).collect();
        let mut room: [Table; ROOM] = std::array::from_fn(|_| Table::empty());
        let len = entries.len();
        let (mut input, mut output) = (list(&mut entries, len), list(&mut room, 0));
        let mut fault = no_fault();
        let status = (self.plugin.process)(self.state, &mut input, &mut output, &mut fault);
        self.plugin.check(status, fault)?;
        if output.len > ROOM {
            return Err(Failure::told(format!("it filled in {} tables, with room for {ROOM}", output.len)));
        }
        unsafe { self.schemas.take_returned(&mut room[..output.len], &sent) }.map_err(Failure::told)
    }

    /// Says that all has passed; a sink says which files it has written.
    ///
    /// # Errors
    /// If it fails.
    pub fn finish(&mut self) -> Result<Vec<Resource>, Failure> {
        let (mut out, mut fault) = (OwnedText::none(), no_fault());
        let status = (self.plugin.finish)(self.state, &mut out, &mut fault);
        let text = self.plugin.text(out);
        self.plugin.check(status, fault)?;
        let text = text.map_err(Failure::told)?;
        if text.is_empty() { Ok(Vec::new()) } else { read(&text, "list of files") }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        (self.plugin.close)(self.state);
    }
}

fn no_fault() -> Fault {
    Fault { message: OwnedText::none(), at: OwnedText::none() }
}

fn json(settings: &Settings) -> Result<String, Failure> {
    serde_json::to_string(settings).map_err(|error| Failure::told(error.to_string()))
}

fn read<T: DeserializeOwned>(text: &str, what: &str) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|error| Failure::told(format!("its {what} can't be read: {error}")))
}
