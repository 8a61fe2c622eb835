//! The index in the incident issue chooses no place and no address.
