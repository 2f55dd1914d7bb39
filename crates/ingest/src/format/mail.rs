//! Mail: its text, what its headers say, and its attachments.
//!
//! Plain text goes before the markup that says the same; markup is handed on for `clean` to read, as a web
//! page's is. What others wrote before is a quotation, and signatures are set apart.

use std::borrow::Cow;
use std::vec::IntoIter;

use claimline_model::{BlockKind, Problem};
use claimline_stage::Decoded;
use mail_parser::{DateTime, Message, MessageParser, MimeHeaders, PartType};

use super::{Container, Limits, Piece};
use crate::blocks::{self, Composed};
use crate::fields::{HTML, Known};
use crate::nest::{Budget, Kind, Member, Members, Told};
use crate::records::Trouble;

pub(super) const MAIL: &str = "message/rfc822";

/// The members of a mail: itself, for its text, and its attachments.
pub(super) fn split(mail: Container, limits: &Limits) -> Result<Box<dyn Members>, Trouble> {
    let bytes = mail.whole(limits)?;
    let attachments = attachments(MessageParser::default().parse(&bytes).as_ref(), "");
    let own = Member { name: String::new(), kind: Kind::Document(MAIL), bytes: Ok(bytes) };
    Ok(Box::new(Parts(vec![own].into_iter().chain(attachments).collect::<Vec<_>>().into_iter())))
}

struct Parts(IntoIter<Member>);

impl Members for Parts {
    fn next(&mut self, _: &mut Budget) -> Option<Member> {
        self.0.next()
    }
}

/// The attachments of a mail, called by their files' names, else by their number, below the mail's own `name`.
pub(super) fn attachments(mail: Option<&Message<'_>>, name: &str) -> Vec<Member> {
    let mailed = mail.and_then(|mail| mail.date()).map(day);
    let attached = mail.iter().flat_map(|mail| mail.attachments()).enumerate();
    let member = |(i, part): (usize, &mail_parser::MessagePart<'_>)| {
        let media_type = part.content_type().map(|of| match of.subtype() {
            Some(kind) => format!("{}/{kind}", of.ctype()).to_lowercase(),
            None => of.ctype().to_lowercase(),
        });
        let file = part.attachment_name().and_then(|name| name.rsplit(['/', '\\']).next());
        let own = match file.map(str::trim).filter(|file| !file.is_empty()) {
            Some(file) => file.to_owned(),
            None => format!("part {}", i + 1),
        };
        Member {
            name: if name.is_empty() { own } else { format!("{name}/{own}") },
            kind: Kind::Attachment(Told { media_type, mailed: mailed.clone(), ..Told::default() }),
            bytes: Ok(part.contents().to_vec()),
        }
    };
    attached.map(member).collect()
}

/// The document of a mail.
pub(super) fn decode(piece: Piece<'_>) -> Result<Decoded, Box<Problem>> {
    let Some(mail) = MessageParser::default().parse(&piece.bytes) else {
        return Err(piece.lost("broken", "this is no mail: it has no header"));
    };
    let declared = mail.content_type();
    let sealed = declared.is_some_and(|of| {
        let kind = of.subtype().unwrap_or_default();
        kind.eq_ignore_ascii_case("encrypted") || kind.to_lowercase().ends_with("pkcs7-mime")
    });
    if sealed {
        return Err(piece.lost("encrypted", "this mail is encrypted"));
    }
    let known = known(&mail);
    let plain: Vec<(&str, bool)> = mail
        .text_bodies()
        .filter_map(|part| match &part.body {
            PartType::Text(text) if !text.trim().is_empty() => Some((&**text, is_flowed(part))),
            _ => None,
        })
        .collect();
    if !plain.is_empty() {
        let mut composed = Composed::default();
        plain.into_iter().for_each(|(text, flowed)| body(text, flowed, &mut composed));
        return piece.maker.compose(&piece.origin, MAIL, known, composed, Vec::new());
    }
    let markup = mail.html_bodies().filter_map(|part| match &part.body {
        PartType::Html(markup) => Some(&**markup),
        _ => None,
    });
    let known = Known { text: Some(markup.collect::<Vec<_>>().join("\n")), ..known };
    piece.maker.make(&piece.origin, HTML, known, None)
}

/// The day that the sender's clock showed.
fn day(date: &DateTime) -> String {
    format!("{:04}-{:02}-{:02}", date.year, date.month, date.day)
}

/// What the headers say.
fn known(mail: &Message<'_>) -> Known {
    let spaced = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let senders = mail.from().into_iter().flat_map(|from| from.iter());
    let author = senders.filter_map(|one| one.name().or(one.address()).map(spaced));
    let author: Vec<_> = author.filter(|name| !name.is_empty()).collect();
    let published = match mail.date() {
        Some(date) => Some(day(date)),
        None => mail.header_raw("Date").map(spaced),
    };
    Known {
        title: mail.subject().map(spaced).filter(|subject| !subject.is_empty()),
        author: (!author.is_empty()).then(|| author.join(", ")),
        published: published.filter(|date| !date.is_empty()),
        ..Known::default()
    }
}

