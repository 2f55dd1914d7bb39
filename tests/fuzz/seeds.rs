//! Writes the seeds of the fuzz targets, from the samples, the pipelines and the grammars' examples:
//! `cargo test --test end_to_end write_the_seeds -- --ignored`.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use claimline_model::TimeExpr;
use flate2::read::MultiGzDecoder;

use crate::checks::{COLUMNS, FORMATS, answer_of, real_journal};
use crate::root;
use crate::tables::{arrow_file, arrow_stream, batch, parquet};

#[test]
#[ignore = "it writes the seeds anew"]
fn write_the_seeds() -> Result<(), Box<dyn Error>> {
    let house = root();
    let write = |target: &str, name: &str, bytes: &[u8]| {
        let folder = house.join("fuzz/seeds").join(target);
        fs::create_dir_all(&folder).and_then(|()| fs::write(folder.join(name), bytes))
    };
    for path in files(&house.join("pipelines"))? {
        write("pipeline", &name(&path), &fs::read(&path)?)?;
    }
    for path in files(&house.join("samples/news"))? {
        let bytes = fs::read(&path)?;
        if let Ok(text) = String::from_utf8(bytes.clone()) {
            write("cleaning", &name(&path), &bytes)?;
            for (i, part) in parts(&text).into_iter().enumerate() {
                write("extraction", &format!("{i}-{}", name(&path)), part.as_bytes())?;
            }
        }
        let kind = match path.extension().and_then(|end| end.to_str()) {
            Some("md") => 1,
            Some("gz") => 2,
            _ => 0,
        };
        write("readers", &name(&path), &[&[kind], &bytes[..]].concat())?;
    }
    for path in files(&house.join("samples/files"))? {
        let (mut name, mut bytes) = (name(&path), fs::read(&path)?);
        // In what is compressed there is little to find.
        if let Some(inner) = name.strip_suffix(".gz") {
            let packed = std::mem::take(&mut bytes);
            MultiGzDecoder::new(&packed[..]).read_to_end(&mut bytes)?;
            name = inner.to_owned();
        }
        let ending = name.rsplit('.').next().unwrap_or_default();
        if let Some(kind) = FORMATS.iter().position(|format| format.ends_with(ending)) {
            write("formats", &name, &[&[kind as u8], &bytes[..]].concat())?;
        }
    }
    let texts = [Some("Trade grew by 5%."), None, Some("It fell in 2024.")];
    let rows = batch(&[
        ("id", vec![Some("1"), Some("2"), Some("3")]),
        ("body", texts.to_vec()),
        ("date", vec![Some("2025-06-23"), Some("soon"), None]),
    ]);
    let rows = [rows.slice(0, 2), rows.slice(2, 1)];
    for (kind, bytes) in (0..).zip([parquet(&rows), arrow_file(&rows), arrow_stream(&rows)]) {
        write("columns", COLUMNS[kind].1, &[&[kind as u8], &bytes[..]].concat())?;
    }
    for (kind, path) in [(3, "wire.jsonl"), (7, "wire.jsonl"), (5, "briefs.csv")] {
        let bytes = fs::read(house.join("samples/feed").join(path))?;
        write("readers", &format!("{kind}-{path}"), &[&[kind], &bytes[..]].concat())?;
    }
    for dimension in ["time", "money", "number", "quantity", "claim"] {
        let examples = house.join(format!("crates/extract/src/{dimension}/en/examples.yaml"));
        for (i, part) in parts(&fs::read_to_string(examples)?).into_iter().enumerate() {
            write("extraction", &format!("{i}-{dimension}"), part.as_bytes())?;
        }
    }
    let page = fs::read_to_string(house.join("docs/expressions.md"))?
        + &fs::read_to_string(house.join("crates/extract/src/time/en/examples.yaml"))?;
    let expressions =
        page.split(['`', '"', '\n', '|', ':']).map(str::trim).filter(|s| s.parse::<TimeExpr>().is_ok());
    let expressions: Vec<&str> = expressions.collect::<BTreeSet<_>>().into_iter().collect();
    for (i, some) in expressions.chunks(8).enumerate() {
        write("expressions", &format!("{i}"), some.join(",").as_bytes())?;
    }
    for seed in 0..16_u32 {
        // Any bytes are a phrase.
        let bytes: Vec<u8> =
            (0..16_u32).flat_map(|i| crc32fast::hash(&[seed, i].map(|n| n as u8)).to_le_bytes()).collect();
        write("phrases", &format!("{seed}"), &bytes)?;
    }
    let lines: Vec<&[u8]> = real_journal().split_inclusive(|byte| *byte == b'\n').collect();
    let records = lines.iter().take(3).map(|line| &line[9..]).collect::<Vec<_>>().concat();
    write("journal", "real", &[&[0], &lines[..3].concat()[..]].concat())?;
    write("journal", "records", &[&[1], &records[..]].concat())?;
    write("journal", "torn", &[2, 0, 0, 0, 0, 0, 0, 9, 9, 0])?;
    write("journal", "flipped", &[2, 0, 0, 0, 0, 0, 0, 9, 9, 130])?;
    for (table, name) in ["documents", "blocks", "mentions", "claims"].into_iter().enumerate() {
        write("incoming", name, &[&[table as u8], &answer_of(name)[..]].concat())?;
    }
    let lines = "{\"id\":0,\"document\":{\"tone\":0.5},\"claims\":[{\"char_start\":0,\"char_end\":5}]}\n\
                 {\"id\":1,\"drop\":\"too short\",\"warnings\":[\"short\"]}\n";
    write("incoming", "lines", &[&[5], lines.as_bytes()].concat())?;
    write("incoming", "answer", b"\x06{\"id\":1,\"tables\":[{\"name\":\"claims\",\"bytes\":0}]}\n")?;
    write("incoming", "made", &(7..=70).collect::<Vec<u8>>())?;
    Ok(())
}

fn files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect()
}

/// Some lines here and there of a text: short inputs are sooner through.
fn parts(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    lines.chunks(8).step_by(6).map(|lines| lines.concat()).collect()
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
