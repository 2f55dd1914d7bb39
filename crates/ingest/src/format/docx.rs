//! Word processors' documents in Office Open XML (ECMA-376): a zip archive of XML.
//!
//! What was deleted in a tracked change is not read, what was inserted is. Rows of tables are a block each,
//! footnotes stand at the end, page headers and comments are left out.

use std::collections::HashMap;
use std::io::{Cursor, Read};

use claimline_model::{BlockKind, Problem};
use claimline_stage::Decoded;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use zip::ZipArchive;

use super::zip::trouble;
use super::{Limits, Piece, file_too_big};
use crate::blocks::Composed;
use crate::charset;
use crate::fields::Known;
use crate::input::{self, RATIO_FROM};
use crate::records::Trouble;

pub(super) const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

/// The document of such a file.
pub(super) fn decode(piece: Piece<'_>) -> Result<Decoded, Box<Problem>> {
    let (composed, known) =
        read(&piece.bytes, piece.limits).map_err(|(code, message)| piece.lost(code, &message))?;
    piece.maker.compose(&piece.origin, DOCX, known, composed, Vec::new())
}

fn read(bytes: &[u8], limits: &Limits) -> Result<(Composed, Known), Trouble> {
    let mut package = Package::open(bytes, limits)?;
    let root = package.part("_rels/.rels")?.unwrap_or_default();
    let path = main_part(&root).unwrap_or_else(|| "word/document.xml".to_owned());
    let Some(document) = package.part(&path)? else {
        return Err(("broken", format!("it has no `{path}`: it is no document of a word processor")));
    };
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let styles = styles(&package.part(&format!("{folder}/styles.xml"))?.unwrap_or_default());
    let mut body = Body { styles, ..Body::default() };
    body.read(&document).map_err(|message| ("broken", format!("`{path}` is broken: {message}")))?;
    let mut composed = body.composed;
    for notes in ["footnotes", "endnotes"] {
        let path = format!("{folder}/{notes}.xml");
        let Some(xml) = package.part(&path)? else { continue };
        let mut body = Body::default();
        body.read(&xml).map_err(|message| ("broken", format!("`{path}` is broken: {message}")))?;
        for part in &body.composed.parts {
            composed.push(BlockKind::Other, &body.composed.text[part.bytes.clone()]);
        }
    }
    let mut said = leaves(&package.part("docProps/core.xml")?.unwrap_or_default());
    let mut take = |name| said.remove(name).filter(|value: &String| !value.is_empty());
    let titled = composed.parts.iter().find(|part| part.kind == BlockKind::Title);
    let title = titled.map(|part| composed.text[part.bytes.clone()].to_owned());
    let known = Known {
        title: title.or_else(|| take("title")),
        author: take("creator"),
        made: take("created").or_else(|| take("modified")),
        language: take("language"),
        ..Known::default()
    };
    Ok((composed, known))
}

/// The archive, and how many bytes of it may still be unpacked.
struct Package<'b> {
    archive: ZipArchive<Cursor<&'b [u8]>>,
    left: u64,
    limits: &'b Limits,
}

impl<'b> Package<'b> {
    fn open(bytes: &'b [u8], limits: &'b Limits) -> Result<Self, Trouble> {
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(trouble)?;
        let by_ratio = (bytes.len() as u64).saturating_mul(limits.expansion.ratio.into()).max(RATIO_FROM);
        Ok(Self { archive, left: by_ratio.min(limits.bytes), limits })
    }

    /// The part at a path, or nothing if there is none.
    fn part(&mut self, path: &str) -> Result<Option<String>, Trouble> {
        let Some(at) = self.archive.index_for_name(path) else { return Ok(None) };
        let part = self.archive.by_index(at).map_err(trouble)?;
        let mut bytes = Vec::new();
        part.take(self.left.saturating_add(1)).read_to_end(&mut bytes).map_err(|e| input::trouble(&e))?;
        let Some(left) = self.left.checked_sub(bytes.len() as u64) else {
            if self.left < self.limits.bytes {
                let limit = format!("{} times its size, the limit `max_ratio`", self.limits.expansion.ratio);
                return Err(("expands_too_much", format!("it expands to more than {limit}")));
            }
            return Err(file_too_big(self.limits.bytes));
        };
        self.left = left;
        Ok(Some(charset::decode(bytes).0))
    }
}

