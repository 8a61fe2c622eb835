//! The base revision of a comparison, from the command line and the variables of GitLab CI.
//! <https://docs.gitlab.com/ci/variables/predefined_variables/>

/// The base revision of a comparison, and how to find it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Base {
    /// This revision.
    Revision {
        /// The revision.
        revision: String,
        /// Why this revision was chosen, as text for people.
        why: &'static str,
    },
    /// The base is the best common ancestor of the head and another revision.
    MergeBase {
        /// The other revision.
        with: String,
        /// Why this revision was chosen, as text for people.
        why: &'static str,
    },
    /// The parent of the head; the empty tree if the head is the first commit.
    Parent,
    /// No base: neither the command line nor the pipeline names one.
    None,
}

/// The variables of GitLab CI that the program reads. An empty variable counts as absent.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CiVariables {
    /// Whether the program runs in a pipeline: `CI` is true, or any of GitLab's job variables is set.
    pub ci: bool,
    /// `CI_PIPELINE_SOURCE`.
    pub pipeline_source: Option<String>,
    /// `CI_MERGE_REQUEST_EVENT_TYPE`.
    pub event_type: Option<String>,
    /// `CI_MERGE_REQUEST_TARGET_BRANCH_SHA`: set in merged results pipelines only.
    pub target_branch_sha: Option<String>,
    /// `CI_MERGE_REQUEST_DIFF_BASE_SHA`.
    pub diff_base_sha: Option<String>,
    /// `CI_COMMIT_BEFORE_SHA`: zeros in merge request pipelines, schedules, manual runs and for a branch's first push.
    pub before_sha: Option<String>,
    /// `CI_COMMIT_BRANCH`.
    pub branch: Option<String>,
    /// `CI_DEFAULT_BRANCH`.
    pub default_branch: Option<String>,
}

impl CiVariables {
    /// Reads the variables; `get` returns the value of a variable.
    #[must_use]
    pub fn read(get: &dyn Fn(&str) -> Option<String>) -> Self {
        // A variable of a project can overwrite these, and none can unset them: being there is what counts.
        let in_job = ["GITLAB_CI", "CI_JOB_ID", "CI_PIPELINE_ID"]
            .iter()
            .any(|name| get(name).is_some());
        let get = |name| get(name).filter(|value| !value.trim().is_empty());
        Self {
            ci: in_job || get("CI").is_some_and(|value| value != "false"),
            pipeline_source: get("CI_PIPELINE_SOURCE"),
            event_type: get("CI_MERGE_REQUEST_EVENT_TYPE"),
            target_branch_sha: get("CI_MERGE_REQUEST_TARGET_BRANCH_SHA"),
            diff_base_sha: get("CI_MERGE_REQUEST_DIFF_BASE_SHA"),
            before_sha: get("CI_COMMIT_BEFORE_SHA"),
            branch: get("CI_COMMIT_BRANCH"),
            default_branch: get("CI_DEFAULT_BRANCH"),
        }
    }
}

/// Chooses the base: the revision of the flag, else the base of the pipeline, else none.
#[must_use]
pub fn choose_base(flag: Option<&str>, ci: &CiVariables) -> Base {
    let revision = |revision: &str, why| Base::Revision {
        revision: revision.to_owned(),
        why,
    };
    if let Some(flag) = flag {
        return revision(flag, "--base");
    }
    if !ci.ci {
        return Base::None;
    }
    // In a merged results pipeline the head is a merge of both branches: compared with the diff base, changes of the
    // target branch would look like this merge request's.
    if let Some(sha) = &ci.target_branch_sha {
        return revision(sha, "the target branch of the merge request");
    }
    if let Some(sha) = &ci.diff_base_sha {
        return revision(sha, "the base of the merge request");
    }
    let zeros = |sha: &&String| sha.bytes().all(|byte| byte == b'0');
    if let Some(sha) = ci.before_sha.as_ref().filter(|sha| !zeros(sha)) {
        return revision(sha, "the commit before the push");
    }
    match (&ci.branch, &ci.default_branch) {
        (Some(branch), Some(default)) if branch != default => Base::MergeBase {
            with: format!("origin/{default}"),
            why: "the default branch",
        },
        _ if ci.pipeline_source.as_deref() == Some("push") => Base::Parent,
        _ => Base::None,
    }
}
