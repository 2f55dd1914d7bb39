//! Feeds of news: RSS and Atom, of which each entry is a document.
//!
//! An entry's content is markup for `clean` to read, as a web page's is; where there is none its summary is.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use claimline_model::Problem;
use claimline_stage::Decoded;
use feed_rs::model::{Entry, Feed, FeedType, LinkTarget};
use feed_rs::parser;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use quick_xml::Reader;
use quick_xml::events::Event;
use serde::{Deserialize, Serialize};

use super::{Container, Limits, Piece};
use crate::charset;
use crate::dates::Formats;
use crate::fields::{HTML, Known, PLAIN};
use crate::nest::{Budget, Kind, Member, Members};
use crate::records::Trouble;

const FEED: &str = "application/rss+xml";

/// The entries of a feed, called by their ids, else by their address, else by their number. Of one that is broken
/// those that are whole before the break.
pub(super) fn split(feed: Container, limits: &Limits) -> Result<Box<dyn Members>, Trouble> {
    let (text, lossy) = charset::decode_page(feed.whole(limits)?, None);
    let text = undeclared(&text);
    let (text, break_off) = match guard(text) {
        Ok(()) => (Cow::Borrowed(text), None),
        Err((Some(whole), trouble)) => (Cow::Owned(whole), Some(trouble)),
        Err((None, trouble)) => return Err(trouble),
    };
    let unreadable = Unreadable::default();
    let told = unreadable.clone();
    let parser = parser::Builder::new()
        // What is missing is no hash and no random number: see `called`.
        .id_generator(|_, _, _| String::new())
        .timestamp_parser(move |text| {
            let at = midnight(text).and_then(|at| SystemTime::try_from(at).ok());
            Some(at.unwrap_or_else(|| told.put(text)).into())
        })
        .build();
    let mut feed = parser.parse(text.as_bytes()).map_err(broken)?;
    let entries = std::mem::take(&mut feed.entries);
    let items = entries
        .into_iter()
        .enumerate()
        .map(|(i, entry)| member(&feed, entry, i + 1, &unreadable, lossy.as_deref()));
    Ok(Box::new(Entries(items.chain(break_off.map(Member::trouble)).collect())))
}

/// The last second of the year 9999, the last that a date may have, since 1970.
const LAST: i64 = 253_402_300_799;

/// What was written for dates and is none. The library keeps nothing but instants, so each is one that lies behind
/// the last day that a date may have.
#[derive(Clone, Default)]
struct Unreadable(Arc<Mutex<Vec<String>>>);

impl Unreadable {
    fn put(&self, text: &str) -> SystemTime {
        let mut texts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        texts.push(text.to_owned());
        SystemTime::UNIX_EPOCH + Duration::from_secs(LAST as u64 + texts.len() as u64)
    }

    /// What was written for this instant, in seconds since 1970.
    fn get(&self, at: i64) -> Option<String> {
        let number = usize::try_from(at - LAST).ok()?;
        let texts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        texts.get(number.checked_sub(1)?).cloned()
    }
}

struct Entries(VecDeque<Member>);

impl Members for Entries {
    fn next(&mut self, _: &mut Budget) -> Option<Member> {
        self.0.pop_front()
    }
}

/// What a feed says of an entry, on its way from who reads it to who makes the document.
#[derive(Deserialize, Serialize)]
struct Item {
    text: Option<String>,
    /// Whether the text is markup.
    markup: bool,
    title: Option<String>,
    author: Option<String>,
    published: Option<String>,
    url: Option<String>,
    publisher: Option<String>,
    language: Option<String>,
    lossy: Option<String>,
}

fn member(feed: &Feed, entry: Entry, number: usize, unreadable: &Unreadable, lossy: Option<&str>) -> Member {
    let page = |rel: Option<&str>| rel.is_none_or(|rel| rel == "alternate");
    let own = |target: &Option<LinkTarget>| {
        !matches!(target, Some(LinkTarget::Comments | LinkTarget::CommentsFeed))
    };
    let url = entry.links.into_iter().find(|link| page(link.rel.as_deref()) && own(&link.target));
    let url = url.map(|link| link.href).filter(|url| !url.trim().is_empty());
    let name = Some(entry.id.trim().to_owned()).filter(|id| !id.is_empty());
    let name = name.or_else(|| url.clone()).unwrap_or_else(|| number.to_string());
    let content = entry.content.and_then(|content| Some((content.body?, content.content_type)));
    let summary = entry.summary.map(|summary| (summary.content, summary.content_type));
    let said = |text: &(String, _)| !text.0.trim().is_empty();
    let text = content.filter(said).or(summary);
    // An entry of Atom that names no author is by the feed's
    // (<https://www.rfc-editor.org/rfc/rfc4287#section-4.2.1>).
    let inherits = entry.authors.is_empty() && feed.feed_type == FeedType::Atom;
    let authors = if inherits { &feed.authors } else { &entry.authors };
    let author: Vec<_> = authors.iter().filter_map(|one| spaced(one.name.as_deref()?)).collect();
    let day =
        |at: i64| Some(Timestamp::from_second(at).ok()?.to_zoned_datetime(TimeZone::UTC).date().to_string());
    let dates = [entry.published, entry.updated].into_iter().flatten().map(|at| at.timestamp());
    let item = Item {
        markup: text.as_ref().is_none_or(|(_, of)| of.subty() != "plain"),
        text: text.map(|(text, _)| text),
        title: entry.title.and_then(|title| spaced(&title.content)),
        author: (!author.is_empty()).then(|| author.join(", ")),
        published: dates.clone().find_map(day).or_else(|| dates.clone().find_map(|at| unreadable.get(at))),
        url,
        publisher: feed.title.as_ref().and_then(|title| spaced(&title.content)),
        language: entry.language.or_else(|| feed.language.clone()),
        lossy: lossy.map(str::to_owned),
    };
    Member { name, kind: Kind::Document(FEED), bytes: serde_json::to_vec(&item).map_err(broken) }
}

