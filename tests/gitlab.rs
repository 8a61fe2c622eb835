//! GitLab, through the real program and the real client, against a fake that is as unkind as the real one.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    reason = "tests run the program"
)]

mod fake;

#[path = "gitlab/life.rs"]
mod life;

use fake::*;
use life::*;

#[test]
fn a_whole_life_ends_in_the_state_that_the_record_says() {
    let run = Run::new();
    for stage in 0..STAGES {
        run.write(stage);
        let output = run.apply(&[]);
        assert_eq!(output.code, 0, "stage {stage}: {}", output.text);
    }
    let state = run.fake.lock();
    assert_eq!(state.violations, Vec::<String>::new());
    assert_eq!(state.executed, Vec::<String>::new());
    insta::assert_snapshot!("life", state.world().join("\n"));
}
