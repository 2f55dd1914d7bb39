//! English, read once: text to sentences and tokens. Knows nothing of claims.
