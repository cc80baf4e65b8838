//! Calls as Meta makes them: its bodies, signed, over one connection after another or the same.

use std::net::SocketAddr;

use frontdesk::channel::whatsapp;
use frontdesk::config::Secret;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A number's webhook.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Where it is.
    pub address: SocketAddr,
    /// Its path.
    pub path: String,
    /// The phone number id.
    pub number: String,
    /// What calls are signed with.
    pub secret: Secret,
}

impl Caller {
    /// A body with one message of a customer.
    pub fn text(&self, customer: &str, id: &str, text: &str) -> String {
        let value = json!({
            "messaging_product": "whatsapp",
            "metadata": { "display_phone_number": "15550001111", "phone_number_id": self.number },
            "contacts": [{ "profile": { "name": format!("Customer {customer}") }, "wa_id": customer }],
            "messages": [{ "from": customer, "id": id, "timestamp": "1795000000", "type": "text", "text": { "body": text } }],
        });
        let change = json!({ "field": "messages", "value": value });
        json!({ "object": "whatsapp_business_account", "entry": [{ "id": "1", "changes": [change] }] }).to_string()
    }

    /// The whole request.
    pub fn request(&self, body: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.reveal().as_bytes()).unwrap();
        mac.update(body.as_bytes());
        let signature: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
        format!(
            "POST {} HTTP/1.1\r\nhost: desk\r\nx-hub-signature-256: sha256={signature}\r\ncontent-length: {}\r\n\r\n{body}",
            self.path,
            body.len()
        )
    }

    /// Calls once on a connection; the status it was answered with, `None` when it was not.
    pub async fn call(&self, stream: &mut Option<TcpStream>, body: &str) -> Option<u16> {
        if stream.is_none() {
            *stream = TcpStream::connect(self.address).await.ok();
        }
        let answered = match stream {
            Some(open) => self.ask(open, body).await,
            None => None,
        };
        if answered.is_none() {
            *stream = None;
        }
        answered
    }

    async fn ask(&self, stream: &mut TcpStream, body: &str) -> Option<u16> {
        stream.write_all(self.request(body).as_bytes()).await.ok()?;
        let mut head = Vec::with_capacity(256);
        let mut piece = [0; 256];
        // Answers have no body.
        while !head.ends_with(b"\r\n\r\n") {
            let read = stream.read(&mut piece).await.ok().filter(|read| *read > 0)?;
            head.extend_from_slice(&piece[..read]);
        }
        std::str::from_utf8(&head).ok()?.split(' ').nth(1)?.parse().ok()
    }
}

/// The provider's name.
pub const PROVIDER: &str = "whatsapp";

#[test]
fn the_connector_takes_what_is_made_here() {
    let caller =
        Caller { address: SocketAddr::from(([127, 0, 0, 1], 1)), path: String::new(), number: "7".into(), secret: Secret::new("s") };
    let items = (whatsapp::WEBHOOK.read)(&caller.text("628123456789", "wamid.1", "hello"));
    assert!(items.len() == 1 && items[0].events.as_ref().is_ok_and(|facts| facts.len() == 1), "{items:?}");
}
