//! The journal of a run, of any bytes or damaged.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use claimline_pipeline::{Overrides, Plan, Progress, RunError, Settings, recovered, run};

use super::Choices;

/// What stands of a journal is a beginning of it, and stands again when it is read again. The first byte
/// chooses whether the rest are the journal, its records (which get their checksums here), or what
/// happens to a real one.
pub fn journal(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    match choices.byte() % 3 {
        0 => drop(recover(choices.0)),
        1 => drop(recover(&sealed(choices.0))),
        _ => damaged(&mut choices),
    }
}

/// Records with their checksums.
fn sealed(records: &[u8]) -> Vec<u8> {
    let lines = records.split(|byte| *byte == b'\n');
    let line = |json: &[u8]| [format!("{:08x} ", crc32fast::hash(json)).as_bytes(), json, b"\n"].concat();
    lines.flat_map(line).collect()
}

/// A run that was stopped, its journal, and where its sinks work.
struct Stopped {
    _folder: tempfile::TempDir,
    journal: Vec<u8>,
    parts: Vec<PathBuf>,
}

static STOPPED: LazyLock<Stopped> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let record =
        |i: usize| format!("{{\"id\": {i}, \"text\": \"It is the {i}th. {}\"}}\n", "So. ".repeat(500));
    let records: String = (0..300).map(record).chain(["no record\n".to_owned()]).collect();
    fs::write(folder.path().join("in.jsonl"), records).unwrap();
    let text = "version: 1\nname: stopped\ningest:\n  - jsonl: { paths: [in.jsonl], fields: { id: id } }\nout: out\n\
                export: [jsonl, parquet]\non_error: stop\n";
    let path = folder.path().join("p.yaml");
    let plan =
        Plan::new(&path, text, &crate::registry::built_in(), &Overrides::default(), &|_| None).unwrap();
    let settings = Settings { threads: 1, group_bytes: 200_000, ..Settings::default() };
    let ran = run(&plan, &settings, &Progress::default());
    assert!(matches!(ran, Err(RunError::Stopped { .. })), "{ran:?}");
    let of_run = folder.path().join("out/.claimline");
    let parts = ["0-jsonl", "1-parquet", "engine"].map(|name| of_run.join("parts").join(name));
    Stopped { journal: fs::read(of_run.join("journal")).unwrap(), parts: parts.into(), _folder: folder }
});

/// The journal of a run that was stopped.
pub fn real_journal() -> &'static [u8] {
    &STOPPED.journal
}

/// Reads a journal, and says how many batches stand and what is left of it.
fn recover(journal: &[u8]) -> (u64, Vec<u8>) {
    thread_local! {
        static FOLDER: tempfile::TempDir = tempfile::tempdir().unwrap();
    }
    FOLDER.with(|folder| {
        let path = folder.path().join("journal");
        fs::write(&path, journal).unwrap();
        let (batches, left) = cut(&path);
        assert!(journal.starts_with(&left), "what is left is no beginning");
        assert!(left.is_empty() || left.ends_with(b"\n"), "a line is left without its end");
        assert_eq!(left.iter().filter(|byte| **byte == b'\n').count() as u64, batches);
        assert_eq!(cut(&path), (batches, left.clone()), "another reading says other");
        (batches, left)
    })
}

fn cut(path: &Path) -> (u64, Vec<u8>) {
    let batches = recovered(path, &STOPPED.parts).unwrap();
    (batches, fs::read(path).unwrap())
}

/// Of a real journal that is torn off or in which a bit is flipped, what was before that stands.
fn damaged(choices: &mut Choices<'_>) {
    let whole = real_journal();
    let lines = |bytes: &[u8]| bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
    let mut bytes = whole.to_vec();
    let at = choices.number() as usize % whole.len();
    match choices.byte() {
        0..128 => bytes.truncate(at),
        bit => bytes[at] ^= 1 << (bit % 8),
    }
    let (batches, left) = recover(&bytes);
    if left.get(at).is_some_and(|byte| *byte != whole[at]) {
        // The one change that is none: a digit of a checksum in capitals.
        assert!(left[at].eq_ignore_ascii_case(&whole[at]), "a flipped bit passes for true");
    } else {
        assert!(left.len() <= at, "more stands than was left alone");
    }
    let before = lines(&whole[..at]);
    assert!(
        batches >= before.min(lines(whole)) || committed_later(before),
        "{batches} of {before} batches stand"
    );
}

/// Whether the group that line `line` is in was committed later: what its sinks kept until then is gone.
fn committed_later(line: u64) -> bool {
    let rest = real_journal().split(|byte| *byte == b'\n').skip(line as usize);
    rest.into_iter().any(|line| String::from_utf8_lossy(line).contains("\"ends_group\":true"))
}
