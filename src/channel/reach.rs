//! Where an address may lead that a stranger gave us: to the Internet, never into the network we stand in.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Whom a client for strangers' addresses may connect to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The Internet alone.
    Internet,
    /// This machine besides, for what is simulated there.
    AndThisMachine,
}

impl Reach {
    /// Whether the address may be asked at all. A name's addresses are looked at when it is looked up.
    pub fn covers(self, url: &Url) -> bool {
        let Some(host) = url.host_str() else { return false };
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        bare.parse().map_or(true, |ip| self.covers_ip(ip))
    }

    fn covers_ip(self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        is_public(ip) || self == Self::AndThisMachine && ip.is_loopback()
    }
}

/// Looks names up, and forgets every address that is out of reach. The client asks for each connection anew, so a name that led elsewhere a
/// moment ago changes nothing.
impl Resolve for Reach {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = *self;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let mut found: Vec<SocketAddr> = found.collect();
            let any = !found.is_empty();
            found.retain(|address| reach.covers_ip(address.ip()));
            if any && found.is_empty() {
                return Err("its name leads into a network, where nothing is told to strangers".into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is one of the Internet's, where anybody may be.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let known = ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_multicast() || ip.is_documentation();
    // This network; behind a provider's translation; for protocols; for measuring; reserved, with broadcast.
    let set_aside = a == 0 || (a == 100 && b & 0xc0 == 64) || (a, b, c) == (192, 0, 0) || (a == 198 && b & 0xfe == 18) || a >= 240;
    !known && !set_aside
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let parts = ip.segments();
    // What is translated from IPv4 is what the inner address is.
    if parts[..6] == [0x64, 0xff9b, 0, 0, 0, 0] {
        return is_public_v4(Ipv4Addr::from((u32::from(parts[6]) << 16) | u32::from(parts[7])));
    }
    let (first, second) = (parts[0], parts[1]);
    // Only an eighth of all addresses was ever given out; of it the tunnels and the ones for documents are left.
    let set_aside = (first == 0x2001 && (second < 0x200 || second == 0xdb8)) || first == 0x2002 || first == 0x3fff;
    first & 0xe000 == 0x2000 && !set_aside
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_internet_is_reached_and_this_machine_when_asked_for() {
        let check = |url: &str, internet: bool, machine: bool| {
            let url = Url::parse(url).unwrap();
            assert_eq!((Reach::Internet.covers(&url), Reach::AndThisMachine.covers(&url)), (internet, machine), "{url}");
        };
        for public in
            ["https://93.184.215.14/", "https://[2606:4700::6810:84e5]/", "https://[64:ff9b::5db8:d70e]/", "https://push.example/"]
        {
            check(public, true, true);
        }
        // However the number is written.
        for loopback in [
            "http://127.0.0.1:80/",
            "https://127.9.9.9/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
        ] {
            check(loopback, false, true);
        }
        for inside in [
            "https://10.1.2.3/",
            "https://172.16.0.1/",
            "https://192.168.1.1/",
            "https://169.254.169.254/latest/meta-data",
            "https://100.64.0.1/",
            "https://0.0.0.0/",
            "https://192.0.0.8/",
            "https://198.18.0.1/",
            "https://224.0.0.1/",
            "https://255.255.255.255/",
            "https://[::]/",
            "https://[fe80::1]/",
            "https://[fd00:ec2::254]/",
            "https://[ff02::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://[64:ff9b::a00:1]/",
            "https://[2002:a00:1::]/",
            "https://[2001:db8::1]/",
        ] {
            check(inside, false, false);
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_to_this_machine_is_not_looked_up_for_strangers() {
        let name = || "localhost".parse::<Name>().unwrap();
        assert!(Reach::Internet.resolve(name()).await.is_err());
        assert!(Reach::AndThisMachine.resolve(name()).await.unwrap().all(|address| address.ip().is_loopback()));
    }
}
