//! From bytes to text: a byte order mark decides, then UTF-8, then the charset that a server named, then the one
//! that a page declares, then what the bytes look like.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE};

/// The text of `bytes`, and what was guessed or lost on the way.
pub(crate) fn decode(bytes: Vec<u8>) -> (String, Option<String>) {
    decode_as(bytes, None)
}

/// Whether each character of ASCII has a NUL byte beside it.
pub(crate) fn is_wide(encoding: &'static Encoding) -> bool {
    [UTF_16LE, UTF_16BE].contains(&encoding)
}

/// The same of the markup of a page, of which its server may have named a charset. Bytes that are UTF-8 are so whatever is
/// declared, for a page that was saved is often written anew and its declaration is not; but
/// ISO-2022-JP is ASCII to look at.
pub(crate) fn decode_page(bytes: Vec<u8>, served: Option<&'static Encoding>) -> (String, Option<String>) {
    let declared = served.or_else(|| declared(&bytes));
    if declared == Some(ISO_2022_JP) && bytes.is_ascii() {
        let (text, broken) = ISO_2022_JP.decode_without_bom_handling(&bytes);
        return (text.into_owned(), broken.then(|| lossy(ISO_2022_JP)));
    }
    decode_as(bytes, declared)
}

/// The same of a text that is said to be in this charset.
pub(crate) fn decode_as(mut bytes: Vec<u8>, declared: Option<&'static Encoding>) -> (String, Option<String>) {
    if let Some((encoding, mark)) = Encoding::for_bom(&bytes) {
        if encoding != UTF_8 {
            let (text, broken) = encoding.decode_without_bom_handling(&bytes[mark..]);
            return (text.into_owned(), broken.then(|| lossy(encoding)));
        }
        bytes.drain(..mark);
    }
    if let Some(encoding) = declared.filter(|encoding| is_wide(encoding) && bytes.contains(&0)) {
        let (text, broken) = encoding.decode_without_bom_handling(&bytes);
        return (text.into_owned(), broken.then(|| lossy(encoding)));
    }
    let bytes = match String::from_utf8(bytes) {
        Ok(text) => return (text, None),
        Err(error) => error.into_bytes(),
    };
    let (good, bad) = sequences(&bytes);
    if good > bad {
        let warning = format!("{bad} byte sequences are not UTF-8: U+FFFD stands for them");
        return (String::from_utf8_lossy(&bytes).into_owned(), Some(warning));
    }
    if let Some(encoding) = declared.filter(|encoding| *encoding != UTF_8) {
        let (text, broken) = encoding.decode_without_bom_handling(&bytes);
        return (text.into_owned(), broken.then(|| lossy(encoding)));
    }
    // ISO-2022-JP is pure ASCII, and so was valid UTF-8 above.
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(&bytes, true);
    let encoding = detector.guess(None, Utf8Detection::Deny);
    let (text, broken) = encoding.decode_without_bom_handling(&bytes);
    let rest = if broken { ", with U+FFFD where that fails" } else { "" };
    (text.into_owned(), Some(format!("not UTF-8: read as {}{rest}", encoding.name())))
}

fn lossy(encoding: &'static Encoding) -> String {
    format!("some of it is not {}: U+FFFD stands there", encoding.name())
}

/// A declaration stands within so many bytes: browsers look at 1,024, but pages put scripts before it.
const DECLARATION: usize = 8192;

/// The charset that a page declares: `<meta charset=X>`, `<meta ... content="...; charset=X">` or the
/// `encoding="X"` of an XML declaration.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes[..bytes.len().min(DECLARATION)].to_ascii_lowercase();
    let mut rest = &head[..];
    while let Some(at) = rest.iter().position(|byte| *byte == b'<') {
        rest = &rest[at..];
        let end = rest.iter().position(|byte| *byte == b'>').unwrap_or(rest.len());
        let tag = &rest[..end];
        let name: Option<&[u8]> = match tag {
            tag if tag.starts_with(b"<meta") => Some(b"charset"),
            tag if tag.starts_with(b"<?xml") => Some(b"encoding"),
            _ => None,
        };
        if let Some(encoding) = name.and_then(|name| label(tag, name)) {
            // What could be read as ASCII to find this is not UTF-16, as HTML says.
            return Some(if is_wide(encoding) { UTF_8 } else { encoding });
        }
        rest = &rest[end.max(1)..];
    }
    None
}

/// The encoding behind `name=` in a tag, or in the value of a header line.
pub(crate) fn label(tag: &[u8], name: &[u8]) -> Option<&'static Encoding> {
    let at = tag.windows(name.len()).position(|window| window == name)? + name.len();
    let value = tag[at..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let value = value.strip_prefix(b"\"").or(value.strip_prefix(b"'")).unwrap_or(value);
    let end = value.iter().position(|byte| b"\"';/ \t\r\n?".contains(byte)).unwrap_or(value.len());
    Encoding::for_label(&value[..end])
}

