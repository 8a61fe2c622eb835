//! A GitLab on loopback: stateful, strict, and as unkind as the real one.
//!
//! It answers over real connections to the real client. It drops what a user may not set without a word, runs quick
//! actions and takes them out of texts, pages short, forgets answers on demand, and counts a request that GitLab does not
//! have as a violation that fails the test. `tests/fake/check.py` proves it against an independent client.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "shared by several tests, each of which uses a part"
)]

pub mod api;
pub mod state;

#[path = "../../src/render/escape/hostile.rs"]
pub mod hostile;
#[path = "../../src/render/escape/proof.rs"]
pub mod proof;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

pub use state::*;

/// What goes wrong with a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The connection closes before anything was done.
    Refused,
    /// 500, and nothing was done.
    Failed,
    /// 502 from a proxy, in HTML, and it was done.
    BadGateway,
    /// 429 of an application limit, in JSON.
    LimitJson,
    /// 429 of Rack::Attack, as text.
    LimitText,
    /// It was done; the connection closes without an answer.
    Dropped,
    /// It was done; the answer comes after the client's patience.
    Slow,
    /// It is done after the client has given up.
    Late,
    /// The client is killed before it was done.
    KilledBefore,
    /// The client is killed when it was done.
    KilledAfter,
}

pub const FAULTS: [Fault; 10] = [
    Fault::Refused,
    Fault::Failed,
    Fault::BadGateway,
    Fault::LimitJson,
    Fault::LimitText,
    Fault::Dropped,
    Fault::Slow,
    Fault::Late,
    Fault::KilledBefore,
    Fault::KilledAfter,
];

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    /// The path's segments after `/api/v4`, decoded.
    pub path: Vec<String>,
    /// Query and body.
    pub params: Vec<(String, String)>,
    pub headers: Vec<(String, String)>,
    /// The path as it was sent.
    pub raw: String,
    /// The body as it was sent.
    pub body: Vec<u8>,
}

impl Request {
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params
            .iter()
            .find(|(own, _)| own == name)
            .map(|(_, value)| value.as_str())
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(own, _)| own == name)
            .map(|(_, value)| value.as_str())
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    pub fn json(status: u16, body: serde_json::Value) -> Self {
        Self {
            status,
            headers: vec![("Content-Type".into(), "application/json".into())],
            body: body.to_string(),
        }
    }

    pub fn message(status: u16, text: &str) -> Self {
        Self::json(status, serde_json::json!({ "message": text }))
    }
}

/// A running fake.
pub struct Fake {
    pub url: String,
    state: Arc<Mutex<State>>,
}

impl Fake {
    pub fn start(state: State) -> Self {
        Self::start_at(state, "127.0.0.1:0")
    }

    pub fn start_at(state: State, address: &str) -> Self {
        let listener = TcpListener::bind(address).expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let state = Arc::new(Mutex::new(state));
        state.lock().expect("the state").url = url.clone();
        let shared = state.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = shared.clone();
                std::thread::spawn(move || {
                    let _ = serve(stream, &shared);
                });
            }
        });
        Self { url, state }
    }

    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Goes on from the state of another one.
    pub fn set(&self, mut state: State) {
        let old = std::mem::take(&mut state.url);
        for issue in &mut state.issues {
            issue.description = issue.description.replace(&old, &self.url);
        }
        for note in &mut state.notes {
            note.body = note.body.replace(&old, &self.url);
        }
        state.url = self.url.clone();
        *self.lock() = state;
    }
}

