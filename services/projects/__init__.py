"""Programmes of work and their actions; proposals, budgets, reviews and co-financing."""
