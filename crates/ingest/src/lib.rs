//! Finds documents and reads them: files, decompression, formats, charsets.
