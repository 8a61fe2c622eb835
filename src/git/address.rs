//! Addresses of git remotes, and the removal of credentials from them.
//!
//! A password may contain any raw character, so the last `@` ends it and not the first `/`. GitLab's addresses have no
//! other `@`.

use super::Repo;
use super::output::split;

/// The minimum length of a secret that is removed everywhere in a message.
const MIN_SECRET: usize = 4;
/// The minimum length of a user name without a password that counts as a token.
const MIN_TOKEN: usize = 8;

impl Repo {
    /// The output of git or a remote on one line, without the credentials of the addresses that git knows.
    pub(super) fn clean(&self, text: &str) -> String {
        without_credentials(&self.hidden(text))
    }

    /// Removes the credentials of the addresses that git knows from a text.
    pub(super) fn hidden(&self, text: &str) -> String {
        let addresses = r"^(remote\..*\.(push)?url|url\..*\.(push)?insteadof)$";
        let known = self.command(&["config", "-z", "--get-regexp", addresses]).output();
        let known = known.map(|output| output.stdout).unwrap_or_default();
        let mut all = Vec::new();
        for entry in split(&known) {
            let (name, value) = entry.split_once('\n').unwrap_or((&entry, ""));
            // `url.ADDRESS.insteadof` has one address in its name.
            let named = name.strip_prefix("url.").and_then(|name| name.rsplit_once('.'));
            all.extend(secrets(named.map_or("", |(address, _)| address)));
            all.extend(secrets(value));
        }
        all.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        all.iter()
            .fold(text.to_owned(), |text, secret| text.replace(secret, "…"))
    }
}

/// An address without user, password, query and fragment.
pub(super) fn public(address: &str) -> String {
    let (scheme, rest) = match address.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        // A path on a disk has a `/` before any `:`; as scp has it, USER@HOST:PATH, it does not.
        None if address.split(':').next().is_some_and(|first| first.contains('/')) => return address.to_owned(),
        None => (String::new(), address),
    };
    let place = rest.rsplit('@').next().unwrap_or_default();
    let end = place.find(['?', '#']).unwrap_or(place.len());
    format!("{scheme}{}", &place[..end])
}

/// The secrets of an address, the longest first: password, token, the values of its query, and their parts, because
/// another program may quote only a part.
pub(super) fn secrets(address: &str) -> Vec<String> {
    let Some((scheme, rest)) = address.split_once("://") else {
        return Vec::new();
    };
    let (user, place) = rest.rsplit_once('@').unwrap_or(("", rest));
    let (name, password) = user.split_once(':').unwrap_or((user, ""));
    let mut all = vec![password];
    all.extend(password.split(['/', '?', '#', '@', ':', '\'', '"', ' ']));
    if scheme.starts_with("http") && matches!(password, "" | "x-oauth-basic") && name.len() >= MIN_TOKEN {
        all.push(name);
    }
    let query = place.find(['?', '#']).map_or("", |at| &place[at..]);
    for part in query.split(['?', '#', '&', ';']) {
        all.push(part.split_once('=').map_or(part, |(_, value)| value));
    }
    all.retain(|secret| secret.len() >= MIN_SECRET);
    all.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    all.into_iter().map(str::to_owned).collect()
}

/// A shortened text on one line, without control characters and without credentials in addresses.
pub(super) fn without_credentials(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        let ends = |c: char| c.is_whitespace() || matches!(c, '\'' | '"' | '`' | '<' | '>');
        let (address, following) = after.split_at(after.find(ends).unwrap_or(after.len()));
        out += before;
        out += "://";
        out += &shown(address);
        rest = following;
    }
    out += rest;
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    out.chars().map(plain).take(2000).collect()
}

/// The address as a message shows it: without scheme, user and password. Only a query that opens a merge request stays.
fn shown(address: &str) -> String {
    let (user, place) = address.rsplit_once('@').unwrap_or(("", address));
    let end = place.find(['?', '#']).unwrap_or(place.len());
    let (path, query) = place.split_at(end);
    let host = path.split('/').next().unwrap_or_default();
    let port = host.rsplit_once(':').map_or("", |(_, port)| port);
    if user.is_empty() && !host.ends_with(']') && !port.bytes().all(|byte| byte.is_ascii_digit()) {
        // No port: the beginning of a password that holds a quotation mark or a space.
        return "…".to_owned();
    }
    let opens = |part: &&str| part.starts_with("merge_request%5B") || part.starts_with("merge_request[");
    let query = query.strip_prefix('?').unwrap_or_default();
    let query = query.split('#').next().unwrap_or_default();
    let kept: Vec<&str> = query.split('&').filter(opens).collect();
    if kept.is_empty() {
        return path.to_owned();
    }
    format!("{path}?{}", kept.join("&"))
}

