//! Zip archives.

use std::io::Write;

use serde_json::json;

use crate::{folder, gzip, run};

/// A zip archive of files with these bytes.
pub(crate) fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (name, bytes) in files {
        match name.strip_suffix('/') {
            Some(name) => archive.add_directory(name, options).unwrap(),
            None => {
                archive.start_file(*name, options).unwrap();
                archive.write_all(bytes).unwrap();
            }
        }
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn a_zip_archive_is_read_as_a_folder_is() {
    let inner = zip(&[("deep/c.md", b"# C\n\nc."), ("d.png", b"\x89PNG\0")]);
    let innermost = zip(&[("e.zip", &zip(&[("e.txt", b"E.")]))]);
    let archive = zip(&[
        ("news/", b""),
        ("news/a.txt", b"A."),
        ("b.txt.gz", &gzip(b"B.")),
        (".hidden", b"no"),
        ("__MACOSX/._a.txt", b"no"),
        ("inner.zip", &inner),
        ("innermost.zip", &innermost),
        ("../up.txt", b"no"),
        ("/etc/root.txt", b"no"),
        ("big.txt", &[b'x'; 3000]),
    ]);
    let linked = {
        let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        archive.add_symlink("l.txt", "/etc/passwd", zip::write::SimpleFileOptions::default()).unwrap();
        archive.finish().unwrap().into_inner()
    };
    // The bit that says that a file is encrypted, in its header and in the directory.
    let mut locked = zip(&[("l.txt", b"Locked.")]);
    let directory = locked.windows(4).rposition(|at| at == b"PK\x01\x02").unwrap();
    locked[6] |= 1;
    locked[directory + 8] |= 1;
    let mut crc = zip(&[("a.txt", b"Changed afterwards."), ("b.txt", b"B.")]);
    crc[14] ^= 1;
    let directory = crc.windows(4).position(|at| at == b"PK\x01\x02").unwrap();
    crc[directory + 16] ^= 1;
    let folder = folder(&[
        ("a.zip", &archive),
        ("b.zip", &linked),
        ("c.zip", &locked),
        ("d.zip", &archive[..archive.len() / 2]),
        ("e.zip", b"no archive"),
        ("f.zip", &zip(&[])),
        ("g.zip", &zip(&[("folder/", b""), (".hidden", b"no")])),
        ("h.zip", &crc),
        ("i.zip.gz", &gzip(&zip(&[("a.txt", b"Not where it lies.")]))),
    ]);
    let found = run("files", folder.path(), json!({ "paths": ["."], "max_bytes": 2000 }));
    assert_eq!(
        found,
        [
            "a.zip#news/a.txt: A.",
            "a.zip#b.txt.gz: B.",
            "a.zip#inner.zip/deep/c.md: # C\n\nc.",
            "!unsupported_format#inner.zip/d.png",
            "!nested_too_deep#innermost.zip/e.zip",
            "!unsafe_path#../up.txt",
            "!unsafe_path#/etc/root.txt",
            "!file_too_big#big.txt",
            "!not_a_file#l.txt",
            "!encrypted#l.txt",
            "!broken",
            "!broken",
            "!empty",
            "!empty",
            "!unreadable#a.txt",
            "h.zip#b.txt: B.",
            "i.zip.gz#a.txt: Not where it lies.",
        ]
    );
    let found = run("files", folder.path(), json!({ "paths": ["a.zip"], "max_members": 2, "max_depth": 1 }));
    assert_eq!(found, ["a.zip#news/a.txt: A.", "a.zip#b.txt.gz: B.", "!too_many_members"]);
}

#[test]
fn a_bomb_is_one_problem_and_what_came_before_it_stays() {
    let bomb = vec![b'0'; 30 << 20];
    let archive = zip(&[("a.txt", b"A."), ("bomb.txt", &bomb), ("b.txt", b"B.")]);
    let nested = zip(&[("a.txt", b"A."), ("bomb.zip", &archive)]);
    let folder = folder(&[("a.zip", &archive), ("b.zip", &nested)]);
    let found = run("files", folder.path(), json!({ "paths": ["."] }));
    assert_eq!(
        found,
        [
            "a.zip#a.txt: A.",
            "!expands_too_much#bomb.txt",
            "b.zip#a.txt: A.",
            "b.zip#bomb.zip/a.txt: A.",
            "!expands_too_much#bomb.zip/bomb.txt"
        ]
    );
    let limits = json!({ "paths": ["a.zip"], "max_ratio": 1_000_000, "max_expanded_bytes": 1000 });
    assert_eq!(run("files", folder.path(), limits), ["a.zip#a.txt: A.", "!expands_too_much#bomb.txt"]);
}