/// The document of an entry.
pub(super) fn decode(piece: Piece<'_>) -> Result<Decoded, Box<Problem>> {
    let item: Item =
        serde_json::from_slice(&piece.bytes).map_err(|error| piece.lost("broken", &error.to_string()))?;
    let known = Known {
        text: item.text,
        title: item.title,
        author: item.author,
        published: item.published,
        url: item.url,
        publisher: item.publisher,
        language: item.language,
        ..Known::default()
    };
    piece.maker.make(&piece.origin, if item.markup { HTML } else { PLAIN }, known, item.lossy)
}

/// The day written in a date, whatever its time zone, as its midnight in UTC, since the library keeps no zones.
fn midnight(text: &str) -> Option<Timestamp> {
    let day = Formats::default().day(text)?;
    Some(day.to_zoned_datetime(TimeZone::UTC).ok()?.timestamp())
}

/// The text behind its declaration: what is decoded is no longer in the charset that it names.
fn undeclared(text: &str) -> &str {
    let text = text.trim_start();
    let declaration = text.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>"));
    declaration.map_or(text, |(_, rest)| rest)
}

/// Refuses what is no whole markup, and what the library would take too long over: it looks each name up in all
/// namespaces that are open, and compares each attribute of a tag with those before it.
///
/// # Errors
/// Why, and the feed up to the last entry that is whole, if there is one.
fn guard(text: &str) -> Result<(), (Option<String>, Trouble)> {
    const DEPTH: usize = 256;
    const ATTRIBUTES: usize = 256;
    const NAMESPACES: usize = 128;
    /// An entry lies in no more elements than this.
    const OUTER: usize = 2;
    let mut reader = Reader::from_str(text);
    reader.config_mut().trim_markup_names_in_closing_tags = true;
    // The namespaces that each open element declares.
    let mut open: Vec<usize> = Vec::new();
    // The names of the outer ones, and what they were at the end of the last entry.
    let mut outer: Vec<String> = Vec::new();
    let mut last = None;
    let why = loop {
        let (tag, empty) = match reader.read_event() {
            Ok(Event::Start(tag)) => (tag, false),
            Ok(Event::Empty(tag)) => (tag, true),
            Ok(Event::End(tag)) => {
                open.pop();
                outer.truncate(open.len());
                if outer.len() == open.len() && ["item", "entry"].contains(&tag.local_name().as_ref()) {
                    last = Some((reader.buffer_position() as usize, outer.clone()));
                }
                continue;
            }
            Ok(Event::Eof) if open.is_empty() => return Ok(()),
            Ok(Event::Eof) => break broken("it is cut off"),
            Ok(_) => continue,
            Err(error) => break broken(error),
        };
        if outer.len() == open.len() && open.len() < OUTER {
            outer.push(tag.name().as_ref().to_owned());
        }
        let tag: &str = &tag;
        open.push(tag.matches("xmlns").count());
        let what = if open.len() > DEPTH {
            format!("elements are more than {DEPTH} deep in one another")
        } else if tag.matches('=').count() > ATTRIBUTES {
            format!("an element has more than {ATTRIBUTES} attributes, or as many signs for them")
        } else if open.iter().sum::<usize>() > NAMESPACES {
            format!("more than {NAMESPACES} namespaces are open at once")
        } else {
            if empty {
                open.pop();
                outer.truncate(open.len());
            }
            continue;
        };
        break ("feed_too_complex", what);
    };
    let whole = last.map(|(end, outer)| {
        let ends = outer.iter().rev().map(|name| format!("</{name}>"));
        ends.fold(text[..end].to_owned(), |text, end| text + &end)
    });
    Err((whole, why))
}

fn broken(error: impl std::fmt::Display) -> Trouble {
    ("broken", format!("the feed is broken: {error}"))
}

/// Words with one space between them; nothing if there is none.
fn spaced(text: &str) -> Option<String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(text)
}
