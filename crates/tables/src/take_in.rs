//! What a stage on the other side of a border returns, checked and taken into the batch.
//!
//! A returned table stands for the whole table of the batch: rows are told by their key (`doc_id`,
//! `claim_id`, ...), in any order; a row that is missing is gone, one without a known key is new. A
//! table without its key columns has the batch's rows, in their order. A column that is missing is
//! unchanged; so is a null cell of a column that the stage did not see or that can't be empty.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, UInt32Array};
use arrow_schema::{DataType, FieldRef, Schema};
use arrow_select::take::take;
use claimline_model::{
    Block, Claim, Column, Document, Mention, Offsets, Problem, Record, Severity, Span, Str,
};

use crate::arrow::{Nulls, data_type, exact_column, fill, part_from_arrow};
use crate::cast::cast;
use crate::{AddedColumns, Batch, OfDocument, Rows, Tables, nearest};

/// Documents that leave a batch: the place of each, and why.
pub type Leaving = Vec<(usize, Problem)>;

/// The code of the problem of a document that a stage left out on purpose.
pub const DROPPED: &str = "dropped";

/// What a stage has said that it does.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// Its name.
    pub stage: &'a str,
    /// The columns it adds.
    pub adds: &'a AddedColumns,
    /// Whether it may change `documents.text`.
    pub changes_text: bool,
}

impl Batch {
    /// Takes in what a stage `returned` for the tables that it was `sent`, and says which documents
    /// leave the batch, each by its place and with its problem ([`Batch::fail`] takes them out).
    ///
    /// # Errors
    /// If anything returned is not as [`Terms`] and the tables' columns say: a column of another type
    /// or name, offsets outside the text, words that do not stand at their offsets, an id that stands
    /// twice, a document that is not of this batch. The batch is then as it was.
    pub fn take_in(&mut self, sent: &Tables, returned: Tables, terms: Terms<'_>) -> Result<Leaving, String> {
        let adds = terms.adds;
        let ids = self.documents.iter().enumerate().map(|(i, d)| (d.doc_id.clone(), i));
        let mut places = Places { of: ids.collect(), stage: terms.stage, other_text: HashSet::new() };
        let (mut leaving, warnings) = self.troubles(returned.problems, &places)?;
        let documents = returned
            .documents
            .map(|table| Returned::new::<Document>(sent.documents.as_ref(), table, &adds.documents))
            .transpose()?
            .map(|table| self.changed_documents(table, &places, terms, &mut leaving))
            .transpose()?;
        let now = documents.as_ref().and_then(|change| change.rows()).unwrap_or(&self.documents);
        places.other_text = self.other_texts(now)?;
        let blocks_stay = returned.blocks.is_none();
        let blocks = changed(&self.blocks, sent.blocks.as_ref(), returned.blocks, &[], now, &places)?;
        let mentions = &adds.mentions;
        let mentions =
            changed(&self.mentions, sent.mentions.as_ref(), returned.mentions, mentions, now, &places)?;
        let claims =
            changed(&self.claims, sent.claims.as_ref(), returned.claims, &adds.claims, now, &places)?;

        let fewer_claims = matches!(&claims, Some(Change { rows: New::Other { .. }, .. }));
        apply(documents, &mut self.documents);
        apply(blocks, &mut self.blocks);
        if blocks_stay && !places.other_text.is_empty() {
            let of_old_text = |block: &Block| places.other_text.contains(&block.doc_id);
            let kept = (0..self.blocks.len()).filter(|i| !of_old_text(&self.blocks[*i])).map(|i| i as u32);
            let kept: Vec<u32> = kept.collect();
            self.blocks.take(&kept);
        }
        apply(mentions, &mut self.mentions);
        apply(claims, &mut self.claims);
        if fewer_claims {
            self.forget_lost_claims();
        }
        self.problems.extend(warnings);
        Ok(leaving)
    }

