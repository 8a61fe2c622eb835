//! An adopted ticket is shown, and reaches only its own customer.
