//! The name a stranger gave a file, made into one that may be written to a folder of ours: no path, no control character, nothing that a
//! system gives a meaning of its own.

use super::attachment::FileKind;
use super::text::Safe;

/// The longest name, in bytes; every file system takes it.
const BYTES: usize = 120;
/// The longest ending that is kept whole.
const ENDING: usize = 16;

/// Endings of files that are programs, or that make another program do as they say.
const PROGRAMS: [&str; 72] = [
    "action",
    "apk",
    "app",
    "appimage",
    "application",
    "appx",
    "bash",
    "bat",
    "bin",
    "chm",
    "cmd",
    "com",
    "command",
    "cpl",
    "csh",
    "deb",
    "desktop",
    "dll",
    "dmg",
    "docm",
    "exe",
    "fileloc",
    "fish",
    "ftploc",
    "gadget",
    "hta",
    "img",
    "inetloc",
    "inf",
    "iso",
    "jar",
    "js",
    "jse",
    "lnk",
    "mobileconfig",
    "mpkg",
    "msc",
    "msi",
    "msix",
    "msp",
    "pif",
    "pkg",
    "pl",
    "pptm",
    "ps1",
    "py",
    "rb",
    "reg",
    "rpm",
    "run",
    "scf",
    "scpt",
    "scptd",
    "scr",
    "sct",
    "settingcontent-ms",
    "sh",
    "terminal",
    "tool",
    "url",
    "vb",
    "vbe",
    "vbs",
    "webloc",
    "workflow",
    "ws",
    "wsc",
    "wsf",
    "wsh",
    "xll",
    "xlsm",
    "zsh",
];

/// How programs begin: those of Linux, Windows and the shell, and macOS's of 32 bits, of 64 and for several machines (as Java's).
const BEGINNINGS: [&[u8]; 8] =
    [b"\x7fELF", b"MZ", b"#!", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe"];

/// Names that Windows keeps for devices, whatever their ending.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

/// A name to save a file under. A file without a name is called by its kind.
pub fn file_name(name: &str, kind: FileKind, mime: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let reserved = |c: char| matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*' | '␤' | '\u{fffd}' | '\u{2400}'..='\u{2421}');
    let clean: String = Safe::line(last).as_str().chars().map(|c| if reserved(c) { '_' } else { c }).collect();
    let clean = clean.trim_start_matches(['.', ' ', '-', '~']).trim_end_matches(['.', ' ']);
    if clean.is_empty() {
        return format!("{}{}", kind.title().replace(' ', "-"), ending_of(kind, mime));
    }
    let stem = clean.split('.').next().unwrap_or(clean).trim_end_matches(|c: char| c.is_ascii_digit()).to_ascii_lowercase();
    let clean = if DEVICES.contains(&stem.as_str()) { format!("_{clean}") } else { clean.to_owned() };
    if clean.len() <= BYTES {
        return clean;
    }
    let (stem, ending) = parts(&clean);
    let ending = if ending.len() <= ENDING { ending } else { "" };
    format!("{}{ending}", &stem[..stem.floor_char_boundary(BYTES - ending.len())])
}

/// The `n`th name to try when the ones before it are taken: `invoice (2).pdf`.
pub fn other_name(name: &str, n: u32) -> String {
    let (stem, ending) = parts(name);
    if n < 2 { name.to_owned() } else { format!("{stem} ({n}){ending}") }
}

/// Whether a file is a program, by its name or by how its content begins.
pub fn is_program(name: &str, content: &[u8]) -> bool {
    let ending = parts(name).1.trim_start_matches('.').to_ascii_lowercase();
    PROGRAMS.contains(&ending.as_str()) || BEGINNINGS.into_iter().any(|start| content.starts_with(start))
}

/// A name's stem, and its ending with the dot.
fn parts(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(at) if at > 0 => name.split_at(at),
        _ => (name, ""),
    }
}

const fn ending_of(kind: FileKind, mime: &str) -> &'static str {
    match (kind, mime.as_bytes()) {
        (_, b"image/png") => ".png",
        (_, b"image/webp") | (FileKind::Sticker, b"") => ".webp",
        (_, b"image/gif") => ".gif",
        (_, b"image/jpeg") | (FileKind::Photo, _) => ".jpg",
        (_, b"audio/mpeg") => ".mp3",
        (FileKind::Voice, _) => ".ogg",
        (FileKind::Video | FileKind::VideoNote | FileKind::Animation, _) => ".mp4",
        (_, b"application/pdf") => ".pdf",
        (_, b"text/plain") => ".txt",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strangers_name_is_a_label_and_no_path() {
        let check = |name: &str, want: &str| assert_eq!(file_name(name, FileKind::Document, "application/pdf"), want, "{name:?}");
        check("Rechnung März.pdf", "Rechnung März.pdf");
        check("../../../etc/passwd", "passwd");
        check("C:\\Windows\\system.ini", "system.ini");
        check("a\u{202e}fdp.exe", "afdp.exe");
        check(".bashrc", "bashrc");
        check("-rf", "rf");
        check("con.txt", "_con.txt");
        check("COM1", "_COM1");
        check("a\nb\u{0}c:d?.txt", "a_b_c_d_.txt");
        check("report.pdf. . ", "report.pdf");
        check("", "file.pdf");
        check("...", "file.pdf");
        check("/", "file.pdf");
        assert_eq!(file_name("", FileKind::Photo, ""), "photo.jpg");
        assert_eq!(file_name("", FileKind::VideoNote, ""), "video-message.mp4");
        let long = file_name(&format!("{}.pdf", "é".repeat(5_000)), FileKind::Document, "");
        assert!(long.len() <= BYTES && long.ends_with("é.pdf"), "{long}");
    }

    #[test]
    fn a_name_that_is_taken_gets_a_number_before_its_ending() {
        assert_eq!(other_name("a.tar.gz", 1), "a.tar.gz");
        assert_eq!(other_name("invoice.pdf", 2), "invoice (2).pdf");
        assert_eq!(other_name("README", 3), "README (3)");
    }

    #[test]
    fn programs_are_known_by_their_ending_or_their_beginning() {
        for name in ["x.EXE", "photo.jpg.scr", "a.desktop", "run.sh", "macro.docm", "a.terminal", "b.inetloc", "c.iso", "d.xll", "e.msix"] {
            assert!(is_program(name, b""), "{name}");
        }
        for start in [[0xfe, 0xed, 0xfa, 0xce], [0xce, 0xfa, 0xed, 0xfe], [0xcf, 0xfa, 0xed, 0xfe], [0xca, 0xfe, 0xba, 0xbe]] {
            assert!(is_program("photo.jpg", &start), "{start:x?}");
        }
        assert!(is_program("photo.jpg", b"\x7fELF\x02") && is_program("notes", b"#!/bin/sh") && is_program("x.pdf", b"MZ\x90"));
        assert!(!is_program("invoice.pdf", b"%PDF-1.7") && !is_program("photo.jpg", b"\xff\xd8\xff"));
    }
}
