//! Text to tokens, in one pass.

use crate::class::CLASSES;
use crate::token::{OFFSET, step, step_char};
use crate::{Class, Kind, Token, WordMap, hash_of, word};

/// The lower-cased byte of an ASCII letter or digit, else 0.
const LOWER: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        if (byte as u8).is_ascii_alphanumeric() {
            table[byte] = (byte as u8).to_ascii_lowercase();
        }
        byte += 1;
    }
    table
};

/// Signs of currencies that are letters, as CLDR has them: rupee, rupiah, ringgit, krone.
const SIGNS: [&str; 4] = ["Rs", "Rp", "RM", "Kr"];

/// What follows the apostrophe of a clitic.
const CLITICS: [&str; 6] = ["s", "re", "ve", "ll", "d", "m"];

pub(crate) struct Scanner<'t> {
    text: &'t str,
    bytes: &'t [u8],
    end: usize,
    at: usize,
    classes: &'static WordMap<Class>,
}

/// What the scanner comes upon.
pub(crate) enum Item {
    Token(Token),
    /// One word that is two tokens: `did|n't`, `can|not`.
    Pair(Token, Token),
    /// A blank line, or a line that is indented as newswire indents a paragraph.
    ParagraphEnd,
}

impl<'t> Scanner<'t> {
    /// Scans `start..end`, which must lie on character boundaries.
    pub(crate) fn new(text: &'t str, start: usize, end: usize) -> Self {
        Self { text, bytes: &text.as_bytes()[..end], end, at: start, classes: &CLASSES }
    }

    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    fn char(&self, at: usize) -> Option<char> {
        match self.bytes.get(at) {
            Some(byte) if byte.is_ascii() => Some(*byte as char),
            Some(_) => self.text.get(at..self.end)?.chars().next(),
            None => None,
        }
    }

    fn is_digit(&self, at: usize) -> bool {
        self.byte(at).is_ascii_digit()
    }

    fn is_letter(&self, at: usize) -> bool {
        match self.byte(at) {
            byte if byte.is_ascii() => byte.is_ascii_alphabetic(),
            _ => self.char(at).is_some_and(char::is_alphabetic),
        }
    }

    fn is_alphanumeric(&self, at: usize) -> bool {
        LOWER[self.byte(at) as usize] != 0 || self.is_letter(at)
    }

    /// The length of an apostrophe at `at`, straight or curled; 0 if there is none.
    fn apostrophe(&self, at: usize) -> usize {
        match self.byte(at) {
            b'\'' => 1,
            0xE2 if self.bytes[at..].starts_with("\u{2019}".as_bytes()) => 3,
            _ => 0,
        }
    }

    fn token(&self, start: usize, end: usize, hash: u64, kind: Kind, class: Class) -> Item {
        Item::Token(Token { hash, start: start as u32, end: end as u32, kind, class })
    }

    /// White space: whether a paragraph ends in it. Leaves `at` behind it.
    fn space(&mut self) -> bool {
        let (mut newlines, mut indent) = (0, 0);
        while self.at < self.end {
            match self.byte(self.at) {
                b'\n' => (newlines, indent) = (newlines + 1, 0),
                b' ' | b'\t' => indent += 1,
                b'\r' | 0x0B | 0x0C => {}
                byte if byte.is_ascii() => break,
                _ => match self.char(self.at) {
                    Some(c) if c.is_whitespace() => self.at += c.len_utf8() - 1,
                    _ => break,
                },
            }
            self.at += 1;
        }
        newlines > 1 || (newlines == 1 && indent >= 4)
    }