    /// The problems that a stage tells: of the documents that leave, and the warnings.
    fn troubles(
        &self,
        table: Option<RecordBatch>,
        places: &Places<'_>,
    ) -> Result<(Leaving, Vec<Problem>), String> {
        let (mut leaving, mut warnings) = (Vec::new(), Vec::new());
        let Some(table) = table else { return Ok((leaving, warnings)) };
        let Returned { own, .. } = Returned::cast::<Problem>(None, table, &[])?;
        for told in part_from_arrow::<Problem>(&own).map_err(|error| error.to_string())?.to_vec() {
            let place = told.doc_id.as_ref().map(|id| places.find(id)).transpose()?;
            let error = told.severity == Severity::Error;
            let code = match (told.code.as_str(), error) {
                ("", true) => DROPPED,
                ("", false) => "warning",
                (code, _) => code,
            };
            let of = |i: usize| self.documents[i].problem(places.stage, told.severity, code, &told.message);
            let nowhere = Problem { stage: places.stage.into(), code: code.into(), ..told.clone() };
            let problem = Problem { location: told.location.clone(), ..place.map_or(nowhere, of) };
            match (error, place) {
                (true, Some(place)) if leaving.iter().all(|(i, _)| *i != place) => {
                    leaving.push((place, problem));
                }
                (true, Some(_)) => {}
                (true, None) => return Err("an error in `problems` has no doc_id".to_owned()),
                (false, _) => warnings.push(problem),
            }
        }
        Ok((leaving, warnings))
    }

    /// The documents as they were returned. Those that were not keep their row until their problems
    /// are booked.
    fn changed_documents(
        &self,
        table: Returned,
        places: &Places<'_>,
        terms: Terms<'_>,
        leaving: &mut Leaving,
    ) -> Result<Change<Document>, String> {
        /// What the host alone knows.
        const FIXED: &[&str] =
            &["doc_id", "source_uri", "member", "chars", "sentences", "claims", "duplicate_of"];
        let mut rows = self.documents.to_vec();
        let mut to = vec![None; rows.len()];
        if table.in_order {
            table.fill(&mut rows)?;
            to.iter_mut().enumerate().for_each(|(i, to)| *to = Some(i as u32));
        } else {
            let mut returned = vec![Document::default(); table.own.num_rows()];
            fill_all(&mut returned, &table.own)?;
            for (i, document) in returned.iter_mut().enumerate() {
                let place = places.find(&document.doc_id)?;
                if to[place].replace(i as u32).is_some() {
                    return Err(format!("documents has {} twice", document.doc_id));
                }
                *document = rows[place].clone();
            }
            table.fill(&mut returned)?;
            for (row, to) in rows.iter_mut().zip(&to) {
                if let Some(i) = to {
                    *row = std::mem::take(&mut returned[*i as usize]);
                }
            }
        }
        for ((i, (row, old)), to) in rows.iter_mut().zip(self.documents.iter()).enumerate().zip(&to) {
            if to.is_none() && leaving.iter().all(|(j, _)| i != *j) {
                let reason = "the stage left it out and gave no reason";
                leaving.push((i, old.problem(terms.stage, Severity::Error, DROPPED, reason)));
            }
            for column in Document::COLUMNS.iter().filter(|c| FIXED.contains(&c.name)) {
                if (column.get)(row) != (column.get)(old) {
                    return Err(format!("documents.{} can't be changed by a stage", column.name));
                }
            }
            if row.text != old.text {
                if !terms.changes_text {
                    let help = "which its description does not say (`changes_text: true`)";
                    return Err(format!("the stage changes documents.text, {help}"));
                }
                row.chars = Offsets::new(&row.text).point(row.text.len());
            }
        }
        let indices = UInt32Array::from(to);
        let taken = |(field, values): (FieldRef, ArrayRef)| {
            let values = take(&values, &indices, None).map_err(|error| error.to_string())?;
            Ok((field, values))
        };
        let added = table.added.into_iter().map(taken).collect::<Result<_, String>>()?;
        Ok(Change { rows: New::Cells(rows), added })
    }

    /// The documents whose text is another in `now`; one whose offsets were taken can't be among them.
    fn other_texts(&self, now: &[Document]) -> Result<HashSet<Str>, String> {
        let pairs = self.documents.iter().zip(now);
        let other: HashSet<Str> =
            pairs.filter(|(old, new)| old.text != new.text).map(|(old, _)| old.doc_id.clone()).collect();
        let mentioned = self.mentions.iter().map(|mention| &mention.doc_id);
        let mut counted = mentioned.chain(self.claims.iter().map(|claim| &claim.doc_id));
        match counted.find(|id| other.contains(*id)) {
            Some(id) => Err(format!(
                "the text of {id} can't be changed: it has mentions or claims, whose offsets count in it"
            )),
            None => Ok(other),
        }
    }