/// The value of an attribute, whatever its namespace.
fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = element.attributes();
    let mut attributes = attributes.with_checks(false).flatten();
    let found = attributes.find(|attribute| attribute.key.local_name().as_ref() == name)?;
    found.normalized_value(XmlVersion::Implicit1_0).ok().map(|value| value.into_owned())
}

/// Whether an element that switches something does so: `<w:vanish/>` and `<w:vanish w:val="1"/>`.
fn is_on(element: &BytesStart<'_>) -> bool {
    !matches!(attribute(element, "val").as_deref(), Some("0" | "false" | "off" | "none"))
}

/// The path of the document itself, as the package's relations say.
fn main_part(relations: &str) -> Option<String> {
    let mut reader = Reader::from_str(relations);
    loop {
        match reader.read_event() {
            Ok(Event::Start(element) | Event::Empty(element)) => {
                if attribute(&element, "Type").is_some_and(|kind| kind.ends_with("/officeDocument")) {
                    return attribute(&element, "Target").map(|path| path.trim_start_matches('/').to_owned());
                }
            }
            Ok(Event::Eof) | Err(_) => return None,
            Ok(_) => {}
        }
    }
}

/// The texts of the elements that hold nothing but text, by their names.
fn leaves(xml: &str) -> HashMap<String, String> {
    let mut reader = Reader::from_str(xml);
    let (mut leaves, mut text) = (HashMap::new(), String::new());
    loop {
        match reader.read_event() {
            Ok(Event::Start(_)) => text.clear(),
            Ok(Event::End(element)) => {
                let text = std::mem::take(&mut text).trim().to_owned();
                leaves.entry(element.local_name().as_ref().to_owned()).or_insert(text);
            }
            Ok(Event::Eof) | Err(_) => return leaves,
            Ok(event) => said(&event, &mut text),
        }
    }
}

/// Adds what an event says to a text.
fn said(event: &Event<'_>, text: &mut String) {
    match event {
        Event::Text(words) => text.push_str(&words.xml10_content()),
        Event::CData(words) => text.push_str(&words.xml10_content()),
        Event::GeneralRef(name) => match name.resolve_char_ref() {
            Ok(Some(sign)) => text.push(sign),
            _ => text.push_str(
                quick_xml::escape::resolve_predefined_entity(&name.xml10_content()).unwrap_or_default(),
            ),
        },
        _ => {}
    }
}

