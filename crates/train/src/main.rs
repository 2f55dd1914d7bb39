//! Makes the models of `claimline-language` from treebanks, and shows what they do; makes the tables of
//! exchange rates: a tool for maintainers, never a dependency.

// What a training says of its progress, and a measurement of its figures, is all that this tool shows.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod annotate;
mod conllu;
mod links;
mod names;
mod parser;
mod perceptron;
mod rates;
mod speed;
mod tagger;
mod treebank;
mod vectors;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use claimline_language::network::Network;
use claimline_language::tag::{Forms, Tag, Tagger};
use clap::{Parser, Subcommand};

use crate::treebank::Example;

#[derive(Parser)]
#[command(name = "claimline-train", about = "Makes and grades the models of claimline's language room.")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Makes the models from the files of a folder whose names say train.
    Train {
        /// Folder of *.train.conllu files, with or without gzip.
        treebanks: PathBuf,
        /// Folder to write the models to.
        #[arg(long)]
        out: PathBuf,
        /// Make this one again, and leave the others: tagger, names, parser.
        #[arg(long)]
        only: Vec<String>,
    },
    /// Writes what the models make of a file, as CoNLL-U.
    Annotate {
        /// A file of text, or with --gold-tokens of CoNLL-U.
        file: PathBuf,
        /// Keep the tokens and sentences of a CoNLL-U file.
        #[arg(long)]
        gold_tokens: bool,
    },
    /// Measures the links of pronouns and short names to names, by the coreference of a CoNLL-U file.
    Links {
        /// A treebank with `Entity=` in MISC.
        file: PathBuf,
    },
    /// Makes the tables of exchange rates.
    Rates {
        /// Folder with the published files.
        folder: PathBuf,
        /// Folder to write the tables to.
        #[arg(long)]
        out: PathBuf,
    },
    /// Measures the models on one core.
    Speed {
        /// JSON lines with a `text` each, with or without gzip.
        file: PathBuf,
    },
}

fn main() -> Result<()> {
    match Arguments::parse().command {
        Command::Train { treebanks, out, only } => train(&treebanks, &out, &only),
        Command::Annotate { file, gold_tokens: false } => annotate::text(&file),
        Command::Annotate { file, gold_tokens: true } => annotate::gold_tokens(&file),
        Command::Links { file } => links::measure(&file),
        Command::Rates { folder, out } => rates::make(&folder, &out),
        Command::Speed { file } => speed::measure(&file),
    }
}

fn train(treebanks: &Path, out: &Path, only: &[String]) -> Result<()> {
    let examples = treebank::training(treebanks)?;
    let all: Vec<_> = examples.iter().collect();
    let write = |name: &str, bytes: &[u8]| {
        let path = out.join(name);
        std::fs::write(&path, bytes).with_context(|| format!("can't write {}", path.display()))
    };
    let made = |name: &str| only.is_empty() || only.iter().any(|only| only == name);
    if made("tagger") {
        write("tagger.bin", &tagger::train(&all, 8, 6))?;
    }
    if !made("names") && !made("parser") {
        return Ok(());
    }
    let bytes = std::fs::read(out.join("tagger.bin")).context("can't read the tagger")?;
    let tagger = Tagger::read(&bytes).context("tagger.bin is not a tagger")?;
    let tags = jackknifed(&all);
    if made("parser") {
        write("parser.bin", &parser::train(&all, &tags, 26))?;
    }
    if made("names") {
        let bytes = std::fs::read(out.join("parser.bin")).context("can't read the parser")?;
        let network = Network::read(&bytes).context("parser.bin is not a parser")?;
        write("names.bin", &names::train(&all, &tags, &tagger, &network))?;
    }
    Ok(())
}

/// The tags of each sentence by a tagger that was trained on the others.
fn jackknifed(examples: &[&Example]) -> Vec<Vec<Tag>> {
    const FOLDS: usize = 5;
    let mut tags = vec![Vec::new(); examples.len()];
    for fold in 0..FOLDS {
        let others: Vec<_> =
            examples.iter().zip(0..).filter(|(_, i)| i % FOLDS != fold).map(|(e, _)| *e).collect();
        let bytes = tagger::train(&others, 5, 1);
        let Some(tagger) = Tagger::read(&bytes) else { continue };
        let mut forms = Forms::default();
        for (example, tags) in examples.iter().zip(&mut tags).skip(fold).step_by(FOLDS) {
            tagger.tag(&example.text, &example.tokens, &mut forms, tags);
        }
    }
    tags
}
