//! Checks how the ledger's pipeline names this program's image, for `doctor`.

use crate::health::{DoctorCheckResult, Verdict};

/// The word that images of this program have in their names.
const PROGRAM: &str = "incidentctl";
/// The name of the CI/CD component, which has an image of its own.
const COMPONENT: &str = "/incident-workflow@";
/// How many digits a digest has.
const DIGITS: usize = 64;

/// The `doctor` result about the image in the text of a `.gitlab-ci.yml`; `None` stands for a file that is not there. The image
/// gets the tokens, and only a digest names one content for good.
#[must_use]
pub fn examine_pipeline(text: Option<&str>) -> DoctorCheckResult {
    let line = |verdict, says: String| DoctorCheckResult::new(verdict, "image", says);
    let Some(text) = text else {
        let says =
            "the ledger has no .gitlab-ci.yml: look whether its pipeline names the image by digest (`@sha256:…`)";
        return line(Verdict::Unseen, says.to_owned());
    };
    let images = images(text);
    if let Some(image) = images.iter().find(|image| !has_digest(image)) {
        return line(Verdict::Warn, format!("`{image}` {}", advice("write it with a digest")));
    }
    if let Some(image) = images.first() {
        return line(Verdict::Ok, format!("by digest: `{image}`"));
    }
    if text.contains(COMPONENT) {
        let says = format!("the component's default {}", advice("set its input `image`"));
        return line(Verdict::Warn, says);
    }
    let says = ".gitlab-ci.yml names no image of this program: look whether it has a digest (`@sha256:…`)";
    line(Verdict::Unseen, says.to_owned())
}

fn advice(what: &str) -> String {
    format!(
        "has no digest, so that a person who may write to its registry can replace the program that gets the tokens: {what} \
         (`IMAGE:VERSION@sha256:…`). `skopeo inspect --format '{{{{.Digest}}}}' docker://IMAGE:VERSION` prints the digest, and \
         GitLab shows it in Deploy, Container registry"
    )
}

/// The images of this program that a pipeline's text names, in any job, default or input.
fn images(text: &str) -> Vec<&str> {
    let words: Vec<&str> = text.lines().flat_map(yaml_words).collect();
    let named = words.windows(2).filter_map(|pair| match pair {
        ["image:" | "name:", image] if image.contains(PROGRAM) => Some(*image),
        _ => None,
    });
    named.collect()
}

/// The words of a line of YAML without its comment.
fn yaml_words(line: &str) -> impl Iterator<Item = &str> {
    let apart = |c: char| c.is_whitespace() || matches!(c, '{' | '}' | '[' | ']' | ',' | '"' | '\'');
    let words = line.split(apart).filter(|word| !word.is_empty());
    words.take_while(|word| !word.starts_with('#'))
}

/// Whether an image is named by a digest.
fn has_digest(image: &str) -> bool {
    let digest = image.split_once("@sha256:").map(|(_, digest)| digest);
    digest.is_some_and(|digest| digest.len() == DIGITS && digest.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    fn verdict(text: &str) -> Verdict {
        examine_pipeline(Some(text)).verdict
    }

    #[test]
    fn every_form_of_an_image_without_a_digest_is_a_warning() {
        for text in [
            "default:\n  image: registry.example.com/incidentctl:latest\n",
            "default:\n  image: registry.example.com/incidentctl\n",
            "default:\n  image: \"registry.example.com/incidentctl:0.3.0\" # a comment\n",
            "apply:\n  image: { name: registry.example.com/incidentctl:0.3.0 }\n",
            "apply:\n  image:\n    name: 'registry.example.com/tools/incidentctl:0.3.0'\n",
            "apply:\n  image:\n    registry.example.com/incidentctl/runner:0.3.0\n",
            "include:\n  - component: $CI_SERVER_FQDN/a/b/incident-workflow@1\n    inputs: { image: x/incidentctl:1 }\n",
            "include:\n  - component: $CI_SERVER_FQDN/incidentctl/incidentctl/incident-workflow@1\n",
            "default:\n  image: registry.example.com/incidentctl@sha256:abc\n",
        ] {
            assert_eq!(verdict(text), Verdict::Warn, "{text}");
        }
        let one_of_two = format!("a:\n  image: x/incidentctl@sha256:{DIGEST}\nb:\n  image: x/incidentctl:1\n");
        assert_eq!(verdict(&one_of_two), Verdict::Warn);
    }

    #[test]
    fn an_image_with_a_digest_is_fine_and_another_image_is_not_judged() {
        for text in [
            format!("default:\n  image: registry.example.com/incidentctl:0.3.0@sha256:{DIGEST}\n"),
            format!(
                "include:\n  - component: c/incident-workflow@1\n    inputs: {{ image: \"x/incidentctl@sha256:{DIGEST}\" }}\n"
            ),
        ] {
            assert_eq!(verdict(&text), Verdict::Ok, "{text}");
        }
        for text in [
            "",
            "default:\n  image: debian:12\n  # image: x/incidentctl:1\n",
            "job:\n  script: [incidentctl check]\n",
        ] {
            assert_eq!(verdict(text), Verdict::Unseen, "{text}");
        }
        assert_eq!(examine_pipeline(None).verdict, Verdict::Unseen);
    }
}
