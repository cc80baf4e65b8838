//! What the listener answers, and what it writes down.

use std::sync::Arc;
use std::time::Duration;

use frontdesk::config::SecretSource;
use frontdesk::domain::lease::Program;
use frontdesk::domain::time::Span;
use frontdesk::server::http::Limits;
use frontdesk::store::channels::NewChannel;
use frontdesk::sync::{EngineStatus, Role};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};

use super::{Loop, WORD, answer, ask};
use crate::support::bench::{Bench, later, on_each_engine};

#[tokio::test]
async fn what_is_answered_with_200_is_in_the_journal() {
    on_each_engine(|bench| async move {
        let desk = Loop::open(&bench).await;
        assert_eq!(desk.call("7/1/is court 2 free?").await.status, 200);
        assert_eq!(desk.rows().await, (1, 1));
        let other = bench.second().await;
        assert_eq!(other.backlog(&desk.channel).await.unwrap().waiting, 1, "another process sees it");
        desk.stop().await;
    })
    .await;
}

#[tokio::test]
async fn the_same_body_ten_thousand_times_is_one_row() {
    on_each_engine(|bench| async move {
        let desk = Arc::new(Loop::open(&bench).await);
        let mut callers = tokio::task::JoinSet::new();
        for _ in 0..16 {
            let desk = Arc::clone(&desk);
            callers.spawn(async move {
                let mut stream = TcpStream::connect(desk.address).await.unwrap();
                for _ in 0..625 {
                    let head = format!("POST {} HTTP/1.1\r\nhost: desk\r\nx-word: {WORD}\r\ncontent-length: 7\r\n\r\n7/1/hey", desk.path());
                    stream.write_all(head.as_bytes()).await.unwrap();
                    assert!(super::next(&mut stream).await.starts_with("http/1.1 200"));
                }
            });
        }
        callers.join_all().await;
        assert_eq!(desk.rows().await, (1, 1));
    })
    .await;
}

