//! Connecting a channel that calls us, and what is said of what its provider needs.

use std::sync::Arc;

use frontdesk::domain::time::SystemClock;
use frontdesk::simulator::graph::{Config, Graph};

use crate::support::program::Program;

#[tokio::test(flavor = "multi_thread")]
async fn a_whatsapp_number_is_connected_with_its_secrets_in_files_and_doctor_says_what_meta_needs() {
    let graph = Graph::start(Config::new(Arc::new(SystemClock))).await.unwrap();
    let number = graph.add_number("Lucky Shrub");
    let known = graph.number(&number).unwrap();
    let program = Program::new();
    let secrets = [("token", &known.token), ("app", &known.app_secret), ("verify", &known.verify_token)];
    for (name, secret) in secrets {
        let path = program.file(name, secret.reveal());
        #[cfg(unix)]
        std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    }
    let add = |more: &str| {
        let base = graph.base_url();
        let files = "--token-file token --app-secret-file app --verify-token-file verify";
        program.run(&format!("channel add whatsapp --name Shop --phone-number-id {number} {files} --api-base {base} {more}"))
    };
    let wrong = add("--read-receipts perhaps");
    assert!(wrong.exit != 0 && wrong.stderr.contains("read-receipts: is yes or no"), "{}", wrong.stderr);
    let added = add(&format!("--business-account {}", known.business));
    assert_eq!(added.exit, 0, "{}", added.stderr);
    assert!(added.stdout.contains("Lucky Shrub"), "{}", added.stdout);
    let doctor = program.ok("doctor");
    for needed in ["Callback URL: https://YOUR-HOST/webhooks/", "Verify token", "message_template_status_update", "smb_message_echoes"] {
        assert!(doctor.contains(needed), "{needed} in {doctor}");
    }
    for (_, secret) in secrets {
        assert!(!doctor.contains(secret.reveal()) && !added.stdout.contains(secret.reveal()));
    }
}
