//! Lengths of time and sizes as people write them: `40 ms`, `5s`, `30 days`; `512 kB`, `20 MB`.

use crate::domain::time::Span;

/// A length of time with its unit; `0` needs none.
pub(super) fn span(text: &str) -> Option<Span> {
    let (number, unit) = parts(text)?;
    let micros = match unit {
        "" if number == 0 => 0,
        "ms" => 1_000,
        "s" | "sec" | "second" | "seconds" => 1_000_000,
        "m" | "min" | "minute" | "minutes" => 60_000_000,
        "h" | "hour" | "hours" => 3_600_000_000,
        "d" | "day" | "days" => 86_400_000_000,
        _ => return None,
    };
    number.checked_mul(micros).map(Span)
}

/// A number of bytes with its unit (powers of 1,000, or of 1,024 as `KiB`, `MiB`, `GiB`); `0` needs none.
pub(super) fn bytes(text: &str) -> Option<u64> {
    let (number, unit) = parts(text)?;
    let factor = match unit {
        "" if number == 0 => 0,
        "B" => 1,
        "kB" | "KB" | "k" => 1_000,
        "MB" | "M" => 1_000_000,
        "GB" | "G" => 1_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    number.checked_mul(factor).and_then(|bytes| u64::try_from(bytes).ok())
}

fn parts(text: &str) -> Option<(i64, &str)> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    Some((text[..digits].parse().ok()?, text[digits..].trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_needs_a_whole_number_and_a_unit() {
        let check = |text: &str, want: Option<i64>| assert_eq!(span(text), want.map(Span), "{text:?}");
        check("40ms", Some(40_000));
        check(" 5 s ", Some(5_000_000));
        check("2 min", Some(120_000_000));
        check("30 days", Some(2_592_000_000_000));
        check("0", Some(0));
        check("5", None);
        check("-5s", None);
        check("1.5s", None);
        check("s", None);
        check("", None);
        check("5 fortnights", None);
        check("9223372036854775807 days", None);
    }

    #[test]
    fn a_size_needs_a_whole_number_and_a_unit() {
        let check = |text: &str, want: Option<u64>| assert_eq!(bytes(text), want, "{text:?}");
        check("20 MB", Some(20_000_000));
        check("512kB", Some(512_000));
        check("2GB", Some(2_000_000_000));
        check("17", None);
        check("99999999999 GB", None);
        check("twenty MB", None);
    }
}
