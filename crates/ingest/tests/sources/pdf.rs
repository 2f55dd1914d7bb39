//! PDF.

use std::io::Write;

use claimline_stage::Found;
use serde_json::json;

use crate::{folder, open, run};

/// A PDF of these objects, of which the first is the catalogue, with what else its trailer says.
fn pdf(objects: &[Vec<u8>], trailer: &str) -> Vec<u8> {
    let mut bytes = b"%PDF-1.4\n".to_vec();
    let mut table = String::from("0000000000 65535 f \n");
    for (i, object) in objects.iter().enumerate() {
        table += &format!("{:010} 00000 n \n", bytes.len());
        bytes.extend(format!("{} 0 obj\n", i + 1).into_bytes());
        bytes.extend(object);
        bytes.extend(b"\nendobj\n");
    }
    let (start, size) = (bytes.len(), objects.len() + 1);
    let end = format!("trailer\n<< /Size {size} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n");
    bytes.extend(format!("xref\n0 {size}\n{table}{end}").into_bytes());
    bytes
}

/// A stream of a PDF, deflated if it says so.
fn stream(dictionary: &str, bytes: &[u8]) -> Vec<u8> {
    let mut packed = bytes.to_vec();
    if dictionary.contains("/FlateDecode") {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        packed = encoder.finish().unwrap();
    }
    let head = format!("<< {dictionary} /Length {} >>\nstream\n", packed.len());
    [head.as_bytes(), &packed, b"\nendstream"].concat()
}

/// The objects of a PDF of one page with this content; the page's other resources are `forms`, from object 7 on.
fn one_page(content: Vec<u8>, resources: &str) -> Vec<Vec<u8>> {
    let page = format!(
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R \
         /Resources << /Font << /F 5 0 R >> {resources} >> >>"
    );
    let objects: [&[u8]; 6] = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        page.as_bytes(),
        &content,
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Title (Microsoft Word - trade.docx) /Author (Ann Lee) /CreationDate (D:20250623233000-05'00') >>",
    ];
    objects.map(<[u8]>::to_vec).to_vec()
}

#[test]
fn a_pdf_is_read_or_says_why_not() {
    let text = b"BT /F 12 Tf 50 700 Td (Trade grew.) Tj ET";
    let good = pdf(&one_page(stream("", text), ""), "/Info 6 0 R");
    let form = |inner: &str, resources: &str| {
        stream(&format!("/Type /XObject /Subtype /Form /BBox [0 0 9 9] {resources}"), inner.as_bytes())
    };
    let with = |content: &[u8], forms: Vec<Vec<u8>>| {
        let mut objects = one_page(stream("", content), "/XObject << /X 7 0 R >>");
        objects.extend(forms);
        pdf(&objects, "")
    };
    let own = "/Resources << /XObject << /X 7 0 R >> >>";
    let circle = with(b"/X Do", vec![form("/X Do", own)]);
    let inherited = with(b"/X Do", vec![form("/X Do", "")]);
    // Ten forms, each of which draws the next one ten times.
    let next = |i: usize| format!("/Resources << /XObject << /X {} 0 R >> >>", i + 8);
    let laughs = (0..10).map(|i| form(&"/X Do ".repeat(10), &next(i))).chain([form("", "/Resources << >>")]);
    let picture =
        "/Type /XObject /Subtype /Image /Width 9 /Height 9 /BitsPerComponent 8 /ColorSpace /DeviceGray";
    let scan = with(b"q 600 0 0 800 0 0 cm /X Do Q", vec![stream(picture, &[7; 81])]);
    let beside = with(b"/X Do BT /F 12 Tf 50 700 Td (Beside it.) Tj ET", vec![stream(picture, b"((( Do /X")]);
    let bomb = vec![b' '; 40 << 20];
    let objects = stream("/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode", &bomb);
    let mut pages = one_page(stream("", text), "");
    pages[1] = b"<< /Type /Pages /Kids [3 0 R] /Count 1 /Parent 2 0 R >>".to_vec();
    pages[2] = b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>".to_vec();
    let handler = "<< /Filter /Standard /V 1 /R 2 /P -4 /O (oooooooooooooooooooooooooooooooo) \
                   /U (uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu) >>";
    let locked = [one_page(stream("", text), ""), vec![handler.into()]].concat();
    let locked = pdf(&locked, "/ID [(aaaaaaaaaaaaaaaa) (aaaaaaaaaaaaaaaa)] /Encrypt 7 0 R");
    let folder = folder(&[
        ("a.pdf", &good),
        ("b.pdf", &locked),
        ("c.pdf", &scan),
        ("d.pdf", &beside),
        ("e.pdf", &good[..good.len() / 2]),
        ("f.pdf", &circle),
        ("g.pdf", &inherited),
        ("h.pdf", &with(b"/X Do", laughs.collect())),
        ("i.pdf", &pdf(&one_page(stream("/Filter /FlateDecode", &bomb), ""), "")),
        ("j.pdf", &pdf(&[one_page(stream("", text), ""), vec![objects]].concat(), "")),
        ("k.pdf", &pdf(&pages, "")),
        ("l.pdf", b"%PDF-1.7"),
        ("m.pdf", b"<html><p>Log in</p></html>"),
        ("n.pdf", b""),
    ]);
    let found = run("files", folder.path(), json!({ "paths": ["."] }));
    assert_eq!(
        found,
        [
            "a.pdf: Trade grew.",
            "!encrypted",
            "!no_text",
            "d.pdf: Beside it.",
            "!broken",
            "!pdf_too_complex",
            "!pdf_too_complex",
            "!pdf_too_complex",
            "!expands_too_much",
            "!expands_too_much",
            "!pdf_too_complex",
            "!broken",
            "m.pdf: <html><p>Log in</p></html>",
            "!empty",
        ]
    );
    let source = open("files", folder.path(), json!({ "paths": ["a.pdf"] })).unwrap();
    let Some(Found::Raw(raw)) = source.read().next() else { panic!("a document") };
    let document = source.decode(raw).unwrap().document;
    assert_eq!((document.title, document.author.as_deref()), (None, Some("Ann Lee")));
    assert_eq!(document.published.unwrap().to_string(), "2025-06-23");
}