/// Whether a text was wrapped on its way, and says where (<https://www.rfc-editor.org/rfc/rfc3676>).
fn is_flowed(part: &mail_parser::MessagePart<'_>) -> bool {
    let format = part.content_type().and_then(|of| of.attribute("format"));
    format.is_some_and(|format| format.eq_ignore_ascii_case("flowed"))
}

/// Who a stretch of lines is by.
#[derive(Clone, Copy, PartialEq)]
enum Voice {
    /// Whoever sent the mail.
    Own,
    /// Somebody quoted, by so many marks.
    Quoted(usize),
    /// Nobody: a signature, the header of what is quoted or forwarded.
    Furniture,
}

/// Adds the blocks of a mail's text; the marks of quotations are left out.
fn body(text: &str, flowed: bool, composed: &mut Composed) {
    let mut stretches: Vec<(Voice, String)> = Vec::new();
    for (voice, line) in voices(&lines(text, flowed)) {
        match stretches.last_mut() {
            Some((last, stretch)) if *last == voice => {
                stretch.push('\n');
                stretch.push_str(line);
            }
            _ => stretches.push((voice, line.to_owned())),
        }
    }
    for (voice, stretch) in stretches {
        let mut parts = Vec::new();
        blocks::plain(&stretch, 0, &mut parts);
        for part in parts {
            let kind = match voice {
                Voice::Own => part.kind,
                Voice::Quoted(_) => BlockKind::Quote,
                Voice::Furniture => BlockKind::Other,
            };
            composed.push(kind, &stretch[part.bytes]);
        }
    }
}

