//! What a terminal can do, judged from the environment that came with it (the process's own for the local tty, the client's for a remote
//! one). Nothing is read here: the variables are passed in.

use std::collections::BTreeMap;

/// How many colours there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// None at all; attributes (bold, underline, reverse) remain.
    None,
    /// The sixteen of the terminal's palette.
    #[default]
    Sixteen,
    /// The xterm 256.
    Indexed,
    /// 24 bit.
    True,
}

/// How a terminal passes a notification on to the desktop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Notification {
    /// It does not, or nobody knows.
    #[default]
    None,
    /// `OSC 9` (iTerm2's).
    Osc9,
    /// `OSC 777` (urxvt's).
    Osc777,
}

/// What a terminal can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// How many colours it has.
    pub depth: Depth,
    /// It shows more than ASCII.
    pub unicode: bool,
    /// It moves the cursor and clears the screen; a terminal that cannot (`TERM=dumb`) gets no screen at all.
    pub addressable: bool,
    /// Erasing paints the current background, and `CSI X` erases a run. GNU screen does neither.
    pub erase_with_colour: bool,
    /// OSC 52 puts text on its clipboard, or is at least ignored. The Linux console prints what it does not know.
    pub clipboard: bool,
    /// OSC 8 makes text a link, or is at least ignored.
    pub hyperlinks: bool,
    /// It answers questions about itself, or at least swallows them. The Linux console prints what it does not know.
    pub answers: bool,
    /// It may be asked how it takes pictures. Apple's terminal prints the question.
    pub pictures: bool,
    /// It may be asked for the mouse. GNU screen then holds back a lone ESC until another key follows, so that Escape would come too late.
    pub mouse: bool,
    /// Its background is light, as far as the environment tells.
    pub light: bool,
    /// `OSC 2` sets the title of its window, or is at least ignored.
    pub title: bool,
    /// How it shows a notification.
    pub notification: Notification,
}

impl Default for Caps {
    /// A common terminal of which nothing is known: sixteen colours, Unicode.
    fn default() -> Self {
        Self {
            depth: Depth::Sixteen,
            unicode: true,
            addressable: true,
            erase_with_colour: true,
            clipboard: true,
            hyperlinks: true,
            answers: true,
            pictures: false,
            mouse: true,
            light: false,
            title: true,
            notification: Notification::None,
        }
    }
}

impl Caps {
    /// From the variables `TERM`, `COLORTERM`, `NO_COLOR` (any value but the empty one, as no-color.org asks), `LC_ALL`, `LC_CTYPE`, `LANG`
    /// (the first that is set and not empty decides, as POSIX asks), `STY` (inside GNU screen) and `COLORFGBG` (rxvt's and Konsole's numbers of
    /// foreground and background among the sixteen).
    pub fn from_env(env: &BTreeMap<String, String>) -> Self {
        let var = |name: &str| env.get(name).map(String::as_str).filter(|value| !value.is_empty());
        let term = var("TERM").unwrap_or("dumb");
        let dumb = matches!(term, "dumb" | "unknown");
        let gnu_screen = var("STY").is_some() || (term.starts_with("screen") && var("TMUX").is_none());
        let console = term == "linux";
        let colours = match var("COLORTERM") {
            Some("truecolor" | "24bit") => Depth::True,
            _ if term.ends_with("-direct") || matches!(term, "xterm-kitty" | "xterm-ghostty" | "alacritty" | "foot" | "wezterm") => {
                Depth::True
            }
            _ if term.contains("256color") => Depth::Indexed,
            _ if term.starts_with("vt1") || term.starts_with("vt2") || term.ends_with("-mono") => Depth::None,
            _ => Depth::Sixteen,
        };
        let utf8 = var("LC_ALL").or_else(|| var("LC_CTYPE")).or_else(|| var("LANG")).is_some_and(|locale| {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        });
        Self {
            depth: if dumb || var("NO_COLOR").is_some() { Depth::None } else { colours },
            // The console's font has a few hundred characters; our marks are not among them.
            unicode: utf8 && !dumb && !console,
            addressable: !dumb,
            erase_with_colour: !gnu_screen,
            clipboard: !dumb && !console,
            // GNU screen keeps what it is asked for the terminal around it, and asks that again whenever its window is shown.
            answers: !dumb && !console && !gnu_screen,
            pictures: !dumb && !console && !gnu_screen && var("TERM_PROGRAM") != Some("Apple_Terminal"),
            mouse: !gnu_screen,
            hyperlinks: !dumb && !console && !gnu_screen,
            title: !dumb && !console,
            notification: notification(term, &var),
            light: matches!(var("COLORFGBG").and_then(|both| both.rsplit(';').next()), Some("7" | "15")),
        }
    }
}

