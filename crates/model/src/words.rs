//! The words that cells are limited to.

use crate::record::words;

words! {
    /// Where a document's publication date comes from.
    PublishedBasis {
        /// There is no date.
        None = "none",
        /// A field, a tag or a header said it.
        Metadata = "metadata",
        /// The dateline.
        Dateline = "dateline",
        /// The running text.
        Text = "text",
        /// The mail that it was attached to.
        Mail = "mail",
        /// The pipeline's options.
        Option = "option",
    }
}

words! {
    /// What a block of a document is.
    BlockKind {
        /// A paragraph of running text.
        Paragraph = "paragraph",
        /// The document's title.
        Title = "title",
        /// A heading of a section.
        Heading = "heading",
        /// An item of a list.
        ListItem = "list_item",
        /// A row of a table.
        TableRow = "table_row",
        /// A quotation set apart.
        Quote = "quote",
        /// The words below a picture.
        Caption = "caption",
        /// Who wrote it.
        Byline = "byline",
        /// A headline of another article, or a link to one.
        Teaser = "teaser",
        /// Menus, breadcrumbs, share buttons.
        Navigation = "navigation",
        /// Copyright and terms.
        Legal = "legal",
        /// Header lines and whatever has no name.
        Other = "other",
    }
}

words! {
    /// What a mention is.
    MentionKind {
        /// An amount of money.
        Money = "money",
        /// A percentage.
        Percent = "percent",
        /// An amount of a unit or of things counted.
        Quantity = "quantity",
        /// A number of nothing in particular.
        Number = "number",
        /// A place in an order.
        Ordinal = "ordinal",
        /// How old somebody is.
        Age = "age",
        /// The score of a game or a vote.
        Score = "score",
        /// A calendar date of any grain.
        Date = "date",
        /// A time of day.
        Time = "time",
        /// A length of time.
        Duration = "duration",
        /// A repeated time.
        Set = "set",
        /// A person.
        Person = "person",
        /// An organisation.
        Organisation = "organisation",
        /// A place.
        Place = "place",
    }
}

words! {
    /// What a claim's amount is.
    AmountKind {
        /// Money.
        Money = "money",
        /// A share of a whole, in hundredths.
        Percent = "percent",
        /// A difference between two percentages.
        PercentagePoint = "percentage_point",
        /// A number of things.
        Count = "count",
        /// A number of physical units.
        Measure = "measure",
        /// A length of time.
        Duration = "duration",
        /// How old somebody is.
        Age = "age",
        /// One number to another.
        Ratio = "ratio",
        /// So many times as much.
        Multiple = "multiple",
        /// The score of a game or a vote.
        Score = "score",
        /// A place in an order.
        Ordinal = "ordinal",
    }
}

words! {
    /// How an amount bounds what is claimed.
    Bound {
        /// That amount.
        Exactly = "exactly",
        /// Near it; "almost" and "nearly" too.
        About = "about",
        /// Below it.
        LessThan = "less_than",
        /// It or below.
        AtMost = "at_most",
        /// Above it.
        MoreThan = "more_than",
        /// It or above.
        AtLeast = "at_least",
    }
}

words! {
    /// The direction of a change.
    Change {
        /// It grew.
        Up = "up",
        /// It shrank.
        Down = "down",
    }
}

words! {
    /// What an amount is in a change.
    ChangeRole {
        /// The difference.
        By = "by",
        /// Where it began.
        From = "from",
        /// Where it ended.
        To = "to",
    }
}

words! {
    /// What a claim asserts.
    ClaimKind {
        /// An amount of something.
        Quantity = "quantity",
        /// What somebody says.
        Statement = "statement",
    }
}

words! {
    /// Who a source is.
    SourceKind {
        /// Not known.
        Unknown = "unknown",
        /// A person.
        Person = "person",
        /// An organisation.
        Organisation = "organisation",
        /// A country or its government.
        Country = "country",
        /// People without a name.
        Group = "group",
        /// A report, a poll, a law.
        Document = "document",
        /// The text itself.
        Narrator = "narrator",
    }
}

