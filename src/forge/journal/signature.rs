//! The signature of an index, so that a run knows whether a person edited it.
//!
//! Everybody who may edit the incident issue may edit the index in it. Only holders of the write token can sign it: the key of
//! the signature is derived from the token and never leaves the process.
//!
//! *Invariant*: an index whose signature is not verified decides nothing.

use std::fmt::{self, Write as _};

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// The purpose of the derived key; a new purpose makes all signatures invalid.
const PURPOSE: &[u8] = b"incidentctl index 1";
/// The version of the format that is signed.
const VERSION: u32 = 1;

/// The issue that contains an index. A signature is valid only there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::forge) struct Home {
    /// The number of the project.
    pub(in crate::forge) project: u64,
    /// The number of the issue in its project.
    pub(in crate::forge) issue: u64,
}

/// A signature, as the index contains it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(in crate::forge) struct Signature {
    /// The version of the signed format.
    #[serde(rename = "v")]
    version: u32,
    /// The code of 64 hexadecimal digits.
    #[serde(rename = "m")]
    code: String,
}

/// The key that signs indexes.
#[derive(Clone)]
pub(in crate::forge) struct IndexKey(Hmac<Sha256>);

impl fmt::Debug for IndexKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IndexKey")
    }
}

impl IndexKey {
    /// Derives the key from a write token. `None` if the token is empty.
    pub(in crate::forge) fn derive(token: &str) -> Option<Self> {
        if token.is_empty() {
            return None;
        }
        let derived = code(Hmac::new_from_slice(token.as_bytes()).ok()?, PURPOSE);
        Hmac::new_from_slice(&derived).ok().map(Self)
    }

    /// Signs the JSON of an index that this issue contains.
    pub(super) fn sign(&self, home: Home, json: &str) -> Signature {
        Signature {
            version: VERSION,
            code: hex(&code(self.0.clone(), &signed_text(home, json))),
        }
    }

    /// Whether this key signed the JSON of an index for this issue.
    pub(super) fn verifies(&self, home: Home, json: &str, signature: &Signature) -> bool {
        let mut mac = self.0.clone();
        mac.update(&signed_text(home, json));
        // The comparison takes the same time for every code.
        let code = bytes(&signature.code);
        signature.version == VERSION && code.is_some_and(|code| mac.verify_slice(&code).is_ok())
    }
}

fn signed_text(home: Home, json: &str) -> Vec<u8> {
    format!("{VERSION} {} {} {json}", home.project, home.issue).into_bytes()
}

fn code(mut mac: Hmac<Sha256>, text: &[u8]) -> Vec<u8> {
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The bytes of hexadecimal digits; `None` if the text has anything else.
fn bytes(hex: &str) -> Option<Vec<u8>> {
    let pairs = hex.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Index, Place};
    use super::*;

    const HOME: Home = Home { project: 7, issue: 5 };

    fn key(token: &str) -> IndexKey {
        IndexKey::derive(token).expect("a key")
    }

    fn index() -> Index {
        let mut index = Index::of(&"2026-11-23-a".into());
        index.done.insert("customer/acme".into(), Place::default());
        index.signed(&key("token"), HOME)
    }

    #[test]
    fn a_signature_holds_for_one_token_one_issue_and_one_content() {
        let signed = index();
        assert!(signed.is_signed(&key("token"), HOME));
        assert!(!signed.is_signed(&key("another"), HOME));
        assert!(!signed.is_signed(&key("token"), Home { issue: 6, ..HOME }));
        assert!(!signed.is_signed(&key("token"), Home { project: 8, ..HOME }));
        let mut edited = signed.clone();
        edited.done.clear();
        assert!(!edited.is_signed(&key("token"), HOME));
        assert!(
            !Index {
                signature: None,
                ..signed
            }
            .is_signed(&key("token"), HOME)
        );
    }

    #[test]
    fn a_signed_index_is_read_again_and_a_signature_is_replaced_rather_than_signed() {
        let signed = index();
        let text = format!("<!-- incidentctl: i h -->\n{}", signed.line());
        let read = Index::of_section(&text).expect("an index");
        assert_eq!(read, signed);
        assert_eq!(read.signed(&key("token"), HOME), signed);
    }

    #[test]
    fn the_signature_has_the_form_of_version_0_4_0() {
        insta::assert_snapshot!(serde_json::to_string(&index().signature).expect("JSON"));
    }
}
