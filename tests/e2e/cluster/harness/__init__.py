"""What the tests on a real cluster are written with: kubectl, waiting with a deadline, load, the node's components."""
