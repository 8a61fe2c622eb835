"""Proves the fake GitLab with python-gitlab, a client that knows nothing of this project.

Usage: check.py PATH-OF-THE-FAKE
"""

import subprocess
import sys

import gitlab

passed = 0


def holds(what, true):
    global passed
    if not true:
        sys.exit(f"FAILED: {what}")
    passed += 1


def refused(what, status, call):
    global passed
    try:
        call()
    except gitlab.exceptions.GitlabError as error:
        if error.response_code != status:
            sys.exit(f"FAILED: {what}: {error.response_code} {error}")
        passed += 1
        return
    sys.exit(f"FAILED: {what} was not refused")


def main(url):
    write = gitlab.Gitlab(url, private_token="glpat-write")
    write.auth()
    holds("the token has a user", write.user.username == "project_1_bot_0a1b")
    holds("the server has a version", write.version()[0].startswith("19."))
    holds("the token knows itself", "api" in write.personal_access_tokens.get("self").scopes)
    holds("a user is found by name", write.users.list(username="alice")[0].id == 1)

    holds("a user says that it is a bot", write.users.get(write.user.id).bot is True)
    holds("a user says that it is no bot", write.users.get(1).bot is False)
    refused("a user that is not there", 404, lambda: write.users.get(4711))

    project = write.projects.get("support/incidents")
    holds("a project has a default branch", project.default_branch == "main")
    holds("a project says what a merge needs", project.only_allow_merge_if_pipeline_succeeds is True)
    refused("an unknown project", 404, lambda: write.projects.get("support/nothing"))

    issue = project.issues.create(
        {
            "title": "One",
            "description": "words\n\n/close\nmore",
            "issue_type": "incident",
            "confidential": True,
            "labels": ["a", "b"],
            "assignee_ids": [1],
            "severity": "high",
        }
    )
    holds("it is an incident", issue.issue_type == "incident" and issue.severity == "HIGH")
    holds("it is confidential", issue.confidential)
    holds("it has its labels", sorted(issue.labels) == ["a", "b"])
    holds("it has its assignee", issue.assignees[0]["username"] == "alice")
    holds("a command is taken out of a text", "/close" not in issue.description and "more" in issue.description)
    bare = project.issues.create({"title": "Bare"})
    holds("an empty description gets the template", "## Summary" in bare.description)
    project.issues.update(issue.iid, {"add_labels": ["c"], "remove_labels": ["a"], "state_event": "close"})
    issue = project.issues.get(issue.iid)
    holds("labels change by difference", sorted(issue.labels) == ["b", "c"] and issue.state == "closed")
    project.issues.update(issue.iid, {"title": issue.title, "add_labels": ["c"]})
    holds("an edit without a change is none", project.issues.get(issue.iid).updated_at == issue.updated_at)
    project.issues.update(issue.iid, {"title": "Other"})
    edited = project.issues.get(issue.iid)
    holds("a change is dated", edited.updated_at > issue.updated_at >= issue.created_at)
    holds("an issue does not say who edited it", "last_edited_by" not in edited.attributes)
    refused("a title that is too long", 400, lambda: project.issues.create({"title": "x" * 256}))
    refused("an issue without a title", 400, lambda: write.http_post("/projects/1/issues", post_data={"description": "x"}))

    for number in range(45):
        project.issues.create({"title": f"More {number}", "description": "x"})
    page = project.issues.list(get_all=False)
    holds("a page has twenty rows", len(page) == 20)
    everything = project.issues.list(iterator=True, per_page=30, sort="asc", order_by="created_at")
    found = list(everything)
    holds("all pages are followed", len(found) == 47 and everything.total == 47)
    mine = project.issues.list(get_all=True, author_id=write.user.id, state="closed")
    holds("lists are filtered", [one.iid for one in mine] == [issue.iid])

    note = issue.notes.create({"body": "<!-- mark -->\n\nwords\r\n"})
    holds("a note keeps comments and loses CR and space at its end", note.body == "<!-- mark -->\n\nwords")
    written = note.updated_at
    note.body = "other words"
    note.save()
    holds("a changed note is dated", issue.notes.get(note.id).updated_at > written)
    holds("a note is edited", issue.notes.get(note.id).body == "other words")
    only = write.http_post(f"/projects/1/issues/{issue.iid}/notes", post_data={"body": "/reopen"})
    holds("a note of commands alone is not stored", "commands_changes" in only and "id" not in only)
    write.http_put(f"/projects/1/issues/{issue.iid}/notes/{note.id}", post_data={"body": "/reopen"})
    refused("a note edited to commands alone is gone", 404, lambda: issue.notes.get(note.id))
    for number in range(25):
        issue.notes.create({"body": f"note {number}"})
    holds("notes come oldest first when asked", issue.notes.list(get_all=True, sort="asc")[0].body == "note 0")

    label = project.labels.create({"name": "lock", "color": "#808080", "description": "one"})
    refused("a second label of a name", 409, lambda: project.labels.create({"name": "lock", "color": "#808080"}))
    holds("a label is read by its name", project.labels.get("lock").description == "one")
    project.labels.delete(label.id)
    refused("a label that is gone", 404, lambda: project.labels.get("lock"))

    request = project.mergerequests.get(1)
    holds("a merge request has an author", request.author["username"] == "bob")
    said = request.notes.create({"body": "plan"})
    holds("a merge request has notes", [one.id for one in request.notes.list(get_all=True)] == [said.id])
    holds("nobody has approved", request.approvals.get().approved_by == [])

    holds("a resource group has a mode", project.resource_groups.get("incidents").process_mode == "oldest_first")
    holds("branches are found", project.branches.list(search="^main", get_all=True)[0].name == "main")
    refused("variables are a Maintainer's", 403, lambda: project.variables.list(get_all=True))
    refused("deletion is an Owner's", 403, lambda: issue.delete())

    read = gitlab.Gitlab(url, private_token="glpat-read")
    holds("a token that reads may read", read.projects.get(1).issues.get(issue.iid).iid == issue.iid)
    refused("it may not write", 403, lambda: read.projects.get(1).issues.create({"title": "x"}))
    refused("an expired token", 401, lambda: gitlab.Gitlab(url, private_token="glpat-expired").auth())
    job = gitlab.Gitlab(url, job_token="glcbt-job")
    holds("a job may read a merge request", job.projects.get(1).mergerequests.get(1).iid == 1)
    refused("a job may not write notes", 401, lambda: job.projects.get(1).mergerequests.get(1).notes.create({"body": "x"}))
    refused("a job may not see approvals", 401, lambda: job.projects.get(1).mergerequests.get(1).approvals.get())
    print(f"{passed} passed, 0 failed")


if __name__ == "__main__":
    fake = subprocess.Popen([sys.argv[1]], stdout=subprocess.PIPE, text=True)
    try:
        main(fake.stdout.readline().split()[-1])
    finally:
        fake.kill()
