#![no_main]

libfuzzer_sys::fuzz_target!(
    init: claimline_fuzz::let_panics_be_caught(),
    |bytes: &[u8]| claimline_fuzz::checks::columns(bytes)
);
