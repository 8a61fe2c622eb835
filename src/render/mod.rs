//! Text from files, made harmless where it is shown.