/// The web address of a project, from the address of its git remote; without user, password and query. `None` for a
/// folder on a disk.
#[must_use]
pub fn web_address(url: &str) -> Option<String> {
    let url = public(url);
    let url = url.strip_suffix('/').unwrap_or(&url);
    let url = url.strip_suffix(".git").unwrap_or(url);
    if url.starts_with("https://") || url.starts_with("http://") {
        return Some(url.to_owned());
    }
    if let Some(rest) = url.strip_prefix("ssh://") {
        let (host, path) = rest.split_once('/')?;
        let host = host.rsplit('@').next()?.split(':').next()?;
        return Some(format!("https://{host}/{path}"));
    }
    // As scp has it: USER@HOST:PATH.
    let (host, path) = url.split_once(':')?;
    let host = host.rsplit('@').next()?;
    (!host.is_empty() && !host.contains('/') && !url.contains("://")).then(|| format!("https://{host}/{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Addresses with the secrets of each, and their public form.
    const ADDRESSES: [(&str, &str, &str); 12] = [
        (
            "https://user:pass-word@host.example/a/b.git",
            "pass-word",
            "https://host.example/a/b.git",
        ),
        (
            "https://user:pa/ss-word@host.example/a/b.git",
            "ss-word",
            "https://host.example/a/b.git",
        ),
        (
            "https://user:pa@ss-word@host.example:8443/a/b.git",
            "ss-word",
            "https://host.example:8443/a/b.git",
        ),
        (
            "https://user:pa?ss-word@host.example/a/b.git",
            "ss-word",
            "https://host.example/a/b.git",
        ),
        (
            "https://user:pa#ss-word@host.example/a/b.git",
            "ss-word",
            "https://host.example/a/b.git",
        ),
        (
            "https://user:pa'ss-word@host.example/a/b.git",
            "ss-word",
            "https://host.example/a/b.git",
        ),
        (
            "https://user:pa ss-word@host.example/a/b.git",
            "ss-word",
            "https://host.example/a/b.git",
        ),
        (
            "https://glpat-0123456789@host.example/a/b.git",
            "glpat-0123456789",
            "https://host.example/a/b.git",
        ),
        (
            "https://host.example/a/b.git?private_token=glpat-01",
            "glpat-01",
            "https://host.example/a/b.git",
        ),
        (
            "https://host.example/a/b.git#glpat-0123",
            "glpat-0123",
            "https://host.example/a/b.git",
        ),
        (
            "ssh://user:pa/ss-word@host.example:22/a/b.git",
            "ss-word",
            "ssh://host.example:22/a/b.git",
        ),
        (
            "http://token-0123:x-oauth-basic@[::1]:80/a",
            "token-0123",
            "http://[::1]:80/a",
        ),
    ];

    #[test]
    fn the_public_form_of_an_address_has_nothing_secret() {
        for (address, secret, expected) in ADDRESSES {
            assert_eq!(public(address), expected);
            assert!(!public(address).contains(secret));
            assert!(secrets(address).iter().any(|found| found.contains(secret)), "{address}");
        }
        assert_eq!(public("git@host.example:a/b.git"), "host.example:a/b.git");
        assert_eq!(public("user:pass@host.example:a/b.git"), "host.example:a/b.git");
        assert_eq!(public("/srv/a@b:c/d.git"), "/srv/a@b:c/d.git");
    }

    #[test]
    fn no_message_quotes_what_is_secret() {
        for (address, secret, _) in ADDRESSES {
            for message in [
                format!("fatal: unable to access '{address}/': no route"),
                format!("fatal: {address}: no route to it"),
                format!("To {address}\nremote: <{address}>"),
            ] {
                let hidden = secrets(address)
                    .iter()
                    .fold(message, |text, secret| text.replace(secret, "…"));
                let said = without_credentials(&hidden);
                assert!(!said.contains(secret), "{said}");
            }
        }
    }

    #[test]
    fn messages_keep_hosts_ports_and_the_link_that_opens_a_merge_request() {
        for text in [
            "https://gitlab.example.com/a/b/-/merge_requests/new?merge_request%5Bsource_branch%5D=incident%2Fx",
            "fatal: unable to access 'https://127.0.0.1:9/a/': Failed to connect to 127.0.0.1 port 9",
            "ssh://host:2222/a and http://[::1]/b, see https://host/x: it is there",
        ] {
            assert_eq!(without_credentials(text), text);
        }
    }

    #[test]
    fn the_pages_of_a_project_are_found_from_any_address_of_its_repository() {
        let found = [
            "https://gitlab.example.com/a/b.git",
            "git@gitlab.example.com:a/b.git",
            "ssh://git@gitlab.example.com:2222/a/b.git",
            "https://gitlab.example.com/a/b/",
        ];
        for url in found {
            assert_eq!(
                web_address(url).as_deref(),
                Some("https://gitlab.example.com/a/b"),
                "{url}"
            );
        }
        assert_eq!(web_address("/srv/ledger.git"), None);
        assert_eq!(web_address("file:///srv/ledger.git"), None);
    }
}