/// A PDF of one page with each text where it says, in this order, of size 10, and of 14 behind `# `.
fn drawn(texts: &[(i32, i32, &str)]) -> Vec<u8> {
    let shown = texts.iter().map(|(x, y, text)| {
        let (size, text) = text.strip_prefix("# ").map_or((10, *text), |heading| (14, heading));
        format!("BT /F {size} Tf {x} {y} Td ({text}) Tj ET\n")
    });
    pdf(&one_page(stream("", shown.collect::<String>().as_bytes()), ""), "")
}

/// Columns as they are drawn row by row, from this height.
fn rows<'a>(top: i32, columns: &[(i32, &[&'a str])]) -> Vec<(i32, i32, &'a str)> {
    let longest = columns.iter().map(|(_, lines)| lines.len()).max().unwrap_or(0);
    let row = |i: usize| {
        let shown = move |(x, lines): &(i32, &[&'a str])| Some((*x, top - 12 * i as i32, *lines.get(i)?));
        columns.iter().filter_map(shown)
    };
    (0..longest).flat_map(row).collect()
}

const HARBOUR: &[&str] = &[
    "The harbour of Velmar handled four million",
    "containers last year, more than it ever had",
    "before. The new quay took a third of them.",
    "Its cranes came in spring, and were paid for",
    "by the city, which wants to build a second",
];
const RAILWAY: &[&str] = &[
    "one behind the lighthouse by 2031.",
    "  The railway to the harbour carried fewer",
    "passengers, for the bridge at Ostrand was",
    "closed from May to October.",
];
const MARKET: &[&str] = &[
    "Fish was dearer than in any other year, as",
    "the boats stayed in port for weeks, and",
    "the market moved to the old customs house.",
];

#[test]
fn columns_are_read_one_after_the_other() {
    let title =
        "Velmar, a year in figures: what the harbour, the railway and the market of the city made of 2024";
    let read = |lines: &[&str]| lines.join(" ").replace("  ", " ");
    let (harbour, market) = (read(HARBOUR), read(MARKET));
    let prose = format!("{harbour} {}\n\n{}", RAILWAY[0], read(&RAILWAY[1..]).trim());

    let two = rows(700, &[(50, HARBOUR), (310, RAILWAY)]);
    let titled = [rows(724, &[(50, &[title])]), two.clone()].concat();
    let below = [rows(634, &[(50, &[title])]), rows(610, &[(50, MARKET), (310, MARKET)])].concat();
    let mut high = two.clone();
    high.insert(0, (310, 760, "Page 7"));
    high.insert(0, (50, 760, "The Velmar Herald"));
    let wrapped =
        [(50, 700, &HARBOUR[..3]), (310, 700, MARKET), (50, 652, &HARBOUR[..3]), (310, 652, MARKET)];
    let row = format!("{}\n\n{market}", read(&HARBOUR[..3]));
    let terms = ["fish at the market", "", "", "boats of the port", "", "", "customs of the port"];
    let table = [0, 1, 2].map(|i| format!("{} | {}", MARKET[i], HARBOUR[i])).join("\n\n");
    let ports: [&[&str]; 2] = [
        &["Port of Velmar", "Port of Ostrand", "Quay of the lighthouse", "All ports together"],
        &["4,200 thousand tonnes", "3,100 thousand tonnes", "12 thousand tonnes", "7,312 thousand tonnes"],
    ];
    let cases = [
        ("two columns", two.clone(), prose.clone()),
        ("a narrow gutter", rows(700, &[(50, HARBOUR), (255, RAILWAY)]), prose.clone()),
        (
            "one drawn after the other",
            [rows(700, &[(50, HARBOUR)]), rows(700, &[(310, RAILWAY)])].concat(),
            prose.clone(),
        ),
        (
            "three columns",
            rows(700, &[(10, HARBOUR), (225, RAILWAY), (430, MARKET)]),
            format!("{prose}\n\n{market}"),
        ),
        ("a title", titled.clone(), format!("{title}\n\n{prose}")),
        (
            "a title between",
            [titled, below].concat(),
            format!("{title}\n\n{prose}\n\n{title}\n\n{market}\n\n{market}"),
        ),
        (
            "a heading beside text",
            rows(700, &[(50, HARBOUR), (310, &["# The market", MARKET[0], MARKET[1], MARKET[2]])]),
            format!("{harbour}\n\nThe market\n\n{market}"),
        ),
        ("a head far above", high, format!("The Velmar Herald | Page 7\n\n{prose}")),
        ("one column", rows(700, &[(50, HARBOUR)]), harbour),
        (
            "a table",
            rows(700, &[(50, ports[0]), (310, ports[1])]),
            "Port of Velmar | 4,200 thousand tonnes\n\nPort of Ostrand | 3,100 thousand tonnes\n\n\
             Quay of the lighthouse | 12 thousand tonnes\n\nAll ports together | 7,312 thousand tonnes"
                .to_owned(),
        ),
        (
            "terms and what they are",
            rows(700, &[(50, &["port", "rail", "fish"]), (150, MARKET)]),
            format!("port | {}\n\nrail | {}\n\nfish | {}", MARKET[0], MARKET[1], MARKET[2]),
        ),
        (
            "terms at the side of longer texts",
            rows(700, &[(50, &terms), (200, &[MARKET, MARKET, MARKET].concat())]),
            [terms[0], terms[3], terms[6]]
                .map(|term| format!("{term} | {}\n\n{}", MARKET[0], read(&MARKET[1..])))
                .join("\n\n"),
        ),
        (
            "cells of more than a line, row by row",
            [700, 658, 616].map(|top| rows(top, &[(50, MARKET), (310, &HARBOUR[..3])])).concat(),
            [&table[..]; 3].join("\n\n"),
        ),
        (
            "cells of more than a line",
            wrapped.map(|(x, top, lines)| rows(top, &[(x, lines)])).concat(),
            format!("{row}\n\n{row}"),
        ),
    ];
    for (what, texts, expected) in cases {
        let folder = folder(&[("a.pdf", &drawn(&texts))]);
        let found = run("files", folder.path(), json!({ "paths": ["a.pdf"] }));
        assert_eq!(found, [format!("a.pdf: {expected}")], "{what}");
    }
}
