//! Resolves what extraction left as written: currencies and dates, in the document's context.
