"""Plans computed in the background, in processes of their own."""