    /// Empties what points at claims that are no longer there.
    fn forget_lost_claims(&mut self) {
        let left: HashSet<Str> = self.claims.iter().map(|claim| claim.claim_id.clone()).collect();
        let forget = |id: &mut Option<Str>| {
            if id.as_ref().is_some_and(|id| !left.contains(id)) {
                *id = None;
            }
        };
        self.mentions.iter_mut().for_each(|mention| forget(&mut mention.claim_id));
        for claim in self.claims.iter_mut() {
            forget(&mut claim.parent_id);
            forget(&mut claim.same_as);
        }
    }
}

/// Where the documents of the batch are.
struct Places<'a> {
    of: HashMap<Str, usize>,
    stage: &'a str,
    /// The documents whose text the stage has changed.
    other_text: HashSet<Str>,
}

impl Places<'_> {
    fn find(&self, doc_id: &str) -> Result<usize, String> {
        self.of.get(doc_id).copied().ok_or_else(|| format!("`{doc_id}` is no document of this batch"))
    }
}

/// A returned table, its columns cast to the types that they should have.
struct Returned {
    /// The table's own columns, without those that are as they were sent.
    own: RecordBatch,
    /// The columns that the stage adds.
    added: Vec<(FieldRef, ArrayRef)>,
    /// The names of the columns that the stage saw.
    seen: HashSet<String>,
    /// Whether its rows are the batch's, in their order.
    in_order: bool,
}

impl Returned {
    fn new<R: OfDocument>(
        sent: Option<&RecordBatch>,
        table: RecordBatch,
        adds: &[FieldRef],
    ) -> Result<Self, String> {
        let mut returned = Self::cast::<R>(sent, table, adds)?;
        let column = |name: &&str| returned.own.column_by_name(name);
        let keys = R::KEY.iter().filter_map(column).count();
        let rows = returned.own.num_rows();
        returned.in_order = match (keys, sent) {
            (0, Some(sent)) if sent.num_rows() == rows => true,
            (0, Some(sent)) => {
                let (key, sent) = (R::KEY.join(" and "), sent.num_rows());
                return Err(format!("{} has {rows} rows for {sent}, and no {key} to tell which", R::TABLE));
            }
            (found, _) if found < R::KEY.len() => {
                return Err(format!("{} has no {} to tell its rows by", R::TABLE, R::KEY.join(" and ")));
            }
            (_, sent) => sent
                .is_some_and(|sent| R::KEY.iter().all(|name| same(sent.column_by_name(name), column(name)))),
        };
        if let (true, Some(sent)) = (returned.in_order, sent) {
            let table = &returned.own;
            let differs = |i: &usize| {
                !same(sent.column_by_name(table.schema_ref().field(*i).name()), Some(table.column(*i)))
            };
            let differing: Vec<usize> = (0..table.num_columns()).filter(differs).collect();
            returned.own = table.project(&differing).map_err(|error| error.to_string())?;
        }
        Ok(returned)
    }

