//! The stages that come with the command.

use claimline_pipeline::Registry;

/// The built-in stages, by the door that plugins come through.
pub(crate) fn built_in() -> Registry {
    let crates = [
        claimline_ingest::registrations(),
        claimline_clean::registrations(),
        claimline_extract::registrations(),
        claimline_normalise::registrations(),
        claimline_export::registrations(),
    ];
    Registry::new(crates.concat())
}
