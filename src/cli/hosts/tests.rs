use super::*;
use crate::chat::slack::SERVICE;

fn sources() -> Sources {
    Sources::default()
}

fn text(decision: anyhow::Result<Decision>) -> String {
    match decision {
        Ok(Decision::Allowed(url)) => format!("allowed {url}"),
        Ok(Decision::Proposed(url)) => format!("proposed {url}"),
        Err(error) => format!("{error:#}"),
    }
}

#[test]
fn a_pipeline_sends_a_token_where_the_process_says_else_to_gitlabs_own_server() {
    let ci = Sources {
        ci: true,
        server: Some("https://gl.example.com".into()),
        ..sources()
    };
    let named = |process: &str| Sources {
        process: Some(process.into()),
        ..ci.clone()
    };
    assert_eq!(text(gitlab_decision(&ci)), "allowed https://gl.example.com/api/v4");
    let api = Sources {
        api: Some("https://evil.example/api/v4".into()),
        ..ci.clone()
    };
    assert_eq!(text(gitlab_decision(&api)), "allowed https://gl.example.com/api/v4");
    let own = named("https://own.example.com/gitlab/");
    assert_eq!(
        text(gitlab_decision(&own)),
        "allowed https://own.example.com/gitlab/api/v4"
    );
    let apart = Sources {
        api: Some("https://evil.example/api/v4".into()),
        ..own
    };
    assert!(text(gitlab_decision(&apart)).contains("no token is sent"));
    assert!(text(gitlab_decision(&named("http://gl.example.com"))).contains("plain http"));
    assert!(text(gitlab_decision(&named("gl.example.com"))).contains("not a valid URL"));
    assert!(text(gitlab_decision(&named("https://u:p@gl.example.com"))).contains("a user or a password"));
}

#[test]
fn outside_a_pipeline_a_repository_only_proposes_a_server() {
    let process = Sources {
        process: Some("https://evil.example".into()),
        ..sources()
    };
    assert_eq!(text(gitlab_decision(&process)), "proposed https://evil.example/api/v4");
    let confirmed = Sources {
        confirmed: vec!["other.example".into(), "https://evil.example/".into()],
        ..process.clone()
    };
    assert_eq!(text(gitlab_decision(&confirmed)), "allowed https://evil.example/api/v4");
    let variable = Sources {
        host: Some("gl.example.com".into()),
        ..sources()
    };
    assert_eq!(
        text(gitlab_decision(&variable)),
        "allowed https://gl.example.com/api/v4"
    );
    let apart = Sources {
        host: Some("gl.example.com".into()),
        ..process
    };
    assert!(text(gitlab_decision(&apart)).contains("no token is sent"));
    let origin = Sources {
        origin: Some("https://gl.example.com/a/b".into()),
        ..sources()
    };
    assert_eq!(text(gitlab_decision(&origin)), "proposed https://gl.example.com/api/v4");
    let only = Sources {
        confirmed: vec!["mine.example".into()],
        ..origin
    };
    assert_eq!(text(gitlab_decision(&only)), "allowed https://mine.example/api/v4");
    assert!(text(gitlab_decision(&sources())).contains("the server is unknown"));
}

#[test]
fn a_port_is_part_of_a_confirmed_host() {
    let process = |confirmed: &str| Sources {
        process: Some("https://gl.example.com:8443".into()),
        confirmed: vec![confirmed.into()],
        ..sources()
    };
    assert!(text(gitlab_decision(&process("gl.example.com"))).starts_with("proposed"));
    assert!(text(gitlab_decision(&process("gl.example.com:8443"))).starts_with("allowed"));
}

#[test]
fn a_path_of_a_confirmed_server_is_part_of_it() {
    let process = |path: &str| Sources {
        process: Some(format!("https://gl.example.com{path}")),
        confirmed: vec!["gl.example.com/gitlab".into()],
        ..sources()
    };
    for path in ["/gitlab", "/gitlab/"] {
        let said = text(gitlab_decision(&process(path)));
        assert_eq!(said, "allowed https://gl.example.com/gitlab/api/v4");
    }
    for path in ["", "/other", "/gitlab2", "/gitlab/../other"] {
        assert!(text(gitlab_decision(&process(path))).starts_with("proposed"), "{path}");
    }
    let whole = Sources {
        confirmed: vec!["gl.example.com".into()],
        ..process("/gitlab")
    };
    assert!(text(gitlab_decision(&whole)).starts_with("allowed"));
    let origin = Sources {
        process: None,
        origin: Some("https://gl.example.com/gitlab/a/b".into()),
        ..process("")
    };
    let said = text(gitlab_decision(&origin));
    assert_eq!(said, "allowed https://gl.example.com/gitlab/api/v4");
}

#[test]
fn what_a_person_confirms_names_the_path_of_a_server() {
    for (api, server) in [
        ("https://gl.example.com/api/v4", "gl.example.com"),
        (
            "https://gl.example.com:8443/gitlab/api/v4",
            "gl.example.com:8443/gitlab",
        ),
        ("https://proxy.example/api/", "proxy.example/api"),
    ] {
        let url = parsed(api).expect("an address");
        assert_eq!(server_of(&url), server);
        assert!(confirmed_server(&url, &[server.to_owned()]).is_some(), "{api}");
    }
}

#[test]
fn slacks_token_goes_to_slack_unless_the_process_says_otherwise() {
    let ci = Sources { ci: true, ..sources() };
    let variable = |sources: &Sources| Sources {
        api: Some("https://evil.example/api/".into()),
        ..sources.clone()
    };
    assert_eq!(
        text(chat_decision(&SERVICE, &variable(&ci))),
        "allowed https://slack.com/api/"
    );
    let own = Sources {
        process: Some("https://proxy.example/api/".into()),
        ..ci
    };
    assert_eq!(
        text(chat_decision(&SERVICE, &own)),
        "allowed https://proxy.example/api/"
    );
    assert!(text(chat_decision(&SERVICE, &variable(&own))).contains("no token is sent"));
    let cloned = Sources { ci: false, ..own };
    assert_eq!(
        text(chat_decision(&SERVICE, &cloned)),
        "proposed https://proxy.example/api/"
    );
    let government = Sources {
        process: Some("https://slack-gov.com/api/".into()),
        ..sources()
    };
    assert_eq!(
        text(chat_decision(&SERVICE, &government)),
        "allowed https://slack-gov.com/api/"
    );
    assert_eq!(
        text(chat_decision(&SERVICE, &variable(&sources()))),
        "allowed https://evil.example/api/"
    );
    let http = Sources {
        process: Some("http://127.0.0.1:8080/api/".into()),
        ci: true,
        ..sources()
    };
    assert_eq!(
        text(chat_decision(&SERVICE, &http)),
        "allowed http://127.0.0.1:8080/api/"
    );
}