    fn cast<R: Record>(
        sent: Option<&RecordBatch>,
        table: RecordBatch,
        adds: &[FieldRef],
    ) -> Result<Self, String> {
        let (mut fields, mut arrays, mut added) = (Vec::new(), Vec::new(), Vec::new());
        let mut names = HashSet::new();
        let seen = sent.into_iter().flat_map(|sent| sent.schema_ref().fields().iter());
        let seen: HashSet<String> = seen.map(|field| field.name().clone()).collect();
        for (field, values) in table.schema_ref().fields().iter().zip(table.columns()) {
            let name = field.name().as_str();
            if !names.insert(name) {
                return Err(format!("{} has the column `{name}` twice", R::TABLE));
            }
            if let Some(own) = own_type::<R>(name) {
                arrays.push(cast_to::<R>(name, values, &own)?);
                fields.push(field.as_ref().clone().with_data_type(own).with_nullable(true));
            } else if let Some(field) = adds.iter().find(|field| field.name() == name) {
                added.push((field.clone(), cast_to::<R>(name, values, field.data_type())?));
            } else if !seen.contains(name) {
                let known: Vec<&str> =
                    R::COLUMNS.iter().map(|c| c.name).chain(adds.iter().map(|f| f.name().as_str())).collect();
                let hint =
                    nearest(name, &known).map_or_else(String::new, |near| format!("; is it `{near}`?"));
                return Err(format!(
                    "{} has no column `{name}`, and the stage does not say that it adds one{hint}",
                    R::TABLE
                ));
            }
        }
        let options = RecordBatchOptions::new().with_row_count(Some(table.num_rows()));
        let own = RecordBatch::try_new_with_options(Schema::new(fields).into(), arrays, &options);
        Ok(Self { own: own.map_err(|error| error.to_string())?, added, seen, in_order: false })
    }

    /// Sets the cells of rows that are in the order of this table.
    fn fill<R: Record>(&self, rows: &mut [R]) -> Result<(), String> {
        for column in R::COLUMNS {
            let empties = column.nullable && self.seen.contains(column.name);
            let nulls = if empties { Nulls::Set } else { Nulls::Keep };
            fill(rows, column, &self.own, nulls).map_err(|error| error.to_string())?;
        }
        Ok(())
    }
}

impl Tables {
    /// The tables with every column of the type that it should have, and without those that are not the
    /// tables' own: what a source made elsewhere yields.
    ///
    /// # Errors
    /// If a column is not one of its table's, or can't be cast.
    pub fn cast(self) -> Result<Self, String> {
        fn cast<R: Record>(table: Option<RecordBatch>) -> Result<Option<RecordBatch>, String> {
            Ok(table.map(|table| Returned::cast::<R>(None, table, &[])).transpose()?.map(|cast| cast.own))
        }
        Ok(Self {
            documents: cast::<Document>(self.documents)?,
            blocks: cast::<Block>(self.blocks)?,
            mentions: cast::<Mention>(self.mentions)?,
            claims: cast::<Claim>(self.claims)?,
            problems: cast::<Problem>(self.problems)?,
        })
    }
}

fn fill_all<R: Record>(rows: &mut [R], table: &RecordBatch) -> Result<(), String> {
    let fill = |column: &Column<R>| fill(rows, column, table, Nulls::Keep);
    R::COLUMNS.iter().try_for_each(fill).map_err(|error| error.to_string())
}

/// Whether a column came back as it was sent.
fn same(sent: Option<&ArrayRef>, returned: Option<&ArrayRef>) -> bool {
    match (sent, returned) {
        (Some(sent), Some(returned)) => Arc::ptr_eq(sent, returned) || sent.as_ref() == returned.as_ref(),
        _ => false,
    }
}

pub(crate) fn own_type<R: Record>(name: &str) -> Option<DataType> {
    R::COLUMNS.iter().find_map(|c| match c.name == name {
        true => Some(data_type(c.column_type)),
        false => (exact_column(c).as_deref() == Some(name)).then_some(DataType::Utf8),
    })
}

fn cast_to<R: Record>(name: &str, values: &ArrayRef, to: &DataType) -> Result<ArrayRef, String> {
    let mismatch = || format!("column {name} of {} must be {to}, not {}", R::TABLE, values.data_type());
    cast(values, to).ok_or_else(mismatch)
}

/// What becomes of a table.
struct Change<R> {
    rows: New<R>,
    /// Added columns, aligned with the returned rows.
    added: Vec<(FieldRef, ArrayRef)>,
}

enum New<R> {
    /// Nothing.
    Same,
    /// The same rows, with other cells.
    Cells(Vec<R>),
    /// Other rows.
    Other {
        /// The old rows that stay, in the order in which they were returned, with their places before.
        kept: Vec<(u32, R)>,
        /// The rows that are new.
        new: Vec<R>,
        /// The returned rows in the order of `kept`, then `new`.
        returned: Vec<u32>,
        /// The rows of `kept`, then `new`, in the order of the documents.
        order: Vec<u32>,
    },
}

