//! `claimline new`: a pipeline or a plugin of one's own, which runs as it stands.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::Value;

use crate::report;

#[derive(Args)]
pub(crate) struct New {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// A pipeline that reads a folder, with comments and tests
    Pipeline(Pipeline),
    /// A plugin: a stage of one's own, with its test, a pipeline and a sample
    Plugin(Plugin),
}

#[derive(Args)]
struct Pipeline {
    /// Its name, in letters, digits, `-` and `_`; NAME.yaml is written here
    name: String,
    /// The folder with the texts to read; by default `texts`, which gets a text to begin with
    folder: Option<PathBuf>,
}

#[derive(Args)]
struct Plugin {
    /// Its name, in lower-case letters, digits and `_`
    name: String,
    /// The language it is written in
    #[arg(long, value_enum)]
    lang: Lang,
    /// The folder to write, which must be empty or not there; by default its name
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// A checkout of claimline for a plugin in Rust to depend on; by default the one that this command was built from
    #[arg(long, value_name = "DIR")]
    claimline: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Lang {
    /// A library, through the crate `claimline-stage`
    Rust,
    /// A library, against `claimline_plugin.h`
    C,
    /// A script that speaks lines of JSON, with the standard library alone
    Python,
}

/// A file's path, and what is in it, where `{{name}}` and `{{claimline}}` are filled in.
type Template = (&'static str, &'static str);

const SAMPLE: Template = ("sample.txt", include_str!("new/sample.txt"));

const RUST: &[Template] = &[
    ("Cargo.toml", include_str!("new/rust/manifest.toml")),
    ("src/lib.rs", include_str!("new/rust/lib.rs")),
    ("pipeline.yaml", include_str!("new/rust/pipeline.yaml")),
    ("README.md", include_str!("new/rust/README.md")),
    SAMPLE,
];

const C: &[Template] = &[
    ("plugin.c", include_str!("new/c/plugin.c")),
    ("claimline_plugin.h", include_str!("../../docs/claimline_plugin.h")),
    ("Makefile", include_str!("new/c/Makefile")),
    ("pipeline.yaml", include_str!("new/c/pipeline.yaml")),
    ("README.md", include_str!("new/c/README.md")),
    SAMPLE,
];

const PYTHON: &[Template] = &[
    ("stage.py", include_str!("new/python/stage.py")),
    ("test_stage.py", include_str!("new/python/test_stage.py")),
    ("pipeline.yaml", include_str!("new/python/pipeline.yaml")),
    ("README.md", include_str!("new/python/README.md")),
    SAMPLE,
];

/// The words that Rust keeps for itself, and the crates that every program has.
const RESERVED: &str = "abstract as async await become box break const continue crate do dyn else enum \
    extern false final fn for gen if impl in let loop macro match mod move mut override priv pub ref return \
    self static struct super trait true try type typeof unsafe unsized use virtual where while yield alloc \
    core proc_macro std test";

const PIPELINE: &str = include_str!("new/pipeline.yaml");

/// The folder that a pipeline reads where none is named.
const TEXTS: &str = "texts";

/// What was written, and the command to try it with.
pub(crate) struct Written {
    pub(crate) path: PathBuf,
    pub(crate) then: String,
}

impl New {
    /// Writes the file or folder.
    pub(crate) fn execute(self) -> Result<Written> {
        match self.what {
            What::Pipeline(pipeline) => pipeline.execute(),
            What::Plugin(plugin) => plugin.execute(),
        }
    }
}

impl Pipeline {
    fn execute(self) -> Result<Written> {
        let name = self.name.strip_suffix(".yaml").unwrap_or(&self.name);
        let plain = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
        if !name.starts_with(char::is_alphanumeric) || !name.chars().all(plain) {
            bail!("`{name}` is no name for a pipeline: it takes letters, digits, `-` and `_`");
        }
        let path = PathBuf::from(format!("{name}.yaml"));
        let folder = self.folder.clone().unwrap_or_else(|| TEXTS.into());
        if self.folder.is_some() && !folder.is_dir() {
            bail!("there is no folder {}; without one, `texts` is made, with a text in it", folder.display());
        }
        let here = std::env::current_dir().context("the current folder is gone")?;
        if folder.canonicalize().is_ok_and(|folder| here.starts_with(folder)) {
            bail!(
                "{} holds the pipeline and its tables too, which would be read as texts; put the texts in a folder of their own",
                folder.display()
            );
        }
        // JSON's way of quoting a text is one of YAML's; `$${` is a plain `${`.
        let quoted = Value::from(folder.to_string_lossy().replace("${", "$${")).to_string();
        let text = PIPELINE.replace("{{name}}", name).replace("{{folder}}", &quoted);
        let file = fs::File::create_new(&path).and_then(|mut file| file.write_all(text.as_bytes()));
        match file {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                bail!("{} is there already, and stays as it is: take another name", path.display())
            }
            file => file.with_context(|| format!("can't write {}", path.display()))?,
        }
        let (sample, text) = SAMPLE;
        if !folder.exists() {
            write(&folder.join(sample), text.as_bytes())?;
        }
        Ok(Written { then: format!("claimline run {}", path.display()), path })
    }
}

impl Plugin {
    fn execute(self) -> Result<Written> {
        let name = &self.name;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(plain) {
            bail!("`{name}` is no name for a plugin: a letter, then letters, digits and `_`, all lower-case");
        }
        if self.lang == Lang::Rust && RESERVED.split_whitespace().any(|word| word == name) {
            bail!("a plugin in Rust can't be called `{name}`: the language has its own use for that word");
        }
        let (templates, test, checkout) = match self.lang {
            Lang::Rust => (RUST, "cargo test", Some(self.checkout()?)),
            Lang::C => (C, "make test", None),
            Lang::Python => (PYTHON, "python3 test_stage.py", None),
        };
        let folder = self.dir.clone().unwrap_or_else(|| name.into());
        let empty = match fs::read_dir(&folder) {
            Ok(mut entries) => entries.next().is_none(),
            Err(_) => !folder.exists(),
        };
        if !empty {
            bail!("{} is there already and not an empty folder; `--dir` names another", folder.display());
        }

        let stage = checkout.as_ref().map(|checkout| checkout.join("crates/stage"));
        let stage = stage.map_or(Value::Null, |stage| stage.to_string_lossy().into());
        for (path, text) in templates {
            // JSON's way of quoting a text is one of TOML's.
            let text = text.replace("{{name}}", name).replace("{{claimline}}", &stage.to_string());
            write(&folder.join(path), text.as_bytes())?;
        }
        if let Some(checkout) = checkout {
            // The versions that claimline itself is built with.
            let lock = checkout.join("Cargo.lock");
            let lock = fs::read(&lock).with_context(|| format!("can't read {}", lock.display()))?;
            write(&folder.join("Cargo.lock"), &lock)?;
        }
        Ok(Written { then: format!("cd {} && {test}", report::shown(&folder)), path: folder })
    }

    /// The checkout of claimline that a plugin in Rust is built against.
    fn checkout(&self) -> Result<PathBuf> {
        let built_from = Path::new(env!("CARGO_MANIFEST_DIR"));
        let checkout = self.claimline.as_deref().unwrap_or(built_from);
        if !checkout.join("crates/stage/Cargo.toml").is_file() {
            bail!(
                "{} is no checkout of claimline, which a plugin in Rust is built against; clone it, and name it \
                 by `--claimline DIR`",
                checkout.display()
            );
        }
        checkout.canonicalize().with_context(|| format!("can't find {}", checkout.display()))
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(path, bytes));
    written.with_context(|| format!("can't write {}", path.display()))
}
