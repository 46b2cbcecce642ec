"""AWS over HTTP for what is hot: a signature, a connection that stays open, and JSON. For all else there is boto3.

Its clients have the methods of boto3's that the adapters call, and raise botocore's exceptions, so that an adapter
works with either.
"""
