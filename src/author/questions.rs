//! The questions about words that people are asked on a terminal.

/// A question for a text that may be left out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Question {
    /// The flag that answers it.
    pub flag: &'static str,
    /// What is asked.
    pub text: &'static str,
    /// Who reads the answer.
    pub readers: &'static str,
}

const EXECUTIVES: &str = "executives read this";
const CUSTOMERS: &str = "they read this";

/// Asks for `current_status`.
pub const CURRENT_STATUS: Question = Question {
    flag: "--current-status",
    text: "What is the current status?",
    readers: EXECUTIVES,
};

/// Asks for `current_actions`.
pub const CURRENT_ACTIONS: Question = Question {
    flag: "--current-actions",
    text: "What is being done?",
    readers: EXECUTIVES,
};

/// Asks for `next_steps`.
pub const NEXT_STEPS: Question = Question {
    flag: "--next-steps",
    text: "What comes next?",
    readers: EXECUTIVES,
};

/// Asks for `customer_message`.
pub const CUSTOMER_MESSAGE: Question = Question {
    flag: "--customer-message",
    text: "What do you tell the customers?",
    readers: CUSTOMERS,
};

/// Asks for `symptoms`.
pub const SYMPTOMS: Question = Question {
    flag: "--symptoms",
    text: "What do customers see?",
    readers: CUSTOMERS,
};
