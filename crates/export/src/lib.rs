//! Writes the tables: one file for each table a sink is asked for, in CSV, JSON Lines or Parquet.
//!
//! A sink encodes in the workers and appends in order; which tables and columns it writes comes
//! from the options that all of them share, in [`options`]. It knows nothing of how rows came to be.

mod csv;
mod jsonl;
mod options;
mod parquet;
mod sink;
mod table;
mod text;

use claimline_stage::Registration;

pub use crate::csv::CsvOptions;
pub use crate::jsonl::JsonlOptions;
pub use crate::options::Tables;
pub use crate::parquet::ParquetOptions;

/// The sinks there are.
pub fn registrations() -> Vec<Registration> {
    vec![csv::registration(), jsonl::registration(), parquet::registration()]
}
