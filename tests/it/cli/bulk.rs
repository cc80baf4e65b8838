//! `frontdesk template`, `frontdesk bulk` and templates by `frontdesk send`, against the simulated provider.

use std::sync::Arc;

use frontdesk::domain::time::SystemClock;
use frontdesk::simulator::graph::{Config, Graph, Person, Who};
use serde_json::{Value, json};

use crate::support::program::{Program, Ran, finish};

/// A channel with one approved template in two languages, and two people who never wrote.
struct Desk {
    graph: Graph,
    people: [Who; 2],
    program: Program,
}

impl Desk {
    async fn new() -> Self {
        let graph = Graph::start(Config::new(Arc::new(SystemClock))).await.unwrap();
        let id = graph.add_number("Harbour Courts");
        let number = graph.number(&id).unwrap();
        let person = |name: &str, phone: &str| graph.add_person(Person { name: name.into(), phone: phone.into(), ..Person::default() });
        let people = [person("Leila", "628123456789"), person("Budi", "628123456780")];
        for (language, text) in [("en", "Hi {{1}}, {{2}} on Friday."), ("id", "Halo {{1}}, {{2}} hari Jumat.")] {
            let body = json!([{ "type": "BODY", "text": text, "example": { "body_text": [["a", "b"]] } }]);
            graph.add_template(
                &number.business,
                json!({ "name": "offer", "language": language, "category": "UTILITY", "status": "APPROVED", "components": body }),
            );
        }
        let program = Program::new();
        for (name, secret) in [("token", &number.token), ("secret", &number.app_secret), ("verify", &number.verify_token)] {
            let path = program.file(name, secret.reveal());
            #[cfg(unix)]
            std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        }
        program.ok(&format!(
            "channel add whatsapp --name Shop --phone-number-id {id} --token-file token --app-secret-file secret --verify-token-file verify \
             --business-account {} --api-base {}",
            number.business,
            graph.base_url()
        ));
        program.ok("template refresh");
        Self { graph, people, program }
    }

    fn got(&self, who: usize) -> Vec<String> {
        self.graph.ledger(|ledger| ledger.delivered(self.people[who]).map(|received| received.text.clone()).collect())
    }

