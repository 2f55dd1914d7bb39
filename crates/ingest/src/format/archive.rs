//! What archives of all kinds have in common: which paths inside of them are read.

use crate::records::Trouble;

/// The path inside an archive that a member is called by, `/` between its parts; none for what is passed by, as in a
/// folder: hidden files, and what macOS puts beside files.
///
/// # Errors
/// If the path leads out of the archive.
pub(super) fn path(name: &str) -> Result<Option<String>, Trouble> {
    let name = name.replace('\\', "/");
    let drive = name.as_bytes().get(1) == Some(&b':');
    if name.starts_with('/') || drive || name.split('/').any(|part| part == "..") {
        return Err(("unsafe_path", "its path leads out of the archive".to_owned()));
    }
    let parts: Vec<_> = name.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let hidden = parts.iter().any(|part| part.starts_with('.') || *part == "__MACOSX");
    Ok((!hidden && !parts.is_empty()).then(|| parts.join("/")))
}

/// What to say of a link, a device and the like.
pub(super) fn no_file(what: &str) -> Trouble {
    ("not_a_file", format!("it is {what}, and no file"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_out_of_its_archive() {
        for (name, expected) in [
            ("a.txt", Some("a.txt")),
            ("./a//b.txt", Some("a/b.txt")),
            ("a\\b.txt", Some("a/b.txt")),
            ("a..b/...txt", None),
            ("a..b/c.txt", Some("a..b/c.txt")),
            ("a/.git/config", None),
            ("__MACOSX/a.txt", None),
            ("", None),
        ] {
            assert_eq!(path(name), Ok(expected.map(str::to_owned)), "{name}");
        }
        for name in ["/etc/passwd", "../a", "a/../../b", "a\\..\\b", "C:\\a", "c:a"] {
            assert!(path(name).is_err(), "{name}");
        }
    }
}
