//! The machine's own time zone, by its IANA name.

use std::path::Path;

use chrono_tz::Tz;

use super::Env;

/// What `TZ` says, else where `/etc/localtime` points; `None` when neither names a zone we know.
pub(super) fn of_machine(env: &Env) -> Option<Tz> {
    of_variable(env.get("TZ")).or_else(|| of_link(&std::fs::read_link("/etc/localtime").ok()?))
}

/// `TZ` holds a name, or `:` and a name, or the path of a zone file. POSIX rules (`CET-1CEST`) name no zone.
fn of_variable(value: Option<&str>) -> Option<Tz> {
    let value = value?;
    let value = value.strip_prefix(':').unwrap_or(value);
    if value.starts_with('/') { of_link(Path::new(value)) } else { value.parse().ok() }
}

fn of_link(path: &Path) -> Option<Tz> {
    let (_, name) = path.to_str()?.rsplit_once("zoneinfo/")?;
    let name = ["posix/", "right/"].into_iter().find_map(|copy| name.strip_prefix(copy)).unwrap_or(name);
    name.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tz_may_be_a_name_or_a_path_and_posix_rules_are_not_guessed() {
        let check = |value: &str, want: Option<Tz>| assert_eq!(of_variable(Some(value)), want, "{value}");
        check("Asia/Jakarta", Some(Tz::Asia__Jakarta));
        check(":Europe/Rome", Some(Tz::Europe__Rome));
        check("/usr/share/zoneinfo/America/Argentina/Salta", Some(Tz::America__Argentina__Salta));
        check("UTC", Some(Tz::UTC));
        check("CET-1CEST,M3.5.0,M10.5.0/3", None);
        check("Mars/Olympus", None);
        assert_eq!(of_variable(None), None);
    }

    #[test]
    fn the_link_of_etc_localtime_may_be_relative_or_into_a_copy() {
        let check = |path: &str, want: Option<Tz>| assert_eq!(of_link(Path::new(path)), want, "{path}");
        check("../usr/share/zoneinfo/Asia/Makassar", Some(Tz::Asia__Makassar));
        check("/usr/share/zoneinfo/posix/Asia/Tokyo", Some(Tz::Asia__Tokyo));
        check("/var/db/timezone/zoneinfo/Europe/Berlin", Some(Tz::Europe__Berlin));
        check("/etc/somewhere", None);
    }
}