fn serve(stream: TcpStream, shared: &Arc<Mutex<State>>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut writer = stream;
    while let Some(request) = read(&mut reader)? {
        let (fault, pause) = {
            let mut state = shared.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            let at = state.count;
            state.count += 1;
            state.log.push(format!("{} {}", request.method, request.raw));
            let fault = state.fault.filter(|(when, _)| *when == at).map(|(_, fault)| fault);
            (fault, state.pause)
        };
        let handle = |request: &Request| {
            let mut state = shared.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            let mut answer = api::handle(&mut state, request);
            let date = state.now().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
            answer.headers.push(("Date".into(), date));
            answer
        };
        let kill = || loop {
            let pid = shared.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).pid;
            if let Some(pid) = pid {
                let _ = std::process::Command::new("kill")
                    .args(["-9", &pid.to_string()])
                    .status();
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        };
        let limited = |kind: &str, body: &str| Answer {
            status: 429,
            headers: vec![("Content-Type".into(), kind.into()), ("Retry-After".into(), "0".into())],
            body: body.into(),
        };
        let asked = {
            let mut state = shared.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            let once = state
                .limited_once
                .filter(|(method, part, _)| *method == request.method && request.raw.contains(part));
            if once.is_some() {
                state.limited_once = None;
            }
            let always = state.limited.clone().filter(|_| request.method != "GET");
            once.map(|(_, _, seconds)| seconds.to_owned()).or(always)
        };
        let answer = match fault {
            None if asked.is_some() => Answer {
                headers: vec![("Retry-After".into(), asked.unwrap_or_default())],
                ..limited("text/plain", "Retry later\n")
            },
            None => handle(&request),
            Some(Fault::Refused) => return Ok(()),
            Some(Fault::Failed) => Answer::message(500, "500 Internal Server Error"),
            Some(Fault::BadGateway) => {
                handle(&request);
                Answer {
                    status: 502,
                    headers: vec![("Content-Type".into(), "text/html".into())],
                    body: "<html><h1>502 Bad Gateway</h1></html>".into(),
                }
            }
            Some(Fault::LimitJson) => limited(
                "application/json",
                r#"{"message":{"error":"This endpoint has been requested too many times. Try again later."}}"#,
            ),
            Some(Fault::LimitText) => limited("text/plain", "Retry later\n"),
            Some(Fault::Dropped) => {
                handle(&request);
                return Ok(());
            }
            Some(Fault::Slow) => {
                let answer = handle(&request);
                std::thread::sleep(pause);
                answer
            }
            Some(Fault::Late) => {
                std::thread::sleep(pause);
                let answer = handle(&request);
                shared.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).late = true;
                answer
            }
            Some(Fault::KilledBefore) => {
                kill();
                return Ok(());
            }
            Some(Fault::KilledAfter) => {
                handle(&request);
                kill();
                return Ok(());
            }
        };
        let mut head = format!(
            "HTTP/1.1 {} X\r\nContent-Length: {}\r\n",
            answer.status,
            answer.body.len()
        );
        for (name, value) in &answer.headers {
            head += &format!("{name}: {value}\r\n");
        }
        head += "\r\n";
        writer.write_all(head.as_bytes())?;
        writer.write_all(answer.body.as_bytes())?;
        writer.flush()?;
    }
    Ok(())
}

pub fn read(reader: &mut BufReader<TcpStream>) -> std::io::Result<Option<Request>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut parts = line.split_whitespace();
    let method = parts.next().unwrap_or_default().to_owned();
    let raw = parts.next().unwrap_or_default().to_owned();
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    let find = |name: &str| {
        headers
            .iter()
            .find(|(own, _)| own == name)
            .map(|(_, value)| value.as_str())
    };
    let length = find("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let (path, query) = raw.split_once('?').unwrap_or((&raw, ""));
    let mut params = form(query.as_bytes());
    match find("content-type").unwrap_or_default() {
        kind if kind.starts_with("application/json") => {
            let value: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
            for (name, value) in value.as_object().into_iter().flatten() {
                match value {
                    serde_json::Value::Array(list) => {
                        params.extend(list.iter().map(|item| (format!("{name}[]"), plain(item))));
                    }
                    value => params.push((name.clone(), plain(value))),
                }
            }
        }
        kind if kind.starts_with("application/x-www-form-urlencoded") => params.extend(form(&body)),
        _ => {}
    }
    let path = path.split('/').filter(|part| !part.is_empty()).map(decode).collect();
    Ok(Some(Request {
        method,
        path,
        params,
        headers: headers.clone(),
        raw: raw.clone(),
        body,
    }))
}

fn plain(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn form(bytes: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(bytes).into_owned().collect()
}

fn decode(part: &str) -> String {
    // A plus is a plus in a path.
    let part = part.replace('+', "%2B");
    url::form_urlencoded::parse(format!("x={part}").as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}
