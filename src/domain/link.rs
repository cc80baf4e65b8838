//! Links in a text: where they stand, and where they lead, written so that a terminal or a browser can be told. Only web pages, mail
//! addresses and telephone numbers are links; any other scheme stays text.

use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

use linkify::{LinkFinder, LinkKind};

/// The most links that are found in one text.
const MOST: usize = 50;
/// A longer address than this no terminal takes (VTE's limit is 2,083 bytes).
const URL_BYTES: usize = 2_000;
/// The schemes that are ever followed.
const SCHEMES: [&str; 4] = ["https://", "http://", "mailto:", "tel:"];

/// Where a link leads: printable ASCII with an allowed scheme, percent-encoded where it was anything else.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Url(Arc<str>);

/// A link and where it stands in its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The bytes of the text that are the link.
    pub at: Range<usize>,
    /// Where it leads.
    pub url: Url,
}

impl Url {
    /// The address of that text, if it is one that may be followed.
    pub fn of(text: &str) -> Option<Self> {
        let scheme = SCHEMES.into_iter().find(|scheme| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))?;
        let mut url = scheme.to_owned();
        for byte in text[scheme.len()..].bytes() {
            match byte {
                b'!' | b'#'..=b';' | b'=' | b'?'..=b'[' | b']' | b'_' | b'a'..=b'z' | b'~' => url.push(char::from(byte)),
                // Writing to a String cannot fail.
                _ => drop(write!(url, "%{byte:02X}")),
            }
        }
        (url.len() > scheme.len() && url.len() <= URL_BYTES).then(|| Self(url.into()))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address, shared.
    pub fn shared(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }

    /// Where it really leads, in a few words: the host of a page (what stands before an `@` is only its user's name), else the address itself.
    pub fn host(&self) -> &str {
        let Some((_, rest)) = self.0.split_once("://") else { return self.0.split_once(':').map_or(&*self.0, |(_, to)| to) };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
        authority.rsplit_once('@').map_or(authority, |(_, host)| host)
    }
}

/// The links of a text, in its order.
pub fn links(text: &str) -> Vec<Link> {
    let hopeful = text.contains("://") || text.contains('@') || text.contains("www.") || text.contains("WWW.");
    if !hopeful {
        return Vec::new();
    }
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url, LinkKind::Email]).url_must_have_scheme(false);
    let link = |found: linkify::Link<'_>| {
        let words = found.as_str();
        let www = words.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("www."));
        let url = match found.kind() {
            LinkKind::Email => Url::of(&format!("mailto:{words}")),
            _ if www => Url::of(&format!("https://{words}")),
            _ => Url::of(words),
        };
        url.map(|url| Link { at: found.start()..found.end(), url })
    };
    finder.links(text).filter_map(link).take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_and_addresses_are_found_and_nothing_else() {
        let check = |text: &str, want: &[&str]| {
            let found = links(text);
            assert_eq!(found.iter().map(|link| link.url.as_str()).collect::<Vec<_>>(), want, "{text}");
        };
        check("see https://example.org/a?b=c#d, please", &["https://example.org/a?b=c#d"]);
        check("(HTTP://Example.org/x)", &["http://Example.org/x"]);
        check("www.example.org or leila@example.org", &["https://www.example.org", "mailto:leila@example.org"]);
        check("invoice.pdf, 1.2.3, besok.jam, a@b", &[]);
        check("file:///etc/passwd javascript:alert(1) ssh://host ftp://host/x data:text/html,x", &[]);
        check("https://example.org/größe", &["https://example.org/gr%C3%B6%C3%9Fe"]);
        check(&"https://e.org ".repeat(200), &["https://e.org"; MOST]);
        check(&format!("https://e.org/{}", "x".repeat(URL_BYTES)), &[]);
    }

    #[test]
    fn an_address_holds_nothing_a_terminal_could_obey() {
        for c in '\0'..=char::MAX {
            if let Some(url) = Url::of(&format!("https://e.org/{c}")) {
                assert!(url.as_str().bytes().all(|byte| (0x21..=0x7e).contains(&byte)), "{:x}", c as u32);
            }
        }
        assert_eq!(Url::of("https://e.org/\x1b\\;x").unwrap().as_str(), "https://e.org/%1B%5C;x");
        assert_eq!(Url::of("https://"), None);
    }

    #[test]
    fn the_host_is_where_it_leads_and_not_what_it_looks_like() {
        let check = |url: &str, want: &str| assert_eq!(Url::of(url).unwrap().host(), want);
        check("https://bank.example@evil.example/login", "evil.example");
        check("https://evil.example/bank.example", "evil.example");
        check("https://evil.example?bank.example", "evil.example");
        check("mailto:leila@example.org", "leila@example.org");
        check("tel:+6281", "+6281");
    }
}
