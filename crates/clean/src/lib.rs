//! Decides which blocks of a document are the article, and tidies its text.
