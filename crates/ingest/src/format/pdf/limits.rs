//! What a PDF would make the library do, looked at before it does.

use std::collections::HashMap;
use std::io::Read;

use flate2::read::ZlibDecoder;
use pdf_extract::{Dictionary, Document, Object, ObjectId, Stream};

use crate::format::Limits;
use crate::input::RATIO_FROM;
use crate::records::Trouble;

/// What deflate and LZW can make of a byte, at most (<https://zlib.net/zlib_tech.html>).
const WORST: u64 = 1032;
/// What a stream may become whose filters are not looked through.
const UNSEEN: u64 = 1 << 30;
/// How deep forms may stand in one another, and how often all pages may draw some.
const DEEPEST: usize = 12;
const DRAWINGS: u64 = 1_000_000;
/// A page inherits from folders in folders of pages.
const ANCESTORS: usize = 64;

fn expands() -> Trouble {
    ("expands_too_much", "it expands to more than the limits `max_bytes` or `max_ratio`".to_owned())
}

fn too_complex(why: &str) -> Trouble {
    ("pdf_too_complex", format!("it can't be read within bounds: {why}"))
}

/// How many bytes the streams of a file may become together.
fn room(size: usize, limits: &Limits) -> u64 {
    let by_ratio = (size as u64).saturating_mul(limits.expansion.ratio.into()).max(RATIO_FROM);
    // Content takes more room than the text that it draws.
    by_ratio.min(limits.bytes.saturating_mul(4).max(RATIO_FROM))
}

/// Refuses a file whose streams of objects, which loading unpacks, are bombs.
pub(super) fn before_loading(bytes: &[u8], limits: &Limits) -> Result<(), Trouble> {
    let mut left = room(bytes.len(), limits);
    let encrypted = find(bytes, b"/Encrypt").is_some();
    let mut at = 0;
    while let Some(next) = find(&bytes[at..], b"stream") {
        let start = at + next;
        at = start + b"stream".len();
        let before = &bytes[start.saturating_sub(1024)..start];
        let dictionary = &before[before.windows(3).rposition(|three| three == b"obj").unwrap_or(0)..];
        let unpacked = find(dictionary, b"/ObjStm").or(find(dictionary, b"/XRef")).is_some();
        if before.ends_with(b"end") || !unpacked {
            continue;
        }
        let data = &bytes[at..];
        let data = data.strip_prefix(b"\r").unwrap_or(data);
        let data = data.strip_prefix(b"\n").unwrap_or(data);
        let length = find(data, b"endstream").unwrap_or(data.len());
        let filters = count(dictionary, b"Decode") - count(dictionary, b"DecodeParms");
        if encrypted || filters > 1 {
            if filters > 2 || (length as u64).saturating_mul(WORST) > UNSEEN {
                return Err(expands());
            }
        } else {
            left = inflated(&data[..length], left)?;
        }
    }
    Ok(())
}

/// What is left of so much room when data is inflated; what does not inflate takes none.
fn inflated(data: &[u8], left: u64) -> Result<u64, Trouble> {
    let mut made = 0;
    let mut decoder = ZlibDecoder::new(data).take(left.saturating_add(1));
    let mut buffer = [0; 16 << 10];
    while let Ok(n @ 1..) = decoder.read(&mut buffer) {
        made += n as u64;
    }
    left.checked_sub(made).ok_or_else(expands)
}

fn find(bytes: &[u8], word: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(next) = bytes[at..].iter().position(|byte| *byte == word[0]) {
        at += next;
        if bytes[at..].starts_with(word) {
            return Some(at);
        }
        at += 1;
    }
    None
}

fn count(bytes: &[u8], word: &[u8]) -> usize {
    bytes.windows(word.len()).filter(|window| *window == word).count()
}

