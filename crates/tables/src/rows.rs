//! Rows of one table, with the columns that plugins added beside them.

use std::mem;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, UInt32Array, new_null_array};
use arrow_schema::{Field, FieldRef};

/// Rows of one table and, aligned with them, the columns that plugins added.
///
/// Reads as a slice of rows. Whatever changes which rows there are goes through [`Rows::push`],
/// [`Rows::take`] or [`Rows::append`], which keep the added columns aligned: a new row's added cells
/// are null.
#[derive(Clone, Debug)]
pub struct Rows<R> {
    rows: Vec<R>,
    added: Vec<(FieldRef, ArrayRef)>,
}

impl<R> Rows<R> {
    /// Adds a row at the end.
    pub fn push(&mut self, row: R) {
        self.rows.push(row);
    }

    /// The columns that plugins added, each as long as the rows.
    pub fn added(&self) -> Vec<(FieldRef, ArrayRef)> {
        self.added.iter().map(|(field, values)| (field.clone(), padded(values, self.rows.len()))).collect()
    }

    /// Adds a column, which must be as long as the rows; one of the same name is replaced.
    ///
    /// # Panics
    /// If the lengths differ.
    pub fn add(&mut self, field: FieldRef, values: ArrayRef) {
        assert_eq!(values.len(), self.rows.len(), "column {} has a cell a row", field.name());
        self.added.retain(|(old, _)| old.name() != field.name());
        self.added.push((field, values));
    }
}

impl<R> Rows<R> {
    /// Takes the rows from `at` on out, and what was added to them.
    pub fn split_off(&mut self, at: usize) -> Self {
        let len = self.rows.len();
        let mut tail = Self { rows: self.rows.split_off(at), added: Vec::new() };
        for (field, values) in &mut self.added {
            let all = padded(values, len);
            tail.added.push((field.clone(), all.slice(at, len - at)));
            *values = all.slice(0, at);
        }
        tail
    }
}

impl<R: Default> Rows<R> {
    /// Adds a column of cells, one a row, to those that plugins add; one of the same name is replaced.
    ///
    /// # Panics
    /// If there are not as many cells as rows.
    pub fn add_column(&mut self, name: &str, cells: impl Array + 'static) {
        self.add(Arc::new(Field::new(name, cells.data_type().clone(), true)), Arc::new(cells));
    }

    /// Keeps the rows at `indices`, in that order; no index may stand twice.
    pub fn take(&mut self, indices: &[u32]) {
        let values = UInt32Array::from_iter_values(indices.iter().copied());
        let rows = self.rows.len();
        for (_, column) in &mut self.added {
            // `take` fails only for an index past the end, and the rows below would panic first.
            #[allow(clippy::expect_used)]
            let taken = arrow_select::take::take(&padded(column, rows), &values, None)
                .expect("indices lie within the rows");
            *column = taken;
        }
        self.rows = indices.iter().map(|&i| mem::take(&mut self.rows[i as usize])).collect();
    }

    /// Adds the rows of `other` at the end; a column that only one side has is null on the other.
    pub fn append(&mut self, other: Rows<R>) {
        let (before, after) = (self.rows.len(), other.rows.len());
        for (field, values) in other.added() {
            if !self.added.iter().any(|(mine, _)| mine.name() == field.name()) {
                let nulls = new_null_array(values.data_type(), before);
                self.added.push((field, nulls));
            }
        }
        let theirs = other.added();
        for (field, column) in &mut self.added {
            let tail = match theirs.iter().find(|(name, _)| name.name() == field.name()) {
                Some((_, values)) if values.data_type() == column.data_type() => values.clone(),
                _ => new_null_array(column.data_type(), after),
            };
            *column = concat(&padded(column, before), &tail);
        }
        self.rows.extend(other.rows);
    }
}

/// `values` with nulls behind it up to `len`.
fn padded(values: &ArrayRef, len: usize) -> ArrayRef {
    match len.checked_sub(values.len()) {
        None | Some(0) => values.clone(),
        Some(missing) => concat(values, &new_null_array(values.data_type(), missing)),
    }
}

fn concat(head: &ArrayRef, tail: &ArrayRef) -> ArrayRef {
    // `concat` fails only for arrays of different types; both callers make them of one.
    #[allow(clippy::expect_used)]
    arrow_select::concat::concat(&[head, tail]).expect("both have one type")
}

impl<R> Default for Rows<R> {
    fn default() -> Self {
        Self { rows: Vec::new(), added: Vec::new() }
    }
}

impl<R> From<Vec<R>> for Rows<R> {
    fn from(rows: Vec<R>) -> Self {
        Self { rows, added: Vec::new() }
    }
}

impl<R> Extend<R> for Rows<R> {
    fn extend<I: IntoIterator<Item = R>>(&mut self, rows: I) {
        self.rows.extend(rows);
    }
}

impl<R> Deref for Rows<R> {
    type Target = [R];

    fn deref(&self) -> &[R] {
        &self.rows
    }
}

impl<R> DerefMut for Rows<R> {
    fn deref_mut(&mut self) -> &mut [R] {
        &mut self.rows
    }
}

impl<R: PartialEq> PartialEq for Rows<R> {
    fn eq(&self, other: &Self) -> bool {
        self.rows == other.rows && self.added() == other.added()
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::{Array, Int64Array};
    use arrow_schema::DataType;

    use super::*;

    fn with_column(rows: Vec<u32>, cells: Vec<i64>) -> Rows<u32> {
        let mut rows = Rows::from(rows);
        rows.add(Arc::new(Field::new("extra", DataType::Int64, true)), Arc::new(Int64Array::from(cells)));
        rows
    }

    fn cells(rows: &Rows<u32>) -> Vec<Option<i64>> {
        let (_, column) = rows.added().remove(0);
        column.as_any().downcast_ref::<Int64Array>().unwrap().iter().collect()
    }

    #[test]
    fn added_columns_follow_their_rows() {
        let mut rows = with_column(vec![10, 11, 12], vec![0, 1, 2]);
        rows.push(13);
        rows.take(&[3, 2, 0]);
        assert_eq!((&rows[..], cells(&rows)), (&[13, 12, 10][..], vec![None, Some(2), Some(0)]));
    }

    #[test]
    fn a_column_that_one_side_lacks_is_null_there() {
        let mut rows = Rows::from(vec![1]);
        rows.append(with_column(vec![2], vec![20]));
        rows.append(Rows::from(vec![3]));
        assert_eq!((&rows[..], cells(&rows)), (&[1, 2, 3][..], vec![None, Some(20), None]));
    }
}
