//! Signs the index in a description as the program does, written from the format alone.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

const START: &str = "<!-- incidentctl index ";
const SIGNATURE: &str = r#","s":{"v":1,"m":""#;

fn code(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = <Hmac<Sha256>>::new_from_slice(key).expect("a key");
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

/// The code of an index without a signature, in hexadecimal digits.
fn signature(json: &str, token: &str, project: u64, iid: u64) -> String {
    // In the comment, some characters are escaped.
    let json = json
        .replace("-\\u002d", "--")
        .replace("\\u003c", "<")
        .replace("\\u003e", ">");
    let key = code(token.as_bytes(), b"incidentctl index 1");
    let code = code(&key, format!("1 {project} {iid} {json}").as_bytes());
    code.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The places of the index without its signature and of the signature's code in a description.
fn parts(description: &str) -> Option<(std::ops::Range<usize>, std::ops::Range<usize>)> {
    let start = description.find(START)? + START.len();
    let end = start + description[start..].find(SIGNATURE)?;
    let code = end + SIGNATURE.len();
    Some((start..end, code..code + 64))
}

/// Whether the index of a description has the signature of a token.
pub fn is_signed(description: &str, token: &str, project: u64, iid: u64) -> bool {
    parts(description).is_some_and(|(json, code)| {
        signature(&format!("{}}}", &description[json]), token, project, iid) == description[code]
    })
}

/// Signs an index anew, after it was edited.
pub fn sign(description: &mut String, token: &str, project: u64, iid: u64) {
    if let Some((json, code)) = parts(description) {
        let new = signature(&format!("{}}}", &description[json]), token, project, iid);
        description.replace_range(code, &new);
    }
}
