//! Subscriptions to push notices, from the command line.

use crate::support::program::Program;

/// A clinic whose counter is open.
fn clinic() -> Program {
    let program = Program::new();
    program.ok("venue add --name Clinic --zone Asia/Jakarta");
    program.ok("department add --venue Clinic --name Front");
    program.ok("service add --department Front --name Service --prefix SER");
    program.ok("counter add --venue Clinic --name 3 --services SER");
    program.ok("counter open --counter 3");
    program
}

#[test]
fn what_is_no_subscription_is_refused_before_a_number_is_given() {
    let program = clinic();
    program.file("wrong.json", "{\"endpoint\": \"http://example.org\"}");
    let ran = program.run("queue issue --service SER --push-file wrong.json");
    assert!(ran.exit == 2 && ran.stderr.contains("PushSubscription.toJSON()"), "{}", ran.stderr);
    assert!(program.run("queue issue --service SER --push-file none.json").stderr.contains("cannot be read"));
    assert!(program.ok("queue issue --service SER").starts_with("SER-001"));
    assert_eq!(program.run("queue subscribe --ticket SER-001 --push-file wrong.json").exit, 2);
    assert!(program.ok("doctor").contains("push notices: none leave: `queue.push_contact`"));
}
