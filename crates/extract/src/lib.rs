//! Finds what a text asserts: mentions of amounts and times, and the claims they make.
