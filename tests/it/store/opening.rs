//! A database that is not well is told in one sentence that says what to do.

use std::sync::Arc;

use frontdesk::domain::time::ManualClock;
use frontdesk::store::{Address, Error, Result, Store};

use crate::support::bench::{Bench, NOON, on_each_engine, said};

async fn open(address: Address) -> Result<Store> {
    Store::open(address, "unused".into(), Arc::new(ManualClock::at(NOON)), 1).await
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("desk.db");
    std::fs::write(&path, "this is a letter to my aunt, long enough to be more than a header".repeat(100)).unwrap();
    let before = std::fs::read(&path).unwrap();
    let error = open(Address::Sqlite(path.clone())).await.unwrap_err();
    assert!(matches!(error, Error::Corrupt { .. }), "{error:?}");
    assert!(error.to_string().contains("frontdesk restore"), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused() {
    on_each_engine(|bench| async move {
        let mut tx = bench.store.begin().await.unwrap();
        tx.run("INSERT INTO schema_versions (version, checksum, applied_at) VALUES (999, 'x', 0)", &[]).await.unwrap();
        bench.store.commit(tx).await.unwrap();
        let error = open(bench.store.address().clone()).await.unwrap_err();
        assert!(error.to_string().contains("newer frontdesk (schema 999"), "{error}");
    })
    .await;
}

#[tokio::test]
async fn a_schema_that_was_changed_by_hand_is_refused() {
    on_each_engine(|bench| async move {
        let mut tx = bench.store.begin().await.unwrap();
        tx.run("UPDATE schema_versions SET checksum = 'x' WHERE version = 1", &[]).await.unwrap();
        bench.store.commit(tx).await.unwrap();
        assert!(matches!(open(bench.store.address().clone()).await, Err(Error::Tampered(1))));
    })
    .await;
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_named_without_the_password() {
    let address: Address = "postgres://desk:hunter2@127.0.0.1:9/desk".parse().unwrap();
    let error = open(address).await.unwrap_err().to_string();
    assert!(error.contains("PostgreSQL server cannot be used") && !error.contains("hunter2"), "{error}");
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_named() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("file"), "").unwrap();
    let error = open(Address::Sqlite(dir.path().join("file/desk.db"))).await.unwrap_err().to_string();
    assert!(error.contains("--database sqlite:PATH"), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_and_all_beside_it_are_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::open(None).await;
    bench.ingest(vec![said("7", 1, "hi")]).await;
    let _lock = bench.store.try_sync_lock().await.unwrap();
    for entry in std::fs::read_dir(bench.dir.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?}", entry.file_name());
    }
}

#[tokio::test]
async fn opening_twice_at_once_makes_one_schema() {
    let dir = tempfile::tempdir().unwrap();
    let address = Address::Sqlite(dir.path().join("desk.db"));
    let (a, b) = tokio::join!(open(address.clone()), open(address));
    a.unwrap();
    b.unwrap();
}
