//! What the demo's WhatsApp side is furnished with: templates, and what happens as the curtain rises.

use bytes::Bytes;
use serde_json::{Value, json};

use super::cast::{Cast, Home};
use super::files::Sample;
use super::history::PastMessage;
use super::seat::Homes;
use crate::domain::attachment::FileKind;

/// Three templates that may be used and one that rests.
pub fn templates() -> [Value; 4] {
    let body = |text: &str, examples: &[&str]| json!({"type": "BODY", "text": text, "example": {"body_text": [examples]}});
    let stop = json!({"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Stop promotions"}]});
    [
        json!({"name": "booking_reminder", "language": "en", "category": "UTILITY", "status": "APPROVED", "components": [
            body("Hi {{1}}, a reminder: {{2}} is yours on {{3}}. Write back if you cannot come.", &["Leila", "court 3", "Saturday 10:00"]),
            {"type": "FOOTER", "text": "Harbour Courts"}]}),
        json!({"name": "still_there", "language": "en", "category": "UTILITY", "status": "APPROVED", "components": [
            body("Hi {{1}}, we have an answer to your question. Shall we go on here?", &["Leila"]),
            {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Yes"}, {"type": "QUICK_REPLY", "text": "Not now"}]}]}),
        json!({"name": "pengingat_booking", "language": "id", "category": "UTILITY", "status": "APPROVED", "components": [
            body("Halo {{1}}, pengingat: {{2}} untuk Anda pada {{3}}.", &["Dewi", "lapangan 3", "Sabtu 10.00"])]}),
        json!({"name": "summer_offer", "language": "en", "category": "MARKETING", "status": "PAUSED", "components": [
            {"type": "HEADER", "format": "TEXT", "text": "Summer at the harbour"},
            body("Hi {{1}}, courts are half price until noon all {{2}}.", &["Leila", "August"]), stop]}),
    ]
}

/// As the curtain rises somebody has just sent a voice message, and somebody has reacted to an answer of ours.
pub fn open(homes: &Homes, cast: &Cast, past: &[PastMessage]) {
    let there = cast.only(Home::WhatsApp);
    let mut awake = there.people.iter().filter(|persona| !persona.silent);
    if let Some(seat) = awake.next().and_then(|persona| homes.seat(persona)) {
        let sample =
            Sample { mime: "audio/ogg; codecs=opus".to_owned(), bytes: Bytes::from(vec![0x4f; 14_000]), seconds: 7, ..Sample::default() };
        seat.file(FileKind::Voice, sample, String::new());
    }
    for persona in awake {
        let key = persona.chat();
        let answer = past.iter().rfind(|line| line.conversation == key && line.direction == "out");
        if let (Some(answer), Some(seat)) = (answer, homes.seat(persona)) {
            seat.react(&answer.id, "👍");
            return;
        }
    }
}

/// Somebody on WhatsApp takes a number for the doctor.
pub fn ask_for_a_number(homes: &Homes, cast: &Cast) {
    let there = cast.only(Home::WhatsApp);
    let awake = || there.people.iter().filter(|persona| !persona.silent && !persona.hostile && !persona.on_whatsapp().hides_phone);
    let who = awake().find(|persona| persona.person.language == "id").or_else(|| awake().next());
    if let Some(seat) = who.and_then(|persona| homes.seat(persona)) {
        seat.say("ANTRI doctor");
    }
}
