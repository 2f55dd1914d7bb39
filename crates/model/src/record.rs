//! What a table's row is: a struct whose fields are columns.

use std::borrow::Cow;

use crate::{Date, Decimal, Span, Spans, Str, Timestamp};

/// What the cells of a column hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// UTF-8 text.
    Text,
    /// A 64-bit signed integer.
    Int,
    /// True or false.
    Bool,
    /// A decimal: plain text in CSV, a 64-bit float in Arrow and Parquet.
    Decimal,
    /// A calendar day.
    Date,
    /// An instant: microseconds, UTC.
    Timestamp,
}

/// One cell, on its way to a file or back.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// Nothing.
    Null,
    /// A [`ColumnType::Text`].
    Text(Cow<'a, str>),
    /// A [`ColumnType::Int`].
    Int(i64),
    /// A [`ColumnType::Bool`].
    Bool(bool),
    /// A [`ColumnType::Decimal`].
    Decimal(Decimal),
    /// A [`ColumnType::Date`].
    Date(Date),
    /// A [`ColumnType::Timestamp`].
    Timestamp(Timestamp),
}

/// A cell that does not fit its column.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}, found {found:?}")]
pub struct CellError {
    expected: String,
    found: String,
}

impl CellError {
    /// Says what would have fitted, and what came.
    pub fn new(expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self { expected: expected.into(), found: found.into() }
    }
}

/// A type that a field of a [`Record`] may have.
pub trait Cell {
    /// What the column holds.
    const TYPE: ColumnType;
    /// Whether a cell may be empty.
    const NULLABLE: bool = false;
    /// The words a text cell is limited to; none means any text.
    const WORDS: &'static [&'static str] = &[];

    /// The cell's value.
    fn get(&self) -> Value<'_>;

    /// Takes a value in; one of another type, or null where that is not allowed, is refused.
    fn set(&mut self, value: Value<'_>) -> Result<(), CellError>;
}

/// One column of a table, and the way to a row's cell.
pub struct Column<R> {
    /// The name, safe unquoted in SQL.
    pub name: &'static str,
    /// What the cell means, in Markdown.
    pub meaning: &'static str,
    /// What its numbers count, where that needs saying; else empty.
    pub unit: &'static str,
    /// What its cells hold.
    pub column_type: ColumnType,
    /// Whether a cell may be empty.
    pub nullable: bool,
    /// The words a text cell is limited to; none means any text.
    pub words: &'static [&'static str],
    /// Reads the cell of a row.
    pub get: fn(&R) -> Value<'_>,
    /// Writes the cell of a row.
    pub set: fn(&mut R, Value<'_>) -> Result<(), CellError>,
}

/// A row of one of the tables that everyone sees.
pub trait Record: Clone + Default + PartialEq + Send + Sync + 'static {
    /// The table's name: `documents`, `claims`, ...
    const TABLE: &'static str;
    /// What one row is, in Markdown.
    const MEANING: &'static str;
    /// The columns in order.
    const COLUMNS: &'static [Column<Self>];
}