/// The lines of a text, each with the number of its marks of quotation and without them. Lines that were
/// `flowed` are whole again.
fn lines(text: &str, flowed: bool) -> Vec<(usize, Cow<'_, str>)> {
    let mut lines: Vec<(usize, Cow<'_, str>)> = Vec::new();
    let mut soft = false;
    for line in text.lines() {
        let (depth, rest) = unquoted(line);
        let rest = if flowed { rest.strip_prefix(' ').unwrap_or(rest) } else { rest };
        match lines.last_mut() {
            Some((last, open)) if soft && *last == depth && !is_delimiter(rest) => {
                open.to_mut().push_str(rest)
            }
            _ => lines.push((depth, Cow::Borrowed(rest))),
        }
        soft = flowed && rest.ends_with(' ') && !is_delimiter(rest);
    }
    lines
}

/// How many marks a line begins with, and what is behind them and one space.
fn unquoted(line: &str) -> (usize, &str) {
    let (mut depth, mut rest) = (0, line);
    while let Some(inner) = rest.strip_prefix('>').or_else(|| rest.strip_prefix(" >").filter(|_| depth > 0)) {
        (depth, rest) = (depth + 1, inner);
    }
    (depth, if depth > 0 { rest.strip_prefix(' ').unwrap_or(rest) } else { rest })
}

/// Whether a line stands before a signature.
fn is_delimiter(line: &str) -> bool {
    line.trim_end() == "--"
}

/// Which voice each line has.
fn voices<'t>(lines: &'t [(usize, Cow<'_, str>)]) -> Vec<(Voice, &'t str)> {
    let mut voices: Vec<(Voice, &str)> = Vec::with_capacity(lines.len());
    // What lines without marks are now.
    let mut unmarked = Voice::Own;
    let mut in_header = false;
    for (i, (depth, line)) in lines.iter().enumerate() {
        let body = line.trim();
        let voice = if *depth > 0 {
            if unmarked == Voice::Furniture {
                unmarked = Voice::Own;
            }
            Voice::Quoted(*depth)
        } else if is_delimiter(line) || is_rule(body) {
            in_header = false;
            unmarked = Voice::Furniture;
            Voice::Furniture
        } else if announces(body) || (is_sender(body) && stands_in_header(&lines[i + 1..])) {
            in_header = true;
            unmarked = Voice::Quoted(0);
            Voice::Furniture
        } else if in_header && (body.is_empty() || HEADERS.iter().any(|name| starts(body, name))) {
            // A blank line stands between the announcement and the header, and one behind that.
            in_header = !body.is_empty() || voices.last().is_some_and(|(_, last)| announces(last.trim()));
            Voice::Furniture
        } else {
            in_header = false;
            unmarked
        };
        if *depth > 0 {
            introduced(&mut voices);
        }
        voices.push((voice, line));
    }
    voices
}

/// The lines of a header that programs write out above what they forward or answer.
const HEADERS: [&str; 8] = ["From:", "Sent:", "To:", "Cc:", "Date:", "Subject:", "Reply-To:", "Importance:"];

fn starts(line: &str, begin: &str) -> bool {
    // Some set the names in bold, as stars have it.
    let line = line.trim_start_matches('*');
    line.get(..begin.len()).is_some_and(|head| head.eq_ignore_ascii_case(begin))
}

fn is_sender(line: &str) -> bool {
    starts(line, "From:")
}

/// Whether lines go on as the header of a mail behind its `From:`.
fn stands_in_header(lines: &[(usize, Cow<'_, str>)]) -> bool {
    let rest = lines.iter().take(3).map(|(_, line)| line.trim());
    rest.filter(|line| HEADERS.iter().any(|name| starts(line, name))).count() >= 2
}

/// Whether a line says that another mail follows: `-----Original Message-----`, `Begin forwarded message:`.
fn announces(line: &str) -> bool {
    let words = line.trim_matches(['-', ' ', ':']).to_lowercase();
    let ruled = line.starts_with("--") && line.ends_with("--");
    (ruled && ["original message", "forwarded message"].contains(&words.as_str()))
        || words == "begin forwarded message"
}

/// Whether a line is the rule that mailing lists put before their footer.
fn is_rule(line: &str) -> bool {
    line.len() >= 20 && line.bytes().all(|byte| byte == b'_')
}

/// Makes furniture of the lines that introduce a quotation ("On Monday, Ann Lee wrote:"), if the last of
/// `voices` do.
fn introduced(voices: &mut [(Voice, &str)]) {
    /// Such lines are wrapped, but not longer than that.
    const LINES: usize = 3;
    let end = voices.iter().rposition(|(_, line)| !line.trim().is_empty()).map_or(0, |last| last + 1);
    let start =
        voices[..end].iter().rposition(|(voice, line)| *voice != Voice::Own || line.trim().is_empty());
    let start = start.map_or(0, |at| at + 1);
    let words = voices[start..end].iter().map(|(_, line)| line.trim()).collect::<Vec<_>>().join(" ");
    let tells_who_and_when = words.contains('@') || words.contains(|c: char| c.is_ascii_digit());
    if (1..=LINES).contains(&(end - start)) && words.ends_with(':') && tells_who_and_when {
        voices[start..end].iter_mut().for_each(|(voice, _)| *voice = Voice::Furniture);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, flowed: bool, expected: &[(&str, &str)]) {
        let mut composed = Composed::default();
        body(text, flowed, &mut composed);
        let found: Vec<_> = composed
            .parts
            .iter()
            .map(|part| (part.kind.as_str(), &composed.text[part.bytes.clone()]))
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn quotations_and_signatures_are_told_from_what_was_written() {
        check(
            "Sales rose by 5%.\n\nOn Mon, 23 Jun 2025 at 10:00, Ann Lee <ann@x.example>\nwrote:\n\n> What about\n> sales?\n>> They fell.\n\nThey did not.\n-- \nBo Ruiz\nTel. 555 0100\n",
            false,
            &[
                ("paragraph", "Sales rose by 5%."),
                ("other", "On Mon, 23 Jun 2025 at 10:00, Ann Lee <ann@x.example>\nwrote:"),
                ("quote", "What about\nsales?"),
                ("quote", "They fell."),
                ("paragraph", "They did not."),
                ("other", "-- \nBo Ruiz\nTel. 555 0100"),
            ],
        );
        check(
            "The plan has three parts:\n> is no quotation of anybody\n\nSo be it.",
            false,
            &[
                ("paragraph", "The plan has three parts:"),
                ("quote", "is no quotation of anybody"),
                ("paragraph", "So be it."),
            ],
        );
    }

    #[test]
    fn what_is_forwarded_is_a_quotation_below_its_header() {
        let header =
            "From: Ann Lee <ann@x.example>\nSent: Monday, 23 June 2025 10:00\nTo: Bo Ruiz\nSubject: Trade";
        let outlook =
            format!("See below.\n\n-----Original Message-----\n{header}\n\nTrade grew.\n\nSo did debt.");
        check(
            &outlook,
            false,
            &[
                ("paragraph", "See below."),
                ("other", &format!("-----Original Message-----\n{header}")),
                ("quote", "Trade grew."),
                ("quote", "So did debt."),
            ],
        );
        check(&format!("{header}\n\nTrade grew."), false, &[("other", header), ("quote", "Trade grew.")]);
        check("From: a letter\nof 1912.", false, &[("paragraph", "From: a letter\nof 1912.")]);
    }

    #[test]
    fn flowed_lines_are_whole_again() {
        check(
            "Trade through the \nport grew.\n> It \n> fell.\n-- \nBo",
            true,
            &[("paragraph", "Trade through the port grew."), ("quote", "It fell."), ("other", "-- \nBo")],
        );
    }

    #[test]
    fn the_footer_of_a_list_says_nothing() {
        check(
            "Trade grew.\n_______________________________________________\nTrade mailing list\n",
            false,
            &[
                ("paragraph", "Trade grew."),
                ("other", "_______________________________________________\nTrade mailing list"),
            ],
        );
    }
}