    /// A word from `start`, clitics apart.
    fn word(&mut self, start: usize) -> Item {
        let (mut at, mut hash, mut dotted) = (start, OFFSET, false);
        let mut segment = start;
        loop {
            let byte = self.byte(at);
            let lower = LOWER[byte as usize];
            if lower != 0 {
                if byte.is_ascii_digit() && self.is_code(start, at) {
                    break;
                }
                hash = step(hash, lower);
                at += 1;
                continue;
            }
            match byte {
                b'.' if at > start && self.goes_on_behind_dot(segment, at) => {
                    dotted = true;
                    segment = at + 1;
                }
                b'-' if self.is_letter(at + 1) && self.is_prefix(hash) => {}
                b'&' | b'@' | b'_' if at > start && self.is_alphanumeric(at + 1) => {}
                b':' if self.bytes[at..].starts_with(b"://") => return self.address(start),
                b'$' if self.is_country_of_dollars(start, at) => {
                    self.at = at + 1;
                    return self.token(start, at + 1, step(hash, b'$'), Kind::Symbol, Class::default());
                }
                b'\'' | 0xE2 if self.apostrophe(at) > 0 => {
                    let behind = at + self.apostrophe(at);
                    if let Some(pair) = self.negation(start, at, behind) {
                        return pair;
                    }
                    if !self.is_letter(behind) || self.clitic_end(behind).is_some() {
                        break;
                    }
                    hash = step(hash, b'\'');
                    at = behind;
                    continue;
                }
                byte if byte >= 0x80 => {
                    let Some(c) = self.char(at) else { break };
                    // Combining marks and joiners belong to the letter before them.
                    let joins = at > start && matches!(c as u32, 0x300..=0x36F | 0xAD | 0x200B..=0x200D);
                    if !(c.is_alphanumeric() || joins) {
                        break;
                    }
                    hash = step_char(hash, c);
                    at += c.len_utf8();
                    continue;
                }
                _ => break,
            }
            hash = step(hash, byte);
            at += 1;
        }
        let class = self.classes.get(hash).copied().unwrap_or_default();
        if hash == const { word("cannot") } {
            return self.pair(start, start + 3, at);
        }
        if self.byte(at) == b'.' && self.byte(at + 1) != b'.' && self.takes_stop(start, at, dotted, class) {
            at += 1;
        }
        self.at = at;
        self.token(start, at, hash, Kind::Word, class)
    }

    /// Whether the letters of this hash are a prefix, which a hyphen joins to its word.
    fn is_prefix(&self, hash: u64) -> bool {
        self.classes.get(hash).is_some_and(|class| class.has(Class::PREFIX))
    }

    /// Whether the dot at `at` stands inside a word (`U.S`, `example.com`, `Ph.D`), not between two
    /// sentences whose space is missing (`end.Next`).
    fn goes_on_behind_dot(&self, segment: usize, at: usize) -> bool {
        let upper = |at| self.char(at).is_some_and(char::is_uppercase);
        self.is_letter(at + 1)
            && (!upper(at + 1) || at - segment <= 2 || self.bytes[at - 1].is_ascii_uppercase())
    }

    /// Whether the stop behind a word belongs to it.
    fn takes_stop(&self, start: usize, at: usize, dotted: bool, class: Class) -> bool {
        if dotted {
            // `U.S.`, `a.m.`, `Ph.D.`, but not the address at a sentence's end.
            return self.text[start..at].split('.').all(|part| part.len() <= 3);
        }
        if class.has(Class::BEFORE_NUMBER) {
            let behind = self.bytes[at + 1..].iter().position(|b| *b != b' ' && *b != b'\n');
            return behind.is_some_and(|skip| self.is_digit(at + 1 + skip));
        }
        let initial = at - start == 1 && self.byte(start).is_ascii_uppercase();
        initial || class.has(Class::TITLE | Class::ABBREVIATION)
    }

    /// Whether the letters before the digits at `at` are a sign of their own: three capitals, which
    /// are more often the code of a currency than a name (`EUR50m`), the letters of a currency's sign
    /// (`Rs20`), or a few letters before a number with a separator (`QR1,599`).
    fn is_code(&self, start: usize, at: usize) -> bool {
        let letters = &self.bytes[start..at];
        if letters.len() > 3 || !letters.iter().all(u8::is_ascii_alphabetic) {
            return false;
        }
        let digits = self.bytes[at..].iter().take_while(|b| b.is_ascii_digit()).count();
        let separated = matches!(self.byte(at + digits), b',' | b'.') && self.is_digit(at + digits + 1);
        let sign = SIGNS.iter().any(|sign| sign.as_bytes() == letters);
        separated || sign || letters.len() == 3 && letters.iter().all(u8::is_ascii_uppercase)
    }

