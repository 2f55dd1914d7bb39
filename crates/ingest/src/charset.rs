//! From bytes to text: a byte order mark decides, then UTF-8, then what the bytes look like.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8};

/// The text of `bytes`, and what was guessed or lost on the way.
pub(crate) fn decode(mut bytes: Vec<u8>) -> (String, Option<String>) {
    if let Some((encoding, mark)) = Encoding::for_bom(&bytes) {
        if encoding != UTF_8 {
            let (text, broken) = encoding.decode_without_bom_handling(&bytes[mark..]);
            let warning =
                broken.then(|| format!("some of it is not {}: U+FFFD stands there", encoding.name()));
            return (text.into_owned(), warning);
        }
        bytes.drain(..mark);
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
    // ISO-2022-JP is pure ASCII, and so was valid UTF-8 above.
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(&bytes, true);
    let encoding = detector.guess(None, Utf8Detection::Deny);
    let (text, broken) = encoding.decode_without_bom_handling(&bytes);
    let rest = if broken { ", with U+FFFD where that fails" } else { "" };
    (text.into_owned(), Some(format!("not UTF-8: read as {}{rest}", encoding.name())))
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
}
