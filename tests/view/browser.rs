//! A headless Chromium, driven over a pipe: JSON messages of the `DevTools` protocol, each with
//! a zero byte after it.

#![expect(
    clippy::disallowed_methods,
    reason = "the answers of another process are read beside, so that waiting for them can end"
)]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

/// Longer than anything takes, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

const HOW_TO_INSTALL: &str = "Chromium is needed: run `tests/view/install.sh` once";

/// A browser with one page, and what that page complained about.
pub(crate) struct Browser {
    child: Child,
    stdin: ChildStdin,
    messages: Receiver<Value>,
    session: String,
    next: u64,
    /// Errors and warnings that the page's console has shown since the page was opened.
    pub(crate) complaints: Vec<String>,
}

impl Browser {
    /// Starts a browser whose profile is in this empty folder, with a window of this size.
    pub(crate) fn start(profile: &Path, width: u32, height: u32) -> Self {
        // A pipe for each direction, where the browser expects them: standard input and output.
        let script = "exec chromium \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>/dev/null";
        let mut child = Command::new("sh")
            .args(["-c", script, "chromium", "--remote-debugging-pipe", "--headless"])
            .args(["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
            .args(["--disable-background-networking", "--disable-component-update"])
            .args(["--disable-sync", "--hide-scrollbars"])
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg(format!("--window-size={width},{height}"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell starts");
        let stdin = child.stdin.take().expect("it is piped");
        let stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            for message in stdout.split(0).map_while(Result::ok) {
                let message = serde_json::from_slice(&message).expect("the browser speaks JSON");
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let session = String::new();
        let complaints = Vec::new();
        let mut browser = Self { child, stdin, messages, session, next: 0, complaints };
        let target = browser.ask("Target.createTarget", &json!({ "url": "about:blank" }));
        let target = target["targetId"].clone();
        let attached =
            browser.ask("Target.attachToTarget", &json!({ "targetId": target, "flatten": true }));
        attached["sessionId"].as_str().expect("a session").clone_into(&mut browser.session);
        for domain in ["Page", "Runtime", "Log"] {
            browser.ask(&format!("{domain}.enable"), &json!({}));
        }
        browser.resize(width, height);
        browser
    }

    /// Gives the page this size, in pixels.
    pub(crate) fn resize(&mut self, width: u32, height: u32) {
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.ask("Emulation.setDeviceMetricsOverride", &size);
    }

    /// Lets the page think that its user likes it dark or light.
    pub(crate) fn prefer(&mut self, scheme: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.ask("Emulation.setEmulatedMedia", &json!({ "features": features }));
    }

    /// Opens a file, with a fragment or an empty one, and waits until it is loaded and drawn.
    pub(crate) fn open(&mut self, file: &Path, fragment: &str) {
        // A file that differs in its fragment alone would not be loaded again.
        self.load("about:blank");
        self.complaints.clear();
        self.load(&format!("file://{}{fragment}", file.display()));
        self.settle();
    }

    /// Opens this address, and waits until it is loaded and drawn.
    pub(crate) fn visit(&mut self, url: &str) {
        self.load("about:blank");
        self.complaints.clear();
        self.load(url);
        self.settle();
    }

    fn load(&mut self, url: &str) {
        let answer = self.ask("Page.navigate", &json!({ "url": url }));
        assert!(answer.get("errorText").is_none(), "{url}: {answer}");
        self.until("document.readyState === 'complete'");
    }

    /// Waits until all that was planned for the next frame is drawn.
    pub(crate) fn settle(&mut self) {
        self.eval(
            "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))",
        );
    }

    /// Waits until this holds.
    pub(crate) fn until(&mut self, condition: &str) {
        for _ in 0..500 {
            if self.eval(condition) == json!(true) {
                return;
            }
            self.eval("new Promise((done) => setTimeout(() => done(1), 20))");
        }
        panic!("in vain: {condition}");
    }

    /// The value of this expression on the page.
    pub(crate) fn eval(&mut self, expression: &str) -> Value {
        let question =
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let answer = self.ask("Runtime.evaluate", &question);
        assert!(answer.get("exceptionDetails").is_none(), "{expression}: {answer:#}");
        answer["result"].get("value").cloned().unwrap_or(Value::Null)
    }

    /// The same as a text.
    pub(crate) fn text(&mut self, expression: &str) -> String {
        match self.eval(expression) {
            Value::String(text) => text,
            other => panic!("{expression} is no text: {other}"),
        }
    }

    /// The same as a number.
    pub(crate) fn number(&mut self, expression: &str) -> f64 {
        self.eval(expression).as_f64().unwrap_or_else(|| panic!("{expression} is no number"))
    }

    /// Presses a key, as on a keyboard.
    pub(crate) fn press(&mut self, key: &str) {
        let text = match key {
            "Enter" => "\r",
            key if key.chars().count() == 1 => key,
            _ => "",
        };
        let code = match key {
            "Enter" => 13,
            "Tab" => 9,
            _ => 0,
        };
        for kind in ["keyDown", "keyUp"] {
            let text = if kind == "keyDown" { text } else { "" };
            let event =
                json!({ "type": kind, "key": key, "text": text, "windowsVirtualKeyCode": code });
            self.ask("Input.dispatchKeyEvent", &event);
        }
        self.settle();
    }

    /// Clicks at this point.
    pub(crate) fn click(&mut self, x: f64, y: f64) {
        for (kind, buttons) in [("mouseMoved", 0), ("mousePressed", 1), ("mouseReleased", 0)] {
            let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "buttons": buttons, "clickCount": 1 });
            self.ask("Input.dispatchMouseEvent", &event);
        }
        self.settle();
    }

    /// Turns the wheel at this point, with `ctrl` held or not.
    pub(crate) fn wheel(&mut self, (x, y): (f64, f64), by: f64, with_ctrl: bool) {
        let modifiers = if with_ctrl { 2 } else { 0 };
        let event = json!({ "type": "mouseWheel", "x": x, "y": y, "deltaX": 0, "deltaY": by, "modifiers": modifiers });
        self.ask("Input.dispatchMouseEvent", &event);
        self.settle();
    }

    /// A picture of the page, as the text of a PNG in base 64.
    pub(crate) fn picture(&mut self) -> String {
        let answer = self.ask("Page.captureScreenshot", &json!({ "format": "png" }));
        answer["data"].as_str().expect("a picture").to_owned()
    }

    /// Asks the browser, or its page once there is one, and waits for the answer.
    fn ask(&mut self, method: &str, parameters: &Value) -> Value {
        self.next += 1;
        let mut question = json!({ "id": self.next, "method": method, "params": parameters });
        if !self.session.is_empty() {
            question["sessionId"] = json!(self.session);
        }
        let sent = write!(self.stdin, "{question}\0").and_then(|()| self.stdin.flush());
        assert!(sent.is_ok(), "{HOW_TO_INSTALL} (the browser does not run)");
        loop {
            let message = self.messages.recv_timeout(PATIENCE);
            let message =
                message.unwrap_or_else(|_| panic!("{HOW_TO_INSTALL} (no answer: {method})"));
            self.listen(&message);
            if message["id"] == json!(self.next) {
                assert!(message.get("error").is_none(), "{method}: {message}");
                return message["result"].clone();
            }
        }
    }

    fn listen(&mut self, message: &Value) {
        let parameters = &message["params"];
        let complaint = match message["method"].as_str() {
            Some("Runtime.exceptionThrown") => Some(&parameters["exceptionDetails"]),
            Some("Log.entryAdded") => Some(&parameters["entry"]),
            Some("Runtime.consoleAPICalled") => Some(&parameters["args"]),
            _ => None,
        };
        self.complaints.extend(complaint.map(Value::to_string));
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It ends by itself if it can; a failed test must not leave it behind.
        let _ = write!(self.stdin, "{}\0", json!({ "id": 0, "method": "Browser.close" }));
        let _ = self.stdin.flush();
        for _ in 0..50 {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            if self.messages.recv_timeout(Duration::from_millis(100)).is_err()
                && matches!(self.child.try_wait(), Ok(Some(_)))
            {
                return;
            }
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