    /// `US$`, `C$`, `HK$`: up to three capitals before a dollar sign.
    fn is_country_of_dollars(&self, start: usize, at: usize) -> bool {
        (1..=3).contains(&(at - start)) && self.bytes[start..at].iter().all(u8::is_ascii_uppercase)
    }

    /// An address with a scheme, up to the next white space.
    fn address(&mut self, start: usize) -> Item {
        let rest = &self.text[start..self.end];
        let end = start + rest.find(char::is_whitespace).unwrap_or(rest.len());
        let end = start + self.text[start..end].trim_end_matches(['.', ',', ')', '"']).len();
        self.at = end;
        self.token(start, end, hash_of(&self.text[start..end]), Kind::Word, Class::default())
    }

    fn pair(&mut self, start: usize, middle: usize, end: usize) -> Item {
        self.at = end;
        let half = |from: usize, to: usize| {
            let hash = hash_of(&self.text[from..to]);
            let class = self.classes.get(hash).copied().unwrap_or_default();
            Token { hash, start: from as u32, end: to as u32, kind: Kind::Word, class }
        };
        Item::Pair(half(start, middle), half(middle, end))
    }

    /// `did|n't` at the apostrophe.
    fn negation(&mut self, start: usize, at: usize, behind: usize) -> Option<Item> {
        let n = at.checked_sub(1).filter(|n| *n > start && self.byte(*n) | 0x20 == b'n')?;
        let t = self.byte(behind) | 0x20 == b't' && !self.is_alphanumeric(behind + 1);
        t.then(|| self.pair(start, n, behind + 1))
    }

    /// Where the clitic that begins behind an apostrophe ends, if it is one.
    fn clitic_end(&self, behind: usize) -> Option<usize> {
        let ends = CLITICS.iter().map(|clitic| behind + clitic.len());
        let mut ends = ends.zip(CLITICS).filter(|(end, clitic)| {
            self.bytes.get(behind..*end).is_some_and(|b| b.eq_ignore_ascii_case(clitic.as_bytes()))
                && !self.is_alphanumeric(*end)
        });
        ends.next().map(|(end, _)| end)
    }

    /// A number from `start`: digits, with points, commas, colons or slashes between them.
    fn number(&mut self, start: usize) -> Item {
        let mut at = start;
        let mut hash = OFFSET;
        loop {
            let byte = self.byte(at);
            let goes_on = match byte {
                b'0'..=b'9' => true,
                b'.' | b':' | b'/' => self.is_digit(at + 1),
                b',' => at > start && self.groups_behind_comma(at),
                _ => false,
            };
            if !goes_on {
                break;
            }
            hash = step(hash, byte);
            at += 1;
        }
        // `3rd`, `1980s`
        let suffix = match [self.byte(at) | 0x20, self.byte(at + 1) | 0x20] {
            [b's', b't'] | [b'n', b'd'] | [b'r', b'd'] | [b't', b'h'] => 2,
            [b's', _] if at - start >= 2 && self.byte(at - 1) == b'0' => 1,
            _ => 0,
        };
        if suffix > 0 && !self.is_alphanumeric(at + suffix) {
            for byte in &self.bytes[at..at + suffix] {
                hash = step(hash, byte | 0x20);
            }
            at += suffix;
        }
        self.at = at;
        self.token(start, at, hash, Kind::Number, Class::default())
    }

    /// Whether a comma at `at` is inside a number: before three digits, before two of an Indian
    /// grouping (`1,00,000`), or as a decimal comma before one or two last digits.
    fn groups_behind_comma(&self, at: usize) -> bool {
        let digits = self.bytes[at + 1..].iter().take(4).take_while(|b| b.is_ascii_digit()).count();
        let behind = at + 1 + digits;
        let separated = matches!(self.byte(behind), b',' | b'.') && self.is_digit(behind + 1);
        match digits {
            3 => true,
            2 => !separated || self.byte(behind) == b',',
            1 => !separated,
            _ => false,
        }
    }