impl<R> Change<R> {
    fn rows(&self) -> Option<&[R]> {
        match &self.rows {
            New::Cells(rows) => Some(rows),
            _ => None,
        }
    }
}

fn changed<R: Checked>(
    rows: &Rows<R>,
    sent: Option<&RecordBatch>,
    table: Option<RecordBatch>,
    adds: &[FieldRef],
    documents: &[Document],
    places: &Places<'_>,
) -> Result<Option<Change<R>>, String> {
    let Some(table) = table else { return Ok(None) };
    let table = Returned::new::<R>(sent, table, adds)?;
    if table.in_order {
        if table.own.num_columns() == 0 && places.other_text.is_empty() {
            return Ok(Some(Change { rows: New::Same, added: table.added }));
        }
        let mut cells = rows.to_vec();
        table.fill(&mut cells)?;
        let runs = rows.runs(documents);
        for (document, run) in documents.iter().zip(runs) {
            let offsets = Offsets::new(&document.text);
            let other_text = places.other_text.contains(&document.doc_id);
            for i in run {
                if cells[i].doc_id() != rows[i].doc_id() {
                    return Err(moved(&rows[i]));
                }
                if other_text || cells[i] != rows[i] {
                    cells[i].check(document, &offsets, places.stage)?;
                }
            }
        }
        return Ok(Some(Change { rows: New::Cells(cells), added: table.added }));
    }

    let mut returned = vec![R::default(); table.own.num_rows()];
    fill_all(&mut returned, &table.own)?;
    let before: HashMap<_, usize> = rows.iter().enumerate().map(|(i, row)| (row.key(), i)).collect();
    let from: Vec<Option<usize>> = returned.iter().map(|row| before.get(&row.key()).copied()).collect();
    for (row, from) in returned.iter_mut().zip(&from) {
        if let Some(from) = from {
            *row = rows[*from].clone();
        }
    }
    table.fill(&mut returned)?;
    let mut of_document: Vec<Vec<usize>> = vec![Vec::new(); documents.len()];
    for (i, row) in returned.iter().enumerate() {
        of_document[places.find(row.doc_id())?].push(i);
    }
    for (document, of) in documents.iter().zip(&of_document) {
        let offsets = Offsets::new(&document.text);
        let other_text = places.other_text.contains(&document.doc_id);
        for &i in of {
            if from[i].is_some_and(|from| returned[i].doc_id() != rows[from].doc_id()) {
                return Err(moved(&returned[i]));
            }
            if other_text || from[i].is_none_or(|from| returned[i] != rows[from]) {
                returned[i].check(document, &offsets, places.stage)?;
            }
        }
    }
    let mut keys = HashSet::new();
    if let Some(twice) = returned.iter().find(|row| !keys.insert(row.key())) {
        return Err(format!("{} has {} twice", R::TABLE, twice.key().0));
    }

    let is_kept = |i: &usize| from[*i].is_some();
    let (kept, new): (Vec<usize>, Vec<usize>) = (0..returned.len()).partition(is_kept);
    let by_row: Vec<u32> = kept.iter().chain(&new).map(|i| *i as u32).collect();
    let mut place = vec![0; returned.len()];
    by_row.iter().enumerate().for_each(|(at, i)| place[*i as usize] = at as u32);
    let order = of_document.into_iter().flatten().map(|i| place[i]).collect();
    let mut row = |i: usize| std::mem::take(&mut returned[i]);
    let kept = kept.into_iter().filter_map(|i| Some((from[i]? as u32, row(i)))).collect();
    let new = new.into_iter().map(&mut row).collect();
    Ok(Some(Change { rows: New::Other { kept, new, returned: by_row, order }, added: table.added }))
}

fn moved<R: OfDocument>(row: &R) -> String {
    format!("{} {} can't go to another document", R::TABLE, row.key().0)
}

