//! Files that came with messages: fetched one at a time, within a limit, stored under their content's hash.

use super::Line;
use crate::channel::FetchError;
use crate::domain::attachment::Stored;
use crate::domain::delivery::backoff;
use crate::domain::time::Span;
use crate::store::Result;
use crate::store::transfer::Remote;

/// Tries after which a file is given up: about an hour.
const TRIES: i64 = 10;
/// Files looked up at once.
const PAGE: u32 = 16;

/// Fetches until cancelled.
pub async fn run(line: &Line) {
    let mut hints = line.store.changes();
    loop {
        let next = match fetch_due(line).await {
            Ok(next) => next,
            Err(error) => {
                tracing::warn!(channel = %line.channel.id, %error, "cannot look for files to fetch");
                Some(line.store.now().plus(Span::minutes(1)))
            }
        };
        let sleep = next.map(|at| super::nap(at, line.store.now()));
        tokio::select! {
            () = line.cancel.cancelled() => return,
            () = line.files.notified() => {}
            // Somebody may have asked for a file again.
            () = super::outbox::rung(&mut hints) => {}
            () = tokio::time::sleep(sleep.unwrap_or_default()), if sleep.is_some() => {}
        }
    }
}

/// Fetches everything that is due; when the next is.
async fn fetch_due(line: &Line) -> Result<Option<crate::domain::time::Timestamp>> {
    loop {
        let files = line.store.remote_files(&line.channel, PAGE).await?;
        if files.is_empty() {
            return line.store.next_remote(&line.channel).await;
        }
        for file in files {
            let fetched = tokio::select! {
                () = line.cancel.cancelled() => return Ok(None),
                fetched = fetch(line, &file) => fetched,
            };
            fetched?;
        }
    }
}

async fn fetch(line: &Line, file: &Remote) -> Result<()> {
    if file.size.is_some_and(|size| size > line.download_limit) {
        return line.store.settle_file(&line.channel, file, Stored::TooLarge, None).await;
    }
    let scratch = line.store.blobs().scratch(line.store.next_id())?;
    match line.connector.fetch(&file.reference, &scratch, line.download_limit).await {
        Ok(()) => {
            let blob = line.store.blobs().keep(&scratch).await?;
            line.store.settle_file(&line.channel, file, Stored::Here, Some(&blob)).await
        }
        Err(FetchError::TooLarge) => line.store.settle_file(&line.channel, file, Stored::TooLarge, None).await,
        Err(FetchError::Gone(_)) => line.store.settle_file(&line.channel, file, Stored::Failed, None).await,
        Err(FetchError::Unavailable(_)) if file.attempt + 1 >= TRIES => {
            line.store.settle_file(&line.channel, file, Stored::Failed, None).await
        }
        Err(FetchError::Unavailable(_)) => {
            let wait = backoff(u32::try_from(file.attempt + 1).unwrap_or(u32::MAX), None, fastrand::f64());
            line.store.retry_file(&line.channel, file, line.store.now().plus(wait)).await
        }
    }
}
