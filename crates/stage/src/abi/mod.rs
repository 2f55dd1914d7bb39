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
//! - Rows go over by move: who takes them copies the Arrow array and sets `release` of the original to
//!   null; what is left with a `release` is released by the side that made it.
//! - Schemas are lent, and not to be released: by the host for as long as the state lives, by a plugin
//!   until the next call for the state. A plugin may hand back a schema that it was lent.
//! - A state is used by one thread at a time, states beside one another.
//! - No call unwinds.

#![allow(unsafe_code, reason = "the plugin boundary")]

pub mod guest;
#[cfg(test)]
mod header;
pub mod host;
mod lend;
pub mod testing;

use std::ffi::c_void;
use std::sync::Arc;
use std::{fmt, ptr, slice, str};

use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema, from_ffi_and_data_type};
use arrow_array::{RecordBatch, RecordBatchOptions, StructArray};
use arrow_data::ArrayData;
use arrow_schema::{DataType, Schema, SchemaRef};
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
    /// Its columns: a struct. It is lent.
    pub schema: *const FFI_ArrowSchema,
    /// Its rows, which are moved.
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
        Self { name: Text::new(""), schema: ptr::null(), array: FFI_ArrowArray::empty() }
    }
}

/// Lists tables for a call.
fn list(tables: &mut [Table], len: usize) -> TableList {
    TableList { tables: tables.as_mut_ptr(), len, capacity: tables.len() }
}

/// The schemas that one side lends, and those that it was lent by the host. None is changed or let go
/// before its owner ends: a schema of another shape gets an address of its own.
#[derive(Debug, Default)]
struct Schemas {
    lent: Vec<(SchemaRef, Box<FFI_ArrowSchema>)>,
    read: Vec<(*const FFI_ArrowSchema, SchemaRef)>,
}

impl Schemas {
    /// Tables, each an entry of a list that is valid as long as these schemas are.
    fn entries(&mut self, tables: &Tables) -> Result<Vec<Table>, String> {
        let entry = |(name, table): (&'static str, &RecordBatch)| {
            let schema = self.lend(table.schema_ref())?;
            Ok(Table { name: Text::new(name), schema, array: lend::rows(table) })
        };
        tables.iter().map(entry).collect()
    }

    fn lend(&mut self, schema: &SchemaRef) -> Result<*const FFI_ArrowSchema, String> {
        if let Some((address, _)) = self.read.iter().find(|(_, read)| Arc::ptr_eq(read, schema)) {
            return Ok(*address);
        }
        let known = |(lent, _): &&(SchemaRef, _)| Arc::ptr_eq(lent, schema) || lent == schema;
        if let Some((_, exported)) = self.lent.iter().find(known) {
            return Ok(&raw const **exported);
        }
        let exported = FFI_ArrowSchema::try_from(DataType::Struct(schema.fields().clone()));
        let exported = Box::new(exported.map_err(|error| error.to_string())?);
        let address = &raw const *exported;
        self.lent.push((schema.clone(), exported));
        Ok(address)
    }

    /// The host's tables, which are moved out of its list; names that are not known are passed over.
    ///
    /// # Safety
    /// The entries must be as [`Table`] says.
    unsafe fn take_lent(&mut self, list: &mut [Table]) -> Result<Tables, String> {
        let mut tables = Tables::default();
        for entry in list {
            let Some(place) = tables.get_mut(unsafe { entry.name.get() }?) else { continue };
            let schema = match self.read.iter().find(|(address, _)| *address == entry.schema) {
                Some((_, schema)) => schema.clone(),
                None => {
                    let schema = unsafe { read_schema(entry.schema) }?;
                    self.read.push((entry.schema, schema.clone()));
                    schema
                }
            };
            let rows = unsafe { entry.rows(&schema) }?;
            *place = Some(columns_of(schema, rows)?);
        }
        Ok(tables)
    }

    /// The tables that a plugin filled in for those that it was `sent`, with all that may be wrong with
    /// them looked at.
    ///
    /// # Safety
    /// The entries must hold what the Arrow C Data Interface says, as far as can't be looked at.
    unsafe fn take_returned(
        &self,
        list: &mut [Table],
        sent: &[(Buffers, &RecordBatch)],
    ) -> Result<Tables, String> {
        let mut tables = Tables::default();
        for entry in list {
            let name = unsafe { entry.name.get() }?;
            let Some(place) = tables.get_mut(name) else { continue };
            let same = self.lent.iter().find(|(_, exported)| &raw const **exported == entry.schema);
            let same = same.and_then(|(schema, _)| {
                let of_schema =
                    |(_, table): &&(Buffers, &RecordBatch)| Arc::ptr_eq(table.schema_ref(), schema);
                sent.iter().find(of_schema)
            });
            if let Some((_, table)) = same.filter(|(buffers, _)| *buffers == Buffers::of(&entry.array)) {
                *place = Some((*table).clone());
                continue;
            }
            let table = (|| {
                let schema = unsafe { read_schema(entry.schema) }?;
                let mut rows = unsafe { entry.rows(&schema) }?;
                // Others may place their buffers at any address, and anything in them.
                rows.align_buffers();
                rows.validate_full().map_err(|error| error.to_string())?;
                if rows.nulls().is_some_and(|nulls| nulls.null_count() > 0) {
                    return Err("a row of a table can't be null".to_owned());
                }
                columns_of(schema, rows)
            })();
            *place = Some(table.map_err(|error| format!("{name}: {error}"))?);
        }
        Ok(tables)
    }
}