/// What each style makes of a paragraph, by the style's id.
fn styles(xml: &str) -> HashMap<String, BlockKind> {
    struct Style {
        kind: Option<BlockKind>,
        based_on: Option<String>,
    }
    let mut styles: HashMap<String, Style> = HashMap::new();
    let mut open: Option<(String, Style)> = None;
    let mut reader = Reader::from_str(xml);
    loop {
        match reader.read_event() {
            Ok(Event::Start(element) | Event::Empty(element)) => {
                let value = || attribute(&element, "val");
                match (element.local_name().as_ref(), &mut open) {
                    ("style", open) => {
                        let id = attribute(&element, "styleId").unwrap_or_default();
                        *open = Some((id, Style { kind: None, based_on: None }));
                    }
                    ("name", Some((_, style))) => {
                        style.kind = value().and_then(|name| kind_of_style(&name)).or(style.kind);
                    }
                    ("basedOn", Some((_, style))) => style.based_on = value(),
                    ("outlineLvl", Some((_, style))) if style.kind.is_none() => {
                        style.kind = is_heading(value()).then_some(BlockKind::Heading);
                    }
                    ("numId", Some((_, style))) if style.kind.is_none() && is_on(&element) => {
                        style.kind = Some(BlockKind::ListItem);
                    }
                    _ => {}
                }
            }
            Ok(Event::End(element)) if element.local_name().as_ref() == "style" => {
                styles.extend(open.take());
            }
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
    }
    /// Styles are based on others so often and no more.
    const DEEPEST: usize = 11;
    let kind = |id: &String| {
        let chain = std::iter::successors(styles.get(id), |style| styles.get(style.based_on.as_ref()?));
        chain.take(DEEPEST).find_map(|style| style.kind)
    };
    styles.keys().filter_map(|id| Some((id.clone(), kind(id)?))).collect()
}

/// The levels of the outline are headings, but for the last, which is text.
fn is_heading(level: Option<String>) -> bool {
    level.and_then(|level| level.parse::<u8>().ok()).is_some_and(|level| level < 9)
}

/// What a built-in style is for, by its name, which is English in every language.
fn kind_of_style(name: &str) -> Option<BlockKind> {
    let name = name.to_lowercase();
    Some(match name.as_str() {
        "title" => BlockKind::Title,
        "subtitle" | "toc heading" => BlockKind::Heading,
        "quote" | "intense quote" | "block text" => BlockKind::Quote,
        "caption" => BlockKind::Caption,
        "header" | "footer" => BlockKind::Other,
        "table of figures" | "table of authorities" => BlockKind::Navigation,
        name if name.starts_with("heading ") => BlockKind::Heading,
        name if name.starts_with("toc ") || name.starts_with("index ") => BlockKind::Navigation,
        name if name.starts_with("list bullet") || name.starts_with("list number") => BlockKind::ListItem,
        _ => return None,
    })
}

/// Reads the text of a part.
#[derive(Default)]
struct Body {
    styles: HashMap<String, BlockKind>,
    composed: Composed,
    /// Paragraphs that have begun: a text box stands in a paragraph, and holds some.
    paragraphs: Vec<Paragraph>,
    /// Rows of tables that have begun, in one another, each with its cells.
    rows: Vec<Row>,
    /// How many elements deep it is in something that is not read.
    skipped: usize,
    /// Whether it is in the properties of a paragraph, those of a row, and in a run's text.
    in_paragraph_properties: bool,
    in_row_properties: bool,
    in_text: bool,
    /// Whether the run is hidden.
    hidden: bool,
    /// The text of a paragraph whose end was deleted, which goes on in the next.
    carried: String,
}

#[derive(Default)]
struct Paragraph {
    text: String,
    style: Option<BlockKind>,
    /// What it says of itself, which goes before its style.
    own: Option<BlockKind>,
    end_deleted: bool,
}

#[derive(Default)]
struct Row {
    cells: Vec<Vec<(BlockKind, String)>>,
    deleted: bool,
}

impl Body {
    /// Reads XML to its end.
    ///
    /// # Errors
    /// What is wrong with it.
    fn read(&mut self, xml: &str) -> Result<(), String> {
        let mut reader = Reader::from_str(xml);
        let mut depth = 0_u32;
        loop {
            match reader.read_event().map_err(|error| error.to_string())? {
                Event::Start(element) => {
                    depth += 1;
                    if self.skipped > 0 || is_skipped(&element) {
                        self.skipped += 1;
                    }
                    if self.skipped == 0 {
                        self.start(&element);
                    } else {
                        self.switch(&element);
                    }
                }
                Event::Empty(element) if self.skipped == 0 => {
                    self.start(&element);
                    self.switch(&element);
                    self.end(element.local_name().as_ref());
                }
                Event::End(element) => {
                    depth = depth.saturating_sub(1);
                    match self.skipped {
                        0 => self.end(element.local_name().as_ref()),
                        _ => self.skipped -= 1,
                    }
                }
                Event::Eof if depth > 0 => return Err("it ends before its end".to_owned()),
                Event::Eof => return Ok(()),
                event if self.in_text && self.skipped == 0 && !self.hidden => {
                    if let Some(paragraph) = self.paragraphs.last_mut() {
                        said(&event, &mut paragraph.text);
                    }
                }
                _ => {}
            }
        }
    }

    /// What an element says by standing where it does: that the end of a paragraph, or a row, was deleted.
    fn switch(&mut self, element: &BytesStart<'_>) {
        if self.skipped > 1 || element.local_name().as_ref() != "del" {
            return;
        }
        if self.in_row_properties {
            if let Some(row) = self.rows.last_mut() {
                row.deleted = true;
            }
        } else if self.in_paragraph_properties
            && let Some(paragraph) = self.paragraphs.last_mut()
        {
            paragraph.end_deleted = true;
        }
    }

    fn start(&mut self, element: &BytesStart<'_>) {
        let value = || attribute(element, "val");
        match (element.local_name().as_ref(), self.paragraphs.last_mut()) {
            ("p", _) => {
                let text = std::mem::take(&mut self.carried);
                self.paragraphs.push(Paragraph { text, ..Paragraph::default() });
            }
            ("pPr", _) => self.in_paragraph_properties = true,
            ("trPr", _) => self.in_row_properties = true,
            ("pStyle", Some(paragraph)) => {
                paragraph.style = value().and_then(|id| self.styles.get(&id)).copied();
            }
            // Number 0 takes a paragraph out of the list of its style.
            ("numId", Some(paragraph)) => {
                let kind = if is_on(element) { BlockKind::ListItem } else { BlockKind::Paragraph };
                paragraph.own = paragraph.own.or(Some(kind));
            }
            ("outlineLvl", Some(paragraph)) if is_heading(value()) => {
                paragraph.own = Some(BlockKind::Heading)
            }
            ("r", _) => self.hidden = false,
            ("vanish", _) if !self.in_paragraph_properties => self.hidden = is_on(element),
            ("t", _) => self.in_text = true,
            ("tab" | "ptab", Some(paragraph)) if !self.in_paragraph_properties => paragraph.text.push(' '),
            ("br" | "cr", Some(paragraph)) => paragraph.text.push('\n'),
            ("noBreakHyphen", Some(paragraph)) => paragraph.text.push('-'),
            ("tr", _) => self.rows.push(Row::default()),
            ("tc", _) => {
                if let Some(row) = self.rows.last_mut() {
                    row.cells.push(Vec::new());
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "p" => {
                let Some(paragraph) = self.paragraphs.pop() else { return };
                if paragraph.end_deleted {
                    self.carried = paragraph.text;
                    return;
                }
                let Paragraph { text, style, own, .. } = paragraph;
                // A numbered heading is a heading.
                let kind = match (style, own) {
                    (Some(style), Some(BlockKind::ListItem)) if style != BlockKind::Paragraph => style,
                    (style, own) => own.or(style).unwrap_or(BlockKind::Paragraph),
                };
                self.put(kind, text);
            }
            "pPr" => self.in_paragraph_properties = false,
            "trPr" => self.in_row_properties = false,
            "t" => self.in_text = false,
            "r" => self.hidden = false,
            "tr" => {
                let Some(Row { mut cells, deleted: false }) = self.rows.pop() else { return };
                // A table of one column sets text apart.
                if cells.len() == 1 {
                    cells.remove(0).into_iter().for_each(|(kind, text)| self.put(kind, text));
                    return;
                }
                let words = |cell: Vec<(BlockKind, String)>| {
                    let words = cell.iter().flat_map(|(_, text)| text.split_whitespace()).collect::<Vec<_>>();
                    words.join(" ")
                };
                let cells: Vec<_> = cells.into_iter().map(words).collect();
                if cells.iter().any(|cell| !cell.is_empty()) {
                    self.put(BlockKind::TableRow, cells.join(" | "));
                }
            }
            _ => {}
        }
    }

    /// Adds a block to the cell that is open, else to the text.
    fn put(&mut self, kind: BlockKind, text: String) {
        match self.rows.last_mut().and_then(|row| row.cells.last_mut()) {
            Some(cell) => cell.push((kind, text)),
            None => self.composed.push(kind, &text),
        }
    }
}

/// Whether nothing in an element is text of the document: what a tracked change deleted or moved away, the
/// properties before a change, fields' instructions, what programs that can't draw a shape show instead, and
/// the lines above footnotes.
fn is_skipped(element: &BytesStart<'_>) -> bool {
    match element.local_name().as_ref() {
        "del" | "moveFrom" | "instrText" | "delText" | "Fallback" => true,
        "footnote" | "endnote" => attribute(element, "type").is_some_and(|kind| kind != "normal"),
        name => name.ends_with("PrChange"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLES: &str = "<w:styles xmlns:w='w'>\
        <w:style w:styleId='Titel'><w:name w:val='Title'/></w:style>\
        <w:style w:styleId='berschrift1'><w:name w:val='heading 1'/></w:style>\
        <w:style w:styleId='Mine'><w:name w:val='Mine'/><w:basedOn w:val='berschrift1'/></w:style>\
        <w:style w:styleId='Round'><w:name w:val='Round'/><w:basedOn w:val='Round'/></w:style>\
        <w:style w:styleId='L'><w:name w:val='L'/><w:pPr><w:numPr><w:numId w:val='3'/></w:numPr></w:pPr></w:style>\
        </w:styles>";

    fn check(body: &str, expected: &[(&str, &str)]) {
        let mut reading = Body { styles: styles(STYLES), ..Body::default() };
        reading.read(&format!("<w:document xmlns:w='w'><w:body>{body}</w:body></w:document>")).unwrap();
        let Composed { text, parts } = &reading.composed;
        let found: Vec<_> =
            parts.iter().map(|part| (part.kind.as_str(), &text[part.bytes.clone()])).collect();
        assert_eq!(found, expected, "{body}");
    }

    /// A paragraph in a style.
    fn p(style: &str, inner: &str) -> String {
        format!("<w:p><w:pPr><w:pStyle w:val='{style}'/></w:pPr>{inner}</w:p>")
    }

    fn r(text: &str) -> String {
        format!("<w:r><w:t xml:space='preserve'>{text}</w:t></w:r>")
    }

    #[test]
    fn styles_tell_what_a_paragraph_is() {
        check(
            &[
                p("Titel", &r("Trade &amp; ports&#8217; year")),
                p("Mine", &r("Part one")),
                p("Round", &r("Trade ")).replace("</w:p>", &format!("{}</w:p>", r("grew."))),
                p("L", &r("one")),
                format!("<w:p><w:pPr><w:numPr><w:numId w:val='1'/></w:numPr></w:pPr>{}</w:p>", r("two")),
                p("L", &r("out")).replace("</w:pPr>", "<w:numPr><w:numId w:val='0'/></w:numPr></w:pPr>"),
                p("Mine", &r("Part two"))
                    .replace("</w:pPr>", "<w:numPr><w:numId w:val='1'/></w:numPr></w:pPr>"),
                "<w:p/>".to_owned(),
            ]
            .concat(),
            &[
                ("title", "Trade & ports\u{2019} year"),
                ("heading", "Part one"),
                ("paragraph", "Trade grew."),
                ("list_item", "one"),
                ("list_item", "two"),
                ("paragraph", "out"),
                ("heading", "Part two"),
            ],
        );
    }

    #[test]
    fn what_was_deleted_is_gone_and_what_was_inserted_is_there() {
        let deleted = "<w:del><w:r><w:delText>4</w:delText></w:r></w:del>";
        let moved = format!("<w:moveFrom>{}</w:moveFrom>", r("away "));
        let change = "<w:rPr><w:rPrChange><w:rPr><w:vanish/></w:rPr></w:rPrChange></w:rPr>";
        let end = "<w:pPr><w:rPr><w:del w:id='1'/></w:rPr></w:pPr>";
        check(
            &format!(
                "<w:p>{}{deleted}<w:ins>{}</w:ins>{moved}<w:r>{change}<w:t> tonnes</w:t></w:r></w:p>\
                 <w:p>{end}{}</w:p><w:p>{}</w:p>",
                r("It made "),
                r("5"),
                r("One, "),
                r("still one."),
            ),
            &[("paragraph", "It made 5 tonnes"), ("paragraph", "One, still one.")],
        );
    }

    #[test]
    fn rows_of_tables_are_blocks() {
        let cell = |inner: &str| format!("<w:tc><w:p>{}</w:p></w:tc>", r(inner));
        let nested = format!("<w:tc><w:tbl><w:tr>{}{}</w:tr></w:tbl><w:p/></w:tc>", cell("1"), cell("2"));
        check(
            &format!(
                "<w:tbl><w:tr>{}{}</w:tr><w:tr>{}{nested}</w:tr><w:tr><w:trPr><w:del/></w:trPr>{}{}</w:tr></w:tbl>\
                 <w:tbl><w:tr>{}</w:tr></w:tbl>",
                cell("Port"),
                cell("Tonnes"),
                cell("Aktau"),
                cell("gone"),
                cell("gone"),
                cell("Set apart."),
            ),
            &[("table_row", "Port | Tonnes"), ("table_row", "Aktau | 1 | 2"), ("paragraph", "Set apart.")],
        );
    }

    #[test]
    fn nothing_is_read_that_is_not_shown() {
        let hidden = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r>";
        let shown = "<w:r><w:rPr><w:vanish w:val='0'/></w:rPr><w:t>shown</w:t></w:r>";
        let field = "<w:r><w:instrText>PAGE</w:instrText></w:r>";
        let drawn = format!("<w:r><w:txbxContent><w:p>{}</w:p></w:txbxContent></w:r>", r("In a box."));
        let shape = format!("<mc:Choice>{drawn}</mc:Choice><mc:Fallback>{drawn}</mc:Fallback>");
        check(
            &format!("<w:p>{hidden}{shown}{field}{shape}{}</w:p>", r(" around")),
            &[("paragraph", "In a box."), ("paragraph", "shown around")],
        );
    }

    #[test]
    fn broken_xml_is_told() {
        for xml in ["<a><b></a>", "<a>", "<a", "<w:p><w:r>"] {
            assert!(Body::default().read(xml).is_err(), "{xml}");
        }
    }
}
