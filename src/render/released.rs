//! The texts of the built-in templates in released versions, as hashes.
//!
//! *Invariant*: a hash is never removed. A ledger can hold a copy from any version.

use sha2::{Digest, Sha256};

/// The file of each template with the SHA-256 hashes of its released texts. A version that changes a text adds a hash.
const RELEASED: [(&str, &[&str]); 14] = [
    (
        "customer-resolution.hbs",
        &["ab59910a68f9dcc39524e38b95bf16fbbd5a819a6eb265dbf5f55c0719a0709d"],
    ),
    (
        "customer-ticket.hbs",
        &["2f1f9e0686eaf9391f4fdf558d5e50bacec70e0b92f418b0800167755975cf20"],
    ),
    (
        "customer-update.hbs",
        &["566ad113344f307ca6bd9295845be03623eeaf5ae5558e34153ba5f9d65fb14c"],
    ),
    (
        "executive-summary.hbs",
        &[
            "ec9626b0f2896dabdc0550e2f1d9e66379b667a7594370e148244c32bbe76ca3",
            "4ee1abe668b3594dcf4f55985fa673a6d2680efc46160ae041e2c12f03993225",
        ],
    ),
    (
        "issue.hbs",
        &[
            "67625b7831701bf94b7dfa4331ec176437a8ad9980e76f19ea67843d40662b63",
            "68bd826a10ac5ec5b2bc8730714eed024dac4af822137c93984abc69b4aa974b",
        ],
    ),
    (
        "merge-request.hbs",
        &["c7fa5c32e535e9992d4844c802e77fd0896310ea90c83432625bd352cad7d892"],
    ),
    (
        "missing.hbs",
        &["1cfa9d960514d78ba542de895c2792ffae8669f44ce943c843423738f7e656bb"],
    ),
    (
        "nag.hbs",
        &[
            "4d138386414dc6d96c8a251b465744d0d4008cb2b2bf1c7869b42f4513359f43",
            "c7203328b06988f5b5bbb6301e9ae14000e09f98d07a3a0934be62cee42a6bd2",
        ],
    ),
    (
        "overdue.hbs",
        &[
            "5e6803625ea01e824b6c0d2e17d89a04d7899da3d011840d2f772dd54f54278b",
            "bd1010b41f4d43f45b554ab98b536cff03e30e9082a1edcc520d424a007a28a8",
        ],
    ),
    (
        "review.hbs",
        &[
            "d24f47dcecce71050b2bb29f0b5b7fba05d331aa910050466acc299002878fbe",
            "5d2996fde3274c3ca2e311ba0207d8f9b6d228b7998d444cf779cb231f3a9a04",
        ],
    ),
    (
        "slack-broadcast.hbs",
        &["0c6e27a949acc76618d0919eae3430575979a3552ed84e635089d3855d09f612"],
    ),
    (
        "slack-channel.hbs",
        &[
            "ca11f17319aa50e8e2db9ae583d16a578912a32771e7e80ea6b61c7e7b5f6e60",
            "765c160bfcc465ac72a99f5ce124097ceba5cec95488c5faedc315b13ce12d13",
        ],
    ),
    (
        "slack-ping.hbs",
        &["c9631fe0a7d943b992eb96897bac9d070218c27bf182317bbfb295f76280f079"],
    ),
    (
        "slack-update.hbs",
        &[
            "c7fe4b5bd9ee70b0225e4c9e0dd653cfb5e37d4b4a21c3fc9e80df9818136dc1",
            "a104da2c3121d7c76c77e3ab28e39456bc58d350ac87e1237b05edb9c41505ab",
        ],
    ),
];

/// Whether a text is the built-in text of this file in a released version.
pub(super) fn is_released(file: &str, text: &str) -> bool {
    let Some((_, hashes)) = RELEASED.iter().find(|(known, _)| *known == file) else {
        return false;
    };
    let hash = hash(text);
    hashes.contains(&hash.as_str())
}

/// The SHA-256 hash of a text in hexadecimal digits.
fn hash(text: &str) -> String {
    let digest = Sha256::digest(text);
    digest
        .iter()
        .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::super::template::Template;
    use super::*;

    #[test]
    fn the_table_has_the_current_text_of_every_template() {
        for template in Template::ALL {
            let (file, text) = (template.file_name(), template.text());
            assert!(is_released(file, text), "add {} of {file} to the table", hash(text));
            assert!(!is_released(file, &format!("{text}x")), "{file}");
        }
        assert!(!is_released("nag.hbs", Template::Issue.text()));
    }

    /// The texts of version 0.1.0. This hash is of all their hashes, so that no line of the table is lost.
    #[test]
    fn the_table_has_the_texts_of_the_first_version() {
        let lines = RELEASED.iter().map(|(file, hashes)| [file, " ", hashes[0], "\n"]);
        let all: String = lines.flatten().collect();
        assert_eq!(
            hash(&all),
            "8ca16be76fba6857ed3b64cd22bde1cf7c717994195c91d8749444e815e9039a"
        );
    }
}
