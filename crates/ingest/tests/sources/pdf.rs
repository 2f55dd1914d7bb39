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
