//! What a command reads: bounded, once, and recognised where it is another kind of file.

use std::fs::File;
use std::process::{Command, Stdio};

use rehearsal::Exit;

use super::{Folder, LOSSY, PAPER};

#[test]
fn a_file_beyond_the_bound_and_a_folder_are_refused() {
    let folder = Folder::new();
    let large = File::create(folder.path("large.ron")).expect("a file can be made");
    large.set_len(rehearsal::sim::source::MOST_BYTES + 1).expect("it takes no room");
    for command in ["run", "check", "replay"] {
        let told = folder.refused(&format!("{command} ./large.ron"));
        assert!(told.contains("it has more than 64 MiB"), "{told}");
    }
    let told = folder.refused("run ./");
    assert!(told.contains("it is neither a file nor a pipe"), "{told}");
}

#[test]
fn a_scenario_and_a_plan_can_come_through_a_pipe() {
    let folder = Folder::with_paper().file("x.ron", LOSSY);
    folder.ends("run ./x.ron --plan ./p.ron", Exit::Violated);
    let input = File::open(folder.path("p.ron")).expect("it was written");
    let mut cat = Command::new("cat").stdin(input).stdout(Stdio::piped()).spawn().expect("cat");
    let pipe = cat.stdout.take().expect("its output");
    let mut command = Command::new(env!("CARGO_BIN_EXE_rehearsal"));
    let ran = command.args(["replay", "/dev/stdin"]).stdin(pipe).output().expect("it runs");
    assert_eq!(ran.status.code(), Some(1), "{}", String::from_utf8_lossy(&ran.stderr));
    cat.wait().expect("it ends");
}

#[test]
fn a_byte_order_mark_is_no_part_of_a_file() {
    let folder = Folder::with_paper().file("x.ron", format!("\u{feff}{LOSSY}"));
    folder.ends("check ./x.ron", Exit::Held);
}

/// The first bytes of a recording: the length and checksum of its header, then the header.
const RECORDING: &[u8] = b"\0\0\0\0\0\0\0\0\x00\x13rehearsal recording";

#[test]
fn a_script_and_a_recording_are_told_the_command_that_takes_them() {
    let folder = shipped().file("chat.txt", PAPER).file("n1.rec", RECORDING);
    for (file, what, command) in [
        ("chat.txt", "this is a chat script", "cluster"),
        ("n1.rec", "this is a recording of a real node", "replay"),
    ] {
        let told = folder.refused(&format!("run ./{file}"));
        assert!(told.contains(what), "{told}");
        assert!(told.contains(&format!("= help: use `rehearsal {command} ")), "{told}");
    }
}

#[test]
fn a_script_is_checked_as_the_roster_that_it_is() {
    let local = PAPER.replace("10.0.2.15", "127.0.0.1");
    let told = shipped().file("chat.txt", local).ends("check ./chat.txt", Exit::Held);
    assert!(told.starts_with("ok    chat.txt: 6 nodes of \"chat\", digest "), "{told}");
}

#[test]
fn a_long_word_is_cut_where_a_message_quotes_it() {
    let long = "x".repeat(10_000);
    let folder = Folder::with_paper().file("x.ron", LOSSY.replace("AsPrinted", &long));
    let told = folder.refused("check ./x.ron");
    assert!(told.contains("xxx.. (10000 characters)`"), "{told}");
    assert!(told.len() < 2_000, "{} bytes", told.len());
}

fn shipped() -> Folder {
    Folder { cli: rehearsal::shipped::cli(), ..Folder::new() }
}
