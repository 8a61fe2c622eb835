//! A forged lock stops nobody.
