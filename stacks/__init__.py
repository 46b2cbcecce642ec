"""What is deployed. Only these modules and `app.py` know the AWS CDK."""