/// Writes a struct and its [`Record`] from one list of documented fields. `=> "unit"` after a
/// field's type names what its numbers count.
macro_rules! record {
    (
        $(#[doc = $about:literal])+
        $table:literal $name:ident {
            $( $(#[doc = $meaning:literal])+ $field:ident : $type:ty $(=> $unit:literal)? ,)+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct $name {
            $( $(#[doc = $meaning])+ pub $field: $type, )+
        }

        impl $crate::Record for $name {
            const TABLE: &'static str = $table;
            const MEANING: &'static str = concat!($($about),+);
            const COLUMNS: &'static [$crate::Column<Self>] = &[
                $( $crate::Column {
                    name: stringify!($field),
                    meaning: concat!($($meaning),+),
                    unit: concat!($($unit)?),
                    column_type: <$type as $crate::Cell>::TYPE,
                    nullable: <$type as $crate::Cell>::NULLABLE,
                    words: <$type as $crate::Cell>::WORDS,
                    get: |row| $crate::Cell::get(&row.$field),
                    set: |row, value| $crate::Cell::set(&mut row.$field, value),
                }, )+
            ];
        }
    };
}
pub(crate) use record;

/// An enum of the words a text cell is limited to, the first its default.
macro_rules! words {
    (
        $(#[doc = $about:literal])+
        $name:ident { $( $(#[doc = $meaning:literal])+ $variant:ident = $word:literal ,)+ }
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            #[default]
            $( $(#[doc = $meaning])+ $variant, )+
        }

        impl $name {
            /// Every word, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word in the cell.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::CellError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::CellError::new([$($word),+].join(", "), text)),
                }
            }
        }

        impl $crate::Cell for $name {
            const TYPE: $crate::ColumnType = $crate::ColumnType::Text;
            const WORDS: &'static [&'static str] = &[$($word),+];

            fn get(&self) -> $crate::Value<'_> {
                $crate::Value::Text(std::borrow::Cow::Borrowed(self.as_str()))
            }

            fn set(&mut self, value: $crate::Value<'_>) -> Result<(), $crate::CellError> {
                match value {
                    $crate::Value::Text(text) => *self = text.parse()?,
                    other => return Err($crate::CellError::new([$($word),+].join(", "), format!("{other:?}"))),
                }
                Ok(())
            }
        }
    };
}
pub(crate) use words;

impl<T: Cell + Default> Cell for Option<T> {
    const TYPE: ColumnType = T::TYPE;
    const NULLABLE: bool = true;
    const WORDS: &'static [&'static str] = T::WORDS;

    fn get(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Null, Cell::get)
    }

    fn set(&mut self, value: Value<'_>) -> Result<(), CellError> {
        match value {
            Value::Null => {
                *self = None;
                Ok(())
            }
            value => self.get_or_insert_default().set(value),
        }
    }
}

/// The types whose value is one variant of [`Value`].
macro_rules! cell {
    ($type:ty, $variant:ident, $expected:literal, |$cell:ident| $get:expr, |$value:ident| $set:expr) => {
        impl Cell for $type {
            const TYPE: ColumnType = ColumnType::$variant;

            fn get(&self) -> Value<'_> {
                let $cell = self;
                Value::$variant($get)
            }

            fn set(&mut self, value: Value<'_>) -> Result<(), CellError> {
                match value {
                    Value::$variant($value) => *self = $set,
                    other => return Err(CellError::new($expected, format!("{other:?}"))),
                }
                Ok(())
            }
        }
    };
}

cell!(Str, Text, "text", |cell| Cow::Borrowed(cell), |value| Str::new(value));
cell!(bool, Bool, "true or false", |cell| *cell, |value| value);
cell!(Decimal, Decimal, "a number", |cell| *cell, |value| value);
cell!(Date, Date, "a date", |cell| *cell, |value| value);
cell!(Timestamp, Timestamp, "a timestamp", |cell| *cell, |value| value);
cell!(u32, Int, "a whole number", |cell| i64::from(*cell), |value| u32::try_from(value)
    .map_err(|_| CellError::new("a whole number from 0 to 4294967295", value.to_string()))?);
cell!(Span, Text, "a span", |cell| Cow::Owned(cell.to_string()), |value| value.parse()?);

impl Cell for Spans {
    const TYPE: ColumnType = ColumnType::Text;
    const NULLABLE: bool = true;

    fn get(&self) -> Value<'_> {
        if self.is_empty() { Value::Null } else { Value::Text(Cow::Owned(self.to_string())) }
    }

    fn set(&mut self, value: Value<'_>) -> Result<(), CellError> {
        *self = match value {
            Value::Null => Spans::default(),
            Value::Text(text) => text.parse()?,
            other => return Err(CellError::new("spans such as 12..40;55..80", format!("{other:?}"))),
        };
        Ok(())
    }
}
