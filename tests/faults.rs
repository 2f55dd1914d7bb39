//! Runs on a disk that fails, stops and loses power, against what must be there: the tables of an
//! undisturbed run, whole or not at all, and at last whole.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use claimline_pipeline::{Overrides, Plan, Progress, Settings, run};
use claimline_stage::{Disk, DiskFile, SystemDisk};
use proptest::prelude::*;

use crate::registry;
use crate::samples::files;

/// What happens at one of the changes to the disk.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// It is refused: the disk is full, or closed to this user.
    Refused,
    /// The process ends there. What it wrote is kept.
    Killed,
    /// The power ends there. What was not synced is kept in part.
    PowerLost,
}

/// A disk whose changes are counted, and on which one of them goes wrong.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faulty(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    fault: Option<(Fault, u64)>,
    stopped: bool,
    /// How much of each file would outlive a loss of power, where that is not all.
    durable: HashMap<PathBuf, u64>,
    /// How to take back the changes to folders that would not, in their order.
    pending: Vec<Undo>,
}

#[derive(Debug)]
enum Undo {
    Create(PathBuf),
    Rename { from: PathBuf, to: PathBuf, replaced: Option<Vec<u8>> },
    Remove(PathBuf, Vec<u8>),
}

impl State {
    /// Counts a change; an error if it does not come about.
    fn change(&mut self) -> io::Result<()> {
        if self.stopped {
            return Err(io::Error::other("the process has ended"));
        }
        match &mut self.fault {
            Some((Fault::Refused, 0)) => {
                self.fault = None;
                Err(io::ErrorKind::StorageFull.into())
            }
            Some((_, 0)) => {
                self.stopped = true;
                Err(io::Error::other("the process ends"))
            }
            Some((_, left)) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Takes back some of what was not synced; `chance` says how much.
    fn lose_power(&mut self, chance: u64) {
        let kept = chance as usize % (self.pending.len() + 1);
        for undo in self.pending.drain(kept..).rev().collect::<Vec<_>>() {
            match undo {
                Undo::Create(path) => {
                    let _ = fs::remove_file(path);
                }
                Undo::Rename { from, to, replaced } => {
                    fs::rename(&to, &from).unwrap();
                    if let Some(length) = self.durable.remove(&to) {
                        self.durable.insert(from, length);
                    }
                    if let Some(bytes) = replaced {
                        fs::write(&to, bytes).unwrap();
                    }
                }
                Undo::Remove(path, bytes) => fs::write(path, bytes).unwrap(),
            }
        }
        self.pending.clear();
        for (path, durable) in self.durable.drain() {
            let Ok(data) = fs::metadata(&path) else { continue };
            let lost = data.len().saturating_sub(durable);
            let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
            file.set_len(data.len() - (lost * (chance % 5)).div_ceil(4).min(lost)).unwrap();
        }
    }
}

impl Faulty {
    /// Lets something happen after so many changes.
    pub(crate) fn strike(&self, fault: Option<(Fault, u64)>) {
        self.0.lock().unwrap().fault = fault;
    }

    /// Starts the machine again, if it has stopped.
    pub(crate) fn recover(&self, chance: u64) {
        let mut state = self.0.lock().unwrap();
        if state.stopped && matches!(state.fault, Some((Fault::PowerLost, _))) {
            state.lose_power(chance);
        }
        state.stopped = false;
        state.fault = None;
    }
}

impl Disk for Faulty {
    fn create_folder(&self, folder: &Path) -> io::Result<()> {
        self.0.lock().unwrap().change()?;
        SystemDisk.create_folder(folder)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.0.lock().unwrap();
        state.change()?;
        if !path.exists() {
            state.pending.push(Undo::Create(path.to_owned()));
        }
        state.durable.insert(path.to_owned(), 0);
        Ok(Box::new(Open { disk: self.clone(), path: path.to_owned(), file: SystemDisk.create(path)? }))
    }

    fn resume(&self, path: &Path, length: u64) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.0.lock().unwrap();
        state.change()?;
        let file = SystemDisk.resume(path, length)?;
        let durable = state.durable.entry(path.to_owned()).or_insert(length);
        *durable = length.min(*durable);
        Ok(Box::new(Open { disk: self.clone(), path: path.to_owned(), file }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        state.change()?;
        let replaced = fs::read(to).ok();
        SystemDisk.rename(from, to)?;
        state.pending.push(Undo::Rename { from: from.to_owned(), to: to.to_owned(), replaced });
        state.durable.remove(to);
        if let Some(length) = state.durable.remove(from) {
            state.durable.insert(to.to_owned(), length);
        }
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        state.change()?;
        let bytes = fs::read(path)?;
        SystemDisk.remove(path)?;
        state.durable.remove(path);
        state.pending.push(Undo::Remove(path.to_owned(), bytes));
        Ok(())
    }

    fn sync_folder(&self, _: &Path) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        state.change()?;
        // As a journaling file system does: changes to folders reach the disk in their order.
        state.pending.clear();
        Ok(())
    }
}

struct Open {
    disk: Faulty,
    path: PathBuf,
    file: Box<dyn DiskFile>,
}

impl Write for Open {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.disk.0.lock().unwrap();
        if let Err(error) = state.change() {
            // What goes wrong goes wrong in the middle.
            let _ = self.file.write(&bytes[..bytes.len() / 2]);
            return Err(error);
        }
        let length = fs::metadata(&self.path).map_or(0, |data| data.len());
        state.durable.entry(self.path.clone()).or_insert(length);
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl DiskFile for Open {
    fn sync(&mut self) -> io::Result<()> {
        let mut state = self.disk.0.lock().unwrap();
        state.change()?;
        state.durable.remove(&self.path);
        Ok(())
    }
}

fn plan(folder: &Path, out: &str) -> Plan {
    let text = "version: 1\nname: faults\ningest:\n  - jsonl: { paths: [in.jsonl], fields: { text: text, id: id } }\n\
                stages: [dedupe, extract]\nexport:\n  - csv: { tables: [documents, claims, problems] }\n\
                \x20 - parquet: { tables: [claims, problems] }\n\x20 - xlsx: { tables: [quantities, problems] }\n";
    let overrides = Overrides { out: Some(folder.join(out)), ..Overrides::default() };
    Plan::new(&folder.join("p.yaml"), text, &registry::built_in(), &overrides, &|_| None).unwrap()
}

fn fault() -> impl Strategy<Value = (Fault, u64, usize, u64, bool)> {
    let fault = prop::sample::select(vec![Fault::Refused, Fault::Killed, Fault::PowerLost, Fault::PowerLost]);
    (fault, 0..160_u64, 1..4_usize, any::<u64>(), prop::bool::weighted(0.1))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_disk_does_the_tables_are_whole_at_last(
        faults in prop::collection::vec(fault(), 1..9)
    ) {
        let folder = tempfile::tempdir().unwrap();
        let lines = (0..40).map(|i| match i % 7 {
            3 => "no json\n".to_owned(),
            _ => format!("{{\"id\": {}, \"text\": \"Trade grew by ${} million.\"}}\n", i % 31, i % 9),
        });
        fs::write(folder.path().join("in.jsonl"), lines.collect::<String>()).unwrap();
        let settings = |threads, restart, disk| Settings {
            threads, restart, disk, batch_records: 3, group_bytes: 400, ..Settings::default()
        };
        let system: Arc<dyn Disk> = Arc::new(SystemDisk);
        let progress = Progress::default();
        let expected = run(&plan(folder.path(), "whole"), &settings(1, false, system), &progress).unwrap();
        let whole = files(&folder.path().join("whole"));

        let (out, plan) = (folder.path().join("out"), plan(folder.path(), "out"));
        let faulty = Faulty::default();
        let disk: Arc<dyn Disk> = Arc::new(faulty.clone());
        let mut published = false;
        for (fault, after, threads, chance, restart) in faults {
            faulty.0.lock().unwrap().fault = Some((fault, after));
            let ran = run(&plan, &settings(threads, restart, disk.clone()), &Progress::default());
            let mut state = faulty.0.lock().unwrap();
            if state.stopped && matches!(fault, Fault::PowerLost) {
                state.lose_power(chance);
            }
            state.stopped = false;
            published |= ran.is_ok();
            let found = if out.exists() { files(&out) } else { Default::default() };
            for (name, bytes) in &found {
                prop_assert!(whole[name] == *bytes, "{name} is not whole after {fault:?}: {ran:?}");
            }
            prop_assert!(!published || found.len() == whole.len(), "published tables have gone");
        }
        faulty.0.lock().unwrap().fault = None;
        let summary = run(&plan, &settings(2, false, disk), &Progress::default()).unwrap();
        prop_assert_eq!(files(&out), whole);
        prop_assert_eq!(summary.counts, expected.counts);
    }
}
