//! Push notices from the command line to a device, through the simulated push service.

use std::process::{Child, Stdio};
use std::sync::Arc;
use std::time::Duration;

use frontdesk::domain::push::Subscription;
use frontdesk::domain::time::SystemClock;
use frontdesk::simulator::push::{Config, PushService};
use serde_json::Value;

use crate::support::program::Program;

/// A clinic whose counter is open, and which may push to this machine.
fn clinic() -> Program {
    let program = Program::new();
    program.file("settings.toml", "[queue]\npush_contact = \"mailto:desk@example.org\"\npush_here = true\n");
    program.ok("venue add --name Clinic --zone Asia/Jakarta");
    program.ok("department add --venue Clinic --name Front");
    program.ok("service add --department Front --name Service --prefix SER");
    program.ok("counter add --venue Clinic --name 3 --services SER");
    program.ok("counter open --counter 3");
    program
}

/// A process that ends with the test.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t_08_who_has_no_chat_is_called_on_their_device_and_a_device_that_is_gone_is_forgotten() {
    let program = clinic();
    let service = PushService::start(Config::new(Arc::new(SystemClock))).await.unwrap();
    let key = program.ok("queue push-key");
    assert_eq!(program.ok("queue push-key"), key, "a page is given the same one again");
    let doctor = program.ok("--config settings.toml doctor");
    assert!(doctor.contains("push notices: signed with") && doctor.contains("push.key"), "{doctor}");

    program.file("one.json", service.subscribe(Some(key.trim())));
    program.ok("queue issue --service SER --push-file one.json");
    let gone = service.subscribe(Some(key.trim()));
    program.file("two.json", &gone);
    program.ok("queue issue --service SER");
    program.ok("queue subscribe --ticket SER-002 --push-file two.json");
    service.unsubscribe(Subscription::parse(&gone).unwrap().endpoint());

    program.ok("queue next --counter 3");
    let _sync = Killed(program.command("--config settings.toml sync").stdout(Stdio::null()).spawn().unwrap());
    let shown =
        service.wait_for(|ledger| ledger.shown.iter().filter_map(|shown| shown.text.clone()).find(|text| text.contains("counter 3")));
    let shown = tokio::time::timeout(Duration::from_secs(50), shown).await.expect("the device shows that it is called");
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert!(shown["body"].as_str().unwrap().starts_with("SER-001"), "{shown}");

    program.ok("queue next --counter 3 --finish serve");
    let told = || program.json("queue show --ticket SER-002")[0]["told"].clone();
    assert!((0..500).any(|_| told() == "display"), "the operator sees that nothing reached them: {}", told());
}

#[test]
fn what_is_no_subscription_and_whose_ticket_has_ended_is_refused_before_a_number_is_given() {
    let program = clinic();
    program.file("wrong.json", "{\"endpoint\": \"http://example.org\"}");
    let ran = program.run("queue issue --service SER --push-file wrong.json");
    assert!(ran.exit == 2 && ran.stderr.contains("PushSubscription.toJSON()"), "{}", ran.stderr);
    assert!(program.run("queue issue --service SER --push-file none.json").stderr.contains("cannot be read"));
    assert!(program.ok("queue issue --service SER").starts_with("SER-001"));
    assert_eq!(program.run("queue subscribe --ticket SER-001 --push-file wrong.json").exit, 2);
    assert!(program.ok("doctor").contains("push notices: none leave: `queue.push_contact`"));
}
