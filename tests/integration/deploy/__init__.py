"""Scripts of the deployment, on real engines."""
