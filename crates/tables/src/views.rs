//! What a sink may write: the five tables, and two views of the claims; with the columns that the
//! preset `brief` has of each. This is the only place where they are listed.

use claimline_model::{Block, Claim, ClaimKind, Document, Mention, Problem};

/// A table, or some rows and columns of one, under the name that `tables:` calls it by.
pub struct View<R: 'static> {
    /// The name in `tables:` and of the file.
    pub name: &'static str,
    /// The columns of `brief`, in their order.
    pub brief: &'static [&'static str],
    /// The columns that the view's rows never fill.
    pub without: &'static [&'static str],
    /// Which of the table's rows; all of them where it is missing.
    pub keep: Option<fn(&R) -> bool>,
}

/// The documents; `brief` leaves the text to the other formats.
pub const DOCUMENTS: View<Document> = View {
    name: "documents",
    brief: &[
        "doc_id",
        "published",
        "title",
        "author",
        "publisher",
        "language",
        "url",
        "source_uri",
        "member",
        "chars",
        "sentences",
        "claims",
        "duplicate_of",
    ],
    without: &[],
    keep: None,
};

/// The blocks of the documents, kept or dropped.
pub const BLOCKS: View<Block> = View {
    name: "blocks",
    brief: &["doc_id", "ordinal", "block_kind", "kept", "reason", "text"],
    without: &[],
    keep: None,
};

/// The mentions.
pub const MENTIONS: View<Mention> = View {
    name: "mentions",
    brief: &[
        "kind",
        "text",
        "value",
        "value_high",
        "bound",
        "change",
        "unit",
        "counted",
        "per",
        "currency",
        "time_value",
        "time_mod",
        "time_start",
        "time_end",
        "name",
        "char_start",
        "char_end",
        "mention_id",
        "claim_id",
        "doc_id",
    ],
    without: &[],
    keep: None,
};

/// All claims.
pub const CLAIMS: View<Claim> = View {
    name: "claims",
    brief: &[
        "published",
        "source_name",
        "kind",
        "subject",
        "predicate",
        "object",
        "amount_kind",
        "value",
        "value_high",
        "bound",
        "unit",
        "counted",
        "per",
        "currency",
        "base_value",
        "base_currency",
        "fx_date",
        "change",
        "change_role",
        "time_start",
        "time_end",
        "time_grain",
        "time_basis",
        "place",
        "polarity",
        "modality",
        "cue",
        "content",
        "sentence",
        "title",
        "url",
        "parent_id",
        "same_as",
        "claim_id",
        "doc_id",
    ],
    without: &[],
    keep: None,
};

/// The claims that are quantities. Their kind is the view's name, and they fill all other columns.
pub const QUANTITIES: View<Claim> = View {
    name: "quantities",
    without: &["kind"],
    keep: Some(|claim| claim.kind == ClaimKind::Quantity),
    ..CLAIMS
};

/// The claims that are statements, without the columns of an amount: `brief` begins with who says what.
pub const STATEMENTS: View<Claim> = View {
    name: "statements",
    brief: &[
        "published",
        "source_name",
        "cue",
        "content",
        "polarity",
        "modality",
        "subject",
        "predicate",
        "object",
        "time_start",
        "time_end",
        "time_grain",
        "time_basis",
        "place",
        "sentence",
        "title",
        "url",
        "parent_id",
        "claim_id",
        "doc_id",
    ],
    without: &[
        "kind",
        "of_whole",
        "amount_kind",
        "amount_text",
        "value",
        "value_exact",
        "value_high",
        "value_high_exact",
        "bound",
        "bound_text",
        "change",
        "change_role",
        "change_group",
        "same_as",
        "unit",
        "unit_code",
        "counted",
        "per",
        "std_value",
        "std_unit",
        "currency",
        "currency_basis",
        "base_value",
        "base_value_high",
        "base_currency",
        "fx_rate",
        "fx_date",
        "fx_basis",
        "fx_reason",
        "amount_mention",
        "amount_spans",
    ],
    keep: Some(|claim| claim.kind == ClaimKind::Statement),
};

/// What went wrong.
pub const PROBLEMS: View<Problem> = View {
    name: "problems",
    brief: &["severity", "stage", "code", "message", "source_uri", "member", "location", "doc_id"],
    without: &[],
    keep: None,
};

#[cfg(test)]
mod tests {
    use crate::{Columns, Preset, Record, Selection};

    use super::*;

    fn names_columns_of_its_table<R: Record>(view: &View<R>) {
        let full = Selection::new(&View { without: &[], ..*view }, &Columns::Preset(Preset::Full), &[]);
        let full: Vec<_> = full.unwrap().columns.into_iter().map(|c| c.name).collect();
        for name in view.brief.iter().chain(view.without) {
            assert!(full.iter().any(|column| column == name), "{} has no {name}", view.name);
        }
        for (i, name) in view.brief.iter().enumerate() {
            assert!(!view.brief[..i].contains(name), "{name} stands twice in {}", view.name);
        }
    }

    #[test]
    fn every_preset_names_columns_of_its_table_once() {
        names_columns_of_its_table(&DOCUMENTS);
        names_columns_of_its_table(&BLOCKS);
        names_columns_of_its_table(&MENTIONS);
        names_columns_of_its_table(&CLAIMS);
        names_columns_of_its_table(&QUANTITIES);
        names_columns_of_its_table(&STATEMENTS);
        names_columns_of_its_table(&PROBLEMS);
    }
}
