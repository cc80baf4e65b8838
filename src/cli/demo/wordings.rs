//! What the demo's customers are told about their tickets, in the two languages they write in.

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::domain::wording::{Kind, Wording};

/// What is told in one language: in a chat, and on a device with a title.
struct Told {
    name: &'static str,
    language: &'static str,
    chat: &'static str,
    title: &'static str,
    device: &'static str,
}

const TOLD: [Told; 6] = [
    Told {
        name: "ticketCreated",
        language: "en",
        chat: "{{organizationName}}: your number is *{{ticketNumber}}* for {{serviceName}}.\nYou are {{queuePosition}} of {{totalInQueue}}, and it may \
               take {{estimatedWaitTime}}. Wait where you like: we write when you are next.",
        title: "Your number is {{ticketNumber}}",
        device: "{{serviceName}}: you are {{queuePosition}} of {{totalInQueue}}, about {{estimatedWaitTime}}.",
    },
    Told {
        name: "youAreNext",
        language: "en",
        chat: "*{{ticketNumber}}*, you are next. {{currentlyServing}} is being served now: please come to {{departmentName}}.",
        title: "{{ticketNumber}}: you are next",
        device: "{{currentlyServing}} is being served. Please come to {{departmentName}}.",
    },
    Told {
        name: "yourTurn",
        language: "en",
        chat: "*{{ticketNumber}}*, it is your turn for {{serviceName}}. {{departmentName}} is waiting for you.",
        title: "{{ticketNumber}}: your turn",
        device: "{{departmentName}} is waiting for you.",
    },
    Told {
        name: "ticketCreated",
        language: "id",
        chat: "{{organizationName}}: nomor antrean Anda *{{ticketNumber}}* untuk {{serviceName}}.\nAnda urutan {{queuePosition}} dari \
               {{totalInQueue}}, perkiraan tunggu {{estimatedWaitTime}}. Silakan tunggu di mana saja: kami kabari saat giliran Anda sudah dekat.",
        title: "Nomor Anda {{ticketNumber}}",
        device: "{{serviceName}}: urutan {{queuePosition}} dari {{totalInQueue}}, sekitar {{estimatedWaitTime}}.",
    },
    Told {
        name: "youAreNext",
        language: "id",
        chat: "*{{ticketNumber}}*, giliran Anda sebentar lagi. Sekarang {{currentlyServing}} sedang dilayani: silakan menuju {{departmentName}}.",
        title: "{{ticketNumber}}: giliran berikutnya",
        device: "{{currentlyServing}} sedang dilayani. Silakan menuju {{departmentName}}.",
    },
    Told {
        name: "yourTurn",
        language: "id",
        chat: "*{{ticketNumber}}*, sekarang giliran Anda untuk {{serviceName}}. Silakan menuju {{departmentName}}.",
        title: "{{ticketNumber}}: giliran Anda",
        device: "Silakan menuju {{departmentName}} sekarang.",
    },
];

/// Keeps them, on a database that was empty.
pub(super) async fn keep(cx: &Context) -> Result<(), Failure> {
    for wording in all() {
        let wording = wording.checked().map_err(|problem| Failure::failed(problem.to_string()))?;
        cx.store.save_wording(cx.workspace, cx.agent, &wording).await?;
    }
    Ok(())
}

fn all() -> impl Iterator<Item = Wording> {
    TOLD.into_iter().flat_map(|told| {
        let of = |kind, title: &str, text: &str| Wording {
            name: told.name.to_owned(),
            language: told.language.to_owned(),
            kind,
            title: title.to_owned(),
            text: text.to_owned(),
            stand_in: None,
        };
        [of(Kind::WhatsApp, "", told.chat), of(Kind::Push, told.title, told.device)]
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::wording::{Facts, UNKNOWN};

    #[test]
    fn every_notice_can_be_kept_and_says_its_number_in_both_languages_and_both_ways() {
        let mut known = BTreeSet::new();
        for wording in all() {
            let wording = wording.checked().unwrap();
            let (title, text) = wording.filled(&Facts::sample());
            let told = format!("{title} {text}");
            assert!(told.contains("SER-051") && !told.contains("{{") && !told.contains(&format!(" {UNKNOWN}")), "{told}");
            assert!(known.insert((wording.name, wording.language, wording.kind)));
        }
        assert_eq!(known.len(), 12);
    }
}
