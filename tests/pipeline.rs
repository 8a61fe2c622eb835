//! The pipelines: what `init` writes is what the component gives, GitLab's own schema takes both, and each job holds the token
//! that it should. `tests/ci/run` runs them.

#![expect(clippy::expect_used, reason = "a test may fail")]

use serde_json::{Map, Value};

/// The component.
const COMPONENT: &str = include_str!("../templates/incident-workflow/template.yml");
/// What `init` writes.
const LEDGER: &str = include_str!("../src/ledger/init/gitlab-ci.yml");
/// The pipeline of this repository.
const OWN: &str = include_str!("../.gitlab-ci.yml");
/// The stages that have to pass before a change of this repository lands.
const STAGES: &str = include_str!("../.ci/run");
/// GitLab's schema of a pipeline, draft 7.
const SCHEMA: &str = include_str!("fixtures/gitlab-ci.schema.json");

fn yaml(text: &str) -> Map<String, Value> {
    serde_yaml::from_str(text).expect("YAML")
}

/// The component's header and its jobs as text.
fn component() -> (Map<String, Value>, &'static str) {
    let (header, jobs) = COMPONENT.split_once("\n---\n").expect("a header");
    (yaml(header), jobs)
}

/// A component's jobs with the default of each input.
fn with_defaults(header: &Map<String, Value>, jobs: &str) -> Map<String, Value> {
    let mut text = jobs.to_owned();
    for (name, input) in header["spec"]["inputs"].as_object().expect("inputs") {
        let default = &input["default"];
        let value = default.as_str().map_or_else(|| default.to_string(), str::to_owned);
        let place = format!("$[[ inputs.{name} ]]");
        assert!(text.contains(&place), "the input {name} is not used");
        text = text.replace(&place, &value);
    }
    assert!(!text.contains("$[["), "an input that the header does not have");
    yaml(&text)
}

/// The jobs of what `init` writes, with the image of each written out.
fn jobs_of_ledger() -> Map<String, Value> {
    let variables = &yaml(LEDGER)["variables"];
    let text = LEDGER.replace("$INCIDENTCTL_DECLARE", &variables["INCIDENTCTL_DECLARE"].to_string());
    let mut pipeline = yaml(&text);
    let image = pipeline["default"]["image"].clone();
    assert!(image.as_str().is_some_and(|image| !image.contains('$')), "{image}");
    for key in ["variables", "default", "workflow", "stages"] {
        pipeline.remove(key);
    }
    for job in pipeline.values_mut() {
        job["image"] = image.clone();
    }
    pipeline
}

#[test]
fn init_writes_the_jobs_of_the_component() {
    let (header, jobs) = component();
    let component = with_defaults(&header, jobs);
    let mut ledger = jobs_of_ledger();
    // The component can look into a folder of the repository; a ledger of its own is the repository.
    for job in ledger.values_mut() {
        for line in job["script"].as_array_mut().expect("a script") {
            *line = Value::from(
                line.as_str()
                    .expect("text")
                    .replace("incidentctl ", "incidentctl -C . "),
            );
        }
    }
    assert_eq!(component, ledger);
    let names: Vec<&str> = component.keys().map(String::as_str).collect();
    assert_eq!(names.len(), 5);
    for name in ["check", "plan", "declare", "apply", "remind"] {
        assert!(names.contains(&name), "{name}");
    }
}

