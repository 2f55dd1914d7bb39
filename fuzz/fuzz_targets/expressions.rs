#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| claimline_fuzz::checks::expressions(text));