    /// Runs it with arguments that hold blanks.
    fn run(&self, arguments: &[&str]) -> Ran {
        finish(self.program.command("").args(arguments))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_providers_templates_are_listed_shown_and_previewed() {
    let desk = Desk::new().await;
    let listed = desk.program.json("template list");
    assert_eq!(listed.len(), 2, "{listed:?}");
    assert_eq!((&listed[0]["name"], &listed[0]["status"], &listed[0]["values"]), (&json!("offer"), &json!("approved"), &json!(["1", "2"])));
    assert!(desk.program.ok("template show offer --language id").contains("Halo {{1}}"));
    assert_eq!(desk.program.run("template show nothing").exit, 3);
    let shown = desk.run(&["template", "preview", "offer", "--param", "1=Ana", "--param", "2=tea"]);
    assert_eq!((shown.exit, shown.stdout.as_str()), (0, "Hi Ana, tea on Friday.\n"), "{}", shown.stderr);
    let half = desk.run(&["template", "preview", "offer", "--param", "1=Ana"]);
    assert!(half.stdout.contains("Hi Ana, {{2}}") && half.stderr.contains("2 is missing"), "{half:?}");
    assert_eq!(desk.program.ok("template language id"), "id\n");
    assert!(desk.program.ok("template preview offer").starts_with("Halo"), "the workspace's own language");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_template_of_our_own_is_kept_checked_and_removed() {
    let desk = Desk::new().await;
    let typo = desk.run(&["template", "edit", "called", "--language", "en", "--text", "Come, {{ticketNumer}}"]);
    assert_eq!(typo.exit, 1);
    assert!(typo.stderr.contains("called was not kept: {{ticketNumer}} is no variable: did you mean {{ticketNumber}}?"), "{}", typo.stderr);
    let kept = desk.run(&["template", "edit", "called", "--language", "en", "--text", "Come, {{ticketNumber}}"]);
    assert!(kept.stdout.contains("Come, SER-051"), "{kept:?}");
    let wrong = desk.run(&["template", "edit", "called", "--language", "en", "--template", "offer", "--map", "1=contactName"]);
    assert!(wrong.stderr.contains("nothing fills 2 of the template offer"), "{}", wrong.stderr);
    let map = ["--map", "1=contactName", "--map", "2=serviceName"];
    let mapped = desk.run(&[&["template", "edit", "called", "--language", "en", "--template", "offer"], &map[..]].concat());
    assert_eq!(mapped.exit, 0, "{}", mapped.stderr);
    let own: Vec<Value> = desk.program.json("template show called");
    assert_eq!((&own[0]["text"], &own[0]["map"]["2"]), (&json!("Come, {{ticketNumber}}"), &json!("serviceName")));
    assert_eq!(desk.run(&["template", "preview", "called", "--param", "ticketNumber=A-1"]).stdout, "Come, A-1\n");
    let push = desk.run(&["template", "edit", "called", "--language", "en", "--kind", "push", "--title", "Your turn", "--text", "Come in"]);
    assert_eq!(push.exit, 0, "{}", push.stderr);
    desk.program.ok("template edit called --language en --delete");
    assert_eq!(desk.program.json("template show called").len(), 1, "the push notice stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_told_asked_for_and_sent_each_person_once() {
    let desk = Desk::new().await;
    let list = "Phone,Name,1,2,town\n+62 812-3456-789,Leila,Leila,tea,x\n08123456789,Leila,L,tea,x\n08123456780,Budi,Budi,coffee,x\n12,No,N,tea,x\n";
    desk.program.file("list.csv", list);
    let told = desk.program.ok("bulk --template offer --language en --to list.csv --country 62 --dry-run");
    for want in [
        "offer (en, utility) on Shop to 2 people",
        "1 will not get it: not a telephone number (12)",
        "1 line names somebody",
        "fill nothing: town",
    ] {
        assert!(told.contains(want), "{want}: {told}");
    }
    let unasked = desk.program.run("bulk --template offer --language en --to list.csv --country 62");
    assert!(unasked.exit == 2 && unasked.stderr.contains("say --yes"), "{unasked:?}");
    assert!(desk.got(0).is_empty() && desk.program.json("bulk list").is_empty(), "nothing has happened yet");
    let sent = desk.program.json("bulk --template offer --language en --to list.csv --country 62 --name Friday --yes");
    let end = sent.last().unwrap();
    assert_eq!((&end["state"], &end["counts"]["sent"], &end["counts"]["skipped"]), (&json!("done"), &json!(2), &json!(1)), "{sent:?}");
    assert_eq!((desk.got(0), desk.got(1)), (vec!["Hi Leila, tea on Friday.".to_owned()], vec!["Hi Budi, coffee on Friday.".to_owned()]));
    let again = desk.program.run("bulk --template offer --language en --to list.csv --country 62 --name friday --yes");
    assert!(again.exit == 1 && again.stderr.contains("there is a bulk send \"friday\" already"), "{again:?}");
    assert_eq!((desk.got(0).len(), desk.got(1).len()), (1, 1), "the same command twice");
    let people = desk.program.json("bulk show friday --people");
    assert_eq!(people.len(), 1 + 3);
    let over = desk.program.run("bulk cancel friday");
    assert!(over.exit == 1 && over.stderr.contains("is done already"), "{}", over.stderr);
    assert_eq!(desk.program.run("bulk show nothing").exit, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_begun_can_be_paused_and_called_off_before_it_leaves() {
    let desk = Desk::new().await;
    desk.program.file("list.csv", "number,1\n+628123456789,Leila\n+628123456780,Budi\n");
    let begun =
        desk.run(&["bulk", "--template", "offer", "--language", "en", "--to", "list.csv", "--param", "2=tea", "--yes", "--no-wait"]);
    assert_eq!(begun.exit, 0, "{}", begun.stderr);
    assert!(desk.program.ok("bulk pause offer").contains("paused, 2 people: 2 waiting"));
    assert!(desk.program.ok("bulk resume offer").contains("running"));
    assert!(desk.program.ok("bulk cancel offer").contains("canceled, 2 people: 2 skipped"));
    desk.program.ok("sync --once");
    assert!(desk.got(0).is_empty());
    // Whoever syncs carries out what was begun.
    desk.run(&["bulk", "--template", "offer", "--language", "en", "--to", "list.csv", "--param", "2=tea", "--yes", "--no-wait"]);
    desk.program.ok("sync --once");
    assert_eq!((desk.got(0).len(), desk.got(1).len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_never_wrote_is_written_to_by_a_template_alone() {
    let desk = Desk::new().await;
    let to = ["send", "--to", "+62 812 3456 789", "--channel", "Shop"];
    let text = desk.run(&[&to[..], &["--text", "hello"]].concat());
    assert!(text.exit == 1 && text.stderr.contains("send a template"), "{text:?}");
    let short = desk.run(&[&to[..], &["--template", "offer", "--param", "1=Leila"]].concat());
    assert!(short.exit == 1 && short.stderr.contains("2 is missing"), "{short:?}");
    let sent = desk.run(&[&to[..], &["--template", "offer", "--param", "1=Leila", "--param", "2=tea", "--wait"]].concat());
    assert_eq!(sent.exit, 0, "{sent:?}");
    assert_eq!(desk.got(0), ["Hi Leila, tea on Friday."]);
    assert_eq!(desk.program.run("send --to x --text y").exit, 2);
    assert_eq!(desk.program.run("send --to 1 --location 91,200").exit, 2);
}
