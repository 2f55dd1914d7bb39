//! Mail and mailboxes.

use claimline_stage::Found;
use serde_json::json;

use crate::{folder, gzip, open, run};

/// A mail with these headers and this body.
fn mail(headers: &str, body: &str) -> Vec<u8> {
    format!("{headers}\nMIME-Version: 1.0\n\n{body}").replace('\n', "\r\n").into_bytes()
}

/// A mail of several parts, each with its own headers.
fn parts(headers: &str, parts: &[&str]) -> Vec<u8> {
    let parts: String = parts.iter().map(|part| format!("--cut\n{part}\n")).collect();
    mail(&format!("{headers}\nContent-Type: multipart/mixed; boundary=cut"), &format!("{parts}--cut--\n"))
}

#[test]
fn a_mail_is_its_text_and_its_attachments_are_members() {
    let headers = "From: =?utf-8?q?Ana_D=C3=ADaz?= <ana@x.example>\nSubject: =?utf-8?b?UG9ydCDigqw=?=\n\
                   Date: Mon, 23 Jun 2025 23:30:00 -0500";
    let attached =
        "Content-Type: text/plain\nContent-Disposition: attachment; filename=\"../a/notes.txt\"\n\nNoted.";
    let picture = "Content-Type: image/png\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=";
    let inner = "Content-Type: message/rfc822\n\nFrom: bo@x.example\nSubject: Inner\n\nInside.";
    let both = "Content-Type: multipart/alternative; boundary=alt\n\n--alt\nContent-Type: text/plain\n\nPlain.\n\
                --alt\nContent-Type: text/html\n\n<p>Rich.</p>\n--alt--";
    let folder = folder(&[
        ("a.eml", &parts(headers, &[both, attached, attached, picture, inner])),
        ("b.eml", &mail("Subject: Markup\nContent-Type: text/html; charset=iso-8859-1", "<p>Caf\u{e9}.</p>")),
        ("c.eml", &mail("Subject: None\nDate: yesterday", "\n")),
        (
            "d.eml",
            &mail("Subject: Sealed\nContent-Type: multipart/encrypted; boundary=x", "--x\n\nwA==\n--x--"),
        ),
        ("e.eml", b"\n\n"),
        ("f.eml", b""),
    ]);
    let found = run("files", folder.path(), json!({ "paths": ["."] }));
    assert_eq!(
        found,
        [
            "a.eml: Plain.",
            "a.eml#notes.txt: Noted.",
            "a.eml#notes.txt (2): Noted.",
            "?unsupported_format",
            "a.eml#part 4: Inside.",
            "b.eml: <p>Caf\u{c3}\u{a9}.</p>",
            "!empty",
            "!encrypted",
            "!empty",
            "!empty",
        ]
    );
    let source = open("files", folder.path(), json!({ "paths": ["a.eml"] })).unwrap();
    let Some(Found::Raw(raw)) = source.read().next() else { panic!("a mail") };
    let document = source.decode(raw).unwrap().document;
    assert_eq!(
        (document.title.as_deref(), document.author.as_deref()),
        (Some("Port \u{20ac}"), Some("Ana D\u{ed}az"))
    );
    assert_eq!(document.published.unwrap().to_string(), "2025-06-23", "the sender's own day");
}