/// By the terminal's own name. Inside tmux and GNU screen, which pass neither on, only the bell is left.
fn notification<'a>(term: &str, var: &impl Fn(&str) -> Option<&'a str>) -> Notification {
    if var("TMUX").is_some() || var("STY").is_some() || term.starts_with("tmux") || term.starts_with("screen") {
        return Notification::None;
    }
    let program = var("TERM_PROGRAM").unwrap_or_default();
    if matches!(term, "xterm-kitty" | "xterm-ghostty" | "wezterm") || matches!(program, "iTerm.app" | "WezTerm" | "ghostty" | "kitty") {
        Notification::Osc9
    } else if term.starts_with("foot") || term.starts_with("rxvt-unicode") || var("VTE_VERSION").is_some() {
        Notification::Osc777
    } else {
        Notification::None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caps(vars: &[(&str, &str)]) -> Caps {
        Caps::from_env(&vars.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn colours_follow_term_and_colorterm_and_no_color_wins() {
        let check = |vars: &[(&str, &str)], want: Depth| assert_eq!(caps(vars).depth, want, "{vars:?}");
        check(&[("TERM", "xterm")], Depth::Sixteen);
        check(&[("TERM", "xterm-256color")], Depth::Indexed);
        check(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")], Depth::True);
        check(&[("TERM", "xterm-kitty")], Depth::True);
        check(&[("TERM", "vt220")], Depth::None);
        check(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("NO_COLOR", "1")], Depth::None);
        check(&[("TERM", "xterm-256color"), ("NO_COLOR", "")], Depth::Indexed);
        check(&[("TERM", "dumb"), ("COLORTERM", "truecolor")], Depth::None);
        check(&[], Depth::None);
    }

    #[test]
    fn the_first_locale_variable_that_is_set_decides_about_unicode() {
        let check = |vars: &[(&str, &str)], want: bool| {
            let vars: Vec<_> = vars.iter().copied().chain([("TERM", "xterm")]).collect();
            assert_eq!(caps(&vars).unicode, want, "{vars:?}");
        };
        check(&[("LANG", "en_GB.UTF-8")], true);
        check(&[("LANG", "C.utf8")], true);
        check(&[("LANG", "en_GB.UTF-8"), ("LC_ALL", "C")], false);
        check(&[("LANG", "C"), ("LC_CTYPE", "UTF-8")], true);
        check(&[("LANG", "en_GB.UTF-8"), ("LC_ALL", "")], true);
        check(&[], false);
    }

    #[test]
    fn a_light_background_is_known_from_colorfgbg() {
        let check = |value: &str, want: bool| assert_eq!(caps(&[("TERM", "xterm"), ("COLORFGBG", value)]).light, want, "{value}");
        check("0;15", true);
        check("0;default;15", true);
        check("0;7", true);
        check("15;0", false);
        check("15;default", false);
        assert!(!caps(&[("TERM", "xterm")]).light);
    }

    #[test]
    fn a_notification_goes_only_to_terminals_known_to_take_it() {
        let check = |vars: &[(&str, &str)], want: Notification| assert_eq!(caps(vars).notification, want, "{vars:?}");
        check(&[("TERM", "xterm-kitty")], Notification::Osc9);
        check(&[("TERM", "xterm-256color"), ("TERM_PROGRAM", "WezTerm")], Notification::Osc9);
        check(&[("TERM", "foot")], Notification::Osc777);
        check(&[("TERM", "xterm-256color"), ("VTE_VERSION", "7600")], Notification::Osc777);
        check(&[("TERM", "tmux-256color"), ("TMUX", "/tmp/x"), ("TERM_PROGRAM", "WezTerm")], Notification::None);
        check(&[("TERM", "xterm-256color")], Notification::None);
        check(&[("TERM", "linux")], Notification::None);
        assert!(!caps(&[("TERM", "linux")]).title && caps(&[("TERM", "xterm")]).title);
    }

    #[test]
    fn what_a_terminal_would_print_or_misread_is_not_sent_to_it() {
        assert!(!caps(&[("TERM", "linux")]).clipboard);
        assert!(!caps(&[("TERM", "linux"), ("LANG", "C.UTF-8")]).unicode, "its font has none of the marks");
        let gnu_screen = caps(&[("TERM", "screen-256color"), ("STY", "1.pts")]);
        assert!(!gnu_screen.erase_with_colour && !gnu_screen.answers && !gnu_screen.mouse);
        assert!(caps(&[("TERM", "screen-256color"), ("TMUX", "/tmp/x")]).erase_with_colour);
        assert!(!caps(&[("TERM", "dumb")]).addressable);
        assert!(caps(&[("TERM", "xterm")]).answers && !caps(&[("TERM", "linux")]).answers && !caps(&[("TERM", "dumb")]).answers);
    }
}
