//! Rows on their way over: a few allocations a table, where the general export makes several a column.

use std::ffi::c_void;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow_array::cast::AsArray;
use arrow_array::ffi::FFI_ArrowArray;
use arrow_array::types::{Date32Type, Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, RecordBatch, StructArray};
use arrow_schema::{DataType, TimeUnit};

/// `ArrowArray` of the Arrow C Data Interface.
#[repr(C)]
struct CArray {
    length: i64,
    null_count: i64,
    offset: i64,
    n_buffers: i64,
    n_children: i64,
    buffers: *mut *const c_void,
    children: *mut *mut CArray,
    dictionary: *mut CArray,
    release: Option<unsafe extern "C" fn(*mut CArray)>,
    private_data: *mut c_void,
}

const _: () = assert!(size_of::<CArray>() == size_of::<FFI_ArrowArray>());
const _: () = assert!(align_of::<CArray>() == align_of::<FFI_ArrowArray>());

/// What the structs of one table point into. It goes when they are all released.
struct Lent {
    /// Keeps the buffers.
    _table: RecordBatch,
    buffers: Vec<[*const c_void; 3]>,
    columns: Vec<CArray>,
    children: Vec<*mut CArray>,
    /// The structs that are not released: the columns, and the table.
    left: AtomicUsize,
}

/// The rows of a table, which stays alive until whoever gets them releases them.
pub(super) fn rows(table: &RecordBatch) -> FFI_ArrowArray {
    if table.num_rows() == 0 && table.num_columns() > 0 {
        // An empty slice of texts begins at an offset into bytes that it does not have.
        let empty = RecordBatch::new_empty(table.schema());
        return rows_of(&empty);
    }
    rows_of(table)
}

fn rows_of(table: &RecordBatch) -> FFI_ArrowArray {
    match columns(table) {
        Some(columns) => lend(table, columns),
        None => FFI_ArrowArray::new(&StructArray::from(table.clone()).into_data()),
    }
}

/// A column as the interface has it: how many buffers it has, and which; at offset 0.
type Column = (i64, [*const c_void; 3]);

/// The columns, if each is of a type that tables hold and begins where its buffers do.
fn columns(table: &RecordBatch) -> Option<Vec<Column>> {
    table.columns().iter().map(column).collect()
}

fn column(array: &ArrayRef) -> Option<Column> {
    let nulls = match array.nulls() {
        None => ptr::null(),
        Some(nulls) if nulls.offset() == 0 => nulls.validity().as_ptr().cast(),
        Some(_) => return None,
    };
    let fixed = |values: *const c_void| Some((2, [nulls, values, ptr::null()]));
    match array.data_type() {
        DataType::Utf8 => {
            let texts = array.as_string::<i32>();
            let (offsets, bytes) = (texts.value_offsets().as_ptr(), texts.value_data());
            // No bytes have no address, whatever room there is for some.
            let bytes = if bytes.is_empty() { ptr::null() } else { bytes.as_ptr() };
            Some((3, [nulls, offsets.cast(), bytes.cast()]))
        }
        DataType::Int64 => fixed(array.as_primitive::<Int64Type>().values().as_ptr().cast()),
        DataType::Float64 => fixed(array.as_primitive::<Float64Type>().values().as_ptr().cast()),
        DataType::Date32 => fixed(array.as_primitive::<Date32Type>().values().as_ptr().cast()),
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            fixed(array.as_primitive::<TimestampMicrosecondType>().values().as_ptr().cast())
        }
        DataType::Boolean => {
            let bits = array.as_boolean().values();
            (bits.offset() == 0).then(|| (2, [nulls, bits.values().as_ptr().cast(), ptr::null()]))
        }
        _ => None,
    }
}

