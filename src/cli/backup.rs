//! `backup FILE` and `restore FILE`.

use std::path::PathBuf;

use clap::Args;

use super::context::{Context, Setup};
use super::failure::{Exit, Failure, Told};
use super::output::Out;
use crate::domain::text::Safe;
use crate::domain::time::{Clock, SystemClock};
use crate::store::{Address, Blobs, backup};

/// Where to.
#[derive(Args, Debug)]
pub struct Backup {
    /// A new file; it will hold everything, attachments too
    file: PathBuf,
}

/// Where from.
#[derive(Args, Debug)]
pub struct Restore {
    /// A file that `frontdesk backup` wrote
    file: PathBuf,
    /// Take the place of a database that is there; it is kept under another name
    #[arg(long)]
    replace: bool,
}

impl Backup {
    /// Writes it.
    pub async fn run(&self, cx: &Context, out: &mut Out) -> Result<Exit, Failure> {
        cx.store.backup(&self.file).await.told("no backup was written")?;
        let object = serde_json::json!({ "backup": self.file.display().to_string() });
        out.row(&object, || Safe::line(&format!("everything is in {}", self.file.display())))?;
        Ok(Exit::Ok)
    }
}

impl Restore {
    /// Puts it in place. The database that is there may be past opening, so nothing is opened before.
    pub async fn run(&self, setup: &Setup, out: &mut Out) -> Result<Exit, Failure> {
        const FAILED: &str = "nothing was restored";
        let Address::Sqlite(path) = &setup.address else {
            return Err(Failure::failed("nothing was restored: PostgreSQL is restored with its own tools (pg_restore, psql)"));
        };
        let blobs = Blobs::new(setup.files());
        let kept = backup::restore(&self.file, path, &blobs, self.replace, SystemClock.now()).await.told(FAILED)?;
        let object = serde_json::json!({
            "restored": path.display().to_string(),
            "kept": kept.as_ref().map(|kept| kept.display().to_string()),
        });
        out.row(&object, || Safe::line(&format!("{} is in the place of {}", self.file.display(), path.display())))?;
        if let Some(kept) = kept {
            out.aside(&Safe::line(&format!("what was there is now {}", kept.display())))?;
        }
        Ok(Exit::Ok)
    }
}
