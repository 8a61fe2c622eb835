//! Attacks that once worked against the program, each with a harmless twin that still works. docs/threat-model.md names the
//! attacker and what the attacker can reach.

#![expect(clippy::disallowed_methods, clippy::expect_used, reason = "tests run the program")]

mod common;
mod gitlab_server;
mod loopback;
mod slack_server;

#[path = "chat/both.rs"]
mod both;
#[path = "gitlab/life.rs"]
mod life;
#[path = "gitlab/project.rs"]
mod project;

#[path = "attacks/addresses.rs"]
mod addresses;
#[path = "attacks/completion.rs"]
mod completion;
#[path = "attacks/copied.rs"]
mod copied;
#[path = "attacks/cost.rs"]
mod cost;
#[path = "attacks/credential_places.rs"]
mod credential_places;
#[path = "attacks/credentials.rs"]
mod credentials;
#[path = "attacks/directory.rs"]
mod directory;
#[path = "attacks/hidden_names.rs"]
mod hidden_names;
#[path = "attacks/image.rs"]
mod image;
#[path = "attacks/index.rs"]
mod index;
#[path = "attacks/judged.rs"]
mod judged;
#[path = "attacks/links.rs"]
mod links;
#[path = "attacks/lock.rs"]
mod lock;
#[path = "attacks/names.rs"]
mod names;
#[path = "attacks/note.rs"]
mod note;
#[path = "attacks/people.rs"]
mod people;
#[path = "attacks/proof.rs"]
mod proof;
#[path = "attacks/quiet.rs"]
mod quiet;
#[path = "attacks/servers.rs"]
mod servers;
#[path = "attacks/shown.rs"]
mod shown;
#[path = "attacks/templates.rs"]
mod templates;
#[path = "attacks/terminal.rs"]
mod terminal;
#[path = "attacks/tickets.rs"]
mod tickets;
