"""Proves the fake Slack against slack_sdk, a client that knows nothing of this project."""

import subprocess
import sys

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

TOKEN = "xoxb-0-test"
passed = failed = 0


def check(what, is_so):
    global passed, failed
    if is_so:
        passed += 1
    else:
        failed += 1
        print("FAILED", what)


def refused(what, word, call):
    try:
        call()
        check(f"{what}: refused", False)
    except SlackApiError as error:
        check(f"{what}: {word}, not {error.response['error']}", error.response["error"] == word)


server = subprocess.Popen([sys.argv[1]], stdout=subprocess.PIPE, text=True)
try:
    url = server.stdout.readline().split()[-1]
    slack = WebClient(token=TOKEN, base_url=url)
    who = slack.auth_test()
    check("the bot", who["user_id"] == "U0BOT" and who["bot_id"] == "B0BOT")
    check("scopes", "chat:write" in who.headers["X-OAuth-Scopes"])
    refused("another token", "invalid_auth", lambda: WebClient(token="xoxb-other", base_url=url).auth_test())
    said = slack.chat_postMessage(
        channel="C0GENERAL", text="a & b", metadata={"event_type": "e", "event_payload": {"key": "k"}}
    )
    check("a message", said["channel"] == "C0GENERAL" and "." in said["ts"])
    refused("an unknown channel", "channel_not_found", lambda: slack.chat_postMessage(channel="C0NO", text="x"))
    refused("no text", "no_text", lambda: slack.chat_postMessage(channel="C0GENERAL", text=""))
    refused("a long text", "msg_too_long", lambda: slack.chat_postMessage(channel="C0GENERAL", text="x" * 40_001))
    long = [{"type": "section", "text": {"type": "plain_text", "text": "x" * 3001}}]
    refused(
        "a long block", "invalid_blocks", lambda: slack.chat_postMessage(channel="C0GENERAL", text="x", blocks=long)
    )
    read = slack.conversations_history(channel="C0GENERAL", include_all_metadata=True)
    check("metadata when asked", read["messages"][0]["metadata"]["event_payload"]["key"] == "k")
    check("no metadata unasked", "metadata" not in slack.conversations_history(channel="C0GENERAL")["messages"][0])
    check("a link", "/archives/C0GENERAL/p" in slack.chat_getPermalink(channel="C0GENERAL", message_ts=said["ts"])["permalink"])
    slack.chat_update(channel="C0GENERAL", ts=said["ts"], text="c")
    check("an edit", slack.conversations_history(channel="C0GENERAL")["messages"][0]["text"] == "c")
    refused("nobody's message", "message_not_found", lambda: slack.chat_update(channel="C0GENERAL", ts="1.0", text="c"))
    made = slack.conversations_create(name="inc-1")["channel"]
    check("a channel", made["creator"] == "U0BOT" and made["is_member"])
    refused("a taken name", "name_taken", lambda: slack.conversations_create(name="inc-1"))
    refused("a name with signs", "invalid_name_specials", lambda: slack.conversations_create(name="Inc 1"))
    refused("a long name", "invalid_name_maxlength", lambda: slack.conversations_create(name="x" * 81))
    slack.conversations_setTopic(channel=made["id"], topic="topic")
    slack.conversations_setPurpose(channel=made["id"], purpose="purpose")
    seen = slack.conversations_info(channel=made["id"])["channel"]
    check("topic and purpose", seen["topic"]["value"] == "topic" and seen["purpose"]["value"] == "purpose")
    refused("a long topic", "too_long", lambda: slack.conversations_setTopic(channel=made["id"], topic="x" * 251))
    slack.conversations_invite(channel=made["id"], users=["U0ALICE", "U0BOB"])
    refused("invited twice", "already_in_channel", lambda: slack.conversations_invite(channel=made["id"], users="U0BOB"))
    refused("a stranger", "user_not_found", lambda: slack.conversations_invite(channel=made["id"], users="U0NO"))
    slack.conversations_invite(channel=made["id"], users="U0NO,U0CAROL", force=True)
    # The fake's clock stands in January 2026.
    at = 1767636000
    later = slack.chat_scheduleMessage(channel=made["id"], post_at=at, text="later [k]")
    listed = slack.chat_scheduledMessages_list()["scheduled_messages"]
    check("scheduled", [one["id"] for one in listed] == [later["scheduled_message_id"]] and listed[0]["text"] == "later [k]")
    refused("the past", "time_in_past", lambda: slack.chat_scheduleMessage(channel=made["id"], post_at=1, text="x"))
    refused("too far", "time_too_far", lambda: slack.chat_scheduleMessage(channel=made["id"], post_at=at * 2, text="x"))
    slack.chat_deleteScheduledMessage(channel=made["id"], scheduled_message_id=later["scheduled_message_id"])
    refused(
        "deleted twice",
        "invalid_scheduled_message_id",
        lambda: slack.chat_deleteScheduledMessage(
            channel=made["id"], scheduled_message_id=later["scheduled_message_id"]
        ),
    )
    for number in range(5):
        slack.chat_postMessage(channel=made["id"], text=f"message {number}")
    pages, texts = 0, []
    for page in slack.conversations_history(channel=made["id"], limit=2):
        pages += 1
        texts += [message["text"] for message in page["messages"]]
    check("pages, the newest first", pages == 3 and texts == [f"message {number}" for number in (4, 3, 2, 1, 0)])
    mine = slack.users_conversations(types="public_channel")["channels"]
    check("its own channels", "inc-1" in [channel["name"] for channel in mine])
    slack.conversations_join(channel="C0GENERAL")
    slack.conversations_archive(channel=made["id"])
    refused("archived twice", "already_archived", lambda: slack.conversations_archive(channel=made["id"]))
    refused("said in the archive", "is_archived", lambda: slack.chat_postMessage(channel=made["id"], text="x"))
    refused("general", "cant_archive_general", lambda: slack.conversations_archive(channel="C0GENERAL"))
finally:
    server.kill()
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
