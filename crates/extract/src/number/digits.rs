//! The digits of a token to a decimal. No language: the separators of all are told apart by shape.

use claimline_model::Decimal;

use super::quotient;

/// Reads `1200`, `1,200.5`, `1.200,5`, `1,00,000`, `.08`, `12,5`; nothing that holds `:` or `/`, and
/// nothing with more digits than a decimal can hold (28).
pub(super) fn decimal(text: &str) -> Option<Decimal> {
    let bytes = text.as_bytes();
    let (mut commas, mut dots) = (0, 0);
    for byte in bytes {
        match byte {
            b'0'..=b'9' => {}
            b',' => commas += 1,
            b'.' => dots += 1,
            _ => return None,
        }
    }
    let last_dot = text.rfind('.');
    let last_comma = text.rfind(',');
    let digits_behind = |at: usize| bytes.len() - at - 1;
    let point = match (commas, dots) {
        (0, 0) => None,
        (0, 1) => last_dot,
        (1, 0) => last_comma.filter(|at| digits_behind(*at) != 3),
        (_, 0) => None,
        // 1.234.567 groups, 10.20.30 does not.
        (0, _) => {
            let mut groups = text.split('.');
            let first = groups.next().is_some_and(|group| (1..=3).contains(&group.len()));
            return (first && groups.all(|group| group.len() == 3)).then(|| digits(bytes, None)).flatten();
        }
        // Whichever comes last is the point, and there is one of it.
        _ if last_dot > last_comma => last_dot.filter(|_| dots == 1),
        _ => last_comma.filter(|_| commas == 1),
    };
    if commas > 0 && dots > 0 && point.is_none() {
        return None;
    }
    digits(bytes, point)
}

/// Digits with the decimal point at `point`; other separators are passed over.
fn digits(bytes: &[u8], point: Option<usize>) -> Option<Decimal> {
    let mut value: i128 = 0;
    let mut scale = 0;
    for (at, byte) in bytes.iter().enumerate() {
        if byte.is_ascii_digit() {
            value = value.checked_mul(10)?.checked_add(i128::from(byte - b'0'))?;
            scale += u32::from(point.is_some_and(|point| at > point));
        }
    }
    Decimal::try_from_i128_with_scale(value, scale).ok()
}

/// Reads `3/4` and `½`, numerator and denominator. A proper fraction, or there would be no telling
/// it from a date or a pair (`9/11`, `24/7`): the denominators are those that prices and recipes use.
pub(super) fn fraction(text: &str) -> Option<Decimal> {
    let part = |numerator: u32, denominator: u32| quotient(numerator.into(), denominator.into());
    if let Some((numerator, denominator)) = text.split_once('/') {
        let (numerator, denominator): (u32, u32) = (numerator.parse().ok()?, denominator.parse().ok()?);
        let usual = matches!(denominator, 2..=6 | 8 | 10 | 16 | 32 | 64 | 128);
        return part(numerator, denominator).filter(|_| usual && 0 < numerator && numerator < denominator);
    }
    match text {
        "½" => part(1, 2),
        "⅓" => part(1, 3),
        "⅔" => part(2, 3),
        "¼" => part(1, 4),
        "¾" => part(3, 4),
        "⅕" => part(1, 5),
        "⅖" => part(2, 5),
        "⅗" => part(3, 5),
        "⅘" => part(4, 5),
        "⅙" => part(1, 6),
        "⅚" => part(5, 6),
        "⅛" => part(1, 8),
        "⅜" => part(3, 8),
        "⅝" => part(5, 8),
        "⅞" => part(7, 8),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_points_from_separators() {
        for (text, expected) in [
            ("1200", "1200"),
            ("1,200.5", "1200.5"),
            ("1.200,5", "1200.5"),
            ("1,00,000", "100000"),
            (".08", "0.08"),
            ("12,5", "12.5"),
            ("12.500", "12.500"),
            ("1.234.567", "1234567"),
            ("1,234,567", "1234567"),
        ] {
            assert_eq!(decimal(text).map(|d| d.to_string()).as_deref(), Some(expected), "{text}");
        }
        for text in ["10:30", "1/2", "17.06.2025", "1.2,3.4", &"9".repeat(40)] {
            assert_eq!(decimal(text), None, "{text}");
        }
    }
}