words! {
    /// How a statement is reported.
    Speech {
        /// It is not speech.
        None = "none",
        /// In the speaker's words.
        Direct = "direct",
        /// In the writer's words.
        Indirect = "indirect",
        /// In both.
        Mixed = "mixed",
    }
}

words! {
    /// How a currency was told.
    CurrencyBasis {
        /// A code, or a sign that one currency alone has.
        Explicit = "explicit",
        /// An adjective before the name.
        Adjective = "adjective",
        /// An earlier use in the document.
        Document = "document",
        /// The dateline's country.
        Dateline = "dateline",
        /// The one country that is named.
        Country = "country",
        /// The pipeline's options.
        Option = "option",
        /// The commonest currency of that name.
        Assumed = "assumed",
    }
}

words! {
    /// Which exchange rate was used.
    FxBasis {
        /// That day's.
        Day = "day",
        /// The last one before that day.
        PreviousDay = "previous_day",
        /// The month's mean.
        Month = "month",
        /// The year's mean.
        Year = "year",
        /// The user's own table.
        User = "user",
    }
}

words! {
    /// The finest part of a date that is stated.
    TimeGrain {
        /// A day.
        Day = "day",
        /// A second.
        Second = "second",
        /// A minute.
        Minute = "minute",
        /// An hour.
        Hour = "hour",
        /// A part of a day.
        PartOfDay = "part_of_day",
        /// A weekend.
        Weekend = "weekend",
        /// A week.
        Week = "week",
        /// A month.
        Month = "month",
        /// A quarter of a year.
        Quarter = "quarter",
        /// A half of a year.
        Half = "half",
        /// A season.
        Season = "season",
        /// A year.
        Year = "year",
        /// Ten years.
        Decade = "decade",
        /// A hundred years.
        Century = "century",
    }
}

words! {
    /// TIMEX3's `mod`: which part of a time, or which side of it.
    TimeMod {
        /// Its beginning.
        Start = "START",
        /// Its middle.
        Mid = "MID",
        /// Its end.
        End = "END",
        /// Near it.
        Approx = "APPROX",
        /// Before it.
        Before = "BEFORE",
        /// After it.
        After = "AFTER",
        /// It or before.
        OnOrBefore = "ON_OR_BEFORE",
        /// It or after.
        OnOrAfter = "ON_OR_AFTER",
        /// Shorter than it.
        LessThan = "LESS_THAN",
        /// Longer than it.
        MoreThan = "MORE_THAN",
        /// As long, or shorter.
        EqualOrLess = "EQUAL_OR_LESS",
        /// As long, or longer.
        EqualOrMore = "EQUAL_OR_MORE",
    }
}

words! {
    /// How a claim's time was told.
    TimeBasis {
        /// Written out in full.
        Explicit = "explicit",
        /// Reckoned from the document's date or an earlier time.
        Relative = "relative",
        /// Taken from a sentence before it, in its paragraph.
        Inherited = "inherited",
        /// The publication date, for want of another.
        Published = "published",
    }
}

words! {
    /// The tense of the clause around a mention.
    Tense {
        /// It is.
        Present = "present",
        /// It was.
        Past = "past",
        /// It will be.
        Future = "future",
    }
}

words! {
    /// Whether it is asserted or denied.
    Polarity {
        /// It is so.
        Affirmed = "affirmed",
        /// It is not so.
        Negated = "negated",
    }
}

words! {
    /// How sure the text is.
    Modality {
        /// It is so.
        Asserted = "asserted",
        /// It may be so.
        Possible = "possible",
        /// It is meant to be so.
        Planned = "planned",
        /// It is so if something else is.
        Conditional = "conditional",
    }
}

words! {
    /// How bad a problem is.
    Severity {
        /// The document is not in the tables.
        Error = "error",
        /// It is, but something in it was lost or left unread.
        Warning = "warning",
    }
}
