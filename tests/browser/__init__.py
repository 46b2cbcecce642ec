"""What people do with the widget and the console, done in a real browser against the deployed system."""
