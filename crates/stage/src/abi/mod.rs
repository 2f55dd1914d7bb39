//! The border between claimline and a plugin in its process: a C ABI of one exported symbol.
//!
//! The symbol [`SYMBOL`] is a function that returns a [`Plugin`]: a table of functions that is only
//! ever appended to. Only texts, integers and the Arrow C Data Interface
//! (<https://arrow.apache.org/docs/format/CDataInterface.html>) cross. [`guest`] writes the plugin's
//! side for a Rust author, [`host`] calls it; `docs/claimline_plugin.h` says the same to C.
//!
//! This folder is the only place of the house with `unsafe` in it, but for the loading of a library in
//! `claimline-pipeline`. What holds on both sides:
//!
//! - A [`Text`] is UTF-8 and lives as long as the call. An [`OwnedText`] that a plugin fills is given
//!   back to its `free`.
//! - Tables go over by move: who takes one copies the two Arrow structs and sets `release` of the
//!   originals to null; what is left with a `release` is released by the side that made it.
//! - A state is used by one thread at a time, states beside one another.
//! - No call unwinds.

#![allow(unsafe_code, reason = "the plugin boundary")]

pub mod guest;
pub mod host;

use std::ffi::c_void;
use std::{fmt, ptr, slice, str};

use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema, from_ffi, to_ffi};
use arrow_array::{Array, RecordBatch, StructArray};
use claimline_tables::{AddedColumns, Batch, Lens, Reads, Rows, Tables, Terms, changes, to_arrow};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Stage, StageError, TableStage};

/// The version of the border, apart from the crate's. While the major number is 0 the columns of the
/// tables may still change; functions and fields are appended with the minor one.
pub const ABI: Version = Version { major: 0, minor: 1 };

/// The name of the one symbol that a plugin exports: `const Plugin *claimline_plugin_v1(void)`.
pub const SYMBOL: &str = "claimline_plugin_v1";

/// A version of the border, written `0.1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// Differs where one side can't understand the other.
    pub major: u32,
    /// Grows where something was appended.
    pub minor: u32,
}

impl Version {
    /// Whether this host can work with a plugin made for `self`; else why not, and what to do.
    ///
    /// # Errors
    /// If the major numbers differ, or the plugin needs what only a later host has.
    pub fn fits(self) -> Result<(), String> {
        if self.major != ABI.major {
            return Err(format!(
                "it was made for version {self} of the plugin border, and this claimline has {ABI}: build it \
                 against claimline-stage {}",
                env!("CARGO_PKG_VERSION")
            ));
        }
        if self.minor > ABI.minor {
            return Err(format!(
                "it needs version {self} of the plugin border, and this claimline has {ABI}: use a newer \
                 claimline, or build it against claimline-stage {}",
                env!("CARGO_PKG_VERSION")
            ));
        }
        Ok(())
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let text = String::deserialize(deserializer)?;
        let parts = text.split_once('.').and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
        let (major, minor) = parts.ok_or_else(|| D::Error::custom("expected a version such as 0.1"))?;
        Ok(Self { major, minor })
    }
}

/// What a plugin exports: only ever appended to. `size` says how much of it there is.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Plugin {
    /// Bytes of this struct, as the plugin knows it.
    pub size: usize,
    /// [`Version::major`].
    pub abi_major: u32,
    /// [`Version::minor`].
    pub abi_minor: u32,
    /// Gets [`Settings`](crate::Settings) and fills a [`Description`](crate::Description), both JSON.
    pub describe: Option<extern "C" fn(Text, *mut OwnedText, *mut Fault) -> i32>,
    /// Gets [`Settings`](crate::Settings) and fills in a state.
    pub open: Option<extern "C" fn(Text, *mut *mut c_void, *mut Fault) -> i32>,
    /// Gets tables, may move them out, and fills in those that it changes, or that a source yields: it
    /// has ended when there are no rows of `documents` and `problems`.
    pub process: Option<extern "C" fn(*mut c_void, *mut TableList, *mut TableList, *mut Fault) -> i32>,
    /// Is called once all has passed. A sink fills in its files: a JSON list of
    /// [`Resource`](crate::Resource)s; others leave the text empty.
    pub finish: Option<extern "C" fn(*mut c_void, *mut OwnedText, *mut Fault) -> i32>,
    /// Ends a state.
    pub close: Option<extern "C" fn(*mut c_void)>,
    /// Takes back the bytes of an [`OwnedText`].
    pub free: Option<extern "C" fn(*mut u8, usize)>,
}

/// A call that did what it should.
pub const OK: i32 = 0;
/// A call that failed; the [`Fault`] says why.
pub const FAILED: i32 = 1;
/// A call that panicked, and was caught.
pub const PANICKED: i32 = 2;

/// UTF-8 that the caller keeps.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Text {
    /// The bytes; may be null where `len` is 0.
    pub data: *const u8,
    /// How many.
    pub len: usize,
}

/// UTF-8 that the plugin made, and takes back by `free`.
#[repr(C)]
#[derive(Debug)]
pub struct OwnedText {
    /// The bytes; null for none.
    pub data: *mut u8,
    /// How many.
    pub len: usize,
}

/// Why a call failed.
#[repr(C)]
#[derive(Debug)]
pub struct Fault {
    /// What is wrong, and what would have worked.
    pub message: OwnedText,
    /// The option it is about, as a JSON pointer into the options; empty where it is about none.
    pub at: OwnedText,
}

