//! A person who may write to a registry replaces an image under its tag: `doctor` warns unless the pipeline names a digest.

use super::gitlab_server::TOKEN;
use super::life::*;

/// The line of `doctor` about the image in this pipeline.
fn image_line(pipeline: Option<&str>) -> String {
    let run = Run::new();
    if let Some(text) = pipeline {
        run.put(".gitlab-ci.yml", text);
    }
    let ended = run.run("doctor", TOKEN, &[]);
    let mut lines = ended.text.lines().filter(|line| line.contains(" image  "));
    let line = lines.next().unwrap_or_default().to_owned();
    assert!(lines.next().is_none(), "{}", ended.text);
    line
}

#[test]
fn the_doctor_warns_of_an_image_whose_tag_another_may_move() {
    let init = include_str!("../../src/ledger/init/gitlab-ci.yml");
    for text in [
        init,
        "default: { image: registry.example.com/incidentctl:latest }\n",
        "include:\n  - component: $CI_SERVER_FQDN/incidentctl/incidentctl/incident-workflow@1.0.0\n",
    ] {
        let line = image_line(Some(text));
        assert!(line.starts_with("warning  image"), "{text}: {line}");
        assert!(line.contains("@sha256:…") && line.contains("skopeo inspect"), "{line}");
    }
}

#[test]
fn an_image_by_digest_is_ok() {
    let digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    let line = image_line(Some(&format!(
        "default:\n  image: registry.example.com/incidentctl:0.3.0@sha256:{digest}\n"
    )));
    assert!(line.starts_with("ok       image"), "{line}");
}

#[test]
fn a_ledger_without_a_pipeline_or_with_a_link_instead_is_not_judged() {
    assert!(image_line(None).starts_with("?        image"));
    let run = Run::new();
    let place = run.folder.path().join(".gitlab-ci.yml");
    std::os::unix::fs::symlink("/etc/passwd", place).expect("it is made");
    let ended = run.run("doctor", TOKEN, &[]);
    assert!(ended.text.contains("?        image"), "{}", ended.text);
}