fn lend(table: &RecordBatch, columns: Vec<Column>) -> FFI_ArrowArray {
    let lent = Box::new(Lent {
        _table: table.clone(),
        // The table itself has one buffer, which says which of its rows are null: none is.
        buffers: columns.iter().map(|(_, buffers)| *buffers).chain([[ptr::null(); 3]]).collect(),
        columns: Vec::with_capacity(columns.len()),
        children: Vec::with_capacity(columns.len()),
        left: AtomicUsize::new(columns.len() + 1),
    });
    let lent = Box::into_raw(lent);
    let private_data: *mut c_void = lent.cast();
    let array = move |length, null_count, n_buffers, buffers: *mut [*const c_void; 3]| CArray {
        length,
        null_count,
        offset: 0,
        n_buffers,
        n_children: 0,
        buffers: buffers.cast(),
        children: ptr::null_mut(),
        dictionary: ptr::null_mut(),
        release: Some(release),
        private_data,
    };
    // The box is this function's alone until the struct that it returns is released.
    let own = unsafe { &mut *lent };
    let buffers = own.buffers.as_mut_ptr();
    let rows = table.num_rows() as i64;
    for (i, ((n_buffers, _), column)) in columns.iter().zip(table.columns()).enumerate() {
        let buffers = unsafe { buffers.add(i) };
        own.columns.push(array(rows, column.null_count() as i64, *n_buffers, buffers));
    }
    let first = own.columns.as_mut_ptr();
    own.children.extend((0..columns.len()).map(|i| unsafe { first.add(i) }));
    let whole = CArray {
        n_children: columns.len() as i64,
        children: own.children.as_mut_ptr(),
        ..array(rows, 0, 1, unsafe { buffers.add(columns.len()) })
    };
    // Both are the struct of the interface; the sizes are compared above.
    unsafe { std::mem::transmute::<CArray, FFI_ArrowArray>(whole) }
}

/// Releases a struct, and with a table its columns that nobody has moved away.
unsafe extern "C" fn release(array: *mut CArray) {
    let array = unsafe { &mut *array };
    for i in 0..array.n_children as usize {
        let child = unsafe { *array.children.add(i) };
        if let Some(release) = unsafe { (*child).release } {
            unsafe { release(child) };
        }
    }
    array.release = None;
    let lent = array.private_data.cast::<Lent>();
    if unsafe { (*lent).left.fetch_sub(1, Ordering::AcqRel) } == 1 {
        drop(unsafe { Box::from_raw(lent) });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::ffi::from_ffi_and_data_type;
    use arrow_array::{BooleanArray, Int8Array, Int64Array, StringArray};

    use super::*;

    fn round_trip(table: &RecordBatch) -> RecordBatch {
        let data_type = DataType::Struct(table.schema_ref().fields().clone());
        // What `rows` makes is what the interface says.
        let data = unsafe { from_ffi_and_data_type(rows(table), data_type) }.unwrap();
        data.validate_full().unwrap();
        RecordBatch::from(StructArray::from(data))
    }

    fn table() -> RecordBatch {
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("text", Arc::new(StringArray::from(vec![Some("naïve"), None, Some(""), Some("x")]))),
            ("whole", Arc::new(Int64Array::from(vec![Some(1), None, None, Some(4)]))),
            ("flag", Arc::new(BooleanArray::from(vec![Some(true), None, Some(false), Some(true)]))),
            ("empty", arrow_array::new_null_array(&DataType::Utf8, 4)),
        ];
        RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, c)| (name, c, true)))
            .unwrap()
    }

    #[test]
    fn rows_come_over_as_they_are() {
        let table = table();
        assert_eq!(round_trip(&table), table);
        // A slice begins inside of its buffers.
        for (from, len) in [(0, 2), (1, 3), (3, 1), (4, 0)] {
            assert_eq!(round_trip(&table.slice(from, len)), table.slice(from, len));
        }
        let other: ArrayRef = Arc::new(Int8Array::from(vec![1, 2]));
        let other = RecordBatch::try_from_iter([("other", other)]).unwrap();
        assert_eq!(round_trip(&other), other);
        assert_eq!(round_trip(&table.project(&[]).unwrap()).num_rows(), 4);
    }

    #[test]
    fn a_column_that_is_moved_away_outlives_its_table() {
        let text: ArrayRef = Arc::new(StringArray::from(vec!["kept"]));
        let alive = Arc::downgrade(&text);
        let table = RecordBatch::try_from_iter([("text", text)]).unwrap();
        let mut lent = rows(&table);
        drop(table);
        let whole = (&raw mut lent).cast::<CArray>();
        // What a consumer does that keeps one column: copies the struct, and clears the original.
        let mut column = unsafe { ptr::read(*(*whole).children) };
        unsafe { (**(*whole).children).release = None };
        drop(lent);
        assert!(alive.upgrade().is_some());
        unsafe { release(&raw mut column) };
        assert!(alive.upgrade().is_none());
    }
}