/// How many characters beyond ASCII are UTF-8, and how many sequences of bytes are not: text that
/// is UTF-8 but for a few broken bytes must not be taken for another charset.
fn sequences(bytes: &[u8]) -> (usize, usize) {
    bytes.utf8_chunks().fold((0, 0), |(good, bad), chunk| {
        let beyond = chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        (good + beyond, bad + usize::from(!chunk.invalid().is_empty()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_come_first_then_utf_8_then_the_looks_of_the_bytes() {
        let cases: &[(&[u8], &str, Option<&str>)] = &[
            (b"plain", "plain", None),
            ("na\u{ef}ve".as_bytes(), "na\u{ef}ve", None),
            (b"\xEF\xBB\xBFmarked", "marked", None),
            (b"\xFF\xFEh\0i\0", "hi", None),
            (b"\xFE\xFF\0h\0i", "hi", None),
            (
                b"The caf\xE9 in Z\xFCrich served cr\xE8me br\xFBl\xE9e to the d\xE9l\xE9gu\xE9s",
                "The caf\u{e9} in Z\u{fc}rich served cr\u{e8}me br\u{fb}l\u{e9}e to the d\u{e9}l\u{e9}gu\u{e9}s",
                Some("windows-1252"),
            ),
            (
                "\u{201c}caf\u{e9}\u{201d}\n".bytes().chain(*b"cut \xE2\x80").collect::<Vec<u8>>().leak(),
                "\u{201c}caf\u{e9}\u{201d}\ncut \u{fffd}",
                Some("1 byte sequences"),
            ),
        ];
        for (bytes, text, warning) in cases {
            let (decoded, said) = decode(bytes.to_vec());
            assert_eq!(decoded, *text);
            match warning {
                None => assert_eq!(said, None, "{text}"),
                Some(words) => assert!(said.as_deref().unwrap_or("").contains(words), "{said:?}"),
            }
        }
    }

    #[test]
    fn a_page_is_read_in_the_charset_that_it_declares() {
        let cases: &[(&[u8], &str, Option<&str>)] = &[
            (b"<meta charset=\"windows-1251\">\xCC\xE8\xF0", "\u{41c}\u{438}\u{440}", None),
            (b"<META http-equiv=Content-Type content='text/html; charset=iso-8859-2'>\xB1", "\u{105}", None),
            (b"<?xml version='1.0' encoding='Shift_JIS'?>\x93\xFA", "\u{65e5}", None),
            (b"<meta charset=iso-2022-jp>\x1B$BF|\x1B(B", "\u{65e5}", None),
            // It was written anew in UTF-8, and nobody told the page.
            (b"<meta charset=latin1>caf\xC3\xA9", "caf\u{e9}", None),
            (b"<meta charset=utf-16>caf\xC3\xA9", "caf\u{e9}", None),
            (b"<meta charset=\"euc-jp\">\xC6\xFC \xFF", "\u{65e5} \u{fffd}", Some("EUC-JP")),
            (b"<meta charset=no-such>caf\xE9 cr\xE8me", "caf\u{e9} cr\u{e8}me", Some("windows-1252")),
            (b"<meta name=description content='charset'>caf\xE9", "caf\u{e9}", Some("windows-1252")),
            (b"<meta <meta charset", "", None),
        ];
        for (bytes, ending, warning) in cases {
            let (decoded, said) = decode_page(bytes.to_vec(), None);
            assert!(decoded.ends_with(ending), "{decoded}");
            assert_eq!(said.is_some(), warning.is_some(), "{said:?}");
            assert!(said.unwrap_or_default().contains(warning.unwrap_or_default()), "{decoded}");
        }
    }

    #[test]
    fn what_the_server_named_goes_before_what_the_page_declares() {
        let cases: &[(&[u8], &str, &str)] = &[
            (b"<meta charset=latin1>\xCC\xE8\xF0", "windows-1251", "\u{41c}\u{438}\u{440}"),
            (b"<meta charset=latin1>caf\xC3\xA9", "windows-1251", "caf\u{e9}"),
            (b"\xEF\xBB\xBFcaf\xC3\xA9", "windows-1251", "caf\u{e9}"),
            (b"<\0b\0r\0>\0", "utf-16le", "<br>"),
            (b"<br>", "utf-16le", "<br>"),
        ];
        for (bytes, served, ending) in cases {
            let (decoded, said) = decode_page(bytes.to_vec(), Encoding::for_label(served.as_bytes()));
            assert!(decoded.ends_with(ending) && said.is_none(), "{decoded} {said:?}");
        }
    }
}