/// Refuses a document that would take too long or too much to read. Pictures are emptied: nobody reads them, and
/// the library would take them for drawings.
pub(super) fn before_reading(document: &mut Document, limits: &Limits) -> Result<(), Trouble> {
    let pages = document.get_pages();
    if pages.len() > limits.pages {
        let message =
            format!("it has {} pages, more than {}, the limit `max_pages`", pages.len(), limits.pages);
        return Err(("too_many_pages", message));
    }
    let mut size = 0;
    for object in document.objects.values_mut() {
        if let Object::Stream(stream) = object {
            if stream.dict.get(b"Subtype").and_then(Object::as_name).is_ok_and(|kind| kind == b"Image") {
                stream.dict.remove(b"Filter");
                stream.set_content(Vec::new());
            }
            size += stream.content.len();
        }
    }
    let mut left = room(size, limits);
    for object in document.objects.values() {
        if let Object::Stream(stream) = object {
            left = unpacked(stream, left)?;
        }
    }
    let mut forms = Forms { document, costs: HashMap::new() };
    let mut drawings = 0_u64;
    for page in pages.into_values() {
        let dictionary = document.get_dictionary(page).map_err(|_| too_complex("a page is none"))?;
        let ancestors = std::iter::successors(Some(dictionary), |page| {
            document.get_dictionary(page.get(b"Parent").and_then(Object::as_reference).ok()?).ok()
        });
        let ancestors: Vec<_> = ancestors.take(ANCESTORS + 1).collect();
        if ancestors.len() > ANCESTORS {
            return Err(too_complex("its pages stand in a circle"));
        }
        let resources = ancestors.iter().find_map(|page| resources(document, page));
        let children = resources.map_or_else(Vec::new, |resources| children(document, resources));
        let content = document.get_page_content(page).unwrap_or_default();
        drawings = drawings.saturating_add(forms.cost_of(&content, &children, 0)?);
        if drawings > DRAWINGS {
            return Err(too_complex("its forms draw one another too often"));
        }
    }
    Ok(())
}

/// What is left of so much room when a stream is unpacked.
fn unpacked(stream: &Stream, left: u64) -> Result<u64, Trouble> {
    let filters = stream.filters().unwrap_or_default();
    let grows = |filter: &&&[u8]| matches!(**filter, b"FlateDecode" | b"Fl" | b"LZWDecode" | b"LZW");
    match filters[..] {
        [] => Ok(left),
        [b"FlateDecode" | b"Fl"] => inflated(&stream.content, left),
        _ if filters.iter().filter(grows).count() > 1 => Err(expands()),
        _ if (stream.content.len() as u64).saturating_mul(WORST) > UNSEEN => Err(expands()),
        _ => Ok(left),
    }
}

fn resources<'d>(document: &'d Document, owner: &'d Dictionary) -> Option<&'d Dictionary> {
    owner.get_deref(b"Resources", document).and_then(Object::as_dict).ok()
}

/// The forms and pictures that resources name.
fn children(document: &Document, resources: &Dictionary) -> Vec<ObjectId> {
    let named = resources.get_deref(b"XObject", document).and_then(Object::as_dict);
    let named = named.into_iter().flat_map(|named| named.iter());
    named.filter_map(|(_, object)| object.as_reference().ok()).collect()
}

/// How often forms draw forms: at most as often as the word for it stands in them.
struct Forms<'d> {
    document: &'d Document,
    /// Nothing for a form that is being looked at.
    costs: HashMap<ObjectId, Option<u64>>,
}

impl Forms<'_> {
    fn cost_of(&mut self, content: &[u8], children: &[ObjectId], depth: usize) -> Result<u64, Trouble> {
        let ends = |byte: Option<&u8>| byte.is_none_or(|byte| !byte.is_ascii_alphanumeric());
        let words = content.windows(2).enumerate().filter(|(at, word)| {
            *word == b"Do" && ends(content.get(at + 2)) && (*at == 0 || ends(content.get(at - 1)))
        });
        let draws = words.count() as u64;
        let mut dearest = 0;
        if draws > 0 {
            for child in children {
                dearest = dearest.max(self.cost(*child, depth + 1)?);
            }
        }
        Ok(draws.saturating_mul(dearest))
    }

    fn cost(&mut self, form: ObjectId, depth: usize) -> Result<u64, Trouble> {
        match self.costs.get(&form) {
            Some(Some(cost)) => return Ok(*cost),
            Some(None) => return Err(too_complex("a form draws itself")),
            None if depth > DEEPEST => return Err(too_complex("its forms stand too deep in one another")),
            None => {}
        }
        let Ok(Object::Stream(stream)) = self.document.get_object(form) else { return Ok(0) };
        if stream.content.is_empty() {
            return Ok(0);
        }
        self.costs.insert(form, None);
        let content = stream.decompressed_content().unwrap_or_else(|_| stream.content.clone());
        let cost = match resources(self.document, &stream.dict) {
            Some(resources) => self.cost_of(&content, &children(self.document, resources), depth)?,
            // It would draw with what whoever draws it has, itself perhaps.
            None if count(&content, b"Do") > 0 => {
                return Err(too_complex("a form has no resources of its own"));
            }
            None => 0,
        };
        self.costs.insert(form, Some(cost + 1));
        Ok(cost + 1)
    }
}
