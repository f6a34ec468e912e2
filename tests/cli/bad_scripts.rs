//! A script file that is wrong is refused with its place and a remedy.

use rehearsal::Exit;

use super::mistakes::Right;
use super::{Folder, LOSSY, PAPER, with};

/// Two users, and one message from the first to the second.
const GOOD: &str = "Users\n10.0.2.15,2881,ann\n10.0.2.15,2882,bob\nMessage\nann,bob,hello\n";

const SCRIPT: Right = Right { name: "chat.txt", text: GOOD, complaint };

/// The scenario of a script of two users.
fn scenario() -> String {
    with(&with(LOSSY, "nodes: 6", "nodes: 2"), "paper-50.txt", "chat.txt")
}

/// The complaint about a script, which must be the same whether it is checked
/// or a scenario names it.
#[track_caller]
fn complaint(script: &str) -> String {
    let folder = Folder::new().file("chat.txt", script).file("chat.ron", scenario());
    let checked = folder.refused("script check ./chat.txt");
    assert_eq!(folder.refused("run ./chat.ron"), checked);
    assert_eq!(folder.refused("check ./chat.ron"), checked);
    checked
}

#[test]
fn an_unknown_receiver_is_underlined_and_the_known_ones_are_named() {
    insta::assert_snapshot!(complaint(&with(GOOD, "ann,bob,hello", "ann,rob,hello")), @r"
     --> chat.txt:5:5
      |
    5 | ann,rob,hello
      |     ^^^ the receiver `rob` is not one of the users
      |
      = help: the users are `ann`, `bob`
    ");
}

const MISTAKES: &str = r"
! the sender `rob` is not one of the users
= help: the users are `ann`, `bob`
    ann,bob,hello => ^rob,bob,hello |

! `ann` writes to itself
= help: a user that waits for itself never stops waiting; name another receiver
    ann,bob,hello => ann,^ann,hello |

! `10.0.2.256` is no IP address
= help: an IP address is like `10.0.2.15` or `::1`; the line `Message` ends the users
    10.0.2.15,2882 => ^10.0.2.256,2882 |

! `{}` is no port
= help: a port is a whole number from 1 to 65535
    2882 => ^0 |
    2882 => ^65536 |
    2882 => ^x |
    2882 => ^ |

! two users are called `ann`
= help: give every user its own name; line 2 has the same
    2882,bob => 2882,^ann |
! two users listen on address 10.0.2.15, port 2881
= help: give every user its own address or port; line 2 has the same
    10.0.2.15,2882 => ^10.0.2.15,2881 |

! the script does not start with the line `Users`
= help: the first line is `Users`, and nothing else
    Users\n => ^ |
! the script ends before the line `Message`
= help: the line `Message` ends the users, even if no message follows
    bob\nMessage\nann,bob,hello\n => bob^\n |
! `ann` is no IP address
= help: an IP address is like `10.0.2.15` or `::1`; the line `Message` ends the users
    Message\n => ^ |

! the line ends before the port
= help: a user is a line `address,port,name`; the line `Message` ends the users
    ,2882,bob => ^ |
! the line ends before the name
    ,bob\n => ^\n |
! the line ends before the receiver
= help: a message is a line `sender,receiver,text`
    ,bob,hello => ^ |
! the line ends before the text
    ,hello => ^ |

! the script is empty
= help: a script is the line `Users`, the users, the line `Message`, the messages
    ALL => ^ |
    ALL => ^\n\n |
";

#[test]
fn a_mistake_in_a_script_is_refused() {
    SCRIPT.refuses("", &MISTAKES.replace("ALL", &GOOD.replace('\n', "\\n")));
}

#[test]
fn a_byte_that_is_not_utf_8_is_refused() {
    let latin_1: Vec<u8> = GOOD.bytes().map(|b| if b == b'h' { 0xe4 } else { b }).collect();
    let folder = Folder::new().file("chat.txt", &latin_1);
    let complaint = folder.refused("script check ./chat.txt");
    assert!(complaint.starts_with(" --> chat.txt:5:9\n"), "{complaint}");
    assert!(complaint.contains("help: save the file as UTF-8"), "{complaint}");
    folder.write("chat.ron", with(LOSSY, "paper-50.txt", "chat.txt"));
    assert!(folder.refused("run ./chat.ron").starts_with(" --> chat.txt:5:9\n"));
}

#[test]
fn a_file_that_is_not_there_is_refused() {
    let complaint = Folder::new().refused("script check ./chat.txt");
    assert!(complaint.contains("chat.txt:1:1"), "{complaint}");
    assert!(complaint.contains("cannot read `chat.txt`: No such file"), "{complaint}");
}

#[test]
fn a_comma_in_the_text_is_text() {
    let folder = Folder::new().file("chat.txt", with(GOOD, "hello", "well, hello, bob"));
    let out = folder.ends("script check ./chat.txt", Exit::Held);
    assert_eq!(out, "ok    chat.txt: 2 users, 1 messages\n");
    folder.write("chat.ron", scenario());
    assert!(folder.ends("run ./chat.ron", Exit::Held).contains("\n  well, hello, bob\n"));
}

#[test]
fn other_line_ends_a_missing_last_one_and_a_byte_order_mark_make_the_same_script() {
    let scenario = with(LOSSY, "10/100", "0/100");
    let folder = Folder::with_paper().file("x.ron", scenario);
    let usual = folder.ends("run ./x.ron --json", Exit::Held);
    let marked = format!("\u{feff}{PAPER}");
    for script in [PAPER.replace('\n', "\r\n"), PAPER.trim_end().to_owned(), marked] {
        folder.write("paper-50.txt", &script);
        let checked = folder.ends("script check ./paper-50.txt", Exit::Held);
        assert_eq!(checked, "ok    paper-50.txt: 6 users, 50 messages\n");
        assert_eq!(folder.ends("run ./x.ron --json", Exit::Held), usual);
    }
}
