//! Names that were mistyped: what was probably meant.

/// How many letters have to be added, dropped or changed to make one word of the other.
pub fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

/// What to say of a name that none of the known ones is: the one that was probably meant, else what there is.
pub fn hint(name: &str, known: &[String]) -> String {
    let typed = name.trim().to_lowercase();
    let near = known.iter().map(|known| (distance(&typed, &known.to_lowercase()), known)).min();
    match near {
        // A third of the letters may be wrong; further off it is a guess.
        Some((far, known)) if far <= known.chars().count() / 3 => format!("did you mean {known:?}?"),
        Some(_) => format!("there are {}", known.join(", ")),
        None => "there are none yet".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_name_is_answered_with_the_one_that_was_meant() {
        let known = ["Teller".to_owned(), "Service".to_owned()];
        let check = |name: &str, want: &str| assert_eq!(hint(name, &known), want, "{name}");
        check("servise", "did you mean \"Service\"?");
        check(" TELER ", "did you mean \"Teller\"?");
        check("X-ray", "there are Teller, Service");
        assert_eq!(hint("X-ray", &[]), "there are none yet");
    }
}