    /// Where an emoticon ends that begins at `start`: eyes, perhaps a nose, a mouth, nothing behind.
    fn emoticon_end(&self, start: usize) -> Option<usize> {
        if !matches!(self.byte(start), b':' | b';' | b'=') {
            return None;
        }
        let mouth = start + 1 + usize::from(matches!(self.byte(start + 1), b'-' | b'^'));
        let letter = match self.byte(mouth) {
            b')' | b'(' | b']' => false,
            b'D' | b'P' | b'p' => true,
            _ => return None,
        };
        let alone = !letter || start == 0 || self.bytes[start - 1].is_ascii_whitespace();
        (alone && !self.is_alphanumeric(mouth + 1)).then_some(mouth + 1)
    }

    fn sign(&mut self, start: usize, c: char) -> Item {
        if let Some(end) = self.emoticon_end(start) {
            self.at = end;
            let hash = hash_of(&self.text[start..end]);
            return self.token(start, end, hash, Kind::Symbol, Class::default());
        }
        let mut at = start + c.len_utf8();
        let run: &[u8] = match c {
            '!' | '?' => b"!?",
            '-' => b"-",
            '.' => b".",
            '=' => b"=",
            '*' => b"*",
            '_' => b"_",
            '~' => b"~",
            '#' => b"#",
            '<' => b"<",
            '>' => b">",
            _ => b"",
        };
        while at < self.end && run.contains(&self.bytes[at]) {
            at += 1;
        }
        if c == '$' {
            // `$US5`, `$A5`: up to two capitals between the sign and the digits.
            let capitals = self.bytes[at..].iter().take_while(|b| b.is_ascii_uppercase()).count();
            at += if capitals <= 2 && self.is_digit(at + capitals) { capitals } else { 0 };
        }
        let kind = if is_punctuation(c) { Kind::Punctuation } else { Kind::Symbol };
        self.at = at;
        let hash = hash_of(&self.text[start..at]);
        self.token(start, at, hash, kind, Class::default())
    }
}

impl Iterator for Scanner<'_> {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        let before = self.at;
        if self.space() && before < self.at {
            return Some(Item::ParagraphEnd);
        }
        let start = self.at;
        let byte = *self.bytes.get(start)?;
        Some(match byte {
            b'0'..=b'9' => self.number(start),
            b'.' if self.is_digit(start + 1) && (start == 0 || !self.follows_number_or_word(start)) => {
                self.number(start)
            }
            byte if LOWER[byte as usize] != 0 => self.word(start),
            _ => {
                let apostrophe = self.apostrophe(start);
                if apostrophe > 0
                    && start > 0
                    && self.follows_number_or_word(start)
                    && let Some(end) = self.clitic_end(start + apostrophe)
                {
                    self.at = end;
                    let hash = hash_of(&self.text[start..end]);
                    let class = self.classes.get(hash).copied().unwrap_or_default();
                    return Some(self.token(start, end, hash, Kind::Word, class));
                }
                match self.char(start)? {
                    c if c.is_alphabetic() => self.word(start),
                    c if c.is_numeric() => {
                        self.at = start + c.len_utf8();
                        self.token(start, self.at, step_char(OFFSET, c), Kind::Number, Class::default())
                    }
                    c => self.sign(start, c),
                }
            }
        })
    }
}

impl Scanner<'_> {
    fn follows_number_or_word(&self, at: usize) -> bool {
        self.text[..at].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '.')
    }
}

pub(crate) fn is_punctuation(c: char) -> bool {
    match c {
        '$' | '%' | '&' | '+' | '<' | '=' | '>' | '@' | '#' | '^' | '`' | '|' | '~' | '*' | '\\' | '_' => {
            false
        }
        c if c.is_ascii() => true,
        // General and supplemental punctuation, CJK punctuation, and the Latin-1 marks.
        '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205E}' | '\u{2E00}'..='\u{2E7F}' => {
            !matches!(c, '\u{2030}' | '\u{2031}' | '\u{2032}' | '\u{2033}' | '\u{2044}')
        }
        '\u{3001}'..='\u{3011}' | '\u{A1}' | '\u{AB}' | '\u{B7}' | '\u{BB}' | '\u{BF}' => true,
        _ => false,
    }
}
