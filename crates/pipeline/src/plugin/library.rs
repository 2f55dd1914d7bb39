//! Libraries, found and loaded into this process. Once loaded a library stays: what it has handed over
//! may outlive every call.

#![allow(unsafe_code, reason = "the plugin boundary")]

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::path::{Path, PathBuf};

use claimline_stage::host::Loaded;
use claimline_stage::{Plugin, SYMBOL};
use libloading::Library;

/// The library at `path`, or beside it under the name that the system gives libraries.
pub(super) fn find(path: &Path) -> Result<PathBuf, String> {
    let named = |name: &str| path.with_file_name(name);
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let candidates = [
        path.to_owned(),
        named(&format!("{DLL_PREFIX}{name}{DLL_SUFFIX}")),
        named(&format!("{name}{DLL_SUFFIX}")),
    ];
    candidates.iter().find(|path| path.is_file()).cloned().ok_or_else(|| {
        let [path, other, _] = candidates.map(|path| path.display().to_string());
        format!("there is no library {path}, and no {other}")
    })
}

/// Loads the library and checks its table.
pub(super) fn load(path: &Path) -> Result<Loaded, String> {
    // Loading runs the library's initialisers: the user named it, as any program they start.
    let library = unsafe { Library::new(path) };
    let library = library.map_err(|error| format!("{} can't be loaded: {error}", path.display()))?;
    // A library that exports the symbol says that it keeps the contract of `Plugin`.
    let table = unsafe { library.get::<extern "C" fn() -> *const Plugin>(SYMBOL) }
        .map(|function| function())
        .map_err(|_| format!("{} is no plugin: it does not export {SYMBOL}", path.display()))?;
    std::mem::forget(library);
    unsafe { Loaded::new(table) }.map_err(|error| format!("{} can't be used: {error}", path.display()))
}
