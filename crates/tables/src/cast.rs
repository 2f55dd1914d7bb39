//! What other libraries call by another type, as the type that a table holds: large, viewed and dictionary
//! strings, narrower numbers, other units of time, days and instants as ISO 8601 text.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, ArrowTimestampType, Date32Type, Date64Type, Float32Type, Float64Type, Int8Type,
    Int16Type, Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type,
};
use arrow_array::{Array, ArrayRef, PrimitiveArray, StringArray, new_null_array};
use arrow_schema::{DataType, TimeUnit};
use arrow_select::take::take;
use serde_json::Value;

use crate::json::array_from_json;

const DAY_MICROSECONDS: i64 = 86_400_000_000;

/// `values` as an array of type `to`, one of those that tables hold; none where they are of another kind, or
/// a value does not fit.
pub(crate) fn cast(values: &ArrayRef, to: &DataType) -> Option<ArrayRef> {
    if values.data_type() == to {
        return Some(values.clone());
    }
    if values.null_count() == values.len() {
        return Some(new_null_array(to, values.len()));
    }
    match (values.data_type(), to) {
        (DataType::Dictionary(..), _) => {
            let dictionary = values.as_any_dictionary();
            cast(&take(dictionary.values(), dictionary.keys(), None).ok()?, to)
        }
        (DataType::LargeUtf8, DataType::Utf8) => {
            Some(Arc::new(values.as_string::<i64>().iter().collect::<StringArray>()))
        }
        (DataType::Utf8View, DataType::Utf8) => {
            Some(Arc::new(values.as_string_view().iter().collect::<StringArray>()))
        }
        (DataType::LargeUtf8 | DataType::Utf8View, _) => cast(&cast(values, &DataType::Utf8)?, to),
        (DataType::Utf8, DataType::Date32 | DataType::Timestamp(..)) => {
            let cell = |text: Option<&str>| text.map_or(Value::Null, Value::from);
            array_from_json(to, &values.as_string::<i32>().iter().map(cell).collect::<Vec<_>>()).ok()
        }
        (_, DataType::Int64) => whole(values),
        (DataType::Float32, DataType::Float64) => {
            Some(unary::<Float32Type, Float64Type>(values, |number| Some(number.into()))?)
        }
        (_, DataType::Float64) => {
            Some(unary::<Int64Type, Float64Type>(&whole(values)?, |number| Some(number as f64))?)
        }
        (_, DataType::Date32) => {
            let days = |us: i64| i32::try_from(us.div_euclid(DAY_MICROSECONDS)).ok();
            unary::<TimestampMicrosecondType, Date32Type>(&instants(values)?, days)
        }
        (_, DataType::Timestamp(TimeUnit::Microsecond, zone)) => {
            let instants = instants(values)?;
            let instants = instants.as_primitive::<TimestampMicrosecondType>().clone();
            Some(Arc::new(instants.with_timezone_opt(zone.clone())))
        }
        _ => None,
    }
}

fn whole(values: &ArrayRef) -> Option<ArrayRef> {
    fn wide<T: ArrowPrimitiveType>(values: &ArrayRef) -> Option<ArrayRef>
    where
        i64: From<T::Native>,
    {
        unary::<T, Int64Type>(values, |number| Some(number.into()))
    }
    match values.data_type() {
        DataType::Int64 => Some(values.clone()),
        DataType::Int8 => wide::<Int8Type>(values),
        DataType::Int16 => wide::<Int16Type>(values),
        DataType::Int32 => wide::<Int32Type>(values),
        DataType::UInt8 => wide::<UInt8Type>(values),
        DataType::UInt16 => wide::<UInt16Type>(values),
        DataType::UInt32 => wide::<UInt32Type>(values),
        _ => None,
    }
}

/// Days and instants as microseconds; one without a zone counts as UTC.
fn instants(values: &ArrayRef) -> Option<ArrayRef> {
    fn scaled<T: ArrowTimestampType>(values: &ArrayRef, scale: fn(i64) -> Option<i64>) -> Option<ArrayRef> {
        unary::<T, TimestampMicrosecondType>(values, scale)
    }
    match values.data_type() {
        DataType::Date64 => unary::<Date64Type, TimestampMicrosecondType>(values, |at| at.checked_mul(1_000)),
        DataType::Timestamp(TimeUnit::Second, _) => {
            scaled::<TimestampSecondType>(values, |at| at.checked_mul(1_000_000))
        }
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            scaled::<TimestampMillisecondType>(values, |at| at.checked_mul(1_000))
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => Some(values.clone()),
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            scaled::<TimestampNanosecondType>(values, |at| Some(at.div_euclid(1_000)))
        }
        _ => None,
    }
}

fn unary<T: ArrowPrimitiveType, U: ArrowPrimitiveType>(
    values: &ArrayRef,
    of: impl Fn(T::Native) -> Option<U::Native>,
) -> Option<ArrayRef> {
    let cast: Result<PrimitiveArray<U>, ()> =
        values.as_primitive_opt::<T>()?.try_unary(|value| of(value).ok_or(()));
    Some(Arc::new(cast.ok()?))
}

#[cfg(test)]
mod tests {
    use arrow_array::{Date32Array, Int16Array, TimestampNanosecondArray, UInt64Array};

    use super::*;

    fn cells(values: ArrayRef, to: &DataType) -> Option<Vec<Value>> {
        let cast = cast(&values, to)?;
        assert_eq!(cast.data_type(), to);
        Some((0..cast.len()).map(|row| crate::json::cell_to_json(&cast, row)).collect())
    }

    #[test]
    fn values_of_one_kind_are_cast_and_others_not() {
        let instant = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        let small: ArrayRef = Arc::new(Int16Array::from(vec![Some(-7), None]));
        assert_eq!(cells(small.clone(), &DataType::Int64).unwrap(), [Value::from(-7), Value::Null]);
        assert_eq!(cells(small.clone(), &DataType::Float64).unwrap(), [Value::from(-7.0), Value::Null]);
        let nanoseconds: ArrayRef = Arc::new(TimestampNanosecondArray::from(vec![1_750_672_800_000_000_000]));
        assert_eq!(cells(nanoseconds.clone(), &instant).unwrap(), ["2025-06-23T10:00:00Z"]);
        assert_eq!(cells(nanoseconds, &DataType::Date32).unwrap(), ["2025-06-23"]);
        let texts: ArrayRef = Arc::new(StringArray::from(vec!["2025-06-23"]));
        assert_eq!(cells(texts.clone(), &DataType::Date32).unwrap(), ["2025-06-23"]);

        let wide: ArrayRef = Arc::new(UInt64Array::from(vec![1]));
        let word: ArrayRef = Arc::new(StringArray::from(vec!["June"]));
        let day: ArrayRef = Arc::new(Date32Array::from(vec![1]));
        for (values, to) in [
            (small, DataType::Utf8),
            (texts, DataType::Float64),
            (wide, DataType::Int64),
            (word, DataType::Date32),
            (day, DataType::Int64),
        ] {
            assert_eq!(cells(values.clone(), &to), None, "{} to {to}", values.data_type());
        }
    }
}
