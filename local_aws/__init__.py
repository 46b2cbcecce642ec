"""The local AWS: a MiniStack emulator with IAM enforced, and the CDK app deployed to it."""