#[test]
fn a_mailbox_is_many_mails_and_none_is_lost() {
    let from = b"From ana@x.example Mon Jun 23 10:00:00 2025\n";
    let one = mail("Message-ID: <1@x.example>\nSubject: One", "First.\n>From here on.\nFrom there on.\n");
    let long = mail("Message-ID: <long@x.example>", &"x".repeat(5000));
    let attached = "Content-Type: text/plain\nContent-Disposition: attachment; filename=n.txt\n\nNoted.";
    let two = parts("Message-ID: <2@x.example>", &["Content-Type: text/plain\n\nSecond.", attached]);
    let bare = b"Subject: Bare\n\nFourth.\n";
    let mailbox =
        [&from[..], &one, b"\n", from, &long, b"\n", from, &two, b"\n", from, bare, from, &one].concat();
    let packed = gzip(&mailbox);
    let folder = folder(&[
        ("in.mbox", &mailbox),
        ("in.mbox.gz", &packed[..packed.len() - 20]),
        ("junk.mbox", b"no mail"),
        ("none.mbox", b""),
    ]);
    let first = "First.\nFrom here on.\nFrom there on.";
    let expected = [
        format!("in.mbox#1@x.example: {first}"),
        "!file_too_big#2".into(),
        "in.mbox#2@x.example: Second.".into(),
        "in.mbox#2@x.example/n.txt: Noted.".into(),
        "in.mbox#4: Fourth.".into(),
        format!("in.mbox#1@x.example (2): {first}"),
        format!("in.mbox.gz#1@x.example: {first}"),
        "!file_too_big#2".into(),
        "in.mbox.gz#2@x.example: Second.".into(),
        "in.mbox.gz#2@x.example/n.txt: Noted.".into(),
        "!truncated#4".into(),
        "!broken".into(),
        "!empty".into(),
    ];
    assert_eq!(run("files", folder.path(), json!({ "paths": ["."], "max_bytes": 3000 })), expected);
    let few =
        run("files", folder.path(), json!({ "paths": ["in.mbox"], "max_bytes": 3000, "max_members": 2 }));
    assert_eq!(few, [&expected[0], "!file_too_big#2", "!too_many_members"]);
}

#[test]
fn an_attachment_without_a_day_has_its_mails() {
    let attached = |name: &str, text: &str| {
        format!("Content-Type: text/plain\nContent-Disposition: attachment; filename={name}\n\n{text}")
    };
    let headers = "Subject: Papers\nDate: Mon, 23 Jun 2025 23:30:00 -0500";
    let forwarded = "Content-Type: message/rfc822\n\nSubject: Inner\nDate: Sun, 1 Jun 2025 10:00:00 +0000\n\
                     MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=in\n\n\
                     --in\nContent-Type: text/plain\n\nInside.\n\
                     --in\nContent-Type: text/plain\nContent-Disposition: attachment; filename=c.txt\n\nC.\n--in--";
    let body = "Content-Type: text/plain\n\nSee below.";
    let own = "Date: 2025-03-04\nTitle: Minutes\n\nAgreed.";
    let mail = parts(headers, &[body, &attached("a.txt", "A."), &attached("b.txt", own), forwarded]);
    let undated = parts("Subject: Papers", &[body, &attached("a.txt", "A.")]);
    let line = b"From ana@x.example Mon Jun 23 10:00:00 2025\n";
    let folder = folder(&[
        ("a.eml", &mail),
        ("b.eml", &undated),
        ("c.mbox", &[&line[..], &mail, b"\n", line, &undated].concat()),
    ]);
    let options = json!({ "paths": ["."], "max_depth": 3, "published": "2020-01-01" });
    let source = open("files", folder.path(), options).unwrap();
    let said = source.read().map(|found| {
        let Found::Raw(raw) = found else { panic!("a document") };
        let document = source.decode(raw).unwrap().document;
        let member = document.member.as_deref().and_then(|member| member.rsplit('/').next()).unwrap_or("");
        format!("{member} {} {}", document.published.unwrap(), document.published_basis.as_str())
    });
    let of_mail = |own: &str| {
        [
            format!("{own} 2025-06-23 metadata"),
            "a.txt 2025-06-23 mail".to_owned(),
            "b.txt 2025-03-04 metadata".to_owned(),
            "part 3 2025-06-01 metadata".to_owned(),
            "c.txt 2025-06-01 mail".to_owned(),
        ]
    };
    let of_undated = |own: &str| [format!("{own} 2020-01-01 option"), "a.txt 2020-01-01 option".to_owned()];
    let expected = [&of_mail("")[..], &of_undated(""), &of_mail("1"), &of_undated("2")].concat();
    assert_eq!(said.collect::<Vec<_>>(), expected);
}
