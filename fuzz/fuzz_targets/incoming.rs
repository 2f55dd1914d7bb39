#![no_main]

libfuzzer_sys::fuzz_target!(
    // libFuzzer's hook ends the process at a panic that would be caught.
    init: std::panic::set_hook(Box::new(|panic| eprintln!("{panic}"))),
    |bytes: &[u8]| claimline_fuzz::checks::incoming(bytes)
);