#[test]
fn the_image_is_the_one_of_this_version() {
    let image = concat!(
        "registry.gitlab.com/incidentctl/incidentctl:",
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(component().0["spec"]["inputs"]["image"]["default"], image);
    assert_eq!(yaml(LEDGER)["default"]["image"], image);
}

#[test]
fn every_pipeline_fits_gitlabs_schema() {
    let schema: Value = serde_json::from_str(SCHEMA).expect("JSON");
    let schema = jsonschema::validator_for(&schema).expect("a schema");
    let (header, jobs) = component();
    for (name, document) in [
        ("the component's header", header.clone()),
        ("the component", with_defaults(&header, jobs)),
        ("what init writes", yaml(LEDGER)),
        ("this repository's", yaml(OWN)),
    ] {
        let document = Value::Object(document);
        let errors: Vec<String> = schema.iter_errors(&document).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
    }
    let mut wrong = yaml(LEDGER);
    wrong["apply"]["resource_groups"] = Value::from("incidents");
    assert!(!schema.is_valid(&Value::Object(wrong)), "the schema takes anything");
    let mut wrong = yaml(LEDGER);
    wrong["plan"]["artifacts"]["access"] = Value::from("reporter");
    assert!(!schema.is_valid(&Value::Object(wrong)), "the schema takes any access");
}

#[test]
fn jobs_that_write_run_alone_and_to_the_end() {
    for (name, job) in jobs_of_ledger() {
        let writes = ["declare", "apply", "remind"].contains(&name.as_str());
        assert_eq!(job["interruptible"], !writes, "{name}");
        assert_eq!(job["resource_group"] == "incidents", writes, "{name}");
        assert_eq!(job["needs"], Value::Array(Vec::new()), "{name} waits for another job");
    }
}

#[test]
fn the_pipeline_of_this_repository_checks_the_advisories_of_its_dependencies() {
    let test = &yaml(OWN)["test"];
    assert_eq!(test["script"][0], ".ci/run");
    assert!(test["allow_failure"].is_null());
    let checks = STAGES.lines().filter(|line| !line.trim_start().starts_with('#'));
    let checks: Vec<&str> = checks
        .filter(|line| line.contains("cargo deny") && line.contains(" check "))
        .collect();
    for what in ["advisories", "licenses", "bans", "sources"] {
        assert!(checks.iter().any(|line| line.contains(what)), "{what}: {checks:?}");
    }
}

/// The files that a job keeps.
fn kept_files(job: &Value) -> Vec<&str> {
    let paths = job["artifacts"]["paths"].as_array();
    paths.into_iter().flatten().filter_map(Value::as_str).collect()
}

#[test]
fn only_developers_get_files_with_the_words_of_others() {
    let (header, jobs) = component();
    let of_ledger = ["apply", "plan", "remind"].as_slice();
    for (pipeline, wanted) in [
        (jobs_of_ledger(), of_ledger),
        (with_defaults(&header, jobs), of_ledger),
        (yaml(OWN), &["apply"]),
    ] {
        let shared = pipeline.iter().filter(|(_, job)| !kept_files(job).is_empty());
        // The job `build` keeps a program, which has no words.
        let shared: Vec<_> = shared.filter(|(name, _)| *name != "build").collect();
        let mut names: Vec<&str> = shared.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, wanted);
        for (name, job) in shared {
            assert_eq!(job["artifacts"]["access"], "developer", "{name}");
        }
    }
}

#[test]
fn the_jobs_that_write_keep_the_observed_times_for_developers() {
    let (header, jobs) = component();
    for pipeline in [jobs_of_ledger(), with_defaults(&header, jobs)] {
        for name in ["apply", "remind"] {
            let job = &pipeline[name];
            let script = job["script"].as_array().expect("a script");
            let exports = |line: &Value| {
                line.as_str()
                    .is_some_and(|line| line.ends_with(" --observed observed.json"))
            };
            assert!(script.iter().any(exports), "{name}: {script:?}");
            assert!(kept_files(job).contains(&"observed.json"), "{name}");
            assert_eq!(job["artifacts"]["access"], "developer", "{name}");
        }
    }
}

#[test]
fn jobs_of_a_merge_request_that_use_a_token_use_the_small_one() {
    for (name, job) in jobs_of_ledger() {
        let first = job["script"][0].as_str().expect("a command");
        let small = first == r#"export GITLAB_TOKEN="$GITLAB_MR_TOKEN""#;
        assert_eq!(small, ["plan", "declare"].contains(&name.as_str()), "{name}");
    }
}
