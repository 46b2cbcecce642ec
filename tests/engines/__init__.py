"""The widget in Firefox and WebKit and the console in Firefox, which the other browser tests do not see."""