fn apply<R: Default>(change: Option<Change<R>>, rows: &mut Rows<R>) {
    let Some(Change { rows: new, added }) = change else { return };
    match new {
        New::Same => added.into_iter().for_each(|(field, values)| rows.add(field, values)),
        New::Cells(cells) => {
            rows.iter_mut().zip(cells).for_each(|(row, cells)| *row = cells);
            added.into_iter().for_each(|(field, values)| rows.add(field, values));
        }
        New::Other { kept, new, returned, order } => {
            rows.take(&kept.iter().map(|(from, _)| *from).collect::<Vec<_>>());
            rows.iter_mut().zip(kept).for_each(|(row, (_, cells))| *row = cells);
            rows.extend(new);
            let returned = UInt32Array::from(returned);
            for (field, values) in added {
                // `take` fails only for an index past the end, and these are the places of its rows.
                #[allow(clippy::expect_used)]
                let values = take(&values, &returned, None).expect("indices lie within the rows");
                rows.add(field, values);
            }
            rows.take(&order);
        }
    }
}

/// A row that a stage may make or change.
trait Checked: OfDocument {
    /// Fills what can be told from the document, and refuses what does not fit it.
    fn check(&mut self, document: &Document, offsets: &Offsets<'_>, stage: &str) -> Result<(), String>;
}

impl Checked for Block {
    fn check(&mut self, document: &Document, _: &Offsets<'_>, _: &str) -> Result<(), String> {
        match (self.char_start, self.char_end) {
            (Some(start), Some(end)) => inside::<Self>(document, "char_start", Span::new(start, end)),
            (None, None) => Ok(()),
            _ => Err("a block has one of char_start and char_end without the other".to_owned()),
        }
    }
}

impl Checked for Mention {
    fn check(&mut self, document: &Document, offsets: &Offsets<'_>, stage: &str) -> Result<(), String> {
        let span = Span::new(self.char_start, self.char_end);
        inside::<Self>(document, "char_start", span)?;
        stands::<Self>(document, offsets, "text", span, &mut self.text)?;
        if self.mention_id.is_empty() {
            self.mention_id = self.made_id();
        }
        if self.rule.is_empty() {
            self.rule = stage.into();
        }
        Ok(())
    }
}

impl Checked for Claim {
    fn check(&mut self, document: &Document, offsets: &Offsets<'_>, stage: &str) -> Result<(), String> {
        let span = Span::new(self.char_start, self.char_end);
        inside::<Self>(document, "char_start", span)?;
        stands::<Self>(document, offsets, "sentence", span, &mut self.sentence)?;
        let spans = [
            ("source_spans", &self.source_spans),
            ("cue_spans", &self.cue_spans),
            ("content_spans", &self.content_spans),
            ("subject_spans", &self.subject_spans),
            ("predicate_spans", &self.predicate_spans),
            ("object_spans", &self.object_spans),
            ("amount_spans", &self.amount_spans),
            ("time_spans", &self.time_spans),
        ];
        for (name, spans) in spans {
            spans.iter().try_for_each(|span| inside::<Self>(document, name, span))?;
        }
        if self.claim_id.is_empty() {
            self.claim_id = self.made_id();
            let Document { published, title, publisher, url, .. } = document;
            self.published = self.published.or(*published);
            self.title = self.title.take().or_else(|| title.clone());
            self.publisher = self.publisher.take().or_else(|| publisher.clone());
            self.url = self.url.take().or_else(|| url.clone());
        }
        if self.rule.is_empty() {
            self.rule = stage.into();
        }
        Ok(())
    }
}

fn inside<R: Record>(document: &Document, column: &str, span: Span) -> Result<(), String> {
    if span.start <= span.end && span.end <= document.chars {
        return Ok(());
    }
    let Document { doc_id, chars, .. } = document;
    Err(format!("{}.{column} says {span} of {doc_id}, whose text has {chars} code points", R::TABLE))
}

/// Fills `words` with what stands at `span`, or refuses it where it says something else.
fn stands<R: Record>(
    document: &Document,
    offsets: &Offsets<'_>,
    column: &str,
    span: Span,
    words: &mut Str,
) -> Result<(), String> {
    let there = &document.text[offsets.bytes(span)];
    if words.is_empty() {
        *words = there.into();
    }
    match words.as_str() == there {
        true => Ok(()),
        false => Err(format!("{}.{column} is not what stands at {span} of {}", R::TABLE, document.doc_id)),
    }
}

#[cfg(test)]
mod tests;
