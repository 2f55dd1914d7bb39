//! Writes the tables: one file a format.