#[tokio::test]
async fn nothing_but_a_signed_call_to_a_known_channel_is_written_down() {
    on_each_engine(|bench| async move {
        let desk = Loop::open(&bench).await;
        let path = desk.path();
        let signed = format!("x-word: {WORD}\r\n");
        let telegram = format!("/webhooks/{}", bench.channel.id.0);
        for (method, path, headers, want) in [
            ("POST", path.as_str(), "", 401),
            ("POST", &path, "x-word: miaow\r\n", 401),
            ("POST", "/webhooks/12", &signed, 404),
            ("POST", "/webhooks/", &signed, 404),
            ("POST", "/webhooks/+7", &signed, 404),
            ("POST", "/webhooks/99999999999999999999999999", &signed, 404),
            ("POST", "/webhooks/../healthz", &signed, 404),
            ("POST", &telegram, &signed, 404),
            ("PUT", &path, &signed, 405),
            ("DELETE", &path, &signed, 405),
            ("GET", &path, &signed, 403),
            ("POST", "/", &signed, 404),
            ("POST", "/healthz", &signed, 405),
        ] {
            let got = desk.ask(method, path, headers, b"7/1/hello").await;
            assert_eq!(got.status, want, "{method} {path} {headers:?}: {got:?}");
        }
        assert_eq!(desk.rows().await, (0, 0));
        desk.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_however_it_is_announced() {
    let bench = Arc::new(Bench::open(None).await);
    let desk = Loop::open(&bench).await;
    let signed = format!("x-word: {WORD}\r\n");
    let giant = vec![b'7'; 10_000_000];
    assert_eq!(desk.ask("POST", &desk.path(), &signed, &giant).await.status, 413);
    // In pieces, without a length.
    let mut stream = TcpStream::connect(desk.address).await.unwrap();
    let head = format!("POST {} HTTP/1.1\r\nhost: desk\r\nconnection: close\r\n{signed}transfer-encoding: chunked\r\n\r\n", desk.path());
    stream.write_all(head.as_bytes()).await.unwrap();
    for _ in 0..10 {
        stream.write_all(b"f4240\r\n").await.unwrap();
        stream.write_all(&giant[..1_000_000]).await.unwrap();
        stream.write_all(b"\r\n").await.unwrap();
    }
    stream.write_all(b"0\r\n\r\n").await.unwrap();
    assert_eq!(answer(&mut stream).await.status, 413);
    // Whoever asks first is told at once.
    let mut stream = TcpStream::connect(desk.address).await.unwrap();
    let head = format!("POST {} HTTP/1.1\r\nhost: desk\r\nexpect: 100-continue\r\ncontent-length: 10000000\r\n{signed}\r\n", desk.path());
    stream.write_all(head.as_bytes()).await.unwrap();
    assert_eq!(answer(&mut stream).await.status, 413);
    assert_eq!(desk.rows().await, (0, 0));
    // One that just fits.
    assert_eq!(desk.call(&format!("7/1/{}", "x".repeat(3 * 1024 * 1024 - 4))).await.status, 200);
    desk.stop().await;
}

#[tokio::test]
async fn slow_heads_and_bodies_are_cut_and_stop_nobody() {
    let bench = Arc::new(Bench::open(None).await);
    let limits = Limits { request: Duration::from_millis(300), ..Limits::default() };
    let desk = Loop::within(&bench, limits).await;
    let mut slow = Vec::new();
    for n in 0..60 {
        let mut stream = TcpStream::connect(desk.address).await.unwrap();
        let head = format!("POST {} HTTP/1.1\r\nhost: desk\r\nx-word: {WORD}\r\n", desk.path());
        stream.write_all(head.as_bytes()).await.unwrap();
        if n % 2 == 0 {
            stream.write_all(b"content-length: 100\r\n\r\n7/1/").await.unwrap();
        }
        slow.push((n, stream));
    }
    assert_eq!(desk.call("7/1/meanwhile").await.status, 200);
    for (n, mut stream) in slow {
        let got = answer(&mut stream).await;
        // A head that never came whole has no answer.
        assert_eq!(got.status, if n % 2 == 0 { 408 } else { 0 }, "{got:?}");
    }
    assert_eq!(desk.rows().await, (1, 1));
    desk.stop().await;
}

/// A channel whose secret is told by a command that does not answer as long as the file `hangs` is there.
async fn forgetful(desk: &Loop) -> String {
    let folder = desk.bench.dir.path().display().to_string();
    let command = format!("if [ -e '{folder}/hangs' ]; then touch '{folder}/asked'; sleep 20; fi; echo {WORD}");
    let secrets = [("word".to_owned(), SecretSource::Command(command).encode())].into();
    let new = NewChannel { provider: "pigeon".into(), name: "F".into(), secrets, account_key: "F".into(), ..NewChannel::default() };
    desk.bench.store.add_channel(desk.bench.workspace, Some(desk.bench.agent), &new).await.unwrap();
    format!("/webhooks/{}", desk.bench.store.channel_named(desk.bench.workspace, "F").await.unwrap().id.0)
}

/// Where no secret is told for this long, it is not waited for.
const SOON: Duration = Duration::from_secs(10);

#[tokio::test]
async fn calls_that_fit_go_on_while_secrets_are_read_again_because_another_did_not() {
    let bench = Arc::new(Bench::open(None).await);
    let desk = Loop::open(&bench).await;
    let (path, signed) = (forgetful(&desk).await, format!("x-word: {WORD}\r\n"));
    assert_eq!(desk.ask("POST", &path, &signed, b"7/1/hello").await.status, 200);
    std::fs::write(bench.dir.path().join("hangs"), "").unwrap();
    later(&bench, Span::secs(31));
    let mut wrong = TcpStream::connect(desk.address).await.unwrap();
    let head = format!("POST {path} HTTP/1.1\r\nhost: desk\r\nx-word: miaow\r\ncontent-length: 3\r\n\r\n7/1");
    wrong.write_all(head.as_bytes()).await.unwrap();
    while !bench.dir.path().join("asked").exists() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let answered = tokio::time::timeout(SOON, desk.ask("POST", &path, &signed, b"7/2/hello")).await;
    assert_eq!(answered.expect("an answer while the secret is read").status, 200);
    desk.stop().await;
}

#[tokio::test]
async fn nobody_waits_for_a_secret_longer_than_a_request_may_take() {
    let bench = Arc::new(Bench::open(None).await);
    let desk = Loop::within(&bench, Limits { request: Duration::from_millis(500), ..Limits::default() }).await;
    let path = forgetful(&desk).await;
    std::fs::write(bench.dir.path().join("hangs"), "").unwrap();
    let signed = format!("x-word: {WORD}\r\n");
    let calls = (0..8).map(|n| desk.ask("POST", &path, &signed, if n == 0 { b"7/1/a" } else { b"7/2/b" }));
    let answers = tokio::time::timeout(SOON, futures_util::future::join_all(calls)).await.expect("answers in time");
    assert!(answers.iter().all(|answer| answer.status == 503), "{answers:?}");
    desk.stop().await;
}

#[tokio::test]
async fn whoever_asks_and_never_reads_the_answers_is_cut() {
    let bench = Arc::new(Bench::open(None).await);
    let desk = Loop::within(&bench, Limits { request: Duration::from_millis(500), ..Limits::default() }).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let mut stream = socket.connect(desk.address).await.unwrap();
    let many = "GET /metrics HTTP/1.1\r\nhost: desk\r\n\r\n".repeat(100);
    let cut = async { while stream.write_all(many.as_bytes()).await.is_ok() {} };
    tokio::time::timeout(Duration::from_secs(30), cut).await.expect("the connection ends");
    desk.stop().await;
}

#[tokio::test]
async fn connections_over_the_limit_wait_until_idle_ones_are_closed() {
    let bench = Arc::new(Bench::open(None).await);
    let limits = Limits { request: Duration::from_millis(200), connections: 2, ..Limits::default() };
    let desk = Loop::within(&bench, limits).await;
    let mut idle = Vec::new();
    for _ in 0..4 {
        idle.push(TcpStream::connect(desk.address).await.unwrap());
    }
    assert_eq!(desk.call("7/1/behind them").await.status, 200);
    for mut stream in idle {
        assert_eq!(answer(&mut stream).await.status, 0, "closed without a word");
    }
    desk.stop().await;
}

#[tokio::test]
async fn an_endless_head_is_refused() {
    let bench = Arc::new(Bench::open(None).await);
    let desk = Loop::open(&bench).await;
    let many = "x-again: and again\r\n".repeat(2_000);
    assert_eq!(desk.ask("POST", &desk.path(), &many, b"").await.status, 431);
    desk.stop().await;
}

#[tokio::test]
async fn what_there_is_no_room_for_is_to_be_sent_again() {
    let bench = Arc::new(Bench::open(None).await);
    let desk = Arc::new(Loop::within(&bench, Limits { queue: 2, bodies: 4_000_000, ..Limits::default() }).await);
    // Somebody else writes: nothing can be committed until they are done.
    let other = bench.second().await;
    let held = other.begin().await.unwrap();
    let mut callers = tokio::task::JoinSet::new();
    for n in 0..40 {
        let desk = Arc::clone(&desk);
        callers.spawn(async move { (n, desk.call(&format!("7/{n}/hello")).await) });
    }
    // Those that found room wait for the commit; all others are answered.
    let mut told = Vec::new();
    while told.len() < 30 {
        told.push(callers.join_next().await.unwrap().unwrap());
    }
    for (_, got) in &told {
        assert_eq!(got.status, 503);
        assert!(got.head.contains("retry-after: 1"), "{}", got.head);
    }
    drop(held);
    told.extend(callers.join_all().await);
    let mut taken: Vec<i32> = told.iter().filter(|(_, got)| got.status == 200).map(|(n, _)| *n).collect();
    assert!(!taken.is_empty(), "some were taken");
    assert_eq!(desk.rows().await.1, taken.len(), "exactly those that were answered 200");
    // The provider sends the others again.
    for (n, _) in told.iter().filter(|(_, got)| got.status == 503) {
        assert_eq!(desk.call(&format!("7/{n}/hello")).await.status, 200);
        taken.push(*n);
    }
    assert_eq!(desk.rows().await, (40, 40));
}

#[tokio::test]
async fn the_question_whether_the_address_is_ours_is_answered_with_the_bare_word() {
    let bench = Arc::new(Bench::open(None).await);
    let desk = Loop::open(&bench).await;
    let got = desk.ask("GET", &format!("{}?word={WORD}&say=1158201444%20%26", desk.path()), "", b"").await;
    assert_eq!((got.status, got.body.as_str()), (200, "1158201444 &"));
    assert_eq!(desk.ask("GET", &format!("{}?word=miaow&say=1", desk.path()), "", b"").await.status, 403);
    desk.stop().await;
}

#[tokio::test]
async fn a_stopped_channel_takes_what_comes_and_a_removed_one_does_not() {
    on_each_engine(|bench| async move {
        let desk = Loop::open(&bench).await;
        let (store, id) = (&bench.store, desk.channel.id);
        assert_eq!(desk.call("7/1/a").await.status, 200);
        store.pause_channel(bench.workspace, None, id, true).await.unwrap();
        assert_eq!(desk.call("7/2/b").await.status, 200);
        store.remove_channel(bench.workspace, None, id).await.unwrap();
        let mut status = 200;
        // The hint that says so is on its way.
        while status == 200 {
            status = desk.call("7/3/c").await.status;
        }
        assert_eq!(status, 404);
        desk.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_channel_added_while_it_listens_is_taken_and_a_changed_word_as_well() {
    let bench = Arc::new(Bench::open(None).await);
    let desk = Loop::open(&bench).await;
    assert_eq!(desk.call("7/1/a").await.status, 200);
    let second = super::add(&bench, "Tower", "coo coo").await;
    let path = format!("/webhooks/{}", second.id.0);
    let mut status = 404;
    while status == 404 {
        status = desk.ask("POST", &path, "x-word: coo coo\r\n", b"7/1/a").await.status;
    }
    assert_eq!(status, 200);
    // The file is another one now, and nobody told us: a call that does not fit has it read again, though not for every one.
    std::fs::write(bench.dir.path().join("Tower.word"), "ruckediguh").unwrap();
    assert_eq!(desk.ask("POST", &path, "x-word: ruckediguh\r\n", b"7/2/b").await.status, 401);
    later(&bench, Span::secs(31));
    assert_eq!(desk.ask("POST", &path, "x-word: ruckediguh\r\n", b"7/2/b").await.status, 200);
    assert_eq!(desk.ask("POST", &path, "x-word: coo coo\r\n", b"7/3/c").await.status, 401);
    desk.stop().await;
}

#[tokio::test]
async fn a_call_that_cannot_be_checked_is_to_be_sent_again() {
    let bench = Arc::new(Bench::open(None).await);
    let desk = Loop::open(&bench).await;
    std::fs::remove_file(bench.dir.path().join("Loft.word")).unwrap();
    let got = desk.call("7/1/a").await;
    assert_eq!(got.status, 503);
    assert!(got.head.contains("retry-after"));
    std::fs::write(bench.dir.path().join("Loft.word"), WORD).unwrap();
    later(&bench, Span::secs(2));
    assert_eq!(desk.call("7/1/a").await.status, 200);
    desk.stop().await;
}

#[tokio::test]
async fn health_tells_whether_it_lives_and_whether_somebody_processes_what_comes() {
    let bench = Arc::new(Bench::open(None).await);
    let desk = Loop::open(&bench).await;
    for (role, want) in [(Role::Active, 200), (Role::Standby, 200), (Role::Starting, 503)] {
        desk.status.send_replace(EngineStatus { role, ..EngineStatus::default() });
        assert_eq!(desk.ask("GET", "/healthz", "", b"").await.status, 200);
        let got = desk.ask("GET", "/readyz", "", b"").await;
        assert_eq!(got.status, want, "{role:?}");
        if want == 503 {
            assert!(got.body.contains("lock"), "{got:?}");
        }
    }
    desk.bench.store.close().await;
    let got = desk.ask("GET", "/readyz", "", b"").await;
    assert_eq!(got.status, 503);
    assert!(got.body.contains("database"), "{got:?}");
}

#[tokio::test]
async fn figures_tell_what_was_taken_what_was_refused_and_what_waits() {
    on_each_engine(|bench| async move {
        let desk = Loop::open(&bench).await;
        for (body, want) in [("7/1/a", 200), ("7/2/b\nrubbish", 200), ("7/1/a", 200)] {
            assert_eq!(desk.call(body).await.status, want);
        }
        assert_eq!(desk.ask("POST", &desk.path(), "", b"7/1/a").await.status, 401);
        assert_eq!(desk.ask("POST", "/webhooks/5", "", b"7/1/a").await.status, 404);
        later(&bench, Span::secs(90));
        let text = desk.ask("GET", "/metrics", "", b"").await.body;
        let id = desk.channel.id.0;
        let names = format!("channel=\"{id}\",provider=\"pigeon\",name=\"Loft\"");
        for want in [
            "frontdesk_syncing 1",
            "frontdesk_webhooks_total 3",
            "frontdesk_webhooks_refused_total{reason=\"signature\"} 1",
            "frontdesk_webhooks_refused_total{reason=\"unknown_channel\"} 1",
            "frontdesk_webhooks_refused_total{reason=\"overload\"} 0",
            "frontdesk_webhook_seconds_count 3",
            "frontdesk_webhook_seconds_bucket{le=\"+Inf\"} 3",
            &format!("frontdesk_journal_waiting{{{names}}} 2"),
            &format!("frontdesk_journal_age_seconds{{{names}}} 90.000000"),
            &format!("frontdesk_messages_in_total{{{names}}} 0"),
            &format!("frontdesk_outbox_waiting{{{names}}} 0"),
        ] {
            assert!(text.lines().any(|line| line == want), "{want} is missing:\n{text}");
        }
        desk.drain().await;
        let text = desk.ask("GET", "/metrics", "", b"").await.body;
        for want in [
            format!("frontdesk_journal_waiting{{{names}}} 0"),
            format!("frontdesk_messages_in_total{{{names}}} 2"),
            format!("frontdesk_unreadable_total{{{names}}} 1"),
        ] {
            assert!(text.lines().any(|line| line == want), "{want} is missing:\n{text}");
        }
        desk.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_stop_answers_what_is_being_asked_and_takes_no_more() {
    let bench = Arc::new(Bench::open(None).await);
    let desk = Loop::open(&bench).await;
    let address = desk.address;
    let other = bench.second().await;
    let held = other.begin().await.unwrap();
    let (path, mut stream) = (desk.path(), TcpStream::connect(address).await.unwrap());
    let call = format!("POST {path} HTTP/1.1\r\nhost: desk\r\nx-word: {WORD}\r\ncontent-length: 7\r\n\r\n7/1/hey");
    stream.write_all(call.as_bytes()).await.unwrap();
    // An answer to a second one proves that the first is being asked.
    assert_eq!(ask(address, "GET", "/healthz", "", b"").await.status, 200);
    desk.cancel.cancel();
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    drop(held);
    assert_eq!(answer(&mut stream).await.status, 200);
    let (channel, bench) = (desk.channel.clone(), desk.stop().await);
    assert_eq!(bench.store.backlog(&channel).await.unwrap().waiting, 1);
}

#[tokio::test]
async fn it_is_ready_when_whoever_syncs_is_at_work() {
    on_each_engine(|bench| async move {
        let desk = Loop::open(&bench).await;
        let ready = async || desk.ask("GET", "/readyz", "", b"").await;
        let role = |role| desk.status.send_modify(|status| status.role = role);
        assert_eq!(ready().await.status, 200);
        role(Role::Starting);
        assert_eq!(ready().await.status, 503);
        role(Role::Standby);
        let other = Program { kind: "serve".into(), host: "desk-1".into(), pid: 7 };
        bench.store.take_lease(&other).await.unwrap();
        assert_eq!(ready().await.status, 200);
        later(&bench, Span::minutes(2));
        let answer = ready().await;
        assert_eq!(answer.status, 503);
        assert!(answer.body.contains("does not say that it is at work") && !answer.body.contains("desk-1"), "{answer:?}");
        bench.store.beat(&other).await.unwrap();
        assert_eq!(ready().await.status, 200);
        desk.stop().await;
    })
    .await;
}