/// One table.
#[repr(C)]
#[derive(Debug)]
pub struct Table {
    /// `documents`, `blocks`, `mentions`, `claims` or `problems`; other names are passed over.
    pub name: Text,
    /// Its columns: a struct.
    pub schema: FFI_ArrowSchema,
    /// Its rows.
    pub array: FFI_ArrowArray,
}

/// Tables, in a list that the host keeps.
#[repr(C)]
#[derive(Debug)]
pub struct TableList {
    /// The first.
    pub tables: *mut Table,
    /// How many there are; for those that a plugin fills in, how many it filled.
    pub len: usize,
    /// How many there is room for.
    pub capacity: usize,
}

impl Text {
    fn new(text: &str) -> Self {
        Self { data: text.as_ptr(), len: text.len() }
    }

    /// # Safety
    /// The text must be as [`Text`] says, and be so for `'a`.
    unsafe fn get<'a>(self) -> Result<&'a str, String> {
        if self.len == 0 {
            return Ok("");
        }
        let bytes = unsafe { slice::from_raw_parts(self.data, self.len) };
        str::from_utf8(bytes).map_err(|_| "a text that is not UTF-8".to_owned())
    }
}

impl OwnedText {
    const fn none() -> Self {
        Self { data: ptr::null_mut(), len: 0 }
    }
}

impl Table {
    fn empty() -> Self {
        Self { name: Text::new(""), schema: FFI_ArrowSchema::empty(), array: FFI_ArrowArray::empty() }
    }

    /// A table on its way over.
    fn new(name: &'static str, table: &RecordBatch) -> Result<Self, String> {
        let table = StructArray::from(table.clone());
        let (array, schema) = to_ffi(&table.into_data()).map_err(|error| error.to_string())?;
        Ok(Self { name: Text::new(name), schema, array })
    }

    /// The table that came over, which is moved out.
    ///
    /// # Safety
    /// `self` must hold what the Arrow C Data Interface says.
    unsafe fn take(&mut self) -> Result<RecordBatch, String> {
        let array = std::mem::replace(&mut self.array, FFI_ArrowArray::empty());
        let mut data = unsafe { from_ffi(array, &self.schema) }.map_err(|error| error.to_string())?;
        // Others may place their buffers at any address.
        data.align_buffers();
        data.validate_full().map_err(|error| error.to_string())?;
        if !matches!(data.data_type(), arrow_schema::DataType::Struct(_)) {
            return Err(format!("a table must be a struct of columns, not {}", data.data_type()));
        }
        if data.nulls().is_some_and(|nulls| nulls.null_count() > 0) {
            return Err("a row of a table can't be null".to_owned());
        }
        let rows = StructArray::from(data);
        Ok(RecordBatch::from(rows))
    }
}

/// Lists tables for a call.
fn list(tables: &mut [Table], len: usize) -> TableList {
    TableList { tables: tables.as_mut_ptr(), len, capacity: tables.len() }
}

/// Tables, each an entry of a list.
fn entries(tables: &Tables) -> Result<Vec<Table>, String> {
    tables.iter().map(|(name, table)| Table::new(name, table)).collect()
}

/// The tables of a list, which are moved out of it; names that are not known are passed over.
///
/// # Safety
/// The entries must be as [`Table`] says.
unsafe fn tables(list: &mut [Table]) -> Result<Tables, String> {
    let mut tables = Tables::default();
    for table in list {
        let name = unsafe { table.name.get() }?;
        if let Some(place) = tables.get_mut(name) {
            *place = Some(unsafe { table.take() }.map_err(|error| format!("{name}: {error}"))?);
        }
    }
    Ok(tables)
}

/// Lets a stage that works on rows work on tables, and returns what it changed.
pub(crate) fn by_rows(
    tables: Tables,
    process: impl FnOnce(&mut Batch) -> Result<(), StageError>,
) -> Result<Tables, StageError> {
    let error = |error: &dyn fmt::Display| StageError::new(error.to_string());
    let before = Batch::from_tables(&tables).map_err(|e| error(&e))?;
    let mut after = before.clone();
    process(&mut after)?;
    macro_rules! changed {
        ($table:ident) => {
            changes(&before.$table, &after.$table, tables.$table.as_ref()).map_err(|e| error(&e))?
        };
    }
    let problems = (!after.problems.is_empty())
        .then(|| to_arrow(&Rows::from(std::mem::take(&mut after.problems))))
        .transpose()
        .map_err(|e| error(&e))?;
    Ok(Tables {
        documents: changed!(documents),
        blocks: changed!(blocks),
        mentions: changed!(mentions),
        claims: changed!(claims),
        problems,
    })
}

/// Lets a stage that works on tables stand among those that work on rows.
#[derive(Clone)]
pub(crate) struct OverTables<T>(pub(crate) T);

impl<T: TableStage> Stage for OverTables<T> {
    fn process(&mut self, batch: &mut Batch) -> Result<(), StageError> {
        let lens = Lens::new(&Reads::all(), &AddedColumns::of_batch(batch));
        let lens = lens.map_err(|error| StageError::new(error.to_string()))?;
        let sent = lens.tables(batch).map_err(|error| StageError::new(error.to_string()))?;
        let returned = self.0.process(sent.clone())?;
        let adds = AddedColumns::of_tables(&returned);
        let terms = Terms { stage: "", adds: &adds, changes_text: true };
        let leaving = batch.take_in(&sent, returned, terms).map_err(StageError::new)?;
        batch.fail(leaving);
        Ok(())
    }

    fn process_tables(&mut self, tables: Tables) -> Result<Tables, StageError> {
        self.0.process(tables)
    }
}
