//! What the tabs hold is kept, not counted: whatever is done, in whatever order and by however many at once, it equals the counted truth.

use std::sync::Arc;

use frontdesk::domain::conversation::{Status, Tab};
use frontdesk::domain::id::ConversationId;

use crate::support::bench::{Bench, on_each_engine, said};

const KEPT: &str = "SELECT assignee_id, status, waiting, unread, CAST(SUM(number) AS BIGINT) FROM tallies WHERE workspace_id = $1 \
     GROUP BY 1, 2, 3, 4 HAVING SUM(number) <> 0 ORDER BY 1, 2, 3, 4";
const COUNTED: &str = "SELECT COALESCE(assignee_id, 0), status, waiting_since IS NOT NULL, unread > 0, COUNT(*) FROM conversations \
     WHERE workspace_id = $1 GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4";

type Tally = (i64, String, bool, bool, i64);

async fn check(bench: &Bench) {
    let mut conn = bench.store.read().await.unwrap();
    let kept: Vec<Tally> = conn.rows(KEPT, &[bench.workspace.into()]).await.unwrap();
    let counted: Vec<Tally> = conn.rows(COUNTED, &[bench.workspace.into()]).await.unwrap();
    assert!(!counted.is_empty());
    assert_eq!(kept, counted);
}

/// Something an agent or a customer may do.
async fn act(bench: &Bench, rows: &[ConversationId], random: &mut fastrand::Rng) {
    let (store, workspace, agent) = (&bench.store, bench.workspace, bench.agent);
    let Some(id) = random.choice(rows.iter().copied()) else { return };
    // What is refused (a customer with a newer conversation) changes nothing, which is as good a case.
    let _ = match random.u8(0..6) {
        0 => store.assign(workspace, agent, id, Some(agent)).await,
        1 => store.assign(workspace, agent, id, None).await,
        2 => store.set_status(workspace, agent, id, Status::Open).await,
        3 => store.set_status(workspace, agent, id, random.choice([Status::Resolved, Status::Snoozed, Status::Spam]).unwrap()).await,
        4 => store.set_unread(workspace, agent, id, random.bool()).await,
        _ => {
            let n = random.i64(100..1_000_000);
            bench.ingest((0..random.i64(1..4)).map(|k| said(&format!("c{}", (n + k) % 14), n + k, "hello")).collect()).await;
            Ok(())
        }
    };
}

#[tokio::test]
async fn tallies_equal_the_counted_truth_after_any_acts() {
    on_each_engine(|bench| async move {
        bench.ingest((1..=12).map(|n| said(&format!("c{n}"), n, "x")).collect()).await;
        let rows: Vec<ConversationId> = bench.list().await.iter().map(|row| row.id).collect();
        let mut random = fastrand::Rng::with_seed(7);
        for n in 0..200 {
            act(&bench, &rows, &mut random).await;
            if n % 10 == 0 {
                check(&bench).await;
            }
        }
        check(&bench).await;
    })
    .await;
}

#[tokio::test]
async fn tallies_stay_true_while_several_write_at_once() {
    on_each_engine(|bench| async move {
        bench.ingest((1..=12).map(|n| said(&format!("c{n}"), n, "x")).collect()).await;
        let rows: Arc<[ConversationId]> = bench.list().await.iter().map(|row| row.id).collect();
        let writers = (0..4).map(|seed| {
            let (bench, rows) = (Arc::clone(&bench), Arc::clone(&rows));
            tokio::spawn(async move {
                let mut random = fastrand::Rng::with_seed(seed);
                for _ in 0..60 {
                    let id = rows[random.usize(0..rows.len())];
                    let to = random.bool().then_some(bench.agent);
                    bench.store.assign(bench.workspace, bench.agent, id, to).await.unwrap();
                    bench.store.set_unread(bench.workspace, bench.agent, id, random.bool()).await.unwrap();
                }
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
        check(&bench).await;
        let mut conn = bench.store.read().await.unwrap();
        let (pieces,): (i64,) =
            conn.one("tallies", "SELECT COUNT(*) FROM tallies WHERE workspace_id = $1", &[bench.workspace.into()]).await.unwrap();
        assert!(pieces < 120, "they are folded together: {pieces}");
        let counts = bench.store.counts(&mut conn, bench.workspace, bench.agent).await.unwrap();
        let (rows, _) = bench.store.list(&mut conn, bench.workspace, bench.agent, Tab::Mine, None, 100).await.unwrap();
        assert_eq!(counts.mine, rows.len() as u64);
        assert_eq!(counts.unread_mine, rows.iter().filter(|row| row.unread > 0).count() as u64);
    })
    .await;
}
