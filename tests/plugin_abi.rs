//! What was built against the border of an earlier day loads, and what does not fit is refused with what
//! to do, before any document is read.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use crate::plugin_faults::Three;
use crate::root;

/// Builds `tests/plugin_abi/still.c` with these macros; none where there is no C compiler.
#[allow(clippy::print_stdout, reason = "a test that is skipped says so")]
fn still(folder: &Path, name: &str, macros: &[&str]) -> Option<PathBuf> {
    let library = folder.join(format!("lib{name}{}", std::env::consts::DLL_SUFFIX));
    let source = root().join("tests/plugin_abi/still.c");
    let mut cc = Command::new("cc");
    cc.args(["-std=c99", "-Wall", "-Werror", "-shared", "-fPIC", "-o"]).arg(&library).arg(source);
    let Ok(built) = cc.args(macros).output() else {
        println!("skipped: there is no C compiler on this machine");
        return None;
    };
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    Some(library)
}

fn stage(library: &Path) -> String {
    format!("  - plugin: {{ library: {} }}", json!(library))
}

#[test]
fn a_plugin_of_an_earlier_day_still_loads() {
    let three = Three::new();
    let Some(library) = still(three.folder.path(), "still", &[]) else { return };
    let tables = three.pipeline(&stage(&library)).run();
    assert_eq!((tables.documents.len(), tables.claims.len()), (3, 3));
    let older = still(three.folder.path(), "older", &["-DMINOR=0"]).unwrap();
    assert!(three.pipeline(&stage(&older)).run().problems.is_empty());
}

#[test]
fn a_plugin_that_does_not_fit_is_refused_with_what_to_do() {
    let three = Three::new();
    let cases: [(&str, &[&str], &[&str]); 6] = [
        (
            "major",
            &["-DMAJOR=7"],
            &["version 7.1 of the plugin border", "has 0.1", "build it against claimline-stage"],
        ),
        ("minor", &["-DMINOR=9"], &["needs version 0.9", "use a newer claimline"]),
        ("short", &["-DSIZE=24"], &["its table of functions has 24 bytes"]),
        ("other", &["-DSYMBOL=something_else"], &["is no plugin", "does not export claimline_plugin_v1"]),
        ("mute", &["-DDESCRIPTION=\"hello\""], &["its description can't be read"]),
        ("said", &["-DDESCRIPTION=\"{\\\"abi\\\":\\\"3.0\\\",\\\"name\\\":\\\"x\\\"}\""], &["version 3.0"]),
    ];
    for (name, macros, words) in cases {
        let Some(library) = still(three.folder.path(), name, macros) else { return };
        let text = three.pipeline(&stage(&library)).refusal();
        // The lines are wrapped to the terminal.
        let plain = text.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
        assert!(plain.contains("pipeline.yaml:7:"), "{name}: {text}");
        for words in words {
            assert!(plain.contains(words), "{name}: {text}");
        }
    }
}
