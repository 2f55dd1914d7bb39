//! Writes the tables: one file for each table a sink is asked for, in CSV, JSON Lines or Parquet, or
//! one sheet of a workbook.
//!
//! A sink encodes in the workers and appends in order; which tables and columns it writes comes
//! from the options that all of them share, in [`options`]. It knows nothing of how rows came to be.

mod cell;
mod csv;
mod jsonl;
mod look_up;
mod options;
mod parquet;
mod sink;
mod table;
mod text;
#[cfg(feature = "xlsx")]
mod xlsx;

use claimline_stage::Registration;

pub use crate::csv::CsvOptions;
pub use crate::jsonl::JsonlOptions;
pub use crate::look_up::{ClaimIds, claim_ids};
pub use crate::options::Tables;
pub use crate::parquet::ParquetOptions;
#[cfg(feature = "xlsx")]
pub use crate::xlsx::XlsxOptions;

/// The sinks there are.
pub fn registrations() -> Vec<Registration> {
    vec![
        csv::registration(),
        #[cfg(feature = "xlsx")]
        xlsx::registration(),
        jsonl::registration(),
        parquet::registration(),
    ]
}
