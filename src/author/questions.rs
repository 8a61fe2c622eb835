//! The questions on a terminal that ask for a text.

/// A question on a terminal that asks for an optional text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Question {
    /// The flag that answers the question.
    pub flag: &'static str,
    /// The text of the question.
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
