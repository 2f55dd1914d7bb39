//! Brings documents in from wherever they lie: finds files, undoes compression, splits files of many
//! records, settles the charset, and says what a text states about itself before it begins.
//!
//! The sources, each a file of this crate: [`files`](mod@files) (files that are documents, or hold some),
//! [`jsonl`](mod@jsonl), [`csv`](mod@csv), `parquet` and `arrow` (one document a record). What formats `files` reads is the
//! table in `format`, which has a file for each, and `nest` walks through what holds others. What the sources
//! share stands beside them: where to look (`places`), opening and decompressing (`input`), the two ways to
//! cut a file into records (`records`), the mapping from a record's fields to a document (`fields`), records
//! that lie in columns (`columns`), charsets, dates, text headers and blocks.
//!
//! Nothing here judges what a text is worth: every word that came in is in a block, and
//! `claimline-clean` decides which blocks are the article.

#![cfg_attr(not(feature = "default"), allow(dead_code, reason = "some of it is for formats left out"))]

#[cfg(feature = "arrow")]
pub mod arrow;
mod blocks;
mod charset;
#[cfg(feature = "arrow")]
mod columns;
pub mod csv;
mod dates;
mod fields;
pub mod files;
mod format;
mod header;
mod input;
pub mod jsonl;
mod nest;
#[cfg(feature = "parquet")]
pub mod parquet;
mod places;
mod records;

use claimline_stage::Registration;

/// The sources of this crate.
pub fn registrations() -> Vec<Registration> {
    vec![
        files::registration(),
        jsonl::registration(),
        csv::registration(),
        #[cfg(feature = "parquet")]
        parquet::registration(),
        #[cfg(feature = "arrow")]
        arrow::registration(),
    ]
}
