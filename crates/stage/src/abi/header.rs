//! `docs/claimline_plugin.h` says to C what the structs here say to Rust.

use std::fs;
use std::io::ErrorKind;
use std::mem::offset_of;
use std::path::Path;
use std::process::Command;

use super::*;

/// Lines of the name of a C expression and its value here.
fn ours() -> Vec<(String, usize)> {
    macro_rules! layout {
        ($(struct $c:ident is $rust:ty { $($field:ident),* })+) => { vec![ $(
            (format!("sizeof(struct {})", stringify!($c)), size_of::<$rust>()),
            $((
                format!("offsetof(struct {}, {})", stringify!($c), stringify!($field)),
                offset_of!($rust, $field),
            ),)*
        )+ ] };
    }
    let mut all = layout! {
        struct ArrowSchema is FFI_ArrowSchema {}
        struct ArrowArray is FFI_ArrowArray {}
        struct claimline_text is Text { data, len }
        struct claimline_owned_text is OwnedText { data, len }
        struct claimline_fault is Fault { message, at }
        struct claimline_table is Table { name, schema, array }
        struct claimline_table_list is TableList { tables, len, capacity }
        struct claimline_plugin is Plugin {
            size, abi_major, abi_minor, describe, open, process, finish, close, free
        }
    };
    let constants = [
        ("CLAIMLINE_ABI_MAJOR", ABI.major as usize),
        ("CLAIMLINE_ABI_MINOR", ABI.minor as usize),
        ("CLAIMLINE_OK", OK as usize),
        ("CLAIMLINE_FAILED", FAILED as usize),
        ("CLAIMLINE_PANICKED", PANICKED as usize),
    ];
    all.extend(constants.map(|(name, value)| (name.to_owned(), value)));
    all
}

#[test]
fn the_plugin_header_has_the_layout_of_the_border() {
    let header = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let folder = std::env::temp_dir().join(format!("claimline-header-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let prints: Vec<_> = ours()
        .iter()
        .map(|(name, _)| format!("printf(\"%s %zu\\n\", \"{name}\", (size_t)({name}));\n"))
        .collect();
    let program = format!(
        "#include \"claimline_plugin.h\"\n#include <stdio.h>\n\
         const struct claimline_plugin *{SYMBOL}(void);\n\
         int main(void) {{\nprintf(\"%s\\n\", CLAIMLINE_ABI);\n{}return 0;\n}}\n",
        prints.concat()
    );
    let (source, binary) = (folder.join("layout.c"), folder.join("layout"));
    fs::write(&source, program).unwrap();
    let built = Command::new("cc")
        .args(["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-I"])
        .args([&header, Path::new("-o"), &binary, &source])
        .output();
    match built {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            eprintln!("skipped: there is no C compiler `cc`")
        }
        built => {
            let built = built.unwrap();
            assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
            let printed = Command::new(&binary).output().unwrap();
            let theirs = String::from_utf8(printed.stdout).unwrap();
            let ours = ours().into_iter().map(|(name, value)| format!("{name} {value}\n"));
            assert_eq!(theirs, format!("{ABI}\n") + &ours.collect::<String>());
        }
    }
    fs::remove_dir_all(&folder).unwrap();
}
