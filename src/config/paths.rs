//! Where files are when nobody says otherwise.

use std::path::{Path, PathBuf};

use super::Env;

/// The program's places. Nothing is created here; whoever writes makes the folder first, for the owner alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// `config.toml`.
    pub config_file: PathBuf,
    /// The database, fetched files and logs.
    pub data_dir: PathBuf,
    /// The logs, one file a day.
    pub log_dir: PathBuf,
    /// Where files of customers are saved when somebody asks for it.
    pub downloads: PathBuf,
}

/// The user has no home folder to keep anything in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no home folder to keep the database in; set FRONTDESK_DATA_DIR to a folder of yours")]
pub struct PathsError;

impl Paths {
    /// This system's usual places (on Linux `~/.config/frontdesk` and `~/.local/share/frontdesk`). `FRONTDESK_DATA_DIR` moves
    /// the data.
    pub fn find(env: &Env) -> Result<Self, PathsError> {
        let usual = directories::ProjectDirs::from("", "", "frontdesk");
        let usual = usual.as_ref();
        let data_dir = match env.get("FRONTDESK_DATA_DIR") {
            Some(dir) => PathBuf::from(dir),
            None => usual.ok_or(PathsError)?.data_local_dir().to_owned(),
        };
        let config_file = usual.map_or(data_dir.as_path(), |usual| usual.config_dir()).join("config.toml");
        let downloads = directories::UserDirs::new().and_then(|user| user.download_dir().map(Path::to_owned));
        let own = Self::under(&data_dir);
        Ok(Self { config_file, downloads: downloads.unwrap_or(own.downloads), ..Self::under(&data_dir) })
    }

    /// Everything below one folder, as `demo` and tests want it.
    pub fn under(dir: &Path) -> Self {
        Self { config_file: dir.join("config.toml"), data_dir: dir.to_owned(), log_dir: dir.join("logs"), downloads: dir.join("downloads") }
    }

    /// The database that is used when none is named.
    pub fn default_database(&self) -> String {
        format!("sqlite:{}", self.data_dir.join("frontdesk.db").display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_moves_the_data() {
        let paths = Paths::find(&Env::of([("FRONTDESK_DATA_DIR", "/srv/desk")])).unwrap();
        assert_eq!(paths.log_dir, Path::new("/srv/desk/logs"));
        assert_eq!(paths.default_database(), "sqlite:/srv/desk/frontdesk.db");
    }
}
