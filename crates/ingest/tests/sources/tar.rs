//! Tar archives.

use serde_json::json;

use crate::{folder, gzip, run};

/// A tar archive of entries of these kinds, whatever their paths.
fn tar(entries: &[(&str, tar::EntryType, &[u8])]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, kind, bytes) in entries {
        let mut header = tar::Header::new_gnu();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(*kind);
        header.set_size(bytes.len() as u64);
        if kind.is_gnu_sparse() {
            let gnu = header.as_gnu_mut().unwrap();
            gnu.set_real_size(bytes.len() as u64);
            gnu.sparse[0].set_length(bytes.len() as u64);
            gnu.sparse[0].set_offset(0);
        }
        header.set_cksum();
        archive.append(&header, *bytes).unwrap();
    }
    archive.into_inner().unwrap()
}

#[test]
fn a_tar_archive_is_read_on_the_way() {
    use tar::EntryType::{Char, Directory, GNUSparse, Link, Regular, Symlink};
    let long = format!("{}/a.txt", "long".repeat(60));
    let named = {
        let mut archive = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_size(2);
        archive.append_data(&mut header, &long, &b"A."[..]).unwrap();
        archive.into_inner().unwrap()
    };
    let archive = tar(&[
        ("news", Directory, b""),
        ("news/a.txt", Regular, b"A."),
        ("link", Symlink, b""),
        ("hard", Link, b""),
        ("tty", Char, b""),
        ("sparse", GNUSparse, b"data"),
        ("../up.txt", Regular, b"no"),
        ("big.txt", Regular, &[b'x'; 3000]),
        ("news/a.txt", Regular, b"A again."),
        ("inner.tar.gz", Regular, &gzip(&tar(&[("b.txt", Regular, b"B.")]))),
    ]);
    let names = gzip(&tar(&[("././@LongLink", tar::EntryType::GNULongName, &vec![b'n'; 3 << 20])]));
    let folder = folder(&[
        ("a.tar", &archive),
        ("b.tar.gz", &gzip(&archive)),
        ("c.tgz", &gzip(&archive)[..300]),
        ("d.tar", &archive[..3 * 512 + 1]),
        ("e.tar", &archive[..3 * 512]),
        ("f.tar", b"no archive"),
        ("g.tar", &[0; 1024]),
        ("h.tar", &named),
        ("i.tzst", &zstd::encode_all(&named[..], 1).unwrap()),
        ("j.tar.gz", &names),
    ]);
    let of = |name: &str| {
        [
            format!("{name}#news/a.txt: A."),
            "!not_a_file#link".into(),
            "!not_a_file#hard".into(),
            "!not_a_file#tty".into(),
            "!not_a_file#sparse".into(),
            "!unsafe_path#../up.txt".into(),
            "!file_too_big#big.txt".into(),
            format!("{name}#news/a.txt (2): A again."),
            format!("{name}#inner.tar.gz/b.txt: B."),
        ]
    };
    let run = |paths| run("files", folder.path(), json!({ "paths": paths, "max_bytes": 2600 }));
    assert_eq!(run(json!(["a.tar", "b.tar.gz"])), [of("a.tar"), of("b.tar.gz")].concat());
    let found = run(json!(["c.tgz"]));
    assert_eq!(found.last().unwrap(), "!truncated");
    for (name, expected) in [
        ("d.tar", vec!["d.tar#news/a.txt: A.".into(), "!broken".into()]),
        ("e.tar", vec!["e.tar#news/a.txt: A.".into(), "!truncated".into()]),
        ("f.tar", vec!["!broken".into()]),
        ("g.tar", vec!["!empty".into()]),
        ("h.tar", vec![format!("h.tar#{long}: A.")]),
        ("i.tzst", vec![format!("i.tzst#{long}: A.")]),
        ("j.tar.gz", vec!["!broken".into()]),
    ] {
        assert_eq!(run(json!([name])), expected, "{name}");
    }
}
