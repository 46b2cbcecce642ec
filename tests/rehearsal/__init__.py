"""What somebody does who deploys for the first time, on a local AWS; `make rehearse`."""
