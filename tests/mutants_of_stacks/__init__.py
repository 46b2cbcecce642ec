"""`make mutate-stacks`: small mistakes in what is deployed, each of which a test must notice that is no snapshot."""