impl Table {
    /// Its rows, moved out.
    ///
    /// # Safety
    /// They must be of `schema`, as the Arrow C Data Interface says.
    unsafe fn rows(&mut self, schema: &Schema) -> Result<ArrayData, String> {
        let array = std::mem::replace(&mut self.array, FFI_ArrowArray::empty());
        let data_type = DataType::Struct(schema.fields().clone());
        unsafe { from_ffi_and_data_type(array, data_type) }.map_err(|error| error.to_string())
    }
}

/// # Safety
/// `schema` must be null, or a schema of the Arrow C Data Interface.
unsafe fn read_schema(schema: *const FFI_ArrowSchema) -> Result<SchemaRef, String> {
    let schema = unsafe { schema.as_ref() }.ok_or_else(|| "it has no schema".to_owned())?;
    match DataType::try_from(schema).map_err(|error| error.to_string())? {
        DataType::Struct(fields) => Ok(Arc::new(Schema::new(fields))),
        other => Err(format!("a table must be a struct of columns, not {other}")),
    }
}

fn columns_of(schema: SchemaRef, rows: ArrayData) -> Result<RecordBatch, String> {
    let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
    let (_, columns, _) = StructArray::from(rows).into_parts();
    RecordBatch::try_new_with_options(schema, columns, &options).map_err(|error| error.to_string())
}

/// No memory is ever lent below the end of the first page.
const FIRST_PAGE: usize = 4096;

/// Where the columns of a table are: two tables of one schema with the same are the same.
#[derive(Debug, PartialEq, Eq)]
struct Buffers(Vec<usize>);

impl Buffers {
    fn of(table: &FFI_ArrowArray) -> Self {
        let mut places = vec![table.len(), table.offset()];
        // Tables without rows are alike, wherever they are.
        let columns = if table.is_empty() { 0 } else { table.num_children() };
        for i in 0..columns {
            let column = table.child(i);
            places.extend([column.len(), column.offset()]);
            places.extend((0..column.num_buffers()).map(|b| match column.buffer(b) as usize {
                // The address of a buffer with nothing in it is made up.
                address if address < FIRST_PAGE => 0,
                address => address,
            }));
        }
        Self(places)
    }
}

/// Lets a function that works on rows work on tables, and returns what it changed.
///
/// # Errors
/// Those of `process`, and if the tables are not what they should be.
pub fn by_rows(
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use claimline_tables::{AddedColumns, Lens, Reads};
    use serde_json::json;

    use super::*;
    use crate::{Order, Registration, Role};

    #[derive(Clone)]
    struct Still;

    impl TableStage for Still {
        fn process(&mut self, tables: Tables) -> Result<Tables, StageError> {
            Ok(tables)
        }
    }

    struct Exported;

    impl guest::Exported for Exported {
        const ROLE: Role = Role::Stage;
        const VERSION: &'static str = "1.0.0";

        fn registration() -> Registration {
            Registration::table_stage(
                "still",
                "Does nothing.",
                "",
                Order::Parallel,
                |_: serde_json::Value, _| Ok(Still),
            )
        }
    }

    #[test]
    fn a_table_that_is_handed_back_is_not_read_again() {
        let mut plugin = testing::open::<Exported>(json!(null)).unwrap();
        let batch = testing::claims(&["Trade grew.", "Naïve trade fell."]);
        let lens = Lens::new(&Reads::all(), &AddedColumns::default()).unwrap();
        for _ in 0..2 {
            let sent = lens.tables(&batch).unwrap();
            let returned = plugin.instance.process(&sent).unwrap();
            for ((name, sent), (_, returned)) in sent.iter().zip(returned.iter()) {
                let columns = sent.columns().iter().zip(returned.columns());
                let fields = sent.schema_ref().fields().iter();
                for (field, (sent, returned)) in fields.zip(columns) {
                    assert!(Arc::ptr_eq(sent, returned), "{name}.{}", field.name());
                }
            }
        }
    }
}
