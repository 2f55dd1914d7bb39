#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| claimline_fuzz::checks::columns(bytes));
