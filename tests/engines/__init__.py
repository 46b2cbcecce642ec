"""The widget in Firefox and WebKit, which the other browser tests do not see."""
